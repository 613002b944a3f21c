/*
 * SPDX-License-Identifier: MIT
 *
 * memory-transport.c: a network in memory: what an own transport has to do
 *
 * An endpoint needs four things of a GDatagramBased:
 *
 *  - receive_messages() takes what is there and never waits: without a
 *    datagram it fails with G_IO_ERROR_WOULD_BLOCK;
 *  - send_messages() doesn't wait either. It may lose datagrams, delay them or
 *    change their order, as any network may, and fails with
 *    G_IO_ERROR_WOULD_BLOCK if it wants to be asked again later;
 *  - create_source() tells when to call them, from any thread's doing;
 *  - every received message has the address it came from. Any kind of
 *    GSocketAddress will do that has a native form, by which two are compared.
 *
 * All calls come from the endpoint's own thread. The endpoint holds a reference
 * until it is closed, and never closes the transport.
 */
#include "memory-transport.h"

#include <gio/gunixsocketaddress.h>
#include <string.h>

/* What is sent faster than it is read gets lost. */
#define MAX_WAITING 1000

typedef struct
{
  GSocketAddress *from;
  gsize size;
  guint8 data[];
} Datagram;

struct _MemoryTransport
{
  GObject parent_instance;

  char *name;
  GSocketAddress *address;
  GQueue waiting; /* of Datagram */
  GQueue sources; /* of MemorySource */
};

typedef struct
{
  GSource parent;
  MemoryTransport *transport;
  GIOCondition condition;
} MemorySource;

/* One lock is enough for a network of this size. */
static GMutex lock;
static GHashTable *transports; /* name → MemoryTransport */

static void datagram_based_iface_init (GDatagramBasedInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (
  MemoryTransport, memory_transport, G_TYPE_OBJECT,
  G_IMPLEMENT_INTERFACE (G_TYPE_DATAGRAM_BASED, datagram_based_iface_init))

static void
datagram_free (gpointer data)
{
  Datagram *datagram = data;

  g_object_unref (datagram->from);
  g_free (datagram);
}

/* Receiving */

static void
hand_over (Datagram      *datagram,
           GInputMessage *message)
{
  gsize at = 0;

  for (guint i = 0; i < message->num_vectors && at < datagram->size; i++)
    {
      gsize length = MIN (message->vectors[i].size, datagram->size - at);

      memcpy (message->vectors[i].buffer, datagram->data + at, length);
      at += length;
    }
  message->bytes_received = at;
  message->flags = 0;
  if (message->address != NULL)
    *message->address = g_object_ref (datagram->from);
}

static int
memory_transport_receive_messages (GDatagramBased  *datagram_based,
                                   GInputMessage   *messages,
                                   guint            n_messages,
                                   int              flags,
                                   gint64           timeout,
                                   GCancellable    *cancellable,
                                   GError         **error)
{
  MemoryTransport *self = MEMORY_TRANSPORT (datagram_based);
  guint n = 0;

  g_mutex_lock (&lock);
  while (n < n_messages && !g_queue_is_empty (&self->waiting))
    {
      Datagram *datagram = g_queue_pop_head (&self->waiting);

      hand_over (datagram, &messages[n++]);
      datagram_free (datagram);
    }
  g_mutex_unlock (&lock);

  if (n > 0 || n_messages == 0)
    return (int) n;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK,
                       "Nothing has arrived yet");
  return -1;
}

/* Sending */

static MemoryTransport *
find (GSocketAddress *address)
{
  if (!G_IS_UNIX_SOCKET_ADDRESS (address) || transports == NULL)
    return NULL;
  return g_hash_table_lookup (
    transports, g_unix_socket_address_get_path (
                  G_UNIX_SOCKET_ADDRESS (address)));
}

static Datagram *
datagram_new (GSocketAddress *from,
              GOutputMessage *message)
{
  Datagram *datagram;
  gsize size = 0, at = 0;

  for (guint i = 0; i < message->num_vectors; i++)
    size += message->vectors[i].size;

  datagram = g_malloc (sizeof *datagram + size);
  datagram->from = g_object_ref (from);
  datagram->size = size;
  for (guint i = 0; i < message->num_vectors; i++)
    {
      memcpy (datagram->data + at, message->vectors[i].buffer,
              message->vectors[i].size);
      at += message->vectors[i].size;
    }
  message->bytes_sent = (guint) size;
  return datagram;
}

/* The sources belong to another thread: a new ready time wakes it. */
static void
arrive (MemoryTransport *self,
        Datagram        *datagram)
{
  g_queue_push_tail (&self->waiting, datagram);
  for (GList *l = self->sources.head; l != NULL; l = l->next)
    {
      MemorySource *source = l->data;

      if ((source->condition & G_IO_IN) != 0)
        g_source_set_ready_time (&source->parent, 0);
    }
}

static int
memory_transport_send_messages (GDatagramBased  *datagram_based,
                                GOutputMessage  *messages,
                                guint            n_messages,
                                int              flags,
                                gint64           timeout,
                                GCancellable    *cancellable,
                                GError         **error)
{
  MemoryTransport *self = MEMORY_TRANSPORT (datagram_based);

  g_mutex_lock (&lock);
  for (guint i = 0; i < n_messages; i++)
    {
      Datagram *datagram = datagram_new (self->address, &messages[i]);
      MemoryTransport *to = find (messages[i].address);

      if (to != NULL && to->waiting.length < MAX_WAITING)
        arrive (to, datagram);
      else
        datagram_free (datagram);
    }
  g_mutex_unlock (&lock);
  return (int) n_messages;
}

