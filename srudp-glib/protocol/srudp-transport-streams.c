/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-transport-streams.c: the application's calls on streams and datagrams
 */
#include "srudp-transport-private.h"

gboolean
srudp_transport_open_stream (SrudpTransport *self,
                             guint64        *stream_id)
{
  return srudp_transport_is_open (self)
         && srudp_stream_table_open (&self->streams, stream_id);
}

gboolean
srudp_transport_write (SrudpTransport *self,
                       gint64          now,
                       guint64         stream_id,
                       SrudpSlice     *slice)
{
  srudp_transport_set_now (self, now);

  return srudp_transport_is_open (self)
         && srudp_stream_table_write (&self->streams, stream_id, slice);
}

gsize
srudp_transport_get_write_capacity (SrudpTransport *self,
                                    guint64         stream_id)
{
  if (!srudp_transport_is_open (self))
    return 0;

  return srudp_stream_table_get_write_capacity (&self->streams, stream_id);
}

void
srudp_transport_finish (SrudpTransport *self,
                        gint64          now,
                        guint64         stream_id)
{
  srudp_transport_set_now (self, now);
  if (srudp_transport_is_open (self))
    srudp_stream_table_finish (&self->streams, stream_id);
}

void
srudp_transport_reset_stream (SrudpTransport *self,
                              gint64          now,
                              guint64         stream_id,
                              guint64         code)
{
  srudp_transport_set_now (self, now);
  if (self->state != SRUDP_STATE_CLOSED)
    srudp_stream_table_reset (&self->streams, stream_id, code);
}

void
srudp_transport_set_stream_priority (SrudpTransport *self,
                                     guint64         stream_id,
                                     guint           priority)
{
  srudp_stream_table_set_priority (&self->streams, stream_id, priority);
}

/* What arrived before the end may be read after it. */
gboolean
srudp_transport_read (SrudpTransport *self,
                      guint64         stream_id,
                      SrudpSlice     *slice)
{
  return srudp_stream_table_read (&self->streams, stream_id, slice);
}

void
srudp_transport_consume (SrudpTransport *self,
                         gint64          now,
                         guint64         stream_id,
                         gsize           n_bytes)
{
  srudp_transport_set_now (self, now);
  srudp_stream_table_consume (&self->streams, self->now, stream_id, n_bytes);
}

SrudpReadState
srudp_transport_get_read_state (SrudpTransport *self,
                                guint64         stream_id)
{
  return srudp_stream_table_get_read_state (&self->streams, stream_id);
}

void
srudp_transport_stop_reading (SrudpTransport *self,
                              gint64          now,
                              guint64         stream_id,
                              guint64         code)
{
  srudp_transport_set_now (self, now);
  if (self->state != SRUDP_STATE_CLOSED)
    srudp_stream_table_stop_reading (&self->streams, stream_id, code);
}

guint64
srudp_transport_get_written_offset (SrudpTransport *self,
                                    guint64         stream_id)
{
  return srudp_stream_table_get_written_offset (&self->streams, stream_id);
}

guint64
srudp_transport_get_acked_offset (SrudpTransport *self,
                                  guint64         stream_id)
{
  return srudp_stream_table_get_acked_offset (&self->streams, stream_id);
}

void
srudp_transport_watch_delivered (SrudpTransport *self,
                                 guint64         stream_id,
                                 guint64         offset)
{
  srudp_stream_table_watch_delivered (&self->streams, stream_id, offset);
}

/* One that fills a packet alone goes without a length. */
gsize
srudp_transport_get_max_datagram_size (SrudpTransport *self)
{
  gsize room = srudp_pmtud_get_size (&self->pmtud) - SRUDP_PACKET_MAX_OVERHEAD
               - srudp_varint_size (SRUDP_FRAME_DATAGRAM);

  if (!srudp_transport_is_open (self))
    return 0;

  return MIN (room, self->remote_params.max_datagram_bytes);
}

gboolean
srudp_transport_send_datagram (SrudpTransport *self,
                               gint64          now,
                               const guint8   *data,
                               gsize           size)
{
  srudp_transport_set_now (self, now);

  return srudp_transport_is_open (self)
         && size <= srudp_transport_get_max_datagram_size (self)
         && srudp_datagram_queue_push (&self->datagrams, self->now, data, size);
}
