/*
 * SPDX-License-Identifier: MIT
 *
 * test-stream-exchange.c: two stream tables talk over a bad link
 *
 * The link loses, repeats and reorders packets; some that are declared lost
 * arrive after all. Whatever happens, each stream's bytes come out exactly,
 * with the right end, and both tables are empty afterwards.
 */
#include "srudp-stream-table.h"

#define PACKET_BYTES 1200
#define N_STREAMS 12
#define MAX_STREAM_BYTES 60000

typedef struct
{
  guint8 data[PACKET_BYTES];
  gsize size;
  SrudpSentFrame frames[64];
  guint n_frames;
} Packet;

typedef struct
{
  SrudpStreamTable table;
  GPtrArray *flying;       /* packets sent, of unknown fate */
  GHashTable *to_write;    /* stream id → bytes still to write */
  GHashTable *received;    /* stream id → bytes read */
  GHashTable *ended;       /* stream id → SrudpReadState */
  guint n_opened;
  guint8 direction;
} Peer;

static guint
chance (guint one_in)
{
  return g_test_rand_int_range (0, (gint32) one_in) == 0;
}

static guint8
byte_at (guint64 stream_id,
         guint64 offset,
         guint8  direction)
{
  return (guint8) (offset * 31 ^ offset >> 9 ^ stream_id * 77 ^ direction);
}

static Peer *
make_peer (gboolean initiator)
{
  Peer *peer = g_new0 (Peer, 1);
  SrudpStreamTableConfig config = {
    .initiator = initiator,
    .local_max_data = 20000,
    .local_max_stream_data = 8000,
    .local_max_streams = 4,
    .remote_max_data = 20000,
    .remote_max_stream_data = 8000,
    .remote_max_streams = 4,
    .max_receive_window = 100000,
    .max_stream_receive_window = 40000,
    .send_buffer_bytes = 10000,
    .max_pending_bytes = 20000,
  };

  srudp_stream_table_init (&peer->table, &config);
  srudp_stream_table_set_rtt (&peer->table, 20);
  peer->flying = g_ptr_array_new_with_free_func (g_free);
  peer->to_write = g_hash_table_new (NULL, NULL);
  peer->received = g_hash_table_new (NULL, NULL);
  peer->ended = g_hash_table_new (NULL, NULL);
  peer->direction = (guint8) initiator;

  return peer;
}

static void
free_peer (Peer *peer)
{
  srudp_stream_table_clear (&peer->table);
  g_ptr_array_unref (peer->flying);
  g_hash_table_unref (peer->to_write);
  g_hash_table_unref (peer->received);
  g_hash_table_unref (peer->ended);
  g_free (peer);
}

static guint
lookup (GHashTable *table,
        guint64     id)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (table, GSIZE_TO_POINTER (id)));
}

static void
store (GHashTable *table,
       guint64     id,
       guint       value)
{
  g_hash_table_insert (table, GSIZE_TO_POINTER (id), GUINT_TO_POINTER (value));
}

static void
plan_writing (Peer    *peer,
              guint64  id)
{
  store (peer->to_write, id,
         chance (6) ? 0 : (guint) g_test_rand_int_range (0, MAX_STREAM_BYTES));
}

/* --- The application ----------------------------------------------------- */

static void
open_streams (Peer *peer)
{
  guint64 id;

  if (peer->n_opened < N_STREAMS && chance (4)
      && srudp_stream_table_open (&peer->table, &id))
    {
      plan_writing (peer, id);
      peer->n_opened++;
    }
}

static void
write_some (Peer    *peer,
            guint64  id)
{
  guint64 offset = srudp_stream_table_get_written_offset (&peer->table, id);
  guint left = lookup (peer->to_write, id);
  gsize length = (gsize) g_test_rand_int_range (1, 3000);
  gsize capacity = srudp_stream_table_get_write_capacity (&peer->table, id);
  SrudpSlice slice = { NULL };

  if (left == 0)
    {
      srudp_stream_table_finish (&peer->table, id);
      return;
    }

  length = MIN (MIN (length, left), capacity);
  if (length == 0)
    return;

  slice = (SrudpSlice) { srudp_chunk_new (length), 0, length };
  for (gsize i = 0; i < length; i++)
    slice.chunk->data[i] = byte_at (id, offset + i, peer->direction);
  g_assert_true (srudp_stream_table_write (&peer->table, id, &slice));
  store (peer->to_write, id, left - (guint) length);
}

static void
write_streams (Peer *peer)
{
  g_autoptr (GList) ids = g_hash_table_get_keys (peer->to_write);

  for (GList *l = ids; l != NULL; l = l->next)
    if (chance (4))
      write_some (peer, (guint64) GPOINTER_TO_SIZE (l->data));
}

