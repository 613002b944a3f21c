/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-source-private.h: letting go of a source
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Dropping the reference alone would leave it attached to its context. */
static inline void
srudp_clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

G_END_DECLS
