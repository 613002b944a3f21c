/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-invitation-codec-private.h: what an invitation says, and its text
 */
#pragma once

#include "srudp-glib/protocol/srudp-nat.h"
#include "srudp-glib/srudp-invitation-text-private.h"

G_BEGIN_DECLS

#define SRUDP_INVITATION_VERSION 1
#define SRUDP_INVITATION_KEY_BYTES 32
#define SRUDP_INVITATION_SECRET_BYTES 32
#define SRUDP_INVITATION_MAX_CANDIDATES 32

#define SRUDP_INVITATION_MAX_INTRODUCERS 2
#define SRUDP_INVITATION_MAX_INTRODUCER_ADDRESSES 4

/* Who can tell the peer of us, and us of the peer. */
typedef struct
{
  guint8 key[SRUDP_INVITATION_KEY_BYTES];
  SrudpAddress addresses[SRUDP_INVITATION_MAX_INTRODUCER_ADDRESSES];
  guint n_addresses;
} SrudpInvitationIntroducer;

/* To be wiped when it has held a secret. */
typedef struct
{
  guint8 key[SRUDP_INVITATION_KEY_BYTES];
  guint8 secret[SRUDP_INVITATION_SECRET_BYTES];
  gboolean has_secret;
  guint32 expires_s; /* since 1970, UTC; 0: never */
  SrudpAddress candidates[SRUDP_INVITATION_MAX_CANDIDATES];
  guint n_candidates;
  /* How the NAT gives out ports: .mapping and .port_delta, for the candidate
   * .address. UNKNOWN: it isn't said. */
  SrudpNatFacts nat;
  SrudpInvitationIntroducer introducers[SRUDP_INVITATION_MAX_INTRODUCERS];
  guint n_introducers;
} SrudpInvitationFields;

/* Whether others than this machine can know an address by this. */
gboolean srudp_invitation_can_name (const SrudpAddress *address);

/* All candidates must be such. To be wiped if it holds a secret. */
char *srudp_invitation_encode (const SrudpInvitationFields *fields);

/* The first invitation in the text; `canonical`, its text alone, is to be
 * freed and may have to be wiped. Both are set if it is good. */
SrudpInvitationResult srudp_invitation_decode (const char            *text,
                                               SrudpInvitationFields *fields,
                                               char                 **canonical);

G_END_DECLS
