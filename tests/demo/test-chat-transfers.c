/*
 * SPDX-License-Identifier: MIT
 *
 * test-chat-transfers.c: files from Alice to Bob, whole, in part, and none at all
 */
#include "census.h"
#include "fake-pair.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_S 20
#define BIG_BYTES (96 * 1024 * 1024)

typedef struct
{
  FakePair pair;
  SrudpChatConversation *alice, *bob;
  char *folder; /* has Alice's files and, below, "bob" */
  char *bobs;
  guint64 first_offset;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr (GFile) folder = NULL;

  fixture->folder = g_dir_make_tmp ("srudp-chat-files-XXXXXX", NULL);
  fixture->bobs = g_build_filename (fixture->folder, "bob", NULL);
  folder = g_file_new_for_path (fixture->bobs);
  fake_pair_set_up (&fixture->pair);
  srudp_chat_roster_set_folder (fixture->pair.rosters[1], folder);
  fixture->alice = fake_pair_call (&fixture->pair);
  fake_pair_answer (&fixture->pair);
  fixture->bob =
    g_list_model_get_item (srudp_chat_roster_get_conversations (fixture->pair.rosters[1]), 0);
  srudp_chat_conversation_accept (fixture->bob);
  g_assert_cmpint (srudp_chat_conversation_get_phase (fixture->alice), ==,
                   SRUDP_CHAT_PHASE_TALKING);
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);

      if (g_unlink (inner) != 0)
        remove_folder (inner);
    }
  g_rmdir (path);
}

static gboolean
is_quiet (gpointer data)
{
  return !g_main_context_pending (NULL);
}

static gboolean
wake_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
wait_until (gboolean (*condition) (gpointer data),
            gpointer   data)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_S * G_USEC_PER_SEC;
  guint id = g_timeout_add (5, wake_cb, NULL);

  while (!condition (data))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (id);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  fake_pair_tear_down (&fixture->pair);
  /* Threads that were told to stop report that they did. */
  wait_until (is_quiet, NULL);
  g_object_unref (fixture->alice);
  g_object_unref (fixture->bob);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->bobs);
  census_assert_none ();
}

/* --- Files ----------------------------------------------------------------- */

static char *
make_content (gsize size)
{
  char *content = g_malloc (size + 1);
  guint32 state = 1;

  for (gsize i = 0; i < size; i++)
    {
      state = state * 1664525 + 1013904223;
      content[i] = (char) (state >> 24);
    }
  content[size] = '\0';
  return content;
}

static GFile *
make_file (Fixture    *fixture,
           const char *name,
           const char *content,
           gsize       size)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, content, (gssize) size, NULL));
  return g_file_new_for_path (path);
}

static void
assert_content (GFile      *file,
                const char *expected,
                gsize       expected_size)
{
  g_autofree char *content = NULL;
  gsize size;

  g_assert_nonnull (file);
  g_assert_true (g_file_load_contents (file, NULL, &content, &size, NULL, NULL));
  g_assert_cmpmem (content, size, expected, expected_size);
}

static SrudpChatFile *
get_file (SrudpChatConversation *conversation,
          guint                  position)
{
  g_autoptr (SrudpChatMessage) message =
    g_list_model_get_item (srudp_chat_conversation_get_messages (conversation), position);

  return message != NULL ? srudp_chat_message_get_file (message) : NULL;
}

static gboolean
is_offered (gpointer data)
{
  SrudpChatConversation *conversation = data;
  guint n = g_list_model_get_n_items (srudp_chat_conversation_get_messages (conversation));
  SrudpChatFile *last = n > 0 ? get_file (conversation, n - 1) : NULL;

  return last != NULL && srudp_chat_file_get_state (last) == SRUDP_CHAT_FILE_OFFERED;
}

static gboolean
is_offered_again (gpointer data)
{
  return srudp_chat_file_get_state (data) == SRUDP_CHAT_FILE_OFFERED;
}

static gboolean
is_over (gpointer data)
{
  return srudp_chat_file_is_over (data);
}

static gboolean
has_begun (gpointer data)
{
  return srudp_chat_file_get_moved (data) > 1024 * 1024;
}

static gboolean
is_interrupted (gpointer data)
{
  return srudp_chat_file_get_state (data) == SRUDP_CHAT_FILE_INTERRUPTED;
}

