/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-roster.c: all chats, and the network they go over
 */
#include "srudp-chat-roster.h"

/* More strangers than this at a time are no visitors but a nuisance. */
#define MAX_REQUESTS 8

struct _SrudpChatRoster
{
  GObject parent_instance;

  SrudpChatNetwork *network;
  GListStore *conversations;
  char *own_name;
  GFile *folder;
  gboolean keeps_typing_secret;
  SrudpChatPeers *peers;
};

G_DEFINE_FINAL_TYPE (SrudpChatRoster, srudp_chat_roster, G_TYPE_OBJECT)

enum
{
  RECEIVED,
  REQUESTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
srudp_chat_roster_dispose (GObject *object)
{
  SrudpChatRoster *self = SRUDP_CHAT_ROSTER (object);

  if (self->network != NULL)
    g_signal_handlers_disconnect_by_data (self->network, self);
  g_clear_object (&self->network);
  g_clear_object (&self->conversations);
  g_clear_object (&self->folder);
  g_clear_object (&self->peers);
  g_clear_pointer (&self->own_name, g_free);

  G_OBJECT_CLASS (srudp_chat_roster_parent_class)->dispose (object);
}

static void
srudp_chat_roster_class_init (SrudpChatRosterClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = srudp_chat_roster_dispose;

  /* A message came, in some conversation. */
  signals[RECEIVED] =
    g_signal_new ("received", SRUDP_CHAT_TYPE_ROSTER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 2, SRUDP_CHAT_TYPE_CONVERSATION,
                  SRUDP_CHAT_TYPE_MESSAGE);
  /* Somebody wants to chat. */
  signals[REQUESTED] =
    g_signal_new ("requested", SRUDP_CHAT_TYPE_ROSTER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 1, SRUDP_CHAT_TYPE_CONVERSATION);
}

static void
srudp_chat_roster_init (SrudpChatRoster *self)
{
  self->conversations = g_list_store_new (SRUDP_CHAT_TYPE_CONVERSATION);
  self->peers = srudp_chat_peers_new (NULL);
}

/* --- Conversations --------------------------------------------------------- */

static void
conversation_received_cb (SrudpChatConversation *conversation,
                          SrudpChatMessage      *message,
                          gpointer               user_data)
{
  g_signal_emit (user_data, signals[RECEIVED], 0, conversation, message);
}

static void
conversation_withdrawn_cb (SrudpChatConversation *conversation,
                           gpointer               user_data)
{
  SrudpChatRoster *self = user_data;

  /* One that was talked in before is worth keeping. */
  if (g_list_model_get_n_items (srudp_chat_conversation_get_messages (conversation)) == 0)
    srudp_chat_roster_remove (self, conversation);
}

static void
conversation_reconnect_cb (SrudpChatConversation *conversation,
                           gpointer               user_data)
{
  SrudpChatRoster *self = user_data;
  g_auto (SrudpChatAddress) address = { 0 };
  g_autoptr (SrudpChatLink) link = NULL;
  g_autofree char *text = NULL;

  /* Its key is known as soon as it was there once. */
  if (srudp_chat_conversation_get_peer_id (conversation) == NULL)
    text = g_strdup (srudp_chat_conversation_get_address (conversation));
  else
    text = srudp_chat_address_to_lasting (srudp_chat_conversation_get_address (conversation));
  if (text == NULL
      || srudp_chat_address_parse (text, 0, &address) != SRUDP_CHAT_ADDRESS_GOOD)
    return;
  link = srudp_chat_network_dial (self->network, &address);
  srudp_chat_conversation_use_link (conversation, link);
  srudp_chat_link_open (link);
}

/* The key is known by now. */
static void
conversation_named_cb (SrudpChatConversation *conversation,
                       GParamSpec            *pspec,
                       gpointer               user_data)
{
  SrudpChatRoster *self = user_data;
  const char *id = srudp_chat_conversation_get_peer_id (conversation);
  SrudpChatPeer *known = id != NULL ? srudp_chat_peers_find (self->peers, id) : NULL;
  const char *title = srudp_chat_conversation_get_title (conversation);

  if (id == NULL)
    return;
  srudp_chat_conversation_set_known (conversation, known != NULL);
  if (known != NULL)
    srudp_chat_conversation_set_verified (conversation, srudp_chat_peer_is_verified (known));
  else if (srudp_chat_peers_find_other (self->peers, title, id) != NULL)
    srudp_chat_conversation_set_suspect (conversation, TRUE);
}

static void
conversation_changed_cb (SrudpChatConversation *conversation,
                         GParamSpec            *pspec,
                         gpointer               user_data)
{
  SrudpChatRoster *self = user_data;
  const char *id = srudp_chat_conversation_get_peer_id (conversation);
  g_autofree char *address =
    srudp_chat_address_to_lasting (srudp_chat_conversation_get_address (conversation));

  if (srudp_chat_conversation_is_open (conversation)
      && id != NULL && address != NULL && !srudp_chat_conversation_is_suspect (conversation))
    srudp_chat_peers_remember (self->peers, id,
                               srudp_chat_conversation_get_name (conversation), address,
                               srudp_chat_conversation_get_verified (conversation));
}

static void
add_conversation (SrudpChatRoster       *self,
                  SrudpChatConversation *conversation)
{
  g_signal_connect_object (conversation, "received",
                           G_CALLBACK (conversation_received_cb), self, 0);
  g_signal_connect_object (conversation, "withdrawn",
                           G_CALLBACK (conversation_withdrawn_cb), self, 0);
  g_signal_connect_object (conversation, "reconnect",
                           G_CALLBACK (conversation_reconnect_cb), self, 0);
  g_signal_connect_object (conversation, "notify::title",
                           G_CALLBACK (conversation_named_cb), self, 0);
  g_signal_connect_object (conversation, "notify::phase",
                           G_CALLBACK (conversation_changed_cb), self, 0);
  g_signal_connect_object (conversation, "notify::verified",
                           G_CALLBACK (conversation_changed_cb), self, 0);
  g_signal_connect_object (conversation, "notify::suspect",
                           G_CALLBACK (conversation_changed_cb), self, 0);
  srudp_chat_conversation_set_folder (conversation, self->folder);
  srudp_chat_conversation_set_tells_typing (conversation, !self->keeps_typing_secret);
  g_list_store_insert (self->conversations, 0, conversation);
}

typedef gboolean (*Matches) (SrudpChatConversation *conversation,
                             const char            *wanted);

/* Returns: (transfer none) (nullable) */
static SrudpChatConversation *
find_conversation (SrudpChatRoster *self,
                   Matches          matches,
                   const char      *wanted)
{
  GListModel *model = G_LIST_MODEL (self->conversations);
  guint n_items = g_list_model_get_n_items (model);

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr (SrudpChatConversation) conversation = g_list_model_get_item (model, i);

      if (matches (conversation, wanted))
        return conversation;
    }
  return NULL;
}

