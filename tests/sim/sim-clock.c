/*
 * SPDX-License-Identifier: MIT
 *
 * sim-clock.c: virtual time and what happens when
 */
#include "sim-clock.h"

typedef struct
{
  gint64 at_us;
  guint64 sequence;
  SimFunc func;
  gpointer data;
  GDestroyNotify destroy;
} SimEvent;

void
sim_clock_init (SimClock *clock)
{
  clock->now_us = 0;
  clock->sequence = 0;
  clock->n_run = 0;
  clock->heap = g_array_new (FALSE, FALSE, sizeof (SimEvent));
}

void
sim_clock_clear (SimClock *clock)
{
  for (guint i = 0; i < clock->heap->len; i++)
    {
      SimEvent *event = &g_array_index (clock->heap, SimEvent, i);

      if (event->destroy != NULL)
        event->destroy (event->data);
    }
  g_clear_pointer (&clock->heap, g_array_unref);
}

static gboolean
is_before (const SimEvent *a,
           const SimEvent *b)
{
  if (a->at_us != b->at_us)
    return a->at_us < b->at_us;

  return a->sequence < b->sequence;
}

static void
sift_up (SimEvent *heap,
         guint     i)
{
  SimEvent event = heap[i];

  for (; i > 0 && is_before (&event, &heap[(i - 1) / 2]); i = (i - 1) / 2)
    heap[i] = heap[(i - 1) / 2];
  heap[i] = event;
}

static void
sift_down (SimEvent *heap,
           guint     n)
{
  SimEvent event = heap[0];
  guint i = 0;

  while (2 * i + 1 < n)
    {
      guint child = 2 * i + 1;

      if (child + 1 < n && is_before (&heap[child + 1], &heap[child]))
        child++;
      if (!is_before (&heap[child], &event))
        break;
      heap[i] = heap[child];
      i = child;
    }
  heap[i] = event;
}

void
sim_clock_schedule (SimClock      *clock,
                    gint64         at_us,
                    SimFunc        func,
                    gpointer       data,
                    GDestroyNotify destroy)
{
  SimEvent event = {
    MAX (at_us, clock->now_us), clock->sequence++, func, data, destroy
  };

  g_array_append_val (clock->heap, event);
  sift_up ((SimEvent *) (gpointer) clock->heap->data, clock->heap->len - 1);
}

void
sim_clock_drop_stale (SimClock      *clock,
                      SimFunc        func,
                      SimStaleFunc   is_stale,
                      gconstpointer  user_data)
{
  SimEvent *heap = (SimEvent *) (gpointer) clock->heap->data;
  guint n_kept = 0;

  for (guint i = 0; i < clock->heap->len; i++)
    {
      SimEvent event = heap[i];

      if (event.func == func && is_stale (event.data, user_data))
        {
          if (event.destroy != NULL)
            event.destroy (event.data);
          continue;
        }
      /* What comes before it is a heap by now. */
      heap[n_kept] = event;
      sift_up (heap, n_kept++);
    }
  g_array_set_size (clock->heap, n_kept);
}

static SimEvent
take_first (SimClock *clock)
{
  SimEvent *heap = (SimEvent *) (gpointer) clock->heap->data;
  SimEvent first = heap[0];
  guint n = clock->heap->len - 1;

  heap[0] = heap[n];
  g_array_set_size (clock->heap, n);
  if (n > 0)
    sift_down (heap, n);

  return first;
}

gboolean
sim_clock_step (SimClock *clock,
                gint64    until_us)
{
  SimEvent event;

  if (clock->heap->len == 0
      || g_array_index (clock->heap, SimEvent, 0).at_us > until_us)
    {
      clock->now_us = MAX (clock->now_us, until_us);
      return FALSE;
    }

  event = take_first (clock);
  clock->now_us = event.at_us;
  clock->n_run++;
  event.func (event.data);

  return TRUE;
}

void
sim_clock_run (SimClock *clock,
               gint64    until_us)
{
  while (sim_clock_step (clock, until_us))
    ;
}

int
sim_compare_times (gconstpointer a,
                   gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}
