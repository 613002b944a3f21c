/*
 * SPDX-License-Identifier: MIT
 *
 * fuzz-handshake.c: HELLO, messages 2 and 3, REJECT and COOKIE as bytes; to
 * get further with them takes keys, see fuzz-engine.c
 */
#include "fuzz.h"

#include "srudp-cookie.h"
#include "srudp-handshake-packet.h"
#include "srudp-handshake.h"
#include "srudp-hello.h"

#include <string.h>

static void
try_hello (const guint8 *data,
           gsize         size)
{
  SrudpHelloTrailer trailer;
  SrudpHelloFields fields;
  SrudpHello hello;
  SrudpReader reader;
  const guint8 *noise;
  gsize noise_size;

  if (srudp_hello_packet_parse (data, size, &noise, &noise_size, &trailer))
    {
      g_assert_cmpuint (size, ==, SRUDP_HELLO_BYTES);
      g_assert_true (noise >= data && noise + noise_size <= data + size);
    }

  if (srudp_hello_payload_parse (&hello, data, size))
    g_assert_true (hello.tagged >= data
                   && hello.tagged + hello.tagged_size <= data + size);

  srudp_reader_init (&reader, data, size);
  if (srudp_hello_fields_parse (&reader, &fields))
    {
      guint8 out[SRUDP_HELLO_FIELDS_MAX_BYTES];
      SrudpWriter writer;

      srudp_writer_init (&writer, out, sizeof out);
      srudp_hello_fields_write (&writer, &fields);
      g_assert_cmpuint (writer.size, <=, size);
      srudp_handshake_negotiate (&fields, &fields);
    }
}

static void
try_messages (const guint8 *data,
              gsize         size)
{
  static const guint8 secret[SRUDP_SHA256_BYTES];
  guint8 out[SRUDP_HANDSHAKE_MAX_BYTES];
  SrudpHandshakePacket packet;
  guint8 cookie[SRUDP_COOKIE_BYTES];
  SrudpReason reason;
  guint64 id;

  if (srudp_packet_get_destination (data, size, &id))
    g_assert_cmpuint (size, >=, 9);
  g_assert_false (srudp_reject_open (data, size, secret, &reason));
  g_assert_false (srudp_cookie_packet_open (data, size, secret, cookie));
  if (!srudp_handshake_packet_parse (&packet, data, size))
    return;

  g_assert_true (packet.noise >= data
                 && packet.noise + packet.noise_size <= data + size);
  g_assert_cmpmem (out, srudp_handshake_packet_write (&packet, out), data, size);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  if (!srudp_crypto_init ())
    g_error ("libsodium cannot be used");
  try_hello (data, size);
  try_messages (data, size);

  return 0;
}
