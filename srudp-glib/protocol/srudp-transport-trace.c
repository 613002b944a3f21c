/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-trace.c: what a transport tells its trace
 *
 * Names and fields of draft-ietf-quic-qlog-quic-events. Each function is
 * called only while there is a trace.
 */
#include "srudp-transport-private.h"

void
srudp_transport_set_trace (SrudpTransport *self,
                           SrudpTrace     *trace)
{
  self->trace = trace;
}

static void
put_params (SrudpTrace                 *trace,
            const char                 *owner,
            const SrudpTransportParams *params)
{
  srudp_trace_put_text (trace, "owner", owner);
  srudp_trace_put_number (trace, "max_idle_timeout",
                          (guint64) params->idle_timeout_us / 1000);
  srudp_trace_put_number (trace, "max_ack_delay",
                          (guint64) params->max_ack_delay_us / 1000);
  srudp_trace_put_number (trace, "max_udp_payload_size",
                          params->max_udp_payload_bytes);
  srudp_trace_put_number (trace, "max_datagram_frame_size",
                          params->max_datagram_bytes);
  srudp_trace_put_number (trace, "active_connection_id_limit",
                          params->active_connection_id_limit);
  srudp_trace_put_number (trace, "initial_max_data", params->initial_max_data);
  srudp_trace_put_number (trace, "initial_max_stream_data_bidi_local",
                          params->initial_max_stream_data);
  srudp_trace_put_number (trace, "initial_max_stream_data_bidi_remote",
                          params->initial_max_stream_data);
  srudp_trace_put_number (trace, "initial_max_streams_bidi",
                          params->initial_max_streams);
}

static void
trace_params (SrudpTransport             *self,
              const char                 *owner,
              const SrudpTransportParams *params)
{
  srudp_trace_begin (self->trace, self->now, "transport:parameters_set");
  put_params (self->trace, owner, params);
  srudp_trace_commit (self->trace);
}

static void
put_path (SrudpTransport *self)
{
  srudp_trace_put_address (self->trace, "src", &self->active.addresses.local);
  srudp_trace_put_address (self->trace, "dst", &self->active.addresses.remote);
}

void
srudp_transport_start_trace (SrudpTransport *self,
                             SrudpTrace     *trace)
{
  self->trace = trace;
  srudp_trace_begin (trace, self->now, "connectivity:connection_started");
  srudp_trace_put_text (trace, "protocol", "srudp");
  put_path (self);
  srudp_trace_put_id (trace, "src_cid", self->addressed_id);
  srudp_trace_put_id (trace, "dst_cid", self->remote_id);
  srudp_trace_put_text (trace, "cipher",
                        srudp_cipher_get_name (srudp_packet_keys_get_cipher (self->send_keys)));
  srudp_trace_put_text (trace, "congestion_controller",
                        self->recovery.congestion->klass->name);
  srudp_trace_commit (trace);

  trace_params (self, "local", &self->local_params);
  trace_params (self, "remote", &self->remote_params);
  srudp_transport_trace_mtu (self);
  srudp_transport_trace_metrics (self);
}

void
srudp_transport_trace_packet (SrudpTransport *self,
                              const char     *event,
                              guint64         number,
                              gsize           size,
                              const guint8   *payload,
                              gsize           payload_size)
{
  SrudpTrace *trace = self->trace;

  srudp_trace_begin (trace, self->now, event);
  srudp_trace_open (trace, "header", '{');
  srudp_trace_put_text (trace, "packet_type", "1RTT");
  srudp_trace_put_number (trace, "packet_number", number);
  srudp_trace_close (trace, '}');
  srudp_trace_open (trace, "raw", '{');
  srudp_trace_put_number (trace, "length", size);
  srudp_trace_put_number (trace, "payload_length", payload_size);
  srudp_trace_close (trace, '}');
  srudp_trace_put_frames (trace, payload, payload_size);
  srudp_trace_commit (trace);
}

static const char *
get_drop_trigger (SrudpReceiveResult result)
{
  switch (result)
    {
    case SRUDP_RECEIVE_FORGED:
      return "decryption_failure";
    case SRUDP_RECEIVE_REPLAYED:
      return "duplicate";
    default:
      return "header_parse_error";
    }
}

void
srudp_transport_trace_dropped (SrudpTransport     *self,
                               SrudpReceiveResult  result,
                               gsize               size)
{
  srudp_trace_begin (self->trace, self->now, "transport:packet_dropped");
  srudp_trace_open (self->trace, "raw", '{');
  srudp_trace_put_number (self->trace, "length", size);
  srudp_trace_close (self->trace, '}');
  srudp_trace_put_text (self->trace, "trigger",
                        get_drop_trigger (result));
  srudp_trace_commit (self->trace);
}

void
srudp_transport_trace_lost (SrudpTransport        *self,
                            const SrudpSentPacket *packet)
{
  srudp_trace_begin (self->trace, self->now, "recovery:packet_lost");
  srudp_trace_open (self->trace, "header", '{');
  srudp_trace_put_text (self->trace, "packet_type", "1RTT");
  srudp_trace_put_number (self->trace, "packet_number", packet->number);
  srudp_trace_close (self->trace, '}');
  if (packet->flags & SRUDP_SENT_MTU_PROBE)
    srudp_trace_put_boolean (self->trace, "is_mtu_probe_packet", TRUE);
  srudp_trace_commit (self->trace);
}

