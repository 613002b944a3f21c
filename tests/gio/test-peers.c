/*
 * SPDX-License-Identifier: MIT
 *
 * test-peers.c: who the peer may be: names, lists of addresses, both families
 */
#define _GNU_SOURCE /* for unshare() */

#include "support.h"

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

/* A list of addresses as a peer; each comes after a pause if told so. */

#define LIST_TYPE_PEER (list_peer_get_type ())
G_DECLARE_FINAL_TYPE (ListPeer, list_peer, LIST, PEER,
                      GSocketAddressEnumerator)

struct _ListPeer
{
  GSocketAddressEnumerator parent_instance;

  GPtrArray *addresses;
  GError *error; /* after the last one */
  guint pause_ms;
  guint position;
};

static GSocketAddressEnumerator *
list_peer_enumerate (GSocketConnectable *connectable)
{
  return g_object_ref (G_SOCKET_ADDRESS_ENUMERATOR (connectable));
}

static void
list_peer_connectable_init (GSocketConnectableIface *iface)
{
  iface->enumerate = list_peer_enumerate;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (
  ListPeer, list_peer, G_TYPE_SOCKET_ADDRESS_ENUMERATOR,
  G_IMPLEMENT_INTERFACE (G_TYPE_SOCKET_CONNECTABLE,
                         list_peer_connectable_init))

static GSocketAddress *
list_peer_next (GSocketAddressEnumerator  *enumerator,
                GCancellable              *cancellable,
                GError                   **error)
{
  ListPeer *self = LIST_PEER (enumerator);

  if (self->position < self->addresses->len)
    return g_object_ref (g_ptr_array_index (self->addresses,
                                            self->position++));
  if (self->error != NULL)
    g_propagate_error (error, g_error_copy (self->error));
  return NULL;
}

static gboolean
pause_over_cb (gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  GSocketAddress *address =
    list_peer_next (g_task_get_source_object (task), NULL, &error);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, address, g_object_unref);
  g_object_unref (task);
  return G_SOURCE_REMOVE;
}

static void
list_peer_next_async (GSocketAddressEnumerator *enumerator,
                      GCancellable             *cancellable,
                      GAsyncReadyCallback       callback,
                      gpointer                  user_data)
{
  GTask *task = g_task_new (enumerator, cancellable, callback, user_data);

  g_timeout_add (LIST_PEER (enumerator)->pause_ms, pause_over_cb, task);
}

static GSocketAddress *
list_peer_next_finish (GSocketAddressEnumerator  *enumerator,
                       GAsyncResult              *result,
                       GError                   **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
list_peer_finalize (GObject *object)
{
  ListPeer *self = LIST_PEER (object);

  g_ptr_array_unref (self->addresses);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (list_peer_parent_class)->finalize (object);
}

static void
list_peer_class_init (ListPeerClass *klass)
{
  GSocketAddressEnumeratorClass *enumerator_class =
    G_SOCKET_ADDRESS_ENUMERATOR_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = list_peer_finalize;
  enumerator_class->next = list_peer_next;
  enumerator_class->next_async = list_peer_next_async;
  enumerator_class->next_finish = list_peer_next_finish;
}

static void
list_peer_init (ListPeer *self)
{
  self->addresses = g_ptr_array_new_with_free_func (g_object_unref);
}

static ListPeer *
list_peer_new (void)
{
  return g_object_new (LIST_TYPE_PEER, NULL);
}

static void
list_peer_add (ListPeer   *self,
               const char *host,
               guint16     port)
{
  g_ptr_array_add (self->addresses,
                   g_inet_socket_address_new_from_string (host, port));
}

/* Somebody who takes everything and never answers. */
typedef struct
{
  GSocket *socket;
  guint16 port;
} Silence;

static gboolean
silence_init (Silence       *silence,
              GSocketFamily  family)
{
  g_autoptr (GInetAddress) ip = g_inet_address_new_loopback (family);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (ip, 0);
  g_autoptr (GSocketAddress) bound = NULL;

  silence->socket = g_socket_new (family, G_SOCKET_TYPE_DATAGRAM,
                                  G_SOCKET_PROTOCOL_UDP, NULL);
  if (silence->socket == NULL
      || !g_socket_bind (silence->socket, any, FALSE, NULL))
    {
      g_clear_object (&silence->socket);
      return FALSE;
    }
  bound = g_socket_get_local_address (silence->socket, NULL);
  silence->port = g_inet_socket_address_get_port (
    G_INET_SOCKET_ADDRESS (bound));
  return TRUE;
}

static guint16
get_port (SrudpEndpoint *endpoint)
{
  g_autoptr (GSocketAddress) address = get_address (endpoint);

  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

static SrudpEndpoint *
make_dual_endpoint (void)
{
  g_autoptr (GError) error = NULL;
  SrudpEndpoint *endpoint = srudp_endpoint_new_for_port (0, &error);

  g_assert_no_error (error);
  return endpoint;
}

static void
assert_family (SrudpConnection *connection,
               GSocketFamily    family)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketAddress) remote =
    srudp_connection_get_remote_address (connection, &error);

  g_assert_no_error (error);
  g_assert_cmpint (g_socket_address_get_family (remote), ==, family);
}

