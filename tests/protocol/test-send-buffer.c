/*
 * SPDX-License-Identifier: MIT
 *
 * test-send-buffer.c: every written byte is sent until it is acknowledged
 */
#include "srudp-send-buffer.h"

#include <string.h>

#define NO_LIMIT G_MAXUINT64

/* The byte at each offset is known, so that a copy can be checked anywhere. */
static guint8
byte_at (guint64 offset)
{
  return (guint8) ((offset * 131) ^ (offset >> 8));
}

static SrudpSlice
make_slice (guint64 offset,
            gsize   length)
{
  SrudpSlice slice = { srudp_chunk_new (length + 3), 3, length };

  for (gsize i = 0; i < length; i++)
    slice.chunk->data[3 + i] = byte_at (offset + i);

  return slice;
}

static void
write_bytes (SrudpSendBuffer *buffer,
             gsize            length)
{
  SrudpSlice slice = make_slice (buffer->written_offset, length);

  g_assert_true (srudp_send_buffer_write (buffer, &slice));
  g_assert_null (slice.chunk);
}

static void
assert_copies (SrudpSendBuffer *buffer,
               guint64          offset,
               gsize            length)
{
  g_autofree guint8 *out = g_malloc (length + 1);

  srudp_send_buffer_copy (buffer, offset, out, length);
  for (gsize i = 0; i < length; i++)
    g_assert_cmpuint (out[i], ==, byte_at (offset + i));
}

static void
assert_piece (SrudpSendBuffer *buffer,
              gsize            max_length,
              guint64          limit,
              guint64          offset,
              gsize            length,
              gboolean         fin)
{
  SrudpSendPiece piece;

  g_assert_true (srudp_send_buffer_peek (buffer, max_length, limit, &piece));
  g_assert_cmpuint (piece.offset, ==, offset);
  g_assert_cmpuint (piece.length, ==, length);
  g_assert_cmpint (piece.fin, ==, fin);
}

static void
assert_nothing (SrudpSendBuffer *buffer,
                guint64          limit)
{
  SrudpSendPiece piece;

  g_assert_false (srudp_send_buffer_peek (buffer, 1000, limit, &piece));
}

static void
test_lost_goes_first (void)
{
  SrudpSendBuffer buffer;

  srudp_send_buffer_init (&buffer);
  assert_nothing (&buffer, NO_LIMIT);
  write_bytes (&buffer, 100);
  write_bytes (&buffer, 200);
  assert_piece (&buffer, 50, NO_LIMIT, 0, 50, FALSE);
  srudp_send_buffer_mark_sent (&buffer, 0, 50, FALSE);
  assert_piece (&buffer, 1000, 120, 50, 70, FALSE);
  srudp_send_buffer_mark_sent (&buffer, 50, 70, FALSE);
  assert_nothing (&buffer, 120);

  srudp_send_buffer_mark_lost (&buffer, 0, 50, FALSE);
  g_assert_true (srudp_send_buffer_has_free_work (&buffer));
  assert_piece (&buffer, 30, 0, 0, 30, FALSE);
  srudp_send_buffer_mark_sent (&buffer, 0, 30, FALSE);
  assert_piece (&buffer, 1000, NO_LIMIT, 30, 20, FALSE);
  assert_copies (&buffer, 30, 20);

  /* A late acknowledgement makes the repetition needless. */
  srudp_send_buffer_mark_acked (&buffer, 0, 50, FALSE);
  g_assert_cmpuint (buffer.acked_offset, ==, 50);
  assert_piece (&buffer, 1000, NO_LIMIT, 120, 180, FALSE);
  srudp_send_buffer_clear (&buffer);
}

static void
test_acks_out_of_order_free_in_order (void)
{
  SrudpSendBuffer buffer;

  srudp_send_buffer_init (&buffer);
  for (guint i = 0; i < 4; i++)
    write_bytes (&buffer, 10);
  srudp_send_buffer_mark_sent (&buffer, 0, 40, FALSE);
  srudp_send_buffer_mark_acked (&buffer, 20, 10, FALSE);
  g_assert_cmpuint (buffer.n_slices, ==, 4);
  srudp_send_buffer_mark_acked (&buffer, 0, 15, FALSE);
  g_assert_cmpuint (buffer.acked_offset, ==, 15);
  g_assert_cmpuint (buffer.n_slices, ==, 3);
  srudp_send_buffer_mark_lost (&buffer, 10, 30, FALSE);
  assert_piece (&buffer, 1000, 0, 15, 5, FALSE);
  srudp_send_buffer_mark_acked (&buffer, 10, 10, FALSE);
  g_assert_cmpuint (buffer.acked_offset, ==, 30);
  g_assert_cmpuint (buffer.n_slices, ==, 1);
  assert_piece (&buffer, 1000, 0, 30, 10, FALSE);
  srudp_send_buffer_clear (&buffer);
}

