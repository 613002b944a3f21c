/*
 * SPDX-License-Identifier: MIT
 *
 * test-noise.c: the handshake is Noise_XXpsk3_25519_ChaChaPoly_SHA256, and bad
 * messages leave its state alone
 */
#include "srudp-noise.h"

#include "test-bytes.h"

#include <string.h>

#define MAX_MESSAGES 8
#define MAX_MESSAGE_BYTES 1024

typedef struct
{
  char *prologue, *psk, *hash;
  char *initiator_static, *initiator_ephemeral;
  char *responder_static, *responder_ephemeral;
  char *payloads[MAX_MESSAGES], *ciphertexts[MAX_MESSAGES];
  gsize n_messages;
} Vector;

/* cacophony, vectors/cacophony.txt (public domain) */
static const Vector embedded_vector = {
  .prologue = "4a6f686e2047616c74",
  .psk = "54686973206973206d7920417573747269616e20706572737065637469766521",
  .hash = "a477edf6a131bbdb54707f6ea30eab6cd935d9b560f0e5fd1f053a95a99669fb",
  .initiator_static = "e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1",
  .initiator_ephemeral = "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a",
  .responder_static = "4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893",
  .responder_ephemeral = "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b",
  .payloads = {
    "4c756477696720766f6e204d69736573",
    "4d757272617920526f746862617264",
    "462e20412e20486179656b",
    "4361726c204d656e676572",
    "4a65616e2d426170746973746520536179",
  },
  .ciphertexts = {
    "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944"
    "c9f5ff0e8079630cb7e270c20bbf480821b77a384a645c71a2fd9b3db1c16a5f",
    "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843"
    "b123def17f71e6ae8e57e0e1dec5949c5f7415c6f33517398747d821a06dc23a"
    "d430aa1fd7381d46195c378a819fd574425462cbb2d4ca339e738a0b7001dc91"
    "423fbf55a99af0c6f1df21012ceb2f",
    "52187316111b118d4c060364f7b975dc0809b2590779aff2d63113c564f11744"
    "493384db7bf32d5ae6686df6ab06d508d2e07caaf1d6afc010b978735fc78900"
    "e71ae1d314130d042e729a",
    "eaedc672d4c21e0e2955758756fb98f194c4e90d5deb5b6cf30b27",
    "522d543c5fe799d09a3d9da7ff54d0dc03c8af1dc7751d2ff708339d2290943e98",
  },
  .n_messages = 5,
};

static void
init_side (SrudpNoise *noise,
           gboolean    initiator,
           const char *prologue_hex,
           const char *static_hex,
           const char *ephemeral_hex)
{
  g_autoptr (GByteArray) prologue = test_bytes_from_hex (prologue_hex);
  guint8 secret[32], public_key[32];

  test_bytes_fill (secret, sizeof secret, static_hex);
  srudp_x25519_public_key (public_key, secret);
  srudp_noise_init (noise, initiator, prologue->data, prologue->len, secret, public_key);

  test_bytes_fill (secret, sizeof secret, ephemeral_hex);
  srudp_noise_set_ephemeral (noise, secret);
}

/* After the handshake the vectors go on with plain transport messages: the
 * responder speaks first, since the initiator had the last word. */
static void
check_transport_message (const Vector *vector,
                         gsize         i,
                         const guint8  initiator_key[32],
                         const guint8  responder_key[32])
{
  g_autoptr (GByteArray) payload = test_bytes_from_hex (vector->payloads[i]);
  gboolean from_initiator = i % 2 == 0;
  guint8 nonce[SRUDP_AEAD_NONCE_BYTES] = { 0 };
  guint8 out[MAX_MESSAGE_BYTES];
  SrudpAead aead;

  /* Messages 3 and 4 are the first of their directions, 5 the second. */
  nonce[4] = (guint8) ((i - 3) / 2);
  srudp_aead_init (&aead, SRUDP_CIPHER_CHACHA20_POLY1305,
                   from_initiator ? initiator_key : responder_key);
  srudp_aead_seal (&aead, nonce, NULL, 0, payload->data, payload->len, out, out + payload->len);
  test_assert_bytes (out, payload->len + SRUDP_AEAD_TAG_BYTES, vector->ciphertexts[i]);
}

