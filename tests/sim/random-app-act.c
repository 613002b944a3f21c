/*
 * SPDX-License-Identifier: MIT
 *
 * random-app-act.c: what an application that does anything does
 */
#include "random-app-private.h"

#include <string.h>

#define MAX_STREAMS 12
#define MAX_WRITE_BYTES 4000

static RandomStream *
pick_stream (RandomEnd *end)
{
  return g_ptr_array_index (end->streams,
                            random_app_below (end->app, end->streams->len));
}

static void
act_write (RandomEnd *end)
{
  RandomStream *stream = pick_stream (end);
  gsize room = srudp_session_get_write_capacity (end->session, stream->id);
  gsize size = MIN (room, 1 + random_app_below (end->app, MAX_WRITE_BYTES));
  SrudpSlice slice = { 0 };

  if (stream->finished || stream->reset || size == 0)
    return;

  slice = (SrudpSlice) { srudp_chunk_new (size), 0, size };
  for (gsize i = 0; i < size; i++)
    slice.chunk->data[i] = random_end_byte_at (end, end->app, stream->id,
                                               stream->written + i);
  stream->written += size;
  random_tally[RANDOM_WRITE]++;
  if (!srudp_session_write (end->session, sim_node_now (end->app->node),
                            stream->id, &slice))
    random_app_blame (end->app, "write refused on stream %" G_GUINT64_FORMAT, stream->id);
}

static void
act_read (RandomEnd *end)
{
  RandomStream *stream = pick_stream (end);

  random_end_read_stream (end, stream, 1 + (guint) random_app_below (end->app, 5));
  random_end_consume (end, stream, random_app_below (end->app, stream->unconsumed + 1));
}

static void
act_end_stream (RandomEnd *end)
{
  RandomStream *stream = pick_stream (end);
  gint64 now = sim_node_now (end->app->node);

  switch (random_app_below (end->app, 3))
    {
    case 0:
      if (!stream->reset)
        random_end_finish (end, stream);
      break;
    case 1:
      stream->reset = TRUE;
      random_tally[RANDOM_RESET]++;
      srudp_session_reset_stream (end->session, now, stream->id,
                                  random_app_below (end->app, 1000));
      break;
    default:
      stream->stopped_reading = TRUE;
      random_tally[RANDOM_STOP]++;
      srudp_session_stop_reading (end->session, now, stream->id,
                                  random_app_below (end->app, 1000));
      break;
    }
}

static void
act_open_stream (RandomEnd *end)
{
  guint64 id;

  if (end->streams->len < MAX_STREAMS
      && srudp_session_open_stream (end->session, &id))
    {
      random_tally[RANDOM_OPEN_STREAM]++;
      random_end_add_stream (end, id);
    }
}

static void
act_datagram (RandomEnd *end)
{
  gsize largest = srudp_session_get_max_datagram_size (end->session);
  gsize size = RANDOM_DATAGRAM_HEADER_BYTES + random_app_below (end->app, 1400);
  guint8 data[RANDOM_DATAGRAM_HEADER_BYTES + 1400];
  gboolean taken;

  memcpy (data, &end->binding, sizeof end->binding);
  memcpy (data + 8, &end->n_datagrams_sent, sizeof end->n_datagrams_sent);
  for (gsize i = RANDOM_DATAGRAM_HEADER_BYTES; i < size; i++)
    data[i] = (guint8) (end->n_datagrams_sent + i);

  taken = srudp_session_send_datagram (end->session,
                                       sim_node_now (end->app->node), data,
                                       size);
  if (taken != (size <= largest))
    random_app_blame (end->app, "a datagram of %" G_GSIZE_FORMAT " bytes: %s", size,
                      taken ? "taken" : "refused");
  end->n_datagrams_sent += taken;
  random_tally[RANDOM_DATAGRAM] += taken;
}

