/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-event-queue.c: events waiting to be polled, in order
 */
#include "srudp-event-queue.h"

#include <string.h>

#define FIRST_CAPACITY 8
/* A queue that was long once gives its memory back when it runs empty. */
#define KEPT_CAPACITY 16

static SrudpEvent *
get_slot (SrudpEventQueue *queue,
          gsize            index)
{
  return &queue->events[(queue->head + index) % queue->capacity];
}

static void
grow (SrudpEventQueue *queue)
{
  gsize capacity = MAX (FIRST_CAPACITY, queue->capacity * 2);
  SrudpEvent *events = g_new (SrudpEvent, capacity);

  for (gsize i = 0; i < queue->length; i++)
    events[i] = *get_slot (queue, i);

  g_free (queue->events);
  queue->events = events;
  queue->capacity = capacity;
  queue->head = 0;
}

static void
release_memory (SrudpEventQueue *queue)
{
  g_clear_pointer (&queue->events, g_free);
  memset (queue, 0, sizeof *queue);
}

void
srudp_event_queue_push (SrudpEventQueue  *queue,
                        const SrudpEvent *event)
{
  if (queue->length == queue->capacity)
    grow (queue);

  *get_slot (queue, queue->length) = *event;
  queue->length++;
}

gboolean
srudp_event_queue_pop (SrudpEventQueue *queue,
                       SrudpEvent      *event)
{
  if (queue->length == 0)
    return FALSE;

  *event = *get_slot (queue, 0);
  queue->head = (queue->head + 1) % queue->capacity;
  queue->length--;
  if (queue->length == 0 && queue->capacity > KEPT_CAPACITY)
    release_memory (queue);

  return TRUE;
}

gboolean
srudp_event_queue_has (SrudpEventQueue *queue)
{
  SrudpEvent none;

  while (queue->length > 0
         && get_slot (queue, 0)->type == SRUDP_EVENT_NONE)
    srudp_event_queue_pop (queue, &none);

  return queue->length > 0;
}

void
srudp_event_queue_clear (SrudpEventQueue *queue)
{
  SrudpEvent event;

  while (srudp_event_queue_pop (queue, &event))
    g_clear_pointer (&event.datagram, g_bytes_unref);

  release_memory (queue);
}
