/*
 * SPDX-License-Identifier: MIT
 *
 * test-client-soup.c: HTTP and WebSockets over a connection
 *
 * The server is libsoup's. Its client can only be given a host to connect to,
 * so that the requests are written here by hand.
 */
#include "client-support.h"

#include <libsoup/soup.h>
#include <string.h>

#define N_MESSAGES 100

/* HTTP */

static void
file_cb (SoupServer        *server,
         SoupServerMessage *message,
         const char        *path,
         GHashTable        *query,
         gpointer           user_data)
{
  GBytes *bytes = user_data;
  SoupMessageBody *body = soup_server_message_get_response_body (message);

  if (soup_server_message_get_method (message) == SOUP_METHOD_PUT)
    {
      g_autoptr (GBytes) request = soup_message_body_flatten (
        soup_server_message_get_request_body (message));

      g_assert_true (g_bytes_equal (request, bytes));
    }
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_message_body_append_bytes (body, bytes);
}

typedef struct
{
  Link *link;
  GBytes *file;
  gboolean put;
} Request;

static gsize
read_head (GDataInputStream *lines)
{
  gsize length = 0;

  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *line = g_data_input_stream_read_line (lines, NULL, NULL,
                                                             &error);

      g_assert_no_error (error);
      g_assert_nonnull (line);
      if (*line == '\0')
        return length;
      if (g_ascii_strncasecmp (line, "Content-Length:", 15) == 0)
        length = (gsize) g_ascii_strtoull (line + 15, NULL, 10);
    }
}

static void
send_request (Request *request)
{
  gsize size = request->put ? g_bytes_get_size (request->file) : 0;
  g_autofree char *head = g_strdup_printf (
    "%s /file HTTP/1.1\r\nHost: example.org\r\n"
    "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n",
    request->put ? "PUT" : "GET", size);
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (request->link->out_a, head, strlen (head), NULL,
                             NULL, &error);
  g_assert_no_error (error);
  g_output_stream_write_all (request->link->out_a,
                             g_bytes_get_data (request->file, NULL), size,
                             NULL, NULL, &error);
  g_assert_no_error (error);
}

static gpointer
request_thread (gpointer data)
{
  Request *request = data;
  g_autoptr (GDataInputStream) lines =
    g_data_input_stream_new (request->link->in_a);
  g_autoptr (GError) error = NULL;
  g_autofree char *body = NULL;
  gsize size, n_read;
  gconstpointer expected = g_bytes_get_data (request->file, &size);

  g_data_input_stream_set_newline_type (lines,
                                        G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
  send_request (request);
  g_assert_cmpuint (read_head (lines), ==, size);
  body = g_malloc (size);
  g_input_stream_read_all (G_INPUT_STREAM (lines), body, size, &n_read, NULL,
                           &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_read, ==, size);
  g_assert_cmpint (memcmp (body, expected, size), ==, 0);
  return NULL;
}

static SoupServer *
serve (Link   *link,
       GBytes *file)
{
  SoupServer *server = soup_server_new (NULL, NULL);
  g_autoptr (GSocketAddress) local =
    srudp_connection_get_local_address (link->b, NULL);
  g_autoptr (GSocketAddress) remote =
    srudp_connection_get_remote_address (link->b, NULL);
  g_autoptr (GError) error = NULL;

  soup_server_add_handler (server, "/file", file_cb, file, NULL);
  soup_server_accept_iostream (server, link->stream_b, local, remote, &error);
  g_assert_no_error (error);
  return server;
}

static void
test_request (Link     *link,
              gboolean  put)
{
  gsize size = 10 * MEBIBYTE;
  g_autoptr (GBytes) file = client_make_bytes (size, 8);
  g_autoptr (SoupServer) server = serve (link, file);
  Request request = { link, file, put };

  client_run_thread (request_thread, &request);
  soup_server_disconnect (server);
}

static void
test_get (Link *link)
{
  test_request (link, FALSE);
}

static void
test_put (Link *link)
{
  test_request (link, TRUE);
}

/* WebSockets: both ends are libsoup's, after its handshake over the stream. */

typedef struct
{
  guint n_messages;
  gsize n_bytes;
  gboolean mirror;
  gpointer done;
} Talk;

static void
message_cb (SoupWebsocketConnection *socket,
            int                      type,
            GBytes                  *message,
            gpointer                 user_data)
{
  Talk *talk = user_data;

  if (talk->mirror)
    {
      soup_websocket_connection_send_message (socket, type, message);
      return;
    }
  g_assert_cmpuint (g_bytes_get_size (message), ==,
                    talk->n_messages * 1000);
  talk->n_messages++;
  if (talk->n_messages == N_MESSAGES)
    talk->done = talk;
}

static void
closed_cb (SoupWebsocketConnection *socket,
           gpointer                 user_data)
{
  *(gpointer *) user_data = socket;
}

static void
error_cb (SoupWebsocketConnection *socket,
          GError                  *error,
          gpointer                 user_data)
{
  g_assert_no_error (error);
}

static SoupWebsocketConnection *
make_socket (GIOStream                   *stream,
             SoupWebsocketConnectionType  type,
             Talk                        *talk,
             gpointer                    *closed)
{
  g_autoptr (GUri) uri = g_uri_parse ("ws://example.org/", G_URI_FLAGS_NONE,
                                      NULL);
  SoupWebsocketConnection *socket =
    soup_websocket_connection_new (stream, uri, type, NULL, NULL, NULL);

  g_signal_connect (socket, "message", G_CALLBACK (message_cb), talk);
  g_signal_connect (socket, "closed", G_CALLBACK (closed_cb), closed);
  g_signal_connect (socket, "error", G_CALLBACK (error_cb), NULL);
  return socket;
}

static void
test_websocket (Link *link)
{
  Talk talk_a = { 0 }, talk_b = { .mirror = TRUE };
  gpointer closed_a = NULL, closed_b = NULL;
  g_autoptr (SoupWebsocketConnection) a = make_socket (
    link->stream_a, SOUP_WEBSOCKET_CONNECTION_CLIENT, &talk_a, &closed_a);
  g_autoptr (SoupWebsocketConnection) b = make_socket (
    link->stream_b, SOUP_WEBSOCKET_CONNECTION_SERVER, &talk_b, &closed_b);

  for (guint i = 0; i < N_MESSAGES; i++)
    {
      g_autoptr (GBytes) message = client_make_bytes (i * 1000, i);

      soup_websocket_connection_send_message (
        a, SOUP_WEBSOCKET_DATA_BINARY, message);
    }
  client_run_until (&talk_a.done);
  soup_websocket_connection_close (a, SOUP_WEBSOCKET_CLOSE_NORMAL, "enough");
  client_run_until (&closed_a);
  client_run_until (&closed_b);
  g_assert_cmpint (soup_websocket_connection_get_close_code (b), ==,
                   SOUP_WEBSOCKET_CLOSE_NORMAL);
  g_assert_cmpstr (soup_websocket_connection_get_close_data (b), ==,
                   "enough");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  client_add ("/http/get", test_get);
  client_add ("/http/put", test_put);
  client_add ("/websocket", test_websocket);

  return g_test_run ();
}
