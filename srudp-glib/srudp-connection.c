/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection.c: a secure, reliable connection to one peer
 */
#include "config.h"

#include "srudp-glib/srudp-connection.h"

#include "srudp-glib/srudp-connection-list-private.h"
#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-endpoint-private.h"
#include "srudp-glib/srudp-input-stream-private.h"
#include "srudp-glib/srudp-invitation-private.h"
#include "srudp-glib/srudp-output-stream-private.h"

/**
 * SrudpConnection:
 *
 * A secure, reliable connection to one peer: like TCP, but over UDP, through
 * NATs, encrypted, and the same for both sides.
 *
 * The peer may be anything that yields addresses: a [class@Gio.NetworkAddress],
 * a [class@Gio.InetSocketAddress], a service, a type of your own. Names are
 * looked up without blocking other connections, in the thread or the context
 * that opens. All addresses of both families are tried side by side, from the
 * first one on while the rest are still looked up: none waits for a dead one,
 * and those that the endpoint's socket can't reach are left out. Proxies are
 * not used: they don't carry UDP. The addresses are those of the peer itself
 * whatever the proxy settings of the system say.
 *
 * Two peers that both want the connection each call
 * [method@Srudp.Connection.open], in any order and seconds apart if need be;
 * what comes of it is one connection. Or one of them takes what comes with
 * [method@Srudp.Endpoint.accept].
 *
 * It is a [class@Gio.IOStream], and works with everything in GIO that takes
 * one. Its streams are a [iface@Gio.PollableInputStream] and a
 * [iface@Gio.PollableOutputStream]. Closing the output stream is a half-close:
 * the peer reads the end after the last byte, and the other direction goes
 * on. [method@Gio.IOStream.close] returns when the peer has everything that
 * was written, or fails with `G_IO_ERROR_TIMED_OUT` after the
 * [property@Srudp.Connection:idle-timeout]; cancelling it breaks off at once.
 * To have everything means that it is acknowledged by the library at the other
 * end, which holds it for its application. The peer also knows then that the
 * connection is closed, so that the program may end at once; if its answer
 * doesn't come, closing waits for it no longer than a few round trips, or a
 * second.
 *
 * Dropping the last reference closes in the background, without a loss.
 * Whoever uses the streams has to keep the connection.
 *
 * Any method may be called from any thread. Signals and notifications of what
 * changed by itself come in the thread-default context of the thread that made
 * the connection. The connection stays alive even if that context doesn't run.
 */

G_DEFINE_FINAL_TYPE (SrudpConnection, srudp_connection, G_TYPE_IO_STREAM)

static void
set_context (SrudpConnection *self,
             GMainContext    *context)
{
  if (self->notifier != NULL)
    srudp_notifier_close (self->notifier);
  g_clear_pointer (&self->notifier, srudp_notifier_unref);
  self->notifier = srudp_notifier_new (G_OBJECT (self), context);
  srudp_connection_core_attach (self->core, self->notifier);
}

static void
take_invitation (SrudpConnection *self,
                 SrudpInvitation *invitation)
{
  const guint8 *secret = srudp_invitation_get_secret (invitation);
  const SrudpNatFacts *nat = srudp_invitation_get_nat (invitation);
  const SrudpInvitationIntroducer *introducers;

  self->core->expected_peer =
    srudp_peer_id_copy (srudp_invitation_get_peer_id (invitation));
  if (nat != NULL)
    self->core->peer_nat = *nat;
  introducers = srudp_invitation_get_introducers (invitation,
                                                  &self->core->n_introducers);
  self->core->introducers =
    g_memdup2 (introducers,
               self->core->n_introducers * sizeof introducers[0]);
  if (secret != NULL)
    self->core->invitation =
      srudp_secret_new (secret, SRUDP_INVITATION_SECRET_BYTES);
}

static void
srudp_connection_constructed (GObject *object)
{
  SrudpConnection *self = SRUDP_CONNECTION (object);
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  G_OBJECT_CLASS (srudp_connection_parent_class)->constructed (object);

  self->core = srudp_connection_core_new ();
  /* In a copy of the endpoint's process it can't be opened anyway. */
  if (self->endpoint != NULL
      && srudp_endpoint_check_process (self->endpoint, NULL))
    self->core->passphrase = srudp_endpoint_dup_passphrase (self->endpoint);
  if (SRUDP_IS_INVITATION (self->peer))
    take_invitation (self, SRUDP_INVITATION (self->peer));
  set_context (self, context);
  self->input = srudp_input_stream_new (self->core->main_stream);
  self->output = srudp_output_stream_new (self->core->main_stream);
}

