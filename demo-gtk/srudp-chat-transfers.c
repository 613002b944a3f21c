/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-transfers.c: the files of a chat, over one link after another
 *
 * Each file that moves has a Run: what belongs to this attempt only. Cancelling
 * the run's cancellable ends whatever is under way for it, in any thread; what
 * is reported of a run that isn't the file's present one is ignored.
 */
#include "config.h"

#include "srudp-chat-transfers.h"

#include "srudp-chat-pump.h"

#include <glib/gi18n.h>
#include <string.h>

/* More unanswered offers are no presents but a nuisance. */
#define MAX_OFFERS 16
#define UPDATE_MS 250

struct _SrudpChatTransfers
{
  GObject parent_instance;

  SrudpChatLink *link; /* NULL while nobody is there */
  GHashTable *runs;    /* SrudpChatFile to Run */
  GPtrArray *files;    /* those of which more may come */
  guint update_id;
};

G_DEFINE_FINAL_TYPE (SrudpChatTransfers, srudp_chat_transfers, G_TYPE_OBJECT)

enum
{
  OFFERED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

typedef struct
{
  gatomicrefcount ref_count;
  SrudpChatTransfers *owner; /* unowned; NULL when the run is over */
  SrudpChatFile *file;
  GCancellable *cancellable;
  SrudpChatStore *store; /* theirs, until the stream comes */
  guint64 offset_bytes;
} Run;

static void send_cb (GObject *source, GAsyncResult *result, gpointer user_data);

static Run *
run_ref (Run *run)
{
  g_atomic_ref_count_inc (&run->ref_count);
  return run;
}

static void
run_unref (Run *run)
{
  if (!g_atomic_ref_count_dec (&run->ref_count))
    return;
  g_clear_pointer (&run->store, srudp_chat_store_free);
  g_object_unref (run->cancellable);
  g_object_unref (run->file);
  g_free (run);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Run, run_unref)

static void
run_end (gpointer data)
{
  Run *run = data;

  run->owner = NULL;
  g_cancellable_cancel (run->cancellable);
  run_unref (run);
}

/* --- Files and their runs -------------------------------------------------- */

static Run *
get_run (SrudpChatTransfers *self,
         SrudpChatFile      *file)
{
  return g_hash_table_lookup (self->runs, file);
}

static gboolean
update_cb (gpointer user_data)
{
  SrudpChatTransfers *self = user_data;
  gint64 now_us = g_get_monotonic_time ();

  for (guint i = 0; i < self->files->len; i++)
    {
      SrudpChatFile *file = self->files->pdata[i];

      if (srudp_chat_file_get_state (file) == SRUDP_CHAT_FILE_MOVING)
        srudp_chat_file_update (file, now_us);
    }
  if (g_hash_table_size (self->runs) > 0)
    return G_SOURCE_CONTINUE;
  self->update_id = 0;
  return G_SOURCE_REMOVE;
}

static Run *
start_run (SrudpChatTransfers *self,
           SrudpChatFile      *file)
{
  Run *run = g_new0 (Run, 1);

  g_atomic_ref_count_init (&run->ref_count);
  run->owner = self;
  run->file = g_object_ref (file);
  run->cancellable = g_cancellable_new ();
  g_hash_table_replace (self->runs, file, run);
  if (self->update_id == 0)
    self->update_id = g_timeout_add (UPDATE_MS, update_cb, self);
  return run;
}

/* Whatever happened, the file's present run is over. */
static void
settle (SrudpChatTransfers *self,
        SrudpChatFile      *file,
        SrudpChatFileState  state,
        const char         *problem)
{
  g_hash_table_remove (self->runs, file);
  if (state == SRUDP_CHAT_FILE_DONE)
    srudp_chat_file_restart_at (file, srudp_chat_file_get_size (file));
  srudp_chat_file_set_state (file, state, problem);
}

static SrudpChatFile *
find_file (SrudpChatTransfers *self,
           gboolean            outgoing,
           guint64             id)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      SrudpChatFile *file = self->files->pdata[i];

