/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-codec.c: the chat's own messages as bytes; docs/chat-protocol.md
 */
#include "srudp-chat-codec.h"

#include <string.h>

#define LENGTH_BYTES 4

struct _SrudpChatDecoder
{
  GByteArray *pending;
  gsize consumed;
  gboolean malformed;
};

void
srudp_chat_frame_clear (SrudpChatFrame *frame)
{
  g_clear_pointer (&frame->text, g_free);
}

/* --- Writing --------------------------------------------------------------- */

static void
put_uint (GByteArray *out,
          guint64     value,
          guint       n_bytes)
{
  while (n_bytes-- > 0)
    {
      guint8 byte = (value >> (8 * n_bytes)) & 0xff;

      g_byte_array_append (out, &byte, 1);
    }
}

static void
put_text (GByteArray *out,
          const char *text,
          gsize       max_bytes)
{
  gsize length = text != NULL ? strlen (text) : 0;

  g_return_if_fail (length <= max_bytes);
  if (length > 0)
    g_byte_array_append (out, (const guint8 *) text, (guint) length);
}

static void
put_hello (GByteArray           *out,
           const SrudpChatFrame *frame)
{
  put_uint (out, frame->version, 2);
  put_uint (out, frame->text != NULL ? strlen (frame->text) : 0, 2);
  put_text (out, frame->text, SRUDP_CHAT_MAX_NAME_BYTES);
}

static void
put_message (GByteArray           *out,
             const SrudpChatFrame *frame)
{
  put_uint (out, frame->id, 8);
  put_uint (out, (guint64) frame->time_ms, 8);
  put_uint (out, frame->text != NULL ? strlen (frame->text) : 0, 4);
  put_text (out, frame->text, SRUDP_CHAT_MAX_TEXT_BYTES);
}

static void
put_file (GByteArray           *out,
          const SrudpChatFrame *frame)
{
  put_uint (out, frame->id, 8);
  put_uint (out, frame->size_bytes, 8);
  g_byte_array_append (out, frame->checksum, sizeof frame->checksum);
  put_uint (out, frame->text != NULL ? strlen (frame->text) : 0, 2);
  put_text (out, frame->text, SRUDP_CHAT_MAX_FILE_NAME_BYTES);
}

/* Returns: FALSE if there is no such type. */
static gboolean
put_body (GByteArray           *out,
          const SrudpChatFrame *frame)
{
  switch (frame->type)
    {
    case SRUDP_CHAT_FRAME_HELLO:
      put_hello (out, frame);
      return TRUE;
    case SRUDP_CHAT_FRAME_TEXT:
      put_message (out, frame);
      return TRUE;
    case SRUDP_CHAT_FRAME_RECEIPT:
    case SRUDP_CHAT_FRAME_FILE_WITHDRAWN:
    case SRUDP_CHAT_FRAME_FILE_KEPT:
      put_uint (out, frame->id, 8);
      return TRUE;
    case SRUDP_CHAT_FRAME_BYE:
      put_uint (out, frame->reason, 1);
      return TRUE;
    case SRUDP_CHAT_FRAME_TYPING:
      put_uint (out, frame->typing ? 1 : 0, 1);
      return TRUE;
    case SRUDP_CHAT_FRAME_FILE:
      put_file (out, frame);
      return TRUE;
    case SRUDP_CHAT_FRAME_FILE_WANTED:
      put_uint (out, frame->id, 8);
      put_uint (out, frame->offset_bytes, 8);
      return TRUE;
    case SRUDP_CHAT_FRAME_FILE_REFUSED:
      put_uint (out, frame->id, 8);
      put_uint (out, frame->refusal, 1);
      return TRUE;
    default:
      return FALSE;
    }
}

GBytes *
srudp_chat_frame_encode (const SrudpChatFrame *frame)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  guint32 length;

  put_uint (out, 0, LENGTH_BYTES);
  put_uint (out, frame->type, 1);
  if (!put_body (out, frame))
    g_return_val_if_reached (NULL);

  length = GUINT32_TO_BE (out->len - LENGTH_BYTES);
  memcpy (out->data, &length, sizeof length);
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

