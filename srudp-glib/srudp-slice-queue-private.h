/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-slice-queue-private.h: bytes in order, in slices of chunks
 */
#pragma once

#include "srudp-glib/protocol/srudp-chunk.h"

G_BEGIN_DECLS

typedef struct
{
  GArray *slices; /* of SrudpSlice */
  guint head;     /* index of the first one still there */
  gsize n_bytes;
} SrudpSliceQueue;

void     srudp_slice_queue_init  (SrudpSliceQueue *self);
void     srudp_slice_queue_clear (SrudpSliceQueue *self);
void     srudp_slice_queue_drop  (SrudpSliceQueue *self);
/* Takes the reference; joins it to the last slice if they touch. */
void     srudp_slice_queue_push  (SrudpSliceQueue *self,
                                  SrudpSlice       slice);
/* At most `max` bytes of the first slice; the caller gets a reference. */
gboolean srudp_slice_queue_pop   (SrudpSliceQueue *self,
                                  gsize            max,
                                  SrudpSlice      *slice);
/* Moves all of `from` to the end of `self`. */
void     srudp_slice_queue_move  (SrudpSliceQueue *self,
                                  SrudpSliceQueue *from);

G_END_DECLS
