/*
 * SPDX-License-Identifier: MIT
 *
 * test-client-tls.c: TLS over a connection: both ends are GIO's
 */
#include "client-support.h"

#include <string.h>

/* A key and the certificate that it signed for itself, for example.org and
 * until 2126: they protect nothing. */
static const char certificate_pem[] =
  "-----BEGIN CERTIFICATE-----\n"
  "MIIBgjCCASmgAwIBAgIUWaZmjZIuxDhvWA5CZL+ebHXzcOMwCgYIKoZIzj0EAwIw\n"
  "FjEUMBIGA1UEAwwLZXhhbXBsZS5vcmcwIBcNMjYxMTIyMTYyMjA4WhgPMjEyNjEw\n"
  "MjkxNjIyMDhaMBYxFDASBgNVBAMMC2V4YW1wbGUub3JnMFkwEwYHKoZIzj0CAQYI\n"
  "KoZIzj0DAQcDQgAEYMsW41GZ/H4hIWZKStqOxe45i+ACXYJsnFdGW7hz1kf6PGjq\n"
  "J9aDcm6I4dQj9aUCmmb9gwrXrbRDQKAApTcFWqNTMFEwHQYDVR0OBBYEFB5fQBat\n"
  "A0tp31A3mg50dxgNOvpWMB8GA1UdIwQYMBaAFB5fQBatA0tp31A3mg50dxgNOvpW\n"
  "MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgTfiABWUWXQ9EODh8\n"
  "bd7AgJrfzwc/X2J3qI6ZituNHKYCIFWgGxxticK3MxZHGj5T9JuIA83q9I6uMWxf\n"
  "v9gHSCrQ\n"
  "-----END CERTIFICATE-----\n"
  "-----BEGIN PRIVATE KEY-----\n"
  "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgh3aZ5knNqZojGwMx\n"
  "LJyOckjMZX0NpcIVw+PFkyANqHShRANCAARgyxbjUZn8fiEhZkpK2o7F7jmL4AJd\n"
  "gmycV0ZbuHPWR/o8aOon1oNybojh1CP1pQKaZv2DCtettENAoAClNwVa\n"
  "-----END PRIVATE KEY-----\n";

typedef struct
{
  GTlsCertificate *certificate;
  GIOStream *client, *server;
} Tls;

static gboolean
accept_cb (GTlsConnection       *connection,
           GTlsCertificate      *peer,
           GTlsCertificateFlags  errors,
           gpointer              user_data)
{
  return g_tls_certificate_is_same (peer, user_data);
}

