/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cat.c: standard input and output, commands or TCP over a connection
 */
#include "config.h"

#include "srudp-cat-app.h"
#include "srudp-cat-peer.h"
#include "srudp-cat-pump.h"
#include "srudp-cat-report.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* Peers served at the same time with --keep; more have to wait. */
#define MAX_PEERS 64

typedef struct
{
  CatApp app;
  GSocketListener *listener; /* of --forward */
  GMainLoop *loop;
  int status;
  gboolean is_idle; /* never had a connection */

  /* With --keep. */
  GMutex lock;
  GCond cond;
  guint n_peers;

  GPtrArray *introduced; /* with --introducer: those who are here */
} Program;

typedef struct
{
  Program *program;
  SrudpConnection *connection;
} Peer;

/* One peer */

static int
serve (Program         *self,
       SrudpConnection *connection)
{
  const CatOptions *options = self->app.options;

  if (cat_options_is_tcp (options))
    return cat_serve_tcp (&self->app, connection, self->listener);
  if (options->exec != NULL)
    return cat_serve_command (&self->app, connection);
  if (options->datagram)
    return cat_serve_datagram (&self->app, connection);
  return cat_serve_stdio (&self->app, connection);
}

/* Waits until the peer has everything. Takes the connection. */
static int
serve_and_close (Program         *self,
                 SrudpConnection *connection)
{
  g_autoptr (GError) error = NULL;
  int status;

  cat_stats_watch (self->app.stats, connection);
  status = serve (self, connection);
  if (!g_io_stream_close (G_IO_STREAM (connection), NULL, &error)
      && status == CAT_STATUS_OK)
    {
      cat_complain ("%s", error->message);
      status = CAT_STATUS_BROKEN;
    }
  cat_stats_unwatch (self->app.stats, connection);
  g_object_unref (connection);
  cat_tell (_ ("The connection is closed"));
  return status;
}

static int
report_no_peer (Program *self,
                GError  *error)
{
  int status = cat_status_of_open (error);

  if (!g_cancellable_is_cancelled (self->app.stop))
    cat_complain ("%s", error->message);
  g_error_free (error);
  return status;
}

static SrudpConnection *
get_peer (Program  *self,
          GError  **error)
{
  const CatOptions *options = self->app.options;

  if (options->invite && !cat_peer_invite (&self->app, error))
    return NULL;
  return options->remote != NULL ? cat_peer_open (&self->app, error)
                                 : cat_peer_accept (&self->app, error);
}

static int
serve_one (Program *self)
{
  GError *error = NULL;
  SrudpConnection *connection = get_peer (self, &error);

  if (connection == NULL)
    {
      /* There is nothing to deliver, so there is nothing to wait for. */
      self->is_idle = TRUE;
      return report_no_peer (self, error);
    }
  /* One peer is enough: nobody else is answered from now on. */
  srudp_endpoint_set_accept_incoming (self->app.endpoint, FALSE);
  return serve_and_close (self, connection);
}

/* Many peers */

static void
count_peers (Program *self,
             int      change,
             guint    wait_until_below)
{
  g_mutex_lock (&self->lock);
  self->n_peers += (guint) change;
  while (self->n_peers >= wait_until_below)
    g_cond_wait (&self->cond, &self->lock);
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

static gpointer
run_peer (gpointer data)
{
  Peer *peer = data;
  Program *program = peer->program;

  serve_and_close (program, peer->connection);
  g_free (peer);
  count_peers (program, -1, G_MAXUINT);
  return NULL;
}

static int
serve_many (Program *self)
{
  GError *error = NULL;
  SrudpConnection *connection;

  if (self->app.options->invite && !cat_peer_invite (&self->app, &error))
    return report_no_peer (self, error);
  while ((connection = cat_peer_accept (&self->app, &error)) != NULL)
    {
      Peer *peer = g_new (Peer, 1);

      peer->program = self;
      peer->connection = connection;
      count_peers (self, 1, MAX_PEERS);
      g_thread_unref (g_thread_new ("peer", run_peer, peer));
    }
  count_peers (self, 0, 1);
  return report_no_peer (self, error);
}

/* Peers that only want to get to know each other */

static void
state_changed_cb (SrudpConnection *connection,
                  GParamSpec      *pspec,
                  Program         *self)
{
  if (srudp_connection_get_state (connection) < SRUDP_CONNECTION_STATE_CLOSED)
    return;
  g_mutex_lock (&self->lock);
  g_ptr_array_remove_fast (self->introduced, connection);
  g_mutex_unlock (&self->lock);
}

static void
hold (Program         *self,
      SrudpConnection *connection)
{
  /* Once it is in the array, its end may remove it at any time. */
  g_object_ref (connection);

  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->introduced, connection);
  g_mutex_unlock (&self->lock);

  g_signal_connect (connection, "notify::state",
                    G_CALLBACK (state_changed_cb), self);
  state_changed_cb (connection, NULL, self);
  g_object_unref (connection);
}

