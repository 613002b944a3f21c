/*
 * SPDX-License-Identifier: MIT
 *
 * test-scenarios-priority.c: a chat beside a file, on one connection
 */
#include "sim-match.h"

#include <stdlib.h>

#define MEGABYTE G_GUINT64_CONSTANT (1000000)
#define N_SEEDS 50
#define N_WORDS 50
/* Ten milliseconds of the path. */
#define WORD_BYTES 12500
#define WORD_EVERY_US (250 * SIM_MS)
/* The file has filled the path by then. */
#define FIRST_WORD_US (2 * SIM_S)

/* As the QUIC interop runner's. */
static const SimLinkConfig default_link
  = { .delay_us = 15 * SIM_MS, .rate_bps = 10000000, .queue_packets = 25,
      .mtu_bytes = 1500 };

typedef struct
{
  guint chat, file; /* priorities */
  guint others;     /* streams with files of the chat's priority */
  guint n_seeds;
} Order;

/* The app's main stream is the file; the chat is a stream of its own. */
typedef struct
{
  SimTalk talk;
  SrudpSession *session;
  guint64 chat;
  gint64 said_us[N_WORDS], heard_us[N_WORDS];
  guint n_said;
  guint64 n_heard; /* bytes */
  guint64 n_file;  /* bytes that were read of all the rest */
  SimEventFunc app_event;
  gpointer app_data;
  const char *error;
} Scene;

static void
write_bytes (Scene   *scene,
             guint64  id,
             gsize    n)
{
  SrudpSlice slice = { srudp_chunk_new (n), 0, n };

  for (gsize i = 0; i < n; i++)
    slice.chunk->data[i] = 0x55;
  if (!srudp_session_write (scene->session, sim_node_now (scene->talk.pair.a),
                            id, &slice))
    scene->error = "a write was refused";
}

static void
say_cb (gpointer data)
{
  Scene *scene = data;
  SimWorld *world = scene->talk.world;

  scene->said_us[scene->n_said++] = world->clock.now_us;
  write_bytes (scene, scene->chat, WORD_BYTES);
  sim_node_service (scene->talk.pair.a);
  if (scene->n_said < N_WORDS)
    sim_world_at (world, world->clock.now_us + WORD_EVERY_US, say_cb, scene);
}

static void
hear (Scene        *scene,
      SrudpSession *session,
      guint64       id)
{
  SimNode *node = scene->talk.pair.b;
  SrudpSlice slice = { 0 };

  while (srudp_session_read (session, id, &slice))
    {
      guint64 before = scene->n_heard / WORD_BYTES;
      gsize n = slice.length;

      srudp_slice_clear (&slice);
      srudp_session_consume (session, sim_node_now (node), id, n);
      if (id != scene->chat)
        {
          scene->n_file += n;
          continue;
        }
      scene->n_heard += n;
      for (guint64 i = before; i < scene->n_heard / WORD_BYTES; i++)
        scene->heard_us[i] = scene->talk.world->clock.now_us;
    }
}

static void
heard_cb (SimNode          *node,
          const SrudpEvent *event,
          gpointer          data)
{
  Scene *scene = data;

  if (event->type == SRUDP_EVENT_READABLE
      && event->stream_id != SRUDP_MAIN_STREAM)
    hear (scene, event->session, event->stream_id);
  scene->app_event (node, event, scene->app_data);
}

