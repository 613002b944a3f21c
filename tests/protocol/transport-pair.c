/*
 * SPDX-License-Identifier: MIT
 *
 * transport-pair.c: two transports joined by a bad network in virtual time
 */
#include "transport-pair.h"

#include <string.h>

#define START_US (1000 * SECOND)
#define WRITE_BYTES 16384

/* One datagram on its way. */
typedef struct
{
  gint64 arrival;
  guint64 number; /* keeps equal arrivals in order */
  guint to;
  SrudpPath path; /* as the receiver sees it */
  SrudpAddress destination;
  SrudpEcn ecn;
  gsize size;
  guint8 data[];
} Packet;

guint8
pattern_at (guint64 offset)
{
  return (guint8) ((offset * 2654435761u) >> 13) ^ (guint8) (offset >> 16);
}

static int
compare_packets (gconstpointer a,
                 gconstpointer b,
                 gpointer      user_data)
{
  const Packet *x = a;
  const Packet *y = b;

  if (x->arrival != y->arrival)
    return x->arrival < y->arrival ? -1 : 1;

  return x->number < y->number ? -1 : 1;
}

static void
get_random_cb (gpointer user_data,
               guint8  *out,
               gsize    n_bytes)
{
  for (gsize i = 0; i < n_bytes; i++)
    out[i] = g_rand_int_range (user_data, 0, 256);
}

static void
init_address (SrudpAddress *address,
              guint         end)
{
  const guint8 ip[4] = { 192, 0, 2, 1 + end };

  srudp_address_init_ipv4 (address, ip, 4000 + end);
}

static void
handle_event (End        *end,
              SrudpEvent *event)
{
  end->events[event->type]++;

  switch (event->type)
    {
    case SRUDP_EVENT_STATE:
      end->state = event->state;
      end->reason = event->reason;
      break;
    case SRUDP_EVENT_STREAM_OPENED:
      end->opened_stream = event->stream_id;
      break;
    case SRUDP_EVENT_WRITE_STOPPED:
      end->stop_code = event->code;
      break;
    case SRUDP_EVENT_DATAGRAM:
    case SRUDP_EVENT_INTRODUCTION:
      g_ptr_array_add (end->datagrams, event->datagram);
      break;
    default:
      break;
    }
}

static gboolean
happens (Pair   *pair,
         double  chance)
{
  return chance > 0 && g_rand_double (pair->rand) < chance;
}

/* When a packet gets out of the rate-limited link; -1: its queue is full. */
static gint64
pass_link (Pair *pair,
           guint from,
           gsize size)
{
  const Network *network = &pair->network;
  gint64 start = MAX (pair->now, pair->busy_until[from]);

  if (network->rate == 0)
    return pair->now;
  if ((guint64) (start - pair->now) * network->rate / SECOND
      > network->queue_bytes)
    return -1;

  pair->busy_until[from] = start + (gint64) (size * SECOND / network->rate);

  return pair->busy_until[from];
}

static const SrudpAddress *
get_source (End             *end,
            const SrudpPath *path)
{
  return srudp_address_is_set (&end->second)
         && srudp_address_same_ip (&path->local, &end->second)
           ? &end->second : &end->address;
}

static SrudpEcn
pass_marks (Pair     *pair,
            SrudpEcn  ecn)
{
  if (ecn == SRUDP_ECN_NOT_ECT || pair->network.bleaches)
    return SRUDP_ECN_NOT_ECT;

  return happens (pair, pair->network.congestion) ? SRUDP_ECN_CE : ecn;
}

static void
put_on_wire (Pair                *pair,
             guint                from,
             const SrudpTransmit *transmit,
             const guint8        *data,
             gsize                size)
{
  const Network *network = &pair->network;
  gint64 departure = pass_link (pair, from, size);
  guint n_copies = happens (pair, network->duplication) ? 2 : 1;

  if (departure < 0 || network->black_out || size > network->mtu
      || happens (pair, network->loss[from]))
    return;

  for (guint i = 0; i < n_copies; i++)
    {
      Packet *packet = g_malloc0 (sizeof (Packet) + size);

      packet->arrival = departure + network->delay_us;
      if (network->jitter_us > 0)
        packet->arrival += g_rand_int_range (pair->rand, 0, network->jitter_us);
      packet->number = pair->n_packets++;
      packet->to = 1 - from;
      packet->path.local = transmit->path.remote;
      packet->path.local.port = 0;
      packet->path.remote = *get_source (&pair->ends[from], &transmit->path);
      packet->destination = transmit->path.remote;
      packet->ecn = pass_marks (pair, transmit->ecn);
      packet->size = size;
      memcpy (packet->data, data, size);
      g_sequence_insert_sorted (pair->packets, packet, compare_packets, NULL);
    }
}