/* --- Reading --------------------------------------------------------------- */

typedef struct
{
  const guint8 *data;
  gsize left;
} Cursor;

static gboolean
get_uint (Cursor  *cursor,
          guint    n_bytes,
          guint64 *value)
{
  guint64 sum = 0;

  if (cursor->left < n_bytes)
    return FALSE;
  for (guint i = 0; i < n_bytes; i++)
    sum = sum << 8 | cursor->data[i];
  cursor->data += n_bytes;
  cursor->left -= n_bytes;
  *value = sum;
  return TRUE;
}

static gboolean
get_text (Cursor *cursor,
          gsize   length,
          gsize   max_bytes,
          char  **text)
{
  const char *start = (const char *) cursor->data;

  if (length > max_bytes || length > cursor->left)
    return FALSE;
  if (!g_utf8_validate_len (start, length, NULL))
    return FALSE;
  *text = g_strndup (length > 0 ? start : "", length);
  cursor->data += length;
  cursor->left -= length;
  return TRUE;
}

static gboolean
get_hello (Cursor         *cursor,
           SrudpChatFrame *frame)
{
  guint64 version, length;

  if (!get_uint (cursor, 2, &version) || !get_uint (cursor, 2, &length))
    return FALSE;
  frame->version = (guint) version;
  return get_text (cursor, length, SRUDP_CHAT_MAX_NAME_BYTES, &frame->text);
}

static gboolean
get_message (Cursor         *cursor,
             SrudpChatFrame *frame)
{
  guint64 time_ms, length;

  if (!get_uint (cursor, 8, &frame->id)
      || !get_uint (cursor, 8, &time_ms)
      || !get_uint (cursor, 4, &length))
    return FALSE;
  frame->time_ms = (gint64) time_ms;
  return get_text (cursor, length, SRUDP_CHAT_MAX_TEXT_BYTES, &frame->text);
}

static gboolean
get_file (Cursor         *cursor,
          SrudpChatFrame *frame)
{
  guint64 length;

  if (!get_uint (cursor, 8, &frame->id) || !get_uint (cursor, 8, &frame->size_bytes)
      || cursor->left < sizeof frame->checksum)
    return FALSE;
  memcpy (frame->checksum, cursor->data, sizeof frame->checksum);
  cursor->data += sizeof frame->checksum;
  cursor->left -= sizeof frame->checksum;
  return get_uint (cursor, 2, &length)
         && get_text (cursor, length, SRUDP_CHAT_MAX_FILE_NAME_BYTES, &frame->text);
}

static gboolean
get_refusal (Cursor         *cursor,
             SrudpChatFrame *frame)
{
  guint64 value;

  if (!get_uint (cursor, 8, &frame->id) || !get_uint (cursor, 1, &value))
    return FALSE;
  /* A reason that a newer version gives is a refusal all the same. */
  frame->refusal = value <= SRUDP_CHAT_REFUSAL_DAMAGED ? (SrudpChatRefusal) value
                                                       : SRUDP_CHAT_REFUSAL_NOT_WANTED;
  return TRUE;
}

typedef enum
{
  BODY_KNOWN,
  BODY_UNKNOWN,
  BODY_MALFORMED,
} BodyResult;

