/*
 * SPDX-License-Identifier: MIT
 *
 * rough-transport.c: two ends of a network in memory, as GDatagramBased, that
 * loses, delays and reorders as told
 *
 * Between the two are two pipes, one for each direction: queues of datagrams
 * in the order in which they arrive. A full pipe doesn't drop, it blocks, as
 * a network card does whose queue is full; and as on Ethernet, a datagram is
 * never longer than 1472 bytes.
 */
#include "rough-transport.h"

#include <string.h>

#define MAX_DATAGRAM_BYTES 1472
#define MAX_PIPE_BYTES (4 * 1024 * 1024)

typedef struct
{
  gint64 due_us;
  gsize length;
  guint8 data[];
} Datagram;

typedef struct
{
  gatomicrefcount ref_count;
  GMutex lock;
  const RoughConditions *conditions;
  GSocketAddress *from, *to;
  GRand *rand;
  GQueue datagrams; /* by the time when they arrive */
  gsize n_bytes;
  guint n_lost, n_late;
  GQueue readers, writers; /* of RoughWatch */
} Pipe;

struct _RoughTransport
{
  GObject parent_instance;

  Pipe *in, *out;
};

/* Whoever wakes a source needs a reference, but must not keep it for longer
 * than the source's context. So the pipe owns one of a child source, until
 * that is destroyed with its parent and its callback freed. */
typedef struct
{
  GSource parent;
  Pipe *pipe;
  GIOCondition condition;
  int listed; /* atomic */
  GList link; /* in one of the pipe's lists, which owns a reference */
} RoughWatch;

typedef struct
{
  GSource parent;
  RoughTransport *transport;
  GIOCondition condition;
  RoughWatch *watch;
} RoughSource;

