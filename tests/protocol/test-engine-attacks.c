/*
 * SPDX-License-Identifier: MIT
 *
 * test-engine-attacks.c: who sits in the middle, who has a stolen key, who
 * has recorded everything, who would have others use something weaker
 */
#include "srudp-engine-private.h"
#include "srudp-handshake-packet.h"
#include "srudp-hello.h"
#include "srudp-noise.h"
#include "test-pipe.h"

#define MS 1000
#define SECOND G_USEC_PER_SEC

/* Who meant to talk to each other, and who sits in between. */
enum
{
  ADA,
  BOB,
  MALLORY,
};

typedef struct
{
  const char *passphrase;
  const guint8 *invitation;
  const guint8 *expected_peer;
} Knows;

static const guint8 secret_of_bob[SRUDP_KEY_BYTES] = { 0xB0, 0xB };

static SrudpSession *
open_with (Pipe        *pipe,
           guint        from,
           guint        to,
           const Knows *knows)
{
  SrudpOpenConfig config = {
    .candidates = &pipe->addresses[to],
    .n_candidates = 1,
    .expected_peer = knows->expected_peer,
    .passphrase = knows->passphrase,
    .passphrase_size = knows->passphrase != NULL ? strlen (knows->passphrase) : 0,
    .invitation = knows->invitation,
    .open_timeout_us = 3 * SECOND,
    .idle_timeout_us = 21 * SECOND,
    .keepalive_us = 15 * SECOND,
  };

  return srudp_engine_open (pipe->engines[from], pipe->now, &config);
}

/* Ada takes Mallory's address for Bob's; Mallory calls Bob at the same time. */
static void
test_middle_unpinned (void)
{
  g_autoptr (Pipe) pipe = pipe_new (1, 3);
  guint8 ada[SRUDP_KEY_BYTES], bob[SRUDP_KEY_BYTES];
  guint8 seen_by_ada[SRUDP_KEY_BYTES], seen_by_bob[SRUDP_KEY_BYTES];
  SrudpSession *a, *b;

  srudp_engine_set_accepting (pipe->engines[BOB], TRUE);
  srudp_engine_set_accepting (pipe->engines[MALLORY], TRUE);
  a = pipe_open (pipe, ADA, MALLORY, PIPE_ANYONE);
  pipe_open (pipe, MALLORY, BOB, PIPE_ANYONE);
  pipe_run (pipe, SECOND);

  /* It can't be prevented, but seen: of the keys and the bindings nothing that
   * Ada and Bob compare is the same. */
  b = pipe_get_incoming (pipe, BOB, 0);
  g_assert_cmpint (srudp_session_get_state (a), ==, SRUDP_STATE_ESTABLISHED);
  g_assert_nonnull (b);
  pipe_get_key (pipe, ADA, ada);
  pipe_get_key (pipe, BOB, bob);
  g_assert_true (srudp_session_get_peer_key (a, seen_by_ada));
  g_assert_true (srudp_session_get_peer_key (b, seen_by_bob));
  g_assert_cmpint (memcmp (seen_by_ada, bob, SRUDP_KEY_BYTES), !=, 0);
  g_assert_cmpint (memcmp (seen_by_bob, ada, SRUDP_KEY_BYTES), !=, 0);
  g_assert_true (srudp_session_get_channel_binding (a, seen_by_ada));
  g_assert_true (srudp_session_get_channel_binding (b, seen_by_bob));
  g_assert_cmpint (memcmp (seen_by_ada, seen_by_bob, SRUDP_KEY_BYTES), !=, 0);
}

typedef struct
{
  const char *path;
  gboolean pinned, invited;
  const char *passphrase;
  SrudpReason reason;
} Middle;

static const Middle middles[] = {
  { "/attacks/middle/pinned", TRUE, FALSE, NULL, SRUDP_REASON_PEER_IDENTITY },
  { "/attacks/middle/invitation", TRUE, TRUE, NULL, SRUDP_REASON_PEER_IDENTITY },
  { "/attacks/middle/invitation-without-its-key", FALSE, TRUE, NULL,
    SRUDP_REASON_INVITATION },
  { "/attacks/middle/passphrase", FALSE, FALSE, "three random words",
    SRUDP_REASON_PASSPHRASE },
};

static PipeVerdict
count_data_cb (Pipe       *pipe,
               PipePacket *packet,
               gpointer    user_data)
{
  guint *n_data = user_data;

  if (packet->data[0] < SRUDP_PACKET_HELLO)
    ++*n_data;

  return PIPE_PASS;
}

