/*
 * SPDX-License-Identifier: MIT
 *
 * sim-trace.h: SRUDP_QLOG=folder leaves a qlog file of each session there
 */
#pragma once

#include "srudp-engine.h"

G_BEGIN_DECLS

void sim_trace_start (SrudpEngine *engine);
/* After whatever was done to the engine. */
void sim_trace_save  (SrudpEngine *engine);

G_END_DECLS
