/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-fork-private.h: whether this process is a copy of another one
 *
 * After fork() without exec there would be two users of the same keys. The copy
 * has no worker thread, so it sends nothing; what is asked of it is refused,
 * lest somebody waits for ever.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How many times the process was copied since the first call: an object that
 * was made with another number belongs to somebody else. */
int srudp_fork_count (void);

G_END_DECLS
