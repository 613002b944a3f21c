/*
 * SPDX-License-Identifier: MIT
 *
 * invitations.c: invitations to look at, and their text
 */
#include "invitations.h"

#include <string.h>

const char *const four_addresses[] = {
  "192.168.178.23", "203.0.113.7", "2001:db8:1:2:3:4:5:6",
  "2001:db8:1:2:aaaa:bbbb:cccc:dddd", NULL
};
const char *const four_networks[] = {
  "2001:db8:1:2:3:4:5:6", "2001:db8:2:2:3:4:5:6", "2001:db8:3:2:3:4:5:6",
  "2001:db8:4:2:3:4:5:6", NULL
};

SrudpPeerId *
make_peer_id (void)
{
  guint8 key[SRUDP_PEER_ID_BYTES];

  for (guint i = 0; i < sizeof key; i++)
    key[i] = (guint8) (i * 7 + 1);
  return srudp_peer_id_new_from_bytes (key, sizeof key, NULL);
}

SrudpInvitation *
make_invitation (const char *const *hosts,
                 gboolean           ports_differ)
{
  g_autoptr (SrudpPeerId) peer_id = make_peer_id ();
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; hosts[i] != NULL; i++)
    g_ptr_array_add (list, g_inet_socket_address_new_from_string (
                             hosts[i], 5001 + (ports_differ ? i : 0)));
  return srudp_invitation_new (peer_id, (GSocketAddress **) list->pdata,
                               list->len);
}

void
fill_fields (SrudpInvitationFields *fields)
{
  const guint8 ip[4] = { 198, 51, 100, 9 };

  memset (fields, 0, sizeof *fields);
  memset (fields->key, 0x5a, sizeof fields->key);
  memset (fields->secret, 0xa5, sizeof fields->secret);
  fields->has_secret = TRUE;
  fields->expires_s = 2000000000;
  srudp_address_init_ipv4 (&fields->candidates[0], ip, 65535);
  fields->n_candidates = 1;
}

void
expect_equal (SrudpInvitation *a,
              SrudpInvitation *b)
{
  GListModel *list_a = srudp_invitation_get_candidates (a);
  GListModel *list_b = srudp_invitation_get_candidates (b);
  g_autofree char *text_a = srudp_invitation_to_string (a);
  g_autofree char *text_b =
    g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (b));

  g_assert_cmpstr (text_a, ==, text_b);
  g_assert_true (srudp_peer_id_equal (srudp_invitation_get_peer_id (a),
                                      srudp_invitation_get_peer_id (b)));
  g_assert_cmpuint (g_list_model_get_n_items (list_a), ==,
                    g_list_model_get_n_items (list_b));
  for (guint i = 0; i < g_list_model_get_n_items (list_a); i++)
    {
      g_autoptr (GSocketConnectable) at_a = g_list_model_get_item (list_a, i);
      g_autoptr (GSocketConnectable) at_b = g_list_model_get_item (list_b, i);
      g_autofree char *name_a = g_socket_connectable_to_string (at_a);
      g_autofree char *name_b = g_socket_connectable_to_string (at_b);

      g_assert_cmpstr (name_a, ==, name_b);
    }
}

void
expect_read_as (const char      *text,
                SrudpInvitation *invitation)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpInvitation) read = srudp_invitation_parse (text, &error);

  if (read == NULL)
    g_test_message ("%s", text);
  g_assert_no_error (error);
  expect_equal (read, invitation);
}

void
expect_refused (const char *text,
                GQuark      domain,
                int         code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpInvitation) read = srudp_invitation_parse (text, &error);

  if (read != NULL || !g_error_matches (error, domain, code))
    g_test_message ("%s", text);
  g_assert_null (read);
  g_assert_error (error, domain, code);
}

void
expect_damaged (const char *text)
{
  expect_refused (text, SRUDP_ERROR, SRUDP_ERROR_INVITATION);
}
