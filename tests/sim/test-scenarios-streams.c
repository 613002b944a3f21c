/*
 * SPDX-License-Identifier: MIT
 *
 * test-scenarios-streams.c: many streams, and connections that share a port
 */
#include "sim-match.h"

#include <string.h>

#define MEGABYTE G_GUINT64_CONSTANT (1000000)
#define LIMIT (120 * SIM_S)
#define N_SEEDS 50

/* As the QUIC interop runner's. */
static const SimLinkConfig default_link
  = { .delay_us = 15 * SIM_MS, .rate_bps = 10000000, .queue_packets = 25,
      .mtu_bytes = 1500, .loss = 0.02 };

/* A opens streams and writes, B reads and ends its own side. */
typedef struct
{
  guint n_streams;
  guint64 bytes;        /* on each */
  gboolean one_stalls;  /* nobody reads the first one */
} Plan;

typedef struct
{
  const Plan *plan;
  SimWorld *world;
  SimPair pair;
  SrudpSession *session;
  GHashTable *written, *received; /* stream id → bytes */
  guint n_opened, n_ended;
  guint64 stalled_id;             /* 0: none */
  const char *error;
} Field;

static guint64
get_count (GHashTable *counts,
           guint64     id)
{
  guint64 *count = g_hash_table_lookup (counts, &id);

  return count != NULL ? *count : 0;
}

static void
add_count (GHashTable *counts,
           guint64     id,
           guint64     n)
{
  guint64 *count = g_hash_table_lookup (counts, &id);

  if (count == NULL)
    {
      count = g_new0 (guint64, 1);
      g_hash_table_insert (counts, g_memdup2 (&id, sizeof id), count);
    }
  *count += n;
}

static guint8
get_byte (guint64 id,
          guint64 offset)
{
  return (guint8) sim_mix (id * 1000003 + offset);
}

static void
write_more (Field   *f,
            guint64  id)
{
  gint64 now = sim_node_now (f->pair.a);
  guint64 done = get_count (f->written, id);
  gsize room;

  while (done < f->plan->bytes
         && (room = srudp_session_get_write_capacity (f->session, id)) > 0)
    {
      gsize n = MIN (MIN (room, 16384), f->plan->bytes - done);
      SrudpSlice slice = { srudp_chunk_new (n), 0, n };

      for (gsize i = 0; i < n; i++)
        slice.chunk->data[i] = get_byte (id, done + i);
      if (!srudp_session_write (f->session, now, id, &slice))
        f->error = "a write was refused";
      done += n;
      add_count (f->written, id, n);
      if (done == f->plan->bytes)
        srudp_session_finish (f->session, now, id);
    }
}

static void
open_more (Field *f)
{
  guint64 id;

  while (f->n_opened < f->plan->n_streams
         && srudp_session_open_stream (f->session, &id))
    {
      if (f->n_opened++ == 0 && f->plan->one_stalls)
        f->stalled_id = id;
      write_more (f, id);
    }
}

/* Nothing tells that the peer allows more streams: it is asked. */
#define ASK_US (5 * SIM_MS)

static void
open_cb (gpointer data)
{
  Field *f = data;

  if (srudp_session_get_state (f->session) == SRUDP_STATE_ESTABLISHED)
    open_more (f);
  sim_node_service (f->pair.a);
  if (f->n_opened < f->plan->n_streams)
    sim_world_at (f->world, f->world->clock.now_us + ASK_US, open_cb, f);
}

static void
a_event_cb (SimNode          *node,
            const SrudpEvent *event,
            gpointer          data)
{
  Field *f = data;

  if (event->type == SRUDP_EVENT_WRITABLE)
    write_more (f, event->stream_id);
}

static void
read_stream (Field        *f,
             SrudpSession *session,
             guint64       id)
{
  gint64 now = sim_node_now (f->pair.b);
  SrudpSlice slice = { 0 };

  while (srudp_session_read (session, id, &slice))
    {
      guint64 at = get_count (f->received, id);
      const guint8 *bytes = srudp_slice_data (&slice);
      gsize n = slice.length;

      for (gsize i = 0; i < n; i++)
        if (bytes[i] != get_byte (id, at + i))
          f->error = "a wrong byte";
      add_count (f->received, id, n);
      srudp_slice_clear (&slice);
      srudp_session_consume (session, now, id, n);
    }
  if (srudp_session_get_read_state (session, id) != SRUDP_READ_EOF
      || get_count (f->received, id) > f->plan->bytes)
    return;
  if (get_count (f->received, id) != f->plan->bytes)
    f->error = "an end at the wrong place";
  add_count (f->received, id, 1); /* once */
  f->n_ended++;
  srudp_session_finish (session, now, id);
}

