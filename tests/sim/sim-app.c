/*
 * SPDX-License-Identifier: MIT
 *
 * sim-app.c: the application on a node: exact bulk transfer both ways
 */
#include "sim-app.h"

#include <string.h>

#define WRITE_CHUNK_BYTES 16384
/* The defaults of the public API. */
#define OPEN_TIMEOUT_US (30 * SIM_S)
#define IDLE_TIMEOUT_US (21 * SIM_S)
#define KEEPALIVE_US (15 * SIM_S)

static void G_GNUC_PRINTF (2, 3)
blame (SimEnd     *end,
       const char *format,
       ...)
{
  va_list args;

  if (end->error != NULL)
    return;
  va_start (args, format);
  end->error = g_strdup_vprintf (format, args);
  va_end (args);
}

static guint64
pattern_of (const guint8 binding[SRUDP_KEY_BYTES],
            const guint8 sender[SRUDP_KEY_BYTES])
{
  guint64 a, b;

  memcpy (&a, binding, sizeof a);
  memcpy (&b, sender, sizeof b);

  return sim_mix (a ^ sim_mix (b));
}

static void
fill_pattern (guint64 pattern,
              guint64 offset,
              guint8 *out,
              gsize   size)
{
  for (gsize i = 0; i < size;)
    {
      guint64 word = sim_mix (pattern + (offset + i) / 8);
      gsize skip = (offset + i) % 8;
      gsize n = MIN (8 - skip, size - i);

      memcpy (out + i, (const guint8 *) &word + skip, n);
      i += n;
    }
}

static void
write_more (SimEnd *end)
{
  SimNode *node = end->app->node;
  gsize room;

  while (end->sent < end->to_send
         && (room = srudp_session_get_write_capacity (end->session,
                                                      SRUDP_MAIN_STREAM)) > 0)
    {
      gsize size = MIN (MIN (room, WRITE_CHUNK_BYTES),
                        end->to_send - end->sent);
      SrudpSlice slice = { srudp_chunk_new (size), 0, size };

      fill_pattern (end->pattern_out, end->sent, slice.chunk->data, size);
      if (!srudp_session_write (end->session, sim_node_now (node),
                                SRUDP_MAIN_STREAM, &slice))
        {
          blame (end, "write refused at %" G_GUINT64_FORMAT, end->sent);
          return;
        }
      end->sent += size;
      if (end->sent == end->to_send && !end->app->keep_open)
        srudp_session_finish (end->session, sim_node_now (node),
                              SRUDP_MAIN_STREAM);
    }
}

static void
start_writing (SimEnd *end)
{
  if (end->app->is_silent)
    return;
  srudp_session_watch_delivered (
    end->session, SRUDP_MAIN_STREAM,
    srudp_session_get_written_offset (end->session, SRUDP_MAIN_STREAM)
      + end->to_send);
  if (end->to_send == 0 && !end->app->keep_open)
    srudp_session_finish (end->session, sim_node_now (end->app->node),
                          SRUDP_MAIN_STREAM);
  if (end->to_send == 0)
    end->delivered = TRUE;
  write_more (end);
}

static void
check_bytes (SimEnd           *end,
             const SrudpSlice *slice)
{
  guint8 expected[4096];
  const guint8 *data = srudp_slice_data (slice);

  for (gsize i = 0; i < slice->length; i += sizeof expected)
    {
      gsize n = MIN (sizeof expected, slice->length - i);

      fill_pattern (end->pattern_in, end->received + i, expected, n);
      if (memcmp (expected, data + i, n) != 0)
        blame (end, "wrong bytes after %" G_GUINT64_FORMAT, end->received + i);
    }
}

static void
note_arrival (SimEnd *end)
{
  gint64 now = end->app->world->clock.now_us;

  if (end->first_byte_us < 0)
    end->first_byte_us = now;
  else
    end->longest_stall_us = MAX (end->longest_stall_us,
                                 now - end->last_byte_us);
  end->last_byte_us = now;
}

static void
read_all (SimEnd *end)
{
  SrudpSlice slice = { 0 };

  if (end->app->is_silent)
    return;
  while (srudp_session_read (end->session, SRUDP_MAIN_STREAM, &slice))
    {
      gsize n = slice.length;

      note_arrival (end);
      check_bytes (end, &slice);
      if (end->eof)
        blame (end, "bytes after EOF");
      end->received += n;
      srudp_slice_clear (&slice);
      srudp_session_consume (end->session, sim_node_now (end->app->node),
                             SRUDP_MAIN_STREAM, n);
    }
  switch (srudp_session_get_read_state (end->session, SRUDP_MAIN_STREAM))
    {
    case SRUDP_READ_EOF:
      end->eof = TRUE;
      break;
    case SRUDP_READ_RESET:
      blame (end, "stream reset");
      break;
    case SRUDP_READ_OPEN:
    default:
      break;
    }
}

