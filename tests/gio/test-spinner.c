/*
 * SPDX-License-Identifier: MIT
 *
 * test-spinner.c: threads that call anything at any time, and callbacks that
 * close, cancel, drop and begin anew inside each other
 *
 * Each connection belongs to one thread, as GIO allows one operation a stream
 * and direction; the others do what may be done from anywhere. Threads leave
 * their contexts now and then, with sources still in them.
 */
#include "support.h"

#define N_THREADS 4
#define N_SLOTS 24
#define QUICK_S 20
#define SLOW_S 300

typedef struct _Spinner Spinner;

typedef struct
{
  GMutex lock;
  SrudpEndpoint *endpoint_a, *endpoint_b;
  GSocketAddress *address_b;
  SrudpConnection *slots[N_SLOTS]; /* under the lock */
  gint64 until_us;
} World;

struct _Spinner
{
  World *world;
  guint index;
  GRand *rand;
  GThread *thread;
  GMainContext *context;
  GPtrArray *pending; /* of Op */
  guint depth;        /* of callbacks that act */
  guint64 n_calls;
  guint n_opened, n_read;
};

typedef enum
{
  OP_ACCEPT,
  OP_OPEN,
  OP_READ,
  OP_WRITE,
  OP_FLUSH,
  OP_CLOSE,
  OP_DELIVERED,
  OP_DATAGRAM,
  OP_OPEN_STREAM,
  OP_ACCEPT_STREAM,
  N_OPS
} OpKind;

/* One asynchronous call */
typedef struct
{
  Spinner *spinner;
  OpKind kind;
  GCancellable *cancellable;
  guint n_calls;
  char buffer[4000];
} Op;

static void act (Spinner *self);

static gboolean
is_mine (Spinner *self,
         guint    slot)
{
  return slot % N_THREADS == self->index;
}

static guint
random_slot (Spinner *self)
{
  return (guint) g_rand_int_range (self->rand, 0, N_SLOTS);
}

static guint
random_slot_of_mine (Spinner *self)
{
  return random_slot (self) / N_THREADS * N_THREADS + self->index;
}

static gboolean
happens_rarely (Spinner *self)
{
  return g_rand_int_range (self->rand, 0, 50) == 0;
}

static SrudpConnection *
take_reference (Spinner *self,
                guint    slot)
{
  SrudpConnection *connection = NULL;

  g_mutex_lock (&self->world->lock);
  g_set_object (&connection, self->world->slots[slot]);
  g_mutex_unlock (&self->world->lock);
  return connection;
}

/* Takes the connection; the one before it is dropped. */
static void
put (Spinner         *self,
     guint            slot,
     SrudpConnection *connection)
{
  SrudpConnection *before;

  g_mutex_lock (&self->world->lock);
  before = self->world->slots[slot];
  self->world->slots[slot] = connection;
  g_mutex_unlock (&self->world->lock);
  g_clear_object (&before);
}

/* Asynchronous calls */

static Op *
op_new (Spinner *self,
        OpKind   kind)
{
  Op *op = g_new0 (Op, 1);

  op->spinner = self;
  op->kind = kind;
  op->cancellable = g_cancellable_new ();
  g_ptr_array_add (self->pending, op);
  return op;
}

