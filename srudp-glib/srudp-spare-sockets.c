/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-spare-sockets.c: the extra sockets of an endpoint
 */
#include "config.h"

#include "srudp-glib/srudp-spare-sockets-private.h"

#include "srudp-glib/srudp-source-private.h"
#include "srudp-glib/srudp-udp-socket-private.h"

struct _SrudpSpareSockets
{
  GSocketAddress *local; /* the endpoint's, with any port */
  GMainContext *context;
  const SrudpDatagramIoFuncs *funcs;
  SrudpSpareFunc received;
  gpointer user_data;
  GHashTable *sockets; /* number → Spare */
};

typedef struct
{
  SrudpSpareSockets *owner;
  GSocket *socket;
  SrudpDatagramIo *io;
  GSource *source;
} Spare;

static void
spare_free (gpointer data)
{
  Spare *spare = data;

  srudp_clear_source (&spare->source);
  srudp_datagram_io_free (spare->io);
  g_socket_close (spare->socket, NULL);
  g_object_unref (spare->socket);
  g_free (spare);
}

SrudpSpareSockets *
srudp_spare_sockets_new (GDatagramBased             *transport,
                         GMainContext               *context,
                         const SrudpDatagramIoFuncs *funcs,
                         SrudpSpareFunc              received,
                         gpointer                    user_data)
{
  g_autoptr (GSocketAddress) local = NULL;
  SrudpSpareSockets *self;

  if (G_IS_SOCKET (transport))
    local = g_socket_get_local_address (G_SOCKET (transport), NULL);
  if (!G_IS_INET_SOCKET_ADDRESS (local))
    return NULL;

  self = g_new0 (SrudpSpareSockets, 1);
  self->local = g_inet_socket_address_new (
    g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local)), 0);
  self->context = context;
  self->funcs = funcs;
  self->received = received;
  self->user_data = user_data;
  self->sockets = g_hash_table_new_full (NULL, NULL, NULL, spare_free);
  return self;
}

void
srudp_spare_sockets_free (SrudpSpareSockets *self)
{
  g_hash_table_unref (self->sockets);
  g_object_unref (self->local);
  g_free (self);
}

/* Handling what came may close this very socket: nothing of it is touched
 * after that. One that is broken is of no more use. */
static gboolean
readable_cb (GDatagramBased *transport,
             GIOCondition    condition,
             gpointer        user_data)
{
  Spare *spare = user_data;
  SrudpSpareSockets *self = spare->owner;
  gboolean is_failing;

  srudp_datagram_io_receive (spare->io);
  is_failing = srudp_datagram_io_is_failing (spare->io);
  self->received (self->user_data);
  return is_failing ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static Spare *
open_spare (SrudpSpareSockets *self,
            guint16            number)
{
  GSocket *socket = srudp_udp_socket_new (self->local, NULL);
  Spare *spare;

  if (socket == NULL)
    return NULL;

  spare = g_new0 (Spare, 1);
  spare->owner = self;
  spare->socket = socket;
  spare->io = srudp_datagram_io_new (G_DATAGRAM_BASED (socket), TRUE,
                                     self->funcs, self->user_data);
  srudp_datagram_io_set_number (spare->io, number);
  spare->source = g_datagram_based_create_source (G_DATAGRAM_BASED (socket),
                                                  G_IO_IN, NULL);
  g_source_set_callback (spare->source, G_SOURCE_FUNC (readable_cb), spare,
                         NULL);
  g_source_set_static_name (spare->source, "[srudp] extra socket");
  g_source_attach (spare->source, self->context);
  g_hash_table_insert (self->sockets, GUINT_TO_POINTER (number), spare);
  return spare;
}

SrudpDatagramIo *
srudp_spare_sockets_lookup (SrudpSpareSockets *self,
                            guint16            number)
{
  Spare *spare = g_hash_table_lookup (self->sockets, GUINT_TO_POINTER (number));

  return spare != NULL ? spare->io : NULL;
}

SrudpDatagramIo *
srudp_spare_sockets_get (SrudpSpareSockets *self,
                         guint16            number)
{
  SrudpDatagramIo *io = srudp_spare_sockets_lookup (self, number);
  Spare *spare;

  if (io != NULL)
    return io;

  spare = open_spare (self, number);
  return spare != NULL ? spare->io : NULL;
}

guint16
srudp_spare_sockets_get_port (SrudpSpareSockets *self,
                              guint16            number)
{
  Spare *spare = g_hash_table_lookup (self->sockets, GUINT_TO_POINTER (number));
  g_autoptr (GSocketAddress) local = NULL;

  if (spare != NULL)
    local = g_socket_get_local_address (spare->socket, NULL);

  return G_IS_INET_SOCKET_ADDRESS (local)
           ? g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local)) : 0;
}

void
srudp_spare_sockets_close (SrudpSpareSockets *self,
                           guint16            number)
{
  g_hash_table_remove (self->sockets, GUINT_TO_POINTER (number));
}
