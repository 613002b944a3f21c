/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-sent-packets.h: ledger of sent packets and what they carried
 *
 * A ring indexed by packet number, and a ring of frame records: no allocation
 * per packet. To send one packet:
 *
 *     if (srudp_sent_packets_wants_skip (ledger))
 *       srudp_sent_packets_skip (ledger, random_number);
 *     number = srudp_sent_packets_get_next (ledger);
 *     srudp_sent_packets_add_frame (ledger, &frame);  // as each is written
 *     srudp_sent_packets_commit (ledger, now, size, flags);
 *         // or srudp_sent_packets_abandon() when nothing came of it
 *
 * With srudp-recovery.h, srudp_recovery_on_sent() does the commit. To go
 * through what a packet carried:
 *
 *     for (i = 0; i < packet->n_frames; i++)
 *       frame = srudp_sent_packets_get_frame (ledger, packet, i);
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What one frame of a packet carried: enough to act on its loss or its
 * acknowledgement. The ledger never looks inside. */
typedef struct
{
  guint64 id;      /* stream id, sequence number, largest acknowledged … */
  guint64 offset;  /* of stream data, or the value of a limit */
  guint32 length;
  guint8 type;     /* frame type of the transport */
  guint8 flags;    /* FIN … */
} SrudpSentFrame;

typedef enum
{
  SRUDP_SENT_UNUSED = 0,  /* a skipped number */
  SRUDP_SENT_OUTSTANDING, /* neither acknowledged nor lost */
  SRUDP_SENT_ACKED,
  SRUDP_SENT_LOST,        /* declared lost; kept to notice a late ACK */
} SrudpSentState;

typedef enum
{
  SRUDP_SENT_ACK_ELICITING = 1 << 0,
  SRUDP_SENT_IN_FLIGHT = 1 << 1,  /* counts against the window */
  SRUDP_SENT_ECT0 = 1 << 2,       /* went out marked ECT(0) */
  SRUDP_SENT_MTU_PROBE = 1 << 3,  /* its loss is no congestion */
  SRUDP_SENT_APP_LIMITED = 1 << 4,/* set by the ledger */
  SRUDP_SENT_OLD_PATH = 1 << 5,   /* sent before the last path change, or
                                   * along another path: counts for nothing */
  SRUDP_SENT_LISTED = 1 << 6,     /* the caller has yet to see it */
  SRUDP_SENT_KNOCK = 1 << 7,      /* asks a silent peer for an answer, outside
                                   * of the window */
} SrudpSentFlags;

typedef struct
{
  guint64 number;
  gint64 sent_time;
  /* Snapshot for the delivery rate (draft-cheng-iccrg-delivery-rate-
   * estimation 3.2). */
  guint64 delivered;
  gint64 delivered_time;
  gint64 first_sent_time;
  gint64 lost_time;       /* when it was declared lost */
  guint64 first_frame;    /* position in the ring of frames */
  guint64 link;           /* the next packet of the list it is in */
  guint32 run;            /* acknowledged: so many below it are, too */
  guint16 n_frames;
  guint16 size;           /* UDP payload bytes */
  guint8 flags;           /* SrudpSentFlags */
  guint8 state;           /* SrudpSentState */
} SrudpSentPacket;

/* One ACK's estimate of the delivery rate. */
typedef struct
{
  guint64 bytes_per_second;  /* 0: no valid sample */
  guint64 prior_delivered;   /* delivered when the newest acked one was sent */
  guint64 delivered;         /* bytes delivered over the interval */
  gint64 interval_us;
  gboolean app_limited;
  /* While it is being made: of the newest packet acknowledged. */
  gboolean has_packet;
  guint64 number;
  gint64 prior_time;
  gint64 send_elapsed_us;
} SrudpRateSample;

typedef struct _SrudpSentPackets SrudpSentPackets;

SrudpSentPackets *srudp_sent_packets_new  (guint64           first_number,
                                           guint32           random);
void     srudp_sent_packets_free          (SrudpSentPackets *self);

/* Sending. */
/* It is time to leave one number out, so that a peer that acknowledges what
 * it never saw is found out (RFC 9000 21.4). */
gboolean srudp_sent_packets_wants_skip    (const SrudpSentPackets *self);
void     srudp_sent_packets_skip          (SrudpSentPackets *self,
                                           guint32           random);
guint64  srudp_sent_packets_get_next      (const SrudpSentPackets *self);
void     srudp_sent_packets_add_frame     (SrudpSentPackets     *self,
                                           const SrudpSentFrame *frame);
const SrudpSentPacket *
         srudp_sent_packets_commit        (SrudpSentPackets *self,
                                           gint64            now,
                                           guint16           size,
                                           SrudpSentFlags    flags);
void     srudp_sent_packets_abandon       (SrudpSentPackets *self);

/* Looking. Pointers are valid until the next commit or trim. */
/* NULL when the number was never sent or its record is gone already. */
SrudpSentPacket *
         srudp_sent_packets_lookup        (SrudpSentPackets *self,
                                           guint64           number);
const SrudpSentFrame *
         srudp_sent_packets_get_frame     (const SrudpSentPackets *self,
                                           const SrudpSentPacket  *packet,
                                           guint                   i);
/* Numbers from get_first() to get_next() - 1 can be looked up. */
guint64  srudp_sent_packets_get_first     (const SrudpSentPackets *self);
/* Some number in the range was never sent: the peer lies. */
gboolean srudp_sent_packets_has_unsent    (const SrudpSentPackets *self,
                                           guint64                 first,
                                           guint64                 last);
/* The oldest ack-eliciting packet still outstanding, NULL when none: what a
 * probe best repeats. */
SrudpSentPacket *
         srudp_sent_packets_get_oldest    (SrudpSentPackets *self);
guint64  srudp_sent_packets_get_bytes_in_flight (const SrudpSentPackets *self);
guint    srudp_sent_packets_get_n_eliciting     (const SrudpSentPackets *self);
/* Packets that ask for no answer, such as pure ACKs, behind one that did and
 * has none yet. */
guint    srudp_sent_packets_get_n_quiet         (const SrudpSentPackets *self);
guint64  srudp_sent_packets_get_delivered       (const SrudpSentPackets *self);
/* It is lost, and need not be remembered as such. */
void     srudp_sent_packets_give_up             (SrudpSentPackets *self,
                                                 SrudpSentPacket  *packet);
/* Bytes of memory held. */
gsize    srudp_sent_packets_get_memory    (const SrudpSentPackets *self);

/* State changes; srudp-loss.c does these. */
void     srudp_sent_packets_set_acked     (SrudpSentPackets *self,
                                           SrudpSentPacket  *packet,
                                           gint64            now,
                                           SrudpRateSample  *sample);
void     srudp_sent_packets_set_lost      (SrudpSentPackets *self,
                                           SrudpSentPacket  *packet,
                                           gint64            now);
/* After all packets of one ACK: computes the rate of the sample. */
void     srudp_sent_packets_finish_sample (SrudpSentPackets *self,
                                           gint64            min_rtt_us,
                                           SrudpRateSample  *sample);
/* Releases what is acknowledged, and what was lost at `lost_before` or
 * earlier; gives memory back when little is left. */
void     srudp_sent_packets_trim          (SrudpSentPackets *self,
                                           gint64            lost_before);
/* The sender has nothing to send though it might: rates measured from what is
 * in flight now are lower bounds. */
void     srudp_sent_packets_set_app_limited (SrudpSentPackets *self);
/* A new path: packets so far count against no window any more. */
void     srudp_sent_packets_start_path    (SrudpSentPackets *self);

G_END_DECLS
