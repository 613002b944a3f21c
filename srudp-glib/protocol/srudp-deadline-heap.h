/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-deadline-heap.h: who has to be woken next, among many
 *
 * An endpoint may have ten thousand idle connections, so finding the next
 * deadline must not look at each of them.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Part of whatever has a deadline. All zero is a node in no heap. */
typedef struct
{
  gint64 deadline;
  guint position; /* 1-based; 0: in no heap */
} SrudpDeadlineNode;

/* A binary heap. All zero is an empty one. */
typedef struct
{
  GPtrArray *nodes;
} SrudpDeadlineHeap;

/* -1: never, which takes the node out. */
void               srudp_deadline_heap_set   (SrudpDeadlineHeap *heap,
                                              SrudpDeadlineNode *node,
                                              gint64             deadline);
/* The node with the earliest deadline, or NULL. */
SrudpDeadlineNode *srudp_deadline_heap_peek  (SrudpDeadlineHeap *heap);
void               srudp_deadline_heap_clear (SrudpDeadlineHeap *heap);

G_END_DECLS