static void
b_event_cb (SimNode          *node,
            const SrudpEvent *event,
            gpointer          data)
{
  Field *f = data;

  if (event->type == SRUDP_EVENT_INCOMING)
    srudp_session_claim (event->session);
  if ((event->type == SRUDP_EVENT_READABLE
       || event->type == SRUDP_EVENT_STREAM_OPENED)
      && event->stream_id != SRUDP_MAIN_STREAM
      && event->stream_id != f->stalled_id)
    read_stream (f, event->session, event->stream_id);
}

static gboolean
is_over (gpointer data)
{
  Field *f = data;

  return f->error != NULL
    || f->n_ended == f->plan->n_streams - (f->plan->one_stalls ? 1 : 0);
}

static void
run_streams (guint64       seed,
             gconstpointer scenario,
             SimOutcome   *outcome)
{
  Field f = { .plan = scenario, .world = sim_world_new (seed) };
  SrudpOpenConfig config = { .n_candidates = 1,
                             .open_timeout_us = 30 * SIM_S,
                             .idle_timeout_us = 21 * SIM_S,
                             .keepalive_us = 15 * SIM_S };

  f.written = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                     g_free);
  f.received = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                      g_free);
  sim_world_add_pair (f.world, &default_link, &default_link, &f.pair);
  f.pair.a->on_event = a_event_cb;
  f.pair.b->on_event = b_event_cb;
  f.pair.a->event_data = f.pair.b->event_data = &f;
  srudp_engine_set_accepting (f.pair.b->engine, TRUE);
  config.candidates = &f.pair.b->config.address;
  f.session = srudp_engine_open (f.pair.a->engine, sim_node_now (f.pair.a),
                                 &config);
  sim_node_service (f.pair.a);
  open_cb (&f);

  if (!sim_world_run_until (f.world, is_over, &f, LIMIT))
    sim_outcome_fail (outcome, "only %u streams of %u, %u opened", f.n_ended,
                      f.plan->n_streams, f.n_opened);
  if (f.error != NULL)
    sim_outcome_fail (outcome, "%s", f.error);
  outcome->value = (double) f.world->clock.now_us / 1e6;

  sim_world_free (f.world);
  g_hash_table_unref (f.written);
  g_hash_table_unref (f.received);
}

static const Plan many = { 2000, 32, FALSE };

static void
test_many (void)
{
  SimRow row = { .name = "2000-streams-of-32-bytes", .unit = "s",
                 .n_seeds = N_SEEDS, .func = run_streams, .scenario = &many,
                 .better = SIM_LOWER_IS_BETTER, .worst_budget = 5 };

  sim_report_run (&row);
}

/* More on each than the connection's first window: one would block all. */
static const Plan one_stalls = { 10, 3 * MEGABYTE, TRUE };

static void
run_stall (guint64       seed,
           gconstpointer scenario,
           SimOutcome   *outcome)
{
  Plan plain = one_stalls;
  SimOutcome without = { 0 };

  /* All ten, the tenth part less: what the nine may take. */
  plain.one_stalls = FALSE;
  run_streams (seed, &plain, &without);
  run_streams (seed, &one_stalls, outcome);
  outcome->value = 100 * outcome->value / without.value;
  if (without.error != NULL)
    sim_outcome_fail (outcome, "%s", without.error);
  g_free (without.error);
}

static void
test_stall (void)
{
  SimRow row = { .name = "10-streams-one-stalled",
                 .unit = "% of the time of all ten", .n_seeds = 10, .func = run_stall,
                 .better = SIM_LOWER_IS_BETTER, .worst_budget = 103 };

  sim_report_run (&row);
}

/* --- A bulk transfer and a ping, on two connections of one port ------------- */

#define PING_EVERY_US (50 * SIM_MS)
#define N_PINGS 200

typedef struct
{
  SimWorld *world;
  SimNode *a;
  SrudpSession *ping;
  gint64 sent_us;
  GArray *delays_us;
  guint n_left;
  SimEventFunc app_event;
  gpointer app_data;
} Pinger;