static void
test_fin_is_sent_until_acked (void)
{
  SrudpSendBuffer buffer;
  SrudpSlice late = make_slice (0, 1);

  srudp_send_buffer_init (&buffer);
  write_bytes (&buffer, 10);
  srudp_send_buffer_finish (&buffer);
  g_assert_false (srudp_send_buffer_write (&buffer, &late));
  srudp_slice_clear (&late);

  assert_piece (&buffer, 6, NO_LIMIT, 0, 6, FALSE);
  assert_piece (&buffer, 10, NO_LIMIT, 0, 10, TRUE);
  srudp_send_buffer_mark_sent (&buffer, 0, 10, TRUE);
  assert_nothing (&buffer, NO_LIMIT);
  srudp_send_buffer_mark_lost (&buffer, 0, 10, TRUE);
  srudp_send_buffer_mark_acked (&buffer, 0, 10, FALSE);
  assert_piece (&buffer, 0, 0, 10, 0, TRUE);
  srudp_send_buffer_mark_sent (&buffer, 10, 0, TRUE);
  g_assert_false (srudp_send_buffer_is_done (&buffer));
  srudp_send_buffer_mark_acked (&buffer, 10, 0, TRUE);
  g_assert_true (srudp_send_buffer_is_done (&buffer));
  srudp_send_buffer_mark_lost (&buffer, 0, 10, TRUE);
  assert_nothing (&buffer, NO_LIMIT);
  srudp_send_buffer_clear (&buffer);
}

static void
test_empty_stream_has_a_fin (void)
{
  SrudpSendBuffer buffer;

  srudp_send_buffer_init (&buffer);
  srudp_send_buffer_finish (&buffer);
  assert_piece (&buffer, 0, 0, 0, 0, TRUE);
  srudp_send_buffer_mark_sent (&buffer, 0, 0, TRUE);
  srudp_send_buffer_mark_acked (&buffer, 0, 0, TRUE);
  g_assert_true (srudp_send_buffer_is_done (&buffer));
  srudp_send_buffer_clear (&buffer);
}

static void
test_side_by_side_writes_share_a_slice (void)
{
  SrudpSendBuffer buffer;
  SrudpChunk *chunk = srudp_chunk_new (64 * 100);

  srudp_send_buffer_init (&buffer);
  for (guint i = 0; i < 100; i++)
    {
      SrudpSlice slice = { srudp_chunk_ref (chunk), i * 64, 64 };

      g_assert_true (srudp_send_buffer_write (&buffer, &slice));
    }
  g_assert_cmpuint (buffer.n_slices, ==, 1);
  g_assert_cmpuint (buffer.written_offset, ==, 6400);
  srudp_send_buffer_clear (&buffer);
  g_assert_true (g_atomic_ref_count_compare (&chunk->ref_count, 1));
  srudp_chunk_unref (chunk);
}

/* 16 MiB in writes of 64 bytes: the time must not depend on what is queued. */
static void
test_many_small_writes (void)
{
  enum { TOTAL = 16 << 20, PACKET = 1200 };
  SrudpSendBuffer buffer;
  SrudpSendPiece piece;
  guint8 out[PACKET];
  gint64 start = g_get_monotonic_time ();

  srudp_send_buffer_init (&buffer);
  for (guint i = 0; i < TOTAL / 64; i++)
    write_bytes (&buffer, 64);
  while (srudp_send_buffer_peek (&buffer, PACKET, NO_LIMIT, &piece))
    {
      srudp_send_buffer_copy (&buffer, piece.offset, out, piece.length);
      g_assert_cmpuint (out[piece.length - 1], ==,
                        byte_at (piece.offset + piece.length - 1));
      srudp_send_buffer_mark_sent (&buffer, piece.offset, piece.length, FALSE);
    }
  for (guint64 offset = 0; offset < TOTAL; offset += PACKET)
    srudp_send_buffer_mark_acked (&buffer, offset, MIN (PACKET, TOTAL - offset),
                                  FALSE);
  g_assert_cmpuint (buffer.acked_offset, ==, TOTAL);
  g_assert_cmpuint (buffer.n_slices, ==, 0);
  g_assert_null (buffer.slices);
  g_test_message ("16 MiB took %d ms",
                  (int) ((g_get_monotonic_time () - start) / 1000));
  srudp_send_buffer_clear (&buffer);
}

#define TOTAL_BYTES 20000

