/*
 * SPDX-License-Identifier: MIT
 *
 * test-client-streams.c: GIO's own stream classes over a connection: lines,
 * splicing, compression
 */
#include "client-support.h"

#include <string.h>

#define N_LINES 2000

/* Lines */

static char *
make_line (guint i)
{
  g_autofree char *tail = g_strnfill (i % 100, 'x');

  return g_strdup_printf ("line %u %s", i, tail);
}

static gpointer
write_lines_thread (gpointer data)
{
  g_autoptr (GDataOutputStream) stream = g_data_output_stream_new (data);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N_LINES; i++)
    {
      g_autofree char *line = make_line (i);
      g_autofree char *ended = g_strconcat (line, "\r\n", NULL);

      g_data_output_stream_put_string (stream, ended, NULL, &error);
      g_assert_no_error (error);
    }
  g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  return NULL;
}

static GDataInputStream *
make_line_reader (GInputStream *stream)
{
  GDataInputStream *lines = g_data_input_stream_new (stream);

  g_data_input_stream_set_newline_type (lines,
                                        G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
  return lines;
}

static void
test_lines_sync (Link *link)
{
  GThread *writer = g_thread_new ("lines", write_lines_thread, link->out_a);
  g_autoptr (GDataInputStream) lines = make_line_reader (link->in_b);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N_LINES; i++)
    {
      g_autofree char *expected = make_line (i);
      g_autofree char *line =
        g_data_input_stream_read_line (lines, NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (line, ==, expected);
    }
  g_assert_null (g_data_input_stream_read_line (lines, NULL, NULL, &error));
  g_assert_no_error (error);
  g_thread_join (writer);
}

static char *
read_line_async (GDataInputStream *lines)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char *line;

  g_data_input_stream_read_line_async (lines, G_PRIORITY_DEFAULT, NULL,
                                       client_store_cb, &result);
  client_run_until ((gpointer *) &result);
  line = g_data_input_stream_read_line_finish (lines, result, NULL, &error);
  g_assert_no_error (error);
  return line;
}

static void
test_lines_async (Link *link)
{
  GThread *writer = g_thread_new ("lines", write_lines_thread, link->out_a);
  g_autoptr (GDataInputStream) lines = make_line_reader (link->in_b);

  for (guint i = 0; i < N_LINES; i++)
    {
      g_autofree char *expected = make_line (i);
      g_autofree char *line = read_line_async (lines);

      g_assert_cmpstr (line, ==, expected);
    }
  g_assert_null (read_line_async (lines));
  g_thread_join (writer);
}

/* Splicing: what goes out of a memory stream comes into another. */

typedef struct
{
  GOutputStream *to;
  GInputStream *from;
} Splice;

/* To both sides at once, and from both sides. */
#define N_SPLICES 4

static void
begin_splices (Link   *link,
               GBytes *bytes_a,
               GBytes *bytes_b,
               Splice  splices[N_SPLICES])
{
  splices[0].to = g_object_ref (link->out_a);
  splices[0].from = g_memory_input_stream_new_from_bytes (bytes_a);
  splices[1].to = g_object_ref (link->out_b);
  splices[1].from = g_memory_input_stream_new_from_bytes (bytes_b);
  splices[2].to = g_memory_output_stream_new_resizable ();
  splices[2].from = g_object_ref (link->in_a);
  splices[3].to = g_memory_output_stream_new_resizable ();
  splices[3].from = g_object_ref (link->in_b);
}

static gpointer
splice_thread (gpointer data)
{
  Splice *splice = data;
  g_autoptr (GError) error = NULL;

  g_output_stream_splice (splice->to, splice->from,
                          G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, &error);
  g_assert_no_error (error);
  return NULL;
}

static void
expect_memory (GOutputStream *stream,
               GBytes        *expected)
{
  GMemoryOutputStream *memory = G_MEMORY_OUTPUT_STREAM (stream);
  gsize size;
  gconstpointer data = g_bytes_get_data (expected, &size);

  g_assert_cmpuint (g_memory_output_stream_get_data_size (memory), ==, size);
  g_assert_cmpint (
    memcmp (g_memory_output_stream_get_data (memory), data, size), ==, 0);
}

static void
end_splices (Splice  splices[N_SPLICES],
             GBytes *bytes_a,
             GBytes *bytes_b)
{
  expect_memory (splices[2].to, bytes_b);
  expect_memory (splices[3].to, bytes_a);
  for (guint i = 0; i < N_SPLICES; i++)
    {
      g_object_unref (splices[i].to);
      g_object_unref (splices[i].from);
    }
}

static void
test_splice_sync (Link *link)
{
  gsize size = client_size (link, 100 * MEBIBYTE, 10 * MEBIBYTE);
  g_autoptr (GBytes) bytes_a = client_make_bytes (size, 1);
  g_autoptr (GBytes) bytes_b = client_make_bytes (size, 2);
  Splice splices[N_SPLICES];
  GThread *threads[N_SPLICES];

  begin_splices (link, bytes_a, bytes_b, splices);
  for (guint i = 0; i < N_SPLICES; i++)
    threads[i] = g_thread_new ("splice", splice_thread, &splices[i]);
  for (guint i = 0; i < N_SPLICES; i++)
    g_thread_join (threads[i]);
  end_splices (splices, bytes_a, bytes_b);
}

