/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-handshake.c: what the three Noise messages carry
 */
#include "srudp-handshake.h"

#include "srudp-handshake-packet.h"

#include <string.h>

SrudpReason
srudp_handshake_negotiate (const SrudpHelloFields *own,
                           const SrudpHelloFields *peer)
{
  if (srudp_hello_fields_choose_version (own, peer) == 0)
    return SRUDP_REASON_VERSION;
  if (!srudp_hello_fields_same_application (own, peer))
    return SRUDP_REASON_APPLICATION_PROTOCOL;
  if (own->has_cpace != peer->has_cpace)
    return SRUDP_REASON_PASSPHRASE;

  return SRUDP_REASON_NONE;
}

gsize
srudp_handshake_write_1 (SrudpNoise         *noise,
                         const SrudpKeyPair *own,
                         const guint8        ephemeral_secret[SRUDP_KEY_BYTES],
                         SrudpHello         *hello,
                         const guint8       *peer_key,
                         const guint8       *invitation,
                         guint8              out[SRUDP_HELLO_MAX_NOISE_BYTES])
{
  guint8 payload[SRUDP_HELLO_PAYLOAD_MAX_BYTES];
  gsize size = srudp_hello_payload_write (hello, payload);
  gsize tags_size = 2 * SRUDP_TAG_BYTES;

  srudp_noise_init (noise, TRUE, SRUDP_PROLOGUE, strlen (SRUDP_PROLOGUE),
                    own->secret, own->public_key);
  srudp_noise_set_ephemeral (noise, ephemeral_secret);

  if (peer_key != NULL)
    srudp_hello_make_tag (hello->peer_tag, SRUDP_TAG_PEER, peer_key,
                          noise->ephemeral_public,
                          payload + tags_size, size - tags_size);
  if (invitation != NULL)
    srudp_hello_make_tag (hello->invitation_tag, SRUDP_TAG_INVITATION, invitation,
                          noise->ephemeral_public,
                          payload + tags_size, size - tags_size);
  memcpy (payload, hello->peer_tag, SRUDP_TAG_BYTES);
  memcpy (payload + SRUDP_TAG_BYTES, hello->invitation_tag, SRUDP_TAG_BYTES);

  srudp_noise_write_message_1 (noise, payload, size, out);

  return size + SRUDP_NOISE_MESSAGE_1_OVERHEAD;
}

gboolean
srudp_handshake_read_1 (SrudpNoise         *after_1,
                        const SrudpKeyPair *own,
                        const guint8       *data,
                        gsize               size,
                        SrudpHello         *hello,
                        guint8              payload[SRUDP_HELLO_MAX_NOISE_BYTES])
{
  if (size < SRUDP_NOISE_MESSAGE_1_OVERHEAD || size > SRUDP_HELLO_MAX_NOISE_BYTES)
    return FALSE;

  srudp_noise_init (after_1, FALSE, SRUDP_PROLOGUE, strlen (SRUDP_PROLOGUE),
                    own->secret, own->public_key);
  if (srudp_noise_read_message_1 (after_1, data, size, payload) &&
      srudp_hello_payload_parse (hello, payload,
                                 size - SRUDP_NOISE_MESSAGE_1_OVERHEAD))
    return TRUE;

  srudp_noise_clear (after_1);

  return FALSE;
}

/* Messages 2 and 3 alike: fields, the named open, parameters to the end. */
static gsize
write_payload (const SrudpHandshakeMessage *message,
               guint8                      *out,
               gsize                        capacity)
{
  SrudpWriter writer;

  srudp_writer_init (&writer, out, capacity);
  srudp_hello_fields_write (&writer, &message->fields);
  srudp_writer_put_bytes (&writer, message->named, SRUDP_KEY_BYTES);
  srudp_transport_params_write (&writer, &message->params,
                                message->fields.grease);
  g_assert (!writer.overflowed);

  return writer.size;
}

static gboolean
parse_payload (SrudpHandshakeMessage *message,
               const guint8          *data,
               gsize                  size)
{
  SrudpHandshakeMessage parsed = { 0 };
  SrudpReader reader;

  srudp_reader_init (&reader, data, size);
  srudp_transport_params_init (&parsed.params);
  if (!srudp_hello_fields_parse (&reader, &parsed.fields) ||
      !srudp_reader_get_bytes (&reader, parsed.named, SRUDP_KEY_BYTES) ||
      !srudp_transport_params_parse (&reader, &parsed.params))
    return FALSE;

  *message = parsed;

  return TRUE;
}

