/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-core.c: the worker thread of an endpoint
 *
 * One thread, one private context, one source for the socket, one for the
 * timer and one for the mailbox. The engine is called by whose turn it is: this
 * thread, or one that has taken its turn while it sleeps; see srudp-mailbox.c.
 * The thread never waits for the application.
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint-core-private.h"

#include "srudp-glib/protocol/srudp-crypto.h"
#include "srudp-glib/srudp-bridge-private.h"
#include "srudp-glib/srudp-debug-private.h"
#include "srudp-glib/srudp-prober-private.h"
#include "srudp-glib/srudp-source-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Per turn of the loop, so that nothing starves the rest. */
#define RECEIVE_BATCHES 4
#define TRANSMIT_FLIGHTS 32
/* How long a broken transport is left alone. */
#define PAUSE_MS 100
/* How often the engine is told that its own address doesn't do. */
#define LOCAL_LOST_INTERVAL_US (G_USEC_PER_SEC / 2)

/* Below are protocols that may share a port with ours: STUN (RFC 7983). */
#define FIRST_BYTE_OF_OURS 0x40
/* From here on: of somebody who is about to open. */
#define FIRST_BYTE_OF_HANDSHAKE 0x80


/* A ready time would do, but GLib wakes its own thread whenever that is set. */
typedef struct
{
  GSource parent;
  gint64 deadline_us;     /* -1: never */
  gint64 sleeps_until_us; /* as it was when the worker fell asleep */
} TimerSource;

static void
received_cb (gpointer         user_data,
             const SrudpPath *path,
             SrudpEcn         ecn,
             guint8          *data,
             gsize            size)
{
  SrudpEndpointCore *self = user_data;
  gint64 now = g_get_monotonic_time ();

  if (size > 0 && data[0] < FIRST_BYTE_OF_OURS
      && srudp_prober_receive (self->prober, &path->remote, data, size))
    return;
  /* The monotonic clock stands while the computer sleeps: the invitation that
   * somebody comes with may be over by now. */
  if (size > 0 && data[0] >= FIRST_BYTE_OF_HANDSHAKE)
    srudp_engine_set_time_of_day (self->engine, now, g_get_real_time ());
  srudp_engine_receive (self->engine, now, path, ecn, data, size);
}

static void
unreachable_cb (gpointer            user_data,
                const SrudpAddress *remote)
{
  SrudpEndpointCore *self = user_data;

  srudp_engine_hint_unreachable (self->engine, g_get_monotonic_time (),
                                 remote);
}

/* The system may tell of it later, or to nobody. */
static void
local_lost_cb (gpointer user_data)
{
  SrudpEndpointCore *self = user_data;
  gint64 now = g_get_monotonic_time ();

  if (now < self->local_lost_us + LOCAL_LOST_INTERVAL_US)
    return;
  self->local_lost_us = now;
  srudp_engine_on_network_change (self->engine, now);
}

static const SrudpDatagramIoFuncs io_funcs = {
  received_cb,
  unreachable_cb,
  local_lost_cb,
};

static void pump (SrudpEndpointCore *self);

static gboolean
writable_cb (GDatagramBased *transport,
             GIOCondition    condition,
             gpointer        user_data)
{
  SrudpEndpointCore *self = user_data;

  if (!srudp_datagram_io_resume (self->blocked))
    return G_SOURCE_CONTINUE;

  self->blocked = NULL;
  g_clear_pointer (&self->writable_source, g_source_unref);
  pump (self);
  return G_SOURCE_REMOVE;
}

static void
wait_writable (SrudpEndpointCore *self,
               SrudpDatagramIo   *io)
{
  self->blocked = io;
  self->writable_source = g_datagram_based_create_source (
    srudp_datagram_io_get_transport (io), G_IO_OUT, NULL);
  g_source_set_callback (self->writable_source, G_SOURCE_FUNC (writable_cb),
                         self, NULL);
  g_source_attach (self->writable_source, self->context);
}

