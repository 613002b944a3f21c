/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-pollable-source.c: sources that wait for a stream
 *
 * A source looks at its stream whenever its context does, and is woken by the
 * worker on edges. Waking needs a reference: while the last one is dropped,
 * even GLib's dispose function comes too late, since the count is zero for a
 * moment. But whoever holds references to sources also has to let go of them
 * before their context goes. Hence two sources: the stream's list owns the
 * inner one, and gives it up at once, under the lock, when the outer one is
 * destroyed: that destroys the inner one too, and so frees its callback.
 */
#include "config.h"

#include "srudp-glib/srudp-pollable-source-private.h"

typedef struct
{
  GSource parent;
  SrudpStreamCore *core;
  GIOCondition condition;
  int listed; /* atomic */
  GList link; /* in one of the core's lists, which owns a reference */
} Watch;

typedef struct
{
  GSource parent;
  Watch *watch;
} SrudpPollableSource;

/* The inner one */

static GQueue *
get_list (Watch *watch)
{
  return watch->condition == G_IO_IN ? &watch->core->read_sources
                                     : &watch->core->write_sources;
}

static gboolean
is_ready (Watch *watch)
{
  return watch->condition == G_IO_IN
           ? srudp_stream_core_is_readable (watch->core)
           : srudp_stream_core_is_writable (watch->core);
}

static gboolean
watch_prepare (GSource *source,
               int     *timeout)
{
  /* First forget the last wake-up, then look: an edge in between sets the
   * ready time anew and isn't lost. */
  g_source_set_ready_time (source, -1);
  *timeout = -1;
  return is_ready ((Watch *) source);
}

static gboolean
watch_check (GSource *source)
{
  return is_ready ((Watch *) source);
}

/* All it does is to make the outer one ready. */
static gboolean
watch_dispatch (GSource     *source,
                GSourceFunc  callback,
                gpointer     user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
watch_finalize (GSource *source)
{
  srudp_stream_core_unref (((Watch *) source)->core);
}

static GSourceFuncs watch_funcs = {
  .prepare = watch_prepare,
  .check = watch_check,
  .dispatch = watch_dispatch,
  .finalize = watch_finalize,
};

/* Is called once more when the watch is no more than memory. */
static void
watch_unlist (gpointer data)
{
  Watch *watch = data;

  if (srudp_stream_core_is_copy (watch->core)
      || !g_atomic_int_compare_and_exchange (&watch->listed, TRUE, FALSE))
    return;

  g_mutex_lock (&watch->core->lock);
  g_queue_unlink (get_list (watch), &watch->link);
  g_mutex_unlock (&watch->core->lock);
  g_source_unref ((GSource *) watch);
}

/* In a copy of the process nobody wakes it: it is ready anyway, and what one
 * tries then fails. */
static void
watch_list (Watch *watch)
{
  if (srudp_stream_core_is_copy (watch->core))
    return;
  watch->listed = TRUE;
  g_mutex_lock (&watch->core->lock);
  watch->link.data = g_source_ref ((GSource *) watch);
  g_queue_push_tail_link (get_list (watch), &watch->link);
  g_mutex_unlock (&watch->core->lock);
}

static GSource *
watch_new (SrudpStreamCore *core,
           GIOCondition     condition)
{
  GSource *source = g_source_new (&watch_funcs, sizeof (Watch));
  Watch *watch = (Watch *) source;

  watch->core = srudp_stream_core_ref (core);
  watch->condition = condition;
  g_source_set_callback (source, NULL, watch, watch_unlist);
  g_source_set_static_name (source, "[srudp] stream edges");
  watch_list (watch);
  return source;
}

/* The outer one */

static gboolean
pollable_source_dispatch (GSource     *source,
                          GSourceFunc  callback,
                          gpointer     user_data)
{
  return callback != NULL ? callback (user_data) : G_SOURCE_CONTINUE;
}

/* One that was never attached isn't destroyed before. */
static void
pollable_source_finalize (GSource *source)
{
  SrudpPollableSource *self = (SrudpPollableSource *) source;

  watch_unlist (self->watch);
  g_source_unref ((GSource *) self->watch);
}

/* GIO gives child sources a dummy closure, which needs these: the parent calls
 * back, the child only makes it ready. */
static gboolean
closure_callback (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static void
closure_marshal (GClosure     *closure,
                 GValue       *return_value,
                 guint         n_params,
                 const GValue *params,
                 gpointer      hint,
                 gpointer      marshal_data)
{
  g_value_set_boolean (return_value, G_SOURCE_CONTINUE);
}

static GSourceFuncs pollable_source_funcs = {
  .dispatch = pollable_source_dispatch,
  .finalize = pollable_source_finalize,
  .closure_callback = closure_callback,
  .closure_marshal = (GSourceDummyMarshal) closure_marshal,
};

GSource *
srudp_pollable_source_new (SrudpStreamCore *core,
                           GIOCondition     condition)
{
  GSource *source = g_source_new (&pollable_source_funcs,
                                  sizeof (SrudpPollableSource));
  GSource *watch = watch_new (core, condition);

  ((SrudpPollableSource *) source)->watch = (Watch *) watch;
  g_source_add_child_source (source, watch);
  g_source_set_static_name (source, "[srudp] stream");
  return source;
}

void
srudp_pollable_sources_wake (GQueue *sources)
{
  for (GList *link = sources->head; link != NULL; link = link->next)
    g_source_set_ready_time (link->data, 0);
}
