/*
 * SPDX-License-Identifier: MIT
 *
 * test-stun.c: a server says by which address it sees us
 */
#include "srudp-stun.h"

#include "test-bytes.h"

#define ID "b7e7a701bc34d686fa87dfae"

/* RFC 5769, section 2.1: a request of somebody else's */
static const char rfc_request[] =
  "000100582112a442" ID "802200105354554e207465737420636c69656e74"
  "002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020"
  "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf";

/* RFC 5769, sections 2.2 and 2.3 */
static const char rfc_ipv4_response[] =
  "0101003c2112a442" ID "8022000b7465737420766563746f7220"
  "002000080001a147e112a643"
  "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96";
static const char rfc_ipv6_response[] =
  "010100482112a442" ID "8022000b7465737420766563746f7220"
  "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
  "00080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c";

static gboolean
parse_hex (const char        *hex,
           SrudpStunResponse *response)
{
  g_autoptr (GByteArray) bytes = test_bytes_from_hex (hex);

  return srudp_stun_parse_response (bytes->data, bytes->len, response);
}

/* A message without FINGERPRINT. */
static char *
make_message (const char *type,
              const char *attributes)
{
  return g_strdup_printf ("%s%04x2112a442" ID "%s", type,
                          (guint) strlen (attributes) / 2, attributes);
}

static void
expect_address (const SrudpAddress *address,
                const char         *expected)
{
  char text[SRUDP_ADDRESS_STRING_BYTES];

  g_assert_cmpstr (srudp_address_format (address, text), ==, expected);
}

