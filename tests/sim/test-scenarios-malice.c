/*
 * SPDX-License-Identifier: MIT
 *
 * test-scenarios-malice.c: what a peer can do that means harm
 *
 * It connects as it should and then sends what it likes, over the usual wire.
 * Where it breaks a rule the session ends and says so, on both sides; where it
 * does not, the session stays. Either way it costs no more memory than the
 * window it was given, and 64 KiB.
 */
#include "sim-heap.h"
#include "sim-match.h"
#include "sim-villain.h"

#include <string.h>

#define CONNECT_LIMIT (10 * SIM_S)
#define WINDOW_KIB 512
#define SLACK_KIB 64
/* Nothing is on the wire any more. */
#define CALM_US (300 * SIM_MS)
#define N_CALMS 8
#define MAX_WRITE_BYTES (20 * 1000 * 1000)
#define WRITE_BYTES 16384
#define CLOSE_PROTOCOL 2
/* As the QUIC interop runner's. */
static const SimLinkConfig default_link = {
  .delay_us = 15 * SIM_MS, .rate_bps = 10000000, .queue_packets = 25,
  .mtu_bytes = 1500,
};

typedef struct _Duel Duel;

typedef struct
{
  const char *path;
  void (*attack) (Duel *duel,
                  guint step);
  guint n_steps; /* at most: it ends with the session */
  gint64 step_us;
  SrudpReason reason; /* NONE: the session stays */
} Attack;

#define OVERLAP_BYTES 20000

struct _Duel
{
  const Attack *attack;
  guint64 seed;
  SimRng rng;
  SimTalk talk;
  SimVillain villain;
  SimEnd *victim;
  guint64 n_written;
  gsize memory_before, memory_worst;
  /* What each byte must be: the first that came, or 0. */
  guint8 first_bytes[OVERLAP_BYTES];
  guint64 n_read;
  char *error;
};

static guint64
below (Duel    *duel,
       guint64  n)
{
  return sim_rng_below (&duel->rng, n);
}

/* --- The victim ------------------------------------------------------------ */

static gboolean
is_up (const Duel *duel)
{
  return duel->victim->state < SRUDP_STATE_CLOSING;
}

/* All that there is room for. */
static void
write_as_victim (Duel *duel)
{
  SrudpSession *session = duel->victim->session;
  SimNode *node = duel->talk.pair.b;
  gsize room;

  while (session != NULL && duel->n_written < MAX_WRITE_BYTES
         && (room = srudp_session_get_write_capacity (session,
                                                      SRUDP_MAIN_STREAM)) > 0)
    {
      gsize size = MIN (room, WRITE_BYTES);
      SrudpSlice slice = { srudp_chunk_new (size), 0, size };

      memset (slice.chunk->data, 'v', size);
      if (!srudp_session_write (session, sim_node_now (node),
                                SRUDP_MAIN_STREAM, &slice))
        break;
      duel->n_written += size;
    }
  sim_node_service (node);
}

/* What it reads is what came first. */
static void
read_as_victim (Duel *duel)
{
  SimNode *node = duel->talk.pair.b;
  SrudpSlice slice = { 0 };

  while (duel->victim->session != NULL
         && srudp_session_read (duel->victim->session, SRUDP_MAIN_STREAM,
                                &slice))
    {
      gsize n = slice.length;

      if (duel->n_read + n > OVERLAP_BYTES
          || memcmp (srudp_slice_data (&slice),
                     duel->first_bytes + duel->n_read, n) != 0)
        duel->error = duel->error != NULL ? duel->error
          : g_strdup_printf ("other bytes than those that came first, after %"
                             G_GUINT64_FORMAT, duel->n_read);
      duel->n_read += n;
      srudp_slice_clear (&slice);
      srudp_session_consume (duel->victim->session, sim_node_now (node),
                             SRUDP_MAIN_STREAM, n);
    }
  sim_node_service (node);
}

/* --- Attacks --------------------------------------------------------------- */

