/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cat-pipe.c: a connection at standard input and output, or at those of
 * a command
 *
 * Each direction has its own thread and its own end: the end of the input
 * closes our half of the connection, the end of the peer's half closes the
 * output.
 */
#include "config.h"

#include "srudp-cat-app.h"
#include "srudp-cat-pump.h"
#include "srudp-cat-report.h"

#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <unistd.h>

/* How long a command that lost its peer may take to end by itself. */
#define HANG_UP_PATIENCE_MS 2000

typedef struct
{
  CatApp *app;
  SrudpConnection *connection;
  GSubprocess *command; /* NULL: standard input and output */
  CatPump up;           /* to the peer */
  CatPump down;
} CatPipe;

static void
stop_up (CatPipe *self)
{
  g_cancellable_cancel (self->up.cancellable);
}

static gboolean
input_has_failed (CatPipe *self)
{
  return self->up.end == CAT_PUMP_READ_FAILED
         && !cat_pump_was_stopped (&self->up);
}

/* To the peer */

static gpointer
run_up (gpointer data)
{
  CatPipe *self = data;

  cat_pump_run (&self->up);
  if (self->up.end == CAT_PUMP_EOF)
    {
      cat_tell (_ ("End of input"));
      g_output_stream_close (self->up.to, NULL, NULL);
    }
  else if (input_has_failed (self))
    {
      g_cancellable_cancel (self->down.cancellable);
    }
  return NULL;
}

/* From the peer */

static void
down_reached_end (CatPipe *self)
{
  cat_tell (_ ("The peer has sent everything"));
  g_output_stream_close (self->down.to, NULL, NULL);
  /* A person who types has nobody to talk to after the peer's last word; a
   * file or a program goes on until its own end. */
  if (self->command == NULL && isatty (STDIN_FILENO))
    stop_up (self);
}

static void
run_down (CatPipe *self)
{
  cat_pump_run (&self->down);
  switch (self->down.end)
    {
    case CAT_PUMP_EOF:
      down_reached_end (self);
      break;
    case CAT_PUMP_WRITE_FAILED:
      /* A command may read only the beginning and still have much to say. */
      g_input_stream_close (self->down.from, NULL, NULL);
      if (self->command == NULL)
        stop_up (self);
      break;
    default:
      /* What a command that is over has left behind is still sent. */
      if (!cat_pump_was_stopped (&self->down))
        stop_up (self);
    }
}

/* Both */

static void
run_both (CatPipe *self)
{
  gulong up_id = cat_cancel_along (self->app->stop, self->up.cancellable);
  gulong down_id = cat_cancel_along (self->app->stop, self->down.cancellable);
  gulong closed_id = cat_cancel_when_closed (self->connection,
                                             self->up.cancellable);
  GThread *thread = g_thread_new ("to-peer", run_up, self);

  run_down (self);
  g_thread_join (thread);

  g_signal_handler_disconnect (self->connection, closed_id);
  g_cancellable_disconnect (self->app->stop, down_id);
  g_cancellable_disconnect (self->app->stop, up_id);
}

static int
broken (CatPipe *self,
        CatPump *pump)
{
  g_autoptr (GError) why = srudp_connection_dup_error (self->connection);

  cat_complain ("%s", why != NULL ? why->message : pump->error->message);
  return CAT_STATUS_BROKEN;
}

static int
status_of_output (CatPipe *self)
{
  if (g_error_matches (self->down.error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE))
    return CAT_STATUS_OUTPUT;
  cat_complain (_ ("Cannot write to standard output: %s"),
                self->down.error->message);
  return CAT_STATUS_LOCAL;
}

static int
status_of_both (CatPipe *self)
{
  gboolean up_stopped = cat_pump_was_stopped (&self->up);

  if (input_has_failed (self))
    {
      cat_complain (_ ("Cannot read the input: %s"), self->up.error->message);
      return CAT_STATUS_LOCAL;
    }
  if (self->down.end == CAT_PUMP_READ_FAILED
      && !cat_pump_was_stopped (&self->down))
    return broken (self, &self->down);
  if (self->down.end == CAT_PUMP_WRITE_FAILED && self->command == NULL
      && !cat_pump_was_stopped (&self->down))
    return status_of_output (self);
  if (self->up.end == CAT_PUMP_WRITE_FAILED
      && !g_cancellable_is_cancelled (self->app->stop))
    {
      if (!up_stopped)
        return broken (self, &self->up);
      cat_complain (_ ("The peer has ended before it had everything"));
      return CAT_STATUS_BROKEN;
    }
  return CAT_STATUS_OK;
}

