/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-datagram-io.c: batches of datagrams over a GDatagramBased
 */
#include "config.h"

#include "srudp-glib/srudp-datagram-io-private.h"

#include "srudp-glib/srudp-address-convert-private.h"
#include "srudp-glib/srudp-host-addresses-private.h"
#include "srudp-glib/srudp-packet-message-private.h"
#include "srudp-glib/srudp-segment-message-private.h"
#include "srudp-glib/srudp-udp-reader-private.h"
#include "srudp-glib/srudp-udp-socket-private.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define RECEIVE_MESSAGES SRUDP_UDP_READER_BATCH
#define RECEIVE_BUFFER_BYTES SRUDP_UDP_READER_BYTES
/* ICMP errors come one at a time; this many in a row don't. */
#define FAILURES_MAX 64

/* Control messages of a flight; the first is only for joined segments. */
enum
{
  CONTROL_SEGMENT,
  CONTROL_ECN,
  CONTROL_PACKET_INFO,
  N_CONTROLS
};

struct _SrudpDatagramIo
{
  GDatagramBased *transport;
  SrudpAddressBook *book;
  const SrudpDatagramIoFuncs *funcs;
  gpointer user_data;
  gboolean gso; /* the kernel cuts flights into segments */
  gboolean controls; /* the transport is a UDP socket, which has them */
  SrudpAddress bound; /* of such a socket */
  gboolean bound_to_any;
  guint16 number;    /* of an extra socket; 0: the endpoint's own */
  guint8 ttl;        /* 0: the system's own */
  gboolean ipv4, ipv6; /* what a UDP socket can send to */

  /* Receiving: past GIO, or else through it. The pages of a buffer that is
   * never filled are never used. */
  gboolean past_gio;
  SrudpUdpReader *reader;
  guint8 *receive_buffer;
  GInputVector receive_vectors[RECEIVE_MESSAGES];
  guint n_failures; /* in a row */

  /* Sending: one flight, of which [sent, n) is still to go. */
  guint8 *send_buffer;
  SrudpAddress send_remote;
  gboolean send_pinned; /* from an address of ours that was chosen */
  GSocketAddress *send_address;
  GOutputVector send_vectors[SRUDP_IO_MAX_SEGMENTS];
  GOutputMessage send_messages[SRUDP_IO_MAX_SEGMENTS];
  GSocketControlMessage *send_controls[N_CONTROLS];
  guint n_send_controls;
  SrudpAddress send_local;
  SrudpEcn send_ecn;
  guint n_messages;
  guint n_sent;
  gsize flight_bytes;
  gsize flight_segment;
};

/* One that is bound to an address has the family of that. */
static void
find_families (SrudpDatagramIo *self,
               GSocketAddress  *local,
               gboolean         dual_stack)
{
  srudp_address_from_inet (local, &self->bound);
  self->ipv4 = self->bound.family == SRUDP_FAMILY_IPV4;
  self->ipv6 = self->bound.family == SRUDP_FAMILY_IPV6;
  self->bound_to_any = g_inet_address_get_is_any (
    g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local)));
  if (dual_stack && self->bound_to_any)
    self->ipv4 = self->ipv6 = TRUE;
}

static void
set_up_socket (SrudpDatagramIo *self,
               GSocket         *socket,
               gboolean         dual_stack)
{
  g_autoptr (GSocketAddress) local = g_socket_get_local_address (socket, NULL);

  if (!G_IS_INET_SOCKET_ADDRESS (local))
    return;

  find_families (self, local, dual_stack);
    self->gso = srudp_segment_message_is_supported (socket);
  srudp_gro_message_enable (socket);
  srudp_packet_info_enable (socket);
  srudp_ecn_message_enable (socket);
  self->controls = TRUE;
}

SrudpDatagramIo *
srudp_datagram_io_new (GDatagramBased             *transport,
                       gboolean                    own_socket,
                       const SrudpDatagramIoFuncs *funcs,
                       gpointer                    user_data)
{
  SrudpDatagramIo *self = g_new0 (SrudpDatagramIo, 1);
  gboolean mapped = FALSE;

  self->transport = g_object_ref (transport);
  self->funcs = funcs;
  self->user_data = user_data;
  self->past_gio = own_socket;
  self->send_buffer = g_malloc (SRUDP_MAX_UDP_PAYLOAD);
  if (G_IS_SOCKET (transport))
    {
      mapped = srudp_udp_socket_is_dual_stack (G_SOCKET (transport));
      set_up_socket (self, G_SOCKET (transport), mapped);
    }
  self->book = srudp_address_book_new (mapped);
  return self;
}

