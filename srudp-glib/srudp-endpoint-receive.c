/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-receive.c: what comes in by an endpoint's sockets
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint-core-private.h"

#include "srudp-glib/srudp-prober-private.h"

/* Per turn of the loop, so that nothing starves the rest. */
#define RECEIVE_BATCHES 4
/* How long a broken transport is left alone. */
#define PAUSE_MS 100
/* How often the engine is told that its own address doesn't do. */
#define LOCAL_LOST_INTERVAL_US (G_USEC_PER_SEC / 2)

/* Below are protocols that may share a port with ours: STUN (RFC 7983). */
#define FIRST_BYTE_OF_OURS 0x40
/* From here on: of somebody who is about to open. */
#define FIRST_BYTE_OF_HANDSHAKE 0x80

static void
received_cb (gpointer         user_data,
             const SrudpPath *path,
             SrudpEcn         ecn,
             guint8          *data,
             gsize            size)
{
  SrudpEndpointCore *self = user_data;
  gint64 now = g_get_monotonic_time ();

  if (size > 0 && data[0] < FIRST_BYTE_OF_OURS
      && srudp_prober_receive (self->prober, &path->remote, data, size))
    return;
  /* The monotonic clock stands while the computer sleeps: the invitation that
   * somebody comes with may be over by now. */
  if (size > 0 && data[0] >= FIRST_BYTE_OF_HANDSHAKE)
    srudp_engine_set_time_of_day (self->engine, now, g_get_real_time ());
  srudp_engine_receive (self->engine, now, path, ecn, data, size);
}

static void
unreachable_cb (gpointer            user_data,
                const SrudpAddress *remote)
{
  SrudpEndpointCore *self = user_data;

  srudp_engine_hint_unreachable (self->engine, g_get_monotonic_time (),
                                 remote);
}

/* The system may tell of it later, or to nobody. */
static void
local_lost_cb (gpointer user_data)
{
  SrudpEndpointCore *self = user_data;
  gint64 now = g_get_monotonic_time ();

  if (now < self->local_lost_us + LOCAL_LOST_INTERVAL_US)
    return;
  self->local_lost_us = now;
  srudp_engine_on_network_change (self->engine, now);
}

static const SrudpDatagramIoFuncs io_funcs = {
  received_cb,
  unreachable_cb,
  local_lost_cb,
};

static void
spare_received_cb (gpointer user_data)
{
  srudp_endpoint_core_pump (user_data);
}

void
srudp_endpoint_core_open_io (SrudpEndpointCore *self)
{
  self->io =
    srudp_datagram_io_new (self->transport, self->own_socket, &io_funcs, self);
  self->spares = srudp_spare_sockets_new (self->transport, self->context,
                                          &io_funcs, spare_received_cb, self);
}

static gboolean
read_again_cb (gpointer user_data)
{
  SrudpEndpointCore *self = user_data;

  g_clear_pointer (&self->socket_source, g_source_unref);
  srudp_endpoint_core_start_reading (self);
  return G_SOURCE_REMOVE;
}

/* A transport that is broken for good would keep its source ready for ever. */
static void
pause_reading (SrudpEndpointCore *self)
{
  g_clear_pointer (&self->socket_source, g_source_unref);
  self->socket_source = g_timeout_source_new (PAUSE_MS);
  g_source_set_callback (self->socket_source, read_again_cb, self, NULL);
  g_source_attach (self->socket_source, self->context);
}

static gboolean
readable_cb (GDatagramBased *transport,
             GIOCondition    condition,
             gpointer        user_data)
{
  SrudpEndpointCore *self = user_data;

  for (guint i = 0; i < RECEIVE_BATCHES; i++)
    {
      if (!srudp_datagram_io_receive (self->io))
        break;
    }
  srudp_endpoint_core_pump (self);
  if (!srudp_datagram_io_is_failing (self->io))
    return G_SOURCE_CONTINUE;
  pause_reading (self);
  return G_SOURCE_REMOVE;
}

void
srudp_endpoint_core_start_reading (SrudpEndpointCore *self)
{
  self->socket_source =
    g_datagram_based_create_source (self->transport, G_IO_IN, NULL);
  g_source_set_callback (self->socket_source, G_SOURCE_FUNC (readable_cb),
                         self, NULL);
  /* It doesn't recurse, but GLib would take its descriptor out of the set for
   * each dispatch otherwise, and wake this thread twice for that. */
  g_source_set_can_recurse (self->socket_source, TRUE);
  g_source_set_static_name (self->socket_source, "[srudp] socket");
  g_source_attach (self->socket_source, self->context);
}
