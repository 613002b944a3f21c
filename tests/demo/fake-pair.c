/*
 * SPDX-License-Identifier: MIT
 *
 * fake-pair.c: Alice and Bob, each with a roster on a network of their own, and
 * lines between them
 */
#include "fake-pair.h"

void
fake_pair_set_up (FakePair *pair)
{
  static const char *const names[] = { "Alice", "Bob" };

  for (guint i = 0; i < 2; i++)
    {
      pair->networks[i] = fake_network_new ();
      pair->rosters[i] =
        srudp_chat_roster_new (SRUDP_CHAT_NETWORK (pair->networks[i]), names[i]);
    }
}

void
fake_pair_tear_down (FakePair *pair)
{
  for (guint i = 0; i < 2; i++)
    {
      srudp_chat_roster_close (pair->rosters[i]);
      g_object_unref (pair->rosters[i]);
      g_object_unref (pair->networks[i]);
    }
}

/* Alice calls Bob.
 * Returns: (transfer full): her side of the chat */
SrudpChatConversation *
fake_pair_call (FakePair *pair)
{
  SrudpChatAddress address = { (char *) "bob.example", 5001 };
  SrudpChatConversation *conversation = srudp_chat_roster_call (pair->rosters[0], &address);

  g_assert_cmpint (srudp_chat_conversation_get_phase (conversation), ==,
                   SRUDP_CHAT_PHASE_CONNECTING);
  return g_object_ref (conversation);
}

/* The line of Alice's last call is taken up by Bob. */
void
fake_pair_answer (FakePair *pair)
{
  FakeLink *alices = fake_network_get_last (pair->networks[0]);
  g_autoptr (FakeLink) bobs = fake_link_new ("alice");

  fake_link_join (alices, bobs);
  srudp_chat_link_set_state (SRUDP_CHAT_LINK (bobs), SRUDP_CONNECTION_STATE_ESTABLISHED);
  srudp_chat_network_take_call (SRUDP_CHAT_NETWORK (pair->networks[1]),
                                SRUDP_CHAT_LINK (bobs));
  srudp_chat_link_set_state (SRUDP_CHAT_LINK (alices), SRUDP_CONNECTION_STATE_ESTABLISHED);
}
