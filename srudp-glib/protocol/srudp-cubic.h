/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cubic.h: CUBIC (RFC 9438) with HyStart++ (RFC 9406)
 */
#pragma once

#include "srudp-congestion.h"

G_BEGIN_DECLS

/* By the book: every loss is congestion. */
extern const SrudpCongestionClass srudp_cubic;
/* Isolated loss without a rise of the round-trip time is none, and a queue
 * that only we have built is drained before it overflows. */
extern const SrudpCongestionClass srudp_cubic_tolerant;

G_END_DECLS
