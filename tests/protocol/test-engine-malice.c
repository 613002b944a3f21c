/*
 * SPDX-License-Identifier: MIT
 *
 * test-engine-malice.c: no single bad packet stops a handshake
 *
 * Each packet of a handshake is in turn lost, repeated, reflected, cut and
 * spoilt in each of its bytes: the two sides connect all the same, and agree.
 */
#include "srudp-engine-private.h"
#include "srudp-handshake-packet.h"
#include "srudp-hello.h"
#include "test-pipe.h"

#define MS 1000
#define SECOND G_USEC_PER_SEC
/* HELLO, 2, 3, HANDSHAKE_DONE, its acknowledgement, each way: and some. */
#define N_PACKETS 12

typedef enum
{
  HARM_LOSE,
  HARM_REPEAT,
  HARM_REFLECT,
  HARM_CUT,
  HARM_GROW,
  HARM_FORGE_COPY, /* the spoilt copy comes first, the packet itself after it */
  N_HARMS,
} Harm;

static const char *const harm_names[N_HARMS] = {
  "lost", "repeated", "reflected", "cut", "grown", "preceded-by-a-forged-copy",
};

typedef struct
{
  guint victim; /* which packet of the run */
  Harm harm;
  gsize offset; /* byte to spoil, when >= 0 */
  gboolean spoil;
} Plan;

static PipeVerdict
harm_cb (Pipe       *pipe,
         PipePacket *packet,
         gpointer    user_data)
{
  Plan *plan = user_data;

  if (pipe->n_packets != plan->victim)
    return PIPE_PASS;
  if (plan->spoil)
    {
      packet->data[plan->offset % packet->size] ^= 0x41;
      return PIPE_PASS;
    }

  switch (plan->harm)
    {
    case HARM_LOSE:
      return PIPE_DROP;
    case HARM_REPEAT:
      return PIPE_DUPLICATE;
    case HARM_REFLECT:
      return PIPE_REFLECT;
    case HARM_CUT:
      packet->size = (gsize) g_rand_int_range (pipe->rand, 0, (gint32) packet->size);
      return PIPE_PASS;
    case HARM_GROW:
      packet->data = g_realloc (packet->data, packet->size + 1);
      packet->data[packet->size++] = 0;
      return PIPE_PASS;
    case HARM_FORGE_COPY:
    case N_HARMS:
      break;
    }

  packet->data[packet->size - 1] ^= 1;
  pipe_inject (pipe, packet->from, packet->to, packet->data, packet->size);
  packet->data[packet->size - 1] ^= 1;

  return PIPE_PASS;
}

typedef enum
{
  ONE_ACCEPTS,
  BOTH_OPEN,
} Shape;

static void
run_plan (Shape       shape,
          PipePinning pinning,
          Plan       *plan)
{
  g_autoptr (Pipe) pipe = pipe_new (plan->victim * 1000 + (guint32) plan->offset, 2);
  SrudpSession *a, *b = NULL;

  pipe->filter = harm_cb;
  pipe->filter_data = plan;
  srudp_engine_set_accepting (pipe->engines[1], shape == ONE_ACCEPTS);
  a = pipe_open (pipe, 0, 1, pinning);
  if (shape == BOTH_OPEN)
    b = pipe_open (pipe, 1, 0, pinning);

  pipe_run (pipe, 700 * MS);
  if (shape == ONE_ACCEPTS)
    b = pipe_get_incoming (pipe, 1, 0);
  pipe_assert_connected (a, b);
  g_assert_null (pipe_get_incoming (pipe, 0, 0));
  g_assert_null (pipe_get_incoming (pipe, 1, shape == ONE_ACCEPTS ? 1 : 0));
}

static void
test_harm (gconstpointer data)
{
  for (guint victim = 1; victim <= N_PACKETS; victim++)
    for (guint i = 0; i < 4; i++)
      {
        Plan plan = { .victim = victim, .harm = GPOINTER_TO_UINT (data) };

        run_plan (i & 1 ? BOTH_OPEN : ONE_ACCEPTS,
                  i & 2 ? PIPE_PINNED : PIPE_ANYONE, &plan);
      }
}

static void
test_every_other_byte (gconstpointer data)
{
  Shape shape = GPOINTER_TO_UINT (data);

  for (guint victim = 1; victim <= 4; victim++)
    for (gsize offset = shape; offset < SRUDP_HELLO_BYTES; offset += 2)
      {
        Plan plan = { .victim = victim, .offset = offset, .spoil = TRUE };

        run_plan (shape, offset % 4 < 2 ? PIPE_PINNED : PIPE_ANYONE, &plan);
      }
}

