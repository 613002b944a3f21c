/*
 * SPDX-License-Identifier: MIT
 *
 * link-emulator.c: a link of known rate, delay, queue and loss
 *
 * usage: link-emulator [OPTION…] A B
 *
 * Makes two TUN interfaces A and B, to be moved to two namespaces, and
 * carries IP packets from one to the other as a slow line would: a queue that
 * drops what does not fit, a serial line of a given rate behind it, then a
 * distance. Both directions are alike and know nothing of each other. It says
 * "ready" and runs until it is told to end, then how many packets passed and
 * how many were dropped.
 */
/* For ppoll(). */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MAX_PACKET_BYTES 65535
/* Reads in a row from one side, so that neither side starves the other. */
#define READ_BATCH 64

typedef struct
{
  double rate_mbit;
  double delay_ms;     /* one way, behind the line */
  double jitter_ms;    /* up to so much more, order kept */
  int queue_bytes;     /* 0: what the line carries in a round trip */
  double loss_percent; /* each packet by itself */
  double burst_percent; /* lost in bursts (Gilbert-Elliott) … */
  double burst_packets; /* … of this mean length */
  double reorder_percent; /* held back … */
  double reorder_ms;      /* … by so much */
  int seed;
} Options;

typedef struct
{
  gint64 due_us;
  gsize size;
  guint8 data[];
} Packet;

typedef struct
{
  int from, to;
  GQueue waiting; /* Packet, by due time */
  gint64 line_free_us;
  gint64 last_due_us;
  gboolean in_burst;
  guint64 passed, lost, overflowed;
} Direction;

static Options options = {
  .rate_mbit = 100, .delay_ms = 10, .burst_packets = 10, .reorder_ms = 5, .seed = 1,
};
static volatile sig_atomic_t ended;

static void
end_cb (int number)
{
  ended = 1;
}

static int
open_tun (const char *name)
{
  struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
  int fd = open ("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

  g_strlcpy (request.ifr_name, name, IFNAMSIZ);
  if (fd < 0 || ioctl (fd, TUNSETIFF, &request) < 0)
    g_error ("no interface %s can be made: %s", name, g_strerror (errno));
  return fd;
}

static gboolean
chance (GRand *rand,
        double percent)
{
  return percent > 0 && g_rand_double_range (rand, 0, 100) < percent;
}

/* Two states; in the bad one everything is lost. The chance to enter it is
 * such that the share of all packets comes out as asked. */
static gboolean
is_lost (Direction *direction,
         GRand     *rand)
{
  double leave = 100 / options.burst_packets;
  double enter = leave * options.burst_percent / (100 - options.burst_percent);

  if (options.burst_percent > 0)
    direction->in_burst = direction->in_burst ? !chance (rand, leave)
                                              : chance (rand, enter);
  return direction->in_burst || chance (rand, options.loss_percent);
}

static double
bytes_per_us (void)
{
  return options.rate_mbit / 8;
}

static double
queue_limit (void)
{
  return options.queue_bytes > 0
           ? options.queue_bytes
           : bytes_per_us () * 2000 * options.delay_ms;
}

static void
insert_by_due_time (GQueue *queue,
                    Packet *packet)
{
  GList *after = queue->tail;

  while (after != NULL && ((Packet *) after->data)->due_us > packet->due_us)
    after = after->prev;
  g_queue_insert_after (queue, after, packet);
}

static gint64
distance_us (Direction *direction,
             GRand     *rand)
{
  gint64 due = direction->line_free_us + (gint64) (1000 * options.delay_ms);

  if (options.jitter_ms > 0)
    due += (gint64) g_rand_double_range (rand, 0, 1000 * options.jitter_ms);
  due = MAX (due, direction->last_due_us);
  direction->last_due_us = due;
  if (chance (rand, options.reorder_percent))
    due += (gint64) (1000 * options.reorder_ms);
  return due;
}

static void
enqueue (Direction    *direction,
         GRand        *rand,
         const guint8 *data,
         gsize         size,
         gint64        now_us)
{
  gint64 start = MAX (direction->line_free_us, now_us);
  double queued_bytes = (start - now_us) * bytes_per_us ();
  Packet *packet;

  if (is_lost (direction, rand))
    {
      direction->lost++;
      return;
    }
  if (queued_bytes + size > queue_limit () + MAX_PACKET_BYTES * (queued_bytes == 0))
    {
      direction->overflowed++;
      return;
    }

  direction->line_free_us = start + (gint64) (size / bytes_per_us ());
  packet = g_malloc (sizeof *packet + size);
  packet->due_us = distance_us (direction, rand);
  packet->size = size;
  memcpy (packet->data, data, size);
  insert_by_due_time (&direction->waiting, packet);
}

static void
take_in (Direction *direction,
         GRand     *rand)
{
  guint8 buffer[MAX_PACKET_BYTES];

  for (guint i = 0; i < READ_BATCH; i++)
    {
      ssize_t size = read (direction->from, buffer, sizeof buffer);

      if (size <= 0)
        return;
      enqueue (direction, rand, buffer, size, g_get_monotonic_time ());
    }
}

static void
let_out (Direction *direction)
{
  gint64 now_us = g_get_monotonic_time ();
  Packet *packet;

  while ((packet = g_queue_peek_head (&direction->waiting)) != NULL
         && packet->due_us <= now_us)
    {
      g_queue_pop_head (&direction->waiting);
      /* An interface that is down or full loses a packet, as a host may. */
      if (write (direction->to, packet->data, packet->size) == (ssize_t) packet->size)
        direction->passed++;
      else
        direction->overflowed++;
      g_free (packet);
    }
}

/* Until the next packet is due; for ever if there is none. */
static const struct timespec *
time_to_wait (const Direction *directions,
              struct timespec *storage)
{
  gint64 due_us = G_MAXINT64, left_us;

  for (guint i = 0; i < 2; i++)
    {
      const Packet *packet = directions[i].waiting.head == NULL
                               ? NULL
                               : directions[i].waiting.head->data;

      if (packet != NULL)
        due_us = MIN (due_us, packet->due_us);
    }
  if (due_us == G_MAXINT64)
    return NULL;
  left_us = MAX (due_us - g_get_monotonic_time (), 0);
  storage->tv_sec = left_us / G_USEC_PER_SEC;
  storage->tv_nsec = left_us % G_USEC_PER_SEC * 1000;
  return storage;
}

/* Signals are let in only while it waits, so that none slips past. */
static void
carry (Direction *directions)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (options.seed);
  sigset_t none;

  sigemptyset (&none);
  while (!ended)
    {
      struct pollfd fds[2] = {
        { .fd = directions[0].from, .events = POLLIN },
        { .fd = directions[1].from, .events = POLLIN },
      };
      struct timespec wait;

      if (ppoll (fds, 2, time_to_wait (directions, &wait), &none) < 0)
        continue;
      for (guint i = 0; i < 2; i++)
        {
          /* Its interface is gone, with the namespace it was in. */
          if (fds[i].revents & (POLLERR | POLLHUP))
            return;
          if (fds[i].revents != 0)
            take_in (&directions[i], rand);
          let_out (&directions[i]);
        }
    }
}

