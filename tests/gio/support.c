/*
 * SPDX-License-Identifier: MIT
 *
 * support.c: what the tests of the GObject layer share
 */
#include "support.h"

#include <string.h>
#include <unistd.h>

SrudpEndpoint *
make_endpoint_at (const char *ip)
{
  g_autoptr (GSocketAddress) local =
    g_inet_socket_address_new_from_string (ip, 0);
  g_autoptr (GError) error = NULL;
  SrudpEndpoint *endpoint = srudp_endpoint_new (local, NULL, &error);

  g_assert_no_error (error);
  return endpoint;
}

SrudpEndpoint *
make_endpoint (void)
{
  return make_endpoint_at ("127.0.0.1");
}

GSocketAddress *
get_address (SrudpEndpoint *endpoint)
{
  g_autoptr (GError) error = NULL;
  GSocketAddress *address =
    srudp_endpoint_get_local_address (endpoint, &error);

  g_assert_no_error (error);
  return address;
}

SrudpConnection *
make_connection (SrudpEndpoint *from,
                 SrudpEndpoint *to)
{
  g_autoptr (GSocketAddress) address = get_address (to);

  return srudp_connection_new (from, G_SOCKET_CONNECTABLE (address));
}

void
open_now (SrudpConnection *connection)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  gboolean ok = srudp_connection_open (connection, cancellable, &error);

  g_assert_no_error (error);
  g_assert_true (ok);
}

gpointer
open_now_thread (gpointer connection)
{
  open_now (connection);
  return NULL;
}

gboolean
meets_other_peer (SrudpConnection *connection,
                  guint            timeout_ms)
{
  g_autoptr (GError) error = NULL;

  srudp_connection_set_open_timeout (connection, timeout_ms);
  g_assert_false (srudp_connection_open (connection, NULL, &error));
  g_test_message ("%s", error->message);
  return g_error_matches (error, SRUDP_ERROR, SRUDP_ERROR_PEER_IDENTITY);
}

SrudpStream *
open_stream (SrudpConnection *connection)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  SrudpStream *stream =
    srudp_connection_open_stream (connection, cancellable, &error);

  g_assert_no_error (error);
  return stream;
}

SrudpStream *
accept_stream (SrudpConnection *connection)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  SrudpStream *stream =
    srudp_connection_accept_stream (connection, cancellable, &error);

  g_assert_no_error (error);
  return stream;
}

void
wait_delivered (SrudpConnection *connection)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;

  g_assert_true (srudp_connection_wait_delivered (connection, cancellable,
                                                  &error));
  g_assert_no_error (error);
}

guint64
count_unread (SrudpConnection *connection)
{
  g_autoptr (SrudpStats) stats = srudp_connection_dup_stats (connection);

  return srudp_stats_get_unread_bytes (stats);
}

void
expect_window (SrudpConnection *from,
               SrudpConnection *to,
               guint64          n_bytes)
{
  g_autoptr (GBytes) bytes = make_pattern (MEBIBYTE);
  g_autoptr (GCancellable) late = patience ();
  GPollableOutputStream *out = G_POLLABLE_OUTPUT_STREAM (
    g_io_stream_get_output_stream (G_IO_STREAM (from)));

  /* Full, and full still for a while of trying. */
  for (guint n_full = 0; n_full < 20;)
    {
      g_assert_false (g_cancellable_is_cancelled (late));
      g_pollable_output_stream_write_nonblocking (
        out, g_bytes_get_data (bytes, NULL), MEBIBYTE, NULL, NULL);
      run_for (10);
      g_assert_cmpuint (count_unread (to), <=, n_bytes);
      n_full = count_unread (to) == n_bytes ? n_full + 1 : 0;
    }
}

static void
pair_connect (Pair  *pair,
              guint  idle_timeout_ms)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;

  pair->endpoint_b = make_endpoint ();
  srudp_endpoint_set_accept_incoming (pair->endpoint_b, TRUE);
  pair->a = make_connection (pair->endpoint_a, pair->endpoint_b);
  if (idle_timeout_ms > 0)
    srudp_connection_set_idle_timeout (pair->a, idle_timeout_ms);
  open_now (pair->a);
  pair->b = srudp_endpoint_accept (pair->endpoint_b, cancellable, &error);
  g_assert_no_error (error);

  pair->in_a = g_io_stream_get_input_stream (G_IO_STREAM (pair->a));
  pair->in_b = g_io_stream_get_input_stream (G_IO_STREAM (pair->b));
  pair->out_a = g_io_stream_get_output_stream (G_IO_STREAM (pair->a));
  pair->out_b = g_io_stream_get_output_stream (G_IO_STREAM (pair->b));
}

void
pair_set_up (Pair *pair)
{
  pair->endpoint_a = make_endpoint ();
  pair_connect (pair, 0);
}

void
pair_set_up_fragile (Pair  *pair,
                     guint  idle_timeout_ms)
{
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GError) error = NULL;

  pair->transport = fragile_transport_new ();
  local = fragile_transport_get_address (pair->transport);
  pair->endpoint_a = srudp_endpoint_new_for_transport (
    G_DATAGRAM_BASED (pair->transport), local, NULL, &error);
  g_assert_no_error (error);
  pair_connect (pair, idle_timeout_ms);
}

