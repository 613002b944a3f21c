/*
 * SPDX-License-Identifier: MIT
 *
 * test-parsers.c: every parser of the engine takes what is right, and nothing
 * else
 *
 * One good input for each parser and each kind of frame is given whole, cut at
 * each length, and with each of its bits flipped. What becomes of them is
 * listed. A kind of frame that is missing here fails the test.
 */
#include "srudp-frame.h"
#include "srudp-handshake-packet.h"
#include "srudp-hello.h"
#include "srudp-port-map.h"
#include "srudp-stun.h"
#include "srudp-transport-params.h"

#include <string.h>

#define MAX_BYTES 512

typedef gboolean (*ParseFunc) (const guint8 *data,
                               gsize         size);

static gboolean
parse_frame (const guint8 *data,
             gsize         size)
{
  SrudpReader reader;
  SrudpFrame frame;

  srudp_reader_init (&reader, data, size);

  return size > 0 && srudp_frame_parse (&reader, &frame)
         && srudp_reader_is_empty (&reader);
}

static gboolean
parse_hello_packet (const guint8 *data,
                    gsize         size)
{
  SrudpHelloTrailer trailer;
  const guint8 *noise;
  gsize noise_size;

  return srudp_hello_packet_parse (data, size, &noise, &noise_size, &trailer);
}

static gboolean
parse_hello_payload (const guint8 *data,
                     gsize         size)
{
  SrudpHello hello;

  return srudp_hello_payload_parse (&hello, data, size);
}

static gboolean
parse_hello_fields (const guint8 *data,
                    gsize         size)
{
  SrudpHelloFields fields;
  SrudpReader reader;

  srudp_reader_init (&reader, data, size);

  return srudp_hello_fields_parse (&reader, &fields);
}

static gboolean
parse_message (const guint8 *data,
               gsize         size)
{
  SrudpHandshakePacket packet;

  return srudp_handshake_packet_parse (&packet, data, size);
}

static gboolean
parse_destination (const guint8 *data,
                   gsize         size)
{
  guint64 id;

  return srudp_packet_get_destination (data, size, &id);
}

static gboolean
parse_params (const guint8 *data,
              gsize         size)
{
  SrudpTransportParams params;
  SrudpReader reader;

  srudp_transport_params_init (&params);
  srudp_reader_init (&reader, data, size);

  return srudp_transport_params_parse (&reader, &params);
}

static gboolean
parse_stun (const guint8 *data,
            gsize         size)
{
  SrudpStunResponse response;

  return srudp_stun_parse_response (data, size, &response);
}

static gboolean
parse_port_map (const guint8 *data,
                gsize         size)
{
  SrudpPortMapReply reply;

  return srudp_port_map_parse_reply (data, size, &reply);
}

/* Whole, cut, spoilt. Returns how many of the cut ones were refused. */
static guint
try_parser (const char   *name,
            ParseFunc     parse,
            const guint8 *data,
            gsize         size)
{
  guint n_cut_refused = 0, n_flipped_taken = 0;

  g_assert_cmpuint (size, <=, MAX_BYTES);
  g_assert_true (parse (data, size));
  for (gsize n = 0; n < size; n++)
    {
      /* Of its own size, so that tools see a read behind its end. */
      g_autofree guint8 *cut = g_memdup2 (data, MAX (n, 1));

      n_cut_refused += !parse (cut, n);
    }
  for (gsize bit = 0; bit < size * 8; bit++)
    {
      g_autofree guint8 *flipped = g_memdup2 (data, size);

      flipped[bit / 8] ^= (guint8) (1 << bit % 8);
      n_flipped_taken += parse (flipped, size);
    }
  g_test_message ("%-24s whole: taken; cut: %u of %u refused; a bit flipped: %u"
                  " of %u refused", name, n_cut_refused, (guint) size,
                  (guint) size * 8 - n_flipped_taken, (guint) size * 8);

  return n_cut_refused;
}

/* --- Frames ------------------------------------------------------------------ */

typedef struct
{
  SrudpFrameType type;
  gboolean to_the_end; /* what is cut off is not missed */
  gsize size;
  guint8 bytes[64];
} FrameSample;

#define EIGHT 1, 2, 3, 4, 5, 6, 7, 8
#define THIRTY_TWO EIGHT, EIGHT, EIGHT, EIGHT

