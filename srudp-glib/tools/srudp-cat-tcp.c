/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cat-tcp.c: carries TCP connections, each over a stream of its own
 *
 * A stream is known to the peer only once something was written to it, but
 * there are servers that speak first. So the side with the TCP client begins
 * each stream with a byte; the side with the server answers with one that says
 * whether it reached the server. What follows is what TCP carries.
 */
#include "config.h"

#include "srudp-cat-app.h"
#include "srudp-cat-pump.h"
#include "srudp-cat-report.h"

#include <glib/gi18n.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define GREETING 'T'
#define ANSWER_CONNECTED 'C'
#define ANSWER_FAILED 'F'

/* All that goes on over one connection. */
typedef struct
{
  CatApp *app;
  SrudpConnection *connection;
  GSocketListener *listener; /* NULL: none of ours */
  GCancellable *ended;       /* the connection is over */
  GMutex lock;
  GCond cond;
  guint n_bridges;
} Gateway;

/* One TCP connection and its stream. */
typedef struct
{
  Gateway *gateway;
  SrudpStream *stream;
  GSocketConnection *tcp; /* of the client; NULL until the server is there */
  gboolean is_client;
  CatPump up; /* from TCP to the peer */
  CatPump down;
} Bridge;

static GInputStream *
input_of (gpointer stream)
{
  return g_io_stream_get_input_stream (G_IO_STREAM (stream));
}

static GOutputStream *
output_of (gpointer stream)
{
  return g_io_stream_get_output_stream (G_IO_STREAM (stream));
}

/* Carrying */

