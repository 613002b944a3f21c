/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-network.c: the network of this computer has changed
 *
 * A hint and no more: the engine has its connections speak up, so that their
 * peers follow them to a new address. Without it they would find out by
 * themselves, only later. The system tells the worker itself; where it doesn't,
 * GIO may, mostly in the main loop of the program. Mostly both do.
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint-core-private.h"

#include "srudp-glib/srudp-debug-private.h"
#include "srudp-glib/srudp-prober-private.h"

/* Of what GIO tells, the worker mostly knows already. */
#define SAME_CHANGE_US G_USEC_PER_SEC

void
srudp_endpoint_core_note_network_change (SrudpEndpointCore *self)
{
  SRUDP_NOTE (NETWORK, "the network of this computer has changed");
  srudp_engine_on_network_change (self->engine, g_get_monotonic_time ());
  srudp_prober_on_network_change (self->prober);
}

static void
network_changed_mail (gpointer data)
{
  g_autoptr (SrudpEndpointCore) self = data;

  g_atomic_int_set (&self->network_changed, FALSE);
  if (g_get_monotonic_time () > self->network_change_us + SAME_CHANGE_US)
    srudp_endpoint_core_note_network_change (self);
}

/* Changes come in bursts: the worker hears of one at a time. */
static void
network_changed_cb (GNetworkMonitor *monitor,
                    gboolean         available,
                    gpointer         user_data)
{
  SrudpEndpointCore *self = user_data;

  if (!g_atomic_int_compare_and_exchange (&self->network_changed, FALSE, TRUE))
    return;
  if (!srudp_mailbox_post (self->mailbox, network_changed_mail,
                           srudp_endpoint_core_ref (self)))
    srudp_endpoint_core_unref (self);
}

static void
unref_core (gpointer  data,
            GClosure *closure)
{
  srudp_endpoint_core_unref (data);
}

void
srudp_endpoint_core_watch_network (SrudpEndpointCore *self)
{
  GNetworkMonitor *monitor = g_network_monitor_get_default ();

  g_mutex_lock (&self->lock);
  self->monitor = g_object_ref (monitor);
  self->monitor_id = g_signal_connect_data (
    monitor, "network-changed", G_CALLBACK (network_changed_cb),
    srudp_endpoint_core_ref (self), unref_core, 0);
  g_mutex_unlock (&self->lock);
}

void
srudp_endpoint_core_unwatch_network (SrudpEndpointCore *self)
{
  g_autoptr (GNetworkMonitor) monitor = NULL;
  gulong id;

  g_mutex_lock (&self->lock);
  monitor = g_steal_pointer (&self->monitor);
  id = self->monitor_id;
  g_mutex_unlock (&self->lock);

  if (monitor != NULL)
    g_signal_handler_disconnect (monitor, id);
}
