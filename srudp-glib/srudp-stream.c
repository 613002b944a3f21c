/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-stream.c: a further, independent stream of a connection
 */
#include "config.h"

#include "srudp-glib/srudp-stream.h"

#include "srudp-glib/srudp-connection.h"
#include "srudp-glib/srudp-input-stream-private.h"
#include "srudp-glib/srudp-output-stream-private.h"
#include "srudp-glib/srudp-stream-private.h"

/**
 * SrudpStream:
 *
 * A further stream of a [class@Srudp.Connection], independent of the others.
 *
 * Made by [method@Srudp.Connection.open_stream] on one side and by
 * [method@Srudp.Connection.accept_stream] on the other. It is a
 * [class@Gio.IOStream] with pollable streams, and keeps its connection alive.
 * Closing it doesn't wait; everything that was written is still delivered.
 */
struct _SrudpStream
{
  GIOStream parent_instance;

  SrudpConnection *connection;
  SrudpStreamCore *core;
  GInputStream *input;
  GOutputStream *output;
};

enum
{
  PROP_CONNECTION = 1,
  PROP_ID,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (SrudpStream, srudp_stream, G_TYPE_IO_STREAM)

static GInputStream *
srudp_stream_get_input_stream (GIOStream *stream)
{
  return SRUDP_STREAM (stream)->input;
}

static GOutputStream *
srudp_stream_get_output_stream (GIOStream *stream)
{
  return SRUDP_STREAM (stream)->output;
}

static gboolean
srudp_stream_close (GIOStream     *stream,
                    GCancellable  *cancellable,
                    GError       **error)
{
  SrudpStream *self = SRUDP_STREAM (stream);

  if (self->core == NULL)
    return TRUE;

  srudp_stream_core_close_output (self->core);
  srudp_stream_core_close_input (self->core);
  g_output_stream_close (self->output, NULL, NULL);
  g_input_stream_close (self->input, NULL, NULL);
  return TRUE;
}

static void
srudp_stream_close_async (GIOStream           *stream,
                          int                  io_priority,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (stream, cancellable, callback,
                                       user_data);

  g_task_set_source_tag (task, srudp_stream_close_async);
  g_task_set_priority (task, io_priority);
  srudp_stream_close (stream, NULL, NULL);
  g_task_return_boolean (task, TRUE);
}

static gboolean
srudp_stream_close_finish (GIOStream     *stream,
                           GAsyncResult  *result,
                           GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
srudp_stream_finalize (GObject *object)
{
  SrudpStream *self = SRUDP_STREAM (object);

  g_clear_object (&self->input);
  g_clear_object (&self->output);
  g_clear_pointer (&self->core, srudp_stream_core_unref);
  g_clear_object (&self->connection);

  G_OBJECT_CLASS (srudp_stream_parent_class)->finalize (object);
}

static void
srudp_stream_get_property (GObject    *object,
                           guint       property_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  SrudpStream *self = SRUDP_STREAM (object);

  switch (property_id)
    {
    case PROP_CONNECTION:
      g_value_set_object (value, self->connection);
      break;
    case PROP_ID:
      g_value_set_uint64 (value, srudp_stream_get_id (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
srudp_stream_class_init (SrudpStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  object_class->finalize = srudp_stream_finalize;
  object_class->get_property = srudp_stream_get_property;

  stream_class->get_input_stream = srudp_stream_get_input_stream;
  stream_class->get_output_stream = srudp_stream_get_output_stream;
  stream_class->close_fn = srudp_stream_close;
  stream_class->close_async = srudp_stream_close_async;
  stream_class->close_finish = srudp_stream_close_finish;

  /**
   * SrudpStream:connection:
   *
   * The connection that carries the stream.
   */
  props[PROP_CONNECTION] =
    g_param_spec_object ("connection", NULL, NULL, SRUDP_TYPE_CONNECTION,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpStream:id:
   *
   * The number of the stream, the same on both sides.
   */
  props[PROP_ID] =
    g_param_spec_uint64 ("id", NULL, NULL, 0, G_MAXUINT64, 0,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
srudp_stream_init (SrudpStream *self)
{
}

SrudpStream *
srudp_stream_new_for_core (SrudpConnection *connection,
                           SrudpStreamCore *core)
{
  SrudpStream *self = g_object_new (SRUDP_TYPE_STREAM, NULL);

  self->connection = g_object_ref (connection);
  self->core = core;
  self->input = srudp_input_stream_new (core);
  self->output = srudp_output_stream_new (core);
  return self;
}

/**
 * srudp_stream_get_connection:
 * @self: a stream
 *
 * Gives the connection that carries the stream.
 *
 * Returns: (transfer none): the connection
 */
SrudpConnection *
srudp_stream_get_connection (SrudpStream *self)
{
  g_return_val_if_fail (SRUDP_IS_STREAM (self), NULL);

  return self->connection;
}

/**
 * srudp_stream_get_id:
 * @self: a stream
 *
 * Gives the number of the stream, the same on both sides.
 *
 * Returns: the number
 */
guint64
srudp_stream_get_id (SrudpStream *self)
{
  guint64 id;

  g_return_val_if_fail (SRUDP_IS_STREAM (self), 0);

  /* Made by g_object_new (), as bindings can, it belongs to no connection. */
  if (self->core == NULL)
    return 0;

  g_mutex_lock (&self->core->lock);
  id = self->core->id;
  g_mutex_unlock (&self->core->lock);
  return id;
}
