/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-input-stream.c: what arrives on a stream, as GInputStream
 *
 * GIO calls a stream from any thread, so that everything here goes straight to
 * the queues behind their lock. GInputStream makes the asynchronous calls out
 * of the pollable ones by itself.
 */
#include "config.h"

#include "srudp-glib/srudp-input-stream-private.h"

#include "srudp-glib/srudp-operation-private.h"
#include "srudp-glib/srudp-pollable-source-private.h"

struct _SrudpInputStream
{
  GInputStream parent_instance;

  SrudpStreamCore *core;
};

static void pollable_input_stream_iface_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (
  SrudpInputStream, srudp_input_stream, G_TYPE_INPUT_STREAM,
  G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                         pollable_input_stream_iface_init))

static gssize
srudp_input_stream_read (GInputStream  *stream,
                         void          *buffer,
                         gsize          count,
                         GCancellable  *cancellable,
                         GError       **error)
{
  SrudpInputStream *self = SRUDP_INPUT_STREAM (stream);

  return srudp_stream_core_read (self->core, buffer, count, TRUE, cancellable,
                                 error);
}

/* This object may go while an exported descriptor carries on. */
static void
close_unless_exported (SrudpInputStream *self)
{
  if (!srudp_stream_core_is_exported (self->core))
    srudp_stream_core_close_input (self->core);
}

static gboolean
srudp_input_stream_close (GInputStream  *stream,
                          GCancellable  *cancellable,
                          GError       **error)
{
  SrudpInputStream *self = SRUDP_INPUT_STREAM (stream);

  close_unless_exported (self);
  return srudp_stream_core_check_process (self->core, error);
}

static void
srudp_input_stream_close_async (GInputStream        *stream,
                                int                  io_priority,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  GError *error = NULL;

  srudp_input_stream_close (stream, cancellable, &error);
  srudp_operation_return_at_once (stream, srudp_input_stream_close_async,
                                  io_priority, error, cancellable, callback,
                                  user_data);
}

static gboolean
srudp_input_stream_close_finish (GInputStream  *stream,
                                 GAsyncResult  *result,
                                 GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
srudp_input_stream_is_readable (GPollableInputStream *stream)
{
  return srudp_stream_core_is_readable (SRUDP_INPUT_STREAM (stream)->core);
}

static GSource *
srudp_input_stream_create_source (GPollableInputStream *stream,
                                  GCancellable         *cancellable)
{
  g_autoptr (GSource) child =
    srudp_pollable_source_new (SRUDP_INPUT_STREAM (stream)->core, G_IO_IN);

  return g_pollable_source_new_full (stream, child, cancellable);
}

static gssize
srudp_input_stream_read_nonblocking (GPollableInputStream  *stream,
                                     void                  *buffer,
                                     gsize                  count,
                                     GError               **error)
{
  SrudpInputStream *self = SRUDP_INPUT_STREAM (stream);

  return srudp_stream_core_read (self->core, buffer, count, FALSE, NULL,
                                 error);
}

static void
srudp_input_stream_finalize (GObject *object)
{
  SrudpInputStream *self = SRUDP_INPUT_STREAM (object);

  srudp_stream_core_unref (self->core);

  G_OBJECT_CLASS (srudp_input_stream_parent_class)->finalize (object);
}

static void
srudp_input_stream_class_init (SrudpInputStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GInputStreamClass *stream_class = G_INPUT_STREAM_CLASS (klass);

  object_class->finalize = srudp_input_stream_finalize;

  stream_class->read_fn = srudp_input_stream_read;
  stream_class->close_fn = srudp_input_stream_close;
  stream_class->close_async = srudp_input_stream_close_async;
  stream_class->close_finish = srudp_input_stream_close_finish;
}

static void
pollable_input_stream_iface_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = srudp_input_stream_is_readable;
  iface->create_source = srudp_input_stream_create_source;
  iface->read_nonblocking = srudp_input_stream_read_nonblocking;
}

static void
srudp_input_stream_init (SrudpInputStream *self)
{
}

GInputStream *
srudp_input_stream_new (SrudpStreamCore *core)
{
  SrudpInputStream *self = g_object_new (SRUDP_TYPE_INPUT_STREAM, NULL);

  self->core = srudp_stream_core_ref (core);
  return G_INPUT_STREAM (self);
}
