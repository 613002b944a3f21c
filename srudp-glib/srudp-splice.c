/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-splice.c: everything from some stream into one of ours
 *
 * GIO's own splicing takes 8 KiB and at least one turn of the main loop for
 * each read and each write. Here a piece is large, and what there is room for
 * is written at once.
 */
#include "config.h"

#include "srudp-glib/srudp-splice-private.h"

#include "srudp-glib/srudp-pollable-source-private.h"

/* As much as may wait for the engine; see srudp-stream-core.c. */
#define PIECE_BYTES (256 * 1024)

typedef struct
{
  SrudpStreamCore *core;
  GInputStream *source;
  GOutputStreamSpliceFlags flags;
  guint8 *buffer;
  gsize start, end; /* what is still to be written of the buffer */
  gssize n_spliced;
  GError *error;
} Splice;

static gssize
add_up (gssize total,
        gsize  more)
{
  return more > (gsize) (G_MAXSSIZE - total) ? G_MAXSSIZE
                                             : total + (gssize) more;
}

/* Our streams close at once. GOutputStream has marked this one as busy for as
 * long as the splicing goes on, which closing is a part of. */
static gboolean
close_target (GOutputStream             *stream,
              GOutputStreamSpliceFlags   flags,
              GError                   **error)
{
  if ((flags & G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET) == 0)
    return TRUE;

  g_output_stream_clear_pending (stream);
  return g_output_stream_close (stream, NULL, error);
}

/* Blocking */

static gboolean
write_all (SrudpStreamCore  *core,
           const guint8     *buffer,
           gsize             count,
           GCancellable     *cancellable,
           GError          **error)
{
  gsize done = 0;

  while (done < count)
    {
      gssize n = srudp_stream_core_write (core, buffer + done, count - done,
                                          TRUE, cancellable, error);

      if (n < 0)
        return FALSE;
      done += (gsize) n;
    }
  return TRUE;
}

static gssize
carry (SrudpStreamCore  *core,
       GInputStream     *source,
       GCancellable     *cancellable,
       GError          **error)
{
  g_autofree guint8 *buffer = g_malloc (PIECE_BYTES);
  gssize total = 0, n;

  while ((n = g_input_stream_read (source, buffer, PIECE_BYTES, cancellable,
                                   error))
         > 0)
    {
      if (!write_all (core, buffer, (gsize) n, cancellable, error))
        return -1;
      total = add_up (total, (gsize) n);
    }
  return n < 0 ? -1 : total;
}

gssize
srudp_splice (GOutputStream             *stream,
              SrudpStreamCore           *core,
              GInputStream              *source,
              GOutputStreamSpliceFlags   flags,
              GCancellable              *cancellable,
              GError                   **error)
{
  gssize n_spliced = carry (core, source, cancellable, error);

  if ((flags & G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE) != 0)
    g_input_stream_close (source, cancellable, NULL);
  /* The first error is the one to tell. */
  if (!close_target (stream, flags, n_spliced < 0 ? NULL : error))
    return -1;
  return n_spliced;
}

/* Without blocking */

static void
splice_free (gpointer data)
{
  Splice *splice = data;

  srudp_stream_core_unref (splice->core);
  g_object_unref (splice->source);
  g_clear_error (&splice->error);
  g_free (splice->buffer);
  g_free (splice);
}

static void
return_result (GTask *task)
{
  Splice *splice = g_task_get_task_data (task);

  close_target (g_task_get_source_object (task), splice->flags,
                splice->error == NULL ? &splice->error : NULL);
  if (splice->error != NULL)
    g_task_return_error (task, g_steal_pointer (&splice->error));
  else
    g_task_return_int (task, splice->n_spliced);
}

static void
source_closed_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;

  g_input_stream_close_finish (G_INPUT_STREAM (source), result, NULL);
  return_result (task);
}

/* Takes the task, and the error if there is one. */
static void
end_splice (GTask  *task,
            GError *error)
{
  Splice *splice = g_task_get_task_data (task);

  splice->error = error;
  if ((splice->flags & G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE) == 0)
    {
      return_result (task);
      g_object_unref (task);
      return;
    }
  g_input_stream_close_async (splice->source, g_task_get_priority (task),
                              g_task_get_cancellable (task),
                              source_closed_cb, task);
}

static void write_piece (GTask *task);

static gboolean
writable_cb (GObject  *stream,
             gpointer  user_data)
{
  write_piece (user_data);
  return G_SOURCE_REMOVE;
}

static void
wait_writable (GTask *task)
{
  Splice *splice = g_task_get_task_data (task);
  g_autoptr (GSource) child =
    srudp_pollable_source_new (splice->core, G_IO_OUT);
  g_autoptr (GSource) source = g_pollable_source_new_full (
    g_task_get_source_object (task), child, g_task_get_cancellable (task));

  g_task_attach_source (task, source, G_SOURCE_FUNC (writable_cb));
}

static void
piece_read_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  GTask *task = user_data;
  Splice *splice = g_task_get_task_data (task);
  GError *error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result,
                                         &error);

  if (n <= 0)
    {
      end_splice (task, error);
      return;
    }
  splice->start = 0;
  splice->end = (gsize) n;
  splice->n_spliced = add_up (splice->n_spliced, (gsize) n);
  write_piece (task);
}

static void
read_piece (GTask *task)
{
  Splice *splice = g_task_get_task_data (task);

  g_input_stream_read_async (splice->source, splice->buffer, PIECE_BYTES,
                             g_task_get_priority (task),
                             g_task_get_cancellable (task), piece_read_cb,
                             task);
}

static void
write_piece (GTask *task)
{
  Splice *splice = g_task_get_task_data (task);

  while (splice->start < splice->end)
    {
      GError *error = NULL;
      gssize n = srudp_stream_core_write (
        splice->core, splice->buffer + splice->start,
        splice->end - splice->start, FALSE, g_task_get_cancellable (task),
        &error);

      if (n >= 0)
        {
          splice->start += (gsize) n;
          continue;
        }
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          g_error_free (error);
          wait_writable (task);
        }
      else
        {
          end_splice (task, error);
        }
      return;
    }
  read_piece (task);
}

void
srudp_splice_async (GOutputStream             *stream,
                    SrudpStreamCore           *core,
                    GInputStream              *source,
                    GOutputStreamSpliceFlags   flags,
                    int                        io_priority,
                    GCancellable              *cancellable,
                    GAsyncReadyCallback        callback,
                    gpointer                   user_data)
{
  GTask *task = g_task_new (stream, cancellable, callback, user_data);
  Splice *splice = g_new0 (Splice, 1);

  g_task_set_source_tag (task, srudp_splice_async);
  g_task_set_priority (task, io_priority);
  /* What was spliced counts, cancelled afterwards or not. */
  g_task_set_check_cancellable (task, FALSE);
  splice->core = srudp_stream_core_ref (core);
  splice->source = g_object_ref (source);
  splice->flags = flags;
  splice->buffer = g_malloc (PIECE_BYTES);
  g_task_set_task_data (task, splice, splice_free);
  read_piece (task);
}

gssize
srudp_splice_finish (GOutputStream  *stream,
                     GAsyncResult   *result,
                     GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, stream), -1);

  return g_task_propagate_int (G_TASK (result), error);
}
