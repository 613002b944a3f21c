/*
 * SPDX-License-Identifier: MIT
 *
 * test-transport-params.c: both sides understand each other's limits
 */
#include "srudp-transport-params.h"

static const SrudpTransportParams sample = {
  .initial_max_data = 1 << 20,
  .initial_max_stream_data = SRUDP_VARINT_MAX,
  .initial_max_streams = 100,
  .idle_timeout_us = 30 * G_USEC_PER_SEC,
  .max_ack_delay_us = 25000,
  .max_udp_payload_bytes = 65507,
  .max_datagram_bytes = 1200,
  .active_connection_id_limit = 8,
  .ciphers = SRUDP_CIPHER_BIT_CHACHA20_POLY1305 | SRUDP_CIPHER_BIT_AES_256_GCM,
  .features = SRUDP_FEATURE_DATAGRAM | SRUDP_FEATURE_REKEY,
  .boot_id = "0123456789abcde",
};

static void
assert_equal (const SrudpTransportParams *a,
              const SrudpTransportParams *b)
{
  g_assert_cmpuint (a->initial_max_data, ==, b->initial_max_data);
  g_assert_cmpuint (a->initial_max_stream_data, ==, b->initial_max_stream_data);
  g_assert_cmpuint (a->initial_max_streams, ==, b->initial_max_streams);
  g_assert_cmpint (a->idle_timeout_us, ==, b->idle_timeout_us);
  g_assert_cmpint (a->max_ack_delay_us, ==, b->max_ack_delay_us);
  g_assert_cmpuint (a->max_udp_payload_bytes, ==, b->max_udp_payload_bytes);
  g_assert_cmpuint (a->max_datagram_bytes, ==, b->max_datagram_bytes);
  g_assert_cmpuint (a->active_connection_id_limit, ==, b->active_connection_id_limit);
  g_assert_cmpuint (a->ciphers, ==, b->ciphers);
  g_assert_cmpuint (a->features, ==, b->features);
  g_assert_cmpmem (a->boot_id, sizeof a->boot_id, b->boot_id, sizeof b->boot_id);
}

static gboolean
parse (const guint8         *data,
       gsize                 size,
       SrudpTransportParams *params)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);
  SrudpReader reader;

  srudp_reader_init (&reader, copy, size);

  return srudp_transport_params_parse (&reader, params);
}

static void
test_round_trip (void)
{
  static const guint32 greases[] = { 0, 1, 2, 3, 1000000, G_MAXUINT32 };
  guint8 data[200];
  gsize plain_size = 0;

  for (guint i = 0; i < G_N_ELEMENTS (greases); i++)
    {
      SrudpTransportParams parsed;
      SrudpWriter writer;

      srudp_writer_init (&writer, data, sizeof data);
      g_assert_true (srudp_transport_params_write (&writer, &sample, greases[i]));
      g_assert_true (parse (data, writer.size, &parsed));
      assert_equal (&parsed, &sample);
      if (i == 0)
        plain_size = writer.size;
      else
        g_assert_cmpuint (writer.size, >, plain_size);
    }
}

static void
test_absent_means_default (void)
{
  SrudpTransportParams parsed, expected;

  srudp_transport_params_init (&expected);
  g_assert_true (parse ((const guint8 *) "", 0, &parsed));
  assert_equal (&parsed, &expected);
  g_assert_cmpuint (parsed.initial_max_data, ==, 0);
  g_assert_cmpuint (parsed.active_connection_id_limit, ==, 2);
}

static void
test_truncated_is_refused_or_shorter (void)
{
  guint8 data[200];
  SrudpWriter writer;
  guint n_refused = 0;

  srudp_writer_init (&writer, data, sizeof data);
  srudp_transport_params_write (&writer, &sample, 0);
  for (gsize size = 0; size < writer.size; size++)
    {
      SrudpTransportParams parsed = sample;
      SrudpWriter small;
      guint8 room[200];

      if (!parse (data, size, &parsed))
        {
          assert_equal (&parsed, &sample);
          n_refused++;
        }
      srudp_writer_init (&small, room, size);
      g_assert_false (srudp_transport_params_write (&small, &sample, 0));
      g_assert_cmpuint (small.size, ==, 0);
    }
  /* Only the ends of entries are possible ends: there are eleven of them. */
  g_assert_cmpuint (n_refused, ==, writer.size - 11);
}

#define BYTES(...) { __VA_ARGS__ }, sizeof ((const guint8[]) { __VA_ARGS__ })

static void
test_absurd_is_refused (void)
{
  static const struct
  {
    const char *why;
    guint8 bytes[32];
    gsize size;
    gboolean accepted;
  } cases[] = {
    { "one limit", BYTES (0x04, 1, 5), TRUE },
    { "the same limit twice", BYTES (0x04, 1, 5, 0x04, 1, 5), FALSE },
    { "an unknown entry twice", BYTES (0x1b, 1, 5, 0x1b, 1, 5), TRUE },
    { "an empty number", BYTES (0x04, 0), FALSE },
    { "a number with bytes behind it", BYTES (0x04, 2, 5, 6), FALSE },
    { "a number longer than its entry", BYTES (0x04, 1, 0x40, 0x41), FALSE },
    { "a length beyond the end", BYTES (0x1b, 9, 5), FALSE },
    { "one connection id", BYTES (0x0e, 1, 1), FALSE },
    { "payloads of 547 bytes", BYTES (0x03, 2, 0x42, 0x23), FALSE },
    { "payloads of 548 bytes", BYTES (0x03, 2, 0x42, 0x24), TRUE },
    { "a boot id of 15 bytes",
      BYTES (0x40, 0x40, 15, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), FALSE },
    { "no ChaCha20-Poly1305", BYTES (0x40, 0x42, 1, 2), FALSE },
    { "ACKs after 16.4 s", BYTES (0x40, 0x43, 4, 0x80, 0xfa, 0x00, 0x00), FALSE },
    { "more than 2^60 streams", BYTES (0x08, 8, 0xd0, 0, 0, 0, 0, 0, 0, 1), FALSE },
    { "an idle timeout of ages",
      BYTES (0x01, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SrudpTransportParams parsed;

      g_test_message ("%s", cases[i].why);
      g_assert_cmpint (parse (cases[i].bytes, cases[i].size, &parsed), ==,
                       cases[i].accepted);
    }
}

static void
test_large_values_are_cut_to_what_we_use (void)
{
  static const guint8 data[] = {
    0x0e, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x03, 4, 0x80, 0x01, 0x00, 0x00,
    0x20, 4, 0xbf, 0xff, 0xff, 0xff,
  };
  SrudpTransportParams parsed;

  g_assert_true (parse (data, sizeof data, &parsed));
  g_assert_cmpuint (parsed.active_connection_id_limit, ==, 64);
  g_assert_cmpuint (parsed.max_udp_payload_bytes, ==, 65507);
  g_assert_cmpuint (parsed.max_datagram_bytes, ==, 65507);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transport-params/round-trip", test_round_trip);
  g_test_add_func ("/transport-params/absent-means-default",
                   test_absent_means_default);
  g_test_add_func ("/transport-params/truncated-is-refused-or-shorter",
                   test_truncated_is_refused_or_shorter);
  g_test_add_func ("/transport-params/absurd-is-refused", test_absurd_is_refused);
  g_test_add_func ("/transport-params/large-values-are-cut-to-what-we-use",
                   test_large_values_are_cut_to_what_we_use);

  return g_test_run ();
}
