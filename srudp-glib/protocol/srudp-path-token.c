/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-path-token.c: proof that somebody hears us at an address
 */
#include "srudp-path-token.h"

#include "srudp-writer.h"

static guint64
make_for_slot (const guint8        key[SRUDP_KEY_BYTES],
               gint64              slot,
               const SrudpAddress *remote,
               guint32             counter)
{
  guint8 message[1 + 16 + 2 + 4 + 8 + 4];
  guint8 mac[SRUDP_SHA256_BYTES];
  SrudpWriter writer;
  SrudpSpan span = { message, sizeof message };
  guint64 token;

  srudp_writer_init (&writer, message, sizeof message);
  srudp_writer_put_u8 (&writer, remote->family);
  srudp_writer_put_bytes (&writer, remote->ip, sizeof remote->ip);
  srudp_writer_put_u16 (&writer, remote->port);
  srudp_writer_put_u32 (&writer, remote->scope_id);
  srudp_writer_put_u64 (&writer, (guint64) slot);
  srudp_writer_put_u32 (&writer, counter);

  srudp_hmac_sha256 (mac, key, SRUDP_KEY_BYTES, &span, 1);
  memcpy (&token, mac, sizeof token);

  return GUINT64_FROM_BE (token);
}

guint64
srudp_path_token_make (const guint8        key[SRUDP_KEY_BYTES],
                       gint64              now,
                       const SrudpAddress *remote,
                       guint32             counter)
{
  return make_for_slot (key, now / SRUDP_PATH_TOKEN_SLOT_US, remote, counter);
}

gboolean
srudp_path_token_check (const guint8        key[SRUDP_KEY_BYTES],
                        gint64              now,
                        const SrudpAddress *remote,
                        guint32             counter,
                        guint64             token)
{
  gint64 slot = now / SRUDP_PATH_TOKEN_SLOT_US;
  gboolean fresh = FALSE;

  for (gint64 i = 0; i < 2; i++)
    {
      guint64 expected = make_for_slot (key, slot - i, remote, counter);

      fresh |= srudp_crypto_equal (&expected, &token, sizeof token);
    }

  return fresh;
}