static guint64
get_id (const guint8 *packet)
{
  guint64 id;

  memcpy (&id, packet + SRUDP_PACKET_ID_OFFSET, sizeof id);

  return GUINT64_FROM_BE (id);
}

static void
send_from (Pair *pair,
           guint from)
{
  End *end = &pair->ends[from];
  SrudpTransmit transmit;
  gsize size;

  while ((size = srudp_transport_poll_transmit (end->transport, pair->now,
                                                &transmit, pair->buffer,
                                                SRUDP_MAX_UDP_PAYLOAD,
                                                pair->max_segments)) > 0)
    {
      gsize offset = 0;

      g_assert_cmpuint (transmit.size, ==, size);
      g_assert_cmpuint (transmit.segment_size, >, 0);
      g_assert_cmpuint (size, <=,
                        transmit.segment_size * pair->max_segments);
      end->last_path = transmit.path;
      end->last_id = get_id (pair->buffer);
      while (offset < size)
        {
          gsize n = MIN (transmit.segment_size, size - offset);

          put_on_wire (pair, from, &transmit, pair->buffer + offset, n);
          end->packets_sent++;
          end->bytes_sent += n;
          offset += n;
        }
    }
}

/* As the owner of a transport does. */
static void
renew_ids (End *end)
{
  guint64 id;

  while (srudp_transport_pop_retired_id (end->transport, &id))
    for (guint i = 0; i < end->ids->len; i++)
      if (g_array_index (end->ids, guint64, i) == id)
        g_array_remove_index_fast (end->ids, i);

  while (srudp_transport_wants_id (end->transport))
    {
      id = end->next_id++;
      g_array_append_val (end->ids, id);
      srudp_transport_add_id (end->transport, id);
    }
}

static gboolean
knows_id (End          *end,
          const guint8 *packet)
{
  for (guint i = 0; i < end->ids->len; i++)
    if (g_array_index (end->ids, guint64, i) == get_id (packet))
      return TRUE;

  return FALSE;
}

static void
settle (Pair *pair)
{
  SrudpEvent event;

  for (guint i = 0; i < 2; i++)
    {
      while (srudp_transport_poll_event (pair->ends[i].transport, &event))
        handle_event (&pair->ends[i], &event);
      renew_ids (&pair->ends[i]);
      send_from (pair, i);
    }
}

static void
deliver (Pair   *pair,
         Packet *packet)
{
  End *end = &pair->ends[packet->to];

  /* What was sent to an address the peer no longer has is lost. */
  if (!srudp_address_equal (&packet->destination, &end->address)
      && !srudp_address_equal (&packet->destination, &end->second))
    return;
  if (!knows_id (end, packet->data))
    {
      pair->n_unknown_ids++;
      return;
    }

  srudp_transport_receive (end->transport, pair->now, &packet->path,
                           packet->ecn, packet->data, packet->size);
}

static void
deliver_arrived (Pair *pair)
{
  while (!g_sequence_is_empty (pair->packets))
    {
      GSequenceIter *first = g_sequence_get_begin_iter (pair->packets);
      Packet *packet = g_sequence_get (first);

      if (packet->arrival > pair->now)
        return;

      deliver (pair, packet);
      g_sequence_remove (first);
    }
}

/* The next moment at which anything happens; -1: never. */
static gint64
get_next_time (Pair *pair)
{
  gint64 next = -1;

  if (!g_sequence_is_empty (pair->packets))
    {
      Packet *packet
        = g_sequence_get (g_sequence_get_begin_iter (pair->packets));

      next = packet->arrival;
    }

  for (guint i = 0; i < 2; i++)
    {
      gint64 deadline
        = srudp_transport_get_deadline (pair->ends[i].transport);

      if (deadline >= 0 && (next < 0 || deadline < next))
        next = deadline;
    }

  return next;
}

static void
advance_to (Pair   *pair,
            gint64  time)
{
  pair->now = MAX (pair->now, time);
  deliver_arrived (pair);

  for (guint i = 0; i < 2; i++)
    {
      gint64 deadline
        = srudp_transport_get_deadline (pair->ends[i].transport);

      if (deadline >= 0 && deadline <= pair->now)
        srudp_transport_advance (pair->ends[i].transport, pair->now);
    }
}

