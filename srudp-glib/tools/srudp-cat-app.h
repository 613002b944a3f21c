/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cat-app.h: what all parts of srudp-cat share
 */
#pragma once

#include <srudp-glib/srudp-glib.h>

#include "srudp-cat-options.h"
#include "srudp-cat-stats.h"

G_BEGIN_DECLS

/*
 * The main thread runs a loop for signals and the live line. Everything else
 * blocks, in threads of its own, until `stop` is cancelled.
 */
typedef struct
{
  CatOptions *options;
  SrudpEndpoint *endpoint;
  SrudpConnection *via; /* with an introducer, or NULL */
  CatStats *stats;
  GCancellable *stop;
  gint signal_number; /* atomic; 0: none came */
} CatApp;

/* Ways to serve a connection; each gives an exit status and closes nothing. */
int cat_serve_stdio    (CatApp          *app,
                        SrudpConnection *connection);
int cat_serve_command  (CatApp          *app,
                        SrudpConnection *connection);
int cat_serve_datagram (CatApp          *app,
                        SrudpConnection *connection);
int cat_serve_tcp      (CatApp          *app,
                        SrudpConnection *connection,
                        GSocketListener *listener);

G_END_DECLS
