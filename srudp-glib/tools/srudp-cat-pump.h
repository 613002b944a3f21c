/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cat-pump.h: carries bytes from one stream to another, to the end
 */
#pragma once

#include <srudp-glib/srudp-glib.h>

G_BEGIN_DECLS

typedef enum
{
  CAT_PUMP_EOF,
  CAT_PUMP_READ_FAILED,
  CAT_PUMP_WRITE_FAILED,
} CatPumpEnd;

/* One direction, and how it went. */
typedef struct
{
  GInputStream *from;
  GOutputStream *to;
  GCancellable *cancellable;
  CatPumpEnd end;
  GError *error;
} CatPump;

void     cat_pump_init         (CatPump       *self,
                                GInputStream  *from,
                                GOutputStream *to);
void     cat_pump_clear        (CatPump       *self);
void     cat_pump_run          (CatPump       *self);
gboolean cat_pump_was_stopped  (const CatPump *self);

/* Cancels one when the other is; to be undone with g_cancellable_disconnect. */
gulong   cat_cancel_along      (GCancellable  *leader,
                                GCancellable  *follower);

/* Once a connection is closed, nobody waits for our bytes any more. To be
 * undone with g_signal_handler_disconnect. */
gulong   cat_cancel_when_closed (SrudpConnection *connection,
                                 GCancellable    *follower);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CatPump, cat_pump_clear)

G_END_DECLS
