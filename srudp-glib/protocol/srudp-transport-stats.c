/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-stats.c: numbers for people
 */
#include "srudp-transport-private.h"

static void
fill_rtt (const SrudpRtt    *rtt,
          SrudpSessionStats *out)
{
  gboolean known = srudp_rtt_has_sample (rtt);

  out->rtt_us = known ? rtt->smoothed_us : -1;
  out->min_rtt_us = known ? rtt->min_us : -1;
  out->rtt_variance_us = known ? rtt->variance_us : -1;
}

static void
fill_recovery (const SrudpRecovery *recovery,
               SrudpSessionStats   *out)
{
  out->congestion_window = srudp_recovery_get_window (recovery);
  out->bytes_in_flight
    = srudp_sent_packets_get_bytes_in_flight (recovery->ledger);
  out->pacing_rate = srudp_recovery_get_pacing_rate (recovery);
  out->delivery_rate = recovery->delivery_rate;
  out->congestion_controller = recovery->congestion->klass->name;
}

static void
fill_streams (SrudpStreamTable  *streams,
              SrudpSessionStats *out)
{
  out->stream_bytes_sent = streams->stream_bytes_sent;
  out->stream_bytes_received = streams->stream_bytes_received;
  out->bytes_retransmitted = streams->bytes_retransmitted;
  out->unread_bytes = srudp_stream_table_get_unread (streams);
  out->unacknowledged_bytes = srudp_stream_table_get_unacknowledged (streams);
}

void
srudp_transport_get_stats (SrudpTransport    *self,
                           SrudpSessionStats *out)
{
  fill_rtt (&self->recovery.rtt, out);
  fill_recovery (&self->recovery, out);
  fill_streams (&self->streams, out);

  out->bytes_sent = self->bytes_sent;
  out->bytes_received = self->bytes_received;
  out->packets_sent = self->packets_sent;
  out->packets_received = self->packets_received;
  out->packets_lost = self->packets_lost;
  out->packets_dropped = self->packets_dropped;
  out->datagrams_sent = self->datagrams_sent;
  out->datagrams_received = self->datagrams_received;
  out->datagrams_lost = self->datagrams_lost;
  out->path_mtu = srudp_pmtud_get_size (&self->pmtud);
  out->key_updates = srudp_packet_keys_get_phase (self->send_keys);
  out->key_exchanges = self->exchange.generation - 1;
  out->cipher = srudp_cipher_get_name (srudp_packet_keys_get_cipher (self->send_keys));
}
