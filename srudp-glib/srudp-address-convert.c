/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-address-convert.c: between GIO's addresses and the engine's
 */
#include "config.h"

#include "srudp-glib/srudp-address-convert-private.h"

#include "srudp-glib/protocol/srudp-table-key.h"

#include <string.h>

/* Then the older half is forgotten: strangers with many addresses must not fill
 * the memory. */
#define BOOK_MAX_ENTRIES 2048

static const guint8 mapped_prefix[12] = {
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff
};

gboolean
srudp_address_from_inet (GSocketAddress *address,
                         SrudpAddress   *out)
{
  GInetSocketAddress *inet;
  GInetAddress *ip;
  const guint8 *bytes;

  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return FALSE;

  inet = G_INET_SOCKET_ADDRESS (address);
  ip = g_inet_socket_address_get_address (inet);
  bytes = g_inet_address_to_bytes (ip);
  if (g_inet_address_get_family (ip) == G_SOCKET_FAMILY_IPV4)
    srudp_address_init_ipv4 (out, bytes,
                             g_inet_socket_address_get_port (inet));
  else if (memcmp (bytes, mapped_prefix, sizeof mapped_prefix) == 0)
    srudp_address_init_ipv4 (out, bytes + sizeof mapped_prefix,
                             g_inet_socket_address_get_port (inet));
  else
    srudp_address_init_ipv6 (out, bytes,
                             g_inet_socket_address_get_port (inet),
                             g_inet_socket_address_get_scope_id (inet));
  return TRUE;
}

static GInetAddress *
make_ip (const SrudpAddress *address,
         gboolean            mapped)
{
  guint8 bytes[16];

  if (address->family == SRUDP_FAMILY_IPV6)
    return g_inet_address_new_from_bytes (address->ip, G_SOCKET_FAMILY_IPV6);
  if (!mapped)
    return g_inet_address_new_from_bytes (address->ip, G_SOCKET_FAMILY_IPV4);

  memcpy (bytes, mapped_prefix, sizeof mapped_prefix);
  memcpy (bytes + sizeof mapped_prefix, address->ip, 4);
  return g_inet_address_new_from_bytes (bytes, G_SOCKET_FAMILY_IPV6);
}

GSocketAddress *
srudp_address_to_inet (const SrudpAddress *address,
                       gboolean            mapped)
{
  g_autoptr (GInetAddress) ip = NULL;

  if (address->family != SRUDP_FAMILY_IPV4
      && address->family != SRUDP_FAMILY_IPV6)
    return NULL;

  ip = make_ip (address, mapped);
  return g_object_new (G_TYPE_INET_SOCKET_ADDRESS,
                       "address", ip,
                       "port", (guint) address->port,
                       "scope-id", address->scope_id,
                       NULL);
}

GSocketAddress *
srudp_address_unmap (GSocketAddress *address)
{
  SrudpAddress parsed;

  if (!srudp_address_from_inet (address, &parsed))
    return g_object_ref (address);
  return srudp_address_to_inet (&parsed, FALSE);
}

struct _SrudpAddressBook
{
  gboolean mapped;
  guint8 secret[SRUDP_SIPHASH_KEY_BYTES]; /* strangers are in it, too */
  GHashTable *young; /* SrudpTableKey → GSocketAddress */
  GHashTable *old;
};

static GHashTable *
new_table (void)
{
  return g_hash_table_new_full (srudp_table_key_hash, srudp_table_key_equal,
                                g_free, g_object_unref);
}

SrudpAddressBook *
srudp_address_book_new (gboolean mapped)
{
  SrudpAddressBook *self = g_new0 (SrudpAddressBook, 1);

  self->mapped = mapped;
  srudp_crypto_random (NULL, self->secret, sizeof self->secret);
  self->young = new_table ();
  self->old = new_table ();
  return self;
}

void
srudp_address_book_free (SrudpAddressBook *self)
{
  g_hash_table_unref (self->young);
  g_hash_table_unref (self->old);
  g_free (self);
}

static void
remember (SrudpAddressBook    *self,
          const SrudpTableKey *key,
          GSocketAddress      *address)
{
  if (g_hash_table_size (self->young) >= BOOK_MAX_ENTRIES)
    {
      g_hash_table_unref (self->old);
      self->old = self->young;
      self->young = new_table ();
    }
  g_hash_table_replace (self->young, g_memdup2 (key, sizeof *key),
                        g_object_ref (address));
}

static gboolean
fill_in_opaque (GSocketAddress *address,
                SrudpAddress   *out)
{
  gssize size = g_socket_address_get_native_size (address);
  g_autofree guint8 *native = NULL;
  guint8 hash[SRUDP_SHA256_BYTES];

  if (size <= 0)
    return FALSE;
  native = g_malloc0 ((gsize) size);
  if (!g_socket_address_to_native (address, native, (gsize) size, NULL))
    return FALSE;

  memset (out, 0, sizeof *out);
  out->family = SRUDP_FAMILY_OPAQUE;
  srudp_sha256 (hash, native, (gsize) size);
  memcpy (out->ip, hash, sizeof out->ip);
  return TRUE;
}

gboolean
srudp_address_book_enter (SrudpAddressBook *self,
                          GSocketAddress   *address,
                          SrudpAddress     *out)
{
  SrudpTableKey key;

  if (srudp_address_from_inet (address, out))
    return TRUE;
  if (!fill_in_opaque (address, out))
    return FALSE;
  srudp_table_key_init_address (&key, self->secret, out);
  if (!g_hash_table_contains (self->young, &key))
    remember (self, &key, address);
  return TRUE;
}

GSocketAddress *
srudp_address_book_lookup (SrudpAddressBook   *self,
                           const SrudpAddress *address)
{
  GSocketAddress *found;
  SrudpTableKey key;

  srudp_table_key_init_address (&key, self->secret, address);
  found = g_hash_table_lookup (self->young, &key);
  if (found != NULL)
    return g_object_ref (found);

  found = g_hash_table_lookup (self->old, &key);
  if (found != NULL)
    g_object_ref (found);
  else
    found = srudp_address_to_inet (address, self->mapped);
  if (found != NULL)
    remember (self, &key, found);
  return found;
}