/* Dead addresses of the other family, more than are ever tried, come first:
 * the one that lives neither waits for them nor is left out. */
static void
test_dead_family_first (gconstpointer data)
{
  GSocketFamily dead = GPOINTER_TO_INT (data);
  GSocketFamily alive = dead == G_SOCKET_FAMILY_IPV6 ? G_SOCKET_FAMILY_IPV4
                                                     : G_SOCKET_FAMILY_IPV6;
  g_autoptr (SrudpEndpoint) from = make_dual_endpoint ();
  g_autoptr (SrudpEndpoint) to = make_dual_endpoint ();
  g_autoptr (ListPeer) peer = list_peer_new ();
  g_autoptr (SrudpConnection) connection = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  Silence silences[40];
  gint64 begin;

  for (guint i = 0; i < G_N_ELEMENTS (silences); i++)
    {
      if (!silence_init (&silences[i], dead))
        {
          g_test_skip ("there is no IPv6 here");
          return;
        }
      list_peer_add (peer, dead == G_SOCKET_FAMILY_IPV6 ? "::1" : "127.0.0.1",
                     silences[i].port);
    }
  list_peer_add (peer, alive == G_SOCKET_FAMILY_IPV6 ? "::1" : "127.0.0.1",
                 get_port (to));

  srudp_endpoint_set_accept_incoming (to, TRUE);
  begin = g_get_monotonic_time ();
  connection = srudp_endpoint_connect_to (from, G_SOCKET_CONNECTABLE (peer),
                                          cancellable, &error);
  g_assert_no_error (error);
  assert_family (connection, alive);
  g_test_minimized_result ((double) (g_get_monotonic_time () - begin) / 1e6,
                           "%.3f s to get past %u dead addresses",
                           (double) (g_get_monotonic_time () - begin) / 1e6,
                           (guint) G_N_ELEMENTS (silences));
  for (guint i = 0; i < G_N_ELEMENTS (silences); i++)
    g_object_unref (silences[i].socket);
}

/* What can't be reached from the socket is no candidate, and if that is all,
 * nobody has to wait for the open timeout. */
static void
test_impossible_only (void)
{
  static const struct
  {
    const char *local, *peer;
    guint16 port;
  } cases[] = {
    { "127.0.0.1", "::1", 4000 },
    { "::1", "127.0.0.1", 4000 },
    { "127.0.0.1", "127.0.0.1", 0 },
    { "127.0.0.1", "0.0.0.0", 4000 },
    { "127.0.0.1", "224.0.0.1", 4000 },
    { "::1", "fe80::1", 4000 },
    { "::1", "ff02::1", 4000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GSocketAddress) local =
        g_inet_socket_address_new_from_string (cases[i].local, 0);
      g_autoptr (SrudpEndpoint) endpoint =
        srudp_endpoint_new (local, NULL, NULL);
      g_autoptr (GSocketAddress) peer = g_inet_socket_address_new_from_string (
        cases[i].peer, cases[i].port);
      g_autoptr (SrudpConnection) connection = NULL;
      g_autoptr (GCancellable) cancellable = patience ();
      g_autoptr (GError) error = NULL;

      if (endpoint == NULL)
        continue; /* there is no IPv6 here */
      g_test_message ("from %s to %s port %u", cases[i].local, cases[i].peer,
                      cases[i].port);
      connection = srudp_endpoint_connect_to (
        endpoint, G_SOCKET_CONNECTABLE (peer), cancellable, &error);
      g_assert_null (connection);
      g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_PEER_UNREACHABLE);
    }
}