static void
send_ack (Duel                *duel,
          const SrudpAckRange *ranges,
          guint                n_ranges)
{
  guint8 payload[SIM_VILLAIN_PAYLOAD_BYTES];
  SrudpWriter writer;

  srudp_writer_init (&writer, payload, sizeof payload);
  srudp_frame_write_ack (&writer, ranges, n_ranges, 0, NULL);
  sim_villain_send (&duel->villain, payload, writer.size);
}

/* Half of them acknowledge more and more, whatever comes; the others no more
 * than must have been sent by now. */
static void
attack_with_optimism (Duel  *duel,
                      guint  step)
{
  guint64 largest = duel->seed % 2 == 0
    ? (guint64) duel->villain.largest_received + 5 : 1 + 8 * step;
  SrudpAckRange range = { 0, largest };

  write_as_victim (duel);
  if (step > 20)
    send_ack (duel, &range, 1);
}

/* Every other packet that came, as far back as one ACK can tell: the same again
 * and again. At the end a range that begins below zero. */
static void
attack_with_ranges (Duel  *duel,
                    guint  step)
{
  static const guint8 below_zero[] = { 0x02, 0x08, 0x00, 0x01, 0x00, 0x07, 0x04 };
  SrudpAckRange ranges[SRUDP_FRAME_MAX_ACK_RANGES];
  gint64 n = duel->villain.largest_received & ~G_GINT64_CONSTANT (1);
  guint n_ranges = 0;

  write_as_victim (duel);
  for (; n >= 0 && n_ranges < G_N_ELEMENTS (ranges); n -= 2)
    if (srudp_ack_ranges_contains (&duel->villain.received, (guint64) n))
      ranges[n_ranges++] = (SrudpAckRange) { (guint64) n, (guint64) n };
  for (guint i = 0; i < 4 && n_ranges > 0; i++)
    send_ack (duel, ranges, n_ranges);
  if (step == duel->attack->n_steps - 1)
    sim_villain_send (&duel->villain, below_zero, sizeof below_zero);
}

/* Single bytes all over the window, the first one never. */
static void
attack_with_fragments (Duel  *duel,
                       guint  step)
{
  static const guint gaps[] = { 2, 3, 7, 50, 1000, 16384 };
  guint gap = gaps[duel->seed % G_N_ELEMENTS (gaps)];

  for (guint i = 0; i < 2; i++)
    {
      guint8 payload[SIM_VILLAIN_PAYLOAD_BYTES];
      SrudpFrame frame = {
        .type = SRUDP_FRAME_STREAM,
        .stream = { .data = (const guint8 *) "x", .length = 1 },
      };
      SrudpWriter writer;

      srudp_writer_init (&writer, payload, sizeof payload);
      do
        frame.stream.offset = 1 + gap
          * below (duel, (duel->villain.max_stream_data - 1) / gap);
      while (srudp_frame_write (&writer, &frame));
      sim_villain_send (&duel->villain, payload, writer.size);
    }
}

static void
send_overlap (Duel    *duel,
              guint64  offset,
              gsize    length)
{
  guint8 byte = 1 + (guint8) below (duel, 255);

  sim_villain_send_stream (&duel->villain, SRUDP_MAIN_STREAM, offset, length,
                           byte, FALSE);
  for (gsize i = 0; i < length; i++)
    if (duel->first_bytes[offset + i] == 0)
      duel->first_bytes[offset + i] = byte;
}

/* Everything several times over with other content; at the end without gaps. */
static void
attack_with_overlaps (Duel  *duel,
                      guint  step)
{
  gsize length = 1 + below (duel, below (duel, 2) == 0 ? 1000 : 20);

  if (step < OVERLAP_BYTES / 1000)
    length = 1; /* the usual order would leave no gaps */
  if (duel->attack->n_steps - step <= OVERLAP_BYTES / 1000)
    send_overlap (duel, 1000 * (duel->attack->n_steps - step - 1), 1000);
  else
    send_overlap (duel, below (duel, OVERLAP_BYTES - length), length);
  if (below (duel, 10) == 0)
    read_as_victim (duel);
}

static void
violate_connection_window (Duel *duel)
{
  SimVillain *villain = &duel->villain;
  guint64 used = 0;

  for (guint64 id = 0; used <= villain->max_data; id += 2)
    {
      sim_villain_send_stream (villain, id, villain->max_stream_data - 1, 1,
                               'x', FALSE);
      used += villain->max_stream_data;
    }
}

