/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-conversation.c: a chat with one peer, over one link after another
 */
#include "config.h"

#include "srudp-chat-conversation-private.h"

#include "srudp-chat-enums.h"
#include "srudp-chat-text.h"

#include <glib/gi18n.h>
#include <string.h>

#define TYPING_REPEAT_US (3 * G_USEC_PER_SEC)
#define TYPING_SHOWN_S 6

G_DEFINE_FINAL_TYPE (SrudpChatConversation, srudp_chat_conversation, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_TITLE,
  PROP_PHASE,
  PROP_PRESENCE,
  PROP_LINK,
  PROP_UNREAD,
  PROP_TYPING,
  PROP_VERIFIED,
  PROP_SUSPECT,
  N_PROPS
};

enum
{
  RECONNECT,
  WITHDRAWN,
  RECEIVED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

static void unplug (SrudpChatConversation *self);
static void take_in (SrudpChatConversation *self, SrudpChatMessage *message);

/* The first version that knows of files. */
#define FILES_VERSION 2

/* --- Object ---------------------------------------------------------------- */

static void
srudp_chat_conversation_get_property (GObject    *object,
                                      guint       prop_id,
                                      GValue     *value,
                                      GParamSpec *pspec)
{
  SrudpChatConversation *self = SRUDP_CHAT_CONVERSATION (object);

  switch (prop_id)
    {
    case PROP_TITLE:
      g_value_set_string (value, srudp_chat_conversation_get_title (self));
      break;
    case PROP_PHASE:
      g_value_set_enum (value, self->phase);
      break;
    case PROP_PRESENCE:
      g_value_set_enum (value, self->presence);
      break;
    case PROP_LINK:
      g_value_set_object (value, self->link);
      break;
    case PROP_UNREAD:
      g_value_set_uint (value, self->unread);
      break;
    case PROP_TYPING:
      g_value_set_boolean (value, self->peer_typing);
      break;
    case PROP_VERIFIED:
      g_value_set_boolean (value, self->verified);
      break;
    case PROP_SUSPECT:
      g_value_set_boolean (value, self->suspect);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
srudp_chat_conversation_dispose (GObject *object)
{
  SrudpChatConversation *self = SRUDP_CHAT_CONVERSATION (object);

  g_clear_handle_id (&self->typing_timeout_id, g_source_remove);
  unplug (self);
  g_clear_object (&self->transfers);
  g_clear_object (&self->folder);

  G_OBJECT_CLASS (srudp_chat_conversation_parent_class)->dispose (object);
}

static void
srudp_chat_conversation_finalize (GObject *object)
{
  SrudpChatConversation *self = SRUDP_CHAT_CONVERSATION (object);

  g_free (self->own_name);
  g_free (self->peer_name);
  g_free (self->address);
  g_free (self->peer_id);
  g_free (self->draft);
  g_clear_error (&self->error);
  srudp_chat_log_free (self->log);

  G_OBJECT_CLASS (srudp_chat_conversation_parent_class)->finalize (object);
}

static void
install_signals (void)
{
  /* A new link to the same peer is wanted: answer with use_link(). */
  signals[RECONNECT] =
    g_signal_new ("reconnect", SRUDP_CHAT_TYPE_CONVERSATION, G_SIGNAL_RUN_LAST, 0, NULL,
                  NULL, NULL, G_TYPE_NONE, 0);
  /* Who asked has gone before being answered. */
  signals[WITHDRAWN] =
    g_signal_new ("withdrawn", SRUDP_CHAT_TYPE_CONVERSATION, G_SIGNAL_RUN_LAST, 0, NULL,
                  NULL, NULL, G_TYPE_NONE, 0);
  signals[RECEIVED] =
    g_signal_new ("received", SRUDP_CHAT_TYPE_CONVERSATION, G_SIGNAL_RUN_LAST, 0, NULL,
                  NULL, NULL, G_TYPE_NONE, 1, SRUDP_CHAT_TYPE_MESSAGE);
}

static void
srudp_chat_conversation_class_init (SrudpChatConversationClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = srudp_chat_conversation_get_property;
  object_class->dispose = srudp_chat_conversation_dispose;
  object_class->finalize = srudp_chat_conversation_finalize;

  props[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  props[PROP_PHASE] =
    g_param_spec_enum ("phase", NULL, NULL, SRUDP_CHAT_TYPE_PHASE,
                       SRUDP_CHAT_PHASE_CONNECTING, flags);
  props[PROP_PRESENCE] =
    g_param_spec_enum ("presence", NULL, NULL, SRUDP_CHAT_TYPE_PRESENCE,
                       SRUDP_CHAT_PRESENCE_ONLINE, flags);
  props[PROP_LINK] =
    g_param_spec_object ("link", NULL, NULL, SRUDP_CHAT_TYPE_LINK, flags);
  props[PROP_UNREAD] = g_param_spec_uint ("unread", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_TYPING] = g_param_spec_boolean ("typing", NULL, NULL, FALSE, flags);
  props[PROP_VERIFIED] = g_param_spec_boolean ("verified", NULL, NULL, FALSE, flags);
  props[PROP_SUSPECT] = g_param_spec_boolean ("suspect", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  install_signals ();
}

static void
file_offered_cb (SrudpChatTransfers    *transfers,
                 SrudpChatFile         *file,
                 SrudpChatConversation *self)
{
  take_in (self, srudp_chat_log_add_file (self->log, file,
                                          srudp_chat_conversation_get_title (self)));
}

static void
srudp_chat_conversation_init (SrudpChatConversation *self)
{
  self->log = srudp_chat_log_new ();
  self->transfers = srudp_chat_transfers_new ();
  g_signal_connect_object (self->transfers, "offered", G_CALLBACK (file_offered_cb), self, 0);
  self->since_us = g_get_monotonic_time ();
}

/* @address is where the peer is, as people write it; NULL for one who called. */
SrudpChatConversation *
srudp_chat_conversation_new (const char *own_name,
                             const char *address)
{
  SrudpChatConversation *self = g_object_new (SRUDP_CHAT_TYPE_CONVERSATION, NULL);

  self->own_name = g_strdup (own_name);
  self->address = g_strdup (address);
  self->phase = SRUDP_CHAT_PHASE_CONNECTING;
  return self;
}

static void
set_phase (SrudpChatConversation *self,
           SrudpChatPhase         phase)
{
  if (self->phase == phase)
    return;
  self->phase = phase;
  self->since_us = g_get_monotonic_time ();
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PHASE]);
}

static void
set_presence (SrudpChatConversation *self,
              SrudpChatPresence      presence)
{
  if (self->presence == presence)
    return;
  self->presence = presence;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PRESENCE]);
}

static void
set_unread (SrudpChatConversation *self,
            guint                  unread)
{
  if (self->unread == unread)
    return;
  self->unread = unread;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_UNREAD]);
}