static const FrameSample frames[] = {
  { SRUDP_FRAME_PADDING, TRUE, 3, { 0, 0, 0 } },
  { SRUDP_FRAME_PING, FALSE, 1, { 0x01 } },
  { SRUDP_FRAME_ACK, FALSE, 7, { 0x02, 9, 0, 1, 2, 0, 1 } },
  { SRUDP_FRAME_ACK, FALSE, 10, { 0x03, 9, 0, 1, 2, 0, 1, 3, 0, 1 } },
  { SRUDP_FRAME_RESET_STREAM, FALSE, 4, { 0x04, 2, 7, 9 } },
  { SRUDP_FRAME_STOP_SENDING, FALSE, 3, { 0x05, 2, 7 } },
  { SRUDP_FRAME_STREAM, TRUE, 4, { 0x08, 2, 'a', 'b' } },
  { SRUDP_FRAME_STREAM, TRUE, 4, { 0x09, 2, 'a', 'b' } },
  { SRUDP_FRAME_STREAM, FALSE, 5, { 0x0a, 2, 2, 'a', 'b' } },
  { SRUDP_FRAME_STREAM, FALSE, 5, { 0x0b, 2, 2, 'a', 'b' } },
  { SRUDP_FRAME_STREAM, TRUE, 5, { 0x0c, 2, 5, 'a', 'b' } },
  { SRUDP_FRAME_STREAM, TRUE, 5, { 0x0d, 2, 5, 'a', 'b' } },
  { SRUDP_FRAME_STREAM, FALSE, 6, { 0x0e, 2, 5, 2, 'a', 'b' } },
  { SRUDP_FRAME_STREAM, FALSE, 6, { 0x0f, 2, 5, 2, 'a', 'b' } },
  { SRUDP_FRAME_MAX_DATA, FALSE, 3, { 0x10, 0x44, 0 } },
  { SRUDP_FRAME_MAX_STREAM_DATA, FALSE, 4, { 0x11, 2, 0x44, 0 } },
  { SRUDP_FRAME_MAX_STREAMS, FALSE, 2, { 0x12, 8 } },
  { SRUDP_FRAME_DATA_BLOCKED, FALSE, 3, { 0x14, 0x44, 0 } },
  { SRUDP_FRAME_STREAM_DATA_BLOCKED, FALSE, 4, { 0x15, 2, 0x44, 0 } },
  { SRUDP_FRAME_STREAMS_BLOCKED, FALSE, 2, { 0x16, 8 } },
  { SRUDP_FRAME_NEW_CONNECTION_ID, FALSE, 11, { 0x18, 1, 0, EIGHT } },
  { SRUDP_FRAME_RETIRE_CONNECTION_ID, FALSE, 2, { 0x19, 1 } },
  { SRUDP_FRAME_PATH_CHALLENGE, FALSE, 9, { 0x1a, EIGHT } },
  { SRUDP_FRAME_PATH_RESPONSE, FALSE, 9, { 0x1b, EIGHT } },
  { SRUDP_FRAME_CLOSE, FALSE, 5, { 0x1d, 1, 2, 'n', 'o' } },
  { SRUDP_FRAME_HANDSHAKE_DONE, FALSE, 1, { 0x1e } },
  { SRUDP_FRAME_IMMEDIATE_ACK, FALSE, 1, { 0x1f } },
  { SRUDP_FRAME_DATAGRAM, TRUE, 3, { 0x30, 'a', 'b' } },
  { SRUDP_FRAME_DATAGRAM, FALSE, 4, { 0x31, 2, 'a', 'b' } },
  { SRUDP_FRAME_OBSERVED_ADDRESS, FALSE, 10,
    { 0x40, 0x40, 1, 4, 192, 0, 2, 1, 0x20, 1 } },
  { SRUDP_FRAME_ADD_ADDRESS, FALSE, 22,
    { 0x40, 0x41, 1, 6, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, EIGHT, 0x20, 1 } },
  { SRUDP_FRAME_REMOVE_ADDRESS, FALSE, 3, { 0x40, 0x42, 1 } },
  { SRUDP_FRAME_INTRODUCE, FALSE, 46,
    { 0x40, 0x43, 2, 2, 0, 1, THIRTY_TWO, 1, 4, 192, 0, 2, 1, 0x20, 1 } },
  { SRUDP_FRAME_KEY_SHARE, FALSE, 35, { 0x40, 0x44, 1, THIRTY_TWO } },
  { SRUDP_FRAME_SAS_REVEAL, FALSE, 34, { 0x40, 0x45, THIRTY_TWO } },
  { SRUDP_FRAME_ACK_FREQUENCY, FALSE, 6, { 0x40, 0xaf, 1, 2, 3, 4 } },
};

static void
test_frames (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    {
      const FrameSample *sample = &frames[i];
      guint n_refused = try_parser (srudp_frame_type_get_name (sample->type),
                                    parse_frame, sample->bytes, sample->size);

      if (sample->to_the_end)
        g_assert_cmpuint (n_refused, >=, 1);
      else
        g_assert_cmpuint (n_refused, ==, sample->size);
    }
}

/* The type of the whole run of bytes, its flags taken off; -1: unknown. Any of
 * several contents may do. */
static int
find_type (guint64 type)
{
  static const guint8 fillings[] = { 0, 1, 4, 6 };

  for (guint i = 0; i < G_N_ELEMENTS (fillings); i++)
    {
      guint8 bytes[MAX_BYTES];
      SrudpWriter writer;
      SrudpReader reader;
      SrudpFrame frame;

      memset (bytes, fillings[i], sizeof bytes);
      srudp_writer_init (&writer, bytes, sizeof bytes);
      srudp_writer_put_varint (&writer, type);
      srudp_reader_init (&reader, bytes, sizeof bytes);
      if (srudp_frame_parse (&reader, &frame))
        return (int) frame.type;
    }

  return -1;
}

