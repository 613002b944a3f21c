/*
 * SPDX-License-Identifier: MIT
 *
 * stage.h: Alice's window on a network that is none, for tests of how it looks
 */
#pragma once

#include "fake-network.h"
#include "srudp-chat-window.h"

G_BEGIN_DECLS

typedef struct
{
  FakeNetwork *network;
  SrudpChatRoster *roster;
  SrudpChatWindow *window;
} Stage;

void                   stage_init              (int                    *argc,
                                                char                 ***argv);
void                   stage_set_text_percent  (int                     percent);
void                   stage_set_up            (Stage                  *stage,
                                                gconstpointer           data);
void                   stage_tear_down         (Stage                  *stage,
                                                gconstpointer           data);
void                   stage_settle            (GtkWindow              *window);
void                   stage_shoot             (GtkWindow              *window,
                                                const char             *name);
SrudpChatConversation *stage_call              (Stage                  *stage,
                                                const char             *text);
void                   stage_hear              (FakeLink               *link,
                                                SrudpChatFrameType      type,
                                                guint64                 id,
                                                const char             *text);
SrudpChatConversation *stage_start_talking     (Stage                  *stage);
void                   stage_exchange_messages (SrudpChatConversation  *conversation,
                                                FakeLink               *link);
void                   stage_exchange_files    (SrudpChatConversation  *conversation,
                                                FakeLink               *link);

G_END_DECLS
