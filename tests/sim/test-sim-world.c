/*
 * SPDX-License-Identifier: MIT
 *
 * test-sim-world.c: the simulator itself does what it says
 */
#include "sim-link.h"
#include "sim-nat.h"

#include <string.h>

#define MS 1000

/* Counts, and remembers the last one. */
typedef struct
{
  SimSink sink;
  SimClock *clock;
  guint n;
  gint64 last_us, longest_us;
  guint n_out_of_order;
  SimPacket *last;
} Bin;

static void
bin_receive (SimSink   *sink,
             SimPacket *packet)
{
  Bin *bin = (Bin *) sink;

  if (bin->last != NULL && packet->size >= 4 && bin->last->size >= 4
      && memcmp (packet->data, bin->last->data, 4) < 0)
    bin->n_out_of_order++;
  g_clear_pointer (&bin->last, sim_packet_free);
  bin->last = packet;
  bin->n++;
  bin->last_us = bin->clock->now_us;
}

typedef struct
{
  SimClock clock;
  Bin bin;
  SimLink link;
  SrudpAddress a, b;
} Fixture;

static void
fixture_init (Fixture             *f,
              const SimLinkConfig *config)
{
  memset (f, 0, sizeof *f);
  sim_clock_init (&f->clock);
  f->bin.sink.receive = bin_receive;
  f->bin.clock = &f->clock;
  sim_link_init (&f->link, &f->clock, config, 1, 1, &f->bin.sink);
  sim_address (&f->a, 1, 1111);
  sim_address (&f->b, 2, 2222);
}

static void
fixture_clear (Fixture *f)
{
  sim_clock_clear (&f->clock);
  sim_link_clear (&f->link);
  g_clear_pointer (&f->bin.last, sim_packet_free);
}

/* Packets carry their number, big-endian. */
static void
send_numbered (Fixture *f,
               guint32  number,
               gsize    size)
{
  guint8 data[2000] = { 0 };
  guint32 big_endian = GUINT32_TO_BE (number);

  memcpy (data, &big_endian, sizeof big_endian);
  sim_sink_receive (&f->link.sink,
                    sim_packet_new (&f->a, &f->b, SRUDP_ECN_ECT0, data, size));
}

static void
send_many (Fixture *f,
           guint    n,
           gint64   gap_us)
{
  for (guint i = 0; i < n; i++)
    {
      send_numbered (f, i, 100);
      sim_clock_run (&f->clock, f->clock.now_us + gap_us);
    }
  sim_clock_run (&f->clock, f->clock.now_us + 1000 * MS);
}

static void
note_order (gpointer data)
{
  GString *order = ((gpointer *) data)[0];

  g_string_append_c (order, *(char *) ((gpointer *) data)[1]);
}

static void
test_clock_order (void)
{
  g_autoptr (GString) order = g_string_new (NULL);
  char letters[] = "abcd";
  gint64 at[] = { 5, 3, 5, 1 };
  gpointer data[4][2];
  SimClock clock;

  sim_clock_init (&clock);
  for (guint i = 0; i < 4; i++)
    {
      data[i][0] = order;
      data[i][1] = &letters[i];
      sim_clock_schedule (&clock, at[i], note_order, data[i], NULL);
    }
  sim_clock_run (&clock, 4);
  g_assert_cmpstr (order->str, ==, "db");
  g_assert_cmpint (clock.now_us, ==, 4);
  sim_clock_run (&clock, 10);
  g_assert_cmpstr (order->str, ==, "dbac");
  sim_clock_clear (&clock);
}

static void
test_clock_many (void)
{
  SimClock clock;
  SimRng rng;
  gint64 last = 0;

  sim_clock_init (&clock);
  sim_rng_init (&rng, 1, 2);
  for (guint i = 0; i < 5000; i++)
    sim_clock_schedule (&clock, (gint64) sim_rng_below (&rng, 1000),
                        (SimFunc) g_free, g_malloc (1), g_free);
  while (sim_clock_step (&clock, 500))
    {
      g_assert_cmpint (clock.now_us, >=, last);
      last = clock.now_us;
    }
  g_assert_cmpuint (clock.n_run, >, 2000);
  sim_clock_clear (&clock);
}

