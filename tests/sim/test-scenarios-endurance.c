/*
 * SPDX-License-Identifier: MIT
 *
 * test-scenarios-endurance.c: connections that last: a month, and up to the end
 * of their numbers
 */
#include "sim-heap.h"
#include "sim-match.h"

#define MEGABYTE G_GUINT64_CONSTANT (1000000)
#define MINUTE (60 * SIM_S)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define VARINT_END (G_GUINT64_CONSTANT (1) << 62)

/* As the QUIC interop runner's, with some loss. */
static const SimLinkConfig default_link
  = { .delay_us = 15 * SIM_MS, .rate_bps = 10000000, .queue_packets = 25,
      .mtu_bytes = 1500, .loss = 0.01 };

/* --- A month ---------------------------------------------------------------- */

#define N_DAYS 30
/* What grows until then was not there before: tables, buffers. */
#define N_WARM_DAYS 3
#define WRITE_BYTES 200000

/* One side: what it wrote and read, of the main stream and of all others. */
typedef struct
{
  SimNode *node;
  SrudpSession *session;
  guint64 to_write, written, read, read_elsewhere;
  guint n_datagrams;
} Tenant;

typedef struct
{
  SimWorld *world;
  SimPair pair;
  SimNat *nat;
  Tenant tenants[2];
  guint n_rebinds, n_streams, n_sent_datagrams;
  gboolean is_over; /* no more work from now on */
  const char *error;
} Month;

static guint8
get_byte (guint64 offset)
{
  return (guint8) sim_mix (offset);
}

static gboolean
write_bytes (Tenant  *tenant,
             guint64  id,
             guint64  offset,
             gsize    n)
{
  SrudpSlice slice = { srudp_chunk_new (n), 0, n };

  for (gsize i = 0; i < n; i++)
    slice.chunk->data[i] = get_byte (offset + i);

  return srudp_session_write (tenant->session, sim_node_now (tenant->node), id,
                              &slice);
}

static void
write_more (Month  *month,
            Tenant *tenant)
{
  gsize room;

  while (tenant->written < tenant->to_write
         && (room = srudp_session_get_write_capacity (tenant->session, 0)) > 0)
    {
      gsize n = MIN (MIN (room, 16384), tenant->to_write - tenant->written);

      if (!write_bytes (tenant, SRUDP_MAIN_STREAM, tenant->written, n))
        month->error = "a write was refused";
      tenant->written += n;
    }
}

static void
read_stream (Month   *month,
             Tenant  *tenant,
             guint64  id)
{
  gint64 now = sim_node_now (tenant->node);
  guint64 *count = id == 0 ? &tenant->read : &tenant->read_elsewhere;
  SrudpSlice slice = { 0 };

  while (srudp_session_read (tenant->session, id, &slice))
    {
      const guint8 *bytes = srudp_slice_data (&slice);
      gsize n = slice.length;

      for (gsize i = 0; i < n && id == 0; i++)
        if (bytes[i] != get_byte (tenant->read + i))
          month->error = "a wrong byte";
      *count += n;
      srudp_slice_clear (&slice);
      srudp_session_consume (tenant->session, now, id, n);
    }
  if (id != 0
      && srudp_session_get_read_state (tenant->session, id) == SRUDP_READ_EOF)
    srudp_session_finish (tenant->session, now, id);
}

static void
month_event_cb (SimNode          *node,
                const SrudpEvent *event,
                gpointer          data)
{
  Month *month = data;
  Tenant *tenant = &month->tenants[node == month->pair.a ? 0 : 1];

  switch (event->type)
    {
    case SRUDP_EVENT_INCOMING:
      srudp_session_claim (event->session);
      tenant->session = event->session;
      break;
    case SRUDP_EVENT_STATE:
      if (event->state == SRUDP_STATE_CLOSED)
        month->error = "it ended";
      break;
    case SRUDP_EVENT_WRITABLE:
      if (event->stream_id == SRUDP_MAIN_STREAM)
        write_more (month, tenant);
      break;
    case SRUDP_EVENT_READABLE:
      read_stream (month, tenant, event->stream_id);
      break;
    case SRUDP_EVENT_DATAGRAM:
      tenant->n_datagrams++;
      break;
    default:
      break;
    }
}

/* One stream more, and a datagram. */
static void
say_something (Month  *month,
               Tenant *tenant)
{
  gint64 now = sim_node_now (tenant->node);
  guint8 byte = 1;
  guint64 id;

  if (!srudp_session_open_stream (tenant->session, &id))
    month->error = "no stream could be opened";
  write_bytes (tenant, id, 0, 1000);
  srudp_session_finish (tenant->session, now, id);
  srudp_session_send_datagram (tenant->session, now, &byte, 1);
  month->n_streams++;
  month->n_sent_datagrams++;
}

