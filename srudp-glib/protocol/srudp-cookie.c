/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cookie.c: COOKIE, "come again with this", and who has got some
 */
#include "srudp-cookie.h"

#include "srudp-reader.h"
#include "srudp-writer.h"

#include <string.h>

#define HEADER_BYTES 9
#define SEALED_OFFSET (HEADER_BYTES + SRUDP_AEAD_NONCE_BYTES)
#define TAG_OFFSET (SEALED_OFFSET + SRUDP_COOKIE_BYTES)

static void
init_key (SrudpAead    *aead,
          const guint8  hello_hash[SRUDP_SHA256_BYTES])
{
  guint8 key[SRUDP_AEAD_KEY_BYTES];

  srudp_hkdf_expand (key, sizeof key, hello_hash, "srudp cookie");
  srudp_aead_init (aead, SRUDP_CIPHER_CHACHA20_POLY1305, key);
}

void
srudp_cookie_packet_write (guint8       out[SRUDP_COOKIE_PACKET_BYTES],
                           guint64      destination_id,
                           const guint8 hello_hash[SRUDP_SHA256_BYTES],
                           const guint8 nonce[SRUDP_AEAD_NONCE_BYTES],
                           const guint8 cookie[SRUDP_COOKIE_BYTES])
{
  SrudpWriter writer;
  SrudpAead aead;

  srudp_writer_init (&writer, out, SRUDP_COOKIE_PACKET_BYTES);
  srudp_writer_put_u8 (&writer, SRUDP_PACKET_COOKIE);
  srudp_writer_put_u64 (&writer, destination_id);
  srudp_writer_put_bytes (&writer, nonce, SRUDP_AEAD_NONCE_BYTES);

  init_key (&aead, hello_hash);
  srudp_aead_seal (&aead, nonce, out, HEADER_BYTES, cookie, SRUDP_COOKIE_BYTES,
                   out + SEALED_OFFSET, out + TAG_OFFSET);
}

gboolean
srudp_cookie_packet_open (const guint8 *data,
                          gsize         size,
                          const guint8  hello_hash[SRUDP_SHA256_BYTES],
                          guint8        cookie[SRUDP_COOKIE_BYTES])
{
  SrudpAead aead;

  if (size != SRUDP_COOKIE_PACKET_BYTES || data[0] != SRUDP_PACKET_COOKIE)
    return FALSE;

  init_key (&aead, hello_hash);

  return srudp_aead_open (&aead, data + HEADER_BYTES, data, HEADER_BYTES,
                          data + SEALED_OFFSET, SRUDP_COOKIE_BYTES,
                          data + TAG_OFFSET, cookie);
}

static gint
find (const SrudpCookieJar *jar,
      const SrudpAddress   *address)
{
  for (guint i = 0; i < jar->n_items; i++)
    if (srudp_address_equal (&jar->items[i].from, address))
      return (gint) i;

  return -1;
}

gboolean
srudp_cookie_jar_put (SrudpCookieJar     *jar,
                      gint64              now,
                      const SrudpAddress *from,
                      const guint8        cookie[SRUDP_COOKIE_BYTES])
{
  gint at = find (jar, from);
  gboolean hurry = at < 0 || now - jar->items[at].since >= G_USEC_PER_SEC;

  if (at < 0)
    {
      at = (gint) jar->next;
      jar->next = (jar->next + 1) % SRUDP_COOKIES_KEPT;
      jar->n_items = MAX (jar->n_items, (guint) at + 1);
    }
  jar->items[at].from = *from;
  memcpy (jar->items[at].cookie, cookie, SRUDP_COOKIE_BYTES);
  if (hurry)
    jar->items[at].since = now;

  return hurry;
}

void
srudp_cookie_jar_get (const SrudpCookieJar *jar,
                      const SrudpAddress   *to,
                      guint8                cookie[SRUDP_COOKIE_BYTES])
{
  gint at = find (jar, to);

  if (at < 0)
    memset (cookie, 0, SRUDP_COOKIE_BYTES);
  else
    memcpy (cookie, jar->items[at].cookie, SRUDP_COOKIE_BYTES);
}
