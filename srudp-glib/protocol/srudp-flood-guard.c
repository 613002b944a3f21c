/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-flood-guard.c: who may have a HELLO answered while there are too many
 */
#include "srudp-flood-guard.h"

#include "srudp-writer.h"

#include <string.h>

SrudpFloodGuard *
srudp_flood_guard_new (const guint8 key[SRUDP_KEY_BYTES])
{
  SrudpFloodGuard *guard = g_new0 (SrudpFloodGuard, 1);

  memcpy (guard->key, key, SRUDP_KEY_BYTES);
  srudp_flood_guard_set_limits (guard, SRUDP_HELLOS_PER_ADDRESS,
                                SRUDP_HELLOS_IN_ALL);

  return guard;
}

void
srudp_flood_guard_free (SrudpFloodGuard *guard)
{
  srudp_crypto_wipe (guard, sizeof *guard);
  g_free (guard);
}

void
srudp_flood_guard_set_limits (SrudpFloodGuard *guard,
                              guint            per_address,
                              guint            in_all)
{
  guard->per_address = per_address;
  guard->in_all = in_all;
}

static void
make_for_slot (const SrudpFloodGuard *guard,
               gint64                 slot,
               const SrudpAddress    *address,
               guint8                 out[SRUDP_SHA256_BYTES])
{
  guint8 message[6 + 1 + 16 + 2 + 4 + 8];
  SrudpSpan span = { message, sizeof message };
  SrudpWriter writer;

  srudp_writer_init (&writer, message, sizeof message);
  srudp_writer_put_bytes (&writer, "cookie", 6);
  srudp_writer_put_u8 (&writer, address->family);
  srudp_writer_put_bytes (&writer, address->ip, sizeof address->ip);
  srudp_writer_put_u16 (&writer, address->port);
  srudp_writer_put_u32 (&writer, address->scope_id);
  srudp_writer_put_u64 (&writer, (guint64) slot);
  srudp_hmac_sha256 (out, guard->key, SRUDP_KEY_BYTES, &span, 1);
}

void
srudp_flood_guard_make_cookie (const SrudpFloodGuard *guard,
                               gint64                 now,
                               const SrudpAddress    *to,
                               guint8                 cookie[SRUDP_COOKIE_BYTES])
{
  guint8 mac[SRUDP_SHA256_BYTES];

  make_for_slot (guard, now / SRUDP_COOKIE_SLOT_US, to, mac);
  memcpy (cookie, mac, SRUDP_COOKIE_BYTES);
}

static gboolean
is_cookie (const SrudpFloodGuard *guard,
           gint64                 now,
           const SrudpAddress    *from,
           const guint8           cookie[SRUDP_COOKIE_BYTES])
{
  static const guint8 none[SRUDP_COOKIE_BYTES];
  gboolean good = FALSE;

  if (memcmp (cookie, none, sizeof none) == 0)
    return FALSE;

  for (gint64 i = 0; i < 2; i++)
    {
      guint8 mac[SRUDP_SHA256_BYTES];

      make_for_slot (guard, now / SRUDP_COOKIE_SLOT_US - i, from, mac);
      good |= srudp_crypto_equal (mac, cookie, SRUDP_COOKIE_BYTES);
    }

  return good;
}

/* Whoever has one address of a /64 has them all. */
static guint
find_cell (const SrudpFloodGuard *guard,
           const SrudpAddress    *from)
{
  SrudpSpan spans[] = {
    { "cell", 4 },
    { from->ip, from->family == SRUDP_FAMILY_IPV6 ? 8 : 4 },
  };
  guint8 mac[SRUDP_SHA256_BYTES];

  srudp_hmac_sha256 (mac, guard->key, SRUDP_KEY_BYTES, spans, G_N_ELEMENTS (spans));

  return (mac[0] << 8 | mac[1]) % SRUDP_FLOOD_CELLS;
}

static gboolean
has_room (gint64 due,
          gint64 now,
          guint  rate)
{
  return rate > 0 && due - now <= G_USEC_PER_SEC - G_USEC_PER_SEC / rate;
}

static void
take (gint64 *due,
      gint64  now,
      guint   rate)
{
  *due = MAX (*due, now) + G_USEC_PER_SEC / rate;
}

/* Takes from both or from neither. */
static gboolean
take_both (gint64 *address,
           guint   address_rate,
           gint64 *all,
           guint   all_rate,
           gint64  now)
{
  if (!has_room (*address, now, address_rate) || !has_room (*all, now, all_rate))
    return FALSE;

  take (address, now, address_rate);
  take (all, now, all_rate);

  return TRUE;
}

SrudpFloodVerdict
srudp_flood_guard_judge (SrudpFloodGuard    *guard,
                         gint64              now,
                         const SrudpAddress *from,
                         const guint8        cookie[SRUDP_COOKIE_BYTES])
{
  guint cell = find_cell (guard, from);

  if (take_both (&guard->addresses[cell], guard->per_address,
                 &guard->all, guard->in_all, now))
    return SRUDP_FLOOD_ADMIT;
  if (!is_cookie (guard, now, from, cookie))
    return SRUDP_FLOOD_ASK;

  return take_both (&guard->proven_addresses[cell], SRUDP_COOKIES_PER_ADDRESS,
                    &guard->all_proven, SRUDP_COOKIES_IN_ALL, now)
         ? SRUDP_FLOOD_ADMIT : SRUDP_FLOOD_DROP;
}
