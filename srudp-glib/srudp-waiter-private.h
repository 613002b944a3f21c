/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-waiter-private.h: one operation that somebody waits for
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SrudpWaiter SrudpWaiter;

typedef void (*SrudpWaiterCancelFunc) (SrudpWaiter *waiter,
                                       gpointer     user_data);
/* Runs in the caller's context before his callback; turns what the worker gave
 * into what the caller gets (transfer full both ways). */
typedef gpointer (*SrudpWaiterMapFunc) (gpointer      self,
                                        GMainContext *context,
                                        gpointer      result);

SrudpWaiter *srudp_waiter_new          (void);
SrudpWaiter *srudp_waiter_new_for_task (GTask                 *task,
                                        SrudpWaiterMapFunc     map);
SrudpWaiter *srudp_waiter_ref          (SrudpWaiter           *self);
void         srudp_waiter_unref        (SrudpWaiter           *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SrudpWaiter, srudp_waiter_unref)

/* Calls `func` when the cancellable is cancelled, in that thread, or at once
 * if it is already. To be called with no lock held, by the waiting thread. */
void         srudp_waiter_watch        (SrudpWaiter           *self,
                                        GCancellable          *cancellable,
                                        SrudpWaiterCancelFunc  func,
                                        gpointer               user_data,
                                        GDestroyNotify         destroy);

/* End it. Any thread, also under a lock: nothing runs from here. Only the
 * first one counts; FALSE: too late, and `result` is still the caller's. */
gboolean     srudp_waiter_resolve      (SrudpWaiter           *self,
                                        gpointer               result,
                                        GDestroyNotify         destroy);
gboolean     srudp_waiter_fail         (SrudpWaiter           *self,
                                        const GError          *error);
gboolean     srudp_waiter_is_done      (SrudpWaiter           *self);

/* Blocks until it is ended. For those made with srudp_waiter_new() only.
 * TRUE: *result is the caller's. */
gboolean     srudp_waiter_wait         (SrudpWaiter           *self,
                                        gpointer              *result,
                                        GError               **error);

/* Fails all in the queue and empties it. */
void         srudp_waiter_queue_fail   (GQueue                *queue,
                                        const GError          *error);
/* Drops those from a queue that are over. */
void         srudp_waiter_queue_prune  (GQueue                *queue);

G_END_DECLS
