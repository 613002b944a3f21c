/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-port-mapper.c: keeping one port mapped by one router
 */
#include "srudp-port-mapper.h"

#include <string.h>

/* RFC 6886, section 3.3: two hours are recommended. */
#define LIFETIME_S 7200
/* Whatever the router says, no more often than that. */
#define MIN_RENEWAL_US (4 * G_USEC_PER_SEC)
#define MAX_LIFETIME_S (24 * 3600)
/* RFC 6886, section 3.1: 250 ms, doubled each time. That is faster than PCP
 * wants it (RFC 6887, section 8.1.1), but the router is next door, somebody
 * waits, and it ends soon: most routers speak neither. */
#define FIRST_INTERVAL_US (250 * 1000)
#define MAX_TRIES 6
/* One question gets lost now and then. */
#define TRIES_IN_VAIN 2
/* Then it is left alone; so is one that has refused. */
#define REST_US (10 * 60 * G_USEC_PER_SEC)
#define MIN_REST_S 30
#define MAX_REST_S (30 * 60)
/* RFC 6887, section 8.5; RFC 6886, section 3.6 is as strict, but for the share:
 * how much the router's clock may be off. */
#define EPOCH_SLACK_S 2
#define EPOCH_SHARE 16
#define PMP_EPOCH_SHARE 8
/* RFC 6887, section 14.1.3: not all hosts at the same time. */
#define MAX_DELAY_MS 5000

enum
{
  PENDING_MAPPING = 1 << 0,
  PENDING_ADDRESS = 1 << 1,
};

void
srudp_port_mapper_init (SrudpPortMapper    *self,
                        gint64              now,
                        const SrudpAddress *client,
                        const guint8        nonce[SRUDP_PORT_MAP_NONCE_BYTES])
{
  *self = (SrudpPortMapper) {
    .request = {
      .client = *client,
      /* The same port, if it is to be had: what others then expect. */
      .external = { .port = client->port },
      .lifetime_s = LIFETIME_S,
    },
    .due = now,
    .epoch_s = -1,
  };
  memcpy (self->request.nonce, nonce, SRUDP_PORT_MAP_NONCE_BYTES);
}

gint64
srudp_port_mapper_get_deadline (const SrudpPortMapper *self)
{
  if (self->released)
    return self->pending != 0 ? 0 : -1;
  if (self->pending != 0)
    return 0;
  return self->is_mapped ? MIN (self->due, self->expires) : self->due;
}

gboolean
srudp_port_mapper_get_external (const SrudpPortMapper *self,
                                SrudpAddress          *out)
{
  if (!self->is_mapped)
    return FALSE;

  *out = self->request.external;
  return TRUE;
}

gint64
srudp_port_mapper_get_end (const SrudpPortMapper *self)
{
  return self->is_mapped && self->n_tries > TRIES_IN_VAIN ? self->expires : -1;
}

gboolean
srudp_port_mapper_is_asking (const SrudpPortMapper *self)
{
  return !self->is_mapped && !self->released && self->n_tries <= MAX_TRIES;
}

static gboolean
is_ipv4 (const SrudpPortMapper *self)
{
  return self->request.client.family == SRUDP_FAMILY_IPV4;
}

static void
rest (SrudpPortMapper *self,
      gint64           now,
      gint64           for_us)
{
  self->n_tries = MAX_TRIES + 1;
  self->due = now + for_us;
  self->protocol_known = FALSE;
}

/* Until the protocol is known they take turns; NAT-PMP is for IPv4 only. */
static SrudpPortMapProtocol
choose_protocol (const SrudpPortMapper *self)
{
  if (self->protocol_known)
    return self->protocol;
  return is_ipv4 (self) && self->n_tries % 2 != 0 ? SRUDP_PORT_MAP_NAT_PMP
                                                  : SRUDP_PORT_MAP_PCP;
}

