/*
 * SPDX-License-Identifier: MIT
 *
 * test-event-queue.c: events come out once, in the order they went in
 */
#include "srudp-event-queue.h"

static void
push_offset (SrudpEventQueue *queue,
             guint64          id)
{
  SrudpEvent event = { .type = SRUDP_EVENT_READABLE, .stream_id = id };

  srudp_event_queue_push (queue, &event);
}

static void
assert_next (SrudpEventQueue *queue,
             guint64          id)
{
  SrudpEvent event;

  g_assert_true (srudp_event_queue_pop (queue, &event));
  g_assert_cmpuint (event.stream_id, ==, id);
}

static void
test_keeps_order_while_wrapping_and_growing (void)
{
  SrudpEventQueue queue = { 0 };
  SrudpEvent event;
  guint64 pushed = 0;
  guint64 popped = 0;

  for (guint round = 0; round < 50; round++)
    {
      for (guint i = 0; i < 5 + round % 7; i++)
        push_offset (&queue, pushed++);
      for (guint i = 0; i < 5; i++)
        assert_next (&queue, popped++);
    }
  while (popped < pushed)
    assert_next (&queue, popped++);

  g_assert_false (srudp_event_queue_pop (&queue, &event));
  srudp_event_queue_clear (&queue);
}

static void
test_gives_memory_back_when_empty (void)
{
  SrudpEventQueue queue = { 0 };

  for (guint64 i = 0; i < 1000; i++)
    push_offset (&queue, i);
  for (guint64 i = 0; i < 1000; i++)
    assert_next (&queue, i);

  g_assert_cmpuint (queue.capacity, ==, 0);
  g_assert_null (queue.events);
}

static void
count_free_cb (gpointer user_data)
{
  guint *n_freed = user_data;

  (*n_freed)++;
}

static void
test_clear_frees_datagrams (void)
{
  SrudpEventQueue queue = { 0 };
  guint n_freed = 0;
  SrudpEvent event = {
    .type = SRUDP_EVENT_DATAGRAM,
    .datagram = g_bytes_new_with_free_func ("x", 1, count_free_cb, &n_freed),
  };

  srudp_event_queue_push (&queue, &event);
  srudp_event_queue_clear (&queue);

  g_assert_cmpuint (n_freed, ==, 1);
  g_assert_cmpuint (queue.length, ==, 0);
}

static void
test_forgotten_events_count_for_nothing (void)
{
  SrudpEventQueue queue = { 0 };
  const SrudpEvent none = { .type = SRUDP_EVENT_NONE };
  const SrudpEvent path = { .type = SRUDP_EVENT_PATH };
  SrudpEvent event;

  srudp_event_queue_push (&queue, &none);
  g_assert_false (srudp_event_queue_has (&queue));
  srudp_event_queue_push (&queue, &none);
  srudp_event_queue_push (&queue, &path);
  g_assert_true (srudp_event_queue_has (&queue));
  g_assert_true (srudp_event_queue_pop (&queue, &event));
  g_assert_cmpint (event.type, ==, SRUDP_EVENT_PATH);
  g_assert_false (srudp_event_queue_has (&queue));

  srudp_event_queue_clear (&queue);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/event-queue/keeps-order-while-wrapping-and-growing",
                   test_keeps_order_while_wrapping_and_growing);
  g_test_add_func ("/event-queue/gives-memory-back-when-empty",
                   test_gives_memory_back_when_empty);
  g_test_add_func ("/event-queue/forgotten-events-count-for-nothing",
                   test_forgotten_events_count_for_nothing);
  g_test_add_func ("/event-queue/clear-frees-datagrams",
                   test_clear_frees_datagrams);

  return g_test_run ();
}
