/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-invitation.h: who a peer is and where, in one line of text
 */
#pragma once

#include <srudp-glib/srudp-peer-id.h>

G_BEGIN_DECLS

#define SRUDP_TYPE_INVITATION (srudp_invitation_get_type ())

SRUDP_API
G_DECLARE_FINAL_TYPE (SrudpInvitation, srudp_invitation, SRUDP, INVITATION,
                      GObject)

SRUDP_API
SrudpInvitation *srudp_invitation_new            (const SrudpPeerId  *peer_id,
                                                  GSocketAddress    **candidates,
                                                  gsize               n_candidates);
SRUDP_API
SrudpInvitation *srudp_invitation_parse          (const char         *string,
                                                  GError            **error);
SRUDP_API
SrudpInvitation *srudp_invitation_without_secret (SrudpInvitation    *self);
SRUDP_API
char            *srudp_invitation_to_string      (SrudpInvitation    *self);
SRUDP_API
SrudpPeerId     *srudp_invitation_get_peer_id    (SrudpInvitation    *self);
SRUDP_API
GListModel      *srudp_invitation_get_candidates (SrudpInvitation    *self);
SRUDP_API
GDateTime       *srudp_invitation_get_expires    (SrudpInvitation    *self);

G_END_DECLS
