/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-stream-service.c: the byte queues of one stream, the worker's side
 *
 * Waiting threads and sources are woken on edges only: when the first bytes
 * arrive, when the output falls below its low-water mark, and at the end.
 */
#include "config.h"

#include "srudp-glib/srudp-connection-core-private.h"
#include "srudp-glib/srudp-i18n-private.h"
#include "srudp-glib/srudp-pollable-source-private.h"
#include "srudp-glib/srudp-stream-core-private.h"

/* Writers are woken when half of what may wait is gone: seldom, and before the
 * engine runs dry. */
#define OUTPUT_LOW_BYTES (128 * 1024)

static void
wake_readers (SrudpStreamCore *self)
{
  g_cond_broadcast (&self->readable);
  srudp_pollable_sources_wake (&self->read_sources);
}

static void
wake_writers (SrudpStreamCore *self)
{
  g_cond_broadcast (&self->writable);
  srudp_pollable_sources_wake (&self->write_sources);
}

void
srudp_stream_core_start (SrudpStreamCore     *self,
                         SrudpConnectionCore *connection,
                         SrudpMailbox        *mailbox,
                         guint64              id)
{
  self->connection = connection;

  g_mutex_lock (&self->lock);
  if (self->mailbox == NULL)
    self->mailbox = srudp_mailbox_ref (mailbox);
  self->id = id;
  g_mutex_unlock (&self->lock);
}

/* Asks for what has arrived, without the lock: only the worker adds to the
 * input, so that the order holds. */
static gboolean
fetch_input (SrudpStreamCore *self,
             SrudpSession    *session,
             SrudpSliceQueue *fetched)
{
  SrudpSlice slice;

  while (srudp_session_read (session, self->id, &slice))
    srudp_slice_queue_push (fetched, slice);
  return fetched->n_bytes > 0;
}

static void
set_input_reset (SrudpStreamCore *self)
{
  if (self->input_error == NULL)
    g_set_error_literal (&self->input_error, G_IO_ERROR,
                         G_IO_ERROR_CONNECTION_CLOSED,
                         _ ("The peer has given up this stream."));
}

void
srudp_stream_core_pull (SrudpStreamCore *self,
                        SrudpSession    *session)
{
  SrudpSliceQueue fetched;
  SrudpReadState read_state;
  gboolean wake;

  srudp_slice_queue_init (&fetched);
  fetch_input (self, session, &fetched);
  read_state = srudp_session_get_read_state (session, self->id);

  g_mutex_lock (&self->lock);
  if (self->input_closed)
    srudp_slice_queue_drop (&fetched);
  else if (self->input.slices->len == 0)
    {
      SrudpSliceQueue empty = self->input;

      self->input = fetched;
      fetched = empty;
    }
  else
    srudp_slice_queue_move (&self->input, &fetched);

  if (self->input.n_bytes > 0)
    self->answered = TRUE;
  if (read_state == SRUDP_READ_EOF)
    self->input_eof = TRUE;
  else if (read_state == SRUDP_READ_RESET)
    set_input_reset (self);
  wake = self->input.n_bytes > 0 || self->input_eof
         || self->input_error != NULL;
  if (wake)
    srudp_pollable_sources_wake (&self->read_sources);
  g_mutex_unlock (&self->lock);

  /* Whoever wakes needs the lock first. */
  if (wake)
    g_cond_broadcast (&self->readable);
  srudp_slice_queue_clear (&fetched);
}

static void
hand_over_output (SrudpStreamCore *self,
                  SrudpSession    *session,
                  gint64           now,
                  gboolean         all)
{
  SrudpSlice slice;
  gsize room;

  g_mutex_lock (&self->lock);
  self->output_blocked = FALSE;
  while (self->output.n_bytes > 0)
    {
      room = all ? G_MAXSIZE
                 : srudp_session_get_write_capacity (session, self->id);
      if (!srudp_slice_queue_pop (&self->output, room, &slice))
        {
          self->output_blocked = TRUE;
          break;
        }
      if (!srudp_session_write (session, now, self->id, &slice))
        srudp_slice_clear (&slice);
    }
  if (self->output_full && self->output.n_bytes <= OUTPUT_LOW_BYTES)
    {
      self->output_full = FALSE;
      wake_writers (self);
    }
  g_mutex_unlock (&self->lock);
}

static gsize
take_consumed (SrudpStreamCore *self)
{
  gsize consumed;

  g_mutex_lock (&self->lock);
  consumed = self->consumed_bytes;
  self->consumed_bytes = 0;
  g_mutex_unlock (&self->lock);
  return consumed;
}

static void
tell_priority (SrudpStreamCore *self,
               SrudpSession    *session,
               gint64           now)
{
  guint priority;

  g_mutex_lock (&self->lock);
  priority = self->priority;
  g_mutex_unlock (&self->lock);

  if (priority == self->told_priority)
    return;
  self->told_priority = priority;
  srudp_session_set_stream_priority (session, now, self->id, priority);
}

/* Everything that was written is with the engine, and nothing follows. What an
 * end of the connection has dropped is missing: then there is no end of the
 * stream that the peer may read, though a peer that reads no more may have it.
 */
