/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-known-peers.c: who was met before, and by which key
 */
#include "config.h"

#include "srudp-glib/srudp-known-peers.h"

#include "srudp-glib/srudp-error.h"
#include "srudp-glib/srudp-file-task-private.h"
#include "srudp-glib/srudp-i18n-private.h"

/**
 * SrudpKnownPeers:
 *
 * Who was met before, and by which key.
 *
 * Whoever opens a connection to a name or an address learns by which key the
 * peer is known, but not whether it is the right peer. The first time that has
 * to be trusted, or made sure of by
 * [method@Srudp.Connection.dup_safety_number]. From then on it must stay the
 * same: a peer with another key has lost his, or is somebody else who sits in
 * between. This is where an application remembers it, under names it chooses:
 *
 * ```c
 * if (!srudp_known_peers_check (known, "Ada",
 *                               srudp_connection_get_peer_id (connection),
 *                               &error))
 *   warn_loudly (error->message);
 * ```
 *
 * It is better still to know beforehand:
 *
 * ```c
 * g_autoptr (SrudpPeerId) id = srudp_known_peers_lookup (known, "Ada");
 *
 * srudp_connection_set_expected_peer (connection, id);
 * ```
 *
 * The store is kept in memory until it is saved. It may be used from any
 * thread.
 */
struct _SrudpKnownPeers
{
  GObject parent_instance;

  GMutex lock;
  GKeyFile *key_file; /* under the lock */
};

/* A group for each peer: its name, escaped so that it may hold anything. */
#define KEY_ID "id"
#define KEY_VERIFIED "verified"

G_DEFINE_FINAL_TYPE (SrudpKnownPeers, srudp_known_peers, G_TYPE_OBJECT)

static void
srudp_known_peers_finalize (GObject *object)
{
  SrudpKnownPeers *self = SRUDP_KNOWN_PEERS (object);

  g_key_file_unref (self->key_file);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (srudp_known_peers_parent_class)->finalize (object);
}

static void
srudp_known_peers_class_init (SrudpKnownPeersClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = srudp_known_peers_finalize;
}

static void
srudp_known_peers_init (SrudpKnownPeers *self)
{
  g_mutex_init (&self->lock);
  self->key_file = g_key_file_new ();
}

/* The prefix lets the name be empty. */
static char *
make_group (const char *name)
{
  g_autofree char *escaped = g_uri_escape_string (name, NULL, FALSE);

  return g_strconcat ("peer ", escaped, NULL);
}

static char *
parse_group (const char *group)
{
  if (!g_str_has_prefix (group, "peer "))
    return NULL;

  return g_uri_unescape_string (group + strlen ("peer "), NULL);
}

/**
 * srudp_known_peers_new:
 *
 * Makes an empty store.
 *
 * Returns: (transfer full): a new store
 */
SrudpKnownPeers *
srudp_known_peers_new (void)
{
  return g_object_new (SRUDP_TYPE_KNOWN_PEERS, NULL);
}

/* One bad entry spoils the file: dropping it would make its peer a stranger,
 * who is trusted on first use. */
static gboolean
check_entries (GKeyFile  *key_file,
               GError   **error)
{
  g_auto (GStrv) groups = g_key_file_get_groups (key_file, NULL);

  for (guint i = 0; groups[i] != NULL; i++)
    {
      g_autofree char *name = parse_group (groups[i]);
      g_autofree char *text =
        g_key_file_get_string (key_file, groups[i], KEY_ID, NULL);
      g_autoptr (SrudpPeerId) id = NULL;

      if (text != NULL)
        id = srudp_peer_id_new_from_string (text, NULL);
      if (name != NULL && id != NULL)
        continue;

      g_set_error_literal (error, SRUDP_ERROR, SRUDP_ERROR_IDENTITY,
                           _ ("The file of known peers is damaged. Restore it "
                              "from a backup, or remove it and make sure of "
                              "each peer anew."));
      return FALSE;
    }
  return TRUE;
}

static gboolean
load (SrudpKnownPeers  *self,
      GFile            *file,
      GCancellable     *cancellable,
      GError          **error)
{
  g_autoptr (GError) why = NULL;
  g_autofree char *text = NULL;
  gsize size;

  if (!g_file_load_contents (file, cancellable, &text, &size, NULL, &why))
    {
      /* Nobody was met yet. */
      if (g_error_matches (why, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&why));
      return FALSE;
    }

  /* An empty file is one of no peers. */
  if (size > 0
      && !g_key_file_load_from_data (self->key_file, text, size,
                                     G_KEY_FILE_KEEP_COMMENTS, &why))
    {
      g_set_error (error, SRUDP_ERROR, SRUDP_ERROR_IDENTITY,
                   _ ("The file of known peers can't be read: %s"),
                   why->message);
      return FALSE;
    }
  return check_entries (self->key_file, error);
}

/**
 * srudp_known_peers_new_from_file:
 * @file: where it was saved
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Reads a store from a file; from one that isn't there, an empty one.
 *
 * A damaged file fails with %SRUDP_ERROR_IDENTITY: to forget whom one knew
 * would be to trust anybody in their place.
 *
 * Returns: (transfer full): a new store, or %NULL with @error set
 */
