/*
 * SPDX-License-Identifier: MIT
 *
 * test-introduce.c: two peers get to know each other through a third
 *
 * What that costs is not measured by the clock: the calls that look at one
 * connection of many come by here (--wrap of the linker), and are counted.
 */
#include "support.h"

#include "srudp-glib/srudp-introducer-private.h"
#include "srudp-glib/srudp-invitation-private.h"

#define N_MEETINGS 20
#define N_OTHERS 40
/* At one connection or one page of the book, for each question. */
#define MOST_LOOKS 4

/* Of all calls of one function. */
typedef struct
{
  guint n_calls;
  guint most_looks; /* of one call */
} Work;

static GMutex work_lock;
static Work answering, meeting;
static GPrivate looks;

gboolean   __real_g_hash_table_iter_next   (GHashTableIter *iter,
                                            gpointer       *key,
                                            gpointer       *value);
gboolean   __wrap_g_hash_table_iter_next   (GHashTableIter *iter,
                                            gpointer       *key,
                                            gpointer       *value);
SrudpState __real_srudp_session_get_state  (SrudpSession *session);
SrudpState __wrap_srudp_session_get_state  (SrudpSession *session);
gboolean   __real_srudp_table_key_equal    (gconstpointer a,
                                            gconstpointer b);
gboolean   __wrap_srudp_table_key_equal    (gconstpointer a,
                                            gconstpointer b);
void       __real_srudp_introducer_answer  (SrudpEndpointCore       *core,
                                            SrudpConnectionCore     *from,
                                            const SrudpIntroduction *request);
void       __wrap_srudp_introducer_answer  (SrudpEndpointCore       *core,
                                            SrudpConnectionCore     *from,
                                            const SrudpIntroduction *request);
void       __real_srudp_introducer_meet    (SrudpEndpointCore       *core,
                                            SrudpConnectionCore     *from,
                                            const SrudpIntroduction *introduction);
void       __wrap_srudp_introducer_meet    (SrudpEndpointCore       *core,
                                            SrudpConnectionCore     *from,
                                            const SrudpIntroduction *introduction);

static void
look (void)
{
  guint n = GPOINTER_TO_UINT (g_private_get (&looks));

  g_private_set (&looks, GUINT_TO_POINTER (n + 1));
}

static void
note_call (Work *work)
{
  guint n = GPOINTER_TO_UINT (g_private_get (&looks));

  g_mutex_lock (&work_lock);
  work->n_calls++;
  work->most_looks = MAX (work->most_looks, n);
  g_mutex_unlock (&work_lock);
}

gboolean
__wrap_g_hash_table_iter_next (GHashTableIter *iter,
                               gpointer       *key,
                               gpointer       *value)
{
  look ();
  return __real_g_hash_table_iter_next (iter, key, value);
}

SrudpState
__wrap_srudp_session_get_state (SrudpSession *session)
{
  look ();
  return __real_srudp_session_get_state (session);
}

gboolean
__wrap_srudp_table_key_equal (gconstpointer a,
                              gconstpointer b)
{
  look ();
  return __real_srudp_table_key_equal (a, b);
}

void
__wrap_srudp_introducer_answer (SrudpEndpointCore       *core,
                                SrudpConnectionCore     *from,
                                const SrudpIntroduction *request)
{
  g_private_set (&looks, NULL);
  __real_srudp_introducer_answer (core, from, request);
  note_call (&answering);
}

void
__wrap_srudp_introducer_meet (SrudpEndpointCore       *core,
                              SrudpConnectionCore     *from,
                              const SrudpIntroduction *introduction)
{
  g_private_set (&looks, NULL);
  __real_srudp_introducer_meet (core, from, introduction);
  note_call (&meeting);
}

/* The host has opened a connection to the introducer, and so may the guest. */
typedef struct
{
  SrudpEndpoint *introducer, *host, *guest;
  SrudpConnection *host_there, *there_host; /* host and introducer */
  gpointer arrived; /* SrudpConnection, at the host */
} Fixture;