void
pair_tear_down (Pair *pair)
{
  g_clear_object (&pair->a);
  g_clear_object (&pair->b);
  g_clear_object (&pair->endpoint_a);
  g_clear_object (&pair->endpoint_b);
  g_clear_object (&pair->transport);
}

/* One thread for all of them: a test must not hang, even without any loop. */

typedef struct
{
  GMutex lock;
  GCond cond;
  GQueue waiting; /* of Patience */
} Watchdog;

typedef struct
{
  GWeakRef cancellable;
  gint64 until_us;
} Patience;

static Watchdog watchdog;

static gpointer
watchdog_main (gpointer data)
{
  for (;;)
    {
      g_autoptr (GCancellable) cancellable = NULL;
      Patience *patience;

      g_mutex_lock (&watchdog.lock);
      while (g_queue_is_empty (&watchdog.waiting))
        g_cond_wait (&watchdog.cond, &watchdog.lock);
      patience = g_queue_pop_head (&watchdog.waiting);
      g_mutex_unlock (&watchdog.lock);

      while (g_get_monotonic_time () < patience->until_us)
        {
          cancellable = g_weak_ref_get (&patience->cancellable);
          if (cancellable == NULL)
            break;
          g_clear_object (&cancellable);
          g_usleep (20 * 1000);
        }
      cancellable = g_weak_ref_get (&patience->cancellable);
      if (cancellable != NULL)
        g_cancellable_cancel (cancellable);
      g_weak_ref_clear (&patience->cancellable);
      g_free (patience);
    }
  return NULL;
}

GCancellable *
patience (void)
{
  static gsize started = 0;
  GCancellable *cancellable = g_cancellable_new ();
  Patience *entry = g_new0 (Patience, 1);

  if (g_once_init_enter (&started))
    {
      g_thread_unref (g_thread_new ("watchdog", watchdog_main, NULL));
      g_once_init_leave (&started, 1);
    }

  g_weak_ref_init (&entry->cancellable, cancellable);
  entry->until_us = g_get_monotonic_time () + PATIENCE_MS * 1000;
  g_mutex_lock (&watchdog.lock);
  g_queue_push_tail (&watchdog.waiting, entry);
  g_cond_signal (&watchdog.cond);
  g_mutex_unlock (&watchdog.lock);
  return cancellable;
}

static gboolean
set_flag_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

void
run_until_set (gpointer *pointer)
{
  gboolean late = FALSE;
  guint id = g_timeout_add (PATIENCE_MS, set_flag_cb, &late);

  while (*pointer == NULL && !late)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (late);
  g_source_remove (id);
}

void
run_for (guint ms)
{
  gboolean over = FALSE;

  g_timeout_add (ms, set_flag_cb, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

void
store_result_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  GAsyncResult **stored = user_data;

  /* Exactly once. */
  g_assert_null (*stored);
  *stored = g_object_ref (result);
}

gboolean
run_in_own_process (void)
{
  if (g_test_subprocess ())
    return FALSE;

  g_test_trap_subprocess (NULL, PATIENCE_MS * G_GINT64_CONSTANT (2000), 0);
  g_test_trap_assert_passed ();
  return TRUE;
}

GBytes *
make_pattern (gsize size)
{
  guint8 *data = g_malloc (size);
  guint32 state = 1;

  for (gsize i = 0; i < size; i++)
    {
      state = state * 1664525 + 1013904223;
      data[i] = (guint8) (state >> 24);
    }
  return g_bytes_new_take (data, size);
}

void
write_text (GOutputStream *stream,
            const char    *text)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (stream, text, strlen (text), NULL, cancellable,
                             &error);
  g_assert_no_error (error);
}

void
expect_text (GInputStream *stream,
             const char   *text)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  g_autofree char *buffer = g_malloc0 (strlen (text) + 1);

  g_input_stream_read_all (stream, buffer, strlen (text), NULL, cancellable,
                           &error);
  g_assert_no_error (error);
  g_assert_cmpstr (buffer, ==, text);
}

void
expect_bytes (GInputStream *stream,
              GBytes       *bytes)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  gsize size = g_bytes_get_size (bytes), n_read;
  g_autofree guint8 *buffer = g_malloc (size);

  g_input_stream_read_all (stream, buffer, size, &n_read, cancellable,
                           &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_read, ==, size);
  g_assert_true (memcmp (buffer, g_bytes_get_data (bytes, NULL), size) == 0);
}

void
expect_eof (GInputStream *stream)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  char byte;
  gssize n = g_input_stream_read (stream, &byte, 1, cancellable, &error);

  g_assert_no_error (error);
  g_assert_cmpint (n, ==, 0);
}

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  g_assert_nonnull (dir);
  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

guint
count_threads (void)
{
  return count_entries ("/proc/self/task");
}

guint
count_fds (void)
{
  return count_entries ("/proc/self/fd");
}

gsize
get_resident_size (void)
{
  g_autofree char *text = NULL;
  guint64 pages = 0;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  pages = g_ascii_strtoull (strchr (text, ' '), NULL, 10);
  return (gsize) pages * (gsize) sysconf (_SC_PAGESIZE);
}
