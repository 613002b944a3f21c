/*
 * SPDX-License-Identifier: MIT
 *
 * test-chat-codec.c: the chat's messages as bytes, and bytes that are none
 */
#include "srudp-chat-codec.h"

#include <string.h>

static void
push_bytes (SrudpChatDecoder *decoder,
            GBytes           *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  srudp_chat_decoder_push (decoder, data, size);
}

static const SrudpChatFrame frames[] = {
  { .type = SRUDP_CHAT_FRAME_HELLO, .version = 1, .text = (char *) "Grüße" },
  { .type = SRUDP_CHAT_FRAME_HELLO, .version = 65535, .text = (char *) "" },
  { .type = SRUDP_CHAT_FRAME_TEXT, .id = G_MAXUINT64, .time_ms = -1, .text = (char *) "🎉\n<b>" },
  { .type = SRUDP_CHAT_FRAME_TEXT, .id = 7, .time_ms = 1700000000123, .text = (char *) "" },
  { .type = SRUDP_CHAT_FRAME_RECEIPT, .id = 0x0123456789abcdef },
  { .type = SRUDP_CHAT_FRAME_BYE, .reason = SRUDP_CHAT_BYE_DECLINED },
  { .type = SRUDP_CHAT_FRAME_BYE, .reason = SRUDP_CHAT_BYE_LEFT },
  { .type = SRUDP_CHAT_FRAME_TYPING, .typing = TRUE },
  { .type = SRUDP_CHAT_FRAME_TYPING, .typing = FALSE },
  { .type = SRUDP_CHAT_FRAME_FILE, .id = 9, .size_bytes = G_MAXUINT64,
    .checksum = { 1, 2, 3, [31] = 255 }, .text = (char *) "../../Grüße.txt" },
  { .type = SRUDP_CHAT_FRAME_FILE_WANTED, .id = 9, .offset_bytes = 123456789012 },
  { .type = SRUDP_CHAT_FRAME_FILE_REFUSED, .id = 9, .refusal = SRUDP_CHAT_REFUSAL_DAMAGED },
  { .type = SRUDP_CHAT_FRAME_FILE_WITHDRAWN, .id = 9 },
  { .type = SRUDP_CHAT_FRAME_FILE_KEPT, .id = 9 },
};

static void
assert_equal (const SrudpChatFrame *a,
              const SrudpChatFrame *b)
{
  g_assert_cmpint (a->type, ==, b->type);
  g_assert_cmpuint (a->version, ==, b->version);
  g_assert_cmpuint (a->id, ==, b->id);
  g_assert_cmpint (a->time_ms, ==, b->time_ms);
  g_assert_cmpint (a->reason, ==, b->reason);
  g_assert_cmpint (a->typing, ==, b->typing);
  g_assert_cmpuint (a->size_bytes, ==, b->size_bytes);
  g_assert_cmpuint (a->offset_bytes, ==, b->offset_bytes);
  g_assert_cmpint (a->refusal, ==, b->refusal);
  g_assert_cmpmem (a->checksum, sizeof a->checksum, b->checksum, sizeof b->checksum);
  g_assert_cmpstr (a->text, ==, b->text);
}

static void
expect_frames (SrudpChatDecoder *decoder,
               gsize             from)
{
  for (gsize i = from; i < G_N_ELEMENTS (frames); i++)
    {
      g_auto (SrudpChatFrame) frame = { 0 };

      g_assert_cmpint (srudp_chat_decoder_next (decoder, &frame), ==, SRUDP_CHAT_DECODE_FRAME);
      assert_equal (&frame, &frames[i]);
    }
}

static GByteArray *
encode_all (void)
{
  GByteArray *all = g_byte_array_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (frames); i++)
    {
      g_autoptr (GBytes) bytes = srudp_chat_frame_encode (&frames[i]);

      g_byte_array_append (all, g_bytes_get_data (bytes, NULL), (guint) g_bytes_get_size (bytes));
    }
  return all;
}

static void
test_round_trip (void)
{
  g_autoptr (SrudpChatDecoder) decoder = srudp_chat_decoder_new ();
  g_autoptr (GByteArray) all = encode_all ();
  g_auto (SrudpChatFrame) none = { 0 };

  srudp_chat_decoder_push (decoder, all->data, all->len);
  expect_frames (decoder, 0);
  g_assert_cmpint (srudp_chat_decoder_next (decoder, &none), ==, SRUDP_CHAT_DECODE_MORE);
}

static void
test_byte_by_byte (void)
{
  g_autoptr (SrudpChatDecoder) decoder = srudp_chat_decoder_new ();
  g_autoptr (GByteArray) all = encode_all ();
  gsize n_frames = 0;

  for (guint i = 0; i < all->len; i++)
    {
      g_auto (SrudpChatFrame) frame = { 0 };

      srudp_chat_decoder_push (decoder, all->data + i, 1);
      if (srudp_chat_decoder_next (decoder, &frame) == SRUDP_CHAT_DECODE_FRAME)
        assert_equal (&frame, &frames[n_frames++]);
    }
  g_assert_cmpuint (n_frames, ==, G_N_ELEMENTS (frames));
}

/* The bytes of docs/chat-protocol.md. */
static void
test_known_bytes (void)
{
  static const guint8 expected[] = { 0, 0, 0, 8, 1, 0, 1, 0, 3, 'B', 'o', 'b' };
  SrudpChatFrame hello = {
    .type = SRUDP_CHAT_FRAME_HELLO, .version = 1, .text = (char *) "Bob",
  };
  g_autoptr (GBytes) bytes = srudp_chat_frame_encode (&hello);

  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                   expected, sizeof expected);
}