static void
incoming_cb (SrudpEndpoint   *endpoint,
             SrudpConnection *connection,
             Fixture         *self)
{
  g_assert_null (self->arrived);
  self->arrived = g_object_ref (connection);
}

static SrudpConnection *
connect_to (SrudpEndpoint    *from,
            SrudpEndpoint    *to,
            SrudpConnection **other_end)
{
  SrudpConnection *connection = make_connection (from, to);
  g_autoptr (GError) error = NULL;

  open_now (connection);
  *other_end = srudp_endpoint_accept (to, patience (), &error);
  g_assert_no_error (error);
  return connection;
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->introducer = make_endpoint ();
  self->host = make_endpoint ();
  /* The host answers whoever shares an address with a peer of its. */
  self->guest = make_endpoint_at ("127.0.0.3");
  srudp_endpoint_set_accept_incoming (self->introducer, TRUE);
  srudp_endpoint_set_introducing (self->introducer, TRUE);
  self->host_there = connect_to (self->host, self->introducer,
                                 &self->there_host);
  g_signal_connect (self->host, "incoming", G_CALLBACK (incoming_cb), self);
}

static void
close_endpoint (SrudpEndpoint *endpoint)
{
  g_autoptr (GError) error = NULL;

  srudp_endpoint_close (endpoint, patience (), &error);
  g_assert_no_error (error);
  g_assert_finalize_object (endpoint);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_clear_object (&self->arrived);
  g_clear_object (&self->host_there);
  g_clear_object (&self->there_host);
  close_endpoint (self->guest);
  close_endpoint (self->host);
  close_endpoint (self->introducer);
}

static void
offer (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  srudp_endpoint_add_introducer (self->host, self->host_there, &error);
  g_assert_no_error (error);
}

/* As the endpoint makes it, but where it says to be nobody is: whoever has the
 * invitation would be answered there. */
static SrudpInvitation *
invite (SrudpEndpoint *endpoint)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpInvitation) made =
    srudp_endpoint_create_invitation (endpoint, patience (), &error);
  g_autofree char *text = NULL, *canonical = NULL;
  const guint8 nowhere[] = { 127, 0, 0, 9 };
  SrudpInvitationFields fields;

  g_assert_no_error (error);
  text = srudp_invitation_to_string (made);
  g_assert_cmpint (srudp_invitation_decode (text, &fields, &canonical), ==,
                   SRUDP_INVITATION_GOOD);
  g_assert_true (fields.has_secret);
  srudp_address_init_ipv4 (&fields.candidates[0], nowhere, 9);
  fields.n_candidates = 1;
  return srudp_invitation_new_from_fields (&fields);
}

/* To the peer, but to no address where it is. */
static SrudpConnection *
make_lost_connection (SrudpEndpoint *from,
                      SrudpEndpoint *to)
{
  g_autoptr (GSocketAddress) nowhere =
    g_inet_socket_address_new_from_string ("127.0.0.9", 9);
  g_autoptr (SrudpInvitation) invitation = srudp_invitation_new (
    srudp_endpoint_get_peer_id (to), &nowhere, 1);

  return srudp_connection_new (from, G_SOCKET_CONNECTABLE (invitation));
}

static void
talk (SrudpConnection *one,
      SrudpConnection *other)
{
  write_text (g_io_stream_get_output_stream (G_IO_STREAM (one)), "hello");
  expect_text (g_io_stream_get_input_stream (G_IO_STREAM (other)), "hello");
}

/* Until the guest is with the host. Frees the result. */
static void
finish_opening (Fixture          *self,
                SrudpConnection  *connection,
                GAsyncResult    **opened)
{
  g_autoptr (GError) error = NULL;

  run_until_set ((gpointer *) opened);
  srudp_connection_open_finish (connection, *opened, &error);
  g_assert_no_error (error);
  g_clear_object (opened);
  run_until_set (&self->arrived);
  talk (connection, self->arrived);
}

