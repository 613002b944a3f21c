/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-operation-private.h: one operation in its two forms, blocking and
 * asynchronous
 */
#pragma once

#include "srudp-glib/srudp-waiter-private.h"

G_BEGIN_DECLS

/* All but `check_process` may be missing. */
typedef struct
{
  /* FALSE with the error set: this process is a copy, where nobody would ever
   * end the waiter. Comes before anything that takes a lock. */
  gboolean (*check_process) (gpointer   self,
                             GError   **error);
  /* Has the worker end the waiter sometime. FALSE with the error set: there is
   * nothing to wait for. */
  gboolean (*begin) (gpointer      self,
                     SrudpWaiter  *waiter,
                     GError      **error);
  /* The rest of it, once it may be cancelled. */
  void (*go_on) (gpointer     self,
                 SrudpWaiter *waiter,
                 gboolean     blocking);
  /* It can't be taken up again: what is cancelled takes more with it than the
   * waiting. So it is begun even if it is cancelled already. */
  void (*abort) (gpointer      self,
                 const GError *error);
  SrudpWaiterMapFunc map;
} SrudpOperation;

/* `result` is needed by those operations that have one. */
gboolean srudp_operation_run       (const SrudpOperation  *operation,
                                    gpointer               self,
                                    GCancellable          *cancellable,
                                    gpointer              *result,
                                    GError               **error);
void     srudp_operation_run_async (const SrudpOperation  *operation,
                                    gpointer               self,
                                    gpointer               source_tag,
                                    int                    io_priority,
                                    GCancellable          *cancellable,
                                    GAsyncReadyCallback    callback,
                                    gpointer               user_data);
/* For what needs no waiting: TRUE, or the error (transfer full) if there is
 * one, in a later turn. */
void     srudp_operation_return_at_once (gpointer             self,
                                         gpointer             source_tag,
                                         int                  io_priority,
                                         GError              *error,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data);

G_END_DECLS