static void datagram_based_iface_init (GDatagramBasedInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (
  RoughTransport, rough_transport, G_TYPE_OBJECT,
  G_IMPLEMENT_INTERFACE (G_TYPE_DATAGRAM_BASED, datagram_based_iface_init))

/* A pipe */

static Pipe *
pipe_new (const RoughConditions *conditions,
          guint32                seed,
          const char            *from,
          const char            *to)
{
  Pipe *pipe = g_new0 (Pipe, 1);

  g_atomic_ref_count_init (&pipe->ref_count);
  g_mutex_init (&pipe->lock);
  pipe->conditions = conditions;
  pipe->from = g_inet_socket_address_new_from_string (from, 4000);
  pipe->to = g_inet_socket_address_new_from_string (to, 4000);
  pipe->rand = g_rand_new_with_seed (seed);
  g_queue_init (&pipe->datagrams);
  return pipe;
}

static Pipe *
pipe_ref (Pipe *pipe)
{
  g_atomic_ref_count_inc (&pipe->ref_count);
  return pipe;
}

static void
pipe_unref (Pipe *pipe)
{
  if (!g_atomic_ref_count_dec (&pipe->ref_count))
    return;

  g_queue_clear_full (&pipe->datagrams, g_free);
  g_object_unref (pipe->from);
  g_object_unref (pipe->to);
  g_rand_free (pipe->rand);
  g_mutex_clear (&pipe->lock);
  g_free (pipe);
}

static gint64
next_due (Pipe *pipe)
{
  Datagram *first = g_queue_peek_head (&pipe->datagrams);

  return first == NULL ? -1 : first->due_us;
}

static gboolean
can_read (Pipe *pipe)
{
  Datagram *first = g_queue_peek_head (&pipe->datagrams);

  return first != NULL && first->due_us <= g_get_monotonic_time ();
}

static gboolean
can_write (Pipe *pipe)
{
  return pipe->n_bytes < MAX_PIPE_BYTES;
}

static void
wake (GQueue *sources,
      gint64  ready_time)
{
  for (GList *link = sources->head; link != NULL; link = link->next)
    g_source_set_ready_time (link->data, ready_time);
}

static void
insert_by_time (Pipe     *pipe,
                Datagram *datagram)
{
  GList *before = pipe->datagrams.tail;

  while (before != NULL
         && ((Datagram *) before->data)->due_us > datagram->due_us)
    before = before->prev;
  if (before == NULL)
    g_queue_push_head (&pipe->datagrams, datagram);
  else
    g_queue_insert_after (&pipe->datagrams, before, datagram);
}

static void
push (Pipe                 *pipe,
      const GOutputMessage *message,
      gsize                 length)
{
  Datagram *datagram = g_malloc (sizeof *datagram + length);
  gsize at = 0;

  for (guint i = 0; i < message->num_vectors; i++)
    {
      memcpy (datagram->data + at, message->vectors[i].buffer,
              message->vectors[i].size);
      at += message->vectors[i].size;
    }
  datagram->length = length;
  datagram->due_us = g_get_monotonic_time ()
                     + pipe->conditions->delay_ms * G_TIME_SPAN_MILLISECOND;
  if (g_rand_double (pipe->rand) < pipe->conditions->reorder)
    {
      datagram->due_us += pipe->conditions->reorder_ms
                          * G_TIME_SPAN_MILLISECOND;
      pipe->n_late++;
    }
  insert_by_time (pipe, datagram);
  pipe->n_bytes += length;
  if (pipe->datagrams.head->data == datagram)
    wake (&pipe->readers, datagram->due_us);
}

static void
pass_on (Pipe                 *pipe,
         const GOutputMessage *message)
{
  gsize length = 0;

  for (guint i = 0; i < message->num_vectors; i++)
    length += message->vectors[i].size;
  if (g_rand_double (pipe->rand) < pipe->conditions->loss)
    pipe->n_lost++;
  else
    push (pipe, message, length);
}

static gboolean
is_for_peer (Pipe                 *pipe,
             const GOutputMessage *message)
{
  GInetSocketAddress *to = G_INET_SOCKET_ADDRESS (pipe->to);

  if (!G_IS_INET_SOCKET_ADDRESS (message->address))
    return FALSE;
  return g_inet_address_equal (
           g_inet_socket_address_get_address (to),
           g_inet_socket_address_get_address (
             G_INET_SOCKET_ADDRESS (message->address)))
         && g_inet_socket_address_get_port (to)
              == g_inet_socket_address_get_port (
                G_INET_SOCKET_ADDRESS (message->address));
}

static gboolean
is_too_long (const GOutputMessage *message)
{
  gsize length = 0;

  for (guint i = 0; i < message->num_vectors; i++)
    length += message->vectors[i].size;
  return length > MAX_DATAGRAM_BYTES;
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
  Pipe *pipe = ROUGH_TRANSPORT (transport)->out;
  guint n = 0;

  g_mutex_lock (&pipe->lock);
  while (n < n_messages && can_write (pipe) && !is_too_long (&messages[n]))
    {
      if (is_for_peer (pipe, &messages[n]))
        pass_on (pipe, &messages[n]);
      n++;
    }
  if (n == 0 && n_messages > 0)
    g_set_error_literal (error, G_IO_ERROR,
                         can_write (pipe) ? G_IO_ERROR_MESSAGE_TOO_LARGE
                                          : G_IO_ERROR_WOULD_BLOCK,
                         "does not fit");
  g_mutex_unlock (&pipe->lock);
  return n == 0 && n_messages > 0 ? -1 : (int) n;
}

static void
fill_in (Pipe           *pipe,
         GInputMessage  *message,
         const Datagram *datagram)
{
  gsize at = 0;

  for (guint i = 0; i < message->num_vectors && at < datagram->length; i++)
    {
      gsize n = MIN (message->vectors[i].size, datagram->length - at);

      memcpy (message->vectors[i].buffer, datagram->data + at, n);
      at += n;
    }
  message->bytes_received = at;
  message->flags = 0;
  if (message->address != NULL)
    *message->address = g_object_ref (pipe->from);
}

static int
receive_messages (GDatagramBased  *transport,
                  GInputMessage   *messages,
                  guint            n_messages,
                  int              flags,
                  gint64           timeout,
                  GCancellable    *cancellable,
                  GError         **error)
{
  Pipe *pipe = ROUGH_TRANSPORT (transport)->in;
  gboolean was_full;
  guint n = 0;

  g_mutex_lock (&pipe->lock);
  was_full = !can_write (pipe);
  while (n < n_messages && can_read (pipe))
    {
      g_autofree Datagram *datagram = g_queue_pop_head (&pipe->datagrams);

      pipe->n_bytes -= datagram->length;
      fill_in (pipe, &messages[n++], datagram);
    }
  if (was_full && can_write (pipe))
    wake (&pipe->writers, 0);
  g_mutex_unlock (&pipe->lock);

  if (n > 0)
    return (int) n;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "empty");
  return -1;
}