static void
tls_set_up (Tls  *tls,
            Link *link)
{
  g_autoptr (GError) error = NULL;

  tls->certificate = g_tls_certificate_new_from_pem (certificate_pem, -1,
                                                     &error);
  g_assert_no_error (error);
  tls->server = g_tls_server_connection_new (link->stream_b, tls->certificate,
                                             &error);
  g_assert_no_error (error);
  tls->client = g_tls_client_connection_new (link->stream_a, NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (tls->client, "accept-certificate",
                    G_CALLBACK (accept_cb), tls->certificate);
}

static void
tls_tear_down (Tls *tls)
{
  g_object_unref (tls->client);
  g_object_unref (tls->server);
  g_object_unref (tls->certificate);
}

/* Full duplex: each end sends and receives at the same time. */

typedef struct
{
  GOutputStream *to;
  GInputStream *from;
} Splice;

static gpointer
write_thread (gpointer data)
{
  Splice *splice = data;
  g_autoptr (GError) error = NULL;

  g_output_stream_splice (splice->to, splice->from,
                          G_OUTPUT_STREAM_SPLICE_NONE, NULL, &error);
  g_assert_no_error (error);
  return NULL;
}

typedef struct
{
  GInputStream *from;
  GBytes *expected;
} Read;

static gpointer
read_thread (gpointer data)
{
  Read *read = data;
  gsize size, n_read;
  gconstpointer expected = g_bytes_get_data (read->expected, &size);
  g_autofree char *buffer = g_malloc (size);
  g_autoptr (GError) error = NULL;

  g_input_stream_read_all (read->from, buffer, size, &n_read, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_read, ==, size);
  g_assert_cmpint (memcmp (buffer, expected, size), ==, 0);
  return NULL;
}

/* The first to close also closes the connection below, and so may be gone
 * before it hears the other's goodbye, which is then refused. */
static void
close_both (Tls *tls)
{
  g_autoptr (GError) error = NULL;

  g_io_stream_close (tls->client, NULL, &error);
  g_assert_no_error (error);
  if (!g_io_stream_close (tls->server, NULL, &error))
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

static void
test_sync (Link *link)
{
  gsize size = 10 * MEBIBYTE;
  g_autoptr (GBytes) bytes_a = client_make_bytes (size, 9);
  g_autoptr (GBytes) bytes_b = client_make_bytes (size, 10);
  g_autoptr (GInputStream) from_a =
    g_memory_input_stream_new_from_bytes (bytes_a);
  g_autoptr (GInputStream) from_b =
    g_memory_input_stream_new_from_bytes (bytes_b);
  GThread *threads[4];
  Tls tls;

  tls_set_up (&tls, link);
  {
    Splice write_a = { g_io_stream_get_output_stream (tls.client), from_a };
    Splice write_b = { g_io_stream_get_output_stream (tls.server), from_b };
    Read read_a = { g_io_stream_get_input_stream (tls.client), bytes_b };
    Read read_b = { g_io_stream_get_input_stream (tls.server), bytes_a };

    threads[0] = g_thread_new ("write", write_thread, &write_a);
    threads[1] = g_thread_new ("write", write_thread, &write_b);
    threads[2] = g_thread_new ("read", read_thread, &read_a);
    threads[3] = g_thread_new ("read", read_thread, &read_b);
    for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
      g_thread_join (threads[i]);
  }
  close_both (&tls);
  tls_tear_down (&tls);
}

static void
handshake_both (Tls *tls)
{
  g_autoptr (GAsyncResult) client = NULL;
  g_autoptr (GAsyncResult) server = NULL;
  g_autoptr (GError) error = NULL;

  g_tls_connection_handshake_async (G_TLS_CONNECTION (tls->client),
                                    G_PRIORITY_DEFAULT, NULL, client_store_cb,
                                    &client);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (tls->server),
                                    G_PRIORITY_DEFAULT, NULL, client_store_cb,
                                    &server);
  client_run_until ((gpointer *) &client);
  client_run_until ((gpointer *) &server);
  g_tls_connection_handshake_finish (G_TLS_CONNECTION (tls->client), client,
                                     &error);
  g_assert_no_error (error);
  g_tls_connection_handshake_finish (G_TLS_CONNECTION (tls->server), server,
                                     &error);
  g_assert_no_error (error);
}

/* TLS knows half-closing since 1.3, but GIO's does not. Who has read all
 * therefore has to know how much that is. */
static void
test_async (Link *link)
{
  gsize size = 10 * MEBIBYTE;
  g_autoptr (GBytes) bytes_a = client_make_bytes (size, 11);
  g_autoptr (GBytes) bytes_b = client_make_bytes (size, 12);
  g_autofree char *buffer_a = g_malloc (size);
  g_autofree char *buffer_b = g_malloc (size);
  GAsyncResult *results[4] = { NULL };
  GOutputStream *out_a, *out_b;
  GInputStream *in_a, *in_b;
  g_autoptr (GError) error = NULL;
  gsize n_read;
  Tls tls;

  tls_set_up (&tls, link);
  handshake_both (&tls);
  out_a = g_io_stream_get_output_stream (tls.client);
  out_b = g_io_stream_get_output_stream (tls.server);
  in_a = g_io_stream_get_input_stream (tls.client);
  in_b = g_io_stream_get_input_stream (tls.server);
  g_output_stream_write_all_async (out_a, g_bytes_get_data (bytes_a, NULL),
                                   size, G_PRIORITY_DEFAULT, NULL,
                                   client_store_cb, &results[0]);
  g_output_stream_write_all_async (out_b, g_bytes_get_data (bytes_b, NULL),
                                   size, G_PRIORITY_DEFAULT, NULL,
                                   client_store_cb, &results[1]);
  g_input_stream_read_all_async (in_a, buffer_a, size, G_PRIORITY_DEFAULT,
                                 NULL, client_store_cb, &results[2]);
  g_input_stream_read_all_async (in_b, buffer_b, size, G_PRIORITY_DEFAULT,
                                 NULL, client_store_cb, &results[3]);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    client_run_until ((gpointer *) &results[i]);

  g_output_stream_write_all_finish (out_a, results[0], NULL, &error);
  g_assert_no_error (error);
  g_output_stream_write_all_finish (out_b, results[1], NULL, &error);
  g_assert_no_error (error);
  g_input_stream_read_all_finish (in_a, results[2], &n_read, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_read, ==, size);
  g_input_stream_read_all_finish (in_b, results[3], &n_read, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_read, ==, size);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    g_object_unref (results[i]);
  g_assert_cmpint (
    memcmp (buffer_a, g_bytes_get_data (bytes_b, NULL), size), ==, 0);
  g_assert_cmpint (
    memcmp (buffer_b, g_bytes_get_data (bytes_a, NULL), size), ==, 0);
  close_both (&tls);
  tls_tear_down (&tls);
}

/* Closing says goodbye within TLS: the other end reads a clean end. */
static void
test_close (Link *link)
{
  g_autoptr (GAsyncResult) closed = NULL;
  g_autoptr (GAsyncResult) read = NULL;
  g_autoptr (GError) error = NULL;
  GInputStream *in;
  char byte;
  Tls tls;

  tls_set_up (&tls, link);
  handshake_both (&tls);
  in = g_io_stream_get_input_stream (tls.server);
  g_io_stream_close_async (tls.client, G_PRIORITY_DEFAULT, NULL,
                           client_store_cb, &closed);
  g_input_stream_read_async (in, &byte, 1, G_PRIORITY_DEFAULT, NULL,
                             client_store_cb, &read);
  client_run_until ((gpointer *) &read);
  g_assert_cmpint (g_input_stream_read_finish (in, read, &error), ==, 0);
  g_assert_no_error (error);
  client_run_until ((gpointer *) &closed);
  g_io_stream_close_finish (tls.client, closed, &error);
  g_assert_no_error (error);
  tls_tear_down (&tls);
}

static void
test_missing (void)
{
  g_test_skip ("glib-networking, GIO's TLS, is not installed");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  if (!g_tls_backend_supports_tls (g_tls_backend_get_default ()))
    {
      g_test_add_func ("/client", test_missing);
      return g_test_run ();
    }

  client_add ("/tls/blocking", test_sync);
  client_add ("/tls/asynchronous", test_async);
  client_add ("/tls/goodbye", test_close);

  return g_test_run ();
}