static void
check_vector (const Vector *vector)
{
  SrudpNoise initiator, responder;
  guint8 psk[SRUDP_NOISE_PSK_BYTES];
  guint8 message[MAX_MESSAGE_BYTES], payload[MAX_MESSAGE_BYTES];
  guint8 keys[2][32], peer_keys[2][32];
  gsize size;

  init_side (&initiator, TRUE, vector->prologue,
             vector->initiator_static, vector->initiator_ephemeral);
  init_side (&responder, FALSE, vector->prologue,
             vector->responder_static, vector->responder_ephemeral);
  test_bytes_fill (psk, sizeof psk, vector->psk);

  for (gsize i = 0; i < 3; i++)
    {
      static const gsize overheads[] = { SRUDP_NOISE_MESSAGE_1_OVERHEAD,
                                         SRUDP_NOISE_MESSAGE_2_OVERHEAD,
                                         SRUDP_NOISE_MESSAGE_3_OVERHEAD };
      g_autoptr (GByteArray) text = test_bytes_from_hex (vector->payloads[i]);

      size = text->len + overheads[i];
      switch (i)
        {
        case 0:
          srudp_noise_write_message_1 (&initiator, text->data, text->len, message);
          g_assert_true (srudp_noise_read_message_1 (&responder, message, size, payload));
          break;
        case 1:
          g_assert_true (srudp_noise_write_message_2 (&responder, text->data, text->len, message));
          g_assert_true (srudp_noise_read_message_2 (&initiator, message, size, payload));
          break;
        default:
          g_assert_true (srudp_noise_write_message_3 (&initiator, psk, text->data, text->len,
                                                      message));
          g_assert_true (srudp_noise_read_message_3_static (&responder, message, size));
          g_assert_true (srudp_noise_read_message_3_payload (&responder, psk, message, size,
                                                             payload));
          break;
        }
      test_assert_bytes (message, size, vector->ciphertexts[i]);
      g_assert_cmpmem (payload, text->len, text->data, text->len);
    }

  g_assert_cmpint (initiator.step, ==, SRUDP_NOISE_STEP_DONE);
  g_assert_cmpint (responder.step, ==, SRUDP_NOISE_STEP_DONE);
  test_assert_bytes (initiator.hash, sizeof initiator.hash, vector->hash);
  test_assert_bytes (responder.hash, sizeof responder.hash, vector->hash);
  g_assert_cmpmem (initiator.peer_static, 32, responder.static_public, 32);
  g_assert_cmpmem (responder.peer_static, 32, initiator.static_public, 32);

  srudp_noise_split (&initiator, keys[0], keys[1]);
  srudp_noise_split (&responder, peer_keys[0], peer_keys[1]);
  g_assert_cmpmem (keys, sizeof keys, peer_keys, sizeof peer_keys);
  for (gsize i = 3; i < vector->n_messages; i++)
    check_transport_message (vector, i, keys[0], keys[1]);
}

static void
test_embedded_vector (void)
{
  check_vector (&embedded_vector);
}

/* The first string value of a name, from `text` on; "" if there is none. */
static char *
json_string (const char *text, const char *name)
{
  g_autofree char *pattern = g_strdup_printf ("\"%s\"\\s*:\\s*\\[?\\s*\"([^\"]*)\"", name);
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  if (!g_regex_match (regex, text, 0, &match))
    return g_strdup ("");

  return g_match_info_fetch (match, 1);
}