/* At some time within two hours, and so on. */
static void
work_cb (gpointer data)
{
  Month *month = data;
  Tenant *tenant = &month->tenants[sim_rng_below (&month->world->rng, 2)];
  gint64 pause_us = (gint64) sim_rng_below (&month->world->rng, 2 * HOUR);

  if (month->is_over)
    return;
  tenant->to_write += WRITE_BYTES;
  write_more (month, tenant);
  say_something (month, tenant);
  sim_node_service (tenant->node);
  sim_world_at (month->world, month->world->clock.now_us + pause_us, work_cb,
                month);
}

static void
month_rebind_cb (gpointer data)
{
  Month *month = data;
  gint64 pause_us = (gint64) sim_rng_below (&month->world->rng, 6 * HOUR);
  SrudpAddress external;

  if (month->is_over)
    return;
  sim_address (&external, 200 + month->n_rebinds++ % 50, 0);
  sim_nat_rebind (month->nat, month->n_rebinds % 2 == 0 ? &external : NULL);
  sim_world_at (month->world, month->world->clock.now_us + pause_us,
                month_rebind_cb, month);
}

static void
month_init (Month   *month,
            guint64  seed)
{
  SimNatConfig nat = { .mapping = SIM_NAT_ENDPOINT_INDEPENDENT,
                       .filtering = SIM_NAT_ADDRESS_AND_PORT_DEPENDENT,
                       .lifetime_us = 30 * SIM_S };
  SrudpOpenConfig config = { .n_candidates = 1,
                             .open_timeout_us = 30 * SIM_S,
                             .idle_timeout_us = 21 * SIM_S,
                             .keepalive_us = 15 * SIM_S };
  SimPair *pair = &month->pair;

  month->world = sim_world_new (seed);
  sim_world_add_pair (month->world, &default_link, &default_link, pair);
  sim_address (&nat.external, 199, 0);
  month->nat = sim_world_add_nat (month->world, &nat, &pair->a_to_b->sink,
                                  &pair->a->sink);
  pair->a->uplink = &month->nat->inside;
  pair->b_to_a->next = &month->nat->outside;
  for (guint i = 0; i < 2; i++)
    {
      SimNode *node = i == 0 ? pair->a : pair->b;

      month->tenants[i].node = node;
      node->on_event = month_event_cb;
      node->event_data = month;
      /* Phases of a day or so; a fresh secret after 20 s of work. */
      srudp_engine_set_key_limits (node->engine, 10000, 20 * SIM_S);
    }
  srudp_engine_set_accepting (pair->b->engine, TRUE);
  config.candidates = &pair->b->config.address;
  month->tenants[0].session = srudp_engine_open (
    pair->a->engine, sim_node_now (pair->a), &config);
  sim_node_service (pair->a);
}

static void
check_month (Month      *month,
             SimOutcome *outcome)
{
  for (guint i = 0; i < 2; i++)
    {
      Tenant *from = &month->tenants[i], *to = &month->tenants[1 - i];

      if (to->read != from->to_write)
        sim_outcome_fail (outcome, "%" G_GUINT64_FORMAT " bytes of %"
                          G_GUINT64_FORMAT " arrived", to->read,
                          from->to_write);
    }
  if (month->tenants[0].read_elsewhere + month->tenants[1].read_elsewhere
      != month->n_streams * G_GUINT64_CONSTANT (1000))
    sim_outcome_fail (outcome, "streams are not complete");
  if (month->error != NULL)
    sim_outcome_fail (outcome, "%s", month->error);
  g_test_message ("%u streams, %u rebinds, %" G_GUINT64_FORMAT
                  " packets from a, %u of %u datagrams", month->n_streams,
                  month->n_rebinds, month->pair.a->n_sent,
                  month->tenants[0].n_datagrams + month->tenants[1].n_datagrams,
                  month->n_sent_datagrams);
}

/* What is in use when nothing has happened for some minutes, at the end of
 * each day. */
static void
run_month (guint64       seed,
           gconstpointer scenario,
           SimOutcome   *outcome)
{
  Month month = { 0 };
  gsize warm = 0, most = 0;

  month_init (&month, seed);
  sim_world_run (month.world, SIM_S);
  for (guint day = 1; day <= N_DAYS && month.error == NULL; day++)
    {
      gsize now;

      month.is_over = FALSE;
      work_cb (&month);
      month_rebind_cb (&month);
      sim_world_run (month.world, day * DAY - 3 * HOUR);
      /* Both hear of it within that time, and nothing is left of them. */
      month.is_over = TRUE;
      sim_world_run (month.world, day * DAY);
      now = sim_heap_get_size ();
      most = MAX (most, now);
      if (day <= N_WARM_DAYS)
        warm = MAX (warm, now);
      g_test_message ("day %u: %" G_GSIZE_FORMAT " bytes in use", day, now);
    }
  outcome->value = ((double) most - (double) warm) / 1024;
  check_month (&month, outcome);
  sim_world_free (month.world);
}

