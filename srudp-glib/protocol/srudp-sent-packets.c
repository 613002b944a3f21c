/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-sent-packets.c: ledger of sent packets and what they carried
 */
#include "srudp-sent-packets.h"

#include <string.h>

/* Both rings have a power of two of places, at least these. */
#define MIN_PACKETS 8
#define MIN_FRAMES 16
/* Shrink when less than an eighth is in use. */
#define SHRINK_FACTOR 8
/* The numbers left out lie ever further apart: a gap costs the peer a range.
 * The latest of them are remembered, longer than any packet is. */
#define MIN_SKIP_INTERVAL 64
#define MAX_SKIP_INTERVAL 65536
#define N_SKIPPED 8

struct _SrudpSentPackets
{
  SrudpSentPacket *packets;
  guint64 first, next;      /* packet numbers first..next-1 are in the ring */
  guint64 capacity;
  SrudpSentFrame *frames;
  guint64 first_frame, next_frame;
  guint64 frame_capacity;
  guint n_building;         /* frames of the packet that is being built */

  guint64 start;            /* first number of all */
  guint64 skipped[N_SKIPPED];
  guint n_skipped;          /* ever */
  guint64 next_skip;
  guint64 skip_interval;

  guint64 oldest;           /* nothing in flight below this number */
  guint64 bytes_in_flight;
  guint n_eliciting;
  guint n_quiet;

  /* draft-cheng-iccrg-delivery-rate-estimation 3.2. */
  guint64 delivered;
  gint64 delivered_time;
  gint64 first_sent_time;
  guint64 app_limited_until; /* a value of delivered; 0: not limited */
};

static SrudpSentPacket *
get_packet (const SrudpSentPackets *self,
            guint64                 number)
{
  return &self->packets[number & (self->capacity - 1)];
}

static SrudpSentFrame *
get_frame (const SrudpSentPackets *self,
           guint64                 position)
{
  return &self->frames[position & (self->frame_capacity - 1)];
}

static void
schedule_skip (SrudpSentPackets *self,
               guint32           random)
{
  self->next_skip = self->next + self->skip_interval / 2
                    + random % self->skip_interval;
  self->skip_interval = MIN (self->skip_interval * 2, MAX_SKIP_INTERVAL);
}

SrudpSentPackets *
srudp_sent_packets_new (guint64 first_number,
                        guint32 random)
{
  SrudpSentPackets *self = g_new0 (SrudpSentPackets, 1);

  self->start = self->first = self->next = self->oldest = first_number;
  self->skip_interval = MIN_SKIP_INTERVAL;
  schedule_skip (self, random);

  return self;
}

void
srudp_sent_packets_free (SrudpSentPackets *self)
{
  if (self == NULL)
    return;

  g_free (self->packets);
  g_free (self->frames);
  g_free (self);
}

static void
resize_packets (SrudpSentPackets *self,
                guint64           capacity)
{
  SrudpSentPacket *packets = g_new (SrudpSentPacket, capacity);

  for (guint64 n = self->first; n < self->next; n++)
    packets[n & (capacity - 1)] = *get_packet (self, n);
  g_free (self->packets);
  self->packets = packets;
  self->capacity = capacity;
}

static void
resize_frames (SrudpSentPackets *self,
               guint64           capacity)
{
  SrudpSentFrame *frames = g_new (SrudpSentFrame, capacity);

  for (guint64 n = self->first_frame; n < self->next_frame; n++)
    frames[n & (capacity - 1)] = *get_frame (self, n);
  g_free (self->frames);
  self->frames = frames;
  self->frame_capacity = capacity;
}

static SrudpSentPacket *
append_packet (SrudpSentPackets *self)
{
  SrudpSentPacket *packet;

  if (self->next - self->first == self->capacity)
    resize_packets (self, MAX (self->capacity * 2, MIN_PACKETS));

  packet = get_packet (self, self->next);
  *packet = (SrudpSentPacket) { .number = self->next++ };

  return packet;
}

gboolean
srudp_sent_packets_wants_skip (const SrudpSentPackets *self)
{
  return self->next >= self->next_skip;
}

void
srudp_sent_packets_skip (SrudpSentPackets *self,
                         guint32           random)
{
  SrudpSentPacket *packet = append_packet (self);

  packet->state = SRUDP_SENT_UNUSED;
  packet->first_frame = self->next_frame - self->n_building;
  self->skipped[self->n_skipped++ % N_SKIPPED] = packet->number;
  schedule_skip (self, random);
}

guint64
srudp_sent_packets_get_next (const SrudpSentPackets *self)
{
  return self->next;
}

void
srudp_sent_packets_add_frame (SrudpSentPackets     *self,
                              const SrudpSentFrame *frame)
{
  g_return_if_fail (self->n_building < G_MAXUINT16);

  if (self->next_frame - self->first_frame == self->frame_capacity)
    resize_frames (self, MAX (self->frame_capacity * 2, MIN_FRAMES));

  *get_frame (self, self->next_frame++) = *frame;
  self->n_building++;
}

