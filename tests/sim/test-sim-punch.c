/*
 * SPDX-License-Identifier: MIT
 *
 * test-sim-punch.c: each kind of NAT with each, from invitations made by STUN
 *
 * Each side has asked two servers how it is seen and knows what the other has
 * found out of itself, and no more.
 */
#include "sim-match.h"

#include <string.h>

#define DELAY_US (20 * SIM_MS)
#define OPEN_TIMEOUT_US (30 * SIM_S)

typedef enum
{
  OPEN,
  FULL_CONE,
  RESTRICTED,
  CONE,
  CONE_REMAP,
  SYMMETRIC,
  SYMMETRIC_SEQ,
} Kind;

static const char *const kind_names[] = {
  "open", "full-cone", "restricted", "cone", "cone-remap", "symmetric",
  "symmetric-seq",
};

typedef struct
{
  Kind a, b;
  gint64 limit_us;     /* for `share` of the seeds; 0: it can't be done */
  double share;
  guint n_seeds;
  double loss;
  gint64 skew_us;      /* b begins later */
  gint64 open_timeout_us; /* 0: OPEN_TIMEOUT_US */
  guint n_others;      /* flows that take a port after STUN was asked */
  guint max_packets;   /* of both sides; 0: any number */
  gboolean introduced; /* b knows nothing of a before a third one tells both */
} Scenario;

typedef struct
{
  Kind kind;
  SimNode *node;
  SimNat *nat; /* NULL: none */
  SimApp *app;
  SrudpNatFacts facts;
  SrudpAddress reflexive, private_address;
  SrudpAddress seen; /* by the introducer; unset: there is none */
  guint8 key[SRUDP_KEY_BYTES];
} Side;

typedef struct
{
  const Scenario *scenario;
  SimWorld *world;
  SimRouter *internet;
  Side sides[2];
} Fixture;

static SrudpAddress
make_address (guint8  a,
              guint8  b,
              guint8  host,
              guint16 port)
{
  SrudpAddress address;

  srudp_address_init_ipv4 (&address, (const guint8[4]) { a, b, 113, host },
                           port);

  return address;
}

static void
configure_nat (Side         *side,
               SimNatConfig *config)
{
  Kind kind = side->kind;

  config->mapping = kind >= SYMMETRIC ? SIM_NAT_ADDRESS_AND_PORT_DEPENDENT
                                      : SIM_NAT_ENDPOINT_INDEPENDENT;
  config->filtering = kind == FULL_CONE ? SIM_NAT_ENDPOINT_INDEPENDENT
                      : kind == RESTRICTED ? SIM_NAT_ADDRESS_DEPENDENT
                      : SIM_NAT_ADDRESS_AND_PORT_DEPENDENT;
  config->keep_port = kind < CONE_REMAP;
  config->port_delta = kind == SYMMETRIC_SEQ ? 1 : 0;
  config->lifetime_us = 30 * SIM_S;
}

static void
add_side (Fixture *fixture,
          guint    i,
          Kind     kind)
{
  Side *side = &fixture->sides[i];
  SimLinkConfig link = { .delay_us = DELAY_US, .loss = fixture->scenario->loss };
  SimNatConfig config = { .external = make_address (203, 0, 10 + i, 0) };
  /* Both are at home in the same range of addresses. */
  SimNodeConfig node = { .address = make_address (192, 168, 2, 4000) };
  SimSink *way_in;

  side->kind = kind;
  if (kind == OPEN)
    node.address = make_address (203, 0, 10 + i, 4000);
  side->node = sim_world_add_node (fixture->world, 1, &node);
  side->private_address = node.address;
  way_in = &sim_world_add_link (fixture->world, &link,
                                &side->node->sink)->sink;
  if (kind != OPEN)
    {
      configure_nat (side, &config);
      side->nat = sim_world_add_nat (fixture->world, &config,
                                     &fixture->internet->sink, way_in);
      way_in = &side->nat->outside;
    }
  sim_router_set (fixture->internet, &config.external, way_in);
  side->node->uplink
    = &sim_world_add_link (fixture->world, &link,
                           kind == OPEN ? &fixture->internet->sink
                                        : &side->nat->inside)->sink;
  side->app = sim_app_new (fixture->world, side->node, 1000);
  side->app->keep_open = TRUE;
  srudp_engine_get_public_key (side->node->engine, side->key);
}

