/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-prober-state-private.h: what the parts of the prober share
 */
#pragma once

#include "srudp-glib/protocol/srudp-stun-client.h"
#include "srudp-glib/srudp-port-forwarder-private.h"
#include "srudp-glib/srudp-prober-private.h"
#include "srudp-glib/srudp-uplinks-private.h"

G_BEGIN_DECLS

#define SRUDP_PROBER_MAX_PROBES 12
#define SRUDP_PROBER_FAMILIES 2

typedef struct
{
  SrudpAddress server;
  SrudpAddress mapped; /* unset: no answer */
  gint64 rtt_us;       /* -1: not known */
  guint token;         /* 0: over */
} SrudpProbe;

/* What was named to others, as one server sees it. */
typedef struct
{
  SrudpAddress server; /* unset: none */
  SrudpAddress mapped;
  guint token;         /* of the question that is on its way */
} SrudpNamedMapping;

typedef struct
{
  SrudpSurveyFunc func;
  gpointer user_data;
} SrudpSurveyAsker;

struct _SrudpProber
{
  SrudpEndpointCore *core; /* owns this */
  SrudpStunClient client;
  char **servers;
  SrudpAddress bound;

  GQueue askers; /* empty: no survey */
  gint64 survey_start_us;
  GCancellable *resolving;
  guint n_resolving_now; /* for this survey */
  guint n_resolving;     /* also those that were given up */
  SrudpProbe probes[SRUDP_PROBER_MAX_PROBES];
  guint n_probes;

  SrudpNetworkFindings findings; /* of the last survey */
  SrudpNamedMapping found[SRUDP_PROBER_FAMILIES];
  SrudpUplinks *uplinks;

  SrudpPortForwarder *forwarder;
  gboolean may_map;   /* routers may be asked to let peers in */
  /* Where routers let peers in; unset: nowhere. */
  SrudpAddress forwarded[SRUDP_PROBER_FAMILIES];

  gboolean keeping; /* something was named to others */
  GArray *named_hosts;
  SrudpNamedMapping named[SRUDP_PROBER_FAMILIES];
  SrudpAddress named_forwarded[SRUDP_PROBER_FAMILIES];
  gint64 refresh_us;
  gboolean forgets; /* the NAT, before it is refreshed */
};

/* IPv4 comes first. */
guint    srudp_prober_index_of         (const SrudpAddress     *address);
gboolean srudp_prober_is_any           (const SrudpAddress     *address);
/* All of this computer that may be ours, with loopback, or those to be named to
 * others (transfer full). */
GArray  *srudp_prober_list_own         (SrudpProber            *self);
GArray  *srudp_prober_list_hosts       (SrudpProber            *self);

/* srudp-prober-survey.c */
void     srudp_prober_begin_survey     (SrudpProber            *self);
void     srudp_prober_break_off_survey (SrudpProber            *self);
void     srudp_prober_stop_resolving   (SrudpProber            *self);
/* NULL: it is no question of the survey's. */
SrudpProbe *
         srudp_prober_find_probe       (SrudpProber            *self,
                                        guint                   token);
void     srudp_prober_take_survey_answer (SrudpProber          *self,
                                        SrudpProbe             *probe,
                                        const SrudpStunAnswer  *answer);
/* Ends it, if it is over. */
void     srudp_prober_advance_survey   (SrudpProber            *self,
                                        gint64                  now);
/* -1: there is none. */
gint64   srudp_prober_get_survey_deadline (SrudpProber         *self);

/* srudp-prober-named.c */
/* Where one would be heard from if the network in use were gone. */
void     srudp_prober_ask_uplinks      (SrudpProber            *self,
                                        gint64                  now);
/* Connected peers get to know where else we are, for a better path. */
void     srudp_prober_tell_engine      (SrudpProber            *self);
void     srudp_prober_refresh          (SrudpProber            *self,
                                        gint64                  now);
void     srudp_prober_take_refresh_answer (SrudpProber         *self,
                                        const SrudpStunAnswer  *answer);
/* A router may lose a mapping, come by another address, or let peers in only
 * when invitations are on their way. */
void     srudp_prober_check_forwarded  (SrudpProber            *self);

G_END_DECLS
