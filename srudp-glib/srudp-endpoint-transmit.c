/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-transmit.c: what goes out by an endpoint's sockets
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint-core-private.h"

#include "srudp-glib/srudp-prober-private.h"
#include "srudp-glib/srudp-source-private.h"

#include <string.h>

/* Per turn of the loop, so that nothing starves the rest. */
#define TRANSMIT_FLIGHTS 32

static gboolean
writable_cb (GDatagramBased *transport,
             GIOCondition    condition,
             gpointer        user_data)
{
  SrudpEndpointCore *self = user_data;

  if (!srudp_datagram_io_resume (self->blocked))
    return G_SOURCE_CONTINUE;

  self->blocked = NULL;
  g_clear_pointer (&self->writable_source, g_source_unref);
  srudp_endpoint_core_pump (self);
  return G_SOURCE_REMOVE;
}

static void
wait_writable (SrudpEndpointCore *self,
               SrudpDatagramIo   *io)
{
  self->blocked = io;
  self->writable_source = g_datagram_based_create_source (
    srudp_datagram_io_get_transport (io), G_IO_OUT, NULL);
  g_source_set_callback (self->writable_source, G_SOURCE_FUNC (writable_cb),
                         self, NULL);
  g_source_attach (self->writable_source, self->context);
}

static void
ask_servers (SrudpEndpointCore *self)
{
  SrudpTransmit flight;

  while (self->writable_source == NULL
         && srudp_prober_poll_transmit (
           self->prober, &flight, srudp_datagram_io_get_buffer (self->io)))
    if (!srudp_datagram_io_send (self->io, &flight))
      wait_writable (self, self->io);
}

/* The engine, too, would like to know the port of a new one. */
static SrudpDatagramIo *
get_spare (SrudpEndpointCore *self,
           guint16            number)
{
  SrudpDatagramIo *io;

  if (self->spares == NULL)
    return NULL;

  io = srudp_spare_sockets_lookup (self->spares, number);
  if (io != NULL)
    return io;

  io = srudp_spare_sockets_get (self->spares, number);
  srudp_engine_set_socket_port (
    self->engine, g_get_monotonic_time (), number,
    srudp_spare_sockets_get_port (self->spares, number));
  return io;
}

/* A flight lies in the buffer of the endpoint's own socket. One that can't be
 * sent for want of sockets is lost like others on their way. */
static void
send_flight (SrudpEndpointCore   *self,
             const SrudpTransmit *flight)
{
  SrudpDatagramIo *io = self->io;

  if (flight->path.socket != 0)
    io = get_spare (self, flight->path.socket);
  if (io == NULL)
    return;

  if (io != self->io)
    memcpy (srudp_datagram_io_get_buffer (io),
            srudp_datagram_io_get_buffer (self->io), flight->size);
  if (!srudp_datagram_io_send (io, flight))
    wait_writable (self, io);
}

gboolean
srudp_endpoint_core_transmit (SrudpEndpointCore *self)
{
  ask_servers (self);
  for (guint i = 0; i < TRANSMIT_FLIGHTS; i++)
    {
      SrudpTransmit flight;

      if (self->writable_source != NULL)
        return TRUE;
      if (srudp_engine_poll_transmit (self->engine, g_get_monotonic_time (),
                                      &flight,
                                      srudp_datagram_io_get_buffer (self->io),
                                      SRUDP_MAX_UDP_PAYLOAD,
                                      SRUDP_IO_MAX_SEGMENTS)
          == 0)
        return TRUE;
      send_flight (self, &flight);
    }
  return FALSE;
}

void
srudp_endpoint_core_close_idle_sockets (SrudpEndpointCore *self)
{
  guint16 number;

  while (srudp_engine_poll_idle_socket (self->engine, &number))
    {
      if (self->blocked != NULL
          && self->blocked == srudp_spare_sockets_lookup (self->spares, number))
        {
          srudp_clear_source (&self->writable_source);
          self->blocked = NULL;
        }
      srudp_spare_sockets_close (self->spares, number);
    }
}
