/*
 * SPDX-License-Identifier: MIT
 *
 * test-loss.c: tests of srudp-loss.c, by the rules of RFC 9002
 */
#include <srudp-loss.h>

#define MS 1000
#define SIZE 1000
#define BULK (SRUDP_SENT_ACK_ELICITING | SRUDP_SENT_IN_FLIGHT)

typedef struct
{
  SrudpSentPackets *ledger;
  SrudpRtt rtt;
  SrudpLoss loss;
  SrudpLossOutcome outcome;
} Fixture;

static void
set_up (Fixture       *f,
        gconstpointer  data)
{
  f->ledger = srudp_sent_packets_new (0, 0);
  srudp_rtt_init (&f->rtt, 25 * MS);
  srudp_loss_init (&f->loss, f->ledger, &f->rtt);
}

static void
tear_down (Fixture       *f,
           gconstpointer  data)
{
  srudp_sent_packets_free (f->ledger);
}

static void
send_packet (Fixture        *f,
             gint64          now,
             SrudpSentFlags  flags)
{
  srudp_loss_make_room (&f->loss, now);
  srudp_loss_on_sent (&f->loss, srudp_sent_packets_commit (f->ledger, now,
                                                           SIZE, flags));
}

static void
ack_range (Fixture *f,
           gint64   now,
           guint64  first,
           guint64  last)
{
  SrudpAckRange range = { first, last };

  g_assert_true (srudp_loss_on_ack (&f->loss, now, &range, 1, 0,
                                    &f->outcome));
}

/* The numbers in a list, as a string, taking them all. */
static char *
take (SrudpLoss *loss,
      const SrudpSentPacket *(*next) (SrudpLoss *))
{
  GString *string = g_string_new (NULL);
  const SrudpSentPacket *packet;

  while ((packet = next (loss)) != NULL)
    g_string_append_printf (string, "%s%" G_GUINT64_FORMAT,
                            string->len > 0 ? " " : "", packet->number);

  return g_string_free (string, FALSE);
}

static void
assert_lists (Fixture    *f,
              const char *acked,
              const char *lost)
{
  g_autofree char *got_acked = take (&f->loss, srudp_loss_next_acked);
  g_autofree char *got_lost = take (&f->loss, srudp_loss_next_lost);

  g_assert_cmpstr (got_acked, ==, acked);
  g_assert_cmpstr (got_lost, ==, lost);
}

typedef enum
{
  SEND,  /* packets first..last */
  ACK,   /* a range */
  TIMER, /* at its own time */
} ActionType;

typedef struct
{
  ActionType type;
  gint64 at_ms;
  guint64 first, last;
  /* Expected. */
  const char *acked, *lost;
  gint64 deadline_ms; /* -1: never */
  guint n_probes;
} Action;

static void
run_script (Fixture      *f,
            const Action *script,
            guint         n)
{
  for (guint i = 0; i < n; i++)
    {
      const Action *a = &script[i];
      gint64 deadline;

      g_test_message ("line %u", i);
      f->outcome.n_probes = 0;
      switch (a->type)
        {
        case SEND:
          for (guint64 k = a->first; k <= a->last; k++)
            {
              g_assert_cmpuint (srudp_sent_packets_get_next (f->ledger), ==,
                                k);
              send_packet (f, a->at_ms * MS, BULK);
            }
          break;
        case ACK:
          ack_range (f, a->at_ms * MS, a->first, a->last);
          break;
        case TIMER:
          g_assert_cmpint (srudp_loss_get_deadline (&f->loss), ==,
                           a->at_ms * MS);
          srudp_loss_on_timer (&f->loss, a->at_ms * MS, &f->outcome);
          break;
        }
      assert_lists (f, a->acked, a->lost);
      g_assert_cmpuint (f->outcome.n_probes, ==, a->n_probes);
      deadline = srudp_loss_get_deadline (&f->loss);
      g_assert_cmpint (deadline < 0 ? -1 : deadline / MS, ==,
                       a->deadline_ms);
    }
}

