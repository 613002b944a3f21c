/*
 * SPDX-License-Identifier: MIT
 *
 * test-chat-address.c: addresses are found in what people paste
 */
#include "srudp-chat-address.h"

#include <srudp-glib/srudp-glib.h>
#include <string.h>

typedef struct
{
  const char *text;
  const char *address;
} Good;

static const Good good[] = {
  { "example.org", "example.org:5001" },
  { "example.org:7", "example.org:7" },
  { "localhost", "localhost:5001" },
  { "bob:4000", "bob:4000" },
  { "bob 4000", "bob:4000" },
  { "192.0.2.1", "192.0.2.1:5001" },
  { "192.0.2.1:65535", "192.0.2.1:65535" },
  { "192.0.2.1 5002", "192.0.2.1:5002" },
  { "2001:db8::1", "[2001:db8::1]:5001" },
  { "[2001:db8::1]", "[2001:db8::1]:5001" },
  { "[2001:db8::1]:9", "[2001:db8::1]:9" },
  { "[fe80::1%eth0]:9", "[fe80::1%eth0]:9" },
  { "  192.0.2.1:5002\r\n", "192.0.2.1:5002" },
  { "\"192.0.2.1:5002\"", "192.0.2.1:5002" },
  { "“192.0.2.1:5002”", "192.0.2.1:5002" },
  { "«192.0.2.1:5002»", "192.0.2.1:5002" },
  { "<192.0.2.1:5002>", "192.0.2.1:5002" },
  { "192.0\xe2\x80\x8b.2.1:5002\xef\xbb\xbf", "192.0.2.1:5002" },
  { "My address is 192.0.2.1:5002.", "192.0.2.1:5002" },
  { "try (bob.example.org:5002), please!", "bob.example.org:5002" },
  { "Bob: [2001:db8::1]:9", "[2001:db8::1]:9" },
  { "bücher.example:80", "bücher.example:80" },
};

static void
test_good (gconstpointer data)
{
  const Good *row = data;
  g_auto (SrudpChatAddress) address = { 0 };
  g_autofree char *text = NULL;

  g_assert_cmpint (srudp_chat_address_parse (row->text, 5001, &address), ==,
                   SRUDP_CHAT_ADDRESS_GOOD);
  text = srudp_chat_address_to_string (&address);
  g_assert_cmpstr (text, ==, row->address);
}

static const struct
{
  const char *text;
  SrudpChatAddressResult result;
} bad[] = {
  { "", SRUDP_CHAT_ADDRESS_EMPTY },
  { " \t\n\xe2\x80\x8b ", SRUDP_CHAT_ADDRESS_EMPTY },
  { "\"\"", SRUDP_CHAT_ADDRESS_EMPTY },
  { "hello there", SRUDP_CHAT_ADDRESS_NOT_ONE },
  { "see you tomorrow at 5", SRUDP_CHAT_ADDRESS_NOT_ONE },
  { "1.2.3", SRUDP_CHAT_ADDRESS_NOT_ONE },
  { "300.1.1.1", SRUDP_CHAT_ADDRESS_NOT_ONE },
  { "-bob", SRUDP_CHAT_ADDRESS_NOT_ONE },
  { "a..b", SRUDP_CHAT_ADDRESS_NOT_ONE },
  { "bob@example.org", SRUDP_CHAT_ADDRESS_NOT_ONE },
  { "https://example.org/", SRUDP_CHAT_ADDRESS_NOT_ONE },
  { "[192.0.2.1]:1", SRUDP_CHAT_ADDRESS_NOT_ONE },
  { "[2001:db8::1", SRUDP_CHAT_ADDRESS_NOT_ONE },
  { "[2001:db8::1]x", SRUDP_CHAT_ADDRESS_NOT_ONE },
  { "2001:db8::zz", SRUDP_CHAT_ADDRESS_NOT_ONE },
  { "192.0.2.1:", SRUDP_CHAT_ADDRESS_BAD_PORT },
  { "192.0.2.1:0", SRUDP_CHAT_ADDRESS_BAD_PORT },
  { "192.0.2.1:65536", SRUDP_CHAT_ADDRESS_BAD_PORT },
  { "localhost:99999", SRUDP_CHAT_ADDRESS_BAD_PORT },
  { "[2001:db8::1]:port", SRUDP_CHAT_ADDRESS_BAD_PORT },
  { "srudp:abc", SRUDP_CHAT_ADDRESS_INCOMPLETE },
  { "my invitation: SRUDP:abc", SRUDP_CHAT_ADDRESS_INCOMPLETE },
  { "\xff\xfe", SRUDP_CHAT_ADDRESS_NOT_ONE },
};

static void
test_bad (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_auto (SrudpChatAddress) address = { 0 };
      g_autofree char *shown = g_strescape (bad[i].text, NULL);

      g_test_message ("%s", shown);
      g_assert_cmpint (srudp_chat_address_parse (bad[i].text, 5001, &address), ==,
                       bad[i].result);
      g_assert_null (address.host);
    }
}