/* What two STUN servers would have said. */
static void
ask_servers (Fixture *fixture,
             Side    *side)
{
  SrudpNatObservation seen[2];
  SrudpPunching punching = { .max_sockets = SRUDP_MAX_SPRAY_SOCKETS,
                             .max_probes = SRUDP_MAX_SPRAY_PROBES };

  for (guint i = 0; i < 2; i++)
    {
      seen[i].server = make_address (198, 51, 1 + i, 3478);
      seen[i].mapped = side->private_address;
      if (side->nat == NULL)
        continue;
      seen[i].mapped = side->nat->config.external;
      seen[i].mapped.port = sim_nat_ask (side->nat, &side->private_address,
                                         &seen[i].server);
    }
  side->reflexive = seen[1].mapped;
  srudp_nat_classify (&side->facts, 0, seen, 2, &side->private_address, 1);
  srudp_engine_set_nat (side->node->engine, &side->facts);
  srudp_engine_set_punching (side->node->engine, &punching);

  for (guint i = 0; i < fixture->scenario->n_others && side->nat != NULL; i++)
    {
      SrudpAddress inside = make_address (192, 168, 9, (guint16) (7000 + i));

      sim_nat_ask (side->nat, &inside, &seen[0].server);
    }
}

static void
meet_introducer (Side *side)
{
  SrudpAddress introducer = make_address (198, 51, 3, 5000);

  side->seen = side->private_address;
  if (side->nat == NULL)
    return;
  side->seen = side->nat->config.external;
  side->seen.port = sim_nat_ask (side->nat, &side->private_address,
                                 &introducer);
}

/* As long as an invitation is in use, its mappings are kept alive. */
static void
keep_mapping_cb (gpointer data)
{
  Side *side = data;
  SrudpAddress server = make_address (198, 51, 2, 3478);

  if (side->app->ends->len == 0 && side->nat != NULL)
    sim_nat_ask (side->nat, &side->private_address, &server);
}

static void
open_side (Fixture *fixture,
           guint    i)
{
  const Scenario *s = fixture->scenario;
  Side *side = &fixture->sides[i], *peer = &fixture->sides[1 - i];
  SrudpAddress candidates[] = { peer->private_address, peer->reflexive,
                                peer->seen };
  guint n_known = srudp_address_is_set (&peer->seen) ? 3 : 2;
  SrudpOpenConfig config = {
    .candidates = candidates,
    .n_candidates = n_known,
    .expected_peer = peer->key,
    .peer_nat = &peer->facts,
    .open_timeout_us = s->open_timeout_us > 0 ? s->open_timeout_us
                                              : OPEN_TIMEOUT_US,
    .idle_timeout_us = 21 * SIM_S,
    .keepalive_us = 15 * SIM_S,
  };

  sim_app_open_full (side->app, &config);
}

static void
open_a_cb (gpointer data)
{
  open_side (data, 0);
}

static void
open_b_cb (gpointer data)
{
  open_side (data, 1);
}

/* b has offered itself before it made the invitation; a has sent to b before it
 * asks, so that its next port is one after the last that a server saw. */
static void
introduce_cb (gpointer data)
{
  Fixture *fixture = data;
  Side *a = &fixture->sides[0], *b = &fixture->sides[1];
  SimEnd *end = g_ptr_array_index (a->app->ends, 0);
  gint64 now = sim_node_now (a->node);

  meet_introducer (a);
  srudp_session_set_peer_nat (end->session, now, &b->facts);
  srudp_session_add_candidate (end->session, now, &b->seen);
  open_side (fixture, 1);
}

static gboolean
both_up (gpointer data)
{
  Fixture *fixture = data;

  return sim_app_find_established (fixture->sides[0].app) != NULL
         && sim_app_find_established (fixture->sides[1].app) != NULL;
}

static void
fixture_init (Fixture        *fixture,
              const Scenario *scenario,
              guint64         seed)
{
  *fixture = (Fixture) { .scenario = scenario };
  fixture->world = sim_world_new (seed);
  fixture->internet = sim_world_add_router (fixture->world);
  add_side (fixture, 0, scenario->a);
  add_side (fixture, 1, scenario->b);
  ask_servers (fixture, &fixture->sides[0]);
  ask_servers (fixture, &fixture->sides[1]);
  if (scenario->introduced)
    {
      meet_introducer (&fixture->sides[1]);
      fixture->sides[1].facts.address = fixture->sides[1].seen;
    }
  for (gint64 at_us = 0; at_us < scenario->skew_us; at_us += 10 * SIM_S)
    sim_world_at (fixture->world, at_us, keep_mapping_cb, &fixture->sides[1]);
  sim_world_at (fixture->world, 0, open_a_cb, fixture);
  sim_world_at (fixture->world, scenario->skew_us,
                scenario->introduced ? introduce_cb : open_b_cb, fixture);
}

