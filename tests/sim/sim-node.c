/*
 * SPDX-License-Identifier: MIT
 *
 * sim-node.c: a machine: one engine, one port, and how badly it is served
 */
#include "sim-node.h"

#include "sim-trace.h"

#include <string.h>

/* A driver that is woken this often without time passing is in a loop. */
#define MAX_SPINS 10000
/* Wake-ups that came to nothing, before they are taken back. */
#define MAX_STALE 64

typedef struct
{
  SimNode *node;
  gint64 at_us;
} Wake;

static void
wake_cb (gpointer data)
{
  Wake *wake = data;
  SimNode *node = wake->node;
  gboolean counts = node->armed_at_us == wake->at_us;

  g_free (wake);
  if (!counts)
    return;
  node->armed_at_us = -1;
  sim_node_service (node);
}

static gboolean
is_stale (gconstpointer data,
          gconstpointer user_data)
{
  const Wake *wake = data;
  const SimNode *node = user_data;

  return wake->node == node && wake->at_us != node->armed_at_us;
}

/* The one that was set is of no use now. Many of them would be more than all
 * else that the simulator remembers. */
static void
supersede (SimNode *node)
{
  if (node->armed_at_us == -1 || ++node->n_stale < MAX_STALE)
    return;

  node->n_stale = 0;
  sim_clock_drop_stale (node->clock, wake_cb, is_stale, node);
}

/* Asks to be served at `at_us`; an earlier wake-up that is already set will
 * find out by itself what comes next. */
static void
arm (SimNode *node,
     gint64   at_us)
{
  Wake *wake;

  at_us = MAX (at_us, MAX (node->clock->now_us, node->busy_until_us));
  if (node->armed_at_us != -1 && node->armed_at_us <= at_us)
    return;

  supersede (node);
  wake = g_new (Wake, 1);
  wake->node = node;
  wake->at_us = at_us;
  node->armed_at_us = at_us;
  sim_clock_schedule (node->clock, at_us, wake_cb, wake, g_free);
}

static guint16
get_socket (SimNode         *node,
            const SimPacket *packet)
{
  return (guint16) (packet->destination.port - node->config.address.port);
}

static gboolean
is_open (SimNode *node,
         guint16  socket)
{
  return socket == 0
         || g_hash_table_contains (node->sockets, GUINT_TO_POINTER (socket));
}

static void
open_socket (SimNode *node,
             guint16  socket)
{
  if (is_open (node, socket))
    return;

  g_hash_table_add (node->sockets, GUINT_TO_POINTER (socket));
  node->max_sockets = MAX (node->max_sockets,
                           g_hash_table_size (node->sockets));
  srudp_engine_set_socket_port (node->engine, sim_node_now (node), socket,
                                node->config.address.port + socket);
}

static void
close_idle_sockets (SimNode *node)
{
  guint16 socket;

  while (srudp_engine_poll_idle_socket (node->engine, &socket))
    g_hash_table_remove (node->sockets, GUINT_TO_POINTER (socket));
}

static void
node_receive (SimSink   *sink,
              SimPacket *packet)
{
  SimNode *node = (SimNode *) sink;
  const SimNodeConfig *c = &node->config;

  if (!is_open (node, get_socket (node, packet)))
    {
      sim_packet_free (packet);
      return;
    }
  if (c->receive_queue_packets != 0
      && node->received.length >= c->receive_queue_packets)
    {
      node->n_overflow++;
      sim_packet_free (packet);
      return;
    }
  g_queue_push_tail (&node->received, packet);
  arm (node, node->clock->now_us + c->receive_batch_us);
}

gint64
sim_node_now (SimNode *node)
{
  return node->clock->now_us + node->config.clock_offset_us;
}

static void
take_in (SimNode *node)
{
  SimPacket *packet;

  while ((packet = g_queue_pop_head (&node->received)) != NULL)
    {
      SrudpPath path = { .remote = packet->source };

      if (!node->config.hide_local)
        {
          path.local = packet->destination;
          path.local.port = 0;
        }
      path.socket = get_socket (node, packet);
      node->n_received++;
      node->bytes_received += packet->size;
      node->busy_until_us += node->config.cpu_per_packet_us;
      srudp_engine_receive (node->engine, sim_node_now (node), &path,
                            packet->ecn, packet->data, packet->size);
      sim_packet_free (packet);
    }
}

static void
run_timers (SimNode *node)
{
  gint64 now = sim_node_now (node);
  gint64 deadline = srudp_engine_get_deadline (node->engine);

  if (deadline != -1 && deadline <= now)
    srudp_engine_advance (node->engine, now);
}

/* Returns whether there were any. */
static gboolean
hand_out_events (SimNode *node)
{
  SrudpEvent event = { 0 };
  gboolean any = FALSE;

  while (srudp_engine_poll_event (node->engine, &event))
    {
      if (node->on_event != NULL)
        node->on_event (node, &event, node->event_data);
      g_clear_pointer (&event.datagram, g_bytes_unref);
      any = TRUE;
    }

  return any;
}