static void
finish (Op           *op,
        GObject      *source,
        GAsyncResult *result)
{
  SrudpConnection *connection;
  SrudpStream *stream;
  GBytes *datagram;

  switch (op->kind)
    {
    case OP_ACCEPT:
      connection = srudp_endpoint_accept_finish (SRUDP_ENDPOINT (source),
                                                 result, NULL);
      if (connection != NULL)
        put (op->spinner, random_slot_of_mine (op->spinner), connection);
      break;
    case OP_OPEN:
      op->spinner->n_opened += srudp_connection_open_finish (
        SRUDP_CONNECTION (source), result, NULL);
      break;
    case OP_READ:
      op->spinner->n_read += g_input_stream_read_finish (
                               G_INPUT_STREAM (source), result, NULL)
                             > 0;
      break;
    case OP_WRITE:
      g_output_stream_write_finish (G_OUTPUT_STREAM (source), result, NULL);
      break;
    case OP_FLUSH:
      g_output_stream_flush_finish (G_OUTPUT_STREAM (source), result, NULL);
      break;
    case OP_CLOSE:
      g_io_stream_close_finish (G_IO_STREAM (source), result, NULL);
      break;
    case OP_DELIVERED:
      srudp_connection_wait_delivered_finish (SRUDP_CONNECTION (source),
                                              result, NULL);
      break;
    case OP_DATAGRAM:
      datagram = srudp_connection_receive_datagram_finish (
        SRUDP_CONNECTION (source), result, NULL);
      g_clear_pointer (&datagram, g_bytes_unref);
      break;
    case OP_OPEN_STREAM:
      stream = srudp_connection_open_stream_finish (SRUDP_CONNECTION (source),
                                                    result, NULL);
      g_clear_object (&stream);
      break;
    case OP_ACCEPT_STREAM:
      stream = srudp_connection_accept_stream_finish (
        SRUDP_CONNECTION (source), result, NULL);
      g_clear_object (&stream);
      break;
    case N_OPS:
    default:
      g_assert_not_reached ();
    }
}

static void
op_cb (GObject      *source,
       GAsyncResult *result,
       gpointer      user_data)
{
  Op *op = user_data;
  Spinner *self = op->spinner;

  /* Once, and in its context. */
  g_assert_cmpuint (op->n_calls++, ==, 0);
  g_assert_true (g_thread_self () == self->thread);
  g_assert_true (g_main_context_is_owner (self->context));

  self->n_calls++;
  /* Some look at the result only after they have done something else. */
  if (g_rand_boolean (self->rand))
    act (self);
  finish (op, source, result);
  g_assert_true (g_ptr_array_remove_fast (self->pending, op));
  g_clear_object (&op->cancellable);
  g_free (op);
  act (self);
}

static void
start_on_connection (Spinner         *self,
                     OpKind           kind,
                     SrudpConnection *connection)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  GOutputStream *output =
    g_io_stream_get_output_stream (G_IO_STREAM (connection));
  Op *op = op_new (self, kind);
  gsize size = (gsize) g_rand_int_range (self->rand, 1, sizeof op->buffer);

  switch (kind)
    {
    case OP_READ:
      g_input_stream_read_async (input, op->buffer, size, G_PRIORITY_DEFAULT,
                                 op->cancellable, op_cb, op);
      break;
    case OP_WRITE:
      g_output_stream_write_async (output, op->buffer, size,
                                   G_PRIORITY_DEFAULT, op->cancellable, op_cb,
                                   op);
      break;
    case OP_FLUSH:
      g_output_stream_flush_async (output, G_PRIORITY_DEFAULT,
                                   op->cancellable, op_cb, op);
      break;
    case OP_CLOSE:
      g_io_stream_close_async (G_IO_STREAM (connection), G_PRIORITY_DEFAULT,
                               op->cancellable, op_cb, op);
      break;
    case OP_DELIVERED:
      srudp_connection_wait_delivered_async (connection, op->cancellable,
                                             op_cb, op);
      break;
    case OP_DATAGRAM:
      srudp_connection_receive_datagram_async (connection, op->cancellable,
                                               op_cb, op);
      break;
    case OP_OPEN_STREAM:
      srudp_connection_open_stream_async (connection, op->cancellable, op_cb,
                                          op);
      break;
    case OP_ACCEPT_STREAM:
      srudp_connection_accept_stream_async (connection, op->cancellable,
                                            op_cb, op);
      break;
    case OP_ACCEPT:
    case OP_OPEN:
    case N_OPS:
    default:
      g_assert_not_reached ();
    }
}

