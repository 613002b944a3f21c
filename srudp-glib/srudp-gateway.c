/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-gateway.c: the router that this computer's packets go to
 */
#include "config.h"

#include "srudp-glib/srudp-gateway-private.h"

#include <net/if.h>
#include <string.h>

#define IPV4_ROUTES "/proc/thread-self/net/route"
#define IPV6_ROUTES "/proc/thread-self/net/ipv6_route"
/* Of <linux/route.h> and <linux/ipv6_route.h>. */
#define RTF_UP 0x1
#define RTF_GATEWAY 0x2

static gboolean
parse_hex (const char *word,
           guint64    *out)
{
  return g_ascii_string_to_unsigned (word, 16, 0, G_MAXUINT32, out, NULL);
}

/* A line of the table without empty words. */
static GStrv
split_line (const char *line)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) words = g_strsplit_set (line, " \t", -1);

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_strv_builder_add (builder, words[i]);
  return g_strv_builder_end (builder);
}

typedef struct
{
  SrudpAddress address;
  char *interface;
  guint64 metric;
} Route;

/* Iface Destination Gateway Flags RefCnt Use Metric Mask … */
static gboolean
parse_ipv4_line (char  **words,
                 Route  *route)
{
  guint64 destination, gateway, flags, mask;
  guint32 address;
  guint8 ip[4];

  if (g_strv_length (words) < 8 || !parse_hex (words[1], &destination)
      || !parse_hex (words[2], &gateway) || !parse_hex (words[3], &flags)
      || !g_ascii_string_to_unsigned (words[6], 10, 0, G_MAXUINT32,
                                      &route->metric, NULL)
      || !parse_hex (words[7], &mask) || destination != 0 || mask != 0
      || gateway == 0 || (~flags & (RTF_UP | RTF_GATEWAY)) != 0)
    return FALSE;

  /* Printed as the number that the bytes of the address are in memory. */
  address = (guint32) gateway;
  memcpy (ip, &address, sizeof ip);
  srudp_address_init_ipv4 (&route->address, ip, 0);
  route->interface = words[0];
  return TRUE;
}

static gboolean
parse_ipv6_address (const char *word,
                    guint8      out[16])
{
  if (strlen (word) != 32)
    return FALSE;

  for (guint i = 0; i < 16; i++)
    {
      int high = g_ascii_xdigit_value (word[2 * i]);
      int low = g_ascii_xdigit_value (word[2 * i + 1]);

      if (high < 0 || low < 0)
        return FALSE;
      out[i] = (guint8) (high << 4 | low);
    }
  return TRUE;
}

/* Destination Length Source Length Gateway Metric RefCnt Use Flags Iface */
static gboolean
parse_ipv6_line (char  **words,
                 Route  *route)
{
  static const guint8 any[16] = { 0 };
  guint8 destination[16], gateway[16];
  guint64 length, flags;

  if (g_strv_length (words) < 10
      || !parse_ipv6_address (words[0], destination)
      || !parse_hex (words[1], &length)
      || !parse_ipv6_address (words[4], gateway)
      || !parse_hex (words[5], &route->metric)
      || !parse_hex (words[8], &flags) || length != 0
      || memcmp (destination, any, sizeof any) != 0
      || memcmp (gateway, any, sizeof any) == 0
      || (~flags & (RTF_UP | RTF_GATEWAY)) != 0)
    return FALSE;

  srudp_address_init_ipv6 (&route->address, gateway, 0, 0);
  route->interface = words[9];
  return TRUE;
}

/* One that has no router at its other end, such as a modem, counts as well. */
static gboolean
parse_default_route (char  **words,
                     Route  *route)
{
  guint64 destination, flags, mask;

  if (g_strv_length (words) < 8 || !parse_hex (words[1], &destination)
      || !parse_hex (words[3], &flags)
      || !g_ascii_string_to_unsigned (words[6], 10, 0, G_MAXUINT32,
                                      &route->metric, NULL)
      || !parse_hex (words[7], &mask))
    return FALSE;

  route->interface = words[0];
  return destination == 0 && mask == 0 && (flags & RTF_UP) != 0;
}

GStrv
srudp_gateway_parse_spare_interfaces (const char *routes)
{
  g_auto (GStrv) lines = g_strsplit (routes, "\n", -1);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  guint64 best = G_MAXUINT64;
  guint best_index = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = split_line (lines[i]);
      Route route;

      if (!parse_default_route (words, &route)
          || g_ptr_array_find_with_equal_func (names, route.interface,
                                               g_str_equal, NULL))
        continue;
      if (route.metric < best)
        {
          best = route.metric;
          best_index = names->len;
        }
      g_ptr_array_add (names, g_strdup (route.interface));
    }

  if (names->len > 0)
    g_ptr_array_remove_index (names, best_index);
  g_ptr_array_add (names, NULL);
  return (GStrv) g_ptr_array_steal (names, NULL);
}

typedef gboolean (*ParseLineFunc) (char  **words,
                                   Route  *route);

static gboolean
parse_table (const char     *routes,
             ParseLineFunc   parse_line,
             SrudpAddress   *out,
             char          **interface)
{
  g_auto (GStrv) lines = g_strsplit (routes, "\n", -1);
  guint64 best = G_MAXUINT64;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = split_line (lines[i]);
      Route route;

      if (!parse_line (words, &route) || route.metric >= best)
        continue;
      best = route.metric;
      *out = route.address;
      if (interface == NULL)
        continue;
      g_free (*interface);
      *interface = g_strdup (route.interface);
    }
  return best != G_MAXUINT64;
}

gboolean
srudp_gateway_parse_ipv4 (const char   *routes,
                          SrudpAddress *out)
{
  return parse_table (routes, parse_ipv4_line, out, NULL);
}

gboolean
srudp_gateway_parse_ipv6 (const char    *routes,
                          SrudpAddress  *out,
                          char         **interface)
{
  *interface = NULL;
  return parse_table (routes, parse_ipv6_line, out, interface);
}

static gboolean
is_link_local (const SrudpAddress *address)
{
  return address->ip[0] == 0xfe && (address->ip[1] & 0xc0) == 0x80;
}

GStrv
srudp_gateway_list_spare_interfaces (void)
{
  g_autofree char *routes = NULL;

  if (!g_file_get_contents (IPV4_ROUTES, &routes, NULL, NULL))
    return g_new0 (char *, 1);
  return srudp_gateway_parse_spare_interfaces (routes);
}

gboolean
srudp_gateway_find (SrudpFamily   family,
                    SrudpAddress *out)
{
  const char *path = family == SRUDP_FAMILY_IPV4 ? IPV4_ROUTES : IPV6_ROUTES;
  g_autofree char *routes = NULL;
  g_autofree char *interface = NULL;

  /* Not on Linux, or without IPv6. */
  if (!g_file_get_contents (path, &routes, NULL, NULL))
    return FALSE;
  if (family == SRUDP_FAMILY_IPV4)
    return srudp_gateway_parse_ipv4 (routes, out);
  if (!srudp_gateway_parse_ipv6 (routes, out, &interface))
    return FALSE;

  if (is_link_local (out))
    out->scope_id = if_nametoindex (interface);
  return TRUE;
}
