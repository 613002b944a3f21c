/*
 * SPDX-License-Identifier: MIT
 *
 * test-trace.c: records as a JSON text sequence, bounded and well formed
 */
#include "srudp-trace.h"

#include <string.h>

#define START_US (5 * G_USEC_PER_SEC)
#define ID G_GUINT64_CONSTANT (0x1122334455667788)

static char *
take_all (SrudpTrace      *trace,
          SrudpTraceChunk *chunk)
{
  gsize size;
  g_autofree char *data = NULL;

  g_assert_true (srudp_trace_take (trace, chunk));
  data = g_bytes_unref_to_data (g_steal_pointer (&chunk->records), &size);

  return g_strndup (data, size);
}

static SrudpTrace *
new_connected (void)
{
  SrudpTrace *trace = srudp_trace_new (1, START_US);
  SrudpTraceChunk chunk;

  srudp_trace_set_connection (trace, ID, TRUE);
  srudp_trace_begin (trace, START_US, "x:y");
  srudp_trace_commit (trace);
  g_free (take_all (trace, &chunk));

  return trace;
}

static void
test_header (void)
{
  g_autoptr (SrudpTrace) trace = srudp_trace_new (1, START_US);
  SrudpTraceChunk chunk;
  g_autofree char *text = NULL;
  g_autofree char *more = NULL;

  srudp_trace_begin (trace, START_US + 1500, "a:b");
  srudp_trace_commit (trace);
  g_assert_false (srudp_trace_take (trace, &chunk));

  srudp_trace_set_connection (trace, ID, FALSE);
  text = take_all (trace, &chunk);
  g_assert_cmpstr (chunk.name, ==, "1122334455667788_server");
  g_assert_true (chunk.first);
  g_assert_false (chunk.last);
  g_assert_cmpstr (text, ==,
                   "\x1e{\"qlog_version\":\"0.3\",\"qlog_format\":\"JSON-SEQ\","
                   "\"title\":\"srudp connection\",\"trace\":{"
                   "\"vantage_point\":{\"name\":\"srudp-glib\","
                   "\"type\":\"server\"},\"common_fields\":{"
                   "\"ODCID\":\"1122334455667788\","
                   "\"time_format\":\"relative\","
                   "\"reference_time\":5000.000}}}\n"
                   "\x1e{\"time\":1.500,\"name\":\"a:b\",\"data\":{}}\n");
  g_assert_false (srudp_trace_take (trace, &chunk));

  srudp_trace_end (trace);
  more = take_all (trace, &chunk);
  g_assert_cmpstr (more, ==, "");
  g_assert_false (chunk.first);
  g_assert_true (chunk.last);
}

static void
test_never_connected (void)
{
  g_autoptr (SrudpTrace) trace = srudp_trace_new (ID, START_US);
  SrudpTraceChunk chunk;
  g_autofree char *text = NULL;

  g_assert_false (srudp_trace_take (trace, &chunk));
  srudp_trace_end (trace);
  text = take_all (trace, &chunk);
  g_assert_cmpstr (chunk.name, ==, "1122334455667788_opening");
  g_assert_true (chunk.first);
  g_assert_true (chunk.last);
  g_assert_nonnull (strstr (text, "\"type\":\"unknown\""));
}

static void
test_values (void)
{
  static const guint8 hostile[] = "a\"\\\n\x7f\xff\0b";
  static const guint8 ipv6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
  static const guint8 ipv4[4] = { 192, 0, 2, 1 };
  g_autoptr (SrudpTrace) trace = new_connected ();
  g_autofree char *text = NULL;
  SrudpAddress address;
  SrudpTraceChunk chunk;

  srudp_trace_begin (trace, START_US, "v:v");
  srudp_trace_put_number (trace, "n", G_MAXUINT64);
  srudp_trace_put_boolean (trace, "b", TRUE);
  srudp_trace_put_time (trace, "t", 1002003);
  srudp_trace_put_time (trace, "u", -7);
  srudp_trace_put_bytes (trace, "s", hostile, sizeof hostile - 1);
  srudp_trace_put_bytes (trace, "e", NULL, 0);
  srudp_trace_open (trace, "l", '[');
  srudp_trace_put_number (trace, NULL, 1);
  srudp_trace_put_number (trace, NULL, 2);
  srudp_trace_close (trace, ']');
  srudp_address_init_ipv4 (&address, ipv4, 80);
  srudp_trace_put_address (trace, "src", &address);
  srudp_address_init_ipv6 (&address, ipv6, 443, 0);
  srudp_trace_put_address (trace, "dst", &address);
  memset (&address, 0, sizeof address);
  srudp_trace_put_address (trace, "not", &address);
  srudp_trace_commit (trace);

  text = take_all (trace, &chunk);
  g_assert_cmpstr (text, ==,
                   "\x1e{\"time\":0.000,\"name\":\"v:v\",\"data\":{"
                   "\"n\":18446744073709551615,\"b\":true,\"t\":1002.003,"
                   "\"u\":-0.007,\"s\":\"a\\\"\\\\\\u000a\\u007f\xef\xbf\xbd"
                   "\xef\xbf\xbd" "b\",\"e\":\"\",\"l\":[1,2],"
                   "\"src_ip\":\"192.0.2.1\",\"src_port\":80,"
                   "\"dst_ip\":\"2001:db8::1\",\"dst_port\":443}}\n");
}

