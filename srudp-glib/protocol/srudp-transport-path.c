/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-path.c: paths, their validation and change
 *
 * When the peer's newest packet comes along another path, that one is
 * challenged. Data stays on the old path until the challenge is answered, so
 * somebody who only copies our peer's packets from elsewhere gains nothing but
 * a few small packets.
 */
#include "srudp-transport-private.h"

/* A packet with one challenge or answer. */
#define PATH_PACKET_BYTES \
  (SRUDP_PACKET_MAX_OVERHEAD + 1 + SRUDP_PATH_CHALLENGE_BYTES)
/* A round trip that took long because a machine slept says nothing about the
 * next: a challenge is repeated after this time at the latest. */
#define MAX_CHALLENGE_US (2 * G_USEC_PER_SEC)
/* So many challenges to another path may still be answered, when the peer's
 * newest packet has come along a third one. */
#define PATIENT_CHALLENGES 1
#define PATIENT_OWN_CHALLENGES 2
/* What Ethernet carries: 1,500 less the headers of IP and UDP. */
#define ETHERNET_PAYLOAD_IPV4 1472
#define ETHERNET_PAYLOAD_IPV6 1452

static gboolean
is_loopback (const SrudpAddress *address)
{
  static const guint8 ipv6_loopback[16] = { [15] = 1 };

  if (address->family == SRUDP_FAMILY_IPV4)
    return address->ip[0] == 127;

  return address->family == SRUDP_FAMILY_IPV6
         && memcmp (address->ip, ipv6_loopback, sizeof ipv6_loopback) == 0;
}

static guint
get_largest_payload (SrudpTransport *self)
{
  const SrudpAddress *remote = &self->active.addresses.remote;
  guint largest;

  if (is_loopback (remote))
    largest = SRUDP_MAX_UDP_PAYLOAD;
  else if (remote->family == SRUDP_FAMILY_IPV6)
    largest = ETHERNET_PAYLOAD_IPV6;
  else
    largest = ETHERNET_PAYLOAD_IPV4;

  return MIN (largest, self->remote_params.max_udp_payload_bytes);
}

void
srudp_transport_init_pmtud (SrudpTransport *self)
{
  guint8 family = self->active.addresses.remote.family;
  guint minimum = family == SRUDP_FAMILY_IPV4 ? SRUDP_PMTUD_MINIMUM
                                              : SRUDP_PMTUD_BASE;

  srudp_pmtud_init (&self->pmtud, self->now, minimum,
                    get_largest_payload (self));
}

void
srudp_transport_push_size_event (SrudpTransport *self)
{
  SrudpEvent event = { .type = SRUDP_EVENT_DATAGRAM_SIZE };

  srudp_event_queue_push (&self->events, &event);
}

static void
push_path_event (SrudpTransport *self)
{
  SrudpEvent event = { .type = SRUDP_EVENT_PATH };

  srudp_event_queue_push (&self->events, &event);
  srudp_transport_observe_peer (self);
  if (self->trace != NULL)
    srudp_transport_trace_path (self);
}

static void
arm_path_timer (SrudpTransport *self)
{
  srudp_timers_set (&self->timers, SRUDP_TIMER_PATH_VALIDATION,
                    self->candidate.deadline_us);
}

/* It remains that path's own, until another path has been left in vain. */
static void
put_candidate_id_aside (SrudpTransport  *self,
                        const SrudpPath *path)
{
  if (self->candidate_id != self->remote_id)
    srudp_transport_set_probed (self, path, self->candidate_id);
  self->candidate_id = 0;
}

void
srudp_transport_drop_candidate (SrudpTransport *self)
{
  if (self->candidate.in_use)
    put_candidate_id_aside (self, &self->candidate.addresses);
  srudp_path_state_clear (&self->candidate);
  arm_path_timer (self);
}

void
srudp_transport_set_candidate (SrudpTransport  *self,
                               const SrudpPath *path,
                               guint64          remote_id,
                               gboolean         is_own_idea)
{
  guint8 challenge[SRUDP_PATH_CHALLENGE_BYTES];

  if (remote_id == self->probed_id)
    self->probed_id = 0;
  srudp_transport_drop_candidate (self);
  self->candidate_id = remote_id;
  srudp_transport_get_random (self, challenge, sizeof challenge);
  if (is_own_idea)
    srudp_path_state_init_own (&self->candidate, path, challenge);
  else
    srudp_path_state_init_unproven (&self->candidate, path, challenge);
}

/* Two that use different paths would each follow the other for ever. So one
 * waits: if the other comes to its path meanwhile, it need not move. A peer
 * that uses a new id wants its new path not to be linked to the old one. */
static void
challenge_path (SrudpTransport            *self,
                const SrudpReceivedPacket *packet)
{
  gboolean is_new_id = packet->addressed_id != self->addressed_id;

  srudp_transport_set_candidate (self, packet->path,
                                 srudp_transport_choose_id (self, packet->path,
                                                            is_new_id), FALSE);
  if (self->initiator)
    srudp_path_state_delay (&self->candidate,
                            self->now + MIN (srudp_transport_get_pto (self),
                                             MAX_CHALLENGE_US));
  arm_path_timer (self);
}

