/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-debug-private.h: what SRUDP_DEBUG makes the library tell of itself
 */
#pragma once

#include "srudp-glib/protocol/srudp-address.h"

G_BEGIN_DECLS

/* Named in SRUDP_DEBUG in lower case. */
typedef enum
{
  SRUDP_DEBUG_CANDIDATES = 1 << 0,
  SRUDP_DEBUG_CONNECTION = 1 << 1,
  SRUDP_DEBUG_ENDPOINT = 1 << 2,
  SRUDP_DEBUG_HANDSHAKE = 1 << 3,
  SRUDP_DEBUG_INTRODUCER = 1 << 4,
  SRUDP_DEBUG_NETWORK = 1 << 5,
} SrudpDebugFlags;

gboolean srudp_debug_is_on (SrudpDebugFlags category);

/* Never with a key, a passphrase, an invitation or what applications say; nor
 * under a lock, for a program may have a log handler of its own. */
void     srudp_debug_note  (SrudpDebugFlags category,
                            const char     *format,
                            ...) G_GNUC_PRINTF (2, 3);

/* An address as text, for as long as the block lasts that it is used in. */
#define SRUDP_DEBUG_ADDRESS(address) \
  srudp_address_format ((address), \
                        (char[SRUDP_ADDRESS_STRING_BYTES]) { 0 })

/* What is noted is only worked out if somebody wants to know. */
#define SRUDP_NOTE(category, ...) \
  G_STMT_START \
  { \
    if (srudp_debug_is_on (SRUDP_DEBUG_##category)) \
      srudp_debug_note (SRUDP_DEBUG_##category, __VA_ARGS__); \
  } \
  G_STMT_END

G_END_DECLS