static gboolean
set_scene (Scene       *scene,
           guint64      seed,
           const Order *order,
           SimOutcome  *outcome)
{
  SimTalk *talk = &scene->talk;
  gint64 now;

  sim_talk_init (talk, seed, &default_link, &default_link, 0);
  talk->app_a->send_bytes = 100 * MEGABYTE;
  talk->app_a->keep_open = talk->app_b->keep_open = TRUE;
  srudp_engine_set_accepting (talk->pair.b->engine, TRUE);
  scene->app_event = talk->pair.b->on_event;
  scene->app_data = talk->pair.b->event_data;
  talk->pair.b->on_event = heard_cb;
  talk->pair.b->event_data = scene;
  sim_talk_open_a (talk, FALSE);
  if (!sim_talk_connect (talk, 30 * SIM_S, outcome))
    return FALSE;

  scene->session = sim_talk_end_a (talk)->session;
  now = sim_node_now (talk->pair.a);
  srudp_session_set_stream_priority (scene->session, now, SRUDP_MAIN_STREAM,
                                     order->file);
  if (!srudp_session_open_stream (scene->session, &scene->chat))
    return sim_outcome_fail (outcome, "no stream");
  srudp_session_set_stream_priority (scene->session, now, scene->chat,
                                     order->chat);
  for (guint i = 0; i < order->others; i++)
    {
      guint64 id;

      if (!srudp_session_open_stream (scene->session, &id))
        return sim_outcome_fail (outcome, "no stream");
      srudp_session_set_stream_priority (scene->session, now, id, order->chat);
      write_bytes (scene, id, 20 * MEGABYTE);
    }

  return TRUE;
}

static void
run_chat (guint64       seed,
          gconstpointer scenario,
          SimOutcome   *outcome)
{
  Scene scene = { 0 };
  gint64 delays_us[N_WORDS];

  if (set_scene (&scene, seed, scenario, outcome))
    {
      sim_world_at (scene.talk.world, FIRST_WORD_US, say_cb, &scene);
      sim_world_run (scene.talk.world,
                     FIRST_WORD_US + N_WORDS * WORD_EVERY_US + 2 * SIM_S);
      if (scene.n_heard != N_WORDS * WORD_BYTES)
        sim_outcome_fail (outcome, "%" G_GUINT64_FORMAT " bytes were heard",
                          scene.n_heard);
      /* 10 Mbit/s in 16 s: the chat costs the file next to nothing. */
      if (sim_talk_end_b (&scene.talk)->received + scene.n_file < 14 * MEGABYTE)
        sim_outcome_fail (outcome, "there was no file beside it");
      if (scene.error != NULL)
        sim_outcome_fail (outcome, "%s", scene.error);
      for (guint i = 0; i < N_WORDS; i++)
        delays_us[i] = scene.heard_us[i] - scene.said_us[i]
                       - default_link.delay_us;
      qsort (delays_us, N_WORDS, sizeof delays_us[0], sim_compare_times);
      outcome->value = (double) delays_us[N_WORDS * 99 / 100] / 1e3;
    }
  sim_talk_clear (&scene.talk);
}

static const Order before = { .chat = 0, .file = 3, .n_seeds = N_SEEDS };
static const Order in_turn = { .chat = 3, .file = 3, .n_seeds = 10 };
/* Three files of the chat's own priority: it gets a quarter of the path. */
static const Order crowd
  = { .chat = 3, .file = 3, .others = 2, .n_seeds = 10 };

static void
test_chat (const char  *name,
           const Order *order,
           double       worst_budget)
{
  SimRow row = { .name = name, .unit = "ms added, p99", .n_seeds = order->n_seeds,
                 .func = run_chat, .scenario = order,
                 .better = SIM_LOWER_IS_BETTER, .worst_budget = worst_budget };

  sim_report_run (&row);
}

/* Alone it would take 10 ms, and the queue of the path has up to 30. */
static void
test_before (void)
{
  test_chat ("chat-before-a-file", &before, 42);
}

static void
test_in_turn (void)
{
  test_chat ("chat-in-turn-with-a-file", &in_turn, 60);
}

static void
test_crowd (void)
{
  test_chat ("chat-in-turn-with-three-files", &crowd, 90);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scenarios/priority/before", test_before);
  g_test_add_func ("/scenarios/priority/in-turn", test_in_turn);
  g_test_add_func ("/scenarios/priority/crowd", test_crowd);

  return g_test_run ();
}
