/*
 * SPDX-License-Identifier: MIT
 *
 * client-support.h: what the tests with other libraries share
 *
 * Each test is given a connection over a network in memory, once a good one
 * and once a rough one, in a thread whose thread-default context is fresh. It
 * is repeated, in the rough network side by side, where it only waits.
 */
#pragma once

#include "rough-transport.h"

#include <srudp-glib/srudp-glib.h>

G_BEGIN_DECLS

#define MEBIBYTE ((gsize) 1024 * 1024)

typedef struct
{
  gboolean rough;
  RoughTransport *transport_a, *transport_b;
  SrudpEndpoint *endpoint_a, *endpoint_b;
  SrudpConnection *a, *b;
  GIOStream *stream_a, *stream_b; /* the same */
  GInputStream *in_a, *in_b;
  GOutputStream *out_a, *out_b;
} Link;

typedef void (*ClientFunc) (Link *link);

/* Adds /good/PATH and /rough/PATH. */
void    client_add        (const char    *path,
                           ClientFunc     func);
/* One size for the good network and the long run, one for the rough. */
gsize   client_size       (const Link    *link,
                           gsize          full,
                           gsize          rough);

/* Runs the thread's context until the pointer is set. */
void    client_run_until  (gpointer      *pointer);
/* Runs it while a thread does something else. */
void    client_run_thread (GThreadFunc    func,
                           gpointer       data);
/* A callback that stores the result where user_data points to. */
void    client_store_cb   (GObject       *source,
                           GAsyncResult  *result,
                           gpointer       user_data);

/* So many bytes that look random, and the same for the same seed. */
GBytes *client_make_bytes (gsize          size,
                           guint32        seed);

G_END_DECLS
