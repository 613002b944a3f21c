/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-bridge.c: a stream as a file descriptor
 *
 * The worker carries bytes between the main stream of a connection and one end
 * of a pair of local sockets, the other end of which the application has. The
 * two directions are independent, and each waits for one side at a time.
 */
#include "config.h"

#include "srudp-glib/srudp-bridge-private.h"

#include "srudp-glib/srudp-pollable-source-private.h"
#include "srudp-glib/srudp-source-private.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_BYTES (64 * 1024)
/* Per turn of the loop and direction. */
#define STEPS_MAX 16
/* More than sockets hold; for an application that goes on writing. */
#define REST_STEPS_MAX 64

typedef enum
{
  STEP_GO_ON,
  STEP_WAIT_STREAM,
  STEP_WAIT_FD,
  STEP_DONE,
} Step;

typedef struct
{
  SrudpBridge *bridge;
  GIOCondition stream_condition;
  GIOCondition fd_condition;
  Step (*step) (SrudpBridge *bridge);
  GSource *source; /* what it waits for */
  guint8 *buffer;
  gsize start, end;
  gboolean done;
} Direction;

struct _SrudpBridge
{
  SrudpConnectionCore *connection;
  SrudpEndpointCore *endpoint;
  int fd;
  GSource *hang_up; /* while the application writes no more */
  Direction to_fd;
  Direction to_stream;
};

void
srudp_bridge_destroy (SrudpBridge *self)
{
  g_queue_remove (&self->endpoint->bridges, self);
  srudp_clear_source (&self->hang_up);
  srudp_clear_source (&self->to_fd.source);
  srudp_clear_source (&self->to_stream.source);
  g_free (self->to_fd.buffer);
  g_free (self->to_stream.buffer);
  close (self->fd);

  srudp_connection_core_release (self->connection);
  srudp_connection_core_unref (self->connection);
  srudp_endpoint_core_release (self->endpoint);
  srudp_endpoint_core_unref (self->endpoint);
  g_free (self);
}

static gboolean
is_would_block (GError *error)
{
  gboolean would_block =
    g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);

  g_error_free (error);
  return would_block;
}

/* Stream → descriptor */

static Step
fill_from_stream (SrudpBridge *self)
{
  Direction *direction = &self->to_fd;
  GError *error = NULL;
  gssize n = srudp_stream_core_read_raw (self->connection->main_stream,
                                         direction->buffer, BUFFER_BYTES,
                                         FALSE, NULL, &error);

  if (n > 0)
    {
      direction->start = 0;
      direction->end = (gsize) n;
      return STEP_GO_ON;
    }
  if (n < 0 && is_would_block (error))
    return STEP_WAIT_STREAM;

  shutdown (self->fd, SHUT_WR);
  /* After an error there is nothing left to carry the other way either. */
  if (n < 0)
    self->to_stream.done = TRUE;
  return STEP_DONE;
}

static Step
step_to_fd (SrudpBridge *self)
{
  Direction *direction = &self->to_fd;
  gssize n;

  if (direction->start == direction->end)
    return fill_from_stream (self);

  n = send (self->fd, direction->buffer + direction->start,
            direction->end - direction->start, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n >= 0)
    {
      direction->start += (gsize) n;
      return STEP_GO_ON;
    }
  if (errno == EINTR)
    return STEP_GO_ON;
  if (errno == EAGAIN || errno == EWOULDBLOCK)
    return STEP_WAIT_FD;

  srudp_stream_core_close_input (self->connection->main_stream);
  return STEP_DONE;
}

/* Descriptor → stream */

static gboolean
hang_up_cb (int          fd,
            GIOCondition condition,
            gpointer     user_data)
{
  SrudpBridge *self = user_data;

  srudp_stream_core_close_input (self->connection->main_stream);
  srudp_bridge_destroy (self);
  return G_SOURCE_REMOVE;
}

/* The application may still read; it is noticed when it does no more. */
static void
watch_hang_up (SrudpBridge *self)
{
  self->hang_up = g_unix_fd_source_new (self->fd, G_IO_HUP);
  g_source_set_callback (self->hang_up, G_SOURCE_FUNC (hang_up_cb), self,
                         NULL);
  g_source_attach (self->hang_up, self->endpoint->context);
}

static Step
fill_from_fd (SrudpBridge *self)
{
  Direction *direction = &self->to_stream;
  gssize n = recv (self->fd, direction->buffer, BUFFER_BYTES, MSG_DONTWAIT);

  if (n > 0)
    {
      direction->start = 0;
      direction->end = (gsize) n;
      return STEP_GO_ON;
    }
  if (n < 0 && errno == EINTR)
    return STEP_GO_ON;
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    return STEP_WAIT_FD;

  srudp_stream_core_close_output (self->connection->main_stream);
  watch_hang_up (self);
  return STEP_DONE;
}

static Step
step_to_stream (SrudpBridge *self)
{
  Direction *direction = &self->to_stream;
  GError *error = NULL;
  gssize n;

  if (direction->start == direction->end)
    return fill_from_fd (self);

  n = srudp_stream_core_write_raw (self->connection->main_stream,
                                   direction->buffer + direction->start,
                                   direction->end - direction->start, FALSE,
                                   NULL, &error);
  if (n >= 0)
    {
      direction->start += (gsize) n;
      return STEP_GO_ON;
    }
  if (is_would_block (error))
    return STEP_WAIT_STREAM;

  shutdown (self->fd, SHUT_RD);
  return STEP_DONE;
}

