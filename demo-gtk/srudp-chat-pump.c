/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-pump.c: moves a file's bytes in a thread of its own
 *
 * Disks and networks make one wait, and checksums take time; windows must not.
 */
#include "config.h"

#include "srudp-chat-pump.h"

#include <glib/gi18n.h>

#define BLOCK_BYTES (128 * 1024)

typedef struct
{
  GIOStream *stream;
  SrudpChatStore *store;
  guint64 offset_bytes;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_object (&job->stream);
  g_clear_pointer (&job->store, srudp_chat_store_free);
  g_free (job);
}

static void
start (SrudpChatFile       *file,
       Job                 *job,
       GTaskThreadFunc      work,
       GCancellable        *cancellable,
       GAsyncReadyCallback  callback,
       gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (file, cancellable, callback, user_data);

  g_task_set_source_tag (task, work);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, work);
}

static void
give_result (GTask  *task,
             GError *error)
{
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/* --- Measuring ------------------------------------------------------------- */

static void
measure_thread (GTask        *task,
                gpointer      source,
                gpointer      task_data,
                GCancellable *cancellable)
{
  SrudpChatFile *file = source;
  guint8 checksum[SRUDP_CHAT_CHECKSUM_BYTES];
  guint64 size_bytes;
  GError *error = NULL;

  /* Nobody reads these before the task is done. */
  if (srudp_chat_store_measure (srudp_chat_file_get_location (file), &size_bytes, checksum,
                                cancellable, &error))
    srudp_chat_file_set_content (file, size_bytes, checksum);
  give_result (task, error);
}

/* Learns size and checksum of a file of ours. */
void
srudp_chat_pump_measure_async (SrudpChatFile       *file,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  start (file, g_new0 (Job, 1), measure_thread, cancellable, callback, user_data);
}

/* --- Sending --------------------------------------------------------------- */

static gboolean
send_blocks (SrudpChatFile  *file,
             GInputStream   *source,
             GOutputStream  *out,
             guint64         left_bytes,
             GCancellable   *cancellable,
             GError        **error)
{
  g_autoptr (GByteArray) block = g_byte_array_new ();

  g_byte_array_set_size (block, BLOCK_BYTES);
  while (left_bytes > 0)
    {
      gsize wanted = MIN (left_bytes, BLOCK_BYTES);
      gssize n_read = g_input_stream_read (source, block->data, wanted, cancellable, error);

      if (n_read < 0)
        return FALSE;
      if (n_read == 0)
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                               _ ("The file was changed meanwhile."));
          return FALSE;
        }
      if (!g_output_stream_write_all (out, block->data, (gsize) n_read, NULL, cancellable,
                                      error))
        return FALSE;
      left_bytes -= (gsize) n_read;
      srudp_chat_file_add_moved (file, (gsize) n_read);
    }
  return TRUE;
}

static gboolean
send_from (SrudpChatFile  *file,
           GIOStream      *stream,
           guint64         offset_bytes,
           GCancellable   *cancellable,
           GError        **error)
{
  GOutputStream *out = g_io_stream_get_output_stream (stream);
  guint8 header[SRUDP_CHAT_STREAM_HEADER_BYTES];
  g_autoptr (GFileInputStream) source =
    g_file_read (srudp_chat_file_get_location (file), cancellable, error);

  if (source == NULL
      || !g_seekable_seek (G_SEEKABLE (source), (goffset) offset_bytes, G_SEEK_SET,
                           cancellable, error))
    return FALSE;
  srudp_chat_stream_header_write (header, srudp_chat_file_get_id (file), offset_bytes);
  return g_output_stream_write_all (out, header, sizeof header, NULL, cancellable, error)
         && send_blocks (file, G_INPUT_STREAM (source), out,
                         srudp_chat_file_get_size (file) - offset_bytes, cancellable, error);
}

static void
send_thread (GTask        *task,
             gpointer      source,
             gpointer      task_data,
             GCancellable *cancellable)
{
  Job *job = task_data;
  GError *error = NULL;

  send_from (source, job->stream, job->offset_bytes, cancellable, &error);
  /* The end of the stream is what tells the peer that this was all. */
  g_io_stream_close (job->stream, NULL, error == NULL ? &error : NULL);
  give_result (task, error);
}