/* Nor does who gives the address of the endpoint itself. */
static void
test_itself_only (void)
{
  static const struct
  {
    const char *local, *peer;
  } cases[] = {
    { "127.0.0.1", "127.0.0.1" }, { "0.0.0.0", "127.0.0.1" },
    { "0.0.0.0", "127.0.0.9" },   { "::1", "::1" },
    { "::", "::1" },              { "::", "127.0.0.1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GSocketAddress) local =
        g_inet_socket_address_new_from_string (cases[i].local, 0);
      g_autoptr (SrudpEndpoint) endpoint =
        srudp_endpoint_new (local, NULL, NULL);
      g_autoptr (ListPeer) peer = list_peer_new ();
      g_autoptr (SrudpConnection) connection = NULL;
      g_autoptr (GCancellable) cancellable = patience ();
      g_autoptr (GError) error = NULL;

      if (endpoint == NULL)
        continue; /* there is no IPv6 here */
      g_test_message ("from %s to %s", cases[i].local, cases[i].peer);
      srudp_endpoint_set_accept_incoming (endpoint, TRUE);
      list_peer_add (peer, cases[i].peer, get_port (endpoint));
      connection = srudp_endpoint_connect_to (
        endpoint, G_SOCKET_CONNECTABLE (peer), cancellable, &error);
      g_assert_null (connection);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    }
}

/* A peer in another network may well have the same address there. */
static void
test_itself_among_others (void)
{
  g_autoptr (SrudpEndpoint) from = make_endpoint ();
  g_autoptr (SrudpEndpoint) to = make_endpoint ();
  g_autoptr (ListPeer) peer = list_peer_new ();
  g_autoptr (SrudpConnection) connection = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;

  list_peer_add (peer, "127.0.0.1", get_port (from));
  list_peer_add (peer, "127.0.0.1", get_port (to));
  srudp_endpoint_set_accept_incoming (to, TRUE);
  connection = srudp_endpoint_connect_to (from, G_SOCKET_CONNECTABLE (peer),
                                          cancellable, &error);
  g_assert_no_error (error);
  g_assert_nonnull (connection);
}

static void
test_impossible_among_others (void)
{
  g_autoptr (SrudpEndpoint) from = make_endpoint ();
  g_autoptr (SrudpEndpoint) to = make_endpoint ();
  g_autoptr (ListPeer) peer = list_peer_new ();
  g_autoptr (GSocketAddress) unix_address =
    g_unix_socket_address_new ("/nowhere");
  g_autoptr (SrudpConnection) connection = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  g_autofree char *diagnostics = NULL;

  list_peer_add (peer, "::1", get_port (to));
  g_ptr_array_add (peer->addresses, g_object_ref (unix_address));
  list_peer_add (peer, "127.0.0.1", 0);
  list_peer_add (peer, "127.0.0.1", get_port (to));
  srudp_endpoint_set_accept_incoming (to, TRUE);
  connection = srudp_endpoint_connect_to (from, G_SOCKET_CONNECTABLE (peer),
                                          cancellable, &error);
  g_assert_no_error (error);
  diagnostics = srudp_connection_dup_diagnostics (connection);
  g_test_message ("%s", diagnostics);
}

/* An address learned in some other way counts as well as those of the peer. */
static void
test_early_candidate (void)
{
  g_autoptr (SrudpEndpoint) from = make_endpoint ();
  g_autoptr (SrudpEndpoint) to = make_endpoint ();
  g_autoptr (GSocketAddress) address = get_address (to);

  srudp_endpoint_set_accept_incoming (to, TRUE);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (ListPeer) peer = list_peer_new ();
      g_autoptr (SrudpConnection) connection =
        srudp_connection_new (from, G_SOCKET_CONNECTABLE (peer));

      if (i == 1)
        peer->error = g_error_new_literal (G_RESOLVER_ERROR,
                                           G_RESOLVER_ERROR_NOT_FOUND, "no");
      srudp_connection_add_candidate (connection, address);
      open_now (connection);
    }
}