static void
test_time_never_goes_back (void)
{
  g_autoptr (SrudpTrace) trace = new_connected ();
  g_autofree char *text = NULL;
  SrudpTraceChunk chunk;

  srudp_trace_begin (trace, START_US + 3000, "a:a");
  srudp_trace_commit (trace);
  srudp_trace_begin (trace, START_US + 2000, "b:b");
  srudp_trace_commit (trace);

  text = take_all (trace, &chunk);
  g_assert_nonnull (strstr (text, "\"time\":3.000,\"name\":\"b:b\""));
}

static void
test_bounded (void)
{
  g_autoptr (SrudpTrace) trace = new_connected ();
  g_autofree char *text = NULL;
  g_autofree char *after = NULL;
  SrudpTraceChunk chunk;
  const char *tail;

  for (guint i = 0; i < SRUDP_TRACE_MAX_BYTES / 32; i++)
    {
      srudp_trace_begin (trace, START_US + i, "fill:fill");
      srudp_trace_put_number (trace, "i", i);
      srudp_trace_commit (trace);
    }

  text = take_all (trace, &chunk);
  g_assert_cmpuint (strlen (text), <=, SRUDP_TRACE_MAX_BYTES + 200);
  g_assert_cmpuint (strlen (text), >, SRUDP_TRACE_MAX_BYTES - 200);
  tail = strrchr (text, '\x1e');
  g_assert_nonnull (strstr (tail, "loglevel:warning"));
  g_assert_nonnull (strstr (tail, " records dropped"));

  /* There is room again, and nothing more to complain of. */
  srudp_trace_begin (trace, START_US, "again:again");
  srudp_trace_commit (trace);
  after = take_all (trace, &chunk);
  g_assert_nonnull (strstr (after, "again:again"));
  g_assert_null (strstr (after, "loglevel"));
}

/* Each frame, as written into a packet, and as told. */
typedef struct
{
  SrudpFrame frame;
  const char *expected;
} FrameRow;

static const FrameRow frame_rows[] = {
  { { .type = SRUDP_FRAME_PING }, "{\"frame_type\":\"ping\"}" },
  { { .type = SRUDP_FRAME_STREAM,
      .stream = { .stream_id = 4, .offset = 9, .data = (const guint8 *) "ab",
                  .length = 2, .fin = TRUE } },
    "{\"frame_type\":\"stream\",\"stream_id\":4,\"offset\":9,\"length\":2,"
    "\"fin\":true}" },
  { { .type = SRUDP_FRAME_RESET_STREAM,
      .reset_stream = { .stream_id = 4, .code = 5, .final_size = 6 } },
    "{\"frame_type\":\"reset_stream\",\"stream_id\":4,\"error_code\":5,"
    "\"final_size\":6}" },
  { { .type = SRUDP_FRAME_STOP_SENDING,
      .stop_sending = { .stream_id = 4, .code = 5 } },
    "{\"frame_type\":\"stop_sending\",\"stream_id\":4,\"error_code\":5}" },
  { { .type = SRUDP_FRAME_MAX_DATA, .limit = { .maximum = 7 } },
    "{\"frame_type\":\"max_data\",\"maximum\":7}" },
  { { .type = SRUDP_FRAME_MAX_STREAM_DATA,
      .limit = { .stream_id = 1, .maximum = 7 } },
    "{\"frame_type\":\"max_stream_data\",\"stream_id\":1,\"maximum\":7}" },
  { { .type = SRUDP_FRAME_STREAMS_BLOCKED, .limit = { .maximum = 7 } },
    "{\"frame_type\":\"streams_blocked\",\"stream_type\":\"bidirectional\","
    "\"limit\":7}" },
  { { .type = SRUDP_FRAME_DATAGRAM,
      .datagram = { .data = (const guint8 *) "abc", .length = 3 } },
    "{\"frame_type\":\"datagram\",\"length\":3}" },
  { { .type = SRUDP_FRAME_PATH_CHALLENGE },
    "{\"frame_type\":\"path_challenge\"}" },
  { { .type = SRUDP_FRAME_RETIRE_CONNECTION_ID,
      .connection_id = { .sequence = 2 } },
    "{\"frame_type\":\"retire_connection_id\",\"sequence_number\":2}" },
  { { .type = SRUDP_FRAME_NEW_CONNECTION_ID,
      .connection_id = { .sequence = 2, .retire_prior_to = 1,
                         .connection_id = ID } },
    "{\"frame_type\":\"new_connection_id\",\"sequence_number\":2,"
    "\"retire_prior_to\":1,\"connection_id\":\"1122334455667788\"}" },
  { { .type = SRUDP_FRAME_REMOVE_ADDRESS, .address = { .sequence = 3 } },
    "{\"frame_type\":\"remove_address\",\"sequence_number\":3}" },
  { { .type = SRUDP_FRAME_KEY_SHARE,
      .key_share = { .generation = 1, .share = "secretsecret" } },
    "{\"frame_type\":\"key_share\",\"generation\":1}" },
  { { .type = SRUDP_FRAME_SAS_REVEAL, .sas_reveal = { .nonce = "secret" } },
    "{\"frame_type\":\"sas_reveal\"}" },
  { { .type = SRUDP_FRAME_ACK_FREQUENCY,
      .ack_frequency = { .sequence = 1, .threshold = 2,
                         .max_ack_delay_us = 25000,
                         .reordering_threshold = 4 } },
    "{\"frame_type\":\"ack_frequency\",\"sequence_number\":1,"
    "\"ack_eliciting_threshold\":2,\"request_max_ack_delay\":25,"
    "\"reordering_threshold\":4}" },
  { { .type = SRUDP_FRAME_CLOSE,
      .close = { .code = 2, .reason = (const guint8 *) "\"no\"",
                 .reason_length = 4 } },
    "{\"frame_type\":\"connection_close\",\"error_space\":\"transport\","
    "\"error_code\":2,\"reason\":\"\\\"no\\\"\"}" },
};

