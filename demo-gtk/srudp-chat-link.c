/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-link.c: a line to one peer that carries the chat's frames
 */
#include "config.h"

#include "srudp-chat-link.h"

#include <glib/gi18n.h>

typedef struct
{
  SrudpConnectionState state;
  GError *error;
  SrudpChatDecoder *decoder;
  guint64 n_sent;
  guint64 n_queued;
} SrudpChatLinkPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (SrudpChatLink, srudp_chat_link, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_STATE,
  PROP_SHORT_CODE,
  N_PROPS
};

enum
{
  FRAME,
  SENT,
  STREAM,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

void
srudp_chat_link_facts_clear (SrudpChatLinkFacts *facts)
{
  g_clear_pointer (&facts->local_address, g_free);
  g_clear_pointer (&facts->remote_address, g_free);
  g_clear_pointer (&facts->cipher, g_free);
}

static void
srudp_chat_link_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  SrudpChatLink *self = SRUDP_CHAT_LINK (object);

  switch (prop_id)
    {
    case PROP_STATE:
      g_value_set_enum (value, srudp_chat_link_get_state (self));
      break;
    case PROP_SHORT_CODE:
      g_value_take_string (value, srudp_chat_link_dup_short_code (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
srudp_chat_link_finalize (GObject *object)
{
  SrudpChatLinkPrivate *priv =
    srudp_chat_link_get_instance_private (SRUDP_CHAT_LINK (object));

  g_clear_error (&priv->error);
  srudp_chat_decoder_free (priv->decoder);

  G_OBJECT_CLASS (srudp_chat_link_parent_class)->finalize (object);
}

static void
srudp_chat_link_class_init (SrudpChatLinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = srudp_chat_link_get_property;
  object_class->finalize = srudp_chat_link_finalize;

  props[PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL,
                       SRUDP_TYPE_CONNECTION_STATE, SRUDP_CONNECTION_STATE_NEW,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_SHORT_CODE] =
    g_param_spec_string ("short-code", NULL, NULL, NULL,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  /* The frame (a SrudpChatFrame) is valid during the emission only. */
  signals[FRAME] =
    g_signal_new ("frame", SRUDP_CHAT_TYPE_LINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_POINTER);
  /* How many frames have been handed over to the network. */
  signals[SENT] =
    g_signal_new ("sent", SRUDP_CHAT_TYPE_LINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_UINT64);
  /* The peer opened a further stream. */
  signals[STREAM] =
    g_signal_new ("stream", SRUDP_CHAT_TYPE_LINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_IO_STREAM);
}

static void
srudp_chat_link_init (SrudpChatLink *self)
{
  SrudpChatLinkPrivate *priv = srudp_chat_link_get_instance_private (self);

  priv->decoder = srudp_chat_decoder_new ();
}

void
srudp_chat_link_open (SrudpChatLink *self)
{
  SRUDP_CHAT_LINK_GET_CLASS (self)->open (self);
}

/* What was sent before still arrives. */
void
srudp_chat_link_close (SrudpChatLink *self)
{
  if (srudp_chat_link_get_state (self) < SRUDP_CONNECTION_STATE_CLOSING)
    SRUDP_CHAT_LINK_GET_CLASS (self)->close (self);
}

/* Returns: the number of this frame, counted from 1. */
guint64
srudp_chat_link_send (SrudpChatLink        *self,
                      const SrudpChatFrame *frame)
{
  SrudpChatLinkPrivate *priv = srudp_chat_link_get_instance_private (self);
  g_autoptr (GBytes) bytes = srudp_chat_frame_encode (frame);
  guint64 number = ++priv->n_queued;

  SRUDP_CHAT_LINK_GET_CLASS (self)->send (self, bytes);
  return number;
}

void
srudp_chat_link_send_datagram (SrudpChatLink        *self,
                               const SrudpChatFrame *frame)
{
  g_autoptr (GBytes) bytes = srudp_chat_frame_encode (frame);

  if (srudp_chat_link_is_up (self))
    SRUDP_CHAT_LINK_GET_CLASS (self)->send_datagram (self, bytes);
}

void
srudp_chat_link_get_facts (SrudpChatLink      *self,
                           SrudpChatLinkFacts *facts)
{
  SRUDP_CHAT_LINK_GET_CLASS (self)->get_facts (self, facts);
}

/* NULL before the line is secure. */
char *
srudp_chat_link_dup_safety_number (SrudpChatLink *self)
{
  return SRUDP_CHAT_LINK_GET_CLASS (self)->dup_safety_number (self);
}

/* NULL until both sides know it, and with a peer that is too old. */
char *
srudp_chat_link_dup_short_code (SrudpChatLink *self)
{
  return SRUDP_CHAT_LINK_GET_CLASS (self)->dup_short_code (self);
}

/* It is known now. */
void
srudp_chat_link_tell_short_code (SrudpChatLink *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SHORT_CODE]);
}

/* NULL before the line is secure. */
char *
srudp_chat_link_dup_peer_id (SrudpChatLink *self)
{
  return SRUDP_CHAT_LINK_GET_CLASS (self)->dup_peer_id (self);
}

char *
srudp_chat_link_dup_diagnostics (SrudpChatLink *self)
{
  return SRUDP_CHAT_LINK_GET_CLASS (self)->dup_diagnostics (self);
}

/* What seems to stand in the way while it opens; NULL if nothing does. */
GError *
srudp_chat_link_dup_hint (SrudpChatLink *self)
{
  return SRUDP_CHAT_LINK_GET_CLASS (self)->dup_hint (self);
}

/* A stream beside that of the frames, with less urgent things. */
void
srudp_chat_link_open_stream_async (SrudpChatLink       *self,
                                   GCancellable        *cancellable,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data)
{
  SRUDP_CHAT_LINK_GET_CLASS (self)->open_stream_async (self, cancellable, callback, user_data);
}

GIOStream *
srudp_chat_link_open_stream_finish (SrudpChatLink  *self,
                                    GAsyncResult   *result,
                                    GError        **error)
{
  return SRUDP_CHAT_LINK_GET_CLASS (self)->open_stream_finish (self, result, error);
}

SrudpConnectionState
srudp_chat_link_get_state (SrudpChatLink *self)
{
  SrudpChatLinkPrivate *priv = srudp_chat_link_get_instance_private (self);

  return priv->state;
}

gboolean
srudp_chat_link_is_up (SrudpChatLink *self)
{
  SrudpConnectionState state = srudp_chat_link_get_state (self);

  return state == SRUDP_CONNECTION_STATE_ESTABLISHED
         || state == SRUDP_CONNECTION_STATE_UNREACHABLE;
}

/* Why it is closed; NULL if one of the two sides closed it. */
const GError *
srudp_chat_link_get_error (SrudpChatLink *self)
{
  SrudpChatLinkPrivate *priv = srudp_chat_link_get_instance_private (self);

  return priv->error;
}

void
srudp_chat_link_set_state (SrudpChatLink        *self,
                           SrudpConnectionState  state)
{
  SrudpChatLinkPrivate *priv = srudp_chat_link_get_instance_private (self);

  /* Closed is the end, whatever is still reported afterwards. */
  if (priv->state == state || priv->state == SRUDP_CONNECTION_STATE_CLOSED)
    return;
  priv->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

void
srudp_chat_link_fail (SrudpChatLink *self,
                      const GError  *error)
{
  SrudpChatLinkPrivate *priv = srudp_chat_link_get_instance_private (self);

  if (priv->error == NULL && error != NULL
      && priv->state != SRUDP_CONNECTION_STATE_CLOSED)
    priv->error = g_error_copy (error);
  srudp_chat_link_set_state (self, SRUDP_CONNECTION_STATE_CLOSED);
}

static SrudpChatDecodeResult
emit_next_frame (SrudpChatLink    *self,
                 SrudpChatDecoder *decoder)
{
  g_auto (SrudpChatFrame) frame = { 0 };
  SrudpChatDecodeResult result = srudp_chat_decoder_next (decoder, &frame);

  if (result == SRUDP_CHAT_DECODE_FRAME)
    g_signal_emit (self, signals[FRAME], 0, &frame);
  return result;
}

void
srudp_chat_link_receive (SrudpChatLink *self,
                         GBytes        *bytes)
{
  SrudpChatLinkPrivate *priv = srudp_chat_link_get_instance_private (self);
  SrudpChatDecodeResult result;
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  /* Whoever hears a frame may have no further use for this link. */
  g_object_ref (self);
  srudp_chat_decoder_push (priv->decoder, data, size);
  do
    result = emit_next_frame (self, priv->decoder);
  while (result == SRUDP_CHAT_DECODE_FRAME);

  if (result == SRUDP_CHAT_DECODE_MALFORMED)
    {
      g_autoptr (GError) error =
        g_error_new_literal (SRUDP_ERROR, SRUDP_ERROR_PROTOCOL,
                             _ ("Your peer sent something that is not a chat."));

      srudp_chat_link_close (self);
      srudp_chat_link_fail (self, error);
    }
  g_object_unref (self);
}

void
srudp_chat_link_receive_datagram (SrudpChatLink *self,
                                  GBytes        *bytes)
{
  g_autoptr (SrudpChatDecoder) decoder = srudp_chat_decoder_new ();
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  srudp_chat_decoder_push (decoder, data, size);
  emit_next_frame (self, decoder);
}

/* One more frame has been handed over, in the order of sending. */
void
srudp_chat_link_sent (SrudpChatLink *self)
{
  SrudpChatLinkPrivate *priv = srudp_chat_link_get_instance_private (self);

  g_signal_emit (self, signals[SENT], 0, ++priv->n_sent);
}

void
srudp_chat_link_take_stream (SrudpChatLink *self,
                             GIOStream     *stream)
{
  g_signal_emit (self, signals[STREAM], 0, stream);
}
