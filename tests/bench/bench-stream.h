/*
 * SPDX-License-Identifier: MIT
 *
 * bench-stream.h: transports that are a GIOStream
 */
#pragma once

#include "bench-options.h"

G_BEGIN_DECLS

typedef struct
{
  const char *name;
  /* What accept gets; freed with the process. */
  gpointer   (*listen)  (const BenchOptions *options, GError **error);
  GIOStream *(*accept)  (gpointer listener, GError **error);
  GIOStream *(*connect) (const BenchOptions *options, GError **error);
} BenchTransport;

extern const BenchTransport bench_tcp;
extern const BenchTransport bench_tls;
extern const BenchTransport bench_srudp;

/* Both calls of the asynchronous form, in the default main context. */
void bench_send_async    (GIOStream  *stream,
                          double      seconds);
void bench_receive_async (GIOStream  *stream,
                          BenchMeter *meter);

G_END_DECLS
