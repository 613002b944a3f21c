/*
 * SPDX-License-Identifier: MIT
 *
 * test-client-missing.c: stands for a test whose library isn't installed
 */
#include <glib.h>

static void
test_missing (void)
{
  g_test_skip (MISSING_LIBRARY " is not installed");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/client", test_missing);

  return g_test_run ();
}
