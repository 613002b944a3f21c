/*
 * SPDX-License-Identifier: MIT
 *
 * random-app.c: an application that does anything, and knows what must be true
 */
#include "random-app-private.h"

#include <string.h>

#define OPEN_TIMEOUT_US (20 * SIM_S)
#define MAX_ENDS 3

const char *const random_thing_names[RANDOM_N_THINGS] = {
  "open", "write", "read", "datagram", "open stream", "finish", "reset",
  "stop reading", "close", "abort", "release", "rebind", "black-out", "drop",
  "reorder", "duplicate", "corrupt", "key update", "key exchange",
  "clock jump", "sleep", "migrate", "network change", "tell addresses",
  "second socket",
};
guint64 random_tally[RANDOM_N_THINGS];

void
random_app_blame (RandomApp  *app,
                  const char *format,
                  ...)
{
  va_list args;

  if (app->error != NULL)
    return;
  va_start (args, format);
  app->error = g_strdup_vprintf (format, args);
  va_end (args);
}

guint64
random_app_below (RandomApp *app,
                  guint64    n)
{
  return sim_rng_below (app->rng, n);
}

gboolean
random_end_is_up (const RandomEnd *end)
{
  return end->state == SRUDP_STATE_ESTABLISHED
         || end->state == SRUDP_STATE_UNREACHABLE;
}

static RandomEnd *
find_peer (RandomEnd *end)
{
  GPtrArray *others = end->app->peer->ends;

  for (guint i = 0; i < others->len; i++)
    {
      RandomEnd *other = g_ptr_array_index (others, i);

      if (other->is_established && other->binding == end->binding)
        return other;
    }

  return NULL;
}

static RandomStream *
find_stream (RandomEnd *end,
             guint64    id)
{
  for (guint i = 0; i < end->streams->len; i++)
    {
      RandomStream *stream = g_ptr_array_index (end->streams, i);

      if (stream->id == id)
        return stream;
    }

  return NULL;
}

RandomStream *
random_end_add_stream (RandomEnd *end,
                       guint64    id)
{
  RandomStream *stream = g_new0 (RandomStream, 1);

  if (find_stream (end, id) != NULL)
    random_app_blame (end->app, "stream %" G_GUINT64_FORMAT " opened twice", id);
  stream->id = id;
  g_ptr_array_add (end->streams, stream);

  return stream;
}

guint8
random_end_byte_at (const RandomEnd *end,
                    const RandomApp *sender,
                    guint64          id,
                    guint64          offset)
{
  guint64 key = sim_mix (end->binding
                         ^ sim_mix (id * 2 + (sender->node->static_secret[0]
                                              | (guint64) sender->node->static_secret[1] << 8)));

  return (guint8) (sim_mix (key + offset / 8) >> offset % 8 * 8);
}

/* Reading. */

static void
check_slice (RandomEnd        *end,
             RandomStream     *stream,
             const SrudpSlice *slice)
{
  RandomApp *app = end->app;
  RandomEnd *peer = find_peer (end);
  RandomStream *source = peer != NULL ? find_stream (peer, stream->id) : NULL;
  const guint8 *data = srudp_slice_data (slice);

  if (slice->length == 0 || stream->eof || stream->stopped_reading)
    random_app_blame (app, "%" G_GSIZE_FORMAT " bytes, EOF %d, stopped %d", slice->length,
                      stream->eof, stream->stopped_reading);
  if (source == NULL || stream->received + slice->length > source->written)
    random_app_blame (app, "bytes nobody wrote on stream %" G_GUINT64_FORMAT, stream->id);
  for (gsize i = 0; i < slice->length; i++)
    if (data[i] != random_end_byte_at (end, app->peer, stream->id, stream->received + i))
      {
        random_app_blame (app, "wrong byte on stream %" G_GUINT64_FORMAT, stream->id);
        break;
      }
  random_tally[RANDOM_READ]++;
  stream->received += slice->length;
  stream->unconsumed += slice->length;
}

