/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-connection.c: a link over a SrudpConnection
 */
#include "srudp-chat-connection.h"

/* People wait for people. */
#define OPEN_TIMEOUT_MS (10 * 60 * 1000)
#define READ_BYTES 65536
/* Frames the application may have waiting before the network takes them. */
#define MAX_QUEUED_FRAMES 65536
/* What is said goes before what is sent: that has the usual priority, 3. */
#define STREAM_PRIORITY 6

struct _SrudpChatConnection
{
  SrudpChatLink parent_instance;

  SrudpConnection *connection;
  GCancellable *cancellable;
  GQueue outgoing; /* GBytes */
  gboolean writing;
  gboolean reading;
  gboolean accepting;
  gboolean close_wanted;
};

G_DEFINE_FINAL_TYPE (SrudpChatConnection, srudp_chat_connection, SRUDP_CHAT_TYPE_LINK)

static void write_next (SrudpChatConnection *self);
static void read_next (SrudpChatConnection *self);

/* --- Ending ---------------------------------------------------------------- */

static void
close_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (SrudpChatConnection) self = user_data;

  /* Whatever became of it, it is over. */
  g_io_stream_close_finish (G_IO_STREAM (source), result, NULL);
  srudp_chat_link_fail (SRUDP_CHAT_LINK (self), NULL);
}

static void
close_connection (SrudpChatConnection *self)
{
  g_cancellable_cancel (self->cancellable);
  g_io_stream_close_async (G_IO_STREAM (self->connection), G_PRIORITY_DEFAULT, NULL,
                           close_cb, g_object_ref (self));
}

static void
srudp_chat_connection_close (SrudpChatLink *link)
{
  SrudpChatConnection *self = SRUDP_CHAT_CONNECTION (link);

  if (self->close_wanted)
    return;
  self->close_wanted = TRUE;
  if (!self->writing)
    close_connection (self);
}

static void
end_with_error (SrudpChatConnection *self,
                const GError        *error)
{
  if (!self->close_wanted
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    srudp_chat_link_fail (SRUDP_CHAT_LINK (self), error);
}

/* --- Reading and writing --------------------------------------------------- */

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (SrudpChatConnection) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes =
    g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);

  self->reading = FALSE;
  if (bytes == NULL)
    end_with_error (self, error);
  else if (g_bytes_get_size (bytes) == 0)
    srudp_chat_link_close (SRUDP_CHAT_LINK (self));
  else
    {
      srudp_chat_link_receive (SRUDP_CHAT_LINK (self), bytes);
      read_next (self);
    }
}

static void
read_next (SrudpChatConnection *self)
{
  GInputStream *stream = g_io_stream_get_input_stream (G_IO_STREAM (self->connection));

  if (self->reading || self->close_wanted)
    return;
  self->reading = TRUE;
  g_input_stream_read_bytes_async (stream, READ_BYTES, G_PRIORITY_DEFAULT,
                                   self->cancellable, read_cb, g_object_ref (self));
}

static void
write_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (SrudpChatConnection) self = user_data;
  g_autoptr (GError) error = NULL;

  g_bytes_unref (g_queue_pop_head (&self->outgoing));
  self->writing = FALSE;
  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    {
      if (self->close_wanted)
        close_connection (self);
      else
        end_with_error (self, error);
      return;
    }
  srudp_chat_link_sent (SRUDP_CHAT_LINK (self));
  write_next (self);
}

static void
write_next (SrudpChatConnection *self)
{
  GOutputStream *stream = g_io_stream_get_output_stream (G_IO_STREAM (self->connection));
  GBytes *frame = g_queue_peek_head (&self->outgoing);
  gconstpointer data;
  gsize size;

  if (self->writing)
    return;
  if (frame == NULL)
    {
      if (self->close_wanted)
        close_connection (self);
      return;
    }
  self->writing = TRUE;
  data = g_bytes_get_data (frame, &size);
  g_output_stream_write_all_async (stream, data, size, G_PRIORITY_DEFAULT, NULL,
                                   write_cb, g_object_ref (self));
}

static void
srudp_chat_connection_send (SrudpChatLink *link,
                            GBytes        *frame)
{
  SrudpChatConnection *self = SRUDP_CHAT_CONNECTION (link);

  if (self->close_wanted || g_queue_get_length (&self->outgoing) >= MAX_QUEUED_FRAMES)
    return;
  g_queue_push_tail (&self->outgoing, g_bytes_ref (frame));
  write_next (self);
}

