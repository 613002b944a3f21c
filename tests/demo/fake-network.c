/*
 * SPDX-License-Identifier: MIT
 *
 * fake-network.c: two ends of a line in one process, for tests of the chat
 */
#include "fake-network.h"

#include <sys/socket.h>

/* --- A link ---------------------------------------------------------------- */

struct _FakeLink
{
  SrudpChatLink parent_instance;

  FakeLink *other; /* unowned */
  char *peer_id;
  GError *hint;
  char *short_code;
  guint n_sent;
};

G_DEFINE_FINAL_TYPE (FakeLink, fake_link, SRUDP_CHAT_TYPE_LINK)

static void
fake_link_open (SrudpChatLink *link)
{
  srudp_chat_link_set_state (link, SRUDP_CONNECTION_STATE_WAITING);
}

static void
fake_link_close (SrudpChatLink *link)
{
  FakeLink *self = FAKE_LINK (link);
  FakeLink *other = g_steal_pointer (&self->other);

  if (other != NULL)
    {
      other->other = NULL;
      srudp_chat_link_fail (SRUDP_CHAT_LINK (other), NULL);
    }
  srudp_chat_link_fail (link, NULL);
}

static gboolean
sent_cb (gpointer user_data)
{
  srudp_chat_link_sent (user_data);
  return G_SOURCE_REMOVE;
}

static void
fake_link_send (SrudpChatLink *link,
                GBytes        *frame)
{
  FakeLink *self = FAKE_LINK (link);

  self->n_sent++;
  g_idle_add_full (G_PRIORITY_DEFAULT, sent_cb, g_object_ref (link), g_object_unref);
  if (self->other != NULL)
    srudp_chat_link_receive (SRUDP_CHAT_LINK (self->other), frame);
}

static void
fake_link_send_datagram (SrudpChatLink *link,
                         GBytes        *frame)
{
  FakeLink *self = FAKE_LINK (link);

  if (self->other != NULL)
    srudp_chat_link_receive_datagram (SRUDP_CHAT_LINK (self->other), frame);
}

static void
fake_link_get_facts (SrudpChatLink      *link,
                     SrudpChatLinkFacts *facts)
{
  facts->local_address = g_strdup ("192.0.2.1:5001");
  facts->remote_address = g_strdup ("203.0.113.7:5001");
  facts->cipher = g_strdup ("ChaCha20-Poly1305");
  facts->rtt_us = 31400;
  facts->bytes_sent = 48213;
  facts->bytes_received = 51902;
  facts->packets_sent = 412;
  facts->packets_lost = 3;
  facts->congestion_window_bytes = 65536;
  facts->path_mtu_bytes = 1452;
  facts->addresses_tried = 4;
  facts->probes_sent = 17;
}

static char *
fake_link_dup_safety_number (SrudpChatLink *link)
{
  return g_strdup ("12345 67890 12345 67890 12345 67890 "
                   "12345 67890 12345 67890 12345 67890");
}

static char *
fake_link_dup_short_code (SrudpChatLink *link)
{
  return g_strdup (FAKE_LINK (link)->short_code);
}

static char *
fake_link_dup_peer_id (SrudpChatLink *link)
{
  return g_strdup (FAKE_LINK (link)->peer_id);
}

static char *
fake_link_dup_diagnostics (SrudpChatLink *link)
{
  return g_strdup ("203.0.113.7:5001: 17 packets sent, no answer");
}

static GError *
fake_link_dup_hint (SrudpChatLink *link)
{
  FakeLink *self = FAKE_LINK (link);

  return self->hint != NULL ? g_error_copy (self->hint) : NULL;
}

/* A pair of sockets; this machine's kernel is the network. */
static void
fake_link_open_stream_async (SrudpChatLink       *link,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  FakeLink *self = FAKE_LINK (link);
  g_autoptr (GTask) task = g_task_new (link, cancellable, callback, user_data);
  GIOStream *streams[2];
  int fds[2];

  if (self->other == NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED, "no link");
      return;
    }
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GSocket) socket = g_socket_new_from_fd (fds[i], NULL);

      streams[i] = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
    }
  g_task_return_pointer (task, streams[0], g_object_unref);
  srudp_chat_link_take_stream (SRUDP_CHAT_LINK (self->other), streams[1]);
  g_object_unref (streams[1]);
}

