/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-settings.c: what can be changed about an endpoint
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint.h"

#include "srudp-glib/srudp-endpoint-private.h"

/**
 * srudp_endpoint_get_application_protocol:
 * @self: an endpoint
 *
 * Gives what the application speaks.
 *
 * Returns: (transfer none) (nullable): the name, or %NULL
 */
const char *
srudp_endpoint_get_application_protocol (SrudpEndpoint *self)
{
  const char *protocol;

  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), NULL);

  g_mutex_lock (&self->lock);
  protocol = self->application_protocol;
  g_mutex_unlock (&self->lock);
  return protocol;
}

/**
 * srudp_endpoint_set_application_protocol:
 * @self: an endpoint
 * @protocol: (nullable): a name, for example `org.example.Chess/1`
 *
 * Sets what the application speaks. Counts for connections opened from now on.
 */
void
srudp_endpoint_set_application_protocol (SrudpEndpoint *self,
                                         const char    *protocol)
{
  gboolean changed;

  g_return_if_fail (SRUDP_IS_ENDPOINT (self));

  protocol = g_intern_string (protocol);
  g_mutex_lock (&self->lock);
  changed = self->application_protocol != protocol;
  self->application_protocol = protocol;
  if (changed && self->core != NULL)
    srudp_endpoint_core_set_protocol (self->core, protocol);
  g_mutex_unlock (&self->lock);

  if (changed)
    g_object_notify (G_OBJECT (self), "application-protocol");
}

/**
 * srudp_endpoint_get_accept_incoming:
 * @self: an endpoint
 *
 * Gives whether strangers are answered.
 *
 * Returns: %TRUE if they are
 */
gboolean
srudp_endpoint_get_accept_incoming (SrudpEndpoint *self)
{
  gboolean accept_incoming;

  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), FALSE);

  g_mutex_lock (&self->lock);
  accept_incoming = self->accept_incoming;
  g_mutex_unlock (&self->lock);
  return accept_incoming;
}

/**
 * srudp_endpoint_set_accept_incoming:
 * @self: an endpoint
 * @accept_incoming: whether to answer strangers
 *
 * Sets whether strangers are answered.
 */
void
srudp_endpoint_set_accept_incoming (SrudpEndpoint *self,
                                    gboolean       accept_incoming)
{
  gboolean changed;

  g_return_if_fail (SRUDP_IS_ENDPOINT (self));

  accept_incoming = !!accept_incoming;
  g_mutex_lock (&self->lock);
  changed = self->accept_incoming != accept_incoming;
  self->accept_incoming = accept_incoming;
  if (changed && self->core != NULL)
    srudp_endpoint_core_set_accepting (self->core, accept_incoming);
  g_mutex_unlock (&self->lock);

  if (changed)
    g_object_notify (G_OBJECT (self), "accept-incoming");
}

/**
 * srudp_endpoint_set_passphrase:
 * @self: an endpoint
 * @passphrase: (nullable): what the peer must know as well, or %NULL for none
 *
 * Sets what a peer must know to be let in.
 *
 * It counts for inbound connections, and is copied into connections that
 * [ctor@Srudp.Connection.new] makes from now on. Both sides need the same:
 * otherwise opening fails with %SRUDP_ERROR_PASSPHRASE at the side that opens,
 * while [signal@Srudp.Endpoint::handshake-failed] tells the other one.
 *
 * The passphrase is never sent, and can't be found out by trying many of them on
 * what was recorded: whoever doesn't know it can try one at a time with each
 * connection that he opens or answers. Five such tries are free, each further one
 * takes a second or more. So even a short one is worth something, though three
 * random words are better. It is put into Unicode's normalisation form C first;
 * upper and lower case and spaces count. An empty one is one, too.
 */
void
srudp_endpoint_set_passphrase (SrudpEndpoint *self,
                               const char    *passphrase)
{
  g_return_if_fail (SRUDP_IS_ENDPOINT (self));

  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->passphrase, srudp_secret_unref);
  self->passphrase = srudp_secret_new_passphrase (passphrase);
  if (self->core != NULL)
    srudp_endpoint_core_set_passphrase (self->core, self->passphrase);
  g_mutex_unlock (&self->lock);

  g_object_notify (G_OBJECT (self), "passphrase");
}

SrudpSecret *
srudp_endpoint_dup_passphrase (SrudpEndpoint *self)
{
  SrudpSecret *passphrase = NULL;

  g_mutex_lock (&self->lock);
  if (self->passphrase != NULL)
    passphrase = srudp_secret_ref (self->passphrase);
  g_mutex_unlock (&self->lock);
  return passphrase;
}

void
srudp_endpoint_note_accept (SrudpEndpoint *self)
{
  gboolean first;

  g_mutex_lock (&self->lock);
  first = !self->accept_called;
  self->accept_called = TRUE;
  g_mutex_unlock (&self->lock);

  if (first)
    srudp_endpoint_set_accept_incoming (self, TRUE);
}

/**
 * srudp_endpoint_get_backlog:
 * @self: an endpoint
 *
 * Gives how many inbound connections may wait for somebody to take them.
 *
 * Returns: the number
 */
guint
srudp_endpoint_get_backlog (SrudpEndpoint *self)
{
  guint backlog;

  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), 0);

  g_mutex_lock (&self->lock);
  backlog = self->backlog;
  g_mutex_unlock (&self->lock);
  return backlog;
}

