/*
 * SPDX-License-Identifier: MIT
 *
 * test-frame.c: frames survive the trip, and hostile ones are refused
 */
#include "srudp-frame.h"

#define ID G_GUINT64_CONSTANT (0x1122334455667788)
#define BIG (SRUDP_VARINT_MAX)

static const guint8 some_bytes[] = "some bytes of a stream";

#define IPV4 { .family = SRUDP_FAMILY_IPV4, .ip = { 192, 0, 2, 1 }, .port = 4433 }
#define IPV6 { .family = SRUDP_FAMILY_IPV6, .ip = { 0x20, 1, 0xd, 0xb8, [15] = 9 }, .port = 1 }

typedef struct
{
  SrudpFrame frame;
  gsize size; /* in the packet */
} Sample;

static const Sample samples[] = {
  { { SRUDP_FRAME_PADDING, .padding = 1 }, 1 },
  { { SRUDP_FRAME_PADDING, .padding = 100 }, 100 },
  { { SRUDP_FRAME_PING }, 1 },
  { { SRUDP_FRAME_HANDSHAKE_DONE }, 1 },
  { { SRUDP_FRAME_IMMEDIATE_ACK }, 1 },
  { { SRUDP_FRAME_RESET_STREAM, .reset_stream = { 4, 77, BIG } }, 1 + 1 + 2 + 8 },
  { { SRUDP_FRAME_STOP_SENDING, .stop_sending = { 63, 64 } }, 1 + 1 + 2 },
  { { SRUDP_FRAME_STREAM, .stream = { 0, 0, some_bytes, 22, FALSE } }, 1 + 1 + 1 + 22 },
  { { SRUDP_FRAME_STREAM, .stream = { 5, 16384, some_bytes, 22, TRUE } }, 1 + 1 + 4 + 1 + 22 },
  { { SRUDP_FRAME_STREAM, .stream = { BIG, BIG, NULL, 0, TRUE } }, 1 + 8 + 8 + 1 },
  { { SRUDP_FRAME_MAX_DATA, .limit = { 0, BIG } }, 9 },
  { { SRUDP_FRAME_MAX_STREAM_DATA, .limit = { 2, 1 << 20 } }, 6 },
  { { SRUDP_FRAME_MAX_STREAMS, .limit = { 0, G_GUINT64_CONSTANT (1) << 60 } }, 9 },
  { { SRUDP_FRAME_DATA_BLOCKED, .limit = { 0, 0 } }, 2 },
  { { SRUDP_FRAME_STREAM_DATA_BLOCKED, .limit = { 1, 63 } }, 3 },
  { { SRUDP_FRAME_STREAMS_BLOCKED, .limit = { 0, 100 } }, 3 },
  { { SRUDP_FRAME_DATAGRAM, .datagram = { some_bytes, 22 } }, 1 + 1 + 22 },
  { { SRUDP_FRAME_DATAGRAM, .datagram = { NULL, 0 } }, 1 + 1 },
  { { SRUDP_FRAME_PATH_CHALLENGE, .path = { "12345678" } }, 9 },
  { { SRUDP_FRAME_PATH_RESPONSE, .path = { "87654321" } }, 9 },
  { { SRUDP_FRAME_NEW_CONNECTION_ID, .connection_id = { 7, 7, ID } }, 1 + 1 + 1 + 8 },
  { { SRUDP_FRAME_RETIRE_CONNECTION_ID, .connection_id = { 7, 0, 0 } }, 2 },
  { { SRUDP_FRAME_OBSERVED_ADDRESS, .address = { 3, IPV4 } }, 1 + 1 + 1 + 4 + 2 + 1 },
  { { SRUDP_FRAME_ADD_ADDRESS, .address = { 3, IPV6 } }, 1 + 1 + 1 + 16 + 2 + 1 },
  { { SRUDP_FRAME_REMOVE_ADDRESS, .address = { 3, { 0 } } }, 2 + 1 },
  { { SRUDP_FRAME_INTRODUCE,
      .introduce = { SRUDP_INTRODUCTION_PEER, "key",
                     SRUDP_MAPPING_ENDPOINT_DEPENDENT, -2, { IPV6, IPV4 }, 2 } },
    2 + 4 + 32 + 1 + (1 + 16 + 2) + (1 + 4 + 2) },
  { { SRUDP_FRAME_INTRODUCE, .introduce = { SRUDP_INTRODUCTION_OFFER } },
    2 + 4 + 32 + 1 },
  { { SRUDP_FRAME_KEY_SHARE, .key_share = { 300, "share" } }, 2 + 2 + 32 },
  { { SRUDP_FRAME_SAS_REVEAL, .sas_reveal = { "nonce" } }, 2 + 32 },
  { { SRUDP_FRAME_CLOSE, .close = { 9, some_bytes, 22 } }, 1 + 1 + 1 + 22 },
  { { SRUDP_FRAME_CLOSE, .close = { 0, NULL, 0 } }, 3 },
  { { SRUDP_FRAME_ACK_FREQUENCY, .ack_frequency = { 1, 10, 25000, 3 } }, 2 + 1 + 1 + 4 + 1 },
};

