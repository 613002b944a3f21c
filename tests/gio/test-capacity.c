/*
 * SPDX-License-Identifier: MIT
 *
 * test-capacity.c: many connections over two ports, and both directions of
 * one at the same time
 */
#include "support.h"

#include <string.h>

#define N_CONNECTIONS 500
/* One end of an idle connection, with all that GObject adds. */
#define MAX_IDLE_BYTES (22 * 1024)

/* How often the threads called so have given up the processor of their own
 * accord: each time something woke them. */
static guint64
count_wakeups (const char *thread_name)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  guint64 sum = 0;
  const char *id;

  while ((id = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", id,
                                                "status", NULL);
      g_autofree char *name = g_strdup_printf ("Name:\t%s\n", thread_name);
      g_autofree char *text = NULL;
      const char *field;

      if (!g_file_get_contents (path, &text, NULL, NULL)
          || !g_str_has_prefix (text, name))
        continue;
      field = strstr (text, "\nvoluntary_ctxt_switches:");
      sum += g_ascii_strtoull (strchr (field, '\t'), NULL, 10);
    }
  return sum;
}

static void
test_many_idle (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (GPtrArray) connections =
    g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;
  guint n_threads = 0;
  gsize size_before = 0, per_connection;
  guint64 n_wakeups;

  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);
  for (guint i = 0; i < N_CONNECTIONS + 20; i++)
    {
      SrudpConnection *a = make_connection (endpoint_a, endpoint_b);
      SrudpConnection *b;

      open_now (a);
      b = srudp_endpoint_accept (endpoint_b, NULL, &error);
      g_assert_no_error (error);
      g_ptr_array_add (connections, a);
      g_ptr_array_add (connections, b);
      /* What is there once doesn't count for each. */
      if (i == 19)
        {
          size_before = get_resident_size ();
          n_threads = count_threads ();
        }
    }
  g_assert_cmpuint (count_threads (), ==, n_threads);

  /* Handshakes come to rest, and so do path MTU searches. */
  g_usleep (4 * G_USEC_PER_SEC);
  per_connection = (get_resident_size () - size_before) / (2 * N_CONNECTIONS);
  n_wakeups = count_wakeups ("srudp");
  g_usleep (4 * G_USEC_PER_SEC);
  n_wakeups = count_wakeups ("srudp") - n_wakeups;
  g_test_message ("%" G_GSIZE_FORMAT " bytes each, %u threads, %"
                  G_GUINT64_FORMAT " wake-ups of the workers in 4 s",
                  per_connection, n_threads, n_wakeups);
#if !defined (WITH_ASAN) && !defined (WITH_TSAN)
  g_assert_cmpuint (per_connection, <=, MAX_IDLE_BYTES);
#endif
  g_assert_cmpuint (n_wakeups, <, N_CONNECTIONS / 10);
}

/* Both directions at once, in blocking calls */

typedef struct
{
  GOutputStream *out;
  GInputStream *in;
  gsize size;
} Way;

static gpointer
write_thread (gpointer data)
{
  static const char block[64 * 1024] = { 0 };
  Way *way = data;
  g_autoptr (GError) error = NULL;

  for (gsize at = 0; at < way->size; at += sizeof block)
    {
      g_output_stream_write_all (way->out, block, sizeof block, NULL, NULL,
                                 &error);
      g_assert_no_error (error);
    }
  return NULL;
}

static gpointer
read_thread (gpointer data)
{
  Way *way = data;
  g_autofree char *buffer = g_malloc (64 * 1024);
  g_autoptr (GError) error = NULL;

  for (gsize at = 0; at < way->size;)
    {
      gssize n = g_input_stream_read (way->in, buffer, 64 * 1024, NULL,
                                      &error);

      g_assert_no_error (error);
      g_assert_cmpint (n, >, 0);
      at += (gsize) n;
    }
  return NULL;
}

/* In bytes a second, the sum of the ways. */
static double
measure (Way   *ways,
         guint  n_ways)
{
  GThread *threads[4];
  gint64 started_us = g_get_monotonic_time ();
  gsize sum = 0;

  for (guint i = 0; i < n_ways; i++)
    {
      threads[2 * i] = g_thread_new ("write", write_thread, &ways[i]);
      threads[2 * i + 1] = g_thread_new ("read", read_thread, &ways[i]);
      sum += ways[i].size;
    }
  for (guint i = 0; i < 2 * n_ways; i++)
    g_thread_join (threads[i]);
  return (double) sum * 1e6 / (double) (g_get_monotonic_time () - started_us);
}

static void
test_full_duplex (void)
{
  Pair pair = { 0 };
  gsize size = (g_test_slow () ? 1000 : 100) * MEBIBYTE;
  double one_way, both_ways;

  pair_set_up (&pair);
  {
    Way warm_up[] = {
      { pair.out_a, pair.in_b, 20 * MEBIBYTE },
      { pair.out_b, pair.in_a, 20 * MEBIBYTE },
    };
    Way ways[] = {
      { pair.out_a, pair.in_b, size },
      { pair.out_b, pair.in_a, size },
    };

    measure (warm_up, 2);
    one_way = measure (ways, 1);
    ways[0].size = ways[1].size = size / 2;
    both_ways = measure (ways, 2);
  }
  g_test_message ("one way %.0f MB/s, both ways %.0f MB/s together",
                  one_way / 1e6, both_ways / 1e6);
  /* Only a long run on an idle machine tells the rates apart. */
  g_assert_cmpfloat (both_ways, >=, (g_test_slow () ? 0.8 : 0.3) * one_way);
  pair_tear_down (&pair);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/capacity/many-idle-connections", test_many_idle);
  g_test_add_func ("/capacity/full-duplex", test_full_duplex);

  return g_test_run ();
}
