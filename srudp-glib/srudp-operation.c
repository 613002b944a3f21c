/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-operation.c: one operation in its two forms, blocking and asynchronous
 */
#include "config.h"

#include "srudp-glib/srudp-operation-private.h"

#include "srudp-glib/srudp-i18n-private.h"

typedef struct
{
  const SrudpOperation *operation;
  gpointer self;
} Cancelling;

static void
cancelling_free (gpointer data)
{
  Cancelling *cancelling = data;

  g_object_unref (cancelling->self);
  g_free (cancelling);
}

static void
cancel (SrudpWaiter *waiter,
        gpointer     user_data)
{
  Cancelling *cancelling = user_data;
  g_autoptr (GError) error =
    g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                         _ ("Operation was cancelled"));

  if (srudp_waiter_fail (waiter, error)
      && cancelling->operation->abort != NULL)
    cancelling->operation->abort (cancelling->self, error);
}

static gboolean
start (const SrudpOperation  *operation,
       gpointer               self,
       SrudpWaiter           *waiter,
       GCancellable          *cancellable,
       gboolean               blocking,
       GError               **error)
{
  Cancelling *cancelling;

  if (!operation->check_process (self, error)
      || (operation->begin != NULL && !operation->begin (self, waiter, error)))
    return FALSE;

  cancelling = g_new (Cancelling, 1);
  cancelling->operation = operation;
  cancelling->self = g_object_ref (self);
  srudp_waiter_watch (waiter, cancellable, cancel, cancelling,
                      cancelling_free);
  if (operation->go_on != NULL)
    operation->go_on (self, waiter, blocking);
  return TRUE;
}

static gpointer
map (const SrudpOperation *operation,
     gpointer              self,
     gpointer              result)
{
  g_autoptr (GMainContext) context = NULL;

  if (operation->map == NULL)
    return result;
  context = g_main_context_ref_thread_default ();
  return operation->map (self, context, result);
}

gboolean
srudp_operation_run (const SrudpOperation  *operation,
                     gpointer               self,
                     GCancellable          *cancellable,
                     gpointer              *result,
                     GError               **error)
{
  g_autoptr (SrudpWaiter) waiter = NULL;

  if (operation->abort == NULL
      && g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;

  waiter = srudp_waiter_new ();
  if (!start (operation, self, waiter, cancellable, TRUE, error)
      || !srudp_waiter_wait (waiter, result, error))
    return FALSE;
  if (result != NULL)
    *result = map (operation, self, *result);
  return TRUE;
}

void
srudp_operation_run_async (const SrudpOperation *operation,
                           gpointer              self,
                           gpointer              source_tag,
                           int                   io_priority,
                           GCancellable         *cancellable,
                           GAsyncReadyCallback   callback,
                           gpointer              user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (SrudpWaiter) waiter = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, source_tag);
  g_task_set_priority (task, io_priority);
  if (operation->abort == NULL && g_task_return_error_if_cancelled (task))
    return;

  waiter = srudp_waiter_new_for_task (task, operation->map);
  if (!start (operation, self, waiter, cancellable, FALSE, &error))
    g_task_return_error (task, error);
}

void
srudp_operation_return_at_once (gpointer             self,
                                gpointer             source_tag,
                                int                  io_priority,
                                GError              *error,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  g_task_set_priority (task, io_priority);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}
