/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-key-log-file.c: the keys of connections in a file, for developers
 *
 * SRUDP_KEYLOG names the file. Whoever reads it can read the connections: it is
 * private, and a program that has more rights than who started it writes none.
 */
#include "config.h"

#include "srudp-glib/srudp-key-log-file-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/auxv.h>
#include <unistd.h>

struct _SrudpKeyLogFile
{
  SrudpEngine *engine;
  int fd;
};

SrudpKeyLogFile *
srudp_key_log_file_new (SrudpEngine *engine)
{
  const char *path = g_getenv ("SRUDP_KEYLOG");
  SrudpKeyLogFile *self;
  int fd;

  if (path == NULL || *path == '\0')
    return NULL;
  if (getauxval (AT_SECURE) != 0)
    {
      g_message ("SRUDP_KEYLOG: not in a program with rights of its own");
      return NULL;
    }
  /* Several endpoints and processes may share it. */
  fd = g_open (path,
               O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      g_message ("SRUDP_KEYLOG: cannot write %s: %s", path, g_strerror (errno));
      return NULL;
    }

  g_message ("SRUDP_KEYLOG: whoever reads %s can read all connections", path);
  self = g_new0 (SrudpKeyLogFile, 1);
  self->engine = engine;
  self->fd = fd;
  srudp_engine_start_key_log (engine);

  return self;
}

void
srudp_key_log_file_drain (SrudpKeyLogFile *self)
{
  const char *text;
  gsize size;

  if (self == NULL)
    return;
  size = srudp_engine_read_key_log (self->engine, &text);
  if (size == 0)
    return;
  /* Whole lines at once, so that those of others don't get between. */
  if (write (self->fd, text, size) != (gssize) size)
    g_message ("SRUDP_KEYLOG: keys are missing: %s", g_strerror (errno));
  srudp_engine_wipe_key_log (self->engine);
}

void
srudp_key_log_file_free (SrudpKeyLogFile *self)
{
  if (self == NULL)
    return;
  srudp_key_log_file_drain (self);
  close (self->fd);
  g_free (self);
}
