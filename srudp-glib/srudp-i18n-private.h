/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-i18n-private.h: the library's messages in the language of the user
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define _(text) srudp_gettext (text)
#define N_(text) (text)

const char *srudp_gettext (const char *text) G_GNUC_FORMAT (1);

G_END_DECLS