/* What a caller may get wrong; nothing comes of it. */
static void
act_nonsense (RandomEnd *end)
{
  gint64 now = sim_node_now (end->app->node);
  guint64 id = 1000000 + random_app_below (end->app, 4);
  SrudpSlice slice = { srudp_chunk_new (5), 0, 5 };
  guint8 big[2000] = { 0 };

  if (srudp_session_write (end->session, now, id, &slice))
    random_app_blame (end->app, "wrote to a stream that is not there");
  if (srudp_session_read (end->session, id, &slice))
    random_app_blame (end->app, "read from a stream that is not there");
  if (srudp_session_get_write_capacity (end->session, id) != 0)
    random_app_blame (end->app, "room on a stream that is not there");
  srudp_session_finish (end->session, now, id);
  srudp_session_reset_stream (end->session, now, id, 1);
  srudp_session_stop_reading (end->session, now, id, 1);
  srudp_session_consume (end->session, now, id, 7);
  srudp_session_watch_delivered (end->session, id, 7);
  if (srudp_session_send_datagram (end->session, now, big, sizeof big))
    random_app_blame (end->app, "took a datagram larger than any packet");
}

static void
act_settings (RandomEnd *end)
{
  gint64 now = sim_node_now (end->app->node);

  switch (random_app_below (end->app, 3))
    {
    case 0:
      srudp_session_set_timeouts (end->session, now, RANDOM_IDLE_TIMEOUT_US,
                                  RANDOM_KEEPALIVE_US - random_app_below (end->app, 5 * SIM_S));
      break;
    case 1:
      srudp_session_add_candidate (end->session, now,
                                   &end->app->peer->node->config.address);
      break;
    default:
      srudp_session_watch_delivered (end->session, SRUDP_MAIN_STREAM,
                                     random_app_below (end->app, 10000));
      break;
    }
}

/* The system takes any address of this machine's for the one that it has. */
static void
act_migrate (RandomEnd *end)
{
  SimNode *node = end->app->node;
  SrudpAddress local = node->config.address;

  local.ip[2] = (guint8) random_app_below (end->app, 3);
  random_tally[RANDOM_MIGRATE]
    += srudp_session_migrate (end->session, sim_node_now (node), &local);
}

static void
act_leave (RandomEnd *end)
{
  gint64 now = sim_node_now (end->app->node);
  SrudpSession *session = end->session;

  switch (random_app_below (end->app, 3))
    {
    case 0:
      random_tally[RANDOM_CLOSE]++;
      end->closed_here = TRUE;
      srudp_session_close (session, now);
      break;
    case 1:
      random_tally[RANDOM_ABORT]++;
      end->aborted_here = TRUE;
      srudp_session_abort (session, now);
      break;
    default:
      random_tally[RANDOM_RELEASE]++;
      end->closed_here = TRUE;
      end->session = NULL;
      srudp_session_release (session, now);
      break;
    }
}

static void
check_memory (RandomEnd *end)
{
  SrudpSessionStats stats = { 0 };

  srudp_session_get_stats (end->session, &stats);
  if (stats.unread_bytes > RANDOM_MAX_WINDOW)
    random_app_blame (end->app, "%" G_GUINT64_FORMAT " unread bytes", stats.unread_bytes);
  random_tally[RANDOM_KEY_UPDATE] += stats.key_updates - end->n_key_updates;
  random_tally[RANDOM_KEY_EXCHANGE] += stats.key_exchanges
                                       - end->n_key_exchanges;
  end->n_key_updates = stats.key_updates;
  end->n_key_exchanges = stats.key_exchanges;
}

typedef struct
{
  void (*act) (RandomEnd *end);
  guint weight;
  gboolean when_up; /* only then */
} Action;

static const Action actions[] = {
  { act_write, 40, TRUE },
  { act_read, 30, TRUE },
  { act_datagram, 10, TRUE },
  { act_open_stream, 8, TRUE },
  { act_end_stream, 6, TRUE },
  { act_nonsense, 3, FALSE },
  { act_settings, 3, FALSE },
  { act_migrate, 2, FALSE },
  { act_leave, 1, FALSE },
};

static const Action *
pick_action (RandomApp *app)
{
  guint total = 0;
  guint64 dice;

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    total += actions[i].weight;
  dice = random_app_below (app, total);
  for (guint i = 0;; i++)
    {
      if (dice < actions[i].weight)
        return &actions[i];
      dice -= actions[i].weight;
    }
}

void
random_app_act (RandomApp *app)
{
  const Action *action = pick_action (app);
  RandomEnd *end;

  if (app->ends->len == 0)
    return;

  end = g_ptr_array_index (app->ends, random_app_below (app, app->ends->len));
  if (end->session == NULL)
    return;

  check_memory (end);
  if (!action->when_up || random_end_is_up (end))
    action->act (end);
}
