/*
 * SPDX-License-Identifier: MIT
 *
 * test-sent-packets.c: tests of srudp-sent-packets.c
 */
#include <srudp-sent-packets.h>

#define SIZE 1000
#define BULK (SRUDP_SENT_ACK_ELICITING | SRUDP_SENT_IN_FLIGHT)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SrudpSentPackets, srudp_sent_packets_free)

static guint64
send_one (SrudpSentPackets *ledger,
          gint64            now,
          guint             n_frames)
{
  guint64 number = srudp_sent_packets_get_next (ledger);

  for (guint i = 0; i < n_frames; i++)
    {
      SrudpSentFrame frame = { .id = number, .offset = i, .type = 8 };

      srudp_sent_packets_add_frame (ledger, &frame);
    }
  g_assert_cmpuint (srudp_sent_packets_commit (ledger, now, SIZE,
                                               BULK)->number, ==, number);

  return number;
}

static void
ack (SrudpSentPackets *ledger,
     guint64           number,
     gint64            now)
{
  SrudpRateSample sample = { 0 };

  srudp_sent_packets_set_acked (ledger,
                                srudp_sent_packets_lookup (ledger, number),
                                now, &sample);
}

static void
test_frames_come_back (void)
{
  g_autoptr(SrudpSentPackets) ledger = srudp_sent_packets_new (7, 0);
  SrudpSentFrame frame = { .id = 99 };

  for (guint n = 7; n < 60; n++)
    {
      /* What was begun and given up leaves nothing behind. */
      srudp_sent_packets_add_frame (ledger, &frame);
      srudp_sent_packets_abandon (ledger);
      send_one (ledger, n, n % 5);
    }

  for (guint64 n = 7; n < 60; n++)
    {
      SrudpSentPacket *packet = srudp_sent_packets_lookup (ledger, n);

      g_assert_cmpuint (packet->n_frames, ==, n % 5);
      for (guint i = 0; i < packet->n_frames; i++)
        {
          const SrudpSentFrame *got =
            srudp_sent_packets_get_frame (ledger, packet, i);

          g_assert_cmpuint (got->id, ==, n);
          g_assert_cmpuint (got->offset, ==, i);
        }
      g_assert_null (srudp_sent_packets_get_frame (ledger, packet,
                                                   packet->n_frames));
    }
  g_assert_null (srudp_sent_packets_lookup (ledger, 6));
  g_assert_null (srudp_sent_packets_lookup (ledger, 60));
}

static void
test_numbers_near_the_end_work (void)
{
  guint64 first = (G_GUINT64_CONSTANT (1) << 62) - 200;
  g_autoptr(SrudpSentPackets) ledger = srudp_sent_packets_new (first, 0);

  for (guint i = 0; i < 30; i++)
    g_assert_cmpuint (send_one (ledger, i, 1), ==, first + i);
  for (guint i = 0; i < 30; i++)
    ack (ledger, first + i, 100);
  srudp_sent_packets_trim (ledger, -1);

  g_assert_cmpuint (srudp_sent_packets_get_first (ledger), ==, first + 30);
}

static void
test_pure_acks_do_not_pile_up (void)
{
  g_autoptr(SrudpSentPackets) ledger = srudp_sent_packets_new (0, 0);

  send_one (ledger, 0, 1);
  ack (ledger, 0, 1);
  for (guint i = 0; i < 100000; i++)
    srudp_sent_packets_commit (ledger, i, 40, 0);

  g_assert_cmpuint (srudp_sent_packets_get_memory (ledger), <, 4096);
  g_assert_cmpuint (srudp_sent_packets_get_bytes_in_flight (ledger), ==, 0);
  g_assert_cmpuint (srudp_sent_packets_get_n_eliciting (ledger), ==, 0);
}

