/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection.h: a secure, reliable connection to one peer
 */
#pragma once

#include <srudp-glib/srudp-connection-state.h>
#include <srudp-glib/srudp-peer-id.h>
#include <srudp-glib/srudp-stats.h>
#include <srudp-glib/srudp-stream.h>

G_BEGIN_DECLS

typedef struct _SrudpEndpoint SrudpEndpoint;

#define SRUDP_TYPE_CONNECTION (srudp_connection_get_type ())

SRUDP_API
G_DECLARE_FINAL_TYPE (SrudpConnection, srudp_connection, SRUDP, CONNECTION, GIOStream)

SRUDP_API
SrudpConnection     *srudp_connection_new                     (SrudpEndpoint        *endpoint,
                                                               GSocketConnectable   *peer);

SRUDP_API
gboolean             srudp_connection_open                    (SrudpConnection      *self,
                                                               GCancellable         *cancellable,
                                                               GError              **error);
SRUDP_API
void                 srudp_connection_open_async              (SrudpConnection      *self,
                                                               GCancellable         *cancellable,
                                                               GAsyncReadyCallback   callback,
                                                               gpointer              user_data);
SRUDP_API
gboolean             srudp_connection_open_finish             (SrudpConnection      *self,
                                                               GAsyncResult         *result,
                                                               GError              **error);
SRUDP_API
void                 srudp_connection_add_candidate           (SrudpConnection      *self,
                                                               GSocketAddress       *address);

SRUDP_API
SrudpEndpoint       *srudp_connection_get_endpoint            (SrudpConnection      *self);
SRUDP_API
GSocketConnectable  *srudp_connection_get_peer                (SrudpConnection      *self);
SRUDP_API
SrudpConnectionState srudp_connection_get_state               (SrudpConnection      *self);
SRUDP_API
GError              *srudp_connection_dup_error               (SrudpConnection      *self);
SRUDP_API
GError              *srudp_connection_dup_hint                (SrudpConnection      *self);
SRUDP_API
char                *srudp_connection_dup_diagnostics         (SrudpConnection      *self);
SRUDP_API
GSocketAddress      *srudp_connection_get_local_address       (SrudpConnection      *self,
                                                               GError              **error);
SRUDP_API
GSocketAddress      *srudp_connection_get_remote_address      (SrudpConnection      *self,
                                                               GError              **error);

SRUDP_API
SrudpPeerId         *srudp_connection_get_peer_id             (SrudpConnection      *self);
SRUDP_API
SrudpPeerId         *srudp_connection_get_expected_peer       (SrudpConnection      *self);
SRUDP_API
void                 srudp_connection_set_expected_peer       (SrudpConnection      *self,
                                                               const SrudpPeerId    *expected_peer);
SRUDP_API
void                 srudp_connection_set_passphrase          (SrudpConnection      *self,
                                                               const char           *passphrase);
SRUDP_API
char                *srudp_connection_dup_safety_number       (SrudpConnection      *self);
SRUDP_API
char                *srudp_connection_dup_short_code          (SrudpConnection      *self);
SRUDP_API
GBytes              *srudp_connection_dup_channel_binding     (SrudpConnection      *self);

SRUDP_API
guint                srudp_connection_get_open_timeout        (SrudpConnection      *self);
SRUDP_API
void                 srudp_connection_set_open_timeout        (SrudpConnection      *self,
                                                               guint                 timeout_ms);
SRUDP_API
guint                srudp_connection_get_idle_timeout        (SrudpConnection      *self);
SRUDP_API
void                 srudp_connection_set_idle_timeout        (SrudpConnection      *self,
                                                               guint                 timeout_ms);
SRUDP_API
guint                srudp_connection_get_keepalive_interval  (SrudpConnection      *self);
SRUDP_API
void                 srudp_connection_set_keepalive_interval  (SrudpConnection      *self,
                                                               guint                 interval_ms);

SRUDP_API
guint64              srudp_connection_get_max_receive_window  (SrudpConnection      *self);
SRUDP_API
void                 srudp_connection_set_max_receive_window  (SrudpConnection      *self,
                                                               guint64               n_bytes);
SRUDP_API
guint                srudp_connection_get_priority            (SrudpConnection      *self);
SRUDP_API
void                 srudp_connection_set_priority            (SrudpConnection      *self,
                                                               guint                 priority);

SRUDP_API
gboolean             srudp_connection_wait_delivered          (SrudpConnection      *self,
                                                               GCancellable         *cancellable,
                                                               GError              **error);
SRUDP_API
void                 srudp_connection_wait_delivered_async    (SrudpConnection      *self,
                                                               GCancellable         *cancellable,
                                                               GAsyncReadyCallback   callback,
                                                               gpointer              user_data);
SRUDP_API
gboolean             srudp_connection_wait_delivered_finish   (SrudpConnection      *self,
                                                               GAsyncResult         *result,
                                                               GError              **error);

SRUDP_API
guint                srudp_connection_get_max_datagram_size   (SrudpConnection      *self);
SRUDP_API
gboolean             srudp_connection_send_datagram           (SrudpConnection      *self,
                                                               GBytes               *datagram,
                                                               GError              **error);
SRUDP_API
GBytes              *srudp_connection_receive_datagram        (SrudpConnection      *self,
                                                               GCancellable         *cancellable,
                                                               GError              **error);
SRUDP_API
void                 srudp_connection_receive_datagram_async  (SrudpConnection      *self,
                                                               GCancellable         *cancellable,
                                                               GAsyncReadyCallback   callback,
                                                               gpointer              user_data);
SRUDP_API
GBytes              *srudp_connection_receive_datagram_finish (SrudpConnection      *self,
                                                               GAsyncResult         *result,
                                                               GError              **error);

SRUDP_API
SrudpStream         *srudp_connection_open_stream             (SrudpConnection      *self,
                                                               GCancellable         *cancellable,
                                                               GError              **error);
SRUDP_API
void                 srudp_connection_open_stream_async       (SrudpConnection      *self,
                                                               GCancellable         *cancellable,
                                                               GAsyncReadyCallback   callback,
                                                               gpointer              user_data);
SRUDP_API
SrudpStream         *srudp_connection_open_stream_finish      (SrudpConnection      *self,
                                                               GAsyncResult         *result,
                                                               GError              **error);
SRUDP_API
SrudpStream         *srudp_connection_accept_stream           (SrudpConnection      *self,
                                                               GCancellable         *cancellable,
                                                               GError              **error);
SRUDP_API
void                 srudp_connection_accept_stream_async     (SrudpConnection      *self,
                                                               GCancellable         *cancellable,
                                                               GAsyncReadyCallback   callback,
                                                               gpointer              user_data);
SRUDP_API
SrudpStream         *srudp_connection_accept_stream_finish    (SrudpConnection      *self,
                                                               GAsyncResult         *result,
                                                               GError              **error);

SRUDP_API
SrudpStats          *srudp_connection_dup_stats               (SrudpConnection      *self);
SRUDP_API
int                  srudp_connection_export_fd               (SrudpConnection      *self,
                                                               GError              **error);

G_END_DECLS
