/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport.c: life, state, timers and events of a transport
 */
#include "srudp-transport-private.h"

/* What an application may write ahead of what is in flight. */
#define SEND_BUFFER_BYTES (256 * 1024)
/* What waits to be sent as datagrams; the oldest is dropped beyond it. */
#define DATAGRAM_QUEUE_BYTES (256 * 1024)
#define DATAGRAM_MAX_AGE_US (2 * G_USEC_PER_SEC)
/* A key that leaks opens no more than about this much of a conversation. */
#define KEY_EXCHANGE_INTERVAL_US (120 * G_USEC_PER_SEC)

/* One stream alone never takes it all. */
static guint64
get_stream_window (const SrudpTransport *self,
                   guint64               max_window)
{
  return MAX (max_window / 4 * 3, self->local_params.initial_max_stream_data);
}

static guint64
get_max_pending (guint64 max_window)
{
  return MAX (max_window, 2 * SEND_BUFFER_BYTES);
}

static void
init_streams (SrudpTransport             *self,
              const SrudpTransportConfig *transport)
{
  const SrudpTransportParams *local = &self->local_params;
  const SrudpTransportParams *remote = &self->remote_params;
  guint64 max_window = transport->max_receive_window;
  SrudpStreamTableConfig config = {
    .initiator = self->initiator,
    .local_max_data = local->initial_max_data,
    .local_max_stream_data = local->initial_max_stream_data,
    .local_max_streams = local->initial_max_streams,
    .remote_max_data = remote->initial_max_data,
    .remote_max_stream_data = remote->initial_max_stream_data,
    .remote_max_streams = remote->initial_max_streams,
    .max_receive_window = MAX (max_window, local->initial_max_data),
    .max_stream_receive_window = get_stream_window (self, max_window),
    .send_buffer_bytes = SEND_BUFFER_BYTES,
    .first_offset = transport->first.offset,
    .n_streams_before = transport->first.n_streams,
    .max_pending_bytes = get_max_pending (max_window),
  };

  srudp_stream_table_init (&self->streams, &config);
}

static void
init_recovery (SrudpTransport             *self,
               const SrudpTransportConfig *transport)
{
  SrudpRecoveryConfig config = {
    .controller = transport->controller,
    .first_number = transport->first.packet,
    .first_rtt_us = transport->first_rtt_us,
    .max_ack_delay_us = self->remote_params.max_ack_delay_us,
    .max_datagram_size = srudp_pmtud_get_size (&self->pmtud),
  };

  srudp_transport_get_random (self, &config.random, sizeof config.random);
  srudp_recovery_init (&self->recovery, &config, self->now);
}

static void
init_numbers (SrudpTransport          *self,
              const SrudpFirstNumbers *first)
{
  self->largest_received = (gint64) first->packet - 1;
  srudp_replay_window_start_at (&self->replay, first->packet);
  srudp_packet_keys_set_phase (self->send_keys, first->key_phase);
  srudp_packet_keys_set_phase (self->receive_keys, first->key_phase);
  self->seen_phase = first->key_phase;
  self->exchange.generation = first->key_phase + 1;
}

SrudpTransport *
srudp_transport_new (const SrudpTransportConfig *config,
                     gint64                      now)
{
  SrudpTransport *self = g_new0 (SrudpTransport, 1);

  self->now = now;
  self->initiator = config->initiator;
  self->remote_id = config->remote_id;
  self->addressed_id = config->local_id;
  self->local_params = config->local_params;
  self->remote_params = config->remote_params;
  if (config->short_code != NULL)
    self->short_code = *config->short_code;
  self->key_log = config->key_log;
  self->key_log_id = config->initiator ? config->local_id : config->remote_id;
  self->random = config->random;
  self->random_data = config->random_data;
  self->send_keys = config->send_keys;
  self->receive_keys = config->receive_keys;
  self->idle_timeout_us = config->idle_timeout_us;
  self->keepalive_us = config->keepalive_us;
  self->state = SRUDP_STATE_ESTABLISHED;
  self->last_heard = self->heard_since = now;
  self->last_sent = now;
  self->silence.is_judged = TRUE;
  srudp_keepalive_init (&self->keepalive, self->initiator);
  srudp_lifetime_init (&self->lifetime, now);
  self->last_proof = now;
  self->last_hint = -1;
  self->unanswered_since = -1;
  self->asked_threshold = 2;
  self->phase_acked = -1;
  self->key_update_packets = config->key_update_packets > 0
                               ? config->key_update_packets
                               : SRUDP_PACKETS_SOFT_LIMIT;
  self->key_exchange_interval_us = config->key_exchange_interval_us > 0
                                     ? config->key_exchange_interval_us
                                     : KEY_EXCHANGE_INTERVAL_US;
  srudp_timers_init (&self->timers);
  init_numbers (self, &config->first);
  srudp_ack_ranges_init (&self->acks, self->local_params.max_ack_delay_us);
  srudp_path_state_init_validated (&self->active, &config->path);
  srudp_path_state_clear (&self->candidate);
  srudp_local_ids_init (&self->local_ids, config->local_id,
                        config->remote_params.active_connection_id_limit);
  srudp_remote_ids_init (&self->remote_ids, config->remote_id);
  srudp_transport_init_pmtud (self);
  init_recovery (self, config);
  init_streams (self, config);
  srudp_datagram_queue_init (&self->datagrams, DATAGRAM_QUEUE_BYTES,
                             DATAGRAM_MAX_AGE_US);
  srudp_transport_arm_liveness (self);

  return self;
}

