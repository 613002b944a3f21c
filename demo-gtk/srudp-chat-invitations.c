/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-invitations.c: what was given out, kept over a restart
 *
 * A file that only its owner can read, with an invitation on each line, the
 * newest last. Each holds a secret: none of it goes anywhere else, and it is
 * gone when the invitation expires. One that never does isn't kept at all.
 */
#include "srudp-chat-invitations.h"

#include <glib/gstdio.h>
#include <string.h>

/* As many as an endpoint knows. */
#define MAX_INVITATIONS 64

struct _SrudpChatInvitations
{
  GObject parent_instance;

  char *path;       /* NULL: for this session only */
  GPtrArray *items; /* SrudpInvitation, the newest last */
};

G_DEFINE_FINAL_TYPE (SrudpChatInvitations, srudp_chat_invitations, G_TYPE_OBJECT)

static void
srudp_chat_invitations_finalize (GObject *object)
{
  SrudpChatInvitations *self = SRUDP_CHAT_INVITATIONS (object);

  g_free (self->path);
  g_ptr_array_unref (self->items);

  G_OBJECT_CLASS (srudp_chat_invitations_parent_class)->finalize (object);
}

static void
srudp_chat_invitations_class_init (SrudpChatInvitationsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = srudp_chat_invitations_finalize;
}

static void
srudp_chat_invitations_init (SrudpChatInvitations *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
}

static gboolean
is_over (SrudpInvitation *invitation)
{
  GDateTime *expires = srudp_invitation_get_expires (invitation);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return expires == NULL || g_date_time_compare (expires, now) <= 0;
}

static void
add (SrudpChatInvitations *self,
     SrudpInvitation      *invitation)
{
  if (is_over (invitation))
    return;
  if (self->items->len >= MAX_INVITATIONS)
    g_ptr_array_remove_index (self->items, 0);
  g_ptr_array_add (self->items, g_object_ref (invitation));
}

/* --- The file -------------------------------------------------------------- */

static void
free_secret_text (char *text)
{
  explicit_bzero (text, strlen (text));
  g_free (text);
}

static void
save (SrudpChatInvitations *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  if (self->path == NULL)
    return;
  if (self->items->len == 0)
    {
      g_unlink (self->path);
      return;
    }
  for (guint i = 0; i < self->items->len; i++)
    {
      char *line = srudp_invitation_to_string (g_ptr_array_index (self->items, i));

      g_string_append (text, line);
      g_string_append_c (text, '\n');
      free_secret_text (line);
    }
  if (!g_file_set_contents_full (self->path, text->str, (gssize) text->len,
                                 G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    g_message ("Invitations are not kept: %s", error->message);
  explicit_bzero (text->str, text->allocated_len);
}

/* What can't be read is as if it weren't there. */
static void
load (SrudpChatInvitations *self)
{
  g_autofree char *text = NULL;
  char *rest, *line;

  if (self->path == NULL || !g_file_get_contents (self->path, &text, NULL, NULL))
    return;
  for (rest = text; (line = strsep (&rest, "\n")) != NULL;)
    {
      g_autoptr (SrudpInvitation) invitation = NULL;

      if (g_utf8_validate (line, -1, NULL))
        invitation = srudp_invitation_parse (line, NULL);
      if (invitation != NULL)
        add (self, invitation);
      explicit_bzero (line, strlen (line));
    }
}

/* --- Keeping --------------------------------------------------------------- */

/* @path: NULL for nothing that outlives the program */
SrudpChatInvitations *
srudp_chat_invitations_new (const char *path)
{
  SrudpChatInvitations *self = g_object_new (SRUDP_CHAT_TYPE_INVITATIONS, NULL);

  self->path = g_strdup (path);
  load (self);
  return self;
}

void
srudp_chat_invitations_keep (SrudpChatInvitations *self,
                             SrudpInvitation      *invitation)
{
  add (self, invitation);
  save (self);
}

/* Those of another identity stay in the file: it may be back the next time. */
void
srudp_chat_invitations_restore (SrudpChatInvitations *self,
                                SrudpEndpoint        *endpoint)
{
  srudp_chat_invitations_expire (self, endpoint);
  for (guint i = 0; i < self->items->len; i++)
    srudp_endpoint_add_invitation (endpoint, g_ptr_array_index (self->items, i), NULL);
}

/* Withdraws what has expired, and forgets it. */
void
srudp_chat_invitations_expire (SrudpChatInvitations *self,
                               SrudpEndpoint        *endpoint)
{
  guint n_before = self->items->len;

  for (guint i = n_before; i-- > 0;)
    {
      SrudpInvitation *invitation = g_ptr_array_index (self->items, i);

      if (!is_over (invitation))
        continue;
      srudp_endpoint_remove_invitation (endpoint, invitation);
      g_ptr_array_remove_index (self->items, i);
    }
  if (self->items->len < n_before)
    save (self);
}

guint
srudp_chat_invitations_count (SrudpChatInvitations *self)
{
  return self->items->len;
}