SrudpConnection *
srudp_connection_new_inbound (SrudpEndpoint       *endpoint,
                              SrudpConnectionCore *core,
                              GMainContext        *context)
{
  g_autoptr (GSocketAddress) remote = NULL;
  SrudpConnection *self;

  g_mutex_lock (&core->lock);
  g_set_object (&remote, core->remote_address);
  g_mutex_unlock (&core->lock);

  self = g_object_new (SRUDP_TYPE_CONNECTION,
                       "endpoint", endpoint,
                       "peer", remote,
                       NULL);

  /* Nobody has seen the fresh core and streams yet. */
  srudp_connection_core_unref (self->core);
  g_object_unref (self->input);
  g_object_unref (self->output);

  self->core = core;
  set_context (self, context);
  self->input = srudp_input_stream_new (core->main_stream);
  self->output = srudp_output_stream_new (core->main_stream);
  srudp_connection_list_add (srudp_endpoint_get_list (endpoint), self);
  /* It may have ended while it waited: nobody would tell. */
  if (srudp_connection_get_state (self) == SRUDP_CONNECTION_STATE_CLOSED)
    srudp_connection_list_remove (srudp_endpoint_get_list (endpoint), self);
  return self;
}

static GInputStream *
srudp_connection_get_input_stream (GIOStream *stream)
{
  return SRUDP_CONNECTION (stream)->input;
}

static GOutputStream *
srudp_connection_get_output_stream (GIOStream *stream)
{
  return SRUDP_CONNECTION (stream)->output;
}

gboolean
srudp_connection_check_process (gpointer   connection,
                                GError   **error)
{
  SrudpConnection *self = connection;

  return srudp_stream_core_check_process (self->core->main_stream, error);
}

static void
srudp_connection_dispose (GObject *object)
{
  SrudpConnection *self = SRUDP_CONNECTION (object);

  /* What it is made of belongs to the parent, whose threads may have held any
   * lock of it: the child leaves all of it alone, for good. */
  if (srudp_stream_core_is_copy (self->core->main_stream))
    {
      g_object_ref (object);
      return;
    }

  /* GIOStream closes when it is disposed: that must not wait for the peer. */
  g_atomic_int_set (&self->disposing, TRUE);
  if (self->endpoint != NULL)
    srudp_connection_list_remove (srudp_endpoint_get_list (self->endpoint),
                                  self);

  G_OBJECT_CLASS (srudp_connection_parent_class)->dispose (object);
}

static void
srudp_connection_finalize (GObject *object)
{
  SrudpConnection *self = SRUDP_CONNECTION (object);

  srudp_connection_drop_handler_watch (self);
  srudp_connection_core_release (self->core);
  srudp_connection_core_unref (self->core);
  srudp_notifier_close (self->notifier);
  srudp_notifier_unref (self->notifier);
  g_clear_object (&self->input);
  g_clear_object (&self->output);
  g_clear_object (&self->peer);
  /* The endpoint last: the port goes when the last connection is done. */
  g_clear_object (&self->endpoint);

  G_OBJECT_CLASS (srudp_connection_parent_class)->finalize (object);
}

static void
srudp_connection_class_init (SrudpConnectionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  object_class->constructed = srudp_connection_constructed;
  object_class->dispose = srudp_connection_dispose;
  object_class->finalize = srudp_connection_finalize;

  stream_class->get_input_stream = srudp_connection_get_input_stream;
  stream_class->get_output_stream = srudp_connection_get_output_stream;
  stream_class->close_fn = srudp_connection_close_now;
  stream_class->close_async = srudp_connection_close_async;
  stream_class->close_finish = srudp_connection_close_finish;

  srudp_connection_install_properties (object_class);
  srudp_connection_install_signals ();
}

static void
srudp_connection_init (SrudpConnection *self)
{
}

/**
 * srudp_connection_new:
 * @endpoint: the endpoint whose port to use
 * @peer: where the peer is: an address, a name to look up, an
 *   [class@Srudp.Invitation], or anything else that yields addresses
 *
 * Makes a connection that isn't open yet.
 *
 * An invitation also gives the [property@Srudp.Connection:expected-peer],
 * which then can't be changed.
 *
 * Returns: (transfer full): a new connection
 */
SrudpConnection *
srudp_connection_new (SrudpEndpoint      *endpoint,
                      GSocketConnectable *peer)
{
  g_return_val_if_fail (SRUDP_IS_ENDPOINT (endpoint), NULL);
  g_return_val_if_fail (G_IS_SOCKET_CONNECTABLE (peer), NULL);

  return g_object_new (SRUDP_TYPE_CONNECTION,
                       "endpoint", endpoint,
                       "peer", peer,
                       NULL);
}
