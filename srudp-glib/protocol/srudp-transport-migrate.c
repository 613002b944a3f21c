/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-migrate.c: moves of our own, looking for a silent peer
 */
#include "srudp-transport-private.h"

/* The path is called silent after this many probe timeouts in a row. */
#define SILENT_PTOS 2
/* How long a peer may take to follow a move. */
#define FOLLOW_PTOS 3
#define FOLLOW_MIN_US G_USEC_PER_SEC

static guint64
take_id (SrudpTransport *self)
{
  guint64 id = self->remote_id;

  srudp_remote_ids_take (&self->remote_ids, &id);

  return id;
}

/* Something at once, whatever the window is: the peer follows what it hears. */
static void
speak_up (SrudpTransport *self)
{
  self->pending |= SRUDP_PENDING_PING;
  self->recovery.n_probes = MAX (self->recovery.n_probes, 1);
}

/* Moves to the candidate, which is proven. The peer will find out from our
 * next packet; until then it may send along the old path. */
void
srudp_transport_leave (SrudpTransport *self)
{
  gint64 patience
    = MAX (FOLLOW_MIN_US, FOLLOW_PTOS * srudp_transport_get_pto (self));

  self->previous = self->active.addresses;
  self->previous_until = self->now + patience;
  srudp_transport_move_to_candidate (self);
  speak_up (self);
}

/* The same for a path that has been proven in another way. */
void
srudp_transport_leave_for (SrudpTransport  *self,
                           const SrudpPath *path)
{
  const SrudpPath new = *path;

  srudp_transport_set_candidate (self, &new, take_id (self), TRUE);
  self->candidate.validated = TRUE;
  self->candidate.challenge_due = FALSE;
  srudp_transport_leave (self);
}

void
srudp_transport_try_path (SrudpTransport  *self,
                          const SrudpPath *path)
{
  if (!srudp_path_equal (path, &self->active.addresses))
    srudp_transport_set_candidate (self, path, take_id (self), TRUE);
}

gboolean
srudp_transport_migrate (SrudpTransport     *self,
                         gint64              now,
                         const SrudpAddress *local)
{
  SrudpPath path = { .local = *local,
                     .remote = self->active.addresses.remote,
                     .socket = self->active.addresses.socket };

  srudp_transport_set_now (self, now);
  if (!srudp_transport_is_open (self))
    return FALSE;

  path.local.port = 0;
  srudp_transport_try_path (self, &path);

  return TRUE;
}

/* Whichever address we had may be gone: the system chooses a new one. */
void
srudp_transport_on_network_change (SrudpTransport *self,
                                   gint64          now)
{
  SrudpAddress *local = &self->active.addresses.local;

  srudp_transport_set_now (self, now);
  if (self->state == SRUDP_STATE_CLOSED)
    return;

  if (srudp_address_is_set (local))
    self->old_local = *local;
  *local = (SrudpAddress) { 0 };
  srudp_transport_use_id (self, take_id (self));
  speak_up (self);
}

void
srudp_transport_add_candidate (SrudpTransport     *self,
                               gint64              now,
                               const SrudpAddress *address)
{
  const SrudpPath path = { .remote = *address };

  srudp_transport_set_now (self, now);
  srudp_scouts_add (&self->scouts, SRUDP_SCOUT_NAMED, &path, 0);
  srudp_transport_seek (self, address);
}

/* After each probe timeout. */
void
srudp_transport_look_around (SrudpTransport *self)
{
  if (self->recovery.loss.pto_count >= SILENT_PTOS)
    srudp_scouts_send_out (&self->scouts, &self->active.addresses);
}

/* Somebody who has our keys is there, while the path in use is silent. */
void
srudp_transport_handle_scout_answer (SrudpTransport            *self,
                                     const SrudpReceivedPacket *packet,
                                     const guint8               data[SRUDP_PATH_CHALLENGE_BYTES])
{
  const SrudpScout *scout = srudp_scouts_find (&self->scouts, data);
  SrudpPath path;

  if (scout == NULL)
    return;

  path = scout->path;
  if (srudp_address_equal (&path.remote, &packet->path->remote))
    path = *packet->path;
  srudp_scouts_call_back (&self->scouts);
  srudp_transport_leave_for (self, &path);
}

gsize
srudp_transport_send_scout (SrudpTransport *self,
                            SrudpTransmit  *transmit,
                            guint8         *buffer)
{
  SrudpScout *scout = srudp_scouts_next (&self->scouts);

  if (scout == NULL)
    return 0;

  scout->is_due = FALSE;
  if (!scout->is_sent)
    srudp_transport_get_random (self, scout->challenge,
                                sizeof scout->challenge);
  scout->is_sent = TRUE;
  transmit->path = scout->path;

  return srudp_transport_build_path_packet (self, buffer, self->remote_id,
                                            SRUDP_FRAME_PATH_CHALLENGE,
                                            scout->challenge);
}