gsize
srudp_handshake_write_2 (SrudpNoise                  *noise,
                         const guint8                 ephemeral_secret[SRUDP_KEY_BYTES],
                         const SrudpHandshakeMessage *own,
                         guint8                      *out)
{
  guint8 payload[SRUDP_HANDSHAKE_MAX_NOISE_BYTES - SRUDP_NOISE_MESSAGE_2_OVERHEAD];
  gsize size = write_payload (own, payload, sizeof payload);

  srudp_noise_set_ephemeral (noise, ephemeral_secret);
  if (!srudp_noise_write_message_2 (noise, payload, size, out))
    return 0;

  return size + SRUDP_NOISE_MESSAGE_2_OVERHEAD;
}

gboolean
srudp_handshake_read_2 (const SrudpNoise      *after_1,
                        const guint8          *data,
                        gsize                  size,
                        SrudpHandshakeMessage *message,
                        SrudpNoise            *after_2)
{
  guint8 payload[SRUDP_HANDSHAKE_MAX_NOISE_BYTES];

  if (size < SRUDP_NOISE_MESSAGE_2_OVERHEAD ||
      size > SRUDP_HANDSHAKE_MAX_NOISE_BYTES)
    return FALSE;

  *after_2 = *after_1;
  if (srudp_noise_read_message_2 (after_2, data, size, payload) &&
      parse_payload (message, payload, size - SRUDP_NOISE_MESSAGE_2_OVERHEAD))
    return TRUE;

  srudp_noise_clear (after_2);

  return FALSE;
}

gsize
srudp_handshake_write_3 (SrudpNoise                  *noise,
                         const guint8                 psk[SRUDP_PSK_BYTES],
                         const SrudpHandshakeMessage *own,
                         guint8                      *out)
{
  guint8 payload[SRUDP_HANDSHAKE_MAX_NOISE_BYTES - SRUDP_NOISE_MESSAGE_3_OVERHEAD];
  gsize size = write_payload (own, payload, sizeof payload);

  if (!srudp_noise_write_message_3 (noise, psk, payload, size, out))
    return 0;

  return size + SRUDP_NOISE_MESSAGE_3_OVERHEAD;
}

gboolean
srudp_handshake_read_3_identity (const SrudpNoise *after_2,
                                 const guint8     *data,
                                 gsize             size,
                                 SrudpNoise       *identified)
{
  if (size < SRUDP_NOISE_MESSAGE_3_OVERHEAD ||
      size > SRUDP_HANDSHAKE_MAX_NOISE_BYTES)
    return FALSE;

  *identified = *after_2;
  if (srudp_noise_read_message_3_static (identified, data, size))
    return TRUE;

  srudp_noise_clear (identified);

  return FALSE;
}

gboolean
srudp_handshake_read_3 (const SrudpNoise      *identified,
                        const guint8           psk[SRUDP_PSK_BYTES],
                        const guint8          *data,
                        gsize                  size,
                        SrudpHandshakeMessage *message,
                        SrudpNoise            *after_3)
{
  guint8 payload[SRUDP_HANDSHAKE_MAX_NOISE_BYTES];

  *after_3 = *identified;
  if (srudp_noise_read_message_3_payload (after_3, psk, data, size, payload) &&
      parse_payload (message, payload, size - SRUDP_NOISE_MESSAGE_3_OVERHEAD))
    return TRUE;

  srudp_noise_clear (after_3);

  return FALSE;
}

void
srudp_handshake_make_reject_secret (const SrudpNoise *noise,
                                    const guint8     *message_3,
                                    gsize             size,
                                    guint8            secret[SRUDP_SHA256_BYTES])
{
  SrudpSpan span = { message_3, size };

  srudp_hmac_sha256 (secret, noise->early_key, SRUDP_SHA256_BYTES, &span, 1);
}

void
srudp_handshake_finish (const SrudpNoise            *noise,
                        const SrudpSecrets          *secrets,
                        const SrudpHandshakeMessage *own,
                        const SrudpHandshakeMessage *peer,
                        SrudpHandshakeResult        *result)
{
  g_assert (noise->step == SRUDP_NOISE_STEP_DONE);

  result->initiator = noise->initiator;
  memcpy (result->peer_key, noise->peer_static, SRUDP_KEY_BYTES);
  memcpy (result->binding, noise->hash, SRUDP_KEY_BYTES);
  if (noise->initiator)
    srudp_noise_split (noise, result->send_secret, result->receive_secret);
  else
    srudp_noise_split (noise, result->receive_secret, result->send_secret);

  result->cipher = srudp_hello_fields_choose_cipher (&own->fields, &peer->fields);
  result->local_id = own->fields.connection_id;
  result->remote_id = peer->fields.connection_id;
  result->local_params = own->params;
  result->remote_params = peer->params;
  srudp_short_code_init (&result->short_code, noise->initiator, noise->hash,
                         secrets->nonce, peer->fields.sas_commitment);
}
