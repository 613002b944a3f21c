/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-address.c: socket addresses and paths, without any socket
 */
#include "srudp-address.h"

#include <string.h>

#define IPV4_BYTES 4
#define IPV6_BYTES 16
#define IPV6_GROUPS 8

/* RFC 4291, section 2.5.5.2 */
static const guint8 v4_mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

gboolean
srudp_address_same_ip (const SrudpAddress *a, const SrudpAddress *b)
{
  return a->family == b->family && a->scope_id == b->scope_id &&
         memcmp (a->ip, b->ip, sizeof a->ip) == 0;
}

gboolean
srudp_address_equal (const SrudpAddress *a, const SrudpAddress *b)
{
  return a->port == b->port && srudp_address_same_ip (a, b);
}

gboolean
srudp_path_equal (const SrudpPath *a, const SrudpPath *b)
{
  return srudp_address_equal (&a->remote, &b->remote) &&
         srudp_address_equal (&a->local, &b->local) && a->socket == b->socket;
}

gboolean
srudp_address_is_set (const SrudpAddress *address)
{
  return address->family != SRUDP_FAMILY_NONE;
}

static gboolean
all_bytes_are (const guint8 *bytes, gsize n_bytes, guint8 value)
{
  for (gsize i = 0; i < n_bytes; i++)
    if (bytes[i] != value)
      return FALSE;

  return TRUE;
}

gboolean
srudp_address_is_unicast (const SrudpAddress *address)
{
  const guint8 *ip = address->ip;

  switch (address->family)
    {
    case SRUDP_FAMILY_IPV4:
      /* RFC 1122, section 3.2.1.3: no 0.0.0.0/8; RFC 5771: no 224.0.0.0/4 */
      return ip[0] != 0 && (ip[0] & 0xf0) != 0xe0 && !all_bytes_are (ip, IPV4_BYTES, 0xff);
    case SRUDP_FAMILY_IPV6:
      /* RFC 4291, sections 2.5.2 and 2.7 */
      return ip[0] != 0xff && !all_bytes_are (ip, IPV6_BYTES, 0);
    case SRUDP_FAMILY_OPAQUE:
      return TRUE;
    default:
      return FALSE;
    }
}

void
srudp_address_init_ipv4 (SrudpAddress *address, const guint8 ip[4], guint16 port)
{
  memset (address, 0, sizeof *address);
  address->family = SRUDP_FAMILY_IPV4;
  memcpy (address->ip, ip, IPV4_BYTES);
  address->port = port;
}

/* RFC 4291, section 2.5.6 */
static gboolean
is_link_local (const guint8 ip[IPV6_BYTES])
{
  return ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80;
}

void
srudp_address_init_ipv6 (SrudpAddress *address,
                         const guint8  ip[16],
                         guint16       port,
                         guint32       scope_id)
{
  if (memcmp (ip, v4_mapped_prefix, sizeof v4_mapped_prefix) == 0)
    {
      srudp_address_init_ipv4 (address, ip + sizeof v4_mapped_prefix, port);
      return;
    }

  memset (address, 0, sizeof *address);
  address->family = SRUDP_FAMILY_IPV6;
  memcpy (address->ip, ip, IPV6_BYTES);
  address->port = port;
  address->scope_id = is_link_local (ip) ? scope_id : 0;
}

/* The first of the longest runs of zero groups, if it has two or more (RFC
 * 5952, section 4.2); returns its length. */
static gsize
longest_zero_run (const guint16 groups[IPV6_GROUPS], gsize *start)
{
  gsize longest = 1;
  gsize run = 0;

  for (gsize i = 0; i < IPV6_GROUPS; i++)
    {
      run = groups[i] == 0 ? run + 1 : 0;
      if (run > longest)
        {
          longest = run;
          *start = i + 1 - run;
        }
    }

  return longest > 1 ? longest : 0;
}

static void
append_ipv6 (GString *text, const guint8 ip[IPV6_BYTES])
{
  guint16 groups[IPV6_GROUPS];
  gsize run_start = 0;
  gsize run;

  for (gsize i = 0; i < IPV6_GROUPS; i++)
    groups[i] = (guint16) (ip[2 * i] << 8 | ip[2 * i + 1]);
  run = longest_zero_run (groups, &run_start);

  for (gsize i = 0; i < IPV6_GROUPS;)
    {
      if (run > 0 && i == run_start)
        {
          g_string_append (text, "::");
          i += run;
          continue;
        }
      if (i > 0 && (run == 0 || i != run_start + run))
        g_string_append_c (text, ':');
      g_string_append_printf (text, "%x", groups[i]);
      i++;
    }
}

const char *
srudp_address_format (const SrudpAddress *address, char out[SRUDP_ADDRESS_STRING_BYTES])
{
  const guint8 *ip = address->ip;
  g_autoptr (GString) text = g_string_new (NULL);

  switch (address->family)
    {
    case SRUDP_FAMILY_NONE:
      g_string_append (text, "(none)");
      break;
    case SRUDP_FAMILY_IPV4:
      g_string_append_printf (text, "%u.%u.%u.%u:%u", ip[0], ip[1], ip[2], ip[3],
                              address->port);
      break;
    case SRUDP_FAMILY_IPV6:
      g_string_append_c (text, '[');
      append_ipv6 (text, ip);
      if (address->scope_id != 0)
        g_string_append_printf (text, "%%%u", address->scope_id);
      g_string_append_printf (text, "]:%u", address->port);
      break;
    default:
      for (gsize i = 0; i < sizeof address->ip; i++)
        g_string_append_printf (text, "%02x", ip[i]);
      g_string_append_printf (text, ":%u", address->port);
      break;
    }

  g_assert (text->len < SRUDP_ADDRESS_STRING_BYTES);
  memcpy (out, text->str, text->len + 1);

  return out;
}
