/*
 * SPDX-License-Identifier: MIT
 *
 * make-capture.c: records what two engines send each other
 *
 * usage: make-capture CAPTURE KEYLOG SECRETS
 *
 * Somebody who has a wrong passphrase asks in vain, then with the right one;
 * both times he needs a cookie. Keys are updated as they talk, and fresh ones
 * agreed on. CAPTURE is a pcap file of raw IPv4, KEYLOG what SRUDP_KEYLOG would
 * write, SECRETS all that was drawn for keys, in hexadecimal, one in a line.
 */
#include "test-pipe.h"

#include <stdio.h>

#define MS 1000
#define SECOND G_USEC_PER_SEC
#define IP_HEADERS_BYTES 28
#define LINKTYPE_RAW 101
#define SEED 1

static FILE *secrets;

static FILE *
open_file (const char *path)
{
  FILE *file = fopen (path, "wb");

  if (file == NULL)
    g_error ("cannot write %s", path);

  return file;
}

static void
draw_cb (gpointer user_data,
         guint8  *out,
         gsize    n_bytes)
{
  test_random_fill (user_data, out, n_bytes);
  for (gsize i = 0; n_bytes == SRUDP_KEY_BYTES && i < n_bytes; i++)
    fprintf (secrets, "%02x%s", out[i], i + 1 == n_bytes ? "\n" : "");
}

static void
set_up (Pipe *pipe)
{
  for (guint i = 0; i < 2; i++)
    {
      SrudpEngineConfig config = { .random = draw_cb, .random_data = pipe->rand };

      draw_cb (pipe->rand, config.static_secret, SRUDP_KEY_BYTES);
      srudp_engine_free (pipe->engines[i]);
      pipe->engines[i] = srudp_engine_new (&config, pipe->now);
      srudp_engine_set_key_limits (pipe->engines[i], 20, SECOND);
      srudp_engine_start_key_log (pipe->engines[i]);
    }
  srudp_engine_set_accepting (pipe->engines[1], TRUE);
  srudp_engine_set_hello_limits (pipe->engines[1], 0, 0);
  srudp_engine_set_passphrase (pipe->engines[1], "pea", 3);
}

static void
put (FILE         *file,
     gconstpointer data,
     gsize         size)
{
  g_assert_cmpuint (fwrite (data, 1, size, file), ==, size);
}

/* Of the IP header only what tells that UDP follows 20 bytes later. */
static PipeVerdict
record_cb (Pipe       *pipe,
           PipePacket *packet,
           gpointer    user_data)
{
  guint32 size = IP_HEADERS_BYTES + (guint32) packet->size;
  const guint32 header[] = { (guint32) (pipe->now / SECOND),
                             (guint32) (pipe->now % SECOND), size, size };
  const guint8 ip[IP_HEADERS_BYTES] = { 0x45, [9] = 17 };

  put (user_data, header, sizeof header);
  put (user_data, ip, sizeof ip);
  put (user_data, packet->data, packet->size);

  return PIPE_PASS;
}

static SrudpSession *
open_with (Pipe       *pipe,
           const char *passphrase)
{
  SrudpOpenConfig config = {
    .candidates = &pipe->addresses[1],
    .n_candidates = 1,
    .passphrase = passphrase,
    .passphrase_size = strlen (passphrase),
    .open_timeout_us = 20 * SECOND,
    .idle_timeout_us = 21 * SECOND,
    .keepalive_us = 15 * SECOND,
  };
  SrudpSession *session = srudp_engine_open (pipe->engines[0], pipe->now, &config);

  pipe_run (pipe, 3 * SECOND);

  return session;
}

static void
say (Pipe         *pipe,
     SrudpSession *session)
{
  SrudpSlice slice = { srudp_chunk_new (10), 0, 10 };

  memcpy (slice.chunk->data, "something ", 10);
  g_assert_true (srudp_session_write (session, pipe->now, SRUDP_MAIN_STREAM,
                                      &slice));
}

static void
write_keys (Pipe *pipe,
            FILE *file)
{
  for (guint i = 0; i < 2; i++)
    {
      const char *text;
      gsize size = srudp_engine_read_key_log (pipe->engines[i], &text);

      put (file, text, size);
    }
}

int
main (int   argc,
      char *argv[])
{
  const guint32 file_header[] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, LINKTYPE_RAW };
  g_autoptr (Pipe) pipe = pipe_new (SEED, 2);
  SrudpSession *a, *b;
  FILE *capture, *keys;

  g_assert_cmpint (argc, ==, 4);
  capture = open_file (argv[1]);
  keys = open_file (argv[2]);
  secrets = open_file (argv[3]);
  put (capture, file_header, sizeof file_header);
  set_up (pipe);
  pipe->filter = record_cb;
  pipe->filter_data = capture;

  a = open_with (pipe, "bean");
  g_assert_cmpint (srudp_session_get_reason (a), ==, SRUDP_REASON_PASSPHRASE);
  a = open_with (pipe, "pea");
  b = pipe_get_incoming (pipe, 1, 0);
  pipe_assert_connected (a, b);
  for (guint i = 0; i < 60; i++)
    {
      say (pipe, i % 3 == 0 ? b : a);
      pipe_run (pipe, 100 * MS);
    }
  pipe_assert_connected (a, b);

  write_keys (pipe, keys);
  fclose (capture);
  fclose (keys);
  fclose (secrets);

  return 0;
}