/* Not one of them is established, and not a packet with data goes out. */
static void
test_middle (gconstpointer data)
{
  const Middle *test = data;
  g_autoptr (Pipe) pipe = pipe_new (2, 3);
  guint8 bob[SRUDP_KEY_BYTES];
  Knows knows = { test->passphrase, test->invited ? secret_of_bob : NULL,
                  test->pinned ? bob : NULL };
  SrudpSession *session;
  guint n_data = 0;

  pipe->filter = count_data_cb;
  pipe->filter_data = &n_data;
  pipe_get_key (pipe, BOB, bob);
  srudp_engine_set_accepting (pipe->engines[MALLORY], TRUE);
  if (test->passphrase != NULL)
    srudp_engine_set_passphrase (pipe->engines[MALLORY], "a guess", 7);
  session = open_with (pipe, ADA, MALLORY, &knows);
  pipe_run (pipe, 4 * SECOND);
  g_assert_cmpint (srudp_session_get_state (session), ==, SRUDP_STATE_CLOSED);
  g_assert_cmpint (srudp_session_get_reason (session), ==, test->reason);
  g_assert_null (pipe_get_incoming (pipe, MALLORY, 0));
  g_assert_cmpuint (n_data, ==, 0);
  /* One guess, and he knows that it was wrong. */
  g_assert_cmpuint (pipe_count_failures (pipe, MALLORY, SRUDP_REASON_PASSPHRASE), ==,
                    test->passphrase != NULL ? 1 : 0);
}

static void
init_noise (SrudpNoise   *noise,
            gboolean      initiator,
            const guint8  secret[SRUDP_KEY_BYTES],
            const guint8  claimed[SRUDP_KEY_BYTES],
            guint8        ephemeral)
{
  guint8 ephemeral_secret[SRUDP_KEY_BYTES] = { ephemeral };

  srudp_noise_init (noise, initiator, "x", 1, secret, claimed);
  srudp_noise_set_ephemeral (noise, ephemeral_secret);
}

/* Who has Ada's secret can pass for Ada, but not for Bob to Ada. */
static void
test_stolen_key (void)
{
  static const guint8 ada_secret[SRUDP_KEY_BYTES] = { 8, 0xA };
  static const guint8 bob_secret[SRUDP_KEY_BYTES] = { 8, 0xB };
  static const guint8 psk[SRUDP_NOISE_PSK_BYTES];
  guint8 ada[SRUDP_KEY_BYTES], bob[SRUDP_KEY_BYTES];
  guint8 message[200], payload[200];
  SrudpNoise victim, thief;

  srudp_x25519_public_key (ada, ada_secret);
  srudp_x25519_public_key (bob, bob_secret);

  /* Ada opens, the thief answers in Bob's name. */
  init_noise (&victim, TRUE, ada_secret, ada, 16);
  init_noise (&thief, FALSE, ada_secret, bob, 32);
  srudp_noise_write_message_1 (&victim, NULL, 0, message);
  g_assert_true (srudp_noise_read_message_1 (&thief, message,
                                             SRUDP_NOISE_MESSAGE_1_OVERHEAD, payload));
  g_assert_true (srudp_noise_write_message_2 (&thief, NULL, 0, message));
  g_assert_false (srudp_noise_read_message_2 (&victim, message,
                                              SRUDP_NOISE_MESSAGE_2_OVERHEAD,
                                              payload));

  /* The thief opens in Bob's name, Ada answers. */
  init_noise (&victim, FALSE, ada_secret, ada, 16);
  init_noise (&thief, TRUE, ada_secret, bob, 32);
  srudp_noise_write_message_1 (&thief, NULL, 0, message);
  g_assert_true (srudp_noise_read_message_1 (&victim, message,
                                             SRUDP_NOISE_MESSAGE_1_OVERHEAD, payload));
  g_assert_true (srudp_noise_write_message_2 (&victim, NULL, 0, message));
  g_assert_true (srudp_noise_read_message_2 (&thief, message,
                                             SRUDP_NOISE_MESSAGE_2_OVERHEAD, payload));
  g_assert_true (srudp_noise_write_message_3 (&thief, psk, NULL, 0, message));
  g_assert_true (srudp_noise_read_message_3_static (&victim, message,
                                                    SRUDP_NOISE_MESSAGE_3_OVERHEAD));
  g_assert_false (srudp_noise_read_message_3_payload (&victim, psk, message,
                                                      SRUDP_NOISE_MESSAGE_3_OVERHEAD,
                                                      payload));
}