static void
ask_servers (SrudpEndpointCore *self)
{
  SrudpTransmit flight;

  while (self->writable_source == NULL
         && srudp_prober_poll_transmit (
           self->prober, &flight, srudp_datagram_io_get_buffer (self->io)))
    if (!srudp_datagram_io_send (self->io, &flight))
      wait_writable (self, self->io);
}

/* The engine, too, would like to know the port of a new one. */
static SrudpDatagramIo *
get_spare (SrudpEndpointCore *self,
           guint16            number)
{
  SrudpDatagramIo *io;

  if (self->spares == NULL)
    return NULL;

  io = srudp_spare_sockets_lookup (self->spares, number);
  if (io != NULL)
    return io;

  io = srudp_spare_sockets_get (self->spares, number);
  srudp_engine_set_socket_port (
    self->engine, g_get_monotonic_time (), number,
    srudp_spare_sockets_get_port (self->spares, number));
  return io;
}

/* A flight lies in the buffer of the endpoint's own socket. One that can't be
 * sent for want of sockets is lost like others on their way. */
static void
send_flight (SrudpEndpointCore   *self,
             const SrudpTransmit *flight)
{
  SrudpDatagramIo *io = self->io;

  if (flight->path.socket != 0)
    io = get_spare (self, flight->path.socket);
  if (io == NULL)
    return;

  if (io != self->io)
    memcpy (srudp_datagram_io_get_buffer (io),
            srudp_datagram_io_get_buffer (self->io), flight->size);
  if (!srudp_datagram_io_send (io, flight))
    wait_writable (self, io);
}

gboolean
srudp_endpoint_core_transmit (SrudpEndpointCore *self)
{
  ask_servers (self);
  for (guint i = 0; i < TRANSMIT_FLIGHTS; i++)
    {
      SrudpTransmit flight;

      if (self->writable_source != NULL)
        return TRUE;
      if (srudp_engine_poll_transmit (self->engine, g_get_monotonic_time (),
                                      &flight,
                                      srudp_datagram_io_get_buffer (self->io),
                                      SRUDP_MAX_UDP_PAYLOAD,
                                      SRUDP_IO_MAX_SEGMENTS)
          == 0)
        return TRUE;
      send_flight (self, &flight);
    }
  return FALSE;
}

static void
close_idle_sockets (SrudpEndpointCore *self)
{
  guint16 number;

  while (srudp_engine_poll_idle_socket (self->engine, &number))
    {
      if (self->blocked != NULL
          && self->blocked == srudp_spare_sockets_lookup (self->spares, number))
        {
          srudp_clear_source (&self->writable_source);
          self->blocked = NULL;
        }
      srudp_spare_sockets_close (self->spares, number);
    }
}

static gint64
get_deadline (SrudpEndpointCore *self)
{
  gint64 deadline = srudp_engine_get_deadline (self->engine);
  gint64 asking = srudp_prober_get_deadline (self->prober);

  /* What can't be sent now waits for the transport. */
  if (asking < 0 || self->writable_source != NULL)
    return deadline;
  return deadline < 0 ? asking : MIN (deadline, asking);
}

/* What follows whatever was done to the engine; see srudp-engine.h. */
static void
pump (SrudpEndpointCore *self)
{
  gboolean all_sent;

  srudp_prober_advance (self->prober);
  srudp_endpoint_core_handle_events (self);
  close_idle_sockets (self);
  all_sent = srudp_endpoint_core_transmit (self);
  srudp_qlog_files_drain (self->qlog);
  srudp_key_log_file_drain (self->key_log);

  ((TimerSource *) self->timer_source)->deadline_us =
    all_sent ? get_deadline (self) : 0;
  if (self->shut_down && all_sent && self->writable_source == NULL
      && srudp_engine_is_idle (self->engine)
      && g_hash_table_size (self->connections) == 0)
    self->quit = TRUE;
}

/* What an application has written, by its own thread. The worker sleeps on if
 * it is going to wake soon enough. */
