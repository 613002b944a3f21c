/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-event-queue.h: events waiting to be polled, in order
 */
#pragma once

#include "srudp-engine.h"

G_BEGIN_DECLS

/* All zero is an empty queue, which owns no memory. */
typedef struct
{
  SrudpEvent *events;
  gsize head, length, capacity;
} SrudpEventQueue;

/* Copies `event` and takes the datagram in it. */
void     srudp_event_queue_push  (SrudpEventQueue  *queue,
                                  const SrudpEvent *event);
/* The caller gets the datagram in it. FALSE: empty. */
gboolean srudp_event_queue_pop   (SrudpEventQueue  *queue,
                                  SrudpEvent       *event);
/* Drops those of type NONE at the front; TRUE: another one waits. */
gboolean srudp_event_queue_has   (SrudpEventQueue  *queue);
void     srudp_event_queue_clear (SrudpEventQueue  *queue);

G_END_DECLS
