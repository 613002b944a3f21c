/*
 * SPDX-License-Identifier: MIT
 *
 * test-passphrase.c: passphrases, and invitations that let their reader in
 */
#include "support.h"

#include "srudp-glib/srudp-endpoint-private.h"
#include "srudp-glib/srudp-invitation-private.h"
#include "srudp-glib/srudp-secret-private.h"

#include <string.h>

/* One word in two forms of Unicode: é as one character, and as e with an
 * accent. */
#define COMPOSED "caf\303\251"
#define DECOMPOSED "cafe\314\201"

typedef struct
{
  const char *path;
  const char *opener, *accepter;
  gboolean connects;
} Passphrases;

static const Passphrases passphrases[] = {
  { "/secrets/passphrase/the-same", "three random words", "three random words",
    TRUE },
  { "/secrets/passphrase/typed-in-another-way", COMPOSED, DECOMPOSED, TRUE },
  { "/secrets/passphrase/another", "pea", "Pea", FALSE },
  { "/secrets/passphrase/only-the-opener-has-one", "pea", NULL, FALSE },
  { "/secrets/passphrase/only-the-accepter-has-one", NULL, "pea", FALSE },
};

static void
failed_cb (SrudpEndpoint  *endpoint,
           GSocketAddress *from,
           GError         *error,
           gpointer        user_data)
{
  GError **seen = user_data;

  g_assert_true (G_IS_INET_SOCKET_ADDRESS (from));
  if (*seen == NULL)
    *seen = g_error_copy (error);
}

static void
test_passphrase (gconstpointer data)
{
  const Passphrases *test = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) seen = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpConnection) a = NULL;
  gint64 start = g_get_monotonic_time ();

  g_signal_connect (endpoint_b, "handshake-failed", G_CALLBACK (failed_cb), &seen);
  srudp_endpoint_set_passphrase (endpoint_a, test->opener);
  g_object_set (endpoint_b, "passphrase", test->accepter,
                "accept-incoming", TRUE, NULL);
  a = make_connection (endpoint_a, endpoint_b);

  if (test->connects)
    {
      g_autoptr (SrudpConnection) b = NULL;

      open_now (a);
      b = srudp_endpoint_accept (endpoint_b, cancellable, &error);
      g_assert_no_error (error);
      write_text (g_io_stream_get_output_stream (G_IO_STREAM (a)), "hello");
      expect_text (g_io_stream_get_input_stream (G_IO_STREAM (b)), "hello");
      return;
    }

  g_assert_false (srudp_connection_open (a, cancellable, &error));
  g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_PASSPHRASE);
  /* At once, and not when the open timeout is over. */
  g_assert_cmpint (g_get_monotonic_time () - start, <, 15 * G_USEC_PER_SEC);
  run_until_set ((gpointer *) &seen);
  g_assert_error (seen, SRUDP_ERROR, SRUDP_ERROR_PASSPHRASE);
}

/* A connection may use another one than its endpoint, or none. */
static void
test_own_passphrase (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpConnection) early = make_connection (endpoint_a, endpoint_b);
  g_autoptr (SrudpConnection) a = NULL;

  srudp_endpoint_set_passphrase (endpoint_a, "of the endpoint");
  srudp_endpoint_set_passphrase (endpoint_b, "of the connection");
  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);

  /* It was made before the endpoint had one. */
  g_assert_false (srudp_connection_open (early, NULL, &error));
  g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_PASSPHRASE);

  a = make_connection (endpoint_a, endpoint_b);
  srudp_connection_set_passphrase (a, "of the connection");
  open_now (a);
}

static void
test_both_open (void)
{
  g_autoptr (SrudpEndpoint) endpoint_a = make_endpoint ();
  g_autoptr (SrudpEndpoint) endpoint_b = make_endpoint ();
  g_autoptr (SrudpConnection) a = make_connection (endpoint_a, endpoint_b);
  g_autoptr (SrudpConnection) b = make_connection (endpoint_b, endpoint_a);
  g_autoptr (GBytes) binding_a = NULL;
  g_autoptr (GBytes) binding_b = NULL;
  GThread *thread;

  srudp_connection_set_passphrase (a, "pea");
  g_object_set (b, "passphrase", "pea", NULL);
  thread = g_thread_new ("open", open_now_thread, b);
  open_now (a);
  g_thread_join (thread);

  binding_a = srudp_connection_dup_channel_binding (a);
  binding_b = srudp_connection_dup_channel_binding (b);
  g_assert_true (g_bytes_equal (binding_a, binding_b));
}