static void
test_memory_comes_back (void)
{
  g_autoptr(SrudpSentPackets) ledger = srudp_sent_packets_new (0, 0);

  for (guint i = 0; i < 50000; i++)
    send_one (ledger, i, 2);
  g_assert_cmpuint (srudp_sent_packets_get_memory (ledger), >, 50000 * 50);
  for (guint64 n = 0; n < 50000; n++)
    ack (ledger, n, 60000);
  /* Each packet that follows halves it at most. */
  for (guint i = 0; i < 20; i++)
    ack (ledger, send_one (ledger, 60000 + i, 1), 70000);
  srudp_sent_packets_trim (ledger, -1);

  g_assert_cmpuint (srudp_sent_packets_get_memory (ledger), <, 4096);
}

static void
test_a_lost_one_is_remembered_for_a_while (void)
{
  g_autoptr(SrudpSentPackets) ledger = srudp_sent_packets_new (0, 0);

  send_one (ledger, 0, 1);
  send_one (ledger, 1, 1);
  srudp_sent_packets_set_lost (ledger, srudp_sent_packets_lookup (ledger, 0),
                               500);
  ack (ledger, 1, 500);
  g_assert_cmpuint (srudp_sent_packets_get_bytes_in_flight (ledger), ==, 0);

  srudp_sent_packets_trim (ledger, 499);
  g_assert_nonnull (srudp_sent_packets_lookup (ledger, 0));
  srudp_sent_packets_trim (ledger, 500);
  g_assert_null (srudp_sent_packets_lookup (ledger, 0));
  g_assert_cmpuint (srudp_sent_packets_get_first (ledger), ==, 2);
}

static void
test_a_peer_that_claims_too_much_is_found_out (void)
{
  g_autoptr(SrudpSentPackets) ledger = srudp_sent_packets_new (10, 12345);
  guint64 skipped = 0;
  guint n_skipped = 0;

  for (guint i = 0; i < 2000; i++)
    {
      if (srudp_sent_packets_wants_skip (ledger))
        {
          skipped = srudp_sent_packets_get_next (ledger);
          srudp_sent_packets_skip (ledger, i * 7919);
          n_skipped++;
          g_assert_null (srudp_sent_packets_lookup (ledger, skipped));
        }
      ack (ledger, send_one (ledger, i, 0), i);
    }

  g_assert_cmpuint (n_skipped, >=, 3);
  g_assert_cmpuint (n_skipped, <=, 8);
  g_assert_true (srudp_sent_packets_has_unsent (ledger, skipped, skipped));
  g_assert_true (srudp_sent_packets_has_unsent (ledger, 10, skipped + 1));
  g_assert_false (srudp_sent_packets_has_unsent (ledger, skipped + 1,
                                                 skipped + 2));
  g_assert_true (srudp_sent_packets_has_unsent (ledger, 9, 11));
  g_assert_true (srudp_sent_packets_has_unsent (
    ledger, 20, srudp_sent_packets_get_next (ledger)));
}

static void
test_the_oldest_is_what_still_needs_an_ack (void)
{
  g_autoptr(SrudpSentPackets) ledger = srudp_sent_packets_new (0, 0);

  g_assert_null (srudp_sent_packets_get_oldest (ledger));
  srudp_sent_packets_commit (ledger, 0, 40, 0);
  for (guint i = 0; i < 4; i++)
    send_one (ledger, 1, 0);
  g_assert_cmpuint (srudp_sent_packets_get_oldest (ledger)->number, ==, 1);
  ack (ledger, 1, 2);
  ack (ledger, 3, 2);
  g_assert_cmpuint (srudp_sent_packets_get_oldest (ledger)->number, ==, 2);
  ack (ledger, 2, 2);
  ack (ledger, 4, 2);
  g_assert_null (srudp_sent_packets_get_oldest (ledger));
}