static void
set_peer_typing (SrudpChatConversation *self,
                 gboolean               typing)
{
  g_clear_handle_id (&self->typing_timeout_id, g_source_remove);
  if (self->peer_typing == typing)
    return;
  self->peer_typing = typing;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TYPING]);
}

/* --- Messages -------------------------------------------------------------- */

static gboolean
is_talking (SrudpChatConversation *self)
{
  return self->link != NULL && self->greeted && self->was_greeted
         && srudp_chat_link_is_up (self->link);
}

static guint64
transmit_cb (SrudpChatMessage *message,
             gpointer          user_data)
{
  SrudpChatConversation *self = user_data;
  gint64 time_s = g_date_time_to_unix (srudp_chat_message_get_time (message));
  SrudpChatFrame frame = {
    .type = SRUDP_CHAT_FRAME_TEXT,
    .id = srudp_chat_message_get_id (message),
    .time_ms = time_s * 1000,
    .text = (char *) srudp_chat_message_get_text (message),
  };

  return srudp_chat_link_send (self->link, &frame);
}

static void
transmit_if_talking (SrudpChatConversation *self)
{
  if (is_talking (self) && !self->suspect)
    srudp_chat_log_transmit (self->log, transmit_cb, self);
}

/* Returns: FALSE if there is nothing to send, or too much for one message. */
gboolean
srudp_chat_conversation_send (SrudpChatConversation *self,
                              const char            *text)
{
  g_autofree char *tame = srudp_chat_text_tame (text);

  g_strstrip (tame);
  if (*tame == '\0' || strlen (tame) > SRUDP_CHAT_MAX_TEXT_BYTES)
    return FALSE;
  srudp_chat_log_add_outgoing (self->log, tame);
  self->typing_sent_us = 0;
  transmit_if_talking (self);
  return TRUE;
}

