/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-stream-state.h: the two state machines of one stream (RFC 9000, section 3)
 *
 * A stream is changed through its table (srudp-stream-table.h), which knows
 * about connection flow control, limits and turns.
 */
#pragma once

#include "srudp-flow-window.h"
#include "srudp-frame.h"
#include "srudp-receive-buffer.h"
#include "srudp-send-buffer.h"

G_BEGIN_DECLS

/* RFC 9000, section 3.1. Ready and Send are one: ids are not lazy here. */
typedef enum
{
  SRUDP_SEND_STATE_SEND = 0,
  SRUDP_SEND_STATE_DATA_SENT,  /* all of it was sent, FIN too */
  SRUDP_SEND_STATE_DATA_RECVD, /* and acknowledged: final */
  SRUDP_SEND_STATE_RESET_SENT,
  SRUDP_SEND_STATE_RESET_RECVD, /* final */
} SrudpSendState;

/* RFC 9000, section 3.2. */
typedef enum
{
  SRUDP_RECV_STATE_RECV = 0,
  SRUDP_RECV_STATE_SIZE_KNOWN,
  SRUDP_RECV_STATE_DATA_RECVD,
  SRUDP_RECV_STATE_DATA_READ,  /* final */
  SRUDP_RECV_STATE_RESET_RECVD,
  SRUDP_RECV_STATE_RESET_READ, /* final */
} SrudpRecvState;

/* Frames about a stream that wait to be sent, and events to be polled. */
typedef enum
{
  SRUDP_STREAM_PENDING_RESET = 1 << 0,
  SRUDP_STREAM_PENDING_STOP = 1 << 1,
  SRUDP_STREAM_PENDING_MAX_DATA = 1 << 2,
  SRUDP_STREAM_PENDING_BLOCKED = 1 << 3,
  SRUDP_STREAM_EVENT_OPENED = 1 << 4,
  SRUDP_STREAM_EVENT_READABLE = 1 << 5,
  SRUDP_STREAM_EVENT_WRITABLE = 1 << 6,
  SRUDP_STREAM_EVENT_STOPPED = 1 << 7,
  SRUDP_STREAM_EVENT_DELIVERED = 1 << 8,
} SrudpStreamFlags;
#define SRUDP_STREAM_PENDING_ANY 0x00f
#define SRUDP_STREAM_EVENT_ANY 0x1f0

/* Lower goes first (RFC 9218's urgency). */
#define SRUDP_STREAM_PRIORITIES 8
#define SRUDP_STREAM_PRIORITY_DEFAULT 3

typedef struct _SrudpStream SrudpStream;

/* A stream can be in one list of each kind. */
typedef enum
{
  SRUDP_STREAM_LIST_CONTROL = 0,
  SRUDP_STREAM_LIST_SEND,
  SRUDP_STREAM_LIST_EVENT,
} SrudpStreamListKind;
#define SRUDP_STREAM_N_LISTS 3

typedef struct
{
  SrudpStream *next, *prev;
} SrudpStreamLink;

typedef struct
{
  SrudpStream *first, *last;
} SrudpStreamList;

struct _SrudpStream
{
  guint64 id;
  guint flags; /* SrudpStreamFlags */
  guint8 priority;

  SrudpSendState send_state;
  SrudpSendBuffer send;
  SrudpSendWindow send_window;
  guint64 reset_code;
  guint64 peer_stop_code;
  guint64 watched_offset; /* 0: none */
  gboolean write_full;    /* capacity was seen to be 0 */

  SrudpRecvState recv_state;
  SrudpReceiveBuffer receive;
  SrudpReceiveWindow receive_window;
  guint64 peer_reset_code;
  guint64 stop_code;
  gboolean stop_sent;      /* nobody reads: input is discarded */
  gboolean end_seen;       /* the application knows of EOF or reset */

  SrudpStreamLink links[SRUDP_STREAM_N_LISTS]; /* of the table's lists */
  SrudpStreamList *lists[SRUDP_STREAM_N_LISTS]; /* NULL: in none */
};

SrudpStream *srudp_stream_new  (guint64      id,
                                guint64      send_limit,
                                guint64      receive_window,
                                guint64      max_receive_window);
void         srudp_stream_free (SrudpStream *stream);
/* As if so many bytes had passed each way; only at the beginning. */
void         srudp_stream_start_at (SrudpStream *stream,
                                    guint64      offset);

/* Both accept only the edges of RFC 9000's diagrams. */
void     srudp_stream_set_send_state (SrudpStream    *stream,
                                      SrudpSendState  state);
void     srudp_stream_set_recv_state (SrudpStream    *stream,
                                      SrudpRecvState  state);
gboolean srudp_stream_send_is_done   (const SrudpStream *stream);
/* Nothing more comes, and every byte of it was accounted for. */
gboolean srudp_stream_recv_is_done   (const SrudpStream *stream);

/* Moves it to the end of a list; out of the one it was in. NULL: into none. */
void     srudp_stream_enlist         (SrudpStream         *stream,
                                      SrudpStreamListKind  kind,
                                      SrudpStreamList     *list);

typedef enum
{
  SRUDP_STREAM_OK = 0,
  SRUDP_STREAM_FLOW_CONTROL, /* beyond a limit */
  SRUDP_STREAM_LIMIT,        /* more streams than allowed */
  SRUDP_STREAM_STATE,        /* a stream that cannot be, or not this way */
  SRUDP_STREAM_FINAL_SIZE,   /* RFC 9000, section 4.5 */
  SRUDP_STREAM_NOT_TAKEN,    /* no error, but do not acknowledge the packet */
} SrudpStreamResult;

G_END_DECLS
