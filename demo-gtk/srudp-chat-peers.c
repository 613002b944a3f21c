/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-peers.c: those one has chatted with, remembered on the disk
 *
 * A key file with a group for each peer, named by its key; the newest is first.
 * What can't be read or written is as if there were nothing.
 */
#include "srudp-chat-peers.h"

#include "srudp-chat-text.h"

#include <glib/gstdio.h>

#define MAX_PEERS 20

struct _SrudpChatPeer
{
  GObject parent_instance;

  char *id;
  char *name;
  char *address;
  gboolean verified;
};

G_DEFINE_FINAL_TYPE (SrudpChatPeer, srudp_chat_peer, G_TYPE_OBJECT)

static void
srudp_chat_peer_finalize (GObject *object)
{
  SrudpChatPeer *self = SRUDP_CHAT_PEER (object);

  g_free (self->id);
  g_free (self->name);
  g_free (self->address);

  G_OBJECT_CLASS (srudp_chat_peer_parent_class)->finalize (object);
}

static void
srudp_chat_peer_class_init (SrudpChatPeerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = srudp_chat_peer_finalize;
}

static void
srudp_chat_peer_init (SrudpChatPeer *self)
{
}

static SrudpChatPeer *
new_peer (const char *id,
          const char *name,
          const char *address,
          gboolean    verified)
{
  SrudpChatPeer *self = g_object_new (SRUDP_CHAT_TYPE_PEER, NULL);

  self->id = g_strdup (id);
  self->name = srudp_chat_text_tame_name (name != NULL ? name : "");
  self->address = g_strdup (address);
  self->verified = verified;
  return self;
}

/* Its key, as text. */
const char *
srudp_chat_peer_get_id (SrudpChatPeer *self)
{
  return self->id;
}

/* As it called itself; possibly empty. */
const char *
srudp_chat_peer_get_name (SrudpChatPeer *self)
{
  return self->name;
}

/* Where it was; an address or an invitation. */
const char *
srudp_chat_peer_get_address (SrudpChatPeer *self)
{
  return self->address;
}

gboolean
srudp_chat_peer_is_verified (SrudpChatPeer *self)
{
  return self->verified;
}

/* --- All of them ----------------------------------------------------------- */

struct _SrudpChatPeers
{
  GObject parent_instance;

  char *path; /* NULL: for this session only */
  GListStore *peers;
};

G_DEFINE_FINAL_TYPE (SrudpChatPeers, srudp_chat_peers, G_TYPE_OBJECT)

static void
srudp_chat_peers_finalize (GObject *object)
{
  SrudpChatPeers *self = SRUDP_CHAT_PEERS (object);

  g_free (self->path);
  g_object_unref (self->peers);

  G_OBJECT_CLASS (srudp_chat_peers_parent_class)->finalize (object);
}

static void
srudp_chat_peers_class_init (SrudpChatPeersClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = srudp_chat_peers_finalize;
}

static void
srudp_chat_peers_init (SrudpChatPeers *self)
{
  self->peers = g_list_store_new (SRUDP_CHAT_TYPE_PEER);
}

static void
load (SrudpChatPeers *self)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_auto (GStrv) ids = NULL;

  if (self->path == NULL || !g_key_file_load_from_file (file, self->path, 0, NULL))
    return;
  ids = g_key_file_get_groups (file, NULL);
  for (guint i = 0; ids[i] != NULL && i < MAX_PEERS; i++)
    {
      g_autofree char *name = g_key_file_get_string (file, ids[i], "name", NULL);
      g_autofree char *address = g_key_file_get_string (file, ids[i], "address", NULL);
      gboolean verified = g_key_file_get_boolean (file, ids[i], "verified", NULL);
      g_autoptr (SrudpChatPeer) peer = NULL;

      if (address == NULL)
        continue;
      peer = new_peer (ids[i], name, address, verified);
      g_list_store_append (self->peers, peer);
    }
}

static void
save (SrudpChatPeers *self)
{
  GListModel *model = G_LIST_MODEL (self->peers);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize size;

  if (self->path == NULL)
    return;
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (SrudpChatPeer) peer = g_list_model_get_item (model, i);

      g_key_file_set_string (file, peer->id, "name", peer->name);
      g_key_file_set_string (file, peer->id, "address", peer->address);
      g_key_file_set_boolean (file, peer->id, "verified", peer->verified);
    }
  text = g_key_file_to_data (file, &size, NULL);
  if (!g_file_set_contents_full (self->path, text, (gssize) size,
                                 G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    g_message ("Recent peers are not remembered: %s", error->message);
}

/* @path: NULL for nothing that outlives the program */
SrudpChatPeers *
srudp_chat_peers_new (const char *path)
{
  SrudpChatPeers *self = g_object_new (SRUDP_CHAT_TYPE_PEERS, NULL);

  self->path = g_strdup (path);
  load (self);
  return self;
}

GListModel *
srudp_chat_peers_get_model (SrudpChatPeers *self)
{
  return G_LIST_MODEL (self->peers);
}

static gboolean
find_position (SrudpChatPeers *self,
               const char     *id,
               guint          *position)
{
  GListModel *model = G_LIST_MODEL (self->peers);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (SrudpChatPeer) peer = g_list_model_get_item (model, i);

      if (g_strcmp0 (peer->id, id) == 0)
        {
          *position = i;
          return TRUE;
        }
    }
  return FALSE;
}

/* Returns: (transfer none) (nullable) */
SrudpChatPeer *
srudp_chat_peers_find (SrudpChatPeers *self,
                       const char     *id)
{
  g_autoptr (SrudpChatPeer) peer = NULL;
  guint position;

  if (!find_position (self, id, &position))
    return NULL;
  peer = g_list_model_get_item (G_LIST_MODEL (self->peers), position);
  return peer;
}

/* Somebody verified who has this name but another key.
 * Returns: (transfer none) (nullable) */
SrudpChatPeer *
srudp_chat_peers_find_other (SrudpChatPeers *self,
                             const char     *name,
                             const char     *id)
{
  GListModel *model = G_LIST_MODEL (self->peers);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (SrudpChatPeer) peer = g_list_model_get_item (model, i);

      if (peer->verified && *peer->name != '\0' && g_str_equal (peer->name, name)
          && !g_str_equal (peer->id, id))
        return peer;
    }
  return NULL;
}

void
srudp_chat_peers_remember (SrudpChatPeers *self,
                           const char     *id,
                           const char     *name,
                           const char     *address,
                           gboolean        verified)
{
  g_autoptr (SrudpChatPeer) peer = new_peer (id, name, address, verified);
  guint position;

  if (find_position (self, id, &position))
    g_list_store_remove (self->peers, position);
  g_list_store_insert (self->peers, 0, peer);
  if (g_list_model_get_n_items (G_LIST_MODEL (self->peers)) > MAX_PEERS)
    g_list_store_remove (self->peers, MAX_PEERS);
  save (self);
}

void
srudp_chat_peers_forget (SrudpChatPeers *self,
                         const char     *id)
{
  guint position;

  if (!find_position (self, id, &position))
    return;
  g_list_store_remove (self->peers, position);
  save (self);
}
