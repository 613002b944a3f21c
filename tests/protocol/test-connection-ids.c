/*
 * SPDX-License-Identifier: MIT
 *
 * test-connection-ids.c: ids are given, used, retired, and never too many
 */
#include "srudp-connection-ids.h"

static gboolean
add_remote (SrudpRemoteIds *ids,
            guint64         sequence,
            guint64         retire_prior_to,
            guint64         id)
{
  SrudpFrame frame = { .type = SRUDP_FRAME_NEW_CONNECTION_ID };

  frame.connection_id.sequence = sequence;
  frame.connection_id.retire_prior_to = retire_prior_to;
  frame.connection_id.connection_id = id;

  return srudp_remote_ids_add (ids, &frame);
}

static guint64
next_retired (SrudpRemoteIds *ids)
{
  SrudpFrame frame;

  if (!srudp_remote_ids_next (ids, &frame))
    return G_MAXUINT64;
  g_assert_cmpuint (frame.type, ==, SRUDP_FRAME_RETIRE_CONNECTION_ID);
  srudp_remote_ids_sent (ids, frame.connection_id.sequence);

  return frame.connection_id.sequence;
}

static void
test_peer_gets_as_many_as_it_keeps (void)
{
  SrudpLocalIds ids;
  SrudpFrame frame;

  srudp_local_ids_init (&ids, 100, 3);
  for (guint64 i = 1; i < 3; i++)
    {
      g_assert_true (srudp_local_ids_wants_more (&ids));
      srudp_local_ids_add (&ids, 100 + i);
      g_assert_true (srudp_local_ids_next (&ids, &frame));
      g_assert_cmpuint (frame.type, ==, SRUDP_FRAME_NEW_CONNECTION_ID);
      g_assert_cmpuint (frame.connection_id.sequence, ==, i);
      g_assert_cmpuint (frame.connection_id.retire_prior_to, ==, 0);
      g_assert_cmpuint (frame.connection_id.connection_id, ==, 100 + i);
      srudp_local_ids_announced (&ids, i);
      g_assert_false (srudp_local_ids_next (&ids, &frame));
    }

  g_assert_false (srudp_local_ids_wants_more (&ids));
}

static void
test_never_more_than_our_own_limit (void)
{
  SrudpLocalIds ids;
  guint n = 1;

  srudp_local_ids_init (&ids, 100, 1000000);
  for (; srudp_local_ids_wants_more (&ids); n++)
    srudp_local_ids_add (&ids, 100 + n);

  g_assert_cmpuint (n, ==, SRUDP_CONNECTION_ID_LIMIT);
}

static void
test_lost_announcement_is_repeated (void)
{
  SrudpLocalIds ids;
  SrudpFrame frame;

  srudp_local_ids_init (&ids, 100, 2);
  srudp_local_ids_add (&ids, 101);
  srudp_local_ids_announced (&ids, 1);
  srudp_local_ids_lost (&ids, 1);
  g_assert_true (srudp_local_ids_next (&ids, &frame));
  srudp_local_ids_announced (&ids, 1);
  srudp_local_ids_acked (&ids, 1);
  srudp_local_ids_lost (&ids, 1); /* the other copy */
  g_assert_false (srudp_local_ids_next (&ids, &frame));
}

static void
test_retired_one_lingers_and_is_replaced (void)
{
  SrudpLocalIds ids;
  guint64 id = 0;

  srudp_local_ids_init (&ids, 100, 2);
  srudp_local_ids_add (&ids, 101);
  g_assert_true (srudp_local_ids_retire (&ids, 1000, 0, 101));
  g_assert_true (srudp_local_ids_wants_more (&ids));
  g_assert_false (srudp_local_ids_pop_retired (&ids, 999, &id));
  g_assert_true (srudp_local_ids_pop_retired (&ids, 1000, &id));
  g_assert_cmpuint (id, ==, 100);
  g_assert_false (srudp_local_ids_pop_retired (&ids, 9999, &id));
  g_assert_true (srudp_local_ids_retire (&ids, 1000, 0, 101)); /* again */
}

static void
test_retiring_the_impossible_is_an_error (void)
{
  SrudpLocalIds ids;

  srudp_local_ids_init (&ids, 100, 2);
  srudp_local_ids_add (&ids, 101);
  g_assert_false (srudp_local_ids_retire (&ids, 0, 2, 100)); /* never given */
  g_assert_false (srudp_local_ids_retire (&ids, 0, 1, 101)); /* its own packet */
}

/* A peer that retires all it gets, at once, costs no more room. */
static void
test_retiring_storm_is_bounded (void)
{
  SrudpLocalIds ids;
  guint64 n = 1, id;

  srudp_local_ids_init (&ids, 1, 4);
  for (guint64 round = 0; round < 1000; round++)
    {
      while (srudp_local_ids_wants_more (&ids))
        {
          srudp_local_ids_add (&ids, 1 + n);
          n++;
        }
      for (guint64 i = 0; i < n; i++)
        srudp_local_ids_retire (&ids, (gint64) round, i, 0);
    }

  g_assert_cmpuint (n, <=, SRUDP_MAX_LOCAL_IDS);
  for (n = 0; srudp_local_ids_pop_retired (&ids, 1000, &id); n++)
    ;
  g_assert_cmpuint (n, ==, SRUDP_MAX_LOCAL_IDS);
}