void
srudp_chat_conversation_retry (SrudpChatConversation *self,
                               SrudpChatMessage      *message)
{
  if (srudp_chat_message_get_mark (message) != SRUDP_CHAT_MARK_NOT_DELIVERED)
    return;
  srudp_chat_message_set_mark (message, SRUDP_CHAT_MARK_WAITING);
  if (is_talking (self))
    transmit_if_talking (self);
  else
    srudp_chat_conversation_reconnect (self);
}

/* --- Files ----------------------------------------------------------------- */

/* @name is what the peer is told, NULL for that of the file itself.
 * Returns: FALSE if the peer's version knows of no files. */
gboolean
srudp_chat_conversation_send_file (SrudpChatConversation *self,
                                   GFile                 *source,
                                   const char            *name)
{
  g_autofree char *own_name = g_file_get_basename (source);
  g_autofree char *valid = g_filename_display_name (name != NULL ? name : own_name);
  g_autoptr (SrudpChatFile) file = srudp_chat_file_new_outgoing (source, valid);

  if (self->peer_version < FILES_VERSION)
    return FALSE;
  srudp_chat_log_add_file (self->log, file, NULL);
  srudp_chat_transfers_send (self->transfers, file);
  return TRUE;
}

void
srudp_chat_conversation_accept_file (SrudpChatConversation *self,
                                     SrudpChatFile         *file)
{
  const char *downloads = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);

  if (self->folder == NULL)
    self->folder = g_file_new_for_path (downloads != NULL ? downloads : g_get_home_dir ());
  srudp_chat_transfers_accept (self->transfers, file, self->folder);
}

void
srudp_chat_conversation_cancel_file (SrudpChatConversation *self,
                                     SrudpChatFile         *file)
{
  srudp_chat_transfers_cancel (self->transfers, file);
}

void
srudp_chat_conversation_retry_file (SrudpChatConversation *self,
                                    SrudpChatFile         *file)
{
  srudp_chat_transfers_retry (self->transfers, file);
  if (!is_talking (self))
    srudp_chat_conversation_reconnect (self);
}

/* --- What the peer says ---------------------------------------------------- */

static void
greet (SrudpChatConversation *self)
{
  SrudpChatFrame hello = {
    .type = SRUDP_CHAT_FRAME_HELLO,
    .version = SRUDP_CHAT_PROTOCOL_VERSION,
    .text = self->own_name,
  };

  if (self->greeted || !self->accepted)
    return;
  self->greeted = TRUE;
  srudp_chat_link_send (self->link, &hello);
}

static void
start_talking_if_ready (SrudpChatConversation *self)
{
  if (!is_talking (self))
    return;
  set_presence (self, SRUDP_CHAT_PRESENCE_ONLINE);
  set_phase (self, SRUDP_CHAT_PHASE_TALKING);
  transmit_if_talking (self);
  if (self->peer_version >= FILES_VERSION && !self->suspect)
    srudp_chat_transfers_set_link (self->transfers, self->link);
}

static void
take_hello (SrudpChatConversation *self,
            const SrudpChatFrame  *frame)
{
  g_free (self->peer_name);
  self->peer_name = srudp_chat_text_tame_name (frame->text);
  self->was_greeted = TRUE;
  self->peer_version = frame->version;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TITLE]);
  start_talking_if_ready (self);
}

static void
take_in (SrudpChatConversation *self,
         SrudpChatMessage      *message)
{
  if (!self->visible)
    set_unread (self, self->unread + 1);
  g_signal_emit (self, signals[RECEIVED], 0, message);
}

static void
take_text (SrudpChatConversation *self,
           const SrudpChatFrame  *frame)
{
  SrudpChatFrame receipt = { .type = SRUDP_CHAT_FRAME_RECEIPT, .id = frame->id };
  SrudpChatMessage *message;

  /* Nobody speaks before having been let in. */
  if (!is_talking (self))
    return;
  srudp_chat_link_send (self->link, &receipt);
  set_peer_typing (self, FALSE);
  message = srudp_chat_log_add_incoming (self->log, frame->id, frame->text,
                                         srudp_chat_conversation_get_title (self));
  if (message != NULL)
    take_in (self, message);
}

