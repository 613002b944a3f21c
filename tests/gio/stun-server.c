/*
 * SPDX-License-Identifier: MIT
 *
 * stun-server.c: STUN servers on loopback that see what a test wants
 */
#include "stun-server.h"

#include "srudp-glib/protocol/srudp-writer.h"
#include "srudp-glib/srudp-address-convert-private.h"

#include <string.h>

#define HEADER_BYTES 20
#define MAX_BYTES 200

struct _StunServer
{
  GSocket *socket;
  GCancellable *stop;
  GThread *thread;
  char *name;

  GMutex lock; /* for all below */
  StunServerWays ways;
  GHashTable *asked; /* the ids of questions */
};

static void
put_address (SrudpWriter        *writer,
             guint16             type,
             const SrudpAddress *address,
             guint16             port_mask,
             guint32             ip_mask)
{
  guint8 ip[4];

  for (guint i = 0; i < 4; i++)
    ip[i] = address->ip[i] ^ (guint8) (ip_mask >> (24 - 8 * i));
  srudp_writer_put_u16 (writer, type);
  srudp_writer_put_u16 (writer, 8);
  srudp_writer_put_u16 (writer, 1);
  srudp_writer_put_u16 (writer, address->port ^ port_mask);
  srudp_writer_put_bytes (writer, ip, sizeof ip);
}

static void
put_answer (SrudpWriter          *writer,
            const StunServerWays *ways,
            SrudpAddress          seen)
{
  if (ways->refuses)
    {
      srudp_writer_put_u32 (writer, 0x00090004);
      srudp_writer_put_u32 (writer, 0x00000500);
      return;
    }
  if (ways->seen_ip != NULL)
    {
      g_autoptr (GInetAddress) ip =
        g_inet_address_new_from_string (ways->seen_ip);

      memcpy (seen.ip, g_inet_address_to_bytes (ip), 4);
    }
  seen.port = (guint16) (seen.port + ways->port_shift);
  put_address (writer, 0x0020, &seen, 0x2112, 0x2112a442);
  if (ways->other != NULL)
    {
      g_autoptr (GSocketConnectable) other =
        g_network_address_parse (ways->other, 0, NULL);
      g_autoptr (GSocketAddress) inet = g_inet_socket_address_new_from_string (
        g_network_address_get_hostname (G_NETWORK_ADDRESS (other)),
        g_network_address_get_port (G_NETWORK_ADDRESS (other)));
      SrudpAddress address;

      srudp_address_from_inet (inet, &address);
      put_address (writer, 0x802c, &address, 0, 0);
    }
}

static gsize
make_response (const StunServerWays *ways,
               const guint8         *request,
               const SrudpAddress   *seen,
               guint8                out[MAX_BYTES])
{
  SrudpWriter writer;

  srudp_writer_init (&writer, out, MAX_BYTES);
  srudp_writer_put_u16 (&writer, ways->refuses ? 0x0111 : 0x0101);
  srudp_writer_put_u16 (&writer, 0);
  srudp_writer_put_bytes (&writer, request + 4, 16);
  put_answer (&writer, ways, *seen);
  out[3] = (guint8) (writer.size - HEADER_BYTES);
  if (ways->wrong_id)
    out[HEADER_BYTES - 1] ^= 1;
  return writer.size;
}

static void
serve (StunServer     *self,
       const guint8   *request,
       GSocketAddress *from)
{
  guint8 response[MAX_BYTES];
  StunServerWays ways;
  SrudpAddress seen;
  gboolean lost;

  g_mutex_lock (&self->lock);
  g_hash_table_add (self->asked, g_bytes_new (request, HEADER_BYTES));
  ways = self->ways;
  lost = ways.silent || ways.lost > 0;
  if (ways.lost > 0)
    self->ways.lost--;
  g_mutex_unlock (&self->lock);

  if (lost || !srudp_address_from_inet (from, &seen))
    return;
  g_socket_send_to (self->socket, from, (const char *) response,
                    make_response (&ways, request, &seen, response), NULL,
                    NULL);
}

static gpointer
run (gpointer data)
{
  StunServer *self = data;
  guint8 request[MAX_BYTES];

  while (!g_cancellable_is_cancelled (self->stop))
    {
      g_autoptr (GSocketAddress) from = NULL;
      gssize n = g_socket_receive_from (self->socket, &from, (char *) request,
                                        sizeof request, self->stop, NULL);

      if (n >= HEADER_BYTES)
        serve (self, request, from);
    }
  return NULL;
}

StunServer *
stun_server_new (const char *ip)
{
  StunServer *self = g_new0 (StunServer, 1);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string (ip,
                                                                          0);
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GError) error = NULL;

  g_mutex_init (&self->lock);
  self->asked = g_hash_table_new_full (g_bytes_hash, g_bytes_equal,
                                       (GDestroyNotify) g_bytes_unref, NULL);
  self->stop = g_cancellable_new ();
  self->socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                               G_SOCKET_PROTOCOL_UDP, &error);
  g_assert_no_error (error);
  g_socket_bind (self->socket, any, FALSE, &error);
  g_assert_no_error (error);
  local = g_socket_get_local_address (self->socket, &error);
  g_assert_no_error (error);
  self->name = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (local));
  self->thread = g_thread_new ("stun-server", run, self);
  return self;
}

void
stun_server_free (StunServer *self)
{
  g_cancellable_cancel (self->stop);
  g_thread_join (self->thread);
  g_object_unref (self->stop);
  g_object_unref (self->socket);
  g_hash_table_unref (self->asked);
  g_mutex_clear (&self->lock);
  g_free (self->name);
  g_free (self);
}

const char *
stun_server_get_name (StunServer *self)
{
  return self->name;
}

guint
stun_server_get_n_asked (StunServer *self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = g_hash_table_size (self->asked);
  g_mutex_unlock (&self->lock);
  return n;
}

void
stun_server_set_ways (StunServer           *self,
                      const StunServerWays *ways)
{
  g_mutex_lock (&self->lock);
  self->ways = *ways;
  g_mutex_unlock (&self->lock);
}
