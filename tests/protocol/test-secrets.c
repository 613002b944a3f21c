/*
 * SPDX-License-Identifier: MIT
 *
 * test-secrets.c: passphrases and invitation secrets, and the psk made of them
 */
#include "srudp-secrets.h"

#include "test-random.h"

/* One side of a handshake; NULL: it has none. */
typedef struct
{
  const char *passphrase;
  const char *invitation;
} Side;

static void
make_secrets (SrudpKeyring *keyring,
              GRand        *rand,
              const Side   *side,
              SrudpSecrets *secrets)
{
  guint8 invitation[SRUDP_KEY_BYTES] = { 0 };
  SrudpPassphrase *passphrase = NULL;

  if (side->passphrase != NULL)
    passphrase = srudp_keyring_intern (keyring, side->passphrase,
                                       strlen (side->passphrase));
  if (side->invitation != NULL)
    memcpy (invitation, side->invitation, strlen (side->invitation));
  srudp_secrets_init (secrets, passphrase,
                      side->invitation != NULL ? invitation : NULL,
                      test_random_fill, rand);
  g_clear_pointer (&passphrase, srudp_passphrase_unref);
}

static gboolean
agree (const Side *a,
       const Side *b,
       gboolean   *is_zero)
{
  static const guint8 zeros[SRUDP_PSK_BYTES];
  guint8 hashes[2][SRUDP_SHA256_BYTES] = { { 1 }, { 2 } };
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  SrudpHelloFields fields[2] = { 0 };
  guint8 psk[2][SRUDP_PSK_BYTES];
  SrudpSecrets secrets[2];
  SrudpKeyring keyring;

  srudp_keyring_init (&keyring);
  make_secrets (&keyring, rand, a, &secrets[0]);
  make_secrets (&keyring, rand, b, &secrets[1]);
  for (guint i = 0; i < 2; i++)
    srudp_secrets_offer (&secrets[i], &fields[i]);
  for (guint i = 0; i < 2; i++)
    g_assert_true (srudp_secrets_make_psk (&secrets[i], hashes[i],
                                           &fields[1 - i], hashes[1 - i], psk[i]));
  *is_zero = memcmp (psk[0], zeros, sizeof zeros) == 0;
  for (guint i = 0; i < 2; i++)
    srudp_secrets_clear (&secrets[i]);
  srudp_keyring_clear (&keyring);

  return memcmp (psk[0], psk[1], SRUDP_PSK_BYTES) == 0;
}