void
srudp_sent_packets_abandon (SrudpSentPackets *self)
{
  self->next_frame -= self->n_building;
  self->n_building = 0;
}

/* It asks for no answer, and whether it arrived was not told by chance. */
static gboolean
is_quiet (const SrudpSentPacket *packet)
{
  return packet->state == SRUDP_SENT_OUTSTANDING
         && !(packet->flags
              & (SRUDP_SENT_IN_FLIGHT | SRUDP_SENT_ACK_ELICITING));
}

static gboolean
is_settled (const SrudpSentPacket *packet,
            gint64                 lost_before)
{
  if (packet->flags & SRUDP_SENT_LISTED)
    return FALSE;

  switch (packet->state)
    {
    case SRUDP_SENT_LOST:
      return packet->lost_time <= lost_before;
    case SRUDP_SENT_OUTSTANDING:
      return is_quiet (packet);
    default:
      return TRUE;
    }
}

static void
take_snapshot (SrudpSentPackets *self,
               SrudpSentPacket  *packet,
               gint64            now)
{
  /* After an idle time the clocks of the rate start anew. */
  if (self->bytes_in_flight == 0)
    self->first_sent_time = self->delivered_time = now;

  packet->delivered = self->delivered;
  packet->delivered_time = self->delivered_time;
  packet->first_sent_time = self->first_sent_time;
  if (self->app_limited_until > 0)
    packet->flags |= SRUDP_SENT_APP_LIMITED;
}

const SrudpSentPacket *
srudp_sent_packets_commit (SrudpSentPackets *self,
                           gint64            now,
                           guint16           size,
                           SrudpSentFlags    flags)
{
  SrudpSentPacket *packet;

  /* Pure ACKs are never acknowledged: they must not pile up. */
  if (self->first < self->next && is_settled (get_packet (self, self->first), -1))
    srudp_sent_packets_trim (self, -1);

  packet = append_packet (self);
  packet->state = SRUDP_SENT_OUTSTANDING;
  packet->sent_time = now;
  packet->size = size;
  packet->flags = (guint8) flags;
  packet->first_frame = self->next_frame - self->n_building;
  packet->n_frames = (guint16) self->n_building;
  self->n_building = 0;

  if (flags & SRUDP_SENT_IN_FLIGHT)
    {
      take_snapshot (self, packet, now);
      self->bytes_in_flight += size;
    }
  if (flags & SRUDP_SENT_ACK_ELICITING)
    self->n_eliciting++;
  if (is_quiet (packet))
    self->n_quiet++;

  return packet;
}

SrudpSentPacket *
srudp_sent_packets_lookup (SrudpSentPackets *self,
                           guint64           number)
{
  SrudpSentPacket *packet;

  if (number < self->first || number >= self->next)
    return NULL;

  packet = get_packet (self, number);
  return packet->state == SRUDP_SENT_UNUSED ? NULL : packet;
}

const SrudpSentFrame *
srudp_sent_packets_get_frame (const SrudpSentPackets *self,
                              const SrudpSentPacket  *packet,
                              guint                   i)
{
  return i < packet->n_frames ? get_frame (self, packet->first_frame + i)
                              : NULL;
}

guint64
srudp_sent_packets_get_first (const SrudpSentPackets *self)
{
  return self->first;
}

gboolean
srudp_sent_packets_has_unsent (const SrudpSentPackets *self,
                               guint64                 first,
                               guint64                 last)
{
  if (first < self->start || last >= self->next)
    return TRUE;

  for (guint i = 0; i < MIN (self->n_skipped, N_SKIPPED); i++)
    if (first <= self->skipped[i] && self->skipped[i] <= last)
      return TRUE;

  return FALSE;
}

SrudpSentPacket *
srudp_sent_packets_get_oldest (SrudpSentPackets *self)
{
  if (self->n_eliciting == 0)
    return NULL;

  for (self->oldest = MAX (self->oldest, self->first);
       self->oldest < self->next;
       self->oldest++)
    {
      SrudpSentPacket *packet = get_packet (self, self->oldest);

      if (packet->state == SRUDP_SENT_OUTSTANDING
          && (packet->flags & SRUDP_SENT_ACK_ELICITING) != 0)
        return packet;
    }

  return NULL;
}

guint64
srudp_sent_packets_get_bytes_in_flight (const SrudpSentPackets *self)
{
  return self->bytes_in_flight;
}

guint
srudp_sent_packets_get_n_eliciting (const SrudpSentPackets *self)
{
  return self->n_eliciting;
}

guint
srudp_sent_packets_get_n_quiet (const SrudpSentPackets *self)
{
  return self->n_quiet;
}

guint64
srudp_sent_packets_get_delivered (const SrudpSentPackets *self)
{
  return self->delivered;
}

