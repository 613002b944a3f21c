/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-handler-watch.c: waits until a signal has a handler
 *
 * GObject tells nobody that a handler was connected, so that the source looks
 * at each turn of the loop. It is there only while something waits for it.
 */
#include "config.h"

#include "srudp-glib/srudp-handler-watch-private.h"

typedef struct
{
  GSource parent;
  GWeakRef object;
  guint signal_id;
  SrudpHandlerWatchFunc func;
} HandlerWatch;

static gboolean
handler_watch_is_ready (GSource *source)
{
  HandlerWatch *watch = (HandlerWatch *) source;
  g_autoptr (GObject) object = g_weak_ref_get (&watch->object);

  return object != NULL
         && g_signal_has_handler_pending (object, watch->signal_id, 0, FALSE);
}

static gboolean
handler_watch_prepare (GSource *source,
                       int     *timeout)
{
  *timeout = -1;
  return handler_watch_is_ready (source);
}

static gboolean
handler_watch_dispatch (GSource     *source,
                        GSourceFunc  callback,
                        gpointer     user_data)
{
  HandlerWatch *watch = (HandlerWatch *) source;
  g_autoptr (GObject) object = g_weak_ref_get (&watch->object);

  if (object != NULL)
    watch->func (object);
  return G_SOURCE_REMOVE;
}

static void
handler_watch_finalize (GSource *source)
{
  g_weak_ref_clear (&((HandlerWatch *) source)->object);
}

static GSourceFuncs handler_watch_funcs = {
  .prepare = handler_watch_prepare,
  .check = handler_watch_is_ready,
  .dispatch = handler_watch_dispatch,
  .finalize = handler_watch_finalize,
};

GSource *
srudp_handler_watch_new (GObject               *object,
                         guint                  signal_id,
                         SrudpHandlerWatchFunc  func)
{
  GSource *source = g_source_new (&handler_watch_funcs, sizeof (HandlerWatch));
  HandlerWatch *watch = (HandlerWatch *) source;

  g_weak_ref_init (&watch->object, object);
  watch->signal_id = signal_id;
  watch->func = func;
  g_source_set_static_name (source, "[srudp] handler watch");
  return source;
}
