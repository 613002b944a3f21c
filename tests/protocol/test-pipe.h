/*
 * SPDX-License-Identifier: MIT
 *
 * test-pipe.h: a few engines, a clock and a network that does what it is told
 *
 * Time is virtual and everything else comes from one seed, so that a test that
 * failed once fails again.
 */
#pragma once

#include "srudp-engine.h"
#include "srudp-hello.h"
#include "test-random.h"

#include <string.h>

#define PIPE_MAX_NODES 4
#define PIPE_DELAY_US 15000

typedef struct
{
  gint64 at;
  guint from, to;
  gsize size;
  guint8 *data;
} PipePacket;

typedef enum
{
  PIPE_PASS = 0,
  PIPE_DROP,
  PIPE_DUPLICATE,
  PIPE_REFLECT, /* it arrives, and comes back to its sender too */
} PipeVerdict;

typedef struct _Pipe Pipe;
typedef PipeVerdict (*PipeFilter) (Pipe       *pipe,
                                   PipePacket *packet,
                                   gpointer    user_data);

struct _Pipe
{
  gint64 now;
  GRand *rand;
  guint n_nodes;
  SrudpEngine *engines[PIPE_MAX_NODES];
  SrudpAddress addresses[PIPE_MAX_NODES];
  GArray *events[PIPE_MAX_NODES]; /* all SrudpEvents, in order */
  GQueue packets;                 /* PipePacket, by time */
  guint n_packets;                /* sent since the start */
  gint32 jitter_us;               /* added to the delay, at random */
  /* What a node's clock is ahead; and whether the node is suspended: its clock
   * stands, and what comes is lost. */
  gint64 ahead_us[PIPE_MAX_NODES];
  gboolean asleep[PIPE_MAX_NODES];
  PipeFilter filter;
  gpointer filter_data;
  guint8 *buffer;
};

/* What a node's clock says. */
static inline gint64
pipe_time (Pipe  *pipe,
           guint  node)
{
  return pipe->now + pipe->ahead_us[node];
}

static inline Pipe *
pipe_new (guint32 seed,
          guint   n_nodes)
{
  Pipe *pipe = g_new0 (Pipe, 1);

  g_test_message ("seed %u", seed);
  pipe->now = G_USEC_PER_SEC;
  pipe->rand = g_rand_new_with_seed (seed);
  pipe->n_nodes = n_nodes;
  pipe->buffer = g_malloc (SRUDP_MAX_UDP_PAYLOAD);
  g_queue_init (&pipe->packets);

  for (guint i = 0; i < n_nodes; i++)
    {
      SrudpEngineConfig config = { .random = test_random_fill, .random_data = pipe->rand };
      guint8 ip[4] = { 192, 0, 2, (guint8) (i + 1) };

      test_random_fill (pipe->rand, config.static_secret, SRUDP_KEY_BYTES);
      pipe->engines[i] = srudp_engine_new (&config, pipe->now);
      pipe->events[i] = g_array_new (FALSE, FALSE, sizeof (SrudpEvent));
      srudp_address_init_ipv4 (&pipe->addresses[i], ip, (guint16) (1000 + i));
    }

  return pipe;
}

/* A genuine one, of another stranger each time. */
static inline void
pipe_make_hello (Pipe   *pipe,
                 guint   to,
                 guint8  hello[SRUDP_HELLO_BYTES])
{
  SrudpEngineConfig config = { .random = test_random_fill, .random_data = pipe->rand };
  SrudpOpenConfig open = { .candidates = &pipe->addresses[to], .n_candidates = 1,
                           .idle_timeout_us = G_USEC_PER_SEC };
  SrudpTransmit transmit;
  SrudpEngine *engine;

  test_random_fill (pipe->rand, config.static_secret, SRUDP_KEY_BYTES);
  engine = srudp_engine_new (&config, pipe->now);
  srudp_engine_open (engine, pipe->now, &open);
  g_assert_cmpuint (srudp_engine_poll_transmit (engine, pipe->now, &transmit,
                                                pipe->buffer,
                                                SRUDP_MAX_UDP_PAYLOAD, 1),
                    ==, SRUDP_HELLO_BYTES);
  memcpy (hello, pipe->buffer, SRUDP_HELLO_BYTES);
  srudp_engine_free (engine);
}

static inline void
pipe_packet_free (gpointer data)
{
  PipePacket *packet = data;

  g_free (packet->data);
  g_free (packet);
}

