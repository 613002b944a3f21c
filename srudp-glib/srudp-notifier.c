/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-notifier.c: tells an object's owner what happened
 *
 * Signals fire in the owner's context only, never on the worker and never
 * under a lock. A queued notice holds no reference to the object.
 */
#include "config.h"

#include "srudp-glib/srudp-notifier-private.h"

typedef struct
{
  SrudpNotifyFunc func;
  gpointer data;
  GDestroyNotify destroy;
} Notice;

struct _SrudpNotifier
{
  gatomicrefcount ref_count;
  GMainContext *context;
  GWeakRef object;
  GMutex lock;

  /* Under the lock. */
  GQueue notices;
  GSource *source; /* while there are notices */
  gboolean closed;
};

SrudpNotifier *
srudp_notifier_new (GObject      *object,
                    GMainContext *context)
{
  SrudpNotifier *self = g_new0 (SrudpNotifier, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->context = g_main_context_ref (context);
  g_weak_ref_init (&self->object, object);
  g_mutex_init (&self->lock);
  g_queue_init (&self->notices);
  return self;
}

SrudpNotifier *
srudp_notifier_ref (SrudpNotifier *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

static void
notice_free (Notice *notice)
{
  if (notice->destroy != NULL)
    notice->destroy (notice->data);
  g_free (notice);
}

void
srudp_notifier_unref (SrudpNotifier *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_queue_clear_full (&self->notices, (GDestroyNotify) notice_free);
  g_weak_ref_clear (&self->object);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_free (self);
}

GMainContext *
srudp_notifier_get_context (SrudpNotifier *self)
{
  return self->context;
}

gboolean
srudp_notifier_is_here (SrudpNotifier *self)
{
  g_autoptr (GMainContext) here = g_main_context_ref_thread_default ();

  /* The global default context is every thread's fallback: there, only the
   * thread that runs it (or nobody yet) will do. */
  if (here != self->context)
    return FALSE;
  if (g_main_context_is_owner (here))
    return TRUE;
  if (!g_main_context_acquire (here))
    return FALSE;
  g_main_context_release (here);
  return TRUE;
}

/* What waits for a context that may never run goes with the object. */
void
srudp_notifier_close (SrudpNotifier *self)
{
  GQueue notices;
  GSource *source;

  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  notices = self->notices;
  g_queue_init (&self->notices);
  source = g_steal_pointer (&self->source);
  g_mutex_unlock (&self->lock);

  g_queue_clear_full (&notices, (GDestroyNotify) notice_free);
  if (source != NULL)
    {
      g_source_destroy (source);
      g_source_unref (source);
    }
}

static Notice *
pop (SrudpNotifier *self)
{
  Notice *notice;

  g_mutex_lock (&self->lock);
  notice = g_queue_pop_head (&self->notices);
  if (notice == NULL)
    g_clear_pointer (&self->source, g_source_unref);
  g_mutex_unlock (&self->lock);
  return notice;
}

static gboolean
deliver_cb (gpointer user_data)
{
  SrudpNotifier *self = user_data;
  Notice *notice;

  while ((notice = pop (self)) != NULL)
    {
      g_autoptr (GObject) object = g_weak_ref_get (&self->object);

      if (object == NULL)
        {
          notice_free (notice);
          continue;
        }
      notice->func (object, notice->data);
      g_free (notice);
    }
  return G_SOURCE_REMOVE;
}

static void
schedule_locked (SrudpNotifier *self)
{
  self->source = g_idle_source_new ();
  g_source_set_priority (self->source, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->source, deliver_cb, srudp_notifier_ref (self),
                         (GDestroyNotify) srudp_notifier_unref);
  g_source_set_static_name (self->source, "[srudp] notices");
  g_source_attach (self->source, self->context);
}

void
srudp_notifier_push (SrudpNotifier   *self,
                     SrudpNotifyFunc  func,
                     gpointer         data,
                     GDestroyNotify   destroy)
{
  Notice *notice = g_new (Notice, 1);

  notice->func = func;
  notice->data = data;
  notice->destroy = destroy;

  g_mutex_lock (&self->lock);
  if (!self->closed)
    {
      g_queue_push_tail (&self->notices, g_steal_pointer (&notice));
      if (self->source == NULL)
        schedule_locked (self);
    }
  g_mutex_unlock (&self->lock);

  if (notice != NULL)
    notice_free (notice);
}

static void
notify_cb (GObject  *object,
           gpointer  data)
{
  g_object_notify_by_pspec (object, data);
}

void
srudp_notifier_push_notify (SrudpNotifier *self,
                            GParamSpec    *pspec)
{
  srudp_notifier_push (self, notify_cb, pspec, NULL);
}
