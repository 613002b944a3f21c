/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-stats.c: numbers of a connection at one moment
 */
#include "config.h"

#include "srudp-glib/srudp-stats.h"

#include "srudp-glib/srudp-stats-private.h"

/**
 * SrudpStats:
 *
 * Numbers of a [class@Srudp.Connection] at one moment, from
 * [method@Srudp.Connection.dup_stats].
 *
 * They don't change afterwards, and may be read from any thread.
 */
struct _SrudpStats
{
  SrudpSessionStats session;
  guint64 datagrams_dropped;
};

G_DEFINE_BOXED_TYPE (SrudpStats, srudp_stats, srudp_stats_copy,
                     srudp_stats_free)

SrudpStats *
srudp_stats_new (const SrudpSessionStats *session,
                 guint64                  datagrams_dropped)
{
  SrudpStats *self = g_new (SrudpStats, 1);

  self->session = *session;
  self->datagrams_dropped = datagrams_dropped;
  return self;
}

/**
 * srudp_stats_copy:
 * @self: some stats
 *
 * Copies them.
 *
 * Returns: (transfer full): the copy
 */
SrudpStats *
srudp_stats_copy (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return srudp_stats_new (&self->session, self->datagrams_dropped);
}

/**
 * srudp_stats_free: (skip)
 * @self: (transfer full): some stats
 *
 * Frees them.
 */
void
srudp_stats_free (SrudpStats *self)
{
  g_free (self);
}

/**
 * srudp_stats_get_rtt:
 * @self: some stats
 *
 * Gives the smoothed round-trip time in microseconds.
 *
 * Returns: microseconds, or -1 if it wasn't measured yet
 */
gint64
srudp_stats_get_rtt (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->session.rtt_us;
}

/**
 * srudp_stats_get_min_rtt:
 * @self: some stats
 *
 * Gives the shortest round-trip time in microseconds.
 *
 * Returns: microseconds, or -1 if it wasn't measured yet
 */
gint64
srudp_stats_get_min_rtt (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->session.min_rtt_us;
}

/**
 * srudp_stats_get_rtt_variance:
 * @self: some stats
 *
 * Gives the mean deviation of the round-trip time in microseconds.
 *
 * Returns: microseconds, or -1 if it wasn't measured yet
 */
gint64
srudp_stats_get_rtt_variance (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->session.rtt_variance_us;
}

/**
 * srudp_stats_get_bytes_sent:
 * @self: some stats
 *
 * Gives how many bytes were sent in UDP payloads, overhead and repetitions
 * included.
 *
 * Returns: the number
 */
guint64
srudp_stats_get_bytes_sent (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.bytes_sent;
}

/**
 * srudp_stats_get_bytes_received:
 * @self: some stats
 *
 * Gives how many bytes were received in UDP payloads, overhead and
 * repetitions included.
 *
 * Returns: the number
 */
guint64
srudp_stats_get_bytes_received (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.bytes_received;
}

/**
 * srudp_stats_get_bytes_retransmitted:
 * @self: some stats
 *
 * Gives how many stream bytes were sent again.
 *
 * Returns: the number
 */
guint64
srudp_stats_get_bytes_retransmitted (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.bytes_retransmitted;
}

/**
 * srudp_stats_get_stream_bytes_sent:
 * @self: some stats
 *
 * Gives how many bytes the application's streams have sent, each counted
 * once.
 *
 * Returns: the number
 */
guint64
srudp_stats_get_stream_bytes_sent (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.stream_bytes_sent;
}

/**
 * srudp_stats_get_stream_bytes_received:
 * @self: some stats
 *
 * Gives how many bytes the application's streams have received, each counted
 * once.
 *
 * Returns: the number
 */
guint64
srudp_stats_get_stream_bytes_received (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.stream_bytes_received;
}

/**
 * srudp_stats_get_packets_sent:
 * @self: some stats
 *
 * Gives how many packets were sent.
 *
 * Returns: the number
 */
guint64
srudp_stats_get_packets_sent (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.packets_sent;
}

/**
 * srudp_stats_get_packets_received:
 * @self: some stats
 *
 * Gives how many good packets were received.
 *
 * Returns: the number
 */
guint64
srudp_stats_get_packets_received (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.packets_received;
}

/**
 * srudp_stats_get_packets_lost:
 * @self: some stats
 *
 * Gives how many packets sent were found to be lost.
 *
 * Returns: the number
 */
guint64
srudp_stats_get_packets_lost (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.packets_lost;
}

