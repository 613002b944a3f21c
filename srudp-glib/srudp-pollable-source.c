/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-pollable-source.c: sources that wait for a stream
 *
 * A source looks at its stream whenever its context does, and is woken by the
 * worker on edges. The worker must never wake a source that is on its way to
 * be finalised: the dispose function takes it from the list, under the lock
 * that the worker holds while it wakes.
 */
#include "config.h"

#include "srudp-glib/srudp-pollable-source-private.h"

typedef struct
{
  GSource parent;
  SrudpStreamCore *core;
  GIOCondition condition;
  GList link; /* in one of the core's lists */
} SrudpPollableSource;

static GQueue *
get_list (SrudpPollableSource *self)
{
  return self->condition == G_IO_IN ? &self->core->read_sources
                                    : &self->core->write_sources;
}

static gboolean
is_ready (SrudpPollableSource *self)
{
  return self->condition == G_IO_IN
           ? srudp_stream_core_is_readable (self->core)
           : srudp_stream_core_is_writable (self->core);
}

static gboolean
pollable_source_prepare (GSource *source,
                         int     *timeout)
{
  /* First forget the last wake-up, then look: an edge in between sets the
   * ready time anew and isn't lost. */
  g_source_set_ready_time (source, -1);
  *timeout = -1;
  return is_ready ((SrudpPollableSource *) source);
}

static gboolean
pollable_source_check (GSource *source)
{
  return is_ready ((SrudpPollableSource *) source);
}

static gboolean
pollable_source_dispatch (GSource     *source,
                          GSourceFunc  callback,
                          gpointer     user_data)
{
  return callback != NULL ? callback (user_data) : G_SOURCE_CONTINUE;
}

static void
pollable_source_dispose (GSource *source)
{
  SrudpPollableSource *self = (SrudpPollableSource *) source;

  g_mutex_lock (&self->core->lock);
  g_queue_unlink (get_list (self), &self->link);
  g_mutex_unlock (&self->core->lock);
}

static void
pollable_source_finalize (GSource *source)
{
  srudp_stream_core_unref (((SrudpPollableSource *) source)->core);
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
  .prepare = pollable_source_prepare,
  .check = pollable_source_check,
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
  SrudpPollableSource *self = (SrudpPollableSource *) source;

  self->core = srudp_stream_core_ref (core);
  self->condition = condition;
  self->link.data = source;
  g_source_set_dispose_function (source, pollable_source_dispose);
  g_source_set_static_name (source, "[srudp] stream");

  g_mutex_lock (&core->lock);
  g_queue_push_tail_link (get_list (self), &self->link);
  g_mutex_unlock (&core->lock);
  return source;
}

void
srudp_pollable_sources_wake (GQueue *sources)
{
  for (GList *link = sources->head; link != NULL; link = link->next)
    g_source_set_ready_time (link->data, 0);
}