/* A reset tells the application that what it got is not all there was. */
static void
arrange_reset (GSocketConnection *tcp)
{
  struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
  int fd = g_socket_get_fd (g_socket_connection_get_socket (tcp));

  setsockopt (fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

/* The other side resets its TCP connection, too. */
static void
break_off (GOutputStream *output)
{
  g_autoptr (GCancellable) at_once = g_cancellable_new ();

  g_cancellable_cancel (at_once);
  g_output_stream_close (output, at_once, NULL);
}

static gpointer
run_up (gpointer data)
{
  Bridge *self = data;

  cat_pump_run (&self->up);
  if (self->up.end == CAT_PUMP_EOF)
    g_output_stream_close (self->up.to, NULL, NULL);
  else
    break_off (self->up.to);
  return NULL;
}

static void
run_down (Bridge *self)
{
  cat_pump_run (&self->down);
  switch (self->down.end)
    {
    case CAT_PUMP_EOF:
      g_socket_shutdown (g_socket_connection_get_socket (self->tcp), FALSE,
                         TRUE, NULL);
      break;
    case CAT_PUMP_WRITE_FAILED:
      g_input_stream_close (self->down.from, NULL, NULL);
      break;
    default:
      arrange_reset (self->tcp);
      g_cancellable_cancel (self->up.cancellable);
    }
}

static void
carry (Bridge *self)
{
  Gateway *gateway = self->gateway;
  gulong up_id, down_id;
  GThread *thread;

  g_socket_set_option (g_socket_connection_get_socket (self->tcp), IPPROTO_TCP,
                       TCP_NODELAY, 1, NULL);
  cat_pump_init (&self->up, input_of (self->tcp), output_of (self->stream));
  cat_pump_init (&self->down, input_of (self->stream), output_of (self->tcp));
  /* What has arrived of a connection that is over is still passed on. */
  up_id = cat_cancel_along (gateway->ended, self->up.cancellable);
  down_id = cat_cancel_along (gateway->app->stop, self->down.cancellable);

  thread = g_thread_new ("from-tcp", run_up, self);
  run_down (self);
  g_thread_join (thread);

  g_cancellable_disconnect (gateway->app->stop, down_id);
  g_cancellable_disconnect (gateway->ended, up_id);
  cat_pump_clear (&self->up);
  cat_pump_clear (&self->down);
}

/* Meeting */

static gboolean
say (Bridge *self,
     char    byte)
{
  return g_output_stream_write_all (output_of (self->stream), &byte, 1, NULL,
                                    self->gateway->ended, NULL);
}

static char
hear (Bridge *self)
{
  char byte = '\0';

  g_input_stream_read (input_of (self->stream), &byte, 1,
                       self->gateway->ended, NULL);
  return byte;
}

static gboolean
meet_as_client (Bridge *self)
{
  if (say (self, GREETING) && hear (self) == ANSWER_CONNECTED)
    return TRUE;
  cat_tell (_ ("The peer did not reach its server"));
  arrange_reset (self->tcp);
  return FALSE;
}

static gboolean
meet_as_server (Bridge *self)
{
  Gateway *gateway = self->gateway;
  GSocketConnectable *server = gateway->app->options->to;
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;

  if (hear (self) != GREETING)
    return FALSE;
  if (server == NULL)
    {
      cat_tell (_ ("The peer wants to reach a server, but there is no --to"));
      say (self, ANSWER_FAILED);
      return FALSE;
    }

  self->tcp = g_socket_client_connect (client, server, gateway->ended, &error);
  if (self->tcp == NULL)
    {
      cat_complain ("%s", error->message);
      say (self, ANSWER_FAILED);
      return FALSE;
    }
  return say (self, ANSWER_CONNECTED);
}

static gpointer
run_bridge (gpointer data)
{
  Bridge *self = data;
  Gateway *gateway = self->gateway;

  if (self->is_client ? meet_as_client (self) : meet_as_server (self))
    carry (self);
  if (self->tcp != NULL)
    g_io_stream_close (G_IO_STREAM (self->tcp), NULL, NULL);
  g_io_stream_close (G_IO_STREAM (self->stream), NULL, NULL);
  g_clear_object (&self->tcp);
  g_clear_object (&self->stream);
  g_free (self);

  g_mutex_lock (&gateway->lock);
  gateway->n_bridges--;
  g_cond_signal (&gateway->cond);
  g_mutex_unlock (&gateway->lock);
  return NULL;
}

static void
start_bridge (Gateway           *gateway,
              SrudpStream       *stream,
              GSocketConnection *client)
{
  Bridge *self = g_new0 (Bridge, 1);

  self->gateway = gateway;
  self->stream = stream;
  self->tcp = client;
  self->is_client = client != NULL;

  g_mutex_lock (&gateway->lock);
  gateway->n_bridges++;
  g_mutex_unlock (&gateway->lock);
  g_thread_unref (g_thread_new ("tcp", run_bridge, self));
}

/* Those who come */

static void
open_stream_for (Gateway           *self,
                 GSocketConnection *client)
{
  g_autoptr (GError) error = NULL;
  SrudpStream *stream = srudp_connection_open_stream (self->connection,
                                                      self->ended, &error);

  if (stream != NULL)
    {
      cat_tell (_ ("A TCP connection"));
      start_bridge (self, stream, client);
      return;
    }
  cat_complain ("%s", error->message);
  arrange_reset (client);
  g_object_unref (client);
}

static gpointer
accept_clients (gpointer data)
{
  Gateway *self = data;
  g_autoptr (GError) error = NULL;
  GSocketConnection *client;

  while ((client = g_socket_listener_accept (self->listener, NULL, self->ended,
                                             &error)) != NULL)
    open_stream_for (self, client);
  if (!g_cancellable_is_cancelled (self->ended))
    cat_complain ("%s", error->message);
  return NULL;
}

static gpointer
accept_streams (gpointer data)
{
  Gateway *self = data;
  SrudpStream *stream;

  while ((stream = srudp_connection_accept_stream (self->connection,
                                                   self->ended, NULL)) != NULL)
    {
      cat_tell (_ ("A TCP connection of the peer"));
      start_bridge (self, stream, NULL);
    }
  return NULL;
}

/* Nothing comes on the main stream but its end. */
static int
await_end (Gateway *self)
{
  g_autoptr (GError) error = NULL;
  char nothing[64];

  while (g_input_stream_read (input_of (self->connection), nothing,
                              sizeof nothing, self->app->stop, &error) > 0)
    continue;
  if (error == NULL || g_cancellable_is_cancelled (self->app->stop))
    return CAT_STATUS_OK;
  cat_complain ("%s", error->message);
  return CAT_STATUS_BROKEN;
}

static void
await_bridges (Gateway *self)
{
  g_mutex_lock (&self->lock);
  while (self->n_bridges > 0)
    g_cond_wait (&self->cond, &self->lock);
  g_mutex_unlock (&self->lock);
}

int
cat_serve_tcp (CatApp          *app,
               SrudpConnection *connection,
               GSocketListener *listener)
{
  Gateway self = { app, connection, listener };
  GThread *clients = NULL;
  GThread *streams;
  int status;

  self.ended = g_cancellable_new ();
  g_mutex_init (&self.lock);
  g_cond_init (&self.cond);
  if (listener != NULL)
    clients = g_thread_new ("tcp-clients", accept_clients, &self);
  streams = g_thread_new ("peer-streams", accept_streams, &self);

  status = await_end (&self);
  g_cancellable_cancel (self.ended);
  if (clients != NULL)
    g_thread_join (clients);
  g_thread_join (streams);
  await_bridges (&self);

  g_object_unref (self.ended);
  g_mutex_clear (&self.lock);
  g_cond_clear (&self.cond);
  return status;
}