static PipeVerdict
record_cb (Pipe       *pipe,
           PipePacket *packet,
           gpointer    user_data)
{
  PipePacket *copy = g_memdup2 (packet, sizeof *packet);

  copy->data = g_memdup2 (packet->data, packet->size);
  g_ptr_array_add (user_data, copy);

  return PIPE_PASS;
}

static void
say (Pipe         *pipe,
     SrudpSession *session,
     const char   *text)
{
  gsize size = strlen (text);
  SrudpSlice slice = { srudp_chunk_new (size), 0, size };

  memcpy (slice.chunk->data, text, size);
  g_assert_true (srudp_session_write (session, pipe->now, SRUDP_MAIN_STREAM, &slice));
}

static gsize
hear (Pipe         *pipe,
      SrudpSession *session)
{
  SrudpSlice slice = { 0 };
  gsize size = 0;

  while (srudp_session_read (session, SRUDP_MAIN_STREAM, &slice))
    {
      srudp_session_consume (session, pipe->now, SRUDP_MAIN_STREAM, slice.length);
      size += slice.length;
      srudp_slice_clear (&slice);
    }

  return size;
}

/* All that was sent in one session comes once more in the next. */
static void
test_whole_session_again (void)
{
  g_autoptr (Pipe) pipe = pipe_new (5, 2);
  g_autoptr (GPtrArray) record = g_ptr_array_new_with_free_func (pipe_packet_free);
  SrudpSession *a, *b;

  srudp_engine_set_accepting (pipe->engines[BOB], TRUE);
  pipe->filter = record_cb;
  pipe->filter_data = record;
  a = pipe_open (pipe, ADA, BOB, PIPE_PINNED);
  pipe_run (pipe, SECOND);
  say (pipe, a, "pay Mallory ten");
  pipe_run (pipe, SECOND);
  b = pipe_get_incoming (pipe, BOB, 0);
  g_assert_cmpuint (hear (pipe, b), ==, 15);
  srudp_session_claim (b);
  srudp_session_release (a, pipe->now);
  srudp_session_release (b, pipe->now);
  pipe_run (pipe, 10 * SECOND);
  pipe->filter = NULL;
  g_assert_cmpuint (record->len, >, 8);

  a = pipe_open (pipe, ADA, BOB, PIPE_PINNED);
  pipe_run (pipe, SECOND);
  b = pipe_get_incoming (pipe, BOB, 1);
  pipe_assert_connected (a, b);
  for (guint i = 0; i < record->len; i++)
    {
      PipePacket *packet = g_ptr_array_index (record, i);

      pipe_inject (pipe, packet->from, packet->to, packet->data, packet->size);
      pipe_run (pipe, 20 * MS);
    }
  pipe_assert_connected (a, b);
  g_assert_cmpuint (hear (pipe, b), ==, 0);
  g_assert_null (pipe_get_incoming (pipe, BOB, 2));
}

/* --- Something weaker ---------------------------------------------------------- */

/* Where the fields say what their sender can do. */
#define FIELDS_OFFSET (2 * SRUDP_TAG_BYTES)
#define VERSION_MAX_OFFSET (FIELDS_OFFSET + 1)
#define CIPHERS_OFFSET (FIELDS_OFFSET + 2 + SRUDP_APPLICATION_BYTES + 8)

static void
mix_hash (guint8        hash[SRUDP_SHA256_BYTES],
          gconstpointer data,
          gsize         size)
{
  SrudpSha256 state;

  srudp_sha256_init (&state);
  srudp_sha256_update (&state, hash, SRUDP_SHA256_BYTES);
  srudp_sha256_update (&state, data, size);
  srudp_sha256_final (&state, hash);
}

