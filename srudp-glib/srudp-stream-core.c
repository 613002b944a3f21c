/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-stream-core.c: the byte queues of one stream, the application's side
 *
 * Written bytes are copied once, into chunks that then go down to the packets;
 * received ones are copied once, out of the engine's chunks. The worker is
 * woken only when it isn't going to look anyway, and copying happens outside
 * the lock wherever it may take long.
 */
#include "config.h"

#include "srudp-glib/srudp-stream-core-private.h"

#include "srudp-glib/srudp-fork-private.h"
#include "srudp-glib/srudp-i18n-private.h"
#include "srudp-glib/srudp-pollable-source-private.h"

#include <string.h>

/* How much may wait here for room in the engine. */
#define OUTPUT_HIGH_BYTES (256 * 1024)
/* One chunk for a large write, and one that small writes share. */
#define LARGE_CHUNK_BYTES (64 * 1024)
#define SMALL_CHUNK_BYTES 4096
#define SMALL_WRITE_BYTES 1024
/* The peer needs to hear of reads only now and then: this is a fraction of
 * the smallest flow-control window. */
#define CONSUMED_REPORT_BYTES (8 * 1024)
/* What the engine begins with. */
/* Slices taken by one read before it copies. */
#define READ_SLICES 64

SrudpStreamCore *
srudp_stream_core_new (void)
{
  SrudpStreamCore *self = g_new0 (SrudpStreamCore, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->n_forks = srudp_fork_count ();
  g_mutex_init (&self->lock);
  g_cond_init (&self->readable);
  g_cond_init (&self->writable);
  self->answered = TRUE;
  g_queue_init (&self->read_sources);
  g_queue_init (&self->write_sources);
  self->priority = self->told_priority = SRUDP_STREAM_CORE_PRIORITY_DEFAULT;
  srudp_slice_queue_init (&self->input);
  srudp_slice_queue_init (&self->output);
  return self;
}

SrudpStreamCore *
srudp_stream_core_ref (SrudpStreamCore *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
srudp_stream_core_unref (SrudpStreamCore *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  srudp_slice_queue_clear (&self->input);
  srudp_slice_queue_clear (&self->output);
  g_clear_pointer (&self->fill, srudp_chunk_unref);
  g_clear_pointer (&self->mailbox, srudp_mailbox_unref);
  g_clear_error (&self->input_error);
  g_clear_error (&self->output_error);
  g_cond_clear (&self->readable);
  g_cond_clear (&self->writable);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Has the worker look at this stream, unless it is going to. */
void
srudp_stream_core_post_locked (SrudpStreamCore *self)
{
  if (self->posted || self->mailbox == NULL)
    return;

  self->posted = srudp_mailbox_post (self->mailbox, srudp_stream_core_service,
                                     srudp_stream_core_ref (self));
  if (!self->posted)
    srudp_stream_core_unref (self);
}

guint
srudp_stream_core_get_priority (SrudpStreamCore *self)
{
  guint priority;

  g_mutex_lock (&self->lock);
  priority = self->priority;
  g_mutex_unlock (&self->lock);
  return priority;
}

gboolean
srudp_stream_core_set_priority (SrudpStreamCore *self,
                                guint            priority)
{
  gboolean changed;

  g_mutex_lock (&self->lock);
  changed = self->priority != priority;
  self->priority = priority;
  if (changed)
    srudp_stream_core_post_locked (self);
  g_mutex_unlock (&self->lock);
  return changed;
}

static gboolean
fail_closed (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED,
                       _ ("The stream is closed."));
  return FALSE;
}

static gboolean
fail_not_connected (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
                       _ ("The connection is not open yet."));
  return FALSE;
}

static gboolean
fail_exported (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PENDING,
                       _ ("The stream belongs to an exported socket."));
  return FALSE;
}

static gboolean
fail_sticky (const GError  *sticky,
             GError       **error)
{
  g_propagate_error (error, g_error_copy (sticky));
  return FALSE;
}

static gboolean
would_block_reading (SrudpStreamCore *self)
{
  return !self->input_closed && self->input.n_bytes == 0 && !self->input_eof
         && self->input_error == NULL && self->mailbox != NULL;
}

static gboolean
would_block_writing (SrudpStreamCore *self)
{
  return !self->output_closed && self->output_full
         && self->output_error == NULL && self->mailbox != NULL;
}

/* TRUE: there is something to read now, or the end. */
static gboolean
check_reading (SrudpStreamCore  *self,
               GError          **error)
{
  if (self->input_closed)
    return fail_closed (error);
  if (self->input.n_bytes > 0 || self->input_eof)
    return TRUE;
  if (self->input_error != NULL)
    return fail_sticky (self->input_error, error);
  if (self->mailbox == NULL)
    return fail_not_connected (error);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK,
                       _ ("Nothing has arrived yet."));
  return FALSE;
}

