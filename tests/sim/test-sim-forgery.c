/*
 * SPDX-License-Identifier: MIT
 *
 * test-sim-forgery.c: nothing anybody puts on the wire stops a handshake
 */
#include "sim-match.h"

#include <string.h>

#define LINK { .delay_us = 15 * SIM_MS }
/* A forged packet may cost a repeat or two, no more. */
#define CONNECT_LIMIT (3 * SIM_S)
/* Packets of each direction that are tampered with, one a run. */
#define N_PACKETS 5
#define N_BYTES 420

typedef enum
{
  FLIP_ON_PATH,    /* instead of the genuine one */
  FLIP_RACING,     /* a copy that comes first */
  TRUNCATE_ON_PATH,
  TRUNCATE_RACING,
  EXTEND_RACING,
  SCRAMBLE_RACING, /* all bytes but the first n are noise */
  REPLAY_LATER,    /* again, n × 5 ms after */
  REFLECT,         /* to its own sender */
  RESOURCE_RACING, /* from an address that is nobody's */
} Trick;

typedef struct
{
  Trick trick;
  guint n_variants; /* of each packet */
  gboolean b_opens;
} ForgeryScenario;

typedef struct
{
  const ForgeryScenario *scenario;
  SimTalk *talk;
  SimLink *link;     /* to the receiver */
  SimNode *sender;
  guint n_seen, target, variant;
} Forger;

static void
deliver_cb (gpointer data)
{
  gpointer *both = data;

  sim_sink_receive (both[0], both[1]);
  g_free (both);
}

static void
undelivered_free (gpointer data)
{
  gpointer *both = data;

  sim_packet_free (both[1]);
  g_free (both);
}

static void
deliver_after (Forger    *forger,
               SimSink   *sink,
               SimPacket *packet,
               gint64     after_us)
{
  gpointer *both = g_new (gpointer, 2);
  SimClock *clock = &forger->talk->world->clock;

  both[0] = sink;
  both[1] = packet;
  sim_clock_schedule (clock, clock->now_us + after_us, deliver_cb, both,
                      undelivered_free);
}

static void
flip (Forger    *forger,
      SimPacket *packet)
{
  gsize at = packet->size == 0 ? 0 : forger->variant % packet->size;

  if (packet->size > 0)
    packet->data[at] ^= (guint8) (1u << (forger->variant % 8));
}

static void
truncate_packet (Forger    *forger,
                 SimPacket *packet)
{
  packet->size = MIN (packet->size, forger->variant);
}

static SimPacket *
extend (Forger    *forger,
        SimPacket *packet)
{
  guint8 data[SRUDP_MAX_UDP_PAYLOAD] = { 0 };
  gsize size = packet->size + 1 + forger->variant * 7;

  memcpy (data, packet->data, packet->size);

  return sim_packet_new (&packet->source, &packet->destination, packet->ecn,
                         data, size);
}

static void
scramble (Forger    *forger,
          SimPacket *packet)
{
  gsize keep = MIN (packet->size, 1 + forger->variant);

  sim_rng_fill (&forger->talk->world->rng, packet->data + keep,
                packet->size - keep);
}

static void
reflect (Forger    *forger,
         SimPacket *packet)
{
  SrudpAddress source = packet->source;

  packet->source = packet->destination;
  packet->destination = source;
  deliver_after (forger, &forger->sender->sink, packet,
                 forger->variant * 5 * SIM_MS);
}

static void
inject (Forger    *forger,
        SimPacket *packet)
{
  sim_sink_receive (forger->link->next, packet);
}

