/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-local.h: what all handshakes of one endpoint have in common
 */
#pragma once

#include "srudp-handshake.h"

G_BEGIN_DECLS

typedef struct
{
  SrudpKeyPair keys;
  guint8 path_key[SRUDP_KEY_BYTES]; /* of path tokens */
  guint8 table_secret[SRUDP_SIPHASH_KEY_BYTES]; /* of places in tables */
  guint8 boot_id[SRUDP_BOOT_ID_BYTES];
  char *application_protocol;
  guint8 version_max; /* the highest we say we speak */
  guint64 max_window;
  gboolean tells_addresses; /* so it wants to be told of, too */
  guint ciphers; /* SrudpCipher bits that may be offered */
  SrudpRandomFunc random;
  gpointer random_data;
} SrudpLocal;

void    srudp_local_init       (SrudpLocal              *local,
                                const SrudpEngineConfig *config);
void    srudp_local_clear      (SrudpLocal              *local);
void    srudp_local_random     (SrudpLocal              *local,
                                gpointer                 out,
                                gsize                    n_bytes);
guint32 srudp_local_random_u32 (SrudpLocal              *local);
/* What we say of ourselves in message 2 or 3, with nothing named. */
void    srudp_local_describe   (const SrudpLocal        *local,
                                guint64                  connection_id,
                                gint64                   idle_timeout_us,
                                SrudpHandshakeMessage   *message);
/* For a connection with another limit than local->max_window. */
void    srudp_local_limit_windows (SrudpTransportParams *params,
                                   guint64               max_window);

G_END_DECLS
