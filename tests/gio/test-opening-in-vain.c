/*
 * SPDX-License-Identifier: MIT
 *
 * test-opening-in-vain.c: what is told of an opening that fails
 */
#include "support.h"

#include <string.h>

static void
test_nobody_there (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpConnection) a = make_connection (endpoint_a, endpoint_b);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) sticky = NULL;
  g_autoptr (SrudpStats) stats = NULL;
  g_autofree char *diagnostics = NULL;

  /* Endpoint b does not accept: it must not even answer. */
  srudp_connection_set_open_timeout (a, 1000);
  g_assert_false (srudp_connection_open (a, NULL, &error));
  g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_PEER_UNREACHABLE);
  g_assert_cmpint (srudp_connection_get_state (a), ==,
                   SRUDP_CONNECTION_STATE_CLOSED);
  sticky = srudp_connection_dup_error (a);
  g_assert_error (sticky, SRUDP_ERROR, SRUDP_ERROR_PEER_UNREACHABLE);
  diagnostics = srudp_connection_dup_diagnostics (a);
  g_assert_nonnull (strstr (diagnostics, sticky->message));
  stats = srudp_connection_dup_stats (a);
  g_assert_cmpuint (srudp_stats_get_addresses_tried (stats), ==, 1);
  g_assert_cmpuint (srudp_stats_get_probes_sent (stats), >, 0);
  g_assert_cmpuint (srudp_stats_get_probes_answered (stats), ==, 0);
}

static void
test_name_not_found (void)
{
  g_autoptr (SrudpEndpoint) endpoint = make_endpoint ();
  g_autoptr (SrudpConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

#ifdef WITH_TSAN
  g_test_skip ("ThreadSanitizer can't see how GThreadPool hands on work");
  return;
#endif

  connection = srudp_endpoint_connect_to_host (endpoint, "srudp.invalid", 1,
                                               NULL, &error);
  g_assert_null (connection);
  g_assert_nonnull (error);
  g_assert_cmpint (error->domain, ==, G_RESOLVER_ERROR);
}

static void
test_own_identity (void)
{
  g_autoptr (SrudpEndpoint) endpoint = make_endpoint ();
  g_autoptr (SrudpConnection) connection = make_connection (endpoint,
                                                            endpoint);
  g_autoptr (GError) error = NULL;

  srudp_connection_set_expected_peer (connection,
                                      srudp_endpoint_get_peer_id (endpoint));
  g_assert_false (srudp_connection_open (connection, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

static void
test_other_peer_than_expected (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpIdentity) identity = srudp_identity_new ();
  gboolean met = FALSE;

  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);
  for (guint ms = 500; !met && ms < PATIENCE_MS; ms *= 4)
    {
      g_autoptr (SrudpConnection) a = make_connection (endpoint_a, endpoint_b);

      srudp_connection_set_expected_peer (
        a, srudp_identity_get_peer_id (identity));
      met = meets_other_peer (a, ms);
    }
  g_assert_true (met);
}

static GError *
wait_for_hint (SrudpConnection *connection)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_MS * 1000;
  GError *hint = NULL;

  while (hint == NULL && g_get_monotonic_time () < end)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
      hint = srudp_connection_dup_hint (connection);
    }
  return hint;
}

/* Somebody else at the peer's address is told of at once, but does not keep the
 * peer from coming there later. */
static void
test_hint_of_other_peer (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpEndpoint) stranger = make_endpoint ();
  g_autoptr (SrudpConnection) a = make_connection (endpoint_a, stranger);
  g_autoptr (GSocketAddress) address_b = get_address (endpoint_b);
  g_autoptr (GAsyncResult) opened = NULL;
  g_autoptr (GError) hint = NULL;
  g_autoptr (GError) error = NULL;

  srudp_endpoint_set_accept_incoming (stranger, TRUE);
  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);
  srudp_connection_set_expected_peer (a, srudp_endpoint_get_peer_id (endpoint_b));
  g_assert_null (srudp_connection_dup_hint (a));
  srudp_connection_open_async (a, NULL, store_result_cb, &opened);
  hint = wait_for_hint (a);
  g_assert_error (hint, SRUDP_ERROR, SRUDP_ERROR_PEER_IDENTITY);
  g_assert_null (opened);

  srudp_connection_add_candidate (a, address_b);
  run_until_set ((gpointer *) &opened);
  g_assert_true (srudp_connection_open_finish (a, opened, &error));
  g_assert_no_error (error);
  g_assert_null (srudp_connection_dup_hint (a));
}

/* Both open to each other, neither accepts strangers, and the key is wrong on
 * one side or on both. */