void
srudp_transport_free (SrudpTransport *self)
{
  srudp_event_queue_clear (&self->events);
  srudp_datagram_queue_clear (&self->datagrams);
  srudp_stream_table_clear (&self->streams);
  srudp_recovery_clear (&self->recovery);
  srudp_replay_window_clear (&self->replay);
  srudp_ack_ranges_clear (&self->acks);
  srudp_scouts_clear (&self->scouts);
  srudp_packet_keys_free (self->send_keys);
  srudp_packet_keys_free (self->receive_keys);
  srudp_crypto_wipe (&self->exchange, sizeof self->exchange);
  srudp_short_code_clear (&self->short_code);
  g_free (self->introductions);
  srudp_announcements_clear (&self->announcements);
  srudp_prospects_clear (&self->prospects);
  g_free (self->reason_text);
  g_free (self);
}

void
srudp_transport_set_now (SrudpTransport *self,
                         gint64          now)
{
  self->now = MAX (self->now, now);
}

void
srudp_transport_get_random (SrudpTransport *self,
                            gpointer        out,
                            gsize           n_bytes)
{
  self->random (self->random_data, out, n_bytes);
}

static gboolean
is_legal_step (SrudpState from,
               SrudpState to)
{
  switch (from)
    {
    case SRUDP_STATE_ESTABLISHED:
      return to == SRUDP_STATE_UNREACHABLE || to == SRUDP_STATE_CLOSING
             || to == SRUDP_STATE_CLOSED;
    case SRUDP_STATE_UNREACHABLE:
      return to == SRUDP_STATE_ESTABLISHED || to == SRUDP_STATE_CLOSING
             || to == SRUDP_STATE_CLOSED;
    case SRUDP_STATE_CLOSING:
      return to == SRUDP_STATE_CLOSED;
    default:
      return FALSE;
    }
}

/* The one place where the state changes. */
void
srudp_transport_set_state (SrudpTransport *self,
                           SrudpState      state)
{
  SrudpEvent event = {
    .type = SRUDP_EVENT_STATE,
    .state = state,
    .reason = self->reason,
  };

  g_assert (is_legal_step (self->state, state));

  self->state = state;
  srudp_event_queue_push (&self->events, &event);
}

/* The application may still write and open streams. */
gboolean
srudp_transport_is_open (SrudpTransport *self)
{
  return self->state == SRUDP_STATE_ESTABLISHED
         || self->state == SRUDP_STATE_UNREACHABLE;
}

/* Three deadlines belong to others, who don't know the timers; and those that
 * run from the last packet heard are set once for a whole batch of them. */
static void
refresh_timers (SrudpTransport *self)
{
  SrudpTimers *timers = &self->timers;

  if (self->state == SRUDP_STATE_CLOSED)
    return;

  if (self->was_heard)
    srudp_transport_arm_liveness (self);
  srudp_timers_set (timers, SRUDP_TIMER_LOSS,
                    srudp_recovery_get_deadline (&self->recovery));
  srudp_timers_set (timers, SRUDP_TIMER_ACK,
                    srudp_ack_ranges_get_deadline (&self->acks));
  srudp_timers_set (timers, SRUDP_TIMER_PACER,
                    self->paced
                    ? srudp_recovery_get_send_time (&self->recovery, self->now)
                    : -1);
}

