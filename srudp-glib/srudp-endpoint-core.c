/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-core.c: how an endpoint's core comes and goes
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint-core-private.h"

#include "srudp-glib/protocol/srudp-crypto.h"
#include "srudp-glib/srudp-prober-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

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
  srudp_endpoint_core_open_io (self);
  self->engine = make_engine (secret);
  self->prober = srudp_prober_new (self);
  self->qlog = srudp_qlog_files_new (self->engine);
  self->key_log = srudp_key_log_file_new (self->engine);
  self->connections = g_hash_table_new_full (
    NULL, NULL, (GDestroyNotify) srudp_connection_core_unref, NULL);
  self->offers = srudp_introducer_book_new ();
  self->n_holds = 1;

  if (srudp_endpoint_core_start (self, error))
    return self;
  srudp_endpoint_core_unref (self);
  return NULL;
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