static void
test_nothing_found (void)
{
  g_autoptr (SrudpEndpoint) endpoint = make_endpoint ();
  g_autoptr (GCancellable) cancellable = patience ();

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (ListPeer) peer = list_peer_new ();
      g_autoptr (GError) error = NULL;

      if (i == 1)
        peer->error = g_error_new_literal (G_RESOLVER_ERROR,
                                           G_RESOLVER_ERROR_NOT_FOUND, "no");
      g_assert_null (srudp_endpoint_connect_to (
        endpoint, G_SOCKET_CONNECTABLE (peer), cancellable, &error));
      if (i == 0)
        g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_PEER_UNREACHABLE);
      else
        g_assert_error (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND);
    }
}

static gboolean
count_cb (gpointer user_data)
{
  ++*(guint *) user_data;
  return G_SOURCE_CONTINUE;
}

/* The first address is tried while the next is still looked up, and the
 * caller's loop goes on. */
static void
test_slow_lookup (void)
{
  g_autoptr (SrudpEndpoint) from = make_endpoint ();
  g_autoptr (SrudpEndpoint) to = make_endpoint ();
  g_autoptr (ListPeer) peer = list_peer_new ();
  g_autoptr (SrudpConnection) connection = NULL;
  g_autoptr (GAsyncResult) opened = NULL;
  g_autoptr (GError) error = NULL;
  guint n_ticks = 0, id;
  Silence silence;

  g_assert_true (silence_init (&silence, G_SOCKET_FAMILY_IPV4));
  list_peer_add (peer, "127.0.0.1", silence.port);
  list_peer_add (peer, "127.0.0.1", get_port (to));
  list_peer_add (peer, "127.0.0.1", silence.port);
  peer->pause_ms = 200;

  srudp_endpoint_set_accept_incoming (to, TRUE);
  id = g_timeout_add (10, count_cb, &n_ticks);
  srudp_endpoint_connect_to_async (from, G_SOCKET_CONNECTABLE (peer), NULL,
                                   store_result_cb, &opened);
  run_for (300);
  g_assert_null (opened);
  g_assert_cmpuint (n_ticks, >, 10);
  run_until_set ((gpointer *) &opened);
  connection = srudp_endpoint_connect_to_finish (from, opened, &error);
  g_assert_no_error (error);
  g_assert_nonnull (connection);

  g_source_remove (id);
  run_for (300);
  g_object_unref (silence.socket);
}

/* A name with addresses of both families, behind which only one is there. */
static void
test_localhost (void)
{
#ifdef WITH_TSAN
  g_test_skip ("ThreadSanitizer can't see how GThreadPool hands on work");
#else
  static const char *const locals[] = { "127.0.0.1", "::1" };

  for (guint i = 0; i < G_N_ELEMENTS (locals); i++)
    {
      g_autoptr (GSocketAddress) local =
        g_inet_socket_address_new_from_string (locals[i], 0);
      g_autoptr (SrudpEndpoint) to = srudp_endpoint_new (local, NULL, NULL);
      g_autoptr (SrudpEndpoint) from = make_dual_endpoint ();
      g_autoptr (SrudpConnection) connection = NULL;
      g_autoptr (GCancellable) cancellable = patience ();
      g_autoptr (GError) error = NULL;

      if (to == NULL)
        continue; /* there is no IPv6 here */
      srudp_endpoint_set_accept_incoming (to, TRUE);
      connection = srudp_endpoint_connect_to_host (
        from, "localhost", get_port (to), cancellable, &error);
      g_assert_no_error (error);
      assert_family (connection, g_socket_address_get_family (local));
    }
#endif
}

