/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-waiter.c: one operation that somebody waits for
 *
 * Blocking and asynchronous calls differ only here: one blocks on a condition,
 * the other has a GTask. Whoever ends a waiter may hold any lock, since the
 * caller's callback always runs from an idle source in its own context.
 */
#include "config.h"

#include "srudp-glib/srudp-waiter-private.h"

struct _SrudpWaiter
{
  gatomicrefcount ref_count;
  GMutex lock;
  GCond cond;

  /* Under the lock. */
  gboolean done;
  gpointer result;
  GDestroyNotify destroy_result;
  GError *error;
  GTask *task; /* taken by the idle source once done */
  GCancellable *cancellable;
  gulong cancelled_id;

  SrudpWaiterMapFunc map; /* constant */
};

typedef struct
{
  SrudpWaiter *waiter;
  SrudpWaiterCancelFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
} Watch;

SrudpWaiter *
srudp_waiter_new (void)
{
  SrudpWaiter *self = g_new0 (SrudpWaiter, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  return self;
}

SrudpWaiter *
srudp_waiter_new_for_task (GTask              *task,
                           SrudpWaiterMapFunc  map)
{
  SrudpWaiter *self = srudp_waiter_new ();

  /* What was handed over is handed over, cancelled or not. */
  g_task_set_check_cancellable (task, FALSE);
  self->task = g_object_ref (task);
  self->map = map;
  return self;
}

SrudpWaiter *
srudp_waiter_ref (SrudpWaiter *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
srudp_waiter_unref (SrudpWaiter *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  if (self->result != NULL && self->destroy_result != NULL)
    self->destroy_result (self->result);
  g_clear_error (&self->error);
  g_clear_object (&self->task);
  g_clear_object (&self->cancellable);
  g_cond_clear (&self->cond);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
watch_free (gpointer data)
{
  Watch *watch = data;

  if (watch->destroy != NULL)
    watch->destroy (watch->user_data);
  srudp_waiter_unref (watch->waiter);
  g_free (watch);
}

static void
cancelled_cb (GCancellable *cancellable,
              gpointer      data)
{
  Watch *watch = data;

  watch->func (watch->waiter, watch->user_data);
}

void
srudp_waiter_watch (SrudpWaiter           *self,
                    GCancellable          *cancellable,
                    SrudpWaiterCancelFunc  func,
                    gpointer               user_data,
                    GDestroyNotify         destroy)
{
  Watch *watch;
  gulong id;

  if (cancellable == NULL)
    {
      if (destroy != NULL)
        destroy (user_data);
      return;
    }

  watch = g_new0 (Watch, 1);
  watch->waiter = srudp_waiter_ref (self);
  watch->func = func;
  watch->user_data = user_data;
  watch->destroy = destroy;

  id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), watch,
                              watch_free);
  if (id == 0)
    return;

  g_mutex_lock (&self->lock);
  if (!self->done)
    {
      self->cancellable = g_object_ref (cancellable);
      self->cancelled_id = id;
      id = 0;
    }
  g_mutex_unlock (&self->lock);
  if (id != 0)
    g_cancellable_disconnect (cancellable, id);
}

/* Waits for a cancelled_cb() that runs elsewhere, hence no locks here. */
static void
unwatch (SrudpWaiter *self)
{
  g_autoptr (GCancellable) cancellable = NULL;
  gulong id;

  g_mutex_lock (&self->lock);
  cancellable = g_steal_pointer (&self->cancellable);
  id = self->cancelled_id;
  self->cancelled_id = 0;
  g_mutex_unlock (&self->lock);

  if (id != 0)
    g_cancellable_disconnect (cancellable, id);
}

static gboolean
return_to_caller_cb (gpointer data)
{
  SrudpWaiter *self = data;
  g_autoptr (GTask) task = NULL;

  unwatch (self);

  g_mutex_lock (&self->lock);
  task = g_steal_pointer (&self->task);
  g_mutex_unlock (&self->lock);

  if (self->error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&self->error));
    }
  else
    {
      gpointer result = g_steal_pointer (&self->result);
      GDestroyNotify destroy = self->destroy_result;

      if (self->map != NULL)
        {
          result = self->map (g_task_get_source_object (task),
                              g_task_get_context (task), result);
          destroy = g_object_unref;
        }
      if (result == NULL)
        g_task_return_boolean (task, TRUE);
      else
        g_task_return_pointer (task, result, destroy);
    }
  return G_SOURCE_REMOVE;
}

static void
return_later (SrudpWaiter *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, g_task_get_priority (self->task));
  g_source_set_callback (source, return_to_caller_cb, srudp_waiter_ref (self),
                         (GDestroyNotify) srudp_waiter_unref);
  g_source_set_static_name (source, "[srudp] return to caller");
  g_source_attach (source, g_task_get_context (self->task));
}

static gboolean
end (SrudpWaiter    *self,
     gpointer        result,
     GDestroyNotify  destroy,
     const GError   *error)
{
  gboolean first;

  g_mutex_lock (&self->lock);
  first = !self->done;
  if (first)
    {
      self->done = TRUE;
      self->result = result;
      self->destroy_result = destroy;
      self->error = error == NULL ? NULL : g_error_copy (error);
      if (self->task != NULL)
        return_later (self);
      g_cond_broadcast (&self->cond);
    }
  g_mutex_unlock (&self->lock);
  return first;
}

gboolean
srudp_waiter_resolve (SrudpWaiter    *self,
                      gpointer        result,
                      GDestroyNotify  destroy)
{
  return end (self, result, destroy, NULL);
}

gboolean
srudp_waiter_fail (SrudpWaiter  *self,
                   const GError *error)
{
  return end (self, NULL, NULL, error);
}

gboolean
srudp_waiter_is_done (SrudpWaiter *self)
{
  gboolean done;

  g_mutex_lock (&self->lock);
  done = self->done;
  g_mutex_unlock (&self->lock);
  return done;
}

gboolean
srudp_waiter_wait (SrudpWaiter  *self,
                   gpointer     *result,
                   GError      **error)
{
  g_mutex_lock (&self->lock);
  while (!self->done)
    g_cond_wait (&self->cond, &self->lock);
  g_mutex_unlock (&self->lock);

  unwatch (self);

  if (self->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      return FALSE;
    }
  if (result != NULL)
    *result = g_steal_pointer (&self->result);
  return TRUE;
}

void
srudp_waiter_queue_fail (GQueue       *queue,
                         const GError *error)
{
  SrudpWaiter *waiter;

  while ((waiter = g_queue_pop_head (queue)) != NULL)
    {
      srudp_waiter_fail (waiter, error);
      srudp_waiter_unref (waiter);
    }
}

void
srudp_waiter_queue_prune (GQueue *queue)
{
  GList *link = queue->head;

  while (link != NULL)
    {
      GList *next = link->next;

      if (srudp_waiter_is_done (link->data))
        {
          srudp_waiter_unref (link->data);
          g_queue_delete_link (queue, link);
        }
      link = next;
    }
}
