/*
 * SPDX-License-Identifier: MIT
 *
 * fake-pair.h: Alice and Bob, each with a roster on a network of their own, and
 * lines between them
 */
#pragma once

#include "fake-network.h"
#include "srudp-chat-roster.h"

G_BEGIN_DECLS

/* Alice is the first. */
typedef struct
{
  FakeNetwork *networks[2];
  SrudpChatRoster *rosters[2];
} FakePair;

void                   fake_pair_set_up    (FakePair *pair);
void                   fake_pair_tear_down (FakePair *pair);
SrudpChatConversation *fake_pair_call      (FakePair *pair);
void                   fake_pair_answer    (FakePair *pair);

G_END_DECLS
