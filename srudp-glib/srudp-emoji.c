/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-emoji.c: pictures for the symbols of a short code
 */
#include "srudp-glib/srudp-emoji-private.h"

/* The place of each is part of the protocol. All are single characters that are
 * shown as pictures by default (Unicode 9 and older), name one thing in every
 * language, and are told apart at a glance. */
static const char *const emoji[SRUDP_N_EMOJI] = {
  "🐶", "🐱", "🦁", "🐴", "🐷", "🐘", "🐰", "🐸",
  "🐔", "🐧", "🐢", "🐟", "🐙", "🦋", "🐌", "🐝",
  "🌻", "🌳", "🌵", "🍄", "🌍", "🌙", "⭐", "🌈",
  "🔥", "⛄", "🍌", "🍎", "🍓", "🍇", "🌽", "🥕",
  "🍕", "🍞", "🎂", "🥚", "🎩", "👓", "👑", "👟",
  "🔑", "🔒", "🔨", "🔔", "📷", "📕", "💡", "🎁",
  "⏳", "☔", "📞", "🎈", "🎲", "🎸", "🎺", "🥁",
  "⚓", "🚲", "🚂", "🚗", "🚀", "⛵", "🏠", "🤖",
};

const char *
srudp_emoji_get (guint symbol)
{
  g_return_val_if_fail (symbol < SRUDP_N_EMOJI, NULL);

  return emoji[symbol];
}

char *
srudp_emoji_join (const guint8 *symbols,
                  gsize         n_symbols)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < n_symbols; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
                            srudp_emoji_get (symbols[i]));

  return g_string_free (text, FALSE);
}
