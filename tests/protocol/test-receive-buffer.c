/*
 * SPDX-License-Identifier: MIT
 *
 * test-receive-buffer.c: bytes come out once, in order and unchanged
 */
#include "srudp-receive-buffer.h"

#include <string.h>

#define BLOCK SRUDP_RECEIVE_BLOCK_BYTES

static void
put_text (SrudpReceiveBuffer       *buffer,
          guint64                   offset,
          const char               *text,
          gboolean                  fin,
          SrudpReceiveBufferResult  expected)
{
  g_assert_cmpint (srudp_receive_buffer_put (buffer, offset, (const guint8 *) text,
                                             strlen (text), fin),
                   ==, expected);
}

static char *
read_text (SrudpReceiveBuffer *buffer)
{
  GString *text = g_string_new (NULL);
  SrudpSlice slice;

  while (srudp_receive_buffer_read (buffer, &slice))
    {
      g_string_append_len (text, (const char *) srudp_slice_data (&slice),
                           (gssize) slice.length);
      srudp_slice_clear (&slice);
    }

  return g_string_free (text, FALSE);
}

static void
assert_reads (SrudpReceiveBuffer *buffer,
              const char         *expected)
{
  g_autofree char *text = read_text (buffer);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_order_is_restored (void)
{
  SrudpReceiveBuffer buffer;

  srudp_receive_buffer_init (&buffer);
  put_text (&buffer, 6, "world", FALSE, SRUDP_RECEIVE_BUFFER_OK);
  assert_reads (&buffer, "");
  put_text (&buffer, 0, "hello ", FALSE, SRUDP_RECEIVE_BUFFER_OK);
  g_assert_cmpuint (srudp_receive_buffer_get_available (&buffer), ==, 11);
  assert_reads (&buffer, "hello world");
  put_text (&buffer, 0, "HELLO WORLD!", TRUE, SRUDP_RECEIVE_BUFFER_OK);
  g_assert_true (srudp_receive_buffer_is_complete (&buffer));
  g_assert_false (srudp_receive_buffer_is_drained (&buffer));
  assert_reads (&buffer, "!");
  g_assert_true (srudp_receive_buffer_is_drained (&buffer));
  srudp_receive_buffer_clear (&buffer);
}

static void
test_first_byte_received_wins (void)
{
  SrudpReceiveBuffer buffer;

  srudp_receive_buffer_init (&buffer);
  put_text (&buffer, 2, "CD", FALSE, SRUDP_RECEIVE_BUFFER_OK);
  put_text (&buffer, 6, "GH", FALSE, SRUDP_RECEIVE_BUFFER_OK);
  put_text (&buffer, 0, "xxxxxxxxxx", FALSE, SRUDP_RECEIVE_BUFFER_OK);
  assert_reads (&buffer, "xxCDxxGHxx");
  srudp_receive_buffer_clear (&buffer);
}

static void
test_final_size_is_final (void)
{
  SrudpReceiveBuffer buffer;

  srudp_receive_buffer_init (&buffer);
  put_text (&buffer, 5, "fghij", FALSE, SRUDP_RECEIVE_BUFFER_OK);
  put_text (&buffer, 0, "abc", TRUE, SRUDP_RECEIVE_BUFFER_FINAL_SIZE);
  g_assert_cmpuint (buffer.final_size, ==, SRUDP_FINAL_SIZE_UNKNOWN);
  put_text (&buffer, 10, "", TRUE, SRUDP_RECEIVE_BUFFER_OK);
  put_text (&buffer, 9, "jk", FALSE, SRUDP_RECEIVE_BUFFER_FINAL_SIZE);
  put_text (&buffer, 8, "i", TRUE, SRUDP_RECEIVE_BUFFER_FINAL_SIZE);
  g_assert_cmpint (srudp_receive_buffer_skip (&buffer, 11, TRUE), ==,
                   SRUDP_RECEIVE_BUFFER_FINAL_SIZE);
  g_assert_cmpint (srudp_receive_buffer_skip (&buffer, 10, TRUE), ==,
                   SRUDP_RECEIVE_BUFFER_OK);
  g_assert_false (srudp_receive_buffer_is_complete (&buffer));
  put_text (&buffer, 0, "abcde", FALSE, SRUDP_RECEIVE_BUFFER_OK);
  assert_reads (&buffer, "abcdefghij");
  g_assert_true (srudp_receive_buffer_is_drained (&buffer));
  srudp_receive_buffer_clear (&buffer);
}

static void
test_empty_stream_ends (void)
{
  SrudpReceiveBuffer buffer;

  srudp_receive_buffer_init (&buffer);
  g_assert_false (srudp_receive_buffer_is_drained (&buffer));
  put_text (&buffer, 0, "", TRUE, SRUDP_RECEIVE_BUFFER_OK);
  g_assert_true (srudp_receive_buffer_is_drained (&buffer));
  g_assert_null (buffer.blocks);
}

static guint
count_blocks (const SrudpReceiveBuffer *buffer)
{
  guint n_blocks = 0;

  for (guint i = 0; i < buffer->ring_size; i++)
    n_blocks += buffer->blocks[i] != NULL;

  return n_blocks;
}

/* With all gaps there can be, the bytes that come next are taken, piece by
 * piece as they are repeated from the lowest on. */
static void
test_next_has_room (void)
{
  SrudpReceiveBuffer buffer;

  srudp_receive_buffer_init (&buffer);
  for (guint64 i = 0; i < SRUDP_RECEIVE_MAX_GAPS; i++)
    g_assert_cmpint (srudp_receive_buffer_put (&buffer, 4 + 2 * i, (const guint8 *) "x",
                                               1, FALSE),
                     ==, SRUDP_RECEIVE_BUFFER_OK);

  for (guint round = 0; round < 2; round++)
    {
      g_assert_cmpint (srudp_receive_buffer_put (&buffer, round, (const guint8 *) "a",
                                                 1, FALSE),
                       ==, SRUDP_RECEIVE_BUFFER_OK);
      g_assert_cmpint (srudp_receive_buffer_put (&buffer, 9000, (const guint8 *) "z", 1,
                                                 FALSE),
                       ==, SRUDP_RECEIVE_BUFFER_FRAGMENTED);
      assert_reads (&buffer, "a");
    }
  g_assert_cmpint (srudp_receive_buffer_put (&buffer, 2, (const guint8 *) "bc", 2, FALSE),
                   ==, SRUDP_RECEIVE_BUFFER_OK);
  assert_reads (&buffer, "bcx");
  g_assert_cmpuint (srudp_range_set_get_n_ranges (&buffer.received), ==,
                    SRUDP_RECEIVE_MAX_GAPS - 1);
  srudp_receive_buffer_clear (&buffer);
}

/* Single bytes all over the window take the window and no more. */
static void
test_memory_is_bounded (void)
{
  const guint64 window = 8 * BLOCK;
  SrudpReceiveBuffer buffer;
  guint n_taken = 0;

  srudp_receive_buffer_init (&buffer);
  for (guint64 offset = 1; offset < window; offset += 2)
    {
      SrudpReceiveBufferResult result =
        srudp_receive_buffer_put (&buffer, offset, (const guint8 *) "x", 1, FALSE);

      g_assert_cmpint (result, ==,
                       n_taken < SRUDP_RECEIVE_MAX_GAPS
                         ? SRUDP_RECEIVE_BUFFER_OK : SRUDP_RECEIVE_BUFFER_FRAGMENTED);
      n_taken += result == SRUDP_RECEIVE_BUFFER_OK;
    }
  g_assert_cmpuint (n_taken, ==, SRUDP_RECEIVE_MAX_GAPS);
  g_assert_cmpuint (count_blocks (&buffer), <=, 8);
  g_assert_cmpuint (buffer.received.allocated, <=, 2 * SRUDP_RECEIVE_MAX_GAPS);
  /* A frame that was not taken can still come again once gaps are closed. */
  g_assert_cmpint (srudp_receive_buffer_put (&buffer, 0, (const guint8 *) "abc", 3,
                                             FALSE), ==, SRUDP_RECEIVE_BUFFER_OK);
  assert_reads (&buffer, "axcx");
  srudp_receive_buffer_clear (&buffer);
}

/* A reader that keeps single bytes must not pin a block for each. */
static void
test_small_messages_share_a_block (void)
{
  SrudpReceiveBuffer buffer;
  SrudpSlice slices[100];

  srudp_receive_buffer_init (&buffer);
  for (guint i = 0; i < 100; i++)
    {
      put_text (&buffer, i, "z", FALSE, SRUDP_RECEIVE_BUFFER_OK);
      g_assert_true (srudp_receive_buffer_read (&buffer, &slices[i]));
      g_assert_cmpuint (slices[i].length, ==, 1);
      srudp_receive_buffer_trim (&buffer);
      g_assert_true (slices[i].chunk == slices[0].chunk);
    }
  for (guint i = 0; i < 100; i++)
    {
      g_assert_cmpuint (count_blocks (&buffer), ==, 1);
      srudp_slice_clear (&slices[i]);
      srudp_receive_buffer_trim (&buffer);
    }
  g_assert_null (buffer.blocks);

  put_text (&buffer, 100, "again", FALSE, SRUDP_RECEIVE_BUFFER_OK);
  assert_reads (&buffer, "again");
  srudp_receive_buffer_clear (&buffer);
}

#define TOTAL_BYTES (5 * BLOCK + 123)

static guint8
byte_at (guint64 offset)
{
  return (guint8) ((offset * 167) ^ (offset >> 7));
}

/* Random pieces, again and again, with wrong bytes where it has them already. */
static void
put_random_piece (SrudpReceiveBuffer *buffer,
                  guint8             *received)
{
  guint8 data[3000];
  gsize start = (gsize) buffer->read_offset;
  gsize ahead = (gsize) g_test_rand_int_range (0, 40000);
  gsize behind = (gsize) g_test_rand_int_range (0, 4000);
  gsize length = (gsize) g_test_rand_int_range (0, sizeof data);

  /* Mostly near the reader, so that the run comes to its end. */
  start += g_test_rand_int_range (0, 4) == 0 ? 0 : ahead;
  start -= MIN (start, behind);
  start = MIN (start, TOTAL_BYTES);
  length = MIN (length, TOTAL_BYTES - start);
  for (gsize i = 0; i < length; i++)
    data[i] = received[start + i] ? 0xee : byte_at (start + i);
  memset (received + start, 1, length);
  g_assert_cmpint (srudp_receive_buffer_put (buffer, start, data, length,
                                             start + length == TOTAL_BYTES),
                   ==, SRUDP_RECEIVE_BUFFER_OK);
}

static void
test_equals_model (void)
{
  g_autofree guint8 *received = g_malloc0 (TOTAL_BYTES);
  SrudpReceiveBuffer buffer;
  SrudpSlice held = { NULL };
  guint64 offset = 0;
  guint steps = 0;

  srudp_receive_buffer_init (&buffer);
  while (!srudp_receive_buffer_is_drained (&buffer))
    {
      SrudpSlice slice;
      guint64 available = 0;

      put_random_piece (&buffer, received);
      while (offset + available < TOTAL_BYTES && received[offset + available])
        available++;
      g_assert_cmpuint (srudp_receive_buffer_get_available (&buffer), ==, available);
      if (g_test_rand_int_range (0, 2) && srudp_receive_buffer_read (&buffer, &slice))
        {
          for (gsize i = 0; i < slice.length; i++)
            g_assert_cmpuint (srudp_slice_data (&slice)[i], ==, byte_at (offset + i));
          offset += slice.length;
          srudp_slice_clear (&held);
          held = slice;
        }
      srudp_receive_buffer_trim (&buffer);
      g_assert_cmpuint (++steps, <, 20000);
    }
  g_assert_cmpuint (offset, ==, TOTAL_BYTES);
  srudp_slice_clear (&held);
  srudp_receive_buffer_trim (&buffer);
  g_assert_cmpuint (count_blocks (&buffer), ==, 0);
  srudp_receive_buffer_clear (&buffer);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/receive-buffer/order-is-restored", test_order_is_restored);
  g_test_add_func ("/receive-buffer/first-byte-received-wins",
                   test_first_byte_received_wins);
  g_test_add_func ("/receive-buffer/final-size-is-final", test_final_size_is_final);
  g_test_add_func ("/receive-buffer/empty-stream-ends", test_empty_stream_ends);
  g_test_add_func ("/receive-buffer/memory-is-bounded", test_memory_is_bounded);
  g_test_add_func ("/receive-buffer/what-comes-next-has-room", test_next_has_room);
  g_test_add_func ("/receive-buffer/small-messages-share-a-block",
                   test_small_messages_share_a_block);
  g_test_add_func ("/receive-buffer/equals-model", test_equals_model);

  return g_test_run ();
}
