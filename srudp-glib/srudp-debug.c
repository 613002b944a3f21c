/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-debug.c: what SRUDP_DEBUG makes the library tell of itself
 */
#include "config.h"

#include "srudp-glib/srudp-debug-private.h"

static const GDebugKey categories[] = {
  { "candidates", SRUDP_DEBUG_CANDIDATES },
  { "connection", SRUDP_DEBUG_CONNECTION },
  { "endpoint", SRUDP_DEBUG_ENDPOINT },
  { "handshake", SRUDP_DEBUG_HANDSHAKE },
  { "introducer", SRUDP_DEBUG_INTRODUCER },
  { "network", SRUDP_DEBUG_NETWORK },
};

/* Read once. */
static guint
get_wanted (void)
{
  static gsize wanted = 0;

  if (g_once_init_enter (&wanted))
    {
      guint flags = g_parse_debug_string (g_getenv ("SRUDP_DEBUG"), categories,
                                          G_N_ELEMENTS (categories));

      /* The highest bit says that it was read. */
      g_once_init_leave (&wanted, flags | 1u << 31);
    }
  return (guint) wanted;
}

gboolean
srudp_debug_is_on (SrudpDebugFlags category)
{
  return (get_wanted () & category) != 0;
}

static const char *
get_name (SrudpDebugFlags category)
{
  for (guint i = 0; i < G_N_ELEMENTS (categories); i++)
    if (categories[i].value == category)
      return categories[i].key;
  g_return_val_if_reached ("");
}

/* As a message, which is shown without being asked for once more. */
void
srudp_debug_note (SrudpDebugFlags  category,
                  const char      *format,
                  ...)
{
  g_autofree char *text = NULL;
  const char *name = get_name (category);
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE,
                    "SRUDP_CATEGORY", name,
                    "MESSAGE", "%s: %s", name, text);
}