static void
check_json_vector (const char *text)
{
  const char *at = strstr (text, "\"messages\"");
  Vector vector = {
    .prologue = json_string (text, "init_prologue"),
    .psk = json_string (text, "init_psks"),
    .hash = json_string (text, "handshake_hash"),
    .initiator_static = json_string (text, "init_static"),
    .initiator_ephemeral = json_string (text, "init_ephemeral"),
    .responder_static = json_string (text, "resp_static"),
    .responder_ephemeral = json_string (text, "resp_ephemeral"),
  };

  while (at != NULL && (at = strstr (at, "\"payload\"")) != NULL)
    {
      g_assert_cmpuint (vector.n_messages, <, MAX_MESSAGES);
      vector.payloads[vector.n_messages] = json_string (at, "payload");
      vector.ciphertexts[vector.n_messages] = json_string (at, "ciphertext");
      vector.n_messages++;
      at++;
    }
  g_assert_cmpuint (vector.n_messages, >=, 3);

  check_vector (&vector);

  for (gsize i = 0; i < vector.n_messages; i++)
    {
      g_free (vector.payloads[i]);
      g_free (vector.ciphertexts[i]);
    }
  g_free (vector.prologue);
  g_free (vector.psk);
  g_free (vector.hash);
  g_free (vector.initiator_static);
  g_free (vector.initiator_ephemeral);
  g_free (vector.responder_static);
  g_free (vector.responder_ephemeral);
}

static char *
published_vectors_path (void)
{
  const char *shared_dir = g_getenv ("SRUDP_SHARED_DIR");
  g_autofree char *beside_source = g_test_build_filename (G_TEST_DIST, "..", "..", "shared", NULL);

  return g_build_filename (shared_dir != NULL ? shared_dir : beside_source, "vectors",
                           "noise-xxpsk3-25519-chachapoly-sha256.json", NULL);
}

static void
test_published_vectors (void)
{
  g_autofree char *path = published_vectors_path ();
  g_autofree char *text = NULL;
  g_auto (GStrv) vectors = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    {
      g_autofree char *reason = g_strdup_printf ("no published vectors at %s", path);

      g_test_skip (reason);
      return;
    }

  vectors = g_strsplit (text, "\"protocol_name\"", -1);
  g_assert_cmpuint (g_strv_length (vectors), >=, 2);
  for (gsize i = 1; vectors[i] != NULL; i++)
    check_json_vector (vectors[i]);
}

/* Two sides with fixed keys, up to where `step` comes next. */
typedef struct
{
  SrudpNoise initiator, responder;
  guint8 psk[SRUDP_NOISE_PSK_BYTES];
  guint8 messages[3][MAX_MESSAGE_BYTES];
  gsize sizes[3];
} Pair;

static const guint8 payload_text[] = "a payload";

static void
pair_init (Pair *pair)
{
  const Vector *vector = &embedded_vector;

  memset (pair, 0, sizeof *pair);
  init_side (&pair->initiator, TRUE, vector->prologue,
             vector->initiator_static, vector->initiator_ephemeral);
  init_side (&pair->responder, FALSE, vector->prologue,
             vector->responder_static, vector->responder_ephemeral);
  memset (pair->psk, 7, sizeof pair->psk);
}

static void
pair_write_1 (Pair *pair)
{
  srudp_noise_write_message_1 (&pair->initiator, payload_text, sizeof payload_text,
                               pair->messages[0]);
  pair->sizes[0] = sizeof payload_text + SRUDP_NOISE_MESSAGE_1_OVERHEAD;
}

static void
pair_write_2 (Pair *pair)
{
  guint8 payload[MAX_MESSAGE_BYTES];

  g_assert_true (srudp_noise_read_message_1 (&pair->responder, pair->messages[0],
                                             pair->sizes[0], payload));
  g_assert_true (srudp_noise_write_message_2 (&pair->responder, payload_text,
                                              sizeof payload_text, pair->messages[1]));
  pair->sizes[1] = sizeof payload_text + SRUDP_NOISE_MESSAGE_2_OVERHEAD;
}

