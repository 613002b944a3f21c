/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-packet-message.c: what goes with one packet: the address on this side,
 * and marks of congestion
 *
 * A computer with several addresses has to answer from the one that was
 * called, or the peer's NAT drops the answer. On a dual-stack socket IPv4
 * packets carry the IPv6 message with a v4-mapped address, but TOS of their
 * own.
 */
#define _GNU_SOURCE /* for struct in6_pktinfo */

#include "config.h"

#include "srudp-glib/srudp-packet-message-private.h"

#include <netinet/in.h>
#include <string.h>

static const guint8 mapped_prefix[12] = {
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff
};

struct _SrudpPacketInfo
{
  GSocketControlMessage parent_instance;

  SrudpAddress local;
  gboolean ipv6; /* the message is, the address may be IPv4 */
};

G_DEFINE_FINAL_TYPE (SrudpPacketInfo, srudp_packet_info,
                     G_TYPE_SOCKET_CONTROL_MESSAGE)

static int
packet_info_get_level (GSocketControlMessage *message)
{
  return SRUDP_PACKET_INFO (message)->ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
}

static int
packet_info_get_msg_type (GSocketControlMessage *message)
{
  return SRUDP_PACKET_INFO (message)->ipv6 ? IPV6_PKTINFO : IP_PKTINFO;
}

static gsize
packet_info_get_size (GSocketControlMessage *message)
{
  return SRUDP_PACKET_INFO (message)->ipv6 ? sizeof (struct in6_pktinfo)
                                           : sizeof (struct in_pktinfo);
}

static void
serialize_ipv6 (SrudpPacketInfo *self,
                gpointer         data)
{
  struct in6_pktinfo info = { 0 };

  if (self->local.family == SRUDP_FAMILY_IPV6)
    {
      memcpy (&info.ipi6_addr, self->local.ip, 16);
      info.ipi6_ifindex = self->local.scope_id;
    }
  else
    {
      memcpy (&info.ipi6_addr, mapped_prefix, 12);
      memcpy ((guint8 *) &info.ipi6_addr + 12, self->local.ip, 4);
      info.ipi6_ifindex = self->local.scope_id;
    }
  memcpy (data, &info, sizeof info);
}

static void
packet_info_serialize (GSocketControlMessage *message,
                       gpointer               data)
{
  SrudpPacketInfo *self = SRUDP_PACKET_INFO (message);
  struct in_pktinfo info = { 0 };

  if (self->ipv6)
    {
      serialize_ipv6 (self, data);
      return;
    }
  memcpy (&info.ipi_spec_dst, self->local.ip, 4);
  info.ipi_ifindex = (int) self->local.scope_id;
  memcpy (data, &info, sizeof info);
}

static GSocketControlMessage *
deserialize_ipv6 (gpointer data)
{
  SrudpPacketInfo *self = g_object_new (SRUDP_TYPE_PACKET_INFO, NULL);
  const guint8 *ip;
  struct in6_pktinfo info;

  memcpy (&info, data, sizeof info);
  ip = (const guint8 *) &info.ipi6_addr;
  self->ipv6 = TRUE;
  if (memcmp (ip, mapped_prefix, sizeof mapped_prefix) == 0)
    srudp_address_init_ipv4 (&self->local, ip + 12, 0);
  else
    srudp_address_init_ipv6 (&self->local, ip, 0,
                             IN6_IS_ADDR_LINKLOCAL (&info.ipi6_addr)
                               ? info.ipi6_ifindex
                               : 0);
  return G_SOCKET_CONTROL_MESSAGE (self);
}

static GSocketControlMessage *
deserialize_ipv4 (gpointer data)
{
  SrudpPacketInfo *self = g_object_new (SRUDP_TYPE_PACKET_INFO, NULL);
  struct in_pktinfo info;

  memcpy (&info, data, sizeof info);
  srudp_address_init_ipv4 (&self->local, (const guint8 *) &info.ipi_addr, 0);
  return G_SOCKET_CONTROL_MESSAGE (self);
}

static GSocketControlMessage *
packet_info_deserialize (int      level,
                         int      type,
                         gsize    size,
                         gpointer data)
{
  if (level == IPPROTO_IPV6 && type == IPV6_PKTINFO
      && size >= sizeof (struct in6_pktinfo))
    return deserialize_ipv6 (data);
  if (level == IPPROTO_IP && type == IP_PKTINFO
      && size >= sizeof (struct in_pktinfo))
    return deserialize_ipv4 (data);
  return NULL;
}

static void
srudp_packet_info_class_init (SrudpPacketInfoClass *klass)
{
  GSocketControlMessageClass *message_class =
    G_SOCKET_CONTROL_MESSAGE_CLASS (klass);

  message_class->get_level = packet_info_get_level;
  message_class->get_type = packet_info_get_msg_type;
  message_class->get_size = packet_info_get_size;
  message_class->serialize = packet_info_serialize;
  message_class->deserialize = packet_info_deserialize;
}