static void
test_month (void)
{
  SimRow row = { .name = "30-days-mostly-idle", .unit = "KiB more in use",
                 .n_seeds = 1, .func = run_month,
                 .better = SIM_LOWER_IS_BETTER, .worst_budget = 16 };

  sim_report_run (&row);
}

/* --- Numbers near their ends ------------------------------------------------ */

static void
set_first_numbers (SimTalk                 *talk,
                   const SrudpFirstNumbers *first)
{
  srudp_engine_set_first_numbers (talk->pair.a->engine, first);
  srudp_engine_set_first_numbers (talk->pair.b->engine, first);
}

/* The last byte of each stream is the last one that it can have. */
static void
run_numbers (guint64       seed,
             gconstpointer scenario,
             SimOutcome   *outcome)
{
  const SrudpFirstNumbers first = {
    .packet = VARINT_END - 10000,
    .offset = VARINT_END - 1 - MEGABYTE,
    .n_streams = (G_GUINT64_CONSTANT (1) << 60) - 1,
    .key_phase = VARINT_END - 10000,
  };
  g_auto (SimTalk) talk = { 0 };

  sim_talk_init (&talk, seed, &default_link, &default_link, MEGABYTE);
  set_first_numbers (&talk, &first);
  srudp_engine_set_key_limits (talk.pair.a->engine, 100, 300 * SIM_MS);
  srudp_engine_set_key_limits (talk.pair.b->engine, 100, 300 * SIM_MS);
  sim_talk_open_a (&talk, FALSE);
  sim_talk_open_b (&talk, FALSE);
  if (!sim_talk_connect (&talk, 30 * SIM_S, outcome))
    return;
  sim_talk_finish (&talk, MINUTE, outcome);
  outcome->value = (double) talk.world->clock.now_us / 1e6;
}

static void
test_numbers (void)
{
  SimRow row = { .name = "counters-near-their-ends", .unit = "s for 1 MB each way",
                 .n_seeds = 50, .func = run_numbers,
                 .better = SIM_LOWER_IS_BETTER, .worst_budget = 4 };

  sim_report_run (&row);
}

/* Both are told, and nothing is sent after that. */
static void
run_last_packet (guint64       seed,
                 gconstpointer scenario,
                 SimOutcome   *outcome)
{
  const SrudpFirstNumbers first = { .packet = VARINT_END - 3000 };
  g_auto (SimTalk) talk = { 0 };
  SimEnd *ends[2];
  guint64 n_sent;

  sim_talk_init (&talk, seed, &default_link, &default_link, 20 * MEGABYTE);
  set_first_numbers (&talk, &first);
  sim_talk_open_a (&talk, FALSE);
  sim_talk_open_b (&talk, FALSE);
  if (!sim_talk_connect (&talk, 30 * SIM_S, outcome))
    return;
  ends[0] = sim_talk_end_a (&talk);
  ends[1] = sim_talk_end_b (&talk);
  sim_world_run (talk.world, MINUTE);
  n_sent = talk.pair.a->n_sent + talk.pair.b->n_sent;
  sim_world_run (talk.world, 2 * MINUTE);
  for (guint i = 0; i < 2; i++)
    {
      if (ends[i]->state != SRUDP_STATE_CLOSED
          || ends[i]->reason != SRUDP_REASON_KEYS_EXHAUSTED)
        sim_outcome_fail (outcome, "end %u is in state %d, reason %d", i,
                          ends[i]->state, ends[i]->reason);
      if (ends[i]->error != NULL)
        sim_outcome_fail (outcome, "%s", ends[i]->error);
    }
  if (talk.pair.a->n_sent + talk.pair.b->n_sent != n_sent)
    sim_outcome_fail (outcome, "packets were sent after the end");
  outcome->value
    = (double) ABS (ends[0]->closed_us - ends[1]->closed_us) / 1e6;
}

static void
test_last_packet (void)
{
  SimRow row = { .name = "packet-numbers-run-out",
                 .unit = "s between both ends",
                 .n_seeds = 50, .func = run_last_packet,
                 .better = SIM_LOWER_IS_BETTER, .worst_budget = 1 };

  sim_report_run (&row);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scenarios/endurance/month", test_month);
  g_test_add_func ("/scenarios/endurance/numbers", test_numbers);
  g_test_add_func ("/scenarios/endurance/last-packet", test_last_packet);

  return g_test_run ();
}
