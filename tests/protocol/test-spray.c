/*
 * SPDX-License-Identifier: MIT
 *
 * test-spray.c: where a spray goes, and how much of it there is
 */
#include "srudp-spray.h"

#define SECOND G_USEC_PER_SEC
#define N_PORTS 65536

static SrudpAddress
make_address (guint8 a,
              guint8 d)
{
  SrudpAddress address;

  srudp_address_init_ipv4 (&address, (const guint8[4]) { a, 0, 113, d }, 4000);

  return address;
}

static SrudpNatFacts
make_peer (int port_delta)
{
  return (SrudpNatFacts) { .mapping = SRUDP_MAPPING_ENDPOINT_DEPENDENT,
                           .address = make_address (203, 1),
                           .port_delta = port_delta };
}

/* All probes until there are no more; how often each port was tried. */
static guint
probe_all (SrudpSpray *spray,
           guint       counts[N_PORTS],
           gint64     *end)
{
  gint64 now;
  guint n = 0;

  while ((now = srudp_spray_get_deadline (spray)) >= 0)
    {
      SrudpPath path;

      g_assert_true (srudp_spray_next (spray, now, &path));
      g_assert_cmpuint (path.socket, ==, 0);
      counts[path.remote.port]++;
      n++;
      *end = now;
    }

  return n;
}

static void
test_probes_differ (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  SrudpNatFacts peer = make_peer (0);

  for (guint round = 0; round < 200; round++)
    {
      g_autofree guint *counts = g_new0 (guint, N_PORTS);
      SrudpSpray spray;
      gint64 end = 0;

      srudp_spray_init (&spray);
      srudp_spray_plan_probes (&spray, 0, &peer, G_MAXUINT, g_rand_int (rand));
      g_assert_cmpuint (probe_all (&spray, counts, &end), ==,
                        SRUDP_MAX_SPRAY_PROBES);
      /* At most 200 a second. */
      g_assert_cmpint (end, >=, 10 * SECOND);
      for (guint port = 0; port < N_PORTS; port++)
        g_assert_cmpuint (counts[port], <=, port < 1024 ? 0 : 1);
    }
}

static void
test_sequence (void)
{
  g_autofree guint *counts = g_new0 (guint, N_PORTS);
  SrudpNatFacts peer = make_peer (-2);
  SrudpSpray spray;
  gint64 end = 0;

  srudp_spray_init (&spray);
  srudp_spray_plan_probes (&spray, 0, &peer, 1000, 1);
  g_assert_cmpuint (probe_all (&spray, counts, &end), ==, 1000);
  for (guint k = 1; k <= 500; k++)
    g_assert_cmpuint (counts[4000 - 2 * (int) k > 1023
                             ? 4000 - 2 * (int) k
                             : 4000 - 2 * (int) k + 65536 - 1024], >=, 1);
}

static void
test_openers (void)
{
  SrudpAddress targets[] = { make_address (203, 1), make_address (203, 2) };
  guint counts[256][2] = { 0 };
  SrudpSpray spray;
  SrudpPath path;
  gint64 now, last = 0;
  guint n = 0;

  srudp_spray_init (&spray);
  srudp_spray_plan_openers (&spray, 0, FALSE, 100, 256);
  g_assert_cmpint (srudp_spray_get_deadline (&spray), ==, -1);
  g_assert_true (srudp_spray_add_target (&spray, &targets[0]));
  g_assert_false (srudp_spray_add_target (&spray, &targets[0]));
  g_assert_true (srudp_spray_add_target (&spray, &targets[1]));

  while ((now = srudp_spray_get_deadline (&spray)) >= 0)
    {
      g_assert_true (srudp_spray_next (&spray, now, &path));
      g_assert_cmpuint (path.socket, >=, 100);
      g_assert_cmpuint (path.socket, <, 356);
      counts[path.socket - 100]
            [srudp_address_equal (&path.remote, &targets[1])]++;
      g_assert_cmpint (now, >=, last + SRUDP_PROBE_GAP_US);
      last = now;
      n++;
    }
  g_assert_cmpuint (n % 512, ==, 0);
  for (guint i = 0; i < 256; i++)
    for (guint k = 0; k < 2; k++)
      g_assert_cmpuint (counts[i][k], ==, n / 512);
  g_assert_cmpint (srudp_spray_get_end (&spray), >, last);
}

static void
test_targets (void)
{
  SrudpSpray spray;
  static const guint8 private[][4] = {
    { 10, 0, 0, 1 }, { 172, 16, 0, 1 }, { 172, 31, 0, 1 }, { 192, 168, 0, 1 },
    { 127, 0, 0, 1 }, { 169, 254, 0, 1 },
  };
  SrudpAddress address;

  srudp_spray_init (&spray);
  for (guint i = 0; i < G_N_ELEMENTS (private); i++)
    {
      srudp_address_init_ipv4 (&address, private[i], 4000);
      g_assert_false (srudp_spray_add_target (&spray, &address));
    }
  srudp_address_init_ipv6 (&address, (const guint8[16]) { 0x20, 1 }, 4000, 0);
  g_assert_false (srudp_spray_add_target (&spray, &address));
  for (guint i = 0; i < 4; i++)
    {
      address = make_address (172, (guint8) i);
      g_assert_cmpint (srudp_spray_add_target (&spray, &address), ==,
                       i < SRUDP_MAX_SPRAY_TARGETS);
    }
}

static void
test_pause (void)
{
  SrudpNatFacts peer = make_peer (0);
  SrudpSpray spray;
  SrudpPath path;

  srudp_spray_init (&spray);
  g_assert_cmpint (srudp_spray_get_deadline (&spray), ==, -1);
  g_assert_false (srudp_spray_next (&spray, SECOND, &path));
  srudp_spray_plan_probes (&spray, 0, &peer, 10, 1);
  srudp_spray_pause (&spray, 5 * SECOND);
  g_assert_false (srudp_spray_next (&spray, 6 * SECOND, &path));
  g_assert_true (srudp_spray_next (&spray, 7 * SECOND, &path));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/spray/openers-go-from-each-socket", test_openers);
  g_test_add_func ("/spray/pauses-when-somebody-is-met", test_pause);
  g_test_add_func ("/spray/probes-try-no-port-twice", test_probes_differ);
  g_test_add_func ("/spray/probes-follow-a-sequence", test_sequence);
  g_test_add_func ("/spray/targets-are-beyond-our-nat", test_targets);

  return g_test_run ();
}