static gboolean
has_its_own_type (const SrudpFrame *frame)
{
  return frame->type != SRUDP_FRAME_PADDING;
}

static void
test_round_trip (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      const SrudpFrame *frame = &samples[i].frame;
      guint8 packet[200], again[200];
      SrudpWriter writer;
      SrudpReader reader;
      SrudpFrame parsed;

      srudp_writer_init (&writer, packet, sizeof packet);
      g_assert_true (srudp_frame_write (&writer, frame));
      g_assert_cmpuint (writer.size, ==, samples[i].size);

      srudp_reader_init (&reader, packet, writer.size);
      g_assert_true (srudp_frame_parse (&reader, &parsed));
      g_assert_true (srudp_reader_is_empty (&reader));
      g_assert_cmpint (parsed.type, ==, frame->type);
      g_assert_cmpstr (srudp_frame_type_get_name (parsed.type), !=, "unknown");

      srudp_writer_init (&writer, again, sizeof again);
      g_assert_true (srudp_frame_write (&writer, &parsed));
      g_assert_cmpmem (again, writer.size, packet, samples[i].size);
    }
}

static void
test_fields_arrive (void)
{
  guint8 packet[300];
  SrudpWriter writer;
  SrudpReader reader;
  SrudpFrame parsed[5];

  srudp_writer_init (&writer, packet, sizeof packet);
  srudp_frame_write (&writer, &samples[5].frame);
  srudp_frame_write (&writer, &samples[8].frame);
  srudp_frame_write (&writer, &samples[11].frame);
  srudp_frame_write (&writer, &samples[20].frame);
  srudp_frame_write (&writer, &samples[23].frame);
  srudp_reader_init (&reader, packet, writer.size);
  for (guint i = 0; i < 5; i++)
    g_assert_true (srudp_frame_parse (&reader, &parsed[i]));

  g_assert_cmpuint (parsed[0].reset_stream.stream_id, ==, 4);
  g_assert_cmpuint (parsed[0].reset_stream.code, ==, 77);
  g_assert_cmpuint (parsed[0].reset_stream.final_size, ==, BIG);
  g_assert_cmpuint (parsed[1].stream.stream_id, ==, 5);
  g_assert_cmpuint (parsed[1].stream.offset, ==, 16384);
  g_assert_true (parsed[1].stream.fin);
  g_assert_cmpmem (parsed[1].stream.data, parsed[1].stream.length, some_bytes, 22);
  g_assert_cmpuint (parsed[2].limit.stream_id, ==, 2);
  g_assert_cmpuint (parsed[2].limit.maximum, ==, 1 << 20);
  g_assert_cmpuint (parsed[3].connection_id.sequence, ==, 7);
  g_assert_cmpuint (parsed[3].connection_id.connection_id, ==, ID);
  g_assert_cmpuint (parsed[4].address.sequence, ==, 3);
  g_assert_cmpuint (parsed[4].address.address.port, ==, 1);
  g_assert_cmpuint (parsed[4].address.address.ip[15], ==, 9);
}