static void
begin_try (SrudpPortMapper *self,
           gint64           now)
{
  if (self->n_tries > MAX_TRIES)
    self->n_tries = 0;
  self->protocol = choose_protocol (self);
  self->pending = PENDING_MAPPING;
  if (self->protocol == SRUDP_PORT_MAP_NAT_PMP)
    self->pending |= PENDING_ADDRESS;

  self->due = now + ((gint64) FIRST_INTERVAL_US << self->n_tries);
  if (++self->n_tries == MAX_TRIES)
    rest (self, now, REST_US);
}

/* One that could not be renewed. */
static void
expire (SrudpPortMapper *self,
        gint64           now)
{
  if (self->is_mapped && now >= self->expires)
    self->is_mapped = FALSE;
}

gsize
srudp_port_mapper_poll (SrudpPortMapper *self,
                        gint64           now,
                        guint8           out[SRUDP_PORT_MAP_REQUEST_BYTES])
{
  if (!self->released)
    {
      expire (self, now);
      if (self->pending == 0 && now >= self->due)
        begin_try (self, now);
    }

  if ((self->pending & PENDING_ADDRESS) != 0)
    {
      self->pending &= ~(guint) PENDING_ADDRESS;
      return srudp_port_map_write_address_request (out);
    }
  if ((self->pending & PENDING_MAPPING) != 0)
    {
      self->pending &= ~(guint) PENDING_MAPPING;
      return srudp_port_map_write_request (out, self->protocol,
                                           &self->request);
    }
  return 0;
}

static void
take_mapping (SrudpPortMapper    *self,
              gint64              now,
              const SrudpAddress *external,
              guint32             lifetime_s)
{
  gint64 lifetime_us =
    (gint64) MIN (lifetime_s, MAX_LIFETIME_S) * G_USEC_PER_SEC;

  self->request.external = *external;
  self->protocol_known = TRUE;
  self->is_mapped = lifetime_us > 0;
  self->expires = now + MAX (lifetime_us, MIN_RENEWAL_US);
  self->due = now + MAX (lifetime_us / 2, MIN_RENEWAL_US);
  self->n_tries = 0;
}

/* NAT-PMP's two replies come in any order. */
static void
take_pmp (SrudpPortMapper         *self,
          gint64                   now,
          const SrudpPortMapReply *reply)
{
  SrudpAddress external;

  if (reply->type == SRUDP_PORT_MAP_ADDRESS)
    self->router = reply->external;
  else
    {
      self->external_port = reply->external_port;
      self->request.lifetime_s = LIFETIME_S;
      self->expires = now + (gint64) MIN (reply->lifetime_s, MAX_LIFETIME_S)
                              * G_USEC_PER_SEC;
    }
  self->protocol = SRUDP_PORT_MAP_NAT_PMP;
  self->protocol_known = TRUE;
  if (!srudp_address_is_set (&self->router) || self->external_port == 0)
    return;

  external = self->router;
  external.port = self->external_port;
  take_mapping (self, now, &external,
                (guint32) MAX ((self->expires - now) / G_USEC_PER_SEC, 0));
}

static void
refuse (SrudpPortMapper         *self,
        gint64                   now,
        const SrudpPortMapReply *reply)
{
  guint32 for_s = reply->protocol == SRUDP_PORT_MAP_PCP
                    ? CLAMP (reply->lifetime_s, MIN_REST_S, MAX_REST_S)
                    : MAX_REST_S;

  self->is_mapped = FALSE;
  self->pending = 0;
  rest (self, now, (gint64) for_s * G_USEC_PER_SEC);
}

/* The other protocol is asked at once, but not for ever. */
static void
change_protocol (SrudpPortMapper         *self,
                 gint64                   now,
                 const SrudpPortMapReply *reply)
{
  if (self->protocol_known || !is_ipv4 (self))
    {
      refuse (self, now, reply);
      return;
    }
  self->protocol = SRUDP_PORT_MAP_NAT_PMP;
  self->protocol_known = TRUE;
  self->due = now;
}

/* RFC 6887, section 11.4: a reply belongs to the request whose port and nonce
 * it repeats. NAT-PMP has no nonce, and its refusals repeat nothing. */
