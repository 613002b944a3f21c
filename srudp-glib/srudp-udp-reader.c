/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-udp-reader.c: datagrams straight from a UDP socket
 */
#ifndef _GNU_SOURCE
# define _GNU_SOURCE /* recvmmsg, struct in6_pktinfo */
#endif

#include "config.h"

#include "srudp-glib/srudp-udp-reader-private.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>

#ifndef SOL_UDP
# define SOL_UDP 17
#endif
#ifndef UDP_GRO
# define UDP_GRO 104
#endif

/* What is asked for, of both families, takes 152 bytes; an application may
 * have asked for more through the property of the endpoint. */
#define CONTROL_BYTES 512

/* What comes with a datagram */

static gboolean
parse_address (const struct msghdr *message,
               SrudpAddress        *address)
{
  const struct sockaddr *name = message->msg_name;
  struct sockaddr_in ipv4;
  struct sockaddr_in6 ipv6;

  if (message->msg_namelen >= sizeof ipv4 && name->sa_family == AF_INET)
    {
      memcpy (&ipv4, name, sizeof ipv4);
      srudp_address_init_ipv4 (address, (const guint8 *) &ipv4.sin_addr,
                               ntohs (ipv4.sin_port));
      return TRUE;
    }
  if (message->msg_namelen < sizeof ipv6 || name->sa_family != AF_INET6)
    return FALSE;

  memcpy (&ipv6, name, sizeof ipv6);
  srudp_address_init_ipv6 (address, (const guint8 *) &ipv6.sin6_addr,
                           ntohs (ipv6.sin6_port), ipv6.sin6_scope_id);
  return TRUE;
}

/* FALSE: it is too short to be what it says it is. */
static gboolean
copy_content (const struct cmsghdr *control,
              gpointer              content,
              gsize                 size)
{
  if (control->cmsg_len < CMSG_LEN (size))
    return FALSE;
  memcpy (content, CMSG_DATA (control), size);
  return TRUE;
}

/* Received, TOS is a byte and the traffic class an int; the two low bits are
 * those of congestion (RFC 3168, section 5). */
static void
parse_ipv4 (const struct cmsghdr *control,
            SrudpArrival         *arrival)
{
  struct in_pktinfo info;
  guint8 tos;

  if (control->cmsg_type == IP_PKTINFO
      && copy_content (control, &info, sizeof info))
    srudp_address_init_ipv4 (&arrival->path.local,
                             (const guint8 *) &info.ipi_addr, 0);
  else if (control->cmsg_type == IP_TOS
           && copy_content (control, &tos, sizeof tos))
    arrival->ecn = (SrudpEcn) (tos & 3);
}

static void
parse_ipv6 (const struct cmsghdr *control,
            SrudpArrival         *arrival)
{
  struct in6_pktinfo info;
  int traffic_class;

  if (control->cmsg_type == IPV6_PKTINFO
      && copy_content (control, &info, sizeof info))
    srudp_address_init_ipv6 (&arrival->path.local,
                             (const guint8 *) &info.ipi6_addr, 0,
                             info.ipi6_ifindex);
  else if (control->cmsg_type == IPV6_TCLASS
           && copy_content (control, &traffic_class, sizeof traffic_class))
    arrival->ecn = (SrudpEcn) (traffic_class & 3);
}

static void
parse_udp (const struct cmsghdr *control,
           SrudpArrival         *arrival)
{
  int segment;

  if (control->cmsg_type == UDP_GRO
      && copy_content (control, &segment, sizeof segment) && segment > 0)
    arrival->segment = (gsize) segment;
}

/* The system's macros look at the size of those before, not of this one. */
static gboolean
is_within (const struct msghdr  *message,
           const struct cmsghdr *control)
{
  const guint8 *end = (const guint8 *) message->msg_control
                      + message->msg_controllen;

  return control->cmsg_len <= (gsize) (end - (const guint8 *) control);
}