static void
test_splice_async (Link *link)
{
  gsize size = client_size (link, 20 * MEBIBYTE, 10 * MEBIBYTE);
  g_autoptr (GBytes) bytes_a = client_make_bytes (size, 3);
  g_autoptr (GBytes) bytes_b = client_make_bytes (size, 4);
  Splice splices[N_SPLICES];
  GAsyncResult *results[N_SPLICES] = { NULL };

  begin_splices (link, bytes_a, bytes_b, splices);
  for (guint i = 0; i < N_SPLICES; i++)
    g_output_stream_splice_async (splices[i].to, splices[i].from,
                                  G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
                                  G_PRIORITY_DEFAULT, NULL, client_store_cb,
                                  &results[i]);
  for (guint i = 0; i < N_SPLICES; i++)
    {
      g_autoptr (GError) error = NULL;

      client_run_until ((gpointer *) &results[i]);
      g_output_stream_splice_finish (splices[i].to, results[i], &error);
      g_assert_no_error (error);
      g_clear_object (&results[i]);
    }
  end_splices (splices, bytes_a, bytes_b);
}

/* Compression on the way */

static void
test_zlib (Link *link)
{
  gsize size = client_size (link, 4 * MEBIBYTE, 4 * MEBIBYTE);
  g_autoptr (GBytes) bytes = client_make_bytes (size, 5);
  g_autoptr (GConverter) packer = G_CONVERTER (
    g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 1));
  g_autoptr (GConverter) unpacker = G_CONVERTER (
    g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  g_autoptr (GOutputStream) packed =
    g_converter_output_stream_new (link->out_a, packer);
  g_autoptr (GInputStream) unpacked =
    g_converter_input_stream_new (link->in_b, unpacker);
  g_autoptr (GInputStream) from = g_memory_input_stream_new_from_bytes (bytes);
  g_autoptr (GOutputStream) to = g_memory_output_stream_new_resizable ();
  Splice send = { packed, from }, receive = { to, unpacked };
  GThread *sender = g_thread_new ("send", splice_thread, &send);
  GThread *receiver = g_thread_new ("receive", splice_thread, &receive);

  g_thread_join (sender);
  g_thread_join (receiver);
  expect_memory (to, bytes);
}

/* The network of these tests is what it says it is. */

static void
test_network (Link *link)
{
  gsize size = 2 * MEBIBYTE;
  g_autoptr (GBytes) bytes = client_make_bytes (size, 6);
  g_autoptr (GInputStream) from = g_memory_input_stream_new_from_bytes (bytes);
  g_autoptr (GOutputStream) to = g_memory_output_stream_new_resizable ();
  Splice send = { link->out_a, from }, receive = { to, link->in_b };
  GThread *sender = g_thread_new ("send", splice_thread, &send);
  g_autoptr (SrudpStats) stats = NULL;

  splice_thread (&receive);
  g_thread_join (sender);
  expect_memory (to, bytes);
  stats = srudp_connection_dup_stats (link->a);
  if (link->rough)
    {
      g_assert_cmpuint (rough_transport_get_n_lost (link->transport_a), >, 0);
      g_assert_cmpuint (srudp_stats_get_min_rtt (stats), >=, 40 * 1000);
    }
  else
    {
      g_assert_cmpuint (rough_transport_get_n_lost (link->transport_a), ==, 0);
    }
}

static void
test_reordering (void)
{
  static const RoughConditions reordering = {
    .name = "reordering", .delay_ms = 5, .reorder = 0.05, .reorder_ms = 5
  };
  RoughTransport *a, *b;
  guint32 at_b = 0, n_before = 0, last = 0;
  GOutputVector out = { &at_b, sizeof at_b };
  GOutputMessage message = { .vectors = &out, .num_vectors = 1 };

  rough_transport_new_pair (&reordering, (guint32) g_test_rand_int (), &a, &b);
  message.address = rough_transport_get_address (b);
  for (guint32 i = 1; i <= 500; i++)
    {
      out.buffer = &i;
      g_assert_cmpint (g_datagram_based_send_messages (G_DATAGRAM_BASED (a),
                                                       &message, 1, 0, 0,
                                                       NULL, NULL),
                       ==, 1);
      g_usleep (50);
    }
  for (guint i = 0; i < 500; i++)
    {
      GInputVector in = { &at_b, sizeof at_b };
      GInputMessage got = { .vectors = &in, .num_vectors = 1 };

      g_assert_true (g_datagram_based_condition_wait (
        G_DATAGRAM_BASED (b), G_IO_IN, G_TIME_SPAN_SECOND, NULL, NULL));
      g_assert_cmpint (g_datagram_based_receive_messages (
                         G_DATAGRAM_BASED (b), &got, 1, 0, 0, NULL, NULL),
                       ==, 1);
      n_before += at_b < last;
      last = at_b;
    }
  g_assert_cmpuint (rough_transport_get_n_late (a), >, 0);
  g_assert_cmpuint (n_before, >, 0);
  g_object_unref (message.address);
  g_object_unref (a);
  g_object_unref (b);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/network/reorders", test_reordering);
  client_add ("/network", test_network);
  client_add ("/lines/blocking", test_lines_sync);
  client_add ("/lines/asynchronous", test_lines_async);
  client_add ("/splice/blocking", test_splice_sync);
  client_add ("/splice/asynchronous", test_splice_async);
  client_add ("/zlib", test_zlib);

  return g_test_run ();
}