static void
ping_cb (gpointer data)
{
  Pinger *p = data;
  guint8 byte = 0;

  p->sent_us = p->world->clock.now_us;
  srudp_session_send_datagram (p->ping, sim_node_now (p->a), &byte, 1);
  sim_node_service (p->a);
  if (--p->n_left > 0)
    sim_world_at (p->world, p->world->clock.now_us + PING_EVERY_US, ping_cb,
                  p);
}

/* The one that is pinged hears a datagram. */
static void
pinged_cb (SimNode          *node,
           const SrudpEvent *event,
           gpointer          data)
{
  Pinger *p = data;
  gint64 delay_us = p->world->clock.now_us - p->sent_us;

  if (event->type == SRUDP_EVENT_DATAGRAM)
    g_array_append_val (p->delays_us, delay_us);
  p->app_event (node, event, p->app_data);
}

/* 1 sends bulk to 2 and pings 3. The links to them are their own; only the
 * endpoint is shared. */
static void
run_ping (guint64       seed,
          gconstpointer scenario,
          SimOutcome   *outcome)
{
  const SimLinkConfig fast = { .delay_us = 5 * SIM_MS, .rate_bps = 1000000000,
                               .mtu_bytes = 1500 };
  const SimLinkConfig slow = { .delay_us = 10 * SIM_MS, .rate_bps = 100000000,
                               .queue_bytes = 250000, .mtu_bytes = 1500 };
  SimWorld *world = sim_world_new (seed);
  g_auto (SimStar) star = { 0 };
  SimApp *apps[3];
  Pinger p = { .world = world, .n_left = N_PINGS };
  SimNode *node;
  gint64 limit_us;

  sim_world_add_star (world, 3, &fast, &slow, &star);
  for (guint i = 0; i < 3; i++)
    {
      node = g_ptr_array_index (star.nodes, i);
      apps[i] = sim_app_new (world, node, i == 0 ? 1000 * MEGABYTE : 0);
      apps[i]->keep_open = TRUE;
      node->config.max_segments = 16;
      node->config.cpu_per_packet_us = 1;
      if (i > 0)
        srudp_engine_set_accepting (node->engine, TRUE);
    }
  p.a = g_ptr_array_index (star.nodes, 0);
  p.delays_us = g_array_new (FALSE, FALSE, sizeof (gint64));
  node = g_ptr_array_index (star.nodes, 2);
  p.app_event = node->on_event;
  p.app_data = node->event_data;
  node->on_event = pinged_cb;
  node->event_data = &p;

  /* The first session is the ping's and writes nothing. */
  apps[0]->send_bytes = 0;
  p.ping = sim_app_open (apps[0], &node->config.address, NULL)->session;
  sim_world_run (world, SIM_S);
  apps[0]->send_bytes = 1000 * MEGABYTE;
  node = g_ptr_array_index (star.nodes, 1);
  sim_app_open (apps[0], &node->config.address, NULL);
  sim_world_at (world, 2 * SIM_S, ping_cb, &p);
  limit_us = 3 * SIM_S + N_PINGS * PING_EVERY_US;
  sim_world_run (world, limit_us);

  if (p.delays_us->len < N_PINGS)
    sim_outcome_fail (outcome, "%u pings of %u arrived", p.delays_us->len,
                      N_PINGS);
  else
    {
      g_array_sort (p.delays_us, sim_compare_times);
      outcome->value = (double) (g_array_index (p.delays_us, gint64,
                                                N_PINGS * 99 / 100)
                                 - fast.delay_us - slow.delay_us) / 1e3;
    }
  if (sim_app_find_established (apps[1])->received < 50 * MEGABYTE)
    sim_outcome_fail (outcome, "there was no bulk");

  sim_world_free (world);
  g_array_unref (p.delays_us);
  for (guint i = 0; i < 3; i++)
    sim_app_free (apps[i]);
}

static void
test_ping (void)
{
  SimRow row = { .name = "ping-beside-bulk", .unit = "ms added, p99",
                 .n_seeds = 5, .func = run_ping,
                 .better = SIM_LOWER_IS_BETTER, .worst_budget = 5 };

  sim_report_run (&row);
}

/* --- Time ------------------------------------------------------------------- */