static void
srudp_chat_connection_send_datagram (SrudpChatLink *link,
                                     GBytes        *frame)
{
  SrudpChatConnection *self = SRUDP_CHAT_CONNECTION (link);

  /* What goes by datagram may get lost, here as well as on the way. */
  srudp_connection_send_datagram (self->connection, frame, NULL);
}

static void
datagram_received_cb (SrudpConnection *connection,
                      GBytes          *datagram,
                      gpointer         user_data)
{
  srudp_chat_link_receive_datagram (SRUDP_CHAT_LINK (user_data), datagram);
}

/* --- Further streams ------------------------------------------------------- */

static void accept_next (SrudpChatConnection *self);

static void
accept_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (SrudpChatConnection) self = user_data;
  g_autoptr (SrudpStream) stream =
    srudp_connection_accept_stream_finish (SRUDP_CONNECTION (source), result, NULL);

  self->accepting = FALSE;
  /* Why there are no more, whoever reads the frames is told. */
  if (stream == NULL)
    return;
  srudp_chat_link_take_stream (SRUDP_CHAT_LINK (self), G_IO_STREAM (stream));
  accept_next (self);
}

static void
accept_next (SrudpChatConnection *self)
{
  if (self->accepting || self->close_wanted)
    return;
  self->accepting = TRUE;
  srudp_connection_accept_stream_async (self->connection, self->cancellable, accept_cb,
                                        g_object_ref (self));
}

static void
stream_opened_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  SrudpStream *stream =
    srudp_connection_open_stream_finish (SRUDP_CONNECTION (source), result, &error);

  if (stream == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  srudp_stream_set_priority (stream, STREAM_PRIORITY);
  g_task_return_pointer (task, stream, g_object_unref);
}

static void
srudp_chat_connection_open_stream_async (SrudpChatLink       *link,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (link, cancellable, callback, user_data);

  g_task_set_source_tag (task, srudp_chat_connection_open_stream_async);
  srudp_connection_open_stream_async (SRUDP_CHAT_CONNECTION (link)->connection, cancellable,
                                      stream_opened_cb, g_steal_pointer (&task));
}

static GIOStream *
srudp_chat_connection_open_stream_finish (SrudpChatLink  *link,
                                          GAsyncResult   *result,
                                          GError        **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- State ----------------------------------------------------------------- */

static void
state_cb (SrudpConnection *connection,
          GParamSpec      *pspec,
          gpointer         user_data)
{
  SrudpChatConnection *self = user_data;
  SrudpConnectionState state = srudp_connection_get_state (connection);
  g_autoptr (GError) error = NULL;

  if (state == SRUDP_CONNECTION_STATE_CLOSED)
    {
      error = srudp_connection_dup_error (connection);
      /* Opening, reading and writing report their errors themselves, after
       * having handed over what came before. */
      if (error != NULL && !self->reading && !self->close_wanted)
        srudp_chat_link_fail (SRUDP_CHAT_LINK (self), error);
      return;
    }
  srudp_chat_link_set_state (SRUDP_CHAT_LINK (self), state);
  if (srudp_chat_link_is_up (SRUDP_CHAT_LINK (self)))
    {
      read_next (self);
      accept_next (self);
    }
}

static void
open_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (SrudpChatConnection) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!srudp_connection_open_finish (SRUDP_CONNECTION (source), result, &error))
    {
      end_with_error (self, error);
      return;
    }
  state_cb (self->connection, NULL, self);
}

static void
srudp_chat_connection_open (SrudpChatLink *link)
{
  SrudpChatConnection *self = SRUDP_CHAT_CONNECTION (link);

  srudp_connection_set_open_timeout (self->connection, OPEN_TIMEOUT_MS);
  srudp_chat_link_set_state (link, SRUDP_CONNECTION_STATE_RESOLVING);
  srudp_connection_open_async (self->connection, self->cancellable, open_cb,
                               g_object_ref (self));
}

/* --- Facts ----------------------------------------------------------------- */

static char *
address_to_string (GSocketAddress *address)
{
  if (address == NULL)
    return NULL;
  return g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));
}

