/*
 * SPDX-License-Identifier: MIT
 *
 * test-probe.c: an endpoint asks STUN servers, and tells peers the answers
 */
#include "stun-server.h"
#include "support.h"

#include "srudp-glib/srudp-invitation-private.h"

/* RFC 5737: addresses that are nobody's. */
#define SEEN_IP "192.0.2.7"

/* A survey ends 2.8 s after it began; a busy machine notices that later. */
#define MOST_US (12 * G_USEC_PER_SEC)

typedef struct
{
  StunServer *one, *two;
  SrudpEndpoint *endpoint;
} Fixture;

static void
use (SrudpEndpoint *endpoint,
     StunServer    *one,
     StunServer    *two)
{
  const char *servers[] = { stun_server_get_name (one),
                            two == NULL ? NULL : stun_server_get_name (two),
                            NULL };

  srudp_endpoint_set_stun_servers (endpoint, servers);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->one = stun_server_new ("127.0.0.1");
  self->two = stun_server_new ("127.0.0.2");
  self->endpoint = make_endpoint ();
  use (self->endpoint, self->one, self->two);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  srudp_endpoint_close (self->endpoint, patience (), &error);
  g_assert_no_error (error);
  g_assert_finalize_object (self->endpoint);
  stun_server_free (self->two);
  stun_server_free (self->one);
}

static SrudpNetworkReport *
probe (SrudpEndpoint *endpoint)
{
  g_autoptr (GError) error = NULL;
  SrudpNetworkReport *report =
    srudp_endpoint_probe_network (endpoint, patience (), &error);

  g_assert_no_error (error);
  return report;
}

static SrudpInvitation *
invite (SrudpEndpoint *endpoint)
{
  g_autoptr (GError) error = NULL;
  SrudpInvitation *invitation =
    srudp_endpoint_create_invitation (endpoint, patience (), &error);

  g_assert_no_error (error);
  return invitation;
}

static guint16
get_port (SrudpEndpoint *endpoint)
{
  g_autoptr (GSocketAddress) address = get_address (endpoint);

  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

static char *
describe (GListModel *addresses,
          guint       i)
{
  g_autoptr (GSocketAddress) address = g_list_model_get_item (addresses, i);

  return g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));
}

typedef struct
{
  const char *name;
  StunServerWays one, two;
  SrudpNatMapping mapping;
  gboolean blocked;
  guint n_addresses;
  const char *words;
} Row;

static const Row rows[] = {
  { "no NAT", { 0 }, { 0 }, SRUDP_NAT_MAPPING_NONE, FALSE, 1,
    "There is no NAT" },
  { "the same for everyone", { .seen_ip = SEEN_IP }, { .seen_ip = SEEN_IP },
    SRUDP_NAT_MAPPING_ENDPOINT_INDEPENDENT, FALSE, 1, "Most peers" },
  { "another port for each", { .seen_ip = SEEN_IP },
    { .seen_ip = SEEN_IP, .port_shift = 1 },
    SRUDP_NAT_MAPPING_ENDPOINT_DEPENDENT, FALSE, 1, "each peer another port" },
  { "another address for each", { .seen_ip = SEEN_IP },
    { .seen_ip = "192.0.2.8" }, SRUDP_NAT_MAPPING_ENDPOINT_DEPENDENT, FALSE,
    1, "each peer another port" },
  { "only one answers", { .seen_ip = SEEN_IP }, { .silent = TRUE },
    SRUDP_NAT_MAPPING_UNKNOWN, FALSE, 1, "A second one is needed" },
  { "one refuses", { .refuses = TRUE }, { .seen_ip = SEEN_IP },
    SRUDP_NAT_MAPPING_UNKNOWN, FALSE, 1, "A second one is needed" },
  { "one answers to others", { .wrong_id = TRUE }, { .seen_ip = SEEN_IP },
    SRUDP_NAT_MAPPING_UNKNOWN, FALSE, 1, "A second one is needed" },
  { "nobody answers", { .silent = TRUE }, { .silent = TRUE },
    SRUDP_NAT_MAPPING_UNKNOWN, TRUE, 0, "blocks UDP" },
  { "the first three questions are lost", { .seen_ip = SEEN_IP, .lost = 3 },
    { .seen_ip = SEEN_IP, .lost = 3 }, SRUDP_NAT_MAPPING_ENDPOINT_INDEPENDENT,
    FALSE, 1, "Most peers" },
};

