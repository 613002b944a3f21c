/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-conversation-facts.c: what there is to know of a conversation
 */
#include "config.h"

#include "srudp-chat-conversation-private.h"

#include "srudp-chat-address.h"

#include <glib/gi18n.h>

const char *
srudp_chat_conversation_get_title (SrudpChatConversation *self)
{
  if (self->peer_name != NULL && *self->peer_name != '\0')
    return self->peer_name;
  /* Nobody can read an invitation. */
  if (srudp_chat_address_is_invitation (self->address))
    return _ ("Your invited peer");
  return self->address != NULL ? self->address : _ ("Somebody");
}

/* What the peer calls itself; NULL if nobody knows. */
const char *
srudp_chat_conversation_get_name (SrudpChatConversation *self)
{
  return self->peer_name;
}

/* NULL as long as nobody knows. */
const char *
srudp_chat_conversation_get_address (SrudpChatConversation *self)
{
  return self->address;
}

/* NULL before the first link was secure. */
const char *
srudp_chat_conversation_get_peer_id (SrudpChatConversation *self)
{
  return self->peer_id;
}

const char *
srudp_chat_conversation_get_draft (SrudpChatConversation *self)
{
  return self->draft != NULL ? self->draft : "";
}

SrudpChatPhase
srudp_chat_conversation_get_phase (SrudpChatConversation *self)
{
  return self->phase;
}

SrudpChatPresence
srudp_chat_conversation_get_presence (SrudpChatConversation *self)
{
  return self->presence;
}

/* NULL while there is none. */
SrudpChatLink *
srudp_chat_conversation_get_link (SrudpChatConversation *self)
{
  return self->link;
}

GListModel *
srudp_chat_conversation_get_messages (SrudpChatConversation *self)
{
  return srudp_chat_log_get_messages (self->log);
}

/* Why the last link ended, unless one of the two wanted it. */
const GError *
srudp_chat_conversation_get_error (SrudpChatConversation *self)
{
  return self->error;
}

/* When the phase, or the present link, began (monotonic, microseconds). */
gint64
srudp_chat_conversation_get_since (SrudpChatConversation *self)
{
  return self->since_us;
}

guint
srudp_chat_conversation_get_unread (SrudpChatConversation *self)
{
  return self->unread;
}

gboolean
srudp_chat_conversation_get_verified (SrudpChatConversation *self)
{
  return self->verified;
}

/* Whether the owner of this key was talked with earlier. */
gboolean
srudp_chat_conversation_is_known (SrudpChatConversation *self)
{
  return self->known;
}

void
srudp_chat_conversation_set_known (SrudpChatConversation *self,
                                   gboolean               known)
{
  self->known = known;
}

/* Whether this name belonged to another key before. */
gboolean
srudp_chat_conversation_is_suspect (SrudpChatConversation *self)
{
  return self->suspect;
}

/* Whether an invitation said which key the peer has. */
gboolean
srudp_chat_conversation_was_invited (SrudpChatConversation *self)
{
  return srudp_chat_address_is_invitation (self->address);
}

gboolean
srudp_chat_conversation_is_typing (SrudpChatConversation *self)
{
  return self->peer_typing;
}

gboolean
srudp_chat_conversation_was_declined (SrudpChatConversation *self)
{
  return self->declined;
}

/* To be called once a second. */
void
srudp_chat_conversation_measure (SrudpChatConversation *self)
{
  g_auto (SrudpChatLinkFacts) facts = { 0 };

  if (self->link == NULL || !srudp_chat_link_is_up (self->link))
    return;
  srudp_chat_link_get_facts (self->link, &facts);
  srudp_chat_throughput_add (&self->throughput, facts.bytes_sent, facts.bytes_received);
}

const SrudpChatThroughput *
srudp_chat_conversation_get_throughput (SrudpChatConversation *self)
{
  return &self->throughput;
}