/* 6.1.1: three packets later. RTT is 100, PTO 100 + 4 x 50 + 25 at first. */
static void
test_lost_by_packets (Fixture       *f,
                      gconstpointer  data)
{
  static const Action script[] = {
    { SEND, 0, 0, 0, "", "", 1024, 0 },
    { ACK, 100, 0, 0, "0", "", -1, 0 },
    { SEND, 200, 1, 6, "", "", 525, 0 },
    { ACK, 300, 3, 3, "3", "", 312, 0 },
    { ACK, 301, 3, 4, "4", "1", 313, 0 },
    { ACK, 302, 3, 6, "6 5", "2", -1, 0 },
  };

  run_script (f, script, G_N_ELEMENTS (script));
}

/* 6.1.2: 9/8 of the round-trip time. */
static void
test_lost_by_time (Fixture       *f,
                   gconstpointer  data)
{
  static const Action script[] = {
    { SEND, 0, 0, 0, "", "", 1024, 0 },
    { ACK, 80, 0, 0, "0", "", -1, 0 },
    { SEND, 100, 1, 2, "", "", 365, 0 },
    { ACK, 180, 2, 2, "2", "", 190, 0 },
    { TIMER, 190, 0, 0, "", "1", -1, 0 },
  };

  run_script (f, script, G_N_ELEMENTS (script));
}

/* 6.2.1, with the cap: 325, 650, then 900 ms for ever. */
static void
test_probes_back_off_to_a_cap (Fixture       *f,
                                  gconstpointer  data)
{
  static const Action script[] = {
    { SEND, 0, 0, 0, "", "", 1024, 0 },
    { ACK, 100, 0, 0, "0", "", -1, 0 },
    { SEND, 200, 1, 1, "", "", 525, 0 },
    { TIMER, 525, 0, 0, "", "", 1175, 2 },
    { SEND, 525, 2, 3, "", "", 1175, 0 },
    { TIMER, 1175, 0, 0, "", "", 2075, 2 },
    { SEND, 1176, 4, 5, "", "", 2076, 0 },
    { TIMER, 2076, 0, 0, "", "", 2976, 2 },
    { SEND, 3000, 6, 6, "", "", 3900, 0 },
    /* One answer ends the back-off. RTT stays 100. */
    { ACK, 3100, 6, 6, "6", "1 2 3 4 5", -1, 0 },
    { SEND, 3200, 7, 7, "", "", 3475, 0 },
  };

  run_script (f, script, G_N_ELEMENTS (script));
}

/* A first PTO that is longer is its own cap. */
static void
test_a_long_path_keeps_its_own_timeout (Fixture       *f,
                                        gconstpointer  data)
{
  static const Action script[] = {
    { SEND, 0, 0, 0, "", "", 1024, 0 },
    { ACK, 1000, 0, 0, "0", "", -1, 0 },
    { SEND, 1000, 1, 1, "", "", 4025, 0 },
    { TIMER, 4025, 0, 0, "", "", 7050, 2 },
    { SEND, 4025, 2, 2, "", "", 7050, 0 },
    { TIMER, 7050, 0, 0, "", "", 10075, 2 },
  };

  run_script (f, script, G_N_ELEMENTS (script));
}

static void
test_a_deadline_to_come_does_nothing (Fixture       *f,
                                      gconstpointer  data)
{
  send_packet (f, 0, BULK);
  srudp_loss_on_timer (&f->loss, 1023 * MS, &f->outcome);

  g_assert_cmpuint (f->outcome.n_probes, ==, 0);
  g_assert_cmpuint (f->loss.pto_count, ==, 0);
}