static void
srudp_chat_connection_get_facts (SrudpChatLink      *link,
                                 SrudpChatLinkFacts *facts)
{
  SrudpConnection *connection = SRUDP_CHAT_CONNECTION (link)->connection;
  g_autoptr (SrudpStats) stats = srudp_connection_dup_stats (connection);
  g_autoptr (GSocketAddress) local = srudp_connection_get_local_address (connection, NULL);
  g_autoptr (GSocketAddress) remote = srudp_connection_get_remote_address (connection, NULL);

  facts->local_address = address_to_string (local);
  facts->remote_address = address_to_string (remote);
  facts->is_ipv6 =
    remote != NULL && g_socket_address_get_family (remote) == G_SOCKET_FAMILY_IPV6;
  if (stats == NULL)
    return;
  facts->cipher = g_strdup (srudp_stats_get_cipher (stats));
  facts->rtt_us = srudp_stats_get_rtt (stats);
  facts->bytes_sent = srudp_stats_get_bytes_sent (stats);
  facts->bytes_received = srudp_stats_get_bytes_received (stats);
  facts->packets_sent = srudp_stats_get_packets_sent (stats);
  facts->packets_lost = srudp_stats_get_packets_lost (stats);
  facts->congestion_window_bytes = srudp_stats_get_congestion_window (stats);
  facts->path_mtu_bytes = srudp_stats_get_path_mtu (stats);
  facts->addresses_tried = srudp_stats_get_addresses_tried (stats);
  facts->probes_sent = srudp_stats_get_probes_sent (stats);
}

static char *
srudp_chat_connection_dup_safety_number (SrudpChatLink *link)
{
  return srudp_connection_dup_safety_number (SRUDP_CHAT_CONNECTION (link)->connection);
}

static char *
srudp_chat_connection_dup_short_code (SrudpChatLink *link)
{
  return srudp_connection_dup_short_code (SRUDP_CHAT_CONNECTION (link)->connection);
}

static char *
srudp_chat_connection_dup_peer_id (SrudpChatLink *link)
{
  SrudpConnection *connection = SRUDP_CHAT_CONNECTION (link)->connection;
  SrudpPeerId *peer_id = srudp_connection_get_peer_id (connection);

  return peer_id != NULL ? srudp_peer_id_to_string (peer_id) : NULL;
}

static char *
srudp_chat_connection_dup_diagnostics (SrudpChatLink *link)
{
  return srudp_connection_dup_diagnostics (SRUDP_CHAT_CONNECTION (link)->connection);
}

static GError *
srudp_chat_connection_dup_hint (SrudpChatLink *link)
{
  return srudp_connection_dup_hint (SRUDP_CHAT_CONNECTION (link)->connection);
}

/* --- Object ---------------------------------------------------------------- */

static void
srudp_chat_connection_dispose (GObject *object)
{
  SrudpChatConnection *self = SRUDP_CHAT_CONNECTION (object);

  if (self->connection != NULL)
    g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
  g_clear_object (&self->cancellable);
  g_queue_clear_full (&self->outgoing, (GDestroyNotify) g_bytes_unref);

  G_OBJECT_CLASS (srudp_chat_connection_parent_class)->dispose (object);
}

static void
srudp_chat_connection_class_init (SrudpChatConnectionClass *klass)
{
  SrudpChatLinkClass *link_class = SRUDP_CHAT_LINK_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = srudp_chat_connection_dispose;
  link_class->open = srudp_chat_connection_open;
  link_class->close = srudp_chat_connection_close;
  link_class->send = srudp_chat_connection_send;
  link_class->send_datagram = srudp_chat_connection_send_datagram;
  link_class->get_facts = srudp_chat_connection_get_facts;
  link_class->dup_safety_number = srudp_chat_connection_dup_safety_number;
  link_class->dup_short_code = srudp_chat_connection_dup_short_code;
  link_class->dup_peer_id = srudp_chat_connection_dup_peer_id;
  link_class->dup_diagnostics = srudp_chat_connection_dup_diagnostics;
  link_class->dup_hint = srudp_chat_connection_dup_hint;
  link_class->open_stream_async = srudp_chat_connection_open_stream_async;
  link_class->open_stream_finish = srudp_chat_connection_open_stream_finish;
}

static void
srudp_chat_connection_init (SrudpChatConnection *self)
{
  self->cancellable = g_cancellable_new ();
  g_queue_init (&self->outgoing);
}

static void
short_code_cb (SrudpChatLink *self)
{
  srudp_chat_link_tell_short_code (self);
}

/* @connection may be new, or open already (one that was accepted). */
SrudpChatLink *
srudp_chat_connection_new (SrudpConnection *connection)
{
  SrudpChatConnection *self = g_object_new (SRUDP_CHAT_TYPE_CONNECTION, NULL);

  self->connection = g_object_ref (connection);
  g_signal_connect (connection, "notify::state", G_CALLBACK (state_cb), self);
  g_signal_connect_swapped (connection, "notify::short-code", G_CALLBACK (short_code_cb), self);
  g_signal_connect (connection, "datagram-received", G_CALLBACK (datagram_received_cb), self);
  if (srudp_connection_get_state (connection) != SRUDP_CONNECTION_STATE_NEW)
    state_cb (connection, NULL, self);
  return SRUDP_CHAT_LINK (self);
}
