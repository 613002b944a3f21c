/*
 * SPDX-License-Identifier: MIT
 *
 * test-invitation-text.c: invitations as people paste them, damaged or not
 */
#include "invitations.h"

#include <string.h>

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

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/invitation/damaged/cut-off", test_cut_off);
  g_test_add_func ("/invitation/damaged/every-wrong-digit",
                   test_every_wrong_digit);
  g_test_add_func ("/invitation/damaged/every-flipped-bit",
                   test_every_flipped_bit);
  g_test_add_func ("/invitation/damaged/wrong-fields", test_wrong_fields);
  g_test_add_func ("/invitation/other-versions", test_other_versions);
  g_test_add_func ("/invitation/additions-are-kept", test_addition);
  g_test_add_func ("/invitation/damaged/wrong-length", test_length);
  g_test_add_func ("/invitation/pasted/with-anything-around-it",
                   test_forgiving_text);
  g_test_add_func ("/invitation/pasted/letters-that-look-alike",
                   test_other_letters);
  g_test_add_func ("/invitation/pasted/no-invitation", test_not_one);
  g_test_add_func ("/invitation/pasted/much-text", test_much_text);

  return g_test_run ();
}