static SrudpConnection *
start_opening (Fixture          *self,
               SrudpInvitation  *invitation,
               GAsyncResult    **opened)
{
  SrudpConnection *connection =
    srudp_connection_new (self->guest, G_SOCKET_CONNECTABLE (invitation));

  srudp_connection_open_async (connection, NULL, store_result_cb, opened);
  return connection;
}

/* The host answers nobody: the guest gets in since the host opens to it. */
static void
test_one_invitation (Fixture       *self,
                     gconstpointer  data)
{
  g_autoptr (SrudpInvitation) invitation = NULL;
  g_autoptr (SrudpConnection) connection = NULL;
  GAsyncResult *result = NULL;
  guint n;

  offer (self);
  invitation = invite (self->host);
  srudp_invitation_get_introducers (invitation, &n);
  g_assert_cmpuint (n, ==, 1);
  connection = start_opening (self, invitation, &result);
  finish_opening (self, connection, &result);
  talk (self->arrived, connection);
}

/* The host is told of a guest who is about to get in by itself, sooner or
 * later than that: both know each other by one connection, always. */
static void
test_found_meanwhile (Fixture       *self,
                      gconstpointer  data)
{
  g_autoptr (GSocketAddress) address = get_address (self->host);

  offer (self);
  srudp_endpoint_set_accept_incoming (self->host, TRUE);
  for (guint i = 0; i < N_MEETINGS; i++)
    {
      g_autoptr (SrudpInvitation) invitation = invite (self->host);
      g_autoptr (SrudpConnection) connection = srudp_connection_new (
        self->guest, G_SOCKET_CONNECTABLE (invitation));

      srudp_connection_add_candidate (connection, address);
      open_now (connection);
      run_until_set (&self->arrived);
      talk (connection, self->arrived);
      talk (self->arrived, connection);
      g_io_stream_close (G_IO_STREAM (self->arrived), NULL, NULL);
      g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
      g_clear_object (&self->arrived);
    }
}

