/*
 * SPDX-License-Identifier: MIT
 *
 * test-chat-delay.c: messages do not wait for the file beside them
 *
 * Two chats without windows talk over real ports and a line of limited speed,
 * which relay.py plays. Its path is the only argument of our own.
 */
#include "srudp-chat-endpoint.h"
#include "srudp-chat-roster.h"

#include <glib/gstdio.h>

#define FILE_BYTES (100 * 1000 * 1000)
#define N_MESSAGES 100
#define MESSAGE_MS 50
#define MAX_DELAY_US (200 * 1000)
#define PATIENCE_S 90

/* 80 Mbit/s, 20 ms there and back, a queue of 40 ms */
static const char *const line[] = { "10000000", "10", "40" };

static char *relay_path;

typedef struct
{
  SrudpChatRoster *rosters[2];
  SrudpChatConversation *conversations[2];
  GSubprocess *relay;
  char *folder;
  GArray *delays_us;
  guint n_sent;
} Fixture;

static gboolean
wake_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
wait_until (gboolean (*condition) (Fixture *fixture),
            Fixture  *fixture)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_S * G_USEC_PER_SEC;
  guint id = g_timeout_add (50, wake_cb, NULL);

  while (!condition (fixture))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (id);
}

static guint16
get_free_port (void)
{
  g_autoptr (GSocket) socket =
    g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  g_autoptr (GInetAddress) address = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (address, 0);
  g_autoptr (GSocketAddress) local = NULL;

  g_assert_true (g_socket_bind (socket, any, FALSE, NULL));
  local = g_socket_get_local_address (socket, NULL);
  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
}

static SrudpChatRoster *
open_roster (const char *name)
{
  g_autoptr (SrudpIdentity) identity = srudp_identity_generate ();
  g_autoptr (SrudpChatInvitations) invitations = srudp_chat_invitations_new (NULL);
  g_autoptr (SrudpChatNetwork) network = srudp_chat_endpoint_new (identity, invitations);
  g_autoptr (GError) error = NULL;

  srudp_chat_network_listen (network, 0, &error);
  g_assert_no_error (error);
  srudp_chat_network_accept (network);
  return srudp_chat_roster_new (network, name);
}

static guint16
start_relay (Fixture *fixture)
{
  guint16 port = get_free_port ();
  SrudpChatNetwork *bobs = srudp_chat_roster_get_network (fixture->rosters[1]);
  g_autofree char *listen = g_strdup_printf ("%u", port);
  g_autofree char *target = g_strdup_printf ("%u", srudp_chat_network_get_port (bobs));
  g_autoptr (GError) error = NULL;

  fixture->relay = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, "/usr/bin/env", "python3",
                                     relay_path, listen, target, line[0], line[1], line[2],
                                     NULL);
  g_assert_no_error (error);
  return port;
}

static void
received_cb (SrudpChatRoster       *roster,
             SrudpChatConversation *conversation,
             SrudpChatMessage      *message,
             Fixture               *fixture)
{
  gint64 sent_us, delay_us;

  if (srudp_chat_message_get_file (message) != NULL)
    {
      srudp_chat_conversation_accept_file (conversation, srudp_chat_message_get_file (message));
      return;
    }
  sent_us = g_ascii_strtoll (srudp_chat_message_get_text (message), NULL, 10);
  delay_us = g_get_monotonic_time () - sent_us;
  g_array_append_val (fixture->delays_us, delay_us);
}

static void
requested_cb (SrudpChatRoster       *roster,
              SrudpChatConversation *conversation,
              Fixture               *fixture)
{
  fixture->conversations[1] = g_object_ref (conversation);
  srudp_chat_conversation_accept (conversation);
}

static gboolean
is_talking (Fixture *fixture)
{
  return srudp_chat_conversation_get_phase (fixture->conversations[0])
         == SRUDP_CHAT_PHASE_TALKING;
}

