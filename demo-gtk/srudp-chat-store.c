/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-store.c: a file that comes in pieces, on the disk
 */
#include "config.h"

#include "srudp-chat-store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_BYTES (128 * 1024)
/* The same file from several peers at once. */
#define MAX_TWINS 8
/* An attempt that was given up may take a moment to let go. */
#define LOCK_ATTEMPTS 10
#define LOCK_PAUSE_US (100 * 1000)
/* Names that are taken by other files. */
#define MAX_NAMES 10000

struct _SrudpChatStore
{
  char *folder;
  char *name;
  char *path; /* of the part that is there; NULL once that is no longer ours */
  int fd;
  guint64 size_bytes;
  guint64 wanted_bytes;
  guint8 wanted_checksum[SRUDP_CHAT_CHECKSUM_BYTES];
  GChecksum *checksum;
};

static void
set_error (GError     **error,
           const char  *path)
{
  int code = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", path,
               g_strerror (code));
}

static void
get_digest (GChecksum *checksum,
            guint8    *digest)
{
  gsize length = SRUDP_CHAT_CHECKSUM_BYTES;

  g_checksum_get_digest (checksum, digest, &length);
}

/* --- Reading what is there ------------------------------------------------- */

static gboolean
read_all (int             fd,
          const char     *path,
          GChecksum      *checksum,
          guint64        *size_bytes,
          GCancellable   *cancellable,
          GError        **error)
{
  g_autoptr (GByteArray) block = g_byte_array_new ();
  gssize n_read;

  g_byte_array_set_size (block, BLOCK_BYTES);
  *size_bytes = 0;
  do
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      do
        n_read = read (fd, block->data, BLOCK_BYTES);
      while (n_read < 0 && errno == EINTR);
      if (n_read < 0)
        {
          set_error (error, path);
          return FALSE;
        }
      g_checksum_update (checksum, block->data, n_read);
      *size_bytes += (gsize) n_read;
    }
  while (n_read > 0);
  return TRUE;
}

/* Size and checksum of a file of ours. */
gboolean
srudp_chat_store_measure (GFile         *file,
                          guint64       *size_bytes,
                          guint8        *checksum,
                          GCancellable  *cancellable,
                          GError       **error)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *path = g_file_get_path (file);
  struct stat info;
  gboolean good;
  int fd;

  if (path == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           _ ("Only files on this computer can be sent."));
      return FALSE;
    }
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    {
      set_error (error, path);
      return FALSE;
    }
  if (fstat (fd, &info) == 0 && !S_ISREG (info.st_mode))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                           _ ("Folders and devices can’t be sent."));
      good = FALSE;
    }
  else
    good = read_all (fd, path, sum, size_bytes, cancellable, error);
  close (fd);
  if (good)
    get_digest (sum, checksum);
  return good;
}

/* --- Opening --------------------------------------------------------------- */

static gboolean
lock (int fd)
{
  for (guint i = 0; i < LOCK_ATTEMPTS; i++)
    {
      if (flock (fd, LOCK_EX | LOCK_NB) == 0)
        return TRUE;
      g_usleep (LOCK_PAUSE_US);
    }
  return FALSE;
}

/* NAME.CHECKSUM.part, which nobody else writes at the moment. */
static gboolean
open_part (SrudpChatStore  *self,
           GError         **error)
{
  char digits[17];

  for (guint i = 0; i < 8; i++)
    g_snprintf (digits + 2 * i, 3, "%02x", self->wanted_checksum[i]);
  for (guint twin = 0; twin < MAX_TWINS; twin++)
    {
      g_autofree char *number = twin > 0 ? g_strdup_printf ("-%u", twin) : g_strdup ("");
      g_autofree char *name = g_strconcat (self->name, ".", digits, number, ".part", NULL);

      g_free (self->path);
      self->path = g_build_filename (self->folder, name, NULL);
      self->fd = open (self->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
      if (self->fd < 0)
        {
          set_error (error, self->path);
          return FALSE;
        }
      if (lock (self->fd))
        return TRUE;
      close (self->fd);
      self->fd = -1;
    }
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                       _ ("This file is being received already."));
  return FALSE;
}

/* What is there may be another file's, longer, or no file at all. */
static gboolean
take_up (SrudpChatStore  *self,
         GCancellable    *cancellable,
         GError         **error)
{
  struct stat info;

  if (fstat (self->fd, &info) != 0 || !S_ISREG (info.st_mode))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "%s", self->path);
      return FALSE;
    }
  if ((guint64) info.st_size <= self->wanted_bytes)
    return read_all (self->fd, self->path, self->checksum, &self->size_bytes, cancellable,
                     error);
  if (ftruncate (self->fd, 0) == 0)
    return TRUE;
  set_error (error, self->path);
  return FALSE;
}