static void
test_row (Fixture       *self,
          gconstpointer  data)
{
  const Row *row = data;
  gint64 start = g_get_monotonic_time ();
  g_autoptr (SrudpNetworkReport) report = NULL;
  g_autofree char *text = NULL;

  stun_server_set_ways (self->one, &row->one);
  stun_server_set_ways (self->two, &row->two);
  report = probe (self->endpoint);
  g_assert_cmpint (g_get_monotonic_time () - start, <, MOST_US);

  text = srudp_network_report_to_string (report);
  g_assert_cmpint (srudp_network_report_get_mapping (report), ==,
                   row->mapping);
  g_assert_cmpint (srudp_network_report_get_udp_blocked (report), ==,
                   row->blocked);
  g_assert_cmpuint (
    g_list_model_get_n_items (
      srudp_network_report_get_public_addresses (report)),
    ==, row->n_addresses);
  g_assert_nonnull (strstr (text, row->words));
  if (row->n_addresses == 0)
    g_assert_cmpint (srudp_network_report_get_rtt (report), ==, -1);
}

/* What had to be repeated tells no time: a busy machine may need more rounds. */
static void
test_rtt (Fixture       *self,
          gconstpointer  data)
{
  gint64 rtt_us = -1;

  for (guint i = 0; i < 20 && rtt_us < 0; i++)
    {
      g_autoptr (SrudpNetworkReport) report = probe (self->endpoint);

      rtt_us = srudp_network_report_get_rtt (report);
    }
  g_assert_cmpint (rtt_us, >, 0);
  g_assert_cmpint (rtt_us, <, G_USEC_PER_SEC);
}

static void
test_public_address (Fixture       *self,
                     gconstpointer  data)
{
  const StunServerWays ways = { .seen_ip = SEEN_IP, .port_shift = 3 };
  g_autoptr (SrudpNetworkReport) report = NULL;
  g_autofree char *seen = NULL, *expected = NULL;

  stun_server_set_ways (self->one, &ways);
  stun_server_set_ways (self->two, &ways);
  report = probe (self->endpoint);
  seen = describe (srudp_network_report_get_public_addresses (report), 0);
  expected = g_strdup_printf (SEEN_IP ":%u", get_port (self->endpoint) + 3u);
  g_assert_cmpstr (seen, ==, expected);
}

static void
test_nobody_is_asked (Fixture       *self,
                      gconstpointer  data)
{
  g_autoptr (SrudpNetworkReport) report = NULL;
  g_autoptr (SrudpInvitation) invitation = NULL;
  g_autofree char *text = NULL;

  srudp_endpoint_set_stun_servers (self->endpoint, NULL);
  report = probe (self->endpoint);
  text = srudp_network_report_to_string (report);
  g_assert_nonnull (strstr (text, "No STUN server was asked"));
  g_assert_false (srudp_network_report_get_udp_blocked (report));
  invitation = invite (self->endpoint);
  g_assert_cmpuint (g_list_model_get_n_items (
                      srudp_invitation_get_candidates (invitation)), >, 0);
  g_assert_cmpuint (stun_server_get_n_asked (self->one), ==, 0);
  g_assert_cmpuint (stun_server_get_n_asked (self->two), ==, 0);
}

/* RFC 5780: one server with two addresses will do. */
static void
test_other_address (Fixture       *self,
                    gconstpointer  data)
{
  const StunServerWays one = { .seen_ip = SEEN_IP,
                               .other = stun_server_get_name (self->two) };
  const StunServerWays two = { .seen_ip = SEEN_IP, .port_shift = 2 };
  g_autoptr (SrudpNetworkReport) report = NULL;

  use (self->endpoint, self->one, NULL);
  stun_server_set_ways (self->one, &one);
  stun_server_set_ways (self->two, &two);
  report = probe (self->endpoint);
  g_assert_cmpint (srudp_network_report_get_mapping (report), ==,
                   SRUDP_NAT_MAPPING_ENDPOINT_DEPENDENT);
  g_assert_cmpuint (stun_server_get_n_asked (self->two), ==, 1);
}

