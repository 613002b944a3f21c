/*
 * SPDX-License-Identifier: MIT
 *
 * census.h: counts our objects that are alive; a program has only to be linked
 * with it, and not to make any before main()
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

guint  census_count       (const char *type_name);
char  *census_tell        (void);
void   census_assert_none (void);

G_END_DECLS