static GIOStream *
fake_link_open_stream_finish (SrudpChatLink  *link,
                              GAsyncResult   *result,
                              GError        **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
fake_link_finalize (GObject *object)
{
  FakeLink *self = FAKE_LINK (object);

  if (self->other != NULL)
    self->other->other = NULL;
  g_free (self->peer_id);
  g_clear_error (&self->hint);
  g_free (self->short_code);

  G_OBJECT_CLASS (fake_link_parent_class)->finalize (object);
}

static void
fake_link_class_init (FakeLinkClass *klass)
{
  SrudpChatLinkClass *link_class = SRUDP_CHAT_LINK_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fake_link_finalize;
  link_class->open = fake_link_open;
  link_class->close = fake_link_close;
  link_class->send = fake_link_send;
  link_class->send_datagram = fake_link_send_datagram;
  link_class->get_facts = fake_link_get_facts;
  link_class->dup_safety_number = fake_link_dup_safety_number;
  link_class->dup_short_code = fake_link_dup_short_code;
  link_class->dup_peer_id = fake_link_dup_peer_id;
  link_class->dup_diagnostics = fake_link_dup_diagnostics;
  link_class->dup_hint = fake_link_dup_hint;
  link_class->open_stream_async = fake_link_open_stream_async;
  link_class->open_stream_finish = fake_link_open_stream_finish;
}

static void
fake_link_init (FakeLink *self)
{
}

FakeLink *
fake_link_new (const char *peer_id)
{
  FakeLink *self = g_object_new (FAKE_TYPE_LINK, NULL);

  self->peer_id = g_strdup (peer_id);
  return self;
}

void
fake_link_set_short_code (FakeLink   *self,
                          const char *short_code)
{
  g_free (self->short_code);
  self->short_code = g_strdup (short_code);
  srudp_chat_link_tell_short_code (SRUDP_CHAT_LINK (self));
}

/* From now on what one sends the other receives. */
void
fake_link_join (FakeLink *a,
                FakeLink *b)
{
  a->other = b;
  b->other = a;
}

void
fake_link_break (FakeLink   *self,
                 GQuark      domain,
                 int         code,
                 const char *message)
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, message);

  if (self->other != NULL)
    self->other->other = NULL;
  self->other = NULL;
  srudp_chat_link_fail (SRUDP_CHAT_LINK (self), error);
}

/* What seems to stand in the way; 0: nothing does. */
void
fake_link_set_hint (FakeLink *self,
                    GQuark    domain,
                    int       code)
{
  g_clear_error (&self->hint);
  if (domain != 0)
    self->hint = g_error_new_literal (domain, code, "hint");
}

guint
fake_link_get_n_sent (FakeLink *self)
{
  return self->n_sent;
}

/* --- A network ------------------------------------------------------------- */

struct _FakeNetwork
{
  SrudpChatNetwork parent_instance;

  FakeLink *last;
  guint16 port;
  guint16 taken;
  char *passphrase;
};

G_DEFINE_FINAL_TYPE (FakeNetwork, fake_network, SRUDP_CHAT_TYPE_NETWORK)

static SrudpChatLink *
fake_network_dial (SrudpChatNetwork       *network,
                   const SrudpChatAddress *address)
{
  FakeNetwork *self = FAKE_NETWORK (network);

  g_clear_object (&self->last);
  self->last = fake_link_new ("peer-of-a-call");
  return SRUDP_CHAT_LINK (g_object_ref (self->last));
}

static gboolean
fake_network_listen (SrudpChatNetwork  *network,
                     guint16            port,
                     GError           **error)
{
  FakeNetwork *self = FAKE_NETWORK (network);

  if (port != 0 && port == self->taken)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE, "in use");
      return FALSE;
    }
  self->port = port != 0 ? port : 40000;
  return TRUE;
}

static void
fake_network_accept (SrudpChatNetwork *network)
{
}

static void
fake_network_close (SrudpChatNetwork *network)
{
  srudp_chat_network_closed (network);
}

static guint16
fake_network_get_port (SrudpChatNetwork *network)
{
  return FAKE_NETWORK (network)->port;
}

static char *
fake_network_dup_peer_id (SrudpChatNetwork *network)
{
  return g_strdup ("srudp1-abcdefgh-ijklmnop-qrstuvwx-yzabcdef-ghijklmn-opqrstuv-wxyz2345");
}

static void
fake_network_set_servers (SrudpChatNetwork  *network,
                          const char *const *servers)
{
}

static void
fake_network_set_maps_port (SrudpChatNetwork *network,
                            gboolean          maps_port)
{
}

static void
fake_network_set_passphrase (SrudpChatNetwork *network,
                             const char       *passphrase)
{
  FakeNetwork *self = FAKE_NETWORK (network);

  g_free (self->passphrase);
  self->passphrase = g_strdup (passphrase);
}

static void
fake_network_dispose (GObject *object)
{
  g_clear_object (&FAKE_NETWORK (object)->last);
  g_clear_pointer (&FAKE_NETWORK (object)->passphrase, g_free);

  G_OBJECT_CLASS (fake_network_parent_class)->dispose (object);
}

static void
fake_network_class_init (FakeNetworkClass *klass)
{
  SrudpChatNetworkClass *network_class = SRUDP_CHAT_NETWORK_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fake_network_dispose;
  network_class->dial = fake_network_dial;
  network_class->listen = fake_network_listen;
  network_class->accept = fake_network_accept;
  network_class->close = fake_network_close;
  network_class->get_port = fake_network_get_port;
  network_class->dup_peer_id = fake_network_dup_peer_id;
  network_class->set_servers = fake_network_set_servers;
  network_class->set_maps_port = fake_network_set_maps_port;
  network_class->set_passphrase = fake_network_set_passphrase;
}

static void
fake_network_init (FakeNetwork *self)
{
  self->port = 5001;
}

FakeNetwork *
fake_network_new (void)
{
  return g_object_new (FAKE_TYPE_NETWORK, NULL);
}

/* The link of the last call; NULL if there was none. */
FakeLink *
fake_network_get_last (FakeNetwork *self)
{
  return self->last;
}

void
fake_network_set_taken (FakeNetwork *self,
                        guint16      port)
{
  self->taken = port;
}

/* What lines that begin now ask for; NULL if nothing. */
const char *
fake_network_get_passphrase (FakeNetwork *self)
{
  return self->passphrase;
}