static inline void
pipe_free (Pipe *pipe)
{
  for (guint i = 0; i < pipe->n_nodes; i++)
    {
      g_array_unref (pipe->events[i]);
      srudp_engine_free (pipe->engines[i]);
    }
  g_queue_clear_full (&pipe->packets, pipe_packet_free);
  g_rand_free (pipe->rand);
  g_free (pipe->buffer);
  g_free (pipe);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pipe, pipe_free)

static inline int
pipe_compare (gconstpointer a,
              gconstpointer b,
              gpointer      user_data)
{
  const PipePacket *first = a, *second = b;

  return first->at < second->at ? -1 : first->at > second->at;
}

/* Puts a packet on the wire. */
static inline void
pipe_inject (Pipe         *pipe,
             guint         from,
             guint         to,
             const guint8 *data,
             gsize         size)
{
  PipePacket *packet = g_new0 (PipePacket, 1);
  GList *after = pipe->packets.tail;

  packet->at = pipe->now + PIPE_DELAY_US;
  if (pipe->jitter_us > 0)
    packet->at += g_rand_int_range (pipe->rand, 0, pipe->jitter_us);
  packet->from = from;
  packet->to = to;
  packet->size = size;
  packet->data = g_memdup2 (data, size);

  while (after != NULL && pipe_compare (packet, after->data, NULL) < 0)
    after = after->prev;
  if (after == NULL)
    g_queue_push_head (&pipe->packets, packet);
  else
    g_queue_insert_after (&pipe->packets, after, packet);
}

static inline void
pipe_send (Pipe         *pipe,
           guint         from,
           guint         to,
           const guint8 *data,
           gsize         size)
{
  PipePacket packet = { .from = from, .to = to, .size = size,
                        .data = g_memdup2 (data, size) };
  PipeVerdict verdict = PIPE_PASS;

  pipe->n_packets++;
  if (pipe->filter != NULL)
    verdict = pipe->filter (pipe, &packet, pipe->filter_data);
  if (verdict != PIPE_DROP)
    pipe_inject (pipe, from, to, packet.data, packet.size);
  if (verdict == PIPE_DUPLICATE)
    pipe_inject (pipe, from, to, packet.data, packet.size);
  if (verdict == PIPE_REFLECT)
    pipe_inject (pipe, to, from, packet.data, packet.size);
  g_free (packet.data);
}

static inline void
pipe_flush_node (Pipe  *pipe,
                 guint  node)
{
  SrudpEngine *engine = pipe->engines[node];
  SrudpTransmit transmit;
  SrudpEvent event;

  while (srudp_engine_poll_event (engine, &event))
    {
      g_clear_pointer (&event.datagram, g_bytes_unref);
      g_array_append_val (pipe->events[node], event);
    }

  while (srudp_engine_poll_transmit (engine, pipe_time (pipe, node), &transmit,
                                     pipe->buffer, SRUDP_MAX_UDP_PAYLOAD, 1) > 0)
    for (guint to = 0; to < pipe->n_nodes; to++)
      if (srudp_address_equal (&pipe->addresses[to], &transmit.path.remote))
        pipe_send (pipe, node, to, pipe->buffer, transmit.size);

  while (srudp_engine_poll_event (engine, &event))
    {
      g_clear_pointer (&event.datagram, g_bytes_unref);
      g_array_append_val (pipe->events[node], event);
    }
}

static inline void
pipe_flush (Pipe *pipe)
{
  for (guint i = 0; i < pipe->n_nodes; i++)
    if (!pipe->asleep[i])
      pipe_flush_node (pipe, i);
}

static inline void
pipe_deliver (Pipe       *pipe,
              PipePacket *packet)
{
  SrudpPath path = { .remote = pipe->addresses[packet->from] };

  if (!pipe->asleep[packet->to])
    {
      srudp_engine_receive (pipe->engines[packet->to], pipe_time (pipe, packet->to),
                            &path, SRUDP_ECN_NOT_ECT, packet->data, packet->size);
      pipe_flush_node (pipe, packet->to);
    }
  pipe_packet_free (packet);
}

static inline void
pipe_advance (Pipe *pipe)
{
  for (guint i = 0; i < pipe->n_nodes; i++)
    if (!pipe->asleep[i])
      srudp_engine_advance (pipe->engines[i], pipe_time (pipe, i));
  pipe_flush (pipe);
}

