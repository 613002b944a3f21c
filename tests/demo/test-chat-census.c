/*
 * SPDX-License-Identifier: MIT
 *
 * test-chat-census.c: an object of ours that is kept too long does not hide
 */
#include "census.h"
#include "fake-pair.h"

/* A message of a chat that is over and gone. */
static SrudpChatMessage *
keep_message (void)
{
  FakePair pair;
  SrudpChatMessage *message;
  SrudpChatConversation *conversation;

  fake_pair_set_up (&pair);
  conversation = fake_pair_call (&pair);
  srudp_chat_conversation_send (conversation, "Remember this!");
  srudp_chat_conversation_send (conversation, "Forget this.");
  g_assert_cmpuint (census_count ("SrudpChatMessage"), ==, 2);
  message = g_list_model_get_item (srudp_chat_conversation_get_messages (conversation), 0);
  fake_pair_tear_down (&pair);
  g_object_unref (conversation);
  return message;
}

static void
test_kept (void)
{
  g_autoptr (SrudpChatMessage) message = keep_message ();
  g_autofree char *told = census_tell ();

  g_assert_cmpstr (told, ==, "SrudpChatMessage: 1");
  g_clear_object (&message);
  census_assert_none ();
}

/* A link, whose class is not the topmost of ours. */
static void
test_derived (void)
{
  g_autoptr (FakeLink) link = fake_link_new ("alice");

  g_assert_cmpuint (census_count ("FakeLink"), ==, 1);
  g_clear_object (&link);
  census_assert_none ();
}

/* In another file than the program. */
static void
test_library (void)
{
  g_autoptr (SrudpIdentity) identity = srudp_identity_generate ();
  g_autofree char *told = census_tell ();

  g_assert_cmpstr (told, ==, "SrudpIdentity: 1");
  g_clear_object (&identity);
  census_assert_none ();
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chat/census/what-is-kept-is-counted", test_kept);
  g_test_add_func ("/chat/census/derived-classes-as-well", test_derived);
  g_test_add_func ("/chat/census/and-those-of-the-library", test_library);
  return g_test_run ();
}
