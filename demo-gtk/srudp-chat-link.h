/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-link.h: a line to one peer that carries the chat's frames
 */
#pragma once

#include <srudp-glib/srudp-glib.h>

#include "srudp-chat-codec.h"

G_BEGIN_DECLS

/* Numbers and words about a line at one moment; strings may be NULL. */
typedef struct
{
  char *local_address;
  char *remote_address;
  char *cipher;
  gboolean is_ipv6; /* the remote address is */
  gint64 rtt_us;
  guint64 bytes_sent;
  guint64 bytes_received;
  guint64 packets_sent;
  guint64 packets_lost;
  guint64 congestion_window_bytes;
  guint path_mtu_bytes;
  guint addresses_tried; /* while opening, as are the packets: */
  guint64 probes_sent;
} SrudpChatLinkFacts;

void srudp_chat_link_facts_clear (SrudpChatLinkFacts *facts);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SrudpChatLinkFacts, srudp_chat_link_facts_clear)

#define SRUDP_CHAT_TYPE_LINK (srudp_chat_link_get_type ())

G_DECLARE_DERIVABLE_TYPE (SrudpChatLink, srudp_chat_link, SRUDP_CHAT, LINK, GObject)

struct _SrudpChatLinkClass
{
  GObjectClass parent_class;

  void     (*open)              (SrudpChatLink      *self);
  void     (*close)             (SrudpChatLink      *self);
  void     (*send)              (SrudpChatLink      *self,
                                 GBytes             *frame);
  void     (*send_datagram)     (SrudpChatLink      *self,
                                 GBytes             *frame);
  void     (*get_facts)         (SrudpChatLink      *self,
                                 SrudpChatLinkFacts *facts);
  char    *(*dup_safety_number) (SrudpChatLink      *self);
  char    *(*dup_short_code)    (SrudpChatLink      *self);
  char    *(*dup_peer_id)       (SrudpChatLink      *self);
  char    *(*dup_diagnostics)   (SrudpChatLink      *self);
  GError  *(*dup_hint)          (SrudpChatLink      *self);

  void       (*open_stream_async)  (SrudpChatLink        *self,
                                    GCancellable         *cancellable,
                                    GAsyncReadyCallback   callback,
                                    gpointer              user_data);
  GIOStream *(*open_stream_finish) (SrudpChatLink        *self,
                                    GAsyncResult         *result,
                                    GError              **error);
};

void                 srudp_chat_link_open              (SrudpChatLink        *self);
void                 srudp_chat_link_close             (SrudpChatLink        *self);
guint64              srudp_chat_link_send              (SrudpChatLink        *self,
                                                        const SrudpChatFrame *frame);
void                 srudp_chat_link_send_datagram     (SrudpChatLink        *self,
                                                        const SrudpChatFrame *frame);
void                 srudp_chat_link_get_facts         (SrudpChatLink        *self,
                                                        SrudpChatLinkFacts   *facts);
char                *srudp_chat_link_dup_safety_number (SrudpChatLink        *self);
char                *srudp_chat_link_dup_short_code    (SrudpChatLink        *self);
char                *srudp_chat_link_dup_peer_id       (SrudpChatLink        *self);
char                *srudp_chat_link_dup_diagnostics   (SrudpChatLink        *self);
GError              *srudp_chat_link_dup_hint          (SrudpChatLink        *self);
SrudpConnectionState srudp_chat_link_get_state         (SrudpChatLink        *self);
gboolean             srudp_chat_link_is_up             (SrudpChatLink        *self);
const GError        *srudp_chat_link_get_error         (SrudpChatLink        *self);

void                 srudp_chat_link_open_stream_async  (SrudpChatLink        *self,
                                                         GCancellable         *cancellable,
                                                         GAsyncReadyCallback   callback,
                                                         gpointer              user_data);
GIOStream           *srudp_chat_link_open_stream_finish (SrudpChatLink        *self,
                                                         GAsyncResult         *result,
                                                         GError              **error);

/* For those who implement one */
void                 srudp_chat_link_tell_short_code   (SrudpChatLink        *self);
void                 srudp_chat_link_set_state         (SrudpChatLink        *self,
                                                        SrudpConnectionState  state);
void                 srudp_chat_link_fail              (SrudpChatLink        *self,
                                                        const GError         *error);
void                 srudp_chat_link_receive           (SrudpChatLink        *self,
                                                        GBytes               *bytes);
void                 srudp_chat_link_receive_datagram  (SrudpChatLink        *self,
                                                        GBytes               *bytes);
void                 srudp_chat_link_sent              (SrudpChatLink        *self);
void                 srudp_chat_link_take_stream       (SrudpChatLink        *self,
                                                        GIOStream            *stream);

G_END_DECLS
