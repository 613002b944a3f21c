/*
 * SPDX-License-Identifier: MIT
 *
 * test-vectors.c: the bytes of docs/vectors.json are the bytes on the wire
 *
 * One handshake with a passphrase and an invitation, its first packets, a key
 * update, a fresh exchange, the short code, REJECT and COOKIE, all with fixed randomness. With
 * SRUDP_WRITE_VECTORS=FILE the vectors are written there; a change of them is a
 * change of the protocol.
 */
#include "srudp-cookie.h"
#include "srudp-frame.h"
#include "srudp-handshake-packet.h"
#include "srudp-handshake.h"
#include "srudp-packet-keys.h"

#include <string.h>

#define INITIATOR_ID G_GUINT64_CONSTANT (0x1111111111111111)
#define RESPONDER_ID G_GUINT64_CONSTANT (0x2222222222222222)

static const char passphrase[] = "three random words";

/* Each random value is its name, hashed. */
static void
fixed (guint8     *out,
       const char *name)
{
  srudp_sha256 (out, name, strlen (name));
}

static void
fixed_random_cb (gpointer user_data,
                 guint8  *out,
                 gsize    n_bytes)
{
  g_autofree char *name = NULL;

  g_assert_cmpuint (n_bytes % SRUDP_SHA256_BYTES, ==, 0);
  for (gsize i = 0; i < n_bytes; i += SRUDP_SHA256_BYTES)
    {
      g_free (name);
      name = g_strdup_printf ("%s %u", (const char *) user_data, (guint) i);
      fixed (out + i, name);
    }
}

static void
put (GString      *json,
     const char   *name,
     gconstpointer data,
     gsize         size)
{
  g_string_append_printf (json, "%s\n  \"%s\": \"", json->len > 1 ? "," : "", name);
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (json, "%02x", ((const guint8 *) data)[i]);
  g_string_append_c (json, '"');
}

typedef struct
{
  GString *json;
  SrudpKeyring keyring;
  SrudpKeyPair keys[2];
  SrudpSecrets secrets[2];
  SrudpHandshakeMessage own[2];
  SrudpNoise noise[2];
  guint8 invitation[SRUDP_KEY_BYTES];
  guint8 hello[SRUDP_HELLO_BYTES], hello_hash[SRUDP_SHA256_BYTES];
  guint8 message_2[SRUDP_HANDSHAKE_MAX_NOISE_BYTES];
  guint8 message_3[SRUDP_HANDSHAKE_MAX_NOISE_BYTES];
  SrudpHandshakeMessage seen[2];
  SrudpHandshakeResult results[2];
} Vectors;

static const char *const sides[] = { "initiator", "responder" };

/* Without AES: that depends on the machine. */
static void
describe (Vectors *v,
          guint    i)
{
  SrudpHandshakeMessage *own = &v->own[i];
  guint8 boot_id[SRUDP_SHA256_BYTES];

  srudp_hello_fields_init (&own->fields, "org.example.Vectors/1",
                           i == 0 ? INITIATOR_ID : RESPONDER_ID);
  own->fields.ciphers = SRUDP_CIPHER_CHACHA20_POLY1305;
  own->fields.grease = i + 1;
  srudp_secrets_offer (&v->secrets[i], &own->fields);
  srudp_transport_params_init (&own->params);
  own->params.idle_timeout_us = 21 * G_USEC_PER_SEC;
  own->params.initial_max_data = 2 * 1024 * 1024;
  own->params.initial_max_stream_data = 2 * 1024 * 1024;
  own->params.initial_max_streams = 100;
  own->params.max_datagram_bytes = 65507;
  own->params.active_connection_id_limit = 4;
  own->params.features = 7;
  fixed (boot_id, sides[i]);
  memcpy (own->params.boot_id, boot_id, SRUDP_BOOT_ID_BYTES);
}

