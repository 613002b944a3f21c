/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-settings.c: how a connection shares memory and the path
 */
#include "config.h"

#include "srudp-glib/srudp-connection-private.h"

#include "srudp-glib/srudp-endpoint-private.h"

/**
 * srudp_connection_get_max_receive_window:
 * @self: a connection
 *
 * Gives how many unread bytes the connection may hold.
 *
 * Returns: a number of bytes
 */
guint64
srudp_connection_get_max_receive_window (SrudpConnection *self)
{
  guint64 n_bytes;

  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), 0);

  g_mutex_lock (&self->core->lock);
  n_bytes = self->core->max_receive_window;
  g_mutex_unlock (&self->core->lock);

  if (n_bytes > 0)
    return n_bytes;
  if (self->endpoint != NULL)
    return srudp_endpoint_get_max_receive_window (self->endpoint);
  return SRUDP_DEFAULT_MAX_RECEIVE_WINDOW;
}

/**
 * srudp_connection_set_max_receive_window:
 * @self: a connection
 * @n_bytes: a number of bytes, 65,536 to 4,294,967,295
 *
 * Sets how many unread bytes the connection may hold.
 *
 * See [property@Srudp.Connection:max-receive-window].
 */
void
srudp_connection_set_max_receive_window (SrudpConnection *self,
                                         guint64          n_bytes)
{
  gboolean changed;

  g_return_if_fail (SRUDP_IS_CONNECTION (self));
  g_return_if_fail (n_bytes >= SRUDP_MIN_MAX_RECEIVE_WINDOW
                    && n_bytes <= G_MAXUINT32);

  changed = srudp_connection_get_max_receive_window (self) != n_bytes;
  srudp_connection_core_set_max_window (self->core, n_bytes);
  if (changed)
    g_object_notify (G_OBJECT (self), "max-receive-window");
}

/**
 * srudp_connection_get_priority:
 * @self: a connection
 *
 * Gives when the bytes of the connection's own stream leave, from 0 (at once)
 * to 7 (last).
 *
 * Returns: the priority
 */
guint
srudp_connection_get_priority (SrudpConnection *self)
{
  g_return_val_if_fail (SRUDP_IS_CONNECTION (self),
                        SRUDP_STREAM_CORE_PRIORITY_DEFAULT);

  return srudp_stream_core_get_priority (self->core->main_stream);
}

/**
 * srudp_connection_set_priority:
 * @self: a connection
 * @priority: from 0 (at once) to 7 (when there is nothing else)
 *
 * Sets when the bytes of the connection's own stream leave.
 *
 * See [property@Srudp.Connection:priority]. The peer sets its own.
 */
void
srudp_connection_set_priority (SrudpConnection *self,
                               guint            priority)
{
  g_return_if_fail (SRUDP_IS_CONNECTION (self));
  g_return_if_fail (priority <= SRUDP_STREAM_CORE_PRIORITY_MAX);

  if (srudp_stream_core_set_priority (self->core->main_stream, priority))
    g_object_notify (G_OBJECT (self), "priority");
}
