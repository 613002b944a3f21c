/*
 * SPDX-License-Identifier: MIT
 *
 * test-glib-locks.c: ThreadSanitizer sees GLib's locks, and races without them
 */
#include <glib.h>

typedef struct
{
  GMutex mutex;
  GCond cond;
  gboolean locked; /* whether the threads take the lock */
  guint count;
} Shared;

static gpointer
count_thread (gpointer data)
{
  Shared *shared = data;

  for (guint i = 0; i < 1000; i++)
    {
      if (shared->locked)
        g_mutex_lock (&shared->mutex);
      shared->count++;
      if (shared->locked)
        {
          g_cond_signal (&shared->cond);
          g_mutex_unlock (&shared->mutex);
        }
    }

  return NULL;
}

static void
count_in_two_threads (Shared *shared)
{
  GThread *other = g_thread_new ("other", count_thread, shared);

  count_thread (shared);
  if (shared->locked)
    {
      g_mutex_lock (&shared->mutex);
      while (shared->count < 2000)
        g_cond_wait (&shared->cond, &shared->mutex);
      g_mutex_unlock (&shared->mutex);
    }
  g_thread_join (other);
}

/* With the argument `race` the sanitizer must end this with a complaint. */
int
main (int argc, char *argv[])
{
  Shared shared = { .locked = argc < 2 || !g_str_equal (argv[1], "race") };

  g_mutex_init (&shared.mutex);
  g_cond_init (&shared.cond);
  count_in_two_threads (&shared);
  g_cond_clear (&shared.cond);
  g_mutex_clear (&shared.mutex);

  return 0;
}