/* Waiting */

static GIOCondition
memory_transport_condition_check (GDatagramBased *datagram_based,
                                  GIOCondition    condition)
{
  MemoryTransport *self = MEMORY_TRANSPORT (datagram_based);
  GIOCondition now = G_IO_OUT;

  g_mutex_lock (&lock);
  if (!g_queue_is_empty (&self->waiting))
    now |= G_IO_IN;
  g_mutex_unlock (&lock);
  return now & condition;
}

static gboolean
memory_transport_condition_wait (GDatagramBased  *datagram_based,
                                 GIOCondition     condition,
                                 gint64           timeout,
                                 GCancellable    *cancellable,
                                 GError         **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                       "This transport doesn't block");
  return FALSE;
}

static gboolean
memory_source_is_ready (GSource *source)
{
  MemorySource *self = (MemorySource *) source;

  return memory_transport_condition_check (
           G_DATAGRAM_BASED (self->transport), self->condition)
         != 0;
}

static gboolean
memory_source_prepare (GSource *source,
                       int     *timeout)
{
  *timeout = -1;
  return memory_source_is_ready (source);
}

static gboolean
memory_source_dispatch (GSource     *source,
                        GSourceFunc  callback,
                        gpointer     user_data)
{
  MemorySource *self = (MemorySource *) source;
  GIOCondition ready;

  /* First, so that what arrives from here on counts anew. */
  g_source_set_ready_time (source, -1);
  ready = memory_transport_condition_check (
    G_DATAGRAM_BASED (self->transport), self->condition);
  if (ready == 0)
    return G_SOURCE_CONTINUE;
  return ((GDatagramBasedSourceFunc) (void *) callback) (
    G_DATAGRAM_BASED (self->transport), ready, user_data);
}

/* Another thread may be about to wake it. */
static void
memory_source_dispose (GSource *source)
{
  MemorySource *self = (MemorySource *) source;

  g_mutex_lock (&lock);
  g_queue_remove (&self->transport->sources, self);
  g_mutex_unlock (&lock);
}

static void
memory_source_finalize (GSource *source)
{
  g_object_unref (((MemorySource *) source)->transport);
}

static GSourceFuncs memory_source_funcs = {
  .prepare = memory_source_prepare,
  .check = memory_source_is_ready,
  .dispatch = memory_source_dispatch,
  .finalize = memory_source_finalize,
};

static GSource *
memory_transport_create_source (GDatagramBased *datagram_based,
                                GIOCondition    condition,
                                GCancellable   *cancellable)
{
  MemoryTransport *self = MEMORY_TRANSPORT (datagram_based);
  GSource *source = g_source_new (&memory_source_funcs,
                                  sizeof (MemorySource));
  MemorySource *memory_source = (MemorySource *) source;

  memory_source->transport = g_object_ref (self);
  memory_source->condition = condition;
  g_source_set_dispose_function (source, memory_source_dispose);
  g_source_set_static_name (source, "MemoryTransport");

  g_mutex_lock (&lock);
  g_queue_push_tail (&self->sources, memory_source);
  g_mutex_unlock (&lock);
  return source;
}

/* Life */

static void
datagram_based_iface_init (GDatagramBasedInterface *iface)
{
  iface->receive_messages = memory_transport_receive_messages;
  iface->send_messages = memory_transport_send_messages;
  iface->create_source = memory_transport_create_source;
  iface->condition_check = memory_transport_condition_check;
  iface->condition_wait = memory_transport_condition_wait;
}

static void
memory_transport_finalize (GObject *object)
{
  MemoryTransport *self = MEMORY_TRANSPORT (object);

  g_mutex_lock (&lock);
  if (g_hash_table_lookup (transports, self->name) == self)
    g_hash_table_remove (transports, self->name);
  g_mutex_unlock (&lock);

  g_queue_clear_full (&self->waiting, datagram_free);
  g_object_unref (self->address);
  g_free (self->name);

  G_OBJECT_CLASS (memory_transport_parent_class)->finalize (object);
}

static void
memory_transport_class_init (MemoryTransportClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = memory_transport_finalize;
}

static void
memory_transport_init (MemoryTransport *self)
{
  g_queue_init (&self->waiting);
  g_queue_init (&self->sources);
}

MemoryTransport *
memory_transport_new (const char *name)
{
  MemoryTransport *self = g_object_new (MEMORY_TYPE_TRANSPORT, NULL);

  self->name = g_strdup (name);
  self->address = g_unix_socket_address_new_with_type (
    name, -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT);

  g_mutex_lock (&lock);
  if (transports == NULL)
    transports = g_hash_table_new (g_str_hash, g_str_equal);
  g_hash_table_replace (transports, self->name, self);
  g_mutex_unlock (&lock);
  return self;
}

GSocketAddress *
memory_transport_get_address (MemoryTransport *self)
{
  return g_object_ref (self->address);
}
