/*
 * SPDX-License-Identifier: MIT
 *
 * bench-nice.c: libnice in its reliable mode (PseudoTCP), without encryption
 *
 * Both ends tell each other their names and candidates over a TCP connection
 * to the same port, as an application does over its signalling server; set-up
 * is counted from there. Sending is by its callbacks: its blocking streams are
 * hundreds of times slower.
 */
#include "bench-options.h"

#include <agent.h>
#include <stdio.h>
#include <string.h>

#define COMPONENT NICE_COMPONENT_TYPE_RTP

typedef struct
{
  BenchOptions options;
  NiceAgent *agent;
  guint stream;
  GMainLoop *loop;
  GIOStream *signalling;
  gint64 start_us, end_us;
  BenchMeter meter;
  GArray *pings;
  gint64 ping_sent_us;
} Nice;

static void
quit_when_idle_cb (Nice *self)
{
  g_main_loop_quit (self->loop);
}

static void
received_cb (NiceAgent *agent,
             guint      stream,
             guint      component,
             guint      size,
             char      *data,
             gpointer   user_data)
{
  Nice *self = user_data;
  gint64 took_us;

  if (self->options.mode == BENCH_TRANSFER)
    {
      bench_meter_add (&self->meter, size);
      return;
    }
  if (!self->options.is_server)
    {
      took_us = g_get_monotonic_time () - self->ping_sent_us;
      g_array_append_val (self->pings, took_us);
      if ((int) self->pings->len == self->options.count)
        quit_when_idle_cb (self);
      self->ping_sent_us = g_get_monotonic_time ();
    }
  nice_agent_send (agent, stream, component, size, data);
}

static void
send_on (Nice *self)
{
  static char block[BENCH_BLOCK_BYTES];

  while (g_get_monotonic_time () < self->end_us)
    if (nice_agent_send (self->agent, self->stream, COMPONENT, sizeof block, block) < 0)
      return;
  quit_when_idle_cb (self);
}

static void
writable_cb (NiceAgent *agent,
             guint      stream,
             guint      component,
             gpointer   user_data)
{
  Nice *self = user_data;

  if (!self->options.is_server && self->options.mode == BENCH_TRANSFER && self->end_us > 0)
    send_on (self);
}

static void
begin (Nice *self)
{
  static char block[BENCH_PING_BYTES];
  gint64 now_us = g_get_monotonic_time ();

  if (self->options.is_server)
    return;
  printf ("{\"setup_us\": %" G_GINT64_FORMAT "}\n", now_us - self->start_us);
  self->end_us = now_us + (gint64) (self->options.seconds * G_USEC_PER_SEC);
  self->ping_sent_us = now_us;
  if (self->options.mode == BENCH_TRANSFER)
    send_on (self);
  else
    nice_agent_send (self->agent, self->stream, COMPONENT, sizeof block, block);
}

static void
state_changed_cb (NiceAgent *agent,
                  guint      stream,
                  guint      component,
                  guint      state,
                  gpointer   user_data)
{
  Nice *self = user_data;

  if (state == NICE_COMPONENT_STATE_READY && self->end_us == 0)
    begin (self);
  else if (state == NICE_COMPONENT_STATE_FAILED)
    bench_fail ("libnice", "no connection");
}

/* --- Signalling ----------------------------------------------------------- */

static GIOStream *
meet (const BenchOptions *options)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection;

  if (options->is_server)
    {
      g_socket_listener_add_inet_port (listener, options->port, NULL, NULL);
      bench_ready ();
      connection = g_socket_listener_accept (listener, NULL, NULL, &error);
    }
  else
    connection = g_socket_client_connect_to_host (client, options->address,
                                                  options->port, NULL, &error);
  if (connection == NULL)
    bench_fail ("signalling", error->message);
  return G_IO_STREAM (connection);
}

/* The whole description in one write; it is short. */
static void
exchange_descriptions (Nice *self)
{
  g_autofree char *mine = nice_agent_generate_local_sdp (self->agent);
  g_autofree char *theirs = g_malloc0 (16384);
  gssize n;

  g_output_stream_write_all (g_io_stream_get_output_stream (self->signalling), mine,
                             strlen (mine) + 1, NULL, NULL, NULL);
  n = g_input_stream_read (g_io_stream_get_input_stream (self->signalling), theirs,
                           16383, NULL, NULL);
  if (n <= 0 || nice_agent_parse_remote_sdp (self->agent, theirs) < 0)
    bench_fail ("libnice", "no description of the other end");
}

static void
gathered_cb (NiceAgent *agent,
             guint      stream,
             gpointer   user_data)
{
  exchange_descriptions (user_data);
}

/* The other end is done when it closes the signalling connection. */
static gpointer
watch_end (gpointer data)
{
  Nice *self = data;
  char byte;

  while (g_input_stream_read (g_io_stream_get_input_stream (self->signalling), &byte, 1,
                              NULL, NULL) > 0)
    ;
  g_main_loop_quit (self->loop);
  return NULL;
}

static void
set_up (Nice *self)
{
  NiceAddress *local = nice_address_new ();

  self->agent = nice_agent_new_reliable (NULL, NICE_COMPATIBILITY_RFC5245);
  g_object_set (self->agent, "upnp", FALSE, "ice-tcp", FALSE,
                "controlling-mode", !self->options.is_server, NULL);
  nice_address_set_from_string (local, g_getenv ("BENCH_OWN_ADDRESS"));
  nice_agent_add_local_address (self->agent, local);
  nice_address_free (local);
  g_signal_connect (self->agent, "component-state-changed", G_CALLBACK (state_changed_cb), self);
  g_signal_connect (self->agent, "candidate-gathering-done", G_CALLBACK (gathered_cb), self);
  g_signal_connect (self->agent, "reliable-transport-writable", G_CALLBACK (writable_cb), self);
  self->stream = nice_agent_add_stream (self->agent, 1);
  nice_agent_set_stream_name (self->agent, self->stream, "application");
  nice_agent_attach_recv (self->agent, self->stream, COMPONENT,
                          g_main_loop_get_context (self->loop), received_cb, self);
  self->start_us = g_get_monotonic_time ();
  if (!nice_agent_gather_candidates (self->agent, self->stream))
    bench_fail ("libnice", "no candidates");
}

int
main (int    argc,
      char **argv)
{
  Nice self = { 0 };
  GThread *watcher = NULL;

  bench_parse (&self.options, argc, argv);
  self.loop = g_main_loop_new (NULL, FALSE);
  self.pings = g_array_new (FALSE, FALSE, sizeof (gint64));
  self.signalling = meet (&self.options);
  set_up (&self);
  while (self.end_us == 0 && !self.options.is_server)
    g_main_context_iteration (NULL, TRUE);
  if (self.options.is_server)
    {
      /* Its description has to be read before the watcher reads. */
      while (nice_agent_get_component_state (self.agent, self.stream, COMPONENT)
             < NICE_COMPONENT_STATE_READY)
        g_main_context_iteration (NULL, TRUE);
      watcher = g_thread_new ("end", watch_end, &self);
    }
  if (self.options.is_server || self.options.mode == BENCH_PING
      || g_get_monotonic_time () < self.end_us)
    g_main_loop_run (self.loop);

  if (self.options.is_server && self.options.mode == BENCH_TRANSFER)
    bench_meter_report (&self.meter);
  if (!self.options.is_server && self.options.mode == BENCH_PING)
    bench_report_times ("ping", self.pings);
  if (!self.options.is_server)
    g_io_stream_close (self.signalling, NULL, NULL);
  if (watcher != NULL)
    g_thread_join (watcher);
  fflush (stdout);
  return 0;
}
