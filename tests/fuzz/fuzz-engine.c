/*
 * SPDX-License-Identifier: MIT
 *
 * fuzz-engine.c: two engines meet, and somebody between them does anything
 *
 * The first byte says who opens and who accepts, whether it is traced, takes a
 * passphrase and an invitation's secret, and whether strangers need a cookie and
 * keys are new soon. The rest is a script: what happens to the next packet on the
 * wire, or what else happens. It ends when it has cost as much as an input may,
 * for many inputs find more than long ones do.
 *
 *     0                  it arrives           1  it is lost
 *     2                  it arrives twice     3  it comes back to its sender
 *     4, at (2), bits    it arrives changed   5, size (2)  it arrives cut
 *     6, size, bytes     a stranger's packet arrives
 *     7, what            time passes, or an application does something
 */
#include "fuzz.h"

#include "srudp-engine.h"
#include "srudp-reader.h"

#include <string.h>

#define MAX_STEPS 160 /* an open, a talk, and 21 s of silence */
#define MAX_WIRE 64
#define TRACED 0x20
#define SECRETS 0x40
#define CAREFUL 0x80

typedef struct
{
  guint to;
  gsize size;
  guint8 data[];
} Packet;

typedef struct
{
  SrudpEngine *engines[2];
  SrudpAddress addresses[2];
  SrudpSession *sessions[2]; /* the newest of each that is known to be there */
  GQueue wire;
  gint64 now;
  guint64 random;
  guint8 how;
  guint n_steps; /* packets and deadlines that were served */
  SrudpReader script;
} Fuzz;

static const char passphrase[] = "correct horse";
static const guint8 invitation[SRUDP_KEY_BYTES] = "invitation";
static guint8 buffer[SRUDP_MAX_UDP_PAYLOAD];

static void
start_engine (Fuzz  *fuzz,
              guint  i,
              guint8 how)
{
  SrudpEngineConfig config = { .random = fuzz_random,
                               .random_data = &fuzz->random };
  const guint8 ip[4] = { 192, 0, 2, (guint8) (1 + i) };

  fuzz_random (&fuzz->random, config.static_secret, SRUDP_KEY_BYTES);
  fuzz->engines[i] = srudp_engine_new (&config, fuzz->now);
  srudp_engine_set_max_window (fuzz->engines[i], 64 * 1024);
  srudp_engine_set_tracing (fuzz->engines[i], how & TRACED);
  if (how & SECRETS)
    {
      srudp_engine_set_passphrase (fuzz->engines[i], passphrase, strlen (passphrase));
      srudp_engine_add_invitation (fuzz->engines[i], invitation, -1);
    }
  if (how & CAREFUL)
    {
      srudp_engine_set_hello_limits (fuzz->engines[i], 0, 0);
      srudp_engine_set_key_limits (fuzz->engines[i], 8, G_USEC_PER_SEC);
    }
  srudp_address_init_ipv4 (&fuzz->addresses[i], ip, 4000);
}

static void
open_from (Fuzz    *fuzz,
           guint    i,
           gboolean pinned)
{
  gboolean secrets = fuzz->how & SECRETS;
  guint8 key[SRUDP_KEY_BYTES];
  SrudpOpenConfig config = {
    .candidates = &fuzz->addresses[1 - i],
    .n_candidates = 1,
    .expected_peer = pinned ? key : NULL,
    .passphrase = secrets ? passphrase : NULL,
    .passphrase_size = secrets ? strlen (passphrase) : 0,
    .invitation = secrets ? invitation : NULL,
    .open_timeout_us = 20 * G_USEC_PER_SEC,
    .idle_timeout_us = 21 * G_USEC_PER_SEC,
    .keepalive_us = 15 * G_USEC_PER_SEC,
  };

  srudp_engine_get_public_key (fuzz->engines[1 - i], key);
  fuzz->sessions[i] = srudp_engine_open (fuzz->engines[i], fuzz->now, &config);
}

static void
start (Fuzz   *fuzz,
       guint8  how)
{
  fuzz->how = how;
  fuzz->now = G_USEC_PER_SEC;
  g_queue_init (&fuzz->wire);
  for (guint i = 0; i < 2; i++)
    start_engine (fuzz, i, how);
  srudp_engine_set_accepting (fuzz->engines[0], how & 1);
  srudp_engine_set_accepting (fuzz->engines[1], how & 2);
  open_from (fuzz, 0, how & 4);
  if (!(how & 2) || how & 8)
    open_from (fuzz, 1, how & 16);
}

static void
stop (Fuzz *fuzz)
{
  g_queue_clear_full (&fuzz->wire, g_free);
  srudp_engine_free (fuzz->engines[0]);
  srudp_engine_free (fuzz->engines[1]);
}

static void
put_on_wire (Fuzz         *fuzz,
             guint         to,
             const guint8 *data,
             gsize         size)
{
  Packet *packet = g_malloc (sizeof *packet + size);

  packet->to = to;
  packet->size = size;
  memcpy (packet->data, data, size);
  g_queue_push_tail (&fuzz->wire, packet);
  if (fuzz->wire.length > MAX_WIRE)
    g_free (g_queue_pop_head (&fuzz->wire));
}