static void
take_metrics (SrudpTransport    *self,
              SrudpTraceMetrics *out)
{
  const SrudpRecovery *recovery = &self->recovery;
  const SrudpRtt *rtt = &recovery->rtt;

  *out = (SrudpTraceMetrics) {
    .window = srudp_recovery_get_window (recovery),
    .in_flight = srudp_sent_packets_get_bytes_in_flight (recovery->ledger),
    .pacing_rate = srudp_recovery_get_pacing_rate (recovery),
    .pto_count = recovery->loss.pto_count,
    .min_rtt_us = -1,
    .smoothed_rtt_us = -1,
    .latest_rtt_us = -1,
    .rtt_variance_us = -1,
  };
  if (srudp_rtt_has_sample (rtt))
    {
      out->min_rtt_us = rtt->min_us;
      out->smoothed_rtt_us = rtt->smoothed_us;
      out->latest_rtt_us = rtt->latest_us;
      out->rtt_variance_us = rtt->variance_us;
    }
}

static void
put_changed_time (SrudpTrace *trace,
                  const char *key,
                  gint64      old,
                  gint64      new)
{
  if (old != new && new >= 0)
    srudp_trace_put_time (trace, key, new);
}

static void
put_changed_number (SrudpTrace *trace,
                    const char *key,
                    guint64     old,
                    guint64     new)
{
  if (old != new)
    srudp_trace_put_number (trace, key, new);
}

static void
trace_congestion_state (SrudpTransport *self)
{
  SrudpCongestion *congestion = self->recovery.congestion;
  const char *state = congestion->klass->get_state != NULL
                        ? congestion->klass->get_state (congestion) : NULL;

  if (g_strcmp0 (state, self->traced_state) == 0)
    return;

  srudp_trace_begin (self->trace, self->now,
                     "recovery:congestion_state_updated");
  if (self->traced_state != NULL)
    srudp_trace_put_text (self->trace, "old", self->traced_state);
  srudp_trace_put_text (self->trace, "new", state);
  srudp_trace_commit (self->trace);
  self->traced_state = state;
}

/* Only what is not as it was. */
void
srudp_transport_trace_metrics (SrudpTransport *self)
{
  SrudpTrace *trace = self->trace;
  const SrudpTraceMetrics *old = &self->traced;
  SrudpTraceMetrics new;

  take_metrics (self, &new);
  if (memcmp (old, &new, sizeof new) == 0)
    return;

  srudp_trace_begin (trace, self->now, "recovery:metrics_updated");
  put_changed_time (trace, "min_rtt", old->min_rtt_us, new.min_rtt_us);
  put_changed_time (trace, "smoothed_rtt", old->smoothed_rtt_us,
                    new.smoothed_rtt_us);
  put_changed_time (trace, "latest_rtt", old->latest_rtt_us,
                    new.latest_rtt_us);
  put_changed_time (trace, "rtt_variance", old->rtt_variance_us,
                    new.rtt_variance_us);
  put_changed_number (trace, "congestion_window", old->window, new.window);
  put_changed_number (trace, "bytes_in_flight", old->in_flight, new.in_flight);
  /* In bits per second there. */
  put_changed_number (trace, "pacing_rate", old->pacing_rate * 8,
                      new.pacing_rate * 8);
  put_changed_number (trace, "pto_count", old->pto_count, new.pto_count);
  srudp_trace_commit (trace);
  self->traced = new;
  trace_congestion_state (self);
}

void
srudp_transport_trace_mtu (SrudpTransport *self)
{
  guint mtu = srudp_pmtud_get_size (&self->pmtud);

  if (mtu == self->traced_mtu)
    return;

  srudp_trace_begin (self->trace, self->now, "connectivity:mtu_updated");
  if (self->traced_mtu != 0)
    srudp_trace_put_number (self->trace, "old", self->traced_mtu);
  srudp_trace_put_number (self->trace, "new", mtu);
  srudp_trace_commit (self->trace);
  self->traced_mtu = mtu;
}

void
srudp_transport_trace_path (SrudpTransport *self)
{
  srudp_trace_begin (self->trace, self->now, "connectivity:path_updated");
  put_path (self);
  srudp_trace_commit (self->trace);
  srudp_transport_trace_mtu (self);
  srudp_transport_trace_metrics (self);
}

/* The keys themselves stay where they are. */
void
srudp_transport_trace_keys (SrudpTransport *self,
                            gboolean        sending)
{
  const SrudpPacketKeys *keys = sending ? self->send_keys : self->receive_keys;
  gboolean of_client = sending == self->initiator;

  srudp_trace_begin (self->trace, self->now, "security:key_updated");
  srudp_trace_put_text (self->trace, "key_type",
                        of_client ? "client_1rtt_secret" : "server_1rtt_secret");
  srudp_trace_put_number (self->trace, "generation",
                          srudp_packet_keys_get_phase (keys));
  srudp_trace_put_text (self->trace, "trigger",
                        sending ? "local_update" : "remote_update");
  srudp_trace_commit (self->trace);
}