SrudpKnownPeers *
srudp_known_peers_new_from_file (GFile         *file,
                                 GCancellable  *cancellable,
                                 GError       **error)
{
  g_autoptr (SrudpKnownPeers) self = NULL;

  g_return_val_if_fail (G_IS_FILE (file), NULL);

  self = srudp_known_peers_new ();
  if (!load (self, file, cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

static gpointer
load_file (GFile         *file,
           const char    *passphrase,
           GCancellable  *cancellable,
           GError       **error)
{
  return srudp_known_peers_new_from_file (file, cancellable, error);
}

/**
 * srudp_known_peers_new_from_file_async:
 * @file: where it was saved
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Reads a store without blocking;
 * see [ctor@Srudp.KnownPeers.new_from_file].
 */
void
srudp_known_peers_new_from_file_async (GFile               *file,
                                       GCancellable        *cancellable,
                                       GAsyncReadyCallback  callback,
                                       gpointer             user_data)
{
  g_return_if_fail (G_IS_FILE (file));

  srudp_file_load_async (load_file, srudp_known_peers_new_from_file_async, file,
                         NULL, cancellable, callback, user_data);
}

/**
 * srudp_known_peers_new_from_file_finish:
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [func@Srudp.KnownPeers.new_from_file_async].
 *
 * Returns: (transfer full): a new store, or %NULL with @error set
 */
SrudpKnownPeers *
srudp_known_peers_new_from_file_finish (GAsyncResult  *result,
                                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * srudp_known_peers_save:
 * @self: a store
 * @file: where to; an existing file is replaced
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Writes the store to a file that only its owner can read.
 *
 * Either the whole new file is there afterwards, or what was there before.
 *
 * Returns: %TRUE if it is saved, %FALSE with @error set
 */
gboolean
srudp_known_peers_save (SrudpKnownPeers  *self,
                        GFile            *file,
                        GCancellable     *cancellable,
                        GError          **error)
{
  g_autofree char *text = NULL;
  gsize size;

  g_return_val_if_fail (SRUDP_IS_KNOWN_PEERS (self), FALSE);
  g_return_val_if_fail (G_IS_FILE (file), FALSE);

  g_mutex_lock (&self->lock);
  text = g_key_file_to_data (self->key_file, &size, NULL);
  g_mutex_unlock (&self->lock);

  return srudp_file_replace_private (file, text, size, cancellable, error);
}

static gboolean
save_file (gpointer       self,
           GFile         *file,
           const char    *passphrase,
           GCancellable  *cancellable,
           GError       **error)
{
  return srudp_known_peers_save (self, file, cancellable, error);
}

/**
 * srudp_known_peers_save_async:
 * @self: a store
 * @file: where to; an existing file is replaced
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Writes the store without blocking; see [method@Srudp.KnownPeers.save].
 */
void
srudp_known_peers_save_async (SrudpKnownPeers     *self,
                              GFile               *file,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_return_if_fail (SRUDP_IS_KNOWN_PEERS (self));
  g_return_if_fail (G_IS_FILE (file));

  srudp_file_save_async (self, save_file, srudp_known_peers_save_async, file, NULL,
                         cancellable, callback, user_data);
}

/**
 * srudp_known_peers_save_finish:
 * @self: a store
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Srudp.KnownPeers.save_async].
 *
 * Returns: %TRUE if it is saved, %FALSE with @error set
 */
gboolean
srudp_known_peers_save_finish (SrudpKnownPeers  *self,
                               GAsyncResult     *result,
                               GError          **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static SrudpPeerId *
lookup_locked (SrudpKnownPeers *self,
               const char      *group)
{
  g_autofree char *text =
    g_key_file_get_string (self->key_file, group, KEY_ID, NULL);

  return text == NULL ? NULL : srudp_peer_id_new_from_string (text, NULL);
}

static void
remember_locked (SrudpKnownPeers   *self,
                 const char        *group,
                 const SrudpPeerId *peer_id)
{
  g_autofree char *text = srudp_peer_id_to_string (peer_id);

  g_key_file_set_string (self->key_file, group, KEY_ID, text);
  g_key_file_set_boolean (self->key_file, group, KEY_VERIFIED, FALSE);
}

/**
 * srudp_known_peers_lookup:
 * @self: a store
 * @name: the name of a peer
 *
 * Gives by which key a peer is known.
 *
 * Returns: (transfer full) (nullable): the peer id, or %NULL for a stranger
 */
SrudpPeerId *
srudp_known_peers_lookup (SrudpKnownPeers *self,
                          const char      *name)
{
  g_autofree char *group = NULL;
  SrudpPeerId *id;

  g_return_val_if_fail (SRUDP_IS_KNOWN_PEERS (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  group = make_group (name);
  g_mutex_lock (&self->lock);
  id = lookup_locked (self, group);
  g_mutex_unlock (&self->lock);
  return id;
}

/**
 * srudp_known_peers_check:
 * @self: a store
 * @name: the name of a peer
 * @peer_id: by which key it is there now
 * @error: return location for an error
 *
 * Checks that a peer is still the one who was met under this name before.
 *
 * A stranger is trusted, and remembered. If the key is another one this fails
 * with %SRUDP_ERROR_PEER_IDENTITY, and the old one stays: show the message, and
 * only when the user has made sure, call
 * [method@Srudp.KnownPeers.remember].
 *
 * Returns: %TRUE if it is the same or was a stranger, %FALSE with @error set
 */
gboolean
srudp_known_peers_check (SrudpKnownPeers    *self,
                         const char         *name,
                         const SrudpPeerId  *peer_id,
                         GError            **error)
{
  g_autoptr (SrudpPeerId) known = NULL;
  g_autofree char *group = NULL;

  g_return_val_if_fail (SRUDP_IS_KNOWN_PEERS (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (peer_id != NULL, FALSE);

  group = make_group (name);
  g_mutex_lock (&self->lock);
  known = lookup_locked (self, group);
  if (known == NULL)
    remember_locked (self, group, peer_id);
  g_mutex_unlock (&self->lock);
  if (known == NULL || srudp_peer_id_equal (known, peer_id))
    return TRUE;

  g_set_error (error, SRUDP_ERROR, SRUDP_ERROR_PEER_IDENTITY,
               _ ("“%s” has another key than before. Perhaps it was installed "
                  "anew; perhaps somebody sits in between and listens. Ask the "
                  "peer by another way, and compare the safety numbers, before "
                  "you go on."),
               name);
  return FALSE;
}

/**
 * srudp_known_peers_remember:
 * @self: a store
 * @name: the name of a peer
 * @peer_id: by which key it is to be known
 *
 * Remembers the key of a peer, in place of the one it may have had. It counts
 * as not verified.
 */
void
srudp_known_peers_remember (SrudpKnownPeers   *self,
                            const char        *name,
                            const SrudpPeerId *peer_id)
{
  g_autofree char *group = NULL;

  g_return_if_fail (SRUDP_IS_KNOWN_PEERS (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (peer_id != NULL);

  group = make_group (name);
  g_mutex_lock (&self->lock);
  remember_locked (self, group, peer_id);
  g_mutex_unlock (&self->lock);
}

/**
 * srudp_known_peers_forget:
 * @self: a store
 * @name: the name of a peer
 *
 * Makes a peer a stranger again.
 *
 * Returns: %TRUE if it was known
 */
gboolean
srudp_known_peers_forget (SrudpKnownPeers *self,
                          const char      *name)
{
  g_autofree char *group = NULL;
  gboolean was_known;

  g_return_val_if_fail (SRUDP_IS_KNOWN_PEERS (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  group = make_group (name);
  g_mutex_lock (&self->lock);
  was_known = g_key_file_remove_group (self->key_file, group, NULL);
  g_mutex_unlock (&self->lock);
  return was_known;
}

/**
 * srudp_known_peers_get_verified:
 * @self: a store
 * @name: the name of a peer
 *
 * Gives whether somebody has made sure that the key is the peer's, for example
 * by the safety number.
 *
 * Returns: %TRUE if it is known and verified
 */
gboolean
srudp_known_peers_get_verified (SrudpKnownPeers *self,
                                const char      *name)
{
  g_autofree char *group = NULL;
  gboolean verified;

  g_return_val_if_fail (SRUDP_IS_KNOWN_PEERS (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  group = make_group (name);
  g_mutex_lock (&self->lock);
  verified = g_key_file_get_boolean (self->key_file, group, KEY_VERIFIED, NULL);
  g_mutex_unlock (&self->lock);
  return verified;
}

/**
 * srudp_known_peers_set_verified:
 * @self: a store
 * @name: the name of a peer
 * @verified: whether the key is made sure of
 *
 * Notes that somebody has made sure of the key, or that it isn't so.
 *
 * Returns: %TRUE if the peer is known
 */
gboolean
srudp_known_peers_set_verified (SrudpKnownPeers *self,
                                const char      *name,
                                gboolean         verified)
{
  g_autofree char *group = NULL;
  gboolean is_known;

  g_return_val_if_fail (SRUDP_IS_KNOWN_PEERS (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  group = make_group (name);
  g_mutex_lock (&self->lock);
  is_known = g_key_file_has_group (self->key_file, group);
  if (is_known)
    g_key_file_set_boolean (self->key_file, group, KEY_VERIFIED, verified);
  g_mutex_unlock (&self->lock);
  return is_known;
}

/**
 * srudp_known_peers_dup_names:
 * @self: a store
 *
 * Gives the names of all who are known, in the order they were met.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names
 */
char **
srudp_known_peers_dup_names (SrudpKnownPeers *self)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) groups = NULL;

  g_return_val_if_fail (SRUDP_IS_KNOWN_PEERS (self), NULL);

  g_mutex_lock (&self->lock);
  groups = g_key_file_get_groups (self->key_file, NULL);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; groups[i] != NULL; i++)
    {
      g_autofree char *name = parse_group (groups[i]);

      if (name != NULL)
        g_strv_builder_add (names, name);
    }
  return g_strv_builder_end (names);
}
