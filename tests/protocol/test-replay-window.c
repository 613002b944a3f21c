/*
 * SPDX-License-Identifier: MIT
 *
 * test-replay-window.c: each packet number is accepted at most once
 */
#include "srudp-replay-window.h"

#define W ((guint64) SRUDP_REPLAY_WINDOW)
#define RING ((guint64) SRUDP_REPLAY_RING_BITS)
#define HIGH (G_GUINT64_CONSTANT (1) << 62)

typedef struct
{
  guint64 packet_number;
  gboolean fresh;
} Step;

typedef struct
{
  const char *name;
  Step steps[16];
  gsize n_steps;
} Story;

#define STORY(name, ...)                                    \
  { name, { __VA_ARGS__ }, sizeof ((Step[]) { __VA_ARGS__ }) / sizeof (Step) }

static const Story stories[] = {
  STORY ("in-order", { 0, TRUE }, { 1, TRUE }, { 2, TRUE }, { 1, FALSE }, { 2, FALSE },
         { 0, FALSE }),
  STORY ("first-is-not-zero", { 5, TRUE }, { 5, FALSE }, { 0, TRUE }, { 4, TRUE }, { 4, FALSE },
         { 6, TRUE }),
  STORY ("word-edges", { 63, TRUE }, { 64, TRUE }, { 63, FALSE }, { 64, FALSE }, { 62, TRUE },
         { 65, TRUE }, { 127, TRUE }, { 128, TRUE }, { 127, FALSE }, { 126, TRUE }),
  STORY ("oldest-in-window", { W, TRUE }, { 0, FALSE }, { 1, TRUE }, { 1, FALSE }, { 2, TRUE }),
  STORY ("window-edge-slides", { W - 1, TRUE }, { 0, TRUE }, { 0, FALSE }, { W, TRUE },
         { 0, FALSE }, { W + 1, TRUE }, { 1, FALSE }, { 2, TRUE }),
  STORY ("jump-by-a-ring-forgets-all", { 7, TRUE }, { 7 + RING, TRUE }, { 7, FALSE },
         { 7 + RING, FALSE }, { 8 + RING, TRUE }, { 6 + RING, TRUE }),
  STORY ("jump-by-just-under-a-ring", { 7, TRUE }, { 6 + RING, TRUE }, { 7, FALSE },
         { 7 + RING, TRUE }, { 6 + RING, FALSE }),
  STORY ("stale-bits-do-not-return", { 100, TRUE }, { 101, TRUE }, { 101 + W, TRUE },
         { 102 + W, TRUE }, { 100 + RING, TRUE }, { 101 + RING, TRUE }, { 100 + RING, FALSE },
         { 101, FALSE }),
  STORY ("huge-jump", { 0, TRUE }, { HIGH, TRUE }, { HIGH, FALSE }, { HIGH - 1, TRUE },
         { HIGH - 1, FALSE }, { HIGH - W + 1, TRUE }, { HIGH - W, FALSE }, { 1, FALSE }),
  STORY ("end-of-the-numbers", { G_MAXUINT64 - 1, TRUE }, { G_MAXUINT64, FALSE },
         { G_MAXUINT64 - 1, FALSE }, { G_MAXUINT64 - 2, TRUE }, { G_MAXUINT64 - 1 - W, FALSE },
         { G_MAXUINT64 - W, TRUE }, { 0, FALSE }),
};

static void
test_story (gconstpointer data)
{
  const Story *story = data;
  g_auto (SrudpReplayWindow) ring = { 0 };
  SrudpReplayWindow *window = &ring;

  for (gsize i = 0; i < story->n_steps; i++)
    {
      const Step *step = &story->steps[i];

      g_test_message ("step %" G_GSIZE_FORMAT, i);
      g_assert_cmpint (srudp_replay_window_is_fresh (window, step->packet_number), ==,
                       step->fresh);
      g_assert_cmpint (srudp_replay_window_accept (window, step->packet_number), ==,
                       step->fresh);
      g_assert_false (srudp_replay_window_accept (window, step->packet_number));
    }
}

/* A forged packet is looked up, never accepted: it must not move the window. */
static void
test_looking_changes_nothing (void)
{
  g_auto (SrudpReplayWindow) ring = { 0 };
  SrudpReplayWindow *window = &ring;

  g_assert_true (srudp_replay_window_accept (window, 3));
  g_assert_true (srudp_replay_window_is_fresh (window, HIGH));
  g_assert_true (srudp_replay_window_is_fresh (window, 2));
  g_assert_true (srudp_replay_window_accept (window, 2));
  g_assert_false (srudp_replay_window_is_fresh (window, 3));
}

static void
test_whole_window_backwards (void)
{
  g_auto (SrudpReplayWindow) ring = { 0 };
  SrudpReplayWindow *window = &ring;

  for (guint64 i = W; i > 0; i--)
    g_assert_true (srudp_replay_window_accept (window, i));
  for (guint64 i = 0; i <= W; i++)
    g_assert_false (srudp_replay_window_accept (window, i));
}

/* The window against a set that remembers everything. */
static void
test_like_a_set (void)
{
  g_auto (SrudpReplayWindow) ring = { 0 };
  SrudpReplayWindow *window = &ring;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  guint64 largest = 0;

  for (guint i = 0; i < 60000; i++)
    {
      guint64 spread = 2 * RING >> g_test_rand_int_range (0, 14);
      guint64 offset = (guint64) g_test_rand_int_range (0, (gint32) spread);
      guint64 number = largest + spread / 4 > offset ? largest + spread / 4 - offset : 0;
      gboolean fresh = number + W > largest && !g_hash_table_contains (seen, &number);

      g_assert_cmpint (srudp_replay_window_accept (window, number), ==, fresh);
      if (fresh)
        g_hash_table_add (seen, g_memdup2 (&number, sizeof number));
      if (fresh)
        largest = MAX (largest, number);
    }
  g_assert_cmpuint (g_hash_table_size (seen), >, 1000);
  g_assert_cmpuint (largest, >, 4 * RING);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (stories); i++)
    {
      g_autofree char *path = g_strconcat ("/replay-window/", stories[i].name, NULL);

      g_test_add_data_func (path, &stories[i], test_story);
    }
  g_test_add_func ("/replay-window/looking-changes-nothing", test_looking_changes_nothing);
  g_test_add_func ("/replay-window/whole-window-backwards", test_whole_window_backwards);
  g_test_add_func ("/replay-window/like-a-set", test_like_a_set);

  return g_test_run ();
}