static void
test_own (void)
{
  static const struct
  {
    const char *text;
    gboolean own;
  } table[] = {
    { "127.0.0.1:5001", TRUE },
    { "127.9.9.9:5001", TRUE },
    { "[::1]:5001", TRUE },
    { "LOCALHOST:5001", TRUE },
    { "127.0.0.1:5002", FALSE },
    { "192.0.2.1:5001", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_auto (SrudpChatAddress) address = { 0 };

      srudp_chat_address_parse (table[i].text, 1, &address);
      g_assert_cmpint (srudp_chat_address_is_own (&address, 5001, NULL), ==, table[i].own);
    }
}

static void
test_noise (void)
{
  for (guint i = 0; i < 20000; i++)
    {
      static const char alphabet[] = "[]:.%- 0123456789abf\xe2\x80\x8b\"srudp";
      char text[24] = { 0 };
      gsize length = (gsize) g_test_rand_int_range (0, sizeof text);
      g_auto (SrudpChatAddress) address = { 0 };

      for (gsize j = 0; j < length; j++)
        text[j] = alphabet[g_test_rand_int_range (0, sizeof alphabet - 1)];
      if (srudp_chat_address_parse (text, 5001, &address) == SRUDP_CHAT_ADDRESS_GOOD)
        {
          g_assert_cmpstr (address.host, !=, "");
          g_assert_cmpuint (address.port, !=, 0);
        }
    }
}

static char *
make_invitation (const SrudpPeerId *id)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string ("192.0.2.1", 5001);
  g_autoptr (SrudpInvitation) invitation = srudp_invitation_new (id, &address, 1);

  return srudp_invitation_to_string (invitation);
}

/* However it was pasted, only whole, and not to oneself. */
static void
test_invitation (void)
{
  g_autoptr (SrudpIdentity) identity = srudp_identity_generate ();
  g_autofree char *id = srudp_peer_id_to_string (srudp_identity_get_peer_id (identity));
  g_autofree char *text = make_invitation (srudp_identity_get_peer_id (identity));
  g_autofree char *half = g_strndup (text, strlen (text) / 2);
  g_autofree char *pasted =
    g_strdup_printf ("Hi! Here:\n “%.20s\n%s\xe2\x80\x8b”", text, text + 20);
  const char *whole[] = { text, pasted };

  for (gsize i = 0; i < G_N_ELEMENTS (whole); i++)
    {
      g_auto (SrudpChatAddress) address = { 0 };
      g_autofree char *written = NULL;

      g_assert_cmpint (srudp_chat_address_parse (whole[i], 1, &address), ==,
                       SRUDP_CHAT_ADDRESS_GOOD);
      written = srudp_chat_address_to_string (&address);
      g_assert_cmpstr (written, ==, text);
      g_assert_true (srudp_chat_address_is_invitation (written));
      g_assert_true (srudp_chat_address_is_own (&address, 1, id));
      g_assert_false (srudp_chat_address_is_own (&address, 5001, "somebody"));
    }
  {
    g_auto (SrudpChatAddress) address = { 0 };

    g_assert_cmpint (srudp_chat_address_parse (half, 1, &address), ==,
                     SRUDP_CHAT_ADDRESS_INCOMPLETE);
  }
}

/* What is remembered of a peer holds no secret; all else stays as it is. */
static void
test_lasting (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpEndpoint) endpoint = srudp_endpoint_new_for_port (0, &error);
  g_autoptr (SrudpInvitation) invitation = NULL;
  g_autofree char *text = NULL, *lasting = NULL, *again = NULL, *host = NULL;

  g_assert_no_error (error);
  invitation = srudp_endpoint_create_invitation (endpoint, NULL, &error);
  g_assert_no_error (error);
  text = srudp_invitation_to_string (invitation);
  lasting = srudp_chat_address_to_lasting (text);
  again = srudp_chat_address_to_lasting (lasting);
  host = srudp_chat_address_to_lasting ("192.0.2.1:5001");

  g_assert_true (srudp_chat_address_is_invitation (lasting));
  /* Of 256 bits, five in each. */
  g_assert_cmpuint (strlen (lasting), <=, strlen (text) - 51);
  g_assert_cmpstr (again, ==, lasting);
  g_assert_cmpstr (host, ==, "192.0.2.1:5001");
  g_assert_null (srudp_chat_address_to_lasting (NULL));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *path = g_strdup_printf ("/chat/address/is-found/%" G_GSIZE_FORMAT, i);

      g_test_add_data_func (path, &good[i], test_good);
    }
  g_test_add_func ("/chat/address/other-text-is-refused", test_bad);
  g_test_add_func ("/chat/address/ones-own-is-known", test_own);
  g_test_add_func ("/chat/address/survives-noise", test_noise);
  g_test_add_func ("/chat/address/an-invitation-is-found-in-what-was-pasted",
                   test_invitation);
  g_test_add_func ("/chat/address/what-is-remembered-holds-no-secret", test_lasting);
  return g_test_run ();
}
