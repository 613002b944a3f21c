/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-frame.h: the frames inside a transport packet
 *
 * Frames that exist in QUIC have its numbers and its layout (RFC 9000, section
 * 19; RFC 9221; the acknowledgement frequency extension). A type is a varint in
 * its shortest form. What differs from QUIC:
 *
 *     ACK                 delay in plain microseconds
 *     NEW_CONNECTION_ID   sequence, retire prior to, id (8 bytes); no length,
 *                         no token
 *     CLOSE               code, length, reason (at most 256 bytes)
 *
 * and these are our own, from 0x40 on (v: varint; an address is its family,
 * 4 or 6, in one byte, then 4 or 16 bytes of IP, then the port in two):
 *
 *     OBSERVED_ADDRESS    sequence (v), address
 *     ADD_ADDRESS         sequence (v), address
 *     REMOVE_ADDRESS      sequence (v)
 *     INTRODUCE           kind (1 byte), kind of NAT (1 byte), step of its ports (2
 *                         bytes, signed), peer key (32 bytes), number of
 *                         addresses (1 byte, at most 8), addresses
 *     KEY_SHARE           generation (v), share (32 bytes)
 *     SAS_REVEAL          nonce (32 bytes)
 */
#pragma once

#include "srudp-ack-ranges.h"
#include "srudp-introduction.h"
#include "srudp-reader.h"
#include "srudp-writer.h"

G_BEGIN_DECLS

typedef enum
{
  SRUDP_FRAME_PADDING = 0x00,
  SRUDP_FRAME_PING = 0x01,
  SRUDP_FRAME_ACK = 0x02, /* 0x03 with ECN counts */
  SRUDP_FRAME_RESET_STREAM = 0x04,
  SRUDP_FRAME_STOP_SENDING = 0x05,
  SRUDP_FRAME_STREAM = 0x08, /* to 0x0f, see SRUDP_STREAM_FLAG_* */
  SRUDP_FRAME_MAX_DATA = 0x10,
  SRUDP_FRAME_MAX_STREAM_DATA = 0x11,
  SRUDP_FRAME_MAX_STREAMS = 0x12,
  SRUDP_FRAME_DATA_BLOCKED = 0x14,
  SRUDP_FRAME_STREAM_DATA_BLOCKED = 0x15,
  SRUDP_FRAME_STREAMS_BLOCKED = 0x16,
  SRUDP_FRAME_NEW_CONNECTION_ID = 0x18, /* without a stateless reset token */
  SRUDP_FRAME_RETIRE_CONNECTION_ID = 0x19,
  SRUDP_FRAME_PATH_CHALLENGE = 0x1a,
  SRUDP_FRAME_PATH_RESPONSE = 0x1b,
  SRUDP_FRAME_CLOSE = 0x1d, /* the variant that names no frame type */
  SRUDP_FRAME_HANDSHAKE_DONE = 0x1e,
  SRUDP_FRAME_IMMEDIATE_ACK = 0x1f,
  SRUDP_FRAME_DATAGRAM = 0x30, /* 0x31 with a length */
  SRUDP_FRAME_OBSERVED_ADDRESS = 0x40,
  SRUDP_FRAME_ADD_ADDRESS = 0x41,
  SRUDP_FRAME_REMOVE_ADDRESS = 0x42,
  SRUDP_FRAME_INTRODUCE = 0x43,
  SRUDP_FRAME_KEY_SHARE = 0x44,
  SRUDP_FRAME_SAS_REVEAL = 0x45,
  SRUDP_FRAME_ACK_FREQUENCY = 0xaf,
} SrudpFrameType;

/* RFC 9000, section 19.8. */
#define SRUDP_STREAM_FLAG_FIN 0x01
#define SRUDP_STREAM_FLAG_LENGTH 0x02
#define SRUDP_STREAM_FLAG_OFFSET 0x04

/* More streams than this cannot have ids (RFC 9000, section 19.11). */
#define SRUDP_MAX_STREAMS (G_GUINT64_CONSTANT (1) << 60)
/* An ACK with more ranges than this is malformed. */
#define SRUDP_FRAME_MAX_ACK_RANGES 256
#define SRUDP_CLOSE_MAX_REASON_BYTES 256
#define SRUDP_PATH_CHALLENGE_BYTES 8
#define SRUDP_KEY_SHARE_BYTES 32
#define SRUDP_SAS_REVEAL_BYTES 32
/* The largest header of a STREAM frame: type, id, offset, length. */
#define SRUDP_STREAM_MAX_HEADER_BYTES (1 + 8 + 8 + 8)

/* The ranges stay in the packet; they were checked when it was parsed. */
typedef struct
{
  guint64 largest;
  gint64 delay_us; /* plain microseconds: there is no exponent */
  guint n_ranges;  /* at least 1 */
  gboolean has_ecn;
  SrudpEcnCounts ecn;
  const guint8 *ranges;
  gsize ranges_size;
} SrudpAckFrame;

/* `type` has no flag bits: it is one of the names above. Pointers lead into
 * the packet. */