static void
test_an_ack_for_the_unsent_is_refused (Fixture       *f,
                                       gconstpointer  data)
{
  SrudpAckRange ranges[] = { { 3, 3 }, { 0, 1 } };
  guint64 skipped;

  for (guint i = 0; i < 3; i++)
    send_packet (f, 0, BULK);
  g_assert_false (srudp_loss_on_ack (&f->loss, 1, ranges, 2, 0, &f->outcome));
  g_assert_false (srudp_loss_on_ack (&f->loss, 1, ranges, 0, 0, &f->outcome));
  skipped = srudp_sent_packets_get_next (f->ledger);
  srudp_sent_packets_skip (f->ledger, 5);
  send_packet (f, 0, BULK);
  ranges[0] = (SrudpAckRange) { skipped, skipped + 1 };
  g_assert_false (srudp_loss_on_ack (&f->loss, 1, ranges, 1, 0, &f->outcome));

  /* And nothing has changed. */
  assert_lists (f, "", "");
  g_assert_cmpuint (srudp_sent_packets_get_n_eliciting (f->ledger), ==, 4);
  g_assert_false (srudp_rtt_has_sample (&f->rtt));
}

/* 5.1: only a new largest one gives a sample, only if something elicits. */
static void
test_rtt_comes_from_the_largest_only (Fixture       *f,
                                      gconstpointer  data)
{
  static const struct
  {
    gint64 at_ms;
    guint64 first, last;
    gint64 sample_ms;
  } acks[] = {
    { 50, 1, 1, 50 },
    { 60, 0, 1, -1 }, /* new, but not the largest */
    { 70, 0, 1, -1 }, /* nothing new */
    { 80, 2, 2, -1 }, /* a pure ACK: the peer may take its time */
    { 90, 3, 3, 90 },
  };

  for (guint i = 0; i < 4; i++)
    send_packet (f, 0, i == 2 ? 0 : BULK);
  for (guint i = 0; i < G_N_ELEMENTS (acks); i++)
    {
      ack_range (f, acks[i].at_ms * MS, acks[i].first, acks[i].last);
      g_assert_cmpint (f->outcome.rtt_sample_us, ==,
                       acks[i].sample_ms < 0 ? -1 : acks[i].sample_ms * MS);
    }
}

static void
test_a_late_ack_undoes_and_teaches (Fixture       *f,
                                    gconstpointer  data)
{
  send_packet (f, 0, BULK);
  ack_range (f, 100 * MS, 0, 0);
  for (guint i = 1; i <= 20; i++)
    send_packet (f, 200 * MS + i, BULK);
  ack_range (f, 300 * MS, 11, 11);
  assert_lists (f, "0 11", "1 2 3 4 5 6 7 8");
  g_assert_cmpuint (f->outcome.n_lost, ==, 8);
  g_assert_cmpuint (f->outcome.lost_bytes, ==, 8 * SIZE);

  ack_range (f, 310 * MS, 1, 11);
  assert_lists (f, "10 9 8 7 6 5 4 3 2 1", "");
  g_assert_cmpuint (f->outcome.n_spurious, ==, 8);
  g_assert_cmpint (f->outcome.spurious_lost_time, ==, 300 * MS);
  g_assert_cmpuint (f->loss.n_spurious, ==, 8);
  /* What has left the flight leaves it once. */
  g_assert_cmpuint (f->outcome.acked_bytes, ==, 2 * SIZE);
  g_assert_cmpuint (srudp_sent_packets_get_bytes_in_flight (f->ledger), ==,
                    9 * SIZE);

  /* Ten packets late is now nothing special … */
  ack_range (f, 311 * MS, 20, 20);
  assert_lists (f, "20", "");
  /* … but two round trips are. */
  g_assert_cmpint (srudp_loss_get_deadline (&f->loss), <=, 420 * MS);
  srudp_loss_on_timer (&f->loss, 420 * MS, &f->outcome);
  assert_lists (f, "", "12 13 14 15 16 17 18 19");
}

static void
run_timer (Fixture *f,
           gint64   now)
{
  gint64 deadline = srudp_loss_get_deadline (&f->loss);

  if (deadline >= 0 && deadline <= now)
    srudp_loss_on_timer (&f->loss, now, &f->outcome);
}

/* A peer that has much to say and acknowledges nothing: neither the ACKs that
 * it gets are remembered, nor the probes. */
