/*
 * SPDX-License-Identifier: MIT
 *
 * invitations.h: invitations to look at, and their text
 */
#pragma once

#include "support.h"

#include "srudp-glib/srudp-invitation-private.h"

G_BEGIN_DECLS

/* Where somebody is, as far as he knows; each ends with NULL. */
extern const char *const four_addresses[];
extern const char *const four_networks[];

SrudpPeerId     *make_peer_id    (void);
/* With the port one higher at each address if `ports_differ`. */
SrudpInvitation *make_invitation (const char *const     *hosts,
                                  gboolean               ports_differ);
/* All that an invitation can hold. */
void             fill_fields     (SrudpInvitationFields *fields);

void             expect_equal    (SrudpInvitation       *a,
                                  SrudpInvitation       *b);
void             expect_read_as  (const char            *text,
                                  SrudpInvitation       *invitation);
void             expect_refused  (const char            *text,
                                  GQuark                 domain,
                                  int                    code);
void             expect_damaged  (const char            *text);

G_END_DECLS
