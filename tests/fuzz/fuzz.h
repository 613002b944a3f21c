/*
 * SPDX-License-Identifier: MIT
 *
 * fuzz.h: a fuzz target, run by libFuzzer or by fuzz-main.c
 *
 * A target must not crash, hang, leak or fail an assertion, whatever the
 * input is, and the same input does the same every time.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         size);

/* Chance without surprises: fits SrudpRandomFunc, with a guint64 for state. */
static inline void
fuzz_random (gpointer state,
             guint8  *out,
             gsize    n_bytes)
{
  guint64 *x = state;

  for (gsize i = 0; i < n_bytes; i++)
    {
      *x = *x * G_GUINT64_CONSTANT (6364136223846793005)
           + G_GUINT64_CONSTANT (1442695040888963407);
      out[i] = (guint8) (*x >> 56);
    }
}

G_END_DECLS
