/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-settings.c: what one may set of a connection
 */
#include "config.h"

#include "srudp-glib/srudp-connection.h"

#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-endpoint-private.h"

/* Less would be more traffic than any NAT needs. */
#define KEEPALIVE_MIN_MS 3000

/**
 * srudp_connection_set_expected_peer:
 * @self: a connection that isn't open yet
 * @expected_peer: (nullable): who the peer has to be, or %NULL for anyone
 *
 * Sets who the peer has to be. One who was named by an invitation can't be
 * changed.
 *
 * If only somebody else answers, opening fails with
 * %SRUDP_ERROR_PEER_IDENTITY, and no byte of data is exchanged.
 */
void
srudp_connection_set_expected_peer (SrudpConnection   *self,
                                    const SrudpPeerId *expected_peer)
{
  gboolean is_new;

  g_return_if_fail (SRUDP_IS_CONNECTION (self));
  g_return_if_fail (!SRUDP_IS_INVITATION (self->peer));

  g_mutex_lock (&self->core->lock);
  is_new = self->core->state == SRUDP_STATE_NEW;
  if (is_new)
    {
      g_clear_pointer (&self->core->expected_peer, srudp_peer_id_free);
      if (expected_peer != NULL)
        self->core->expected_peer = srudp_peer_id_copy (expected_peer);
    }
  g_mutex_unlock (&self->core->lock);

  g_return_if_fail (is_new);
  g_object_notify (G_OBJECT (self), "expected-peer");
}

/**
 * srudp_connection_set_passphrase:
 * @self: a connection that isn't open yet
 * @passphrase: (nullable): what the peer has to know, or %NULL for nothing
 *
 * Sets what both sides have to know. At first it is the passphrase of the
 * endpoint; see [method@Srudp.Endpoint.set_passphrase] for what it is worth.
 *
 * If the peer uses another one, or only one of the two sides has any, opening
 * fails with %SRUDP_ERROR_PASSPHRASE.
 */
void
srudp_connection_set_passphrase (SrudpConnection *self,
                                 const char      *passphrase)
{
  gboolean is_new;

  g_return_if_fail (SRUDP_IS_CONNECTION (self));

  g_mutex_lock (&self->core->lock);
  is_new = self->core->state == SRUDP_STATE_NEW;
  if (is_new)
    {
      g_clear_pointer (&self->core->passphrase, srudp_secret_unref);
      self->core->passphrase = srudp_secret_new_passphrase (passphrase);
    }
  g_mutex_unlock (&self->core->lock);

  g_return_if_fail (is_new);
  g_object_notify (G_OBJECT (self), "passphrase");
}

/**
 * srudp_connection_set_open_timeout:
 * @self: a connection
 * @timeout_ms: a time in milliseconds, or 0 for no limit
 *
 * Sets how long opening may take. Counts for an opening that starts later.
 */
void
srudp_connection_set_open_timeout (SrudpConnection *self,
                                   guint            timeout_ms)
{
  g_return_if_fail (SRUDP_IS_CONNECTION (self));

  g_mutex_lock (&self->core->lock);
  self->core->open_timeout_ms = timeout_ms;
  g_mutex_unlock (&self->core->lock);
  g_object_notify (G_OBJECT (self), "open-timeout");
}

/**
 * srudp_connection_set_idle_timeout:
 * @self: a connection
 * @timeout_ms: a time in milliseconds, at least 1
 *
 * Sets after how long a silence the peer counts as gone.
 *
 * The shorter one of both ends counts; the peer is told when the connection is
 * opened.
 */
void
srudp_connection_set_idle_timeout (SrudpConnection *self,
                                   guint            timeout_ms)
{
  g_return_if_fail (SRUDP_IS_CONNECTION (self));
  g_return_if_fail (timeout_ms > 0);

  srudp_connection_core_set_timeouts (
    self->core, timeout_ms, srudp_connection_get_keepalive_interval (self));
  g_object_notify (G_OBJECT (self), "idle-timeout");
}

/**
 * srudp_connection_set_keepalive_interval:
 * @self: a connection
 * @interval_ms: a time in milliseconds, or 0 for never
 *
 * Sets after how long a silence a packet is sent to keep NATs open, at the
 * latest: see [property@Srudp.Connection:keepalive-interval]. Values from 1 to
 * 2999 are taken as 3000.
 */
void
srudp_connection_set_keepalive_interval (SrudpConnection *self,
                                         guint            interval_ms)
{
  g_return_if_fail (SRUDP_IS_CONNECTION (self));

  if (interval_ms > 0)
    interval_ms = MAX (interval_ms, KEEPALIVE_MIN_MS);
  srudp_connection_core_set_timeouts (
    self->core, srudp_connection_get_idle_timeout (self), interval_ms);
  g_object_notify (G_OBJECT (self), "keepalive-interval");
}

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
