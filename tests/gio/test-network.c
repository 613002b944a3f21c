/*
 * SPDX-License-Identifier: MIT
 *
 * test-network.c: the network of this computer changes, as GNetworkMonitor
 * tells it
 */
#include "stun-server.h"
#include "support.h"

/* A monitor that says what the test wants. */

#define FAKE_TYPE_MONITOR (fake_monitor_get_type ())
G_DECLARE_FINAL_TYPE (FakeMonitor, fake_monitor, FAKE, MONITOR, GObject)

struct _FakeMonitor
{
  GObject parent_instance;

  gboolean available;
};

enum
{
  PROP_AVAILABLE = 1,
  PROP_METERED,
  PROP_CONNECTIVITY,
};

static gboolean
fake_monitor_init_now (GInitable     *initable,
                       GCancellable  *cancellable,
                       GError       **error)
{
  return TRUE;
}

static void
initable_iface_init (GInitableIface *iface)
{
  iface->init = fake_monitor_init_now;
}

static void
monitor_iface_init (GNetworkMonitorInterface *iface)
{
}

G_DEFINE_FINAL_TYPE_WITH_CODE (
  FakeMonitor, fake_monitor, G_TYPE_OBJECT,
  G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_iface_init)
  G_IMPLEMENT_INTERFACE (G_TYPE_NETWORK_MONITOR, monitor_iface_init))

static void
fake_monitor_get_property (GObject    *object,
                           guint       property_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  FakeMonitor *self = FAKE_MONITOR (object);

  if (property_id == PROP_CONNECTIVITY)
    g_value_set_enum (value, self->available
                               ? G_NETWORK_CONNECTIVITY_FULL
                               : G_NETWORK_CONNECTIVITY_LOCAL);
  else
    g_value_set_boolean (value, property_id == PROP_AVAILABLE
                                && self->available);
}

static void
fake_monitor_class_init (FakeMonitorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = fake_monitor_get_property;
  g_object_class_override_property (object_class, PROP_AVAILABLE,
                                    "network-available");
  g_object_class_override_property (object_class, PROP_METERED,
                                    "network-metered");
  g_object_class_override_property (object_class, PROP_CONNECTIVITY,
                                    "connectivity");
}

static void
fake_monitor_init (FakeMonitor *self)
{
  self->available = TRUE;
}

static void
change_network (gboolean available)
{
  GNetworkMonitor *monitor = g_network_monitor_get_default ();

  FAKE_MONITOR (monitor)->available = available;
  g_signal_emit_by_name (monitor, "network-changed", available);
}

static guint64
count_packets (SrudpConnection *connection)
{
  g_autoptr (SrudpStats) stats = srudp_connection_dup_stats (connection);

  return srudp_stats_get_packets_sent (stats);
}

/* What is late on a busy machine comes in pieces: nothing for so long is the
 * end of it. */
#define SILENCE_MS 600

static guint64
wait_for_silence (SrudpConnection *connection)
{
  g_autoptr (GCancellable) late = patience ();
  guint64 before, now = count_packets (connection);

  do
    {
      g_assert_false (g_cancellable_is_cancelled (late));
      before = now;
      run_for (SILENCE_MS);
      now = count_packets (connection);
    }
  while (now != before);
  return now;
}

/* Silent connections speak up at once, so that the peer learns where they are
 * now. */
static void
test_connections_speak_up (void)
{
  g_autoptr (GCancellable) late = patience ();
  Pair pair = { 0 };
  guint64 idle;

  pair_set_up (&pair);
  /* Nothing else makes them speak. */
  srudp_connection_set_keepalive_interval (pair.a, 0);
  srudp_connection_set_keepalive_interval (pair.b, 0);
  write_text (pair.out_a, "hello");
  expect_text (pair.in_b, "hello");
  idle = wait_for_silence (pair.a);
  change_network (TRUE);
  while (count_packets (pair.a) == idle)
    {
      g_assert_false (g_cancellable_is_cancelled (late));
      run_for (20);
    }

  write_text (pair.out_b, "still here");
  expect_text (pair.in_a, "still here");
  pair_tear_down (&pair);
}

static gpointer
change_often_thread (gpointer data)
{
  int *stop = data;

  for (guint i = 0; !g_atomic_int_get (stop); i++)
    {
      change_network (i % 2 == 1);
      g_usleep (1000);
    }
  return NULL;
}

/* Whatever the monitor says, and from whatever thread: no failure comes of
 * it. */
