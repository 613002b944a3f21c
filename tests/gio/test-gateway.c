/*
 * SPDX-License-Identifier: MIT
 *
 * test-gateway.c: which router packets go to, as the system's tables say
 */
#include "srudp-glib/srudp-gateway-private.h"

#define IPV4_HEAD \
  "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\n"

static guint32
as_in_memory (guint8 a,
              guint8 b,
              guint8 c,
              guint8 d)
{
  const guint8 bytes[4] = { a, b, c, d };
  guint32 number;

  memcpy (&number, bytes, sizeof number);
  return number;
}

static void
expect_ipv4 (const char *routes,
             const char *expected)
{
  char text[SRUDP_ADDRESS_STRING_BYTES] = "none";
  SrudpAddress gateway;

  if (srudp_gateway_parse_ipv4 (routes, &gateway))
    srudp_address_format (&gateway, text);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_ipv4 (void)
{
  g_autofree char *routes = g_strdup_printf (
    IPV4_HEAD
    "wlan0\t00000000\t%08X\t0003\t0\t0\t600\t00000000\t0\n"
    "eth0\t00000000\t%08X\t0003\t0\t0\t100\t00000000\t0\n"
    "eth0\t%08X\t00000000\t0001\t0\t0\t0\t%08X\t0\n"
    "tun0\t00000000\t%08X\t0003\t0\t0\t0\t%08X\t0\n"
    "eth1\t00000000\t%08X\t0002\t0\t0\t0\t00000000\t0\n"
    "eth2\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\n",
    as_in_memory (192, 168, 1, 1), as_in_memory (10, 0, 0, 1),
    as_in_memory (10, 0, 0, 0), as_in_memory (255, 255, 255, 0),
    /* Half of the world, as VPNs have it. */
    as_in_memory (10, 8, 0, 1), as_in_memory (128, 0, 0, 0),
    /* Down. */
    as_in_memory (10, 9, 0, 1));

  expect_ipv4 (routes, "10.0.0.1:0");
  expect_ipv4 (IPV4_HEAD, "none");
  expect_ipv4 ("", "none");
}

static void
expect_spare (const char *routes,
              const char *expected)
{
  g_auto (GStrv) interfaces = srudp_gateway_parse_spare_interfaces (routes);
  g_autofree char *text = g_strjoinv (" ", interfaces);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_spare_interfaces (void)
{
  g_autofree char *routes = g_strdup_printf (
    IPV4_HEAD
    "wlan0\t00000000\t%08X\t0003\t0\t0\t600\t00000000\t0\n"
    "eth0\t00000000\t%08X\t0003\t0\t0\t100\t00000000\t0\n"
    "wlan0\t00000000\t%08X\t0003\t0\t0\t700\t00000000\t0\n"
    "eth0\t%08X\t00000000\t0001\t0\t0\t0\t%08X\t0\n"
    "eth1\t00000000\t%08X\t0002\t0\t0\t0\t00000000\t0\n"
    "wwan0\t00000000\t00000000\t0001\t0\t0\t900\t00000000\t0\n",
    as_in_memory (192, 168, 1, 1), as_in_memory (10, 0, 0, 1),
    as_in_memory (192, 168, 1, 2), as_in_memory (10, 0, 0, 0),
    as_in_memory (255, 255, 255, 0), as_in_memory (10, 9, 0, 1));

  expect_spare (routes, "wlan0 wwan0");
  expect_spare (IPV4_HEAD, "");
  expect_spare ("", "");
  expect_spare ("eth0\t00000000\n\t\n", "");
}

static void
test_nonsense (void)
{
  static const char *const routes[] = {
    "eth0",
    "eth0 00000000 0100000A",
    "eth0 00000000 0100000A 0003 0 0 100",
    "eth0 00000000 zzz 0003 0 0 100 00000000",
    "eth0 00000000 0100000A 0003 0 0 -1 00000000",
    "eth0 000000000 1000000000 0003 0 0 100 00000000",
  };

  for (guint i = 0; i < G_N_ELEMENTS (routes); i++)
    {
      g_autofree char *interface = NULL;
      SrudpAddress gateway;

      expect_ipv4 (routes[i], "none");
      g_assert_false (
        srudp_gateway_parse_ipv6 (routes[i], &gateway, &interface));
      g_assert_null (interface);
    }
}

#define ANY "00000000000000000000000000000000"

static void
test_ipv6 (void)
{
  static const char routes[] =
    "20010db8000000000000000000000000 40 " ANY " 00 " ANY
    " 00000100 00000001 00000000 00000001     eth0\n"
    ANY " 00 " ANY " 00 fe800000000000000000000000000002"
    " 00000400 00000001 00000000 00000003    wlan0\n"
    ANY " 00 " ANY " 00 fe800000000000000000000000000001"
    " 00000200 00000001 00000000 00000003     eth0\n"
    ANY " 00 " ANY " 00 " ANY
    " ffffffff 00000001 00000000 00200200       lo\n";
  g_autofree char *interface = NULL;
  char text[SRUDP_ADDRESS_STRING_BYTES];
  SrudpAddress gateway;

  g_assert_true (srudp_gateway_parse_ipv6 (routes, &gateway, &interface));
  g_assert_cmpstr (srudp_address_format (&gateway, text), ==, "[fe80::1]:0");
  g_assert_cmpstr (interface, ==, "eth0");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/gateway/ipv4/is-that-of-the-best-default-route",
                   test_ipv4);
  g_test_add_func ("/gateway/ipv6/is-link-local-and-has-an-interface",
                   test_ipv6);
  g_test_add_func ("/gateway/ipv4/other-default-routes-are-spare",
                   test_spare_interfaces);
  g_test_add_func ("/gateway/nonsense-is-no-route", test_nonsense);

  return g_test_run ();
}
