/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-deadline-source-private.h: a source that is ready at a time
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The callback is called once for each deadline, none at first. */
GSource *srudp_deadline_source_new (void);
/* By the thread of its context, while it is awake. -1: never. */
void     srudp_deadline_source_set (GSource *self,
                                    gint64   deadline_us);
/* By another one, while that thread sleeps and can't look. It sleeps on if it
 * is going to wake soon enough. */
void     srudp_deadline_source_set_asleep (GSource *self,
                                           gint64   deadline_us);

G_END_DECLS
