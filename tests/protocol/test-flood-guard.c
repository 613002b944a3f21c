/*
 * SPDX-License-Identifier: MIT
 *
 * test-flood-guard.c: who is answered while there are too many
 */
#include "srudp-flood-guard.h"

#include "srudp-cookie.h"

#define MS 1000
#define SECOND G_USEC_PER_SEC

static const guint8 key[SRUDP_KEY_BYTES] = { 1, 2, 3 };
static const guint8 no_cookie[SRUDP_COOKIE_BYTES];

static SrudpAddress
make_address (guint32 host,
              guint16 port)
{
  SrudpAddress address;
  guint8 ip[4] = { 10, (guint8) (host >> 16), (guint8) (host >> 8), (guint8) host };

  srudp_address_init_ipv4 (&address, ip, port);

  return address;
}

/* So many of each verdict when they come at an even rate for ten seconds. */
static void
flood (SrudpFloodGuard *guard,
       guint            rate,
       guint            n_hosts,
       gboolean         with_cookies,
       guint            counts[3])
{
  memset (counts, 0, 3 * sizeof *counts);
  for (guint i = 0; i < 10 * rate; i++)
    {
      gint64 now = 1000 * SECOND + (gint64) i * SECOND / rate;
      SrudpAddress from = make_address (i % n_hosts, (guint16) (1024 + i % 1000));
      guint8 cookie[SRUDP_COOKIE_BYTES] = { 0 };

      if (with_cookies)
        srudp_flood_guard_make_cookie (guard, now, &from, cookie);
      counts[srudp_flood_guard_judge (guard, now, &from, cookie)]++;
    }
}