static void
start_open (Spinner *self)
{
  SrudpConnection *connection = srudp_connection_new (
    self->world->endpoint_a, G_SOCKET_CONNECTABLE (self->world->address_b));
  Op *op = op_new (self, OP_OPEN);

  srudp_connection_open_async (connection, op->cancellable, op_cb, op);
  put (self, random_slot_of_mine (self), connection);
}

static void
start (Spinner *self)
{
  OpKind kind = (OpKind) g_rand_int_range (self->rand, 0, N_OPS);
  guint slot = random_slot (self);
  g_autoptr (SrudpConnection) connection = NULL;
  Op *op;

  if (self->pending->len > 100)
    return;
  /* Connections live long enough to carry something. */
  if ((kind == OP_OPEN || kind == OP_CLOSE) && !happens_rarely (self))
    return;
  if (kind == OP_OPEN)
    {
      start_open (self);
      return;
    }
  if (kind == OP_ACCEPT)
    {
      op = op_new (self, kind);
      srudp_endpoint_accept_async (self->world->endpoint_b, op->cancellable,
                                   op_cb, op);
      return;
    }
  if (kind <= OP_CLOSE && !is_mine (self, slot))
    return;
  connection = take_reference (self, slot);
  if (connection != NULL)
    start_on_connection (self, kind, connection);
}

/* What may be done from anywhere */

static void
cancel_some (Spinner *self)
{
  Op *op;

  if (self->pending->len == 0)
    return;
  op = g_ptr_array_index (
    self->pending,
    (guint) g_rand_int_range (self->rand, 0, (gint32) self->pending->len));
  if (op->cancellable != NULL)
    g_cancellable_cancel (op->cancellable);
}

static gboolean
source_cb (GObject  *stream,
           gpointer  user_data)
{
  Spinner *self = user_data;

  g_assert_true (g_thread_self () == self->thread);
  self->n_calls++;
  act (self);
  return g_rand_boolean (self->rand);
}

static void
watch (Spinner *self,
       GSource *source)
{
  g_source_set_callback (source, G_SOURCE_FUNC (source_cb), self, NULL);
  if (g_rand_boolean (self->rand))
    g_source_attach (source, self->context);
  if (g_rand_boolean (self->rand))
    g_source_destroy (source);
  g_source_unref (source);
}

