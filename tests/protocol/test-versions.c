/*
 * SPDX-License-Identifier: MIT
 *
 * test-versions.c: a peer of a later version, made by hand
 *
 * It speaks through Noise and packet keys alone, and says in all its messages
 * whatever version 2 may come to say: other ranges of versions, and as many
 * entries that nobody knows as fit.
 */
#include "srudp-frame.h"
#include "srudp-handshake-packet.h"
#include "srudp-handshake.h"
#include "srudp-packet-keys.h"
#include "test-pipe.h"

#define MS 1000
#define SECOND G_USEC_PER_SEC
#define FAKE_ID G_GUINT64_CONSTANT (0x1122334455667788)
#define ENGINE 0

typedef struct
{
  const char *name;
  guint8 lowest, highest;
  gboolean fits; /* with version 1 */
} Range;

static const Range ranges[] = {
  { "only-1", 1, 1, TRUE },
  { "1-and-2", 1, 2, TRUE },
  { "any", 1, 255, TRUE },
  { "only-2", 2, 2, FALSE },
  { "2-and-more", 2, 255, FALSE },
};

typedef struct
{
  Pipe *pipe;
  const Range *range;
  SrudpPath path;          /* as the engine sees it */
  SrudpKeyPair keys;
  SrudpNoise noise;
  SrudpHandshakeMessage peer; /* what the engine said of itself */
  SrudpPacketKeys *send_keys, *receive_keys;
  guint64 next_number;
  gint64 largest;
  gboolean heard_done, was_rejected;
  GString *text;           /* what came on stream 0 */
} Fake;

static void
fake_init (Fake        *fake,
           Pipe        *pipe,
           const Range *range)
{
  guint8 ip[4] = { 198, 51, 100, 2 };

  memset (fake, 0, sizeof *fake);
  fake->pipe = pipe;
  fake->range = range;
  fake->largest = -1;
  fake->text = g_string_new (NULL);
  srudp_address_init_ipv4 (&fake->path.remote, ip, 2222);
  test_random_fill (pipe->rand, fake->keys.secret, SRUDP_KEY_BYTES);
  srudp_x25519_public_key (fake->keys.public_key, fake->keys.secret);
}

