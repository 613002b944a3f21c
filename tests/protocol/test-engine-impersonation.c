/*
 * SPDX-License-Identifier: MIT
 *
 * test-engine-impersonation.c: nobody passes for somebody else, whole engines
 *
 * Mallory has stolen Ada's key and says that she is Bob. Her engine is one like
 * any other, which has Bob's public key for its own; where it multiplies with
 * the secret that belongs to it she computes what can be computed without
 * (those calls come by here, by --wrap of the linker): what Bob shares with
 * Ada's key she finds with Ada's.
 */
#include "srudp-engine-private.h"
#include "srudp-handshake-packet.h"
#include "test-pipe.h"

#define MS 1000
#define SECOND G_USEC_PER_SEC

enum
{
  ADA,
  BOB,
  MALLORY,
};

/* What stands for the secret that Mallory doesn't have, and what she has. */
static struct
{
  guint8 missing[SRUDP_KEY_BYTES];
  guint8 stolen[SRUDP_KEY_BYTES];
  guint8 victim[SRUDP_KEY_BYTES];
  guint8 claimed[SRUDP_KEY_BYTES];
  guint n_used_stolen;
} thief;

gboolean __real_srudp_x25519 (guint8       *shared,
                              const guint8 *secret,
                              const guint8 *public_key);
gboolean __wrap_srudp_x25519 (guint8       *shared,
                              const guint8 *secret,
                              const guint8 *public_key);

gboolean
__wrap_srudp_x25519 (guint8       *shared,
                     const guint8 *secret,
                     const guint8 *public_key)
{
  if (memcmp (secret, thief.missing, SRUDP_KEY_BYTES) == 0
      && memcmp (public_key, thief.victim, SRUDP_KEY_BYTES) == 0)
    {
      thief.n_used_stolen++;
      return __real_srudp_x25519 (shared, thief.stolen, thief.claimed);
    }

  return __real_srudp_x25519 (shared, secret, public_key);
}

/* `as_bob`: with his secret, to see that nothing else is missing. */
static void
become (Pipe     *pipe,
        gboolean  as_bob)
{
  SrudpKeyPair *ada = &pipe->engines[ADA]->local.keys;
  SrudpKeyPair *bob = &pipe->engines[BOB]->local.keys;
  SrudpKeyPair *mallory = &pipe->engines[MALLORY]->local.keys;

  thief.n_used_stolen = 0;
  memcpy (thief.stolen, ada->secret, SRUDP_KEY_BYTES);
  memcpy (thief.victim, ada->public_key, SRUDP_KEY_BYTES);
  memcpy (thief.claimed, bob->public_key, SRUDP_KEY_BYTES);
  test_random_fill (pipe->rand, thief.missing, SRUDP_KEY_BYTES);
  memcpy (mallory->secret, as_bob ? bob->secret : thief.missing, SRUDP_KEY_BYTES);
  memcpy (mallory->public_key, bob->public_key, SRUDP_KEY_BYTES);
}

typedef struct
{
  const char *path;
  gboolean pinned; /* Ada knows Bob's key */
  gboolean invited;
  gboolean passphrase;
  gboolean knows; /* Mallory has stolen the secrets, too */
} Mode;

static const Mode modes[] = {
  { "nothing-known", FALSE, FALSE, FALSE, FALSE },
  { "pinned", TRUE, FALSE, FALSE, FALSE },
  { "invitation", TRUE, TRUE, FALSE, FALSE },
  { "invitation-stolen-too", TRUE, TRUE, FALSE, TRUE },
  { "invitation-without-its-key", FALSE, TRUE, FALSE, TRUE },
  { "passphrase", FALSE, FALSE, TRUE, FALSE },
  { "passphrase-stolen-too", FALSE, FALSE, TRUE, TRUE },
  { "pinned-and-passphrase-stolen-too", TRUE, FALSE, TRUE, TRUE },
  { "all-of-it-stolen-too", TRUE, TRUE, TRUE, TRUE },
};

typedef enum
{
  ADA_OPENS,
  ADA_ACCEPTS,
  BOTH_OPEN,
} Way;

static const char *const ways[] = { "she-opens", "she-accepts", "both-open" };

