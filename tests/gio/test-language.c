/*
 * SPDX-License-Identifier: MIT
 *
 * test-language.c: the library finds its translations in any application
 */
#include "config.h"

#include <srudp-glib/srudp-glib.h>

#include <libintl.h>

#define ELSEWHERE "/elsewhere"

static void
say_something (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (srudp_peer_id_new_from_string ("nobody", &error));
  g_assert_nonnull (error);
}

/* Each in a process of its own, since it happens once. */
static void
test_application_with_domains_of_its_own (void)
{
  if (g_test_subprocess ())
    {
      say_something ();
      g_assert_cmpstr (bindtextdomain (GETTEXT_PACKAGE, NULL), ==, LOCALEDIR);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

static void
test_application_that_shares_the_domain (void)
{
  if (g_test_subprocess ())
    {
      bindtextdomain (GETTEXT_PACKAGE, ELSEWHERE);
      say_something ();
      g_assert_cmpstr (bindtextdomain (GETTEXT_PACKAGE, NULL), ==, ELSEWHERE);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/language/application-with-domains-of-its-own",
                   test_application_with_domains_of_its_own);
  g_test_add_func ("/language/application-that-shares-the-domain",
                   test_application_that_shares_the_domain);
  return g_test_run ();
}
