/*
 * SPDX-License-Identifier: MIT
 *
 * test-invitation.c: invitations, their text, and connecting by them
 */
#include "support.h"

#include "srudp-glib/srudp-invitation-private.h"

#include <string.h>

static const char *const four_addresses[] = {
  "192.168.178.23", "203.0.113.7", "2001:db8:1:2:3:4:5:6",
  "2001:db8:1:2:aaaa:bbbb:cccc:dddd", NULL
};
static const char *const four_networks[] = {
  "2001:db8:1:2:3:4:5:6", "2001:db8:2:2:3:4:5:6", "2001:db8:3:2:3:4:5:6",
  "2001:db8:4:2:3:4:5:6", NULL
};

static SrudpPeerId *
make_peer_id (void)
{
  guint8 key[SRUDP_PEER_ID_BYTES];

  for (guint i = 0; i < sizeof key; i++)
    key[i] = (guint8) (i * 7 + 1);
  return srudp_peer_id_new_from_bytes (key, sizeof key, NULL);
}

/* With the port one higher at each address if `ports_differ`. */
static SrudpInvitation *
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

/* All that an invitation can hold. */
static void
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

static void
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

static void
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

static void
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

static void
expect_damaged (const char *text)
{
  expect_refused (text, SRUDP_ERROR, SRUDP_ERROR_INVITATION);
}

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

/* Damage */