void
srudp_endpoint_core_send_out_of_turn (SrudpEndpointCore *self)
{
  TimerSource *timer = (TimerSource *) self->timer_source;
  gboolean all_sent = srudp_endpoint_core_transmit (self);

  srudp_qlog_files_drain (self->qlog);
  timer->deadline_us = all_sent ? get_deadline (self) : 0;
  if (timer->deadline_us >= 0
      && (timer->sleeps_until_us < 0
          || timer->deadline_us < timer->sleeps_until_us))
    g_main_context_wakeup (self->context);
}

static void
pump_after_mail (gpointer data)
{
  pump (data);
}

static void
spare_received_cb (gpointer user_data)
{
  pump (user_data);
}

static void start_reading (SrudpEndpointCore *self);

static gboolean
read_again_cb (gpointer user_data)
{
  SrudpEndpointCore *self = user_data;

  g_clear_pointer (&self->socket_source, g_source_unref);
  start_reading (self);
  return G_SOURCE_REMOVE;
}

/* A transport that is broken for good would keep its source ready for ever. */
static void
pause_reading (SrudpEndpointCore *self)
{
  g_clear_pointer (&self->socket_source, g_source_unref);
  self->socket_source = g_timeout_source_new (PAUSE_MS);
  g_source_set_callback (self->socket_source, read_again_cb, self, NULL);
  g_source_attach (self->socket_source, self->context);
}

static gboolean
readable_cb (GDatagramBased *transport,
             GIOCondition    condition,
             gpointer        user_data)
{
  SrudpEndpointCore *self = user_data;

  for (guint i = 0; i < RECEIVE_BATCHES; i++)
    {
      if (!srudp_datagram_io_receive (self->io))
        break;
    }
  pump (self);
  if (!srudp_datagram_io_is_failing (self->io))
    return G_SOURCE_CONTINUE;
  pause_reading (self);
  return G_SOURCE_REMOVE;
}

static gboolean
timer_source_check (GSource *source)
{
  gint64 deadline_us = ((TimerSource *) source)->deadline_us;

  return deadline_us >= 0 && deadline_us <= g_source_get_time (source);
}

static gboolean
timer_source_prepare (GSource *source,
                      int     *timeout_ms)
{
  TimerSource *timer = (TimerSource *) source;
  gint64 left_us = timer->deadline_us - g_source_get_time (source);

  timer->sleeps_until_us = timer->deadline_us;
  *timeout_ms = timer->deadline_us < 0
                  ? -1
                  : (int) CLAMP ((left_us + 999) / 1000, 0, G_MAXINT);
  return *timeout_ms == 0;
}

static gboolean
timer_source_dispatch (GSource     *source,
                       GSourceFunc  callback,
                       gpointer     user_data)
{
  ((TimerSource *) source)->deadline_us = -1;
  return callback (user_data);
}

static GSourceFuncs timer_source_funcs = {
  .prepare = timer_source_prepare,
  .check = timer_source_check,
  .dispatch = timer_source_dispatch,
};

static gboolean
timer_cb (gpointer user_data)
{
  SrudpEndpointCore *self = user_data;

  srudp_engine_advance (self->engine, g_get_monotonic_time ());
  pump (self);
  return G_SOURCE_CONTINUE;
}

static void
start_reading (SrudpEndpointCore *self)
{
  self->socket_source =
    g_datagram_based_create_source (self->transport, G_IO_IN, NULL);
  g_source_set_callback (self->socket_source, G_SOURCE_FUNC (readable_cb),
                         self, NULL);
  /* It doesn't recurse, but GLib would take its descriptor out of the set for
   * each dispatch otherwise, and wake this thread twice for that. */
  g_source_set_can_recurse (self->socket_source, TRUE);
  g_source_set_static_name (self->socket_source, "[srudp] socket");
  g_source_attach (self->socket_source, self->context);
}

static void
network_watch_cb (gpointer user_data)
{
  SrudpEndpointCore *self = user_data;

  self->network_change_us = g_get_monotonic_time ();
  srudp_endpoint_core_note_network_change (self);
  pump (self);
}

