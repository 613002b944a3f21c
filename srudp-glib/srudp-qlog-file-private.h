/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-qlog-file-private.h: what SRUDP_QLOG=folder asks for
 */
#pragma once

#include "srudp-glib/protocol/srudp-engine.h"

G_BEGIN_DECLS

typedef struct _SrudpQlogFiles SrudpQlogFiles;

/* NULL: nobody asked for traces. All calls belong to one thread. */
SrudpQlogFiles *srudp_qlog_files_new   (SrudpEngine    *engine);
/* Call it after whatever was done to the engine. NULL-safe. */
void            srudp_qlog_files_drain (SrudpQlogFiles *self);
/* Before the engine is freed. NULL-safe. */
void            srudp_qlog_files_free  (SrudpQlogFiles *self);

G_END_DECLS