static void
set_up_side (Vectors *v,
             guint    i)
{
  g_autofree char *secret_name = g_strdup_printf ("%s static", sides[i]);
  g_autofree char *scalar_name = g_strdup_printf ("%s scalar", sides[i]);
  g_autofree char *static_json = g_strdup_printf ("%s_static_secret", sides[i]);
  g_autofree char *scalar_json = g_strdup_printf ("%s_cpace_scalar", sides[i]);
  g_autofree char *nonce_name = g_strdup_printf ("%s nonce", sides[i]);
  g_autofree char *nonce_json = g_strdup_printf ("%s_nonce", sides[i]);
  SrudpPassphrase *phrase =
    srudp_keyring_intern (&v->keyring, passphrase, strlen (passphrase));

  fixed (v->keys[i].secret, secret_name);
  srudp_x25519_public_key (v->keys[i].public_key, v->keys[i].secret);
  srudp_secrets_init (&v->secrets[i], phrase, v->invitation, fixed_random_cb,
                      scalar_name);
  srudp_passphrase_unref (phrase);
  fixed (v->secrets[i].nonce, nonce_name);
  describe (v, i);
  put (v->json, static_json, v->keys[i].secret, SRUDP_KEY_BYTES);
  put (v->json, scalar_json, v->secrets[i].scalar, SRUDP_RISTRETTO_BYTES);
  put (v->json, nonce_json, v->secrets[i].nonce, SRUDP_SAS_BYTES);
}

static void
make_hello (Vectors *v,
            guint8   payload[SRUDP_HELLO_MAX_NOISE_BYTES])
{
  guint8 noise[SRUDP_HELLO_MAX_NOISE_BYTES], ephemeral[SRUDP_KEY_BYTES];
  guint8 peer_key[SRUDP_KEY_BYTES];
  SrudpHelloTrailer trailer = { .token = 0x3333333333333333, .counter = 1 };
  SrudpHello hello = { .fields = v->own[0].fields }, seen;
  gsize size;

  fixed (ephemeral, "initiator ephemeral");
  put (v->json, "initiator_ephemeral_secret", ephemeral, sizeof ephemeral);
  g_assert_true (srudp_x25519 (peer_key, v->keys[0].secret, v->keys[1].public_key));
  size = srudp_handshake_write_1 (&v->noise[0], &v->keys[0], ephemeral, &hello,
                                  peer_key, v->invitation, noise);
  srudp_hello_packet_init (v->hello, noise, size);
  srudp_hello_packet_set_trailer (v->hello, &trailer);
  srudp_hello_packet_hash (v->hello, v->hello_hash);
  put (v->json, "hello", v->hello, sizeof v->hello);
  g_assert_true (srudp_handshake_read_1 (&v->noise[1], &v->keys[1], noise, size,
                                         &seen, payload));
  v->seen[1].fields = seen.fields;
}

static gsize
put_packet (Vectors         *v,
            const char      *name,
            SrudpPacketType  type,
            guint64          id,
            const guint8    *noise,
            gsize            size)
{
  guint8 out[SRUDP_HANDSHAKE_MAX_BYTES];
  SrudpHandshakePacket packet = {
    .type = type,
    .destination_id = id,
    .echo = { .token = 0x4444444444444444, .counter = 2,
              .echo_token = 0x3333333333333333, .echo_counter = 1,
              .echo_delay_us = 5 },
    .noise = noise,
    .noise_size = size,
  };

  size = srudp_handshake_packet_write (&packet, out);
  put (v->json, name, out, size);

  return size;
}

static void
shake_hands (Vectors *v)
{
  guint8 payload[SRUDP_HELLO_MAX_NOISE_BYTES], ephemeral[SRUDP_KEY_BYTES];
  guint8 hash_2[SRUDP_SHA256_BYTES], psk[2][SRUDP_PSK_BYTES];
  guint8 reject_secret[SRUDP_SHA256_BYTES], reject[SRUDP_REJECT_BYTES];
  SrudpNoise after_2, identified, after_3;
  gsize size;

  make_hello (v, payload);
  fixed (ephemeral, "responder ephemeral");
  put (v->json, "responder_ephemeral_secret", ephemeral, sizeof ephemeral);
  size = srudp_handshake_write_2 (&v->noise[1], ephemeral, &v->own[1], v->message_2);
  put_packet (v, "message_2", SRUDP_PACKET_MESSAGE_2, INITIATOR_ID, v->message_2, size);
  g_assert_true (srudp_handshake_read_2 (&v->noise[0], v->message_2, size,
                                         &v->seen[0], &after_2));

  srudp_sha256 (hash_2, v->message_2, size);
  g_assert_true (srudp_secrets_make_psk (&v->secrets[0], v->hello_hash,
                                         &v->seen[0].fields, hash_2, psk[0]));
  g_assert_true (srudp_secrets_make_psk (&v->secrets[1], hash_2, &v->seen[1].fields,
                                         v->hello_hash, psk[1]));
  g_assert_cmpmem (psk[0], SRUDP_PSK_BYTES, psk[1], SRUDP_PSK_BYTES);
  put (v->json, "psk", psk[0], SRUDP_PSK_BYTES);

  size = srudp_handshake_write_3 (&after_2, psk[0], &v->own[0], v->message_3);
  put_packet (v, "message_3", SRUDP_PACKET_MESSAGE_3, RESPONDER_ID, v->message_3, size);
  g_assert_true (srudp_handshake_read_3_identity (&v->noise[1], v->message_3, size,
                                                  &identified));
  g_assert_true (srudp_handshake_read_3 (&identified, psk[1], v->message_3, size,
                                         &v->seen[1], &after_3));
  srudp_handshake_finish (&after_2, &v->secrets[0], &v->own[0], &v->seen[0],
                          &v->results[0]);
  srudp_handshake_finish (&after_3, &v->secrets[1], &v->own[1], &v->seen[1],
                          &v->results[1]);

  srudp_handshake_make_reject_secret (&identified, v->message_3, size, reject_secret);
  srudp_reject_write (reject, INITIATOR_ID, reject_secret, SRUDP_REASON_PASSPHRASE);
  put (v->json, "reject_2", reject, sizeof reject);
}

