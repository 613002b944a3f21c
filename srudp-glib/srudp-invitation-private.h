/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-invitation-private.h: invitations for the rest of the library
 */
#pragma once

#include "srudp-glib/srudp-invitation-codec-private.h"
#include "srudp-glib/srudp-invitation.h"

G_BEGIN_DECLS

SrudpInvitation *
srudp_invitation_new_from_fields (const SrudpInvitationFields *fields);

/* NULL if it has none. Not to be copied into memory that isn't wiped. */
const guint8 *srudp_invitation_get_secret (SrudpInvitation *self);

/* What the peer's NAT does: .mapping, .port_delta, and the candidate that is
 * the peer's own as it was seen last (.address). NULL: it isn't said. */
const SrudpNatFacts *srudp_invitation_get_nat (SrudpInvitation *self);

const SrudpInvitationIntroducer *
srudp_invitation_get_introducers (SrudpInvitation *self,
                                  guint           *n);

G_END_DECLS