/* What is in a HELLO is sealed with a key that everybody can compute. */
static void
weaken_hello (guint8 *packet)
{
  static const char name[] = "Noise_XXpsk3_25519_ChaChaPoly_SHA256";
  static const guint8 nonce[SRUDP_AEAD_NONCE_BYTES];
  guint8 *e = packet + SRUDP_HELLO_NOISE_OFFSET, *sealed = e + SRUDP_KEY_BYTES;
  gsize size = (gsize) (packet[1] << 8 | packet[2]) - SRUDP_KEY_BYTES
               - SRUDP_AEAD_TAG_BYTES;
  guint8 hash[SRUDP_SHA256_BYTES], chaining_key[SRUDP_SHA256_BYTES];
  guint8 key[SRUDP_AEAD_KEY_BYTES];
  SrudpAead aead;

  srudp_sha256 (hash, name, strlen (name));
  memcpy (chaining_key, hash, sizeof hash);
  mix_hash (hash, SRUDP_PROLOGUE, strlen (SRUDP_PROLOGUE));
  mix_hash (hash, e, SRUDP_KEY_BYTES);
  srudp_hkdf (chaining_key, e, SRUDP_KEY_BYTES, chaining_key, key, NULL);
  srudp_aead_init (&aead, SRUDP_CIPHER_CHACHA20_POLY1305, key);
  g_assert_true (srudp_aead_open (&aead, nonce, hash, sizeof hash, sealed, size,
                                  sealed + size, sealed));
  sealed[VERSION_MAX_OFFSET] = 1;
  sealed[CIPHERS_OFFSET] = SRUDP_CIPHER_CHACHA20_POLY1305;
  srudp_aead_seal (&aead, nonce, hash, sizeof hash, sealed, size, sealed,
                   sealed + size);
}

typedef struct
{
  gboolean replaces; /* the genuine one is lost */
  guint n;
} Weakening;

static PipeVerdict
weaken_cb (Pipe       *pipe,
           PipePacket *packet,
           gpointer    user_data)
{
  g_autofree guint8 *copy = NULL;
  Weakening *weakening = user_data;

  if (packet->data[0] != SRUDP_PACKET_HELLO)
    return PIPE_PASS;

  copy = g_memdup2 (packet->data, packet->size);
  weaken_hello (copy);
  g_assert_cmpint (memcmp (copy, packet->data, packet->size), !=, 0);
  pipe_inject (pipe, packet->from, packet->to, copy, packet->size);
  weakening->n++;

  return weakening->replaces ? PIPE_DROP : PIPE_PASS;
}

/* A HELLO that says less than its sender can do makes nobody use less: its
 * answer can't be read. At worst there is no connection. */
static void
test_weaker_hello (gconstpointer data)
{
  g_autoptr (Pipe) pipe = pipe_new (6, 2);
  Weakening weakening = { .replaces = GPOINTER_TO_INT (data) };
  SrudpSessionStats stats;
  SrudpSession *a, *b;

  srudp_engine_set_accepting (pipe->engines[BOB], TRUE);
  for (guint i = 0; i < 2; i++)
    pipe->engines[i]->local.version_max = 2;
  pipe->filter = weaken_cb;
  pipe->filter_data = &weakening;
  a = pipe_open (pipe, ADA, BOB, PIPE_PINNED);
  pipe_run (pipe, 5 * SECOND);
  b = pipe_get_incoming (pipe, BOB, 0);
  g_assert_cmpuint (weakening.n, >, 0);
  if (weakening.replaces)
    {
      g_assert_cmpint (srudp_session_get_state (a), !=, SRUDP_STATE_ESTABLISHED);
      g_assert_null (b);
      return;
    }

  pipe_assert_connected (a, b);
  srudp_session_get_stats (a, &stats);
  g_assert_cmpstr (stats.cipher, ==,
                   srudp_cipher_get_name (
                     srudp_cipher_is_available (SRUDP_CIPHER_AES_256_GCM)
                       ? SRUDP_CIPHER_AES_256_GCM
                       : SRUDP_CIPHER_CHACHA20_POLY1305));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/attacks/middle/unpinned-is-seen-by-comparing",
                   test_middle_unpinned);
  for (gsize i = 0; i < G_N_ELEMENTS (middles); i++)
    g_test_add_data_func (middles[i].path, &middles[i], test_middle);
  g_test_add_func ("/attacks/stolen-key/nobody-else-to-its-owner", test_stolen_key);
  g_test_add_func ("/attacks/replay/whole-session-into-the-next",
                   test_whole_session_again);

  g_test_add_data_func ("/attacks/weaker-hello/in-place-of-each",
                        GINT_TO_POINTER (TRUE), test_weaker_hello);
  g_test_add_data_func ("/attacks/weaker-hello/before-each",
                        GINT_TO_POINTER (FALSE), test_weaker_hello);

  return g_test_run ();
}
