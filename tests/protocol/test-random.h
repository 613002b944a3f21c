/*
 * SPDX-License-Identifier: MIT
 *
 * test-random.h: randomness that is the same each time
 */
#pragma once

#include <glib.h>

/* What an engine's configuration takes: `user_data` is a GRand. */
static inline void
test_random_fill (gpointer user_data,
                  guint8  *out,
                  gsize    n_bytes)
{
  for (gsize i = 0; i < n_bytes; i++)
    out[i] = (guint8) g_rand_int (user_data);
}