gint64
srudp_transport_get_deadline (SrudpTransport *self)
{
  /* An end that came while packets were built has yet to be told. */
  if (self->events.length > 0)
    return self->now;

  refresh_timers (self);

  return srudp_timers_get_deadline (&self->timers);
}

static void
handle_timer (SrudpTransport *self,
              SrudpTimer      timer)
{
  switch (timer)
    {
    case SRUDP_TIMER_LOSS:
      srudp_transport_on_loss_timer (self);
      break;
    case SRUDP_TIMER_PACER:
      self->paced = FALSE;
      break;
    case SRUDP_TIMER_KEEPALIVE:
      srudp_transport_on_keepalive (self);
      break;
    case SRUDP_TIMER_UNREACHABLE:
      srudp_transport_on_silence (self);
      break;
    case SRUDP_TIMER_IDLE:
      srudp_transport_on_idle (self);
      break;
    case SRUDP_TIMER_KNOCK:
      srudp_transport_on_knock_timer (self);
      break;
    case SRUDP_TIMER_PATH_VALIDATION:
      srudp_transport_on_path_timer (self);
      break;
    case SRUDP_TIMER_SECOND_PATH:
      srudp_transport_on_second_path_timer (self);
      break;
    case SRUDP_TIMER_KEY_DISCARD:
      srudp_transport_on_key_discard (self);
      break;
    case SRUDP_TIMER_LINGER:
      srudp_transport_on_linger (self);
      break;
    case SRUDP_TIMER_DRAIN:
      srudp_transport_end_drain (self);
      break;
    default: /* an ACK that is due is sent by the next poll */
      break;
    }
}

void
srudp_transport_advance (SrudpTransport *self,
                         gint64          now)
{
  SrudpTimer timer;

  srudp_transport_set_now (self, now);
  refresh_timers (self);
  while (srudp_timers_pop_due (&self->timers, self->now, &timer))
    handle_timer (self, timer);
}

/* Asked after each packet: the answer is nearly always no. */
gboolean
srudp_transport_has_news (SrudpTransport *self)
{
  return self->events.length > 0
         || srudp_stream_table_has_event (&self->streams)
         || srudp_local_ids_has_retired (&self->local_ids)
         || srudp_transport_wants_id (self);
}

/* What streams have to say comes first: bytes that came with a CLOSE can be
 * read before the end is seen. */
gboolean
srudp_transport_poll_event (SrudpTransport *self,
                            SrudpEvent     *event)
{
  return srudp_stream_table_poll_event (&self->streams, event)
         || srudp_event_queue_pop (&self->events, event);
}

SrudpState
srudp_transport_get_state (SrudpTransport *self)
{
  return self->state;
}

SrudpReason
srudp_transport_get_reason (SrudpTransport *self)
{
  return self->reason;
}

const char *
srudp_transport_get_reason_text (SrudpTransport *self)
{
  return self->reason_text != NULL ? self->reason_text : "";
}

gboolean
srudp_transport_is_drained (SrudpTransport *self)
{
  return self->state == SRUDP_STATE_CLOSED && self->drained
         && !self->close_due;
}

gboolean
srudp_transport_is_draining (SrudpTransport *self)
{
  return self->state == SRUDP_STATE_CLOSED && !self->peer_closed
         && !self->drained;
}

gboolean
srudp_transport_has_answered_close (SrudpTransport *self)
{
  return self->state == SRUDP_STATE_CLOSED && self->peer_closed
         && !self->close_due;
}

gint64
srudp_transport_get_last_heard (SrudpTransport *self)
{
  return self->last_heard;
}

gint64
srudp_transport_get_pto (SrudpTransport *self)
{
  return srudp_recovery_get_pto (&self->recovery);
}

void
srudp_transport_set_max_window (SrudpTransport *self,
                                guint64         n_bytes)
{
  srudp_stream_table_set_max_windows (&self->streams, n_bytes,
                                      get_stream_window (self, n_bytes),
                                      get_max_pending (n_bytes));
}

void
srudp_transport_get_path (SrudpTransport *self,
                          SrudpPath      *out)
{
  *out = self->active.addresses;
}

void
srudp_transport_send_handshake_done (SrudpTransport *self)
{
  if (!self->handshake_done_acked)
    self->pending |= SRUDP_PENDING_HANDSHAKE_DONE;
}

void
srudp_transport_ping (SrudpTransport *self,
                      gint64          now)
{
  srudp_transport_set_now (self, now);
  if (self->state != SRUDP_STATE_CLOSED)
    self->pending |= SRUDP_PENDING_PING;
}
