/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-hello.c: HELLO, the packet that opens
 */
#include "srudp-hello.h"

#include "srudp-handshake-packet.h"
#include "srudp-noise.h"

#include <string.h>

#define FLAG_CPACE 0x01

G_STATIC_ASSERT (SRUDP_HELLO_PAYLOAD_MAX_BYTES + SRUDP_NOISE_MESSAGE_1_OVERHEAD
                 <= SRUDP_HELLO_MAX_NOISE_BYTES);

void
srudp_hello_fields_init (SrudpHelloFields *fields,
                         const char       *application_protocol,
                         guint64           connection_id)
{
  memset (fields, 0, sizeof *fields);
  fields->version_min = SRUDP_WIRE_VERSION;
  fields->version_max = SRUDP_WIRE_VERSION;
  fields->connection_id = connection_id;
  fields->ciphers = SRUDP_CIPHER_CHACHA20_POLY1305;
  if (srudp_cipher_is_available (SRUDP_CIPHER_AES_256_GCM))
    fields->ciphers |= SRUDP_CIPHER_AES_256_GCM;

  if (application_protocol != NULL)
    {
      guint8 hash[SRUDP_SHA256_BYTES];

      srudp_sha256 (hash, application_protocol, strlen (application_protocol));
      memcpy (fields->application, hash, SRUDP_APPLICATION_BYTES);
    }
}

void
srudp_hello_fields_write (SrudpWriter            *writer,
                          const SrudpHelloFields *fields)
{
  srudp_writer_put_u8 (writer, fields->version_min);
  srudp_writer_put_u8 (writer, fields->version_max);
  srudp_writer_put_bytes (writer, fields->application, SRUDP_APPLICATION_BYTES);
  srudp_writer_put_u64 (writer, fields->connection_id);
  srudp_writer_put_u8 (writer, fields->ciphers);
  srudp_writer_put_bytes (writer, fields->sas_commitment, SRUDP_SAS_BYTES);
  srudp_writer_put_u8 (writer, fields->has_cpace ? FLAG_CPACE : 0);
  if (fields->has_cpace)
    srudp_writer_put_bytes (writer, fields->cpace_share, SRUDP_CPACE_BYTES);
}

gboolean
srudp_hello_fields_parse (SrudpReader      *reader,
                          SrudpHelloFields *fields)
{
  SrudpHelloFields parsed = { 0 };
  SrudpReader cursor = *reader;
  guint8 flags;

  if (!srudp_reader_get_u8 (&cursor, &parsed.version_min) ||
      !srudp_reader_get_u8 (&cursor, &parsed.version_max) ||
      parsed.version_min == 0 || parsed.version_min > parsed.version_max ||
      !srudp_reader_get_bytes (&cursor, parsed.application,
                               SRUDP_APPLICATION_BYTES) ||
      !srudp_reader_get_u64 (&cursor, &parsed.connection_id) ||
      !srudp_reader_get_u8 (&cursor, &parsed.ciphers) ||
      (parsed.ciphers & SRUDP_CIPHER_CHACHA20_POLY1305) == 0 ||
      !srudp_reader_get_bytes (&cursor, parsed.sas_commitment, SRUDP_SAS_BYTES) ||
      !srudp_reader_get_u8 (&cursor, &flags))
    return FALSE;

  parsed.has_cpace = (flags & FLAG_CPACE) != 0;
  if (parsed.has_cpace &&
      !srudp_reader_get_bytes (&cursor, parsed.cpace_share, SRUDP_CPACE_BYTES))
    return FALSE;

  *fields = parsed;
  *reader = cursor;

  return TRUE;
}

guint
srudp_hello_fields_choose_version (const SrudpHelloFields *a,
                                   const SrudpHelloFields *b)
{
  guint version = MIN (a->version_max, b->version_max);

  return version >= MAX (a->version_min, b->version_min) ? version : 0;
}

SrudpCipher
srudp_hello_fields_choose_cipher (const SrudpHelloFields *a,
                                  const SrudpHelloFields *b)
{
  if (a->ciphers & b->ciphers & SRUDP_CIPHER_AES_256_GCM)
    return SRUDP_CIPHER_AES_256_GCM;

  return SRUDP_CIPHER_CHACHA20_POLY1305;
}

gboolean
srudp_hello_fields_same_application (const SrudpHelloFields *a,
                                     const SrudpHelloFields *b)
{
  return memcmp (a->application, b->application, SRUDP_APPLICATION_BYTES) == 0;
}

gsize
srudp_hello_payload_write (const SrudpHello *hello,
                           guint8            out[SRUDP_HELLO_PAYLOAD_MAX_BYTES])
{
  SrudpWriter writer;

  srudp_writer_init (&writer, out, SRUDP_HELLO_PAYLOAD_MAX_BYTES);
  srudp_writer_put_bytes (&writer, hello->peer_tag, SRUDP_TAG_BYTES);
  srudp_writer_put_bytes (&writer, hello->invitation_tag, SRUDP_TAG_BYTES);
  srudp_hello_fields_write (&writer, &hello->fields);
  if (hello->fields.grease != 0)
    srudp_transport_params_write_grease (&writer, hello->fields.grease);
  g_assert (!writer.overflowed);

  return writer.size;
}

