/*
 * SPDX-License-Identifier: MIT
 *
 * bench-crowd.c: what one more connection costs an engine that has many
 *
 * usage: bench-crowd CONNECTIONS [PEERS]
 *
 * As many connections are opened to one engine, by so many peers in turn (by
 * default each by its own). Under callgrind (begun without instrumentation, and
 * without collecting) only what the accepting engine does for the last hundred
 * of them is collected. Prints how many that are.
 */
#include "srudp-engine.h"
#include "test-random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

#define COUNTED 100
#define STEP_US 20000

typedef struct
{
  gint64 now_us;
  GRand *rand;
  SrudpEngine *server;
  SrudpAddress address; /* the server's */
  GPtrArray *clients;
  gboolean counting;
  guint8 *buffer;
} Bench;

static SrudpEngine *
new_engine (Bench *bench)
{
  SrudpEngineConfig config = { .random = test_random_fill, .random_data = bench->rand };

  test_random_fill (bench->rand, config.static_secret, sizeof config.static_secret);
  return srudp_engine_new (&config, bench->now_us);
}

static void
toggle (Bench       *bench,
        SrudpEngine *engine)
{
  if (bench->counting && engine == bench->server)
    CALLGRIND_TOGGLE_COLLECT;
}

/* All that `from` has to say; returns whether it said something. */
static gboolean
carry (Bench              *bench,
       SrudpEngine        *from,
       SrudpEngine        *to,
       const SrudpAddress *from_address)
{
  gboolean spoke = FALSE;
  SrudpTransmit sent;
  gsize size;

  for (;;)
    {
      SrudpPath path = { .remote = *from_address };

      toggle (bench, from);
      size = srudp_engine_poll_transmit (from, bench->now_us, &sent, bench->buffer,
                                         SRUDP_MAX_UDP_PAYLOAD, 1);
      toggle (bench, from);
      if (size == 0)
        return spoke;
      spoke = TRUE;
      toggle (bench, to);
      srudp_engine_receive (to, bench->now_us, &path, SRUDP_ECN_NOT_ECT,
                            bench->buffer, size);
      toggle (bench, to);
    }
}

static void
claim_all (Bench *bench)
{
  SrudpEvent event;

  while (srudp_engine_poll_event (bench->server, &event))
    if (event.type == SRUDP_EVENT_INCOMING)
      srudp_session_claim (event.session);
}

static void
open_one (Bench *bench,
          guint  number)
{
  SrudpEngine *client = g_ptr_array_index (bench->clients, number % bench->clients->len);
  const guint8 ip[4] = { 10, (guint8) (number >> 16), (guint8) (number >> 8), (guint8) number };
  SrudpOpenConfig config = {
    .candidates = &bench->address,
    .n_candidates = 1,
    .open_timeout_us = 20 * G_USEC_PER_SEC,
    .idle_timeout_us = G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC,
  };
  SrudpSession *session = srudp_engine_open (client, bench->now_us, &config);
  SrudpAddress address;

  srudp_address_init_ipv4 (&address, ip, 1000);
  while (srudp_session_get_state (session) != SRUDP_STATE_ESTABLISHED)
    {
      while (carry (bench, client, bench->server, &address)
             | carry (bench, bench->server, client, &bench->address))
        ;
      bench->now_us += STEP_US;
      srudp_engine_advance (client, bench->now_us);
      claim_all (bench);
    }
}

int
main (int    argc,
      char **argv)
{
  const guint8 ip[4] = { 192, 0, 2, 1 };
  guint n = argc > 1 ? (guint) atoi (argv[1]) : 1000;
  guint n_peers = argc > 2 ? (guint) atoi (argv[2]) : n;
  Bench bench = { .now_us = G_USEC_PER_SEC, .rand = g_rand_new_with_seed (1) };

  bench.buffer = g_malloc (SRUDP_MAX_UDP_PAYLOAD);
  bench.server = new_engine (&bench);
  bench.clients = g_ptr_array_new ();
  srudp_address_init_ipv4 (&bench.address, ip, 1000);
  srudp_engine_set_accepting (bench.server, TRUE);
  for (guint i = 0; i < n_peers; i++)
    g_ptr_array_add (bench.clients, new_engine (&bench));
  for (guint i = 0; i < n; i++)
    {
      if (i + COUNTED >= n && !bench.counting)
        {
          bench.counting = TRUE;
          CALLGRIND_START_INSTRUMENTATION;
        }
      open_one (&bench, i);
    }
  printf ("{\"connections\": %u, \"counted\": %u}\n", n, MIN (n, COUNTED));
  return 0;
}