static gboolean
has_peer_id (SrudpChatConversation *conversation,
             const char            *peer_id)
{
  return g_strcmp0 (srudp_chat_conversation_get_peer_id (conversation), peer_id) == 0;
}

static gboolean
has_address (SrudpChatConversation *conversation,
             const char            *address)
{
  return g_strcmp0 (srudp_chat_conversation_get_address (conversation), address) == 0;
}

/* --- Calls ----------------------------------------------------------------- */

static guint
count_requests (SrudpChatRoster *self)
{
  GListModel *model = G_LIST_MODEL (self->conversations);
  guint n_items = g_list_model_get_n_items (model);
  guint n_requests = 0;

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr (SrudpChatConversation) conversation = g_list_model_get_item (model, i);

      if (srudp_chat_conversation_get_phase (conversation) == SRUDP_CHAT_PHASE_REQUEST)
        n_requests++;
    }
  return n_requests;
}

/* Two who call each other at the same time, by addresses that don't match, get
 * two lines. Both keep the one that the smaller of their ids opened. */
static gboolean
keeps_own_line (SrudpChatRoster       *self,
                SrudpChatConversation *conversation,
                const char            *peer_id)
{
  SrudpChatLink *link = srudp_chat_conversation_get_link (conversation);
  g_autofree char *own_id = srudp_chat_network_dup_peer_id (self->network);
  gboolean calling =
    srudp_chat_conversation_get_phase (conversation) == SRUDP_CHAT_PHASE_CONNECTING
    || srudp_chat_conversation_get_presence (conversation) == SRUDP_CHAT_PRESENCE_RECONNECTING;

  return calling && link != NULL && srudp_chat_link_is_up (link)
         && g_strcmp0 (own_id, peer_id) < 0;
}

static void
network_incoming_cb (SrudpChatNetwork *network,
                     SrudpChatLink    *link,
                     gpointer          user_data)
{
  SrudpChatRoster *self = user_data;
  g_autofree char *peer_id = srudp_chat_link_dup_peer_id (link);
  SrudpChatConversation *known = NULL;

  if (peer_id != NULL)
    known = find_conversation (self, has_peer_id, peer_id);
  if (known == NULL)
    {
      g_autoptr (SrudpChatConversation) conversation = NULL;

      if (count_requests (self) >= MAX_REQUESTS)
        {
          srudp_chat_link_close (link);
          return;
        }
      conversation = srudp_chat_conversation_new (self->own_name, NULL);
      srudp_chat_conversation_take_call (conversation, link);
      add_conversation (self, conversation);
      known = conversation;
    }
  else if (keeps_own_line (self, known, peer_id))
    srudp_chat_link_close (link);
  else
    srudp_chat_conversation_take_call (known, link);

  if (srudp_chat_conversation_get_phase (known) == SRUDP_CHAT_PHASE_REQUEST)
    g_signal_emit (self, signals[REQUESTED], 0, known);
}