/* Sources */

static GQueue *
get_list (RoughWatch *self)
{
  return self->condition == G_IO_IN ? &self->pipe->readers
                                    : &self->pipe->writers;
}

static gboolean
is_ready (RoughWatch *self)
{
  return self->condition == G_IO_IN ? can_read (self->pipe)
                                    : can_write (self->pipe);
}

static gboolean
watch_prepare (GSource *source,
               int     *timeout)
{
  RoughWatch *self = (RoughWatch *) source;
  gboolean ready;

  g_mutex_lock (&self->pipe->lock);
  ready = is_ready (self);
  g_source_set_ready_time (
    source, self->condition == G_IO_IN ? next_due (self->pipe) : -1);
  g_mutex_unlock (&self->pipe->lock);
  *timeout = -1;
  return ready;
}

static gboolean
watch_check (GSource *source)
{
  RoughWatch *self = (RoughWatch *) source;
  gboolean ready;

  g_mutex_lock (&self->pipe->lock);
  ready = is_ready (self);
  g_mutex_unlock (&self->pipe->lock);
  return ready;
}

static gboolean
watch_dispatch (GSource     *source,
                GSourceFunc  callback,
                gpointer     user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
watch_unlist (gpointer data)
{
  RoughWatch *self = data;

  if (!g_atomic_int_compare_and_exchange (&self->listed, TRUE, FALSE))
    return;
  g_mutex_lock (&self->pipe->lock);
  g_queue_unlink (get_list (self), &self->link);
  g_mutex_unlock (&self->pipe->lock);
  g_source_unref ((GSource *) self);
}

static void
watch_finalize (GSource *source)
{
  pipe_unref (((RoughWatch *) source)->pipe);
}

static GSourceFuncs watch_funcs = {
  .prepare = watch_prepare,
  .check = watch_check,
  .dispatch = watch_dispatch,
  .finalize = watch_finalize,
};

static RoughWatch *
watch_new (Pipe         *pipe,
           GIOCondition  condition)
{
  GSource *source = g_source_new (&watch_funcs, sizeof (RoughWatch));
  RoughWatch *self = (RoughWatch *) source;

  self->pipe = pipe_ref (pipe);
  self->condition = condition;
  self->listed = TRUE;
  self->link.data = g_source_ref (source);
  g_source_set_callback (source, NULL, self, watch_unlist);
  g_mutex_lock (&pipe->lock);
  g_queue_push_tail_link (get_list (self), &self->link);
  g_mutex_unlock (&pipe->lock);
  return self;
}

static gboolean
rough_source_dispatch (GSource     *source,
                       GSourceFunc  callback,
                       gpointer     user_data)
{
  RoughSource *self = (RoughSource *) source;
  GDatagramBasedSourceFunc func = (GDatagramBasedSourceFunc)
    G_CALLBACK (callback);

  return func (G_DATAGRAM_BASED (self->transport), self->condition,
               user_data);
}

static void
rough_source_finalize (GSource *source)
{
  RoughSource *self = (RoughSource *) source;

  watch_unlist (self->watch);
  g_source_unref ((GSource *) self->watch);
  g_object_unref (self->transport);
}

static GSourceFuncs rough_source_funcs = {
  .dispatch = rough_source_dispatch,
  .finalize = rough_source_finalize,
};

static GSource *
create_source (GDatagramBased *transport,
               GIOCondition    condition,
               GCancellable   *cancellable)
{
  GSource *source = g_source_new (&rough_source_funcs, sizeof (RoughSource));
  RoughSource *self = (RoughSource *) source;
  gboolean in = (condition & G_IO_IN) != 0;

  self->transport = g_object_ref (ROUGH_TRANSPORT (transport));
  self->condition = in ? G_IO_IN : G_IO_OUT;
  self->watch = watch_new (in ? self->transport->in : self->transport->out,
                           self->condition);
  g_source_add_child_source (source, (GSource *) self->watch);
  if (cancellable != NULL)
    {
      g_autoptr (GSource) child = g_cancellable_source_new (cancellable);

      g_source_set_dummy_callback (child);
      g_source_add_child_source (source, child);
    }
  return source;
}

static GIOCondition
condition_check (GDatagramBased *transport,
                 GIOCondition    condition)
{
  RoughTransport *self = ROUGH_TRANSPORT (transport);
  GIOCondition now = 0;

  g_mutex_lock (&self->in->lock);
  if (can_read (self->in))
    now |= G_IO_IN;
  g_mutex_unlock (&self->in->lock);
  g_mutex_lock (&self->out->lock);
  if (can_write (self->out))
    now |= G_IO_OUT;
  g_mutex_unlock (&self->out->lock);
  return now & condition;
}

/* Nobody here blocks on a transport: looking now and then will do. */
static gboolean
condition_wait (GDatagramBased  *transport,
                GIOCondition     condition,
                gint64           timeout,
                GCancellable    *cancellable,
                GError         **error)
{
  gint64 until_us = timeout < 0 ? G_MAXINT64
                                : g_get_monotonic_time () + timeout;

  while (condition_check (transport, condition) == 0)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (g_get_monotonic_time () >= until_us)
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                               "timed out");
          return FALSE;
        }
      g_usleep (1000);
    }
  return TRUE;
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

