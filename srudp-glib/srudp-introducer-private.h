/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-introducer-private.h: peers that tell each other where others are
 *
 * All of it runs on the worker. A connection may play four parts: one with a
 * peer that introduces us, one with a peer that we introduce, one that is
 * opened only to ask for somebody, and one that is opened since somebody was
 * introduced to us.
 */
#pragma once

#include "srudp-glib/srudp-endpoint-core-private.h"
#include "srudp-glib/srudp-invitation-codec-private.h"

G_BEGIN_DECLS

/* The parts of a connection; NULL in most. Worker only. */
struct _SrudpIntroducing
{
  /* With a peer that we may introduce: what it has told of itself. */
  gboolean has_offer;
  SrudpIntroduction offer;
  /* With a peer that introduces us to whoever asks. */
  gboolean is_introducer;
  /* Opened since a peer was introduced: nobody has it before it is there. */
  gboolean is_introduced;
  /* Opened to ask for the peer of that connection (a reference), again and
   * again. */
  SrudpConnectionCore *seeker;
  GSource *retry;
  /* Those that were opened to ask for the peer of this one (references). */
  GPtrArray *helpers;
};

void     srudp_introducing_free       (SrudpIntroducing    *self);

/* Events of a connection. */
void     srudp_introducer_on_introduction (SrudpEndpointCore       *core,
                                           SrudpConnectionCore     *connection,
                                           const SrudpIntroduction *introduction);
void     srudp_introducer_on_established (SrudpEndpointCore   *core,
                                          SrudpConnectionCore *connection);
void     srudp_introducer_on_closed   (SrudpConnectionCore *connection);

/* Asks those that its invitation names for the peer of a connection that is
 * being opened. */
void     srudp_introducer_seek        (SrudpEndpointCore   *core,
                                       SrudpConnectionCore *connection,
                                       gint64               timeout_us);
/* FALSE: one of the two is not open. */
gboolean srudp_introducer_introduce   (SrudpConnectionCore *a,
                                       SrudpConnectionCore *b);
/* From now on this peer may introduce us. FALSE: it is not open. */
gboolean srudp_introducer_add         (SrudpEndpointCore   *core,
                                       SrudpConnectionCore *connection);
/* Tells those who introduce us where we are now. */
void     srudp_introducer_offer_anew  (SrudpEndpointCore   *core);
/* Names in an invitation those who introduce us. */
void     srudp_introducer_name        (SrudpEndpointCore     *core,
                                       SrudpInvitationFields *fields);

G_END_DECLS