static void
test_what_does_not_fit_is_not_there (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    for (gsize room = 0; room < samples[i].size; room++)
      {
        guint8 packet[200];
        SrudpWriter writer;

        srudp_writer_init (&writer, packet, room + 2);
        srudp_writer_put_u16 (&writer, 0x4242);
        g_assert_false (srudp_frame_write (&writer, &samples[i].frame));
        g_assert_cmpuint (writer.size, ==, 2);
        g_assert_false (writer.overflowed);
      }
}

/* Copies to an allocation of its own, where a sanitizer sees any overrun. */
static gboolean
parse_copy (const guint8 *data,
            gsize         size)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);
  SrudpReader reader;
  SrudpFrame frame;

  srudp_reader_init (&reader, copy, size);
  while (!srudp_reader_is_empty (&reader))
    {
      gsize left = reader.left;

      if (!srudp_frame_parse (&reader, &frame))
        return FALSE;
      g_assert_cmpuint (reader.left, <, left);
    }

  return TRUE;
}

static void
test_truncated_frames_are_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      guint8 packet[200];
      SrudpWriter writer;

      srudp_writer_init (&writer, packet, sizeof packet);
      srudp_frame_write (&writer, &samples[i].frame);
      for (gsize size = 1; size < writer.size; size++)
        g_assert_cmpint (parse_copy (packet, size), ==,
                         !has_its_own_type (&samples[i].frame));
    }
}

static void
test_any_bit_may_flip (void)
{
  guint8 packet[1500], flipped[1500];
  SrudpWriter writer;
  guint n_refused = 0;

  srudp_writer_init (&writer, packet, sizeof packet);
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    g_assert_true (srudp_frame_write (&writer, &samples[i].frame));
  g_assert_true (parse_copy (packet, writer.size));

  for (gsize bit = 0; bit < writer.size * 8; bit++)
    {
      memcpy (flipped, packet, writer.size);
      flipped[bit / 8] ^= (guint8) (1 << bit % 8);
      n_refused += !parse_copy (flipped, writer.size);
    }
  g_assert_cmpuint (n_refused, >, 100);
}

static void
test_junk_ends_somewhere (void)
{
  guint8 junk[200];

  for (guint i = 0; i < 20000; i++)
    {
      gsize size = (gsize) g_test_rand_int_range (1, sizeof junk);

      for (gsize j = 0; j < size; j++)
        junk[j] = (guint8) g_test_rand_int ();
      /* Most first bytes are no type at all: take one that is. */
      junk[0] = samples[i % G_N_ELEMENTS (samples)].frame.type & 0x3f;
      parse_copy (junk, size);
    }
}

#define BYTES(...) { __VA_ARGS__ }, sizeof ((const guint8[]) { __VA_ARGS__ })

