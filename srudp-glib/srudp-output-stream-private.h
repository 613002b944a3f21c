/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-output-stream-private.h: what leaves on a stream, as GOutputStream
 */
#pragma once

#include "srudp-glib/srudp-stream-core-private.h"

G_BEGIN_DECLS

#define SRUDP_TYPE_OUTPUT_STREAM (srudp_output_stream_get_type ())

G_DECLARE_FINAL_TYPE (SrudpOutputStream, srudp_output_stream, SRUDP,
                      OUTPUT_STREAM, GOutputStream)

GOutputStream *srudp_output_stream_new (SrudpStreamCore *core);

G_END_DECLS