static void
pair_write_3 (Pair *pair)
{
  guint8 payload[MAX_MESSAGE_BYTES];

  g_assert_true (srudp_noise_read_message_2 (&pair->initiator, pair->messages[1],
                                             pair->sizes[1], payload));
  g_assert_true (srudp_noise_write_message_3 (&pair->initiator, pair->psk, payload_text,
                                              sizeof payload_text, pair->messages[2]));
  pair->sizes[2] = sizeof payload_text + SRUDP_NOISE_MESSAGE_3_OVERHEAD;
}

/* Reads message 1, 2 or 3 (as 0, 1, 2) at the side it is meant for. */
static gboolean
pair_read (Pair *pair, gsize i, const guint8 *message, gsize size, guint8 *payload)
{
  SrudpNoise copy = pair->responder;

  switch (i)
    {
    case 0:
      return srudp_noise_read_message_1 (&pair->responder, message, size, payload);
    case 1:
      return srudp_noise_read_message_2 (&pair->initiator, message, size, payload);
    default:
      if (!srudp_noise_read_message_3_static (&copy, message, size) ||
          !srudp_noise_read_message_3_payload (&copy, pair->psk, message, size, payload))
        return FALSE;
      pair->responder = copy;
      return TRUE;
    }
}

static void
pair_write (Pair *pair, gsize i)
{
  if (i == 0)
    pair_write_1 (pair);
  else if (i == 1)
    pair_write_2 (pair);
  else
    pair_write_3 (pair);
}

/* Every byte of every message is authenticated, from message 1 on; after any
 * number of bad copies the good one still works. */
static void
test_forgery_changes_nothing (void)
{
  Pair pair;

  pair_init (&pair);
  for (gsize i = 0; i < 3; i++)
    {
      guint8 *message = pair.messages[i];
      guint8 payload[MAX_MESSAGE_BYTES];
      guint8 untouched[MAX_MESSAGE_BYTES];
      Pair before;

      pair_write (&pair, i);
      memset (payload, 0xaa, sizeof payload);
      memset (untouched, 0xaa, sizeof untouched);
      before = pair;

      for (gsize at = 0; at < pair.sizes[i]; at++)
        {
          message[at] ^= 0x04;
          g_assert_false (pair_read (&pair, i, message, pair.sizes[i], payload));
          message[at] ^= 0x04;
        }
      for (gsize size = 0; size < pair.sizes[i]; size++)
        g_assert_false (pair_read (&pair, i, message, size, payload));
      g_assert_false (pair_read (&pair, i, message, pair.sizes[i] + 1, payload));

      g_assert_cmpmem (&pair, sizeof pair, &before, sizeof before);
      g_assert_cmpmem (payload, sizeof payload, untouched, sizeof untouched);
      g_assert_true (pair_read (&pair, i, message, pair.sizes[i], payload));
      g_assert_cmpmem (payload, sizeof payload_text, payload_text, sizeof payload_text);
      pair = before;
    }
}

static void
test_wrong_psk_is_refused_after_identity (void)
{
  guint8 payload[MAX_MESSAGE_BYTES];
  guint8 wrong_psk[SRUDP_NOISE_PSK_BYTES] = { 0 };
  SrudpNoise copy;
  Pair pair;

  pair_init (&pair);
  pair_write_1 (&pair);
  pair_write_2 (&pair);
  pair_write_3 (&pair);

  g_assert_true (srudp_noise_read_message_3_static (&pair.responder, pair.messages[2],
                                                    pair.sizes[2]));
  g_assert_cmpmem (pair.responder.peer_static, 32, pair.initiator.static_public, 32);

  copy = pair.responder;
  g_assert_false (srudp_noise_read_message_3_payload (&copy, wrong_psk, pair.messages[2],
                                                      pair.sizes[2], payload));
  g_assert_cmpmem (&copy, sizeof copy, &pair.responder, sizeof pair.responder);
  g_assert_true (srudp_noise_read_message_3_payload (&copy, pair.psk, pair.messages[2],
                                                     pair.sizes[2], payload));
}