static void
attack_with_too_much (Duel  *duel,
                      guint  step)
{
  SimVillain *villain = &duel->villain;
  const SrudpFrame reset = {
    .type = SRUDP_FRAME_RESET_STREAM,
    .reset_stream = { .final_size = villain->max_stream_data + 1 },
  };

  switch (duel->seed % 5)
    {
    case 0:
      sim_villain_send_stream (villain, 0, villain->max_stream_data, 1, 'x',
                               FALSE);
      break;
    case 1:
      violate_connection_window (duel);
      break;
    case 2:
      sim_villain_send_stream (villain, 2 * (SRUDP_MAX_STREAMS - 1), 0, 1, 'x',
                               FALSE);
      break;
    case 3:
      sim_villain_send_frame (villain, &reset);
      break;
    default:
      sim_villain_send_stream (villain, 0, (G_GUINT64_CONSTANT (1) << 62) - 2,
                               1, 'x', FALSE);
      break;
    }
}

/* It acknowledges, and lets the victim send no more than at first. */
static void
attack_by_not_reading (Duel  *duel,
                       guint  step)
{
  duel->villain.acknowledges = TRUE;
  write_as_victim (duel);
  if (duel->villain.max_stream_offset > WINDOW_KIB * 1024 && duel->error == NULL)
    duel->error = g_strdup ("more than the window was sent");
}

/* It talks, so that it is alive and has to be answered. */
static void
attack_by_not_acknowledging (Duel  *duel,
                             guint  step)
{
  const SrudpFrame ping = { .type = SRUDP_FRAME_PING };

  write_as_victim (duel);
  for (guint i = 0; i < 2; i++)
    sim_villain_send_frame (&duel->villain, &ping);
}

static void
attack_after_the_end (Duel  *duel,
                      guint  step)
{
  SimVillain *villain = &duel->villain;
  guint64 end = 1 + below (duel, 1000);
  const SrudpFrame reset = {
    .type = SRUDP_FRAME_RESET_STREAM,
    .reset_stream = { .final_size = end - 1 },
  };

  sim_villain_send_stream (villain, 0, 0, end, 'x', TRUE);
  switch (duel->seed % 4)
    {
    case 0: /* behind it */
      sim_villain_send_stream (villain, 0, end, 1, 'y', FALSE);
      break;
    case 1: /* another end */
      sim_villain_send_stream (villain, 0, 0, end - 1, 'x', TRUE);
      break;
    case 2:
      sim_villain_send_stream (villain, 0, end + below (duel, 1000), 5, 'y',
                               TRUE);
      break;
    default:
      sim_villain_send_frame (villain, &reset);
      break;
    }
}

/* --- How it goes ------------------------------------------------------------- */

static gboolean
set_up (Duel       *duel,
        SimOutcome *outcome)
{
  SimTalk *talk = &duel->talk;

  sim_talk_init (talk, duel->seed, &default_link, &default_link, 0);
  talk->app_a->is_silent = talk->app_b->is_silent = TRUE;
  srudp_engine_set_max_window (talk->pair.a->engine, WINDOW_KIB * 1024);
  srudp_engine_set_max_window (talk->pair.b->engine, WINDOW_KIB * 1024);
  srudp_engine_set_accepting (talk->pair.b->engine, TRUE);
  sim_talk_open_a (talk, FALSE);
  if (!sim_talk_connect (talk, CONNECT_LIMIT, outcome))
    return FALSE;

  duel->victim = sim_talk_end_b (talk);
  sim_world_run (talk->world, talk->world->clock.now_us + CALM_US);
  sim_villain_init (&duel->villain, &talk->pair,
                    sim_talk_end_a (talk)->session);
  duel->memory_before = sim_heap_get_size ();

  return TRUE;
}

static void
calm_down (Duel *duel)
{
  SimWorld *world = duel->talk.world;

  sim_world_run (world, world->clock.now_us + CALM_US);
  duel->memory_worst = MAX (duel->memory_worst, sim_heap_get_size ());
}