static void
test_never_a_failure_by_itself (void)
{
  g_autoptr (GBytes) bytes = make_pattern (1 * MEBIBYTE);
  Pair pair = { 0 };
  int stop = FALSE;
  GThread *thread =
    g_thread_new ("changes", change_often_thread, &stop);

  pair_set_up (&pair);
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (GCancellable) cancellable = patience ();
      g_autoptr (GError) error = NULL;

      g_output_stream_write_all (pair.out_a, g_bytes_get_data (bytes, NULL),
                                 g_bytes_get_size (bytes), NULL, cancellable,
                                 &error);
      g_assert_no_error (error);
      expect_bytes (pair.in_b, bytes);
    }
  g_assert_cmpint (srudp_connection_get_state (pair.a), ==,
                   SRUDP_CONNECTION_STATE_ESTABLISHED);
  pair_tear_down (&pair);

  g_atomic_int_set (&stop, TRUE);
  g_thread_join (thread);
}

/* Not even "there is none": the computer itself can still be reached. */
static void
test_opening_without_network (void)
{
  Pair pair = { 0 };

  change_network (FALSE);
  pair_set_up (&pair);
  write_text (pair.out_a, "hello");
  expect_text (pair.in_b, "hello");
  pair_tear_down (&pair);
  change_network (TRUE);
}

static void
test_endpoints_come_and_go (void)
{
  int stop = FALSE;
  GThread *thread =
    g_thread_new ("changes", change_often_thread, &stop);

  for (guint i = 0; i < 50; i++)
    {
      SrudpEndpoint *endpoint = make_endpoint ();

      if (i % 2 == 0)
        srudp_endpoint_close (endpoint, NULL, NULL);
      g_assert_finalize_object (endpoint);
    }
  g_atomic_int_set (&stop, TRUE);
  g_thread_join (thread);
}

static void
count_cb (SrudpEndpoint *endpoint,
          guint         *n_changes)
{
  (*n_changes)++;
}

/* Until the server was asked once more than that, and the answer has come. */
static void
wait_until_asked (StunServer *server,
                  guint       n_before)
{
  g_autoptr (GCancellable) late = patience ();

  while (stun_server_get_n_asked (server) == n_before)
    {
      g_assert_false (g_cancellable_is_cancelled (late));
      run_for (10);
    }
  run_for (200);
  g_assert_cmpuint (stun_server_get_n_asked (server), ==, n_before + 1);
}

/* What an invitation names is looked at anew when the network changes. */
static void
test_invitations_become_void (void)
{
  const StunServerWays other = { .port_shift = 5 };
  g_autoptr (StunServer) server = stun_server_new ("127.0.0.1");
  const char *servers[] = { stun_server_get_name (server), NULL };
  SrudpEndpoint *endpoint = make_endpoint ();
  g_autoptr (SrudpInvitation) invitation = NULL;
  g_autoptr (GCancellable) late = patience ();
  g_autoptr (GError) error = NULL;
  guint n_changes = 0;

  g_signal_connect (endpoint, "candidates-changed", G_CALLBACK (count_cb),
                    &n_changes);
  srudp_endpoint_set_stun_servers (endpoint, servers);
  change_network (TRUE);
  run_for (50);
  g_assert_cmpuint (stun_server_get_n_asked (server), ==, 0);

  invitation = srudp_endpoint_create_invitation (endpoint, patience (),
                                                 &error);
  g_assert_no_error (error);
  g_assert_nonnull (invitation);
  g_assert_cmpuint (stun_server_get_n_asked (server), ==, 1);
  change_network (TRUE);
  wait_until_asked (server, 1);
  g_assert_cmpuint (n_changes, ==, 0);

  stun_server_set_ways (server, &other);
  change_network (TRUE);
  wait_until_asked (server, 2);
  while (n_changes == 0 && !g_cancellable_is_cancelled (late))
    run_for (10);
  g_assert_cmpuint (n_changes, ==, 1);
  change_network (TRUE);
  wait_until_asked (server, 3);
  g_assert_cmpuint (n_changes, ==, 1);

  srudp_endpoint_close (endpoint, patience (), &error);
  g_assert_no_error (error);
  g_assert_finalize_object (endpoint);
}

int
main (int   argc,
      char *argv[])
{
  g_setenv ("GIO_USE_NETWORK_MONITOR", "fake", TRUE);
  g_test_init (&argc, &argv, NULL);

  /* The extension points are there once GIO was used. */
  g_vfs_get_default ();
  g_io_extension_point_implement (G_NETWORK_MONITOR_EXTENSION_POINT_NAME,
                                  FAKE_TYPE_MONITOR, "fake", 1000);
  g_assert_true (FAKE_IS_MONITOR (g_network_monitor_get_default ()));

  g_test_add_func ("/network/connections-speak-up",
                   test_connections_speak_up);
  g_test_add_func ("/network/never-a-failure-by-itself",
                   test_never_a_failure_by_itself);
  g_test_add_func ("/network/opening-without-a-network",
                   test_opening_without_network);
  g_test_add_func ("/network/endpoints-come-and-go",
                   test_endpoints_come_and_go);

  g_test_add_func ("/network/invitations-become-void",
                   test_invitations_become_void);

  return g_test_run ();
}