      if (srudp_chat_file_is_outgoing (file) == outgoing
          && srudp_chat_file_get_id (file) == id)
        return file;
    }
  return NULL;
}

static void
say (SrudpChatTransfers  *self,
     SrudpChatFrameType   type,
     SrudpChatFile       *file,
     guint64              offset_bytes,
     SrudpChatRefusal     refusal)
{
  SrudpChatFrame frame = {
    .type = type,
    .id = srudp_chat_file_get_id (file),
    .offset_bytes = offset_bytes,
    .refusal = refusal,
  };

  if (self->link != NULL)
    srudp_chat_link_send (self->link, &frame);
}

/* --- Ours ------------------------------------------------------------------ */

static void
offer (SrudpChatTransfers *self,
       SrudpChatFile      *file)
{
  SrudpChatFrame frame = {
    .type = SRUDP_CHAT_FRAME_FILE,
    .id = srudp_chat_file_get_id (file),
    .size_bytes = srudp_chat_file_get_size (file),
    .text = (char *) srudp_chat_file_get_name (file),
  };

  if (self->link == NULL)
    {
      srudp_chat_file_set_state (file, SRUDP_CHAT_FILE_WAITING, NULL);
      return;
    }
  memcpy (frame.checksum, srudp_chat_file_get_checksum (file), sizeof frame.checksum);
  srudp_chat_link_send (self->link, &frame);
  srudp_chat_file_set_state (file, SRUDP_CHAT_FILE_OFFERED, NULL);
}

static void
measured_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (Run) run = user_data;
  g_autoptr (GError) error = NULL;
  gboolean good = srudp_chat_pump_finish (run->file, result, &error);
  SrudpChatTransfers *self = run->owner;

  if (self == NULL)
    return;
  if (!good)
    {
      settle (self, run->file, SRUDP_CHAT_FILE_FAILED, error->message);
      return;
    }
  g_hash_table_remove (self->runs, run->file);
  offer (self, run->file);
}

/* @file has its id. */
void
srudp_chat_transfers_send (SrudpChatTransfers *self,
                           SrudpChatFile      *file)
{
  Run *run;

  if (!g_ptr_array_find (self->files, file, NULL))
    g_ptr_array_add (self->files, g_object_ref (file));
  run = start_run (self, file);
  srudp_chat_file_restart_at (file, 0);
  srudp_chat_file_set_state (file, SRUDP_CHAT_FILE_PREPARING, NULL);
  srudp_chat_pump_measure_async (file, run->cancellable, measured_cb, run_ref (run));
}

static void
stream_opened_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr (Run) run = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GIOStream) stream =
    srudp_chat_link_open_stream_finish (SRUDP_CHAT_LINK (source), result, &error);

  if (run->owner == NULL)
    {
      if (stream != NULL)
        g_io_stream_close_async (stream, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
      return;
    }
  if (stream == NULL)
    {
      settle (run->owner, run->file, SRUDP_CHAT_FILE_INTERRUPTED, error->message);
      return;
    }
  srudp_chat_pump_send_async (run->file, stream, run->offset_bytes, run->cancellable,
                              send_cb, run_ref (run));
}

