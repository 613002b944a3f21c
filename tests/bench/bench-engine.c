/*
 * SPDX-License-Identifier: MIT
 *
 * bench-engine.c: two engines and nothing else, for counting instructions
 *
 * usage: bench-engine [MEGABYTES]
 *
 * One sends to the other over an ideal line of 1 ms with an MTU of 1,500; all
 * is virtual, so that every run does the same. Under callgrind only the
 * engines' own work is collected; what a driver does is not, nor is the
 * handshake: it would weigh the more the less is sent. Prints how many packets
 * of data arrived.
 */
#include "srudp-engine.h"
#include "test-random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

#define MTU_PAYLOAD_BYTES 1472
#define DELAY_US 1000
#define CHUNK_BYTES (64 * 1024)
#define MAX_SEGMENTS 44

typedef struct
{
  gint64 at_us;
  guint to;
  gsize size;
  guint8 data[MTU_PAYLOAD_BYTES];
} Datagram;

typedef struct
{
  gint64 now_us;
  SrudpEngine *engines[2];
  SrudpSession *sessions[2];
  SrudpAddress addresses[2];
  GQueue line; /* Datagram */
  GQueue spare;
  guint64 unsent, received, large;
  gboolean counting;
  guint8 *buffer;
} Bench;

static Bench *
new_bench (guint64 n_bytes)
{
  Bench *bench = g_new0 (Bench, 1);
  SrudpEngineConfig config = { .random = test_random_fill,
                               .random_data = g_rand_new_with_seed (1) };

  bench->now_us = G_USEC_PER_SEC;
  bench->unsent = n_bytes;
  bench->buffer = g_malloc (SRUDP_MAX_UDP_PAYLOAD);
  for (guint i = 0; i < 2; i++)
    {
      const guint8 ip[4] = { 192, 0, 2, (guint8) (i + 1) };

      test_random_fill (config.random_data, config.static_secret, sizeof config.static_secret);
      bench->engines[i] = srudp_engine_new (&config, bench->now_us);
      srudp_address_init_ipv4 (&bench->addresses[i], ip, 1000);
    }
  return bench;
}

static gboolean
is_established (Bench *bench,
                guint  node)
{
  return bench->sessions[node] != NULL
         && srudp_session_get_state (bench->sessions[node]) == SRUDP_STATE_ESTABLISHED;
}

static void
toggle (Bench *bench)
{
  if (bench->counting)
    CALLGRIND_TOGGLE_COLLECT;
}

static void
put_on_line (Bench        *bench,
             guint         from,
             const guint8 *data,
             gsize         size)
{
  Datagram *datagram;

  if (size > MTU_PAYLOAD_BYTES)
    return;
  datagram = g_queue_pop_head (&bench->spare);
  if (datagram == NULL)
    datagram = g_new (Datagram, 1);
  datagram->at_us = bench->now_us + DELAY_US;
  datagram->to = 1 - from;
  datagram->size = size;
  memcpy (datagram->data, data, size);
  g_queue_push_tail (&bench->line, datagram);
}

static void
transmit (Bench *bench,
          guint  node)
{
  SrudpTransmit sent;

  for (;;)
    {
      toggle (bench);
      gsize size = srudp_engine_poll_transmit (bench->engines[node], bench->now_us, &sent,
                                               bench->buffer, SRUDP_MAX_UDP_PAYLOAD,
                                               MAX_SEGMENTS);
      toggle (bench);
      if (size == 0)
        return;
      for (gsize at = 0; at < size; at += sent.segment_size)
        put_on_line (bench, node, bench->buffer + at, MIN (sent.segment_size, size - at));
    }
}

static void
take_events (Bench *bench,
             guint  node)
{
  SrudpEvent event;

  while (srudp_engine_poll_event (bench->engines[node], &event))
    if (event.type == SRUDP_EVENT_INCOMING)
      {
        bench->sessions[node] = event.session;
        srudp_session_claim (event.session);
      }
}

