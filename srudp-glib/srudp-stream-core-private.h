/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-stream-core-private.h: where the application's threads and the worker
 * meet: the byte queues of one stream
 */
#pragma once

#include "srudp-glib/srudp-mailbox-private.h"
#include "srudp-glib/srudp-slice-queue-private.h"

#include "srudp-glib/protocol/srudp-engine.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SrudpConnectionCore SrudpConnectionCore;
typedef struct _SrudpStreamCore SrudpStreamCore;

/* Of a stream among those of its connection; lower goes first. */
#define SRUDP_STREAM_CORE_PRIORITY_MAX 7
#define SRUDP_STREAM_CORE_PRIORITY_DEFAULT 3

struct _SrudpStreamCore
{
  gatomicrefcount ref_count;
  int n_forks; /* constant */
  GMutex lock;
  GCond readable;
  GCond writable;

  int exported; /* atomic: the bytes belong to a file descriptor */

  /* Under the lock. */
  SrudpMailbox *mailbox;   /* NULL before the stream is open */
  guint64 id;
  gboolean posted;         /* the worker is going to look here */
  gboolean answered;       /* something has come since the last small write */
  guint priority;          /* as in srudp-engine.h */
  GQueue read_sources;     /* of their watches */
  GQueue write_sources;

  SrudpSliceQueue input;
  gsize consumed_bytes;    /* read, not yet reported to the engine */
  gboolean input_eof;
  gboolean input_closed;   /* by the application */
  GError *input_error;     /* after what is in the queue */

  SrudpSliceQueue output;
  SrudpChunk *fill;        /* has room for small writes after the last one */
  gsize fill_used;
  guint64 n_written;       /* bytes ever put into the queue */
  gboolean output_full;    /* until it is below the low-water mark */
  gboolean output_blocked; /* the engine has no room: it will say when */
  gboolean output_closed;  /* by the application */
  gboolean output_stopped; /* the peer reads no more */
  gboolean output_broken_off; /* closed, but more was to come */
  GError *output_error;

  /* Worker only. */
  SrudpConnectionCore *connection; /* NULL once the session is gone */
  guint told_priority;     /* what the engine has */
  gboolean finished;       /* FIN was handed to the engine */
  gboolean stopped;        /* STOP_SENDING was */
};

SrudpStreamCore *srudp_stream_core_new   (void);
SrudpStreamCore *srudp_stream_core_ref   (SrudpStreamCore *self);
void             srudp_stream_core_unref (SrudpStreamCore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SrudpStreamCore, srudp_stream_core_unref)

/* The worker is in another process; FALSE with the error set: likewise. */
gboolean srudp_stream_core_is_copy       (SrudpStreamCore  *self);
gboolean srudp_stream_core_check_process (SrudpStreamCore  *self,
                                          GError          **error);

/* The application's side; any thread. `blocking` FALSE: WOULD_BLOCK. */
gssize   srudp_stream_core_read         (SrudpStreamCore  *self,
                                         void             *buffer,
                                         gsize             count,
                                         gboolean          blocking,
                                         GCancellable     *cancellable,
                                         GError          **error);
gssize   srudp_stream_core_write        (SrudpStreamCore  *self,
                                         const void       *buffer,
                                         gsize             count,
                                         gboolean          blocking,
                                         GCancellable     *cancellable,
                                         GError          **error);
/* The same for whoever exported the stream. */
gssize   srudp_stream_core_read_raw     (SrudpStreamCore  *self,
                                         void             *buffer,
                                         gsize             count,
                                         gboolean          blocking,
                                         GCancellable     *cancellable,
                                         GError          **error);
gssize   srudp_stream_core_write_raw    (SrudpStreamCore  *self,
                                         const void       *buffer,
                                         gsize             count,
                                         gboolean          blocking,
                                         GCancellable     *cancellable,
                                         GError          **error);
/* Beyond the limit; for a last piece that has nowhere to wait. */
void     srudp_stream_core_append       (SrudpStreamCore  *self,
                                         const void       *buffer,
                                         gsize             count);
gboolean srudp_stream_core_is_readable  (SrudpStreamCore  *self);
gboolean srudp_stream_core_is_writable  (SrudpStreamCore  *self);
void     srudp_stream_core_close_input  (SrudpStreamCore  *self);
void     srudp_stream_core_close_output (SrudpStreamCore  *self);
/* The peer reads an error instead of an end, unless that was written before. */
void     srudp_stream_core_break_off_output (SrudpStreamCore *self);
gboolean srudp_stream_core_is_exported  (SrudpStreamCore  *self);
gboolean srudp_stream_core_export       (SrudpStreamCore  *self,
                                         GError          **error);

guint    srudp_stream_core_get_priority (SrudpStreamCore  *self);
/* Returns whether it was another one. */
gboolean srudp_stream_core_set_priority (SrudpStreamCore  *self,
                                         guint             priority);

void     srudp_stream_core_post_locked  (SrudpStreamCore  *self);

/* The worker's side. */
void     srudp_stream_core_start        (SrudpStreamCore  *self,
                                         SrudpConnectionCore *connection,
                                         SrudpMailbox     *mailbox,
                                         guint64           id);
void     srudp_stream_core_pull         (SrudpStreamCore  *self,
                                         SrudpSession     *session);
void     srudp_stream_core_push         (SrudpStreamCore  *self,
                                         SrudpSession     *session,
                                         gboolean          all);
void     srudp_stream_core_stop_output  (SrudpStreamCore  *self);
/* Any thread: everything from now on fails so; what arrived stays readable. */
void     srudp_stream_core_fail         (SrudpStreamCore  *self,
                                         const GError     *error);
/* Moves what an unclaimed stream has received to one that is being opened. */
void     srudp_stream_core_take_over    (SrudpStreamCore  *self,
                                         SrudpStreamCore  *from);

/* By whoever has taken the worker's turn. */
void     srudp_stream_core_send_out_of_turn (SrudpStreamCore *self);

/* Posted to the worker; see srudp-connection-core.c. */
void     srudp_stream_core_service      (gpointer          data);

G_END_DECLS
