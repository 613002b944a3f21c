/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-log.c: the messages of a chat, and how far each has come
 */
#include "srudp-chat-log.h"

/* Enough to recognise what a peer repeats after a reconnect. */
#define MAX_SEEN_IDS 4096

struct _SrudpChatLog
{
  GListStore *messages;
  GHashTable *seen_ids;
  guint64 next_id;
};

SrudpChatLog *
srudp_chat_log_new (void)
{
  SrudpChatLog *self = g_new0 (SrudpChatLog, 1);

  self->messages = g_list_store_new (SRUDP_CHAT_TYPE_MESSAGE);
  self->seen_ids = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  /* Not the ids of the last run, which the peer may remember. */
  self->next_id = (guint64) g_random_int () << 32 | g_random_int ();
  return self;
}

void
srudp_chat_log_free (SrudpChatLog *self)
{
  g_object_unref (self->messages);
  g_hash_table_unref (self->seen_ids);
  g_free (self);
}

GListModel *
srudp_chat_log_get_messages (SrudpChatLog *self)
{
  return G_LIST_MODEL (self->messages);
}

/* Returns: (transfer none): a new message that waits */
SrudpChatMessage *
srudp_chat_log_add_outgoing (SrudpChatLog *self,
                             const char   *text)
{
  g_autoptr (SrudpChatMessage) message =
    srudp_chat_message_new_outgoing (self->next_id++, text);

  g_list_store_append (self->messages, message);
  return message;
}

static gboolean
is_repeated (SrudpChatLog *self,
             guint64       id)
{
  gint64 key = (gint64) id;

  if (g_hash_table_contains (self->seen_ids, &key))
    return TRUE;
  if (g_hash_table_size (self->seen_ids) >= MAX_SEEN_IDS)
    g_hash_table_remove_all (self->seen_ids);
  g_hash_table_add (self->seen_ids, g_memdup2 (&key, sizeof key));
  return FALSE;
}

/* Returns: (transfer none) (nullable): the message, NULL if it was here before */
SrudpChatMessage *
srudp_chat_log_add_incoming (SrudpChatLog *self,
                             guint64       id,
                             const char   *text,
                             const char   *author)
{
  g_autoptr (SrudpChatMessage) message = NULL;

  if (is_repeated (self, id))
    return NULL;
  message = srudp_chat_message_new_incoming (id, text, author);
  g_list_store_append (self->messages, message);
  return message;
}

/* One of ours gets its id here.
 * Returns: (transfer none): the message that stands for it */
SrudpChatMessage *
srudp_chat_log_add_file (SrudpChatLog  *self,
                         SrudpChatFile *file,
                         const char    *author)
{
  g_autoptr (SrudpChatMessage) message = NULL;

  if (srudp_chat_file_is_outgoing (file))
    srudp_chat_file_set_id (file, self->next_id++);
  message = srudp_chat_message_new_file (file, author);
  g_list_store_append (self->messages, message);
  return message;
}

static SrudpChatMessage *
get_message (SrudpChatLog *self,
             guint         position)
{
  return g_list_model_get_item (G_LIST_MODEL (self->messages), position);
}

static guint
count_messages (SrudpChatLog *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->messages));
}

/* All that waits and is not under way yet, in order. */
void
srudp_chat_log_transmit (SrudpChatLog      *self,
                         SrudpChatTransmit  transmit,
                         gpointer           user_data)
{
  guint n_messages = count_messages (self);

  for (guint i = 0; i < n_messages; i++)
    {
      g_autoptr (SrudpChatMessage) message = get_message (self, i);

      if (srudp_chat_message_get_mark (message) == SRUDP_CHAT_MARK_WAITING
          && srudp_chat_message_get_sequence (message) == 0)
        srudp_chat_message_set_sequence (message, transmit (message, user_data));
    }
}

/* The first @n_sent frames are on their way. */
void
srudp_chat_log_mark_sent (SrudpChatLog *self,
                          guint64       n_sent)
{
  for (guint i = count_messages (self); i > 0; i--)
    {
      g_autoptr (SrudpChatMessage) message = get_message (self, i - 1);
      guint64 sequence = srudp_chat_message_get_sequence (message);
      SrudpChatMark mark = srudp_chat_message_get_mark (message);

      if (mark == SRUDP_CHAT_MARK_WAITING && sequence != 0 && sequence <= n_sent)
        srudp_chat_message_set_mark (message, SRUDP_CHAT_MARK_SENT);
    }
}

void
srudp_chat_log_mark_delivered (SrudpChatLog *self,
                               guint64       id)
{
  for (guint i = count_messages (self); i > 0; i--)
    {
      g_autoptr (SrudpChatMessage) message = get_message (self, i - 1);

      if (srudp_chat_message_is_outgoing (message)
          && srudp_chat_message_get_file (message) == NULL
          && srudp_chat_message_get_id (message) == id)
        {
          srudp_chat_message_set_mark (message, SRUDP_CHAT_MARK_DELIVERED);
          return;
        }
    }
}

/* The link has ended: what was under way may or may not have arrived. @first
 * tells whether what still waited is given up too. */
void
srudp_chat_log_give_up (SrudpChatLog  *self,
                        SrudpChatMark  first)
{
  guint n_messages = count_messages (self);

  for (guint i = 0; i < n_messages; i++)
    {
      g_autoptr (SrudpChatMessage) message = get_message (self, i);
      SrudpChatMark mark = srudp_chat_message_get_mark (message);

      srudp_chat_message_set_sequence (message, 0);
      if (mark >= first && mark <= SRUDP_CHAT_MARK_SENT
          && srudp_chat_message_get_file (message) == NULL)
        srudp_chat_message_set_mark (message, SRUDP_CHAT_MARK_NOT_DELIVERED);
    }
}
