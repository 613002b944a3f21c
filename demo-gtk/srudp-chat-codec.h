/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-codec.h: the chat's own messages as bytes; docs/chat-protocol.md
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SRUDP_CHAT_PROTOCOL_NAME "org.srudp.Chat/1"
/* 2 adds files. */
#define SRUDP_CHAT_PROTOCOL_VERSION 2
#define SRUDP_CHAT_MAX_TEXT_BYTES 65536
#define SRUDP_CHAT_MAX_NAME_BYTES 256
#define SRUDP_CHAT_MAX_FILE_NAME_BYTES 1024
#define SRUDP_CHAT_CHECKSUM_BYTES 32
/* At the beginning of each stream that carries a file. */
#define SRUDP_CHAT_STREAM_HEADER_BYTES 16
/* Room for what newer versions may add to a message of the longest text. */
#define SRUDP_CHAT_MAX_FRAME_BYTES (128 * 1024)

typedef enum
{
  SRUDP_CHAT_FRAME_HELLO = 1,
  SRUDP_CHAT_FRAME_TEXT = 2,
  SRUDP_CHAT_FRAME_RECEIPT = 3,
  SRUDP_CHAT_FRAME_BYE = 4,
  SRUDP_CHAT_FRAME_TYPING = 5,
  SRUDP_CHAT_FRAME_FILE = 6,
  SRUDP_CHAT_FRAME_FILE_WANTED = 7,
  SRUDP_CHAT_FRAME_FILE_REFUSED = 8,
  SRUDP_CHAT_FRAME_FILE_WITHDRAWN = 9,
  SRUDP_CHAT_FRAME_FILE_KEPT = 10,
} SrudpChatFrameType;

typedef enum
{
  SRUDP_CHAT_BYE_LEFT = 0,
  SRUDP_CHAT_BYE_DECLINED = 1,
} SrudpChatByeReason;

typedef enum
{
  SRUDP_CHAT_REFUSAL_NOT_WANTED = 0,
  SRUDP_CHAT_REFUSAL_NO_ROOM = 1,
  SRUDP_CHAT_REFUSAL_DAMAGED = 2,
} SrudpChatRefusal;

/* What a frame says; which members count depends on the type. */
typedef struct
{
  SrudpChatFrameType type;
  guint version;             /* HELLO */
  guint64 id;                /* TEXT, RECEIPT, all of FILE */
  gint64 time_ms;            /* TEXT: milliseconds since 1970 UTC */
  SrudpChatByeReason reason; /* BYE */
  gboolean typing;           /* TYPING */
  guint64 size_bytes;        /* FILE */
  guint64 offset_bytes;      /* FILE_WANTED: what the receiver has already */
  SrudpChatRefusal refusal;  /* FILE_REFUSED */
  guint8 checksum[SRUDP_CHAT_CHECKSUM_BYTES]; /* FILE: SHA-256 of all of it */
  char *text;                /* HELLO, FILE: the name; TEXT: the text; UTF-8 */
} SrudpChatFrame;

void    srudp_chat_frame_clear  (SrudpChatFrame       *frame);
GBytes *srudp_chat_frame_encode (const SrudpChatFrame *frame);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SrudpChatFrame, srudp_chat_frame_clear)

void srudp_chat_stream_header_write (guint8       *header,
                                     guint64       id,
                                     guint64       offset_bytes);
void srudp_chat_stream_header_read  (const guint8 *header,
                                     guint64      *id,
                                     guint64      *offset_bytes);

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