static void
send_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (Run) run = user_data;
  g_autoptr (GError) error = NULL;
  SrudpChatTransfers *self;

  /* That it is kept the peer has to say. */
  if (srudp_chat_pump_finish (run->file, result, &error) || run->owner == NULL)
    return;
  self = run->owner;
  /* Of the two, a disk has other things to say than a network that is gone;
   * in doubt it can go on, and the peer knows how the link is. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    {
      settle (self, run->file, SRUDP_CHAT_FILE_INTERRUPTED, NULL);
      return;
    }
  say (self, SRUDP_CHAT_FRAME_FILE_WITHDRAWN, run->file, 0, 0);
  settle (self, run->file, SRUDP_CHAT_FILE_FAILED, error->message);
}

static void
take_wanted (SrudpChatTransfers   *self,
             const SrudpChatFrame *frame)
{
  SrudpChatFile *file = find_file (self, TRUE, frame->id);
  Run *run;

  if (file == NULL || srudp_chat_file_get_state (file) != SRUDP_CHAT_FILE_OFFERED
      || frame->offset_bytes > srudp_chat_file_get_size (file))
    return;
  run = start_run (self, file);
  run->offset_bytes = frame->offset_bytes;
  srudp_chat_file_restart_at (file, frame->offset_bytes);
  srudp_chat_file_set_state (file, SRUDP_CHAT_FILE_MOVING, NULL);
  srudp_chat_link_open_stream_async (self->link, run->cancellable, stream_opened_cb,
                                     run_ref (run));
}

static const char *
refusal_in_words (SrudpChatRefusal refusal)
{
  switch (refusal)
    {
    case SRUDP_CHAT_REFUSAL_NO_ROOM:
      return _ ("Your peer could not save it.");
    case SRUDP_CHAT_REFUSAL_DAMAGED:
      return _ ("The file arrived damaged.");
    case SRUDP_CHAT_REFUSAL_NOT_WANTED:
    default:
      return NULL;
    }
}

static void
take_refused (SrudpChatTransfers   *self,
              const SrudpChatFrame *frame)
{
  SrudpChatFile *file = find_file (self, TRUE, frame->id);
  const char *problem = refusal_in_words (frame->refusal);

  if (file == NULL || srudp_chat_file_is_over (file))
    return;
  if (problem != NULL)
    settle (self, file, SRUDP_CHAT_FILE_FAILED, problem);
  else if (srudp_chat_file_get_state (file) == SRUDP_CHAT_FILE_OFFERED)
    settle (self, file, SRUDP_CHAT_FILE_REFUSED, NULL);
  else
    settle (self, file, SRUDP_CHAT_FILE_CANCELLED, NULL);
}

static void
take_kept (SrudpChatTransfers   *self,
           const SrudpChatFrame *frame)
{
  SrudpChatFile *file = find_file (self, TRUE, frame->id);

  if (file != NULL && !srudp_chat_file_is_over (file))
    settle (self, file, SRUDP_CHAT_FILE_DONE, NULL);
}

/* --- Theirs ---------------------------------------------------------------- */

static void
fail_to_keep (SrudpChatTransfers *self,
              SrudpChatFile      *file,
              const GError       *error)
{
  gboolean damaged = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);

  say (self, SRUDP_CHAT_FRAME_FILE_REFUSED, file, 0,
       damaged ? SRUDP_CHAT_REFUSAL_DAMAGED : SRUDP_CHAT_REFUSAL_NO_ROOM);
  settle (self, file, SRUDP_CHAT_FILE_FAILED, error->message);
}

static void
opened_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (Run) run = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpChatStore) store = srudp_chat_pump_open_finish (run->file, result, &error);

  if (run->owner == NULL)
    return;
  if (store == NULL)
    {
      fail_to_keep (run->owner, run->file, error);
      return;
    }
  run->offset_bytes = srudp_chat_store_get_size (store);
  run->store = g_steal_pointer (&store);
  srudp_chat_file_restart_at (run->file, run->offset_bytes);
  say (run->owner, SRUDP_CHAT_FRAME_FILE_WANTED, run->file, run->offset_bytes, 0);
}

static void
fetch (SrudpChatTransfers *self,
       SrudpChatFile      *file)
{
  Run *run = start_run (self, file);

  srudp_chat_file_set_state (file, SRUDP_CHAT_FILE_MOVING, NULL);
  srudp_chat_pump_open_async (file, run->cancellable, opened_cb, run_ref (run));
}

static guint
count_offers (SrudpChatTransfers *self)
{
  guint n_offers = 0;

  for (guint i = 0; i < self->files->len; i++)
    if (!srudp_chat_file_is_outgoing (self->files->pdata[i])
        && srudp_chat_file_get_state (self->files->pdata[i]) == SRUDP_CHAT_FILE_OFFERED)
      n_offers++;
  return n_offers;
}