static void
watch_for_the_end (void)
{
  struct sigaction action = { .sa_handler = end_cb };
  sigset_t both;

  sigemptyset (&both);
  sigaddset (&both, SIGTERM);
  sigaddset (&both, SIGINT);
  sigprocmask (SIG_BLOCK, &both, NULL);
  sigaction (SIGTERM, &action, NULL);
  sigaction (SIGINT, &action, NULL);
}

static const GOptionEntry entries[] = {
  { "rate", 0, 0, G_OPTION_ARG_DOUBLE, &options.rate_mbit, "Rate of the line", "MBIT/S" },
  { "delay", 0, 0, G_OPTION_ARG_DOUBLE, &options.delay_ms, "One way", "MS" },
  { "jitter", 0, 0, G_OPTION_ARG_DOUBLE, &options.jitter_ms, "Up to so much more", "MS" },
  { "queue", 0, 0, G_OPTION_ARG_INT, &options.queue_bytes,
    "Room in front of the line (one round trip's worth)", "BYTES" },
  { "loss", 0, 0, G_OPTION_ARG_DOUBLE, &options.loss_percent, "Lost at random", "PERCENT" },
  { "burst-loss", 0, 0, G_OPTION_ARG_DOUBLE, &options.burst_percent, "Lost in bursts", "PERCENT" },
  { "burst-length", 0, 0, G_OPTION_ARG_DOUBLE, &options.burst_packets, "Their mean", "PACKETS" },
  { "reorder", 0, 0, G_OPTION_ARG_DOUBLE, &options.reorder_percent, "Held back", "PERCENT" },
  { "reorder-by", 0, 0, G_OPTION_ARG_DOUBLE, &options.reorder_ms, "For so long", "MS" },
  { "seed", 0, 0, G_OPTION_ARG_INT, &options.seed, "Of the random numbers", "NUMBER" },
  { NULL },
};

int
main (int    argc,
      char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("A B");
  g_autoptr (GError) error = NULL;
  Direction directions[2] = { 0 };

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 3)
    {
      g_printerr ("%s\n", error != NULL ? error->message : "two names are needed");
      return 2;
    }

  watch_for_the_end ();
  for (guint i = 0; i < 2; i++)
    directions[i].from = directions[1 - i].to = open_tun (argv[1 + i]);
  g_print ("ready\n");
  carry (directions);
  for (guint i = 0; i < 2; i++)
    {
      g_print ("%s passed %" G_GUINT64_FORMAT " lost %" G_GUINT64_FORMAT
               " overflowed %" G_GUINT64_FORMAT "\n", argv[1 + i],
               directions[i].passed, directions[i].lost, directions[i].overflowed);
      g_queue_clear_full (&directions[i].waiting, g_free);
      close (directions[i].from);
    }
  return 0;
}
