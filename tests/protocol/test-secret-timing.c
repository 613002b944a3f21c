/*
 * SPDX-License-Identifier: MIT
 *
 * test-secret-timing.c: no branch and no address depends on a secret
 *
 * How long a computation takes, and what it leaves in the caches, may then tell
 * nobody what the secret is. This program runs under valgrind, whose memcheck
 * follows what was never written: secrets are marked so, and with them all that
 * is computed from them, bit by bit. A jump on such bits, or an address made of
 * them, is an error. libsodium itself is trusted; secret-watch.c says what is
 * public by design.
 */
#include "secret-watch.h"
#include "srudp-crypto-file.h"
#include "srudp-crypto.h"
#include "srudp-glib/srudp-base32-private.h"
#include "test-pipe.h"

#include <valgrind/memcheck.h>

#define MS 1000
#define SECOND G_USEC_PER_SEC

/* --- Connections ------------------------------------------------------------- */

typedef struct
{
  const char *name;
  gboolean both_open, pinned;
  const char *passphrases[2];
  gboolean invited, forgotten; /* by the second; who knows nothing of it */
  gboolean asks_always;        /* for cookies */
  gboolean forges;             /* a changed copy comes before each packet */
  gboolean accepts;
  const char *cipher;
  gboolean fails;
} Case;

static const Case cases[] = {
  { "one-accepts", .accepts = TRUE },
  { "one-accepts-and-aes", .accepts = TRUE, .cipher = "AES-256-GCM" },
  { "both-open", .both_open = TRUE },
  { "both-open-pinned", .both_open = TRUE, .pinned = TRUE },
  { "passphrase", .accepts = TRUE, .passphrases = { "pea", "pea" } },
  { "passphrase-both-open", .both_open = TRUE, .passphrases = { "pea", "pea" } },
  { "passphrase-differs", .accepts = TRUE, .passphrases = { "pea", "bean" },
    .fails = TRUE },
  { "invitation", .pinned = TRUE, .invited = TRUE },
  { "invitation-and-passphrase", .pinned = TRUE, .invited = TRUE,
    .passphrases = { "pea", "pea" } },
  { "forgotten-invitation", .pinned = TRUE, .invited = TRUE, .forgotten = TRUE,
    .accepts = TRUE, .fails = TRUE },
  { "cookies", .accepts = TRUE, .asks_always = TRUE },
  { "forged-packets", .accepts = TRUE, .passphrases = { "pea", "pea" },
    .forges = TRUE },
  { "forged-packets-and-aes", .accepts = TRUE, .cipher = "AES-256-GCM",
    .forges = TRUE },
};

static PipeVerdict
pass_cb (Pipe       *pipe,
         PipePacket *packet,
         gpointer    user_data)
{
  const Case *test = user_data;

  secret_watch_reveal (packet->data, packet->size);
  if (test->forges)
    {
      packet->data[packet->size - 1] ^= 1;
      pipe_inject (pipe, packet->from, packet->to, packet->data, packet->size);
      packet->data[packet->size - 1] ^= 1;
    }

  return PIPE_PASS;
}

/* A copy to be freed; NULL remains NULL. */
static char *
make_hidden (const char *text)
{
  char *copy = g_strdup (text);

  if (copy != NULL)
    secret_watch_hide (copy, strlen (text));

  return copy;
}

static void
set_up_node (Pipe       *pipe,
             guint       node,
             const Case *test,
             const guint8 *invitation)
{
  SrudpEngine *engine = pipe->engines[node];
  g_autofree char *passphrase = make_hidden (test->passphrases[node]);

  srudp_engine_set_key_limits (engine, 20, SECOND);
  if (test->cipher != NULL)
    srudp_engine_set_cipher (engine, test->cipher);
  if (test->asks_always)
    srudp_engine_set_hello_limits (engine, 0, 0);
  if (passphrase != NULL)
    srudp_engine_set_passphrase (engine, passphrase,
                                 strlen (test->passphrases[node]));
  if (node == 1)
    srudp_engine_set_accepting (engine, test->accepts);
  if (node == 1 && test->invited && !test->forgotten)
    srudp_engine_add_invitation (engine, invitation, -1);
}

static SrudpSession *
open_to (Pipe         *pipe,
         guint         from,
         const Case   *test,
         const guint8 *invitation)
{
  g_autofree char *passphrase = make_hidden (test->passphrases[from]);
  guint8 key[SRUDP_KEY_BYTES];
  SrudpOpenConfig config = {
    .candidates = &pipe->addresses[1 - from],
    .n_candidates = 1,
    .expected_peer = test->pinned ? key : NULL,
    .passphrase = passphrase,
    .passphrase_size = passphrase != NULL ? strlen (test->passphrases[from]) : 0,
    .invitation = from == 0 && test->invited ? invitation : NULL,
    .open_timeout_us = 20 * SECOND,
    .idle_timeout_us = 21 * SECOND,
    .keepalive_us = 15 * SECOND,
  };

  pipe_get_key (pipe, 1 - from, key);

  return srudp_engine_open (pipe->engines[from], pipe->now, &config);
}