void
srudp_datagram_io_free (SrudpDatagramIo *self)
{
  for (guint i = 0; i < N_CONTROLS; i++)
    g_clear_object (&self->send_controls[i]);
  g_clear_object (&self->send_address);
  g_clear_object (&self->transport);
  srudp_address_book_free (self->book);
  g_clear_pointer (&self->reader, srudp_udp_reader_free);
  g_free (self->receive_buffer);
  g_free (self->send_buffer);
  g_free (self);
}

void
srudp_datagram_io_set_number (SrudpDatagramIo *self,
                              guint16          number)
{
  self->number = number;
}

GDatagramBased *
srudp_datagram_io_get_transport (SrudpDatagramIo *self)
{
  return self->transport;
}

/* Receiving */

static void
pass_on (SrudpDatagramIo    *self,
         const SrudpArrival *arrival)
{
  gsize segment = arrival->segment > 0 ? arrival->segment : arrival->size;
  gsize at = 0;

  do
    {
      gsize length = MIN (segment, arrival->size - at);

      self->funcs->received (self->user_data, &arrival->path, arrival->ecn,
                             arrival->data + at, length);
      at += length;
    }
  while (at < arrival->size);
}

/* A datagram that didn't fit is none of ours. It is counted like one in which
 * there is nothing. */
static void
pass_on_nothing (SrudpDatagramIo *self)
{
  SrudpPath path = { .socket = self->number };
  guint8 nothing = 0;

  self->funcs->received (self->user_data, &path, SRUDP_ECN_NOT_ECT, &nothing,
                         0);
}

static void
count_failure (SrudpDatagramIo *self,
               gboolean         failed)
{
  self->n_failures = failed ? self->n_failures + 1 : 0;
}

/* Past GIO */

