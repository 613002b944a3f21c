/*
 * SPDX-License-Identifier: MIT
 *
 * test-address.c: addresses are compared, judged and written out
 */
#include "srudp-address.h"

#include "test-bytes.h"

typedef struct
{
  const char *ip; /* hexadecimal, 4 or 16 bytes */
  guint16 port;
  guint32 scope_id;
  const char *text;
  gboolean unicast;
} Case;

static const Case cases[] = {
  { "c0000201", 5, 0, "192.0.2.1:5", TRUE },
  { "7f000001", 65535, 0, "127.0.0.1:65535", TRUE },
  { "00000000", 1, 0, "0.0.0.0:1", FALSE },
  { "00000001", 1, 0, "0.0.0.1:1", FALSE },
  { "dfffffff", 1, 0, "223.255.255.255:1", TRUE },
  { "e0000001", 1, 0, "224.0.0.1:1", FALSE },
  { "efffffff", 1, 0, "239.255.255.255:1", FALSE },
  { "fffffffe", 1, 0, "255.255.255.254:1", TRUE },
  { "ffffffff", 1, 0, "255.255.255.255:1", FALSE },
  /* v4-mapped is IPv4, and judged as such */
  { "00000000000000000000ffffc0000201", 5, 7, "192.0.2.1:5", TRUE },
  { "00000000000000000000ffffe0000001", 5, 0, "224.0.0.1:5", FALSE },
  { "00000000000000000000ffff00000000", 5, 0, "0.0.0.0:5", FALSE },
  { "fe800000000000000000000000000001", 5, 2, "[fe80::1%2]:5", TRUE },
  { "fe800000000000000000000000000001", 5, 0, "[fe80::1]:5", TRUE },
  /* only link-local addresses have a scope here */
  { "20010db8000000000000000000000001", 5, 2, "[2001:db8::1]:5", TRUE },
  { "00000000000000000000000000000000", 5, 0, "[::]:5", FALSE },
  { "00000000000000000000000000000001", 5, 0, "[::1]:5", TRUE },
  { "ff020000000000000000000000000001", 5, 0, "[ff02::1]:5", FALSE },
  /* RFC 5952, section 4.2: one zero group stays, the first longest run goes */
  { "20010db8000000010001000100010001", 5, 0, "[2001:db8:0:1:1:1:1:1]:5", TRUE },
  { "20010000000000010000000000000001", 5, 0, "[2001:0:0:1::1]:5", TRUE },
  { "20010db8000000000001000000000001", 5, 0, "[2001:db8::1:0:0:1]:5", TRUE },
  { "00010000000000000000000000000000", 5, 0, "[1::]:5", TRUE },
  { "00000000000000000000000000010002", 5, 0, "[::1:2]:5", TRUE },
  { "fe80fffffffffffffffffffffffffffe", 65535, 4294967295,
    "[fe80:ffff:ffff:ffff:ffff:ffff:ffff:fffe%4294967295]:65535", TRUE },
};

static void
init_case (SrudpAddress *address, const Case *entry)
{
  g_autoptr (GByteArray) ip = test_bytes_from_hex (entry->ip);

  memset (address, 0xff, sizeof *address);
  if (ip->len == 4)
    srudp_address_init_ipv4 (address, ip->data, entry->port);
  else
    srudp_address_init_ipv6 (address, ip->data, entry->port, entry->scope_id);
}

static void
test_text (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char text[SRUDP_ADDRESS_STRING_BYTES];
      SrudpAddress address;

      init_case (&address, &cases[i]);
      g_assert_cmpstr (srudp_address_format (&address, text), ==, cases[i].text);
    }
}

static void
test_text_without_ip (void)
{
  char text[SRUDP_ADDRESS_STRING_BYTES];
  SrudpAddress none = { 0 };
  SrudpAddress opaque = { .family = SRUDP_FAMILY_OPAQUE, .ip = { 0xab, 1 }, .port = 65535 };

  g_assert_cmpstr (srudp_address_format (&none, text), ==, "(none)");
  g_assert_cmpstr (srudp_address_format (&opaque, text), ==,
                   "ab010000000000000000000000000000:65535");
}

static void
test_unicast (void)
{
  SrudpAddress none = { 0 };
  SrudpAddress opaque = { .family = SRUDP_FAMILY_OPAQUE };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SrudpAddress address;

      init_case (&address, &cases[i]);
      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (srudp_address_is_unicast (&address), ==, cases[i].unicast);
      g_assert_true (srudp_address_is_set (&address));
    }
  g_assert_false (srudp_address_is_unicast (&none));
  g_assert_false (srudp_address_is_set (&none));
  g_assert_true (srudp_address_is_unicast (&opaque));
}

static void
test_equality (void)
{
  static const guint8 ip[4] = { 192, 0, 2, 1 };
  static const guint8 mapped[16] = { [10] = 0xff, 0xff, 192, 0, 2, 1 };
  static const guint8 link_local[16] = { 0xfe, 0x80, [15] = 1 };
  SrudpAddress a, b, other_port, scope_2, scope_3;
  SrudpPath path, path_back;

  srudp_address_init_ipv4 (&a, ip, 5);
  srudp_address_init_ipv6 (&b, mapped, 5, 0);
  srudp_address_init_ipv4 (&other_port, ip, 6);
  srudp_address_init_ipv6 (&scope_2, link_local, 5, 2);
  srudp_address_init_ipv6 (&scope_3, link_local, 5, 3);

  g_assert_true (srudp_address_equal (&a, &b));
  g_assert_false (srudp_address_equal (&a, &other_port));
  g_assert_true (srudp_address_same_ip (&a, &other_port));
  g_assert_false (srudp_address_equal (&scope_2, &scope_3));
  g_assert_false (srudp_address_same_ip (&scope_2, &scope_3));
  g_assert_false (srudp_address_same_ip (&a, &scope_2));

  path = (SrudpPath) { .local = a, .remote = other_port };
  path_back = (SrudpPath) { .local = other_port, .remote = a };
  g_assert_true (srudp_path_equal (&path, &path));
  g_assert_false (srudp_path_equal (&path, &path_back));
  path_back = path;
  path_back.local.ip[3]++;
  g_assert_false (srudp_path_equal (&path, &path_back));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/address/text", test_text);
  g_test_add_func ("/address/text-without-ip", test_text_without_ip);
  g_test_add_func ("/address/unicast", test_unicast);
  g_test_add_func ("/address/equality", test_equality);

  return g_test_run ();
}