static gboolean
is_for_us (const SrudpPortMapper   *self,
           const SrudpPortMapReply *reply)
{
  if (reply->type == SRUDP_PORT_MAP_ADDRESS)
    return TRUE;
  if (reply->protocol == SRUDP_PORT_MAP_NAT_PMP)
    return reply->type != SRUDP_PORT_MAP_MAPPED
           || reply->internal_port == self->request.client.port;
  return reply->internal_port == self->request.client.port
         && memcmp (reply->nonce, self->request.nonce, sizeof reply->nonce) == 0
         && (reply->type != SRUDP_PORT_MAP_MAPPED
             || reply->external.family == self->request.client.family);
}

/* Too little or too much time has passed for the router since it was heard. */
static gboolean
has_begun_anew (const SrudpPortMapper   *self,
                gint64                   now,
                const SrudpPortMapReply *reply)
{
  gint64 here_s = (now - self->epoch_at) / G_USEC_PER_SEC;
  gint64 there_s = reply->epoch_s - self->epoch_s;
  gint64 share = reply->protocol == SRUDP_PORT_MAP_PCP ? EPOCH_SHARE
                                                       : PMP_EPOCH_SHARE;

  if (self->epoch_s < 0)
    return FALSE;
  return there_s < -1
         || there_s + EPOCH_SLACK_S < here_s - here_s / share
         || (reply->protocol == SRUDP_PORT_MAP_PCP
             && here_s + EPOCH_SLACK_S < there_s - there_s / share);
}

/* RFC 6886, section 3.2.1: of NAT-PMP it tells the address, too. */
static gboolean
has_other_address (const SrudpPortMapper   *self,
                   const SrudpPortMapReply *reply)
{
  return reply->type == SRUDP_PORT_MAP_ADDRESS
         && !srudp_address_same_ip (&reply->external, &self->request.external);
}

/* Whoever announces whatever: a mapping is asked for no more often than it may
 * be renewed, and no later than it would have been. */
gboolean
srudp_port_mapper_hear_everybodys (SrudpPortMapper *self,
                                   gint64           now,
                                   const guint8    *data,
                                   gsize            size)
{
  SrudpPortMapReply reply;
  gint64 delay_ms = (self->request.nonce[0] << 8 | self->request.nonce[1])
                    % MAX_DELAY_MS;

  if (self->released || !self->is_mapped
      || !srudp_port_map_parse_reply (data, size, &reply)
      || (reply.type != SRUDP_PORT_MAP_ADDRESS
          && reply.type != SRUDP_PORT_MAP_ANNOUNCED)
      || (!has_begun_anew (self, now, &reply)
          && !has_other_address (self, &reply)))
    return FALSE;

  self->due = MIN (self->due, MAX (now + delay_ms * 1000,
                                   self->epoch_at + MIN_RENEWAL_US));
  return TRUE;
}

gboolean
srudp_port_mapper_receive (SrudpPortMapper *self,
                           gint64           now,
                           const guint8    *data,
                           gsize            size)
{
  SrudpPortMapReply reply;

  if (self->released || !srudp_port_map_parse_reply (data, size, &reply)
      || reply.type == SRUDP_PORT_MAP_ANNOUNCED || !is_for_us (self, &reply))
    return FALSE;

  self->epoch_at = now;
  self->epoch_s = reply.epoch_s;
  if (reply.type == SRUDP_PORT_MAP_OTHER_VERSION)
    change_protocol (self, now, &reply);
  else if (reply.type == SRUDP_PORT_MAP_REFUSED)
    refuse (self, now, &reply);
  else if (reply.protocol == SRUDP_PORT_MAP_NAT_PMP)
    take_pmp (self, now, &reply);
  else
    {
      self->protocol = SRUDP_PORT_MAP_PCP;
      take_mapping (self, now, &reply.external, reply.lifetime_s);
    }
  return TRUE;
}

void
srudp_port_mapper_release (SrudpPortMapper *self,
                           gint64           now)
{
  /* What was asked for may be granted too late to be heard of. */
  gboolean is_open = self->n_tries > 0 && self->n_tries <= MAX_TRIES;

  self->pending = self->is_mapped || is_open ? PENDING_MAPPING : 0;
  self->request.lifetime_s = 0;
  self->is_mapped = FALSE;
  self->released = TRUE;
}