/* One that broke off, under whatever id it was offered then. */
static SrudpChatFile *
find_broken_off (SrudpChatTransfers   *self,
                 const SrudpChatFrame *frame)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      SrudpChatFile *file = self->files->pdata[i];

      if (!srudp_chat_file_is_outgoing (file)
          && srudp_chat_file_get_state (file) == SRUDP_CHAT_FILE_INTERRUPTED
          && srudp_chat_file_get_size (file) == frame->size_bytes
          && memcmp (srudp_chat_file_get_checksum (file), frame->checksum,
                     sizeof frame->checksum) == 0)
        return file;
    }
  return NULL;
}

static void
answer_again (SrudpChatTransfers   *self,
              SrudpChatFile        *file,
              const SrudpChatFrame *frame)
{
  switch (srudp_chat_file_get_state (file))
    {
    case SRUDP_CHAT_FILE_DONE:
      say (self, SRUDP_CHAT_FRAME_FILE_KEPT, file, 0, 0);
      break;
    case SRUDP_CHAT_FILE_REFUSED:
      say (self, SRUDP_CHAT_FRAME_FILE_REFUSED, file, 0, SRUDP_CHAT_REFUSAL_NOT_WANTED);
      break;
    case SRUDP_CHAT_FILE_CANCELLED:
    case SRUDP_CHAT_FILE_FAILED:
      /* The peer tries once more, perhaps with a newer one; so may the person
       * here. */
      srudp_chat_file_set_content (file, frame->size_bytes, frame->checksum);
      srudp_chat_file_set_state (file, SRUDP_CHAT_FILE_OFFERED, NULL);
      break;
    case SRUDP_CHAT_FILE_PREPARING:
    case SRUDP_CHAT_FILE_WAITING:
    case SRUDP_CHAT_FILE_OFFERED:
    case SRUDP_CHAT_FILE_MOVING:
    case SRUDP_CHAT_FILE_INTERRUPTED:
    default:
      break;
    }
}

static void
take_offer (SrudpChatTransfers   *self,
            const SrudpChatFrame *frame)
{
  SrudpChatFile *broken_off = find_broken_off (self, frame);
  SrudpChatFile *known = find_file (self, FALSE, frame->id);
  g_autoptr (SrudpChatFile) file = NULL;

  if (frame->size_bytes > G_MAXINT64)
    return;

  if (broken_off != NULL)
    {
      srudp_chat_file_set_id (broken_off, frame->id);
      fetch (self, broken_off);
      return;
    }
  if (known != NULL)
    {
      answer_again (self, known, frame);
      return;
    }
  file = srudp_chat_file_new_incoming (frame);
  if (count_offers (self) >= MAX_OFFERS)
    {
      say (self, SRUDP_CHAT_FRAME_FILE_REFUSED, file, 0, SRUDP_CHAT_REFUSAL_NOT_WANTED);
      return;
    }
  g_ptr_array_add (self->files, g_object_ref (file));
  g_signal_emit (self, signals[OFFERED], 0, file);
}

void
srudp_chat_transfers_accept (SrudpChatTransfers *self,
                             SrudpChatFile      *file,
                             GFile              *folder)
{
  if (srudp_chat_file_is_outgoing (file)
      || srudp_chat_file_get_state (file) != SRUDP_CHAT_FILE_OFFERED)
    return;
  srudp_chat_file_set_folder (file, folder);
  if (self->link != NULL)
    fetch (self, file);
  else
    srudp_chat_file_set_state (file, SRUDP_CHAT_FILE_INTERRUPTED, NULL);
}

static void
received_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (Run) run = user_data;
  g_autoptr (GError) error = NULL;
  gboolean good = srudp_chat_pump_finish (run->file, result, &error);

  if (run->owner == NULL)
    return;
  if (good)
    {
      say (run->owner, SRUDP_CHAT_FRAME_FILE_KEPT, run->file, 0, 0);
      settle (run->owner, run->file, SRUDP_CHAT_FILE_DONE, NULL);
    }
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT)
           || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED)
           || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED)
           || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    settle (run->owner, run->file, SRUDP_CHAT_FILE_INTERRUPTED, NULL);
  else
    fail_to_keep (run->owner, run->file, error);
}

