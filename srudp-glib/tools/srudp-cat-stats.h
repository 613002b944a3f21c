/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cat-stats.h: a live line with the numbers of all connections
 */
#pragma once

#include <srudp-glib/srudp-glib.h>

G_BEGIN_DECLS

typedef struct _CatStats CatStats;

CatStats *cat_stats_new     (guint64          size_bytes);
void      cat_stats_free    (CatStats        *self);
void      cat_stats_start   (CatStats        *self);
void      cat_stats_stop    (CatStats        *self);
void      cat_stats_watch   (CatStats        *self,
                             SrudpConnection *connection);
void      cat_stats_unwatch (CatStats        *self,
                             SrudpConnection *connection);

/* How much a regular file has left to read; 0: not known. */
guint64   cat_stats_size_of (int              fd);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CatStats, cat_stats_free)

G_END_DECLS