/* Whoever closes ends all streams, even those it has not heard of yet. */
static gboolean
is_end_due (const RandomEnd    *peer,
            const RandomStream *source,
            guint64             received)
{
  if (peer == NULL)
    return FALSE;
  if (source == NULL)
    return peer->closed_here && received == 0;

  return (source->finished || peer->closed_here) && source->written == received;
}

static void
check_end (RandomEnd    *end,
           RandomStream *stream)
{
  RandomApp *app = end->app;
  RandomEnd *peer = find_peer (end);
  RandomStream *source = peer != NULL ? find_stream (peer, stream->id) : NULL;

  /* Whoever stops reading is told of no end. */
  if (end->closed_here || end->aborted_here || stream->stopped_reading
      || stream->eof || stream->was_reset)
    return;

  switch (srudp_session_get_read_state (end->session, stream->id))
    {
    case SRUDP_READ_EOF:
      stream->eof = TRUE;
      if (!is_end_due (peer, source, stream->received))
        random_app_blame (app, "EOF after %" G_GUINT64_FORMAT " bytes of stream %"
                          G_GUINT64_FORMAT, stream->received, stream->id);
      break;
    case SRUDP_READ_RESET:
      stream->was_reset = TRUE;
      if (source == NULL || !source->reset)
        random_app_blame (app, "nobody reset stream %" G_GUINT64_FORMAT, stream->id);
      break;
    case SRUDP_READ_OPEN:
      break;
    }
}

void
random_end_consume (RandomEnd    *end,
                    RandomStream *stream,
                    guint64       n_bytes)
{
  srudp_session_consume (end->session, sim_node_now (end->app->node),
                         stream->id, n_bytes);
  stream->unconsumed -= n_bytes;
}

void
random_end_read_stream (RandomEnd    *end,
                        RandomStream *stream,
                        guint         max_slices)
{
  SrudpSlice slice = { 0 };

  while (max_slices-- > 0
         && srudp_session_read (end->session, stream->id, &slice))
    {
      check_slice (end, stream, &slice);
      srudp_slice_clear (&slice);
    }
  check_end (end, stream);
}

static void
read_all (RandomEnd *end)
{
  for (guint i = 0; i < end->streams->len; i++)
    {
      RandomStream *stream = g_ptr_array_index (end->streams, i);

      if (end->session == NULL || !end->is_established)
        return;
      random_end_read_stream (end, stream, G_MAXUINT);
      random_end_consume (end, stream, stream->unconsumed);
    }
}

static void
check_datagram (RandomEnd *end,
                GBytes    *datagram)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (datagram, &size);
  RandomEnd *peer = find_peer (end);
  guint64 binding, number;

  if (size < RANDOM_DATAGRAM_HEADER_BYTES)
    {
      random_app_blame (end->app, "a datagram of %" G_GSIZE_FORMAT " bytes", size);
      return;
    }

  memcpy (&binding, data, sizeof binding);
  memcpy (&number, data + sizeof binding, sizeof number);
  if (binding != end->binding || peer == NULL
      || number >= peer->n_datagrams_sent)
    random_app_blame (end->app, "a datagram nobody sent");
  for (gsize i = RANDOM_DATAGRAM_HEADER_BYTES; i < size; i++)
    if (data[i] != (guint8) (number + i))
      random_app_blame (end->app, "a spoilt datagram");
  if (!g_hash_table_add (end->datagrams, g_memdup2 (&number, sizeof number)))
    random_app_blame (end->app, "datagram %" G_GUINT64_FORMAT " came twice", number);
}

/* States. */

static void
learn_binding (RandomEnd *end)
{
  guint8 binding[SRUDP_KEY_BYTES];

  if (!srudp_session_get_channel_binding (end->session, binding))
    random_app_blame (end->app, "established without a channel binding");
  memcpy (&end->binding, binding, sizeof end->binding);
  if (end->is_established)
    return;
  end->is_established = TRUE;
  random_end_add_stream (end, SRUDP_MAIN_STREAM);
}

/* From some session at least: perhaps before the other end was up. */
static gboolean
has_left (RandomApp *app)
{
  for (guint i = 0; i < app->ends->len; i++)
    {
      RandomEnd *end = g_ptr_array_index (app->ends, i);

      if (end->closed_here || end->aborted_here)
        return TRUE;
    }

  return FALSE;
}