/* When a node has to do something next, by the clock of all. */
static inline gint64
pipe_get_deadline (Pipe  *pipe,
                   guint  node)
{
  gint64 deadline = srudp_engine_get_deadline (pipe->engines[node]);

  if (deadline < 0 || pipe->asleep[node])
    return G_MAXINT64;

  return MAX (deadline - pipe->ahead_us[node], pipe->now);
}

/* The node has slept; its clock goes on from where it stood. */
static inline void
pipe_wake (Pipe   *pipe,
           guint   node,
           gint64  slept_us)
{
  pipe->asleep[node] = FALSE;
  pipe->ahead_us[node] -= slept_us;
}

/* Everything that happens until then. */
static inline void
pipe_run_until (Pipe   *pipe,
                gint64  end)
{
  guint n_steps = 0;

  pipe_flush (pipe);
  for (;;)
    {
      gint64 next = end;
      PipePacket *packet = g_queue_peek_head (&pipe->packets);

      if (packet != NULL)
        next = MIN (next, packet->at);
      for (guint i = 0; i < pipe->n_nodes; i++)
        next = MIN (next, pipe_get_deadline (pipe, i));
      if (next >= end)
        break;

      g_assert_cmpuint (n_steps++, <, 1000000);
      pipe->now = MAX (pipe->now, next);
      if (packet != NULL && packet->at <= pipe->now)
        pipe_deliver (pipe, g_queue_pop_head (&pipe->packets));
      else
        pipe_advance (pipe);
    }
  pipe->now = end;
}

static inline void
pipe_run (Pipe   *pipe,
          gint64  duration_us)
{
  pipe_run_until (pipe, pipe->now + duration_us);
}

static inline void
pipe_get_key (Pipe   *pipe,
              guint   node,
              guint8  key[SRUDP_KEY_BYTES])
{
  srudp_engine_get_public_key (pipe->engines[node], key);
}

typedef enum
{
  PIPE_ANYONE = 0,
  PIPE_PINNED,
} PipePinning;

static inline SrudpSession *
pipe_open (Pipe        *pipe,
           guint        from,
           guint        to,
           PipePinning  pinning)
{
  guint8 key[SRUDP_KEY_BYTES];
  SrudpOpenConfig config = {
    .candidates = &pipe->addresses[to],
    .n_candidates = 1,
    .expected_peer = pinning == PIPE_PINNED ? key : NULL,
    .open_timeout_us = 20 * G_USEC_PER_SEC,
    .idle_timeout_us = 21 * G_USEC_PER_SEC,
    .keepalive_us = 15 * G_USEC_PER_SEC,
  };

  pipe_get_key (pipe, to, key);

  return srudp_engine_open (pipe->engines[from], pipe_time (pipe, from), &config);
}

/* The n-th inbound session of a node, or NULL. */
static inline SrudpSession *
pipe_get_incoming (Pipe  *pipe,
                   guint  node,
                   guint  n)
{
  for (guint i = 0; i < pipe->events[node]->len; i++)
    {
      SrudpEvent *event = &g_array_index (pipe->events[node], SrudpEvent, i);

      if (event->type == SRUDP_EVENT_INCOMING && n-- == 0)
        return event->session;
    }

  return NULL;
}

/* How many handshakes of a node failed for this reason. */
static inline guint
pipe_count_failures (Pipe        *pipe,
                     guint        node,
                     SrudpReason  reason)
{
  guint n = 0;

  for (guint i = 0; i < pipe->events[node]->len; i++)
    {
      SrudpEvent *event = &g_array_index (pipe->events[node], SrudpEvent, i);

      n += event->type == SRUDP_EVENT_HANDSHAKE_FAILED && event->reason == reason;
    }

  return n;
}

/* Both are established, and with each other. */
static inline void
pipe_assert_connected (SrudpSession *a,
                       SrudpSession *b)
{
  guint8 binding_a[SRUDP_KEY_BYTES], binding_b[SRUDP_KEY_BYTES];

  g_assert_nonnull (a);
  g_assert_nonnull (b);
  g_assert_cmpint (srudp_session_get_state (a), ==, SRUDP_STATE_ESTABLISHED);
  g_assert_cmpint (srudp_session_get_state (b), ==, SRUDP_STATE_ESTABLISHED);
  g_assert_true (srudp_session_get_channel_binding (a, binding_a));
  g_assert_true (srudp_session_get_channel_binding (b, binding_b));
  g_assert_cmpmem (binding_a, sizeof binding_a, binding_b, sizeof binding_b);
}
