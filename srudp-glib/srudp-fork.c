/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-fork.c: whether this process is a copy of another one
 */
#include "config.h"

#include "srudp-glib/srudp-fork-private.h"

#include <pthread.h>

static int n_forks; /* atomic */

/* Only this thread is left; nothing else may be done here. */
static void
child_cb (void)
{
  g_atomic_int_inc (&n_forks);
}

int
srudp_fork_count (void)
{
  static gsize watched = 0;

  if (g_once_init_enter (&watched))
    {
      pthread_atfork (NULL, NULL, child_cb);
      g_once_init_leave (&watched, 1);
    }
  return g_atomic_int_get (&n_forks);
}