static gboolean
is_allowed (RandomEnd   *end,
            SrudpReason  reason)
{
  RandomEnd *peer = end->is_established ? find_peer (end) : NULL;
  gboolean peer_gone = peer == NULL || peer->state >= SRUDP_STATE_CLOSING
                       || peer->session == NULL;

  switch (reason)
    {
    case SRUDP_REASON_NONE:
      return end->closed_here;
    case SRUDP_REASON_PEER_CLOSED:
      return end->closed_here || peer_gone;
    case SRUDP_REASON_ABORTED:
      return end->aborted_here;
    case SRUDP_REASON_PEER_ABORTED:
      return peer == NULL || peer->aborted_here || peer->app->may_time_out;
    case SRUDP_REASON_REFUSED:
      return end->app->may_be_refused;
    case SRUDP_REASON_OPEN_TIMEOUT:
      return end->app->may_time_out || end->app->may_be_refused
             || has_left (end->app->peer);
    case SRUDP_REASON_IDLE_TIMEOUT:
    case SRUDP_REASON_LINGER_TIMEOUT:
      /* The last words of a peer that left may have been lost. */
      return end->app->may_time_out || peer_gone;
    default:
      return FALSE;
    }
}

static void
enter_state (RandomEnd   *end,
             SrudpState   state,
             SrudpReason  reason)
{
  gboolean back = state == SRUDP_STATE_ESTABLISHED
                  && end->state == SRUDP_STATE_UNREACHABLE;

  if (state < end->state && !back)
    random_app_blame (end->app, "state %d after %d", state, end->state);
  end->state = state;
  if (state == SRUDP_STATE_ESTABLISHED)
    learn_binding (end);
  if (state != SRUDP_STATE_CLOSED)
    return;

  end->reason = reason;
  if (!is_allowed (end, reason))
    random_app_blame (end->app, "closed for reason %d", reason);
}

static RandomEnd *
add_end (RandomApp    *app,
         SrudpSession *session)
{
  RandomEnd *end = g_new0 (RandomEnd, 1);

  end->app = app;
  end->session = session;
  end->streams = g_ptr_array_new_with_free_func (g_free);
  end->datagrams = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                          NULL);
  g_ptr_array_add (app->ends, end);
  srudp_session_set_user_data (session, end);

  return end;
}

static void
end_free (gpointer data)
{
  RandomEnd *end = data;

  g_ptr_array_unref (end->streams);
  g_hash_table_unref (end->datagrams);
  g_free (end);
}

static void
handle_event (RandomEnd        *end,
              const SrudpEvent *event)
{
  RandomStream *stream = find_stream (end, event->stream_id);

  switch (event->type)
    {
    case SRUDP_EVENT_STATE:
      enter_state (end, event->state, event->reason);
      break;
    case SRUDP_EVENT_STREAM_OPENED:
      random_end_add_stream (end, event->stream_id);
      break;
    case SRUDP_EVENT_READABLE:
      if (stream == NULL)
        random_app_blame (end->app, "a stream nobody opened is readable");
      break;
    case SRUDP_EVENT_WRITE_STOPPED:
      if (stream != NULL)
        stream->stopped_writing = TRUE;
      break;
    case SRUDP_EVENT_DATAGRAM:
      check_datagram (end, event->datagram);
      break;
    default:
      break;
    }
  if (end->app->is_calm)
    read_all (end);
}

static void
event_cb (SimNode          *node,
          const SrudpEvent *event,
          gpointer          data)
{
  RandomApp *app = data;
  RandomEnd *end;

  if (event->session == NULL)
    return;

  end = srudp_session_get_user_data (event->session);
  if (event->type == SRUDP_EVENT_INCOMING)
    {
      if (end != NULL)
        random_app_blame (app, "announced twice");
      end = add_end (app, event->session);
      srudp_session_claim (event->session);
      enter_state (end, SRUDP_STATE_ESTABLISHED, SRUDP_REASON_NONE);
    }
  else if (end == NULL)
    random_app_blame (app, "event %d of a session nobody knows", event->type);
  else
    handle_event (end, event);
}

