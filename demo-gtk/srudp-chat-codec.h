/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-codec.h: the chat's own messages as bytes; docs/chat-protocol.md
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SRUDP_CHAT_PROTOCOL_NAME "org.srudp.Chat/1"
#define SRUDP_CHAT_PROTOCOL_VERSION 1
#define SRUDP_CHAT_MAX_TEXT_BYTES 65536
#define SRUDP_CHAT_MAX_NAME_BYTES 256
/* Room for what newer versions may add to a message of the longest text. */
#define SRUDP_CHAT_MAX_FRAME_BYTES (128 * 1024)

typedef enum
{
  SRUDP_CHAT_FRAME_HELLO = 1,
  SRUDP_CHAT_FRAME_TEXT = 2,
  SRUDP_CHAT_FRAME_RECEIPT = 3,
  SRUDP_CHAT_FRAME_BYE = 4,
  SRUDP_CHAT_FRAME_TYPING = 5,
} SrudpChatFrameType;

typedef enum
{
  SRUDP_CHAT_BYE_LEFT = 0,
  SRUDP_CHAT_BYE_DECLINED = 1,
} SrudpChatByeReason;

/* What a frame says; which members count depends on the type. */
typedef struct
{
  SrudpChatFrameType type;
  guint version;             /* HELLO */
  guint64 id;                /* TEXT, RECEIPT */
  gint64 time_ms;            /* TEXT: milliseconds since 1970 UTC */
  SrudpChatByeReason reason; /* BYE */
  gboolean typing;           /* TYPING */
  char *text;                /* HELLO: the name; TEXT: the text; UTF-8 */
} SrudpChatFrame;

void    srudp_chat_frame_clear  (SrudpChatFrame       *frame);
GBytes *srudp_chat_frame_encode (const SrudpChatFrame *frame);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SrudpChatFrame, srudp_chat_frame_clear)

typedef enum
{
  SRUDP_CHAT_DECODE_FRAME,     /* a frame was taken out */
  SRUDP_CHAT_DECODE_MORE,      /* the next frame isn't complete yet */
  SRUDP_CHAT_DECODE_MALFORMED, /* nothing further can be understood */
} SrudpChatDecodeResult;

typedef struct _SrudpChatDecoder SrudpChatDecoder;

SrudpChatDecoder     *srudp_chat_decoder_new  (void);
void                  srudp_chat_decoder_free (SrudpChatDecoder *self);
void                  srudp_chat_decoder_push (SrudpChatDecoder *self,
                                               const guint8     *data,
                                               gsize             size);
SrudpChatDecodeResult srudp_chat_decoder_next (SrudpChatDecoder *self,
                                               SrudpChatFrame   *frame);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SrudpChatDecoder, srudp_chat_decoder_free)

G_END_DECLS