static gboolean
say_cb (gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autofree char *now =
    g_strdup_printf ("%" G_GINT64_FORMAT " µs is when this was said", g_get_monotonic_time ());

  g_assert_true (srudp_chat_conversation_send (fixture->conversations[0], now));
  return ++fixture->n_sent < N_MESSAGES ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
all_said (Fixture *fixture)
{
  return fixture->delays_us->len == N_MESSAGES;
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  gint64 difference = *(const gint64 *) a - *(const gint64 *) b;

  return (difference > 0) - (difference < 0);
}

/* Returns: the 95th of a hundred, in microseconds. */
static gint64
measure (Fixture    *fixture,
         const char *when)
{
  gint64 p95_us;

  g_array_set_size (fixture->delays_us, 0);
  fixture->n_sent = 0;
  g_timeout_add (MESSAGE_MS, say_cb, fixture);
  wait_until (all_said, fixture);
  g_array_sort (fixture->delays_us, compare);
  p95_us = g_array_index (fixture->delays_us, gint64, N_MESSAGES * 95 / 100);
  g_test_message ("%s: median %.1f ms, p95 %.1f ms, worst %.1f ms", when,
                  (double) g_array_index (fixture->delays_us, gint64, N_MESSAGES / 2) / 1e3,
                  (double) p95_us / 1e3,
                  (double) g_array_index (fixture->delays_us, gint64, N_MESSAGES - 1) / 1e3);
  return p95_us;
}

static SrudpChatFile *
find_file (SrudpChatConversation *conversation)
{
  GListModel *messages = srudp_chat_conversation_get_messages (conversation);

  for (guint i = 0; i < g_list_model_get_n_items (messages); i++)
    {
      g_autoptr (SrudpChatMessage) message = g_list_model_get_item (messages, i);

      if (srudp_chat_message_get_file (message) != NULL)
        return srudp_chat_message_get_file (message);
    }
  return NULL;
}

static gboolean
is_moving (Fixture *fixture)
{
  SrudpChatFile *file = find_file (fixture->conversations[1]);

  return file != NULL && srudp_chat_file_get_moved (file) > 1000000;
}

static gboolean
is_kept (Fixture *fixture)
{
  return srudp_chat_file_get_state (find_file (fixture->conversations[0]))
         == SRUDP_CHAT_FILE_DONE;
}

static void
set_up (Fixture *fixture)
{
  SrudpChatAddress address = { .host = (char *) "127.0.0.1" };
  g_autofree char *bobs = NULL;
  g_autoptr (GFile) folder = NULL;

  fixture->folder = g_dir_make_tmp ("srudp-chat-delay-XXXXXX", NULL);
  fixture->delays_us = g_array_new (FALSE, FALSE, sizeof (gint64));
  fixture->rosters[0] = open_roster ("Alice");
  fixture->rosters[1] = open_roster ("Bob");
  bobs = g_build_filename (fixture->folder, "bob", NULL);
  folder = g_file_new_for_path (bobs);
  srudp_chat_roster_set_folder (fixture->rosters[1], folder);
  g_signal_connect (fixture->rosters[1], "received", G_CALLBACK (received_cb), fixture);
  g_signal_connect (fixture->rosters[1], "requested", G_CALLBACK (requested_cb), fixture);
  address.port = start_relay (fixture);
  fixture->conversations[0] =
    g_object_ref (srudp_chat_roster_call (fixture->rosters[0], &address));
  wait_until (is_talking, fixture);
}

static void
tear_down (Fixture *fixture)
{
  SrudpChatFile *kept = find_file (fixture->conversations[1]);
  g_autofree char *bobs = g_build_filename (fixture->folder, "bob", NULL);
  g_autofree char *source = g_build_filename (fixture->folder, "big.bin", NULL);

  g_assert_true (g_file_delete (srudp_chat_file_get_location (kept), NULL, NULL));
  g_unlink (source);
  g_rmdir (bobs);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  for (guint i = 0; i < 2; i++)
    {
      srudp_chat_roster_close (fixture->rosters[i]);
      g_object_unref (fixture->rosters[i]);
      g_object_unref (fixture->conversations[i]);
    }
  g_subprocess_force_exit (fixture->relay);
  g_subprocess_wait (fixture->relay, NULL, NULL);
  g_object_unref (fixture->relay);
  g_array_unref (fixture->delays_us);
  g_free (fixture->folder);
}

static void
test_delay (void)
{
  Fixture fixture = { 0 };
  g_autofree char *path = NULL;
  g_autofree char *content = g_malloc0 (FILE_BYTES);
  g_autoptr (GFile) file = NULL;
  gint64 began_us, p95_us;

  set_up (&fixture);
  path = g_build_filename (fixture.folder, "big.bin", NULL);
  g_assert_true (g_file_set_contents (path, content, FILE_BYTES, NULL));
  measure (&fixture, "by themselves");

  file = g_file_new_for_path (path);
  began_us = g_get_monotonic_time ();
  g_assert_true (srudp_chat_conversation_send_file (fixture.conversations[0], file, NULL));
  wait_until (is_moving, &fixture);
  p95_us = measure (&fixture, "beside a file");
  g_assert_false (is_kept (&fixture));
  g_assert_cmpint (p95_us, <=, MAX_DELAY_US);
  wait_until (is_kept, &fixture);
  g_test_message ("the file took %.1f s", (double) (g_get_monotonic_time () - began_us) / 1e6);
  tear_down (&fixture);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  relay_path = argv[1];
  g_test_add_func ("/chat/delay/messages-do-not-wait-for-files", test_delay);
  return g_test_run ();
}
