/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-i18n.c: the library's messages in the language of the user
 *
 * Applications bind their own domains, and know nothing of this one.
 */
#include "config.h"

#include "srudp-glib/srudp-i18n-private.h"

#include <libintl.h>

/* Whoever shares the domain has bound it to where its translations are: that
 * is not overruled. An unbound domain has the same folder as any other. */
static void
bind_domain (void)
{
  const char *bound = bindtextdomain (GETTEXT_PACKAGE, NULL);
  const char *unbound = bindtextdomain ("srudp-glib-unbound", NULL);

  if (g_strcmp0 (bound, unbound) == 0)
    bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
}

const char *
srudp_gettext (const char *text)
{
  static gsize is_bound;

  if (g_once_init_enter (&is_bound))
    {
      bind_domain ();
      g_once_init_leave (&is_bound, 1);
    }
  return g_dgettext (GETTEXT_PACKAGE, text);
}