static void
test_malformed_frames_are_refused (void)
{
  static const struct
  {
    const char *why;
    guint8 bytes[32];
    gsize size;
  } bad[] = {
    { "unknown type", BYTES (0x2f) },
    { "unknown type of our own range", BYTES (0x40, 0x46) },
    { "type not in its shortest form", BYTES (0x40, 0x01) },
    { "unidirectional MAX_STREAMS", BYTES (0x13, 1) },
    { "stream length beyond the packet", BYTES (0x0a, 0, 5, 'a', 'b') },
    { "stream end beyond 2^62",
      BYTES (0x0e, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 'a') },
    { "datagram length beyond the packet", BYTES (0x31, 2, 'a') },
    { "more than 2^60 streams", BYTES (0x12, 0xd0, 0, 0, 0, 0, 0, 0, 1) },
    { "retires ids it has not given", BYTES (0x18, 1, 2, 1, 2, 3, 4, 5, 6, 7, 8) },
    { "reason of 257 bytes", BYTES (0x1d, 0, 0x41, 0x01) },
    { "address of family 5", BYTES (0x40, 0x40, 0, 5, 1, 2, 3, 4, 0, 1) },
    { "v4-mapped address",
      BYTES (0x40, 0x40, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4, 0, 1) },
    { "first ACK range below zero", BYTES (0x02, 5, 0, 0, 6) },
    { "second ACK range below zero", BYTES (0x02, 5, 0, 1, 1, 1, 2) },
    { "ACK gap below zero", BYTES (0x02, 5, 0, 1, 2, 2, 0) },
    { "fewer ACK ranges than said", BYTES (0x02, 50, 0, 2, 1, 1, 1) },
    { "257 ACK ranges", BYTES (0x02, 50, 0, 0x41, 0x00, 1) },
    { "ACK without its ECN counts", BYTES (0x03, 5, 0, 0, 5, 1, 1) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("%s", bad[i].why);
      g_assert_false (parse_copy (bad[i].bytes, bad[i].size));
    }
}

static void
test_frames_without_length_reach_the_end (void)
{
  static const guint8 stream[] = { 0x0d, 2, 9, 'a', 'b', 'c' };
  static const guint8 datagram[] = { 0x30, 'x', 'y' };
  SrudpReader reader;
  SrudpFrame frame;

  srudp_reader_init (&reader, stream, sizeof stream);
  g_assert_true (srudp_frame_parse (&reader, &frame));
  g_assert_cmpuint (frame.stream.offset, ==, 9);
  g_assert_true (frame.stream.fin);
  g_assert_cmpmem (frame.stream.data, frame.stream.length, "abc", 3);

  srudp_reader_init (&reader, datagram, sizeof datagram);
  g_assert_true (srudp_frame_parse (&reader, &frame));
  g_assert_cmpmem (frame.datagram.data, frame.datagram.length, "xy", 2);
}

/* --- ACK ----------------------------------------------------------------- */

static void
assert_ack_round_trip (const SrudpAckRange  *ranges,
                       guint                 n_ranges,
                       const SrudpEcnCounts *ecn,
                       gsize                 room,
                       guint                 n_expected)
{
  g_autofree guint8 *packet = g_malloc (room);
  SrudpAckRange parsed[SRUDP_FRAME_MAX_ACK_RANGES];
  SrudpWriter writer;
  SrudpReader reader;
  SrudpFrame frame;

  srudp_writer_init (&writer, packet, room);
  g_assert_cmpint (srudp_frame_write_ack (&writer, ranges, n_ranges, 1234, ecn), ==,
                   n_expected > 0);
  if (n_expected == 0)
    {
      g_assert_cmpuint (writer.size, ==, 0);
      return;
    }

  srudp_reader_init (&reader, packet, writer.size);
  g_assert_true (srudp_frame_parse (&reader, &frame));
  g_assert_true (srudp_reader_is_empty (&reader));
  g_assert_cmpint (frame.type, ==, SRUDP_FRAME_ACK);
  g_assert_cmpint (frame.ack.delay_us, ==, 1234);
  g_assert_cmpuint (frame.ack.largest, ==, ranges[0].last);
  g_assert_cmpint (frame.ack.has_ecn, ==, ecn != NULL);
  g_assert_cmpuint (frame.ack.ecn.ce, ==, ecn != NULL ? ecn->ce : 0);
  g_assert_cmpuint (srudp_ack_frame_get_ranges (&frame.ack, parsed), ==, n_expected);
  for (guint i = 0; i < n_expected; i++)
    {
      g_assert_cmpuint (parsed[i].first, ==, ranges[i].first);
      g_assert_cmpuint (parsed[i].last, ==, ranges[i].last);
    }
}

static void
test_ack_round_trip (void)
{
  static const SrudpEcnCounts ecn = { 1, 2, 70000 };
  static const SrudpAckRange zero[] = { { 0, 0 } };
  static const SrudpAckRange few[] = { { BIG - 5, BIG }, { 100, BIG - 7 }, { 3, 98 }, { 0, 1 } };
  SrudpAckRange many[300];

  for (guint i = 0; i < G_N_ELEMENTS (many); i++)
    many[i] = (SrudpAckRange) { 10000 - i * 3, 10000 - i * 3 + 1 };

  assert_ack_round_trip (zero, 1, NULL, 100, 1);
  assert_ack_round_trip (few, 4, NULL, 100, 4);
  assert_ack_round_trip (few, 4, &ecn, 100, 4);
  assert_ack_round_trip (many, 300, NULL, 1200, 256);
  /* Type, largest, delay, count, first range; then two bytes for each more. */
  assert_ack_round_trip (many, 20, NULL, 1 + 2 + 2 + 1 + 1, 1);
  assert_ack_round_trip (many, 20, NULL, 1 + 2 + 2 + 1 + 1 - 1, 0);
  assert_ack_round_trip (many, 20, NULL, 1 + 2 + 2 + 1 + 1 + 2 * 9 + 1, 10);
  assert_ack_round_trip (many, 20, &ecn, 1 + 2 + 2 + 1 + 1 + 6 + 2 * 4, 5);
}

/* --- How much fits ------------------------------------------------------- */

static void
test_stream_data_fills_the_packet (void)
{
  static const guint64 offsets[] = { 0, 1, 64, 20000, BIG - 2000 };
  static const gsize wanted[] = { 0, 1, 5, 62, 63, 64, 65, 1200, 2000 };

  for (gsize room = 0; room <= 1300; room++)
    for (guint i = 0; i < G_N_ELEMENTS (offsets); i++)
      for (guint j = 0; j < G_N_ELEMENTS (wanted); j++)
        {
          guint8 packet[1300];
          gsize length;
          gboolean to_end;
          SrudpWriter writer;
          guint8 *data;

          srudp_writer_init (&writer, packet, room);
          if (!srudp_frame_fit_stream (room, 0, offsets[i], wanted[j], &length, &to_end))
            {
              g_assert_cmpuint (room, <=, SRUDP_STREAM_MAX_HEADER_BYTES);
              continue;
            }
          g_assert_cmpuint (length, <=, wanted[j]);
          g_assert_true (srudp_frame_write_stream_header (&writer, 0, offsets[i],
                                                          length, FALSE, to_end));
          g_assert_true (srudp_writer_reserve (&writer, &data, length));
          if (to_end)
            g_assert_cmpuint (writer.size, ==, room);
          else if (length < wanted[j])
            g_assert_cmpuint (room - writer.size, <=, 1);
        }
}

static void
test_ack_eliciting (void)
{
  g_assert_false (srudp_frame_type_is_ack_eliciting (SRUDP_FRAME_ACK));
  g_assert_false (srudp_frame_type_is_ack_eliciting (SRUDP_FRAME_PADDING));
  g_assert_false (srudp_frame_type_is_ack_eliciting (SRUDP_FRAME_CLOSE));
  g_assert_true (srudp_frame_type_is_ack_eliciting (SRUDP_FRAME_PING));
  g_assert_true (srudp_frame_type_is_ack_eliciting (SRUDP_FRAME_DATAGRAM));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frame/round-trip", test_round_trip);
  g_test_add_func ("/frame/fields-arrive", test_fields_arrive);
  g_test_add_func ("/frame/what-does-not-fit-is-not-there",
                   test_what_does_not_fit_is_not_there);
  g_test_add_func ("/frame/truncated-frames-are-refused",
                   test_truncated_frames_are_refused);
  g_test_add_func ("/frame/any-bit-may-flip", test_any_bit_may_flip);
  g_test_add_func ("/frame/junk-ends-somewhere", test_junk_ends_somewhere);
  g_test_add_func ("/frame/malformed-frames-are-refused",
                   test_malformed_frames_are_refused);
  g_test_add_func ("/frame/frames-without-length-reach-the-end",
                   test_frames_without_length_reach_the_end);
  g_test_add_func ("/frame/ack-round-trip", test_ack_round_trip);
  g_test_add_func ("/frame/stream-data-fills-the-packet",
                   test_stream_data_fills_the_packet);
  g_test_add_func ("/frame/ack-eliciting", test_ack_eliciting);

  return g_test_run ();
}