#define assert_state(file, expected) \
  g_assert_cmpint (srudp_chat_file_get_state (file), ==, SRUDP_CHAT_FILE_##expected)

/* Alice offers a file of this name and content, Bob sees it.
 * Returns: (transfer none): as Bob sees it */
static SrudpChatFile *
offer (Fixture    *fixture,
       const char *name,
       const char *content,
       gsize       size)
{
  g_autoptr (GFile) file = make_file (fixture, "source", content, size);

  g_assert_true (srudp_chat_conversation_send_file (fixture->alice, file, name));
  wait_until (is_offered, fixture->bob);
  return get_file (fixture->bob, g_list_model_get_n_items (
                                   srudp_chat_conversation_get_messages (fixture->bob)) - 1);
}

static void
accept_file (Fixture       *fixture,
             SrudpChatFile *file)
{
  srudp_chat_conversation_accept_file (fixture->bob, file);
  wait_until (is_over, file);
}

static char *
get_name (SrudpChatFile *file)
{
  return g_file_get_basename (srudp_chat_file_get_location (file));
}

static void
assert_still_talking (Fixture *fixture)
{
  GListModel *messages = srudp_chat_conversation_get_messages (fixture->alice);
  g_autoptr (SrudpChatMessage) last = NULL;

  g_assert_true (srudp_chat_conversation_send (fixture->alice, "Still there?"));
  last = g_list_model_get_item (messages, g_list_model_get_n_items (messages) - 1);
  g_assert_cmpint (srudp_chat_message_get_mark (last), ==, SRUDP_CHAT_MARK_DELIVERED);
}

/* --- Tests ----------------------------------------------------------------- */

static void
test_whole (Fixture       *fixture,
            gconstpointer  data)
{
  static const gsize sizes[] = { 0, 1, 128 * 1024, 1000001 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *content = make_content (sizes[i]);
      SrudpChatFile *file = offer (fixture, "picture.png", content, sizes[i]);
      SrudpChatFile *ours = get_file (fixture->alice, (guint) i);

      assert_state (ours, OFFERED);
      accept_file (fixture, file);
      assert_state (file, DONE);
      assert_content (srudp_chat_file_get_location (file), content, sizes[i]);
      wait_until (is_over, ours);
      assert_state (ours, DONE);
      g_assert_cmpuint (srudp_chat_file_get_moved (ours), ==, sizes[i]);
    }
  g_assert_cmpuint (srudp_chat_conversation_get_unread (fixture->bob), ==,
                    G_N_ELEMENTS (sizes));
}

/* Nothing that is there is replaced, whatever the peer calls its file. */
static void
test_names (Fixture       *fixture,
            gconstpointer  data)
{
  g_autofree char *long_name = g_strnfill (300, 'x');
  g_autofree char *longer = g_strconcat (long_name, ".tar.gz", NULL);
  static const char *const expected[] = { "x", "x (2)", "passwd", "rm -rf", "file", "cod.exe" };
  const char *names[] = { "../../x", "x", "/etc/passwd", "..\\..\\rm -rf", "\001\002..",
                          "\u202ecod.exe" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      SrudpChatFile *file = offer (fixture, names[i], names[i], strlen (names[i]));
      g_autofree char *name = NULL;

      accept_file (fixture, file);
      assert_state (file, DONE);
      name = get_name (file);
      g_assert_cmpstr (name, ==, expected[i]);
    }

  {
    SrudpChatFile *file = offer (fixture, longer, "long", 4);
    g_autofree char *name = NULL;

    accept_file (fixture, file);
    name = get_name (file);
    g_assert_cmpuint (strlen (name), ==, 180);
    g_assert_true (g_str_has_suffix (name, "xx.gz"));
  }
}

static void
test_declined (Fixture       *fixture,
               gconstpointer  data)
{
  SrudpChatFile *file = offer (fixture, "a", "a", 1);

  srudp_chat_conversation_cancel_file (fixture->bob, file);
  assert_state (file, REFUSED);
  assert_state (get_file (fixture->alice, 0), REFUSED);
  assert_still_talking (fixture);
}

/* data: whether Alice cancels, else Bob */
static void
test_cancelled (Fixture       *fixture,
                gconstpointer  data)
{
  g_autofree char *content = make_content (BIG_BYTES);
  SrudpChatFile *file = offer (fixture, "big", content, BIG_BYTES);
  SrudpChatFile *ours = get_file (fixture->alice, 0);

  srudp_chat_conversation_accept_file (fixture->bob, file);
  wait_until (has_begun, file);
  assert_still_talking (fixture);
  if (data != NULL)
    srudp_chat_conversation_cancel_file (fixture->alice, ours);
  else
    srudp_chat_conversation_cancel_file (fixture->bob, file);
  assert_state (file, CANCELLED);
  assert_state (ours, CANCELLED);
  assert_still_talking (fixture);

  /* On second thought… */
  srudp_chat_conversation_retry_file (fixture->alice, ours);
  wait_until (is_offered_again, file);
  accept_file (fixture, file);
  assert_content (srudp_chat_file_get_location (file), content, BIG_BYTES);
}

static void
note_offset_cb (SrudpChatLink  *link,
                SrudpChatFrame *frame,
                Fixture        *fixture)
{
  if (frame->type == SRUDP_CHAT_FRAME_FILE_WANTED)
    fixture->first_offset = frame->offset_bytes;
}

static void
watch_offset (Fixture *fixture)
{
  g_signal_connect (srudp_chat_conversation_get_link (fixture->alice), "frame",
                    G_CALLBACK (note_offset_cb), fixture);
}

static void
test_resumed (Fixture       *fixture,
              gconstpointer  data)
{
  g_autofree char *content = make_content (BIG_BYTES);
  SrudpChatFile *file = offer (fixture, "big", content, BIG_BYTES);
  SrudpChatFile *ours = get_file (fixture->alice, 0);
  FakeLink *bobs = FAKE_LINK (srudp_chat_conversation_get_link (fixture->bob));

  srudp_chat_conversation_accept_file (fixture->bob, file);
  wait_until (has_begun, file);
  fake_link_break (FAKE_LINK (fake_network_get_last (fixture->pair.networks[0])), G_IO_ERROR,
                   G_IO_ERROR_TIMED_OUT, "silence");
  fake_link_break (bobs, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "silence");
  wait_until (is_interrupted, file);
  wait_until (is_interrupted, ours);

  srudp_chat_conversation_reconnect (fixture->alice);
  watch_offset (fixture);
  fake_pair_answer (&fixture->pair);
  wait_until (is_over, ours);
  assert_state (ours, DONE);
  g_assert_cmpuint (fixture->first_offset, >, 0);
  assert_content (srudp_chat_file_get_location (file), content, BIG_BYTES);
}

/* Of an earlier run of the program, which was killed. */
static void
test_found (Fixture       *fixture,
            gconstpointer  data)
{
  gsize size = 1000000, half = 400000;
  g_autofree char *content = make_content (size);
  g_autofree char *digits =
    g_compute_checksum_for_data (G_CHECKSUM_SHA256, (guint8 *) content, size);
  g_autofree char *part = g_strdup_printf ("%s/half.%.16s.part", fixture->bobs, digits);
  SrudpChatFile *file;

  g_assert_cmpint (g_mkdir (fixture->bobs, 0700), ==, 0);
  g_assert_true (g_file_set_contents (part, content, (gssize) half, NULL));
  watch_offset (fixture);
  file = offer (fixture, "half", content, size);
  accept_file (fixture, file);
  g_assert_cmpuint (fixture->first_offset, ==, half);
  assert_content (srudp_chat_file_get_location (file), content, size);
  g_assert_false (g_file_test (part, G_FILE_TEST_EXISTS));
}

static void
test_damaged (Fixture       *fixture,
              gconstpointer  data)
{
  SrudpChatFile *file = offer (fixture, "a", "before", 6);
  SrudpChatFile *ours = get_file (fixture->alice, 0);
  g_autoptr (GDir) dir = NULL;

  g_object_unref (make_file (fixture, "source", "after!", 6));
  accept_file (fixture, file);
  assert_state (file, FAILED);
  wait_until (is_over, ours);
  assert_state (ours, FAILED);
  g_assert_nonnull (srudp_chat_file_get_problem (ours));
  dir = g_dir_open (fixture->bobs, 0, NULL);
  g_assert_null (g_dir_read_name (dir));
}

static void
test_shrunk (Fixture       *fixture,
             gconstpointer  data)
{
  SrudpChatFile *file = offer (fixture, "a", "before", 6);
  SrudpChatFile *ours = get_file (fixture->alice, 0);

  g_object_unref (make_file (fixture, "source", "!", 1));
  srudp_chat_conversation_accept_file (fixture->bob, file);
  wait_until (is_over, ours);
  assert_state (ours, FAILED);
  wait_until (is_over, file);
  assert_state (file, CANCELLED);
  assert_still_talking (fixture);
}

static void
test_two (Fixture       *fixture,
          gconstpointer  data)
{
  gsize size = 8 * 1024 * 1024;
  g_autofree char *content = make_content (size);
  SrudpChatFile *files[2];

  for (guint i = 0; i < 2; i++)
    files[i] = offer (fixture, "twin", content, size);
  for (guint i = 0; i < 2; i++)
    srudp_chat_conversation_accept_file (fixture->bob, files[i]);
  for (guint i = 0; i < 2; i++)
    {
      wait_until (is_over, files[i]);
      assert_state (files[i], DONE);
      assert_content (srudp_chat_file_get_location (files[i]), content, size);
    }
}

static void
test_unsendable (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (GFile) folder = g_file_new_for_path (fixture->folder);
  g_autoptr (GFile) nothing = g_file_get_child (folder, "nothing");
  GFile *files[] = { folder, nothing };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_assert_true (srudp_chat_conversation_send_file (fixture->alice, files[i], NULL));
      wait_until (is_over, get_file (fixture->alice, i));
      assert_state (get_file (fixture->alice, i), FAILED);
    }
  g_assert_null (get_file (fixture->bob, 0));
}