typedef struct
{
  SrudpChatTransfers *self;
  GIOStream *stream;
  guint8 header[SRUDP_CHAT_STREAM_HEADER_BYTES];
} Arrival;

static void
arrival_free (Arrival *arrival)
{
  g_object_unref (arrival->self);
  g_object_unref (arrival->stream);
  g_free (arrival);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Arrival, arrival_free)

/* Returns: whether somebody waits for the stream. */
static gboolean
attach (SrudpChatTransfers *self,
        GIOStream          *stream,
        const guint8       *header)
{
  guint64 id, offset_bytes;
  SrudpChatFile *file;
  Run *run;

  srudp_chat_stream_header_read (header, &id, &offset_bytes);
  file = find_file (self, FALSE, id);
  run = file != NULL ? get_run (self, file) : NULL;
  if (run == NULL || run->store == NULL || run->offset_bytes != offset_bytes)
    return FALSE;
  srudp_chat_pump_receive_async (file, stream, g_steal_pointer (&run->store),
                                 run->cancellable, received_cb, run_ref (run));
  return TRUE;
}

static void
header_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (Arrival) arrival = user_data;
  gsize n_read = 0;

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &n_read, NULL)
      || n_read < sizeof arrival->header
      || !attach (arrival->self, arrival->stream, arrival->header))
    g_io_stream_close_async (arrival->stream, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
}

void
srudp_chat_transfers_take_stream (SrudpChatTransfers *self,
                                  GIOStream          *stream)
{
  Arrival *arrival = g_new0 (Arrival, 1);

  arrival->self = g_object_ref (self);
  arrival->stream = g_object_ref (stream);
  g_input_stream_read_all_async (g_io_stream_get_input_stream (stream), arrival->header,
                                 sizeof arrival->header, G_PRIORITY_DEFAULT, NULL, header_cb,
                                 arrival);
}

static void
take_withdrawn (SrudpChatTransfers   *self,
                const SrudpChatFrame *frame)
{
  SrudpChatFile *file = find_file (self, FALSE, frame->id);

  if (file != NULL && !srudp_chat_file_is_over (file))
    settle (self, file, SRUDP_CHAT_FILE_CANCELLED, NULL);
}

/* --- Both ------------------------------------------------------------------ */

/* What was received so far stays, for whoever changes their mind again. */
void
srudp_chat_transfers_cancel (SrudpChatTransfers *self,
                             SrudpChatFile      *file)
{
  SrudpChatFileState state = srudp_chat_file_get_state (file);

  if (srudp_chat_file_is_over (file))
    return;
  if (!srudp_chat_file_is_outgoing (file))
    say (self, SRUDP_CHAT_FRAME_FILE_REFUSED, file, 0, SRUDP_CHAT_REFUSAL_NOT_WANTED);
  else if (state >= SRUDP_CHAT_FILE_OFFERED)
    say (self, SRUDP_CHAT_FRAME_FILE_WITHDRAWN, file, 0, 0);
  if (!srudp_chat_file_is_outgoing (file) && state == SRUDP_CHAT_FILE_OFFERED)
    settle (self, file, SRUDP_CHAT_FILE_REFUSED, NULL);
  else
    settle (self, file, SRUDP_CHAT_FILE_CANCELLED, NULL);
}

/* Once more, of ours; it may have changed since. */
void
srudp_chat_transfers_retry (SrudpChatTransfers *self,
                            SrudpChatFile      *file)
{
  if (srudp_chat_file_is_outgoing (file) && srudp_chat_file_is_over (file)
      && srudp_chat_file_get_state (file) != SRUDP_CHAT_FILE_DONE)
    srudp_chat_transfers_send (self, file);
}

