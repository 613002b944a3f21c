/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-path-state.h: one path's validation and amplification budget
 *
 * A path is proven when the peer echoes an unpredictable value that was sent
 * along it (RFC 9000, section 8.2). Until then at most three times the bytes
 * that came from there may be sent to it, so that nobody can be flooded by
 * forging source addresses (section 8.1).
 */
#pragma once

#include "srudp-frame.h"

G_BEGIN_DECLS

typedef struct
{
  SrudpPath addresses;
  gboolean in_use;
  gboolean validated;
  gboolean is_own_idea;   /* chosen here, not by a packet from there */
  gboolean challenge_due; /* a PATH_CHALLENGE is to be sent */
  guint n_challenges;     /* sent so far */
  guint8 challenge[SRUDP_PATH_CHALLENGE_BYTES];
  gint64 deadline_us;     /* of the newest challenge; -1: none */
  guint64 received_bytes;
  guint64 sent_bytes;
} SrudpPathState;

typedef enum
{
  SRUDP_PATH_WAITING = 0,
  SRUDP_PATH_REPEAT, /* the challenge is due once more */
  SRUDP_PATH_FAILED, /* never answered: the path is no longer in use */
} SrudpPathVerdict;

void     srudp_path_state_init_validated (SrudpPathState  *state,
                                          const SrudpPath *addresses);
void     srudp_path_state_init_unproven  (SrudpPathState  *state,
                                          const SrudpPath *addresses,
                                          const guint8     challenge[SRUDP_PATH_CHALLENGE_BYTES]);
/* One we want to use by ourselves: nobody can lead us to flood somebody. */
void     srudp_path_state_init_own       (SrudpPathState  *state,
                                          const SrudpPath *addresses,
                                          const guint8     challenge[SRUDP_PATH_CHALLENGE_BYTES]);
void     srudp_path_state_clear          (SrudpPathState  *state);
/* The first challenge waits until then. */
void     srudp_path_state_delay          (SrudpPathState  *state,
                                          gint64           until_us);

void     srudp_path_state_on_received    (SrudpPathState  *state,
                                          gsize            n_bytes);
void     srudp_path_state_on_sent        (SrudpPathState  *state,
                                          gsize            n_bytes);
/* Bytes that may be sent along it now; G_MAXSIZE once it is validated. */
gsize    srudp_path_state_get_budget     (const SrudpPathState *state);

/* `timeout_us` is how long to wait before the challenge is repeated. */
void     srudp_path_state_on_challenge_sent (SrudpPathState *state,
                                             gint64          now,
                                             gint64          timeout_us);
/* TRUE if this answer proves the path. */
gboolean srudp_path_state_on_response    (SrudpPathState  *state,
                                          const guint8     answer[SRUDP_PATH_CHALLENGE_BYTES]);
SrudpPathVerdict srudp_path_state_on_timeout (SrudpPathState *state,
                                              gint64          now);

G_END_DECLS