static void
test_crowd (Fixture       *fixture,
            gconstpointer  data)
{
  SrudpChatLink *link = srudp_chat_conversation_get_link (fixture->alice);
  GListModel *messages = srudp_chat_conversation_get_messages (fixture->bob);

  for (guint i = 0; i < 100; i++)
    {
      SrudpChatFrame frame = { .type = SRUDP_CHAT_FRAME_FILE, .id = i, .size_bytes = i,
                               .text = (char *) "gift" };

      srudp_chat_link_send (link, &frame);
    }
  g_assert_cmpuint (g_list_model_get_n_items (messages), ==, 16);
}

static gboolean
is_closed (gpointer data)
{
  return g_io_stream_is_closed (data);
}

static void
test_unasked (Fixture       *fixture,
              gconstpointer  data)
{
  int fds[2];
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GIOStream) stream = NULL;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  socket = g_socket_new_from_fd (fds[0], NULL);
  stream = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
  g_assert_cmpint (write (fds[1], "0123456789abcdef", 16), ==, 16);
  srudp_chat_link_take_stream (srudp_chat_conversation_get_link (fixture->bob), stream);
  wait_until (is_closed, stream);
  close (fds[1]);
}

/* To a peer whose version knows of no files. */
static void
test_older (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (GFile) file = make_file (fixture, "a", "a", 1);
  SrudpChatLink *bobs = srudp_chat_conversation_get_link (fixture->bob);
  SrudpChatFrame hello = { .type = SRUDP_CHAT_FRAME_HELLO, .version = 1,
                           .text = (char *) "Bob" };

  srudp_chat_link_send (bobs, &hello);
  g_assert_false (srudp_chat_conversation_send_file (fixture->alice, file, NULL));
}

