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
#include "srudp-glib/srudp-introducer-book-private.h"
#include "srudp-glib/srudp-invitation-codec-private.h"
#include "srudp-glib/srudp-secret-private.h"

G_BEGIN_DECLS

#define SRUDP_HOME_ADDRESSES 8

/* What it takes to go back to an introducer. */
typedef struct
{
  guint8 key[SRUDP_KEY_BYTES];
  SrudpAddress addresses[SRUDP_HOME_ADDRESSES];
  guint n_addresses;
  SrudpSecret *passphrase, *invitation; /* or NULL */
  gint64 idle_timeout_us, keepalive_us;
  guint wait_ms; /* the next time; 0: the shortest */
} SrudpIntroducerHome;

/* The parts of a connection; NULL in most. Worker only. */
struct _SrudpIntroducing
{
  /* With a peer that we may introduce: in the endpoint's book of those, and
   * what it has told of itself. */
  SrudpIntroducerEntry entry;
  SrudpIntroduction offer;
  /* With a peer that introduces us to whoever asks; NULL: it doesn't. */
  SrudpIntroducerHome *home;
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
/* `from` has become that connection. */
void     srudp_introducer_take_over   (SrudpConnectionCore *connection,
                                       SrudpConnectionCore *from);

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

/* Opens to whom an introduction is about, or to an introducer. */
void     srudp_introducer_open        (SrudpEndpointCore     *core,
                                       SrudpConnectionCore   *connection,
                                       const SrudpOpenConfig *config);

/* What its parts have in common. */
SrudpIntroducing *
         srudp_introducing_ensure     (SrudpConnectionCore *connection);
void     srudp_introducing_stop_retrying (SrudpIntroducing *self);
void     srudp_introducing_set_introduced (SrudpIntroducing  *self,
                                           SrudpEndpointCore *core,
                                           gboolean           is_introduced);
gboolean srudp_introducer_is_open     (SrudpConnectionCore *connection);
/* Whoever asks for its peer may be told of it. */
gboolean srudp_introducer_has_offered (SrudpConnectionCore *connection);
/* It introduces us. */
gboolean srudp_introducer_is_home     (SrudpConnectionCore *connection);
void     srudp_introducer_send        (SrudpConnectionCore     *connection,
                                       const SrudpIntroduction *introduction);

/* srudp-introducer-others.c */
void     srudp_introducer_take_offer  (SrudpEndpointCore       *core,
                                       SrudpConnectionCore     *from,
                                       const SrudpIntroduction *offer);
void     srudp_introducer_answer      (SrudpEndpointCore       *core,
                                       SrudpConnectionCore     *from,
                                       const SrudpIntroduction *request);

/* srudp-introducer-meet.c */
void     srudp_introducer_meet        (SrudpEndpointCore       *core,
                                       SrudpConnectionCore     *from,
                                       const SrudpIntroduction *introduction);

/* srudp-introducer-seek.c */
void     srudp_introducer_ask         (SrudpEndpointCore   *core,
                                       SrudpConnectionCore *introducer,
                                       SrudpConnectionCore *seeker);
void     srudp_introducer_ask_again   (SrudpEndpointCore   *core,
                                       SrudpConnectionCore *helper);
/* Nobody needs to be asked for the peer of this one any more. */
void     srudp_introducer_end_helpers (SrudpConnectionCore *connection);

/* srudp-introducer-offer.c */
void     srudp_introducer_offer       (SrudpEndpointCore   *core,
                                       SrudpConnectionCore *introducer);

/* srudp-introducer-return.c */
SrudpIntroducerHome *
         srudp_introducer_home_new    (SrudpConnectionCore *connection);
void     srudp_introducer_home_free   (SrudpIntroducerHome *self);
/* The connection to it is gone: opens another one after a while. Takes the
 * home. */
void     srudp_introducer_return_later (SrudpEndpointCore   *core,
                                        SrudpIntroducerHome *home);
/* Not to that one any more; to none any more. */
void     srudp_introducer_forget_return (SrudpEndpointCore *core,
                                         const guint8      *key);
void     srudp_introducer_forget_returns (SrudpEndpointCore *core);

G_END_DECLS