static int
introduce_many (Program *self)
{
  GError *error = NULL;
  SrudpConnection *connection;

  if (self->app.options->invite && !cat_peer_invite (&self->app, &error))
    return report_no_peer (self, error);
  while ((connection = cat_peer_accept (&self->app, &error)) != NULL)
    hold (self, connection);
  return report_no_peer (self, error);
}

/* The program */

static gboolean
quit_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

static gpointer
run_work (gpointer data)
{
  Program *self = data;

  if (self->app.options->introducer)
    self->status = introduce_many (self);
  else
    self->status = self->app.options->keep ? serve_many (self)
                                           : serve_one (self);
  if (!self->is_idle)
    srudp_endpoint_close (self->app.endpoint, NULL, NULL);
  g_idle_add (quit_cb, self->loop);
  return NULL;
}

/* The first signal ends politely, another one at once. */
static gboolean
stop (Program *self,
      int      signal_number)
{
  if (!g_atomic_int_compare_and_exchange (&self->app.signal_number, 0,
                                          signal_number))
    _exit (CAT_STATUS_SIGNAL + signal_number);
  cat_tell (_ ("Closing"));
  g_cancellable_cancel (self->app.stop);
  return G_SOURCE_CONTINUE;
}

static gboolean
interrupt_cb (gpointer user_data)
{
  return stop (user_data, SIGINT);
}

static gboolean
terminate_cb (gpointer user_data)
{
  return stop (user_data, SIGTERM);
}

static void
run_program (Program *self)
{
  guint interrupt_id = g_unix_signal_add (SIGINT, interrupt_cb, self);
  guint terminate_id = g_unix_signal_add (SIGTERM, terminate_cb, self);
  GThread *thread;

  if (self->app.options->stats)
    cat_stats_start (self->app.stats);
  thread = g_thread_new ("work", run_work, self);
  g_main_loop_run (self->loop);
  g_thread_join (thread);
  cat_stats_stop (self->app.stats);

  g_source_remove (terminate_id);
  g_source_remove (interrupt_id);
  if (self->app.signal_number != 0)
    self->status = CAT_STATUS_SIGNAL + self->app.signal_number;
}

static gboolean
set_up (Program  *self,
        GError  **error)
{
  CatOptions *options = self->app.options;
  gboolean reads_input = options->exec == NULL && !cat_options_is_tcp (options)
                         && !options->datagram;

  self->app.endpoint = cat_endpoint_new (options, error);
  if (self->app.endpoint == NULL)
    return FALSE;
  if (options->forward_text != NULL
      && (self->listener = cat_listener_new (&options->forward, error)) == NULL)
    return FALSE;

  self->app.stop = g_cancellable_new ();
  self->app.stats =
    cat_stats_new (reads_input ? cat_stats_size_of (STDIN_FILENO) : 0);
  self->loop = g_main_loop_new (NULL, FALSE);
  self->introduced = g_ptr_array_new_with_free_func (g_object_unref);
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  return TRUE;
}

static int
run_with (CatOptions *options)
{
  Program self = { .app.options = options };
  g_autoptr (GError) error = NULL;

  if (set_up (&self, &error))
    {
      run_program (&self);
    }
  else
    {
      cat_complain ("%s", error->message);
      self.status = CAT_STATUS_LOCAL;
    }

  g_clear_pointer (&self.introduced, g_ptr_array_unref);
  g_clear_object (&self.listener);
  g_clear_object (&self.app.via);
  g_clear_object (&self.app.endpoint);
  g_clear_object (&self.app.stop);
  g_clear_pointer (&self.app.stats, cat_stats_free);
  g_clear_pointer (&self.loop, g_main_loop_unref);
  return self.status;
}

static int
print_key (const CatOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpIdentity) identity = cat_identity_load (options->identity,
                                                          &error);
  g_autofree char *key = NULL;

  if (identity == NULL)
    {
      cat_complain ("%s", error->message);
      return CAT_STATUS_LOCAL;
    }
  key = srudp_peer_id_to_string (srudp_identity_get_peer_id (identity));
  g_print ("%s\n", key);
  return CAT_STATUS_OK;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (CatOptions) options = NULL;
  g_autoptr (GError) error = NULL;

  /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is no other thread yet. */
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  signal (SIGPIPE, SIG_IGN);

  options = cat_options_parse (&argc, &argv, &error);
  if (options == NULL)
    {
      cat_complain ("%s", error->message);
      cat_complain (_ ("See srudp-cat --help"));
      return CAT_STATUS_USAGE;
    }
  cat_report_set_verbose (options->verbose);
  if (options->version)
    {
      g_print ("srudp-cat %s\n", SRUDP_VERSION);
      return CAT_STATUS_OK;
    }
  if (options->print_key)
    return print_key (options);
  return run_with (options);
}