/* One packet a millisecond, each acknowledged 50 ms later. */
static void
test_the_delivery_rate_is_measured (void)
{
  g_autoptr(SrudpSentPackets) ledger = srudp_sent_packets_new (0, 0);
  SrudpRateSample sample;

  for (guint i = 0; i < 200; i++)
    {
      send_one (ledger, i * 1000, 0);
      if (i < 50)
        continue;
      sample = (SrudpRateSample) { 0 };
      srudp_sent_packets_set_acked (
        ledger, srudp_sent_packets_lookup (ledger, i - 50), i * 1000,
        &sample);
      srudp_sent_packets_finish_sample (ledger, 50000, &sample);
      if (i > 100)
        {
          g_assert_cmpuint (sample.bytes_per_second, ==, SIZE * 1000);
          g_assert_false (sample.app_limited);
        }
    }

  /* What is sent with nothing waiting measures the application. */
  srudp_sent_packets_set_app_limited (ledger);
  send_one (ledger, 200000, 0);
  for (guint64 n = 150; n <= 200; n++)
    {
      sample = (SrudpRateSample) { 0 };
      srudp_sent_packets_set_acked (ledger,
                                    srudp_sent_packets_lookup (ledger, n),
                                    250000, &sample);
    }
  srudp_sent_packets_finish_sample (ledger, 50000, &sample);
  g_assert_true (sample.app_limited);

  /* An interval shorter than the round trip can't be true. */
  g_assert_cmpuint (sample.bytes_per_second, >, 0);
  sample.bytes_per_second = 0;
  srudp_sent_packets_finish_sample (ledger, 90000, &sample);
  g_assert_cmpuint (sample.bytes_per_second, ==, 0);
}

static void
test_a_new_path_starts_empty (void)
{
  g_autoptr(SrudpSentPackets) ledger = srudp_sent_packets_new (0, 0);

  send_one (ledger, 0, 1);
  send_one (ledger, 0, 1);
  srudp_sent_packets_start_path (ledger);
  g_assert_cmpuint (srudp_sent_packets_get_bytes_in_flight (ledger), ==, 0);
  g_assert_cmpuint (srudp_sent_packets_get_n_eliciting (ledger), ==, 2);

  send_one (ledger, 1, 1);
  ack (ledger, 0, 2);
  srudp_sent_packets_set_lost (ledger, srudp_sent_packets_lookup (ledger, 1),
                               3);
  g_assert_cmpuint (srudp_sent_packets_get_bytes_in_flight (ledger), ==,
                    SIZE);
  g_assert_cmpuint (srudp_sent_packets_get_delivered (ledger), ==, 0);
}

typedef struct
{
  SrudpSentState state;
  gint64 lost_time;
  guint n_frames;
} ModelPacket;

/* The ledger, and beside it an array that forgets nothing. */
typedef struct
{
  GRand *rand;
  SrudpSentPackets *ledger;
  GArray *packets; /* of ModelPacket, by number */
  guint64 bytes_in_flight;
} Model;

static void
model_skip (Model *model)
{
  ModelPacket none = { SRUDP_SENT_UNUSED, 0, 0 };

  srudp_sent_packets_skip (model->ledger, g_rand_int (model->rand));
  g_array_append_val (model->packets, none);
}

static void
model_send (Model  *model,
            gint64  now)
{
  ModelPacket one = { SRUDP_SENT_OUTSTANDING, 0,
                      (guint) g_rand_int_range (model->rand, 0, 4) };

  g_assert_cmpuint (send_one (model->ledger, now, one.n_frames), ==,
                    model->packets->len);
  g_array_append_val (model->packets, one);
  model->bytes_in_flight += SIZE;
}

/* One of the last 400 packets is acknowledged, or perhaps given up. */
static void
model_settle (Model    *model,
              gint64    now,
              gboolean  may_lose)
{
  guint reach = MIN (model->packets->len, 400);
  guint64 n = model->packets->len - 1
              - (guint) g_rand_int_range (model->rand, 0, (gint) reach);
  ModelPacket *known = &g_array_index (model->packets, ModelPacket, n);
  SrudpSentPacket *packet = srudp_sent_packets_lookup (model->ledger, n);

  if (packet == NULL || known->state == SRUDP_SENT_ACKED)
    return;
  g_assert_cmpint (packet->state, ==, known->state);
  if (known->state == SRUDP_SENT_OUTSTANDING)
    model->bytes_in_flight -= SIZE;
  if (!may_lose || known->state == SRUDP_SENT_LOST)
    {
      ack (model->ledger, n, now);
      known->state = SRUDP_SENT_ACKED;
    }
  else
    {
      srudp_sent_packets_set_lost (model->ledger, packet, now);
      known->state = SRUDP_SENT_LOST;
      known->lost_time = now;
    }
}