/* Entries of later versions: (id, length, value), all ignored, but hashed by
 * Noise like everything else. */
static gboolean
skip_extensions (SrudpReader *reader)
{
  guint64 id, size;

  while (!srudp_reader_is_empty (reader))
    if (!srudp_reader_get_varint (reader, &id) ||
        !srudp_reader_get_varint (reader, &size) ||
        size > reader->left ||
        !srudp_reader_skip (reader, (gsize) size))
      return FALSE;

  return TRUE;
}

gboolean
srudp_hello_payload_parse (SrudpHello   *hello,
                           const guint8 *payload,
                           gsize         size)
{
  SrudpHello parsed = { 0 };
  SrudpReader reader;

  srudp_reader_init (&reader, payload, size);
  if (!srudp_reader_get_bytes (&reader, parsed.peer_tag, SRUDP_TAG_BYTES) ||
      !srudp_reader_get_bytes (&reader, parsed.invitation_tag, SRUDP_TAG_BYTES))
    return FALSE;

  parsed.tagged = reader.data;
  parsed.tagged_size = reader.left;
  if (!srudp_hello_fields_parse (&reader, &parsed.fields) ||
      !skip_extensions (&reader))
    return FALSE;

  *hello = parsed;

  return TRUE;
}

void
srudp_hello_make_tag (guint8        tag[SRUDP_TAG_BYTES],
                      SrudpTagType  type,
                      const guint8  key[SRUDP_KEY_BYTES],
                      const guint8  e[SRUDP_KEY_BYTES],
                      const guint8 *tagged,
                      gsize         tagged_size)
{
  guint8 type_byte = (guint8) type;
  SrudpSpan spans[] = {
    { &type_byte, 1 },
    { e, SRUDP_KEY_BYTES },
    { tagged, tagged_size },
  };

  srudp_blake2b (tag, SRUDP_TAG_BYTES, key, SRUDP_KEY_BYTES,
                 spans, G_N_ELEMENTS (spans));
}

void
srudp_hello_packet_init (guint8        packet[SRUDP_HELLO_BYTES],
                         const guint8 *noise,
                         gsize         noise_size)
{
  SrudpWriter writer;

  g_assert (noise_size <= SRUDP_HELLO_MAX_NOISE_BYTES);

  memset (packet, 0, SRUDP_HELLO_BYTES);
  srudp_writer_init (&writer, packet, SRUDP_HELLO_CONSTANT_BYTES);
  srudp_writer_put_u8 (&writer, SRUDP_PACKET_HELLO);
  srudp_writer_put_u16 (&writer, (guint16) noise_size);
  srudp_writer_put_bytes (&writer, noise, noise_size);
}

void
srudp_hello_packet_set_trailer (guint8                   packet[SRUDP_HELLO_BYTES],
                                const SrudpHelloTrailer *trailer)
{
  SrudpWriter writer;

  srudp_writer_init (&writer, packet + SRUDP_HELLO_CONSTANT_BYTES,
                     SRUDP_HELLO_TRAILER_BYTES);
  srudp_writer_put_u64 (&writer, trailer->token);
  srudp_writer_put_u32 (&writer, trailer->counter);
  srudp_writer_put_bytes (&writer, trailer->cookie, SRUDP_COOKIE_BYTES);
}

/* Padding that could be anything would make many HELLOs out of one. */
static gboolean
is_zero (const guint8 *data,
         gsize         size)
{
  guint8 bits = 0;

  for (gsize i = 0; i < size; i++)
    bits |= data[i];

  return bits == 0;
}

gboolean
srudp_hello_packet_parse (const guint8       *data,
                          gsize               size,
                          const guint8      **noise,
                          gsize              *noise_size,
                          SrudpHelloTrailer  *trailer)
{
  SrudpReader reader;
  const guint8 *view;
  guint8 type;
  guint16 length;

  srudp_reader_init (&reader, data, size);
  if (size != SRUDP_HELLO_BYTES ||
      !srudp_reader_get_u8 (&reader, &type) || type != SRUDP_PACKET_HELLO ||
      !srudp_reader_get_u16 (&reader, &length) ||
      length > SRUDP_HELLO_MAX_NOISE_BYTES ||
      length < SRUDP_NOISE_MESSAGE_1_OVERHEAD ||
      !srudp_reader_get_view (&reader, &view, length) ||
      !is_zero (reader.data, reader.left - SRUDP_HELLO_TRAILER_BYTES) ||
      !srudp_reader_skip (&reader, reader.left - SRUDP_HELLO_TRAILER_BYTES))
    return FALSE;

  *noise = view;
  *noise_size = length;

  return srudp_reader_get_u64 (&reader, &trailer->token) &&
         srudp_reader_get_u32 (&reader, &trailer->counter) &&
         srudp_reader_get_bytes (&reader, trailer->cookie, SRUDP_COOKIE_BYTES);
}

void
srudp_hello_packet_hash (const guint8 packet[SRUDP_HELLO_BYTES],
                         guint8       hash[SRUDP_SHA256_BYTES])
{
  srudp_sha256 (hash, packet, SRUDP_HELLO_CONSTANT_BYTES);
}
