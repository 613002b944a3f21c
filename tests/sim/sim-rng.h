/*
 * SPDX-License-Identifier: MIT
 *
 * sim-rng.h: the one source of chance in a simulation
 *
 * xoshiro256** seeded by splitmix64. Each part of a simulated world draws from
 * a stream of its own, so that one part drawing more does not change what
 * another part draws.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 s[4];
} SimRng;

void     sim_rng_init   (SimRng *rng,
                         guint64 seed,
                         guint64 stream);
guint64  sim_rng_next   (SimRng *rng);
/* 0 … n - 1, and 0 when n is 0. */
guint64  sim_rng_below  (SimRng *rng,
                         guint64 n);
gboolean sim_rng_chance (SimRng *rng,
                         double  probability);
/* Fits SrudpRandomFunc. */
void     sim_rng_fill   (gpointer rng,
                         guint8  *out,
                         gsize    n_bytes);
/* A good 64-bit mix of one number, without a state. */
guint64  sim_mix        (guint64 x);

G_END_DECLS
