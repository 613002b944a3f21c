/*
 * SPDX-License-Identifier: MIT
 *
 * test-port-map.c: what is said to routers, and what they say
 */
#include "srudp-port-map.h"

#include "test-bytes.h"

#define NONCE "000102030405060708090a0b"

static SrudpPortMapRequest
make_request (void)
{
  static const guint8 client[4] = { 192, 168, 1, 2 };
  static const guint8 external[4] = { 203, 0, 113, 7 };
  SrudpPortMapRequest request = { .lifetime_s = 7200 };

  srudp_address_init_ipv4 (&request.client, client, 40000);
  srudp_address_init_ipv4 (&request.external, external, 50000);
  test_bytes_fill (request.nonce, sizeof request.nonce, NONCE);
  return request;
}

static void
test_requests (void)
{
  SrudpPortMapRequest request = make_request ();
  guint8 out[SRUDP_PORT_MAP_REQUEST_BYTES];
  gsize size;

  size = srudp_port_map_write_request (out, SRUDP_PORT_MAP_PCP, &request);
  test_assert_bytes (out, size,
                     "0201000000001c20"
                     "00000000000000000000ffffc0a80102" NONCE
                     "110000009c40c350"
                     "00000000000000000000ffffcb007107");

  request.external.family = SRUDP_FAMILY_NONE;
  size = srudp_port_map_write_request (out, SRUDP_PORT_MAP_PCP, &request);
  g_assert_cmpuint (size, ==, SRUDP_PORT_MAP_REQUEST_BYTES);
  test_assert_bytes (out + 44, 16, "00000000000000000000ffff00000000");

  size = srudp_port_map_write_request (out, SRUDP_PORT_MAP_NAT_PMP, &request);
  test_assert_bytes (out, size, "000100009c40c35000001c20");
  request.lifetime_s = 0;
  size = srudp_port_map_write_request (out, SRUDP_PORT_MAP_NAT_PMP, &request);
  test_assert_bytes (out, size, "000100009c40000000000000");

  size = srudp_port_map_write_address_request (out);
  test_assert_bytes (out, size, "0000");
}

static void
test_ipv6_requests (void)
{
  static const guint8 client[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 };
  SrudpPortMapRequest request = make_request ();
  guint8 out[SRUDP_PORT_MAP_REQUEST_BYTES];

  srudp_address_init_ipv6 (&request.client, client, 40000, 0);
  request.external = (SrudpAddress) { .port = 40000 };
  srudp_port_map_write_request (out, SRUDP_PORT_MAP_PCP, &request);
  test_assert_bytes (out + 8, 16, "20010db8000000000000000000000002");
  test_assert_bytes (out + 42, 18, "9c4000000000000000000000000000000000");
}

#define PCP(code, lifetime, port, external) \
  "028100" code lifetime "00000009" "000000000000000000000000" NONCE \
  "110000009c40" port external
#define V4(address) "00000000000000000000ffff" address

static const struct
{
  const char *name;
  const char *hex;
  gboolean ok;
  SrudpPortMapReplyType type;
  guint code;
  guint32 lifetime_s;
  const char *external;
} replies[] = {
  { "PCP, mapped", PCP ("00", "00000e10", "c350", V4 ("cb007107")), TRUE,
    SRUDP_PORT_MAP_MAPPED, 0, 3600, "203.0.113.7:50000" },
  { "PCP, IPv6",
    PCP ("00", "00000e10", "c350", "20010db8000000000000000000000002"), TRUE,
    SRUDP_PORT_MAP_MAPPED, 0, 3600, "[2001:db8::2]:50000" },
  { "PCP, not authorized", PCP ("02", "0000003c", "0000", V4 ("00000000")),
    TRUE, SRUDP_PORT_MAP_REFUSED, 2, 60, NULL },
  { "PCP, mapped to nowhere", PCP ("00", "00000e10", "c350", V4 ("00000000")),
    FALSE },
  { "PCP, mapped to no port", PCP ("00", "00000e10", "0000", V4 ("cb007107")),
    FALSE },
  { "PCP, half of a word too much",
    PCP ("00", "00000e10", "c350", V4 ("cb007107")) "0000", FALSE },
  { "PCP, announced", "028000000000000000000009000000000000000000000000", TRUE,
    SRUDP_PORT_MAP_ANNOUNCED, 0, 0, NULL },
  { "PCP, announced too shortly", "0280000000000000000000090000000000000000",
    FALSE },
  { "PCP, no announcement", "028000030000000000000009000000000000000000000000",
    FALSE },
  { "PCP, too short", "0281000000000e100000000900000000000000000000000000",
    FALSE },
  { "PCP, a request", "0201000000001c20000000000000000000000000", FALSE },
  { "another version of PCP", "0181000100000000", TRUE,
    SRUDP_PORT_MAP_OTHER_VERSION, 0, 0, NULL },
  { "NAT-PMP, address", "008000000000000acb007107", TRUE,
    SRUDP_PORT_MAP_ADDRESS, 0, 0, "203.0.113.7:0" },
  { "NAT-PMP, no address", "008000000000000a00000000", FALSE },
  { "NAT-PMP, mapped", "008100000000000a9c40c35000000e10", TRUE,
    SRUDP_PORT_MAP_MAPPED, 0, 3600, NULL },
  { "NAT-PMP, too short", "008100000000000a9c40c35000000e", FALSE },
  { "NAT-PMP, TCP", "008200000000000a9c40c35000000e10", FALSE },
  { "NAT-PMP, does not speak PCP", "008100010000000a", TRUE,
    SRUDP_PORT_MAP_OTHER_VERSION, 1, 0, NULL },
  { "NAT-PMP, not authorized", "008100020000000a", TRUE,
    SRUDP_PORT_MAP_REFUSED, 2, 0, NULL },
  { "NAT-PMP, a request", "000100009c40c35000001c20", FALSE },
  { "nothing", "", FALSE },
};

static void
test_replies (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr (GByteArray) bytes = test_bytes_from_hex (replies[i].hex);
      SrudpPortMapReply reply = { .code = 77 };
      char text[SRUDP_ADDRESS_STRING_BYTES];

      g_test_message ("%s", replies[i].name);
      g_assert_cmpint (
        srudp_port_map_parse_reply (bytes->data, bytes->len, &reply), ==,
        replies[i].ok);
      g_assert_cmpuint (reply.code, ==, replies[i].ok ? replies[i].code : 77);
      if (!replies[i].ok)
        continue;
      g_assert_cmpuint (reply.epoch_s, ==,
                        reply.protocol == SRUDP_PORT_MAP_PCP ? 9
                        : replies[i].hex[1] == '0'           ? 10 : 0);
      g_assert_cmpint (reply.type, ==, replies[i].type);
      g_assert_cmpuint (reply.lifetime_s, ==, replies[i].lifetime_s);
      if (replies[i].external != NULL)
        g_assert_cmpstr (srudp_address_format (&reply.external, text), ==,
                         replies[i].external);
      if (reply.type == SRUDP_PORT_MAP_MAPPED)
        {
          g_assert_cmpuint (reply.internal_port, ==, 40000);
          g_assert_cmpuint (reply.external_port, ==, 50000);
        }
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/port-map/requests/are-as-the-rfcs-say", test_requests);
  g_test_add_func ("/port-map/requests/over-ipv6", test_ipv6_requests);
  g_test_add_func ("/port-map/replies/are-read-or-refused", test_replies);

  return g_test_run ();
}
