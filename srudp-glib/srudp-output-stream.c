/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-output-stream.c: what leaves on a stream, as GOutputStream
 *
 * There is no buffer that a flush could empty: written bytes are on their way.
 * Closing is a half-close and needs no waiting either.
 */
#include "config.h"

#include "srudp-glib/srudp-output-stream-private.h"

#include "srudp-glib/srudp-operation-private.h"
#include "srudp-glib/srudp-pollable-source-private.h"
#include "srudp-glib/srudp-splice-private.h"

struct _SrudpOutputStream
{
  GOutputStream parent_instance;

  SrudpStreamCore *core;
};

static void pollable_output_stream_iface_init (GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (
  SrudpOutputStream, srudp_output_stream, G_TYPE_OUTPUT_STREAM,
  G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM,
                         pollable_output_stream_iface_init))

static gssize
srudp_output_stream_write (GOutputStream  *stream,
                           const void     *buffer,
                           gsize           count,
                           GCancellable   *cancellable,
                           GError        **error)
{
  SrudpOutputStream *self = SRUDP_OUTPUT_STREAM (stream);

  return srudp_stream_core_write (self->core, buffer, count, TRUE,
                                  cancellable, error);
}

static gboolean
srudp_output_stream_flush (GOutputStream  *stream,
                           GCancellable   *cancellable,
                           GError        **error)
{
  return srudp_stream_core_check_process (SRUDP_OUTPUT_STREAM (stream)->core,
                                          error)
         && !g_cancellable_set_error_if_cancelled (cancellable, error);
}

/* This object may go while an exported descriptor carries on. What is cancelled
 * must not look to the peer as if it were complete. */
static void
close_unless_exported (SrudpOutputStream *self,
                       GCancellable      *cancellable)
{
  if (srudp_stream_core_is_exported (self->core))
    return;
  if (g_cancellable_is_cancelled (cancellable))
    srudp_stream_core_break_off_output (self->core);
  else
    srudp_stream_core_close_output (self->core);
}

static gboolean
srudp_output_stream_close (GOutputStream  *stream,
                           GCancellable   *cancellable,
                           GError        **error)
{
  SrudpOutputStream *self = SRUDP_OUTPUT_STREAM (stream);

  close_unless_exported (self, cancellable);
  return srudp_stream_core_check_process (self->core, error);
}

static void
srudp_output_stream_close_async (GOutputStream       *stream,
                                 int                  io_priority,
                                 GCancellable        *cancellable,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  GError *error = NULL;

  srudp_output_stream_close (stream, cancellable, &error);
  srudp_operation_return_at_once (stream, srudp_output_stream_close_async,
                                  io_priority, error, cancellable, callback,
                                  user_data);
}

static void
srudp_output_stream_flush_async (GOutputStream       *stream,
                                 int                  io_priority,
                                 GCancellable        *cancellable,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  GError *error = NULL;

  srudp_stream_core_check_process (SRUDP_OUTPUT_STREAM (stream)->core, &error);
  srudp_operation_return_at_once (stream, srudp_output_stream_flush_async,
                                  io_priority, error, cancellable, callback,
                                  user_data);
}

static gboolean
propagate_boolean (GOutputStream  *stream,
                   GAsyncResult   *result,
                   GError        **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static gssize
srudp_output_stream_splice (GOutputStream             *stream,
                            GInputStream              *source,
                            GOutputStreamSpliceFlags   flags,
                            GCancellable              *cancellable,
                            GError                   **error)
{
  return srudp_splice (stream, SRUDP_OUTPUT_STREAM (stream)->core, source,
                       flags, cancellable, error);
}

static void
srudp_output_stream_splice_async (GOutputStream            *stream,
                                  GInputStream             *source,
                                  GOutputStreamSpliceFlags  flags,
                                  int                       io_priority,
                                  GCancellable             *cancellable,
                                  GAsyncReadyCallback       callback,
                                  gpointer                  user_data)
{
  srudp_splice_async (stream, SRUDP_OUTPUT_STREAM (stream)->core, source,
                      flags, io_priority, cancellable, callback, user_data);
}

static gboolean
srudp_output_stream_is_writable (GPollableOutputStream *stream)
{
  return srudp_stream_core_is_writable (SRUDP_OUTPUT_STREAM (stream)->core);
}

static GSource *
srudp_output_stream_create_source (GPollableOutputStream *stream,
                                   GCancellable          *cancellable)
{
  g_autoptr (GSource) child =
    srudp_pollable_source_new (SRUDP_OUTPUT_STREAM (stream)->core, G_IO_OUT);

  return g_pollable_source_new_full (stream, child, cancellable);
}

static gssize
srudp_output_stream_write_nonblocking (GPollableOutputStream  *stream,
                                       const void             *buffer,
                                       gsize                   count,
                                       GError                **error)
{
  SrudpOutputStream *self = SRUDP_OUTPUT_STREAM (stream);

  return srudp_stream_core_write (self->core, buffer, count, FALSE, NULL,
                                  error);
}

static void
srudp_output_stream_finalize (GObject *object)
{
  SrudpOutputStream *self = SRUDP_OUTPUT_STREAM (object);

  srudp_stream_core_unref (self->core);

  G_OBJECT_CLASS (srudp_output_stream_parent_class)->finalize (object);
}

static void
srudp_output_stream_class_init (SrudpOutputStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GOutputStreamClass *stream_class = G_OUTPUT_STREAM_CLASS (klass);

  object_class->finalize = srudp_output_stream_finalize;

  stream_class->write_fn = srudp_output_stream_write;
  stream_class->flush = srudp_output_stream_flush;
  stream_class->close_fn = srudp_output_stream_close;
  stream_class->close_async = srudp_output_stream_close_async;
  stream_class->close_finish = propagate_boolean;
  stream_class->splice = srudp_output_stream_splice;
  stream_class->splice_async = srudp_output_stream_splice_async;
  stream_class->splice_finish = srudp_splice_finish;
  stream_class->flush_async = srudp_output_stream_flush_async;
  stream_class->flush_finish = propagate_boolean;
}

static void
pollable_output_stream_iface_init (GPollableOutputStreamInterface *iface)
{
  iface->is_writable = srudp_output_stream_is_writable;
  iface->create_source = srudp_output_stream_create_source;
  iface->write_nonblocking = srudp_output_stream_write_nonblocking;
}

static void
srudp_output_stream_init (SrudpOutputStream *self)
{
}

GOutputStream *
srudp_output_stream_new (SrudpStreamCore *core)
{
  SrudpOutputStream *self = g_object_new (SRUDP_TYPE_OUTPUT_STREAM, NULL);

  self->core = srudp_stream_core_ref (core);
  return G_OUTPUT_STREAM (self);
}
