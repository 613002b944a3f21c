/*
 * SPDX-License-Identifier: MIT
 *
 * fuzz-chat.c: what a peer of the chat says on its stream, however cut in pieces
 *
 * The first byte of the input says how long the pieces are.
 */
#include "fuzz.h"

#include "srudp-chat-codec.h"

/* What was read can be written, and read again as the same. */
static void
check_frame (const SrudpChatFrame *frame)
{
  g_autoptr (SrudpChatDecoder) decoder = srudp_chat_decoder_new ();
  g_autoptr (GBytes) bytes = srudp_chat_frame_encode (frame);
  g_autoptr (GBytes) again_bytes = NULL;
  g_auto (SrudpChatFrame) again = { 0 };
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  g_assert_cmpuint (size, <=, SRUDP_CHAT_MAX_FRAME_BYTES);
  srudp_chat_decoder_push (decoder, data, size);
  g_assert_cmpint (srudp_chat_decoder_next (decoder, &again), ==, SRUDP_CHAT_DECODE_FRAME);
  again_bytes = srudp_chat_frame_encode (&again);
  g_assert_true (g_bytes_equal (bytes, again_bytes));
}

/* Returns: how many frames there were; the text of each is UTF-8. */
static guint
read_all (const guint8 *data,
          gsize         size,
          gsize         piece)
{
  g_autoptr (SrudpChatDecoder) decoder = srudp_chat_decoder_new ();
  SrudpChatDecodeResult result = SRUDP_CHAT_DECODE_MORE;
  guint n_frames = 0;

  for (gsize start = 0; start < size; start += piece)
    {
      srudp_chat_decoder_push (decoder, data + start, MIN (piece, size - start));
      do
        {
          g_auto (SrudpChatFrame) frame = { 0 };

          result = srudp_chat_decoder_next (decoder, &frame);
          if (result != SRUDP_CHAT_DECODE_FRAME)
            break;
          n_frames++;
          if (frame.text != NULL)
            g_assert_true (g_utf8_validate (frame.text, -1, NULL));
          check_frame (&frame);
        }
      while (TRUE);
    }
  /* Once it makes no sense, it never does again. */
  if (result == SRUDP_CHAT_DECODE_MALFORMED)
    {
      SrudpChatFrame frame;

      srudp_chat_decoder_push (decoder, data, size);
      g_assert_cmpint (srudp_chat_decoder_next (decoder, &frame), ==,
                       SRUDP_CHAT_DECODE_MALFORMED);
    }
  return n_frames;
}

/* The beginning of a stream that carries a file. */
static void
check_stream_header (const guint8 *data)
{
  guint8 again[SRUDP_CHAT_STREAM_HEADER_BYTES];
  guint64 id, offset_bytes;

  srudp_chat_stream_header_read (data, &id, &offset_bytes);
  srudp_chat_stream_header_write (again, id, offset_bytes);
  g_assert_cmpmem (data, sizeof again, again, sizeof again);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  if (size < 2)
    return 0;
  g_assert_cmpuint (read_all (data + 1, size - 1, size), ==,
                    read_all (data + 1, size - 1, 1 + data[0]));
  if (size > SRUDP_CHAT_STREAM_HEADER_BYTES)
    check_stream_header (data + 1);
  return 0;
}