static gboolean
typing_ended_cb (gpointer user_data)
{
  SrudpChatConversation *self = user_data;

  self->typing_timeout_id = 0;
  set_peer_typing (self, FALSE);
  return G_SOURCE_REMOVE;
}

static void
take_typing (SrudpChatConversation *self,
             const SrudpChatFrame  *frame)
{
  if (!is_talking (self))
    return;
  set_peer_typing (self, frame->typing);
  if (frame->typing)
    self->typing_timeout_id = g_timeout_add_seconds (TYPING_SHOWN_S, typing_ended_cb, self);
}

static void
take_bye (SrudpChatConversation *self,
          const SrudpChatFrame  *frame)
{
  self->declined = frame->reason == SRUDP_CHAT_BYE_DECLINED;
  if (self->phase == SRUDP_CHAT_PHASE_TALKING)
    set_presence (self, SRUDP_CHAT_PRESENCE_LEFT);
  srudp_chat_link_close (self->link);
}

static void
link_frame_cb (SrudpChatLink  *link,
               SrudpChatFrame *frame,
               gpointer        user_data)
{
  SrudpChatConversation *self = user_data;

  switch (frame->type)
    {
    case SRUDP_CHAT_FRAME_HELLO:
      take_hello (self, frame);
      break;
    case SRUDP_CHAT_FRAME_TEXT:
      take_text (self, frame);
      break;
    case SRUDP_CHAT_FRAME_RECEIPT:
      srudp_chat_log_mark_delivered (self->log, frame->id);
      break;
    case SRUDP_CHAT_FRAME_BYE:
      take_bye (self, frame);
      break;
    case SRUDP_CHAT_FRAME_TYPING:
      take_typing (self, frame);
      break;
    case SRUDP_CHAT_FRAME_FILE:
    case SRUDP_CHAT_FRAME_FILE_WANTED:
    case SRUDP_CHAT_FRAME_FILE_REFUSED:
    case SRUDP_CHAT_FRAME_FILE_WITHDRAWN:
    case SRUDP_CHAT_FRAME_FILE_KEPT:
      srudp_chat_transfers_take_frame (self->transfers, frame);
      break;
    default:
      break;
    }
}

static void
link_sent_cb (SrudpChatLink *link,
              guint64        n_sent,
              gpointer       user_data)
{
  srudp_chat_log_mark_sent (SRUDP_CHAT_CONVERSATION (user_data)->log, n_sent);
}

/* Nobody has a use for it as long as nobody is let in. */
static void
link_stream_cb (SrudpChatLink *link,
                GIOStream     *stream,
                gpointer       user_data)
{
  SrudpChatConversation *self = user_data;

  if (is_talking (self))
    srudp_chat_transfers_take_stream (self->transfers, stream);
  else
    g_io_stream_close_async (stream, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
}

/* --- The link -------------------------------------------------------------- */

static void
remember_peer (SrudpChatConversation *self)
{
  g_auto (SrudpChatLinkFacts) facts = { 0 };
  g_autofree char *peer_id = srudp_chat_link_dup_peer_id (self->link);

  if (peer_id != NULL && g_strcmp0 (peer_id, self->peer_id) != 0)
    {
      /* Another key is another peer, whatever its name. */
      srudp_chat_conversation_set_verified (self, FALSE);
      g_free (self->peer_id);
      self->peer_id = g_steal_pointer (&peer_id);
    }
  srudp_chat_link_get_facts (self->link, &facts);
  if (self->address == NULL && facts.remote_address != NULL)
    {
      self->address = g_strdup (facts.remote_address);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TITLE]);
    }
}

static void
link_came_up (SrudpChatConversation *self)
{
  remember_peer (self);
  greet (self);
  start_talking_if_ready (self);
}

