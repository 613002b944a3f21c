/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-datagram.c: small messages beside the streams
 */
#include "config.h"

#include "srudp-glib/srudp-connection-core-private.h"

#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-endpoint-core-private.h"
#include "srudp-glib/srudp-i18n-private.h"

/* In each direction; beyond it, the oldest one is dropped. */
#define DATAGRAMS_MAX 256

static void
send_datagrams_mail (gpointer data)
{
  g_autoptr (SrudpConnectionCore) self = data;
  GQueue datagrams;
  GBytes *datagram;

  g_mutex_lock (&self->lock);
  datagrams = self->datagrams_out;
  g_queue_init (&self->datagrams_out);
  g_mutex_unlock (&self->lock);

  while ((datagram = g_queue_pop_head (&datagrams)) != NULL)
    {
      gsize size;
      const guint8 *bytes = g_bytes_get_data (datagram, &size);

      if (self->session != NULL)
        srudp_session_send_datagram (self->session, g_get_monotonic_time (),
                                     bytes, size);
      g_bytes_unref (datagram);
    }
}

static void
refresh_call (gpointer data)
{
  srudp_connection_core_refresh (data);
}

static gboolean
check_size_locked (SrudpConnectionCore  *self,
                   gsize                 size,
                   GError              **error)
{
  if (size <= self->max_datagram_size)
    return TRUE;

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE,
               _ ("The datagram has %zu bytes, but at most %u fit."),
               size, self->max_datagram_size);
  return FALSE;
}

/* With the lock held. TRUE: the worker is to be told. */
static gboolean
enqueue_datagram (SrudpConnectionCore *self,
                  GBytes              *datagram)
{
  if (self->datagrams_out.length >= DATAGRAMS_MAX)
    g_bytes_unref (g_queue_pop_head (&self->datagrams_out));
  g_queue_push_tail (&self->datagrams_out, g_bytes_ref (datagram));
  return self->datagrams_out.length == 1;
}

gboolean
srudp_connection_core_send_datagram (SrudpConnectionCore  *self,
                                     GBytes               *datagram,
                                     GError              **error)
{
  gsize size = g_bytes_get_size (datagram);
  gboolean ok, tell = FALSE, stale;

  /* The largest size follows the path: ask before refusing. */
  g_mutex_lock (&self->lock);
  stale = self->endpoint != NULL && size > self->max_datagram_size;
  g_mutex_unlock (&self->lock);
  if (stale)
    srudp_endpoint_core_call (self->endpoint, refresh_call, self);

  g_mutex_lock (&self->lock);
  ok = srudp_connection_core_check_open (self, error)
       && check_size_locked (self, size, error);
  if (ok)
    tell = enqueue_datagram (self, datagram);
  g_mutex_unlock (&self->lock);

  if (tell)
    srudp_connection_core_post (self, send_datagrams_mail);
  return ok;
}

static void
fail_receiving (SrudpConnectionCore *self,
                SrudpWaiter         *waiter)
{
  g_autoptr (GError) error = NULL;

  srudp_connection_core_check_open (self, &error);
  srudp_waiter_fail (waiter, error);
}

void
srudp_connection_core_receive_datagram (SrudpConnectionCore *self,
                                        SrudpWaiter         *waiter)
{
  GBytes *datagram;

  g_mutex_lock (&self->lock);
  srudp_waiter_queue_prune (&self->datagram_waiters);
  datagram = g_queue_pop_head (&self->datagrams_in);
  if (datagram != NULL)
    {
      if (!srudp_waiter_resolve (waiter, datagram,
                                 (GDestroyNotify) g_bytes_unref))
        g_queue_push_head (&self->datagrams_in, datagram);
    }
  else if (!srudp_connection_core_check_open (self, NULL))
    fail_receiving (self, waiter);
  else
    g_queue_push_tail (&self->datagram_waiters, srudp_waiter_ref (waiter));
  g_mutex_unlock (&self->lock);
}

GBytes *
srudp_connection_core_pop_datagram (SrudpConnectionCore *self)
{
  GBytes *datagram;

  g_mutex_lock (&self->lock);
  datagram = g_queue_pop_head (&self->datagrams_in);
  g_mutex_unlock (&self->lock);
  return datagram;
}

/* An owner whose context doesn't run must not pile up notices. */
void
srudp_connection_core_announce_datagrams (SrudpConnectionCore *self)
{
  if (self->notifier == NULL || self->datagrams_announced
      || g_queue_is_empty (&self->datagrams_in))
    return;
  self->datagrams_announced = TRUE;
  srudp_connection_push_datagrams (self->notifier);
}

void
srudp_connection_core_begin_looking (SrudpConnectionCore *self)
{
  g_mutex_lock (&self->lock);
  self->datagrams_announced = FALSE;
  g_mutex_unlock (&self->lock);
}

static gboolean
give_to_waiters (SrudpConnectionCore *self,
                 GBytes              *datagram)
{
  SrudpWaiter *waiter;

  while ((waiter = g_queue_pop_head (&self->datagram_waiters)) != NULL)
    {
      gboolean taken = srudp_waiter_resolve (waiter, datagram,
                                             (GDestroyNotify) g_bytes_unref);

      srudp_waiter_unref (waiter);
      if (taken)
        return TRUE;
    }
  return FALSE;
}

void
srudp_connection_core_take_datagram (SrudpConnectionCore *self,
                                     GBytes              *datagram)
{
  g_mutex_lock (&self->lock);
  if (!give_to_waiters (self, datagram))
    {
      if (self->datagrams_in.length >= DATAGRAMS_MAX)
        {
          g_bytes_unref (g_queue_pop_head (&self->datagrams_in));
          self->n_datagrams_dropped++;
        }
      g_queue_push_tail (&self->datagrams_in, datagram);
      srudp_connection_core_announce_datagrams (self);
    }
  g_mutex_unlock (&self->lock);
}

void
srudp_connection_core_refresh (SrudpConnectionCore *self)
{
  guint size;

  if (self->session == NULL)
    return;

  size = (guint) srudp_session_get_max_datagram_size (self->session);
  g_mutex_lock (&self->lock);
  if (size != self->max_datagram_size)
    {
      self->max_datagram_size = size;
      if (self->notifier != NULL)
        srudp_connection_push_max_datagram_size (self->notifier);
    }
  g_mutex_unlock (&self->lock);
}
