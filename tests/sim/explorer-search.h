/*
 * SPDX-License-Identifier: MIT
 *
 * explorer-search.h: the search through an explored world
 *
 * Breadth first, so what it finds is shortest, until SRUDP_EXPLORER_STATES
 * different states were settled; then SRUDP_EXPLORER_WALKS long random walks.
 * SRUDP_EXPLORER_TRACE repeats what a failure printed.
 */
#pragma once

#include "explorer.h"

G_BEGIN_DECLS

/* Fails the test with the shortest trace it finds. */
void ex_search_run (const ExScenario *scenario,
                    guint64           seed);

G_END_DECLS