static void
start_sources (SrudpEndpointCore *self)
{
  start_reading (self);

  self->timer_source =
    g_source_new (&timer_source_funcs, sizeof (TimerSource));
  ((TimerSource *) self->timer_source)->deadline_us = -1;
  g_source_set_callback (self->timer_source, timer_cb, self, NULL);
  g_source_set_static_name (self->timer_source, "[srudp] timer");
  g_source_attach (self->timer_source, self->context);

  if (G_IS_SOCKET (self->transport))
    self->network_watch =
      srudp_network_watch_new (self->context, network_watch_cb, self);
  srudp_mailbox_start (self->mailbox, pump_after_mail, self);
}

/* Gives back the port before anyone hears that it is closed. */
static void
drop_transport (SrudpEndpointCore *self)
{
  srudp_clear_source (&self->socket_source);
  srudp_clear_source (&self->writable_source);
  srudp_clear_source (&self->timer_source);
  g_clear_pointer (&self->network_watch, srudp_network_watch_free);
  g_clear_pointer (&self->spares, srudp_spare_sockets_free);
  g_clear_pointer (&self->io, srudp_datagram_io_free);
  if (self->own_socket)
    g_socket_close (G_SOCKET (self->transport), NULL);
  g_clear_object (&self->transport);
}

static void
set_closed (SrudpEndpointCore *self)
{
  GQueue unclaimed = G_QUEUE_INIT;
  SrudpWaiter *waiter;
  gpointer connection;

  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  /* Connections hold their endpoint: nothing may hold them here for good. */
  while ((connection = g_queue_pop_head (&self->backlog)) != NULL
         || (connection = g_queue_pop_head (&self->taken)) != NULL)
    g_queue_push_tail (&unclaimed, connection);
  g_atomic_int_set (&self->n_backlog, 0);
  while ((waiter = g_queue_pop_head (&self->close_waiters)) != NULL)
    {
      srudp_waiter_resolve (waiter, NULL, NULL);
      srudp_waiter_unref (waiter);
    }
  g_mutex_unlock (&self->lock);

  g_queue_clear_full (&unclaimed,
                      (GDestroyNotify) srudp_connection_core_unref);
}

static gpointer
worker_main (gpointer data)
{
  SrudpEndpointCore *self = data;

  g_main_context_push_thread_default (self->context);
  /* Somebody else's transport is used from this thread only. */
  srudp_mailbox_begin_turns (self->mailbox, self->own_socket);
  start_sources (self);
  pump (self);
  while (!self->quit)
    g_main_context_iteration (self->context, TRUE);

  srudp_mailbox_close (self->mailbox);
  g_clear_pointer (&self->prober, srudp_prober_free);
  while (!g_queue_is_empty (&self->bridges))
    srudp_bridge_destroy (g_queue_peek_head (&self->bridges));
  srudp_endpoint_core_handle_events (self);
  drop_transport (self);
  g_clear_pointer (&self->qlog, srudp_qlog_files_free);
  g_clear_pointer (&self->key_log, srudp_key_log_file_free);
  g_clear_pointer (&self->engine, srudp_engine_free);
  srudp_mailbox_end_turns (self->mailbox);
  g_main_context_pop_thread_default (self->context);

  srudp_endpoint_core_unwatch_network (self);
  SRUDP_NOTE (ENDPOINT, "%p: closed", (void *) self);
  set_closed (self);
  srudp_endpoint_core_unref (self);
  return NULL;
}

/* For tests and measurements: one cipher, whatever the processor can do. */
static void
force_cipher (SrudpEngine *engine)
{
  const char *name = g_getenv ("SRUDP_CIPHER");

  if (name != NULL && !srudp_engine_set_cipher (engine, name))
    g_message ("SRUDP_CIPHER: there is no cipher called %s", name);
}