/* Junk gets no answer, before, during and after. */
static void
test_junk (void)
{
  static const guint8 first_bytes[] = {
    0x00, 0x3F, 0x40, 0x7F, 0x80, 0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xFF,
  };
  g_autoptr (Pipe) pipe = pipe_new (1, 3);
  SrudpEngineCounters counters;
  SrudpSession *a, *b;

  srudp_engine_set_accepting (pipe->engines[0], TRUE);
  a = pipe_open (pipe, 0, 1, PIPE_PINNED);
  b = pipe_open (pipe, 1, 0, PIPE_PINNED);
  for (guint i = 0; i < 10000; i++)
    {
      guint8 junk[1500];
      gsize size = (gsize) g_rand_int_range (pipe->rand, 0, sizeof junk + 1);

      if (i % 8 == 0)
        size = SRUDP_HELLO_BYTES;
      test_random_fill (pipe->rand, junk, size);
      if (size > 0)
        junk[0] = first_bytes[i % G_N_ELEMENTS (first_bytes)];
      pipe_inject (pipe, 2, 0, junk, size);
      if (i % 100 == 0)
        pipe_run (pipe, 1 * MS);
    }
  pipe_run (pipe, 1 * SECOND);
  pipe_assert_connected (a, b);

  srudp_engine_get_counters (pipe->engines[2], &counters);
  g_assert_cmpuint (counters.datagrams_received, ==, 0);
  srudp_engine_get_counters (pipe->engines[0], &counters);
  g_assert_cmpuint (counters.dropped_junk + counters.dropped_unknown_id +
                    counters.dropped_forged, >=, 10000);
}

typedef struct
{
  guint64 bytes_in, bytes_out; /* between the victim and the others */
} Budget;

static PipeVerdict
count_bytes_cb (Pipe       *pipe,
                PipePacket *packet,
                gpointer    user_data)
{
  Budget *budget = user_data;

  if (packet->from == 0)
    budget->bytes_out += packet->size;
  else
    budget->bytes_in += packet->size;

  /* The initiator never hears: its address may be somebody else's. */
  return packet->from == 0 ? PIPE_DROP : PIPE_PASS;
}

static void
test_amplifies_nothing (void)
{
  g_autoptr (Pipe) pipe = pipe_new (2, 2);
  Budget budget = { 0, 0 };

  pipe->filter = count_bytes_cb;
  pipe->filter_data = &budget;
  srudp_engine_set_accepting (pipe->engines[0], TRUE);
  pipe_open (pipe, 1, 0, PIPE_ANYONE);
  pipe_run (pipe, 5 * SECOND);
  g_assert_cmpuint (budget.bytes_out, >, 0);
  g_assert_cmpuint (budget.bytes_out, <=, budget.bytes_in);
}

/* Somebody who got as far as message 3, and what the host sends to the address
 * that he forges. */
typedef struct
{
  PipePacket message_3;
  gsize bytes_to_forged, largest_to_forged;
  gboolean passes;
} Bounce;

static PipeVerdict
bounce_cb (Pipe       *pipe,
           PipePacket *packet,
           gpointer    user_data)
{
  Bounce *bounce = user_data;

  if (packet->to == 2)
    {
      bounce->bytes_to_forged += packet->size;
      bounce->largest_to_forged = MAX (bounce->largest_to_forged, packet->size);
    }
  if (packet->data[0] != SRUDP_PACKET_MESSAGE_3)
    return PIPE_PASS;
  if (bounce->message_3.data == NULL)
    {
      bounce->message_3 = *packet;
      bounce->message_3.data = g_memdup2 (packet->data, packet->size);
    }

  return bounce->passes ? PIPE_PASS : PIPE_DROP;
}

/* Where it is sent from next nobody has proven to be: a true peer, whose address
 * has changed, is asked to do so. It is little more than was sent. */
static void
test_bounces_little (void)
{
  g_autoptr (Pipe) pipe = pipe_new (5, 3);
  Bounce bounce = { .bytes_to_forged = 0 };
  SrudpSession *session;
  gsize bytes_in = 0;

  pipe->filter = bounce_cb;
  pipe->filter_data = &bounce;
  srudp_engine_set_accepting (pipe->engines[0], TRUE);
  session = pipe_open (pipe, 1, 0, PIPE_ANYONE);
  pipe_run (pipe, 200 * MS);
  g_assert_nonnull (bounce.message_3.data);
  for (guint i = 0; i < 100; i++)
    {
      pipe_inject (pipe, 2, 0, bounce.message_3.data, bounce.message_3.size);
      bytes_in += bounce.message_3.size;
      pipe_run (pipe, 1 * MS);
    }
  pipe_run (pipe, 200 * MS);
  g_test_message ("%" G_GSIZE_FORMAT " bytes for %" G_GSIZE_FORMAT,
                  bounce.bytes_to_forged, bytes_in);
  g_assert_cmpuint (bounce.bytes_to_forged, >, 0);
  g_assert_cmpuint (bounce.bytes_to_forged, <=, bytes_in * 5 / 4);
  g_assert_cmpuint (bounce.largest_to_forged, <=, SRUDP_HELLO_BYTES);
  g_assert_null (pipe_get_incoming (pipe, 0, 0));

  bounce.passes = TRUE;
  pipe_run (pipe, SECOND);
  pipe_assert_connected (session, pipe_get_incoming (pipe, 0, 0));
  g_free (bounce.message_3.data);
}

