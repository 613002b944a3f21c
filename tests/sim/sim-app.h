/*
 * SPDX-License-Identifier: MIT
 *
 * sim-app.h: the application on a node: exact bulk transfer both ways
 *
 * Each byte is a function of its position, of the session's channel binding
 * and of who sent it, so a byte that is lost, moved, doubled or taken from
 * another session is noticed where it is read.
 */
#pragma once

#include "sim-world.h"

G_BEGIN_DECLS

typedef struct _SimApp SimApp;

typedef void (*SimDatagramFunc) (SimApp  *app,
                                 GBytes  *datagram,
                                 gpointer data);

/* One session, seen from one side. Times are the world's. */
typedef struct
{
  SimApp *app;
  SrudpSession *session; /* NULL once it is released */
  gboolean incoming;
  SrudpState state;
  SrudpReason reason;
  guint8 binding[SRUDP_KEY_BYTES], peer_key[SRUDP_KEY_BYTES];
  guint64 pattern_in, pattern_out;
  guint64 to_send, sent, received;
  gboolean eof, delivered, counted, claimed;
  gint64 started_us, established_us, first_byte_us, last_byte_us, closed_us;
  gint64 drained_us;       /* the peer knows that it is closed, or never will */
  gint64 longest_stall_us; /* between bytes received, once they flow */
  guint n_established;     /* times the state was entered */
  guint n_unreachable;
  char *error;             /* the first thing that went against the rules */
} SimEnd;

struct _SimApp
{
  SimWorld *world;
  SimNode *node;
  guint64 send_bytes;   /* each session writes these, then its FIN … */
  gboolean keep_open;   /* … unless it is to stay open */
  gboolean is_silent;   /* claims, but neither reads nor writes */
  gboolean close_when_done;
  /* Inbound sessions wait in the backlog, for one of so many opens to take
   * them over, until all those have begun. */
  guint n_opens_to_come;
  GPtrArray *ends;
  SimDatagramFunc on_datagram;
  gpointer datagram_data;
  guint n_done; /* ends that are done */
  guint n_incoming, n_handshake_failed, n_datagrams;
  SrudpReason last_failure;
};

SimApp  *sim_app_new      (SimWorld              *world,
                           SimNode               *node,
                           guint64                send_bytes);
void     sim_app_free     (SimApp                *app);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimApp, sim_app_free)

/* Opens with the defaults of the public API to one address; `expected_peer`
 * may be NULL. */
SimEnd  *sim_app_open     (SimApp                *app,
                           const SrudpAddress    *candidate,
                           const guint8          *expected_peer);
SimEnd  *sim_app_open_full (SimApp               *app,
                            const SrudpOpenConfig *config);
/* After srudp_engine_free(): the ends stay, their handles are gone. */
void     sim_app_forget   (SimApp                *app);
/* So many bytes more; for an app that keeps its streams open. */
void     sim_end_write    (SimEnd                *end,
                           guint64                n_bytes);
void     sim_end_close    (SimEnd                *end);

/* All bytes and FINs have come and gone. */
gboolean sim_end_is_done  (const SimEnd          *end);
/* The first session of an app that is up, or NULL. */
SimEnd  *sim_app_find_established (SimApp        *app);
guint    sim_app_count_established (SimApp       *app);
/* The first error of any end, or NULL. */
const char *sim_app_get_error (SimApp            *app);

G_END_DECLS