static gboolean
has_room (SrudpChatStore  *self,
          GFile           *folder,
          GError         **error)
{
  guint64 missing = self->wanted_bytes - self->size_bytes;
  g_autoptr (GFileInfo) info =
    g_file_query_filesystem_info (folder, G_FILE_ATTRIBUTE_FILESYSTEM_FREE, NULL, NULL);

  if (info == NULL || !g_file_info_has_attribute (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE)
      || g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE) >= missing)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                       _ ("There is not enough room on the disk."));
  return FALSE;
}

/* Goes on with what is in @folder of this file; @name is harmless. */
SrudpChatStore *
srudp_chat_store_open (GFile         *folder,
                       const char    *name,
                       guint64        size_bytes,
                       const guint8  *checksum,
                       GCancellable  *cancellable,
                       GError       **error)
{
  g_autoptr (SrudpChatStore) self = g_new0 (SrudpChatStore, 1);

  self->fd = -1;
  self->folder = g_file_get_path (folder);
  self->name = g_strdup (name);
  self->wanted_bytes = size_bytes;
  memcpy (self->wanted_checksum, checksum, sizeof self->wanted_checksum);
  self->checksum = g_checksum_new (G_CHECKSUM_SHA256);
  if (self->folder == NULL || g_mkdir_with_parents (self->folder, 0700) != 0)
    {
      set_error (error, self->folder != NULL ? self->folder : name);
      g_clear_pointer (&self, srudp_chat_store_free);
      return NULL;
    }
  if (!open_part (self, error))
    return NULL;
  if (!take_up (self, cancellable, error) || !has_room (self, folder, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* --- Writing --------------------------------------------------------------- */

gboolean
srudp_chat_store_append (SrudpChatStore  *self,
                         const guint8    *data,
                         gsize            size,
                         GError         **error)
{
  gsize done = 0;

  g_checksum_update (self->checksum, data, (gssize) size);
  while (done < size)
    {
      gssize n_written = write (self->fd, data + done, size - done);

      if (n_written < 0 && errno == EINTR)
        continue;
      if (n_written < 0)
        {
          set_error (error, self->path);
          return FALSE;
        }
      done += (gsize) n_written;
    }
  self->size_bytes += size;
  return TRUE;
}

/* "report.pdf", "report (2).pdf" */
static char *
nth_path (SrudpChatStore *self,
          guint           n)
{
  const char *dot = strrchr (self->name, '.');
  g_autofree char *stem = NULL;
  g_autofree char *name = NULL;

  if (n == 1)
    return g_build_filename (self->folder, self->name, NULL);
  if (dot == NULL)
    dot = self->name + strlen (self->name);
  stem = g_strndup (self->name, dot - self->name);
  name = g_strdup_printf ("%s (%u)%s", stem, n, dot);
  return g_build_filename (self->folder, name, NULL);
}

/* A link fails where there is a file, a rename would replace it. Where there are
 * no links, nobody else is expected to be as quick. */
static gboolean
claim (const char *from,
       const char *to)
{
  if (link (from, to) == 0)
    return unlink (from) == 0;
  if (errno == EEXIST)
    return FALSE;
  if (g_access (to, F_OK) == 0)
    {
      errno = EEXIST;
      return FALSE;
    }
  return g_rename (from, to) == 0;
}

/* Returns: (transfer full): where it is now; NULL if it is not what was
 * announced (G_IO_ERROR_INVALID_DATA), or can't be kept */
GFile *
srudp_chat_store_complete (SrudpChatStore  *self,
                           GError         **error)
{
  guint8 digest[SRUDP_CHAT_CHECKSUM_BYTES];

  get_digest (self->checksum, digest);
  if (self->size_bytes != self->wanted_bytes
      || memcmp (digest, self->wanted_checksum, sizeof digest) != 0)
    {
      srudp_chat_store_discard (self);
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           _ ("The file arrived damaged."));
      return NULL;
    }
  for (guint n = 1; n < MAX_NAMES; n++)
    {
      g_autofree char *path = nth_path (self, n);

      if (claim (self->path, path))
        {
          g_clear_pointer (&self->path, g_free);
          return g_file_new_for_path (path);
        }
      if (errno != EEXIST)
        break;
    }
  set_error (error, self->name);
  return NULL;
}

/* What is there of it is not wanted any more. */
void
srudp_chat_store_discard (SrudpChatStore *self)
{
  if (self->path != NULL)
    unlink (self->path);
  g_clear_pointer (&self->path, g_free);
}

/* What is there of it is kept. */
void
srudp_chat_store_free (SrudpChatStore *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_clear_pointer (&self->checksum, g_checksum_free);
  g_free (self->path);
  g_free (self->folder);
  g_free (self->name);
  g_free (self);
}

guint64
srudp_chat_store_get_size (SrudpChatStore *self)
{
  return self->size_bytes;
}