RandomApp *
random_app_new (SimWorld *world,
                SimNode  *node,
                SimRng   *rng)
{
  RandomApp *app = g_new0 (RandomApp, 1);

  app->world = world;
  app->node = node;
  app->rng = rng;
  app->ends = g_ptr_array_new_with_free_func (end_free);
  node->on_event = event_cb;
  node->event_data = app;
  srudp_engine_set_max_window (node->engine, RANDOM_MAX_WINDOW);

  return app;
}

void
random_app_free (RandomApp *app)
{
  g_ptr_array_unref (app->ends);
  g_free (app->error);
  g_free (app);
}

void
random_app_open (RandomApp          *app,
                 const SrudpAddress *to,
                 gboolean            pinned)
{
  guint8 key[SRUDP_KEY_BYTES];
  SrudpOpenConfig config = {
    .candidates = to,
    .n_candidates = 1,
    .expected_peer = pinned ? key : NULL,
    .open_timeout_us = OPEN_TIMEOUT_US,
    .idle_timeout_us = RANDOM_IDLE_TIMEOUT_US,
    .keepalive_us = RANDOM_KEEPALIVE_US,
  };
  SrudpSession *session;

  if (app->ends->len >= MAX_ENDS)
    return;

  srudp_engine_get_public_key (app->peer->node->engine, key);
  session = srudp_engine_open (app->node->engine, sim_node_now (app->node),
                               &config);
  random_tally[RANDOM_OPEN]++;
  if (srudp_session_get_user_data (session) == NULL)
    add_end (app, session);
}

/* Coming to an end. */

void
random_end_finish (RandomEnd    *end,
                   RandomStream *stream)
{
  stream->finished = TRUE;
  random_tally[RANDOM_FINISH]++;
  srudp_session_finish (end->session, sim_node_now (end->app->node),
                        stream->id);
}

void
random_app_calm_down (RandomApp *app)
{
  app->is_calm = TRUE;
  for (guint i = 0; i < app->ends->len; i++)
    {
      RandomEnd *end = g_ptr_array_index (app->ends, i);

      if (end->session == NULL)
        continue;
      read_all (end);
      for (guint j = 0; random_end_is_up (end) && j < end->streams->len; j++)
        {
          RandomStream *stream = g_ptr_array_index (end->streams, j);

          if (!stream->finished && !stream->reset)
            random_end_finish (end, stream);
        }
    }
}

static gboolean
is_stream_settled (const RandomStream *stream,
                   RandomEnd          *peer)
{
  RandomStream *source = find_stream (peer, stream->id);

  if (source == NULL)
    return FALSE;

  return stream->eof || stream->was_reset || stream->stopped_reading
         || source->reset;
}

gboolean
random_app_is_settled (RandomApp *app)
{
  for (guint i = 0; i < app->ends->len; i++)
    {
      RandomEnd *end = g_ptr_array_index (app->ends, i);
      RandomEnd *peer = end->is_established ? find_peer (end) : NULL;

      if (end->session != NULL && end->state < SRUDP_STATE_ESTABLISHED)
        return FALSE;
      if (end->session == NULL || !random_end_is_up (end) || peer == NULL
          || peer->session == NULL || !random_end_is_up (peer))
        continue;
      for (guint j = 0; j < end->streams->len; j++)
        if (!is_stream_settled (g_ptr_array_index (end->streams, j), peer))
          return FALSE;
    }

  return TRUE;
}

void
random_app_close_all (RandomApp *app)
{
  for (guint i = 0; i < app->ends->len; i++)
    {
      RandomEnd *end = g_ptr_array_index (app->ends, i);

      if (end->session == NULL || end->state >= SRUDP_STATE_CLOSING)
        continue;
      end->closed_here = TRUE;
      srudp_session_close (end->session, sim_node_now (app->node));
    }
}

void
random_app_release_all (RandomApp *app)
{
  for (guint i = 0; i < app->ends->len; i++)
    {
      RandomEnd *end = g_ptr_array_index (app->ends, i);
      SrudpSession *session = g_steal_pointer (&end->session);

      if (session != NULL)
        srudp_session_release (session, sim_node_now (app->node));
    }
}