static void
test_rng_streams (void)
{
  SimRng a, b, c;
  guint n = 0;

  sim_rng_init (&a, 7, 1);
  sim_rng_init (&b, 7, 1);
  sim_rng_init (&c, 7, 2);
  g_assert_cmpuint (sim_rng_next (&a), ==, sim_rng_next (&b));
  g_assert_cmpuint (sim_rng_next (&a), !=, sim_rng_next (&c));
  for (guint i = 0; i < 100000; i++)
    n += sim_rng_chance (&a, 0.3);
  g_assert_cmpuint (n, >, 29000);
  g_assert_cmpuint (n, <, 31000);
}

static void
test_link_delay (void)
{
  SimLinkConfig config = { .delay_us = 15 * MS };
  Fixture f;

  fixture_init (&f, &config);
  send_numbered (&f, 0, 10);
  sim_clock_run (&f.clock, 15 * MS - 1);
  g_assert_cmpuint (f.bin.n, ==, 0);
  sim_clock_run (&f.clock, 15 * MS);
  g_assert_cmpuint (f.bin.n, ==, 1);
  fixture_clear (&f);
}

/* 972 bytes and 28 of headers are 8,000 bits: 8 ms at 1 Mbit/s. */
static void
test_link_rate (void)
{
  SimLinkConfig config = { .rate_bps = 1000000 };
  Fixture f;

  fixture_init (&f, &config);
  for (guint i = 0; i < 10; i++)
    send_numbered (&f, i, 972);
  sim_clock_run (&f.clock, 1000 * MS);
  g_assert_cmpuint (f.bin.n, ==, 10);
  g_assert_cmpint (f.bin.last_us, ==, 80 * MS);
  fixture_clear (&f);
}

static void
test_link_queue (void)
{
  SimLinkConfig config = { .rate_bps = 1000000, .queue_packets = 5 };
  Fixture f;

  fixture_init (&f, &config);
  send_many (&f, 100, 0);
  g_assert_cmpuint (f.bin.n, ==, 5);
  g_assert_cmpuint (f.link.counters.lost_queue, ==, 95);
  fixture_clear (&f);

  config.queue_packets = 0;
  config.queue_bytes = 1000;
  config.mark_bytes = 500;
  fixture_init (&f, &config);
  send_many (&f, 100, 0);
  g_assert_cmpuint (f.bin.n, ==, 1000 / 128);
  g_assert_cmpuint (f.link.counters.marked, ==, 3);
  g_assert_cmpint (f.bin.last->ecn, ==, SRUDP_ECN_CE);
  fixture_clear (&f);
}

static void
test_link_mtu (void)
{
  SimLinkConfig config = { .mtu_bytes = 1500 };
  Fixture f;

  fixture_init (&f, &config);
  send_numbered (&f, 0, 1472);
  send_numbered (&f, 1, 1473);
  sim_clock_run (&f.clock, 1);
  g_assert_cmpuint (f.bin.n, ==, 1);
  g_assert_cmpuint (f.link.counters.lost_mtu, ==, 1);
  fixture_clear (&f);
}

static void
test_link_loss (void)
{
  SimLinkConfig config = { .loss = 0.3 };
  Fixture f;

  fixture_init (&f, &config);
  send_many (&f, 10000, 1);
  g_assert_cmpuint (f.bin.n, >, 6800);
  g_assert_cmpuint (f.bin.n, <, 7200);
  g_assert_cmpuint (f.bin.n + f.link.counters.lost_random, ==, 10000);
  g_assert_cmpuint (f.bin.n_out_of_order, ==, 0);
  fixture_clear (&f);
}

static void
test_link_bursts (void)
{
  SimLinkConfig config = { .burst_loss = 0.12, .burst_packets = 25 };
  guint n_bursts = 0, in_burst = 0, lost = 0;
  Fixture f;

  fixture_init (&f, &config);
  for (guint i = 0; i < 200000; i++)
    {
      send_numbered (&f, i, 10);
      sim_clock_run (&f.clock, i);
      lost += f.link.in_burst;
      n_bursts += f.link.in_burst && !in_burst;
      in_burst = f.link.in_burst;
    }
  g_assert_cmpuint (lost, ==, f.link.counters.lost_burst);
  g_assert_cmpfloat_with_epsilon (lost / 200000.0, 0.12, 0.02);
  g_assert_cmpfloat_with_epsilon ((double) lost / n_bursts, 25, 3);
  fixture_clear (&f);
}

