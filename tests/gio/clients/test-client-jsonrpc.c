/*
 * SPDX-License-Identifier: MIT
 *
 * test-client-jsonrpc.c: JSON-RPC, as language servers speak it, over a
 * connection
 */
#include "client-support.h"

#include <jsonrpc-glib.h>

#define N_CALLS 200

static gboolean
handle_call_cb (JsonrpcServer *server,
                JsonrpcClient *client,
                const char    *method,
                GVariant      *id,
                GVariant      *params,
                gpointer       user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (method, ==, "mirror");
  jsonrpc_client_reply (client, id, params, NULL, &error);
  g_assert_no_error (error);
  return TRUE;
}

static JsonrpcServer *
serve (Link *link)
{
  JsonrpcServer *server = jsonrpc_server_new ();

  g_signal_connect (server, "handle-call", G_CALLBACK (handle_call_cb), NULL);
  jsonrpc_server_accept_io_stream (server, link->stream_b);
  return server;
}

static GVariant *
make_parameters (guint  i,
                 gsize  length)
{
  g_autofree char *text = g_strnfill (length, (char) ('a' + i % 26));

  return g_variant_new_parsed ("{'number': <%x>, 'text': <%s>}", (gint64) i,
                               text);
}

static void
expect_reply (GVariant *reply,
              guint     i,
              gsize     length)
{
  gint64 number;
  const char *text;

  g_assert_true (g_variant_lookup (reply, "number", "x", &number));
  g_assert_cmpint (number, ==, i);
  g_assert_true (g_variant_lookup (reply, "text", "&s", &text));
  g_assert_cmpuint (strlen (text), ==, length);
}

static void
test_one_by_one (Link *link)
{
  JsonrpcServer *server = serve (link);
  g_autoptr (JsonrpcClient) client = jsonrpc_client_new (link->stream_a);
  guint n = (guint) client_size (link, N_CALLS, 20);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GVariant) reply = NULL;
      gsize length = i == 0 ? MEBIBYTE / 2 : i * 10;

      jsonrpc_client_call_async (client, "mirror", make_parameters (i, length),
                                 NULL, client_store_cb, &result);
      client_run_until ((gpointer *) &result);
      jsonrpc_client_call_finish (client, result, &reply, &error);
      g_assert_no_error (error);
      expect_reply (reply, i, length);
    }
  jsonrpc_client_close (client, NULL, &error);
  g_assert_no_error (error);
  g_object_unref (server);
}

static void
test_all_at_once (Link *link)
{
  JsonrpcServer *server = serve (link);
  g_autoptr (JsonrpcClient) client = jsonrpc_client_new (link->stream_a);
  GAsyncResult *results[N_CALLS] = { NULL };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N_CALLS; i++)
    jsonrpc_client_call_async (client, "mirror", make_parameters (i, i), NULL,
                               client_store_cb, &results[i]);
  for (guint i = 0; i < N_CALLS; i++)
    {
      g_autoptr (GVariant) reply = NULL;

      client_run_until ((gpointer *) &results[i]);
      jsonrpc_client_call_finish (client, results[i], &reply, &error);
      g_assert_no_error (error);
      expect_reply (reply, i, i);
      g_clear_object (&results[i]);
    }
  jsonrpc_client_close (client, NULL, &error);
  g_assert_no_error (error);
  g_object_unref (server);
}

/* The server blocks nobody, but the client does: it has a thread. */

static gpointer
call_thread (gpointer data)
{
  Link *link = data;
  g_autoptr (JsonrpcClient) client = jsonrpc_client_new (link->stream_a);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (GVariant) reply = NULL;

      jsonrpc_client_call (client, "mirror", make_parameters (i, 1000), NULL,
                           &reply, &error);
      g_assert_no_error (error);
      expect_reply (reply, i, 1000);
    }
  jsonrpc_client_close (client, NULL, &error);
  g_assert_no_error (error);
  return NULL;
}

static void
test_blocking (Link *link)
{
  JsonrpcServer *server = serve (link);

  client_run_thread (call_thread, link);
  g_object_unref (server);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  client_add ("/json-rpc/one-by-one", test_one_by_one);
  client_add ("/json-rpc/all-at-once", test_all_at_once);
  client_add ("/json-rpc/blocking", test_blocking);

  return g_test_run ();
}