static void
test_rates (void)
{
  static const struct
  {
    guint rate, n_hosts;
    gboolean with_cookies;
    guint min_admitted, max_admitted;
  } cases[] = {
    { 20, 1, FALSE, 200, 200 },
    { 150, 15, FALSE, 1500, 1500 },
    { 5000, 1, FALSE, 200, 220 },
    { 5000, 5000, FALSE, 2000, 2200 },
    { 5000, 1, TRUE, 1200, 1320 },
    { 5000, 5000, TRUE, 12000, 13200 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SrudpFloodGuard *guard = srudp_flood_guard_new (key);
      guint counts[3];

      g_test_message ("case %d", (int) i);
      flood (guard, cases[i].rate, cases[i].n_hosts, cases[i].with_cookies, counts);
      g_assert_cmpuint (counts[SRUDP_FLOOD_ADMIT], >=, cases[i].min_admitted);
      g_assert_cmpuint (counts[SRUDP_FLOOD_ADMIT], <=, cases[i].max_admitted);
      if (cases[i].with_cookies)
        g_assert_cmpuint (counts[SRUDP_FLOOD_ASK], ==, 0);
      else
        g_assert_cmpuint (counts[SRUDP_FLOOD_DROP], ==, 0);
      srudp_flood_guard_free (guard);
    }
}

/* A cookie is good for its address and for a while. */
static void
test_cookies (void)
{
  SrudpFloodGuard *guard = srudp_flood_guard_new (key);
  SrudpAddress here = make_address (1, 1000), there = make_address (1, 1001);
  guint8 cookie[SRUDP_COOKIE_BYTES];

  srudp_flood_guard_set_limits (guard, 0, 0);
  srudp_flood_guard_make_cookie (guard, 0, &here, cookie);
  g_assert_cmpint (srudp_flood_guard_judge (guard, 0, &here, no_cookie), ==,
                   SRUDP_FLOOD_ASK);
  g_assert_cmpint (srudp_flood_guard_judge (guard, 0, &here, cookie), ==,
                   SRUDP_FLOOD_ADMIT);
  g_assert_cmpint (srudp_flood_guard_judge (guard, 0, &there, cookie), ==,
                   SRUDP_FLOOD_ASK);
  g_assert_cmpint (srudp_flood_guard_judge (guard, SRUDP_COOKIE_SLOT_US, &here,
                                            cookie), ==, SRUDP_FLOOD_ADMIT);
  g_assert_cmpint (srudp_flood_guard_judge (guard, 2 * SRUDP_COOKIE_SLOT_US, &here,
                                            cookie), ==, SRUDP_FLOOD_ASK);
  cookie[3] ^= 1;
  g_assert_cmpint (srudp_flood_guard_judge (guard, 0, &here, cookie), ==,
                   SRUDP_FLOOD_ASK);
  srudp_flood_guard_free (guard);
}

/* All of a /64 are one; its neighbour is another. */
static void
test_networks (void)
{
  SrudpFloodGuard *guard = srudp_flood_guard_new (key);
  guint n_admitted = 0;

  for (guint i = 0; i < 100; i++)
    {
      guint8 ip[16] = { 0x20, 1, 0xd, 0xb8, [15] = (guint8) i };
      SrudpAddress from;

      srudp_address_init_ipv6 (&from, ip, 9, 0);
      n_admitted += srudp_flood_guard_judge (guard, SECOND, &from, no_cookie)
                    == SRUDP_FLOOD_ADMIT;
    }
  g_assert_cmpuint (n_admitted, ==, SRUDP_HELLOS_PER_ADDRESS);
  srudp_flood_guard_free (guard);
}

static void
test_packet (void)
{
  static const guint8 hash[SRUDP_SHA256_BYTES] = { 5 }, other[SRUDP_SHA256_BYTES] = { 6 };
  static const guint8 nonce[SRUDP_AEAD_NONCE_BYTES] = { 7 };
  guint8 cookie[SRUDP_COOKIE_BYTES] = { 8 }, seen[SRUDP_COOKIE_BYTES];
  guint8 packet[SRUDP_COOKIE_PACKET_BYTES];

  g_assert_cmpuint (sizeof packet, <=, SRUDP_HELLO_BYTES);
  srudp_cookie_packet_write (packet, 42, hash, nonce, cookie);
  g_assert_true (srudp_cookie_packet_open (packet, sizeof packet, hash, seen));
  g_assert_cmpmem (seen, sizeof seen, cookie, sizeof cookie);
  g_assert_false (srudp_cookie_packet_open (packet, sizeof packet, other, seen));
  for (gsize i = 0; i < sizeof packet; i++)
    {
      packet[i] ^= 0x20;
      g_assert_false (srudp_cookie_packet_open (packet, sizeof packet, hash, seen));
      packet[i] ^= 0x20;
      g_assert_false (srudp_cookie_packet_open (packet, i, hash, seen));
    }
}

static void
test_jar (void)
{
  SrudpCookieJar jar = { 0 };
  guint8 cookie[SRUDP_COOKIE_BYTES] = { 0 };

  for (guint i = 0; i < 20; i++)
    {
      SrudpAddress from = make_address (i, 1);

      cookie[0] = (guint8) (i + 1);
      g_assert_true (srudp_cookie_jar_put (&jar, SECOND, &from, cookie));
      g_assert_false (srudp_cookie_jar_put (&jar, 2 * SECOND - MS, &from, cookie));
      g_assert_true (srudp_cookie_jar_put (&jar, 2 * SECOND, &from, cookie));
    }
  for (guint i = 0; i < 20; i++)
    {
      SrudpAddress to = make_address (i, 1);

      srudp_cookie_jar_get (&jar, &to, cookie);
      g_assert_cmpuint (cookie[0], ==, i < 20 - SRUDP_COOKIES_KEPT ? 0 : i + 1);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (srudp_crypto_init ());
  g_test_add_func ("/flood-guard/rates", test_rates);
  g_test_add_func ("/flood-guard/cookies-are-of-one-address-and-time", test_cookies);
  g_test_add_func ("/flood-guard/an-ipv6-network-is-one-address", test_networks);
  g_test_add_func ("/cookie/packet", test_packet);
  g_test_add_func ("/cookie/newest-few-are-kept", test_jar);

  return g_test_run ();
}
