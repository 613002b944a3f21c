/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-notifier-private.h: tells an object's owner what happened
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SrudpNotifier SrudpNotifier;

/* Runs in the owner's context, with no lock held. Owns `data`. */
typedef void (*SrudpNotifyFunc) (GObject  *object,
                                 gpointer  data);

SrudpNotifier *srudp_notifier_new         (GObject         *object,
                                           GMainContext    *context);
SrudpNotifier *srudp_notifier_ref         (SrudpNotifier   *self);
void           srudp_notifier_unref       (SrudpNotifier   *self);
/* To be called when the object goes: nothing is told any more. */
void           srudp_notifier_close       (SrudpNotifier   *self);
GMainContext  *srudp_notifier_get_context (SrudpNotifier   *self);
/* Whether the calling thread is where the owner's handlers run. */
gboolean       srudp_notifier_is_here     (SrudpNotifier   *self);

/* Any thread, any lock. Notices arrive in order, or not at all if the object
 * goes before; then `destroy` frees the data. */
void           srudp_notifier_push        (SrudpNotifier   *self,
                                           SrudpNotifyFunc  func,
                                           gpointer         data,
                                           GDestroyNotify   destroy);
/* Notifies of a property. */
void           srudp_notifier_push_notify (SrudpNotifier   *self,
                                           GParamSpec      *pspec);

G_END_DECLS
