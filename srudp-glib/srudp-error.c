/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-error.c: the error domain
 */
#include "config.h"

#include "srudp-glib/srudp-error.h"

G_DEFINE_QUARK (srudp-error-quark, srudp_error)