/* The peer must not take half of a file for the whole of it. */
static void
abort_if_incomplete (CatPipe *self)
{
  g_autoptr (GCancellable) at_once = NULL;

  if (!input_has_failed (self))
    return;
  at_once = g_cancellable_new ();
  g_cancellable_cancel (at_once);
  g_io_stream_close (G_IO_STREAM (self->connection), at_once, NULL);
}

static void
cat_pipe_init (CatPipe         *self,
               CatApp          *app,
               SrudpConnection *connection,
               GInputStream    *input,
               GOutputStream   *output)
{
  GIOStream *stream = G_IO_STREAM (connection);

  self->app = app;
  self->connection = connection;
  cat_pump_init (&self->up, input, g_io_stream_get_output_stream (stream));
  cat_pump_init (&self->down, g_io_stream_get_input_stream (stream), output);
}

static int
cat_pipe_finish (CatPipe *self)
{
  int status = status_of_both (self);

  abort_if_incomplete (self);
  cat_pump_clear (&self->up);
  cat_pump_clear (&self->down);
  return status;
}

int
cat_serve_stdio (CatApp          *app,
                 SrudpConnection *connection)
{
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO,
                                                            FALSE);
  g_autoptr (GOutputStream) output = g_unix_output_stream_new (STDOUT_FILENO,
                                                               TRUE);
  CatPipe self = { 0 };

  cat_pipe_init (&self, app, connection, input, output);
  run_both (&self);
  return cat_pipe_finish (&self);
}

/* A command */

static void
tell_command_who (GSubprocessLauncher *launcher,
                  SrudpConnection     *connection)
{
  g_autoptr (GSocketAddress) address =
    srudp_connection_get_remote_address (connection, NULL);
  g_autofree char *key =
    srudp_peer_id_to_string (srudp_connection_get_peer_id (connection));
  g_autofree char *text = NULL;

  g_subprocess_launcher_setenv (launcher, "SRUDP_PEER_KEY", key, TRUE);
  if (address == NULL)
    return;
  text = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));
  g_subprocess_launcher_setenv (launcher, "SRUDP_PEER_ADDRESS", text, TRUE);
}

static GSubprocess *
start_command (CatApp          *app,
               SrudpConnection *connection,
               GError         **error)
{
  const char *argv[] = { "/bin/sh", "-c", app->options->exec, NULL };
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
    G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);

  tell_command_who (launcher, connection);
  return g_subprocess_launcher_spawnv (launcher, argv, error);
}

/* What the peer still sends is of no use once the command is over. */
static gpointer
await_command (gpointer data)
{
  CatPipe *self = data;

  g_subprocess_wait (self->command, self->app->stop, NULL);
  g_cancellable_cancel (self->down.cancellable);
  return NULL;
}

static gboolean
give_up_cb (gpointer user_data)
{
  g_subprocess_force_exit (user_data);
  return G_SOURCE_REMOVE;
}

static void
hang_up (GSubprocess *command)
{
  g_autoptr (GSource) patience = g_timeout_source_new (HANG_UP_PATIENCE_MS);

  g_subprocess_send_signal (command, SIGHUP);
  g_source_set_callback (patience, give_up_cb, g_object_ref (command),
                         g_object_unref);
  g_source_attach (patience, NULL);
  g_subprocess_wait (command, NULL, NULL);
  g_source_destroy (patience);
}

static int
status_of_command (CatPipe *self)
{
  if (g_subprocess_get_successful (self->command))
    return CAT_STATUS_OK;
  if (g_subprocess_get_if_exited (self->command))
    cat_tell (_ ("The command has ended with status %d"),
              g_subprocess_get_exit_status (self->command));
  else
    cat_tell (_ ("The command was ended by signal %d"),
              g_subprocess_get_term_sig (self->command));
  return CAT_STATUS_COMMAND;
}

int
cat_serve_command (CatApp          *app,
                   SrudpConnection *connection)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) command = start_command (app, connection, &error);
  CatPipe self = { .command = command };
  GThread *waiter;
  int status, command_status;

  if (command == NULL)
    {
      cat_complain ("%s", error->message);
      return CAT_STATUS_LOCAL;
    }

  cat_pipe_init (&self, app, connection,
                 g_subprocess_get_stdout_pipe (command),
                 g_subprocess_get_stdin_pipe (command));
  waiter = g_thread_new ("command", await_command, &self);
  run_both (&self);
  g_output_stream_close (self.down.to, NULL, NULL);
  g_input_stream_close (self.up.from, NULL, NULL);
  if (self.up.end != CAT_PUMP_EOF)
    hang_up (command);
  g_thread_join (waiter);
  if (g_cancellable_is_cancelled (app->stop))
    hang_up (command);

  status = cat_pipe_finish (&self);
  command_status = status_of_command (&self);
  return status != CAT_STATUS_OK ? status : command_status;
}