static void
test_fresh_ids_are_taken_once (void)
{
  SrudpRemoteIds ids;
  guint64 id = 0;

  srudp_remote_ids_init (&ids, 10);
  g_assert_false (srudp_remote_ids_take (&ids, &id));
  g_assert_true (add_remote (&ids, 1, 0, 11));
  g_assert_true (add_remote (&ids, 1, 0, 11)); /* a repetition */
  g_assert_true (srudp_remote_ids_take (&ids, &id));
  g_assert_cmpuint (id, ==, 11);
  g_assert_false (srudp_remote_ids_take (&ids, &id));
}

static void
test_peer_may_call_ids_back (void)
{
  SrudpRemoteIds ids;

  srudp_remote_ids_init (&ids, 10);
  g_assert_true (add_remote (&ids, 1, 0, 11));
  g_assert_true (add_remote (&ids, 4, 3, 14));
  g_assert_false (srudp_remote_ids_contains (&ids, 10));
  g_assert_false (srudp_remote_ids_contains (&ids, 11));
  g_assert_true (srudp_remote_ids_contains (&ids, 14));
  g_assert_cmpuint (next_retired (&ids) + next_retired (&ids), ==, 0 + 1);
  g_assert_cmpuint (next_retired (&ids), ==, G_MAXUINT64);

  /* One that comes too late is given back at once. */
  g_assert_true (add_remote (&ids, 2, 0, 12));
  g_assert_false (srudp_remote_ids_contains (&ids, 12));
  g_assert_cmpuint (next_retired (&ids), ==, 2);
}

static void
test_retirement_is_repeated_until_acknowledged (void)
{
  SrudpRemoteIds ids;

  srudp_remote_ids_init (&ids, 10);
  g_assert_true (add_remote (&ids, 1, 0, 11));
  srudp_remote_ids_retire (&ids, 10);
  g_assert_cmpuint (next_retired (&ids), ==, 0);
  srudp_remote_ids_lost (&ids, 0);
  g_assert_cmpuint (next_retired (&ids), ==, 0);
  srudp_remote_ids_acked (&ids, 0);
  srudp_remote_ids_lost (&ids, 0);
  g_assert_cmpuint (next_retired (&ids), ==, G_MAXUINT64);
}

static void
test_last_one_is_kept (void)
{
  SrudpRemoteIds ids;

  srudp_remote_ids_init (&ids, 10);
  srudp_remote_ids_retire (&ids, 10);
  g_assert_true (srudp_remote_ids_contains (&ids, 10));
}

static void
test_contradictions_and_floods_are_errors (void)
{
  SrudpRemoteIds ids;
  guint64 n;

  srudp_remote_ids_init (&ids, 10);
  g_assert_false (add_remote (&ids, 0, 0, 99)); /* another id for a number */
  g_assert_false (add_remote (&ids, 1, 0, 10)); /* another number for an id */

  for (n = 1; n < SRUDP_CONNECTION_ID_LIMIT; n++)
    g_assert_true (add_remote (&ids, n, 0, 10 + n));
  g_assert_false (add_remote (&ids, n, 0, 10 + n));

  /* Calling back for ever, without acknowledging what comes back. */
  srudp_remote_ids_init (&ids, 10);
  for (n = 1; add_remote (&ids, n, n, 10 + n); n++)
    g_assert_cmpuint (n, <=, SRUDP_MAX_RETIREMENTS);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/connection-ids/local/as-many-as-the-peer-keeps",
                   test_peer_gets_as_many_as_it_keeps);
  g_test_add_func ("/connection-ids/local/never-more-than-our-limit",
                   test_never_more_than_our_own_limit);
  g_test_add_func ("/connection-ids/local/lost-announcement-is-repeated",
                   test_lost_announcement_is_repeated);
  g_test_add_func ("/connection-ids/local/retired-one-lingers-and-is-replaced",
                   test_retired_one_lingers_and_is_replaced);
  g_test_add_func ("/connection-ids/local/retiring-the-impossible-is-an-error",
                   test_retiring_the_impossible_is_an_error);
  g_test_add_func ("/connection-ids/local/retiring-storm-is-bounded",
                   test_retiring_storm_is_bounded);
  g_test_add_func ("/connection-ids/remote/fresh-ones-are-taken-once",
                   test_fresh_ids_are_taken_once);
  g_test_add_func ("/connection-ids/remote/peer-may-call-them-back",
                   test_peer_may_call_ids_back);
  g_test_add_func ("/connection-ids/remote/retirement-is-repeated",
                   test_retirement_is_repeated_until_acknowledged);
  g_test_add_func ("/connection-ids/remote/last-one-is-kept",
                   test_last_one_is_kept);
  g_test_add_func ("/connection-ids/remote/contradictions-and-floods",
                   test_contradictions_and_floods_are_errors);

  return g_test_run ();
}