/* Nobody reads it back, not even by introspection. */
static void
test_unreadable (void)
{
  g_autoptr (GTypeClass) endpoint_class = g_type_class_ref (SRUDP_TYPE_ENDPOINT);
  g_autoptr (GTypeClass) connection_class =
    g_type_class_ref (SRUDP_TYPE_CONNECTION);
  GTypeClass *classes[] = { endpoint_class, connection_class };

  for (gsize i = 0; i < G_N_ELEMENTS (classes); i++)
    {
      GParamSpec *pspec =
        g_object_class_find_property ((GObjectClass *) classes[i], "passphrase");

      g_assert_nonnull (pspec);
      g_assert_cmpint (pspec->flags & G_PARAM_READWRITE, ==, G_PARAM_WRITABLE);
    }
}

/* As its reader gets it; a crooked one has the wrong secret. */
static SrudpInvitation *
read_invitation (SrudpEndpoint *endpoint,
                 gboolean       is_crooked)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpInvitation) made =
    srudp_endpoint_create_invitation (endpoint, NULL, &error);
  g_autofree char *text = NULL, *canonical = NULL;
  SrudpInvitationFields fields;

  g_assert_no_error (error);
  text = srudp_invitation_to_string (made);
  g_assert_cmpint (srudp_invitation_decode (text, &fields, &canonical), ==,
                   SRUDP_INVITATION_GOOD);
  g_assert_true (fields.has_secret);
  if (is_crooked)
    fields.secret[SRUDP_INVITATION_SECRET_BYTES - 1] ^= 1;

  return srudp_invitation_new_from_fields (&fields);
}

/* The key alone is not enough, nor is the key with another secret: nothing is
 * heard, and nobody is told. Each reader of the true text gets in. */
static void
test_of_endpoint (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (SrudpEndpoint) host = make_endpoint ();
  g_autoptr (SrudpInvitation) first = read_invitation (host, FALSE);
  g_autoptr (SrudpInvitation) crooked = read_invitation (host, TRUE);
  g_autoptr (SrudpInvitation) second = read_invitation (host, FALSE);
  g_autoptr (SrudpInvitation) bare = srudp_invitation_without_secret (first);
  SrudpInvitation *bad[] = { crooked, bare };
  SrudpInvitation *good[] = { first, second, first };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (SrudpEndpoint) guest = make_endpoint ();
      g_autoptr (SrudpConnection) a =
        srudp_connection_new (guest, G_SOCKET_CONNECTABLE (bad[i]));

      srudp_connection_set_open_timeout (a, 500);
      g_assert_false (srudp_connection_open (a, cancellable, &error));
      g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_PEER_UNREACHABLE);
      g_clear_error (&error);
    }

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (SrudpEndpoint) guest = make_endpoint ();
      g_autoptr (SrudpConnection) a = srudp_endpoint_connect_to (
        guest, G_SOCKET_CONNECTABLE (good[i]), cancellable, &error);
      g_autoptr (SrudpConnection) b = NULL;

      g_assert_no_error (error);
      b = srudp_endpoint_accept (host, cancellable, &error);
      g_assert_no_error (error);
      write_text (g_io_stream_get_output_stream (G_IO_STREAM (b)), "welcome");
      expect_text (g_io_stream_get_input_stream (G_IO_STREAM (a)), "welcome");
      /* The accept call above answers strangers as well. */
      srudp_endpoint_set_accept_incoming (host, FALSE);
    }
}

/* Whoever has the text gets in, though strangers aren't answered. */
static void
test_invitation (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (SrudpEndpoint) host = make_endpoint ();
  g_autoptr (SrudpEndpoint) guest = make_endpoint ();
  g_autoptr (SrudpInvitation) invitation = read_invitation (host, FALSE);
  g_autofree char *text = srudp_invitation_to_string (invitation);
  g_autoptr (SrudpConnection) stranger = make_connection (guest, host);
  g_autoptr (SrudpConnection) a = NULL;
  g_autoptr (SrudpConnection) b = NULL;

  srudp_connection_set_expected_peer (stranger, srudp_endpoint_get_peer_id (host));
  srudp_connection_set_open_timeout (stranger, 500);
  g_assert_false (srudp_connection_open (stranger, cancellable, &error));
  g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_PEER_UNREACHABLE);
  g_clear_error (&error);

  a = srudp_endpoint_connect_to_host (guest, text, 0, cancellable, &error);
  g_assert_no_error (error);
  b = srudp_endpoint_accept (host, cancellable, &error);
  g_assert_no_error (error);
  write_text (g_io_stream_get_output_stream (G_IO_STREAM (b)), "welcome");
  expect_text (g_io_stream_get_input_stream (G_IO_STREAM (a)), "welcome");
}