/* The local end was not known while nothing had arrived. */
static gboolean
completes_active (SrudpTransport  *self,
                  const SrudpPath *path)
{
  SrudpPath *active = &self->active.addresses;

  return !srudp_address_is_set (&active->local)
         && srudp_address_is_set (&path->local)
         && active->socket == path->socket
         && srudp_address_equal (&active->remote, &path->remote);
}

static void
complete_active (SrudpTransport  *self,
                 const SrudpPath *path)
{
  gboolean is_new_network
    = srudp_address_is_set (&self->old_local)
      && !srudp_address_same_ip (&self->old_local, &path->local);

  self->active.addresses.local = path->local;
  self->old_local = (SrudpAddress) { 0 };
  if (is_new_network)
    srudp_transport_start_network (self);
  push_path_event (self);
}

/* Too little has come from there that it might be asked, and no more may come:
 * then nothing but this tells that it leads nowhere. */
static gboolean
is_starved (const SrudpPathState *candidate)
{
  return candidate->challenge_due
         && srudp_path_state_get_budget (candidate) < PATH_PACKET_BYTES;
}

/* One that was asked a moment ago may still answer: behind a NAT that takes a
 * new port for each packet no path would else ever be proven. A move of our own
 * is given up later, but in time: it goes to where the peer was. And a peer that
 * has yet to follow one is not followed. */
static gboolean
may_challenge (SrudpTransport  *self,
               const SrudpPath *path)
{
  const SrudpPathState *candidate = &self->candidate;

  if (self->now < self->previous_until && srudp_path_equal (path, &self->previous))
    return FALSE;
  if (!candidate->in_use)
    return TRUE;

  if (srudp_path_equal (path, &candidate->addresses))
    return FALSE;

  return is_starved (candidate)
         || candidate->n_challenges > (candidate->is_own_idea
                                         ? PATIENT_OWN_CHALLENGES
                                         : PATIENT_CHALLENGES);
}

/* `may_move`: it is the peer's newest packet, and meant for its path in use
 * (RFC 9000, section 9.3). */
void
srudp_transport_note_path (SrudpTransport            *self,
                           const SrudpReceivedPacket *packet,
                           gsize                      size,
                           gboolean                   may_move)
{
  const SrudpPath *path = packet->path;

  if (srudp_path_equal (path, &self->active.addresses))
    {
      /* The peer is still, or again, where it was. */
      if (may_move && self->candidate.in_use && !self->candidate.is_own_idea)
        srudp_transport_drop_candidate (self);
      if (may_move)
        self->addressed_id = packet->addressed_id;
      return;
    }

  if (completes_active (self, path))
    {
      complete_active (self, path);
      return;
    }

  if (may_move && may_challenge (self, path))
    challenge_path (self, packet);

  if (self->candidate.in_use
      && srudp_path_equal (path, &self->candidate.addresses))
    srudp_path_state_on_received (&self->candidate, size);
}

/* Anybody could repeat what it saw of the handshake: it earns a challenge, and
 * no more of them once the peer itself has spoken. */
void
srudp_transport_hint_path (SrudpTransport  *self,
                           gint64           now,
                           const SrudpPath *path,
                           gsize            size)
{
  SrudpReceivedPacket hint = {
    .now = now,
    .path = path,
    .addressed_id = self->addressed_id,
  };

  srudp_transport_set_now (self, now);
  if (self->state == SRUDP_STATE_CLOSED)
    srudp_transport_on_late_packet (self, path);
  else if (self->packets_received == 0)
    srudp_transport_note_path (self, &hint, size, TRUE);
}

/* The answer goes back along the path of the challenge; more than a few at
 * once are nobody's honest wish. */
void
srudp_transport_queue_answer (SrudpTransport            *self,
                              const SrudpReceivedPacket *packet,
                              const guint8               data[SRUDP_PATH_CHALLENGE_BYTES])
{
  gboolean is_new_id = packet->addressed_id != self->addressed_id;
  SrudpPathAnswer *answer;

  if (self->n_answers == SRUDP_MAX_PATH_RESPONSES)
    return;

  answer = &self->answers[self->n_answers++];
  answer->path = *packet->path;
  answer->id = srudp_transport_choose_id (self, packet->path, is_new_id);
  if (answer->id != self->remote_id && answer->id != self->candidate_id)
    srudp_transport_set_probed (self, packet->path, answer->id);
  memcpy (answer->data, data, SRUDP_PATH_CHALLENGE_BYTES);
}

/* RTT, window and path MTU of the old one say nothing about it. */
void
srudp_transport_start_network (SrudpTransport *self)
{
  srudp_transport_init_pmtud (self);
  srudp_recovery_start_path (&self->recovery, self->now, -1,
                             srudp_pmtud_get_size (&self->pmtud));
  srudp_keepalive_init (&self->keepalive, self->initiator);
  srudp_transport_init_lifetime (self);
  srudp_transport_push_size_event (self);
}