static void
test_link_weather (void)
{
  SimLinkConfig config = { .reorder = 0.1, .reorder_us = 200 * MS,
                           .duplicate = 0.05, .corrupt = 0.01 };
  Fixture f;

  fixture_init (&f, &config);
  send_many (&f, 10000, 100);
  g_assert_cmpuint (f.bin.n, ==, 10000 + f.link.counters.duplicated);
  g_assert_cmpuint (f.link.counters.duplicated, >, 400);
  g_assert_cmpuint (f.link.counters.corrupted, >, 60);
  g_assert_cmpuint (f.bin.n_out_of_order, >, 500);
  fixture_clear (&f);
}

static void
test_link_jitter_keeps_order (void)
{
  SimLinkConfig config = { .delay_us = 10 * MS, .jitter_us = 50 * MS };
  Fixture f;

  fixture_init (&f, &config);
  send_many (&f, 1000, 100);
  g_assert_cmpuint (f.bin.n, ==, 1000);
  g_assert_cmpuint (f.bin.n_out_of_order, ==, 0);
  fixture_clear (&f);
}

static void
test_link_blackout (void)
{
  SimLinkConfig config = { 0 };
  Fixture f;

  fixture_init (&f, &config);
  sim_link_add_blackout (&f.link, 10 * MS, 20 * MS);
  send_many (&f, 30, 1 * MS);
  g_assert_cmpuint (f.bin.n, ==, 20);
  g_assert_cmpuint (f.link.counters.lost_blackout, ==, 10);
  fixture_clear (&f);
}

typedef struct
{
  SimClock clock;
  Bin out, in;
  SimNat nat;
  SrudpAddress host, peer, stranger;
} NatFixture;

static void
nat_fixture_init (NatFixture     *f,
                  SimNatBehaviour mapping,
                  SimNatBehaviour filtering,
                  gint64          lifetime_us)
{
  SimNatConfig config = { .mapping = mapping,
                          .filtering = filtering,
                          .lifetime_us = lifetime_us };

  memset (f, 0, sizeof *f);
  sim_clock_init (&f->clock);
  f->out.sink.receive = f->in.sink.receive = bin_receive;
  f->out.clock = f->in.clock = &f->clock;
  sim_address (&config.external, 100, 0);
  sim_address (&f->host, 1, 1111);
  sim_address (&f->peer, 2, 2222);
  sim_address (&f->stranger, 3, 3333);
  sim_nat_init (&f->nat, &f->clock, &config, 1, 1, &f->out.sink, &f->in.sink);
}

static void
nat_fixture_clear (NatFixture *f)
{
  sim_nat_clear (&f->nat);
  sim_clock_clear (&f->clock);
  g_clear_pointer (&f->out.last, sim_packet_free);
  g_clear_pointer (&f->in.last, sim_packet_free);
}

/* Sends out, and returns what the outside sees as the source. */
static SrudpAddress
send_through (NatFixture         *f,
              const SrudpAddress *to)
{
  sim_sink_receive (&f->nat.inside,
                    sim_packet_new (&f->host, to, SRUDP_ECN_NOT_ECT, NULL, 0));

  return f->out.last->source;
}

static gboolean
comes_in (NatFixture         *f,
          const SrudpAddress *from,
          const SrudpAddress *to)
{
  guint before = f->in.n;

  sim_sink_receive (&f->nat.outside,
                    sim_packet_new (from, to, SRUDP_ECN_NOT_ECT, NULL, 0));
  if (f->in.n > before)
    g_assert_true (srudp_address_equal (&f->in.last->destination, &f->host));

  return f->in.n > before;
}

static void
test_nat_cone (void)
{
  SrudpAddress mapped;
  NatFixture f;

  nat_fixture_init (&f, SIM_NAT_ENDPOINT_INDEPENDENT,
                    SIM_NAT_ADDRESS_AND_PORT_DEPENDENT, 0);
  mapped = send_through (&f, &f.peer);
  g_assert_true (srudp_address_same_ip (&mapped, &f.nat.config.external));
  g_assert_true (comes_in (&f, &f.peer, &mapped));
  g_assert_false (comes_in (&f, &f.stranger, &mapped));
  g_assert_cmpuint (send_through (&f, &f.stranger).port, ==, mapped.port);
  g_assert_true (comes_in (&f, &f.stranger, &mapped));
  nat_fixture_clear (&f);

  nat_fixture_init (&f, SIM_NAT_ENDPOINT_INDEPENDENT,
                    SIM_NAT_ENDPOINT_INDEPENDENT, 0);
  mapped = send_through (&f, &f.peer);
  g_assert_true (comes_in (&f, &f.stranger, &mapped));
  nat_fixture_clear (&f);
}

