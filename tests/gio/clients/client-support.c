/*
 * SPDX-License-Identifier: MIT
 *
 * client-support.c: what the tests with other libraries share
 */
#include "client-support.h"

#include "sanitizers.h"

/* No test may hang. */
#define QUICK_LIMIT_S 200
#define SLOW_LIMIT_S 1200
/* In the rough network tests wait rather than work. */
#define SIDE_BY_SIDE 3

static const RoughConditions conditions[] = {
  { .name = "good" },
  { .name = "rough", .loss = 0.01, .delay_ms = 20 },
};

typedef struct
{
  ClientFunc func;
  const RoughConditions *conditions;
} Client;

typedef struct
{
  Client *client;
  guint32 seed;
} Repetition;

/* The one that sees to it that nothing hangs */

typedef struct
{
  GMutex lock;
  GCond cond;
  gboolean over;
  GThread *thread;
} Watchdog;

static gpointer
watchdog_main (gpointer data)
{
  Watchdog *self = data;
  guint limit_s = g_test_slow () ? SLOW_LIMIT_S : QUICK_LIMIT_S;
  gint64 until_us = g_get_monotonic_time () + limit_s * G_TIME_SPAN_SECOND;

  g_mutex_lock (&self->lock);
  while (!self->over)
    if (!g_cond_wait_until (&self->cond, &self->lock, until_us)
        && !self->over)
      g_error ("the test takes longer than %u s", limit_s);
  g_mutex_unlock (&self->lock);
  return NULL;
}

static void
watchdog_start (Watchdog *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->over = FALSE;
  self->thread = g_thread_new ("watchdog", watchdog_main, self);
}

static void
watchdog_stop (Watchdog *self)
{
  g_mutex_lock (&self->lock);
  self->over = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
  g_thread_join (self->thread);
  g_cond_clear (&self->cond);
  g_mutex_clear (&self->lock);
}

/* A connection */

static SrudpEndpoint *
make_endpoint (RoughTransport *transport)
{
  g_autoptr (GSocketAddress) address = rough_transport_get_address (transport);
  g_autoptr (GError) error = NULL;
  SrudpEndpoint *endpoint = srudp_endpoint_new_for_transport (
    G_DATAGRAM_BASED (transport), address, NULL, &error);

  g_assert_no_error (error);
  return endpoint;
}

static void
link_set_up (Link                  *link,
             const RoughConditions *network,
             guint32                seed)
{
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  link->rough = network->loss > 0;
  rough_transport_new_pair (network, seed, &link->transport_a,
                            &link->transport_b);
  link->endpoint_a = make_endpoint (link->transport_a);
  link->endpoint_b = make_endpoint (link->transport_b);
  srudp_endpoint_set_accept_incoming (link->endpoint_b, TRUE);
  address = rough_transport_get_address (link->transport_b);
  link->a = srudp_endpoint_connect_to (link->endpoint_a,
                                       G_SOCKET_CONNECTABLE (address), NULL,
                                       &error);
  g_assert_no_error (error);
  link->b = srudp_endpoint_accept (link->endpoint_b, NULL, &error);
  g_assert_no_error (error);

  link->stream_a = G_IO_STREAM (link->a);
  link->stream_b = G_IO_STREAM (link->b);
  link->in_a = g_io_stream_get_input_stream (link->stream_a);
  link->in_b = g_io_stream_get_input_stream (link->stream_b);
  link->out_a = g_io_stream_get_output_stream (link->stream_a);
  link->out_b = g_io_stream_get_output_stream (link->stream_b);
}

static void
link_tear_down (Link *link)
{
  g_clear_object (&link->a);
  g_clear_object (&link->b);
  g_clear_object (&link->endpoint_a);
  g_clear_object (&link->endpoint_b);
  g_clear_object (&link->transport_a);
  g_clear_object (&link->transport_b);
}

static gpointer
repetition_thread (gpointer data)
{
  Repetition *repetition = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  Link link = { 0 };

  g_main_context_push_thread_default (context);
  link_set_up (&link, repetition->client->conditions, repetition->seed);
  repetition->client->func (&link);
  link_tear_down (&link);
  while (g_main_context_iteration (context, FALSE))
    {
    }
  g_main_context_pop_thread_default (context);
  return NULL;
}

static guint
repeat (Client *client,
        guint   n)
{
  Repetition repetitions[SIDE_BY_SIDE];
  GThread *threads[SIDE_BY_SIDE];

  n = MIN (n, client->conditions->loss > 0 ? SIDE_BY_SIDE : 1);
  for (guint i = 0; i < n; i++)
    {
      repetitions[i] = (Repetition) { client, g_test_rand_int () };
      threads[i] = g_thread_new ("repetition", repetition_thread,
                                 &repetitions[i]);
    }
  for (guint i = 0; i < n; i++)
    g_thread_join (threads[i]);
  return n;
}

static void
run_client (gconstpointer data)
{
  Client *client = (Client *) data;
#ifdef WITH_TSAN
  guint n_left = 1; /* takes ten times as long */
#else
  guint n_left = g_test_slow () ? 20 : 3;
#endif
  Watchdog watchdog;

  watchdog_start (&watchdog);
  while (n_left > 0)
    n_left -= repeat (client, n_left);
  watchdog_stop (&watchdog);
}

void
client_add (const char *path,
            ClientFunc  func)
{
  for (guint i = 0; i < G_N_ELEMENTS (conditions); i++)
    {
      g_autofree char *full = g_strdup_printf ("/%s%s", conditions[i].name,
                                               path);
      Client *client = g_new (Client, 1);

      *client = (Client) { func, &conditions[i] };
      g_test_add_data_func_full (full, client, run_client, g_free);
    }
}

gsize
client_size (const Link *link,
             gsize       full,
             gsize       rough)
{
  return link->rough && !g_test_slow () ? rough : full;
}

void
client_run_until (gpointer *pointer)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  while (g_atomic_pointer_get (pointer) == NULL)
    g_main_context_iteration (context, TRUE);
}

typedef struct
{
  GThreadFunc func;
  gpointer data;
  GMainContext *context;
  gpointer done;
} Aside;

static gpointer
aside_thread (gpointer data)
{
  Aside *aside = data;

  aside->func (aside->data);
  g_atomic_pointer_set (&aside->done, aside);
  g_main_context_wakeup (aside->context);
  return NULL;
}

void
client_run_thread (GThreadFunc func,
                   gpointer    data)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  Aside aside = { func, data, context, NULL };
  GThread *thread = g_thread_new ("aside", aside_thread, &aside);

  client_run_until (&aside.done);
  g_thread_join (thread);
}

void
client_store_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  GAsyncResult **stored = user_data;

  /* Exactly once. */
  g_assert_null (*stored);
  *stored = g_object_ref (result);
}

GBytes *
client_make_bytes (gsize   size,
                   guint32 seed)
{
  guint32 *words = g_malloc (size + sizeof (guint32));

  for (gsize i = 0; i <= size / sizeof (guint32); i++)
    {
      seed = seed * 1664525 + 1013904223;
      words[i] = seed;
    }
  return g_bytes_new_take (words, size);
}