static void
test_what_has_no_answer_is_given_up (Fixture       *f,
                                     gconstpointer  data)
{
  gint64 now = 100 * MS;
  guint n_lost = 0;

  send_packet (f, 0, BULK);
  ack_range (f, now, 0, 0);
  for (guint i = 0; i < 100000; i++)
    {
      now += 2 * MS;
      send_packet (f, now, i % 1000 == 0 ? BULK : 0);
      run_timer (f, now);
      for (; f->outcome.n_probes > 0; f->outcome.n_probes--)
        send_packet (f, now, BULK);
      while (srudp_loss_next_lost (&f->loss) != NULL)
        n_lost++;
      while (srudp_loss_next_acked (&f->loss) != NULL)
        ;
      g_assert_cmpuint (srudp_sent_packets_get_memory (f->ledger), <,
                        48 * 1024);
    }
  g_assert_cmpuint (n_lost, >=, 99);
}

/* Once it is known that packets come late, those that were overtaken are told
 * apart from what waits in a queue, until they arrive or are lost. */
static void
test_late_packets_are_told_apart (Fixture       *f,
                                  gconstpointer  data)
{
  for (guint i = 0; i < 30; i++)
    send_packet (f, 0, BULK);
  ack_range (f, 100 * MS, 5, 9);
  g_assert_cmpuint (srudp_loss_get_late_bytes (&f->loss), ==, 0);

  ack_range (f, 110 * MS, 0, 9); /* 5 had been taken for lost, in vain */
  ack_range (f, 111 * MS, 14, 14);
  g_assert_cmpuint (srudp_loss_get_late_bytes (&f->loss), ==, 4 * SIZE);
  ack_range (f, 112 * MS, 11, 12);
  g_assert_cmpuint (srudp_loss_get_late_bytes (&f->loss), ==, 2 * SIZE);
  srudp_loss_on_timer (&f->loss, srudp_loss_get_deadline (&f->loss),
                       &f->outcome);
  g_assert_cmpuint (f->outcome.n_lost, ==, 2);
  g_assert_cmpuint (srudp_loss_get_late_bytes (&f->loss), ==, 0);

  ack_range (f, 250 * MS, 29, 29);
  g_assert_cmpuint (srudp_loss_get_late_bytes (&f->loss), >, 0);
  srudp_sent_packets_start_path (f->ledger);
  srudp_loss_start_path (&f->loss);
  g_assert_cmpuint (srudp_loss_get_late_bytes (&f->loss), ==, 0);
  ack_range (f, 251 * MS, 15, 28);
  g_assert_cmpuint (srudp_loss_get_late_bytes (&f->loss), ==, 0);
}

static void
test_reordering_is_forgotten_in_time (Fixture       *f,
                                      gconstpointer  data)
{
  gint64 now = 0;

  for (guint i = 0; i < 60; i++)
    send_packet (f, now, BULK);
  ack_range (f, 100 * MS, 55, 59);
  ack_range (f, 110 * MS, 0, 59);
  g_assert_cmpuint (f->loss.packet_threshold, >, 50);

  for (guint i = 0; i < 8; i++)
    {
      now += 11 * G_USEC_PER_SEC;
      send_packet (f, now, BULK);
      ack_range (f, now + 100 * MS, 60 + i, 60 + i);
    }
  g_assert_cmpuint (f->loss.packet_threshold, ==, 3);
  g_assert_cmpint (f->loss.lateness_us, ==, 0);
}

typedef struct
{
  gint64 spacing_ms, acked_index;
  guint n;
  gboolean persistent;
} Congestion;