static void
read_some (Peer    *peer,
           gint64   now,
           guint64  id)
{
  SrudpSlice slice;
  SrudpReadState state;

  while (srudp_stream_table_read (&peer->table, id, &slice))
    {
      guint offset = lookup (peer->received, id);
      gsize length = slice.length;

      for (gsize i = 0; i < length; i++)
        g_assert_cmpuint (srudp_slice_data (&slice)[i], ==,
                          byte_at (id, offset + i, !peer->direction));
      store (peer->received, id, offset + (guint) length);
      srudp_slice_clear (&slice);
      srudp_stream_table_consume (&peer->table, now, id, length);
    }

  state = srudp_stream_table_get_read_state (&peer->table, id);
  if (state != SRUDP_READ_OPEN)
    store (peer->ended, id, state);
}

static void
handle_events (Peer   *peer,
               gint64  now)
{
  SrudpEvent event;

  while (srudp_stream_table_poll_event (&peer->table, &event))
    if (event.type == SRUDP_EVENT_STREAM_OPENED)
      plan_writing (peer, event.stream_id);
    else if (event.type == SRUDP_EVENT_READABLE)
      read_some (peer, now, event.stream_id);
}

/* --- The link ------------------------------------------------------------ */

static Packet *
build_packet (Peer *peer)
{
  Packet *packet = g_new0 (Packet, 1);
  SrudpStream *stream;
  SrudpWriter writer;
  SrudpFrame frame;

  srudp_writer_init (&writer, packet->data,
                     chance (3) ? (gsize) g_test_rand_int_range (100, PACKET_BYTES)
                                : PACKET_BYTES);
  while (packet->n_frames < 60
         && srudp_stream_table_next_control (&peer->table, &frame)
         && srudp_frame_write (&writer, &frame))
    srudp_stream_table_control_sent (&peer->table, &frame,
                                     &packet->frames[packet->n_frames++]);
  while (packet->n_frames < 60
         && (stream = srudp_stream_table_next_sender (&peer->table)) != NULL
         && srudp_stream_table_write_frame (&peer->table, stream, &writer,
                                            &packet->frames[packet->n_frames]))
    packet->n_frames++;
  packet->size = writer.size;
  if (packet->n_frames == 0)
    g_clear_pointer (&packet, g_free);

  return packet;
}

/* Bad results would be faults of this code: both sides are honest. */
static void
receive_packet (Peer         *peer,
                gint64        now,
                const Packet *packet)
{
  SrudpReader reader;
  SrudpFrame frame;

  srudp_reader_init (&reader, packet->data, packet->size);
  while (!srudp_reader_is_empty (&reader))
    {
      g_assert_true (srudp_frame_parse (&reader, &frame));
      g_assert_cmpint (srudp_stream_table_receive (&peer->table, now, &frame), ==,
                       SRUDP_STREAM_OK);
    }
}

static void
tell_fate (Peer         *peer,
           const Packet *packet,
           void        (*fate) (SrudpStreamTable *, const SrudpSentFrame *))
{
  for (guint i = 0; i < packet->n_frames; i++)
    fate (&peer->table, &packet->frames[i]);
}

static void
decide_fate (Peer   *sender,
             Peer   *receiver,
             gint64  now)
{
  guint index = (guint) g_test_rand_int_range (0, (gint32) sender->flying->len);
  g_autofree Packet *packet = g_ptr_array_steal_index_fast (sender->flying, index);
  gboolean declared_lost = chance (4);

  if (declared_lost)
    tell_fate (sender, packet, srudp_stream_table_lost);
  if (declared_lost && !chance (5))
    return;

  receive_packet (receiver, now, packet);
  if (chance (5))
    receive_packet (receiver, now, packet);
  /* The acknowledgement may be lost as well. */
  if (!declared_lost && chance (10))
    tell_fate (sender, packet, srudp_stream_table_lost);
  else
    tell_fate (sender, packet, srudp_stream_table_acked);
}

static void
step (Peer   *peer,
      Peer   *other,
      gint64  now)
{
  Packet *packet;

  open_streams (peer);
  write_streams (peer);
  while (peer->flying->len < 20 && (packet = build_packet (peer)) != NULL)
    g_ptr_array_add (peer->flying, packet);
  for (guint i = (guint) g_test_rand_int_range (0, 8); i > 0 && peer->flying->len > 0; i--)
    decide_fate (peer, other, now);
  handle_events (other, now);
  handle_events (peer, now);
}

static gboolean
is_over (Peer *peer)
{
  return peer->n_opened == N_STREAMS && peer->flying->len == 0
    && srudp_stream_table_is_flushed (&peer->table)
    && g_hash_table_size (peer->ended) == 2 * N_STREAMS + 1;
}

static void
assert_nothing_left (Peer *peer,
                     Peer *other)
{
  GHashTableIter iter;
  gpointer id, state;

  g_hash_table_iter_init (&iter, peer->ended);
  while (g_hash_table_iter_next (&iter, &id, &state))
    g_assert_cmpint (GPOINTER_TO_INT (state), ==, SRUDP_READ_EOF);
  g_assert_cmpuint (g_hash_table_size (peer->table.streams), ==, 0);
  g_assert_cmpuint (srudp_stream_table_get_unread (&peer->table), ==, 0);
  g_assert_cmpuint (srudp_stream_table_get_unacknowledged (&peer->table), ==, 0);
  g_assert_cmpuint (peer->table.stream_bytes_sent, ==,
                    other->table.stream_bytes_received);
  g_assert_null (peer->table.main_stream->receive.blocks);
  g_assert_null (peer->table.control.first);
  g_assert_null (peer->table.events.first);
}