/* What follows the fields known here was added by a newer version. */
static BodyResult
get_body (Cursor         *cursor,
          SrudpChatFrame *frame)
{
  guint64 type, value = 0;
  gboolean good;

  if (!get_uint (cursor, 1, &type))
    return BODY_MALFORMED;
  frame->type = (SrudpChatFrameType) type;

  switch (frame->type)
    {
    case SRUDP_CHAT_FRAME_HELLO:
      good = get_hello (cursor, frame);
      break;
    case SRUDP_CHAT_FRAME_TEXT:
      good = get_message (cursor, frame);
      break;
    case SRUDP_CHAT_FRAME_RECEIPT:
    case SRUDP_CHAT_FRAME_FILE_WITHDRAWN:
    case SRUDP_CHAT_FRAME_FILE_KEPT:
      good = get_uint (cursor, 8, &frame->id);
      break;
    case SRUDP_CHAT_FRAME_FILE:
      good = get_file (cursor, frame);
      break;
    case SRUDP_CHAT_FRAME_FILE_WANTED:
      good = get_uint (cursor, 8, &frame->id)
             && get_uint (cursor, 8, &frame->offset_bytes);
      break;
    case SRUDP_CHAT_FRAME_FILE_REFUSED:
      good = get_refusal (cursor, frame);
      break;
    case SRUDP_CHAT_FRAME_BYE:
      good = get_uint (cursor, 1, &value);
      frame->reason = value == SRUDP_CHAT_BYE_DECLINED ? SRUDP_CHAT_BYE_DECLINED
                                                       : SRUDP_CHAT_BYE_LEFT;
      break;
    case SRUDP_CHAT_FRAME_TYPING:
      good = get_uint (cursor, 1, &value);
      frame->typing = value != 0;
      break;
    default:
      return BODY_UNKNOWN;
    }
  return good ? BODY_KNOWN : BODY_MALFORMED;
}

SrudpChatDecoder *
srudp_chat_decoder_new (void)
{
  SrudpChatDecoder *self = g_new0 (SrudpChatDecoder, 1);

  self->pending = g_byte_array_new ();
  return self;
}

void
srudp_chat_decoder_free (SrudpChatDecoder *self)
{
  g_byte_array_unref (self->pending);
  g_free (self);
}

void
srudp_chat_decoder_push (SrudpChatDecoder *self,
                         const guint8     *data,
                         gsize             size)
{
  if (self->malformed || size == 0)
    return;
  if (self->consumed > 0)
    {
      g_byte_array_remove_range (self->pending, 0, (guint) self->consumed);
      self->consumed = 0;
    }
  g_byte_array_append (self->pending, data, (guint) size);
}

static SrudpChatDecodeResult
give_up (SrudpChatDecoder *self)
{
  self->malformed = TRUE;
  g_byte_array_set_size (self->pending, 0);
  self->consumed = 0;
  return SRUDP_CHAT_DECODE_MALFORMED;
}

/* Frames of types not known here are passed over. @frame is written only if
 * there is one; clear it afterwards. */
SrudpChatDecodeResult
srudp_chat_decoder_next (SrudpChatDecoder *self,
                         SrudpChatFrame   *frame)
{
  while (!self->malformed)
    {
      g_auto (SrudpChatFrame) next = { 0 };
      Cursor cursor = { self->pending->data + self->consumed,
                        self->pending->len - self->consumed };
      guint64 length;
      BodyResult result;

      if (!get_uint (&cursor, LENGTH_BYTES, &length))
        return SRUDP_CHAT_DECODE_MORE;
      if (length == 0 || length > SRUDP_CHAT_MAX_FRAME_BYTES)
        return give_up (self);
      if (cursor.left < length)
        return SRUDP_CHAT_DECODE_MORE;

      cursor.left = length;
      result = get_body (&cursor, &next);
      if (result == BODY_MALFORMED)
        return give_up (self);
      self->consumed += LENGTH_BYTES + length;
      if (result == BODY_KNOWN)
        {
          *frame = next;
          next.text = NULL;
          return SRUDP_CHAT_DECODE_FRAME;
        }
    }
  return SRUDP_CHAT_DECODE_MALFORMED;
}

/* --- Streams of files ------------------------------------------------------ */

/* @header has SRUDP_CHAT_STREAM_HEADER_BYTES. */
void
srudp_chat_stream_header_write (guint8  *header,
                                guint64  id,
                                guint64  offset_bytes)
{
  guint64 fields[] = { GUINT64_TO_BE (id), GUINT64_TO_BE (offset_bytes) };

  memcpy (header, fields, SRUDP_CHAT_STREAM_HEADER_BYTES);
}

void
srudp_chat_stream_header_read (const guint8 *header,
                               guint64      *id,
                               guint64      *offset_bytes)
{
  guint64 fields[2];

  memcpy (fields, header, SRUDP_CHAT_STREAM_HEADER_BYTES);
  *id = GUINT64_FROM_BE (fields[0]);
  *offset_bytes = GUINT64_FROM_BE (fields[1]);
}