/* Both */

static gboolean run_direction (Direction *direction);

static gboolean
stream_ready_cb (gpointer user_data)
{
  run_direction (user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
fd_ready_cb (int          fd,
             GIOCondition condition,
             gpointer     user_data)
{
  run_direction (user_data);
  return G_SOURCE_REMOVE;
}

static void
wait_for_stream (Direction *direction)
{
  SrudpBridge *self = direction->bridge;

  direction->source = srudp_pollable_source_new (
    self->connection->main_stream, direction->stream_condition);
  g_source_set_callback (direction->source, stream_ready_cb, direction, NULL);
  g_source_attach (direction->source, self->endpoint->context);
}

static void
wait_for_fd (Direction *direction)
{
  SrudpBridge *self = direction->bridge;

  direction->source = g_unix_fd_source_new (self->fd,
                                            direction->fd_condition);
  g_source_set_callback (direction->source, G_SOURCE_FUNC (fd_ready_cb),
                         direction, NULL);
  g_source_attach (direction->source, self->endpoint->context);
}

/* There is more to carry, but the others shall have their turn, too. */
static void
take_a_break (Direction *direction)
{
  direction->source = g_idle_source_new ();
  g_source_set_priority (direction->source, G_PRIORITY_DEFAULT);
  g_source_set_callback (direction->source, stream_ready_cb, direction, NULL);
  g_source_attach (direction->source, direction->bridge->endpoint->context);
}

/* FALSE: the bridge is gone. */
static gboolean
run_direction (Direction *direction)
{
  SrudpBridge *self = direction->bridge;
  Step step = STEP_GO_ON;

  srudp_clear_source (&direction->source);
  for (guint i = 0; i < STEPS_MAX && step == STEP_GO_ON; i++)
    step = direction->step (self);

  if (step == STEP_DONE)
    direction->done = TRUE;
  else if (step == STEP_WAIT_STREAM)
    wait_for_stream (direction);
  else if (step == STEP_WAIT_FD)
    wait_for_fd (direction);
  else
    take_a_break (direction);

  if (!self->to_fd.done || !self->to_stream.done)
    return TRUE;
  srudp_bridge_destroy (self);
  return FALSE;
}

static SrudpBridge *
find_bridge (SrudpConnectionCore *connection)
{
  for (GList *l = connection->endpoint->bridges.head; l != NULL; l = l->next)
    {
      SrudpBridge *bridge = l->data;

      if (bridge->connection == connection)
        return bridge;
    }
  return NULL;
}

static void
carry_the_rest (SrudpBridge *self)
{
  Direction *direction = &self->to_stream;

  srudp_clear_source (&direction->source);
  for (guint i = 0; i <= REST_STEPS_MAX; i++)
    {
      if (direction->end > direction->start)
        srudp_stream_core_append (self->connection->main_stream,
                                  direction->buffer + direction->start,
                                  direction->end - direction->start);
      direction->start = direction->end = 0;
      if (fill_from_fd (self) != STEP_GO_ON)
        break;
    }
  shutdown (self->fd, SHUT_RD);
  srudp_stream_core_close_output (self->connection->main_stream);
  direction->done = TRUE;
}

void
srudp_bridge_finish (SrudpConnectionCore *connection)
{
  SrudpBridge *self = find_bridge (connection);

  if (self == NULL)
    return;

  if (!self->to_stream.done)
    carry_the_rest (self);
  srudp_stream_core_close_input (connection->main_stream);
  if (self->to_fd.done)
    srudp_bridge_destroy (self);
}

static void
init_direction (SrudpBridge  *self,
                Direction    *direction,
                GIOCondition  stream_condition,
                GIOCondition  fd_condition,
                Step        (*step) (SrudpBridge *))
{
  direction->bridge = self;
  direction->stream_condition = stream_condition;
  direction->fd_condition = fd_condition;
  direction->step = step;
  direction->buffer = g_malloc (BUFFER_BYTES);
}

static void
start_mail (gpointer data)
{
  SrudpBridge *self = data;

  g_queue_push_tail (&self->endpoint->bridges, self);
  if (run_direction (&self->to_fd))
    run_direction (&self->to_stream);
}

gboolean
srudp_bridge_start (SrudpConnectionCore *connection,
                    SrudpEndpointCore   *endpoint,
                    int                  fd)
{
  SrudpBridge *self = g_new0 (SrudpBridge, 1);

  srudp_connection_core_hold (connection);
  srudp_endpoint_core_hold (endpoint);
  self->connection = srudp_connection_core_ref (connection);
  self->endpoint = srudp_endpoint_core_ref (endpoint);
  self->fd = fd;
  init_direction (self, &self->to_fd, G_IO_IN, G_IO_OUT, step_to_fd);
  init_direction (self, &self->to_stream, G_IO_OUT, G_IO_IN, step_to_stream);

  if (srudp_mailbox_post (endpoint->mailbox, start_mail, self))
    return TRUE;
  srudp_bridge_destroy (self);
  return FALSE;
}
