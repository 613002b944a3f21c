/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cat-datagram.c: lines as datagrams
 *
 * The main stream carries no bytes here, only its end: that of the input.
 */
#include "config.h"

#include "srudp-cat-app.h"
#include "srudp-cat-pump.h"
#include "srudp-cat-report.h"

#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

/* A datagram may be overtaken by the end of the stream, hardly by more. */
#define STRAGGLER_MS 300

/* More than that would push older ones out of the queue. */
#define MAX_QUEUED 32

typedef struct
{
  CatApp *app;
  SrudpConnection *connection;
  GCancellable *up;   /* ends reading the input */
  GCancellable *down; /* ends waiting for datagrams */
  guint64 n_sent;
  int status;
} Talk;

/* To the peer */

static guint64
count_gone (Talk *self)
{
  g_autoptr (SrudpStats) stats = srudp_connection_dup_stats (self->connection);

  return srudp_stats_get_datagrams_sent (stats)
         + srudp_stats_get_datagrams_dropped (stats);
}

static gboolean
send_one (Talk         *self,
          const guint8 *data,
          gsize         size)
{
  g_autoptr (GBytes) datagram = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;

  if (self->n_sent % MAX_QUEUED == MAX_QUEUED - 1)
    while (count_gone (self) + MAX_QUEUED <= self->n_sent
           && !g_cancellable_is_cancelled (self->up))
      g_usleep (1000);

  self->n_sent++;
  if (srudp_connection_send_datagram (self->connection, datagram, &error))
    return TRUE;
  cat_complain ("%s", error->message);
  return FALSE;
}

/* How much of what was read is the next datagram: a line, or as much of one
 * as fits. 0: the line is not complete yet. */
static gsize
cut (const guint8 *data,
     gsize         size,
     gsize         max,
     gboolean      at_end)
{
  const guint8 *newline = memchr (data, '\n', MIN (size, max));

  if (newline != NULL)
    return (gsize) (newline - data) + 1;
  if (size >= max)
    return max;
  return at_end ? size : 0;
}

static gboolean
send_lines (Talk       *self,
            GByteArray *pending,
            gboolean    at_end)
{
  gsize max = srudp_connection_get_max_datagram_size (self->connection);
  gsize at = 0, n;

  while ((n = cut (pending->data + at, pending->len - at, max, at_end)) > 0)
    {
      if (!send_one (self, pending->data + at, n))
        return FALSE;
      at += n;
    }
  if (at > 0)
    g_byte_array_remove_range (pending, 0, (guint) at);
  return TRUE;
}

static gpointer
run_up (gpointer data)
{
  Talk *self = data;
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO,
                                                            FALSE);
  g_autoptr (GByteArray) pending = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  guint8 buffer[4096];
  gssize n;

  do
    {
      n = g_input_stream_read (input, buffer, sizeof buffer, self->up, &error);
      if (n > 0)
        g_byte_array_append (pending, buffer, (guint) n);
      if (n >= 0 && !send_lines (self, pending, n == 0))
        return NULL;
    }
  while (n > 0);

  if (n < 0 && !g_cancellable_is_cancelled (self->up))
    {
      cat_complain (_ ("Cannot read the input: %s"), error->message);
      self->status = CAT_STATUS_LOCAL;
    }
  g_output_stream_close (
    g_io_stream_get_output_stream (G_IO_STREAM (self->connection)), NULL,
    NULL);
  return NULL;
}

/* From the peer */

static gpointer
run_down (gpointer data)
{
  Talk *self = data;
  g_autoptr (GOutputStream) output = g_unix_output_stream_new (STDOUT_FILENO,
                                                               TRUE);
  GBytes *datagram;

  while ((datagram = srudp_connection_receive_datagram (
            self->connection, self->down, NULL)) != NULL)
    {
      gsize size;
      gconstpointer bytes = g_bytes_get_data (datagram, &size);
      gboolean ok = g_output_stream_write_all (output, bytes, size, NULL,
                                               self->down, NULL);

      g_bytes_unref (datagram);
      if (ok || g_cancellable_is_cancelled (self->down))
        continue;
      self->status = CAT_STATUS_OUTPUT;
      g_input_stream_close (
        g_io_stream_get_input_stream (G_IO_STREAM (self->connection)), NULL,
        NULL);
      g_cancellable_cancel (self->up);
      break;
    }
  return NULL;
}

/* The end */

static guint64
count_received (Talk *self)
{
  g_autoptr (SrudpStats) stats = srudp_connection_dup_stats (self->connection);

  return srudp_stats_get_datagrams_received (stats);
}

static void
await_stragglers (Talk *self)
{
  guint64 before, now = count_received (self);

  do
    {
      before = now;
      g_usleep (STRAGGLER_MS * 1000);
      now = count_received (self);
    }
  while (now != before && !g_cancellable_is_cancelled (self->app->stop));
}

static void
await_end (Talk *self)
{
  g_autoptr (GError) error = NULL;
  char nothing[64];

  while (g_input_stream_read (
           g_io_stream_get_input_stream (G_IO_STREAM (self->connection)),
           nothing, sizeof nothing, self->down, &error) > 0)
    continue;

  if (error == NULL)
    {
      await_stragglers (self);
      cat_tell (_ ("The peer has sent everything"));
      if (isatty (STDIN_FILENO))
        g_cancellable_cancel (self->up);
      return;
    }
  g_cancellable_cancel (self->up);
  if (g_cancellable_is_cancelled (self->down)
      || self->status != CAT_STATUS_OK)
    return;
  cat_complain ("%s", error->message);
  self->status = CAT_STATUS_BROKEN;
}

int
cat_serve_datagram (CatApp          *app,
                    SrudpConnection *connection)
{
  Talk self = { app, connection, g_cancellable_new (), g_cancellable_new () };
  gulong up_id = cat_cancel_along (app->stop, self.up);
  gulong down_id = cat_cancel_along (app->stop, self.down);
  gulong closed_id = cat_cancel_when_closed (connection, self.up);
  GThread *up = g_thread_new ("to-peer", run_up, &self);
  GThread *down = g_thread_new ("from-peer", run_down, &self);

  await_end (&self);
  g_thread_join (up);
  g_cancellable_cancel (self.down);
  g_thread_join (down);

  g_signal_handler_disconnect (connection, closed_id);
  g_cancellable_disconnect (app->stop, down_id);
  g_cancellable_disconnect (app->stop, up_id);
  g_object_unref (self.up);
  g_object_unref (self.down);
  return self.status;
}
