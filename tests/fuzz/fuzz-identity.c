/*
 * SPDX-License-Identifier: MIT
 *
 * fuzz-identity.c: an identity's file, whatever is in it
 */
#include "fuzz.h"

#include <srudp-glib/srudp-glib.h>

#include <glib/gstdio.h>
#include <unistd.h>

/* One file for all inputs; its name is gone at once. */
static int
get_file (void)
{
  static int fd = -1;
  g_autofree char *name = NULL;

  if (fd >= 0)
    return fd;

  fd = g_file_open_tmp ("srudp-fuzz-XXXXXX", &name, NULL);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (g_unlink (name), ==, 0);

  return fd;
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  int fd = get_file ();
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpIdentity) identity = NULL;

  g_assert_cmpint (ftruncate (fd, 0), ==, 0);
  g_assert_cmpint (pwrite (fd, data, size, 0), ==, size);
  identity = srudp_identity_new_from_file (file, NULL, &error);
  if (identity == NULL)
    {
      g_assert_nonnull (error);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
  else
    g_assert_nonnull (srudp_identity_get_peer_id (identity));

  return 0;
}
