/*
 * SPDX-License-Identifier: MIT
 *
 * counted.c: linked into a program, it complains at the end of what is still alive
 */
#include "census.h"

__attribute__ ((destructor)) static void
complain (void)
{
  g_autofree char *left = census_tell ();

  if (*left != '\0')
    g_printerr ("ERROR: still alive at the end: %s\n", left);
}