/* TRUE: there is room to write now. */
static gboolean
check_writing (SrudpStreamCore  *self,
               GError          **error)
{
  if (self->output_closed)
    return fail_closed (error);
  if (self->output_error != NULL)
    return fail_sticky (self->output_error, error);
  if (self->mailbox == NULL)
    return fail_not_connected (error);
  if (!self->output_full)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK,
                       _ ("The peer has not taken the earlier bytes yet."));
  return FALSE;
}

static void
wake_cb (GCancellable *cancellable,
         gpointer      data)
{
  SrudpStreamCore *self = data;

  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->readable);
  g_cond_broadcast (&self->writable);
  g_mutex_unlock (&self->lock);
}

/* Called and returns with the lock held, but connecting to a cancellable and
 * disconnecting from it need it released. FALSE: cancelled. */
static gboolean
wait_while (SrudpStreamCore  *self,
            GCond            *cond,
            gboolean        (*would_block) (SrudpStreamCore *),
            GCancellable     *cancellable,
            GError          **error)
{
  gulong id;

  g_mutex_unlock (&self->lock);
  id = g_cancellable_connect (cancellable, G_CALLBACK (wake_cb), self, NULL);
  g_mutex_lock (&self->lock);

  while (would_block (self) && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (cond, &self->lock);

  g_mutex_unlock (&self->lock);
  g_cancellable_disconnect (cancellable, id);
  g_mutex_lock (&self->lock);

  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static gboolean
wait_plainly (SrudpStreamCore *self,
              GCond           *cond,
              gboolean       (*would_block) (SrudpStreamCore *))
{
  while (would_block (self))
    g_cond_wait (cond, &self->lock);
  return TRUE;
}

gboolean
srudp_stream_core_is_copy (SrudpStreamCore *self)
{
  return self->n_forks != srudp_fork_count ();
}

gboolean
srudp_stream_core_check_process (SrudpStreamCore  *self,
                                 GError          **error)
{
  if (!srudp_stream_core_is_copy (self))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                       _ ("A connection can't be used after fork() in the "
                          "child. Make a new one there."));
  return FALSE;
}

static gboolean
wait_for (SrudpStreamCore  *self,
          GCond            *cond,
          gboolean        (*would_block) (SrudpStreamCore *),
          GCancellable     *cancellable,
          GError          **error)
{
  if (!would_block (self))
    return TRUE;
  if (cancellable == NULL)
    return wait_plainly (self, cond, would_block);
  return wait_while (self, cond, would_block, cancellable, error);
}

static guint
take_slices (SrudpStreamCore *self,
             gsize            count,
             SrudpSlice       slices[READ_SLICES])
{
  guint n = 0;

  while (n < READ_SLICES
         && srudp_slice_queue_pop (&self->input, count, &slices[n]))
    {
      count -= slices[n].length;
      self->consumed_bytes += slices[n].length;
      n++;
    }
  if (self->consumed_bytes >= CONSUMED_REPORT_BYTES)
    srudp_stream_core_post_locked (self);
  return n;
}

static gssize
copy_slices (SrudpSlice *slices,
             guint       n,
             guint8     *buffer)
{
  gsize done = 0;

  for (guint i = 0; i < n; i++)
    {
      memcpy (buffer + done, srudp_slice_data (&slices[i]), slices[i].length);
      done += slices[i].length;
      srudp_slice_clear (&slices[i]);
    }
  return (gssize) done;
}

gssize
srudp_stream_core_read_raw (SrudpStreamCore  *self,
                            void             *buffer,
                            gsize             count,
                            gboolean          blocking,
                            GCancellable     *cancellable,
                            GError          **error)
{
  SrudpSlice slices[READ_SLICES];
  gboolean ok = TRUE;
  guint n = 0;

  g_mutex_lock (&self->lock);
  if (blocking)
    ok = wait_for (self, &self->readable, would_block_reading, cancellable,
                   error);
  if (ok)
    ok = check_reading (self, error);
  if (ok)
    n = take_slices (self, count, slices);
  g_mutex_unlock (&self->lock);

  return ok ? copy_slices (slices, n, buffer) : -1;
}

gboolean
srudp_stream_core_is_exported (SrudpStreamCore *self)
{
  return g_atomic_int_get (&self->exported);
}

static gboolean
check_usable (SrudpStreamCore  *self,
              GCancellable     *cancellable,
              GError          **error)
{
  if (!srudp_stream_core_check_process (self, error)
      || g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  return !srudp_stream_core_is_exported (self) || fail_exported (error);
}

gssize
srudp_stream_core_read (SrudpStreamCore  *self,
                        void             *buffer,
                        gsize             count,
                        gboolean          blocking,
                        GCancellable     *cancellable,
                        GError          **error)
{
  if (!check_usable (self, cancellable, error))
    return -1;
  return srudp_stream_core_read_raw (self, buffer, count, blocking, cancellable, error);
}

static SrudpSlice
make_large_slice (const void *buffer,
                  gsize       count)
{
  SrudpSlice slice = { srudp_chunk_new (count), 0, count };

  memcpy (slice.chunk->data, buffer, count);
  return slice;
}

/* Small writes share a chunk: the engine may still read the bytes before. */
static SrudpSlice
make_small_slice (SrudpStreamCore *self,
                  const void      *buffer,
                  gsize            count)
{
  SrudpSlice slice;

  if (self->fill == NULL || self->fill->capacity - self->fill_used < count)
    {
      g_clear_pointer (&self->fill, srudp_chunk_unref);
      self->fill = srudp_chunk_new (SMALL_CHUNK_BYTES);
      self->fill_used = 0;
    }
  slice.chunk = srudp_chunk_ref (self->fill);
  slice.start = self->fill_used;
  slice.length = count;
  memcpy (self->fill->data + slice.start, buffer, count);
  self->fill_used += count;
  return slice;
}

static void
push_locked (SrudpStreamCore *self,
             SrudpSlice       slice)
{
  self->n_written += slice.length;
  srudp_slice_queue_push (&self->output, slice);
  if (self->output.n_bytes >= OUTPUT_HIGH_BYTES)
    self->output_full = TRUE;
}

static void
enqueue_locked (SrudpStreamCore *self,
                SrudpSlice       slice)
{
  push_locked (self, slice);
  if (!self->output_blocked)
    srudp_stream_core_post_locked (self);
}

/* A small one is a question, or the answer to one: its sender is going to wait
 * for the other, and sends it best by himself. Where several follow each other
 * the worker joins them. TRUE: the caller has the worker's turn. */
static gboolean
enqueue_small_locked (SrudpStreamCore *self,
                      SrudpSlice       slice)
{
  gboolean alone = self->output.n_bytes == 0 && !self->posted;

  push_locked (self, slice);
  if (self->output_blocked)
    return FALSE;
  if (self->answered && alone
      && srudp_mailbox_try_turn (self->mailbox))
    {
      self->answered = FALSE;
      return TRUE;
    }
  srudp_stream_core_post_locked (self);
  return FALSE;
}

gssize
srudp_stream_core_write_raw (SrudpStreamCore  *self,
                             const void       *buffer,
                             gsize             count,
                             gboolean          blocking,
                             GCancellable     *cancellable,
                             GError          **error)
{
  gboolean ok = TRUE, out_of_turn = FALSE;

  count = MIN (count, LARGE_CHUNK_BYTES);

  g_mutex_lock (&self->lock);
  if (blocking)
    ok = wait_for (self, &self->writable, would_block_writing, cancellable,
                   error);
  if (ok)
    ok = check_writing (self, error);
  if (ok && count <= SMALL_WRITE_BYTES)
    {
      out_of_turn = enqueue_small_locked (
        self, make_small_slice (self, buffer, count));
    }
  else if (ok)
    {
      SrudpSlice slice;

      /* Another thread that writes at the same time may overfill the queue
       * by one chunk: no harm. */
      g_mutex_unlock (&self->lock);
      slice = make_large_slice (buffer, count);
      g_mutex_lock (&self->lock);

      ok = !self->output_closed && self->output_error == NULL;
      if (ok)
        {
          enqueue_locked (self, slice);
        }
      else
        {
          srudp_slice_clear (&slice);
          check_writing (self, error);
        }
    }
  g_mutex_unlock (&self->lock);

  if (out_of_turn)
    {
      srudp_stream_core_send_out_of_turn (self);
      srudp_mailbox_give_turn (self->mailbox);
    }
  return ok ? (gssize) count : -1;
}

void
srudp_stream_core_append (SrudpStreamCore *self,
                          const void      *buffer,
                          gsize            count)
{
  SrudpSlice slice = make_large_slice (buffer, count);

  g_mutex_lock (&self->lock);
  if (!self->output_closed && self->output_error == NULL)
    enqueue_locked (self, slice);
  else
    srudp_slice_clear (&slice);
  g_mutex_unlock (&self->lock);
}

gssize
srudp_stream_core_write (SrudpStreamCore  *self,
                         const void       *buffer,
                         gsize             count,
                         gboolean          blocking,
                         GCancellable     *cancellable,
                         GError          **error)
{
  if (!check_usable (self, cancellable, error))
    return -1;
  return srudp_stream_core_write_raw (self, buffer, count, blocking, cancellable, error);
}

gboolean
srudp_stream_core_is_readable (SrudpStreamCore *self)
{
  gboolean ready;

  if (srudp_stream_core_is_copy (self))
    return TRUE;
  g_mutex_lock (&self->lock);
  ready = !would_block_reading (self);
  g_mutex_unlock (&self->lock);
  return ready;
}

gboolean
srudp_stream_core_is_writable (SrudpStreamCore *self)
{
  gboolean ready;

  if (srudp_stream_core_is_copy (self))
    return TRUE;
  g_mutex_lock (&self->lock);
  ready = !would_block_writing (self);
  g_mutex_unlock (&self->lock);
  return ready;
}
