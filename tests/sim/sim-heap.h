/*
 * SPDX-License-Identifier: MIT
 *
 * sim-heap.h: how many bytes of the heap are in use
 *
 * A program that links it counts them: the C library itself takes blocks that
 * it keeps for later use as used.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gsize sim_heap_get_size (void);

G_END_DECLS