static void
fight (Duel *duel)
{
  const Attack *attack = duel->attack;
  SimWorld *world = duel->talk.world;

  for (guint step = 0; step < attack->n_steps && is_up (duel); step++)
    {
      attack->attack (duel, step);
      sim_world_run (world, world->clock.now_us + attack->step_us);
      if (step % (attack->n_steps / MIN (attack->n_steps, N_CALMS)) == 0)
        calm_down (duel);
    }
  calm_down (duel);
  read_as_victim (duel);
}

static void
judge (Duel       *duel,
       SimOutcome *outcome)
{
  const SimEnd *victim = duel->victim;
  const SimVillain *villain = &duel->villain;
  SrudpReason reason = duel->attack->reason;

  if (duel->error != NULL)
    sim_outcome_fail (outcome, "%s", duel->error);
  else if (reason == SRUDP_REASON_NONE
           && (victim->state != SRUDP_STATE_ESTABLISHED || villain->was_told))
    sim_outcome_fail (outcome, "state %d, reason %d", victim->state,
                      victim->reason);
  else if (reason != SRUDP_REASON_NONE
           && (victim->state != SRUDP_STATE_CLOSED
               || victim->reason != reason))
    sim_outcome_fail (outcome, "state %d, reason %d", victim->state,
                      victim->reason);
  else if (reason != SRUDP_REASON_NONE
           && (!villain->was_told || villain->close_code != CLOSE_PROTOCOL
               || !villain->has_words))
    sim_outcome_fail (outcome, "CLOSE %d of code %" G_GUINT64_FORMAT
                      ", in words %d", villain->was_told, villain->close_code,
                      villain->has_words);
  outcome->value = ((double) duel->memory_worst - (double) duel->memory_before)
    / 1024;
}

static void
run_attack (guint64       seed,
            gconstpointer scenario,
            SimOutcome   *outcome)
{
  Duel *duel = g_new0 (Duel, 1);

  duel->attack = scenario;
  duel->seed = seed;
  sim_rng_init (&duel->rng, seed, 91);
  if (set_up (duel, outcome))
    {
      fight (duel);
      judge (duel, outcome);
      if (duel->attack->attack == attack_with_overlaps
          && duel->n_read != OVERLAP_BYTES)
        sim_outcome_fail (outcome, "%" G_GUINT64_FORMAT " bytes were read",
                          duel->n_read);
      sim_villain_clear (&duel->villain);
    }
  sim_talk_clear (&duel->talk);
  g_free (duel->error);
  g_free (duel);
}

static const Attack attacks[] = {
  { "optimistic-acks", attack_with_optimism, 2000, 5 * SIM_MS,
    SRUDP_REASON_PROTOCOL },
  { "ack-range-bomb", attack_with_ranges, 400, 5 * SIM_MS,
    SRUDP_REASON_PROTOCOL },
  { "fragments-of-one-byte-with-gaps", attack_with_fragments, 800, 2 * SIM_MS,
    SRUDP_REASON_NONE },
  { "overlaps-with-other-content", attack_with_overlaps, 1000, 2 * SIM_MS,
    SRUDP_REASON_NONE },
  { "more-than-the-window", attack_with_too_much, 1, SIM_S,
    SRUDP_REASON_PROTOCOL },
  { "never-reads", attack_by_not_reading, 60, SIM_S, SRUDP_REASON_NONE },
  { "never-acknowledges", attack_by_not_acknowledging, 6000, 10 * SIM_MS,
    SRUDP_REASON_NONE },
  { "data-after-the-end", attack_after_the_end, 1, SIM_S,
    SRUDP_REASON_PROTOCOL },
};

static void
test_attack (gconstpointer data)
{
  const Attack *attack = data;
  SimRow row = { .name = attack->path, .unit = "KiB held", .n_seeds = 50,
                 .func = run_attack, .scenario = attack,
                 .better = SIM_LOWER_IS_BETTER,
                 .worst_budget = WINDOW_KIB + SLACK_KIB };

  sim_report_run (&row);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (attacks); i++)
    {
      g_autofree char *path = g_strconcat ("/scenarios/malice/",
                                           attacks[i].path, NULL);

      g_test_add_data_func (path, &attacks[i], test_attack);
    }

  return g_test_run ();
}
