/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-datagram-io.c: batches of datagrams over a GDatagramBased
 */
#include "config.h"

#include "srudp-glib/srudp-datagram-io-private.h"

#include "srudp-glib/srudp-address-convert-private.h"
#include "srudp-glib/srudp-segment-message-private.h"
#include "srudp-glib/srudp-udp-socket-private.h"

#include <string.h>
#include <sys/socket.h>

#define RECEIVE_MESSAGES 32
#define RECEIVE_BUFFER_BYTES 65536

struct _SrudpDatagramIo
{
  GDatagramBased *transport;
  SrudpAddressBook *book;
  const SrudpDatagramIoFuncs *funcs;
  gpointer user_data;
  gboolean gso; /* the kernel cuts flights into segments */
  gboolean gro; /* the kernel may join datagrams */

  /* Receiving. The pages of a buffer that is never filled are never used. */
  guint8 *receive_buffer;
  GInputVector receive_vectors[RECEIVE_MESSAGES];

  /* Sending: one flight, of which [sent, n) is still to go. */
  guint8 *send_buffer;
  SrudpAddress send_remote;
  GSocketAddress *send_address;
  GOutputVector send_vectors[SRUDP_IO_MAX_SEGMENTS];
  GOutputMessage send_messages[SRUDP_IO_MAX_SEGMENTS];
  GSocketControlMessage *segment_message;
  guint n_messages;
  guint n_sent;
  gsize flight_bytes;
  gsize flight_segment;
};

SrudpDatagramIo *
srudp_datagram_io_new (GDatagramBased             *transport,
                       const SrudpDatagramIoFuncs *funcs,
                       gpointer                    user_data)
{
  SrudpDatagramIo *self = g_new0 (SrudpDatagramIo, 1);
  gboolean mapped = FALSE;

  self->transport = g_object_ref (transport);
  self->funcs = funcs;
  self->user_data = user_data;
  self->send_buffer = g_malloc (SRUDP_MAX_UDP_PAYLOAD);
  self->receive_buffer = g_malloc (RECEIVE_MESSAGES * RECEIVE_BUFFER_BYTES);
  for (guint i = 0; i < RECEIVE_MESSAGES; i++)
    {
      self->receive_vectors[i].buffer =
        self->receive_buffer + i * RECEIVE_BUFFER_BYTES;
      self->receive_vectors[i].size = RECEIVE_BUFFER_BYTES;
    }

  if (G_IS_SOCKET (transport))
    {
      mapped = srudp_udp_socket_is_dual_stack (G_SOCKET (transport));
      self->gso = srudp_segment_message_is_supported (G_SOCKET (transport));
      self->gro = srudp_gro_message_enable (G_SOCKET (transport));
    }
  self->book = srudp_address_book_new (mapped);
  return self;
}

void
srudp_datagram_io_free (SrudpDatagramIo *self)
{
  g_clear_object (&self->segment_message);
  g_clear_object (&self->send_address);
  g_clear_object (&self->transport);
  srudp_address_book_free (self->book);
  g_free (self->receive_buffer);
  g_free (self->send_buffer);
  g_free (self);
}

/* Receiving */

static gsize
take_segment_size (GSocketControlMessage **messages,
                   guint                   n,
                   gsize                   size)
{
  gsize segment = size;

  for (guint i = 0; i < n; i++)
    {
      if (SRUDP_IS_GRO_MESSAGE (messages[i]))
        segment = srudp_gro_message_get_segment_size (messages[i]);
      g_object_unref (messages[i]);
    }
  g_free (messages);
  return segment == 0 ? size : segment;
}

static void
pass_on (SrudpDatagramIo *self,
         const SrudpPath *path,
         guint8          *data,
         gsize            size,
         gsize            segment)
{
  gsize at = 0;

  do
    {
      gsize length = MIN (segment, size - at);

      self->funcs->received (self->user_data, path, SRUDP_ECN_NOT_ECT,
                             data + at, length);
      at += length;
    }
  while (at < size);
}

static void
take_message (SrudpDatagramIo        *self,
              guint8                 *data,
              gsize                   size,
              GSocketAddress         *address,
              GSocketControlMessage **controls,
              guint                   n_controls,
              int                     flags)
{
  SrudpPath path = { 0 };
  gsize segment = take_segment_size (controls, n_controls, size);

  /* A datagram that didn't fit is none of ours. */
  if (address != NULL && (flags & MSG_TRUNC) == 0
      && srudp_address_book_enter (self->book, address, &path.remote))
    pass_on (self, &path, data, size, segment);
  g_clear_object (&address);
}

gboolean
srudp_datagram_io_receive (SrudpDatagramIo *self)
{
  GSocketAddress *addresses[RECEIVE_MESSAGES] = { NULL };
  GSocketControlMessage **controls[RECEIVE_MESSAGES] = { NULL };
  guint n_controls[RECEIVE_MESSAGES] = { 0 };
  GInputMessage messages[RECEIVE_MESSAGES];
  int n;

  memset (messages, 0, sizeof messages);
  for (guint i = 0; i < RECEIVE_MESSAGES; i++)
    {
      messages[i].address = &addresses[i];
      messages[i].vectors = &self->receive_vectors[i];
      messages[i].num_vectors = 1;
      if (self->gro)
        {
          messages[i].control_messages = &controls[i];
          messages[i].num_control_messages = &n_controls[i];
        }
    }

  n = g_datagram_based_receive_messages (self->transport, messages,
                                         RECEIVE_MESSAGES, 0, 0, NULL, NULL);
  for (int i = 0; i < n; i++)
    take_message (self, self->receive_vectors[i].buffer,
                  messages[i].bytes_received, addresses[i], controls[i],
                  n_controls[i], messages[i].flags);
  return n == RECEIVE_MESSAGES;
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

  g_clear_object (&self->segment_message);
  self->segment_message =
    srudp_segment_message_new ((guint16) self->flight_segment);
  self->send_messages[0].control_messages = &self->segment_message;
  self->send_messages[0].num_control_messages = 1;
}

static void
handle_error (SrudpDatagramIo *self,
              const GError    *error)
{
  gboolean joined = self->send_messages[self->n_sent].num_control_messages > 0;

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

gboolean
srudp_datagram_io_send (SrudpDatagramIo     *self,
                        const SrudpTransmit *transmit)
{
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
