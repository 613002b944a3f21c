/*
 * SPDX-License-Identifier: MIT
 *
 * main.c: where the chat starts
 */
#include "config.h"

#include "srudp-chat-application.h"

#include <glib/gi18n.h>
#include <locale.h>

int
main (int    argc,
      char **argv)
{
  g_autoptr (SrudpChatApplication) application = NULL;
  /* As gettext's own tools: translations that aren't installed. */
  const char *locales = g_getenv ("TEXTDOMAINDIR");

  /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is no other thread yet. */
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, locales != NULL ? locales : LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name (_ ("Srudp Chat"));

  application = srudp_chat_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
