/*
 * SPDX-License-Identifier: MIT
 *
 * bench-options.h: what every program of the benchmark is told, and tells
 *
 * usage: PROGRAM server|client MODE [OPTION…]
 *
 * A server prints "ready" once it can be reached. Each program ends with one
 * line of JSON: what it measured. Processor time is not among it: whoever
 * starts the program learns that from the kernel.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  BENCH_TRANSFER, /* one stream, as fast as it goes */
  BENCH_PING,     /* 64 bytes there and back */
  BENCH_SETUP,    /* connect, again and again */
  BENCH_IDLE,     /* many connections that do nothing */
} BenchMode;

typedef struct
{
  gboolean is_server;
  BenchMode mode;
  char *address;
  int port;
  double seconds;   /* of a transfer, or of doing nothing */
  double window;    /* count only so long after the first byte, then end */
  double settle;  /* idle connections, before wake-ups are counted */
  int count;        /* of pings or connections */
  char *transport;  /* where a program knows several */
  char *variant;    /* cipher, congestion controller */
  gboolean async;
} BenchOptions;

#define BENCH_BLOCK_BYTES (64 * 1024)
#define BENCH_PING_BYTES 64

void   bench_parse (BenchOptions *options,
                    int           argc,
                    char        **argv);
void   bench_ready (void);

/* What a receiver saw, from the first byte to the last. */
typedef struct
{
  guint64 bytes;
  gint64 first_us, last_us;
} BenchMeter;

/* Once the window is over, it reports and the process ends. */
void   bench_meter_add    (BenchMeter *meter,
                           gsize       n_bytes);
void   bench_meter_report (const BenchMeter *meter);
/* Median, 99th percentile and more of times in microseconds (gint64). */
void   bench_report_times (const char *what,
                           GArray     *times_us);
/* Resident memory of this process, in bytes. */
gsize  bench_resident     (void);
G_NORETURN
void   bench_fail         (const char *what,
                           const char *why);

G_END_DECLS
