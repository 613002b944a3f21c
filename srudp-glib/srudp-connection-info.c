/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-info.c: what one may ask about a connection
 */
#include "config.h"

#include "srudp-glib/srudp-connection.h"

#include "srudp-glib/protocol/srudp-crypto.h"
#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-i18n-private.h"
#include "srudp-glib/srudp-identity.h"
#include "srudp-glib/srudp-peer-id-private.h"
#include "srudp-glib/srudp-stats-private.h"

#include <string.h>

G_STATIC_ASSERT ((int) SRUDP_STATE_NEW == (int) SRUDP_CONNECTION_STATE_NEW);
G_STATIC_ASSERT ((int) SRUDP_STATE_CLOSED
                 == (int) SRUDP_CONNECTION_STATE_CLOSED);

/**
 * srudp_connection_get_endpoint:
 * @self: a connection
 *
 * Gives the endpoint whose port is used.
 *
 * Returns: (transfer none): the endpoint
 */
SrudpEndpoint *
srudp_connection_get_endpoint (SrudpConnection *self)
{
  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), NULL);

  return self->endpoint;
}

/**
 * srudp_connection_get_peer:
 * @self: a connection
 *
 * Gives where the peer was said to be; for an inbound connection, where it
 * called from.
 *
 * Returns: (transfer none): the peer
 */
GSocketConnectable *
srudp_connection_get_peer (SrudpConnection *self)
{
  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), NULL);

  return self->peer;
}

/**
 * srudp_connection_get_state:
 * @self: a connection
 *
 * Gives the newest state.
 *
 * Returns: the state
 */
SrudpConnectionState
srudp_connection_get_state (SrudpConnection *self)
{
  g_return_val_if_fail (SRUDP_IS_CONNECTION (self),
                        SRUDP_CONNECTION_STATE_CLOSED);

  return (SrudpConnectionState) srudp_connection_core_get_state (self->core);
}

/**
 * srudp_connection_dup_error:
 * @self: a connection
 *
 * Gives the reason why the connection is closed, if it wasn't closed in order.
 *
 * Returns: (transfer full) (nullable): the error, or %NULL
 */
GError *
srudp_connection_dup_error (SrudpConnection *self)
{
  GError *error = NULL;

  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), NULL);

  g_mutex_lock (&self->core->lock);
  if (self->core->error != NULL)
    error = g_error_copy (self->core->error);
  g_mutex_unlock (&self->core->lock);
  return error;
}

static GSocketAddress *
dup_address (SrudpConnection  *self,
             GSocketAddress  **address)
{
  GSocketAddress *copy = NULL;

  g_mutex_lock (&self->core->lock);
  g_set_object (&copy, *address);
  g_mutex_unlock (&self->core->lock);
  return copy;
}

static void
set_not_connected (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
                       _ ("The connection is not open yet."));
}

/**
 * srudp_connection_get_local_address:
 * @self: a connection
 * @error: return location for an error
 *
 * Gives the address on this side.
 *
 * It is the one that packets arrive at if that is known, and the endpoint's
 * otherwise.
 *
 * Returns: (transfer full): the address, or %NULL with @error set
 */
GSocketAddress *
srudp_connection_get_local_address (SrudpConnection  *self,
                                    GError          **error)
{
  GSocketAddress *address;

  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), NULL);

  if (!srudp_connection_check_process (self, error))
    return NULL;
  address = dup_address (self, &self->core->local_address);
  if (address != NULL)
    return address;
  if (self->endpoint != NULL)
    return srudp_endpoint_get_local_address (self->endpoint, error);
  set_not_connected (error);
  return NULL;
}

/**
 * srudp_connection_get_remote_address:
 * @self: a connection
 * @error: return location for an error
 *
 * Gives the address of the peer, as it is now.
 *
 * Fails with `G_IO_ERROR_NOT_CONNECTED` before the connection is established.
 *
 * Returns: (transfer full): the address, or %NULL with @error set
 */
GSocketAddress *
srudp_connection_get_remote_address (SrudpConnection  *self,
                                     GError          **error)
{
  GSocketAddress *address;

  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), NULL);

  if (!srudp_connection_check_process (self, error))
    return NULL;
  address = dup_address (self, &self->core->remote_address);
  if (address == NULL)
    set_not_connected (error);
  return address;
}