static void
run_exchange (void)
{
  Peer *initiator = make_peer (TRUE), *responder = make_peer (FALSE);
  guint n_steps = 0;

  plan_writing (initiator, SRUDP_MAIN_STREAM);
  plan_writing (responder, SRUDP_MAIN_STREAM);
  while (!is_over (initiator) || !is_over (responder))
    {
      step (initiator, responder, n_steps * 10);
      step (responder, initiator, n_steps * 10 + 5);
      g_assert_cmpuint (++n_steps, <, 100000);
    }
  assert_nothing_left (initiator, responder);
  assert_nothing_left (responder, initiator);
  free_peer (initiator);
  free_peer (responder);
}

static void
test_exact_over_a_bad_link (void)
{
  for (guint i = 0; i < 10; i++)
    run_exchange ();
}

/* Often what an honest peer would say, so that streams go on and end. */
static SrudpFrame
make_any_frame (Peer *peer)
{
  static const SrudpFrameType limits[] = {
    SRUDP_FRAME_MAX_STREAM_DATA, SRUDP_FRAME_STREAM_DATA_BLOCKED,
    SRUDP_FRAME_MAX_DATA, SRUDP_FRAME_DATA_BLOCKED, SRUDP_FRAME_STREAMS_BLOCKED,
    SRUDP_FRAME_MAX_STREAMS,
  };
  static const guint8 bytes[4000];
  guint64 id = (guint64) g_test_rand_int_range (0, 40);
  guint64 number = (guint64) g_test_rand_int_range (0, 30000);
  gsize length = (gsize) g_test_rand_int_range (0, sizeof bytes);
  SrudpStream *stream = g_hash_table_lookup (peer->table.streams, &id);

  if (stream != NULL && !chance (20))
    number = stream->receive.read_offset + (chance (2) ? 0 : number % 2000);

  if (chance (100))
    return (SrudpFrame) { SRUDP_FRAME_RESET_STREAM, .reset_stream = { id, 1, number } };
  if (chance (100))
    return (SrudpFrame) { SRUDP_FRAME_STOP_SENDING, .stop_sending = { id, 1 } };
  if (chance (3))
    return (SrudpFrame) { limits[number % G_N_ELEMENTS (limits)],
                          .limit = { id, number * 3 } };

  return (SrudpFrame) { SRUDP_FRAME_STREAM,
                        .stream = { id, number, bytes, length, chance (100) } };
}

static void
read_anything (Peer   *peer,
               gint64  now)
{
  SrudpEvent event;
  SrudpSlice slice;

  while (srudp_stream_table_poll_event (&peer->table, &event))
    {
      while (srudp_stream_table_read (&peer->table, event.stream_id, &slice))
        {
          srudp_stream_table_consume (&peer->table, now, event.stream_id, slice.length);
          srudp_slice_clear (&slice);
        }
      srudp_stream_table_get_read_state (&peer->table, event.stream_id);
      if (event.type == SRUDP_EVENT_STREAM_OPENED)
        srudp_stream_table_finish (&peer->table, event.stream_id);
    }
}

/* A peer that says anything at all is refused or ignored, never obeyed beyond
 * its limits. */
static void
test_hostile_peer_stays_bounded (void)
{
  Peer *peer = make_peer (FALSE);
  guint n_refused = 0, n_sent = 0;
  Packet *packet;

  for (guint i = 0; i < 50000; i++)
    {
      SrudpFrame frame = make_any_frame (peer);

      n_refused += srudp_stream_table_receive (&peer->table, i, &frame) != SRUDP_STREAM_OK;
      read_anything (peer, i);
      while ((packet = build_packet (peer)) != NULL)
        {
          tell_fate (peer, packet, srudp_stream_table_acked);
          g_free (packet);
          n_sent++;
        }
      g_assert_cmpuint (g_hash_table_size (peer->table.streams), <=, 4);
      g_assert_cmpuint (srudp_stream_table_get_unread (&peer->table), <=, 100000);
    }
  g_test_message ("%u frames refused, %u packets sent, %" G_GUINT64_FORMAT
                  " bytes read, %" G_GUINT64_FORMAT " streams over", n_refused,
                  n_sent, peer->table.stream_bytes_received,
                  peer->table.n_remote_closed);
  g_assert_cmpuint (n_refused, >, 1000);
  g_assert_cmpuint (peer->table.stream_bytes_received, >, 10000);
  g_assert_cmpuint (peer->table.n_remote_closed, >, 0);
  free_peer (peer);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stream-exchange/exact-over-a-bad-link",
                   test_exact_over_a_bad_link);
  g_test_add_func ("/stream-exchange/hostile-peer-stays-bounded",
                   test_hostile_peer_stays_bounded);

  return g_test_run ();
}