static void
fixture_clear (Fixture *fixture)
{
  sim_app_free (fixture->sides[0].app);
  sim_app_free (fixture->sides[1].app);
  sim_world_free (fixture->world);
}

/* What a path that chance has found is good for, and what it costs. */
static void
check_established (Fixture *fixture)
{
  SimWorld *world = fixture->world;
  SimEnd *a = sim_app_find_established (fixture->sides[0].app);
  SimEnd *b = sim_app_find_established (fixture->sides[1].app);
  SimOutcome outcome = { 0 };

  sim_world_run (world, world->clock.now_us + 30 * SIM_S);
  g_assert_true (sim_match_check (a, b, &outcome));
  g_assert_cmpuint (a->received, ==, 1000);
  g_assert_cmpuint (b->received, ==, 1000);
  for (guint i = 0; i < 2; i++)
    {
      SimNode *node = fixture->sides[i].node;

      g_assert_cmpuint (node->max_sockets, <=, SRUDP_MAX_SPRAY_SOCKETS);
      g_assert_cmpuint (g_hash_table_size (node->sockets), <=, 1);
    }
}

static void
check_failed (Fixture *fixture)
{
  SimWorld *world = fixture->world;

  sim_world_run (world, world->clock.now_us + SIM_S);
  for (guint i = 0; i < 2; i++)
    {
      SimEnd *end = g_ptr_array_index (fixture->sides[i].app->ends, 0);

      g_assert_cmpint (end->state, ==, SRUDP_STATE_CLOSED);
      g_assert_cmpint (end->reason, ==, SRUDP_REASON_OPEN_TIMEOUT);
      g_assert_cmpuint (g_hash_table_size (fixture->sides[i].node->sockets), ==,
                        0);
    }
}

/* The time it took, or -1. */
static gint64
run_seed (const Scenario *s,
          guint64         seed,
          guint64        *n_packets)
{
  Fixture fixture;
  gint64 took_us = -1;

  fixture_init (&fixture, s, seed);
  if (sim_world_run_until (fixture.world, both_up, &fixture,
                           s->skew_us + (s->limit_us > 0 ? s->limit_us
                                                         : OPEN_TIMEOUT_US)))
    took_us = fixture.world->clock.now_us - s->skew_us;
  *n_packets = fixture.sides[0].node->n_sent + fixture.sides[1].node->n_sent;
  if (took_us >= 0)
    check_established (&fixture);
  else if (s->limit_us == 0)
    check_failed (&fixture);
  fixture_clear (&fixture);

  return took_us;
}

static void
test_pair (gconstpointer data)
{
  const Scenario *s = data;
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint64 most_packets = 0;

  for (guint seed = 1; seed <= s->n_seeds; seed++)
    {
      guint64 n_packets;
      gint64 took_us = run_seed (s, seed, &n_packets);

      most_packets = MAX (most_packets, n_packets);
      if (took_us >= 0)
        g_array_append_val (times, took_us);
      else if (s->limit_us > 0)
        g_test_message ("seed %u has failed", seed);
    }
  g_array_sort (times, sim_compare_times);

  if (times->len > 0)
    g_test_message ("row %s and %s: %u of %u, median %.2f s, slowest %.2f s, "
                    "at most %" G_GUINT64_FORMAT " packets",
                    kind_names[s->a], kind_names[s->b], times->len, s->n_seeds,
                    (double) g_array_index (times, gint64, times->len / 2) / 1e6,
                    (double) g_array_index (times, gint64, times->len - 1) / 1e6,
                    most_packets);
  if (s->limit_us == 0)
    g_assert_cmpuint (times->len, ==, 0);
  else
    g_assert_cmpuint (times->len, >=, (guint) (s->share * s->n_seeds + 0.5));
  if (s->max_packets > 0)
    g_assert_cmpuint (most_packets, <=, s->max_packets);
}

/* Two at one home know each other by its public address alone. */
typedef struct
{
  SimWorld *world;
  SimRouter *home, *internet;
  SimNat *nat;
  SimNode *nodes[2];
  SimApp *apps[2];
  guint8 keys[2][SRUDP_KEY_BYTES];
} Home;

#define HOME_BYTES (20 * 1000 * 1000)