static char *
tell_frames (SrudpTrace   *trace,
             const guint8 *payload,
             gsize         size)
{
  SrudpTraceChunk chunk;

  srudp_trace_begin (trace, START_US, "f:f");
  srudp_trace_put_frames (trace, payload, size);
  srudp_trace_commit (trace);

  return take_all (trace, &chunk);
}

static void
test_frames (void)
{
  g_autoptr (SrudpTrace) trace = new_connected ();

  for (guint i = 0; i < G_N_ELEMENTS (frame_rows); i++)
    {
      guint8 payload[200];
      SrudpWriter writer;
      g_autofree char *text = NULL;
      g_autofree char *expected
        = g_strdup_printf ("\"frames\":[%s]", frame_rows[i].expected);

      srudp_writer_init (&writer, payload, sizeof payload);
      g_assert_true (srudp_frame_write (&writer, &frame_rows[i].frame));
      text = tell_frames (trace, payload, writer.size);
      g_test_message ("%s", text);
      g_assert_nonnull (strstr (text, expected));
    }
}

static void
test_ack_frame (void)
{
  static const SrudpAckRange ranges[] = { { 8, 9 }, { 3, 5 } };
  static const SrudpEcnCounts ecn = { .ect0 = 5, .ce = 1 };
  g_autoptr (SrudpTrace) trace = new_connected ();
  g_autofree char *text = NULL;
  guint8 payload[100];
  SrudpWriter writer;

  srudp_writer_init (&writer, payload, sizeof payload);
  g_assert_true (srudp_frame_write_ack (&writer, ranges, 2, 1250, &ecn));
  text = tell_frames (trace, payload, writer.size);
  g_assert_nonnull (strstr (text, "{\"frame_type\":\"ack\",\"ack_delay\":1.250,"
                                  "\"acked_ranges\":[[8,9],[3,5]],\"ect0\":5,"
                                  "\"ect1\":0,\"ce\":1}"));
}

/* Many small frames, and bytes that are no frame at all. */
static void
test_hostile_frames (void)
{
  g_autoptr (SrudpTrace) trace = new_connected ();
  static guint8 pings[60000];
  g_autofree char *many = NULL;
  g_autofree char *none = NULL;
  static const guint8 junk[] = { 0x3f, 0xff, 0xff };

  memset (pings, SRUDP_FRAME_PING, sizeof pings);
  many = tell_frames (trace, pings, sizeof pings);
  g_assert_cmpuint (strlen (many), <, 20000);
  g_assert_true (g_str_has_suffix (many, "}]}}\n"));

  none = tell_frames (trace, junk, sizeof junk);
  g_assert_nonnull (strstr (none, "\"frames\":[]}}\n"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/trace/header-comes-first", test_header);
  g_test_add_func ("/trace/an-open-that-failed-has-one-too",
                   test_never_connected);
  g_test_add_func ("/trace/values-are-valid-json", test_values);
  g_test_add_func ("/trace/time-never-goes-back", test_time_never_goes_back);
  g_test_add_func ("/trace/is-bounded-and-tells-what-is-missing", test_bounded);
  g_test_add_func ("/trace/frames", test_frames);
  g_test_add_func ("/trace/ack-frame", test_ack_frame);
  g_test_add_func ("/trace/hostile-frames-are-bounded", test_hostile_frames);

  return g_test_run ();
}