/* FALSE: this system has no such way, which only shows when it is asked. */
static gboolean
receive_past_gio (SrudpDatagramIo *self,
                  int             *n_received)
{
  int n;

  /* Most extra sockets never receive anything. */
  if (self->reader == NULL)
    self->reader = srudp_udp_reader_new ();
  if (self->reader == NULL)
    return FALSE;

  n = srudp_udp_reader_receive (self->reader,
                                g_socket_get_fd (G_SOCKET (self->transport)));
  if (n < 0 && errno == ENOSYS)
    return FALSE;

  count_failure (self, n < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
  for (int i = 0; i < n; i++)
    {
      SrudpArrival arrival;

      if (!srudp_udp_reader_get (self->reader, (guint) i, &arrival))
        {
          pass_on_nothing (self);
          continue;
        }
      arrival.path.socket = self->number;
      pass_on (self, &arrival);
    }
  *n_received = n;
  return TRUE;
}

/* Through GIO */

static void
need_receive_buffer (SrudpDatagramIo *self)
{
  if (self->receive_buffer != NULL)
    return;

  self->receive_buffer = g_malloc (RECEIVE_MESSAGES * RECEIVE_BUFFER_BYTES);
  for (guint i = 0; i < RECEIVE_MESSAGES; i++)
    {
      self->receive_vectors[i].buffer =
        self->receive_buffer + i * RECEIVE_BUFFER_BYTES;
      self->receive_vectors[i].size = RECEIVE_BUFFER_BYTES;
    }
}

static void
take_controls (GSocketControlMessage **messages,
               guint                   n,
               SrudpArrival           *arrival)
{
  for (guint i = 0; i < n; i++)
    {
      if (SRUDP_IS_GRO_MESSAGE (messages[i]))
        arrival->segment = srudp_gro_message_get_segment_size (messages[i]);
      else if (SRUDP_IS_PACKET_INFO (messages[i]))
        srudp_packet_info_get_address (messages[i], &arrival->path.local);
      else if (SRUDP_IS_ECN_MESSAGE (messages[i]))
        arrival->ecn = srudp_ecn_message_get_ecn (messages[i]);
      g_object_unref (messages[i]);
    }
  g_free (messages);
}

static void
take_message (SrudpDatagramIo        *self,
              guint8                 *data,
              const GInputMessage    *message,
              GSocketControlMessage **controls,
              guint                   n_controls)
{
  g_autoptr (GSocketAddress) address = *message->address;
  SrudpArrival arrival = {
    .path.socket = self->number,
    .data = data,
    .size = message->bytes_received,
  };

  take_controls (controls, n_controls, &arrival);
  if (address != NULL && (message->flags & MSG_TRUNC) == 0
      && srudp_address_book_enter (self->book, address, &arrival.path.remote))
    pass_on (self, &arrival);
  else
    pass_on_nothing (self);
}

static int
receive_through_gio (SrudpDatagramIo *self)
{
  GSocketAddress *addresses[RECEIVE_MESSAGES] = { NULL };
  GSocketControlMessage **controls[RECEIVE_MESSAGES] = { NULL };
  guint n_controls[RECEIVE_MESSAGES] = { 0 };
  GInputMessage messages[RECEIVE_MESSAGES];
  g_autoptr (GError) error = NULL;
  int n;

  need_receive_buffer (self);
  memset (messages, 0, sizeof messages);
  for (guint i = 0; i < RECEIVE_MESSAGES; i++)
    {
      messages[i].address = &addresses[i];
      messages[i].vectors = &self->receive_vectors[i];
      messages[i].num_vectors = 1;
      if (self->controls)
        {
          messages[i].control_messages = &controls[i];
          messages[i].num_control_messages = &n_controls[i];
        }
    }

  n = g_datagram_based_receive_messages (self->transport, messages,
                                         RECEIVE_MESSAGES, 0, 0, NULL, &error);
  count_failure (self, n < 0
                         && !g_error_matches (error, G_IO_ERROR,
                                              G_IO_ERROR_WOULD_BLOCK));
  for (int i = 0; i < n; i++)
    take_message (self, self->receive_vectors[i].buffer, &messages[i],
                  controls[i], n_controls[i]);
  return n;
}

gboolean
srudp_datagram_io_receive (SrudpDatagramIo *self)
{
  int n;

  if (self->past_gio)
    self->past_gio = receive_past_gio (self, &n);
  if (!self->past_gio)
    n = receive_through_gio (self);
  return n == RECEIVE_MESSAGES;
}

gboolean
srudp_datagram_io_is_failing (SrudpDatagramIo *self)
{
  return self->n_failures >= FAILURES_MAX;
}

/* Sending */

guint8 *
srudp_datagram_io_get_buffer (SrudpDatagramIo *self)
{
  return self->send_buffer;
}

static gboolean
look_up_remote (SrudpDatagramIo    *self,
                const SrudpAddress *remote)
{
  if (self->send_address != NULL
      && srudp_address_equal (remote, &self->send_remote))
    return TRUE;

  g_clear_object (&self->send_address);
  self->send_address = srudp_address_book_lookup (self->book, remote);
  self->send_remote = *remote;
  return self->send_address != NULL;
}

static void
fill_in_message (SrudpDatagramIo *self,
                 guint            i,
                 gsize            at,
                 gsize            length)
{
  GOutputMessage *message = &self->send_messages[i];

  self->send_vectors[i].buffer = self->send_buffer + at;
  self->send_vectors[i].size = length;
  memset (message, 0, sizeof *message);
  message->address = self->send_address;
  message->vectors = &self->send_vectors[i];
  message->num_vectors = 1;
  message->control_messages = self->send_controls + CONTROL_ECN;
  message->num_control_messages = self->n_send_controls;
}

/* Flights mostly go the same way as the one before. */
static void
prepare_controls (SrudpDatagramIo     *self,
                  const SrudpTransmit *transmit)
{
  const SrudpPath *path = &transmit->path;
  GSocketControlMessage **ecn = &self->send_controls[CONTROL_ECN];
  GSocketControlMessage **info = &self->send_controls[CONTROL_PACKET_INFO];

  if (!self->controls)
    return;

  if (*ecn == NULL || self->send_ecn != transmit->ecn
      || self->send_remote.family != path->remote.family)
    {
      g_clear_object (ecn);
      *ecn = srudp_ecn_message_new (transmit->ecn,
                                    (SrudpFamily) path->remote.family);
      self->send_ecn = transmit->ecn;
    }
  if (srudp_address_is_set (&path->local)
      && (*info == NULL
          || !srudp_address_equal (&self->send_local, &path->local)))
    {
      g_clear_object (info);
      *info = srudp_packet_info_new (
        &path->local, g_socket_get_family (G_SOCKET (self->transport)));
      self->send_local = path->local;
    }
  self->n_send_controls = srudp_address_is_set (&path->local) ? 2 : 1;
}

static void
prepare_segments (SrudpDatagramIo *self,
                  gsize            at)
{
  self->n_messages = 0;
  self->n_sent = 0;
  while (at < self->flight_bytes)
    {
      gsize length = MIN (self->flight_segment, self->flight_bytes - at);

      fill_in_message (self, self->n_messages++, at, length);
      at += length;
    }
}

static void
prepare_one (SrudpDatagramIo *self)
{
  self->n_messages = 1;
  self->n_sent = 0;
  fill_in_message (self, 0, 0, self->flight_bytes);

  g_clear_object (&self->send_controls[CONTROL_SEGMENT]);
  self->send_controls[CONTROL_SEGMENT] =
    srudp_segment_message_new ((guint16) self->flight_segment);
  self->send_messages[0].control_messages = self->send_controls;
  self->send_messages[0].num_control_messages = 1 + self->n_send_controls;
}

static void
handle_error (SrudpDatagramIo *self,
              const GError    *error)
{
  gboolean joined = self->send_messages[self->n_sent].control_messages
                    == self->send_controls;

  /* The device or its driver can't segment: never ask again. EINVAL also
   * comes when a segment is larger than the device's MTU. */
  if (joined)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE)
          && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT))
        self->gso = FALSE;
      prepare_segments (self, 0);
      return;
    }

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    self->funcs->unreachable (self->user_data, &self->send_remote);
  if (self->send_pinned
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    self->funcs->local_lost (self->user_data);
  /* Anything else is a loss like any other on the way. */
  self->n_sent++;
}

