/*
 * SPDX-License-Identifier: MIT
 *
 * glib-locks.c: tells ThreadSanitizer of GLib's locks
 *
 * A GMutex is a futex inside GLib, which was not built with the sanitizer: it
 * sees no lock, and takes all that a GMutex guards for a data race. These
 * functions come before GLib's own when the sanitizer is on. They announce
 * what happens and leave the work to GLib; only reference counts, which are
 * one atomic operation each, are done here, where the sanitizer sees them.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <glib-object.h>
#include <sanitizer/tsan_interface.h>

/* GLib's function of that name. GLib's own libraries lock before any
 * constructor of ours runs, so each is looked up when first called. */
#define REAL(name) ((__typeof__ (&(name))) find_real (&real_##name, #name))

static gpointer real_g_mutex_lock;
static gpointer real_g_mutex_trylock;
static gpointer real_g_mutex_unlock;
static gpointer real_g_mutex_clear;
static gpointer real_g_cond_wait;
static gpointer real_g_cond_wait_until;
static gpointer real_g_object_unref;
static gpointer real_g_bytes_unref;
static gpointer real_g_thread_pool_new;
static gpointer real_g_thread_pool_push;

static gpointer
find_real (gpointer   *cached,
           const char *name)
{
  gpointer found = __atomic_load_n (cached, __ATOMIC_RELAXED);

  if (found == NULL)
    {
      found = dlsym (RTLD_NEXT, name);
      __atomic_store_n (cached, found, __ATOMIC_RELAXED);
    }

  return found;
}

static void
before_unlock (GMutex *mutex)
{
  __tsan_mutex_pre_unlock (mutex, 0);
  __tsan_mutex_post_unlock (mutex, 0);
}

static void
after_lock (GMutex *mutex)
{
  __tsan_mutex_pre_lock (mutex, 0);
  __tsan_mutex_post_lock (mutex, 0, 0);
}

void
g_mutex_lock (GMutex *mutex)
{
  REAL (g_mutex_lock) (mutex);
  after_lock (mutex);
}

gboolean
g_mutex_trylock (GMutex *mutex)
{
  gboolean locked = REAL (g_mutex_trylock) (mutex);

  /* One that doesn't wait cannot close a circle of those that do. */
  if (locked)
    {
      __tsan_mutex_pre_lock (mutex, __tsan_mutex_try_lock);
      __tsan_mutex_post_lock (mutex, __tsan_mutex_try_lock, 0);
    }

  return locked;
}

void
g_mutex_unlock (GMutex *mutex)
{
  before_unlock (mutex);
  REAL (g_mutex_unlock) (mutex);
}

void
g_mutex_clear (GMutex *mutex)
{
  __tsan_mutex_destroy (mutex, 0);
  REAL (g_mutex_clear) (mutex);
}

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  before_unlock (mutex);
  REAL (g_cond_wait) (cond, mutex);
  after_lock (mutex);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  gboolean signalled;

  before_unlock (mutex);
  signalled = REAL (g_cond_wait_until) (cond, mutex, end_time);
  after_lock (mutex);

  return signalled;
}

void
(g_atomic_ref_count_inc) (gatomicrefcount *count)
{
  __atomic_add_fetch (count, 1, __ATOMIC_RELAXED);
}

gboolean
(g_atomic_ref_count_dec) (gatomicrefcount *count)
{
  return __atomic_sub_fetch (count, 1, __ATOMIC_ACQ_REL) == 0;
}

/* Whoever drops the last reference comes after all who dropped theirs. */
void
(g_object_unref) (gpointer object)
{
  __tsan_acquire (object);
  __tsan_release (object);
  REAL (g_object_unref) (object);
}

void
g_bytes_unref (GBytes *bytes)
{
  if (bytes != NULL)
    {
      __tsan_acquire (bytes);
      __tsan_release (bytes);
    }
  REAL (g_bytes_unref) (bytes);
}

/* What runs in a thread of a pool comes after it was put there. */

typedef struct
{
  GFunc func;
  gpointer user_data;
} PoolWork;

static void
run_pushed (gpointer data,
            gpointer user_data)
{
  PoolWork *work = user_data;

  __tsan_acquire (data);
  work->func (data, work->user_data);
}

/* GLib never says when a pool is gone: what it runs is kept. */
GThreadPool *
g_thread_pool_new (GFunc      func,
                   gpointer   user_data,
                   int        max_threads,
                   gboolean   exclusive,
                   GError   **error)
{
  PoolWork *work = g_new (PoolWork, 1);

  work->func = func;
  work->user_data = user_data;

  return REAL (g_thread_pool_new) (run_pushed, work, max_threads, exclusive,
                                   error);
}

gboolean
g_thread_pool_push (GThreadPool  *pool,
                    gpointer      data,
                    GError      **error)
{
  __tsan_release (data);

  return REAL (g_thread_pool_push) (pool, data, error);
}