static void
play_trick (Forger          *forger,
            const SimPacket *genuine)
{
  SimPacket *copy = sim_packet_copy (genuine);

  switch (forger->scenario->trick)
    {
    case FLIP_ON_PATH:
    case FLIP_RACING:
      flip (forger, copy);
      inject (forger, copy);
      break;
    case TRUNCATE_ON_PATH:
    case TRUNCATE_RACING:
      truncate_packet (forger, copy);
      inject (forger, copy);
      break;
    case EXTEND_RACING:
      inject (forger, extend (forger, copy));
      sim_packet_free (copy);
      break;
    case SCRAMBLE_RACING:
      scramble (forger, copy);
      inject (forger, copy);
      break;
    case REPLAY_LATER:
      deliver_after (forger, forger->link->next, copy,
                     15 * SIM_MS + forger->variant * 5 * SIM_MS);
      break;
    case REFLECT:
      reflect (forger, copy);
      break;
    case RESOURCE_RACING:
    default:
      sim_address (&copy->source, 77, (guint16) (4000 + forger->variant));
      inject (forger, copy);
      break;
    }
}

static gboolean
forge_cb (SimPacket *packet,
          gpointer   data)
{
  Forger *forger = data;
  Trick trick = forger->scenario->trick;

  if (forger->n_seen++ != forger->target)
    return FALSE;
  play_trick (forger, packet);
  if (trick != FLIP_ON_PATH && trick != TRUNCATE_ON_PATH)
    return FALSE;
  sim_packet_free (packet);

  return TRUE;
}

/* There is one session, and it is still there a while later. */
static void
check_single (SimTalk    *talk,
              gboolean    b_opens,
              SimOutcome *outcome)
{
  sim_world_run (talk->world, talk->world->clock.now_us + 2 * SIM_S);
  if (sim_app_count_established (talk->app_a) != 1
      || sim_app_count_established (talk->app_b) != 1
      || talk->app_a->n_incoming != 0
      || talk->app_b->n_incoming != (b_opens ? 0 : 1))
    sim_outcome_fail (outcome, "%u and %u sessions, %u and %u inbound",
                      sim_app_count_established (talk->app_a),
                      sim_app_count_established (talk->app_b),
                      talk->app_a->n_incoming, talk->app_b->n_incoming);
}

static void
start_both (SimTalk *talk,
            gboolean b_opens,
            gboolean pinned)
{
  srudp_engine_set_accepting (talk->pair.b->engine, !b_opens);
  sim_talk_open_a (talk, pinned);
  if (b_opens)
    sim_talk_open_b (talk, pinned);
}

static void
finish_both (SimTalk    *talk,
             gboolean    b_opens,
             SimOutcome *outcome)
{
  if (!sim_talk_connect (talk, CONNECT_LIMIT, outcome))
    return;
  outcome->value = (double) talk->world->clock.now_us / 1e3;
  if (sim_talk_finish (talk, 10 * SIM_S, outcome))
    check_single (talk, b_opens, outcome);
}

/* The seed says which packet of which direction, and which variant. */
static void
run_forgery (guint64       seed,
             gconstpointer scenario,
             SimOutcome   *outcome)
{
  const ForgeryScenario *s = scenario;
  const SimLinkConfig link = LINK;
  guint64 variant = (seed - 1) / 2 / N_PACKETS;
  g_auto (SimTalk) talk = { 0 };
  Forger forger = { s, &talk };

  sim_talk_init (&talk, seed, &link, &link, 1000);
  forger.target = (guint) ((seed - 1) / 2 % N_PACKETS);
  forger.variant = (guint) variant;
  forger.link = seed % 2 == 0 ? talk.pair.a_to_b : talk.pair.b_to_a;
  forger.sender = seed % 2 == 0 ? talk.pair.a : talk.pair.b;
  forger.link->tap = forge_cb;
  forger.link->tap_data = &forger;

  start_both (&talk, s->b_opens, FALSE);
  finish_both (&talk, s->b_opens, outcome);
}

static void
test_forgery (gconstpointer data)
{
  const ForgeryScenario *s = data;
  SimRow row = { g_test_get_path (), "ms", 2 * N_PACKETS * s->n_variants,
                 run_forgery, s, SIM_LOWER_IS_BETTER, 0, 0 };

  sim_report_run (&row);
}