gboolean
srudp_datagram_io_resume (SrudpDatagramIo *self)
{
  while (self->n_sent < self->n_messages)
    {
      g_autoptr (GError) error = NULL;
      int n = g_datagram_based_send_messages (
        self->transport, self->send_messages + self->n_sent,
        self->n_messages - self->n_sent, 0, 0, NULL, &error);

      if (n > 0)
        self->n_sent += (guint) n;
      else if (error == NULL
               || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return FALSE;
      else
        handle_error (self, error);
    }
  return TRUE;
}

/* How far it goes is an option of the socket: few packets at the beginning are
 * meant to go less far than others. -1 stands for the system's own. */
static void
set_ttl (SrudpDatagramIo *self,
         guint8           ttl)
{
  int value = ttl > 0 ? ttl : -1;

  if (ttl == self->ttl || !self->controls)
    return;

  self->ttl = ttl;
  g_socket_set_option (G_SOCKET (self->transport), IPPROTO_IP, IP_TTL, value,
                       NULL);
  if (g_socket_get_family (G_SOCKET (self->transport)) == G_SOCKET_FAMILY_IPV6)
    g_socket_set_option (G_SOCKET (self->transport), IPPROTO_IPV6,
                         IPV6_UNICAST_HOPS, value, NULL);
}

/* IPv4 with an interface is only a question whether that leads anywhere. */
static gboolean
is_pinned (const SrudpAddress *local)
{
  return local->family != SRUDP_FAMILY_NONE
         && (local->family != SRUDP_FAMILY_IPV4 || local->scope_id == 0);
}

gboolean
srudp_datagram_io_send (SrudpDatagramIo     *self,
                        const SrudpTransmit *transmit)
{
  self->send_pinned = is_pinned (&transmit->path.local);
  set_ttl (self, transmit->ttl);
  prepare_controls (self, transmit);
  if (!look_up_remote (self, &transmit->path.remote))
    return TRUE;

  self->flight_bytes = transmit->size;
  self->flight_segment = MAX (transmit->segment_size, 1);
  if (self->gso && transmit->size > self->flight_segment)
    prepare_one (self);
  else
    prepare_segments (self, 0);
  return srudp_datagram_io_resume (self);
}

/* RFC 4291, section 2.5.6: such an address says nothing without a link. */
static gboolean
lacks_scope (const SrudpAddress *address)
{
  return address->family == SRUDP_FAMILY_IPV6 && address->ip[0] == 0xfe
         && (address->ip[1] & 0xc0) == 0x80 && address->scope_id == 0;
}

gboolean
srudp_datagram_io_can_reach (SrudpDatagramIo    *self,
                             const SrudpAddress *address)
{
  if (!self->controls)
    return TRUE;
  if (address->port == 0 || !srudp_address_is_unicast (address)
      || lacks_scope (address))
    return FALSE;

  return (address->family == SRUDP_FAMILY_IPV4 && self->ipv4)
         || (address->family == SRUDP_FAMILY_IPV6 && self->ipv6);
}

gboolean
srudp_datagram_io_is_own (SrudpDatagramIo    *self,
                          const SrudpAddress *address)
{
  if (!self->controls || address->port != self->bound.port)
    return FALSE;
  if (self->bound_to_any)
    return srudp_host_addresses_contain (address);
  return srudp_address_same_ip (address, &self->bound);
}

gboolean
srudp_datagram_io_enter (SrudpDatagramIo *self,
                         GSocketAddress  *address,
                         SrudpAddress    *out)
{
  return srudp_address_book_enter (self->book, address, out);
}

GSocketAddress *
srudp_datagram_io_lookup (SrudpDatagramIo    *self,
                          const SrudpAddress *address)
{
  g_autoptr (GSocketAddress) found = NULL;

  if (!srudp_address_is_set (address))
    return NULL;
  found = srudp_address_book_lookup (self->book, address);
  return found == NULL ? NULL : srudp_address_unmap (found);
}

GSocketAddress *
srudp_datagram_io_lookup_local (SrudpDatagramIo    *self,
                                const SrudpAddress *address)
{
  SrudpAddress with_port = *address;

  with_port.port = self->bound.port;
  return srudp_datagram_io_lookup (self, &with_port);
}
