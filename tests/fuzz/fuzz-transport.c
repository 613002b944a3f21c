/*
 * SPDX-License-Identifier: MIT
 *
 * fuzz-transport.c: what an authentic peer may put into its packets
 *
 * The first byte says who the peer is, whether it is traced, takes part in the
 * short code (its nonce is "nonce"), and gets new keys soon. The rest is a
 * script, of which a byte says what happens and those after it how. It ends
 * when it has cost as much as an input may, for many inputs find more than long
 * ones do.
 *
 *     0, size (2), frames   the peer sends a packet with these; 4: its first of
 *                           a new key phase
 *     1, time               so many times 20 ms pass
 *     2                     everything that waits is sent
 *     3, action             the application does something
 */
#include "fuzz.h"

#include "srudp-transport.h"

#include <string.h>

#define MAX_WINDOW (256 * 1024)
#define MAX_STEPS 200
/* of the first byte */
#define INITIATOR 0x01
#define TRACED 0x02
#define SHORT_CODE 0x04
#define KEYS_SOON 0x08
/* of what happens */
#define NEW_KEYS 0x04

typedef struct
{
  SrudpTransport *transport;
  SrudpTrace *trace;
  SrudpPacketKeys *peer_keys;
  SrudpPath path;
  gint64 now;
  guint64 random;
  guint64 next_number;
  guint n_steps; /* events, deadlines and packets that were served */
  SrudpReader script;
} Fuzz;

static guint8 buffer[SRUDP_MAX_UDP_PAYLOAD];

static SrudpPacketKeys *
make_keys (guint8 of)
{
  guint8 secret[SRUDP_SHA256_BYTES];

  memset (secret, of, sizeof secret);

  return srudp_packet_keys_new (SRUDP_CIPHER_CHACHA20_POLY1305, secret);
}

static void
init_params (SrudpTransportParams *params)
{
  srudp_transport_params_init (params);
  params->initial_max_data = 64 * 1024;
  params->initial_max_stream_data = 32 * 1024;
  params->initial_max_streams = 8;
  params->idle_timeout_us = 21 * G_USEC_PER_SEC;
  params->max_ack_delay_us = 25000;
  params->max_udp_payload_bytes = 1472;
  params->max_datagram_bytes = 1400;
  params->features = G_MAXUINT32;
}

static void
init_short_code (SrudpShortCode *code,
                 gboolean        initiator)
{
  static const guint8 peer[SRUDP_SAS_BYTES] = "nonce", own[SRUDP_SAS_BYTES] = "own";
  static const guint8 binding[SRUDP_KEY_BYTES];
  guint8 commitment[SRUDP_SAS_BYTES];

  srudp_short_code_commit (commitment, peer);
  srudp_short_code_init (code, initiator, binding, own, commitment);
}

static void
start (Fuzz   *fuzz,
       guint8  how)
{
  SrudpShortCode short_code;
  static const guint8 here[4] = { 192, 0, 2, 1 }, there[4] = { 192, 0, 2, 2 };
  SrudpTransportConfig config = {
    .initiator = how & INITIATOR,
    .send_keys = make_keys (1),
    .receive_keys = make_keys (2),
    .local_id = 1,
    .remote_id = 2,
    .first_rtt_us = 30000,
    .idle_timeout_us = 21 * G_USEC_PER_SEC,
    .keepalive_us = 15 * G_USEC_PER_SEC,
    .max_receive_window = MAX_WINDOW,
    .random = fuzz_random,
    .random_data = &fuzz->random,
  };

  srudp_address_init_ipv4 (&config.path.local, here, 0);
  srudp_address_init_ipv4 (&config.path.remote, there, 4000);
  init_params (&config.local_params);
  init_params (&config.remote_params);
  fuzz->path = config.path;
  fuzz->now = G_USEC_PER_SEC;
  fuzz->peer_keys = make_keys (2);
  if (how & SHORT_CODE)
    {
      init_short_code (&short_code, config.initiator);
      config.short_code = &short_code;
    }
  if (how & KEYS_SOON)
    {
      config.key_update_packets = 8;
      config.key_exchange_interval_us = G_USEC_PER_SEC;
    }
  fuzz->transport = srudp_transport_new (&config, fuzz->now);
  if (how & SHORT_CODE)
    srudp_transport_reveal (fuzz->transport);
  if (how & TRACED)
    {
      fuzz->trace = srudp_trace_new (1, fuzz->now);
      srudp_transport_start_trace (fuzz->transport, fuzz->trace);
    }
}

static void
stop (Fuzz *fuzz)
{
  srudp_transport_free (fuzz->transport);
  g_clear_pointer (&fuzz->trace, srudp_trace_free);
  srudp_packet_keys_free (fuzz->peer_keys);
}

static void
take_events (Fuzz *fuzz)
{
  SrudpEvent event = { 0 };

  while (srudp_transport_poll_event (fuzz->transport, &event))
    g_clear_pointer (&event.datagram, g_bytes_unref);
}

static void
send_all (Fuzz *fuzz)
{
  SrudpTransmit transmit;

  for (guint i = 0;
       srudp_transport_poll_transmit (fuzz->transport, fuzz->now, &transmit,
                                      buffer, SRUDP_MAX_UDP_PAYLOAD,
                                      8) > 0; i++)
    {
      fuzz->n_steps++;
      g_assert_cmpuint (transmit.segment_size, >, 0);
      g_assert_cmpuint (i, <, 10000);
    }
}

