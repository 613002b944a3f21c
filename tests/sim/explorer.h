/*
 * SPDX-License-Identifier: MIT
 *
 * explorer.h: every order in which a handshake's packets and mishaps can come
 *
 * A world of two or three real engines without a network: packets wait until
 * an action delivers them, time stands still until an action lets the next
 * timer fire. A world is a function of its scenario, its seed and the actions
 * taken; that is how a search goes back to any point of it.
 */
#pragma once

#include "sim-packet.h"
#include "sim-rng.h"

G_BEGIN_DECLS

#define EX_MAX_HOSTS 3
#define EX_MAX_OPENS 4

typedef struct
{
  guint from, to;
  gboolean pinned;
  gboolean own_address_too; /* a candidate list may name oneself */
  gboolean stale_address;   /* nobody is there: only the peer can reach us */
  gboolean invited;         /* by an invitation of the peer's, with a secret */
} ExOpen;

/* How often each mishap may happen. Loss, delay and reordering are free. */
typedef struct
{
  guint duplicates, reflections, forgeries, evictions, restarts;
  guint words; /* no mishaps: what is said beyond the first greeting */
} ExBudget;

typedef struct
{
  const char *name;
  guint n_hosts;
  ExOpen opens[EX_MAX_OPENS];
  guint n_opens;
  gboolean accepts[EX_MAX_HOSTS];
  ExBudget budget;
  const char *passphrases[EX_MAX_HOSTS];
  gboolean forgets;     /* who was invited: the invitations' maker has forgotten */
  gboolean refused;     /* … or they differ: no connection may come of it */
  gboolean asks_always; /* each HELLO needs a cookie */
  /* The search begins as soon as all are connected. From then on keys change
   * as often as they may: by plain updates, by fresh shares on both sides, by
   * either as chance has it. */
  gboolean renews_keys, exchanges_keys;
  guint n_states; /* 0: the default; settled before the walks begin */
} ExScenario;

typedef enum
{
  EX_START,     /* host: its opens begin */
  EX_DELIVER,   /* packet: comes, whatever was sent before it */
  EX_DUPLICATE, /* packet: comes, and will come again */
  EX_REFLECT,   /* packet: comes back to its sender */
  EX_FORGE,     /* packet, variant: an altered copy comes first */
  EX_EVICT,     /* host: strangers' genuine HELLOs fill its tables */
  EX_RESTART,   /* host: its process dies, another one begins */
  EX_SPEAK,     /* host: says a word on each connection */
  EX_TICK,      /* time goes on to the next timer */
  EX_N_KINDS
} ExKind;

typedef struct
{
  guint8 kind;
  guint8 index; /* host or packet */
  guint8 variant;
} ExAction;

#define EX_N_FORGERIES 6

typedef struct _ExWorld ExWorld;

ExWorld *ex_world_new     (const ExScenario *scenario,
                           guint64           seed);
void     ex_world_free    (ExWorld          *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExWorld, ex_world_free)

/* Appends what can happen now to an array of ExAction. */
void     ex_world_list    (ExWorld          *world,
                           GArray           *actions);
/* FALSE: it can't happen now, and nothing has. */
gboolean ex_world_act     (ExWorld          *world,
                           ExAction          action);
/* One line about every host and packet. */
char    *ex_world_describe (ExWorld         *world);
/* Equal for worlds that behave alike from here on. */
guint64  ex_world_hash    (ExWorld          *world);
/* The mishaps stop; what is still under way arrives or is lost. NULL, or why
 * the hosts don't end up well. The world is of no use afterwards. */
char    *ex_world_settle  (ExWorld          *world,
                           gboolean          lose_leftovers);

G_END_DECLS