static const struct
{
  const char *path;
  Trick trick;
  guint n_variants;
} tricks[] = {
  { "flip-on-path", FLIP_ON_PATH, N_BYTES },
  { "flip-racing", FLIP_RACING, N_BYTES },
  { "truncate-on-path", TRUNCATE_ON_PATH, N_BYTES },
  { "truncate-racing", TRUNCATE_RACING, N_BYTES },
  { "extend-racing", EXTEND_RACING, 100 },
  { "scramble-racing", SCRAMBLE_RACING, 100 },
  { "replay-later", REPLAY_LATER, 60 },
  { "reflect", REFLECT, 20 },
  { "resource-racing", RESOURCE_RACING, 10 },
};

/* Noise from everywhere, before, during and after: it changes nothing, and
 * nobody but the peer gets a packet. */
#define N_JUNK 10000

typedef struct
{
  SimTalk *talk;
  SimNode *victim, *peer;
  guint n_to_strangers;
} Junk;

static void
junk_cb (gpointer data)
{
  Junk *junk = data;
  SimRng *rng = &junk->talk->world->rng;
  guint8 noise[1500];
  gsize size = sim_rng_below (rng, sizeof noise + 1);
  SrudpAddress source = junk->peer->config.address;

  sim_rng_fill (rng, noise, size);
  if (size > 0 && sim_rng_chance (rng, 0.8))
    noise[0] |= 0x40;
  if (sim_rng_chance (rng, 0.5))
    sim_address (&source, 1000 + (guint) sim_rng_below (rng, 50),
                 (guint16) (1 + sim_rng_below (rng, 65535)));
  sim_sink_receive (&junk->victim->sink,
                    sim_packet_new (&source, &junk->victim->config.address,
                                    (SrudpEcn) sim_rng_below (rng, 4), noise,
                                    size));
}

static gboolean
strangers_cb (SimPacket *packet,
              gpointer   data)
{
  Junk *junk = data;

  if (srudp_address_equal (&packet->destination, &junk->peer->config.address))
    return FALSE;
  junk->n_to_strangers++;
  sim_packet_free (packet);

  return TRUE;
}

/* Half of it comes before anybody opens. */
static void
plan_junk (Junk  *junk,
           gint64 duration_us)
{
  for (guint i = 0; i < N_JUNK; i++)
    sim_world_at (junk->talk->world,
                  (gint64) sim_rng_below (&junk->talk->world->rng,
                                          (guint64) duration_us),
                  junk_cb, junk);
}

static void
run_junk (guint64       seed,
          gconstpointer scenario,
          SimOutcome   *outcome)
{
  const SimLinkConfig link = LINK;
  gboolean b_opens = GPOINTER_TO_INT (scenario);
  g_auto (SimTalk) talk = { 0 };
  Junk at_a, at_b;

  sim_talk_init (&talk, seed, &link, &link, 100000);
  at_a = (Junk) { &talk, talk.pair.a, talk.pair.b, 0 };
  at_b = (Junk) { &talk, talk.pair.b, talk.pair.a, 0 };
  talk.pair.a_to_b->tap = talk.pair.b_to_a->tap = strangers_cb;
  talk.pair.a_to_b->tap_data = &at_a;
  talk.pair.b_to_a->tap_data = &at_b;
  plan_junk (&at_a, 2 * SIM_S);
  plan_junk (&at_b, 2 * SIM_S);

  sim_world_run (talk.world, SIM_S);
  start_both (&talk, b_opens, FALSE);
  finish_both (&talk, b_opens, outcome);
  if (at_a.n_to_strangers + at_b.n_to_strangers > 0)
    sim_outcome_fail (outcome, "%u packets went to strangers",
                      at_a.n_to_strangers + at_b.n_to_strangers);
}

static void
test_junk (gconstpointer data)
{
  SimRow row = { g_test_get_path (), "ms", 10, run_junk, data,
                 SIM_LOWER_IS_BETTER, 0, 0 };

  sim_report_run (&row);
}

/* Somebody in the middle with a key of his own answers each HELLO under the
 * peer's address, and opens to both. Those who expect a key aren't fooled. */
typedef struct
{
  SimSink sink;  /* his uplink */
  SimTalk *talk;
  SimNode *node;
  SimApp *app;
} Mallory;