/* The guest may not be able to go the way that the host went. */
static void
test_other_addresses (void)
{
  const char *ips[] = { "127.0.0.1", "127.0.0.4", "203.0.113.9" };
  SrudpEndpoint *introducer = make_endpoint_at ("0.0.0.0");
  SrudpEndpoint *host = make_endpoint_at ("0.0.0.0");
  g_autoptr (GSocketAddress) bound = get_address (introducer);
  guint16 port =
    g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  g_autoptr (GPtrArray) addresses =
    g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (SrudpInvitation) known = NULL;
  g_autoptr (SrudpInvitation) made = NULL;
  g_autoptr (SrudpConnection) connection = NULL;
  const SrudpInvitationIntroducer *named;
  g_autoptr (GError) error = NULL;
  guint n;

  for (guint i = 0; i < G_N_ELEMENTS (ips); i++)
    g_ptr_array_add (addresses,
                     g_inet_socket_address_new_from_string (ips[i], port));
  known = srudp_invitation_new (srudp_endpoint_get_peer_id (introducer),
                                (GSocketAddress **) addresses->pdata,
                                addresses->len);
  srudp_endpoint_set_accept_incoming (introducer, TRUE);
  connection = srudp_connection_new (host, G_SOCKET_CONNECTABLE (known));
  open_now (connection);
  srudp_endpoint_add_introducer (host, connection, &error);
  g_assert_no_error (error);

  made = invite (host);
  named = srudp_invitation_get_introducers (made, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (named->n_addresses, ==, 2);
  for (guint i = 0; i < named->n_addresses; i++)
    {
      g_assert_cmpuint (named->addresses[i].ip[0], ==, 127);
      g_assert_cmpuint (named->addresses[i].port, ==, port);
    }
  g_assert_cmpuint (named->addresses[0].ip[3], !=, named->addresses[1].ip[3]);

  g_clear_object (&connection);
  close_endpoint (host);
  close_endpoint (introducer);
}

/* Without having offered itself, the host is told of nobody. */
static void
test_not_offered (Fixture       *self,
                  gconstpointer  data)
{
  g_autoptr (SrudpInvitation) invitation = NULL;
  g_autoptr (SrudpConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  offer (self);
  invitation = invite (self->host);
  srudp_endpoint_set_introducing (self->introducer, FALSE);
  connection = srudp_connection_new (self->guest,
                                     G_SOCKET_CONNECTABLE (invitation));
  srudp_connection_set_open_timeout (connection, 1500);
  g_assert_false (srudp_connection_open (connection, patience (), &error));
  g_assert_error (error, SRUDP_ERROR, SRUDP_ERROR_PEER_UNREACHABLE);
  g_assert_null (self->arrived);
}

/* Who comes first asks until the other one is there. */
static void
test_guest_is_early (Fixture       *self,
                     gconstpointer  data)
{
  g_autoptr (SrudpInvitation) invitation = NULL;
  g_autoptr (SrudpConnection) connection = NULL;
  GAsyncResult *result = NULL;

  offer (self);
  invitation = invite (self->host);
  g_io_stream_close (G_IO_STREAM (self->host_there), NULL, NULL);
  g_clear_object (&self->host_there);
  g_io_stream_close (G_IO_STREAM (self->there_host), NULL, NULL);
  g_clear_object (&self->there_host);

  connection = start_opening (self, invitation, &result);
  run_for (500);
  g_assert_null (result);

  self->host_there = make_connection (self->host, self->introducer);
  open_now (self->host_there);
  offer (self);
  finish_opening (self, connection, &result);
}

/* In a second process it would be the same: its identity and its port. */
static void
restart_introducer (Fixture *self)
{
  g_autoptr (GSocketAddress) address = get_address (self->introducer);
  g_autoptr (SrudpIdentity) identity
    = g_object_ref (srudp_endpoint_get_identity (self->introducer));
  g_autoptr (GError) error = NULL;

  g_clear_object (&self->there_host);
  close_endpoint (self->introducer);
  run_for (300);
  self->introducer = srudp_endpoint_new (address, identity, &error);
  g_assert_no_error (error);
  srudp_endpoint_set_accept_incoming (self->introducer, TRUE);
  srudp_endpoint_set_introducing (self->introducer, TRUE);
}

/* The host goes back to an introducer that was restarted, and may be found
 * there once more. */
static void
test_introducer_restarts (Fixture       *self,
                          gconstpointer  data)
{
  g_autoptr (SrudpInvitation) invitation = NULL;
  g_autoptr (SrudpConnection) connection = NULL;
  GAsyncResult *result = NULL;

  offer (self);
  invitation = invite (self->host);
  restart_introducer (self);
  connection = start_opening (self, invitation, &result);
  finish_opening (self, connection, &result);
}

/* Who has closed the connection is not to be found any more. */
static void
test_not_wanted_any_more (Fixture       *self,
                          gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *result = NULL;
  g_autoptr (GError) error = NULL;

  offer (self);
  srudp_endpoint_accept_async (self->introducer, cancellable, store_result_cb,
                               &result);
  g_io_stream_close (G_IO_STREAM (self->host_there), patience (), &error);
  g_assert_no_error (error);
  run_for (1500);
  g_assert_null (result);
  g_cancellable_cancel (cancellable);
  run_until_set ((gpointer *) &result);
  g_object_unref (result);
}

/* It may end while it waits. */
static void
test_introducer_is_gone (Fixture       *self,
                         gconstpointer  data)
{
  offer (self);
  g_clear_object (&self->there_host);
  close_endpoint (self->introducer);
  self->introducer = make_endpoint ();
  run_for (1500);
}

/* By hand: one waits for the other, who accepts. */
static void
test_by_hand (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr (SrudpConnection) there_guest = NULL;
  g_autoptr (SrudpConnection) guest_there =
    connect_to (self->guest, self->introducer, &there_guest);
  g_autoptr (SrudpConnection) connection =
    make_lost_connection (self->guest, self->host);
  GAsyncResult *opened = NULL, *introduced = NULL;
  g_autoptr (GError) error = NULL;

  srudp_endpoint_set_accept_incoming (self->host, TRUE);
  srudp_connection_open_async (connection, NULL, store_result_cb, &opened);
  run_for (200);
  g_assert_null (opened);
  srudp_endpoint_introduce_async (self->introducer, self->there_host,
                                  there_guest, NULL, store_result_cb,
                                  &introduced);
  run_until_set ((gpointer *) &introduced);
  srudp_endpoint_introduce_finish (self->introducer, introduced, &error);
  g_assert_no_error (error);
  finish_opening (self, connection, &opened);
  talk (guest_there, there_guest);
  g_object_unref (introduced);
}

/* Nobody can be sent anywhere by one who came uninvited. */
static void
test_strangers_cannot (Fixture       *self,
                       gconstpointer  data)
{
  g_autoptr (SrudpConnection) host_end = NULL;
  g_autoptr (SrudpConnection) guest_end = NULL;
  g_autoptr (SrudpConnection) to_host = NULL;
  g_autoptr (SrudpConnection) to_guest = NULL;
  SrudpEndpoint *stranger = make_endpoint ();
  g_autoptr (GError) error = NULL;

  g_signal_handlers_disconnect_by_func (self->host, incoming_cb, self);
  srudp_endpoint_set_accept_incoming (self->host, TRUE);
  srudp_endpoint_set_accept_incoming (self->guest, TRUE);
  to_host = connect_to (stranger, self->host, &host_end);
  to_guest = connect_to (stranger, self->guest, &guest_end);
  g_signal_connect (self->host, "incoming", G_CALLBACK (incoming_cb), self);
  g_signal_connect (self->guest, "incoming", G_CALLBACK (incoming_cb), self);
  srudp_endpoint_introduce (stranger, to_host, to_guest, NULL, &error);
  g_assert_no_error (error);
  run_for (300);
  g_assert_null (self->arrived);

  g_clear_object (&to_host);
  g_clear_object (&to_guest);
  close_endpoint (stranger);
}

static void
test_not_open (Fixture       *self,
               gconstpointer  data)
{
  g_autoptr (SrudpConnection) closed =
    make_connection (self->host, self->introducer);
  g_autoptr (GError) error = NULL;

  g_assert_false (srudp_endpoint_add_introducer (self->host, closed, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED);
  g_clear_error (&error);
  g_assert_false (srudp_endpoint_introduce (self->host, self->host_there,
                                            self->there_host, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

/* Connections from one endpoint to another, which offers itself by each. */
static GPtrArray *
crowd (SrudpEndpoint *from,
       SrudpEndpoint *to)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N_OTHERS; i++)
    {
      SrudpConnection *there = NULL, *here = connect_to (from, to, &there);

      g_ptr_array_add (all, here);
      g_ptr_array_add (all, there);
      srudp_endpoint_add_introducer (from, here, &error);
      g_assert_no_error (error);
    }
  return all;
}

static void
forget_work (void)
{
  g_mutex_lock (&work_lock);
  answering = meeting = (Work) { 0 };
  g_mutex_unlock (&work_lock);
}

static void
expect_little (const char *what,
               const Work *work)
{
  g_mutex_lock (&work_lock);
  g_test_message ("%s: at most %u looks, in %u calls", what, work->most_looks,
                  work->n_calls);
  g_assert_cmpuint (work->n_calls, >, 0);
  g_assert_cmpuint (work->most_looks, <=, MOST_LOOKS);
  g_mutex_unlock (&work_lock);
}

/* Who asks for somebody, and who is told, costs nothing that grows with those
 * who are there. */
static void
test_among_many (Fixture       *self,
                 gconstpointer  data)
{
  SrudpEndpoint *other = make_endpoint_at ("127.0.0.4");
  g_autoptr (GPtrArray) at_introducer = NULL;
  g_autoptr (GPtrArray) at_host = NULL;
  g_autoptr (SrudpInvitation) invitation = NULL;
  g_autoptr (SrudpConnection) connection = NULL;
  GAsyncResult *result = NULL;

  g_signal_handlers_disconnect_by_func (self->host, incoming_cb, self);
  srudp_endpoint_set_accept_incoming (self->host, TRUE);
  at_introducer = crowd (other, self->introducer);
  at_host = crowd (other, self->host);
  srudp_endpoint_set_accept_incoming (self->host, FALSE);
  g_signal_connect (self->host, "incoming", G_CALLBACK (incoming_cb), self);

  forget_work ();
  offer (self);
  invitation = invite (self->host);
  connection = start_opening (self, invitation, &result);
  finish_opening (self, connection, &result);
  expect_little ("asking", &answering);
  expect_little ("being told", &meeting);

  g_clear_pointer (&at_introducer, g_ptr_array_unref);
  g_clear_pointer (&at_host, g_ptr_array_unref);
  close_endpoint (other);
}

/* The host has offered itself by two connections, the newer of which is gone. */
static void
test_older_one_is_left (Fixture       *self,
                        gconstpointer  data)
{
  g_autoptr (SrudpConnection) older = g_steal_pointer (&self->host_there);
  g_autoptr (SrudpConnection) older_end = g_steal_pointer (&self->there_host);
  g_autoptr (SrudpInvitation) invitation = NULL;
  g_autoptr (SrudpConnection) connection = NULL;
  GAsyncResult *result = NULL;
  g_autoptr (GError) error = NULL;

  srudp_endpoint_add_introducer (self->host, older, &error);
  g_assert_no_error (error);
  self->host_there = connect_to (self->host, self->introducer,
                                 &self->there_host);
  offer (self);
  invitation = invite (self->host);
  talk (self->host_there, self->there_host);
  g_io_stream_close (G_IO_STREAM (self->host_there), patience (), &error);
  g_assert_no_error (error);

  connection = start_opening (self, invitation, &result);
  finish_opening (self, connection, &result);
  talk (older, older_end);
}

/* The host has come to the introducer, who then opens to it: that connection
 * goes on as the introducer's own, and the host is still to be found. */
static void
test_introducer_opens_too (Fixture       *self,
                           gconstpointer  data)
{
  g_autoptr (SrudpConnection) host_there =
    make_connection (self->host, self->introducer);
  g_autoptr (SrudpConnection) there_host = NULL;
  g_autoptr (SrudpInvitation) invitation = NULL;
  g_autoptr (SrudpConnection) connection = NULL;
  GAsyncResult *result = NULL;
  g_autoptr (GError) error = NULL;

  g_clear_object (&self->there_host);
  open_now (host_there);
  srudp_endpoint_add_introducer (self->host, host_there, &error);
  g_assert_no_error (error);
  invitation = invite (self->host);
  write_text (g_io_stream_get_output_stream (G_IO_STREAM (host_there)), "hi");
  wait_delivered (host_there);
  there_host = make_lost_connection (self->introducer, self->host);
  open_now (there_host);
  expect_text (g_io_stream_get_input_stream (G_IO_STREAM (there_host)), "hi");

  connection = start_opening (self, invitation, &result);
  finish_opening (self, connection, &result);
}

#define ADD(path, func) \
  g_test_add ("/introduce/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("one invitation is enough", test_one_invitation);
  g_test_add_func ("/introduce/all ways to the introducer are named",
                   test_other_addresses);
  ADD ("a guest who is found meanwhile", test_found_meanwhile);
  ADD ("only where it is wanted", test_not_offered);
  ADD ("the guest may be early", test_guest_is_early);
  ADD ("the introducer may be restarted", test_introducer_restarts);
  ADD ("the introducer may be gone", test_introducer_is_gone);
  ADD ("the introducer may be left", test_not_wanted_any_more);
  ADD ("by hand", test_by_hand);
  ADD ("strangers-cannot", test_strangers_cannot);
  ADD ("both have to be there", test_not_open);
  ADD ("among-many-others", test_among_many);
  ADD ("an older connection is left", test_older_one_is_left);
  ADD ("the introducer opens, too", test_introducer_opens_too);
  return g_test_run ();
}
