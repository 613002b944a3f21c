/*
 * SPDX-License-Identifier: MIT
 *
 * test-chat-invitations.c: what was given out is kept as long as it holds
 */
#include "srudp-chat-invitations.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  char *folder;
  char *path;
  SrudpEndpoint *endpoint;
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("srudp-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->folder, "identity.invitations", NULL);
  self->endpoint = srudp_endpoint_new_for_port (0, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_unlink (self->path);
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_free (self->path);
  g_free (self->folder);
  g_object_unref (self->endpoint);
}

static SrudpInvitation *
invite (Fixture *self,
        guint    lifetime_s)
{
  g_autoptr (GError) error = NULL;
  SrudpInvitation *invitation;

  srudp_endpoint_set_invitation_lifetime (self->endpoint, lifetime_s);
  invitation = srudp_endpoint_create_invitation (self->endpoint, NULL, &error);
  g_assert_no_error (error);
  return invitation;
}

static void
keep (Fixture *self,
      guint    lifetime_s)
{
  g_autoptr (SrudpChatInvitations) kept = srudp_chat_invitations_new (self->path);
  g_autoptr (SrudpInvitation) invitation = invite (self, lifetime_s);

  srudp_chat_invitations_keep (kept, invitation);
}

static guint
count_kept (Fixture *self)
{
  g_autoptr (SrudpChatInvitations) kept = srudp_chat_invitations_new (self->path);

  return srudp_chat_invitations_count (kept);
}

static void
test_kept (Fixture       *self,
           gconstpointer  data)
{
  GStatBuf info;

  g_assert_cmpuint (count_kept (self), ==, 0);
  keep (self, 3600);
  keep (self, 3600);
  g_assert_cmpuint (count_kept (self), ==, 2);
  g_assert_cmpint (g_stat (self->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
}

static void
test_not_forever (Fixture       *self,
                  gconstpointer  data)
{
  keep (self, 0);
  g_assert_cmpuint (count_kept (self), ==, 0);
  g_assert_false (g_file_test (self->path, G_FILE_TEST_EXISTS));
}

/* With the last one its file goes, too. */
static void
test_expired (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr (SrudpChatInvitations) kept = srudp_chat_invitations_new (self->path);
  g_autoptr (SrudpInvitation) invitation = invite (self, 1);
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  srudp_chat_invitations_keep (kept, invitation);
  while (srudp_chat_invitations_count (kept) > 0 && g_get_monotonic_time () < end)
    {
      g_usleep (G_USEC_PER_SEC / 10);
      srudp_chat_invitations_expire (kept, self->endpoint);
    }
  g_assert_cmpuint (srudp_chat_invitations_count (kept), ==, 0);
  g_assert_false (g_file_test (self->path, G_FILE_TEST_EXISTS));
}

static void
test_oldest_go (Fixture       *self,
                gconstpointer  data)
{
  g_autofree char *before = NULL, *after = NULL;
  g_autoptr (GError) error = NULL;

  keep (self, 3600);
  g_assert_true (g_file_get_contents (self->path, &before, NULL, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < 64; i++)
    keep (self, 3600);
  g_assert_cmpuint (count_kept (self), ==, 64);
  g_assert_true (g_file_get_contents (self->path, &after, NULL, &error));
  g_assert_no_error (error);
  g_assert_null (strstr (after, before));
}

static void
test_damaged (Fixture       *self,
              gconstpointer  data)
{
  g_autofree char *good = NULL, *damaged = NULL;
  g_autoptr (GError) error = NULL;

  keep (self, 3600);
  g_assert_true (g_file_get_contents (self->path, &good, NULL, &error));
  g_assert_no_error (error);
  damaged = g_strconcat ("\n\377\376\nsrudp:0000\n", good, "no invitation\n", NULL);
  g_assert_true (g_file_set_contents (self->path, damaged, -1, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count_kept (self), ==, 1);
}

/* An identity that is gone for this time leaves its invitations alone. */
static void
test_of_another (Fixture       *self,
                 gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpEndpoint) another = srudp_endpoint_new_for_port (0, &error);
  g_autoptr (SrudpChatInvitations) kept = NULL;

  g_assert_no_error (error);
  keep (self, 3600);
  kept = srudp_chat_invitations_new (self->path);
  srudp_chat_invitations_restore (kept, another);
  g_assert_cmpuint (count_kept (self), ==, 1);
}

int
main (int    argc,
      char **argv)
{
#define ADD(path, func) \
  g_test_add ("/chat/invitations/" path, Fixture, NULL, set_up, func, tear_down)

  g_test_init (&argc, &argv, NULL);
  ADD ("are-kept-where-only-their-owner-reads", test_kept);
  ADD ("that-never-expire-are-not-kept", test_not_forever);
  ADD ("that-have-expired-are-forgotten", test_expired);
  ADD ("the-oldest-go-first", test_oldest_go);
  ADD ("are-read-from-a-damaged-file", test_damaged);
  ADD ("of-another-identity-stay", test_of_another);
  return g_test_run ();
}