static void
test_both_open_to_other_peer (gconstpointer data)
{
  gboolean both = GPOINTER_TO_INT (data);
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpIdentity) identity = srudp_identity_new ();
  g_autoptr (SrudpConnection) a = make_connection (endpoint_a, endpoint_b);
  g_autoptr (SrudpConnection) b = make_connection (endpoint_b, endpoint_a);
  g_autoptr (GAsyncResult) opened_a = NULL;
  g_autoptr (GAsyncResult) opened_b = NULL;
  g_autoptr (GError) error_a = NULL;
  g_autoptr (GError) error_b = NULL;

  srudp_connection_set_expected_peer (a,
                                      srudp_identity_get_peer_id (identity));
  if (both)
    srudp_connection_set_expected_peer (
      b, srudp_identity_get_peer_id (identity));
  srudp_connection_set_open_timeout (a, 3000);
  srudp_connection_set_open_timeout (b, 3000);
  srudp_connection_open_async (a, NULL, store_result_cb, &opened_a);
  srudp_connection_open_async (b, NULL, store_result_cb, &opened_b);
  run_until_set ((gpointer *) &opened_a);
  run_until_set ((gpointer *) &opened_b);
  g_assert_false (srudp_connection_open_finish (a, opened_a, &error_a));
  g_assert_false (srudp_connection_open_finish (b, opened_b, &error_b));
  g_assert_error (error_a, SRUDP_ERROR, SRUDP_ERROR_PEER_IDENTITY);
  if (both)
    g_assert_error (error_b, SRUDP_ERROR, SRUDP_ERROR_PEER_IDENTITY);
  else
    /* To this one it looks as if the other did not answer. */
    g_assert_error (error_b, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

static void
handshake_failed_cb (SrudpEndpoint  *endpoint,
                     GSocketAddress *from,
                     const GError   *error,
                     gpointer        user_data)
{
  GError **stored = user_data;

  g_assert_true (G_IS_INET_SOCKET_ADDRESS (from));
  if (*stored == NULL)
    *stored = g_error_copy (error);
}

static void
test_other_application (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpConnection) a = make_connection (endpoint_a, endpoint_b);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) told = NULL;

  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);
  g_signal_connect (endpoint_b, "handshake-failed",
                    G_CALLBACK (handshake_failed_cb), &told);
  srudp_endpoint_set_application_protocol (endpoint_a, "org.example.Chess/1");
  srudp_connection_set_open_timeout (a, PATIENCE_MS);
  g_assert_false (srudp_connection_open (a, NULL, &error));
  g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_APPLICATION_PROTOCOL);

  run_until_set ((gpointer *) &told);
  g_assert_error (told, SRUDP_ERROR, SRUDP_ERROR_APPLICATION_PROTOCOL);
}

static void
test_only_allowed_peers (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpIdentity) identity = srudp_identity_new ();
  g_autoptr (SrudpConnection) refused = make_connection (endpoint_a,
                                                         endpoint_b);
  g_autoptr (SrudpConnection) welcome = make_connection (endpoint_a,
                                                         endpoint_b);
  g_autoptr (GError) error = NULL;

  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);
  srudp_endpoint_allow_peer (endpoint_b,
                             srudp_identity_get_peer_id (identity));
  srudp_connection_set_open_timeout (refused, 500);
  g_assert_false (srudp_connection_open (refused, NULL, &error));
  g_assert_nonnull (error);

  srudp_endpoint_allow_peer (endpoint_b,
                             srudp_endpoint_get_peer_id (endpoint_a));
  open_now (welcome);
}

static void
test_before_opening (void)
{
  g_autoptr (SrudpEndpoint) endpoint = make_endpoint ();
  g_autoptr (SrudpConnection) connection = make_connection (endpoint,
                                                            endpoint);
  GInputStream *input = g_io_stream_get_input_stream (
    G_IO_STREAM (connection));
  g_autoptr (GBytes) datagram = g_bytes_new_static ("x", 1);
  g_autoptr (GError) error = NULL;
  char byte;

  g_assert_cmpint (g_input_stream_read (input, &byte, 1, NULL, &error), ==,
                   -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED);
  g_clear_error (&error);
  g_assert_false (srudp_connection_send_datagram (connection, datagram,
                                                  &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED);
  g_clear_error (&error);
  g_assert_false (srudp_connection_wait_delivered (connection, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED);
  g_assert_null (srudp_connection_get_peer_id (connection));
  g_assert_null (srudp_connection_dup_safety_number (connection));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/opening/nobody-there", test_nobody_there);
  g_test_add_func ("/opening/name-not-found", test_name_not_found);
  g_test_add_func ("/opening/own-identity", test_own_identity);
  g_test_add_func ("/opening/other-peer-than-expected",
                   test_other_peer_than_expected);
  g_test_add_func ("/opening/hint-of-another-peer", test_hint_of_other_peer);
  g_test_add_data_func ("/opening/both-open-one-expects-another",
                        GINT_TO_POINTER (FALSE), test_both_open_to_other_peer);
  g_test_add_data_func ("/opening/both-open-both-expect-another",
                        GINT_TO_POINTER (TRUE), test_both_open_to_other_peer);
  g_test_add_func ("/opening/other-application", test_other_application);
  g_test_add_func ("/opening/only-allowed-peers", test_only_allowed_peers);
  g_test_add_func ("/opening/nothing-works-before", test_before_opening);

  return g_test_run ();
}
