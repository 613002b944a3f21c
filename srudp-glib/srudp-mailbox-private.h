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

/* Any thread: whose turn it is may use the engine, as the worker does whenever
 * it isn't asleep. TRUE: it is asleep and has no mail, so that the caller may
 * do at once what else he would post; until he gives the turn back, which has
 * to be soon. Never waits, so that it may be asked for under any lock. */
gboolean      srudp_mailbox_try_turn  (SrudpMailbox *self);
void          srudp_mailbox_give_turn (SrudpMailbox *self);

/* Worker only: the context's thread has the turn from here on, but for its
 * sleep if others may have it then. */
void          srudp_mailbox_begin_turns (SrudpMailbox *self,
                                         gboolean      lend);
void          srudp_mailbox_end_turns   (SrudpMailbox *self);
/* Worker only: what to do whenever mail was worked off. */
void          srudp_mailbox_start  (SrudpMailbox  *self,
                                    SrudpMailFunc  after,
                                    gpointer       user_data);
/* Worker only: takes no more mail, and works off what is there. */
void          srudp_mailbox_close  (SrudpMailbox  *self);

G_END_DECLS