static gboolean
step (Pair   *pair,
      gint64  limit)
{
  gint64 next;

  pair_pump (pair);
  settle (pair);
  next = get_next_time (pair);
  if (next < 0 || next > limit)
    return FALSE;

  advance_to (pair, next);
  pair_pump (pair);
  settle (pair);

  return TRUE;
}

void
pair_run (Pair  *pair,
          gint64 duration_us)
{
  gint64 limit = pair->now + duration_us;
  guint n_steps_at_once = 0;
  gint64 last = -1;

  while (step (pair, limit))
    {
      /* A deadline that does not move is a busy loop. */
      n_steps_at_once = pair->now == last ? n_steps_at_once + 1 : 0;
      g_assert_cmpuint (n_steps_at_once, <, 10000);
      last = pair->now;
    }
  pair->now = limit;
}

gboolean
pair_run_until (Pair          *pair,
                PairCondition  condition,
                gint64         limit_us)
{
  gint64 limit = pair->now + limit_us;

  while (!condition (pair))
    if (!step (pair, limit))
      return condition (pair);

  return TRUE;
}

void
pair_write (Pair   *pair,
            guint   end,
            guint64 stream_id,
            gsize   n)
{
  SrudpTransport *transport = pair->ends[end].transport;
  guint64 offset = srudp_transport_get_written_offset (transport, stream_id);
  SrudpSlice slice = { srudp_chunk_new (n), 0, n };

  for (gsize i = 0; i < n; i++)
    slice.chunk->data[i] = pattern_at (offset + i);

  if (!srudp_transport_write (transport, pair->now, stream_id, &slice))
    srudp_slice_clear (&slice);
}

gsize
pair_read (Pair   *pair,
           guint   end,
           guint64 stream_id,
           guint64 offset)
{
  SrudpTransport *transport = pair->ends[end].transport;
  gsize total = 0;
  SrudpSlice slice = { 0 };

  while (srudp_transport_read (transport, stream_id, &slice))
    {
      gsize n = slice.length;
      const guint8 *data = srudp_slice_data (&slice);

      g_assert_cmpuint (n, >, 0);
      for (gsize i = 0; i < n; i++)
        if (data[i] != pattern_at (offset + total + i))
          g_error ("wrong byte at %" G_GUINT64_FORMAT, offset + total + i);

      total += n;
      srudp_slice_clear (&slice);
      srudp_transport_consume (transport, pair->now, stream_id, n);
    }
  /* A stream whose end was seen makes room for others. */
  srudp_transport_get_read_state (transport, stream_id);

  return total;
}

static void
pump_end (Pair *pair,
          guint index)
{
  End *end = &pair->ends[index];
  gsize room;

  if (!end->hold_reading)
    end->n_read += pair_read (pair, index, SRUDP_MAIN_STREAM, end->n_read);

  while (end->n_written < end->write_goal
         && (room = srudp_transport_get_write_capacity (end->transport,
                                                        SRUDP_MAIN_STREAM)) > 0)
    {
      gsize n = MIN (room, end->write_goal - end->n_written);

      n = MIN (n, WRITE_BYTES);
      pair_write (pair, index, SRUDP_MAIN_STREAM, n);
      end->n_written += n;
    }

  if (end->finish_at_goal && end->n_written == end->write_goal)
    {
      srudp_transport_finish (end->transport, pair->now, SRUDP_MAIN_STREAM);
      end->finish_at_goal = FALSE;
    }
}

void
pair_pump (Pair *pair)
{
  pump_end (pair, A);
  pump_end (pair, B);
}

Pair *
pair_new (guint32 seed)
{
  SrudpTransportConfig a, b;

  pair_init_config (&a, A);
  pair_init_config (&b, B);

  return pair_new_full (seed, &a, &b);
}

void
pair_init_config (SrudpTransportConfig *config,
                  guint                 end)
{
  memset (config, 0, sizeof *config);
  config->initiator = end == A;
  config->local_id = 0x1000 + end;
  config->remote_id = 0x1000 + (1 - end);
  init_address (&config->path.local, end);
  config->path.local.port = 0;
  init_address (&config->path.remote, 1 - end);
  config->first_rtt_us = -1;
  config->idle_timeout_us = 21 * SECOND;
  config->keepalive_us = 15 * SECOND;
  config->max_receive_window = 16 * 1024 * 1024;
  pair_init_params (&config->local_params);
  pair_init_params (&config->remote_params);
}

