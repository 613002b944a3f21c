/*
 * SPDX-License-Identifier: MIT
 *
 * fuzz-peer-id.c: a peer id as somebody typed it
 */
#include "fuzz.h"

#include <srudp-glib/srudp-glib.h>

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpPeerId) id = srudp_peer_id_new_from_string (text, &error);
  g_autoptr (SrudpPeerId) again = NULL;
  g_autofree char *canonical = NULL;

  if (id == NULL)
    {
      g_assert_nonnull (error);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }

  g_assert_no_error (error);
  canonical = srudp_peer_id_to_string (id);
  again = srudp_peer_id_new_from_string (canonical, &error);
  g_assert_no_error (error);
  g_assert_true (srudp_peer_id_equal (id, again));

  return 0;
}