static void
test_nat_symmetric (void)
{
  SrudpAddress first;
  NatFixture f;

  nat_fixture_init (&f, SIM_NAT_ADDRESS_AND_PORT_DEPENDENT,
                    SIM_NAT_ADDRESS_AND_PORT_DEPENDENT, 0);
  first = send_through (&f, &f.peer);
  g_assert_cmpuint (send_through (&f, &f.stranger).port, !=, first.port);
  g_assert_cmpuint (send_through (&f, &f.peer).port, ==, first.port);
  g_assert_false (comes_in (&f, &f.stranger, &first));
  nat_fixture_clear (&f);
}

static void
test_nat_forgets (void)
{
  SrudpAddress mapped, other;
  NatFixture f;

  nat_fixture_init (&f, SIM_NAT_ENDPOINT_INDEPENDENT,
                    SIM_NAT_ENDPOINT_INDEPENDENT, 30000 * MS);
  sim_address (&other, 101, 0);
  mapped = send_through (&f, &f.peer);
  sim_clock_run (&f.clock, 29999 * MS);
  g_assert_true (comes_in (&f, &f.peer, &mapped));
  sim_clock_run (&f.clock, 30000 * MS);
  g_assert_false (comes_in (&f, &f.peer, &mapped));

  mapped = send_through (&f, &f.peer);
  sim_nat_rebind (&f.nat, &other);
  g_assert_false (comes_in (&f, &f.peer, &mapped));
  mapped = send_through (&f, &f.peer);
  g_assert_true (srudp_address_same_ip (&mapped, &other));
  g_assert_true (comes_in (&f, &f.peer, &mapped));

  /* A storm: another port each time, but the way back stays open. */
  f.nat.config.rebind_every = 1;
  mapped = send_through (&f, &f.peer);
  g_assert_cmpuint (send_through (&f, &f.peer).port, !=, mapped.port);
  g_assert_true (comes_in (&f, &f.peer, &mapped));
  nat_fixture_clear (&f);
}

static void
test_router (void)
{
  SimRouter router;
  NatFixture f;

  nat_fixture_init (&f, 0, 0, 0);
  sim_router_init (&router);
  sim_router_set (&router, &f.host, &f.in.sink);
  sim_sink_receive (&router.sink, sim_packet_new (&f.peer, &f.host, 0, NULL, 0));
  sim_sink_receive (&router.sink, sim_packet_new (&f.host, &f.peer, 0, NULL, 0));
  g_assert_cmpuint (f.in.n, ==, 1);
  g_assert_cmpuint (router.n_lost, ==, 1);
  sim_router_clear (&router);
  nat_fixture_clear (&f);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/clock/in-order", test_clock_order);
  g_test_add_func ("/sim/clock/many", test_clock_many);
  g_test_add_func ("/sim/rng/independent-streams", test_rng_streams);
  g_test_add_func ("/sim/link/delay", test_link_delay);
  g_test_add_func ("/sim/link/rate", test_link_rate);
  g_test_add_func ("/sim/link/queue-and-marks", test_link_queue);
  g_test_add_func ("/sim/link/mtu", test_link_mtu);
  g_test_add_func ("/sim/link/random-loss", test_link_loss);
  g_test_add_func ("/sim/link/bursts", test_link_bursts);
  g_test_add_func ("/sim/link/weather", test_link_weather);
  g_test_add_func ("/sim/link/jitter-keeps-order", test_link_jitter_keeps_order);
  g_test_add_func ("/sim/link/black-out", test_link_blackout);
  g_test_add_func ("/sim/nat/cone", test_nat_cone);
  g_test_add_func ("/sim/nat/symmetric", test_nat_symmetric);
  g_test_add_func ("/sim/nat/forgets", test_nat_forgets);
  g_test_add_func ("/sim/router/by-destination", test_router);

  return g_test_run ();
}
