/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint.h: one UDP port, its identity and all connections over it
 */
#pragma once

#include <srudp-glib/srudp-connection.h>
#include <srudp-glib/srudp-identity.h>
#include <srudp-glib/srudp-invitation.h>
#include <srudp-glib/srudp-network-report.h>

G_BEGIN_DECLS

#define SRUDP_TYPE_ENDPOINT (srudp_endpoint_get_type ())

SRUDP_API
G_DECLARE_FINAL_TYPE (SrudpEndpoint, srudp_endpoint, SRUDP, ENDPOINT, GObject)

SRUDP_API
SrudpEndpoint   *srudp_endpoint_new                      (GSocketAddress       *local,
                                                          SrudpIdentity        *identity,
                                                          GError              **error);
SRUDP_API
SrudpEndpoint   *srudp_endpoint_new_for_port             (guint16               port,
                                                          GError              **error);
SRUDP_API
SrudpEndpoint   *srudp_endpoint_new_for_transport        (GDatagramBased       *transport,
                                                          GSocketAddress       *local,
                                                          SrudpIdentity        *identity,
                                                          GError              **error);

SRUDP_API
SrudpIdentity   *srudp_endpoint_get_identity             (SrudpEndpoint        *self);
SRUDP_API
GSocketAddress  *srudp_endpoint_get_local_address        (SrudpEndpoint        *self,
                                                          GError              **error);
SRUDP_API
GDatagramBased  *srudp_endpoint_get_transport            (SrudpEndpoint        *self);
SRUDP_API
SrudpPeerId     *srudp_endpoint_get_peer_id              (SrudpEndpoint        *self);
SRUDP_API
const char      *srudp_endpoint_get_application_protocol (SrudpEndpoint        *self);
SRUDP_API
void             srudp_endpoint_set_application_protocol (SrudpEndpoint        *self,
                                                          const char           *protocol);
SRUDP_API
gboolean         srudp_endpoint_get_accept_incoming      (SrudpEndpoint        *self);
SRUDP_API
void             srudp_endpoint_set_accept_incoming      (SrudpEndpoint        *self,
                                                          gboolean              accept_incoming);
SRUDP_API
guint            srudp_endpoint_get_backlog              (SrudpEndpoint        *self);
SRUDP_API
void             srudp_endpoint_set_backlog              (SrudpEndpoint        *self,
                                                          guint                 backlog);
SRUDP_API
void             srudp_endpoint_set_passphrase           (SrudpEndpoint        *self,
                                                          const char           *passphrase);
SRUDP_API
guint64          srudp_endpoint_get_max_receive_window   (SrudpEndpoint        *self);
SRUDP_API
void             srudp_endpoint_set_max_receive_window   (SrudpEndpoint        *self,
                                                          guint64               n_bytes);
SRUDP_API
char           **srudp_endpoint_get_stun_servers         (SrudpEndpoint        *self);
SRUDP_API
void             srudp_endpoint_set_stun_servers         (SrudpEndpoint        *self,
                                                          const char * const   *servers);
SRUDP_API
gboolean         srudp_endpoint_get_port_mapping         (SrudpEndpoint        *self);
SRUDP_API
void             srudp_endpoint_set_port_mapping         (SrudpEndpoint        *self,
                                                          gboolean              port_mapping);
SRUDP_API
gboolean         srudp_endpoint_get_introducing          (SrudpEndpoint        *self);
SRUDP_API
void             srudp_endpoint_set_introducing          (SrudpEndpoint        *self,
                                                          gboolean              introducing);
SRUDP_API
guint            srudp_endpoint_get_invitation_lifetime  (SrudpEndpoint        *self);
SRUDP_API
void             srudp_endpoint_set_invitation_lifetime  (SrudpEndpoint        *self,
                                                          guint                 seconds);
SRUDP_API
gboolean         srudp_endpoint_get_birthday_spray       (SrudpEndpoint        *self);
SRUDP_API
void             srudp_endpoint_set_birthday_spray       (SrudpEndpoint        *self,
                                                          gboolean              birthday_spray);
SRUDP_API
guint            srudp_endpoint_get_opener_ttl           (SrudpEndpoint        *self);
SRUDP_API
void             srudp_endpoint_set_opener_ttl           (SrudpEndpoint        *self,
                                                          guint                 opener_ttl);
SRUDP_API
GListModel      *srudp_endpoint_get_connections          (SrudpEndpoint        *self);
SRUDP_API
gboolean         srudp_endpoint_get_closed               (SrudpEndpoint        *self);

SRUDP_API
void             srudp_endpoint_allow_peer               (SrudpEndpoint        *self,
                                                          const SrudpPeerId    *peer);
SRUDP_API
void             srudp_endpoint_forget_peer              (SrudpEndpoint        *self,
                                                          const SrudpPeerId    *peer);

SRUDP_API
SrudpConnection *srudp_endpoint_accept                   (SrudpEndpoint        *self,
                                                          GCancellable         *cancellable,
                                                          GError              **error);