static gboolean
output_is_complete (SrudpStreamCore *self)
{
  return self->output_closed && !self->output_broken_off
         && self->output.n_bytes == 0
         && (self->output_error == NULL || self->output_stopped);
}

/* Passes on what the application has done since the last time. */
void
srudp_stream_core_push (SrudpStreamCore *self,
                        SrudpSession    *session,
                        gboolean         all)
{
  gint64 now = g_get_monotonic_time ();
  gsize consumed = take_consumed (self);
  gboolean finish, break_off, stop;

  tell_priority (self, session, now);
  if (consumed > 0)
    srudp_session_consume (session, now, self->id, consumed);
  hand_over_output (self, session, now, all);

  g_mutex_lock (&self->lock);
  finish = output_is_complete (self) && !self->finished;
  break_off = self->output_broken_off && !self->finished;
  stop = self->input_closed && !self->input_eof && self->input_error == NULL
         && !self->stopped;
  g_mutex_unlock (&self->lock);

  if (finish)
    {
      self->finished = TRUE;
      srudp_session_finish (session, now, self->id);
    }
  if (break_off)
    {
      self->finished = TRUE;
      srudp_session_reset_stream (session, now, self->id, 0);
      srudp_connection_core_stop_deliveries (self->connection, self->id);
    }
  if (stop)
    {
      self->stopped = TRUE;
      srudp_session_stop_reading (session, now, self->id, 0);
    }
}

/* The peer reads no more (RFC 9000, section 3.5): writing is pointless. */
void
srudp_stream_core_stop_output (SrudpStreamCore *self)
{
  g_mutex_lock (&self->lock);
  self->output_stopped = TRUE;
  if (self->output_error == NULL)
    g_set_error_literal (&self->output_error, G_IO_ERROR,
                         G_IO_ERROR_CONNECTION_CLOSED,
                         _ ("The peer does not read any more."));
  srudp_slice_queue_drop (&self->output);
  wake_writers (self);
  g_mutex_unlock (&self->lock);
}

void
srudp_stream_core_fail (SrudpStreamCore *self,
                        const GError    *error)
{
  g_mutex_lock (&self->lock);
  if (self->input_error == NULL && !self->input_eof)
    self->input_error = g_error_copy (error);
  if (self->output_error == NULL)
    self->output_error = g_error_copy (error);
  srudp_slice_queue_drop (&self->output);
  wake_readers (self);
  wake_writers (self);
  g_mutex_unlock (&self->lock);
}

void
srudp_stream_core_close_input (SrudpStreamCore *self)
{
  if (srudp_stream_core_is_copy (self))
    return;

  g_mutex_lock (&self->lock);
  if (!self->input_closed)
    {
      self->input_closed = TRUE;
      srudp_slice_queue_drop (&self->input);
      wake_readers (self);
      srudp_stream_core_post_locked (self);
    }
  g_mutex_unlock (&self->lock);
}

static void
close_output (SrudpStreamCore *self,
              gboolean         break_off)
{
  if (srudp_stream_core_is_copy (self))
    return;

  g_mutex_lock (&self->lock);
  if (!self->output_closed)
    {
      self->output_closed = TRUE;
      self->output_broken_off = break_off;
      if (break_off)
        srudp_slice_queue_drop (&self->output);
      wake_writers (self);
      srudp_stream_core_post_locked (self);
    }
  g_mutex_unlock (&self->lock);
}

void
srudp_stream_core_close_output (SrudpStreamCore *self)
{
  close_output (self, FALSE);
}

void
srudp_stream_core_break_off_output (SrudpStreamCore *self)
{
  close_output (self, TRUE);
}

gboolean
srudp_stream_core_export (SrudpStreamCore  *self,
                          GError          **error)
{
  if (g_atomic_int_compare_and_exchange (&self->exported, FALSE, TRUE))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PENDING,
                       _ ("The connection was exported already."));
  return FALSE;
}

/* Nobody has seen `from` yet, so that its lock needs no order with ours. */
void
srudp_stream_core_take_over (SrudpStreamCore *self,
                             SrudpStreamCore *from)
{
  g_mutex_lock (&from->lock);
  g_mutex_lock (&self->lock);
  srudp_slice_queue_move (&self->input, &from->input);
  self->input_eof = from->input_eof;
  self->input_error = g_steal_pointer (&from->input_error);
  wake_readers (self);
  g_mutex_unlock (&self->lock);
  from->connection = NULL;
  g_mutex_unlock (&from->lock);
}

void
srudp_stream_core_send_out_of_turn (SrudpStreamCore *self)
{
  if (self->connection != NULL)
    srudp_connection_core_send_out_of_turn (self->connection, self);
}

void
srudp_stream_core_service (gpointer data)
{
  g_autoptr (SrudpStreamCore) self = data;

  g_mutex_lock (&self->lock);
  self->posted = FALSE;
  g_mutex_unlock (&self->lock);

  if (self->connection != NULL)
    srudp_connection_core_service_stream (self->connection, self);
}
