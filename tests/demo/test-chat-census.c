/*
 * SPDX-License-Identifier: MIT
 *
 * test-chat-census.c: an object of ours that is kept too long does not hide
 */
#include "census.h"
#include "fake-pair.h"
#include "srudp-chat-endpoint.h"

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

/* Of a program that has ended; with nothing else of ours around it. */
static void
test_end (gconstpointer data)
{
  static SrudpChatNetwork *network;
  gboolean keeps = GPOINTER_TO_INT (data);

  if (g_test_subprocess ())
    {
      g_autoptr (SrudpIdentity) identity = srudp_identity_generate ();
      g_autoptr (SrudpChatInvitations) invitations = srudp_chat_invitations_new (NULL);

      network = srudp_chat_endpoint_new (identity, invitations);
      if (!keeps)
        g_clear_object (&network);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  if (keeps)
    g_test_trap_assert_stderr ("*ERROR: still alive at the end: SrudpChatEndpoint: 1,*");
  else
    g_test_trap_assert_stderr_unmatched ("*still alive*");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chat/census/what-is-kept-is-counted", test_kept);
  g_test_add_func ("/chat/census/derived-classes-as-well", test_derived);
  g_test_add_func ("/chat/census/and-those-of-the-library", test_library);
  g_test_add_data_func ("/chat/census/a-network-alone-is-complained-of",
                        GINT_TO_POINTER (TRUE), test_end);
  g_test_add_data_func ("/chat/census/who-keeps-nothing-is-not", GINT_TO_POINTER (FALSE),
                        test_end);
  return g_test_run ();
}
