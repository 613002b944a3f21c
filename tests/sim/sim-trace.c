/*
 * SPDX-License-Identifier: MIT
 *
 * sim-trace.c: SRUDP_QLOG=folder leaves a qlog file of each session there
 */
#include "sim-trace.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *
get_folder (void)
{
  const char *folder = g_getenv ("SRUDP_QLOG");

  return folder != NULL && *folder != '\0' ? folder : NULL;
}

void
sim_trace_start (SrudpEngine *engine)
{
  srudp_engine_set_tracing (engine, get_folder () != NULL);
}

static void
save_chunk (const SrudpTraceChunk *chunk)
{
  g_autofree char *name = g_strconcat (chunk->name, ".sqlog", NULL);
  g_autofree char *path = g_build_filename (get_folder (), name, NULL);
  FILE *file = fopen (path, chunk->first ? "wb" : "ab");
  gsize size;
  const void *data = g_bytes_get_data (chunk->records, &size);

  if (file == NULL || fwrite (data, 1, size, file) != size
      || fclose (file) != 0)
    g_error ("%s: %s", path, g_strerror (errno));
}

void
sim_trace_save (SrudpEngine *engine)
{
  SrudpTraceChunk chunk;

  if (get_folder () == NULL)
    return;

  while (srudp_engine_poll_trace (engine, &chunk))
    {
      save_chunk (&chunk);
      g_bytes_unref (chunk.records);
    }
}