static void
say (Pipe         *pipe,
     SrudpSession *session)
{
  SrudpSlice slice = { srudp_chunk_new (100), 0, 100 };

  memset (slice.chunk->data, 7, 100);
  if (!srudp_session_write (session, pipe->now, SRUDP_MAIN_STREAM, &slice))
    srudp_slice_clear (&slice);
}

/* Long enough for keys to be updated, and for fresh ones. */
static void
talk (Pipe         *pipe,
      SrudpSession *a,
      SrudpSession *b)
{
  for (guint i = 0; i < 40; i++)
    {
      say (pipe, a);
      say (pipe, b);
      pipe_run (pipe, 100 * MS);
    }
  VALGRIND_DISABLE_ERROR_REPORTING;
  pipe_assert_connected (a, b);
  VALGRIND_ENABLE_ERROR_REPORTING;
}

/* Nonces are drawn like keys, and what is made of them is for people alone. */
static void
assert_short_code (SrudpSession *session)
{
  guint8 symbols[SRUDP_SHORT_CODE_SYMBOLS];

  g_assert_true (srudp_session_get_short_code (session, symbols));
  g_assert_true (secret_watch_is_hidden (symbols, sizeof symbols));
}

static void
run (const Case *test)
{
  g_autoptr (Pipe) pipe = pipe_new (1, 2);
  guint8 invitation[SRUDP_KEY_BYTES];
  SrudpSession *a, *b = NULL;

  memset (invitation, 42, sizeof invitation);
  secret_watch_hide (invitation, sizeof invitation);
  pipe->filter = pass_cb;
  pipe->filter_data = (gpointer) test;
  for (guint i = 0; i < 2; i++)
    set_up_node (pipe, i, test, invitation);
  a = open_to (pipe, 0, test, invitation);
  if (test->both_open)
    b = open_to (pipe, 1, test, invitation);
  pipe_run (pipe, 2 * SECOND);
  if (b == NULL)
    b = pipe_get_incoming (pipe, 1, 0);
  if (test->fails)
    {
      g_assert_cmpint (srudp_session_get_state (a), ==, SRUDP_STATE_CLOSED);
      g_assert_null (b);
      return;
    }

  g_assert_nonnull (b);
  if (!test->both_open)
    srudp_session_claim (b);
  talk (pipe, a, b);
  assert_short_code (a);
  assert_short_code (b);
  g_assert_cmpuint (secret_watch.n_mixed, >=, 4);
  g_assert_cmpuint (secret_watch.n_sealed, >=, 60);
  srudp_session_close (a, pipe->now);
  srudp_session_close (b, pipe->now);
  pipe_run (pipe, SECOND);
}

static gboolean
is_possible (const Case *test)
{
  return test->cipher == NULL
         || srudp_cipher_is_available (SRUDP_CIPHER_AES_256_GCM);
}

static void
test_connection (gconstpointer data)
{
  guint n_errors = VALGRIND_COUNT_ERRORS;
  const Case *test = data;

  memset (&secret_watch, 0, sizeof secret_watch);
  if (is_possible (test))
    run (test);
  else
    g_test_skip ("this processor has no AES");
  g_assert_cmpuint (VALGRIND_COUNT_ERRORS - n_errors, ==, 0);
}

/* --- Files ------------------------------------------------------------------- */

/* Its digits are secret, that they are some is not: by these bits a letter or a
 * figure differs from all that is none. */
static void
hide_digits (char *text)
{
  for (; *text != '\0'; text++)
    if (*text != '-')
      {
        guint8 bits = 0x0f;

        (void) VALGRIND_SET_VBITS (text, &bits, 1);
      }
}

static void
test_text (void)
{
  guint n_errors = VALGRIND_COUNT_ERRORS;
  guint8 secret[SRUDP_BASE32_KEY_BYTES], again[SRUDP_BASE32_KEY_BYTES];
  char text[1 + SRUDP_BASE32_BODY_CHARS + 1] = "x";
  guint8 *bytes = (guint8 *) text;

  for (guint i = 0; i < sizeof secret; i++)
    secret[i] = (guint8) (i * 37);
  memcpy (again, secret, sizeof again);
  secret_watch_hide (secret, sizeof secret);
  srudp_base32_encode_key ("x", secret, text + 1);
  g_assert_true (secret_watch_is_hidden (text + 2, 8));
  secret_watch_reveal (text, sizeof text);
  hide_digits (text + 1);
  g_assert_true (srudp_base32_decode_key ("x", text, secret));
  g_assert_true (secret_watch_is_hidden (secret, sizeof secret));
  secret_watch_reveal (secret, sizeof secret);
  g_assert_cmpmem (secret, sizeof secret, again, sizeof again);

  secret_watch_reveal (text, sizeof text);
  bytes[9] ^= 1;
  hide_digits (text + 1);
  g_assert_false (srudp_base32_decode_key ("x", text, again));
  g_assert_cmpuint (VALGRIND_COUNT_ERRORS - n_errors, ==, 0);
}

