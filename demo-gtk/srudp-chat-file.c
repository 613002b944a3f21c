/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-file.c: a file that goes from one to the other, and how far it is
 */
#include "srudp-chat-file.h"

#include "srudp-chat-enums.h"
#include "srudp-chat-text.h"

#include <string.h>

/* How much a new measurement counts, at four of them in a second. */
#define RATE_WEIGHT 0.25

struct _SrudpChatFile
{
  GObject parent_instance;

  gboolean outgoing;
  GFile *location; /* theirs: NULL until it is done */
  GFile *folder;   /* theirs: where it is to go */
  char *name;
  guint64 id;
  guint64 size_bytes;
  guint8 checksum[SRUDP_CHAT_CHECKSUM_BYTES];

  SrudpChatFileState state;
  char *problem;

  /* Counted by a thread of its own. */
  GMutex lock;
  guint64 moved_bytes;

  guint64 shown_bytes;
  gint64 shown_us;
  double rate; /* bytes per second */
};

G_DEFINE_FINAL_TYPE (SrudpChatFile, srudp_chat_file, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_STATE,
  PROP_MOVED,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
srudp_chat_file_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  SrudpChatFile *self = SRUDP_CHAT_FILE (object);

  switch (prop_id)
    {
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_MOVED:
      g_value_set_uint64 (value, srudp_chat_file_get_moved (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
srudp_chat_file_finalize (GObject *object)
{
  SrudpChatFile *self = SRUDP_CHAT_FILE (object);

  g_clear_object (&self->location);
  g_clear_object (&self->folder);
  g_free (self->name);
  g_free (self->problem);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (srudp_chat_file_parent_class)->finalize (object);
}

static void
srudp_chat_file_class_init (SrudpChatFileClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = srudp_chat_file_get_property;
  object_class->finalize = srudp_chat_file_finalize;

  props[PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL, SRUDP_CHAT_TYPE_FILE_STATE,
                       SRUDP_CHAT_FILE_PREPARING, flags);
  props[PROP_MOVED] = g_param_spec_uint64 ("moved", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
srudp_chat_file_init (SrudpChatFile *self)
{
  g_mutex_init (&self->lock);
}

/* @source is on this machine; it has neither size nor checksum yet. */
SrudpChatFile *
srudp_chat_file_new_outgoing (GFile      *source,
                              const char *name)
{
  SrudpChatFile *self = g_object_new (SRUDP_CHAT_TYPE_FILE, NULL);

  self->outgoing = TRUE;
  self->location = g_object_ref (source);
  self->name = srudp_chat_text_tame_file_name (name);
  self->state = SRUDP_CHAT_FILE_PREPARING;
  return self;
}

SrudpChatFile *
srudp_chat_file_new_incoming (const SrudpChatFrame *offer)
{
  SrudpChatFile *self = g_object_new (SRUDP_CHAT_TYPE_FILE, NULL);

  self->name = srudp_chat_text_tame_file_name (offer->text);
  self->id = offer->id;
  self->state = SRUDP_CHAT_FILE_OFFERED;
  srudp_chat_file_set_content (self, offer->size_bytes, offer->checksum);
  return self;
}

gboolean
srudp_chat_file_is_outgoing (SrudpChatFile *self)
{
  return self->outgoing;
}

/* NULL for a peer's that isn't complete. */
GFile *
srudp_chat_file_get_location (SrudpChatFile *self)
{
  return self->location;
}

void
srudp_chat_file_set_location (SrudpChatFile *self,
                              GFile         *location)
{
  g_set_object (&self->location, location);
}

/* NULL until it is wanted. */
GFile *
srudp_chat_file_get_folder (SrudpChatFile *self)
{
  return self->folder;
}

void
srudp_chat_file_set_folder (SrudpChatFile *self,
                            GFile         *folder)
{
  g_set_object (&self->folder, folder);
}

/* Harmless on any disk. */
const char *
srudp_chat_file_get_name (SrudpChatFile *self)
{
  return self->name;
}

guint64
srudp_chat_file_get_id (SrudpChatFile *self)
{
  return self->id;
}

void
srudp_chat_file_set_id (SrudpChatFile *self,
                        guint64        id)
{
  self->id = id;
}

guint64
srudp_chat_file_get_size (SrudpChatFile *self)
{
  return self->size_bytes;
}

const guint8 *
srudp_chat_file_get_checksum (SrudpChatFile *self)
{
  return self->checksum;
}

void
srudp_chat_file_set_content (SrudpChatFile *self,
                             guint64        size_bytes,
                             const guint8  *checksum)
{
  self->size_bytes = size_bytes;
  memcpy (self->checksum, checksum, sizeof self->checksum);
}

/* --- State ----------------------------------------------------------------- */

SrudpChatFileState
srudp_chat_file_get_state (SrudpChatFile *self)
{
  return self->state;
}

/* Why it failed, in words; NULL if it didn't. */
const char *
srudp_chat_file_get_problem (SrudpChatFile *self)
{
  return self->problem;
}

void
srudp_chat_file_set_state (SrudpChatFile      *self,
                           SrudpChatFileState  state,
                           const char         *problem)
{
  if (self->state == state)
    return;
  g_free (self->problem);
  self->problem = g_strdup (problem);
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

/* Nothing further happens by itself. */
gboolean
srudp_chat_file_is_over (SrudpChatFile *self)
{
  return self->state >= SRUDP_CHAT_FILE_DONE;
}

/* --- Progress -------------------------------------------------------------- */

guint64
srudp_chat_file_get_moved (SrudpChatFile *self)
{
  guint64 moved_bytes;

  g_mutex_lock (&self->lock);
  moved_bytes = self->moved_bytes;
  g_mutex_unlock (&self->lock);
  return moved_bytes;
}

/* Bytes per second, smoothed; 0 if unknown. */
double
srudp_chat_file_get_rate (SrudpChatFile *self)
{
  return self->rate;
}

void
srudp_chat_file_restart_at (SrudpChatFile *self,
                            guint64        offset_bytes)
{
  g_mutex_lock (&self->lock);
  self->moved_bytes = offset_bytes;
  g_mutex_unlock (&self->lock);
  self->shown_bytes = offset_bytes;
  self->shown_us = 0;
  self->rate = 0;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MOVED]);
}

/* To be called now and then while it moves: tells how far it has come. */
void
srudp_chat_file_update (SrudpChatFile *self,
                        gint64         now_us)
{
  guint64 moved_bytes = srudp_chat_file_get_moved (self);

  if (self->shown_us > 0 && now_us > self->shown_us)
    {
      double rate = (double) (moved_bytes - self->shown_bytes) * G_USEC_PER_SEC
                    / (double) (now_us - self->shown_us);

      self->rate = self->rate > 0 ? self->rate + RATE_WEIGHT * (rate - self->rate) : rate;
    }
  self->shown_us = now_us;
  self->shown_bytes = moved_bytes;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MOVED]);
}

/* From any thread; nobody is told. */
void
srudp_chat_file_add_moved (SrudpChatFile *self,
                           gsize          n_bytes)
{
  g_mutex_lock (&self->lock);
  self->moved_bytes += n_bytes;
  g_mutex_unlock (&self->lock);
}
