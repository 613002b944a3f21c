/*
 * SPDX-License-Identifier: MIT
 *
 * test-fork.c: keys are not used by two processes
 */
#include "support.h"

#include "srudp-glib/srudp-connection-private.h"
#include "srudp-glib/srudp-endpoint-core-private.h"
#include "srudp-glib/srudp-endpoint-private.h"

#include <sys/wait.h>
#include <unistd.h>

/* A child that hangs is killed. */
#define CHILD_SECONDS 10

/* What a child may ask for. TRUE: it got it. */

typedef gboolean (*AskFunc) (Pair    *pair,
                             GError **error);

static gboolean
ask_to_read (Pair    *pair,
             GError **error)
{
  char byte;

  return g_input_stream_read (pair->in_a, &byte, 1, NULL, error) >= 0;
}

static gboolean
ask_to_write (Pair    *pair,
              GError **error)
{
  return g_output_stream_write (pair->out_a, "lost", 4, NULL, error) >= 0;
}

static gboolean
ask_to_flush (Pair    *pair,
              GError **error)
{
  return g_output_stream_flush (pair->out_a, NULL, error);
}

static gboolean
go_off_cb (GObject  *stream,
           gpointer  data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Whoever waits for bytes is told that there is something to do. */
static gboolean
ask_when_readable (Pair    *pair,
                   GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) source = g_pollable_input_stream_create_source (
    G_POLLABLE_INPUT_STREAM (pair->in_a), NULL);
  gboolean told = FALSE;
  char byte;

  g_source_set_callback (source, G_SOURCE_FUNC (go_off_cb), &told, NULL);
  g_source_attach (source, context);
  while (!told)
    g_main_context_iteration (context, TRUE);
  return g_pollable_input_stream_read_nonblocking (
           G_POLLABLE_INPUT_STREAM (pair->in_a), &byte, 1, NULL, error)
         >= 0;
}

static gboolean
ask_to_send_datagram (Pair    *pair,
                      GError **error)
{
  g_autoptr (GBytes) datagram = g_bytes_new_static ("lost", 4);

  return srudp_connection_send_datagram (pair->a, datagram, error);
}

static gboolean
ask_for_datagram (Pair    *pair,
                  GError **error)
{
  g_autoptr (GBytes) datagram =
    srudp_connection_receive_datagram (pair->a, NULL, error);

  return datagram != NULL;
}

static void
keep_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static gboolean
ask_for_datagram_async (Pair    *pair,
                        GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) datagram = NULL;

  g_main_context_push_thread_default (context);
  srudp_connection_receive_datagram_async (pair->a, NULL, keep_cb, &result);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  datagram = srudp_connection_receive_datagram_finish (pair->a, result, error);
  return datagram != NULL;
}

static gboolean
ask_whether_delivered (Pair    *pair,
                       GError **error)
{
  return srudp_connection_wait_delivered (pair->a, NULL, error);
}

static gboolean
ask_for_new_stream (Pair    *pair,
                    GError **error)
{
  g_autoptr (SrudpStream) stream =
    srudp_connection_open_stream (pair->a, NULL, error);

  return stream != NULL;
}

static gboolean
ask_for_peers_stream (Pair    *pair,
                      GError **error)
{
  g_autoptr (SrudpStream) stream =
    srudp_connection_accept_stream (pair->a, NULL, error);

  return stream != NULL;
}

static gboolean
ask_for_socket (Pair    *pair,
                GError **error)
{
  return srudp_connection_export_fd (pair->a, error) >= 0;
}

static gboolean
ask_for_local_address (Pair    *pair,
                       GError **error)
{
  g_autoptr (GSocketAddress) address =
    srudp_connection_get_local_address (pair->a, error);

  return address != NULL;
}

static gboolean
ask_for_remote_address (Pair    *pair,
                        GError **error)
{
  g_autoptr (GSocketAddress) address =
    srudp_connection_get_remote_address (pair->a, error);

  return address != NULL;
}

static gboolean
ask_for_bound_address (Pair    *pair,
                       GError **error)
{
  g_autoptr (GSocketAddress) address =
    srudp_endpoint_get_local_address (pair->endpoint_a, error);

  return address != NULL;
}

static gboolean
ask_to_connect (Pair    *pair,
                GError **error)
{
  g_autoptr (SrudpConnection) connection = srudp_endpoint_connect_to_host (
    pair->endpoint_a, "127.0.0.1", 9, NULL, error);

  return connection != NULL;
}

static gboolean
ask_to_accept (Pair    *pair,
               GError **error)
{
  g_autoptr (SrudpConnection) connection =
    srudp_endpoint_accept (pair->endpoint_a, NULL, error);

  return connection != NULL;
}

static gboolean
ask_to_introduce (Pair    *pair,
                  GError **error)
{
  return srudp_endpoint_introduce (pair->endpoint_a, pair->a, pair->a, NULL,
                                   error);
}

static gboolean
ask_to_be_introduced (Pair    *pair,
                      GError **error)
{
  return srudp_endpoint_add_introducer (pair->endpoint_a, pair->a, error);
}

static gboolean
ask_about_network (Pair    *pair,
                   GError **error)
{
  g_autoptr (SrudpNetworkReport) report =
    srudp_endpoint_probe_network (pair->endpoint_a, NULL, error);

  return report != NULL;
}