/* HELLOs from everywhere fill a table, not the memory, and don't shut out an
 * honest opener. */
static void
test_flood (void)
{
  g_autoptr (Pipe) pipe = pipe_new (3, 2);
  g_autoptr (Pipe) crowd = pipe_new (4, 1);
  SrudpSession *honest;

  srudp_engine_set_accepting (pipe->engines[0], TRUE);
  honest = pipe_open (pipe, 1, 0, PIPE_PINNED);
  for (guint i = 0; i < 1500; i++)
    {
      guint8 ip[4] = { 198, 51, (guint8) (i >> 8), (guint8) i };
      SrudpPath path = { 0 };
      SrudpOpenConfig config = { .candidates = pipe->addresses, .n_candidates = 1,
                                 .idle_timeout_us = SECOND };
      SrudpSession *session;
      SrudpTransmit transmit;
      gsize size;

      session = srudp_engine_open (crowd->engines[0], crowd->now, &config);
      size = srudp_engine_poll_transmit (crowd->engines[0], crowd->now, &transmit,
                                         crowd->buffer, SRUDP_MAX_UDP_PAYLOAD, 1);
      g_assert_cmpuint (size, ==, SRUDP_HELLO_BYTES);
      srudp_session_release (session, crowd->now);

      srudp_address_init_ipv4 (&path.remote, ip, 1000);
      srudp_engine_receive (pipe->engines[0], pipe->now, &path,
                            SRUDP_ECN_NOT_ECT, crowd->buffer, size);
      if (i % 10 == 0)
        pipe_run (pipe, 1 * MS);
    }
  pipe_run (pipe, 1 * SECOND);
  pipe_assert_connected (honest, pipe_get_incoming (pipe, 0, 0));
}

/* A peer that never takes what we answer it with. */
static PipeVerdict
deaf_peer_cb (Pipe       *pipe,
              PipePacket *packet,
              gpointer    user_data)
{
  return packet->from == 0 && packet->data[0] == SRUDP_PACKET_MESSAGE_3
           ? PIPE_DROP : PIPE_PASS;
}

/* Message 3 of a HELLO whose open has to wait, and then another one for the
 * same message 2, of another application: that ends the open, and with it all
 * that waited for it. */
static void
test_second_thoughts (void)
{
  for (guint seed = 1; seed <= 8; seed++)
    {
      g_autoptr (Pipe) pipe = pipe_new (seed, 2);
      SrudpSession *honest, *other;
      SrudpAttempt *attempt;

      pipe->filter = deaf_peer_cb;
      honest = pipe_open (pipe, 0, 1, PIPE_PINNED);
      other = pipe_open (pipe, 1, 0, PIPE_ANYONE);
      pipe_run (pipe, 300 * MS);
      if (honest->state != SRUDP_STATE_SECURING
          || other->state != SRUDP_STATE_SECURING)
        continue; /* the keys fell so that nobody had to wait */

      attempt = other->attempt;
      g_assert_cmpuint (attempt->n_answers, ==, 1);
      srudp_attempt_remove_answer (attempt, attempt->answers[0]);
      attempt->own.fields.application[0] ^= 1;
      pipe_run (pipe, 3 * SECOND);

      g_assert_cmpint (honest->state, ==, SRUDP_STATE_CLOSED);
      g_assert_cmpint (honest->reason, ==, SRUDP_REASON_APPLICATION_PROTOCOL);
      g_assert_cmpint (other->state, ==, SRUDP_STATE_CLOSED);
      return;
    }

  g_assert_not_reached ();
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint harm = 0; harm < N_HARMS; harm++)
    {
      g_autofree char *path = g_strdup_printf ("/engine/malice/each-packet-%s",
                                               harm_names[harm]);

      g_test_add_data_func (path, GUINT_TO_POINTER (harm), test_harm);
    }
  g_test_add_data_func ("/engine/malice/even-bytes-when-one-accepts",
                        GUINT_TO_POINTER (ONE_ACCEPTS), test_every_other_byte);
  g_test_add_data_func ("/engine/malice/odd-bytes-when-both-open",
                        GUINT_TO_POINTER (BOTH_OPEN), test_every_other_byte);
  g_test_add_func ("/engine/malice/junk", test_junk);
  g_test_add_func ("/engine/malice/amplifies-nothing", test_amplifies_nothing);
  g_test_add_func ("/engine/malice/message-3-bounces-little", test_bounces_little);
  g_test_add_func ("/engine/malice/flood", test_flood);
  g_test_add_func ("/engine/malice/second-thoughts", test_second_thoughts);

  return g_test_run ();
}
