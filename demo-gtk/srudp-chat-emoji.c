/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-emoji.c: what people call the emoji of a short code
 */
#include "config.h"

#include "srudp-chat-emoji.h"

#include <glib/gi18n.h>

typedef struct
{
  const char *emoji;
  const char *name;
} Emoji;

/* Translators: the next 64 are names of emoji that two people read out to each
 * other, maybe on a bad line: short ones, all different, as they are said. */
static const Emoji names[] = {
  { "🐶", N_ ("Dog") },
  { "🐱", N_ ("Cat") },
  { "🦁", N_ ("Lion") },
  { "🐴", N_ ("Horse") },
  { "🐷", N_ ("Pig") },
  { "🐘", N_ ("Elephant") },
  { "🐰", N_ ("Rabbit") },
  { "🐸", N_ ("Frog") },
  { "🐔", N_ ("Chicken") },
  { "🐧", N_ ("Penguin") },
  { "🐢", N_ ("Turtle") },
  { "🐟", N_ ("Fish") },
  { "🐙", N_ ("Octopus") },
  { "🦋", N_ ("Butterfly") },
  { "🐌", N_ ("Snail") },
  { "🐝", N_ ("Bee") },
  { "🌻", N_ ("Sunflower") },
  { "🌳", N_ ("Tree") },
  { "🌵", N_ ("Cactus") },
  { "🍄", N_ ("Mushroom") },
  { "🌍", N_ ("Globe") },
  { "🌙", N_ ("Moon") },
  { "⭐", N_ ("Star") },
  { "🌈", N_ ("Rainbow") },
  { "🔥", N_ ("Fire") },
  { "⛄", N_ ("Snowman") },
  { "🍌", N_ ("Banana") },
  { "🍎", N_ ("Apple") },
  { "🍓", N_ ("Strawberry") },
  { "🍇", N_ ("Grapes") },
  { "🌽", N_ ("Corn") },
  { "🥕", N_ ("Carrot") },
  { "🍕", N_ ("Pizza") },
  { "🍞", N_ ("Bread") },
  { "🎂", N_ ("Cake") },
  { "🥚", N_ ("Egg") },
  { "🎩", N_ ("Hat") },
  { "👓", N_ ("Glasses") },
  { "👑", N_ ("Crown") },
  { "👟", N_ ("Shoe") },
  { "🔑", N_ ("Key") },
  { "🔒", N_ ("Lock") },
  { "🔨", N_ ("Hammer") },
  { "🔔", N_ ("Bell") },
  { "📷", N_ ("Camera") },
  { "📕", N_ ("Book") },
  { "💡", N_ ("Light Bulb") },
  { "🎁", N_ ("Gift") },
  { "⏳", N_ ("Hourglass") },
  { "☔", N_ ("Umbrella") },
  { "📞", N_ ("Telephone") },
  { "🎈", N_ ("Balloon") },
  { "🎲", N_ ("Dice") },
  { "🎸", N_ ("Guitar") },
  { "🎺", N_ ("Trumpet") },
  { "🥁", N_ ("Drum") },
  { "⚓", N_ ("Anchor") },
  { "🚲", N_ ("Bicycle") },
  { "🚂", N_ ("Train") },
  { "🚗", N_ ("Car") },
  { "🚀", N_ ("Rocket") },
  { "⛵", N_ ("Sailboat") },
  { "🏠", N_ ("House") },
  { "🤖", N_ ("Robot") },
};

const char *
srudp_chat_emoji_get_name (const char *emoji)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i].emoji, emoji))
      return _ (names[i].name);

  return NULL;
}