static void
send_flight (SimNode             *node,
             const SrudpTransmit *flight)
{
  gsize step = flight->segment_size;
  SrudpAddress source = node->config.address;

  source.port += flight->path.socket;
  open_socket (node, flight->path.socket);
  node->ttl = flight->ttl;
  g_assert_cmpuint (step, >, 0);
  for (gsize at = 0; at < flight->size; at += step)
    {
      gsize size = MIN (step, flight->size - at);

      node->n_sent++;
      node->bytes_sent += size;
      node->busy_until_us += node->config.cpu_per_packet_us;
      sim_sink_receive (node->uplink,
                        sim_packet_new (&source,
                                        &flight->path.remote, flight->ecn,
                                        node->buffer + at, size));
    }
}

static void
send_out (SimNode *node)
{
  guint max_segments = MAX (node->config.max_segments, 1);
  SrudpTransmit flight = { 0 };
  gsize size;

  while ((size = srudp_engine_poll_transmit (node->engine, sim_node_now (node),
                                             &flight, node->buffer,
                                             SRUDP_MAX_UDP_PAYLOAD,
                                             max_segments)) > 0)
    {
      g_assert_cmpuint (size, ==, flight.size);
      g_assert_cmpuint (size, <=, SRUDP_MAX_UDP_PAYLOAD);
      g_assert_cmpuint (size, <=, flight.segment_size * max_segments);
      send_flight (node, &flight);
    }
}

static void
check_spinning (SimNode *node)
{
  if (node->spin_at_us != node->clock->now_us)
    node->n_spins = 0;
  node->spin_at_us = node->clock->now_us;
  if (++node->n_spins > MAX_SPINS)
    g_error ("the engine spins: its deadline stays in the past (%"
             G_GINT64_FORMAT " at %" G_GINT64_FORMAT ")",
             srudp_engine_get_deadline (node->engine), sim_node_now (node));
}

static void
arm_deadline (SimNode *node)
{
  gint64 deadline = srudp_engine_get_deadline (node->engine);
  gint64 late = (gint64) sim_rng_below (&node->rng,
                                        (guint64) node->config.late_timer_us + 1);

  if (deadline != -1)
    arm (node, deadline - node->config.clock_offset_us + late);
}

void
sim_node_service (SimNode *node)
{
  if (node->in_service)
    return;
  if (node->busy_until_us > node->clock->now_us)
    {
      arm (node, node->busy_until_us);
      return;
    }

  check_spinning (node);
  node->n_served++;
  node->in_service = TRUE;
  node->busy_until_us = node->clock->now_us;
  take_in (node);
  run_timers (node);
  hand_out_events (node);
  do
    send_out (node);
  while (hand_out_events (node));
  close_idle_sockets (node);
  node->in_service = FALSE;
  sim_trace_save (node->engine);
  arm_deadline (node);
}

static void
start_engine (SimNode *node)
{
  SrudpEngineConfig config = { .random = sim_rng_fill,
                               .random_data = &node->engine_rng };

  const char *controller = g_getenv ("SRUDP_SIM_CONTROLLER");

  memcpy (config.static_secret, node->static_secret, SRUDP_KEY_BYTES);
  node->engine = srudp_engine_new (&config, sim_node_now (node));
  if (controller != NULL
      && !srudp_engine_set_congestion_controller (node->engine, controller))
    g_error ("no congestion controller is named %s", controller);
  sim_trace_start (node->engine);
}

void
sim_node_init (SimNode             *node,
               SimClock            *clock,
               const SimNodeConfig *config,
               guint64              seed,
               guint64              stream,
               SimSink             *uplink)
{
  *node = (SimNode) { .sink.receive = node_receive,
                      .config = *config,
                      .clock = clock,
                      .uplink = uplink,
                      .armed_at_us = -1 };
  g_queue_init (&node->received);
  node->buffer = g_malloc (SRUDP_MAX_UDP_PAYLOAD);
  node->sockets = g_hash_table_new (NULL, NULL);
  sim_rng_init (&node->rng, seed, stream);
  sim_rng_init (&node->engine_rng, seed, stream + 0x1000000);
  sim_rng_fill (&node->engine_rng, node->static_secret, SRUDP_KEY_BYTES);
  start_engine (node);
}

static void
stop_engine (SimNode *node)
{
  SimPacket *packet;

  while ((packet = g_queue_pop_head (&node->received)) != NULL)
    sim_packet_free (packet);
  g_clear_pointer (&node->engine, srudp_engine_free);
  g_hash_table_remove_all (node->sockets);
}

void
sim_node_clear (SimNode *node)
{
  stop_engine (node);
  g_clear_pointer (&node->buffer, g_free);
  g_clear_pointer (&node->sockets, g_hash_table_unref);
}

void
sim_node_restart (SimNode *node)
{
  stop_engine (node);
  node->armed_at_us = -1;
  start_engine (node);
}
