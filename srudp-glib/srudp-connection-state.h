/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-state.h: the steps in the life of a connection
 */
#pragma once

#include <glib-object.h>

#include <srudp-glib/srudp-version.h>

G_BEGIN_DECLS

/**
 * SrudpConnectionState:
 * @SRUDP_CONNECTION_STATE_NEW: not opened yet
 * @SRUDP_CONNECTION_STATE_RESOLVING: looking up the addresses of the peer
 * @SRUDP_CONNECTION_STATE_WAITING: nothing heard from the peer yet
 * @SRUDP_CONNECTION_STATE_PUNCHING: heard from the peer, choosing a path
 * @SRUDP_CONNECTION_STATE_SECURING: keys are agreed, not yet confirmed
 * @SRUDP_CONNECTION_STATE_ESTABLISHED: open, data flows
 * @SRUDP_CONNECTION_STATE_UNREACHABLE: open, but the peer is silent; goes back
 *   to %SRUDP_CONNECTION_STATE_ESTABLISHED when it is heard again
 * @SRUDP_CONNECTION_STATE_CLOSING: delivering what is left
 * @SRUDP_CONNECTION_STATE_CLOSED: over
 *
 * Where a [class@Srudp.Connection] is in its life.
 *
 * A connection only ever moves forward through these, except between
 * %SRUDP_CONNECTION_STATE_ESTABLISHED and %SRUDP_CONNECTION_STATE_UNREACHABLE;
 * steps may be skipped.
 */
typedef enum
{
  SRUDP_CONNECTION_STATE_NEW = 0,
  SRUDP_CONNECTION_STATE_RESOLVING,
  SRUDP_CONNECTION_STATE_WAITING,
  SRUDP_CONNECTION_STATE_PUNCHING,
  SRUDP_CONNECTION_STATE_SECURING,
  SRUDP_CONNECTION_STATE_ESTABLISHED,
  SRUDP_CONNECTION_STATE_UNREACHABLE,
  SRUDP_CONNECTION_STATE_CLOSING,
  SRUDP_CONNECTION_STATE_CLOSED,
} SrudpConnectionState;

G_END_DECLS
