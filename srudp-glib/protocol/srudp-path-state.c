/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-path-state.c: one path's validation and amplification budget
 */
#include "srudp-path-state.h"

#include <string.h>

/* RFC 9000, section 8.1. */
#define AMPLIFICATION_FACTOR 3
/* RFC 9000, section 8.2.4 gives up after three probe timeouts; a few more
 * challenges cost little and carry a rebinding through heavy loss. */
#define MAX_CHALLENGES 6

void
srudp_path_state_init_validated (SrudpPathState  *state,
                                 const SrudpPath *addresses)
{
  srudp_path_state_clear (state);
  state->addresses = *addresses;
  state->in_use = TRUE;
  state->validated = TRUE;
}

void
srudp_path_state_init_unproven (SrudpPathState  *state,
                                const SrudpPath *addresses,
                                const guint8     challenge[SRUDP_PATH_CHALLENGE_BYTES])
{
  srudp_path_state_clear (state);
  state->addresses = *addresses;
  state->in_use = TRUE;
  state->challenge_due = TRUE;
  memcpy (state->challenge, challenge, SRUDP_PATH_CHALLENGE_BYTES);
}

void
srudp_path_state_init_own (SrudpPathState  *state,
                           const SrudpPath *addresses,
                           const guint8     challenge[SRUDP_PATH_CHALLENGE_BYTES])
{
  srudp_path_state_init_unproven (state, addresses, challenge);
  state->is_own_idea = TRUE;
}

void
srudp_path_state_clear (SrudpPathState *state)
{
  memset (state, 0, sizeof *state);
  state->deadline_us = -1;
}

void
srudp_path_state_delay (SrudpPathState *state,
                        gint64          until_us)
{
  state->challenge_due = FALSE;
  state->deadline_us = until_us;
}

void
srudp_path_state_on_received (SrudpPathState *state,
                              gsize           n_bytes)
{
  state->received_bytes += n_bytes;
}

void
srudp_path_state_on_sent (SrudpPathState *state,
                          gsize           n_bytes)
{
  state->sent_bytes += n_bytes;
}

gsize
srudp_path_state_get_budget (const SrudpPathState *state)
{
  guint64 allowed = state->received_bytes * AMPLIFICATION_FACTOR;

  if (state->validated || state->is_own_idea)
    return G_MAXSIZE;

  return allowed > state->sent_bytes ? allowed - state->sent_bytes : 0;
}

void
srudp_path_state_on_challenge_sent (SrudpPathState *state,
                                    gint64          now,
                                    gint64          timeout_us)
{
  state->challenge_due = FALSE;
  state->n_challenges++;
  state->deadline_us = now + timeout_us;
}

gboolean
srudp_path_state_on_response (SrudpPathState *state,
                              const guint8    answer[SRUDP_PATH_CHALLENGE_BYTES])
{
  if (!state->in_use || state->validated || state->n_challenges == 0)
    return FALSE;
  if (memcmp (state->challenge, answer, SRUDP_PATH_CHALLENGE_BYTES) != 0)
    return FALSE;

  state->validated = TRUE;
  state->challenge_due = FALSE;
  state->deadline_us = -1;

  return TRUE;
}

SrudpPathVerdict
srudp_path_state_on_timeout (SrudpPathState *state,
                             gint64          now)
{
  if (state->deadline_us < 0 || now < state->deadline_us)
    return SRUDP_PATH_WAITING;

  if (state->n_challenges >= MAX_CHALLENGES)
    {
      srudp_path_state_clear (state);
      return SRUDP_PATH_FAILED;
    }

  state->deadline_us = -1;
  state->challenge_due = TRUE;

  return SRUDP_PATH_REPEAT;
}