static void
test_rfc_5769 (void)
{
  SrudpStunResponse response;
  guint8 id[SRUDP_STUN_TRANSACTION_ID_BYTES];

  test_bytes_fill (id, sizeof id, ID);
  g_assert_true (parse_hex (rfc_ipv4_response, &response));
  expect_address (&response.mapped, "192.0.2.1:32853");
  g_assert_cmpmem (response.transaction_id, sizeof response.transaction_id, id,
                   sizeof id);
  g_assert_cmpuint (response.error_code, ==, 0);
  g_assert_false (srudp_address_is_set (&response.other));

  g_assert_true (parse_hex (rfc_ipv6_response, &response));
  expect_address (&response.mapped,
                  "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
}

/* The checksum was computed with zlib's crc32(). */
static void
test_request (void)
{
  guint8 id[SRUDP_STUN_TRANSACTION_ID_BYTES];
  guint8 request[SRUDP_STUN_REQUEST_BYTES];
  g_autoptr (GByteArray) expected = test_bytes_from_hex (
    "000100082112a442" ID "80280004" "fdf6ae02");
  SrudpStunResponse response;

  test_bytes_fill (id, sizeof id, ID);
  srudp_stun_write_request (request, id);
  g_assert_cmpmem (request, sizeof request, expected->data, expected->len);
  g_assert_true (srudp_stun_is_message (request, sizeof request));
  g_assert_false (srudp_stun_parse_response (request, sizeof request,
                                             &response));
}

static void
test_told_from_others (void)
{
  static const guint8 first_bytes[] = { 0x40, 0x7f, 0xc1, 0xc2, 0xc3, 0xff };
  g_autoptr (GByteArray) bytes = test_bytes_from_hex (rfc_request);

  g_assert_true (srudp_stun_is_message (bytes->data, bytes->len));
  g_assert_false (srudp_stun_is_message (NULL, 0));
  for (guint i = 0; i < G_N_ELEMENTS (first_bytes); i++)
    {
      bytes->data[0] = first_bytes[i];
      g_assert_false (srudp_stun_is_message (bytes->data, bytes->len));
    }
  bytes->data[0] = 0;
  bytes->data[4] ^= 1;
  g_assert_false (srudp_stun_is_message (bytes->data, bytes->len));
}

static void
test_addresses_of_rfc_5780 (void)
{
  g_autofree char *message = make_message (
    "0101", "000100080001138dc0000201"  /* MAPPED-ADDRESS */
            "802b00080001" "0d96c6336401" /* RESPONSE-ORIGIN */
            "802c00080001" "0d97c6336402" /* OTHER-ADDRESS */
            "802c00080001" "0d97cb007101" /* again: doesn't count */
            "80220003" "61626300");       /* SOFTWARE, padded */
  SrudpStunResponse response;

  g_assert_true (parse_hex (message, &response));
  expect_address (&response.mapped, "192.0.2.1:5005");
  expect_address (&response.origin, "198.51.100.1:3478");
  expect_address (&response.other, "198.51.100.2:3479");
}

/* Routers rewrite what looks like an address: the masked one is right. */
static void
test_masked_address_comes_first (void)
{
  g_autofree char *message = make_message (
    "0101", "000100080001138dc0a80001" "002000080001a147e112a643");
  SrudpStunResponse response;

  g_assert_true (parse_hex (message, &response));
  expect_address (&response.mapped, "192.0.2.1:32853");
}

static void
test_error (void)
{
  /* 420 Unknown Attribute: 0x0003, 0x7777; one that we don't know */
  g_autofree char *message = make_message (
    "0111", "0009000800000414" "57686174" "000a000400037777" "7ffe0000");
  SrudpStunResponse response;

  g_assert_true (parse_hex (message, &response));
  g_assert_cmpuint (response.error_code, ==, 420);
  g_assert_cmpuint (response.n_unknown, ==, 2);
  g_assert_cmphex (response.unknown[0], ==, 0x0003);
  g_assert_cmphex (response.unknown[1], ==, 0x7777);
}

static void
test_added_behind_integrity (void)
{
  g_autofree char *message = make_message (
    "0101", "000100080001138dc0000201"
            "0008001400000000000000000000000000000000000000" "00"
            "002000080001a147e112a643");
  SrudpStunResponse response;

  g_assert_true (parse_hex (message, &response));
  expect_address (&response.mapped, "192.0.2.1:5005");
}

static void
test_refused (void)
{
  static const struct
  {
    const char *type, *attributes;
  } cases[] = {
    { "0101", "" },                                  /* no address */
    { "0111", "" },                                  /* no code */
    { "0011", "000100080001138dc0000201" },          /* an indication */
    { "0102", "000100080001138dc0000201" },          /* another method */
    { "0101", "000100080003138dc0000201" },          /* family */
    { "0101", "000100080002138dc0000201" },          /* family and size */
    { "0101", "0001000c0001138dc000020100000000" },  /* too long */
    { "0101", "000100060001138dc0000000" },          /* too short */
    { "0101", "000100090001138dc0000201" },          /* over the end */
    { "0101", "000100080001138dc00002017ffe0000" },  /* has to be known */
    { "0101", "000100080001138dc000020180280000" },  /* FINGERPRINT */
    { "0101", "000100080001138dc00002018028000400000000" },
    { "0111", "0009000400000200" },                  /* code 200 */
    { "0111", "0009000400000764" },                  /* code 700 */
    { "0111", "0009000400000464" },                  /* code 4 and 100 */
    { "0111", "0009000300000400" },
    { "0111", "0009000400000414000a000300037700" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *message =
        make_message (cases[i].type, cases[i].attributes);
      SrudpStunResponse response = { .error_code = 7 };

      g_test_message ("%s", message);
      g_assert_false (parse_hex (message, &response));
      g_assert_cmpuint (response.error_code, ==, 7);
    }
}

/* FINGERPRINT covers all before it. Where the flipped bit hides FINGERPRINT
 * itself, what is said stays the same. */
static void
test_every_flipped_bit (void)
{
  g_autoptr (GByteArray) bytes = test_bytes_from_hex (rfc_ipv4_response);
  guint refused = 0;

  for (guint i = 0; i < bytes->len * 8; i++)
    {
      SrudpStunResponse response;

      bytes->data[i / 8] ^= (guint8) (1 << i % 8);
      if (srudp_stun_parse_response (bytes->data, bytes->len, &response))
        {
          expect_address (&response.mapped, "192.0.2.1:32853");
          g_assert_cmpmem (response.transaction_id,
                           sizeof response.transaction_id, bytes->data + 8,
                           sizeof response.transaction_id);
        }
      else
        refused++;
      bytes->data[i / 8] ^= (guint8) (1 << i % 8);
    }
  g_assert_cmpuint (refused, >, (bytes->len - 4) * 8);
}

static void
test_cut_off (void)
{
  g_autoptr (GByteArray) bytes = test_bytes_from_hex (rfc_ipv6_response);
  SrudpStunResponse response;

  for (guint size = 0; size < bytes->len; size++)
    {
      /* A copy, so that valgrind sees what is read behind it. */
      g_autofree guint8 *part = g_memdup2 (bytes->data, size);

      g_assert_false (srudp_stun_parse_response (part, size, &response));
      g_assert_false (srudp_stun_is_message (part, size));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/stun/vectors-of-rfc-5769", test_rfc_5769);
  g_test_add_func ("/stun/request", test_request);
  g_test_add_func ("/stun/told-from-other-packets", test_told_from_others);
  g_test_add_func ("/stun/addresses-of-rfc-5780", test_addresses_of_rfc_5780);
  g_test_add_func ("/stun/masked-address-comes-first",
                   test_masked_address_comes_first);
  g_test_add_func ("/stun/error", test_error);
  g_test_add_func ("/stun/nothing-is-added-behind-integrity",
                   test_added_behind_integrity);
  g_test_add_func ("/stun/refused", test_refused);
  g_test_add_func ("/stun/every-flipped-bit", test_every_flipped_bit);
  g_test_add_func ("/stun/cut-off", test_cut_off);

  return g_test_run ();
}