/* Another port is usually the same way through a new NAT mapping; another
 * address is another network (RFC 9000, section 9.4). */
void
srudp_transport_move_to_candidate (SrudpTransport *self)
{
  const SrudpPath old = self->active.addresses;
  const SrudpPath *new = &self->active.addresses;
  guint64 id = self->candidate_id;
  gboolean is_rebound = id == self->remote_id;

  self->active = self->candidate;
  srudp_path_state_clear (&self->candidate);
  self->candidate_id = 0;
  arm_path_timer (self);
  srudp_transport_use_id (self, id);
  srudp_scouts_add (&self->scouts, SRUDP_SCOUT_FORMER, &old, 0);
  srudp_transport_forget_prospects (self);

  if (!srudp_address_same_ip (&old.remote, &new->remote)
      || !srudp_address_same_ip (&old.local, &new->local))
    srudp_transport_start_network (self);
  else if (old.remote.port != new->remote.port && is_rebound)
    srudp_transport_note_new_port (self, FALSE);
  srudp_transport_note_moved (self, &old);
  push_path_event (self);
}

void
srudp_transport_handle_path_response (SrudpTransport            *self,
                                      const SrudpReceivedPacket *packet,
                                      const guint8               data[SRUDP_PATH_CHALLENGE_BYTES])
{
  if (srudp_transport_handle_prospect (self, packet, data))
    return;
  if (!srudp_path_state_on_response (&self->candidate, data))
    srudp_transport_handle_scout_answer (self, packet, data);
  else if (self->candidate.is_own_idea)
    srudp_transport_leave (self);
  else
    srudp_transport_move_to_candidate (self);
}

void
srudp_transport_on_path_timer (SrudpTransport *self)
{
  const SrudpPath path = self->candidate.addresses;

  if (srudp_path_state_on_timeout (&self->candidate, self->now)
      == SRUDP_PATH_FAILED)
    put_candidate_id_aside (self, &path);
  arm_path_timer (self);
}

/* It says nothing about the path in use, wherever it goes. */
gsize
srudp_transport_build_path_packet (SrudpTransport *self,
                                   guint8         *buffer,
                                   guint64         remote_id,
                                   SrudpFrameType  type,
                                   const guint8    data[SRUDP_PATH_CHALLENGE_BYTES])
{
  SrudpPacketBuilder builder;
  SrudpFrame frame = { .type = type };

  memcpy (frame.path.data, data, SRUDP_PATH_CHALLENGE_BYTES);
  srudp_packet_builder_begin_for (&builder, self, remote_id, buffer,
                                  PATH_PACKET_BYTES);
  srudp_frame_write (&builder.writer, &frame);
  builder.ack_eliciting = TRUE;

  return srudp_packet_builder_finish (&builder, self, SRUDP_SENT_OLD_PATH);
}

static gsize
send_answer (SrudpTransport *self,
             SrudpTransmit  *transmit,
             guint8         *buffer)
{
  SrudpPathAnswer answer = self->answers[--self->n_answers];
  gsize size
    = srudp_transport_build_path_packet (self, buffer, answer.id,
                                         SRUDP_FRAME_PATH_RESPONSE,
                                         answer.data);

  transmit->path = answer.path;
  if (self->candidate.in_use
      && srudp_path_equal (&answer.path, &self->candidate.addresses))
    srudp_path_state_on_sent (&self->candidate, size);

  return size;
}

static gsize
send_challenge (SrudpTransport *self,
                SrudpTransmit  *transmit,
                guint8         *buffer)
{
  SrudpPathState *candidate = &self->candidate;
  gsize size
    = srudp_transport_build_path_packet (self, buffer, self->candidate_id,
                                         SRUDP_FRAME_PATH_CHALLENGE,
                                         candidate->challenge);

  transmit->path = candidate->addresses;
  srudp_path_state_on_sent (candidate, size);
  srudp_path_state_on_challenge_sent (candidate, self->now,
                                      MIN (srudp_transport_get_pto (self),
                                           MAX_CHALLENGE_US));
  arm_path_timer (self);

  return size;
}

/* Packets for one path alone; 0: there are none. */
gsize
srudp_transport_send_on_path (SrudpTransport *self,
                              SrudpTransmit  *transmit,
                              guint8         *buffer)
{
  if (self->n_answers > 0)
    return send_answer (self, transmit, buffer);

  if (self->candidate.in_use && self->candidate.challenge_due
      && srudp_path_state_get_budget (&self->candidate) >= PATH_PACKET_BYTES)
    return send_challenge (self, transmit, buffer);

  if (self->scouts.are_out)
    {
      gsize size = srudp_transport_send_scout (self, transmit, buffer);

      if (size > 0)
        return size;
    }

  return srudp_transport_send_prospect (self, transmit, buffer);
}