/**
 * srudp_stats_get_packets_dropped:
 * @self: some stats
 *
 * Gives how many packets received were forged, replayed or malformed, and
 * dropped.
 *
 * Returns: the number
 */
guint64
srudp_stats_get_packets_dropped (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.packets_dropped;
}

/**
 * srudp_stats_get_datagrams_sent:
 * @self: some stats
 *
 * Gives how many of the application's datagrams were sent.
 *
 * Returns: the number
 */
guint64
srudp_stats_get_datagrams_sent (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.datagrams_sent;
}

/**
 * srudp_stats_get_datagrams_received:
 * @self: some stats
 *
 * Gives how many of the peer's datagrams were received.
 *
 * Returns: the number
 */
guint64
srudp_stats_get_datagrams_received (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.datagrams_received;
}

/**
 * srudp_stats_get_datagrams_lost:
 * @self: some stats
 *
 * Gives how many of the application's datagrams were found to be lost.
 *
 * Returns: the number
 */
guint64
srudp_stats_get_datagrams_lost (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.datagrams_lost;
}

/**
 * srudp_stats_get_datagrams_dropped:
 * @self: some stats
 *
 * Gives how many of the peer's datagrams were dropped here because nobody
 * took them.
 *
 * Returns: the number
 */
guint64
srudp_stats_get_datagrams_dropped (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->datagrams_dropped;
}

/**
 * srudp_stats_get_unread_bytes:
 * @self: some stats
 *
 * Gives how many bytes have arrived that the application hasn't read yet.
 *
 * Returns: the number
 */
guint64
srudp_stats_get_unread_bytes (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.unread_bytes;
}

/**
 * srudp_stats_get_unacknowledged_bytes:
 * @self: some stats
 *
 * Gives how many bytes were written that the peer hasn't acknowledged yet.
 *
 * Returns: the number
 */
guint64
srudp_stats_get_unacknowledged_bytes (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.unacknowledged_bytes;
}

/**
 * srudp_stats_get_congestion_window:
 * @self: some stats
 *
 * Gives how many bytes may be on their way at once.
 *
 * Returns: the number
 */
guint64
srudp_stats_get_congestion_window (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.congestion_window;
}

/**
 * srudp_stats_get_bytes_in_flight:
 * @self: some stats
 *
 * Gives how many bytes are on their way.
 *
 * Returns: the number
 */
guint64
srudp_stats_get_bytes_in_flight (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.bytes_in_flight;
}

/**
 * srudp_stats_get_pacing_rate:
 * @self: some stats
 *
 * Gives the rate at which packets leave, in bytes per second.
 *
 * Returns: the rate
 */
guint64
srudp_stats_get_pacing_rate (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.pacing_rate;
}

/**
 * srudp_stats_get_delivery_rate:
 * @self: some stats
 *
 * Gives the rate at which packets arrive at the peer, in bytes per second.
 *
 * Returns: the rate
 */
guint64
srudp_stats_get_delivery_rate (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.delivery_rate;
}

/**
 * srudp_stats_get_addresses_tried:
 * @self: some stats
 *
 * Gives at how many addresses the peer was looked for while opening.
 *
 * Returns: the number
 */
guint
srudp_stats_get_addresses_tried (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.candidates_tried;
}

/**
 * srudp_stats_get_probes_sent:
 * @self: some stats
 *
 * Gives how many packets were sent to find the peer while opening.
 *
 * Returns: the number
 */
guint64
srudp_stats_get_probes_sent (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.probes_sent;
}

/**
 * srudp_stats_get_probes_answered:
 * @self: some stats
 *
 * Gives how many of the packets that were sent to find the peer it answered.
 *
 * Returns: the number
 */
guint64
srudp_stats_get_probes_answered (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.probes_answered;
}

/**
 * srudp_stats_get_path_mtu:
 * @self: some stats
 *
 * Gives the largest UDP payload in use, in bytes.
 *
 * Returns: bytes
 */
guint
srudp_stats_get_path_mtu (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->session.path_mtu;
}

/**
 * srudp_stats_get_cipher:
 * @self: some stats
 *
 * Gives the name of the cipher in use.
 *
 * Returns: (nullable) (transfer none): the name, or %NULL before it is chosen
 */
const char *
srudp_stats_get_cipher (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->session.cipher;
}

/**
 * srudp_stats_get_congestion_controller:
 * @self: some stats
 *
 * Gives the name of the congestion controller in use.
 *
 * Returns: (nullable) (transfer none): the name, or %NULL before it is chosen
 */
const char *
srudp_stats_get_congestion_controller (const SrudpStats *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->session.congestion_controller;
}