static void
serve (Fuzz *fuzz,
       guint i)
{
  SrudpEngine *engine = fuzz->engines[i];
  SrudpEvent event = { 0 };
  SrudpTransmit transmit;
  SrudpTraceChunk chunk;

  while (srudp_engine_poll_event (engine, &event))
    {
      if (event.type == SRUDP_EVENT_INCOMING)
        {
          srudp_session_claim (event.session);
          fuzz->sessions[i] = event.session;
        }
      g_clear_pointer (&event.datagram, g_bytes_unref);
    }
  while (srudp_engine_poll_transmit (engine, fuzz->now, &transmit,
                                     buffer, SRUDP_MAX_UDP_PAYLOAD, 1) > 0)
    put_on_wire (fuzz, 1 - i, buffer, transmit.size);
  while (srudp_engine_poll_trace (engine, &chunk))
    g_bytes_unref (chunk.records);
}

static void
deliver (Fuzz         *fuzz,
         guint         to,
         const guint8 *data,
         gsize         size)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);
  SrudpPath path = { .local = fuzz->addresses[to],
                     .remote = fuzz->addresses[1 - to] };

  path.local.port = 0;
  fuzz->now += 1000;
  fuzz->n_steps++;
  srudp_engine_receive (fuzz->engines[to], fuzz->now, &path,
                        SRUDP_ECN_NOT_ECT, copy, size);
  serve (fuzz, to);
}

static void
act_on_packet (Fuzz   *fuzz,
               guint8  op)
{
  g_autofree Packet *packet = g_queue_pop_head (&fuzz->wire);
  guint16 at = 0;
  guint8 bits = 0;

  if (packet == NULL || op == 1)
    return;

  if (op == 4 || op == 5)
    srudp_reader_get_u16 (&fuzz->script, &at);
  if (op == 4 && srudp_reader_get_u8 (&fuzz->script, &bits))
    packet->data[at % packet->size] ^= bits;
  if (op == 5)
    packet->size = at % packet->size;

  deliver (fuzz, op == 3 ? 1 - packet->to : packet->to, packet->data,
           packet->size);
  if (op == 2)
    deliver (fuzz, packet->to, packet->data, packet->size);
}

static void
act_stranger (Fuzz *fuzz)
{
  const guint8 *data;
  guint8 size = 0;
  gsize n;

  srudp_reader_get_u8 (&fuzz->script, &size);
  n = MIN ((gsize) size * 2, fuzz->script.left);
  if (srudp_reader_get_view (&fuzz->script, &data, n))
    deliver (fuzz, size & 1, data, n);
}

static void
pass_time (Fuzz   *fuzz,
           gint64  duration)
{
  gint64 end = fuzz->now + duration;
  guint n_at_once = 0;

  for (; fuzz->n_steps < MAX_STEPS; fuzz->n_steps++)
    {
      gint64 a = srudp_engine_get_deadline (fuzz->engines[0]);
      gint64 b = srudp_engine_get_deadline (fuzz->engines[1]);
      gint64 next = a < 0 ? b : b < 0 ? a : MIN (a, b);

      if (next < 0 || next > end)
        break;
      n_at_once = next > fuzz->now ? 0 : n_at_once + 1;
      g_assert_cmpuint (n_at_once, <, MAX_STEPS / 2);
      fuzz->now = MAX (fuzz->now, next);
      for (guint i = 0; i < 2; i++)
        {
          srudp_engine_advance (fuzz->engines[i], fuzz->now);
          serve (fuzz, i);
        }
    }
  fuzz->now = end;
}

static void
read_all (Fuzz         *fuzz,
          SrudpSession *session)
{
  SrudpSlice slice;

  while (srudp_session_read (session, SRUDP_MAIN_STREAM, &slice))
    {
      srudp_session_consume (session, fuzz->now, SRUDP_MAIN_STREAM,
                             slice.length);
      srudp_slice_clear (&slice);
    }
}

static void
act_otherwise (Fuzz *fuzz)
{
  guint8 what = 0;
  SrudpSession *session;
  SrudpSlice slice;

  srudp_reader_get_u8 (&fuzz->script, &what);
  session = fuzz->sessions[what & 1];
  if (what & 0x80)
    pass_time (fuzz, (what & 0x7f) * 50000);
  if (what & 0x80 || session == NULL)
    return;

  switch (what >> 1 & 7)
    {
    case 0:
      slice = (SrudpSlice) { srudp_chunk_new (100), 0, 100 };
      memset (slice.chunk->data, 'x', 100);
      srudp_session_write (session, fuzz->now, SRUDP_MAIN_STREAM, &slice);
      break;
    case 1:
      read_all (fuzz, session);
      break;
    case 2:
      srudp_session_close (session, fuzz->now);
      break;
    case 3:
      srudp_session_abort (session, fuzz->now);
      break;
    case 4:
      fuzz->sessions[what & 1] = NULL;
      srudp_session_release (session, fuzz->now);
      break;
    case 5:
      open_from (fuzz, what & 1, TRUE);
      break;
    default:
      srudp_session_send_datagram (session, fuzz->now, buffer, 20);
      break;
    }
  serve (fuzz, what & 1);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  Fuzz fuzz = { 0 };
  guint8 op;

  srudp_reader_init (&fuzz.script, data, size);
  if (!srudp_reader_get_u8 (&fuzz.script, &op))
    return 0;

  start (&fuzz, op);
  for (guint i = 0; i < 2; i++)
    serve (&fuzz, i);
  while (fuzz.n_steps < MAX_STEPS && srudp_reader_get_u8 (&fuzz.script, &op))
    {
      if (fuzz.wire.length == 0)
        pass_time (&fuzz, 50000);
      if ((op & 7) < 6)
        act_on_packet (&fuzz, op & 7);
      else if ((op & 7) == 6)
        act_stranger (&fuzz);
      else
        act_otherwise (&fuzz);
    }
  stop (&fuzz);

  return 0;
}
