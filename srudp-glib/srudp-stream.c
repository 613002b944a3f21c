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
  PROP_PRIORITY,
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
  if (!srudp_stream_core_check_process (self->core, error))
    return FALSE;

  if (g_cancellable_is_cancelled (cancellable))
    srudp_stream_core_break_off_output (self->core);
  srudp_stream_core_close_output (self->core);
  srudp_stream_core_close_input (self->core);
  g_output_stream_close (self->output, NULL, NULL);
  g_input_stream_close (self->input, NULL, NULL);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
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
  GError *error = NULL;

  g_task_set_source_tag (task, srudp_stream_close_async);
  g_task_set_priority (task, io_priority);
  if (srudp_stream_close (stream, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static gboolean
srudp_stream_close_finish (GIOStream     *stream,
                           GAsyncResult  *result,
                           GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
srudp_stream_dispose (GObject *object)
{
  SrudpStream *self = SRUDP_STREAM (object);

  /* As with the connection, see there. */
  if (self->core != NULL && srudp_stream_core_is_copy (self->core))
    {
      g_object_ref (object);
      return;
    }

  G_OBJECT_CLASS (srudp_stream_parent_class)->dispose (object);
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
    case PROP_PRIORITY:
      g_value_set_uint (value, srudp_stream_get_priority (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
srudp_stream_set_property (GObject      *object,
                           guint         property_id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  SrudpStream *self = SRUDP_STREAM (object);

  switch (property_id)
    {
    case PROP_PRIORITY:
      srudp_stream_set_priority (self, g_value_get_uint (value));
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

  object_class->dispose = srudp_stream_dispose;
  object_class->finalize = srudp_stream_finalize;
  object_class->get_property = srudp_stream_get_property;
  object_class->set_property = srudp_stream_set_property;

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

  /**
   * SrudpStream:priority:
   *
   * Whose bytes leave first, from 0 (at once) to 7 (when there is nothing
   * else), among the streams of one connection.
   *
   * Nothing of a stream is sent while one of a lower number has something to
   * send, however long that takes; streams of one priority take turns, packet
   * by packet. The connection's own stream is one of them, see
   * [property@Srudp.Connection:priority]. It counts on this side only.
   */
  props[PROP_PRIORITY] =
    g_param_spec_uint ("priority", NULL, NULL, 0, SRUDP_STREAM_CORE_PRIORITY_MAX,
                       SRUDP_STREAM_CORE_PRIORITY_DEFAULT,
                       G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                       | G_PARAM_STATIC_STRINGS);

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

/**
 * srudp_stream_get_priority:
 * @self: a stream
 *
 * Gives whose bytes leave first, from 0 (at once) to 7 (last).
 *
 * Returns: the priority
 */
guint
srudp_stream_get_priority (SrudpStream *self)
{
  g_return_val_if_fail (SRUDP_IS_STREAM (self),
                        SRUDP_STREAM_CORE_PRIORITY_DEFAULT);

  if (self->core == NULL)
    return SRUDP_STREAM_CORE_PRIORITY_DEFAULT;

  return srudp_stream_core_get_priority (self->core);
}

/**
 * srudp_stream_set_priority:
 * @self: a stream
 * @priority: from 0 (at once) to 7 (when there is nothing else)
 *
 * Sets whose bytes leave first.
 *
 * See [property@Srudp.Stream:priority]. The peer sets its own.
 */
void
srudp_stream_set_priority (SrudpStream *self,
                           guint        priority)
{
  g_return_if_fail (SRUDP_IS_STREAM (self));
  g_return_if_fail (priority <= SRUDP_STREAM_CORE_PRIORITY_MAX);

  /* Made by g_object_new (), as bindings can, it belongs to no connection. */
  if (self->core != NULL
      && srudp_stream_core_set_priority (self->core, priority))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PRIORITY]);
}
