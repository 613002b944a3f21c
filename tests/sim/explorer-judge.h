/*
 * SPDX-License-Identifier: MIT
 *
 * explorer-judge.h: whether the hosts of an explored world ended up well
 */
#pragma once

#include "explorer-host.h"

G_BEGIN_DECLS

/* Every open of a living process is up, and has heard its peer. */
gboolean ex_judge_is_settled (const ExScenario *scenario,
                              ExHost           *hosts);
/* Why it isn't settled. */
char    *ex_judge_explain    (const ExScenario *scenario,
                              ExHost           *hosts);
/* NULL, or what is wrong between sessions that are up. */
char    *ex_judge_check      (const ExScenario *scenario,
                              ExHost           *hosts);

/* All connections have other keys than those of the handshake. */
gboolean ex_judge_have_keys_changed (const ExScenario *scenario,
                                     ExHost           *hosts);

G_END_DECLS