static void
fake_clear (Fake *fake)
{
  g_clear_pointer (&fake->send_keys, srudp_packet_keys_free);
  g_clear_pointer (&fake->receive_keys, srudp_packet_keys_free);
  srudp_noise_clear (&fake->noise);
  g_string_free (fake->text, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fake, fake_clear)

/* Entries that nobody knows: (id, length, value), up to the last byte but
 * those of one more. */
static void
put_unknown (Fake        *fake,
             SrudpWriter *writer)
{
  static const guint64 ids[] = { 27, 0x42424242, 31 * 1000 + 27, 0x3f3f,
                                 SRUDP_VARINT_MAX };
  guint8 value[16];

  for (guint i = 0; srudp_writer_get_left (writer) >= 8 + 1 + sizeof value; i++)
    {
      gsize n = i % (sizeof value + 1);

      test_random_fill (fake->pipe->rand, value, sizeof value);
      srudp_writer_put_varint (writer, i < G_N_ELEMENTS (ids) ? ids[i]
                                                              : 100000 + i);
      srudp_writer_put_varint (writer, n);
      srudp_writer_put_bytes (writer, value, n);
    }
}

static void
put_fields (Fake        *fake,
            SrudpWriter *writer)
{
  SrudpHelloFields fields;

  srudp_hello_fields_init (&fields, NULL, FAKE_ID);
  fields.version_min = fake->range->lowest;
  fields.version_max = fake->range->highest;
  /* Of what is reserved, too. */
  fields.ciphers = SRUDP_CIPHER_CHACHA20_POLY1305 | 0xf0;
  srudp_hello_fields_write (writer, &fields);
}

/* The payload of message 2 or 3. */
static gsize
make_payload (Fake   *fake,
              guint8 *out,
              gsize   capacity)
{
  static const guint8 nothing[SRUDP_KEY_BYTES];
  SrudpTransportParams params;
  SrudpWriter writer;

  srudp_transport_params_init (&params);
  params.initial_max_data = params.initial_max_stream_data = 100000;
  params.idle_timeout_us = 21 * SECOND;
  params.features = 0xffffffff;
  srudp_writer_init (&writer, out, capacity);
  put_fields (fake, &writer);
  srudp_writer_put_bytes (&writer, nothing, sizeof nothing);
  srudp_transport_params_write (&writer, &params, 0);
  put_unknown (fake, &writer);
  g_assert_false (writer.overflowed);

  return writer.size;
}

static void
give (Fake   *fake,
      guint8 *data,
      gsize   size)
{
  srudp_engine_receive (fake->pipe->engines[ENGINE], fake->pipe->now,
                        &fake->path, SRUDP_ECN_NOT_ECT, data, size);
}

static void
send_hello (Fake *fake)
{
  guint8 payload[SRUDP_HELLO_MAX_NOISE_BYTES - SRUDP_NOISE_MESSAGE_1_OVERHEAD];
  guint8 noise[SRUDP_HELLO_MAX_NOISE_BYTES], packet[SRUDP_HELLO_BYTES];
  guint8 ephemeral[SRUDP_KEY_BYTES], tags[2 * SRUDP_TAG_BYTES];
  SrudpHelloTrailer trailer = { .token = 7, .counter = 1 };
  SrudpWriter writer;

  test_random_fill (fake->pipe->rand, ephemeral, sizeof ephemeral);
  test_random_fill (fake->pipe->rand, tags, sizeof tags);
  srudp_writer_init (&writer, payload, sizeof payload);
  srudp_writer_put_bytes (&writer, tags, sizeof tags);
  put_fields (fake, &writer);
  put_unknown (fake, &writer);
  g_assert_false (writer.overflowed);

  srudp_noise_init (&fake->noise, TRUE, SRUDP_PROLOGUE, strlen (SRUDP_PROLOGUE),
                    fake->keys.secret, fake->keys.public_key);
  srudp_noise_set_ephemeral (&fake->noise, ephemeral);
  srudp_noise_write_message_1 (&fake->noise, payload, writer.size, noise);
  srudp_hello_packet_init (packet, noise,
                           writer.size + SRUDP_NOISE_MESSAGE_1_OVERHEAD);
  srudp_hello_packet_set_trailer (packet, &trailer);
  give (fake, packet, sizeof packet);
}

static void
send_handshake (Fake                *fake,
                SrudpPacketType      type,
                const SrudpPathEcho *heard,
                const guint8        *noise,
                gsize                size)
{
  SrudpHandshakePacket packet = {
    .type = type,
    .destination_id = fake->peer.fields.connection_id,
    .echo = { .token = 7, .counter = 2, .echo_token = heard->token,
              .echo_counter = heard->counter },
    .noise = noise,
    .noise_size = size,
  };
  guint8 data[SRUDP_HANDSHAKE_MAX_BYTES];

  give (fake, data, srudp_handshake_packet_write (&packet, data));
}

static void
make_keys (Fake *fake)
{
  guint8 secrets[2][SRUDP_SHA256_BYTES];
  gboolean initiator = fake->noise.initiator;

  srudp_noise_split (&fake->noise, secrets[0], secrets[1]);
  fake->send_keys = srudp_packet_keys_new (SRUDP_CIPHER_CHACHA20_POLY1305,
                                           secrets[initiator ? 0 : 1]);
  fake->receive_keys = srudp_packet_keys_new (SRUDP_CIPHER_CHACHA20_POLY1305,
                                              secrets[initiator ? 1 : 0]);
}

static void
send_frame (Fake             *fake,
            const SrudpFrame *frame)
{
  guint8 packet[1200];
  gsize header_size
    = srudp_packet_keys_write_header (fake->send_keys, packet,
                                      fake->peer.fields.connection_id,
                                      fake->next_number, -1);
  SrudpWriter writer;

  srudp_writer_init (&writer, packet + header_size, 1000);
  if (frame->type == SRUDP_FRAME_STREAM)
    {
      srudp_frame_write_stream_header (&writer, frame->stream.stream_id, 0,
                                       frame->stream.length, FALSE, FALSE);
      srudp_writer_put_bytes (&writer, frame->stream.data, frame->stream.length);
    }
  else
    {
      srudp_frame_write (&writer, frame);
    }
  srudp_writer_put_zeros (&writer, SRUDP_PACKET_MIN_PAYLOAD);
  give (fake, packet,
        srudp_packet_keys_seal (fake->send_keys, packet, header_size,
                                writer.size, fake->next_number++));
}

static void
answer_hello (Fake   *fake,
              guint8 *data,
              gsize   size)
{
  guint8 heard[SRUDP_HELLO_MAX_NOISE_BYTES], ephemeral[SRUDP_KEY_BYTES];
  guint8 payload[SRUDP_HANDSHAKE_MAX_NOISE_BYTES - SRUDP_NOISE_MESSAGE_2_OVERHEAD];
  guint8 out[SRUDP_HANDSHAKE_MAX_NOISE_BYTES];
  SrudpHelloTrailer trailer;
  SrudpPathEcho echo;
  SrudpHello hello;
  const guint8 *noise;
  gsize noise_size, n;

  if (fake->noise.step != SRUDP_NOISE_STEP_MESSAGE_1)
    return; /* a repetition */

  g_assert_true (srudp_hello_packet_parse (data, size, &noise, &noise_size,
                                           &trailer));
  g_assert_true (srudp_handshake_read_1 (&fake->noise, &fake->keys, noise,
                                         noise_size, &hello, heard));
  fake->peer.fields = hello.fields;
  test_random_fill (fake->pipe->rand, ephemeral, sizeof ephemeral);
  srudp_noise_set_ephemeral (&fake->noise, ephemeral);
  n = make_payload (fake, payload, sizeof payload);
  g_assert_true (srudp_noise_write_message_2 (&fake->noise, payload, n, out));
  echo = (SrudpPathEcho) { .token = trailer.token, .counter = trailer.counter };
  send_handshake (fake, SRUDP_PACKET_MESSAGE_2, &echo, out,
                  n + SRUDP_NOISE_MESSAGE_2_OVERHEAD);
}

static void
answer_message_2 (Fake                       *fake,
                  const SrudpHandshakePacket *packet)
{
  static const guint8 psk[SRUDP_NOISE_PSK_BYTES];
  guint8 payload[SRUDP_HANDSHAKE_MAX_NOISE_BYTES - SRUDP_NOISE_MESSAGE_3_OVERHEAD];
  guint8 out[SRUDP_HANDSHAKE_MAX_NOISE_BYTES];
  SrudpNoise after_2;
  gsize n;

  if (fake->noise.step != SRUDP_NOISE_STEP_MESSAGE_2)
    return;

  g_assert_true (srudp_handshake_read_2 (&fake->noise, packet->noise,
                                         packet->noise_size, &fake->peer,
                                         &after_2));
  fake->noise = after_2;
  n = make_payload (fake, payload, sizeof payload);
  g_assert_true (srudp_noise_write_message_3 (&fake->noise, psk, payload, n,
                                              out));
  make_keys (fake);
  send_handshake (fake, SRUDP_PACKET_MESSAGE_3, &packet->echo, out,
                  n + SRUDP_NOISE_MESSAGE_3_OVERHEAD);
}

static void
take_message_3 (Fake                       *fake,
                const SrudpHandshakePacket *packet)
{
  static const guint8 psk[SRUDP_NOISE_PSK_BYTES];
  const SrudpFrame done = { .type = SRUDP_FRAME_HANDSHAKE_DONE };
  SrudpNoise identified, after_3;

  if (fake->noise.step != SRUDP_NOISE_STEP_MESSAGE_3)
    return;

  g_assert_true (srudp_handshake_read_3_identity (&fake->noise, packet->noise,
                                                  packet->noise_size,
                                                  &identified));
  g_assert_true (srudp_handshake_read_3 (&identified, psk, packet->noise,
                                         packet->noise_size, &fake->peer,
                                         &after_3));
  fake->noise = after_3;
  make_keys (fake);
  send_frame (fake, &done);
}

static void
take_packet (Fake   *fake,
             guint8 *data,
             gsize   size)
{
  SrudpOpenedPacket opened;
  SrudpReader reader;
  SrudpFrame frame;

  if (fake->receive_keys == NULL
      || srudp_packet_keys_open (fake->receive_keys, data, size, fake->largest,
                                 &opened) != SRUDP_OPEN_OK)
    return;

  fake->largest = MAX (fake->largest, (gint64) opened.packet_number);
  srudp_reader_init (&reader, opened.payload, opened.payload_size);
  while (!srudp_reader_is_empty (&reader) && srudp_frame_parse (&reader, &frame))
    {
      fake->heard_done |= frame.type == SRUDP_FRAME_HANDSHAKE_DONE;
      /* It never acknowledges, so it hears all of it again and again. */
      if (frame.type == SRUDP_FRAME_STREAM
          && frame.stream.offset == fake->text->len)
        g_string_append_len (fake->text, (const char *) frame.stream.data,
                             (gssize) frame.stream.length);
    }
}

/* What the engine sends arrives at the fake, whose address is not the pipe's. */
static void
run (Fake   *fake,
     gint64  duration_us)
{
  SrudpEngine *engine = fake->pipe->engines[ENGINE];
  gint64 end = fake->pipe->now + duration_us;
  SrudpTransmit transmit;
  SrudpHandshakePacket packet;
  SrudpEvent event;
  guint8 data[SRUDP_MAX_UDP_PAYLOAD];
  gsize size;

  for (; fake->pipe->now < end; fake->pipe->now += MS)
    {
      srudp_engine_advance (engine, fake->pipe->now);
      while ((size = srudp_engine_poll_transmit (engine, fake->pipe->now,
                                                 &transmit, data, sizeof data,
                                                 1)) > 0)
        {
          gboolean parsed = srudp_handshake_packet_parse (&packet, data, size);

          if (data[0] == SRUDP_PACKET_HELLO)
            answer_hello (fake, data, size);
          else if (data[0] == SRUDP_PACKET_REJECT)
            fake->was_rejected = TRUE;
          else if (parsed && packet.type == SRUDP_PACKET_MESSAGE_2)
            answer_message_2 (fake, &packet);
          else if (parsed && packet.type == SRUDP_PACKET_MESSAGE_3)
            take_message_3 (fake, &packet);
          else
            take_packet (fake, data, size);
        }
      while (srudp_engine_poll_event (engine, &event))
        {
          g_clear_pointer (&event.datagram, g_bytes_unref);
          g_array_append_val (fake->pipe->events[ENGINE], event);
        }
    }
}

/* A word each way. */
static void
talk (Fake         *fake,
      SrudpSession *session)
{
  const char *text = "hello from tomorrow";
  const SrudpFrame frame = {
    .type = SRUDP_FRAME_STREAM,
    .stream = { .stream_id = 0, .data = (const guint8 *) text,
                .length = strlen (text) },
  };
  SrudpSlice slice = { srudp_chunk_new (5), 0, 5 };

  g_assert_nonnull (session);
  g_assert_cmpint (srudp_session_get_state (session), ==,
                   SRUDP_STATE_ESTABLISHED);
  g_assert_cmpuint (fake->peer.fields.version_min, ==, 1);
  g_assert_cmpuint (fake->peer.fields.version_max, ==, 1);
  memcpy (slice.chunk->data, "today", 5);
  g_assert_true (srudp_session_write (session, fake->pipe->now, 0, &slice));
  send_frame (fake, &frame);
  run (fake, SECOND);

  g_assert_cmpstr (fake->text->str, ==, "today");
  g_assert_true (srudp_session_read (session, 0, &slice));
  g_assert_cmpmem (srudp_slice_data (&slice), slice.length, text, strlen (text));
  srudp_slice_clear (&slice);
}

static SrudpReason
find_failure (Pipe *pipe)
{
  for (guint i = 0; i < pipe->events[ENGINE]->len; i++)
    {
      SrudpEvent *event = &g_array_index (pipe->events[ENGINE], SrudpEvent, i);

      if (event->type == SRUDP_EVENT_HANDSHAKE_FAILED)
        return event->reason;
    }

  return SRUDP_REASON_NONE;
}

static void
test_it_opens (gconstpointer data)
{
  const Range *range = data;
  g_autoptr (Pipe) pipe = pipe_new (1, 1);
  g_auto (Fake) fake = { 0 };

  fake_init (&fake, pipe, range);
  srudp_engine_set_accepting (pipe->engines[ENGINE], TRUE);
  send_hello (&fake);
  run (&fake, SECOND);
  if (range->fits)
    {
      g_assert_true (fake.heard_done);
      talk (&fake, pipe_get_incoming (pipe, ENGINE, 0));
    }
  else
    {
      g_assert_null (pipe_get_incoming (pipe, ENGINE, 0));
      g_assert_true (fake.was_rejected);
      g_assert_cmpint (find_failure (pipe), ==, SRUDP_REASON_VERSION);
    }
}

static void
test_it_answers (gconstpointer data)
{
  const Range *range = data;
  g_autoptr (Pipe) pipe = pipe_new (2, 1);
  g_auto (Fake) fake = { 0 };
  SrudpOpenConfig config = { .n_candidates = 1, .open_timeout_us = 5 * SECOND,
                             .idle_timeout_us = 21 * SECOND };
  SrudpSession *session;

  fake_init (&fake, pipe, range);
  config.candidates = &fake.path.remote;
  config.expected_peer = fake.keys.public_key;
  session = srudp_engine_open (pipe->engines[ENGINE], pipe->now, &config);
  run (&fake, SECOND);
  if (range->fits)
    {
      talk (&fake, session);
      return;
    }
  run (&fake, 6 * SECOND);
  g_assert_cmpint (srudp_session_get_state (session), ==, SRUDP_STATE_CLOSED);
  g_assert_cmpint (srudp_session_get_reason (session), ==, SRUDP_REASON_VERSION);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    {
      g_autofree char *opens = g_strconcat ("/versions/it-opens/",
                                            ranges[i].name, NULL);
      g_autofree char *answers = g_strconcat ("/versions/it-answers/",
                                              ranges[i].name, NULL);

      g_test_add_data_func (opens, &ranges[i], test_it_opens);
      g_test_add_data_func (answers, &ranges[i], test_it_answers);
    }

  return g_test_run ();
}
