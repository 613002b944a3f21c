/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-qlog-file.c: one trace file per connection, for developers
 *
 * SRUDP_QLOG names the folder. Files are written on the worker thread, each
 * turn of its loop with one write per connection, which the system buffers.
 */
#include "config.h"

#include "srudp-glib/srudp-qlog-file-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

struct _SrudpQlogFiles
{
  SrudpEngine *engine;
  char *folder;
  GHashTable *files; /* name → descriptor, open; GINT_TO_POINTER (fd + 1) */
  gboolean complained;
};

static void
close_file (gpointer value)
{
  close (GPOINTER_TO_INT (value) - 1);
}

SrudpQlogFiles *
srudp_qlog_files_new (SrudpEngine *engine)
{
  const char *folder = g_getenv ("SRUDP_QLOG");
  SrudpQlogFiles *self;

  if (folder == NULL || *folder == '\0')
    return NULL;

  self = g_new0 (SrudpQlogFiles, 1);
  self->engine = engine;
  self->folder = g_strdup (folder);
  self->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                       close_file);
  srudp_engine_set_tracing (engine, TRUE);

  return self;
}

/* Once: a full disk is not told of with every packet. */
static void
complain (SrudpQlogFiles *self,
          const char     *path)
{
  int code = errno;

  if (!self->complained)
    g_message ("SRUDP_QLOG: cannot write %s: %s", path, g_strerror (code));
  self->complained = TRUE;
}

static gboolean
write_all (int     fd,
           GBytes *bytes)
{
  gsize left;
  const char *data = g_bytes_get_data (bytes, &left);

  while (left > 0)
    {
      gssize n = write (fd, data, left);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      data += n;
      left -= (gsize) n;
    }

  return TRUE;
}

/* What is there of that name is another connection's, never overwritten; nor
 * is a link followed out of the folder. */
static void
open_file (SrudpQlogFiles *self,
           const char     *name,
           const char     *path)
{
  int fd = g_open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  if (fd < 0)
    complain (self, path);
  else
    g_hash_table_insert (self->files, g_strdup (name),
                         GINT_TO_POINTER (fd + 1));
}

static void
save_chunk (SrudpQlogFiles        *self,
            const SrudpTraceChunk *chunk)
{
  g_autofree char *file = g_strconcat (chunk->name, ".sqlog", NULL);
  g_autofree char *path = g_build_filename (self->folder, file, NULL);
  gpointer value;

  if (chunk->first)
    open_file (self, chunk->name, path);

  value = g_hash_table_lookup (self->files, chunk->name);
  if (value != NULL && !write_all (GPOINTER_TO_INT (value) - 1, chunk->records))
    {
      complain (self, path);
      g_hash_table_remove (self->files, chunk->name);
    }
  if (chunk->last)
    g_hash_table_remove (self->files, chunk->name);
}

void
srudp_qlog_files_drain (SrudpQlogFiles *self)
{
  SrudpTraceChunk chunk;

  if (self == NULL)
    return;

  while (srudp_engine_poll_trace (self->engine, &chunk))
    {
      save_chunk (self, &chunk);
      g_bytes_unref (chunk.records);
    }
}

void
srudp_qlog_files_free (SrudpQlogFiles *self)
{
  if (self == NULL)
    return;

  srudp_qlog_files_drain (self);
  g_hash_table_unref (self->files);
  g_free (self->folder);
  g_free (self);
}
