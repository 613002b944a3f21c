/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cat-pump.c: carries bytes from one stream to another, to the end
 */
#include "config.h"

#include "srudp-cat-pump.h"

#define BUFFER_BYTES (256 * 1024)

void
cat_pump_init (CatPump       *self,
               GInputStream  *from,
               GOutputStream *to)
{
  self->from = g_object_ref (from);
  self->to = g_object_ref (to);
  self->cancellable = g_cancellable_new ();
  self->end = CAT_PUMP_EOF;
  self->error = NULL;
}

void
cat_pump_clear (CatPump *self)
{
  g_clear_object (&self->from);
  g_clear_object (&self->to);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->error);
}

/* Blocks. Passes on what there is, as soon as it is there. */
void
cat_pump_run (CatPump *self)
{
  g_autofree guint8 *buffer = g_malloc (BUFFER_BYTES);
  gssize n;

  while ((n = g_input_stream_read (self->from, buffer, BUFFER_BYTES,
                                   self->cancellable, &self->error)) > 0)
    {
      if (g_output_stream_write_all (self->to, buffer, (gsize) n, NULL,
                                     self->cancellable, &self->error))
        continue;
      self->end = CAT_PUMP_WRITE_FAILED;
      return;
    }
  self->end = n == 0 ? CAT_PUMP_EOF : CAT_PUMP_READ_FAILED;
}

gboolean
cat_pump_was_stopped (const CatPump *self)
{
  return g_error_matches (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
cancel_cb (GCancellable *leader,
           gpointer      user_data)
{
  g_cancellable_cancel (user_data);
}

gulong
cat_cancel_along (GCancellable *leader,
                  GCancellable *follower)
{
  return g_cancellable_connect (leader, G_CALLBACK (cancel_cb),
                                g_object_ref (follower), g_object_unref);
}

static void
state_cb (SrudpConnection *connection,
          GParamSpec      *pspec,
          GCancellable    *follower)
{
  if (srudp_connection_get_state (connection) == SRUDP_CONNECTION_STATE_CLOSED)
    g_cancellable_cancel (follower);
}

static void
unref_closure_data (gpointer  data,
                    GClosure *closure)
{
  g_object_unref (data);
}

/* The handler runs in the main thread, perhaps while this one disconnects it:
 * so it has a reference of its own. */
gulong
cat_cancel_when_closed (SrudpConnection *connection,
                        GCancellable    *follower)
{
  gulong id = g_signal_connect_data (connection, "notify::state",
                                     G_CALLBACK (state_cb),
                                     g_object_ref (follower),
                                     unref_closure_data, 0);

  state_cb (connection, NULL, follower);
  return id;
}