typedef void (*Test) (Fixture       *fixture,
                      gconstpointer  data);

static void
add (const char    *path,
     Test           test,
     gconstpointer  data)
{
  g_test_add (path, Fixture, data, set_up, test, tear_down);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/chat/transfers/arrive-whole", test_whole, NULL);
  add ("/chat/transfers/names-lead-nowhere", test_names, NULL);
  add ("/chat/transfers/may-be-declined", test_declined, NULL);
  add ("/chat/transfers/the-receiver-may-cancel", test_cancelled, NULL);
  add ("/chat/transfers/the-sender-may-cancel", test_cancelled, "alice");
  add ("/chat/transfers/go-on-after-a-break", test_resumed, NULL);
  add ("/chat/transfers/go-on-where-another-run-was", test_found, NULL);
  add ("/chat/transfers/damage-is-noticed", test_damaged, NULL);
  add ("/chat/transfers/one-that-shrinks-is-withdrawn", test_shrunk, NULL);
  add ("/chat/transfers/two-of-a-kind-at-once", test_two, NULL);
  add ("/chat/transfers/folders-and-nothing-stay", test_unsendable, NULL);
  add ("/chat/transfers/a-crowd-is-kept-out", test_crowd, NULL);
  add ("/chat/transfers/streams-unasked-for-are-closed", test_unasked, NULL);
  add ("/chat/transfers/an-older-peer-gets-none", test_older, NULL);
  return g_test_run ();
}
