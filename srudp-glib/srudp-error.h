/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-error.h: what can go wrong while opening a connection or parsing
 */
#pragma once

#include <gio/gio.h>

#include <srudp-glib/srudp-version.h>

G_BEGIN_DECLS

/**
 * SRUDP_ERROR:
 *
 * The error domain of [error@Srudp.Error].
 */
#define SRUDP_ERROR (srudp_error_quark ())

/**
 * SrudpError:
 * @SRUDP_ERROR_FAILED: something that has no code of its own
 * @SRUDP_ERROR_PEER_UNREACHABLE: nothing was heard from the peer in time
 * @SRUDP_ERROR_PEER_IDENTITY: the peer answered with another key than the
 *   expected one, or with one that is not allowed
 * @SRUDP_ERROR_PASSPHRASE: the two sides use different passphrases, or only one
 *   has any
 * @SRUDP_ERROR_APPLICATION_PROTOCOL: the two sides speak different application
 *   protocols
 * @SRUDP_ERROR_VERSION: the other side, or the text, is of a version that this
 *   library doesn't know
 * @SRUDP_ERROR_PROTOCOL: the peer broke the protocol
 * @SRUDP_ERROR_INVITATION: an invitation is damaged, or not known to the peer any
 *   more
 * @SRUDP_ERROR_IDENTITY: an identity or a peer id is damaged
 *
 * Errors from opening connections and from parsing.
 *
 * Once a connection is established its streams report `GIOErrorEnum` only.
 */
typedef enum
{
  SRUDP_ERROR_FAILED = 0,
  SRUDP_ERROR_PEER_UNREACHABLE,
  SRUDP_ERROR_PEER_IDENTITY,
  SRUDP_ERROR_PASSPHRASE,
  SRUDP_ERROR_APPLICATION_PROTOCOL,
  SRUDP_ERROR_VERSION,
  SRUDP_ERROR_PROTOCOL,
  SRUDP_ERROR_INVITATION,
  SRUDP_ERROR_IDENTITY,
} SrudpError;

SRUDP_API
GQuark srudp_error_quark (void);

G_END_DECLS