static SrudpEngine *
make_engine (const guint8 *secret)
{
  gint64 now = g_get_monotonic_time ();
  SrudpEngineConfig config = { .random = srudp_crypto_random };
  SrudpEngine *engine;

  memcpy (config.static_secret, secret, sizeof config.static_secret);
  engine = srudp_engine_new (&config, now);
  srudp_crypto_wipe (&config, sizeof config);
  srudp_engine_set_timeouts (engine, SRUDP_DEFAULT_IDLE_TIMEOUT_US,
                             SRUDP_DEFAULT_KEEPALIVE_US);
  force_cipher (engine);
  return engine;
}

/* GLib ends the whole process when there is none left for a new context, so it
 * is tried before; another thread may still take the last one in between. */
static gboolean
has_free_descriptor (GError **error)
{
  int fd = open ("/", O_RDONLY | O_CLOEXEC), code = errno;

  if (fd >= 0)
    close (fd);
  else if (code == EMFILE || code == ENFILE)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES,
                           g_strerror (code));
      return FALSE;
    }
  return TRUE;
}

SrudpEndpointCore *
srudp_endpoint_core_new (GDatagramBased  *transport,
                         gboolean         own_socket,
                         const guint8    *secret,
                         SrudpNotifier   *notifier,
                         GError         **error)
{
  SrudpEndpointCore *self;

  if (!has_free_descriptor (error))
    return NULL;

  self = g_new0 (SrudpEndpointCore, 1);
  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  self->context = g_main_context_new ();
  self->mailbox = srudp_mailbox_new (self->context);
  self->notifier = srudp_notifier_ref (notifier);
  self->transport = g_object_ref (transport);
  self->own_socket = own_socket;
  self->io = srudp_datagram_io_new (transport, own_socket, &io_funcs, self);
  self->spares = srudp_spare_sockets_new (transport, self->context, &io_funcs,
                                          spare_received_cb, self);
  self->engine = make_engine (secret);
  self->prober = srudp_prober_new (self);
  self->qlog = srudp_qlog_files_new (self->engine);
  self->key_log = srudp_key_log_file_new (self->engine);
  self->connections = g_hash_table_new_full (
    NULL, NULL, (GDestroyNotify) srudp_connection_core_unref, NULL);
  self->offers = srudp_introducer_book_new ();
  self->n_holds = 1;

  self->thread = g_thread_try_new ("srudp", worker_main,
                                   srudp_endpoint_core_ref (self), error);
  if (self->thread == NULL)
    {
      if (g_atomic_ref_count_dec (&self->ref_count))
        g_assert_not_reached (); /* there were two */
      g_clear_pointer (&self->prober, srudp_prober_free);
      g_clear_pointer (&self->qlog, srudp_qlog_files_free);
      g_clear_pointer (&self->key_log, srudp_key_log_file_free);
      g_clear_pointer (&self->engine, srudp_engine_free);
      drop_transport (self);
      srudp_endpoint_core_unref (self);
      return NULL;
    }
  return self;
}

void
srudp_endpoint_core_wake (SrudpEndpointCore *self)
{
  ((TimerSource *) self->timer_source)->deadline_us = 0;
}

SrudpEndpointCore *
srudp_endpoint_core_ref (SrudpEndpointCore *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
srudp_endpoint_core_unref (SrudpEndpointCore *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->thread, g_thread_unref);
  g_queue_clear_full (&self->backlog,
                      (GDestroyNotify) srudp_connection_core_unref);
  g_queue_clear_full (&self->taken,
                      (GDestroyNotify) srudp_connection_core_unref);
  g_queue_clear_full (&self->accept_waiters,
                      (GDestroyNotify) srudp_waiter_unref);
  g_queue_clear_full (&self->close_waiters,
                      (GDestroyNotify) srudp_waiter_unref);
  g_hash_table_unref (self->connections);
  srudp_introducer_book_free (self->offers);
  g_clear_pointer (&self->passphrase, srudp_secret_unref);
  srudp_mailbox_unref (self->mailbox);
  srudp_notifier_unref (self->notifier);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_free (self);
}
