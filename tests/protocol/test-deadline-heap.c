/*
 * SPDX-License-Identifier: MIT
 *
 * test-deadline-heap.c: the earliest deadline among many that change
 */
#include "srudp-deadline-heap.h"

#define N_NODES 200

static gint64
find_earliest (const SrudpDeadlineNode *nodes)
{
  gint64 earliest = -1;

  for (guint i = 0; i < N_NODES; i++)
    if (nodes[i].position != 0 && (earliest < 0 || nodes[i].deadline < earliest))
      earliest = nodes[i].deadline;

  return earliest;
}

static void
test_against_scan (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  SrudpDeadlineNode nodes[N_NODES] = { { 0, 0 } };
  SrudpDeadlineHeap heap = { NULL };

  g_assert_null (srudp_deadline_heap_peek (&heap));
  for (guint i = 0; i < 20000; i++)
    {
      SrudpDeadlineNode *node = &nodes[g_rand_int_range (rand, 0, N_NODES)];
      SrudpDeadlineNode *first;

      srudp_deadline_heap_set (&heap, node, g_rand_int_range (rand, -20, 100));
      if (node->deadline < 0)
        g_assert_cmpuint (node->position, ==, 0);
      first = srudp_deadline_heap_peek (&heap);
      g_assert_cmpint (first != NULL ? first->deadline : -1, ==, find_earliest (nodes));
    }
  srudp_deadline_heap_clear (&heap);
}

static void
test_all_in_order (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  SrudpDeadlineNode nodes[N_NODES] = { { 0, 0 } };
  SrudpDeadlineHeap heap = { NULL };
  gint64 last = 0;

  for (guint i = 0; i < N_NODES; i++)
    srudp_deadline_heap_set (&heap, &nodes[i], g_rand_int_range (rand, 0, 1000));
  for (guint i = 0; i < N_NODES; i++)
    {
      SrudpDeadlineNode *first = srudp_deadline_heap_peek (&heap);

      g_assert_cmpint (first->deadline, >=, last);
      last = first->deadline;
      srudp_deadline_heap_set (&heap, first, -1);
    }
  g_assert_null (srudp_deadline_heap_peek (&heap));
  srudp_deadline_heap_clear (&heap);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/deadline-heap/agrees-with-a-scan", test_against_scan);
  g_test_add_func ("/deadline-heap/gives-all-in-order", test_all_in_order);

  return g_test_run ();
}
