/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-stream-private.h: streams for the rest of the library
 */
#pragma once

#include "srudp-glib/srudp-stream-core-private.h"
#include "srudp-glib/srudp-stream.h"

G_BEGIN_DECLS

/* Takes the core over. */
SrudpStream *srudp_stream_new_for_core (SrudpConnection *connection,
                                        SrudpStreamCore *core);

G_END_DECLS
