/*
 * SPDX-License-Identifier: MIT
 *
 * bench-enet.c: ENet, reliable packets without encryption
 */
#include "bench-options.h"

#include <enet/enet.h>
#include <stdio.h>

#define PACKET_BYTES (16 * 1024)
/* What its own queue may hold, so that it does not grow for ever. */
#define QUEUE_BYTES (4 * 1024 * 1024)

static void
receive (ENetHost *host)
{
  BenchMeter meter = { 0 };
  ENetEvent event;

  for (;;)
    {
      if (enet_host_service (host, &event, 20000) <= 0)
        bench_fail ("enet", "nothing came");
      if (event.type == ENET_EVENT_TYPE_RECEIVE)
        {
          bench_meter_add (&meter, event.packet->dataLength);
          enet_packet_destroy (event.packet);
        }
      else if (event.type == ENET_EVENT_TYPE_DISCONNECT)
        break;
    }
  bench_meter_report (&meter);
}

static void
fill_queue (ENetPeer *peer)
{
  static guint8 block[PACKET_BYTES];

  while (peer->totalWaitingData < QUEUE_BYTES && peer->outgoingDataTotal < G_MAXUINT32
         && enet_list_size (&peer->outgoingCommands) * 1400 < QUEUE_BYTES)
    if (enet_peer_send (peer, 0, enet_packet_create (block, sizeof block,
                                                     ENET_PACKET_FLAG_RELIABLE)) < 0)
      bench_fail ("enet", "it refuses a packet");
}

static void
send_for (ENetHost           *host,
          const BenchOptions *options)
{
  gint64 start_us = g_get_monotonic_time (), end_us;
  ENetAddress address = { .port = options->port };
  ENetEvent event;
  ENetPeer *peer;

  enet_address_set_host_ip (&address, options->address);
  peer = enet_host_connect (host, &address, 1, 0);
  if (enet_host_service (host, &event, 10000) <= 0)
    bench_fail ("enet", "no connection");
  printf ("{\"setup_us\": %" G_GINT64_FORMAT "}\n", g_get_monotonic_time () - start_us);

  end_us = g_get_monotonic_time () + (gint64) (options->seconds * G_USEC_PER_SEC);
  while (g_get_monotonic_time () < end_us)
    {
      fill_queue (peer);
      if (enet_host_service (host, &event, 1) > 0
          && event.type == ENET_EVENT_TYPE_DISCONNECT)
        bench_fail ("enet", "it gave up");
    }
  enet_peer_disconnect_now (peer, 0);
}

int
main (int    argc,
      char **argv)
{
  BenchOptions options;
  ENetAddress address;
  ENetHost *host;

  bench_parse (&options, argc, argv);
  address = (ENetAddress) { .host = ENET_HOST_ANY, .port = options.port };
  if (enet_initialize () != 0)
    bench_fail ("enet", "it does not start");
  host = enet_host_create (options.is_server ? &address : NULL, 1, 1, 0, 0);
  if (host == NULL)
    bench_fail ("enet", "no socket");
  if (options.is_server)
    {
      bench_ready ();
      receive (host);
    }
  else
    send_for (host, &options);
  enet_host_destroy (host);
  return 0;
}
