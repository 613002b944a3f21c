/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-message.c: one message, and how far it has come
 */
#include "srudp-chat-message.h"

#include "srudp-chat-enums.h"
#include "srudp-chat-text.h"

struct _SrudpChatMessage
{
  GObject parent_instance;

  guint64 id;
  guint64 sequence;
  char *text;
  char *author;
  SrudpChatFile *file;
  GDateTime *time;
  SrudpChatMark mark;
};

G_DEFINE_FINAL_TYPE (SrudpChatMessage, srudp_chat_message, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_MARK,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
srudp_chat_message_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  SrudpChatMessage *self = SRUDP_CHAT_MESSAGE (object);

  switch (prop_id)
    {
    case PROP_MARK:
      g_value_set_enum (value, self->mark);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
srudp_chat_message_finalize (GObject *object)
{
  SrudpChatMessage *self = SRUDP_CHAT_MESSAGE (object);

  g_free (self->text);
  g_free (self->author);
  g_clear_object (&self->file);
  g_date_time_unref (self->time);

  G_OBJECT_CLASS (srudp_chat_message_parent_class)->finalize (object);
}

static void
srudp_chat_message_class_init (SrudpChatMessageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = srudp_chat_message_get_property;
  object_class->finalize = srudp_chat_message_finalize;

  props[PROP_MARK] =
    g_param_spec_enum ("mark", NULL, NULL, SRUDP_CHAT_TYPE_MARK, SRUDP_CHAT_MARK_WAITING,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
srudp_chat_message_init (SrudpChatMessage *self)
{
  self->time = g_date_time_new_now_local ();
}

SrudpChatMessage *
srudp_chat_message_new_outgoing (guint64     id,
                                 const char *text)
{
  SrudpChatMessage *self = g_object_new (SRUDP_CHAT_TYPE_MESSAGE, NULL);

  self->id = id;
  /* As the peer will see it. */
  self->text = srudp_chat_text_tame (text);
  self->mark = SRUDP_CHAT_MARK_WAITING;
  return self;
}

/* The time is that of arrival: a peer's clock is not to be trusted. */
SrudpChatMessage *
srudp_chat_message_new_incoming (guint64     id,
                                 const char *text,
                                 const char *author)
{
  SrudpChatMessage *self = g_object_new (SRUDP_CHAT_TYPE_MESSAGE, NULL);

  self->id = id;
  self->text = srudp_chat_text_tame (text);
  self->author = g_strdup (author);
  self->mark = SRUDP_CHAT_MARK_RECEIVED;
  return self;
}

/* Its state is the file's own, not a mark. */
SrudpChatMessage *
srudp_chat_message_new_file (SrudpChatFile *file,
                             const char    *author)
{
  SrudpChatMessage *self = g_object_new (SRUDP_CHAT_TYPE_MESSAGE, NULL);

  self->id = srudp_chat_file_get_id (file);
  self->text = g_strdup (srudp_chat_file_get_name (file));
  self->file = g_object_ref (file);
  self->author = g_strdup (author);
  self->mark = srudp_chat_file_is_outgoing (file) ? SRUDP_CHAT_MARK_SENT
                                                  : SRUDP_CHAT_MARK_RECEIVED;
  return self;
}

/* NULL if it consists of words. */
SrudpChatFile *
srudp_chat_message_get_file (SrudpChatMessage *self)
{
  return self->file;
}

guint64
srudp_chat_message_get_id (SrudpChatMessage *self)
{
  return self->id;
}

const char *
srudp_chat_message_get_text (SrudpChatMessage *self)
{
  return self->text;
}

/* NULL for one's own. */
const char *
srudp_chat_message_get_author (SrudpChatMessage *self)
{
  return self->author;
}

GDateTime *
srudp_chat_message_get_time (SrudpChatMessage *self)
{
  return self->time;
}

gboolean
srudp_chat_message_is_outgoing (SrudpChatMessage *self)
{
  return self->mark != SRUDP_CHAT_MARK_RECEIVED;
}

SrudpChatMark
srudp_chat_message_get_mark (SrudpChatMessage *self)
{
  return self->mark;
}

void
srudp_chat_message_set_mark (SrudpChatMessage *self,
                             SrudpChatMark     mark)
{
  if (self->mark == mark)
    return;
  self->mark = mark;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MARK]);
}

/* Which of the link's frames carries it. */
guint64
srudp_chat_message_get_sequence (SrudpChatMessage *self)
{
  return self->sequence;
}

void
srudp_chat_message_set_sequence (SrudpChatMessage *self,
                                 guint64           sequence)
{
  self->sequence = sequence;
}
