/*
 * SPDX-License-Identifier: MIT
 *
 * test-invitation.c: what is in an invitation
 */
#include "invitations.h"

#include <string.h>

static void
test_round_trip (void)
{
  static const char *const nowhere[] = { NULL };
  const char *const *const lists[] = { four_addresses, four_networks,
                                       nowhere };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (guint ports_differ = 0; ports_differ < 2; ports_differ++)
      {
        g_autoptr (SrudpInvitation) invitation =
          make_invitation (lists[i], ports_differ);
        g_autofree char *text = srudp_invitation_to_string (invitation);
        GListModel *list = srudp_invitation_get_candidates (invitation);

        g_assert_true (g_str_has_prefix (text, "srudp:"));
        g_assert_cmpuint (strlen (text), <, 200);
        for (const char *c = text; *c != '\0'; c++)
          g_assert_true (g_ascii_isalnum (*c) || *c == ':');
        g_assert_cmpuint (g_list_model_get_n_items (list), ==,
                          g_strv_length ((char **) lists[i]));
        g_assert_null (srudp_invitation_get_expires (invitation));
        expect_read_as (text, invitation);
      }
}

static void
test_candidates_in_order (void)
{
  g_autoptr (SrudpInvitation) invitation =
    make_invitation (four_addresses, TRUE);
  g_autofree char *text = srudp_invitation_to_string (invitation);
  g_autoptr (SrudpInvitation) read = srudp_invitation_parse (text, NULL);
  g_autoptr (GSocketAddressEnumerator) enumerator =
    g_socket_connectable_enumerate (G_SOCKET_CONNECTABLE (read));
  g_autoptr (GSocketAddress) end = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; four_addresses[i] != NULL; i++)
    {
      g_autoptr (GSocketAddress) address =
        g_socket_address_enumerator_next (enumerator, NULL, &error);
      GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS (address);
      g_autofree char *host = g_inet_address_to_string (
        g_inet_socket_address_get_address (inet));

      g_assert_cmpstr (host, ==, four_addresses[i]);
      g_assert_cmpuint (g_inet_socket_address_get_port (inet), ==, 5001 + i);
    }
  end = g_socket_address_enumerator_next (enumerator, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (end);
}

/* The text is part of the interface: it must never change. */
static void
test_known_text (void)
{
  g_autoptr (SrudpInvitation) invitation =
    make_invitation (four_addresses, FALSE);
  g_autofree char *text = srudp_invitation_to_string (invitation);

  g_assert_cmpstr (text, ==,
                   "srudp:0504p101107hc7945cs3jg279sanrrvae5w7z1mdjjdt5adgpy"
                   "zcbk6kv82c1a5j2w9rk16b01rgf1h0046vg001001000r00g00a006rt"
                   "nanexvsk6dvq9t7rev6");
}

static void
test_unreachable_addresses (void)
{
  static const char *const hosts[] = {
    "0.0.0.0", "::", "224.0.0.1", "255.255.255.255", "ff02::1", "fe80::1",
    "192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1", NULL
  };
  g_autoptr (SrudpInvitation) invitation = make_invitation (hosts, FALSE);
  g_autoptr (SrudpPeerId) peer_id = make_peer_id ();
  g_autoptr (GSocketAddress) no_port =
    g_inet_socket_address_new_from_string ("192.0.2.1", 0);
  g_autoptr (SrudpInvitation) nowhere =
    srudp_invitation_new (peer_id, &no_port, 1);

  g_assert_cmpuint (g_list_model_get_n_items (
                      srudp_invitation_get_candidates (invitation)),
                    ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (
                      srudp_invitation_get_candidates (nowhere)),
                    ==, 0);
}

static void
test_most_addresses (void)
{
  g_autoptr (GPtrArray) hosts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (SrudpInvitation) invitation = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < 40; i++)
    g_ptr_array_add (hosts, g_strdup_printf ("2001:db8:%x::1", i + 1));
  g_ptr_array_add (hosts, NULL);
  invitation = make_invitation ((const char *const *) hosts->pdata, TRUE);
  text = srudp_invitation_to_string (invitation);

  g_assert_cmpuint (g_list_model_get_n_items (
                      srudp_invitation_get_candidates (invitation)),
                    ==, SRUDP_INVITATION_MAX_CANDIDATES);
  expect_read_as (text, invitation);
}

