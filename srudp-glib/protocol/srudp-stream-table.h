/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-stream-table.h: all streams of a connection
 *
 * Ids: stream 0 is the connection's own and there from the start; the Noise
 * initiator opens 2, 4, 6 …, the responder 1, 3, 5 …; all are bidirectional. A
 * closed stream leaves nothing behind: an id below the next one that is not in
 * the table is a closed one.
 *
 * The owner of the table builds packets like this: write the control frames
 * that next_control() gives, then let the streams that next_sender() gives put
 * pieces of data into the packet, and remember each written frame as the
 * SrudpSentFrame it fills in until that is acknowledged or lost: .id is the
 * stream, .offset the data's place or the limit told, .flags
 * SRUDP_STREAM_FLAG_FIN.
 */
#pragma once

#include "srudp-engine.h"
#include "srudp-sent-packets.h"
#include "srudp-stream-state.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean initiator;
  guint64 local_max_data;        /* what we allow: our transport parameters */
  guint64 local_max_stream_data;
  guint64 local_max_streams;     /* open at the same time */
  guint64 remote_max_data;       /* what the peer allows: its parameters */
  guint64 remote_max_stream_data;
  guint64 remote_max_streams;
  guint64 max_receive_window;        /* autotuning ends here */
  guint64 max_stream_receive_window;
  guint64 first_offset;          /* of each stream; limits count from there */
  guint64 n_streams_before;      /* opened by each side, and over */
  gsize send_buffer_bytes;       /* a stream may hold so many never sent … */
  guint64 max_pending_bytes;     /* … and so many with those in flight */
} SrudpStreamTableConfig;

/* Streams whose work needs no connection credit (lost bytes, a lone FIN), and
 * those with new bytes. */
#define SRUDP_SEND_CLASSES 2

/* Frames about the connection that wait to be sent. */
typedef enum
{
  SRUDP_CONNECTION_PENDING_MAX_DATA = 1 << 0,
  SRUDP_CONNECTION_PENDING_MAX_STREAMS = 1 << 1,
  SRUDP_CONNECTION_PENDING_BLOCKED = 1 << 2,
  SRUDP_CONNECTION_PENDING_STREAMS_BLOCKED = 1 << 3,
} SrudpConnectionFlags;

typedef struct
{
  SrudpStreamTableConfig config;
  GHashTable *streams; /* by &stream->id; stream 0 is not in it */
  SrudpStream *main_stream;
  SrudpReceiveWindow receive_window;
  SrudpSendWindow send_window;

  guint64 next_local;  /* ordinal (1, 2 …) of the next stream to open */
  guint64 next_remote;
  guint64 remote_limit;     /* highest ordinal the peer allows us */
  guint64 advertised_limit; /* highest ordinal we allowed the peer */
  gboolean is_awaited;      /* an open was refused, and no event told since
                             * that another may be tried */
  guint64 n_remote_closed;
  guint pending; /* SrudpConnectionFlags */
  gboolean is_shut_down;

  SrudpStreamList control, events;
  SrudpStreamList send[SRUDP_SEND_CLASSES][SRUDP_STREAM_PRIORITIES];
  guint first_priority; /* none below has a stream that waits to send */
  gint64 rtt_us;

  guint64 stream_bytes_received; /* application bytes in order, once */
  guint64 stream_bytes_sent;     /* first transmissions */
  guint64 bytes_retransmitted;
} SrudpStreamTable;

void     srudp_stream_table_init  (SrudpStreamTable             *table,
                                   const SrudpStreamTableConfig *config);
void     srudp_stream_table_clear (SrudpStreamTable             *table);
/* For the windows' autotuning; -1: unknown. */
void     srudp_stream_table_set_rtt (SrudpStreamTable           *table,
                                     gint64                      rtt_us);
/* How much a stream buffers, beside what is in flight, before its write
 * capacity is 0. */
void     srudp_stream_table_set_send_buffer (SrudpStreamTable   *table,
                                             gsize               bytes);

/* Where autotuning ends from now on, for the connection and for each of its
 * streams, and what a stream may hold of bytes that are not acknowledged. */
void     srudp_stream_table_set_max_windows (SrudpStreamTable   *table,
                                             guint64             connection_max,
                                             guint64             stream_max,
                                             guint64             max_pending);

/* --- Frames from the peer ------------------------------------------------ */

/* Takes STREAM, RESET_STREAM, STOP_SENDING, MAX_DATA, MAX_STREAM_DATA,
 * MAX_STREAMS and the *_BLOCKED frames. Any result but OK and NOT_TAKEN breaks
 * the protocol. */
SrudpStreamResult srudp_stream_table_receive (SrudpStreamTable  *table,
                                              gint64             now,
                                              const SrudpFrame  *frame);

/* --- Frames to the peer -------------------------------------------------- */