gsize
srudp_sent_packets_get_memory (const SrudpSentPackets *self)
{
  return sizeof *self + self->capacity * sizeof *self->packets
         + self->frame_capacity * sizeof *self->frames;
}

/* It leaves the network, in whatever way. */
static void
settle (SrudpSentPackets *self,
        SrudpSentPacket  *packet,
        SrudpSentState    state)
{
  if (is_quiet (packet))
    self->n_quiet--;
  else if (packet->state == SRUDP_SENT_OUTSTANDING)
    {
      if (packet->flags & SRUDP_SENT_ACK_ELICITING)
        self->n_eliciting--;
      if ((packet->flags & SRUDP_SENT_IN_FLIGHT)
          && !(packet->flags & SRUDP_SENT_OLD_PATH))
        self->bytes_in_flight -= packet->size;
    }
  packet->state = (guint8) state;
}

void
srudp_sent_packets_set_acked (SrudpSentPackets *self,
                              SrudpSentPacket  *packet,
                              gint64            now,
                              SrudpRateSample  *sample)
{
  settle (self, packet, SRUDP_SENT_ACKED);
  if (!(packet->flags & SRUDP_SENT_IN_FLIGHT)
      || (packet->flags & SRUDP_SENT_OLD_PATH))
    return;

  self->delivered += packet->size;
  self->delivered_time = now;

  /* The packet sent last tells most. */
  if (sample->has_packet && packet->number < sample->number)
    return;
  sample->has_packet = TRUE;
  sample->number = packet->number;
  sample->prior_delivered = packet->delivered;
  sample->prior_time = packet->delivered_time;
  sample->send_elapsed_us = packet->sent_time - packet->first_sent_time;
  sample->app_limited = (packet->flags & SRUDP_SENT_APP_LIMITED) != 0;
  self->first_sent_time = packet->sent_time;
}

void
srudp_sent_packets_set_lost (SrudpSentPackets *self,
                             SrudpSentPacket  *packet,
                             gint64            now)
{
  settle (self, packet, SRUDP_SENT_LOST);
  packet->lost_time = now;
}

void
srudp_sent_packets_give_up (SrudpSentPackets *self,
                            SrudpSentPacket  *packet)
{
  settle (self, packet, SRUDP_SENT_LOST);
  packet->lost_time = -1;
}

void
srudp_sent_packets_finish_sample (SrudpSentPackets *self,
                                  gint64            min_rtt_us,
                                  SrudpRateSample  *sample)
{
  gint64 ack_elapsed_us;

  if (self->delivered > self->app_limited_until)
    self->app_limited_until = 0;
  if (!sample->has_packet)
    return;

  ack_elapsed_us = self->delivered_time - sample->prior_time;
  sample->interval_us = MAX (sample->send_elapsed_us, ack_elapsed_us);
  sample->delivered = self->delivered - sample->prior_delivered;
  /* ACKs that arrive in a lump would show too high a rate (3.3). */
  if (sample->interval_us <= 0 || sample->interval_us < min_rtt_us)
    return;

  sample->bytes_per_second = sample->delivered * G_USEC_PER_SEC
                             / (guint64) sample->interval_us;
}

static guint64
get_smaller (guint64 capacity,
             guint64 n_used,
             guint64 least)
{
  while (capacity > least && n_used < capacity / SHRINK_FACTOR)
    capacity /= 2;

  return capacity;
}

/* At once, not by and by: nothing may happen any more for a long time. */
static void
shrink (SrudpSentPackets *self)
{
  guint64 capacity = get_smaller (self->capacity, self->next - self->first,
                                  MIN_PACKETS);
  guint64 frame_capacity = get_smaller (self->frame_capacity,
                                        self->next_frame - self->first_frame,
                                        MIN_FRAMES);

  if (capacity < self->capacity)
    resize_packets (self, capacity);
  if (frame_capacity < self->frame_capacity)
    resize_frames (self, frame_capacity);
}

void
srudp_sent_packets_trim (SrudpSentPackets *self,
                         gint64            lost_before)
{
  guint64 first = self->first;

  while (self->first < self->next
         && is_settled (get_packet (self, self->first), lost_before))
    {
      if (is_quiet (get_packet (self, self->first)))
        self->n_quiet--;
      self->first++;
    }
  if (self->first == first)
    return;

  self->first_frame = self->first < self->next
    ? get_packet (self, self->first)->first_frame
    : self->next_frame - self->n_building;
  shrink (self);
}

void
srudp_sent_packets_set_app_limited (SrudpSentPackets *self)
{
  self->app_limited_until = MAX (self->delivered + self->bytes_in_flight, 1);
}

void
srudp_sent_packets_start_path (SrudpSentPackets *self)
{
  for (guint64 n = self->first; n < self->next; n++)
    get_packet (self, n)->flags |= SRUDP_SENT_OLD_PATH;

  self->bytes_in_flight = 0;
  self->app_limited_until = 0;
}