static void
test_other_prologue_is_refused (void)
{
  guint8 payload[MAX_MESSAGE_BYTES];
  SrudpNoise other;
  Pair pair;

  pair_init (&pair);
  pair_write_1 (&pair);
  init_side (&other, FALSE, "00", embedded_vector.responder_static,
             embedded_vector.responder_ephemeral);

  g_assert_false (srudp_noise_read_message_1 (&other, pair.messages[0], pair.sizes[0], payload));
}

/* Whoever sends a low-order ephemeral key knows every key made from it. */
static void
test_low_order_key_is_refused (void)
{
  static const guint8 zero_key[32];
  guint8 payload[MAX_MESSAGE_BYTES];
  SrudpNoise before;
  Pair pair;

  pair_init (&pair);
  memset (pair.initiator.ephemeral_public, 0, 32);
  pair_write_1 (&pair);
  g_assert_true (srudp_noise_read_message_1 (&pair.responder, pair.messages[0],
                                             pair.sizes[0], payload));
  g_assert_cmpmem (pair.responder.peer_ephemeral, 32, zero_key, sizeof zero_key);

  before = pair.responder;
  g_assert_false (srudp_noise_write_message_2 (&pair.responder, payload_text,
                                               sizeof payload_text, pair.messages[1]));
  g_assert_cmpmem (&pair.responder, sizeof before, &before, sizeof before);
}

/* An initiator may answer several responders from the same state. */
static void
test_copies_answer_alike (void)
{
  guint8 payload[MAX_MESSAGE_BYTES];
  guint8 again[MAX_MESSAGE_BYTES];
  SrudpNoise copy;
  Pair pair;

  pair_init (&pair);
  pair_write_1 (&pair);
  pair_write_2 (&pair);

  copy = pair.initiator;
  pair_write_3 (&pair);
  g_assert_true (srudp_noise_read_message_2 (&copy, pair.messages[1], pair.sizes[1], payload));
  g_assert_true (srudp_noise_write_message_3 (&copy, pair.psk, payload_text,
                                              sizeof payload_text, again));

  g_assert_cmpmem (again, pair.sizes[2], pair.messages[2], pair.sizes[2]);
  g_assert_cmpmem (copy.hash, 32, pair.initiator.hash, 32);
}

static void
test_secrets_are_wiped_when_done (void)
{
  static const guint8 zeros[sizeof (SrudpNoise)];
  Pair pair;

  pair_init (&pair);
  pair_write_1 (&pair);
  pair_write_2 (&pair);
  pair_write_3 (&pair);

  g_assert_cmpmem (pair.initiator.ephemeral_secret, 32, zeros, 32);
  g_assert_cmpmem (pair.initiator.key, 32, zeros, 32);
  srudp_noise_clear (&pair.initiator);
  g_assert_cmpmem (&pair.initiator, sizeof pair.initiator, zeros, sizeof zeros);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (srudp_crypto_init ());

  g_test_add_func ("/noise/embedded-vector", test_embedded_vector);
  g_test_add_func ("/noise/published-vectors", test_published_vectors);
  g_test_add_func ("/noise/forgery-changes-nothing", test_forgery_changes_nothing);
  g_test_add_func ("/noise/wrong-psk-is-refused-after-identity",
                   test_wrong_psk_is_refused_after_identity);
  g_test_add_func ("/noise/other-prologue-is-refused", test_other_prologue_is_refused);
  g_test_add_func ("/noise/low-order-key-is-refused", test_low_order_key_is_refused);
  g_test_add_func ("/noise/copies-answer-alike", test_copies_answer_alike);
  g_test_add_func ("/noise/secrets-are-wiped-when-done", test_secrets_are_wiped_when_done);

  return g_test_run ();
}
