/*
 * SPDX-License-Identifier: MIT
 *
 * test-invitation-connect.c: connecting by invitations
 */
#include "support.h"

static SrudpInvitation *
invite_to (SrudpEndpoint     *endpoint,
           const SrudpPeerId *peer_id)
{
  g_autoptr (GSocketAddress) address = get_address (endpoint);

  return srudp_invitation_new (
    peer_id != NULL ? peer_id : srudp_endpoint_get_peer_id (endpoint),
    &address, 1);
}

static void
expect_connected (SrudpConnection *a,
                  SrudpEndpoint   *endpoint_b)
{
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpConnection) b =
    srudp_endpoint_accept (endpoint_b, cancellable, &error);

  g_assert_no_error (error);
  g_assert_true (srudp_peer_id_equal (
    srudp_connection_get_peer_id (a),
    srudp_endpoint_get_peer_id (endpoint_b)));
  write_text (g_io_stream_get_output_stream (G_IO_STREAM (a)), "hello");
  expect_text (g_io_stream_get_input_stream (G_IO_STREAM (b)), "hello");
}

static void
test_connect (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpInvitation) invitation = invite_to (endpoint_b, NULL);
  g_autofree char *text = srudp_invitation_to_string (invitation);
  g_autofree char *pasted = g_strdup_printf (" “%s”\n", text);
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpConnection) by_object = NULL;
  g_autoptr (SrudpConnection) by_text = NULL;
  g_autoptr (SrudpConnection) by_text_async = NULL;

  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);
  by_object = srudp_endpoint_connect_to (
    endpoint_a, G_SOCKET_CONNECTABLE (invitation), cancellable, &error);
  g_assert_no_error (error);
  expect_connected (by_object, endpoint_b);

  by_text = srudp_endpoint_connect_to_host (endpoint_a, pasted, 0, cancellable,
                                            &error);
  g_assert_no_error (error);
  expect_connected (by_text, endpoint_b);

  srudp_endpoint_connect_to_host_async (endpoint_a, text, 0, cancellable,
                                        store_result_cb, &result);
  run_until_set ((gpointer *) &result);
  by_text_async =
    srudp_endpoint_connect_to_host_finish (endpoint_a, result, &error);
  g_assert_no_error (error);
  expect_connected (by_text_async, endpoint_b);
}

/* Neither side accepts strangers. */
static void
test_both_have_one (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpInvitation) to_a = invite_to (endpoint_a, NULL);
  g_autoptr (SrudpInvitation) to_b = invite_to (endpoint_b, NULL);
  g_autoptr (SrudpConnection) a =
    srudp_connection_new (endpoint_a, G_SOCKET_CONNECTABLE (to_b));
  g_autoptr (SrudpConnection) b =
    srudp_connection_new (endpoint_b, G_SOCKET_CONNECTABLE (to_a));
  GThread *thread = g_thread_new ("open", open_now_thread, b);

  open_now (a);
  g_thread_join (thread);
  write_text (g_io_stream_get_output_stream (G_IO_STREAM (a)), "hello");
  expect_text (g_io_stream_get_input_stream (G_IO_STREAM (b)), "hello");
}

static void
test_somebody_else_answers (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpIdentity) other = srudp_identity_new ();
  g_autoptr (SrudpInvitation) invitation =
    invite_to (endpoint_b, srudp_identity_get_peer_id (other));
  gboolean met = FALSE;

  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);
  for (guint ms = 500; !met && ms < PATIENCE_MS; ms *= 4)
    {
      g_autoptr (SrudpConnection) a =
        srudp_connection_new (endpoint_a, G_SOCKET_CONNECTABLE (invitation));

      met = meets_other_peer (a, ms);
    }
  g_assert_true (met);
}

static void
test_expected_peer_is_fixed (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpInvitation) invitation = invite_to (endpoint_b, NULL);
  g_autoptr (SrudpConnection) a =
    srudp_connection_new (endpoint_a, G_SOCKET_CONNECTABLE (invitation));

  g_test_expect_message ("Srudp", G_LOG_LEVEL_CRITICAL, "*SRUDP_IS_INVITATION*");
  srudp_connection_set_expected_peer (a, NULL);
  g_test_assert_expected_messages ();
  g_assert_true (srudp_peer_id_equal (
    srudp_connection_get_expected_peer (a),
    srudp_endpoint_get_peer_id (endpoint_b)));
}

static void
test_ones_own (void)
{
  g_autoptr (SrudpEndpoint) endpoint = make_endpoint ();
  g_autoptr (SrudpInvitation) invitation = invite_to (endpoint, NULL);
  g_autoptr (SrudpConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  connection = srudp_endpoint_connect_to (
    endpoint, G_SOCKET_CONNECTABLE (invitation), NULL, &error);
  g_assert_null (connection);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

static void
test_nowhere_to_go (void)
{
  g_autoptr (SrudpEndpoint) endpoint = make_endpoint ();
  g_autoptr (SrudpIdentity) other = srudp_identity_new ();
  g_autoptr (SrudpInvitation) invitation =
    srudp_invitation_new (srudp_identity_get_peer_id (other), NULL, 0);
  g_autoptr (SrudpConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  connection = srudp_endpoint_connect_to (
    endpoint, G_SOCKET_CONNECTABLE (invitation), NULL, &error);
  g_assert_null (connection);
  g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_PEER_UNREACHABLE);
  g_clear_error (&error);

  connection =
    srudp_endpoint_connect_to_host (endpoint, "srudp:0400", 1, NULL, &error);
  g_assert_null (connection);
  g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_INVITATION);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/invitation/connect/by-object-and-by-text", test_connect);
  g_test_add_func ("/invitation/connect/both-have-one", test_both_have_one);
  g_test_add_func ("/invitation/connect/somebody-else-answers",
                   test_somebody_else_answers);
  g_test_add_func ("/invitation/connect/expected-peer-is-fixed",
                   test_expected_peer_is_fixed);
  g_test_add_func ("/invitation/connect/to-oneself", test_ones_own);
  g_test_add_func ("/invitation/connect/nowhere", test_nowhere_to_go);

  return g_test_run ();
}
