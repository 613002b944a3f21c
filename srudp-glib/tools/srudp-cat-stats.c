/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cat-stats.c: a live line with the numbers of all connections
 */
#include "config.h"

#include "srudp-cat-stats.h"

#include "srudp-cat-report.h"

#include <glib/gi18n.h>
#include <sys/stat.h>
#include <unistd.h>

#define INTERVAL_MS 500
/* A hundred hours, less a second: no estimate is good for more. */
#define LONGEST_LEFT_S (100 * 3600 - 1)
#define BAR_COLUMNS 20

typedef struct
{
  guint64 sent_bytes;     /* of streams, as far as the peer has them */
  guint64 received_bytes;
  guint64 packets;
  guint64 packets_lost;
  gint64 rtt_us;          /* of the newest connection */
} Numbers;

struct _CatStats
{
  GMutex lock;
  GPtrArray *connections;
  Numbers past;           /* of connections that are over */
  guint64 size_bytes;     /* of all there is to send; 0: not known */

  /* Of the main thread. */
  guint timeout_id;
  Numbers shown;
  gint64 started_us;
  gint64 shown_us;
};

CatStats *
cat_stats_new (guint64 size_bytes)
{
  CatStats *self = g_new0 (CatStats, 1);

  g_mutex_init (&self->lock);
  self->connections = g_ptr_array_new_with_free_func (g_object_unref);
  self->size_bytes = size_bytes;
  return self;
}

void
cat_stats_free (CatStats *self)
{
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_ptr_array_unref (self->connections);
  g_mutex_clear (&self->lock);
  g_free (self);
}

guint64
cat_stats_size_of (int fd)
{
  struct stat info;
  off_t at;

  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    return 0;
  at = lseek (fd, 0, SEEK_CUR);
  return at >= 0 && info.st_size > at ? (guint64) (info.st_size - at) : 0;
}

/* Adding up */

static void
add_connection (Numbers         *sum,
                SrudpConnection *connection)
{
  g_autoptr (SrudpStats) stats = srudp_connection_dup_stats (connection);
  guint64 sent = srudp_stats_get_stream_bytes_sent (stats);
  guint64 waiting = srudp_stats_get_unacknowledged_bytes (stats);

  sum->sent_bytes += sent > waiting ? sent - waiting : 0;
  sum->received_bytes += srudp_stats_get_stream_bytes_received (stats);
  sum->packets += srudp_stats_get_packets_sent (stats);
  sum->packets_lost += srudp_stats_get_packets_lost (stats);
  sum->rtt_us = srudp_stats_get_rtt (stats);
}

static Numbers
add_all (CatStats *self)
{
  Numbers sum;

  g_mutex_lock (&self->lock);
  sum = self->past;
  for (guint i = 0; i < self->connections->len; i++)
    add_connection (&sum, self->connections->pdata[i]);
  g_mutex_unlock (&self->lock);
  return sum;
}

void
cat_stats_watch (CatStats        *self,
                 SrudpConnection *connection)
{
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->connections, g_object_ref (connection));
  g_mutex_unlock (&self->lock);
}

void
cat_stats_unwatch (CatStats        *self,
                   SrudpConnection *connection)
{
  g_mutex_lock (&self->lock);
  add_connection (&self->past, connection);
  g_ptr_array_remove (self->connections, connection);
  g_mutex_unlock (&self->lock);
}

/* Showing */

static double
rate_of (guint64 now_bytes,
         guint64 then_bytes,
         gint64  us)
{
  if (now_bytes <= then_bytes || us <= 0)
    return 0;
  return (double) (now_bytes - then_bytes) * G_USEC_PER_SEC / (double) us;
}

/* "  42 % [########            ] 0:05 left, " */
static char *
describe_progress (CatStats *self,
                   Numbers  *now,
                   double    rate)
{
  char bar[BAR_COLUMNS + 1];
  double done;
  guint64 left_s;

  if (self->size_bytes == 0)
    return g_strdup ("");
  done = MIN ((double) now->sent_bytes / (double) self->size_bytes, 1);
  for (int i = 0; i < BAR_COLUMNS; i++)
    bar[i] = i < done * BAR_COLUMNS ? '#' : ' ';
  bar[BAR_COLUMNS] = '\0';
  if (rate <= 0)
    return g_strdup_printf ("%3.0f %% [%s] ", done * 100, bar);

  left_s = (guint64) ((1 - done) * (double) self->size_bytes / rate);
  left_s = MIN (left_s, LONGEST_LEFT_S);
  return g_strdup_printf (_ ("%3.0f %% [%s] %u:%02u left, "), done * 100, bar,
                          (guint) left_s / 60, (guint) left_s % 60);
}

static char *
describe_direction (const char *format,
                    guint64     bytes,
                    double      rate)
{
  g_autofree char *amount = g_format_size (bytes);
  g_autofree char *speed = g_format_size ((guint64) rate);
  g_autoptr (GString) text = g_string_new (format);

  g_string_replace (text, "{amount}", amount, 1);
  g_string_replace (text, "{rate}", speed, 1);
  return g_strdup (text->str);
}

static char *
describe (CatStats *self,
          Numbers  *now,
          Numbers  *then,
          gint64    us)
{
  double up = rate_of (now->sent_bytes, then->sent_bytes, us);
  double down = rate_of (now->received_bytes, then->received_bytes, us);
  double loss = now->packets == 0 ? 0
    : 100 * (double) now->packets_lost / (double) now->packets;
  g_autofree char *progress = describe_progress (self, now, up);
  g_autofree char *sent = describe_direction (
    _ ("sent {amount} at {rate}/s"), now->sent_bytes, up);
  g_autofree char *received = describe_direction (
    _ ("received {amount} at {rate}/s"), now->received_bytes, down);

  return g_strdup_printf (_ ("%s%s, %s, RTT %.1f ms, loss %.2f %%"), progress,
                          sent, received, (double) now->rtt_us / 1000, loss);
}

static gboolean
show_cb (gpointer user_data)
{
  CatStats *self = user_data;
  Numbers now = add_all (self);
  gint64 now_us = g_get_monotonic_time ();
  g_autofree char *line = describe (self, &now, &self->shown,
                                    now_us - self->shown_us);

  cat_show_live_line (line);
  self->shown = now;
  self->shown_us = now_us;
  return G_SOURCE_CONTINUE;
}

void
cat_stats_start (CatStats *self)
{
  self->started_us = self->shown_us = g_get_monotonic_time ();
  self->timeout_id = g_timeout_add (INTERVAL_MS, show_cb, self);
}

/* The last line tells of the whole time. */
void
cat_stats_stop (CatStats *self)
{
  Numbers nothing = { 0 };
  Numbers now = add_all (self);
  g_autofree char *line = NULL;

  if (self->timeout_id == 0)
    return;
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  line = describe (self, &now, &nothing,
                   g_get_monotonic_time () - self->started_us);
  cat_show_live_line (line);
  cat_end_live_line ();
}
