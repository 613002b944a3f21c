/*
 * SPDX-License-Identifier: MIT
 *
 * test-chat-conversation.c: two people, from the first call to the good-bye
 */
#include "census.h"
#include "fake-pair.h"

/* Alice calls Bob. */
typedef struct
{
  FakePair pair;
  SrudpChatConversation *alice, *bob;
} Fixture;

static SrudpChatConversation *
get_conversation (SrudpChatRoster *roster,
                  guint            position)
{
  return g_list_model_get_item (srudp_chat_roster_get_conversations (roster), position);
}

static guint
count_conversations (SrudpChatRoster *roster)
{
  return g_list_model_get_n_items (srudp_chat_roster_get_conversations (roster));
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fake_pair_set_up (&fixture->pair);
  fixture->alice = fake_pair_call (&fixture->pair);
  fake_pair_answer (&fixture->pair);
  fixture->bob = get_conversation (fixture->pair.rosters[1], 0);
}

static void
set_up_talking (Fixture       *fixture,
                gconstpointer  data)
{
  set_up (fixture, data);
  srudp_chat_conversation_accept (fixture->bob);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  fake_pair_tear_down (&fixture->pair);
  g_assert_finalize_object (fixture->alice);
  g_assert_finalize_object (fixture->bob);
  census_assert_none ();
}

static SrudpChatMessage *
get_message (SrudpChatConversation *conversation,
             guint                  position)
{
  SrudpChatMessage *message = g_list_model_get_item (
    srudp_chat_conversation_get_messages (conversation), position);

  g_assert_nonnull (message);
  g_object_unref (message);
  return message;
}

static guint
count_messages (SrudpChatConversation *conversation)
{
  return g_list_model_get_n_items (srudp_chat_conversation_get_messages (conversation));
}