static void
home_init (Home *home)
{
  SimLinkConfig far = { .delay_us = 10 * SIM_MS }, near = { .delay_us = 200 };
  SimNatConfig config = { .external = make_address (203, 0, 10, 0),
                          .keep_port = TRUE };
  SimLink *out, *in;

  home->world = sim_world_new (1);
  home->home = sim_world_add_router (home->world);
  home->internet = sim_world_add_router (home->world);
  out = sim_world_add_link (home->world, &far, &home->internet->sink);
  home->nat = sim_world_add_nat (home->world, &config, &out->sink,
                                 &home->home->sink);
  in = sim_world_add_link (home->world, &far, &home->nat->outside);
  sim_router_set (home->internet, &config.external, &in->sink);
  sim_router_set (home->home, &config.external, &home->nat->inside);
  for (guint i = 0; i < 2; i++)
    {
      SimNodeConfig node = { .address = make_address (192, 168, 2 + i,
                                                      4000 + i) };

      home->nodes[i] = sim_world_add_node (home->world, 1, &node);
      home->nodes[i]->uplink
        = &sim_world_add_link (home->world, &near, &home->home->sink)->sink;
      sim_router_set (home->home, &node.address, &home->nodes[i]->sink);
      home->apps[i] = sim_app_new (home->world, home->nodes[i], HOME_BYTES);
      home->apps[i]->keep_open = TRUE;
      srudp_engine_get_public_key (home->nodes[i]->engine, home->keys[i]);
      srudp_engine_set_local_candidates (home->nodes[i]->engine,
                                         sim_node_now (home->nodes[i]),
                                         node.address.port, &node.address, 1);
    }
}

static gboolean
home_is_done (gpointer data)
{
  Home *home = data;

  for (guint i = 0; i < 2; i++)
    {
      SimEnd *end = sim_app_find_established (home->apps[i]);

      if (end == NULL || end->received < HOME_BYTES)
        return FALSE;
    }

  return TRUE;
}

static void
test_moves_home (void)
{
  Home home;
  SimOutcome outcome = { 0 };
  SimEnd *ends[2];

  home_init (&home);
  for (guint i = 0; i < 2; i++)
    {
      SrudpAddress public = make_address (203, 0, 10, 4001 - i);

      sim_app_open (home.apps[i], &public, home.keys[1 - i]);
    }
  g_assert_true (sim_world_run_until (home.world, home_is_done, &home,
                                      60 * SIM_S));
  sim_world_run (home.world, home.world->clock.now_us + 10 * SIM_S);
  for (guint i = 0; i < 2; i++)
    {
      SrudpPath path;
      SrudpAddress observed;

      ends[i] = sim_app_find_established (home.apps[i]);
      srudp_session_get_path (ends[i]->session, &path);
      g_assert_true (srudp_address_equal (&path.remote,
                                          &home.nodes[1 - i]->config.address));
      g_assert_true (srudp_session_get_observed_address (ends[i]->session,
                                                         &observed));
      g_assert_true (srudp_address_equal (&observed,
                                          &home.nodes[i]->config.address));
      g_assert_cmpuint (ends[i]->n_unreachable, ==, 0);
      g_assert_cmpint (ends[i]->longest_stall_us, <, 500 * SIM_MS);
    }
  g_assert_true (sim_match_check (ends[0], ends[1], &outcome));
  sim_app_free (home.apps[0]);
  sim_app_free (home.apps[1]);
  sim_world_free (home.world);
}

#define SURE(a, b, ...) { a, b, 2 * SIM_S, 1, 10, __VA_ARGS__ }
#define PREDICTED(a, b, ...) { a, b, 5 * SIM_S, 1, 20, __VA_ARGS__ }
#define SPRAYED(a, b, ...) \
  { a, b, 20 * SIM_S, 0.9, 40, .max_packets = 3200, __VA_ARGS__ }
#define HOPELESS(a, b) { a, b, 0, 0, 5 }

static const Scenario pairs[] = {
  SURE (OPEN, SYMMETRIC),
  SURE (OPEN, SYMMETRIC_SEQ),
  SURE (FULL_CONE, SYMMETRIC),
  SURE (RESTRICTED, SYMMETRIC),
  SURE (RESTRICTED, SYMMETRIC_SEQ),
  SURE (CONE, CONE),
  SURE (CONE, CONE_REMAP),
  SURE (CONE_REMAP, CONE_REMAP),
  PREDICTED (CONE, SYMMETRIC_SEQ),
  PREDICTED (CONE_REMAP, SYMMETRIC_SEQ),
  PREDICTED (SYMMETRIC_SEQ, SYMMETRIC_SEQ),
  SPRAYED (CONE, SYMMETRIC),
  SPRAYED (SYMMETRIC, CONE_REMAP),
  HOPELESS (SYMMETRIC, SYMMETRIC),
  HOPELESS (SYMMETRIC, SYMMETRIC_SEQ),
};

