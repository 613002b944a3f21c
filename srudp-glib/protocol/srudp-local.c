/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-local.c: what all handshakes of one endpoint have in common
 */
#include "srudp-local.h"

#include "srudp-connection-ids.h"

#include <string.h>

/* Enough for 160 Mbit/s at 100 ms from the first round trip on; windows grow
 * from there as they are used. */
#define INITIAL_WINDOW_BYTES (2 * 1024 * 1024)
/* Where growing ends unless told otherwise: 1 Gbit/s at 130 ms. */
#define DEFAULT_MAX_WINDOW_BYTES (16 * 1024 * 1024)
#define INITIAL_STREAMS 100

void
srudp_local_init (SrudpLocal              *local,
                  const SrudpEngineConfig *config)
{
  memset (local, 0, sizeof *local);
  local->random = config->random;
  local->random_data = config->random_data;
  local->version_max = SRUDP_WIRE_VERSION;
  local->max_window = DEFAULT_MAX_WINDOW_BYTES;
  local->ciphers = ~0u;
  memcpy (local->keys.secret, config->static_secret, SRUDP_KEY_BYTES);
  srudp_x25519_public_key (local->keys.public_key, local->keys.secret);
  srudp_local_random (local, local->path_key, sizeof local->path_key);
  srudp_hkdf_expand (local->table_secret, sizeof local->table_secret,
                     local->path_key, "srudp table");
  srudp_local_random (local, local->boot_id, sizeof local->boot_id);
}

void
srudp_local_clear (SrudpLocal *local)
{
  g_clear_pointer (&local->application_protocol, g_free);
  srudp_crypto_wipe (local, sizeof *local);
}

void
srudp_local_random (SrudpLocal *local,
                    gpointer    out,
                    gsize       n_bytes)
{
  local->random (local->random_data, out, n_bytes);
}

guint32
srudp_local_random_u32 (SrudpLocal *local)
{
  guint8 bytes[4];

  srudp_local_random (local, bytes, sizeof bytes);

  return (guint32) bytes[0] << 24 | (guint32) bytes[1] << 16 |
         (guint32) bytes[2] << 8 | bytes[3];
}

/* What is promised before the connection is there. */
void
srudp_local_limit_windows (SrudpTransportParams *params,
                           guint64               max_window)
{
  params->initial_max_data = MIN (INITIAL_WINDOW_BYTES, max_window);
  params->initial_max_stream_data = params->initial_max_data;
}

void
srudp_local_describe (const SrudpLocal      *local,
                      guint64                connection_id,
                      gint64                 idle_timeout_us,
                      SrudpHandshakeMessage *message)
{
  SrudpTransportParams *params = &message->params;

  memset (message, 0, sizeof *message);
  srudp_hello_fields_init (&message->fields, local->application_protocol,
                           connection_id);
  message->fields.version_max = local->version_max;
  message->fields.ciphers &= local->ciphers;
  message->fields.grease = (guint32) connection_id | 1;

  srudp_transport_params_init (params);
  srudp_local_limit_windows (params, local->max_window);
  params->initial_max_streams = INITIAL_STREAMS;
  params->idle_timeout_us = idle_timeout_us;
  params->max_udp_payload_bytes = SRUDP_MAX_UDP_PAYLOAD;
  params->max_datagram_bytes = SRUDP_MAX_UDP_PAYLOAD;
  params->active_connection_id_limit = SRUDP_CONNECTION_ID_LIMIT;
  params->ciphers = message->fields.ciphers;
  params->features = SRUDP_FEATURE_DATAGRAM | SRUDP_FEATURE_ACK_FREQUENCY
                     | SRUDP_FEATURE_REKEY;
  if (local->tells_addresses)
    params->features |= SRUDP_FEATURE_OBSERVED_ADDRESS;
  memcpy (params->boot_id, local->boot_id, SRUDP_BOOT_ID_BYTES);
}
