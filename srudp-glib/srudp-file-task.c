/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-file-task.c: objects that are read from files and saved to them
 */
#include "config.h"

#include "srudp-glib/srudp-file-task-private.h"

typedef struct
{
  SrudpFileLoadFunc load; /* or … */
  SrudpFileSaveFunc save;
  GFile *file;
} FileTask;

static void
file_task_free (gpointer data)
{
  FileTask *file_task = data;

  g_object_unref (file_task->file);
  g_free (file_task);
}

static void
thread_cb (GTask        *task,
           gpointer      source_object,
           gpointer      task_data,
           GCancellable *cancellable)
{
  FileTask *file_task = task_data;
  GError *error = NULL;
  gpointer object = NULL;
  gboolean saved = FALSE;

  if (file_task->load != NULL)
    object = file_task->load (file_task->file, cancellable, &error);
  else
    saved = file_task->save (source_object, file_task->file, cancellable,
                             &error);

  if (error != NULL)
    g_task_return_error (task, error);
  else if (file_task->load != NULL)
    g_task_return_pointer (task, object, g_object_unref);
  else
    g_task_return_boolean (task, saved);
}

static void
run_in_thread (gpointer             self,
               const FileTask      *what,
               gpointer             source_tag,
               GCancellable        *cancellable,
               GAsyncReadyCallback  callback,
               gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  FileTask *file_task = g_memdup2 (what, sizeof *what);

  g_object_ref (file_task->file);
  g_task_set_source_tag (task, source_tag);
  g_task_set_task_data (task, file_task, file_task_free);
  g_task_run_in_thread (task, thread_cb);
}

void
srudp_file_load_async (SrudpFileLoadFunc    load,
                       gpointer             source_tag,
                       GFile               *file,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  const FileTask what = { .load = load, .file = file };

  run_in_thread (NULL, &what, source_tag, cancellable, callback, user_data);
}

void
srudp_file_save_async (gpointer             self,
                       SrudpFileSaveFunc    save,
                       gpointer             source_tag,
                       GFile               *file,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  const FileTask what = { .save = save, .file = file };

  run_in_thread (self, &what, source_tag, cancellable, callback, user_data);
}

gboolean
srudp_file_replace_private (GFile         *file,
                            const char    *text,
                            gsize          size,
                            GCancellable  *cancellable,
                            GError       **error)
{
  return g_file_replace_contents (file, text, size, NULL, FALSE,
                                  G_FILE_CREATE_PRIVATE
                                    | G_FILE_CREATE_REPLACE_DESTINATION,
                                  NULL, cancellable, error);
}