static void
test_longest_text (void)
{
  g_autoptr (SrudpChatDecoder) decoder = srudp_chat_decoder_new ();
  g_autofree char *text = g_strnfill (SRUDP_CHAT_MAX_TEXT_BYTES, 'x');
  SrudpChatFrame message = { .type = SRUDP_CHAT_FRAME_TEXT, .id = 1, .text = text };
  g_autoptr (GBytes) bytes = srudp_chat_frame_encode (&message);
  g_auto (SrudpChatFrame) frame = { 0 };

  push_bytes (decoder, bytes);
  g_assert_cmpint (srudp_chat_decoder_next (decoder, &frame), ==, SRUDP_CHAT_DECODE_FRAME);
  g_assert_cmpstr (frame.text, ==, text);
}

static void
test_newer_peer (void)
{
  /* A type not known here, then a receipt with four more bytes. */
  static const guint8 data[] = {
    0, 0, 0, 3, 200, 1, 2,
    0, 0, 0, 13, 3, 0, 0, 0, 0, 0, 0, 0, 9, 'm', 'o', 'r', 'e',
  };
  g_autoptr (SrudpChatDecoder) decoder = srudp_chat_decoder_new ();
  g_auto (SrudpChatFrame) frame = { 0 };

  srudp_chat_decoder_push (decoder, data, sizeof data);
  g_assert_cmpint (srudp_chat_decoder_next (decoder, &frame), ==, SRUDP_CHAT_DECODE_FRAME);
  g_assert_cmpint (frame.type, ==, SRUDP_CHAT_FRAME_RECEIPT);
  g_assert_cmpuint (frame.id, ==, 9);
  g_assert_cmpint (srudp_chat_decoder_next (decoder, &frame), ==, SRUDP_CHAT_DECODE_MORE);
}

typedef struct
{
  const char *what;
  guint8 bytes[32];
  gsize size;
} Malformed;

static const Malformed malformed[] = {
  { "an empty frame", { 0, 0, 0, 0 }, 4 },
  { "a frame that is too long", { 0, 2, 0, 1 }, 4 },
  { "the longest length", { 255, 255, 255, 255 }, 4 },
  { "a receipt cut short", { 0, 0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 1 }, 12 },
  { "a name beyond its frame", { 0, 0, 0, 6, 1, 0, 1, 0, 2, 'x' }, 10 },
  { "a name that is too long", { 0, 0, 0, 6, 1, 0, 1, 1, 1, 'x' }, 10 },
  { "a name that is not UTF-8", { 0, 0, 0, 6, 1, 0, 1, 0, 1, 0xff }, 10 },
  { "a name with a zero", { 0, 0, 0, 6, 1, 0, 1, 0, 1, 0 }, 10 },
  { "a text beyond its frame",
    { 0, 0, 0, 22, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 'x' }, 26 },
  { "no reason", { 0, 0, 0, 1, 4 }, 5 },
};

static void
test_malformed (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (malformed); i++)
    {
      g_autoptr (SrudpChatDecoder) decoder = srudp_chat_decoder_new ();
      g_autoptr (GByteArray) good = encode_all ();
      g_auto (SrudpChatFrame) frame = { 0 };

      g_test_message ("%s", malformed[i].what);
      srudp_chat_decoder_push (decoder, malformed[i].bytes, malformed[i].size);
      g_assert_cmpint (srudp_chat_decoder_next (decoder, &frame), ==,
                       SRUDP_CHAT_DECODE_MALFORMED);
      /* It stays so. */
      srudp_chat_decoder_push (decoder, good->data, good->len);
      g_assert_cmpint (srudp_chat_decoder_next (decoder, &frame), ==,
                       SRUDP_CHAT_DECODE_MALFORMED);
    }
}

static void
test_noise (void)
{
  for (guint i = 0; i < 20000; i++)
    {
      g_autoptr (SrudpChatDecoder) decoder = srudp_chat_decoder_new ();
      g_autoptr (GByteArray) all = encode_all ();
      SrudpChatDecodeResult result;
      guint n_frames = 0;

      all->data[g_test_rand_int_range (0, (gint32) all->len)] = (guint8) g_test_rand_int ();
      srudp_chat_decoder_push (decoder, all->data, all->len);
      do
        {
          g_auto (SrudpChatFrame) frame = { 0 };

          result = srudp_chat_decoder_next (decoder, &frame);
          if (result == SRUDP_CHAT_DECODE_FRAME && frame.text != NULL)
            g_assert_true (g_utf8_validate (frame.text, -1, NULL));
          n_frames++;
        }
      while (result == SRUDP_CHAT_DECODE_FRAME);
      g_assert_cmpuint (n_frames, <=, all->len / 5 + 1);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chat/codec/what-goes-in-comes-out", test_round_trip);
  g_test_add_func ("/chat/codec/byte-by-byte-as-well", test_byte_by_byte);
  g_test_add_func ("/chat/codec/a-hello-has-the-documented-bytes", test_known_bytes);
  g_test_add_func ("/chat/codec/the-longest-text-fits", test_longest_text);
  g_test_add_func ("/chat/codec/a-newer-peer-is-understood", test_newer_peer);
  g_test_add_func ("/chat/codec/malformed-bytes-end-it", test_malformed);
  g_test_add_func ("/chat/codec/survives-noise", test_noise);
  return g_test_run ();
}
