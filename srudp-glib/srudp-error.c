/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-error.c: the error domain
 */
#include "config.h"

#include "srudp-glib/srudp-error.h"

/**
 * srudp_error_quark:
 *
 * The error domain of [error@Srudp.Error].
 *
 * Returns: the quark of the domain
 */
G_DEFINE_QUARK (srudp-error-quark, srudp_error)