/* Its maker was started anew, and knows nothing of it. */
static void
test_old_invitation (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (SrudpEndpoint) host = make_endpoint ();
  g_autoptr (SrudpEndpoint) guest = make_endpoint ();
  g_autoptr (SrudpInvitation) invitation = read_invitation (host, FALSE);
  g_autoptr (SrudpInvitation) later = NULL;
  g_autoptr (SrudpConnection) a = NULL;

  srudp_endpoint_remove_invitation (host, invitation);
  /* The worker does one after the other: it has forgotten the first by then. */
  later = read_invitation (host, FALSE);
  g_assert_nonnull (later);
  srudp_endpoint_set_accept_incoming (host, TRUE);
  a = srudp_endpoint_connect_to (guest, G_SOCKET_CONNECTABLE (invitation),
                                 cancellable, &error);
  g_assert_null (a);
  g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_INVITATION);
}

static SrudpEndpoint *
make_host (SrudpIdentity *identity)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) local = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GError) error = NULL;
  SrudpEndpoint *host = srudp_endpoint_new (local, identity, &error);

  g_assert_no_error (error);
  return host;
}

/* The same invitation, as if @host had the port of the one that made it. */
static SrudpInvitation *
redirect (SrudpInvitation *invitation,
          SrudpEndpoint   *host)
{
  g_autofree char *text = srudp_invitation_to_string (invitation);
  g_autofree char *canonical = NULL;
  g_autoptr (GSocketAddress) address = get_address (host);
  SrudpInvitationFields fields;

  g_assert_cmpint (srudp_invitation_decode (text, &fields, &canonical), ==,
                   SRUDP_INVITATION_GOOD);
  fields.n_candidates = 1;
  srudp_address_init_ipv4 (
    &fields.candidates[0], (const guint8[]) { 127, 0, 0, 1 },
    g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
  return srudp_invitation_new_from_fields (&fields);
}

/* Its maker was started anew, and has kept it. */
static void
test_kept_invitation (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (SrudpIdentity) identity = srudp_identity_generate ();
  g_autoptr (SrudpEndpoint) host = make_host (identity);
  g_autoptr (SrudpEndpoint) later = make_host (identity);
  g_autoptr (SrudpEndpoint) guest = make_endpoint ();
  g_autoptr (SrudpInvitation) kept = read_invitation (host, FALSE);
  g_autoptr (SrudpInvitation) pasted = redirect (kept, later);
  g_autoptr (SrudpConnection) early =
    srudp_connection_new (guest, G_SOCKET_CONNECTABLE (pasted));
  g_autoptr (SrudpConnection) a = NULL;
  g_autoptr (SrudpConnection) b = NULL;

  srudp_connection_set_open_timeout (early, 500);
  g_assert_false (srudp_connection_open (early, cancellable, &error));
  g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_PEER_UNREACHABLE);
  g_clear_error (&error);

  g_assert_true (srudp_endpoint_add_invitation (later, kept, &error));
  g_assert_no_error (error);
  a = srudp_endpoint_connect_to (guest, G_SOCKET_CONNECTABLE (pasted), cancellable, &error);
  g_assert_no_error (error);
  b = srudp_endpoint_accept (later, cancellable, &error);
  g_assert_no_error (error);
  write_text (g_io_stream_get_output_stream (G_IO_STREAM (b)), "welcome");
  expect_text (g_io_stream_get_input_stream (G_IO_STREAM (a)), "welcome");
}

/* The same, but for its end. */
static SrudpInvitation *
end_at (SrudpInvitation *invitation,
        gint64           expires_s)
{
  g_autofree char *text = srudp_invitation_to_string (invitation);
  g_autofree char *canonical = NULL;
  SrudpInvitationFields fields;

  g_assert_cmpint (srudp_invitation_decode (text, &fields, &canonical), ==,
                   SRUDP_INVITATION_GOOD);
  fields.expires_s = (guint32) expires_s;
  return srudp_invitation_new_from_fields (&fields);
}