static void
assert_packet_agrees (const Model *model,
                      guint64      n)
{
  const ModelPacket *known = &g_array_index (model->packets, ModelPacket, n);
  SrudpSentPacket *packet = srudp_sent_packets_lookup (model->ledger, n);

  if (n < srudp_sent_packets_get_first (model->ledger))
    g_assert_cmpint (known->state, !=, SRUDP_SENT_OUTSTANDING);
  if (n < srudp_sent_packets_get_first (model->ledger)
      || known->state == SRUDP_SENT_UNUSED)
    {
      g_assert_null (packet);
      return;
    }
  g_assert_cmpuint (packet->number, ==, n);
  g_assert_cmpint (packet->state, ==, known->state);
  g_assert_cmpuint (packet->n_frames, ==, known->n_frames);
  for (guint i = 0; i < packet->n_frames; i++)
    g_assert_cmpuint (srudp_sent_packets_get_frame (model->ledger, packet,
                                                    i)->id, ==, n);
}

static void
model_step (Model  *model,
            gint64  now)
{
  int action = g_rand_int_range (model->rand, 0, 100);
  /* Long phases of growth, and of emptying. */
  int sending = (now / 5000) % 2 == 0 ? 60 : 30;

  if (srudp_sent_packets_wants_skip (model->ledger))
    model_skip (model);
  if (action < sending)
    model_send (model, now);
  else if (model->packets->len > 0 && action < 98)
    model_settle (model, now, action >= 94);
  else
    srudp_sent_packets_trim (model->ledger, now - 1000);
}

static void
test_random_agrees_with_a_model (void)
{
  guint32 seed = g_test_rand_int ();
  g_autoptr(GRand) rand = g_rand_new_with_seed (seed);
  g_autoptr(SrudpSentPackets) ledger = srudp_sent_packets_new (0, seed);
  g_autoptr(GArray) packets = g_array_new (FALSE, TRUE, sizeof (ModelPacket));
  Model model = { rand, ledger, packets, 0 };

  g_test_message ("seed %u", seed);
  for (gint64 now = 0; now < 40000; now++)
    {
      model_step (&model, now);
      g_assert_cmpuint (srudp_sent_packets_get_bytes_in_flight (ledger), ==,
                        model.bytes_in_flight);
      g_assert_cmpuint (srudp_sent_packets_get_n_eliciting (ledger) * SIZE,
                        ==, model.bytes_in_flight);
      for (guint64 n = 0; now % 200 == 0 && n < packets->len; n++)
        assert_packet_agrees (&model, n);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sent-packets/frames-come-back", test_frames_come_back);
  g_test_add_func ("/sent-packets/numbers-near-the-end-work",
                   test_numbers_near_the_end_work);
  g_test_add_func ("/sent-packets/pure-acks-do-not-pile-up",
                   test_pure_acks_do_not_pile_up);
  g_test_add_func ("/sent-packets/memory-comes-back",
                   test_memory_comes_back);
  g_test_add_func ("/sent-packets/a-lost-one-is-remembered-for-a-while",
                   test_a_lost_one_is_remembered_for_a_while);
  g_test_add_func ("/sent-packets/a-peer-that-claims-too-much-is-found-out",
                   test_a_peer_that_claims_too_much_is_found_out);
  g_test_add_func ("/sent-packets/the-oldest-is-what-still-needs-an-ack",
                   test_the_oldest_is_what_still_needs_an_ack);
  g_test_add_func ("/sent-packets/the-delivery-rate-is-measured",
                   test_the_delivery_rate_is_measured);
  g_test_add_func ("/sent-packets/a-new-path-starts-empty",
                   test_a_new_path_starts_empty);
  g_test_add_func ("/sent-packets/random-agrees-with-a-model",
                   test_random_agrees_with_a_model);

  return g_test_run ();
}
