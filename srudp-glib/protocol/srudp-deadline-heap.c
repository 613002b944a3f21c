/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-deadline-heap.c: who has to be woken next, among many
 */
#include "srudp-deadline-heap.h"

static SrudpDeadlineNode *
get_node (SrudpDeadlineHeap *heap,
          guint              position)
{
  return g_ptr_array_index (heap->nodes, position - 1);
}

static void
put_node (SrudpDeadlineHeap *heap,
          guint              position,
          SrudpDeadlineNode *node)
{
  g_ptr_array_index (heap->nodes, position - 1) = node;
  node->position = position;
}

static void
sift_up (SrudpDeadlineHeap *heap,
         SrudpDeadlineNode *node)
{
  guint position = node->position;

  while (position > 1 && get_node (heap, position / 2)->deadline > node->deadline)
    {
      put_node (heap, position, get_node (heap, position / 2));
      position /= 2;
    }
  put_node (heap, position, node);
}

static void
sift_down (SrudpDeadlineHeap *heap,
           SrudpDeadlineNode *node)
{
  guint position = node->position;

  while (position * 2 <= heap->nodes->len)
    {
      guint child = position * 2;

      if (child < heap->nodes->len &&
          get_node (heap, child + 1)->deadline < get_node (heap, child)->deadline)
        child++;
      if (get_node (heap, child)->deadline >= node->deadline)
        break;

      put_node (heap, position, get_node (heap, child));
      position = child;
    }
  put_node (heap, position, node);
}

static void
take_out (SrudpDeadlineHeap *heap,
          SrudpDeadlineNode *node)
{
  guint position = node->position;
  SrudpDeadlineNode *last = get_node (heap, heap->nodes->len);

  g_ptr_array_set_size (heap->nodes, (gint) heap->nodes->len - 1);
  node->position = 0;
  if (last == node)
    return;

  put_node (heap, position, last);
  sift_up (heap, last);
  sift_down (heap, last);
}

void
srudp_deadline_heap_set (SrudpDeadlineHeap *heap,
                         SrudpDeadlineNode *node,
                         gint64             deadline)
{
  node->deadline = deadline;
  if (deadline < 0)
    {
      if (node->position != 0)
        take_out (heap, node);
      return;
    }

  if (heap->nodes == NULL)
    heap->nodes = g_ptr_array_new ();
  if (node->position == 0)
    {
      g_ptr_array_add (heap->nodes, node);
      node->position = heap->nodes->len;
    }

  sift_up (heap, node);
  sift_down (heap, node);
}

SrudpDeadlineNode *
srudp_deadline_heap_peek (SrudpDeadlineHeap *heap)
{
  if (heap->nodes == NULL || heap->nodes->len == 0)
    return NULL;

  return get_node (heap, 1);
}

void
srudp_deadline_heap_clear (SrudpDeadlineHeap *heap)
{
  g_clear_pointer (&heap->nodes, g_ptr_array_unref);
}