#define assert_phase(conversation, expected) \
  g_assert_cmpint (srudp_chat_conversation_get_phase (conversation), ==, \
                   SRUDP_CHAT_PHASE_##expected)
#define assert_presence(conversation, expected) \
  g_assert_cmpint (srudp_chat_conversation_get_presence (conversation), ==, \
                   SRUDP_CHAT_PRESENCE_##expected)
#define assert_mark(conversation, position, expected) \
  g_assert_cmpint (srudp_chat_message_get_mark (get_message (conversation, position)), ==, \
                   SRUDP_CHAT_MARK_##expected)

static void
test_accept (Fixture       *fixture,
             gconstpointer  data)
{
  assert_phase (fixture->bob, REQUEST);
  assert_phase (fixture->alice, CONNECTING);
  g_assert_cmpstr (srudp_chat_conversation_get_title (fixture->bob), ==, "Alice");
  g_assert_cmpstr (srudp_chat_conversation_get_title (fixture->alice), ==, "bob.example:5001");

  srudp_chat_conversation_accept (fixture->bob);
  assert_phase (fixture->bob, TALKING);
  assert_phase (fixture->alice, TALKING);
  g_assert_cmpstr (srudp_chat_conversation_get_title (fixture->alice), ==, "Bob");
}

static void
test_decline (Fixture       *fixture,
              gconstpointer  data)
{
  srudp_chat_conversation_decline (fixture->bob);
  assert_phase (fixture->alice, FAILED);
  g_assert_true (srudp_chat_conversation_was_declined (fixture->alice));
  g_assert_cmpuint (count_conversations (fixture->pair.rosters[1]), ==, 0);
}

static void
test_withdraw (Fixture       *fixture,
               gconstpointer  data)
{
  srudp_chat_roster_remove (fixture->pair.rosters[0], fixture->alice);
  g_assert_cmpuint (count_conversations (fixture->pair.rosters[1]), ==, 0);
}

/* What is written before being let in arrives after. */
static void
test_patience (Fixture       *fixture,
               gconstpointer  data)
{
  srudp_chat_conversation_send (fixture->alice, "Are you there?");
  assert_mark (fixture->alice, 0, WAITING);
  g_assert_cmpuint (count_messages (fixture->bob), ==, 0);
  srudp_chat_conversation_accept (fixture->bob);
  g_assert_cmpuint (count_messages (fixture->bob), ==, 1);
  assert_mark (fixture->alice, 0, DELIVERED);
}

static void
test_messages (Fixture       *fixture,
               gconstpointer  data)
{
  g_assert_true (srudp_chat_conversation_send (fixture->alice, " <b>Grüße</b> 🎉\n "));
  g_assert_true (srudp_chat_conversation_send (fixture->bob, "Hello"));
  g_assert_false (srudp_chat_conversation_send (fixture->bob, " \n "));

  g_assert_cmpuint (count_messages (fixture->bob), ==, 2);
  g_assert_cmpstr (srudp_chat_message_get_text (get_message (fixture->bob, 0)), ==,
                   "<b>Grüße</b> 🎉");
  g_assert_cmpstr (srudp_chat_message_get_author (get_message (fixture->bob, 0)), ==, "Alice");
  assert_mark (fixture->bob, 0, RECEIVED);
  assert_mark (fixture->alice, 0, DELIVERED);
  assert_mark (fixture->bob, 1, DELIVERED);
  g_assert_cmpuint (srudp_chat_conversation_get_unread (fixture->bob), ==, 1);
  srudp_chat_conversation_set_visible (fixture->bob, TRUE);
  g_assert_cmpuint (srudp_chat_conversation_get_unread (fixture->bob), ==, 0);
}

static void
test_too_long (Fixture       *fixture,
               gconstpointer  data)
{
  g_autofree char *longest = g_strnfill (SRUDP_CHAT_MAX_TEXT_BYTES, 'x');
  g_autofree char *longer = g_strnfill (SRUDP_CHAT_MAX_TEXT_BYTES + 1, 'x');

  g_assert_false (srudp_chat_conversation_send (fixture->alice, longer));
  g_assert_true (srudp_chat_conversation_send (fixture->alice, longest));
  assert_mark (fixture->alice, 0, DELIVERED);
}

static void
test_typing (Fixture       *fixture,
             gconstpointer  data)
{
  srudp_chat_conversation_set_typing (fixture->alice, TRUE);
  g_assert_true (srudp_chat_conversation_is_typing (fixture->bob));
  srudp_chat_conversation_set_typing (fixture->alice, FALSE);
  g_assert_false (srudp_chat_conversation_is_typing (fixture->bob));
  srudp_chat_conversation_set_typing (fixture->alice, TRUE);
  srudp_chat_conversation_send (fixture->alice, "done");
  g_assert_false (srudp_chat_conversation_is_typing (fixture->bob));
}

/* Alice leaves and comes back: Bob needn't be asked again. */
static void
test_leave_and_return (Fixture       *fixture,
                       gconstpointer  data)
{
  srudp_chat_conversation_disconnect (fixture->alice);
  assert_presence (fixture->alice, DISCONNECTED);
  assert_presence (fixture->bob, LEFT);
  srudp_chat_conversation_send (fixture->bob, "Come back!");
  assert_mark (fixture->bob, 0, WAITING);

  srudp_chat_conversation_reconnect (fixture->alice);
  assert_presence (fixture->alice, RECONNECTING);
  fake_pair_answer (&fixture->pair);
  assert_presence (fixture->alice, ONLINE);
  assert_presence (fixture->bob, ONLINE);
  assert_mark (fixture->bob, 0, DELIVERED);
  g_assert_cmpuint (count_conversations (fixture->pair.rosters[1]), ==, 1);
}

/* Whoever left is asked before the other may come back. */
static void
test_no_return_unasked (Fixture       *fixture,
                        gconstpointer  data)
{
  srudp_chat_conversation_disconnect (fixture->bob);
  assert_presence (fixture->alice, LEFT);
  srudp_chat_conversation_reconnect (fixture->alice);
  fake_pair_answer (&fixture->pair);
  assert_phase (fixture->bob, REQUEST);
  assert_presence (fixture->alice, RECONNECTING);
  srudp_chat_conversation_accept (fixture->bob);
  assert_presence (fixture->alice, ONLINE);
}

static void
test_break_and_retry (Fixture       *fixture,
                      gconstpointer  data)
{
  SrudpChatMessage *message;
  FakeLink *link = fake_network_get_last (fixture->pair.networks[0]);

  srudp_chat_link_set_state (SRUDP_CHAT_LINK (link), SRUDP_CONNECTION_STATE_UNREACHABLE);
  assert_presence (fixture->alice, SILENT);
  fake_link_break (link, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "silence");
  assert_presence (fixture->alice, LOST);

  srudp_chat_conversation_send (fixture->alice, "first");
  message = get_message (fixture->alice, 0);
  assert_mark (fixture->alice, 0, WAITING);
  srudp_chat_conversation_reconnect (fixture->alice);
  fake_link_break (fake_network_get_last (fixture->pair.networks[0]), G_IO_ERROR,
                   G_IO_ERROR_TIMED_OUT, "silence");
  assert_presence (fixture->alice, LOST);
  assert_mark (fixture->alice, 0, NOT_DELIVERED);

  srudp_chat_conversation_retry (fixture->alice, message);
  assert_presence (fixture->alice, RECONNECTING);
  fake_pair_answer (&fixture->pair);
  assert_presence (fixture->alice, ONLINE);
  assert_mark (fixture->alice, 0, DELIVERED);
  g_assert_cmpuint (count_messages (fixture->bob), ==, 1);
}

static void
test_back_from_silence (Fixture       *fixture,
                        gconstpointer  data)
{
  SrudpChatLink *link = SRUDP_CHAT_LINK (fake_network_get_last (fixture->pair.networks[0]));

  srudp_chat_link_set_state (link, SRUDP_CONNECTION_STATE_UNREACHABLE);
  assert_presence (fixture->alice, SILENT);
  srudp_chat_link_set_state (link, SRUDP_CONNECTION_STATE_ESTABLISHED);
  assert_presence (fixture->alice, ONLINE);
}

static void
test_repeated (Fixture       *fixture,
               gconstpointer  data)
{
  SrudpChatFrame frame = { .type = SRUDP_CHAT_FRAME_TEXT, .id = 5, .text = (char *) "once" };
  SrudpChatLink *link = SRUDP_CHAT_LINK (fake_network_get_last (fixture->pair.networks[0]));

  srudp_chat_link_send (link, &frame);
  srudp_chat_link_send (link, &frame);
  g_assert_cmpuint (count_messages (fixture->bob), ==, 1);
}

static void
test_garbage (Fixture       *fixture,
              gconstpointer  data)
{
  SrudpChatLink *link = srudp_chat_conversation_get_link (fixture->bob);
  g_autoptr (GBytes) garbage = g_bytes_new_static ("\xff\xff\xff\xff", 4);

  srudp_chat_link_receive (link, garbage);
  g_assert_cmpint (srudp_chat_conversation_get_presence (fixture->bob), !=,
                   SRUDP_CHAT_PRESENCE_ONLINE);
}

static void
test_crowd (Fixture       *fixture,
            gconstpointer  data)
{
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *id = g_strdup_printf ("stranger %u", i);
      g_autoptr (FakeLink) link = fake_link_new (id);

      srudp_chat_link_set_state (SRUDP_CHAT_LINK (link), SRUDP_CONNECTION_STATE_ESTABLISHED);
      srudp_chat_network_take_call (SRUDP_CHAT_NETWORK (fixture->pair.networks[1]),
                                    SRUDP_CHAT_LINK (link));
    }
  g_assert_cmpuint (count_conversations (fixture->pair.rosters[1]), ==, 8);
}

typedef void (*Test) (Fixture       *fixture,
                      gconstpointer  data);

static void
add (const char *path,
     Test        before,
     Test        test)
{
  g_test_add (path, Fixture, NULL, before, test, tear_down);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/chat/conversation/begins-when-accepted", set_up, test_accept);
  add ("/chat/conversation/ends-when-declined", set_up, test_decline);
  add ("/chat/conversation/who-asked-may-go", set_up, test_withdraw);
  add ("/chat/conversation/words-wait-to-be-let-in", set_up, test_patience);
  add ("/chat/conversation/a-crowd-is-kept-out", set_up, test_crowd);
  add ("/chat/conversation/messages-are-delivered", set_up_talking, test_messages);
  add ("/chat/conversation/a-message-has-a-limit", set_up_talking, test_too_long);
  add ("/chat/conversation/typing-shows", set_up_talking, test_typing);
  add ("/chat/conversation/who-left-may-return", set_up_talking, test_leave_and_return);
  add ("/chat/conversation/who-was-left-asks", set_up_talking, test_no_return_unasked);
  add ("/chat/conversation/a-break-can-be-mended", set_up_talking, test_break_and_retry);
  add ("/chat/conversation/silence-may-end", set_up_talking, test_back_from_silence);
  add ("/chat/conversation/what-is-repeated-shows-once", set_up_talking, test_repeated);
  add ("/chat/conversation/garbage-ends-it", set_up_talking, test_garbage);
  return g_test_run ();
}
