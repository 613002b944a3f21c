/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-invitation-text-private.h: bytes as a text that people pass on
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* All of an invitation, of whatever version. */
#define SRUDP_INVITATION_MAX_BYTES 2048

typedef enum
{
  SRUDP_INVITATION_GOOD,
  SRUDP_INVITATION_NOT_ONE, /* no invitation at all */
  SRUDP_INVITATION_DAMAGED,
  SRUDP_INVITATION_NEWER, /* of a version that isn't known here */
} SrudpInvitationResult;

/* NULL if the fields are too many bytes. To be wiped if they hold a secret. */
char *srudp_invitation_wrap (guint8        version,
                             const guint8 *fields,
                             gsize         n_bytes);

/* What was found in a text: all of its bytes, and where in them the fields
 * are. */
typedef struct
{
  guint8 *bytes;
  gsize n_bytes;
  guint8 version;
  const guint8 *fields;
  gsize n_fields;
} SrudpInvitationBytes;

/* The first one in the text, with `out` filled in if it is good. */
SrudpInvitationResult srudp_invitation_unwrap (const char           *text,
                                               SrudpInvitationBytes *out);
void srudp_invitation_bytes_clear (SrudpInvitationBytes *bytes);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SrudpInvitationBytes,
                                  srudp_invitation_bytes_clear)

G_END_DECLS
