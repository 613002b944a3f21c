/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-key-log-file-private.h: what SRUDP_KEYLOG=file asks for
 */
#pragma once

#include "srudp-glib/protocol/srudp-engine.h"

G_BEGIN_DECLS

typedef struct _SrudpKeyLogFile SrudpKeyLogFile;

/* NULL: nobody asked for keys, or none may be given out. */
SrudpKeyLogFile *srudp_key_log_file_new   (SrudpEngine     *engine);
/* Call it after whatever was done to the engine. NULL-safe. */
void             srudp_key_log_file_drain (SrudpKeyLogFile *self);
/* Before the engine is freed. NULL-safe. */
void             srudp_key_log_file_free  (SrudpKeyLogFile *self);

G_END_DECLS