/* The machine sleeps: nothing is received or sent, and its clock goes on. */
typedef struct
{
  gint64 length_us;
  gboolean survives;
} Sleep;

static void
run_sleep (guint64       seed,
           gconstpointer scenario,
           SimOutcome   *outcome)
{
  const Sleep *s = scenario;
  g_auto (SimTalk) talk = { 0 };
  SimEnd *ends[2];
  gint64 end_us = SIM_S + s->length_us;

  sim_talk_init (&talk, seed, &default_link, &default_link, 2 * MEGABYTE);
  sim_talk_open_a (&talk, FALSE);
  sim_talk_open_b (&talk, FALSE);
  if (!sim_talk_connect (&talk, 30 * SIM_S, outcome))
    return;
  sim_world_run (talk.world, SIM_S);
  /* It is busy until then, and the wire to it is cut. */
  talk.pair.a->busy_until_us = end_us;
  sim_link_add_blackout (talk.pair.b_to_a, SIM_S, end_us);
  if (s->survives)
    {
      sim_talk_finish (&talk, s->length_us + LIMIT, outcome);
      outcome->value = (double) (talk.world->clock.now_us - end_us) / 1e6;
      return;
    }

  ends[0] = sim_talk_end_a (&talk);
  ends[1] = sim_talk_end_b (&talk);
  /* What lay in its socket is the last that it hears. */
  sim_world_run (talk.world, end_us + 30 * SIM_S);
  for (guint i = 0; i < 2; i++)
    {
      if (ends[i]->state != SRUDP_STATE_CLOSED
          || ends[i]->reason != SRUDP_REASON_IDLE_TIMEOUT)
        sim_outcome_fail (outcome, "end %u is in state %d, reason %d", i,
                          ends[i]->state, ends[i]->reason);
      if (ends[i]->error != NULL)
        sim_outcome_fail (outcome, "%s", ends[i]->error);
    }
  outcome->value = MAX (0, (double) (ends[0]->closed_us - end_us) / 1e6);
}

static const Sleep short_sleep = { 10 * SIM_S, TRUE };
static const Sleep long_sleep = { 3600 * SIM_S, FALSE };

static void
test_sleep (gconstpointer data)
{
  const Sleep *s = data;
  SimRow row = { .name = s->survives ? "suspended-for-10-s"
                                     : "suspended-for-an-hour",
                 .unit = s->survives ? "s until all is there"
                                     : "s until it is told",
                 .n_seeds = N_SEEDS, .func = run_sleep, .scenario = data,
                 .better = SIM_LOWER_IS_BETTER,
                 .worst_budget = s->survives ? 6 : 22 };

  sim_report_run (&row);
}

/* The clocks of both are near the end of what they can count. */
#define LATE_US (G_MAXINT64 / 2)

static void
run_late_clock (guint64       seed,
                gconstpointer scenario,
                SimOutcome   *outcome)
{
  g_auto (SimTalk) talk = { 0 };

  sim_talk_init (&talk, seed, &default_link, &default_link, MEGABYTE);
  talk.pair.a->config.clock_offset_us = talk.pair.b->config.clock_offset_us
    = LATE_US;
  sim_node_restart (talk.pair.a);
  sim_node_restart (talk.pair.b);
  sim_talk_open_a (&talk, FALSE);
  sim_talk_open_b (&talk, FALSE);
  if (!sim_talk_connect (&talk, 30 * SIM_S, outcome))
    return;
  sim_talk_finish (&talk, LIMIT, outcome);
  outcome->value = (double) talk.world->clock.now_us / 1e6;
}

static void
test_late_clock (void)
{
  SimRow row = { .name = "clocks-near-their-end", .unit = "s",
                 .n_seeds = N_SEEDS, .func = run_late_clock,
                 .better = SIM_LOWER_IS_BETTER, .worst_budget = 3 };

  sim_report_run (&row);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scenarios/streams/many", test_many);
  g_test_add_func ("/scenarios/streams/one-stalls", test_stall);
  g_test_add_func ("/scenarios/streams/ping-beside-bulk", test_ping);
  g_test_add_data_func ("/scenarios/streams/short-sleep", &short_sleep,
                        test_sleep);
  g_test_add_data_func ("/scenarios/streams/long-sleep", &long_sleep,
                        test_sleep);
  g_test_add_func ("/scenarios/streams/late-clock", test_late_clock);

  return g_test_run ();
}