static void
act_peer (Fuzz    *fuzz,
          gboolean new_keys)
{
  guint8 packet[2000 + SRUDP_PACKET_MAX_OVERHEAD + SRUDP_PACKET_MIN_PAYLOAD]
    = { 0 };
  const guint8 *frames;
  guint16 size = 0;
  gsize header_size, total;

  srudp_reader_get_u16 (&fuzz->script, &size);
  size = MIN (size % 2000, fuzz->script.left);
  if (!srudp_reader_get_view (&fuzz->script, &frames, size))
    return;

  if (new_keys)
    srudp_packet_keys_update (fuzz->peer_keys);
  header_size = srudp_packet_keys_write_header (fuzz->peer_keys, packet, 1,
                                                fuzz->next_number, -1);
  memcpy (packet + header_size, frames, size);
  total = srudp_packet_keys_seal (fuzz->peer_keys, packet, header_size,
                                  MAX (size, SRUDP_PACKET_MIN_PAYLOAD),
                                  fuzz->next_number++);
  srudp_transport_receive (fuzz->transport, fuzz->now, &fuzz->path,
                           SRUDP_ECN_NOT_ECT, packet, total);
}

static void
act_time (Fuzz *fuzz)
{
  guint8 steps = 0;
  gint64 end;
  guint n_at_once = 0;

  srudp_reader_get_u8 (&fuzz->script, &steps);
  end = fuzz->now + steps * 20000;
  for (; fuzz->n_steps < MAX_STEPS; fuzz->n_steps++)
    {
      gint64 deadline = srudp_transport_get_deadline (fuzz->transport);

      if (deadline < 0 || deadline > end)
        break;
      n_at_once = deadline > fuzz->now ? 0 : n_at_once + 1;
      g_assert_cmpuint (n_at_once, <, MAX_STEPS / 2);
      fuzz->now = MAX (fuzz->now, deadline);
      srudp_transport_advance (fuzz->transport, fuzz->now);
      send_all (fuzz);
      take_events (fuzz);
    }
  fuzz->now = end;
}

static void
read_some (Fuzz    *fuzz,
           guint64  id)
{
  SrudpSlice slice;

  while (srudp_transport_read (fuzz->transport, id, &slice))
    {
      srudp_transport_consume (fuzz->transport, fuzz->now, id, slice.length);
      srudp_slice_clear (&slice);
    }
  srudp_transport_get_read_state (fuzz->transport, id);
}

static void
write_some (Fuzz    *fuzz,
            guint64  id)
{
  gsize room = srudp_transport_get_write_capacity (fuzz->transport, id);
  SrudpSlice slice = { srudp_chunk_new (3000), 0, 3000 };

  if (room < 3000)
    srudp_slice_clear (&slice);
  else
    srudp_transport_write (fuzz->transport, fuzz->now, id, &slice);
}

static void
act_application (Fuzz *fuzz)
{
  SrudpTransport *transport = fuzz->transport;
  guint8 action = 0;
  guint64 id;

  srudp_reader_get_u8 (&fuzz->script, &action);
  id = action >> 4;
  switch (action & 7)
    {
    case 0:
      write_some (fuzz, id);
      break;
    case 1:
      read_some (fuzz, id);
      break;
    case 2:
      srudp_transport_open_stream (transport, &id);
      break;
    case 3:
      srudp_transport_finish (transport, fuzz->now, id);
      break;
    case 4:
      srudp_transport_reset_stream (transport, fuzz->now, id, 7);
      break;
    case 5:
      srudp_transport_stop_reading (transport, fuzz->now, id, 7);
      break;
    case 6:
      srudp_transport_send_datagram (transport, fuzz->now,
                                     (const guint8 *) "hello", 5);
      break;
    default:
      if (action > 0xc0)
        srudp_transport_close (transport, fuzz->now);
      else
        srudp_transport_ping (transport, fuzz->now);
      break;
    }
}

static void
check (Fuzz *fuzz)
{
  SrudpSessionStats stats = { 0 };

  srudp_transport_get_stats (fuzz->transport, &stats);
  g_assert_cmpuint (stats.unread_bytes, <=, MAX_WINDOW);
  g_assert_cmpuint (stats.bytes_in_flight, <=, stats.bytes_sent);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  Fuzz fuzz = { 0 };
  guint8 op;

  if (!srudp_crypto_init ())
    g_error ("libsodium cannot be used");
  srudp_reader_init (&fuzz.script, data, size);
  if (!srudp_reader_get_u8 (&fuzz.script, &op))
    return 0;

  start (&fuzz, op);
  for (; fuzz.n_steps < MAX_STEPS && srudp_reader_get_u8 (&fuzz.script, &op);
       fuzz.n_steps++)
    {
      switch (op & 3)
        {
        case 0: act_peer (&fuzz, op & NEW_KEYS); break;
        case 1: act_time (&fuzz); break;
        case 2: send_all (&fuzz); break;
        default: act_application (&fuzz); break;
        }
      take_events (&fuzz);
      check (&fuzz);
    }
  stop (&fuzz);

  return 0;
}
