/*
 * SPDX-License-Identifier: MIT
 *
 * test-datagram-queue.c: the oldest datagrams make room for the newest
 */
#include "srudp-datagram-queue.h"

static void
push_number (SrudpDatagramQueue *queue,
             gint64              now,
             guint32             number)
{
  g_assert_true (srudp_datagram_queue_push (queue, now, (const guint8 *) &number,
                                            sizeof number));
}

static guint32
peek_number (SrudpDatagramQueue *queue,
             gint64              now)
{
  const SrudpDatagram *datagram = srudp_datagram_queue_peek (queue, now, 4);

  g_assert_nonnull (datagram);
  g_assert_cmpuint (datagram->size, ==, 4);

  return *(guint32 *) datagram->data;
}

static void
test_first_in_first_out (void)
{
  SrudpDatagramQueue queue;

  srudp_datagram_queue_init (&queue, 10000, 100);
  for (guint32 i = 0; i < 1000; i++)
    {
      push_number (&queue, 0, i);
      push_number (&queue, 0, i + 1);
      g_assert_cmpuint (peek_number (&queue, 0), ==, i);
      g_assert_cmpuint (peek_number (&queue, 0), ==, i);
      srudp_datagram_queue_pop (&queue);
      g_assert_cmpuint (peek_number (&queue, 0), ==, i + 1);
      srudp_datagram_queue_pop (&queue);
    }
  g_assert_true (srudp_datagram_queue_is_empty (&queue));
  g_assert_null (srudp_datagram_queue_peek (&queue, 0, 4));
  srudp_datagram_queue_clear (&queue);
  g_assert_null (queue.ring);
}

static void
test_oldest_goes_at_256 (void)
{
  SrudpDatagramQueue queue;

  srudp_datagram_queue_init (&queue, 10000, 100);
  for (guint32 i = 0; i < 300; i++)
    push_number (&queue, 0, i);
  g_assert_cmpuint (queue.n_datagrams, ==, 256);
  g_assert_cmpuint (queue.dropped_full, ==, 44);
  g_assert_cmpuint (peek_number (&queue, 0), ==, 44);
  srudp_datagram_queue_clear (&queue);
  g_assert_cmpuint (queue.n_bytes, ==, 0);
}

static void
test_oldest_goes_for_bytes (void)
{
  SrudpDatagramQueue queue;
  guint8 large[60] = { 0 };

  srudp_datagram_queue_init (&queue, 60, 100);
  for (guint32 i = 0; i < 15; i++)
    push_number (&queue, 0, i);
  g_assert_cmpuint (queue.dropped_full, ==, 0);
  push_number (&queue, 0, 15);
  g_assert_cmpuint (peek_number (&queue, 0), ==, 1);
  g_assert_true (srudp_datagram_queue_push (&queue, 0, large, 60));
  g_assert_cmpuint (queue.n_datagrams, ==, 1);
  g_assert_cmpuint (queue.dropped_full, ==, 16);
  g_assert_false (srudp_datagram_queue_push (&queue, 0, large, 61));
  g_assert_cmpuint (queue.n_datagrams, ==, 1);
  srudp_datagram_queue_clear (&queue);
}

static void
test_stale_ones_go (void)
{
  SrudpDatagramQueue queue;

  srudp_datagram_queue_init (&queue, 1000, 100);
  push_number (&queue, 1000, 1);
  push_number (&queue, 1050, 2);
  g_assert_cmpuint (peek_number (&queue, 1100), ==, 1);
  g_assert_cmpuint (peek_number (&queue, 1101), ==, 2);
  g_assert_cmpuint (queue.dropped_old, ==, 1);
  g_assert_null (srudp_datagram_queue_peek (&queue, 2000, 4));
  g_assert_cmpuint (queue.dropped_old, ==, 2);
  srudp_datagram_queue_clear (&queue);
}

static void
test_those_that_no_longer_fit_go (void)
{
  SrudpDatagramQueue queue;
  guint8 large[20] = { 0 };

  srudp_datagram_queue_init (&queue, 1000, 100);
  srudp_datagram_queue_push (&queue, 0, large, 20);
  push_number (&queue, 0, 7);
  g_assert_true (srudp_datagram_queue_push (&queue, 0, NULL, 0));
  g_assert_cmpuint (peek_number (&queue, 0), ==, 7);
  g_assert_cmpuint (queue.dropped_big, ==, 1);
  srudp_datagram_queue_pop (&queue);
  g_assert_cmpuint (srudp_datagram_queue_peek (&queue, 0, 4)->size, ==, 0);
  srudp_datagram_queue_clear (&queue);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/datagram-queue/first-in-first-out", test_first_in_first_out);
  g_test_add_func ("/datagram-queue/oldest-goes-at-256", test_oldest_goes_at_256);
  g_test_add_func ("/datagram-queue/oldest-goes-for-bytes", test_oldest_goes_for_bytes);
  g_test_add_func ("/datagram-queue/stale-ones-go", test_stale_ones_go);
  g_test_add_func ("/datagram-queue/those-that-no-longer-fit-go",
                   test_those_that_no_longer_fit_go);

  return g_test_run ();
}