static void
srudp_packet_info_init (SrudpPacketInfo *self)
{
}

gboolean
srudp_packet_info_enable (GSocket *socket)
{
  /* GIO finds the classes of control messages among the known types. */
  g_type_ensure (SRUDP_TYPE_PACKET_INFO);
  if (g_socket_get_family (socket) == G_SOCKET_FAMILY_IPV6)
    return g_socket_set_option (socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1,
                                NULL);
  return g_socket_set_option (socket, IPPROTO_IP, IP_PKTINFO, 1, NULL);
}

GSocketControlMessage *
srudp_packet_info_new (const SrudpAddress *local,
                       GSocketFamily       socket_family)
{
  SrudpPacketInfo *self = g_object_new (SRUDP_TYPE_PACKET_INFO, NULL);

  self->local = *local;
  self->ipv6 = socket_family == G_SOCKET_FAMILY_IPV6;
  return G_SOCKET_CONTROL_MESSAGE (self);
}

void
srudp_packet_info_get_address (GSocketControlMessage *message,
                               SrudpAddress          *local)
{
  *local = SRUDP_PACKET_INFO (message)->local;
}

struct _SrudpEcnMessage
{
  GSocketControlMessage parent_instance;

  SrudpEcn ecn;
  gboolean ipv6;
};

G_DEFINE_FINAL_TYPE (SrudpEcnMessage, srudp_ecn_message,
                     G_TYPE_SOCKET_CONTROL_MESSAGE)

static int
ecn_message_get_level (GSocketControlMessage *message)
{
  return SRUDP_ECN_MESSAGE (message)->ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
}

static int
ecn_message_get_msg_type (GSocketControlMessage *message)
{
  return SRUDP_ECN_MESSAGE (message)->ipv6 ? IPV6_TCLASS : IP_TOS;
}

static gsize
ecn_message_get_size (GSocketControlMessage *message)
{
  return sizeof (int);
}

static void
ecn_message_serialize (GSocketControlMessage *message,
                       gpointer               data)
{
  int value = SRUDP_ECN_MESSAGE (message)->ecn;

  memcpy (data, &value, sizeof value);
}

static GSocketControlMessage *
make_ecn_message (int      value,
                  gboolean ipv6)
{
  SrudpEcnMessage *self = g_object_new (SRUDP_TYPE_ECN_MESSAGE, NULL);

  self->ecn = (SrudpEcn) (value & 3);
  self->ipv6 = ipv6;
  return G_SOCKET_CONTROL_MESSAGE (self);
}

/* Received, TOS is a byte and the traffic class an int. */
static GSocketControlMessage *
ecn_message_deserialize (int      level,
                         int      type,
                         gsize    size,
                         gpointer data)
{
  int value;

  if (level == IPPROTO_IP && type == IP_TOS && size >= 1)
    return make_ecn_message (*(guint8 *) data, FALSE);
  if (level != IPPROTO_IPV6 || type != IPV6_TCLASS || size < sizeof value)
    return NULL;
  memcpy (&value, data, sizeof value);
  return make_ecn_message (value, TRUE);
}

static void
srudp_ecn_message_class_init (SrudpEcnMessageClass *klass)
{
  GSocketControlMessageClass *message_class =
    G_SOCKET_CONTROL_MESSAGE_CLASS (klass);

  message_class->get_level = ecn_message_get_level;
  message_class->get_type = ecn_message_get_msg_type;
  message_class->get_size = ecn_message_get_size;
  message_class->serialize = ecn_message_serialize;
  message_class->deserialize = ecn_message_deserialize;
}

static void
srudp_ecn_message_init (SrudpEcnMessage *self)
{
}

gboolean
srudp_ecn_message_enable (GSocket *socket)
{
  gboolean ipv4, ipv6 = FALSE;

  g_type_ensure (SRUDP_TYPE_ECN_MESSAGE);
  if (g_socket_get_family (socket) == G_SOCKET_FAMILY_IPV6)
    ipv6 = g_socket_set_option (socket, IPPROTO_IPV6, IPV6_RECVTCLASS, 1,
                                NULL);
  ipv4 = g_socket_set_option (socket, IPPROTO_IP, IP_RECVTOS, 1, NULL);
  return ipv4 || ipv6;
}

GSocketControlMessage *
srudp_ecn_message_new (SrudpEcn    ecn,
                       SrudpFamily family)
{
  return make_ecn_message (ecn, family == SRUDP_FAMILY_IPV6);
}

SrudpEcn
srudp_ecn_message_get_ecn (GSocketControlMessage *message)
{
  return SRUDP_ECN_MESSAGE (message)->ecn;
}