static const guint8 secret_of_bob[SRUDP_KEY_BYTES] = { 0xB0, 0xB };
static const guint8 secret_of_ada[SRUDP_KEY_BYTES] = { 0xAD, 0xA };
static const guint8 guess[SRUDP_KEY_BYTES] = { 0x66 };

static void
admit (Pipe       *pipe,
       guint       node,
       const Mode *mode,
       gboolean    knows)
{
  SrudpEngine *engine = pipe->engines[node];

  if (mode->invited)
    srudp_engine_add_invitation (engine, !knows         ? guess
                                         : node == ADA ? secret_of_ada
                                                       : secret_of_bob, -1);
  else
    srudp_engine_set_accepting (engine, TRUE);
  if (mode->passphrase)
    srudp_engine_set_passphrase (engine, knows ? "pea" : "bean", 4);
}

static SrudpSession *
call (Pipe       *pipe,
      guint       from,
      guint       to,
      const Mode *mode,
      gboolean    knows)
{
  const guint8 *key = to == ADA ? thief.victim : thief.claimed;
  SrudpOpenConfig config = {
    .candidates = &pipe->addresses[to],
    .n_candidates = 1,
    .expected_peer = mode->pinned || from == MALLORY ? key : NULL,
    .passphrase = mode->passphrase ? knows ? "pea" : "bean" : NULL,
    .passphrase_size = mode->passphrase ? 4 : 0,
    .open_timeout_us = 5 * SECOND,
    .idle_timeout_us = 21 * SECOND,
  };

  if (mode->invited)
    config.invitation = !knows         ? guess
                        : to == ADA ? secret_of_ada
                                    : secret_of_bob;

  return srudp_engine_open (pipe->engines[from], pipe->now, &config);
}

static PipeVerdict
count_data_cb (Pipe       *pipe,
               PipePacket *packet,
               gpointer    user_data)
{
  guint *n_data = user_data;

  if (packet->from == ADA && packet->data[0] < SRUDP_PACKET_HELLO)
    ++*n_data;

  return PIPE_PASS;
}

/* What Ada has in the end. */
static SrudpSession *
meet (Pipe       *pipe,
      const Mode *mode,
      Way         way,
      gboolean    knows)
{
  SrudpSession *session = NULL;

  if (way != ADA_ACCEPTS)
    {
      admit (pipe, MALLORY, mode, knows);
      session = call (pipe, ADA, MALLORY, mode, TRUE);
    }
  if (way != ADA_OPENS)
    {
      admit (pipe, ADA, mode, TRUE);
      if (mode->pinned)
        srudp_engine_allow_peer (pipe->engines[ADA], thief.claimed);
      call (pipe, MALLORY, ADA, mode, knows);
    }
  pipe_run (pipe, 2 * SECOND);

  return session != NULL ? session : pipe_get_incoming (pipe, ADA, 0);
}

static void
try_mode (const Mode *mode,
          Way         way)
{
  g_autoptr (Pipe) pipe = pipe_new (7, 3);
  SrudpSession *session;
  guint n_data = 0;

  become (pipe, FALSE);
  pipe->filter = count_data_cb;
  pipe->filter_data = &n_data;
  session = meet (pipe, mode, way, mode->knows);
  pipe_run (pipe, 8 * SECOND);
  g_assert_cmpuint (n_data, ==, 0);
  g_assert_null (pipe_get_incoming (pipe, ADA, 0));
  if (way == ADA_ACCEPTS)
    return;

  g_assert_cmpint (srudp_session_get_state (session), ==, SRUDP_STATE_CLOSED);
  g_assert_cmpint (srudp_session_get_reason (session), !=, SRUDP_REASON_NONE);
}

/* Bob himself gets in the very same way. */
static void
try_bob (const Mode *mode,
         Way         way)
{
  g_autoptr (Pipe) pipe = pipe_new (8, 3);
  guint8 key[SRUDP_KEY_BYTES];
  SrudpSession *session;

  become (pipe, TRUE);
  session = meet (pipe, mode, way, TRUE);
  g_assert_nonnull (session);
  g_assert_cmpint (srudp_session_get_state (session), ==, SRUDP_STATE_ESTABLISHED);
  g_assert_true (srudp_session_get_peer_key (session, key));
  g_assert_cmpmem (key, sizeof key, thief.claimed, sizeof thief.claimed);
  g_assert_cmpuint (thief.n_used_stolen, ==, 0);
}

