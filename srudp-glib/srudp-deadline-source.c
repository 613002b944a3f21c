/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-deadline-source.c: a source that is ready at a time
 *
 * A ready time would do, but GLib wakes its own thread whenever that is set.
 */
#include "config.h"

#include "srudp-glib/srudp-deadline-source-private.h"

typedef struct
{
  GSource parent;
  gint64 deadline_us;     /* -1: never */
  gint64 sleeps_until_us; /* as it was when the thread fell asleep */
} DeadlineSource;

static gboolean
deadline_source_check (GSource *source)
{
  gint64 deadline_us = ((DeadlineSource *) source)->deadline_us;

  return deadline_us >= 0 && deadline_us <= g_source_get_time (source);
}

static gboolean
deadline_source_prepare (GSource *source,
                         int     *timeout_ms)
{
  DeadlineSource *self = (DeadlineSource *) source;
  gint64 left_us = self->deadline_us - g_source_get_time (source);

  self->sleeps_until_us = self->deadline_us;
  *timeout_ms = self->deadline_us < 0
                  ? -1
                  : (int) CLAMP ((left_us + 999) / 1000, 0, G_MAXINT);
  return *timeout_ms == 0;
}

static gboolean
deadline_source_dispatch (GSource     *source,
                          GSourceFunc  callback,
                          gpointer     user_data)
{
  ((DeadlineSource *) source)->deadline_us = -1;
  return callback (user_data);
}

static GSourceFuncs deadline_source_funcs = {
  .prepare = deadline_source_prepare,
  .check = deadline_source_check,
  .dispatch = deadline_source_dispatch,
};

GSource *
srudp_deadline_source_new (void)
{
  GSource *source =
    g_source_new (&deadline_source_funcs, sizeof (DeadlineSource));

  ((DeadlineSource *) source)->deadline_us = -1;
  return source;
}

void
srudp_deadline_source_set (GSource *self,
                           gint64   deadline_us)
{
  ((DeadlineSource *) self)->deadline_us = deadline_us;
}

void
srudp_deadline_source_set_asleep (GSource *self,
                                  gint64   deadline_us)
{
  gint64 sleeps_until_us = ((DeadlineSource *) self)->sleeps_until_us;

  srudp_deadline_source_set (self, deadline_us);
  if (deadline_us >= 0
      && (sleeps_until_us < 0 || deadline_us < sleeps_until_us))
    g_main_context_wakeup (g_source_get_context (self));
}
