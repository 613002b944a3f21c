/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-mailbox-private.h: how other threads have a worker do something
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _SrudpMailbox SrudpMailbox;

/* Runs on the worker, in the order of posting. Owns `data`. */
typedef void (*SrudpMailFunc) (gpointer data);

SrudpMailbox *srudp_mailbox_new    (GMainContext  *context);
SrudpMailbox *srudp_mailbox_ref    (SrudpMailbox  *self);
void          srudp_mailbox_unref  (SrudpMailbox  *self);

/* FALSE: the worker is gone, and `data` is still the caller's. */
gboolean      srudp_mailbox_post   (SrudpMailbox  *self,
                                    SrudpMailFunc  func,
                                    gpointer       data);

/* Worker only: what to do whenever mail was worked off. */
void          srudp_mailbox_start  (SrudpMailbox  *self,
                                    SrudpMailFunc  after,
                                    gpointer       user_data);
/* Worker only: takes no more mail, and works off what is there. */
void          srudp_mailbox_close  (SrudpMailbox  *self);

G_END_DECLS