/* One frame, and PADDING up to 20 bytes. */
static void
put_frame (Vectors          *v,
           const char       *name,
           SrudpPacketKeys  *keys,
           guint64           id,
           guint64           number,
           const SrudpFrame *frame)
{
  guint8 packet[64] = { 0 };
  gsize header = srudp_packet_keys_write_header (keys, packet, id, number, -1);
  SrudpWriter writer;
  gsize size;

  srudp_writer_init (&writer, packet + header, sizeof packet - header);
  g_assert_true (srudp_frame_write (&writer, frame));
  size = srudp_packet_keys_seal (keys, packet, header, MAX (writer.size, 20), number);
  g_assert_cmpuint (size, >, 0);
  put (v->json, name, packet, size);
}

static void
put_transport_packet (Vectors         *v,
                      const char      *name,
                      SrudpPacketKeys *keys,
                      guint64          id,
                      guint64          number)
{
  const SrudpFrame ping = { .type = SRUDP_FRAME_PING };

  put_frame (v, name, keys, id, number, &ping);
}

static void
put_reveal (Vectors         *v,
            const char      *name,
            SrudpPacketKeys *keys,
            guint64          id,
            guint64          number,
            const guint8    *nonce)
{
  SrudpFrame frame = { .type = SRUDP_FRAME_SAS_REVEAL };

  memcpy (frame.sas_reveal.nonce, nonce, SRUDP_SAS_BYTES);
  put_frame (v, name, keys, id, number, &frame);
}

static void
put_share (Vectors         *v,
           const char      *name,
           SrudpPacketKeys *keys,
           guint64          id,
           guint64          number,
           const guint8    *share)
{
  SrudpFrame frame = { .type = SRUDP_FRAME_KEY_SHARE, .key_share = { .generation = 1 } };

  memcpy (frame.key_share.share, share, SRUDP_KEY_BYTES);
  put_frame (v, name, keys, id, number, &frame);
}

/* Both are in phase 1 and send their shares there; phase 2 has them. */
static void
exchange_keys (Vectors         *v,
               SrudpPacketKeys *there,
               SrudpPacketKeys *back)
{
  guint8 secrets[2][SRUDP_KEY_BYTES], shares[2][SRUDP_KEY_BYTES], dh[SRUDP_KEY_BYTES];

  fixed (secrets[0], "initiator share");
  fixed (secrets[1], "responder share");
  for (guint i = 0; i < 2; i++)
    srudp_x25519_public_key (shares[i], secrets[i]);
  g_assert_true (srudp_x25519 (dh, secrets[0], shares[1]));
  put_share (v, "initiator_packet_2_key_share", there, RESPONDER_ID, 2, shares[0]);
  put_share (v, "responder_packet_1_key_share", back, INITIATOR_ID, 1, shares[1]);
  put (v->json, "key_share_dh", dh, SRUDP_KEY_BYTES);
  srudp_packet_keys_mix_dh (there, dh, 1, shares[0], shares[1]);
  srudp_packet_keys_mix_dh (back, dh, 1, shares[0], shares[1]);
  srudp_packet_keys_update (there);
  srudp_packet_keys_update (back);
}