typedef struct
{
  SrudpFrameType type;
  union
  {
    gsize padding; /* bytes: one frame stands for a whole run of them */
    SrudpAckFrame ack;
    struct
    {
      guint64 sequence;
      guint64 threshold; /* ack-eliciting packets that may go unanswered */
      guint64 max_ack_delay_us;
      guint64 reordering_threshold;
    } ack_frequency;
    struct
    {
      guint64 stream_id;
      guint64 offset;
      const guint8 *data;
      gsize length;
      gboolean fin;
    } stream;
    struct
    {
      guint64 stream_id;
      guint64 code;
      guint64 final_size;
    } reset_stream;
    struct
    {
      guint64 stream_id;
      guint64 code;
    } stop_sending;
    /* MAX_DATA, MAX_STREAM_DATA, MAX_STREAMS and the three *_BLOCKED; the
     * stream id only where the frame is about one stream. */
    struct
    {
      guint64 stream_id;
      guint64 maximum;
    } limit;
    struct
    {
      const guint8 *data;
      gsize length;
    } datagram;
    struct
    {
      guint8 data[SRUDP_PATH_CHALLENGE_BYTES];
    } path; /* PATH_CHALLENGE, PATH_RESPONSE */
    struct
    {
      guint64 sequence;
      guint64 retire_prior_to; /* NEW_CONNECTION_ID only */
      guint64 connection_id;   /* NEW_CONNECTION_ID only */
    } connection_id;
    struct
    {
      guint64 sequence;
      SrudpAddress address; /* not in REMOVE_ADDRESS */
    } address; /* OBSERVED_ADDRESS, ADD_ADDRESS, REMOVE_ADDRESS */
    SrudpIntroduction introduce;
    struct
    {
      guint64 generation;
      guint8 share[SRUDP_KEY_SHARE_BYTES];
    } key_share;
    struct
    {
      guint8 nonce[SRUDP_SAS_REVEAL_BYTES];
    } sas_reveal;
    struct
    {
      guint64 code;
      const guint8 *reason; /* no NUL; hostile text */
      gsize reason_length;
    } close;
  };
} SrudpFrame;

/* Reads one frame. FALSE: malformed or of an unknown type, which is a PROTOCOL
 * error; `frame` is then undefined. Call it while the reader is not empty. */
gboolean srudp_frame_parse (SrudpReader *reader,
                            SrudpFrame  *frame);

/* PADDING, ACK and CLOSE are all that need no acknowledgement (RFC 9000,
 * section 13.2). */
gboolean srudp_frame_type_is_ack_eliciting (SrudpFrameType type);
const char *srudp_frame_type_get_name      (SrudpFrameType type);

typedef struct
{
  SrudpReader reader;
  guint64 smallest; /* of the range given last */
  guint64 largest;  /* of the first range, until that is given */
  guint n_left;
  gboolean started;
} SrudpAckIter;

/* Gives the acknowledged packet numbers, highest range first. */
void     srudp_ack_iter_init (SrudpAckIter        *iter,
                              const SrudpAckFrame *ack);
gboolean srudp_ack_iter_next (SrudpAckIter        *iter,
                              SrudpAckRange       *range);
/* All of them at once; `out` has room for SRUDP_FRAME_MAX_ACK_RANGES. Returns
 * their number. */
guint    srudp_ack_frame_get_ranges (const SrudpAckFrame *ack,
                                     SrudpAckRange       *out);

/* Every writer returns FALSE, and leaves the writer as it was, when the frame
 * does not fit or cannot be expressed. */

/* Any frame but ACK. STREAM and DATAGRAM carry their length. */
gboolean srudp_frame_write          (SrudpWriter          *writer,
                                     const SrudpFrame     *frame);
/* For the frames that have no fields. */
gboolean srudp_frame_write_simple   (SrudpWriter          *writer,
                                     SrudpFrameType        type);
/* Acknowledges these ranges, given newest first with gaps between: as many of
 * them as fit, at least one. `ecn` may be NULL. */
gboolean srudp_frame_write_ack      (SrudpWriter          *writer,
                                     const SrudpAckRange  *ranges,
                                     guint                 n_ranges,
                                     gint64                delay_us,
                                     const SrudpEcnCounts *ecn);

/* How many of `wanted` stream bytes fit into `room` packet bytes together with
 * their header. `to_end` tells whether the frame fills the packet, and so goes
 * without a length. FALSE: not even one byte fits (wanted = 0: an empty frame
 * does not). */
gboolean srudp_frame_fit_stream     (gsize                 room,
                                     guint64               stream_id,
                                     guint64               offset,
                                     gsize                 wanted,
                                     gsize                *length,
                                     gboolean             *to_end);
/* Only the header; the caller puts exactly `length` bytes after it. */
gboolean srudp_frame_write_stream_header (SrudpWriter     *writer,
                                          guint64          stream_id,
                                          guint64          offset,
                                          gsize            length,
                                          gboolean         fin,
                                          gboolean         to_end);
/* `to_end` as above: no length, it must be the last frame of the packet. */
gboolean srudp_frame_write_datagram (SrudpWriter          *writer,
                                     const guint8         *data,
                                     gsize                 size,
                                     gboolean              to_end);

G_END_DECLS