/* @offset_bytes is not beyond the end. */
void
srudp_chat_pump_send_async (SrudpChatFile       *file,
                            GIOStream           *stream,
                            guint64              offset_bytes,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  Job *job = g_new0 (Job, 1);

  job->stream = g_object_ref (stream);
  job->offset_bytes = offset_bytes;
  start (file, job, send_thread, cancellable, callback, user_data);
}

/* --- Receiving ------------------------------------------------------------- */

/* Returns: FALSE also when the stream ends early (G_IO_ERROR_PARTIAL_INPUT). */
static gboolean
receive_blocks (SrudpChatFile   *file,
                GInputStream    *in,
                SrudpChatStore  *store,
                GCancellable    *cancellable,
                GError         **error)
{
  g_autoptr (GByteArray) block = g_byte_array_new ();
  guint64 left_bytes = srudp_chat_file_get_size (file) - srudp_chat_store_get_size (store);

  g_byte_array_set_size (block, BLOCK_BYTES);
  while (left_bytes > 0)
    {
      gsize wanted = MIN (left_bytes, BLOCK_BYTES);
      gssize n_read = g_input_stream_read (in, block->data, wanted, cancellable, error);

      if (n_read < 0)
        return FALSE;
      if (n_read == 0)
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                               _ ("The file broke off."));
          return FALSE;
        }
      if (!srudp_chat_store_append (store, block->data, (gsize) n_read, error))
        return FALSE;
      left_bytes -= (gsize) n_read;
      srudp_chat_file_add_moved (file, (gsize) n_read);
    }
  return TRUE;
}

static void
receive_thread (GTask        *task,
                gpointer      source,
                gpointer      task_data,
                GCancellable *cancellable)
{
  SrudpChatFile *file = source;
  Job *job = task_data;
  GError *error = NULL;
  g_autoptr (GFile) location = NULL;

  if (receive_blocks (file, g_io_stream_get_input_stream (job->stream), job->store,
                      cancellable, &error))
    location = srudp_chat_store_complete (job->store, &error);
  g_io_stream_close (job->stream, NULL, NULL);
  if (location != NULL)
    srudp_chat_file_set_location (file, location);
  /* Somebody may go on with it before this task is gone. */
  g_clear_pointer (&job->store, srudp_chat_store_free);
  give_result (task, error);
}

/* @store: (transfer full) */
void
srudp_chat_pump_receive_async (SrudpChatFile       *file,
                               GIOStream           *stream,
                               SrudpChatStore      *store,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  Job *job = g_new0 (Job, 1);

  job->stream = g_object_ref (stream);
  job->store = store;
  start (file, job, receive_thread, cancellable, callback, user_data);
}

gboolean
srudp_chat_pump_finish (SrudpChatFile  *file,
                        GAsyncResult   *result,
                        GError        **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- Opening --------------------------------------------------------------- */

static void
open_thread (GTask        *task,
             gpointer      source,
             gpointer      task_data,
             GCancellable *cancellable)
{
  SrudpChatFile *file = source;
  GError *error = NULL;
  SrudpChatStore *store =
    srudp_chat_store_open (srudp_chat_file_get_folder (file), srudp_chat_file_get_name (file),
                           srudp_chat_file_get_size (file),
                           srudp_chat_file_get_checksum (file), cancellable, &error);

  if (store != NULL)
    g_task_return_pointer (task, store, (GDestroyNotify) srudp_chat_store_free);
  else
    g_task_return_error (task, error);
}

/* Finds out what is there already of a file that is wanted. */
void
srudp_chat_pump_open_async (SrudpChatFile       *file,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  start (file, g_new0 (Job, 1), open_thread, cancellable, callback, user_data);
}

SrudpChatStore *
srudp_chat_pump_open_finish (SrudpChatFile  *file,
                             GAsyncResult   *result,
                             GError        **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