/* With more in the way. */
static const struct
{
  const char *path;
  Scenario scenario;
} hardships[] = {
  { "loss-10", { CONE, CONE_REMAP, 5 * SIM_S, 1, 50, .loss = 0.1 } },
  { "loss-30", { CONE, CONE_REMAP, 10 * SIM_S, 1, 50, .loss = 0.3 } },
  { "loss-30-restricted",
    { RESTRICTED, SYMMETRIC, 10 * SIM_S, 1, 50, .loss = 0.3 } },
  { "skew-5",
    { CONE, CONE_REMAP, 2 * SIM_S, 1, 10, .skew_us = 5 * SIM_S,
      .open_timeout_us = 120 * SIM_S } },
  { "skew-60",
    { CONE, CONE_REMAP, 2 * SIM_S, 1, 10, .skew_us = 60 * SIM_S,
      .open_timeout_us = 120 * SIM_S } },
  { "predicted/others-in-between",
    { CONE, SYMMETRIC_SEQ, 5 * SIM_S, 1, 20, .n_others = 5 } },
  { "predicted/others-on-both-sides",
    { SYMMETRIC_SEQ, SYMMETRIC_SEQ, 5 * SIM_S, 1, 20, .n_others = 3 } },
  { "predicted/too-many-others",
    { CONE, SYMMETRIC_SEQ, 20 * SIM_S, 1, 20, .n_others = 60,
      .max_packets = 3200 } },
  { "predicted/loss-10",
    { CONE, SYMMETRIC_SEQ, 5 * SIM_S, 1, 20, .loss = 0.1 } },
  { "sprayed/loss-10",
    { CONE, SYMMETRIC, 20 * SIM_S, 0.9, 40, .loss = 0.1,
      .max_packets = 3200 } },
  { "sprayed/the-hard-side-is-late",
    { CONE, SYMMETRIC, 20 * SIM_S, 0.75, 40, .skew_us = 20 * SIM_S,
      .open_timeout_us = 120 * SIM_S, .max_packets = 3200 } },
  { "sprayed/the-hard-side-is-early",
    { SYMMETRIC, CONE, 20 * SIM_S, 0.9, 40, .skew_us = 30 * SIM_S,
      .open_timeout_us = 120 * SIM_S, .max_packets = 3500 } },
};

/* The guest, who asks, and the host; the handshake with the introducer and the
 * way of its words take so long. */
#define INTRODUCED(a, b, limit, share, n_seeds, ...) \
  { a, b, limit, share, n_seeds, .skew_us = 4 * DELAY_US, .introduced = TRUE, \
    __VA_ARGS__ }

static const Scenario introductions[] = {
  INTRODUCED (CONE, CONE, 2 * SIM_S, 1, 10),
  INTRODUCED (CONE_REMAP, CONE, 2 * SIM_S, 1, 10, .loss = 0.1),
  INTRODUCED (RESTRICTED, SYMMETRIC, 2 * SIM_S, 1, 10),
  INTRODUCED (SYMMETRIC, RESTRICTED, 2 * SIM_S, 1, 10),
  INTRODUCED (CONE, SYMMETRIC_SEQ, 5 * SIM_S, 1, 20),
  INTRODUCED (SYMMETRIC_SEQ, CONE, 5 * SIM_S, 1, 20),
  INTRODUCED (SYMMETRIC_SEQ, SYMMETRIC_SEQ, 5 * SIM_S, 1, 20),
  INTRODUCED (SYMMETRIC, CONE, 20 * SIM_S, 0.9, 40, .max_packets = 3200),
  INTRODUCED (CONE, SYMMETRIC, 20 * SIM_S, 0.9, 40, .max_packets = 3200),
};

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autofree char *path = g_strdup_printf ("/sim/punch/%s/%s",
                                               kind_names[pairs[i].a],
                                               kind_names[pairs[i].b]);

      g_test_add_data_func (path, &pairs[i], test_pair);
    }
  for (guint i = 0; i < G_N_ELEMENTS (introductions); i++)
    {
      const Scenario *s = &introductions[i];
      g_autofree char *path =
        g_strdup_printf ("/sim/punch/introduced/%s/%s", kind_names[s->a],
                         kind_names[s->b]);

      g_test_add_data_func (path, s, test_pair);
    }
  g_test_add_func ("/sim/punch/same-home/moves-to-the-local-network",
                   test_moves_home);
  for (guint i = 0; i < G_N_ELEMENTS (hardships); i++)
    {
      g_autofree char *path = g_strdup_printf ("/sim/punch/hardships/%s",
                                               hardships[i].path);

      g_test_add_data_func (path, &hardships[i].scenario, test_pair);
    }

  return g_test_run ();
}
