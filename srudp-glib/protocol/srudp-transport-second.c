/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-second.c: another way before the mapping in use ends
 *
 * When it is known that the NAT will take our mapping away, another socket
 * gets one in time: it is challenged like any other path, and becomes the one
 * in use while the old one still works.
 */
#include "srudp-transport-private.h"

/* What changes so soon after a path has a reason already. */
#define SAME_REASON_US (5 * G_USEC_PER_SEC)
/* While another path is being proven. */
#define RETRY_US G_USEC_PER_SEC

static void
arm (SrudpTransport *self)
{
  srudp_timers_set (&self->timers, SRUDP_TIMER_SECOND_PATH,
                    srudp_lifetime_get_move (&self->lifetime));
}

void
srudp_transport_init_lifetime (SrudpTransport *self)
{
  srudp_lifetime_init (&self->lifetime, self->now);
  arm (self);
}

/* After a long silence it was forgotten, which is another matter; but not after
 * one that others as long went well of, as between keepalives. */
static gboolean
was_forgotten (SrudpTransport *self)
{
  const SrudpSilence *silence = &self->silence;

  return self->now - silence->ended_at < SAME_REASON_US
         && silence->own_us >= SRUDP_KEEPALIVE_MIN_US
         && !srudp_keepalive_is_usual (&self->keepalive, silence->own_us);
}

void
srudp_transport_note_mapping_lost (SrudpTransport *self,
                                   gint64          alive_at,
                                   gint64          born_at)
{
  if (was_forgotten (self))
    srudp_lifetime_on_born (&self->lifetime, born_at);
  else
    srudp_lifetime_on_lost (&self->lifetime, alive_at, born_at);
  arm (self);
}

/* The peer sees us at another address than before. */
void
srudp_transport_note_observed (SrudpTransport *self)
{
  const SrudpSilence *silence = &self->silence;
  gboolean broke_off = self->now - silence->ended_at < SAME_REASON_US;

  if (self->now - self->moved_at < SAME_REASON_US)
    return;

  srudp_transport_note_mapping_lost (self,
                                     broke_off
                                       ? silence->ended_at - silence->peers_us
                                       : self->now,
                                     self->now);
}

void
srudp_transport_note_moved (SrudpTransport  *self,
                            const SrudpPath *old)
{
  guint16 socket = self->active.addresses.socket;

  self->moved_at = self->now;
  if (socket == old->socket)
    return;

  srudp_lifetime_on_born (&self->lifetime,
                          socket == self->second_socket ? self->second_since
                                                        : self->now);
  self->active_port = socket == self->second_socket ? self->second_port : 0;
  arm (self);
}

void
srudp_transport_expect_end (SrudpTransport *self,
                            gint64          now,
                            gint64          end)
{
  srudp_transport_set_now (self, now);
  if (self->active.addresses.socket != 0
      || self->active.addresses.remote.family != SRUDP_FAMILY_IPV4)
    return;

  srudp_lifetime_tell_end (&self->lifetime, end);
  arm (self);
}

void
srudp_transport_on_second_path_timer (SrudpTransport *self)
{
  if (!srudp_transport_is_open (self))
    return;

  if (self->candidate.in_use)
    srudp_timers_set (&self->timers, SRUDP_TIMER_SECOND_PATH,
                      self->now + RETRY_US);
  else
    self->wants_socket = TRUE;
}

gboolean
srudp_transport_pop_socket_wish (SrudpTransport *self)
{
  gboolean wants_socket = self->wants_socket;

  self->wants_socket = FALSE;

  return wants_socket && srudp_transport_is_open (self);
}

void
srudp_transport_try_socket (SrudpTransport *self,
                            gint64          now,
                            guint16         socket)
{
  SrudpPath path = self->active.addresses;

  srudp_transport_set_now (self, now);
  path.socket = socket;
  self->second_socket = socket;
  self->second_port = 0;
  self->second_since = self->now;
  srudp_transport_try_path (self, &path);
}

void
srudp_transport_give_up_socket (SrudpTransport *self,
                                guint16         socket)
{
  if (self->candidate.in_use && self->candidate.addresses.socket == socket)
    srudp_transport_drop_candidate (self);
}

/* Only then it is known where the peer would see another port of ours. */
static gboolean
keeps_ports (SrudpTransport *self)
{
  guint16 port = self->active.addresses.socket == 0 ? self->local_port
                                                    : self->active_port;

  return port != 0 && self->observed.port == port;
}

/* A peer whose NAT lets nobody in that it has not sent to has to send there. */
void
srudp_transport_set_socket_port (SrudpTransport *self,
                                 gint64          now,
                                 guint16         socket,
                                 guint16         port)
{
  SrudpAddress address = self->observed;

  srudp_transport_set_now (self, now);
  if (socket != self->second_socket || !self->candidate.in_use
      || self->candidate.addresses.socket != socket)
    return;

  self->second_port = port;
  if (!self->seeks_paths || !keeps_ports (self))
    return;

  address.port = port;
  srudp_announcements_set_extra (&self->announcements, &address);
  self->pending |= SRUDP_PENDING_ADDRESSES;
}