static void
link_ended (SrudpChatConversation *self)
{
  const GError *error = srudp_chat_link_get_error (self->link);

  g_clear_error (&self->error);
  if (error != NULL)
    self->error = g_error_copy (error);
  set_peer_typing (self, FALSE);
  srudp_chat_transfers_set_link (self->transfers, NULL);

  switch (self->phase)
    {
    case SRUDP_CHAT_PHASE_REQUEST:
      g_signal_emit (self, signals[WITHDRAWN], 0);
      break;
    case SRUDP_CHAT_PHASE_CONNECTING:
      set_phase (self, SRUDP_CHAT_PHASE_FAILED);
      break;
    case SRUDP_CHAT_PHASE_TALKING:
      if (self->presence != SRUDP_CHAT_PRESENCE_LEFT
          && self->presence != SRUDP_CHAT_PRESENCE_DISCONNECTED)
        set_presence (self, error != NULL ? SRUDP_CHAT_PRESENCE_LOST
                                          : SRUDP_CHAT_PRESENCE_LEFT);
      srudp_chat_log_give_up (self->log, SRUDP_CHAT_MARK_WAITING);
      break;
    case SRUDP_CHAT_PHASE_FAILED:
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
link_state_cb (SrudpChatLink *link,
               GParamSpec    *pspec,
               gpointer       user_data)
{
  SrudpChatConversation *self = user_data;

  switch (srudp_chat_link_get_state (link))
    {
    case SRUDP_CONNECTION_STATE_ESTABLISHED:
      link_came_up (self);
      break;
    case SRUDP_CONNECTION_STATE_UNREACHABLE:
      if (self->presence == SRUDP_CHAT_PRESENCE_ONLINE)
        set_presence (self, SRUDP_CHAT_PRESENCE_SILENT);
      break;
    case SRUDP_CONNECTION_STATE_CLOSED:
      link_ended (self);
      break;
    default:
      break;
    }
}

static void
unplug (SrudpChatConversation *self)
{
  if (self->link == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->link, self);
  srudp_chat_transfers_set_link (self->transfers, NULL);
  srudp_chat_link_close (self->link);
  g_clear_object (&self->link);
  self->greeted = self->was_greeted = FALSE;
}

static void
plug_in (SrudpChatConversation *self,
         SrudpChatLink         *link)
{
  unplug (self);
  self->link = g_object_ref (link);
  self->declined = FALSE;
  self->since_us = g_get_monotonic_time ();
  g_signal_connect (link, "frame", G_CALLBACK (link_frame_cb), self);
  g_signal_connect (link, "sent", G_CALLBACK (link_sent_cb), self);
  g_signal_connect (link, "stream", G_CALLBACK (link_stream_cb), self);
  g_signal_connect (link, "notify::state", G_CALLBACK (link_state_cb), self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_LINK]);
  if (srudp_chat_link_is_up (link))
    link_came_up (self);
}

/* The peer called. Whom we talk with or are calling is let in at once. */
void
srudp_chat_conversation_take_call (SrudpChatConversation *self,
                                   SrudpChatLink         *link)
{
  gboolean calling = self->accepted && self->phase == SRUDP_CHAT_PHASE_CONNECTING;
  gboolean talking = self->phase == SRUDP_CHAT_PHASE_TALKING
                     && self->presence != SRUDP_CHAT_PRESENCE_DISCONNECTED;

  /* What still waits goes over the new link. */
  srudp_chat_log_give_up (self->log, SRUDP_CHAT_MARK_SENT);
  self->accepted = calling || talking;
  if (!self->accepted)
    set_phase (self, SRUDP_CHAT_PHASE_REQUEST);
  plug_in (self, link);
}

/* A link that we opened, or are about to. */
void
srudp_chat_conversation_use_link (SrudpChatConversation *self,
                                  SrudpChatLink         *link)
{
  self->accepted = TRUE;
  if (self->phase == SRUDP_CHAT_PHASE_TALKING)
    set_presence (self, SRUDP_CHAT_PRESENCE_RECONNECTING);
  else
    set_phase (self, SRUDP_CHAT_PHASE_CONNECTING);
  plug_in (self, link);
}

/* --- What the person wants ------------------------------------------------- */

void
srudp_chat_conversation_accept (SrudpChatConversation *self)
{
  g_return_if_fail (self->phase == SRUDP_CHAT_PHASE_REQUEST);

  self->accepted = TRUE;
  set_phase (self, SRUDP_CHAT_PHASE_CONNECTING);
  greet (self);
  start_talking_if_ready (self);
}

static void
say_bye (SrudpChatConversation *self,
         SrudpChatByeReason     reason)
{
  SrudpChatFrame bye = { .type = SRUDP_CHAT_FRAME_BYE, .reason = reason };

  if (self->link != NULL && srudp_chat_link_is_up (self->link))
    srudp_chat_link_send (self->link, &bye);
}

void
srudp_chat_conversation_decline (SrudpChatConversation *self)
{
  say_bye (self, SRUDP_CHAT_BYE_DECLINED);
  unplug (self);
  g_signal_emit (self, signals[WITHDRAWN], 0);
}

/* Also ends attempts to connect. */
void
srudp_chat_conversation_disconnect (SrudpChatConversation *self)
{
  say_bye (self, SRUDP_CHAT_BYE_LEFT);
  unplug (self);
  set_peer_typing (self, FALSE);
  srudp_chat_log_give_up (self->log, SRUDP_CHAT_MARK_WAITING);
  if (self->phase == SRUDP_CHAT_PHASE_TALKING)
    set_presence (self, SRUDP_CHAT_PRESENCE_DISCONNECTED);
}

void
srudp_chat_conversation_reconnect (SrudpChatConversation *self)
{
  gboolean trying = self->link != NULL
                    && srudp_chat_link_get_state (self->link) < SRUDP_CONNECTION_STATE_CLOSING
                    && self->presence == SRUDP_CHAT_PRESENCE_RECONNECTING;

  if (!trying)
    g_signal_emit (self, signals[RECONNECT], 0);
}

/* Says so to the peer, seldom enough to cost nothing; lost ones don't matter. */
void
srudp_chat_conversation_set_typing (SrudpChatConversation *self,
                                    gboolean               typing)
{
  SrudpChatFrame frame = { .type = SRUDP_CHAT_FRAME_TYPING, .typing = typing };
  gint64 now_us = g_get_monotonic_time ();

  if (!is_talking (self) || self->keeps_typing_secret || self->suspect)
    return;
  if (typing && self->typing_sent_us != 0 && now_us - self->typing_sent_us < TYPING_REPEAT_US)
    return;
  if (!typing && self->typing_sent_us == 0)
    return;
  self->typing_sent_us = typing ? now_us : 0;
  srudp_chat_link_send_datagram (self->link, &frame);
}

/* Whether the peer may know that one is writing. */
void
srudp_chat_conversation_set_tells_typing (SrudpChatConversation *self,
                                          gboolean               tells)
{
  self->keeps_typing_secret = !tells;
}

void
srudp_chat_conversation_set_visible (SrudpChatConversation *self,
                                     gboolean               visible)
{
  self->visible = visible;
  if (visible)
    set_unread (self, 0);
}

void
srudp_chat_conversation_set_draft (SrudpChatConversation *self,
                                   const char            *draft)
{
  g_free (self->draft);
  self->draft = g_strdup (draft);
}

void
srudp_chat_conversation_set_verified (SrudpChatConversation *self,
                                      gboolean               verified)
{
  if (self->verified == verified)
    return;
  self->verified = verified;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_VERIFIED]);
}

/* Nothing is sent to a peer that may be somebody else, until trusted. */
void
srudp_chat_conversation_set_suspect (SrudpChatConversation *self,
                                     gboolean               suspect)
{
  if (self->suspect == suspect)
    return;
  self->suspect = suspect;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SUSPECT]);
}

/* The person has decided to chat all the same. */
void
srudp_chat_conversation_trust (SrudpChatConversation *self)
{
  srudp_chat_conversation_set_suspect (self, FALSE);
  start_talking_if_ready (self);
}

/* From the next link on. */
void
srudp_chat_conversation_set_own_name (SrudpChatConversation *self,
                                      const char            *own_name)
{
  g_free (self->own_name);
  self->own_name = g_strdup (own_name);
}

/* Where files go that are accepted from now on. */
void
srudp_chat_conversation_set_folder (SrudpChatConversation *self,
                                    GFile                 *folder)
{
  g_set_object (&self->folder, folder);
}

/* Whether both have agreed to talk over the present link. */
gboolean
srudp_chat_conversation_is_open (SrudpChatConversation *self)
{
  return is_talking (self);
}