/**
 * srudp_connection_get_peer_id:
 * @self: a connection
 *
 * Gives who the peer is, proven by the handshake.
 *
 * Returns: (transfer none) (nullable): the peer id, or %NULL before the
 *   connection is established
 */
SrudpPeerId *
srudp_connection_get_peer_id (SrudpConnection *self)
{
  SrudpPeerId *peer_id;

  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), NULL);

  g_mutex_lock (&self->core->lock);
  peer_id = self->core->peer_id;
  g_mutex_unlock (&self->core->lock);
  return peer_id;
}

/**
 * srudp_connection_get_expected_peer:
 * @self: a connection
 *
 * Gives who the peer has to be.
 *
 * Returns: (transfer none) (nullable): the peer id, or %NULL for anyone
 */
SrudpPeerId *
srudp_connection_get_expected_peer (SrudpConnection *self)
{
  SrudpPeerId *peer_id;

  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), NULL);

  g_mutex_lock (&self->core->lock);
  peer_id = self->core->expected_peer;
  g_mutex_unlock (&self->core->lock);
  return peer_id;
}

static guint
get_number (SrudpConnection *self,
            guint           *number)
{
  guint value;

  g_mutex_lock (&self->core->lock);
  value = *number;
  g_mutex_unlock (&self->core->lock);
  return value;
}

/**
 * srudp_connection_get_open_timeout:
 * @self: a connection
 *
 * Gives how long opening may take.
 *
 * Returns: the time in milliseconds, 0 for no limit
 */
guint
srudp_connection_get_open_timeout (SrudpConnection *self)
{
  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), 0);

  return get_number (self, &self->core->open_timeout_ms);
}

/**
 * srudp_connection_get_idle_timeout:
 * @self: a connection
 *
 * Gives after how long a silence the peer counts as gone.
 *
 * Returns: the time in milliseconds
 */
guint
srudp_connection_get_idle_timeout (SrudpConnection *self)
{
  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), 0);

  return get_number (self, &self->core->idle_timeout_ms);
}

/**
 * srudp_connection_get_keepalive_interval:
 * @self: a connection
 *
 * Gives after how long a silence a packet is sent to keep NATs open.
 *
 * Returns: the time in milliseconds, 0 for never
 */
guint
srudp_connection_get_keepalive_interval (SrudpConnection *self)
{
  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), 0);

  return get_number (self, &self->core->keepalive_ms);
}

/**
 * srudp_connection_get_max_datagram_size:
 * @self: a connection
 *
 * Gives the size of the largest datagram that fits now.
 *
 * Returns: the size in bytes, 0 before the connection is established
 */
guint
srudp_connection_get_max_datagram_size (SrudpConnection *self)
{
  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), 0);

  return get_number (self, &self->core->max_datagram_size);
}

/**
 * srudp_connection_dup_channel_binding:
 * @self: a connection
 *
 * Gives 32 bytes that are equal on both ends of this one connection, and
 * different under a man in the middle: the hash of its handshake.
 *
 * A higher protocol can bind its own authentication to the connection with
 * them.
 *
 * Returns: (transfer full) (nullable): the bytes, or %NULL before the
 *   connection is established
 */
GBytes *
srudp_connection_dup_channel_binding (SrudpConnection *self)
{
  GBytes *binding = NULL;

  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), NULL);

  g_mutex_lock (&self->core->lock);
  if (self->core->channel_binding != NULL)
    binding = g_bytes_ref (self->core->channel_binding);
  g_mutex_unlock (&self->core->lock);
  return binding;
}

/* Finding another key with the same 30 digits takes 10^30 tries already; each
 * is made this much more expensive. */
#define FINGERPRINT_ROUNDS 5200
#define FINGERPRINT_DIGITS 30
#define DIGITS_PER_GROUP 5

/* H(0) = SHA-256 (label ‖ key), H(n) = SHA-256 (H(n-1) ‖ key); each five bytes
 * of the last one, as a big-endian number modulo 100000, are five digits. */