static void
test_agreement (void)
{
  static const struct
  {
    Side a, b;
    gboolean agree, zero;
  } cases[] = {
    { { NULL, NULL }, { NULL, NULL }, TRUE, TRUE },
    { { "pea", NULL }, { "pea", NULL }, TRUE, FALSE },
    { { "pea", NULL }, { "bean", NULL }, FALSE, FALSE },
    { { "pea", NULL }, { NULL, NULL }, TRUE, TRUE }, /* told by the fields */
    { { NULL, "one" }, { NULL, "one" }, TRUE, FALSE },
    { { NULL, "one" }, { NULL, "two" }, FALSE, FALSE },
    { { NULL, "one" }, { NULL, NULL }, FALSE, FALSE },
    { { "pea", "one" }, { "pea", "one" }, TRUE, FALSE },
    { { "pea", "one" }, { "pea", NULL }, FALSE, FALSE },
    { { "pea", "one" }, { "bean", "one" }, FALSE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gboolean is_zero;

      g_test_message ("case %d", (int) i);
      g_assert_cmpint (agree (&cases[i].a, &cases[i].b, &is_zero), ==,
                       cases[i].agree);
      g_assert_cmpint (is_zero, ==, cases[i].zero);
    }
}

/* The same passphrase is one object, and so are the guesses at it, even when
 * nobody uses it for a while. */
static void
test_interning (void)
{
  const SrudpAddress somebody = { .family = SRUDP_FAMILY_IPV4 };
  SrudpKeyring keyring;
  SrudpPassphrase *a, *b;

  srudp_keyring_init (&keyring);
  a = srudp_keyring_intern (&keyring, "pea", 3);
  g_assert_true (srudp_guesses_take (srudp_passphrase_get_guesses (a), 5, &somebody));
  srudp_passphrase_unref (a);
  for (guint i = 0; i < SRUDP_MAX_PASSPHRASES - 1; i++)
    {
      g_autofree char *text = g_strdup_printf ("bean %u", i);

      b = srudp_keyring_intern (&keyring, text, strlen (text));
      g_assert_true (b != a);
      srudp_passphrase_unref (b);
    }

  b = srudp_keyring_intern (&keyring, "pea", 3);
  g_assert_true (a == b);
  g_assert_cmpuint (srudp_passphrase_get_guesses (b)->n_taken, ==, 1);

  /* One in use is never forgotten; others are, one by one. */
  for (guint i = 0; i < 3 * SRUDP_MAX_PASSPHRASES; i++)
    {
      g_autofree char *text = g_strdup_printf ("corn %u", i);

      srudp_passphrase_unref (srudp_keyring_intern (&keyring, text, strlen (text)));
      g_assert_cmpuint (keyring.passphrases->len, <=, SRUDP_MAX_PASSPHRASES + 1);
    }
  a = srudp_keyring_intern (&keyring, "pea", 3);
  g_assert_true (a == b);
  srudp_passphrase_unref (a);
  srudp_passphrase_unref (b);
  srudp_keyring_clear (&keyring);
}

static void
test_invitations (void)
{
  guint8 secret[SRUDP_KEY_BYTES] = { 1 }, e[SRUDP_KEY_BYTES] = { 9 };
  guint8 tagged[3] = { 1, 2, 3 };
  SrudpHello hello = { .tagged = tagged, .tagged_size = sizeof tagged };
  SrudpKeyring keyring;

  srudp_keyring_init (&keyring);
  srudp_hello_make_tag (hello.invitation_tag, SRUDP_TAG_INVITATION, secret, e,
                        tagged, sizeof tagged);
  g_assert_null (srudp_keyring_find_invitation (&keyring, &hello, e));
  srudp_keyring_add_invitation (&keyring, secret, -1);
  srudp_keyring_add_invitation (&keyring, secret, -1);
  g_assert_cmpuint (keyring.invitations->len, ==, 1);
  g_assert_cmpmem (srudp_keyring_find_invitation (&keyring, &hello, e),
                   SRUDP_KEY_BYTES, secret, SRUDP_KEY_BYTES);

  tagged[1] ^= 1;
  g_assert_null (srudp_keyring_find_invitation (&keyring, &hello, e));
  tagged[1] ^= 1;
  srudp_keyring_remove_invitation (&keyring, secret);
  g_assert_null (srudp_keyring_find_invitation (&keyring, &hello, e));

  for (guint i = 0; i < 2 * SRUDP_MAX_INVITATIONS; i++)
    {
      secret[1] = (guint8) i;
      srudp_keyring_add_invitation (&keyring, secret, -1);
    }
  g_assert_cmpuint (keyring.invitations->len, ==, SRUDP_MAX_INVITATIONS);
  srudp_keyring_clear (&keyring);
}

/* Each at its own time, and none too early. */
static void
test_invitations_end (void)
{
  static const gint64 ends[] = { 40, -1, 10, 30, 10, -1, 20 };
  static const struct { gint64 at; guint n_left; gint64 next; } steps[] = {
    { 0, 7, 10 }, { 9, 7, 10 }, { 10, 5, 20 }, { 35, 3, 40 }, { 1000, 2, -1 },
  };
  SrudpKeyring keyring;

  srudp_keyring_init (&keyring);
  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      guint8 secret[SRUDP_KEY_BYTES] = { (guint8) i };

      srudp_keyring_add_invitation (&keyring, secret, ends[i]);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      srudp_keyring_expire (&keyring, steps[i].at);
      g_assert_cmpuint (keyring.invitations->len, ==, steps[i].n_left);
      g_assert_cmpint (keyring.next_expiry, ==, steps[i].next);
    }
  srudp_keyring_clear (&keyring);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (srudp_crypto_init ());
  g_test_add_func ("/secrets/both-sides-agree-only-on-the-same", test_agreement);
  g_test_add_func ("/secrets/guesses-at-one-passphrase-are-counted-together",
                   test_interning);
  g_test_add_func ("/secrets/a-hello-proves-an-invitation", test_invitations);
  g_test_add_func ("/secrets/invitations/end", test_invitations_end);

  return g_test_run ();
}
