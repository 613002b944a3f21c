/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-private.h: connections for the rest of the library
 */
#pragma once

#include "srudp-glib/srudp-connection-core-private.h"
#include "srudp-glib/srudp-connection.h"
#include "srudp-glib/srudp-endpoint.h"

G_BEGIN_DECLS

struct _SrudpConnection
{
  GIOStream parent_instance;

  SrudpEndpoint *endpoint;
  GSocketConnectable *peer;
  SrudpConnectionCore *core;
  SrudpNotifier *notifier;
  GInputStream *input;
  GOutputStream *output;
  GSource *handler_watch; /* under the core's lock; while datagrams wait */
  int disposing; /* atomic: closing must not wait any more */
};

/* Takes the core over. */
SrudpConnection *srudp_connection_new_inbound (SrudpEndpoint       *endpoint,
                                               SrudpConnectionCore *core,
                                               GMainContext        *context);

/* srudp-connection-properties.c, srudp-connection-signals.c: of the class. */
void srudp_connection_install_properties (GObjectClass *object_class);
void srudp_connection_install_signals    (void);
/* Nobody waits for a handler of `datagram-received` any more. */
void srudp_connection_drop_handler_watch (SrudpConnection *self);

/* FALSE with the error set: it belongs to the process this one is a copy of. */
gboolean srudp_connection_check_process (gpointer   connection,
                                         GError   **error);

/* srudp-connection-ops.c: what GIOStream calls. */
gboolean srudp_connection_close_now    (GIOStream            *stream,
                                        GCancellable         *cancellable,
                                        GError              **error);
void     srudp_connection_close_async  (GIOStream            *stream,
                                        int                   io_priority,
                                        GCancellable         *cancellable,
                                        GAsyncReadyCallback   callback,
                                        gpointer              user_data);
gboolean srudp_connection_close_finish (GIOStream            *stream,
                                        GAsyncResult         *result,
                                        GError              **error);

/* Any thread, any lock: tell the owner. */
void srudp_connection_push_state     (SrudpNotifier *notifier);
void srudp_connection_push_secured   (SrudpNotifier *notifier);
void srudp_connection_push_path      (SrudpNotifier *notifier);
void srudp_connection_push_short_code (SrudpNotifier *notifier);
void srudp_connection_push_datagrams (SrudpNotifier *notifier);
void srudp_connection_push_max_datagram_size (SrudpNotifier *notifier);

G_END_DECLS