static void
write_all_it_takes (Bench *bench)
{
  gsize room;

  while (bench->unsent > 0
         && (room = srudp_session_get_write_capacity (bench->sessions[0], SRUDP_MAIN_STREAM)) > 0)
    {
      SrudpSlice slice = { srudp_chunk_new (CHUNK_BYTES), 0,
                           MIN (MIN (room, CHUNK_BYTES), bench->unsent) };

      memset (slice.chunk->data, 'x', slice.length);
      bench->unsent -= slice.length;
      toggle (bench);
      srudp_session_write (bench->sessions[0], bench->now_us, SRUDP_MAIN_STREAM, &slice);
      toggle (bench);
    }
}

static void
read_all_there_is (Bench *bench)
{
  SrudpSlice slice;

  toggle (bench);
  while (srudp_session_read (bench->sessions[1], SRUDP_MAIN_STREAM, &slice))
    {
      bench->received += slice.length;
      srudp_session_consume (bench->sessions[1], bench->now_us, SRUDP_MAIN_STREAM, slice.length);
      srudp_slice_clear (&slice);
    }
  toggle (bench);
}

static void
serve (Bench *bench,
       guint  node)
{
  take_events (bench, node);
  if (is_established (bench, node))
    (node == 0 ? write_all_it_takes : read_all_there_is) (bench);
  transmit (bench, node);
}

/* As a driver does: all that has arrived, then one look at the rest. */
static void
deliver (Bench *bench)
{
  Datagram *datagram;

  while ((datagram = g_queue_peek_head (&bench->line)) != NULL
         && datagram->at_us <= bench->now_us)
    {
      SrudpPath path = { .remote = bench->addresses[1 - datagram->to] };

      bench->large += datagram->size > MTU_PAYLOAD_BYTES / 2;
      toggle (bench);
      srudp_engine_receive (bench->engines[datagram->to], bench->now_us, &path,
                            SRUDP_ECN_NOT_ECT, datagram->data, datagram->size);
      toggle (bench);
      g_queue_push_head (&bench->spare, g_queue_pop_head (&bench->line));
    }
}

static void
step (Bench *bench)
{
  Datagram *next = g_queue_peek_head (&bench->line);
  gint64 at_us = next != NULL ? next->at_us : G_MAXINT64;

  for (guint i = 0; i < 2; i++)
    {
      gint64 deadline_us = srudp_engine_get_deadline (bench->engines[i]);

      if (deadline_us >= 0)
        at_us = MIN (at_us, deadline_us);
    }
  bench->now_us = MAX (bench->now_us, at_us);
  bench->counting = is_established (bench, 0) && is_established (bench, 1);
  deliver (bench);
  for (guint i = 0; i < 2; i++)
    {
      toggle (bench);
      srudp_engine_advance (bench->engines[i], bench->now_us);
      toggle (bench);
      serve (bench, i);
    }
}

int
main (int    argc,
      char **argv)
{
  guint64 n_bytes = (guint64) (argc > 1 ? atoi (argv[1]) : 100) * 1000 * 1000;
  Bench *bench = new_bench (n_bytes);
  SrudpOpenConfig config = {
    .candidates = &bench->addresses[1],
    .n_candidates = 1,
    .open_timeout_us = 20 * G_USEC_PER_SEC,
    .idle_timeout_us = 20 * G_USEC_PER_SEC,
  };

  srudp_engine_set_accepting (bench->engines[1], TRUE);
  if (argc > 2 && !srudp_engine_set_cipher (bench->engines[0], argv[2]))
    return 2;
  bench->sessions[0] = srudp_engine_open (bench->engines[0], bench->now_us, &config);
  while (bench->received < n_bytes)
    step (bench);
  printf ("{\"packets\": %" G_GUINT64_FORMAT ", \"bytes\": %" G_GUINT64_FORMAT
          ", \"virtual_seconds\": %.3f}\n", bench->large, bench->received,
          (bench->now_us - G_USEC_PER_SEC) / (double) G_USEC_PER_SEC);
  return 0;
}