/**
 * srudp_endpoint_set_backlog:
 * @self: an endpoint
 * @backlog: a number
 *
 * Sets how many inbound connections may wait for somebody to take them.
 */
void
srudp_endpoint_set_backlog (SrudpEndpoint *self,
                            guint          backlog)
{
  gboolean changed;

  g_return_if_fail (SRUDP_IS_ENDPOINT (self));

  g_mutex_lock (&self->lock);
  changed = self->backlog != backlog;
  self->backlog = backlog;
  if (changed && self->core != NULL)
    srudp_endpoint_core_set_backlog (self->core, backlog);
  g_mutex_unlock (&self->lock);

  if (changed)
    g_object_notify (G_OBJECT (self), "backlog");
}

/**
 * srudp_endpoint_get_max_receive_window:
 * @self: an endpoint
 *
 * Gives how many unread bytes one connection may hold.
 *
 * Returns: a number of bytes
 */
guint64
srudp_endpoint_get_max_receive_window (SrudpEndpoint *self)
{
  guint64 n_bytes;

  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), 0);

  g_mutex_lock (&self->lock);
  n_bytes = self->max_receive_window;
  g_mutex_unlock (&self->lock);
  return n_bytes;
}

/**
 * srudp_endpoint_set_max_receive_window:
 * @self: an endpoint
 * @n_bytes: a number of bytes, 65,536 to 4,294,967,295
 *
 * Sets how many unread bytes one connection may hold.
 *
 * See [property@Srudp.Endpoint:max-receive-window].
 */
void
srudp_endpoint_set_max_receive_window (SrudpEndpoint *self,
                                       guint64        n_bytes)
{
  gboolean changed;

  g_return_if_fail (SRUDP_IS_ENDPOINT (self));
  g_return_if_fail (n_bytes >= SRUDP_MIN_MAX_RECEIVE_WINDOW
                    && n_bytes <= G_MAXUINT32);

  g_mutex_lock (&self->lock);
  changed = self->max_receive_window != n_bytes;
  self->max_receive_window = n_bytes;
  if (changed && self->core != NULL)
    srudp_endpoint_core_set_max_window (self->core, n_bytes);
  g_mutex_unlock (&self->lock);

  if (changed)
    g_object_notify (G_OBJECT (self), "max-receive-window");
}

/**
 * srudp_endpoint_get_birthday_spray:
 * @self: an endpoint
 *
 * Gives whether ports are looked for by chance.
 *
 * Returns: %TRUE if they are
 */
gboolean
srudp_endpoint_get_birthday_spray (SrudpEndpoint *self)
{
  gboolean birthday_spray;

  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), FALSE);

  g_mutex_lock (&self->lock);
  birthday_spray = self->birthday_spray;
  g_mutex_unlock (&self->lock);
  return birthday_spray;
}

/**
 * srudp_endpoint_set_birthday_spray:
 * @self: an endpoint
 * @birthday_spray: whether to look for ports by chance
 *
 * Sets whether ports are looked for by chance.
 *
 * See [property@Srudp.Endpoint:birthday-spray].
 */
void
srudp_endpoint_set_birthday_spray (SrudpEndpoint *self,
                                   gboolean       birthday_spray)
{
  gboolean changed;

  g_return_if_fail (SRUDP_IS_ENDPOINT (self));

  birthday_spray = !!birthday_spray;
  g_mutex_lock (&self->lock);
  changed = self->birthday_spray != birthday_spray;
  self->birthday_spray = birthday_spray;
  if (changed && self->core != NULL)
    srudp_endpoint_core_set_punching (self->core, birthday_spray,
                                      self->opener_ttl);
  g_mutex_unlock (&self->lock);

  if (changed)
    g_object_notify (G_OBJECT (self), "birthday-spray");
}

/**
 * srudp_endpoint_get_opener_ttl:
 * @self: an endpoint
 *
 * Gives how many routers the first packets of an opening pass.
 *
 * Returns: the number, 0 for as many as others
 */
guint
srudp_endpoint_get_opener_ttl (SrudpEndpoint *self)
{
  guint opener_ttl;

  g_return_val_if_fail (SRUDP_IS_ENDPOINT (self), 0);

  g_mutex_lock (&self->lock);
  opener_ttl = self->opener_ttl;
  g_mutex_unlock (&self->lock);
  return opener_ttl;
}

/**
 * srudp_endpoint_set_opener_ttl:
 * @self: an endpoint
 * @opener_ttl: a number of routers, or 0
 *
 * Sets how many routers the first packets of an opening pass.
 *
 * See [property@Srudp.Endpoint:opener-ttl].
 */
void
srudp_endpoint_set_opener_ttl (SrudpEndpoint *self,
                               guint          opener_ttl)
{
  gboolean changed;

  g_return_if_fail (SRUDP_IS_ENDPOINT (self));
  g_return_if_fail (opener_ttl <= G_MAXUINT8);

  g_mutex_lock (&self->lock);
  changed = self->opener_ttl != opener_ttl;
  self->opener_ttl = opener_ttl;
  if (changed && self->core != NULL)
    srudp_endpoint_core_set_punching (self->core, self->birthday_spray,
                                      opener_ttl);
  g_mutex_unlock (&self->lock);

  if (changed)
    g_object_notify (G_OBJECT (self), "opener-ttl");
}
