/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-handshake-packet.c: the outside of handshake packets
 */
#include "srudp-handshake-packet.h"

#include "srudp-reader.h"
#include "srudp-writer.h"

#define REJECT_HEADER_BYTES 9

/* Codes of REJECT on the wire. */
static const struct
{
  guint8 code;
  SrudpReason reason;
} reject_codes[] = {
  { 1, SRUDP_REASON_REFUSED },
  { 2, SRUDP_REASON_PASSPHRASE },
  { 3, SRUDP_REASON_APPLICATION_PROTOCOL },
  { 4, SRUDP_REASON_VERSION },
  { 5, SRUDP_REASON_NONE },
  { 6, SRUDP_REASON_INVITATION },
};

gsize
srudp_handshake_packet_write (const SrudpHandshakePacket *packet,
                              guint8                      out[SRUDP_HANDSHAKE_MAX_BYTES])
{
  SrudpWriter writer;

  srudp_writer_init (&writer, out, SRUDP_HANDSHAKE_MAX_BYTES);
  srudp_writer_put_u8 (&writer, (guint8) packet->type);
  srudp_writer_put_u64 (&writer, packet->destination_id);
  srudp_writer_put_u64 (&writer, packet->echo.token);
  srudp_writer_put_u32 (&writer, packet->echo.counter);
  srudp_writer_put_u64 (&writer, packet->echo.echo_token);
  srudp_writer_put_u32 (&writer, packet->echo.echo_counter);
  srudp_writer_put_u32 (&writer, packet->echo.echo_delay_us);
  srudp_writer_put_bytes (&writer, packet->noise, packet->noise_size);
  g_assert (!writer.overflowed);

  return writer.size;
}

gboolean
srudp_handshake_packet_parse (SrudpHandshakePacket *packet,
                              const guint8         *data,
                              gsize                 size)
{
  SrudpHandshakePacket parsed;
  SrudpReader reader;
  guint8 type;

  srudp_reader_init (&reader, data, size);
  if (size > SRUDP_HANDSHAKE_MAX_BYTES ||
      !srudp_reader_get_u8 (&reader, &type) ||
      (type != SRUDP_PACKET_MESSAGE_2 && type != SRUDP_PACKET_MESSAGE_3) ||
      !srudp_reader_get_u64 (&reader, &parsed.destination_id) ||
      !srudp_reader_get_u64 (&reader, &parsed.echo.token) ||
      !srudp_reader_get_u32 (&reader, &parsed.echo.counter) ||
      !srudp_reader_get_u64 (&reader, &parsed.echo.echo_token) ||
      !srudp_reader_get_u32 (&reader, &parsed.echo.echo_counter) ||
      !srudp_reader_get_u32 (&reader, &parsed.echo.echo_delay_us))
    return FALSE;

  parsed.type = type;
  parsed.noise = reader.data;
  parsed.noise_size = reader.left;
  *packet = parsed;

  return TRUE;
}

gboolean
srudp_packet_get_destination (const guint8 *data,
                              gsize         size,
                              guint64      *id)
{
  SrudpReader reader;

  srudp_reader_init (&reader, data, size);

  return srudp_reader_skip (&reader, 1) && srudp_reader_get_u64 (&reader, id);
}

static void
init_reject_key (SrudpAead    *aead,
                 const guint8  secret[SRUDP_SHA256_BYTES])
{
  guint8 key[SRUDP_AEAD_KEY_BYTES];

  srudp_hkdf_expand (key, sizeof key, secret, "srudp reject");
  srudp_aead_init (aead, SRUDP_CIPHER_CHACHA20_POLY1305, key);
  srudp_crypto_wipe (key, sizeof key);
}

/* A key seals one message only: one handshake is refused for one reason. So
 * the nonce may be zero. */
static const guint8 reject_nonce[SRUDP_AEAD_NONCE_BYTES];

void
srudp_reject_write (guint8       out[SRUDP_REJECT_BYTES],
                    guint64      destination_id,
                    const guint8 secret[SRUDP_SHA256_BYTES],
                    SrudpReason  reason)
{
  SrudpWriter writer;
  SrudpAead aead;
  guint8 code = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (reject_codes); i++)
    if (reject_codes[i].reason == reason)
      code = reject_codes[i].code;
  g_assert (code != 0);

  srudp_writer_init (&writer, out, SRUDP_REJECT_BYTES);
  srudp_writer_put_u8 (&writer, SRUDP_PACKET_REJECT);
  srudp_writer_put_u64 (&writer, destination_id);

  init_reject_key (&aead, secret);
  srudp_aead_seal (&aead, reject_nonce, out, REJECT_HEADER_BYTES, &code, 1,
                   out + REJECT_HEADER_BYTES, out + REJECT_HEADER_BYTES + 1);
  srudp_crypto_wipe (&aead, sizeof aead);
}

gboolean
srudp_reject_open (const guint8 *data,
                   gsize         size,
                   const guint8  secret[SRUDP_SHA256_BYTES],
                   SrudpReason  *reason)
{
  SrudpAead aead;
  gboolean opened;
  guint8 code = 0;

  if (size != SRUDP_REJECT_BYTES || data[0] != SRUDP_PACKET_REJECT)
    return FALSE;

  init_reject_key (&aead, secret);
  opened = srudp_aead_open (&aead, reject_nonce, data, REJECT_HEADER_BYTES,
                            data + REJECT_HEADER_BYTES, 1,
                            data + REJECT_HEADER_BYTES + 1, &code);
  srudp_crypto_wipe (&aead, sizeof aead);
  if (!opened)
    return FALSE;

  /* Codes of later versions are refusals too. */
  *reason = SRUDP_REASON_REFUSED;
  for (gsize i = 0; i < G_N_ELEMENTS (reject_codes); i++)
    if (reject_codes[i].code == code)
      *reason = reject_codes[i].reason;

  return TRUE;
}