static void
test_expiry_and_secret (void)
{
  SrudpInvitationFields fields;
  g_autoptr (SrudpInvitation) invitation = NULL;
  g_autoptr (SrudpInvitation) read = NULL;
  g_autoptr (GDateTime) expires = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  fill_fields (&fields);
  invitation = srudp_invitation_new_from_fields (&fields);
  text = srudp_invitation_to_string (invitation);
  g_assert_cmpuint (strlen (text), <, 200);
  read = srudp_invitation_parse (text, &error);
  g_assert_no_error (error);
  expect_equal (read, invitation);

  g_object_get (read, "expires", &expires, NULL);
  g_assert_cmpint (g_date_time_to_unix (expires), ==, fields.expires_s);
  g_assert_cmpmem (srudp_invitation_get_secret (read),
                   SRUDP_INVITATION_SECRET_BYTES, fields.secret,
                   sizeof fields.secret);
}

/* All different: nothing can be said in short. */
static void
test_longest_of_four (void)
{
  SrudpInvitationFields fields = { .expires_s = G_MAXUINT32 };
  g_autofree char *text = NULL;

  for (guint8 i = 0; i < 4; i++)
    {
      const guint8 ip[16] = { 0x20, 1, 0x0d, 0xb8, i, 1 };

      srudp_address_init_ipv6 (&fields.candidates[i], ip, 5001 + i, 0);
    }
  fields.n_candidates = 4;
  text = srudp_invitation_encode (&fields);
  g_assert_cmpuint (strlen (text), ==, 198);
}

/* The usual one of an endpoint fits, too: a network of its own, a public
 * address, two of IPv6. */
static void
test_length_with_secret (void)
{
  SrudpInvitationFields fields = { .has_secret = TRUE };
  const guint8 ip4[][4] = { { 192, 168, 178, 23 }, { 203, 0, 113, 7 } };
  g_autofree char *text = NULL, *longest = NULL;

  memset (fields.secret, 0xa5, sizeof fields.secret);
  for (guint8 i = 0; i < 2; i++)
    {
      const guint8 ip[16] = { 0x20, 1, 0x0d, 0xb8, 0, 1, 0, 2, i, 3 };

      srudp_address_init_ipv4 (&fields.candidates[i], ip4[i], 5001 + i);
      srudp_address_init_ipv6 (&fields.candidates[2 + i], ip, 5001, 0);
    }
  fields.n_candidates = 4;
  text = srudp_invitation_encode (&fields);
  g_assert_cmpuint (strlen (text), ==, 189);

  fields.expires_s = G_MAXUINT32;
  for (guint8 i = 0; i < 4; i++)
    {
      const guint8 ip[16] = { 0x20, 1, 0x0d, 0xb8, i, 1 };

      srudp_address_init_ipv6 (&fields.candidates[i], ip, 5001 + i, 0);
    }
  longest = srudp_invitation_encode (&fields);
  g_assert_cmpuint (strlen (longest), ==, 250);
}

static void
test_without_secret (void)
{
  SrudpInvitationFields fields;
  g_autoptr (SrudpInvitation) invitation = NULL;
  g_autoptr (SrudpInvitation) bare = NULL;
  g_autoptr (SrudpInvitation) again = NULL;
  g_autofree char *text = NULL, *bare_text = NULL;

  fill_fields (&fields);
  invitation = srudp_invitation_new_from_fields (&fields);
  bare = srudp_invitation_without_secret (invitation);
  again = srudp_invitation_without_secret (bare);
  fields.has_secret = FALSE;
  fields.expires_s = 0;
  text = srudp_invitation_encode (&fields);
  bare_text = srudp_invitation_to_string (bare);
  g_assert_cmpstr (bare_text, ==, text);
  g_assert_null (srudp_invitation_get_secret (bare));
  g_assert_true (again == bare);
}

static void
test_made_of_nothing (void)
{
  g_autoptr (SrudpInvitation) nobody =
    g_object_new (SRUDP_TYPE_INVITATION, NULL);
  g_autofree char *text = srudp_invitation_to_string (nobody);

  expect_read_as (text, nobody);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/invitation/round-trip", test_round_trip);
  g_test_add_func ("/invitation/candidates-in-order",
                   test_candidates_in_order);
  g_test_add_func ("/invitation/known-text", test_known_text);
  g_test_add_func ("/invitation/leaves-out-what-nobody-can-reach",
                   test_unreachable_addresses);
  g_test_add_func ("/invitation/at-most-32-addresses", test_most_addresses);
  g_test_add_func ("/invitation/expiry-and-secret", test_expiry_and_secret);
  g_test_add_func ("/invitation/length-with-a-secret", test_length_with_secret);
  g_test_add_func ("/invitation/without-its-secret", test_without_secret);
  g_test_add_func ("/invitation/four-addresses-in-200-characters",
                   test_longest_of_four);
  g_test_add_func ("/invitation/made-of-nothing", test_made_of_nothing);

  return g_test_run ();
}
