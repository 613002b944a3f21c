/*
 * SPDX-License-Identifier: MIT
 *
 * sim-rng.c: the one source of chance in a simulation
 */
#include "sim-rng.h"

#include <string.h>

guint64
sim_mix (guint64 x)
{
  x += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  x = (x ^ (x >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);

  return x ^ (x >> 31);
}

void
sim_rng_init (SimRng *rng,
              guint64 seed,
              guint64 stream)
{
  guint64 x = sim_mix (seed) ^ sim_mix (stream + 0x5eed);

  for (guint i = 0; i < G_N_ELEMENTS (rng->s); i++)
    rng->s[i] = x = sim_mix (x + i);
}

static guint64
rotate_left (guint64 x,
             guint   by)
{
  return (x << by) | (x >> (64 - by));
}

guint64
sim_rng_next (SimRng *rng)
{
  guint64 *s = rng->s;
  guint64 result = rotate_left (s[1] * 5, 7) * 9;
  guint64 t = s[1] << 17;

  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate_left (s[3], 45);

  return result;
}

guint64
sim_rng_below (SimRng *rng,
               guint64 n)
{
  return n == 0 ? 0 : sim_rng_next (rng) % n;
}

gboolean
sim_rng_chance (SimRng *rng,
                double  probability)
{
  if (probability <= 0)
    return FALSE;

  return (double) (sim_rng_next (rng) >> 11) * 0x1p-53 < probability;
}

void
sim_rng_fill (gpointer rng,
              guint8  *out,
              gsize    n_bytes)
{
  while (n_bytes > 0)
    {
      guint64 word = sim_rng_next (rng);
      gsize n = MIN (n_bytes, sizeof word);

      memcpy (out, &word, n);
      out += n;
      n_bytes -= n;
    }
}
