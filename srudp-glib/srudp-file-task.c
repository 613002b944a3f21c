/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-file-task.c: objects that are read from files and saved to them
 */
#include "config.h"

#include "srudp-glib/srudp-file-task-private.h"

#include "srudp-glib/protocol/srudp-crypto.h"

#include <string.h>

typedef struct
{
  SrudpFileLoadFunc load; /* or … */
  SrudpFileSaveFunc save;
  GFile *file;
  char *passphrase;
} FileTask;

static FileTask *
file_task_new (GFile      *file,
               const char *passphrase)
{
  FileTask *file_task = g_new0 (FileTask, 1);

  file_task->file = g_object_ref (file);
  file_task->passphrase = g_strdup (passphrase);
  return file_task;
}

static void
file_task_free (gpointer data)
{
  FileTask *file_task = data;

  if (file_task->passphrase != NULL)
    srudp_crypto_wipe (file_task->passphrase, strlen (file_task->passphrase));
  g_free (file_task->passphrase);
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
    object = file_task->load (file_task->file, file_task->passphrase,
                              cancellable, &error);
  else
    saved = file_task->save (source_object, file_task->file,
                             file_task->passphrase, cancellable, &error);

  if (error != NULL)
    g_task_return_error (task, error);
  else if (file_task->load != NULL)
    g_task_return_pointer (task, object, g_object_unref);
  else
    g_task_return_boolean (task, saved);
}

static void
run_in_thread (gpointer             self,
               FileTask            *file_task,
               gpointer             source_tag,
               GCancellable        *cancellable,
               GAsyncReadyCallback  callback,
               gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  g_task_set_task_data (task, file_task, file_task_free);
  g_task_run_in_thread (task, thread_cb);
}

void
srudp_file_load_async (SrudpFileLoadFunc    load,
                       gpointer             source_tag,
                       GFile               *file,
                       const char          *passphrase,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  FileTask *file_task = file_task_new (file, passphrase);

  file_task->load = load;
  run_in_thread (NULL, file_task, source_tag, cancellable, callback,
                 user_data);
}

void
srudp_file_save_async (gpointer             self,
                       SrudpFileSaveFunc    save,
                       gpointer             source_tag,
                       GFile               *file,
                       const char          *passphrase,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  FileTask *file_task = file_task_new (file, passphrase);

  file_task->save = save;
  run_in_thread (self, file_task, source_tag, cancellable, callback,
                 user_data);
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