static void
learn_keys (SimEnd *end)
{
  guint8 own_key[SRUDP_KEY_BYTES];

  srudp_engine_get_public_key (end->app->node->engine, own_key);
  if (!srudp_session_get_peer_key (end->session, end->peer_key))
    blame (end, "established without a peer key");
  if (!srudp_session_get_channel_binding (end->session, end->binding))
    blame (end, "established without a channel binding");
  if (memcmp (own_key, end->peer_key, SRUDP_KEY_BYTES) == 0)
    blame (end, "connected to itself");
  end->pattern_out = pattern_of (end->binding, own_key);
  end->pattern_in = pattern_of (end->binding, end->peer_key);
}

static void
enter_established (SimEnd *end)
{
  if (end->n_established++ > 0)
    return; /* back from UNREACHABLE */
  end->established_us = end->app->world->clock.now_us;
  learn_keys (end);
  start_writing (end);
}

static void
enter_state (SimEnd      *end,
             SrudpState   state,
             SrudpReason  reason)
{
  gboolean may_go_back = state == SRUDP_STATE_ESTABLISHED
    && end->state == SRUDP_STATE_UNREACHABLE;

  if (state == end->state || (state < end->state && !may_go_back))
    blame (end, "state %d after %d", state, end->state);
  end->state = state;
  if (state == SRUDP_STATE_ESTABLISHED)
    enter_established (end);
  else if (state == SRUDP_STATE_UNREACHABLE)
    end->n_unreachable++;
  else if (state == SRUDP_STATE_CLOSED)
    {
      end->reason = reason;
      end->closed_us = end->app->world->clock.now_us;
    }
}

static SimEnd *
add_end (SimApp       *app,
         SrudpSession *session,
         gboolean      incoming)
{
  SimEnd *end = g_new0 (SimEnd, 1);

  end->app = app;
  end->session = session;
  end->incoming = incoming;
  end->to_send = app->send_bytes;
  end->state = SRUDP_STATE_NEW;
  end->started_us = app->world->clock.now_us;
  end->established_us = end->first_byte_us = end->last_byte_us = -1;
  end->closed_us = end->drained_us = -1;
  g_ptr_array_add (app->ends, end);
  srudp_session_set_user_data (session, end);

  return end;
}

static void
claim_waiting (SimApp *app)
{
  for (guint i = 0; i < app->ends->len && app->n_opens_to_come == 0; i++)
    {
      SimEnd *end = g_ptr_array_index (app->ends, i);

      if (!end->claimed && end->session != NULL)
        srudp_session_claim (end->session);
      end->claimed = TRUE;
    }
}

static void
take_incoming (SimApp       *app,
               SrudpSession *session)
{
  SimEnd *end;

  app->n_incoming++;
  if (srudp_session_get_user_data (session) != NULL)
    {
      blame (srudp_session_get_user_data (session), "announced twice");
      return;
    }
  end = add_end (app, session, TRUE);
  claim_waiting (app);
  if (srudp_session_get_state (session) == SRUDP_STATE_ESTABLISHED)
    enter_state (end, SRUDP_STATE_ESTABLISHED, SRUDP_REASON_NONE);
}

static void
finish_end (SimEnd *end)
{
  SrudpSession *session = end->session;

  if (!end->counted && sim_end_is_done (end))
    {
      end->counted = TRUE;
      end->app->n_done++;
    }
  if (end->app->close_when_done && sim_end_is_done (end)
      && end->state < SRUDP_STATE_CLOSING)
    srudp_session_close (session, sim_node_now (end->app->node));
  if (end->state == SRUDP_STATE_CLOSED
      && !srudp_session_is_draining (session))
    {
      end->drained_us = end->app->world->clock.now_us;
      end->session = NULL;
      srudp_session_release (session, sim_node_now (end->app->node));
    }
}

static void
handle_session_event (SimEnd           *end,
                      const SrudpEvent *event)
{
  switch (event->type)
    {
    case SRUDP_EVENT_STATE:
      /* INCOMING has already told of this one. */
      if (!(end->n_established == 1 && event->state == SRUDP_STATE_ESTABLISHED
            && end->state == SRUDP_STATE_ESTABLISHED))
        enter_state (end, event->state, event->reason);
      break;
    case SRUDP_EVENT_READABLE:
      if (event->stream_id == SRUDP_MAIN_STREAM)
        read_all (end);
      break;
    case SRUDP_EVENT_WRITABLE:
      if (event->stream_id == SRUDP_MAIN_STREAM && !end->app->is_silent)
        write_more (end);
      break;
    case SRUDP_EVENT_DELIVERED:
      end->delivered = TRUE;
      break;
    default:
      break;
    }
  finish_end (end);
}