static void
wait_for_end (SrudpInvitation *invitation)
{
  gint64 end = g_date_time_to_unix (srudp_invitation_get_expires (invitation));

  while (g_get_real_time () < end * G_USEC_PER_SEC)
    g_usleep (10 * 1000);
}

/* The guest has never heard of an end. */
static void
expect_silence (SrudpInvitation *invitation)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (SrudpEndpoint) guest = make_endpoint ();
  g_autoptr (SrudpInvitation) pasted = end_at (invitation, 0);
  g_autoptr (SrudpConnection) a =
    srudp_connection_new (guest, G_SOCKET_CONNECTABLE (pasted));

  srudp_connection_set_open_timeout (a, 500);
  g_assert_false (srudp_connection_open (a, cancellable, &error));
  g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_PEER_UNREACHABLE);
}

/* Nobody has to take it back. */
static void
test_expired_invitation (void)
{
  g_autoptr (SrudpEndpoint) host = make_endpoint ();
  g_autoptr (SrudpInvitation) made = NULL;

  srudp_endpoint_set_invitation_lifetime (host, 1);
  made = read_invitation (host, FALSE);
  wait_for_end (made);
  expect_silence (made);
}

/* Nor does it hold for ever because its maker was started anew meanwhile. */
static void
test_kept_until_its_end (void)
{
  g_autoptr (SrudpIdentity) identity = srudp_identity_generate ();
  g_autoptr (SrudpEndpoint) host = make_host (identity);
  g_autoptr (SrudpEndpoint) later = make_host (identity);
  g_autoptr (SrudpInvitation) made = read_invitation (host, FALSE);
  g_autoptr (SrudpInvitation) pasted = redirect (made, later);
  g_autoptr (SrudpInvitation) kept = NULL;

  /* On a slow computer a short one may be over before it is added. */
  for (guint lifetime_s = 2;; lifetime_s *= 2)
    {
      g_autoptr (GError) error = NULL;

      g_clear_object (&kept);
      kept = end_at (pasted, g_get_real_time () / G_USEC_PER_SEC + lifetime_s);
      if (srudp_endpoint_add_invitation (later, kept, &error))
        break;
      g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_INVITATION);
      g_assert_cmpuint (lifetime_s, <, 64);
    }
  wait_for_end (kept);
  expect_silence (kept);
}

static void
expect_not_added (SrudpEndpoint   *host,
                  SrudpInvitation *invitation,
                  GQuark           domain,
                  int              code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (srudp_endpoint_add_invitation (host, invitation, &error));
  g_assert_true (g_error_matches (error, domain, code));
}

static void
test_useless_invitations (void)
{
  g_autoptr (SrudpEndpoint) host = make_endpoint ();
  g_autoptr (SrudpEndpoint) other = make_endpoint ();
  g_autoptr (SrudpInvitation) own = read_invitation (host, FALSE);
  g_autoptr (SrudpInvitation) bare = srudp_invitation_without_secret (own);
  g_autoptr (SrudpInvitation) expired =
    end_at (own, g_get_real_time () / G_USEC_PER_SEC - 1);

  expect_not_added (other, own, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  expect_not_added (host, bare, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  expect_not_added (host, expired, SRUDP_ERROR, SRUDP_ERROR_INVITATION);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (passphrases); i++)
    g_test_add_data_func (passphrases[i].path, &passphrases[i], test_passphrase);
  g_test_add_func ("/secrets/passphrase/of-one-connection", test_own_passphrase);
  g_test_add_func ("/secrets/passphrase/both-open", test_both_open);
  g_test_add_func ("/secrets/passphrase/cannot-be-read", test_unreadable);
  g_test_add_func ("/secrets/invitation/lets-its-reader-in", test_invitation);
  g_test_add_func ("/secrets/invitation/of-an-endpoint", test_of_endpoint);
  g_test_add_func ("/secrets/invitation/from-before-a-restart", test_old_invitation);
  g_test_add_func ("/secrets/invitation/kept-over-a-restart", test_kept_invitation);
  g_test_add_func ("/secrets/invitation/expires", test_expired_invitation);
  g_test_add_func ("/secrets/invitation/kept-until-its-end", test_kept_until_its_end);
  g_test_add_func ("/secrets/invitation/of-no-use-to-the-endpoint",
                   test_useless_invitations);

  return g_test_run ();
}