/* The object */

static void
rough_transport_finalize (GObject *object)
{
  RoughTransport *self = ROUGH_TRANSPORT (object);

  pipe_unref (self->in);
  pipe_unref (self->out);

  G_OBJECT_CLASS (rough_transport_parent_class)->finalize (object);
}

static void
rough_transport_class_init (RoughTransportClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = rough_transport_finalize;
}

static void
rough_transport_init (RoughTransport *self)
{
}

void
rough_transport_new_pair (const RoughConditions  *conditions,
                          guint32                 seed,
                          RoughTransport        **a,
                          RoughTransport        **b)
{
  *a = g_object_new (ROUGH_TYPE_TRANSPORT, NULL);
  *b = g_object_new (ROUGH_TYPE_TRANSPORT, NULL);
  (*a)->out = pipe_new (conditions, seed, "192.0.2.1", "192.0.2.2");
  (*b)->out = pipe_new (conditions, ~seed, "192.0.2.2", "192.0.2.1");
  (*a)->in = pipe_ref ((*b)->out);
  (*b)->in = pipe_ref ((*a)->out);
}

GSocketAddress *
rough_transport_get_address (RoughTransport *self)
{
  return g_object_ref (self->out->from);
}

static guint
get_count (Pipe  *pipe,
           guint *count)
{
  guint n;

  g_mutex_lock (&pipe->lock);
  n = *count;
  g_mutex_unlock (&pipe->lock);
  return n;
}

guint
rough_transport_get_n_lost (RoughTransport *self)
{
  return get_count (self->out, &self->out->n_lost);
}

guint
rough_transport_get_n_late (RoughTransport *self)
{
  return get_count (self->out, &self->out->n_late);
}
