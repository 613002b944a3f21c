/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-key-log.c: keys of connections, for whoever may read a capture of them
 */
#include "srudp-key-log.h"

#include "srudp-engine-private.h"

/* Nobody takes them: what comes is left out. */
#define MAX_LOG_BYTES (64 * 1024)

static void
add_hex (GString      *log,
         const guint8 *data,
         gsize         size)
{
  g_string_append_c (log, ' ');
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (log, "%02x", data[i]);
}

void
srudp_key_log_add_secrets (GString                    *log,
                           const SrudpHandshakeResult *result)
{
  guint64 ids[] = { result->local_id, result->remote_id };
  const guint8 *secrets[] = { result->send_secret, result->receive_secret };
  guint first = result->initiator ? 0 : 1;

  if (log->len > MAX_LOG_BYTES)
    return;
  g_string_append_printf (log,
                          "SRUDP_SECRETS %016" G_GINT64_MODIFIER
                          "x %016" G_GINT64_MODIFIER "x %s",
                          ids[first], ids[1 - first],
                          srudp_cipher_get_name (result->cipher));
  add_hex (log, secrets[first], SRUDP_SHA256_BYTES);
  add_hex (log, secrets[1 - first], SRUDP_SHA256_BYTES);
  g_string_append_c (log, '\n');
}

void
srudp_key_log_add_share (GString      *log,
                         guint64       initiator_id,
                         guint64       generation,
                         const guint8  dh[SRUDP_X25519_BYTES])
{
  if (log->len > MAX_LOG_BYTES)
    return;
  g_string_append_printf (log,
                          "SRUDP_KEY_SHARE %016" G_GINT64_MODIFIER
                          "x %" G_GUINT64_FORMAT,
                          initiator_id, generation);
  add_hex (log, dh, SRUDP_X25519_BYTES);
  g_string_append_c (log, '\n');
}

void
srudp_engine_start_key_log (SrudpEngine *engine)
{
  /* Never moved: what is left behind would not be wiped. */
  if (engine->key_log == NULL)
    engine->key_log = g_string_sized_new (MAX_LOG_BYTES + 1024);
}

gsize
srudp_engine_read_key_log (SrudpEngine *engine,
                           const char **text)
{
  if (engine->key_log == NULL)
    return 0;

  *text = engine->key_log->str;

  return engine->key_log->len;
}

void
srudp_engine_wipe_key_log (SrudpEngine *engine)
{
  if (engine->key_log == NULL)
    return;

  srudp_crypto_wipe (engine->key_log->str, engine->key_log->len);
  g_string_truncate (engine->key_log, 0);
}