static void
event_cb (SimNode          *node,
          const SrudpEvent *event,
          gpointer          data)
{
  SimApp *app = data;

  switch (event->type)
    {
    case SRUDP_EVENT_INCOMING:
      take_incoming (app, event->session);
      break;
    case SRUDP_EVENT_HANDSHAKE_FAILED:
      app->n_handshake_failed++;
      app->last_failure = event->reason;
      break;
    case SRUDP_EVENT_DATAGRAM:
      app->n_datagrams++;
      if (app->on_datagram != NULL)
        app->on_datagram (app, event->datagram, app->datagram_data);
      break;
    default:
      if (event->session != NULL
          && srudp_session_get_user_data (event->session) != NULL)
        handle_session_event (srudp_session_get_user_data (event->session),
                              event);
      break;
    }
}

SimApp *
sim_app_new (SimWorld *world,
             SimNode  *node,
             guint64   send_bytes)
{
  SimApp *app = g_new0 (SimApp, 1);

  app->world = world;
  app->node = node;
  app->send_bytes = send_bytes;
  app->ends = g_ptr_array_new ();
  node->on_event = event_cb;
  node->event_data = app;

  return app;
}

void
sim_app_free (SimApp *app)
{
  for (guint i = 0; i < app->ends->len; i++)
    {
      SimEnd *end = g_ptr_array_index (app->ends, i);

      g_free (end->error);
      g_free (end);
    }
  g_ptr_array_unref (app->ends);
  g_free (app);
}

SimEnd *
sim_app_open_full (SimApp                *app,
                   const SrudpOpenConfig *config)
{
  SrudpSession *session = srudp_engine_open (app->node->engine,
                                             sim_node_now (app->node), config);
  SimEnd *end = srudp_session_get_user_data (session);

  if (end == NULL)
    end = add_end (app, session, FALSE);
  end->incoming = FALSE; /* or it was, and is taken over */
  end->claimed = TRUE;
  if (app->n_opens_to_come > 0)
    app->n_opens_to_come--;
  claim_waiting (app);
  sim_node_service (app->node);

  return end;
}

SimEnd *
sim_app_open (SimApp             *app,
              const SrudpAddress *candidate,
              const guint8       *expected_peer)
{
  SrudpOpenConfig config = { .candidates = candidate,
                             .n_candidates = 1,
                             .expected_peer = expected_peer,
                             .open_timeout_us = OPEN_TIMEOUT_US,
                             .idle_timeout_us = IDLE_TIMEOUT_US,
                             .keepalive_us = KEEPALIVE_US };

  return sim_app_open_full (app, &config);
}

void
sim_app_forget (SimApp *app)
{
  for (guint i = 0; i < app->ends->len; i++)
    ((SimEnd *) g_ptr_array_index (app->ends, i))->session = NULL;
}

void
sim_end_write (SimEnd  *end,
               guint64  n_bytes)
{
  end->to_send += n_bytes;
  if (end->session != NULL)
    write_more (end);
  sim_node_service (end->app->node);
}

void
sim_end_close (SimEnd *end)
{
  if (end->session != NULL)
    srudp_session_close (end->session, sim_node_now (end->app->node));
  sim_node_service (end->app->node);
}

gboolean
sim_end_is_done (const SimEnd *end)
{
  return end->eof && end->delivered;
}

static gboolean
is_up (const SimEnd *end)
{
  return end->state == SRUDP_STATE_ESTABLISHED
    || end->state == SRUDP_STATE_UNREACHABLE;
}

SimEnd *
sim_app_find_established (SimApp *app)
{
  for (guint i = 0; i < app->ends->len; i++)
    if (is_up (g_ptr_array_index (app->ends, i)))
      return g_ptr_array_index (app->ends, i);

  return NULL;
}

guint
sim_app_count_established (SimApp *app)
{
  guint n = 0;

  for (guint i = 0; i < app->ends->len; i++)
    n += is_up (g_ptr_array_index (app->ends, i));

  return n;
}

const char *
sim_app_get_error (SimApp *app)
{
  for (guint i = 0; i < app->ends->len; i++)
    {
      const SimEnd *end = g_ptr_array_index (app->ends, i);

      if (end->error != NULL)
        return end->error;
    }

  return NULL;
}