static void
agree_on_code (Vectors *v)
{
  for (guint i = 0; i < 2; i++)
    g_assert_true (srudp_short_code_take (&v->results[i].short_code,
                                          v->secrets[1 - i].nonce));
  g_assert_cmpmem (v->results[0].short_code.symbols, SRUDP_SHORT_CODE_SYMBOLS,
                   v->results[1].short_code.symbols, SRUDP_SHORT_CODE_SYMBOLS);
  put (v->json, "short_code", v->results[0].short_code.symbols,
       SRUDP_SHORT_CODE_SYMBOLS);
}

static void
send_packets (Vectors *v)
{
  const SrudpHandshakeResult *result = &v->results[0];
  g_autoptr (SrudpPacketKeys) there =
    srudp_packet_keys_new (result->cipher, result->send_secret);
  g_autoptr (SrudpPacketKeys) back =
    srudp_packet_keys_new (result->cipher, result->receive_secret);

  put (v->json, "handshake_hash", result->binding, SRUDP_KEY_BYTES);
  put (v->json, "initiator_direction_secret", result->send_secret, SRUDP_KEY_BYTES);
  put (v->json, "responder_direction_secret", result->receive_secret, SRUDP_KEY_BYTES);
  put_transport_packet (v, "initiator_packet_0", there, RESPONDER_ID, 0);
  put_transport_packet (v, "responder_packet_0", back, INITIATOR_ID, 0);
  srudp_packet_keys_update (there);
  srudp_packet_keys_update (back);
  put_transport_packet (v, "initiator_packet_1_after_update", there, RESPONDER_ID, 1);
  exchange_keys (v, there, back);
  put_transport_packet (v, "initiator_packet_3_after_key_share", there, RESPONDER_ID, 3);
  put_reveal (v, "initiator_packet_4_reveal", there, RESPONDER_ID, 4,
              v->secrets[0].nonce);
  put_reveal (v, "responder_packet_2_reveal", back, INITIATOR_ID, 2,
              v->secrets[1].nonce);
  agree_on_code (v);
}

static void
ask_for_cookie (Vectors *v)
{
  guint8 nonce[SRUDP_SHA256_BYTES], cookie[SRUDP_SHA256_BYTES];
  guint8 packet[SRUDP_COOKIE_PACKET_BYTES];

  fixed (nonce, "nonce");
  fixed (cookie, "cookie");
  put (v->json, "cookie", cookie, SRUDP_COOKIE_BYTES);
  srudp_cookie_packet_write (packet, INITIATOR_ID, v->hello_hash, nonce, cookie);
  put (v->json, "cookie_packet", packet, sizeof packet);
}

static char *
make_vectors (void)
{
  Vectors *v = g_new0 (Vectors, 1);
  char *text;

  v->json = g_string_new ("{");
  srudp_keyring_init (&v->keyring);
  put (v->json, "passphrase", passphrase, strlen (passphrase));
  fixed (v->invitation, "invitation");
  put (v->json, "invitation_secret", v->invitation, sizeof v->invitation);
  for (guint i = 0; i < 2; i++)
    set_up_side (v, i);
  shake_hands (v);
  send_packets (v);
  ask_for_cookie (v);
  g_string_append (v->json, "\n}\n");

  for (guint i = 0; i < 2; i++)
    srudp_secrets_clear (&v->secrets[i]);
  srudp_keyring_clear (&v->keyring);
  text = g_string_free (v->json, FALSE);
  g_free (v);

  return text;
}

static void
test_stored_vectors (void)
{
  const char *output = g_getenv ("SRUDP_WRITE_VECTORS");
  g_autofree char *path =
    g_test_build_filename (G_TEST_DIST, "..", "docs", "vectors.json", NULL);
  g_autofree char *made = make_vectors ();
  g_autofree char *again = make_vectors ();
  g_autofree char *stored = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (made, ==, again);
  if (output != NULL)
    g_assert_true (g_file_set_contents (output, made, -1, NULL));

  g_assert_true (g_file_get_contents (path, &stored, NULL, &error));
  g_assert_cmpstr (made, ==, stored);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (srudp_crypto_init ());
  g_test_add_func ("/vectors/are-what-goes-over-the-wire", test_stored_vectors);

  return g_test_run ();
}
