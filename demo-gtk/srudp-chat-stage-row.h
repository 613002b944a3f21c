/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-stage-row.h: one step on the way to a connection
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

typedef enum
{
  SRUDP_CHAT_STAGE_PENDING,
  SRUDP_CHAT_STAGE_ACTIVE,
  SRUDP_CHAT_STAGE_DONE,
  SRUDP_CHAT_STAGE_FAILED,
} SrudpChatStage;

#define SRUDP_CHAT_TYPE_STAGE_ROW (srudp_chat_stage_row_get_type ())

G_DECLARE_FINAL_TYPE (SrudpChatStageRow, srudp_chat_stage_row, SRUDP_CHAT, STAGE_ROW,
                      AdwActionRow)

void srudp_chat_stage_row_set (SrudpChatStageRow *self,
                               SrudpChatStage     stage,
                               const char        *detail);

G_END_DECLS