static void
test_stolen_key (gconstpointer data)
{
  const Mode *mode = data;

  for (Way way = ADA_OPENS; way <= BOTH_OPEN; way++)
    {
      g_test_message ("%s", ways[way]);
      try_mode (mode, way);
      try_bob (mode, way);
    }
}

/* With Ada's key she can make HELLOs that are Bob's to all appearance. It helps
 * as far as message 3. */
static void
test_tags (void)
{
  static const Mode mode = { .pinned = TRUE };
  g_autoptr (Pipe) pipe = pipe_new (9, 3);
  SrudpEngineCounters counters;
  SrudpSession *session;

  become (pipe, FALSE);
  session = call (pipe, ADA, BOB, &mode, TRUE);
  call (pipe, MALLORY, ADA, &mode, TRUE);
  pipe_run (pipe, SECOND);
  g_assert_cmpuint (thief.n_used_stolen, >, 0);
  /* It was taken for Bob's by the tag, and for nobody's by what followed. */
  g_assert_cmpint (srudp_session_get_state (session), >=, SRUDP_STATE_PUNCHING);
  g_assert_cmpint (srudp_session_get_state (session), !=, SRUDP_STATE_ESTABLISHED);
  srudp_engine_get_counters (pipe->engines[ADA], &counters);
  g_assert_cmpuint (counters.dropped_forged, >, 0);
}

/* In Bob's name she also makes a try at the passphrase that Ada opens with: it
 * is wrong, and nothing tells Ada that it is not Bob's. So it may end what waits
 * for him, but only if he isn't there within two seconds. */
static void
try_passphrase (guint     seed,
                gboolean  bob_comes,
                guint    *n_ended)
{
  static const Mode mode = { .pinned = TRUE, .passphrase = TRUE };
  g_autoptr (Pipe) pipe = pipe_new (seed, 3);
  guint n_data = 0;
  SrudpSession *a;

  become (pipe, FALSE);
  a = call (pipe, ADA, BOB, &mode, TRUE);
  call (pipe, MALLORY, ADA, &mode, TRUE);
  pipe_run (pipe, SECOND);
  g_assert_cmpint (srudp_session_get_state (a), <, SRUDP_STATE_ESTABLISHED);
  if (bob_comes)
    {
      SrudpSession *b = call (pipe, BOB, ADA, &mode, TRUE);

      pipe_run (pipe, SECOND);
      pipe_assert_connected (a, b);
      return;
    }

  pipe->filter = count_data_cb;
  pipe->filter_data = &n_data;
  pipe_run (pipe, 3 * SECOND);
  g_assert_cmpuint (n_data, ==, 0);
  g_assert_null (pipe_get_incoming (pipe, ADA, 0));
  if (srudp_session_get_state (a) != SRUDP_STATE_CLOSED)
    return;
  g_assert_cmpint (srudp_session_get_reason (a), ==, SRUDP_REASON_PASSPHRASE);
  ++*n_ended;
}

static void
test_passphrase_in_his_name (void)
{
  guint n_ended = 0;

  for (guint seed = 20; seed < 28; seed++)
    {
      try_passphrase (seed, FALSE, &n_ended);
      try_passphrase (seed, TRUE, &n_ended);
    }
  /* Those whose key is the smaller one. */
  g_test_message ("%u of 8 were ended", n_ended);
  g_assert_cmpuint (n_ended, >, 0);
  g_assert_cmpuint (n_ended, <, 8);
}

/* --- Who is connected to whom ---------------------------------------------------- */

/* Mallory's place in the network: what Ada and Bob send her goes on. */
static PipeVerdict
forward_cb (Pipe       *pipe,
            PipePacket *packet,
            gpointer    user_data)
{
  if (packet->to != MALLORY)
    return PIPE_PASS;

  pipe_inject (pipe, MALLORY, packet->from == ADA ? BOB : ADA, packet->data,
               packet->size);

  return PIPE_DROP;
}