static void
parse_controls (struct msghdr *message,
                SrudpArrival  *arrival)
{
  for (struct cmsghdr *control = CMSG_FIRSTHDR (message);
       control != NULL && is_within (message, control);
       control = CMSG_NXTHDR (message, control))
    {
      if (control->cmsg_level == IPPROTO_IP)
        parse_ipv4 (control, arrival);
      else if (control->cmsg_level == IPPROTO_IPV6)
        parse_ipv6 (control, arrival);
      else if (control->cmsg_level == SOL_UDP)
        parse_udp (control, arrival);
    }
}

gboolean
srudp_arrival_parse (struct msghdr *message,
                     gsize          size,
                     SrudpArrival  *arrival)
{
  memset (arrival, 0, sizeof *arrival);
  /* Without all that comes with it, nobody knows where its segments end. */
  if ((message->msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0
      || !parse_address (message, &arrival->path.remote))
    return FALSE;

  arrival->data = message->msg_iov[0].iov_base;
  arrival->size = size;
  parse_controls (message, arrival);
  return TRUE;
}

/* Reading */

#ifdef HAVE_RECVMMSG

typedef union
{
  struct cmsghdr aligned;
  guint8 bytes[CONTROL_BYTES];
} ControlBuffer;

struct _SrudpUdpReader
{
  guint n_used; /* of the messages, by the last batch */
  struct mmsghdr messages[SRUDP_UDP_READER_BATCH];
  struct iovec vectors[SRUDP_UDP_READER_BATCH];
  struct sockaddr_storage names[SRUDP_UDP_READER_BATCH];
  ControlBuffer controls[SRUDP_UDP_READER_BATCH];
  /* The pages of a buffer that is never filled are never used. */
  guint8 *buffer;
};

/* Receiving leaves in it how much of all that was used. */
static void
prepare_message (SrudpUdpReader *self,
                 guint           i)
{
  struct msghdr *message = &self->messages[i].msg_hdr;

  message->msg_namelen = sizeof self->names[i];
  message->msg_controllen = sizeof self->controls[i];
  message->msg_flags = 0;
}

SrudpUdpReader *
srudp_udp_reader_new (void)
{
  SrudpUdpReader *self = g_new0 (SrudpUdpReader, 1);

  self->buffer = g_malloc (SRUDP_UDP_READER_BATCH * SRUDP_UDP_READER_BYTES);
  for (guint i = 0; i < SRUDP_UDP_READER_BATCH; i++)
    {
      struct msghdr *message = &self->messages[i].msg_hdr;

      self->vectors[i].iov_base = self->buffer + i * SRUDP_UDP_READER_BYTES;
      self->vectors[i].iov_len = SRUDP_UDP_READER_BYTES;
      message->msg_name = &self->names[i];
      message->msg_control = &self->controls[i];
      message->msg_iov = &self->vectors[i];
      message->msg_iovlen = 1;
      prepare_message (self, i);
    }
  return self;
}

void
srudp_udp_reader_free (SrudpUdpReader *self)
{
  g_free (self->buffer);
  g_free (self);
}

int
srudp_udp_reader_receive (SrudpUdpReader *self,
                          int             fd)
{
  int n;

  for (guint i = 0; i < self->n_used; i++)
    prepare_message (self, i);
  self->n_used = 0;

  do
    n = recvmmsg (fd, self->messages, SRUDP_UDP_READER_BATCH, MSG_DONTWAIT,
                  NULL);
  while (n < 0 && errno == EINTR);

  if (n > 0)
    self->n_used = (guint) n;
  return n;
}

gboolean
srudp_udp_reader_get (SrudpUdpReader *self,
                      guint           i,
                      SrudpArrival   *arrival)
{
  g_assert (i < self->n_used);
  return srudp_arrival_parse (&self->messages[i].msg_hdr,
                              self->messages[i].msg_len, arrival);
}

#else

SrudpUdpReader *
srudp_udp_reader_new (void)
{
  return NULL;
}

void
srudp_udp_reader_free (SrudpUdpReader *self)
{
}

int
srudp_udp_reader_receive (SrudpUdpReader *self,
                          int             fd)
{
  errno = ENOSYS;
  return -1;
}

gboolean
srudp_udp_reader_get (SrudpUdpReader *self,
                      guint           i,
                      SrudpArrival   *arrival)
{
  return FALSE;
}

#endif