/* 7.6: RTT 100 and variance 50 make 3 x 325 ms, less as it settles. */
static void
test_persistent_congestion (void)
{
  static const Congestion cases[] = {
    { 100, -1, 12, TRUE },
    { 100, -1, 5, FALSE }, /* not long enough */
    { 100, 5, 10, FALSE }, /* one in between arrived */
    { 600, -1, 4, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Fixture fixture, *f = &fixture;
      gboolean seen = FALSE;
      gint64 now = 200;

      g_test_message ("case %u", i);
      set_up (f, NULL);
      send_packet (f, 0, BULK);
      ack_range (f, 100 * MS, 0, 0);
      for (guint k = 0; k < cases[i].n; k++, now += cases[i].spacing_ms)
        {
          send_packet (f, now * MS, BULK);
          if ((gint64) k == cases[i].acked_index)
            {
              ack_range (f, (now + 90) * MS, k + 1, k + 1);
              seen |= f->outcome.persistent_congestion;
            }
        }
      send_packet (f, now * MS, BULK);
      ack_range (f, (now + 100) * MS, cases[i].n + 1, cases[i].n + 1);
      seen |= f->outcome.persistent_congestion;
      g_assert_cmpint (seen, ==, cases[i].persistent);
      tear_down (f, NULL);
    }
}

/* 7.6.2: what arrived between two losses parts them, however long it has been
 * forgotten. */
static void
test_two_losses_apart_are_not_persistent (Fixture       *f,
                                          gconstpointer  data)
{
  send_packet (f, 0, BULK);
  ack_range (f, 100 * MS, 0, 0);
  for (guint i = 0; i < 2; i++)
    {
      gint64 start = 200 * MS + i * 10000 * MS;
      guint64 next = srudp_sent_packets_get_next (f->ledger);

      send_packet (f, start, BULK);
      send_packet (f, start + MS, BULK);
      ack_range (f, start + 101 * MS, next + 1, next + 1);
      srudp_loss_on_timer (&f->loss, srudp_loss_get_deadline (&f->loss),
                           &f->outcome);
      g_assert_cmpuint (f->outcome.n_lost, ==, 1);
      g_assert_false (f->outcome.persistent_congestion);
      while (srudp_loss_next_acked (&f->loss) != NULL)
        continue;
      while (srudp_loss_next_lost (&f->loss) != NULL)
        continue;
    }
}

static void
test_without_rtt_sample_nothing_is_persistent (Fixture       *f,
                                               gconstpointer  data)
{
  for (guint i = 0; i < 20; i++)
    send_packet (f, i * 500 * MS, BULK);
  ack_range (f, 9900 * MS, 19, 19);

  g_assert_cmpuint (f->outcome.n_lost, >, 10);
  g_assert_false (f->outcome.persistent_congestion);
}

static void
test_a_lost_mtu_probe_is_no_congestion (Fixture       *f,
                                        gconstpointer  data)
{
  send_packet (f, 0, BULK | SRUDP_SENT_MTU_PROBE);
  for (guint i = 1; i < 5; i++)
    send_packet (f, 0, BULK);
  ack_range (f, 100 * MS, 1, 4);

  assert_lists (f, "4 3 2 1", "0");
  g_assert_cmpuint (f->outcome.n_lost, ==, 0);
  g_assert_cmpuint (f->outcome.lost_bytes, ==, 0);
}

/* Nor does it put off the probe timeout, or every knock would. */
static void
test_a_lost_knock_is_no_congestion (Fixture       *f,
                                    gconstpointer  data)
{
  gint64 deadline;

  send_packet (f, 0, BULK);
  deadline = srudp_loss_get_deadline (&f->loss);
  send_packet (f, 50 * MS, SRUDP_SENT_ACK_ELICITING | SRUDP_SENT_KNOCK);
  g_assert_cmpint (srudp_loss_get_deadline (&f->loss), ==, deadline);
  for (guint i = 0; i < 4; i++)
    send_packet (f, 60 * MS, BULK);
  ack_range (f, 160 * MS, 2, 5);

  assert_lists (f, "5 4 3 2", "0 1");
  g_assert_cmpuint (f->outcome.n_lost, ==, 1);
}

/* It may never have an answer, so it has a probe timeout only by itself. */
static void
test_what_asks_another_path_puts_no_probe_off (Fixture       *f,
                                               gconstpointer  data)
{
  const SrudpSentFlags elsewhere
    = SRUDP_SENT_ACK_ELICITING | SRUDP_SENT_OLD_PATH;
  gint64 deadline;

  send_packet (f, 0, elsewhere);
  deadline = srudp_loss_get_deadline (&f->loss);
  g_assert_cmpint (deadline, >, 0);
  send_packet (f, 10 * MS, BULK);
  g_assert_cmpint (srudp_loss_get_deadline (&f->loss), ==, deadline + 10 * MS);
  for (guint i = 2; i < 6; i++)
    send_packet (f, i * 10 * MS, elsewhere);
  g_assert_cmpint (srudp_loss_get_deadline (&f->loss), ==, deadline + 10 * MS);
}

static void
test_the_old_path_tells_nothing_of_the_new (Fixture       *f,
                                            gconstpointer  data)
{
  for (guint i = 0; i < 6; i++)
    send_packet (f, 0, BULK);
  srudp_sent_packets_start_path (f->ledger);
  srudp_rtt_init (&f->rtt, 25 * MS);
  srudp_loss_start_path (&f->loss);
  ack_range (f, 100 * MS, 4, 5);

  /* The frames are told of, the congestion isn't. */
  assert_lists (f, "5 4", "0 1 2");
  g_assert_cmpuint (f->outcome.n_acked, ==, 0);
  g_assert_cmpuint (f->outcome.n_lost, ==, 0);
  g_assert_cmpint (f->outcome.rtt_sample_us, ==, -1);
}

/* One that the caller has not taken yet moves from list to list. */
/* A challenge along another path, which counts against no window. */
static void
test_what_asked_another_path_is_settled_too (Fixture       *f,
                                             gconstpointer  data)
{
  send_packet (f, 0, SRUDP_SENT_ACK_ELICITING | SRUDP_SENT_OLD_PATH);
  for (guint i = 1; i <= 4; i++)
    send_packet (f, i, BULK);
  ack_range (f, 30 * MS, 1, 4);

  assert_lists (f, "4 3 2 1", "0");
  g_assert_cmpuint (f->outcome.n_lost, ==, 0);
  g_assert_cmpuint (srudp_sent_packets_get_n_eliciting (f->ledger), ==, 0);
  g_assert_cmpint (srudp_loss_get_deadline (&f->loss), ==, -1);
}

static void
test_a_lost_one_may_arrive_before_it_is_taken (Fixture       *f,
                                               gconstpointer  data)
{
  for (guint i = 0; i < 5; i++)
    send_packet (f, 0, BULK);
  ack_range (f, 100 * MS, 3, 4);
  ack_range (f, 101 * MS, 0, 4);

  assert_lists (f, "4 3 2", "");
  assert_lists (f, "0 1", "");
}

/* Loss, delay and reordering at random: each packet is told of as it should
 * be, and the cost stays in proportion. */
static void
test_random_tells_of_every_packet (void)
{
  guint32 seed = g_test_rand_int ();
  g_autoptr(GRand) rand = g_rand_new_with_seed (seed);
  g_autoptr(GArray) told = g_array_new (FALSE, TRUE, sizeof (guint8));
  Fixture fixture, *f = &fixture;
  g_auto (SrudpAckRanges) ranges = { 0 };
  gint64 now = 0;

  g_test_message ("seed %u", seed);
  set_up (f, NULL);
  srudp_ack_ranges_init (&ranges, 25 * MS);
  for (guint round = 0; round < 200; round++, now += 50 * MS)
    {
      guint64 first = srudp_sent_packets_get_next (f->ledger);
      const SrudpSentPacket *packet;
      guint n = (guint) g_rand_int_range (rand, 1, 100);

      for (guint i = 0; i < n; i++)
        send_packet (f, now + i, BULK);
      g_array_set_size (told, (guint) (first + n));
      for (guint i = 0; i < n; i++)
        {
          guint64 number = first + (guint) g_rand_int_range (rand, 0, (gint) n);

          if (g_rand_int_range (rand, 0, 10) > 0)
            srudp_ack_ranges_add (&ranges, now, number, TRUE, 0);
        }
      if (ranges.n_ranges > 0)
        srudp_loss_on_ack (&f->loss, now + 40 * MS, ranges.ranges,
                           ranges.n_ranges, 0, &f->outcome);

      while ((packet = srudp_loss_next_acked (&f->loss)) != NULL)
        {
          guint8 *state = &g_array_index (told, guint8, packet->number);

          g_assert_cmpint (*state, !=, SRUDP_SENT_ACKED);
          g_assert_true (srudp_ack_ranges_contains (&ranges,
                                                    packet->number));
          *state = SRUDP_SENT_ACKED;
        }
      while ((packet = srudp_loss_next_lost (&f->loss)) != NULL)
        {
          guint8 *state = &g_array_index (told, guint8, packet->number);

          g_assert_cmpint (*state, ==, SRUDP_SENT_UNUSED);
          *state = SRUDP_SENT_LOST;
        }
    }

  /* Whatever arrived in the newest ranges was told of as acknowledged. */
  for (guint i = 0; i < ranges.n_ranges; i++)
    for (guint64 n = ranges.ranges[i].first; n <= ranges.ranges[i].last; n++)
      if (g_array_index (told, guint8, n) != SRUDP_SENT_ACKED)
        g_assert_cmpint (g_array_index (told, guint8, n), ==,
                         SRUDP_SENT_LOST);
  for (guint64 n = 0; n + 200 < told->len; n++)
    g_assert_cmpint (g_array_index (told, guint8, n), !=, SRUDP_SENT_UNUSED);
  tear_down (f, NULL);
}

#define ADD(path, function) \
  g_test_add ("/loss/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("lost-by-packets", test_lost_by_packets);
  ADD ("lost-by-time", test_lost_by_time);
  ADD ("probes-back-off-to-a-cap", test_probes_back_off_to_a_cap);
  ADD ("a-long-path-keeps-its-own-timeout",
       test_a_long_path_keeps_its_own_timeout);
  ADD ("a-deadline-to-come-does-nothing",
       test_a_deadline_to_come_does_nothing);
  ADD ("an-ack-for-the-unsent-is-refused",
       test_an_ack_for_the_unsent_is_refused);
  ADD ("rtt-comes-from-the-largest-only",
       test_rtt_comes_from_the_largest_only);
  ADD ("a-late-ack-undoes-and-teaches", test_a_late_ack_undoes_and_teaches);
  ADD ("what-has-no-answer-is-given-up", test_what_has_no_answer_is_given_up);
  ADD ("late-packets-are-told-apart", test_late_packets_are_told_apart);
  ADD ("reordering-is-forgotten-in-time",
       test_reordering_is_forgotten_in_time);
  g_test_add_func ("/loss/persistent-congestion", test_persistent_congestion);
  ADD ("two-losses-apart-are-not-persistent",
       test_two_losses_apart_are_not_persistent);
  ADD ("without-rtt-sample-nothing-is-persistent",
       test_without_rtt_sample_nothing_is_persistent);
  ADD ("a-lost-mtu-probe-is-no-congestion",
       test_a_lost_mtu_probe_is_no_congestion);
  ADD ("a-lost-knock-is-no-congestion", test_a_lost_knock_is_no_congestion);
  ADD ("what-asks-another-path-puts-no-probe-off",
       test_what_asks_another_path_puts_no_probe_off);
  ADD ("the-old-path-tells-nothing-of-the-new",
       test_the_old_path_tells_nothing_of_the_new);
  ADD ("what-asked-another-path-is-settled-too",
       test_what_asked_another_path_is_settled_too);
  ADD ("a-lost-one-may-arrive-before-it-is-taken",
       test_a_lost_one_may_arrive_before_it_is_taken);
  g_test_add_func ("/loss/random-tells-of-every-packet",
                   test_random_tells_of_every_packet);

  return g_test_run ();
}
