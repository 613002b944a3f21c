/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-emoji-private.h: pictures for the symbols of a short code
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SRUDP_N_EMOJI 64

/* One character, which is a picture wherever there is a font for it. */
const char *srudp_emoji_get  (guint         symbol);
/* With spaces between them. */
char       *srudp_emoji_join (const guint8 *symbols,
                              gsize         n_symbols);

G_END_DECLS