void
pair_init_params (SrudpTransportParams *params)
{
  srudp_transport_params_init (params);
  params->initial_max_data = 1024 * 1024;
  params->initial_max_stream_data = 512 * 1024;
  params->initial_max_streams = 16;
  params->idle_timeout_us = 21 * SECOND;
  params->max_ack_delay_us = 25 * MS;
  params->max_udp_payload_bytes = SRUDP_MAX_UDP_PAYLOAD;
  params->max_datagram_bytes = 65000;
}

static SrudpPacketKeys *
make_keys (guint from)
{
  guint8 secret[SRUDP_SHA256_BYTES];

  memset (secret, 1 + from, sizeof secret);

  return srudp_packet_keys_new (SRUDP_CIPHER_CHACHA20_POLY1305, secret);
}

void
pair_inject (Pair         *pair,
             guint         to,
             const guint8 *payload,
             gsize         n)
{
  g_autoptr (SrudpPacketKeys) keys = make_keys (1 - to);
  g_autofree guint8 *packet = g_malloc0 (n + SRUDP_PACKET_MAX_OVERHEAD + 4);
  const guint64 number = 60000 + pair->n_injected++;
  SrudpPath path = { .local = pair->ends[to].address,
                     .remote = pair->ends[1 - to].address };
  gsize header_size, size;

  header_size = srudp_packet_keys_write_header (keys, packet, 0x1000 + to,
                                                number, -1);
  memcpy (packet + header_size, payload, n);
  size = srudp_packet_keys_seal (keys, packet, header_size,
                                 MAX (n, SRUDP_PACKET_MIN_PAYLOAD), number);
  path.local.port = 0;
  g_assert_cmpint (srudp_transport_receive (pair->ends[to].transport, pair->now,
                                            &path, SRUDP_ECN_NOT_ECT, packet,
                                            size), ==, SRUDP_RECEIVE_OK);
}

static void
init_end (Pair                       *pair,
          guint                       index,
          const SrudpTransportConfig *base)
{
  SrudpTransportConfig config = *base;
  End *end = &pair->ends[index];

  init_address (&end->address, index);
  end->state = SRUDP_STATE_ESTABLISHED;
  end->datagrams
    = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  end->ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_array_append_val (end->ids, config.local_id);
  end->next_id = 0x2000 + 0x1000 * index;
  config.send_keys = make_keys (index);
  config.receive_keys = make_keys (1 - index);
  config.random = get_random_cb;
  config.random_data = pair->secrets;
  end->transport = srudp_transport_new (&config, pair->now);
}

Pair *
pair_new_full (guint32                     seed,
               const SrudpTransportConfig *a,
               const SrudpTransportConfig *b)
{
  Pair *pair = g_new0 (Pair, 1);

  g_test_message ("seed %u", seed);
  pair->seed = seed;
  pair->now = START_US;
  pair->rand = g_rand_new_with_seed (seed);
  pair->secrets = g_rand_new_with_seed (seed + 1);
  pair->network.delay_us = 10 * MS;
  pair->network.mtu = SRUDP_MAX_UDP_PAYLOAD;
  pair->packets = g_sequence_new (g_free);
  pair->max_segments = 16;
  pair->buffer = g_malloc (SRUDP_MAX_UDP_PAYLOAD);
  init_end (pair, A, a);
  init_end (pair, B, b);
  for (guint i = 0; i < 2; i++)
    {
      End *end = &pair->ends[i];

      end->n_read = end->n_written = end->write_goal = a->first.offset;
    }

  return pair;
}

void
pair_free (Pair *pair)
{
  settle (pair);
  for (guint i = 0; i < 2; i++)
    {
      srudp_transport_free (pair->ends[i].transport);
      g_ptr_array_unref (pair->ends[i].datagrams);
      g_array_unref (pair->ends[i].ids);
    }
  g_sequence_free (pair->packets);
  g_rand_free (pair->rand);
  g_rand_free (pair->secrets);
  g_free (pair->buffer);
  g_free (pair);
}

void
pair_assert_remote (Pair               *pair,
                    guint               end,
                    const SrudpAddress *address)
{
  SrudpPath path;

  srudp_transport_get_path (pair->ends[end].transport, &path);
  g_assert_true (srudp_address_equal (&path.remote, address));
}