static gboolean
overhear_cb (SimPacket *packet,
             gpointer   data)
{
  Mallory *mallory = data;

  sim_sink_receive (&mallory->node->sink, sim_packet_copy (packet));

  return FALSE;
}

static void
impersonate (SimSink   *sink,
             SimPacket *packet)
{
  Mallory *mallory = (Mallory *) sink;
  SimPair *pair = &mallory->talk->pair;
  gboolean to_a = srudp_address_equal (&packet->destination,
                                       &pair->a->config.address);
  SimNode *victim = to_a ? pair->a : pair->b;

  packet->source = (to_a ? pair->b : pair->a)->config.address;
  sim_sink_receive (&victim->sink, packet);
}

static void
mallory_init (Mallory *mallory,
              SimTalk *talk)
{
  mallory->sink.receive = impersonate;
  mallory->talk = talk;
  mallory->node = sim_world_add_node (talk->world, 66, NULL);
  mallory->node->uplink = &mallory->sink;
  mallory->app = sim_app_new (talk->world, mallory->node, 1000);
  srudp_engine_set_accepting (mallory->node->engine, TRUE);
  talk->pair.a_to_b->tap = talk->pair.b_to_a->tap = overhear_cb;
  talk->pair.a_to_b->tap_data = talk->pair.b_to_a->tap_data = mallory;
  sim_app_open (mallory->app, &talk->pair.a->config.address, NULL);
  sim_app_open (mallory->app, &talk->pair.b->config.address, NULL);
}

static void
run_mallory (guint64       seed,
             gconstpointer scenario,
             SimOutcome   *outcome)
{
  const SimLinkConfig link = { .delay_us = 15 * SIM_MS, .loss = 0.05 };
  gboolean b_opens = GPOINTER_TO_INT (scenario);
  guint8 key_of_a[SRUDP_KEY_BYTES];
  Mallory mallory = { 0 };
  g_auto (SimTalk) talk = { 0 };

  sim_talk_init (&talk, seed, &link, &link, 1000);
  srudp_engine_get_public_key (talk.pair.a->engine, key_of_a);
  srudp_engine_allow_peer (talk.pair.b->engine, key_of_a);
  mallory_init (&mallory, &talk);
  start_both (&talk, b_opens, TRUE);
  finish_both (&talk, b_opens, outcome);
  if (sim_app_count_established (mallory.app) > 0)
    sim_outcome_fail (outcome, "the one in the middle has a session");
  g_clear_pointer (&talk.world, sim_world_free);
  sim_app_free (mallory.app);
}

static void
test_mallory (gconstpointer data)
{
  SimRow row = { g_test_get_path (), "ms", 200, run_mallory, data,
                 SIM_LOWER_IS_BETTER, 0, 0 };

  sim_report_run (&row);
}

static void
add_forgeries (gboolean b_opens)
{
  for (guint i = 0; i < G_N_ELEMENTS (tricks); i++)
    {
      ForgeryScenario *s = g_new (ForgeryScenario, 1);
      g_autofree char *path
        = g_strdup_printf ("/sim/forgery/%s/%s",
                           b_opens ? "both-open" : "one-accepts",
                           tricks[i].path);

      s->trick = tricks[i].trick;
      s->n_variants = tricks[i].n_variants;
      s->b_opens = b_opens;
      g_test_add_data_func_full (path, s, test_forgery, g_free);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add_forgeries (TRUE);
  add_forgeries (FALSE);
  g_test_add_data_func ("/sim/junk/both-open", GINT_TO_POINTER (TRUE),
                        test_junk);
  g_test_add_data_func ("/sim/junk/one-accepts", GINT_TO_POINTER (FALSE),
                        test_junk);
  g_test_add_data_func ("/sim/mallory/both-open", GINT_TO_POINTER (TRUE),
                        test_mallory);
  g_test_add_data_func ("/sim/mallory/one-accepts", GINT_TO_POINTER (FALSE),
                        test_mallory);

  return g_test_run ();
}