static void
test_sealed_file (void)
{
  static const guint8 salt[SRUDP_ARGON2_SALT_BYTES];
  static const guint8 nonce[SRUDP_XCHACHA_NONCE_BYTES];
  guint n_errors = VALGRIND_COUNT_ERRORS;
  g_autofree char *passphrase = make_hidden ("pea");
  guint8 secret[32], key[32], sealed[32 + SRUDP_XCHACHA_TAG_BYTES];

  memset (secret, 1, sizeof secret);
  secret_watch_hide (secret, sizeof secret);
  g_assert_true (srudp_argon2id (key, passphrase, 3, salt, 1, 8));
  g_assert_true (secret_watch_is_hidden (key, sizeof key));
  srudp_xchacha_seal (key, nonce, NULL, 0, secret, sizeof secret, sealed);
  secret_watch_reveal (sealed, sizeof sealed);
  g_assert_true (srudp_xchacha_open (key, nonce, NULL, 0, sealed, sizeof sealed,
                                     secret));
  g_assert_true (secret_watch_is_hidden (secret, sizeof secret));
  sealed[5] ^= 1;
  g_assert_false (srudp_xchacha_open (key, nonce, NULL, 0, sealed, sizeof sealed,
                                      secret));
  g_assert_cmpuint (VALGRIND_COUNT_ERRORS - n_errors, ==, 0);
}

/* --- It would be seen -------------------------------------------------------- */

static void
expect_errors (guint n_errors)
{
  VALGRIND_PRINTF ("… up to here they were made on purpose.\n");
  g_assert_cmpuint (VALGRIND_COUNT_ERRORS, >, n_errors);
}

static void
test_branch_is_seen (void)
{
  guint n_errors = VALGRIND_COUNT_ERRORS;
  volatile guint8 secret = 5;
  volatile guint n = 0;

  secret_watch_hide ((guint8 *) &secret, 1);
  if (secret & 1)
    n++;
  expect_errors (n_errors);
}

static void
test_index_is_seen (void)
{
  static volatile const guint8 table[256];
  guint n_errors = VALGRIND_COUNT_ERRORS;
  volatile guint8 secret = 5;
  volatile guint8 n;

  secret_watch_hide ((guint8 *) &secret, 1);
  n = table[secret];
  secret_watch_hide ((guint8 *) &n, 1);
  expect_errors (n_errors);
}

/* The secrets of a connection really come to where they are compared. */
static void
test_leaking_comparison_is_seen (gconstpointer data)
{
  guint n_errors = VALGRIND_COUNT_ERRORS;

  memset (&secret_watch, 0, sizeof secret_watch);
  secret_watch.leaks = TRUE;
  run (data);
  g_assert_cmpuint (secret_watch.n_compared, >, 0);
  expect_errors (n_errors);
}

static const Case *
find_case (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    if (g_str_equal (cases[i].name, name))
      return &cases[i];
  g_assert_not_reached ();
}

int
main (int   argc,
      char *argv[])
{
  static const char *const compared[] = {
    "both-open-pinned", "invitation", "passphrase", "cookies",
  };

  g_test_init (&argc, &argv, NULL);
  if (!RUNNING_ON_VALGRIND)
    g_error ("To be run by valgrind, as meson does");
  if (!srudp_crypto_init ())
    g_error ("libsodium could not be initialised");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/secret-timing/connection/%s",
                                               cases[i].name);

      g_test_add_data_func (path, &cases[i], test_connection);
    }
  g_test_add_func ("/secret-timing/file/text", test_text);
  g_test_add_func ("/secret-timing/file/sealed", test_sealed_file);
  g_test_add_func ("/secret-timing/seen/branch", test_branch_is_seen);
  g_test_add_func ("/secret-timing/seen/index", test_index_is_seen);
  for (gsize i = 0; i < G_N_ELEMENTS (compared); i++)
    {
      g_autofree char *path = g_strdup_printf (
        "/secret-timing/seen/leaking-comparison/%s", compared[i]);

      g_test_add_data_func (path, find_case (compared[i]),
                            test_leaking_comparison_is_seen);
    }

  return g_test_run ();
}