static void
append_fingerprint (GString      *out,
                    const guint8  key[SRUDP_PEER_ID_BYTES])
{
  static const char label[] = "srudp safety number 1";
  guint8 hash[SRUDP_SHA256_BYTES];
  SrudpSha256 state;

  srudp_sha256_init (&state);
  srudp_sha256_update (&state, label, sizeof label - 1);
  srudp_sha256_update (&state, key, SRUDP_PEER_ID_BYTES);
  srudp_sha256_final (&state, hash);
  for (guint i = 0; i < FINGERPRINT_ROUNDS; i++)
    {
      srudp_sha256_init (&state);
      srudp_sha256_update (&state, hash, sizeof hash);
      srudp_sha256_update (&state, key, SRUDP_PEER_ID_BYTES);
      srudp_sha256_final (&state, hash);
    }

  for (guint i = 0; i < FINGERPRINT_DIGITS / DIGITS_PER_GROUP; i++)
    {
      guint64 number = 0;

      for (guint b = 0; b < 5; b++)
        number = number << 8 | hash[i * 5 + b];
      g_string_append_printf (out, "%s%05u", out->len > 0 ? " " : "",
                              (guint) (number % 100000));
    }
}

/**
 * srudp_connection_dup_safety_number:
 * @self: a connection
 *
 * Gives 60 digits for people to compare, in twelve groups of five.
 *
 * They depend on the identities of both ends only, and are the same on both;
 * if they are compared over another channel and agree, nobody sits in between.
 * The first half stands for the smaller one of the two keys, the second for
 * the larger one: each half is the start of a hash of the key, iterated 5200
 * times.
 *
 * Returns: (transfer full) (nullable): the digits, or %NULL before the
 *   connection is established
 */
char *
srudp_connection_dup_safety_number (SrudpConnection *self)
{
  SrudpPeerId *peer_id, *own_id;
  const guint8 *first, *second;
  GString *digits;

  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), NULL);

  peer_id = srudp_connection_get_peer_id (self);
  if (peer_id == NULL)
    return NULL;

  own_id = srudp_endpoint_get_peer_id (self->endpoint);
  first = srudp_peer_id_get_key (own_id);
  second = srudp_peer_id_get_key (peer_id);
  if (memcmp (first, second, SRUDP_PEER_ID_BYTES) > 0)
    {
      const guint8 *swap = first;

      first = second;
      second = swap;
    }

  digits = g_string_new (NULL);
  append_fingerprint (digits, first);
  append_fingerprint (digits, second);
  return g_string_free (digits, FALSE);
}

/**
 * srudp_connection_dup_short_code: (get-property short-code)
 * @self: a connection
 *
 * Gives seven emoji for people to compare, with spaces between them.
 *
 * They are of this one connection, and the same on both ends; if two people
 * read them out to each other and they agree, nobody sits in between, but for
 * one chance in 2^42 (four million million). Unlike the digits of
 * [method@Srudp.Connection.dup_safety_number] they are new each time, and say
 * nothing of connections to come: to remember a peer for those, use
 * [class@Srudp.KnownPeers].
 *
 * There are 64 of them, whose order is part of the protocol. They are known
 * soon after the connection is established on both sides, an inbound one not
 * before it was accepted; [property@Srudp.Connection:short-code] is notified in
 * the context of the connection. Any thread may call this.
 *
 * Returns: (transfer full) (nullable): the emoji, or %NULL as long as they are
 *   not known, and with a peer whose library is too old to have them
 */
char *
srudp_connection_dup_short_code (SrudpConnection *self)
{
  char *code;

  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), NULL);

  g_mutex_lock (&self->core->lock);
  code = g_strdup (self->core->short_code);
  g_mutex_unlock (&self->core->lock);
  return code;
}

/**
 * srudp_connection_dup_stats:
 * @self: a connection
 *
 * Gives the numbers of the connection at this moment, or at its end.
 *
 * Returns: (transfer full): the numbers
 */
SrudpStats *
srudp_connection_dup_stats (SrudpConnection *self)
{
  SrudpSessionStats stats;
  guint64 dropped;

  g_return_val_if_fail (SRUDP_IS_CONNECTION (self), NULL);

  srudp_connection_core_fill_in_stats (self->core, &stats);
  g_mutex_lock (&self->core->lock);
  dropped = self->core->n_datagrams_dropped;
  g_mutex_unlock (&self->core->lock);
  return srudp_stats_new (&stats, dropped);
}
