/*
 * SPDX-License-Identifier: MIT
 *
 * test-client-load.c: libraries that load something from an input stream
 */
#include "client-support.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <json-glib/json-glib.h>

#define N_NUMBERS 50000
#define PIXELS 400

typedef struct
{
  GOutputStream *stream;
  GBytes *bytes;
} Send;

static gpointer
send_thread (gpointer data)
{
  Send *send = data;
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (send->stream,
                             g_bytes_get_data (send->bytes, NULL),
                             g_bytes_get_size (send->bytes), NULL, NULL,
                             &error);
  g_assert_no_error (error);
  g_output_stream_close (send->stream, NULL, &error);
  g_assert_no_error (error);
  return NULL;
}

/* JSON */

static GBytes *
make_json (void)
{
  GString *text = g_string_new ("{ \"numbers\": [ 0");

  for (guint i = 1; i < N_NUMBERS; i++)
    g_string_append_printf (text, ", %u", i);
  g_string_append (text, " ] }");
  return g_string_free_to_bytes (text);
}

static void
expect_numbers (JsonParser *parser)
{
  JsonObject *object = json_node_get_object (json_parser_get_root (parser));
  JsonArray *numbers = json_object_get_array_member (object, "numbers");

  g_assert_cmpuint (json_array_get_length (numbers), ==, N_NUMBERS);
  for (guint i = 0; i < N_NUMBERS; i++)
    g_assert_cmpint (json_array_get_int_element (numbers, i), ==, i);
}

static void
test_json_sync (Link *link)
{
  g_autoptr (GBytes) json = make_json ();
  Send send = { link->out_a, json };
  GThread *sender = g_thread_new ("send", send_thread, &send);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;

  json_parser_load_from_stream (parser, link->in_b, NULL, &error);
  g_assert_no_error (error);
  expect_numbers (parser);
  g_thread_join (sender);
}

static void
test_json_async (Link *link)
{
  g_autoptr (GBytes) json = make_json ();
  Send send = { link->out_a, json };
  GThread *sender = g_thread_new ("send", send_thread, &send);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  json_parser_load_from_stream_async (parser, link->in_b, NULL,
                                      client_store_cb, &result);
  client_run_until ((gpointer *) &result);
  json_parser_load_from_stream_finish (parser, result, &error);
  g_assert_no_error (error);
  expect_numbers (parser);
  g_thread_join (sender);
}

/* Images */

static GdkPixbuf *
make_image (void)
{
  g_autoptr (GBytes) noise = client_make_bytes (PIXELS * PIXELS * 3, 7);

  return gdk_pixbuf_new_from_bytes (noise, GDK_COLORSPACE_RGB, FALSE, 8,
                                    PIXELS, PIXELS, PIXELS * 3);
}

static GBytes *
save_image (GdkPixbuf *image)
{
  g_autoptr (GError) error = NULL;
  char *png;
  gsize size;

  gdk_pixbuf_save_to_buffer (image, &png, &size, "png", &error,
                             "compression", "1", NULL);
  g_assert_no_error (error);
  return g_bytes_new_take (png, size);
}

static void
expect_image (GdkPixbuf *image,
              GdkPixbuf *expected)
{
  g_autoptr (GBytes) pixels = gdk_pixbuf_read_pixel_bytes (image);
  g_autoptr (GBytes) expected_pixels = gdk_pixbuf_read_pixel_bytes (expected);

  g_assert_cmpint (gdk_pixbuf_get_width (image), ==, PIXELS);
  g_assert_true (g_bytes_equal (pixels, expected_pixels));
}

static void
test_image_sync (Link *link)
{
  g_autoptr (GdkPixbuf) expected = make_image ();
  g_autoptr (GBytes) png = save_image (expected);
  Send send = { link->out_a, png };
  GThread *sender = g_thread_new ("send", send_thread, &send);
  g_autoptr (GdkPixbuf) image = NULL;
  g_autoptr (GError) error = NULL;

  image = gdk_pixbuf_new_from_stream (link->in_b, NULL, &error);
  g_assert_no_error (error);
  expect_image (image, expected);
  g_thread_join (sender);
}

static void
test_image_async (Link *link)
{
  g_autoptr (GdkPixbuf) expected = make_image ();
  g_autoptr (GBytes) png = save_image (expected);
  Send send = { link->out_a, png };
  GThread *sender = g_thread_new ("send", send_thread, &send);
  g_autoptr (GdkPixbuf) image = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  gdk_pixbuf_new_from_stream_async (link->in_b, NULL, client_store_cb,
                                    &result);
  client_run_until ((gpointer *) &result);
  image = gdk_pixbuf_new_from_stream_finish (result, &error);
  g_assert_no_error (error);
  expect_image (image, expected);
  g_thread_join (sender);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  client_add ("/json/blocking", test_json_sync);
  client_add ("/json/asynchronous", test_json_async);
  client_add ("/image/blocking", test_image_sync);
  client_add ("/image/asynchronous", test_image_async);

  return g_test_run ();
}