/* Who only forwards is nobody: each of the two sees the other's key. */
static void
test_relay (void)
{
  static const Mode mode = { 0 };
  g_autoptr (Pipe) pipe = pipe_new (10, 3);
  guint8 seen[SRUDP_KEY_BYTES];
  SrudpSession *a, *b;

  become (pipe, FALSE);
  pipe->filter = forward_cb;
  srudp_engine_set_accepting (pipe->engines[BOB], TRUE);
  a = call (pipe, ADA, MALLORY, &mode, FALSE);
  pipe_run (pipe, SECOND);
  b = pipe_get_incoming (pipe, BOB, 0);
  pipe_assert_connected (a, b);
  g_assert_true (srudp_session_get_peer_key (a, seen));
  g_assert_cmpmem (seen, sizeof seen, thief.claimed, sizeof thief.claimed);
  g_assert_true (srudp_session_get_peer_key (b, seen));
  g_assert_cmpmem (seen, sizeof seen, thief.victim, sizeof thief.victim);
}

/* Bob is to believe that Ada, who has opened to him, is Mallory: she claims
 * Ada's handshake, or Ada's key, for her own. */
static void
test_claimed_key (void)
{
  g_autoptr (Pipe) pipe = pipe_new (11, 3);
  SrudpEngine *mallory = pipe->engines[MALLORY];
  SrudpSession *claim;

  srudp_engine_get_public_key (pipe->engines[ADA], mallory->local.keys.public_key);
  srudp_engine_set_accepting (pipe->engines[BOB], TRUE);
  claim = pipe_open (pipe, MALLORY, BOB, PIPE_PINNED);
  pipe_run (pipe, 5 * SECOND);
  g_assert_cmpint (srudp_session_get_state (claim), !=, SRUDP_STATE_ESTABLISHED);
  g_assert_null (pipe_get_incoming (pipe, BOB, 0));
}

/* Bob runs two programs with one key. What is for one is brought to the other:
 * nobody talks to the wrong one. */
static void
test_other_application (void)
{
  static const Mode mode = { .pinned = TRUE };
  g_autoptr (Pipe) pipe = pipe_new (12, 3);
  guint n_data = 0;
  SrudpSession *a;

  become (pipe, TRUE);
  srudp_engine_set_application_protocol (pipe->engines[ADA], "org.example.Chat/1");
  srudp_engine_set_application_protocol (pipe->engines[BOB], "org.example.Chat/1");
  srudp_engine_set_application_protocol (pipe->engines[MALLORY], "org.example.Pay/1");
  srudp_engine_set_accepting (pipe->engines[BOB], TRUE);
  srudp_engine_set_accepting (pipe->engines[MALLORY], TRUE);
  pipe->filter = count_data_cb;
  pipe->filter_data = &n_data;
  a = call (pipe, ADA, MALLORY, &mode, FALSE);
  pipe_run (pipe, 6 * SECOND);
  g_assert_cmpint (srudp_session_get_state (a), ==, SRUDP_STATE_CLOSED);
  g_assert_cmpint (srudp_session_get_reason (a), ==, SRUDP_REASON_APPLICATION_PROTOCOL);
  g_assert_null (pipe_get_incoming (pipe, MALLORY, 0));
  g_assert_cmpuint (n_data, ==, 0);

  a = call (pipe, ADA, BOB, &mode, FALSE);
  pipe_run (pipe, SECOND);
  pipe_assert_connected (a, pipe_get_incoming (pipe, BOB, 0));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autofree char *path =
        g_strconcat ("/impersonation/stolen-key/", modes[i].path, NULL);

      g_test_add_data_func (path, &modes[i], test_stolen_key);
    }
  g_test_add_func ("/impersonation/stolen-key/its-tags-lead-nowhere", test_tags);
  g_test_add_func ("/impersonation/stolen-key/tries-a-passphrase-in-his-name",
                   test_passphrase_in_his_name);
  g_test_add_func ("/impersonation/key-share/who-forwards-is-nobody", test_relay);
  g_test_add_func ("/impersonation/key-share/claimed-key", test_claimed_key);
  g_test_add_func ("/impersonation/key-share/other-application",
                   test_other_application);

  return g_test_run ();
}
