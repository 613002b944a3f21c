/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-input-stream-private.h: what arrives on a stream, as GInputStream
 */
#pragma once

#include "srudp-glib/srudp-stream-core-private.h"

G_BEGIN_DECLS

#define SRUDP_TYPE_INPUT_STREAM (srudp_input_stream_get_type ())

G_DECLARE_FINAL_TYPE (SrudpInputStream, srudp_input_stream, SRUDP,
                      INPUT_STREAM, GInputStream)

GInputStream *srudp_input_stream_new (SrudpStreamCore *core);

G_END_DECLS