static gboolean
has_sample (int type)
{
  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    if ((int) frames[i].type == type)
      return TRUE;

  return FALSE;
}

static void
test_no_frame_is_missing (void)
{
  guint n_known = 0;

  for (guint64 i = 0; i < 0x4000; i++)
    {
      int type = find_type (i);

      if (type < 0)
        continue;
      n_known++;
      if (!has_sample (type))
        g_error ("frames of type 0x%x are not tried", type);
    }
  g_test_message ("%u types of frames are known", n_known);
  g_assert_cmpuint (n_known, ==, G_N_ELEMENTS (frames));
}

/* --- All others -------------------------------------------------------------- */

static void
test_hello (void)
{
  static const guint8 noise[200];
  const SrudpHelloTrailer trailer = { 1, 2, { 3 } };
  guint8 packet[SRUDP_HELLO_BYTES], payload[SRUDP_HELLO_PAYLOAD_MAX_BYTES];
  SrudpHello hello = { 0 };
  gsize size;

  srudp_hello_packet_init (packet, noise, sizeof noise);
  srudp_hello_packet_set_trailer (packet, &trailer);
  g_assert_cmpuint (try_parser ("HELLO", parse_hello_packet, packet,
                                sizeof packet), ==, sizeof packet);

  srudp_hello_fields_init (&hello.fields, "test", 77);
  hello.fields.has_cpace = TRUE;
  size = srudp_hello_payload_write (&hello, payload);
  g_assert_cmpuint (try_parser ("payload of HELLO", parse_hello_payload,
                                payload, size), >=, 1);
  g_assert_cmpuint (try_parser ("fields", parse_hello_fields,
                                payload + 2 * SRUDP_TAG_BYTES,
                                size - 2 * SRUDP_TAG_BYTES), >=, 1);
}

static void
test_messages (void)
{
  static const guint8 noise[200];
  static const SrudpPacketType types[] = { SRUDP_PACKET_MESSAGE_2,
                                           SRUDP_PACKET_MESSAGE_3 };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      const SrudpHandshakePacket packet = {
        .type = types[i], .destination_id = 5, .noise = noise,
        .noise_size = sizeof noise,
      };
      guint8 bytes[SRUDP_HANDSHAKE_MAX_BYTES];
      gsize size = srudp_handshake_packet_write (&packet, bytes);

      g_assert_cmpuint (try_parser (i == 0 ? "message 2" : "message 3",
                                    parse_message, bytes, size), >=,
                        SRUDP_HANDSHAKE_HEADER_BYTES);
      g_assert_cmpuint (try_parser ("connection id", parse_destination, bytes,
                                    size), >=, 9);
    }
}

static void
test_params (void)
{
  SrudpTransportParams params;
  guint8 bytes[MAX_BYTES];
  SrudpWriter writer;

  srudp_transport_params_init (&params);
  params.idle_timeout_us = 30 * G_USEC_PER_SEC;
  params.initial_max_data = 1000000;
  params.boot_id[0] = 1;
  srudp_writer_init (&writer, bytes, sizeof bytes);
  g_assert_true (srudp_transport_params_write (&writer, &params, 9));
  g_assert_cmpuint (try_parser ("transport parameters", parse_params, bytes,
                                writer.size), >=, 1);
}

static void
test_stun (void)
{
  static const guint8 response[] = {
    0x01, 0x01, 0x00, 0x0c, 0x21, 0x12, 0xa4, 0x42, EIGHT, 9, 10, 11, 12,
    0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43,
  };

  g_assert_cmpuint (try_parser ("STUN", parse_stun, response, sizeof response),
                    ==, sizeof response);
}

static void
test_port_map (void)
{
  static const guint8 address[] = { 0, 128, 0, 0, 0, 0, 0, 1, 203, 0, 113, 9 };
  static const guint8 mapped[] = { 0, 129, 0, 0, 0, 0, 0, 1, 0x9c, 0x40,
                                   0x9c, 0x41, 0, 0, 14, 16 };

  g_assert_cmpuint (try_parser ("NAT-PMP address", parse_port_map, address,
                                sizeof address), ==, sizeof address);
  g_assert_cmpuint (try_parser ("NAT-PMP mapping", parse_port_map, mapped,
                                sizeof mapped), ==, sizeof mapped);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/parsers/frames", test_frames);
  g_test_add_func ("/parsers/no-frame-is-missing", test_no_frame_is_missing);
  g_test_add_func ("/parsers/hello", test_hello);
  g_test_add_func ("/parsers/messages", test_messages);
  g_test_add_func ("/parsers/transport-parameters", test_params);
  g_test_add_func ("/parsers/stun", test_stun);
  g_test_add_func ("/parsers/port-map", test_port_map);

  return g_test_run ();
}
