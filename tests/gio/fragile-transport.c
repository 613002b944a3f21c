/*
 * SPDX-License-Identifier: MIT
 *
 * fragile-transport.c: a GDatagramBased that can be cut
 */
#include "fragile-transport.h"

struct _FragileTransport
{
  GObject parent_instance;

  GSocket *socket;
  int cut;        /* atomic */
  int loss_every; /* atomic */
  int error_every, error_code, n_calls; /* atomic */
  int budget;     /* atomic: bytes; -1: no end */
  guint n_sent;
};

static void datagram_based_iface_init (GDatagramBasedInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (
  FragileTransport, fragile_transport, G_TYPE_OBJECT,
  G_IMPLEMENT_INTERFACE (G_TYPE_DATAGRAM_BASED, datagram_based_iface_init))

static int
receive_messages (GDatagramBased  *transport,
                  GInputMessage   *messages,
                  guint            n_messages,
                  int              flags,
                  gint64           timeout,
                  GCancellable    *cancellable,
                  GError         **error)
{
  FragileTransport *self = FRAGILE_TRANSPORT (transport);
  int n = g_datagram_based_receive_messages (G_DATAGRAM_BASED (self->socket),
                                             messages, n_messages, flags,
                                             timeout, cancellable, error);

  if (n <= 0 || !g_atomic_int_get (&self->cut))
    return n;

  for (int i = 0; i < n; i++)
    if (messages[i].address != NULL)
      g_clear_object (messages[i].address);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "cut");
  return -1;
}

static gsize
get_size (const GOutputMessage *message)
{
  gsize size = 0;

  for (guint i = 0; i < message->num_vectors; i++)
    size += message->vectors[i].size;
  return size;
}

/* TRUE: it was used up before. */
static gboolean
exceeds_budget (FragileTransport     *self,
                const GOutputMessage *message)
{
  int budget = g_atomic_int_get (&self->budget);

  if (budget < 0)
    return FALSE;
  g_atomic_int_set (&self->budget,
                    MAX (budget - (int) get_size (message), 0));
  return budget == 0;
}

static gboolean
is_lost (FragileTransport     *self,
         const GOutputMessage *message)
{
  int every = g_atomic_int_get (&self->loss_every);

  self->n_sent++;
  return g_atomic_int_get (&self->cut)
         || (every > 0 && self->n_sent % (guint) every == 0)
         || exceeds_budget (self, message);
}

static int
send_messages (GDatagramBased  *transport,
               GOutputMessage  *messages,
               guint            n_messages,
               int              flags,
               gint64           timeout,
               GCancellable    *cancellable,
               GError         **error)
{
  FragileTransport *self = FRAGILE_TRANSPORT (transport);
  int every = g_atomic_int_get (&self->error_every);

  if (every > 0 && g_atomic_int_add (&self->n_calls, 1) % every == 0)
    {
      int code = g_atomic_int_get (&self->error_code);

      g_set_error_literal (error, G_IO_ERROR,
                           (int) g_io_error_from_errno (code),
                           g_strerror (code));
      return -1;
    }

  for (guint i = 0; i < n_messages; i++)
    {
      if (!is_lost (self, messages + i)
          && g_datagram_based_send_messages (G_DATAGRAM_BASED (self->socket),
                                             messages + i, 1, flags, timeout,
                                             cancellable,
                                             i == 0 ? error : NULL)
               < 1)
        return i == 0 ? -1 : (int) i;
    }
  return (int) n_messages;
}

static GSource *
create_source (GDatagramBased *transport,
               GIOCondition    condition,
               GCancellable   *cancellable)
{
  FragileTransport *self = FRAGILE_TRANSPORT (transport);

  return g_datagram_based_create_source (G_DATAGRAM_BASED (self->socket),
                                         condition, cancellable);
}

static GIOCondition
condition_check (GDatagramBased *transport,
                 GIOCondition    condition)
{
  FragileTransport *self = FRAGILE_TRANSPORT (transport);

  return g_socket_condition_check (self->socket, condition);
}

static gboolean
condition_wait (GDatagramBased  *transport,
                GIOCondition     condition,
                gint64           timeout,
                GCancellable    *cancellable,
                GError         **error)
{
  FragileTransport *self = FRAGILE_TRANSPORT (transport);

  return g_socket_condition_timed_wait (self->socket, condition, timeout,
                                        cancellable, error);
}

static void
datagram_based_iface_init (GDatagramBasedInterface *iface)
{
  iface->receive_messages = receive_messages;
  iface->send_messages = send_messages;
  iface->create_source = create_source;
  iface->condition_check = condition_check;
  iface->condition_wait = condition_wait;
}

static void
fragile_transport_finalize (GObject *object)
{
  g_object_unref (FRAGILE_TRANSPORT (object)->socket);

  G_OBJECT_CLASS (fragile_transport_parent_class)->finalize (object);
}

static void
fragile_transport_class_init (FragileTransportClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fragile_transport_finalize;
}

static void
fragile_transport_init (FragileTransport *self)
{
  g_autoptr (GSocketAddress) local =
    g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GError) error = NULL;

  self->budget = -1;
  self->socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                               G_SOCKET_PROTOCOL_UDP, &error);
  g_assert_no_error (error);
  g_socket_bind (self->socket, local, FALSE, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (self->socket, FALSE);
}

FragileTransport *
fragile_transport_new (void)
{
  return g_object_new (FRAGILE_TYPE_TRANSPORT, NULL);
}

GSocketAddress *
fragile_transport_get_address (FragileTransport *self)
{
  return g_socket_get_local_address (self->socket, NULL);
}

void
fragile_transport_set_cut (FragileTransport *self,
                           gboolean          cut)
{
  g_atomic_int_set (&self->cut, cut);
}

void
fragile_transport_set_loss (FragileTransport *self,
                            guint             every)
{
  g_atomic_int_set (&self->loss_every, (int) every);
}

void
fragile_transport_set_budget (FragileTransport *self,
                              int               n_bytes)
{
  g_atomic_int_set (&self->budget, n_bytes);
}

void
fragile_transport_set_error (FragileTransport *self,
                             int               code,
                             guint             every)
{
  g_atomic_int_set (&self->error_code, code);
  g_atomic_int_set (&self->error_every, (int) every);
}