SRUDP_API
void             srudp_endpoint_accept_async             (SrudpEndpoint        *self,
                                                          GCancellable         *cancellable,
                                                          GAsyncReadyCallback   callback,
                                                          gpointer              user_data);
SRUDP_API
SrudpConnection *srudp_endpoint_accept_finish            (SrudpEndpoint        *self,
                                                          GAsyncResult         *result,
                                                          GError              **error);

SRUDP_API
SrudpConnection *srudp_endpoint_connect_to               (SrudpEndpoint        *self,
                                                          GSocketConnectable   *peer,
                                                          GCancellable         *cancellable,
                                                          GError              **error);
SRUDP_API
void             srudp_endpoint_connect_to_async         (SrudpEndpoint        *self,
                                                          GSocketConnectable   *peer,
                                                          GCancellable         *cancellable,
                                                          GAsyncReadyCallback   callback,
                                                          gpointer              user_data);
SRUDP_API
SrudpConnection *srudp_endpoint_connect_to_finish        (SrudpEndpoint        *self,
                                                          GAsyncResult         *result,
                                                          GError              **error);
SRUDP_API
SrudpConnection *srudp_endpoint_connect_to_host          (SrudpEndpoint        *self,
                                                          const char           *host_and_port,
                                                          guint16               default_port,
                                                          GCancellable         *cancellable,
                                                          GError              **error);
SRUDP_API
void             srudp_endpoint_connect_to_host_async    (SrudpEndpoint        *self,
                                                          const char           *host_and_port,
                                                          guint16               default_port,
                                                          GCancellable         *cancellable,
                                                          GAsyncReadyCallback   callback,
                                                          gpointer              user_data);
SRUDP_API
SrudpConnection *srudp_endpoint_connect_to_host_finish   (SrudpEndpoint        *self,
                                                          GAsyncResult         *result,
                                                          GError              **error);

SRUDP_API
gboolean         srudp_endpoint_close                    (SrudpEndpoint        *self,
                                                          GCancellable         *cancellable,
                                                          GError              **error);
SRUDP_API
void             srudp_endpoint_close_async              (SrudpEndpoint        *self,
                                                          GCancellable         *cancellable,
                                                          GAsyncReadyCallback   callback,
                                                          gpointer              user_data);
SRUDP_API
gboolean         srudp_endpoint_close_finish             (SrudpEndpoint        *self,
                                                          GAsyncResult         *result,
                                                          GError              **error);

SRUDP_API
SrudpNetworkReport
                *srudp_endpoint_probe_network            (SrudpEndpoint        *self,
                                                          GCancellable         *cancellable,
                                                          GError              **error);
SRUDP_API
void             srudp_endpoint_probe_network_async      (SrudpEndpoint        *self,
                                                          GCancellable         *cancellable,
                                                          GAsyncReadyCallback   callback,
                                                          gpointer              user_data);
SRUDP_API
SrudpNetworkReport
                *srudp_endpoint_probe_network_finish     (SrudpEndpoint        *self,
                                                          GAsyncResult         *result,
                                                          GError              **error);

SRUDP_API
gboolean         srudp_endpoint_add_invitation           (SrudpEndpoint        *self,
                                                          SrudpInvitation      *invitation,
                                                          GError              **error);
SRUDP_API
void             srudp_endpoint_remove_invitation        (SrudpEndpoint        *self,
                                                          SrudpInvitation      *invitation);
SRUDP_API
SrudpInvitation *srudp_endpoint_create_invitation        (SrudpEndpoint        *self,
                                                          GCancellable         *cancellable,
                                                          GError              **error);
SRUDP_API
void             srudp_endpoint_create_invitation_async  (SrudpEndpoint        *self,
                                                          GCancellable         *cancellable,
                                                          GAsyncReadyCallback   callback,
                                                          gpointer              user_data);
SRUDP_API
SrudpInvitation *srudp_endpoint_create_invitation_finish (SrudpEndpoint        *self,
                                                          GAsyncResult         *result,
                                                          GError              **error);

SRUDP_API
gboolean         srudp_endpoint_introduce                (SrudpEndpoint        *self,
                                                          SrudpConnection      *a,
                                                          SrudpConnection      *b,
                                                          GCancellable         *cancellable,
                                                          GError              **error);
SRUDP_API
void             srudp_endpoint_introduce_async          (SrudpEndpoint        *self,
                                                          SrudpConnection      *a,
                                                          SrudpConnection      *b,
                                                          GCancellable         *cancellable,
                                                          GAsyncReadyCallback   callback,
                                                          gpointer              user_data);
SRUDP_API
gboolean         srudp_endpoint_introduce_finish         (SrudpEndpoint        *self,
                                                          GAsyncResult         *result,
                                                          GError              **error);
SRUDP_API
gboolean         srudp_endpoint_add_introducer           (SrudpEndpoint        *self,
                                                          SrudpConnection      *introducer,
                                                          GError              **error);

G_END_DECLS
