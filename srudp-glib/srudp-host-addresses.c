/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-host-addresses.c: the addresses of this machine
 */
#include "config.h"

#include "srudp-glib/srudp-host-addresses-private.h"

#include "srudp-glib/srudp-invitation-codec-private.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

/* Of both families as many as the engine takes, 8. */
#define MAX_PICKED_OF_FAMILY 4

/* RFC 3927 and RFC 4291, section 2.5.6 */
static gboolean
is_link_local (const SrudpAddress *address)
{
  if (address->family == SRUDP_FAMILY_IPV4)
    return address->ip[0] == 169 && address->ip[1] == 254;
  return address->ip[0] == 0xfe && (address->ip[1] & 0xc0) == 0x80;
}

/* RFC 1122, section 3.2.1.3, and RFC 4291, section 2.5.3 */
gboolean
srudp_host_addresses_is_loopback (const SrudpAddress *address)
{
  static const guint8 ipv6[16] = { [15] = 1 };

  if (address->family == SRUDP_FAMILY_IPV4)
    return address->ip[0] == 127;
  return memcmp (address->ip, ipv6, sizeof ipv6) == 0;
}

static gboolean
read_address (const struct sockaddr *from,
              guint16                port,
              SrudpAddress          *address)
{
  if (from == NULL)
    return FALSE;
  if (from->sa_family == AF_INET)
    {
      struct sockaddr_in ipv4;

      memcpy (&ipv4, from, sizeof ipv4);
      srudp_address_init_ipv4 (address, (const guint8 *) &ipv4.sin_addr, port);
      return TRUE;
    }
  if (from->sa_family == AF_INET6)
    {
      struct sockaddr_in6 ipv6;

      memcpy (&ipv6, from, sizeof ipv6);
      srudp_address_init_ipv6 (address, ipv6.sin6_addr.s6_addr, port, 0);
      return TRUE;
    }
  return FALSE;
}

GArray *
srudp_host_addresses_list (guint16 port)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (SrudpAddress));
  struct ifaddrs *interfaces = NULL;

  if (getifaddrs (&interfaces) != 0)
    return list;

  for (const struct ifaddrs *i = interfaces; i != NULL; i = i->ifa_next)
    {
      SrudpAddress address;

      if ((i->ifa_flags & IFF_UP) && (i->ifa_flags & IFF_RUNNING)
          && read_address (i->ifa_addr, port, &address)
          && srudp_address_is_unicast (&address) && !is_link_local (&address))
        g_array_append_val (list, address);
    }
  freeifaddrs (interfaces);
  return list;
}

gboolean
srudp_host_addresses_find_ipv4 (const char   *interface,
                                guint16       port,
                                SrudpAddress *out)
{
  struct ifaddrs *interfaces = NULL;
  gboolean found = FALSE;

  if (getifaddrs (&interfaces) != 0)
    return FALSE;

  for (const struct ifaddrs *i = interfaces; i != NULL && !found;
       i = i->ifa_next)
    found = g_str_equal (i->ifa_name, interface) && (i->ifa_flags & IFF_UP)
            && i->ifa_addr != NULL && i->ifa_addr->sa_family == AF_INET
            && read_address (i->ifa_addr, port, out);
  freeifaddrs (interfaces);
  if (found)
    out->scope_id = if_nametoindex (interface);
  return found && out->scope_id != 0;
}

gboolean
srudp_host_addresses_contain (const SrudpAddress *address)
{
  g_autoptr (GArray) list = NULL;

  if (srudp_host_addresses_is_loopback (address))
    return TRUE;

  list = srudp_host_addresses_list (address->port);
  for (guint i = 0; i < list->len; i++)
    if (srudp_address_same_ip (&g_array_index (list, SrudpAddress, i),
                               address))
      return TRUE;
  return FALSE;
}

static GArray *
pick (const GArray *list,
      gboolean      loopback)
{
  GArray *picked = g_array_new (FALSE, FALSE, sizeof (SrudpAddress));
  guint n_ipv4 = 0, n_ipv6 = 0;

  for (guint i = 0; i < list->len; i++)
    {
      SrudpAddress *address = &g_array_index (list, SrudpAddress, i);
      guint *n = address->family == SRUDP_FAMILY_IPV6 ? &n_ipv6 : &n_ipv4;

      if (srudp_invitation_can_name (address)
          && srudp_host_addresses_is_loopback (address) == loopback
          && (*n)++ < MAX_PICKED_OF_FAMILY)
        g_array_append_val (picked, *address);
    }
  return picked;
}

GArray *
srudp_host_addresses_pick (const GArray *list)
{
  GArray *picked = pick (list, FALSE);

  if (picked->len > 0)
    return picked;
  g_array_unref (picked);
  return pick (list, TRUE);
}

gboolean
srudp_host_addresses_include (const GArray       *list,
                              const SrudpAddress *address)
{
  for (guint i = 0; i < list->len; i++)
    if (srudp_address_equal (&g_array_index (list, SrudpAddress, i), address))
      return TRUE;
  return FALSE;
}

gboolean
srudp_host_addresses_equal (const GArray *a,
                            const GArray *b)
{
  gboolean same = a->len == b->len;

  for (guint i = 0; i < a->len && same; i++)
    same = srudp_host_addresses_include (b,
                                         &g_array_index (a, SrudpAddress, i));
  return same;
}
