/*
 * SPDX-License-Identifier: MIT
 *
 * support.h: what the tests of the GObject layer share
 */
#pragma once

#include "fragile-transport.h"
#include "sanitizers.h"

#include <srudp-glib/srudp-glib.h>

G_BEGIN_DECLS

/* No test waits longer for anything: more than the busiest machine takes. */
#define PATIENCE_MS 30000

#define MEBIBYTE (1024 * 1024)

/* Two endpoints on loopback and a connection between them: `a` has opened it,
 * `b` has accepted it. */
typedef struct
{
  FragileTransport *transport; /* of endpoint a */
  SrudpEndpoint *endpoint_a, *endpoint_b;
  SrudpConnection *a, *b;
  GInputStream *in_a, *in_b;
  GOutputStream *out_a, *out_b;
} Pair;

SrudpEndpoint   *make_endpoint    (void);
SrudpEndpoint   *make_endpoint_at (const char *ip);
GSocketAddress  *get_address      (SrudpEndpoint       *endpoint);
SrudpConnection *make_connection  (SrudpEndpoint       *from,
                                   SrudpEndpoint       *to);
void             open_now         (SrudpConnection     *connection);
/* The same as a thread's function. */
gpointer         open_now_thread  (gpointer             connection);
/* Whether opening, which has to fail, tells that somebody else has answered. A
 * busy machine may be too slow for that: to be tried with more patience then. */
gboolean         meets_other_peer (SrudpConnection     *connection,
                                   guint                timeout_ms);
/* Further streams, and what became of what was written. */
SrudpStream     *open_stream      (SrudpConnection     *connection);
SrudpStream     *accept_stream    (SrudpConnection     *connection);
void             wait_delivered   (SrudpConnection     *connection);
/* Bytes that have arrived, and wait for a reader. */
guint64          count_unread     (SrudpConnection     *connection);
/* Writes until that many have arrived and nobody reads them; no more come. */
void             expect_window    (SrudpConnection     *from,
                                   SrudpConnection     *to,
                                   guint64              n_bytes);

void             pair_set_up      (Pair                *pair);
/* With a transport that can be cut, and a short idle timeout. */
void             pair_set_up_fragile (Pair             *pair,
                                      guint             idle_timeout_ms);
void             pair_tear_down   (Pair                *pair);

/* A cancellable that is cancelled if the test takes too long. */
GCancellable    *patience         (void);
/* Runs the default context until the pointer is set, within patience. */
void             run_until_set    (gpointer            *pointer);
void             run_for          (guint                ms);
/* A callback that stores the result where user_data points to. */
void             store_result_cb  (GObject             *source,
                                   GAsyncResult        *result,
                                   gpointer             user_data);

/* Gives a test a process of its own, for what is there once in each, or for the
 * environment, which is set before there are threads. TRUE: this is not it. */
gboolean         run_in_own_process (void);

/* Bytes that are all different, and the same each time. */
GBytes          *make_pattern     (gsize                size);
void             write_text       (GOutputStream       *stream,
                                   const char          *text);
/* Reads exactly so much text and compares. */
void             expect_text      (GInputStream        *stream,
                                   const char          *text);
void             expect_bytes     (GInputStream        *stream,
                                   GBytes              *bytes);
void             expect_eof       (GInputStream        *stream);

guint            count_threads    (void);
guint            count_fds        (void);
/* Of the whole process, in bytes. */
gsize            get_resident_size (void);

G_END_DECLS