static void
test_cut_off (void)
{
  g_autoptr (SrudpInvitation) invitation =
    make_invitation (four_addresses, TRUE);
  g_autofree char *text = srudp_invitation_to_string (invitation);
  gsize scheme_size = strlen ("srudp:");

  for (gsize i = 0; i < strlen (text); i++)
    {
      g_autofree char *start = g_strndup (text, i);
      g_autofree char *followed = g_strconcat (start, " see you", NULL);

      if (i < scheme_size)
        expect_refused (start, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
      else
        expect_damaged (start);
      if (i >= scheme_size)
        expect_damaged (followed);
      /* Without its beginning it is none; without some of the middle it is
       * damaged. */
      if (i > 0)
        expect_refused (text + i, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
      if (i >= scheme_size)
        {
          g_autofree char *gap = g_strconcat (start, text + i + 1, NULL);
          g_autofree char *more = g_strconcat (start, "7", text + i, NULL);

          expect_damaged (gap);
          expect_damaged (more);
        }
    }
}

static void
test_every_wrong_digit (void)
{
  static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyzu";
  g_autoptr (SrudpInvitation) invitation =
    make_invitation (four_addresses, TRUE);
  g_autofree char *text = srudp_invitation_to_string (invitation);

  for (gsize i = strlen ("srudp:"); i < strlen (text); i++)
    for (const char *digit = digits; *digit != '\0'; digit++)
      {
        g_autofree char *wrong = g_strdup (text);

        if (text[i] == *digit)
          continue;
        wrong[i] = *digit;
        expect_damaged (wrong);
      }
}

/* Bits of the text: what can still be read says the same. */
static void
test_every_flipped_bit (void)
{
  g_autoptr (SrudpInvitation) invitation =
    make_invitation (four_addresses, TRUE);
  g_autofree char *text = srudp_invitation_to_string (invitation);
  guint refused = 0;

  for (gsize i = 0; i < strlen (text) * 8; i++)
    {
      g_autofree char *wrong = g_strdup (text);
      g_autoptr (GError) error = NULL;
      g_autoptr (SrudpInvitation) read = NULL;

      wrong[i / 8] = (char) (wrong[i / 8] ^ (1 << (i % 8)));
      read = srudp_invitation_parse (wrong, &error);
      if (read != NULL)
        {
          expect_equal (read, invitation);
          continue;
        }
      refused++;
      if (i / 8 < strlen ("srudp:"))
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
      else
        g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_INVITATION);
    }
  /* One bit of a letter is its case, and few look alike. */
  g_assert_cmpuint (refused, >, strlen (text) * 6);
}

/* With a checksum that fits: somebody made it so. */
static void
test_wrong_fields (void)
{
  static const struct
  {
    guint8 bytes[60];
    gsize size;
  } cases[] = {
    { .size = 0 },
    { .size = 32 },                              /* no whole key */
    { .bytes = { [0] = 1 }, .size = 33 },        /* no candidate */
    { .bytes = { [0] = 33 }, .size = 60 },       /* too many */
    { .bytes = { [0] = 0x40 }, .size = 36 },     /* no whole time */
    { .bytes = { [0] = 0x40 }, .size = 37 },     /* time zero */
    { .bytes = { [0] = 0x80 }, .size = 60 },     /* no whole secret */
    /* Family 5; a port, a network of nothing before; port 0; not unicast; an
     * address and a port cut off; a link-local address; a mapped one. */
    { .bytes = { [0] = 1, [33] = 5, 1, 2, 3, 4, 9, 9 }, .size = 40 },
    { .bytes = { [0] = 1, [33] = 0x84, 1, 2, 3, 4, 9, 9 }, .size = 40 },
    { .bytes = { [0] = 1, [33] = 0x46, 1, 2, 3, 4, 9, 9 }, .size = 50 },
    { .bytes = { [0] = 2, [33] = 4, 1, 2, 3, 4, 9, 9, 0x46, 1, [59] = 1 },
      .size = 60 },
    { .bytes = { [0] = 1, [33] = 4, 1, 2, 3, 4, 0, 0 }, .size = 40 },
    { .bytes = { [0] = 1, [33] = 4, 224, 2, 3, 4, 9, 9 }, .size = 40 },
    { .bytes = { [0] = 1, [33] = 4, 1, 2, 3 }, .size = 37 },
    { .bytes = { [0] = 1, [33] = 4, 1, 2, 3, 4, 9 }, .size = 39 },
    { .bytes = { [0] = 1, [33] = 6, 0xfe, 0x80, [50] = 9 }, .size = 52 },
    { .bytes = { [0] = 1, [33] = 6, [44] = 0xff, 0xff, 1, 2, 3, 4, 9, 9 },
      .size = 52 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text =
        srudp_invitation_wrap (1, cases[i].bytes, cases[i].size);

      expect_damaged (text);
    }
}

static void
test_other_versions (void)
{
  SrudpInvitationFields fields;
  g_autofree char *text = NULL;
  g_auto (SrudpInvitationBytes) bytes = { 0 };

  fill_fields (&fields);
  text = srudp_invitation_encode (&fields);
  g_assert_cmpint (srudp_invitation_unwrap (text, &bytes), ==,
                   SRUDP_INVITATION_GOOD);

  for (guint version = 0; version < 256; version++)
    for (guint empty = 0; empty < 2; empty++)
      {
        g_autofree char *other = srudp_invitation_wrap (
          (guint8) version, bytes.fields, empty ? 0 : bytes.n_fields);
        g_autofree char *wrong = g_strdup (other);

        wrong[10] = wrong[10] == '7' ? '8' : '7';
        expect_damaged (wrong);
        if (version == 0 || (version == 1 && empty))
          expect_damaged (other);
        else if (version > 1)
          expect_refused (other, SRUDP_ERROR, SRUDP_ERROR_VERSION);
      }
}

/* Later versions may add what this one can do without. */
static void
test_addition (void)
{
  SrudpInvitationFields fields;
  guint8 longer[200] = { 0 };
  g_autofree char *text = NULL;
  g_autofree char *longer_text = NULL;
  g_autofree char *kept = NULL;
  g_auto (SrudpInvitationBytes) bytes = { 0 };
  g_autoptr (SrudpInvitation) read = NULL;
  g_autoptr (GError) error = NULL;

  fill_fields (&fields);
  text = srudp_invitation_encode (&fields);
  srudp_invitation_unwrap (text, &bytes);
  memcpy (longer, bytes.fields, bytes.n_fields);
  longer_text = srudp_invitation_wrap (1, longer, bytes.n_fields + 9);

  read = srudp_invitation_parse (longer_text, &error);
  g_assert_no_error (error);
  kept = srudp_invitation_to_string (read);
  g_assert_cmpstr (kept, ==, longer_text);
  g_assert_cmpuint (g_list_model_get_n_items (
                      srudp_invitation_get_candidates (read)),
                    ==, 1);
}

static void
test_length (void)
{
  guint8 bytes[SRUDP_INVITATION_MAX_BYTES] = { 0 };
  gsize most = sizeof bytes - 1 - 2 - 4;
  g_autofree char *longest = srudp_invitation_wrap (2, bytes, most);

  g_assert_null (srudp_invitation_wrap (2, bytes, most + 1));
  expect_refused (longest, SRUDP_ERROR, SRUDP_ERROR_VERSION);
  /* 0x01 and lengths of 3, of more than there may be, of 4 and of 8 bytes. */
  expect_damaged ("srudp:040r0000000");
  expect_damaged ("srudp:05zzzzzzzzzzzzzzzzzzzzzzzzzzzz");
  expect_damaged ("srudp:06000000000000000000000000000");
  expect_damaged ("srudp:07000000000000000000000000000");
}

/* What people paste */

static char *
put_between (const char *text,
             const char *between,
             gsize       every)
{
  GString *out = g_string_new (NULL);

  for (gsize i = 0; text[i] != '\0'; i++)
    {
      if (i > 0 && i % every == 0)
        g_string_append (out, between);
      g_string_append_c (out, text[i]);
    }
  return g_string_free (out, FALSE);
}

static void
test_forgiving_text (void)
{
  static const char *const frames[] = {
    "%s", "  %s\n", "\t%s\r\n\r\n", "\"%s\"", "'%s'", "„%s“", "«%s».", "<%s>",
    "(%s)", "`%s`", "*%s*", "_%s_", "[%s](chat)", "> %s", "\xef\xbb\xbf%s",
    "\u200b%s\u200b", "\u00ad日本: %s", "\u00ad\u20ac\u20ac\u00ad\u20ac%s",
    "\u00a0%s\u2028", "Join me: %s see you", "Hi! %s",
    "https://example.org/ %s https://example.org/", "a srudp: link: %s, Bob",
    "srudp:%s", "srudp:\n%s", "\xff%s\xff", "日本%s日本", "日本 %s 日本",
    "%s\nsrudp:00000000",
  };
  static const char *const between[] = {
    "\n", "\r\n", " ", "\n> ", "=\n", "\u200b", "\u00ad", "\u2060", "\ufeff",
    "-", "\u00a0", "\xff",
  };
  g_autoptr (SrudpInvitation) invitation =
    make_invitation (four_addresses, TRUE);
  g_autofree char *text = srudp_invitation_to_string (invitation);
  g_autofree char *shouted = g_ascii_strup (text, -1);

  expect_read_as (shouted, invitation);
  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    {
      g_auto (GStrv) sides = g_strsplit (frames[i], "%s", 2);
      g_autofree char *framed = g_strconcat (sides[0], text, sides[1], NULL);

      expect_read_as (framed, invitation);
    }
  for (guint i = 0; i < G_N_ELEMENTS (between); i++)
    for (gsize every = 7; every < 80; every += 6)
      {
        g_autofree char *broken = put_between (text, between[i], every);

        expect_read_as (broken, invitation);
      }
}

static void
test_other_letters (void)
{
  g_autoptr (SrudpInvitation) invitation =
    make_invitation (four_addresses, TRUE);
  g_autofree char *text = srudp_invitation_to_string (invitation);
  g_autofree char *read_aloud = g_strdup (text);

  for (char *c = read_aloud + strlen ("srudp:"); *c != '\0'; c++)
    *c = *c == '0' ? 'O' : *c == '1' ? 'l' : *c;
  g_assert_cmpstr (read_aloud, !=, text);
  expect_read_as (read_aloud, invitation);
}

static void
test_not_one (void)
{
  static const char *const texts[] = {
    "", " ", "srudp", "hello", "203.0.113.7:5001", "example.org", "srud:0400",
    "sp1-gmgf02c9-62kn8x4b", "https://example.org/srudp", "xsrudp:0400",
    "my-srudp:5001", "host.srudp:5001", "\xff\xfe",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    expect_refused (texts[i], G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

/* Linear in the length of the text, whatever is in it. */
static void
test_much_text (void)
{
  static const char *const pieces[] = { "srudp:", "srudp:0", "srudp: ", "s" };

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (SrudpInvitation) read = NULL;
      gint64 start_us = g_get_monotonic_time ();

      while (text->len < 1000000)
        g_string_append (text, pieces[i]);
      read = srudp_invitation_parse (text->str, NULL);
      g_assert_null (read);
      g_assert_cmpint (g_get_monotonic_time () - start_us, <,
                       5 * G_USEC_PER_SEC);
    }
}

static void
test_made_of_nothing (void)
{
  g_autoptr (SrudpInvitation) nobody =
    g_object_new (SRUDP_TYPE_INVITATION, NULL);
  g_autofree char *text = srudp_invitation_to_string (nobody);

  expect_read_as (text, nobody);
}

/* Connecting */

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

static gpointer
open_thread (gpointer data)
{
  open_now (data);
  return NULL;
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
  GThread *thread = g_thread_new ("open", open_thread, b);

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
  g_autoptr (SrudpConnection) a =
    srudp_connection_new (endpoint_a, G_SOCKET_CONNECTABLE (invitation));
  g_autoptr (GError) error = NULL;

  srudp_endpoint_set_accept_incoming (endpoint_b, TRUE);
  srudp_connection_set_open_timeout (a, 500);
  g_assert_false (srudp_connection_open (a, NULL, &error));
  g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_PEER_IDENTITY);
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
  g_autoptr (SrudpPeerId) peer_id = make_peer_id ();
  g_autoptr (SrudpInvitation) invitation =
    srudp_invitation_new (peer_id, NULL, 0);
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

  g_test_add_func ("/invitation/damaged/cut-off", test_cut_off);
  g_test_add_func ("/invitation/damaged/every-wrong-digit",
                   test_every_wrong_digit);
  g_test_add_func ("/invitation/damaged/every-flipped-bit",
                   test_every_flipped_bit);
  g_test_add_func ("/invitation/damaged/wrong-fields", test_wrong_fields);
  g_test_add_func ("/invitation/damaged/wrong-length", test_length);
  g_test_add_func ("/invitation/other-versions", test_other_versions);
  g_test_add_func ("/invitation/additions-are-kept", test_addition);

  g_test_add_func ("/invitation/pasted/with-anything-around-it",
                   test_forgiving_text);
  g_test_add_func ("/invitation/pasted/letters-that-look-alike",
                   test_other_letters);
  g_test_add_func ("/invitation/pasted/no-invitation", test_not_one);
  g_test_add_func ("/invitation/pasted/much-text", test_much_text);

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