typedef enum { UNSENT, FLYING, LOST, ACKED } Fate;

typedef struct
{
  guint64 offset;
  gsize length;
  gboolean fin;
} Packet;

typedef struct
{
  SrudpSendBuffer buffer;
  guint8 fates[TOTAL_BYTES]; /* the model: one for each byte */
  GArray *flying;
} Run;

static void
send_piece (Run *run)
{
  SrudpSendPiece piece;
  gsize max_length = (gsize) g_test_rand_int_range (1, 400);
  gboolean any_lost = memchr (run->fates, LOST, TOTAL_BYTES) != NULL;
  Packet packet;

  if (!srudp_send_buffer_peek (&run->buffer, max_length, NO_LIMIT, &piece))
    {
      g_assert_false (any_lost);
      return;
    }

  g_assert_cmpuint (piece.length, <=, max_length);
  for (gsize i = 0; i < piece.length; i++)
    g_assert_cmpuint (run->fates[piece.offset + i], ==, any_lost ? LOST : UNSENT);
  assert_copies (&run->buffer, piece.offset, piece.length);
  memset (run->fates + piece.offset, FLYING, piece.length);
  srudp_send_buffer_mark_sent (&run->buffer, piece.offset, piece.length, piece.fin);
  packet = (Packet) { piece.offset, piece.length, piece.fin };
  g_array_append_val (run->flying, packet);
}

static void
decide_fate (Run *run)
{
  guint index;
  Packet packet;

  if (run->flying->len == 0)
    return;

  index = (guint) g_test_rand_int_range (0, (gint32) run->flying->len);
  packet = g_array_index (run->flying, Packet, index);
  g_array_remove_index_fast (run->flying, index);
  if (g_test_rand_int_range (0, 3) == 0)
    {
      for (gsize i = 0; i < packet.length; i++)
        if (run->fates[packet.offset + i] != ACKED)
          run->fates[packet.offset + i] = LOST;
      srudp_send_buffer_mark_lost (&run->buffer, packet.offset, packet.length,
                                   packet.fin);
      /* Now and then it was not lost at all, and is acknowledged late. */
      if (g_test_rand_int_range (0, 4) != 0)
        return;
    }
  memset (run->fates + packet.offset, ACKED, packet.length);
  srudp_send_buffer_mark_acked (&run->buffer, packet.offset, packet.length,
                                packet.fin);
}

static void
assert_prefix (Run *run)
{
  guint64 prefix = 0;

  while (prefix < TOTAL_BYTES && run->fates[prefix] == ACKED)
    prefix++;
  g_assert_cmpuint (run->buffer.acked_offset, ==, prefix);
}

static void
test_equals_model_under_loss (void)
{
  Run run = { 0 };
  guint steps = 0;

  srudp_send_buffer_init (&run.buffer);
  run.flying = g_array_new (FALSE, FALSE, sizeof (Packet));
  while (!srudp_send_buffer_is_done (&run.buffer))
    {
      guint64 left = TOTAL_BYTES - run.buffer.written_offset;
      gsize length = (gsize) g_test_rand_int_range (0, 500);

      if (left > 0 && g_test_rand_int_range (0, 3) == 0)
        write_bytes (&run.buffer, MIN (left, length));
      if (left == 0)
        srudp_send_buffer_finish (&run.buffer);
      send_piece (&run);
      if (run.flying->len > 20 || g_test_rand_int_range (0, 2) == 0)
        decide_fate (&run);
      assert_prefix (&run);
      g_assert_cmpuint (++steps, <, 20000);
    }
  g_assert_cmpuint (run.buffer.acked_offset, ==, TOTAL_BYTES);
  g_assert_cmpuint (run.buffer.n_slices, ==, 0);
  g_array_unref (run.flying);
  srudp_send_buffer_clear (&run.buffer);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/send-buffer/lost-goes-first", test_lost_goes_first);
  g_test_add_func ("/send-buffer/acks-out-of-order-free-in-order",
                   test_acks_out_of_order_free_in_order);
  g_test_add_func ("/send-buffer/fin-is-sent-until-acked",
                   test_fin_is_sent_until_acked);
  g_test_add_func ("/send-buffer/empty-stream-has-a-fin",
                   test_empty_stream_has_a_fin);
  g_test_add_func ("/send-buffer/side-by-side-writes-share-a-slice",
                   test_side_by_side_writes_share_a_slice);
  g_test_add_func ("/send-buffer/many-small-writes", test_many_small_writes);
  g_test_add_func ("/send-buffer/equals-model-under-loss",
                   test_equals_model_under_loss);

  return g_test_run ();
}