SrudpChatRoster *
srudp_chat_roster_new (SrudpChatNetwork *network,
                       const char       *own_name)
{
  SrudpChatRoster *self = g_object_new (SRUDP_CHAT_TYPE_ROSTER, NULL);

  self->network = g_object_ref (network);
  self->own_name = g_strdup (own_name);
  g_signal_connect (network, "incoming", G_CALLBACK (network_incoming_cb), self);
  return self;
}

SrudpChatNetwork *
srudp_chat_roster_get_network (SrudpChatRoster *self)
{
  return self->network;
}

/* Those of earlier times, too. */
SrudpChatPeers *
srudp_chat_roster_get_peers (SrudpChatRoster *self)
{
  return self->peers;
}

void
srudp_chat_roster_set_peers (SrudpChatRoster *self,
                             SrudpChatPeers  *peers)
{
  g_set_object (&self->peers, peers);
}

GListModel *
srudp_chat_roster_get_conversations (SrudpChatRoster *self)
{
  return G_LIST_MODEL (self->conversations);
}

/* The chat with the owner of this key, or NULL. */
SrudpChatConversation *
srudp_chat_roster_find (SrudpChatRoster *self,
                        const char      *peer_id)
{
  return find_conversation (self, has_peer_id, peer_id);
}

const char *
srudp_chat_roster_get_own_name (SrudpChatRoster *self)
{
  return self->own_name;
}

void
srudp_chat_roster_set_own_name (SrudpChatRoster *self,
                                const char      *own_name)
{
  GListModel *model = G_LIST_MODEL (self->conversations);
  guint n_items = g_list_model_get_n_items (model);

  g_free (self->own_name);
  self->own_name = g_strdup (own_name);
  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr (SrudpChatConversation) conversation = g_list_model_get_item (model, i);

      srudp_chat_conversation_set_own_name (conversation, own_name);
    }
}

/* Where files of all peers go; NULL for the user's downloads. */
void
srudp_chat_roster_set_folder (SrudpChatRoster *self,
                              GFile           *folder)
{
  GListModel *model = G_LIST_MODEL (self->conversations);
  guint n_items = g_list_model_get_n_items (model);

  g_set_object (&self->folder, folder);
  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr (SrudpChatConversation) conversation = g_list_model_get_item (model, i);

      srudp_chat_conversation_set_folder (conversation, folder);
    }
}

void
srudp_chat_roster_set_tells_typing (SrudpChatRoster *self,
                                    gboolean         tells)
{
  GListModel *model = G_LIST_MODEL (self->conversations);
  guint n_items = g_list_model_get_n_items (model);

  self->keeps_typing_secret = !tells;
  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr (SrudpChatConversation) conversation = g_list_model_get_item (model, i);

      srudp_chat_conversation_set_tells_typing (conversation, tells);
    }
}

static gboolean
is_idle (SrudpChatConversation *conversation)
{
  SrudpChatLink *link = srudp_chat_conversation_get_link (conversation);

  return link == NULL || srudp_chat_link_get_state (link) >= SRUDP_CONNECTION_STATE_CLOSING;
}

/* Opens a chat with whoever is at @address, or goes on with the one there is.
 * Returns: (transfer none) */
SrudpChatConversation *
srudp_chat_roster_call (SrudpChatRoster        *self,
                        const SrudpChatAddress *address)
{
  g_autofree char *text = srudp_chat_address_to_string (address);
  SrudpChatConversation *conversation = find_conversation (self, has_address, text);

  if (conversation == NULL)
    {
      g_autoptr (SrudpChatConversation) added =
        srudp_chat_conversation_new (self->own_name, text);

      add_conversation (self, added);
      conversation = added;
    }
  if (srudp_chat_conversation_get_phase (conversation) == SRUDP_CHAT_PHASE_REQUEST)
    srudp_chat_conversation_accept (conversation);
  else if (is_idle (conversation))
    srudp_chat_conversation_reconnect (conversation);
  return conversation;
}

void
srudp_chat_roster_remove (SrudpChatRoster       *self,
                          SrudpChatConversation *conversation)
{
  guint position;

  if (!g_list_store_find (self->conversations, conversation, &position))
    return;
  srudp_chat_conversation_disconnect (conversation);
  g_list_store_remove (self->conversations, position);
}

/* Says good-bye everywhere; the network tells when that has arrived. */
void
srudp_chat_roster_close (SrudpChatRoster *self)
{
  GListModel *model = G_LIST_MODEL (self->conversations);
  guint n_items = g_list_model_get_n_items (model);

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr (SrudpChatConversation) conversation = g_list_model_get_item (model, i);

      srudp_chat_conversation_disconnect (conversation);
    }
  srudp_chat_network_close (self->network);
}