void
srudp_chat_transfers_take_frame (SrudpChatTransfers   *self,
                                 const SrudpChatFrame *frame)
{
  if (self->link == NULL)
    return;
  switch (frame->type)
    {
    case SRUDP_CHAT_FRAME_FILE:
      take_offer (self, frame);
      break;
    case SRUDP_CHAT_FRAME_FILE_WANTED:
      take_wanted (self, frame);
      break;
    case SRUDP_CHAT_FRAME_FILE_REFUSED:
      take_refused (self, frame);
      break;
    case SRUDP_CHAT_FRAME_FILE_WITHDRAWN:
      take_withdrawn (self, frame);
      break;
    case SRUDP_CHAT_FRAME_FILE_KEPT:
      take_kept (self, frame);
      break;
    case SRUDP_CHAT_FRAME_HELLO:
    case SRUDP_CHAT_FRAME_TEXT:
    case SRUDP_CHAT_FRAME_RECEIPT:
    case SRUDP_CHAT_FRAME_BYE:
    case SRUDP_CHAT_FRAME_TYPING:
    default:
      break;
    }
}

static void
interrupt (SrudpChatTransfers *self)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      SrudpChatFile *file = self->files->pdata[i];
      SrudpChatFileState state = srudp_chat_file_get_state (file);

      if (state == SRUDP_CHAT_FILE_MOVING)
        settle (self, file, SRUDP_CHAT_FILE_INTERRUPTED, NULL);
      else if (state == SRUDP_CHAT_FILE_OFFERED)
        settle (self, file,
                srudp_chat_file_is_outgoing (file) ? SRUDP_CHAT_FILE_WAITING
                                                   : SRUDP_CHAT_FILE_CANCELLED,
                NULL);
    }
}

/* NULL when the link has ended. A new one: what isn't there yet goes on. */
void
srudp_chat_transfers_set_link (SrudpChatTransfers *self,
                               SrudpChatLink      *link)
{
  if (self->link == link)
    return;
  g_set_object (&self->link, NULL);
  interrupt (self);
  if (link == NULL)
    return;
  self->link = g_object_ref (link);
  for (guint i = 0; i < self->files->len; i++)
    {
      SrudpChatFile *file = self->files->pdata[i];
      SrudpChatFileState state = srudp_chat_file_get_state (file);

      if (srudp_chat_file_is_outgoing (file)
          && (state == SRUDP_CHAT_FILE_WAITING || state == SRUDP_CHAT_FILE_INTERRUPTED))
        offer (self, file);
    }
}

/* --- Object ---------------------------------------------------------------- */

static void
srudp_chat_transfers_dispose (GObject *object)
{
  SrudpChatTransfers *self = SRUDP_CHAT_TRANSFERS (object);

  g_clear_handle_id (&self->update_id, g_source_remove);
  g_hash_table_remove_all (self->runs);
  g_clear_object (&self->link);

  G_OBJECT_CLASS (srudp_chat_transfers_parent_class)->dispose (object);
}

static void
srudp_chat_transfers_finalize (GObject *object)
{
  SrudpChatTransfers *self = SRUDP_CHAT_TRANSFERS (object);

  g_hash_table_unref (self->runs);
  g_ptr_array_unref (self->files);

  G_OBJECT_CLASS (srudp_chat_transfers_parent_class)->finalize (object);
}

static void
srudp_chat_transfers_class_init (SrudpChatTransfersClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = srudp_chat_transfers_dispose;
  object_class->finalize = srudp_chat_transfers_finalize;

  /* The peer has a file for us: accept or cancel. */
  signals[OFFERED] =
    g_signal_new ("offered", SRUDP_CHAT_TYPE_TRANSFERS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 1, SRUDP_CHAT_TYPE_FILE);
}

static void
srudp_chat_transfers_init (SrudpChatTransfers *self)
{
  self->runs = g_hash_table_new_full (NULL, NULL, NULL, run_end);
  self->files = g_ptr_array_new_with_free_func (g_object_unref);
}

SrudpChatTransfers *
srudp_chat_transfers_new (void)
{
  return g_object_new (SRUDP_CHAT_TYPE_TRANSFERS, NULL);
}