/* Something that may be sent now. */
gboolean srudp_stream_table_has_work      (SrudpStreamTable     *table);
/* The next MAX_*, *_BLOCKED, RESET_STREAM or STOP_SENDING frame; it stays
 * until control_sent(). */
gboolean srudp_stream_table_next_control  (SrudpStreamTable     *table,
                                           SrudpFrame           *frame);
void     srudp_stream_table_control_sent  (SrudpStreamTable     *table,
                                           const SrudpFrame     *frame,
                                           SrudpSentFrame       *sent);

/* The stream whose turn it is, with something to send; NULL: none, or blocked
 * by flow control. */
SrudpStream *srudp_stream_table_next_sender (SrudpStreamTable   *table);
/* Puts one STREAM frame of that stream into the packet and passes the turn on.
 * FALSE: no useful piece fits; nothing is written. `to_end` of the frame is
 * chosen here, so a frame may fill the packet: look at the writer's room. */
gboolean srudp_stream_table_write_frame   (SrudpStreamTable     *table,
                                           SrudpStream          *stream,
                                           SrudpWriter          *writer,
                                           SrudpSentFrame       *sent);

/* The fate of what was sent. A late acknowledgement after a loss is fine. */
void     srudp_stream_table_acked         (SrudpStreamTable     *table,
                                           const SrudpSentFrame *sent);
void     srudp_stream_table_lost          (SrudpStreamTable     *table,
                                           const SrudpSentFrame *sent);

/* --- Events -------------------------------------------------------------- */

/* FALSE: there is none for sure. */
gboolean srudp_stream_table_has_event     (const SrudpStreamTable *table);
/* STREAMS_AVAILABLE; STREAM_OPENED, READABLE, WRITABLE, WRITE_STOPPED,
 * DELIVERED, each at most once for a stream until it is polled. READABLE comes
 * when bytes appear where there were none, or the end: read until FALSE, then
 * ask for the state. */
gboolean srudp_stream_table_poll_event    (SrudpStreamTable     *table,
                                           SrudpEvent           *event);

/* --- The application's side, as srudp-engine.h tells it ------------------ */

/* An id that is unknown, or whose stream is closed, is harmless in all of
 * these. FALSE: the peer allows no more now. It is told that we are blocked;
 * STREAMS_AVAILABLE follows when it does. */
gboolean srudp_stream_table_open          (SrudpStreamTable     *table,
                                           guint64              *stream_id);
/* Takes the reference in the slice, unless it returns FALSE. */
gboolean srudp_stream_table_write         (SrudpStreamTable     *table,
                                           guint64               stream_id,
                                           SrudpSlice           *slice);
gsize    srudp_stream_table_get_write_capacity (SrudpStreamTable *table,
                                                guint64           stream_id);
void     srudp_stream_table_finish        (SrudpStreamTable     *table,
                                           guint64               stream_id);
void     srudp_stream_table_reset         (SrudpStreamTable     *table,
                                           guint64               stream_id,
                                           guint64               code);
gboolean srudp_stream_table_read          (SrudpStreamTable     *table,
                                           guint64               stream_id,
                                           SrudpSlice           *slice);
/* Call it after giving back the slice: a block that nobody looks at any more is
 * freed here. */
void     srudp_stream_table_consume       (SrudpStreamTable     *table,
                                           gint64                now,
                                           guint64               stream_id,
                                           gsize                 n_bytes);
/* EOF also for a stream that is closed and gone. */
SrudpReadState srudp_stream_table_get_read_state (SrudpStreamTable *table,
                                                  guint64           stream_id);
void     srudp_stream_table_stop_reading  (SrudpStreamTable     *table,
                                           guint64               stream_id,
                                           guint64               code);
void     srudp_stream_table_set_priority  (SrudpStreamTable     *table,
                                           guint64               stream_id,
                                           guint                 priority);
guint64  srudp_stream_table_get_written_offset (SrudpStreamTable *table,
                                                guint64           stream_id);
guint64  srudp_stream_table_get_acked_offset (SrudpStreamTable  *table,
                                              guint64            stream_id);
void     srudp_stream_table_watch_delivered (SrudpStreamTable   *table,
                                             guint64             stream_id,
                                             guint64             offset);

/* --- Closing ------------------------------------------------------------- */

/* Finishes every output and stops reading every input. */
void     srudp_stream_table_shut_down     (SrudpStreamTable     *table);
/* Every output ended and was acknowledged (or was reset, and that was). */
gboolean srudp_stream_table_is_flushed    (SrudpStreamTable     *table);
/* For statistics: received but not consumed, written but not acknowledged. */
guint64  srudp_stream_table_get_unread    (SrudpStreamTable     *table);
guint64  srudp_stream_table_get_unacknowledged (SrudpStreamTable *table);

G_END_DECLS