static void
test_no_name (Fixture       *self,
              gconstpointer  data)
{
  const char *const servers[] = { "not a name:x", NULL };
  g_autoptr (GError) error = NULL;

  srudp_endpoint_set_stun_servers (self->endpoint, servers);
  g_assert_null (srudp_endpoint_probe_network (self->endpoint, patience (),
                                               &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

static void
test_unknown_host (Fixture       *self,
                   gconstpointer  data)
{
  const char *const servers[] = { "nobody.invalid", NULL };
  g_autoptr (SrudpNetworkReport) report = NULL;
  gint64 start = g_get_monotonic_time ();

  srudp_endpoint_set_stun_servers (self->endpoint, servers);
  report = probe (self->endpoint);
  g_assert_true (srudp_network_report_get_udp_blocked (report));
  g_assert_cmpint (g_get_monotonic_time () - start, <, MOST_US);
}

static void
test_together (Fixture       *self,
               gconstpointer  data)
{
  const StunServerWays lost = { .lost = 1 };
  g_autoptr (SrudpNetworkReport) one = NULL;
  g_autoptr (SrudpNetworkReport) two = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *first = NULL, *second = NULL;

  /* They overlap for certain. */
  stun_server_set_ways (self->one, &lost);
  stun_server_set_ways (self->two, &lost);
  srudp_endpoint_probe_network_async (self->endpoint, NULL, store_result_cb,
                                      &first);
  srudp_endpoint_probe_network_async (self->endpoint, NULL, store_result_cb,
                                      &second);
  run_until_set ((gpointer *) &first);
  run_until_set ((gpointer *) &second);
  one = srudp_endpoint_probe_network_finish (self->endpoint, first, &error);
  g_assert_no_error (error);
  two = srudp_endpoint_probe_network_finish (self->endpoint, second, &error);
  g_assert_no_error (error);
  g_assert_cmpint (srudp_network_report_get_mapping (one), ==,
                   SRUDP_NAT_MAPPING_NONE);
  g_assert_cmpint (srudp_network_report_get_mapping (two), ==,
                   SRUDP_NAT_MAPPING_NONE);
  g_assert_cmpuint (stun_server_get_n_asked (self->one), ==, 1);
  g_object_unref (first);
  g_object_unref (second);
}

static void
test_cancelled (Fixture       *self,
                gconstpointer  data)
{
  const StunServerWays silent = { .silent = TRUE };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  stun_server_set_ways (self->one, &silent);
  stun_server_set_ways (self->two, &silent);
  srudp_endpoint_create_invitation_async (self->endpoint, cancellable,
                                          store_result_cb, &result);
  g_cancellable_cancel (cancellable);
  run_until_set ((gpointer *) &result);
  g_assert_null (srudp_endpoint_create_invitation_finish (self->endpoint,
                                                          result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_object_unref (result);
}

/* Closing doesn't wait for servers: then there would be a report. */
static void
test_closed (Fixture       *self,
             gconstpointer  data)
{
  const StunServerWays silent = { .silent = TRUE };
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  stun_server_set_ways (self->one, &silent);
  stun_server_set_ways (self->two, &silent);
  srudp_endpoint_probe_network_async (self->endpoint, NULL, store_result_cb,
                                      &result);
  srudp_endpoint_close (self->endpoint, NULL, &error);
  g_assert_no_error (error);
  run_until_set ((gpointer *) &result);
  g_assert_null (srudp_endpoint_probe_network_finish (self->endpoint, result,
                                                      &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_object_unref (result);
}

/* Invitations */

static void
test_invitation (Fixture       *self,
                 gconstpointer  data)
{
  const StunServerWays ways = { .seen_ip = SEEN_IP };
  g_autofree char *expected = NULL;
  g_autoptr (SrudpInvitation) invitation = NULL;
  GListModel *candidates;
  gboolean found = FALSE;

  stun_server_set_ways (self->one, &ways);
  stun_server_set_ways (self->two, &ways);
  invitation = invite (self->endpoint);
  g_assert_true (srudp_peer_id_equal (
    srudp_invitation_get_peer_id (invitation),
    srudp_endpoint_get_peer_id (self->endpoint)));
  g_assert_null (srudp_invitation_get_expires (invitation));
  g_assert_null (srudp_invitation_get_nat (invitation));

  expected = g_strdup_printf (SEEN_IP ":%u", get_port (self->endpoint));
  candidates = srudp_invitation_get_candidates (invitation);
  for (guint i = 0; i < g_list_model_get_n_items (candidates); i++)
    {
      g_autofree char *text = describe (candidates, i);

      found = found || strcmp (text, expected) == 0;
      g_assert_null (strstr (text, "fe80"));
    }
  g_assert_true (found);
}

/* What the peer needs for guessing ports survives the text. */
static void
test_invitation_of_hard_nat (Fixture       *self,
                             gconstpointer  data)
{
  const StunServerWays one = { .seen_ip = SEEN_IP };
  const StunServerWays two = { .seen_ip = SEEN_IP, .port_shift = -2 };
  g_autoptr (SrudpInvitation) made = NULL;
  g_autoptr (SrudpInvitation) read = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  const SrudpNatFacts *nat;

  stun_server_set_ways (self->one, &one);
  stun_server_set_ways (self->two, &two);
  made = invite (self->endpoint);
  text = srudp_invitation_to_string (made);
  read = srudp_invitation_parse (text, &error);
  g_assert_no_error (error);
  nat = srudp_invitation_get_nat (read);
  g_assert_nonnull (nat);
  g_assert_cmpint (nat->mapping, ==, SRUDP_MAPPING_ENDPOINT_DEPENDENT);
  g_assert_cmpint (nat->port_delta, ==, -2);
  g_assert_cmpuint (nat->address.port, ==, get_port (self->endpoint) - 2u);
}

static void
test_invitation_expires (Fixture       *self,
                         gconstpointer  data)
{
  g_autoptr (SrudpInvitation) invitation = NULL;
  gint64 left;

  srudp_endpoint_set_invitation_lifetime (self->endpoint, 600);
  invitation = invite (self->endpoint);
  left = g_date_time_to_unix (srudp_invitation_get_expires (invitation))
         - g_get_real_time () / G_USEC_PER_SEC;
  g_assert_cmpint (left, >=, 590);
  g_assert_cmpint (left, <=, 600);
}

static void
test_invitation_leads_here (Fixture       *self,
                            gconstpointer  data)
{
  g_autoptr (SrudpEndpoint) guest = make_endpoint ();
  g_autoptr (SrudpInvitation) invitation = invite (self->endpoint);
  g_autoptr (SrudpConnection) there = NULL;
  g_autoptr (SrudpConnection) here = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = srudp_invitation_to_string (invitation);

  srudp_endpoint_set_accept_incoming (self->endpoint, TRUE);
  there = srudp_endpoint_connect_to_host (guest, text, 0, patience (), &error);
  g_assert_no_error (error);
  here = srudp_endpoint_accept (self->endpoint, patience (), &error);
  g_assert_no_error (error);
  g_io_stream_close (G_IO_STREAM (there), NULL, NULL);
  g_io_stream_close (G_IO_STREAM (here), NULL, NULL);
}

/* Who asks while that happens hears what the new ones say. */
static void
test_servers_change (Fixture       *self,
                     gconstpointer  data)
{
  static const StunServerWays silent = { .silent = TRUE };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (SrudpNetworkReport) report = NULL;
  g_autoptr (GError) error = NULL;

  stun_server_set_ways (self->one, &silent);
  use (self->endpoint, self->one, NULL);
  srudp_endpoint_probe_network_async (self->endpoint, NULL, store_result_cb, &result);
  use (self->endpoint, self->two, NULL);
  run_until_set ((gpointer *) &result);
  report = srudp_endpoint_probe_network_finish (self->endpoint, result, &error);
  g_assert_no_error (error);
  g_assert_false (srudp_network_report_get_udp_blocked (report));
  g_assert_cmpuint (
    g_list_model_get_n_items (srudp_network_report_get_public_addresses (report)), ==, 1);
}

#define ADD(path, func) \
  g_test_add ("/probe/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int    argc,
      char **argv)
{
  g_setenv ("LC_ALL", "C", TRUE);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/probe/%s", rows[i].name);

      g_test_add (path, Fixture, &rows[i], set_up, test_row, tear_down);
    }
  ADD ("the address that servers see", test_public_address);
  ADD ("how long the fastest server takes", test_rtt);
  ADD ("without servers nobody is asked", test_nobody_is_asked);
  ADD ("a server names its other address", test_other_address);
  ADD ("a server must be a name", test_no_name);
  ADD ("a server that has no address", test_unknown_host);
  ADD ("two ask at the same time", test_together);
  ADD ("who asks may give up", test_cancelled);
  ADD ("the servers change meanwhile", test_servers_change);
  ADD ("the endpoint may be closed meanwhile", test_closed);
  ADD ("an invitation names what servers see", test_invitation);
  ADD ("an invitation tells of a hard NAT", test_invitation_of_hard_nat);
  ADD ("an invitation may expire", test_invitation_expires);
  ADD ("an invitation leads to its maker", test_invitation_leads_here);
  return g_test_run ();
}