/* Link-local addresses need an interface, here one of a namespace of our
 * own. */

static gboolean
run_ip (const char *arguments)
{
  g_autofree char *command = g_strconcat ("ip ", arguments, NULL);
  int status;

  return g_spawn_command_line_sync (command, NULL, NULL, &status, NULL)
         && g_spawn_check_wait_status (status, NULL);
}

static void
link_local_in_namespace (void)
{
  g_autoptr (SrudpEndpoint) from = NULL;
  g_autoptr (SrudpEndpoint) to = NULL;
  g_autoptr (SrudpConnection) a = NULL;
  g_autoptr (SrudpConnection) b = NULL;
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GCancellable) cancellable = patience ();
  g_autoptr (GError) error = NULL;
  g_autofree char *host = NULL;

  if (unshare (CLONE_NEWNET) != 0)
    {
      g_test_skip ("no namespace can be made here");
      return;
    }
  g_assert_true (run_ip ("link set lo up"));
  g_assert_true (run_ip ("link add left type veth peer name right"));
  g_assert_true (run_ip ("address add fe80::1/64 dev left nodad"));
  g_assert_true (run_ip ("address add fe80::2/64 dev right nodad"));
  g_assert_true (run_ip ("link set left up"));
  g_assert_true (run_ip ("link set right up"));

  from = make_dual_endpoint ();
  to = make_dual_endpoint ();
  srudp_endpoint_set_accept_incoming (to, TRUE);
  host = g_strdup_printf ("[fe80::1%%left]:%u", get_port (to));
  a = srudp_endpoint_connect_to_host (from, host, 0, cancellable, &error);
  g_assert_no_error (error);
  b = srudp_endpoint_accept (to, cancellable, &error);
  g_assert_no_error (error);

  local = srudp_connection_get_local_address (b, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (
    g_inet_socket_address_get_scope_id (G_INET_SOCKET_ADDRESS (local)), >, 0);
  write_text (g_io_stream_get_output_stream (G_IO_STREAM (a)), "question");
  expect_text (g_io_stream_get_input_stream (G_IO_STREAM (b)), "question");
  write_text (g_io_stream_get_output_stream (G_IO_STREAM (b)), "answer");
  expect_text (g_io_stream_get_input_stream (G_IO_STREAM (a)), "answer");
  g_io_stream_close (G_IO_STREAM (a), cancellable, &error);
  g_assert_no_error (error);
}

static void
test_link_local (void)
{
  g_autofree char *ip = NULL;

  if (g_test_subprocess ())
    {
      link_local_in_namespace ();
      return;
    }
  if (geteuid () != 0)
    {
      g_test_skip ("only root can make a namespace");
      return;
    }
  ip = g_find_program_in_path ("ip");
  if (ip == NULL)
    {
      g_test_skip ("ip (iproute2) is not installed");
      return;
    }
  g_test_trap_subprocess (NULL, 30 * G_USEC_PER_SEC,
                          G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/peers/dead-ipv6-first",
                        GINT_TO_POINTER (G_SOCKET_FAMILY_IPV6),
                        test_dead_family_first);
  g_test_add_data_func ("/peers/dead-ipv4-first",
                        GINT_TO_POINTER (G_SOCKET_FAMILY_IPV4),
                        test_dead_family_first);
  g_test_add_func ("/peers/out-of-reach", test_impossible_only);
  g_test_add_func ("/peers/one-of-them-in-reach",
                   test_impossible_among_others);
  g_test_add_func ("/peers/itself", test_itself_only);
  g_test_add_func ("/peers/itself-among-others", test_itself_among_others);
  g_test_add_func ("/peers/early-candidate", test_early_candidate);
  g_test_add_func ("/peers/nothing-found", test_nothing_found);
  g_test_add_func ("/peers/slow-lookup", test_slow_lookup);
  g_test_add_func ("/peers/localhost", test_localhost);
  g_test_add_func ("/peers/link-local", test_link_local);

  return g_test_run ();
}