static gboolean
ask_for_invitation (Pair    *pair,
                    GError **error)
{
  g_autoptr (SrudpInvitation) invitation =
    srudp_endpoint_create_invitation (pair->endpoint_a, NULL, error);

  return invitation != NULL;
}

static gboolean
ask_to_end_writing (Pair    *pair,
                    GError **error)
{
  return g_output_stream_close (pair->out_a, NULL, error);
}

static gboolean
ask_to_end_reading (Pair    *pair,
                    GError **error)
{
  return g_input_stream_close (pair->in_a, NULL, error);
}

static gboolean
ask_to_close (Pair    *pair,
              GError **error)
{
  return g_io_stream_close (G_IO_STREAM (pair->a), NULL, error);
}

static gboolean
ask_to_close_endpoint (Pair    *pair,
                       GError **error)
{
  return srudp_endpoint_close (pair->endpoint_a, NULL, error);
}

/* What closes something comes last. */
static const AskFunc asks[] = {
  ask_to_read,
  ask_to_write,
  ask_to_flush,
  ask_when_readable,
  ask_to_send_datagram,
  ask_for_datagram,
  ask_for_datagram_async,
  ask_whether_delivered,
  ask_for_new_stream,
  ask_for_peers_stream,
  ask_for_socket,
  ask_for_local_address,
  ask_for_remote_address,
  ask_for_bound_address,
  ask_to_connect,
  ask_to_accept,
  ask_to_introduce,
  ask_to_be_introduced,
  ask_about_network,
  ask_for_invitation,
  ask_to_end_writing,
  ask_to_end_reading,
  ask_to_close,
  ask_to_close_endpoint,
};

/* Which was not refused, counted from one: nothing else of the child can be
 * seen. */
static int
ask_in_child (Pair *pair)
{
  for (guint i = 0; i < G_N_ELEMENTS (asks); i++)
    {
      g_autoptr (GError) error = NULL;

      alarm (CHILD_SECONDS);
      if (asks[i](pair, &error)
          || !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
        return (int) i + 1;
    }
  return 0;
}

/* All of them, as a program does that ends. */
static int
drop_in_child (Pair *pair)
{
  g_clear_object (&pair->a);
  g_clear_object (&pair->b);
  g_clear_object (&pair->endpoint_a);
  g_clear_object (&pair->endpoint_b);
  return 0;
}

/* As soon as the worker sleeps, it stays where it is. It could be anywhere in
 * GLib otherwise, whose locks are not copied in any better state than ours. */
static SrudpMailbox *
take_turn (SrudpEndpoint *endpoint)
{
  SrudpMailbox *mailbox = endpoint->core->mailbox;

  while (!srudp_mailbox_try_turn (mailbox))
    g_usleep (1000);
  return mailbox;
}

/* With the lock in somebody's hands, if there is one. */
static void
run_in_child (Pair   *pair,
              int   (*func) (Pair *),
              GMutex *lock)
{
  SrudpMailbox *mailbox_a = take_turn (pair->endpoint_a);
  SrudpMailbox *mailbox_b = take_turn (pair->endpoint_b);
  int status = -1;
  pid_t child;

  if (lock != NULL)
    g_mutex_lock (lock);
  child = fork ();
  if (child == 0)
    {
      alarm (CHILD_SECONDS);
      _exit (func (pair));
    }
  if (lock != NULL)
    g_mutex_unlock (lock);
  srudp_mailbox_give_turn (mailbox_b);
  srudp_mailbox_give_turn (mailbox_a);

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (!WIFEXITED (status))
    g_test_message ("the child hung, and was ended by signal %d",
                    WTERMSIG (status));
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

static void
test_refused (void)
{
  Pair pair = { 0 };

  pair_set_up (&pair);
  run_in_child (&pair, ask_in_child, NULL);

  /* The parent doesn't notice. */
  write_text (pair.out_a, "still here");
  expect_text (pair.in_b, "still here");
  pair_tear_down (&pair);
}

static void
test_dropped (void)
{
  Pair pair = { 0 };

  pair_set_up (&pair);
  run_in_child (&pair, drop_in_child, NULL);
  write_text (pair.out_a, "still here");
  expect_text (pair.in_b, "still here");
  pair_tear_down (&pair);
}

/* Whatever another thread held when the process was copied stays locked in the
 * copy. */
static void
run_while_locked (int (*func) (Pair *))
{
  Pair pair = { 0 };
  GMutex *locks[4];

  pair_set_up (&pair);
  locks[0] = &pair.a->core->lock;
  locks[1] = &pair.a->core->main_stream->lock;
  locks[2] = &pair.endpoint_a->lock;
  locks[3] = &pair.endpoint_a->core->lock;
  for (guint i = 0; i < G_N_ELEMENTS (locks); i++)
    run_in_child (&pair, func, locks[i]);
  pair_tear_down (&pair);
}

static void
test_refused_while_locked (void)
{
  run_while_locked (ask_in_child);
}

static void
test_dropped_while_locked (void)
{
  run_while_locked (drop_in_child);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fork/the-child-is-refused", test_refused);
  g_test_add_func ("/fork/the-child-is-refused-what-was-locked",
                   test_refused_while_locked);
  g_test_add_func ("/fork/the-child-drops-all", test_dropped);
  g_test_add_func ("/fork/the-child-drops-what-was-locked",
                   test_dropped_while_locked);

  return g_test_run ();
}
