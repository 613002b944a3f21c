/*
 * SPDX-License-Identifier: MIT
 *
 * fuzz-invitation.c: an invitation as somebody pasted it
 *
 * The input is a text; and it is the fields of an invitation with a checksum
 * that fits, which chance would not find.
 */
#include "fuzz.h"

#include "srudp-glib/srudp-invitation-private.h"

#include <srudp-glib/srudp-glib.h>

static void
check_refusal (const GError *error)
{
  g_assert_nonnull (error);
  g_assert_true (g_error_matches (error, SRUDP_ERROR, SRUDP_ERROR_INVITATION)
                 || g_error_matches (error, SRUDP_ERROR, SRUDP_ERROR_VERSION)
                 || g_error_matches (error, G_IO_ERROR,
                                     G_IO_ERROR_INVALID_ARGUMENT));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

/* What was read from it can be written, and read again as the same. */
static void
check_fields (const char *text)
{
  g_autofree char *canonical = NULL;
  g_autofree char *encoded = NULL;
  g_autofree char *again_text = NULL;
  SrudpInvitationFields fields, again;

  g_assert_cmpint (srudp_invitation_decode (text, &fields, &canonical), ==,
                   SRUDP_INVITATION_GOOD);
  encoded = srudp_invitation_encode (&fields);
  g_assert_cmpint (srudp_invitation_decode (encoded, &again, &again_text), ==,
                   SRUDP_INVITATION_GOOD);
  g_assert_cmpmem (fields.key, sizeof fields.key, again.key,
                   sizeof again.key);
  g_assert_cmpmem (fields.secret, sizeof fields.secret, again.secret,
                   sizeof again.secret);
  g_assert_cmpuint (fields.expires_s, ==, again.expires_s);
  g_assert_cmpuint (fields.n_candidates, ==, again.n_candidates);
  for (guint i = 0; i < fields.n_candidates; i++)
    g_assert_true (srudp_address_equal (&fields.candidates[i],
                                        &again.candidates[i]));
  g_assert_cmpstr (encoded, ==, again_text);
}

static void
try_text (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpInvitation) invitation =
    srudp_invitation_parse (text, &error);
  g_autoptr (SrudpInvitation) again = NULL;
  g_autofree char *canonical = NULL;
  g_autofree char *again_text = NULL;

  if (invitation == NULL)
    {
      check_refusal (error);
      return;
    }

  g_assert_no_error (error);
  canonical = srudp_invitation_to_string (invitation);
  again = srudp_invitation_parse (canonical, &error);
  g_assert_no_error (error);
  again_text = srudp_invitation_to_string (again);
  g_assert_cmpstr (canonical, ==, again_text);
  check_fields (canonical);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *wrapped =
    srudp_invitation_wrap (SRUDP_INVITATION_VERSION, data, size);

  try_text (text);
  if (wrapped != NULL)
    try_text (wrapped);

  return 0;
}