static void
use_nonblocking (Spinner         *self,
                 SrudpConnection *connection)
{
  GPollableInputStream *input = G_POLLABLE_INPUT_STREAM (
    g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  GPollableOutputStream *output = G_POLLABLE_OUTPUT_STREAM (
    g_io_stream_get_output_stream (G_IO_STREAM (connection)));
  char buffer[3000] = { 0 };

  switch (g_rand_int_range (self->rand, 0, 4))
    {
    case 0:
      g_pollable_input_stream_read_nonblocking (input, buffer, sizeof buffer,
                                                NULL, NULL);
      break;
    case 1:
      g_pollable_output_stream_write_nonblocking (output, buffer,
                                                  sizeof buffer, NULL, NULL);
      break;
    case 2:
      watch (self, g_pollable_input_stream_create_source (input, NULL));
      break;
    default:
      watch (self, g_pollable_output_stream_create_source (output, NULL));
    }
}

static void
look_around (SrudpConnection *connection)
{
  SrudpStats *stats = srudp_connection_dup_stats (connection);
  GError *error = srudp_connection_dup_error (connection);
  g_autoptr (GBytes) datagram = g_bytes_new_static ("datagram", 8);

  srudp_stats_free (stats);
  g_clear_error (&error);
  srudp_connection_get_state (connection);
  srudp_connection_send_datagram (connection, datagram, NULL);
}

static void
act (Spinner *self)
{
  guint slot = random_slot (self);
  g_autoptr (SrudpConnection) connection = take_reference (self, slot);

  if (self->depth > 3)
    return;
  self->depth++;
  switch (g_rand_int_range (self->rand, 0, 20))
    {
    case 0:
      if (happens_rarely (self))
        put (self, slot, NULL);
      break;
    case 1:
    case 2:
      cancel_some (self);
      break;
    case 3:
    case 4:
    case 5:
      if (connection != NULL)
        use_nonblocking (self, connection);
      break;
    case 6:
      if (connection != NULL)
        look_around (connection);
      break;
    case 7:
      /* Some other thread's context may be told of it. */
      g_main_context_iteration (self->context, FALSE);
      break;
    default:
      start (self);
    }
  self->depth--;
}

/* The threads */

static void
cancel_all (Spinner *self)
{
  gint64 until_us = g_get_monotonic_time () + PATIENCE_MS * 1000;

  self->depth = 100; /* nothing new */
  while (self->pending->len > 0)
    {
      for (guint i = 0; i < self->pending->len; i++)
        {
          Op *op = g_ptr_array_index (self->pending, i);

          g_cancellable_cancel (op->cancellable);
        }
      g_main_context_iteration (self->context, FALSE);
      g_usleep (50);
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
    }
  self->depth = 0;
}

static void
spin_in_a_context (Spinner *self)
{
  gint64 until_us = g_get_monotonic_time () + G_TIME_SPAN_SECOND;

  self->context = g_main_context_new ();
  g_main_context_push_thread_default (self->context);
  while (g_get_monotonic_time () < MIN (until_us, self->world->until_us))
    {
      act (self);
      g_main_context_iteration (self->context, FALSE);
    }
  cancel_all (self);
  g_main_context_pop_thread_default (self->context);
  g_clear_pointer (&self->context, g_main_context_unref);
}

static gpointer
spinner_thread (gpointer data)
{
  Spinner *self = data;

  self->thread = g_thread_self ();
  while (g_get_monotonic_time () < self->world->until_us)
    spin_in_a_context (self);
  return NULL;
}

static void
test_spinner (void)
{
  World world = { 0 };
  Spinner spinners[N_THREADS] = { 0 };
  GThread *threads[N_THREADS];
  guint64 n_calls = 0;
  guint n_opened = 0, n_read = 0;
  guint seconds = g_test_slow () ? SLOW_S : QUICK_S;

  g_mutex_init (&world.lock);
  world.endpoint_a = make_endpoint ();
  world.endpoint_b = make_endpoint ();
  world.address_b = get_address (world.endpoint_b);
  srudp_endpoint_set_accept_incoming (world.endpoint_b, TRUE);
  world.until_us = g_get_monotonic_time () + seconds * G_TIME_SPAN_SECOND;
  for (guint i = 0; i < N_THREADS; i++)
    {
      spinners[i].world = &world;
      spinners[i].index = i;
      spinners[i].rand = g_rand_new_with_seed ((guint32) g_test_rand_int ());
      spinners[i].pending = g_ptr_array_new ();
      threads[i] = g_thread_new ("spinner", spinner_thread, &spinners[i]);
    }
  for (guint i = 0; i < N_THREADS; i++)
    {
      g_thread_join (threads[i]);
      n_calls += spinners[i].n_calls;
      n_opened += spinners[i].n_opened;
      n_read += spinners[i].n_read;
      g_rand_free (spinners[i].rand);
      g_ptr_array_unref (spinners[i].pending);
    }
  for (guint i = 0; i < N_SLOTS; i++)
    g_clear_object (&world.slots[i]);
  g_test_message ("%" G_GUINT64_FORMAT " callbacks, %u connections opened, "
                  "%u times data read", n_calls, n_opened, n_read);
  g_assert_cmpuint (n_calls, >, 100 * seconds);
  g_assert_cmpuint (n_opened, >, seconds);
  g_assert_cmpuint (n_read, >, seconds);

  g_object_unref (world.endpoint_a);
  g_object_unref (world.endpoint_b);
  g_object_unref (world.address_b);
  g_mutex_clear (&world.lock);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/spinner", test_spinner);

  return g_test_run ();
}
