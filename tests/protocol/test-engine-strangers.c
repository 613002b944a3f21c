/*
 * SPDX-License-Identifier: MIT
 *
 * test-engine-strangers.c: what strangers ask for costs the same at any size
 *
 * Nothing is measured by the clock: this program is linked so that the calls
 * that look at one connection, address or key of many come by here (--wrap of
 * the linker), and they are counted.
 */
#include "srudp-engine-private.h"
#include "srudp-handshake-packet.h"
#include "srudp-hello.h"
#include "test-pipe.h"

#define MS 1000
#define SECOND G_USEC_PER_SEC

static guint n_looks;

gboolean __real_srudp_address_equal    (const SrudpAddress *a,
                                        const SrudpAddress *b);
gboolean __wrap_srudp_address_equal    (const SrudpAddress *a,
                                        const SrudpAddress *b);
gboolean __real_srudp_address_same_ip  (const SrudpAddress *a,
                                        const SrudpAddress *b);
gboolean __wrap_srudp_address_same_ip  (const SrudpAddress *a,
                                        const SrudpAddress *b);
gboolean __real_srudp_table_key_equal  (gconstpointer a,
                                        gconstpointer b);
gboolean __wrap_srudp_table_key_equal  (gconstpointer a,
                                        gconstpointer b);
void     __real_srudp_transport_get_path (const SrudpTransport *self,
                                          SrudpPath            *out);
void     __wrap_srudp_transport_get_path (const SrudpTransport *self,
                                          SrudpPath            *out);

gboolean
__wrap_srudp_address_equal (const SrudpAddress *a,
                            const SrudpAddress *b)
{
  n_looks++;
  return __real_srudp_address_equal (a, b);
}

gboolean
__wrap_srudp_address_same_ip (const SrudpAddress *a,
                              const SrudpAddress *b)
{
  n_looks++;
  return __real_srudp_address_same_ip (a, b);
}

gboolean
__wrap_srudp_table_key_equal (gconstpointer a,
                              gconstpointer b)
{
  n_looks++;
  return __real_srudp_table_key_equal (a, b);
}

void
__wrap_srudp_transport_get_path (const SrudpTransport *self,
                                 SrudpPath            *out)
{
  n_looks++;
  __real_srudp_transport_get_path (self, out);
}

static SrudpPath
make_path (guint8 host)
{
  SrudpPath path = { 0 };
  guint8 ip[4] = { 192, 0, 2, host };

  srudp_address_init_ipv4 (&path.remote, ip, 4242);

  return path;
}

/* Whether a stranger's HELLO from there is answered with message 2. */
static gboolean
is_answered (Pipe   *pipe,
             guint8  host)
{
  SrudpPath path = make_path (host);
  guint8 hello[SRUDP_HELLO_BYTES];
  SrudpTransmit transmit;
  gboolean answered = FALSE;

  pipe_make_hello (pipe, 0, hello);
  srudp_engine_receive (pipe->engines[0], pipe->now, &path, SRUDP_ECN_NOT_ECT,
                        hello, sizeof hello);
  while (srudp_engine_poll_transmit (pipe->engines[0], pipe->now, &transmit,
                                     pipe->buffer, SRUDP_MAX_UDP_PAYLOAD, 1) > 0)
    answered |= pipe->buffer[0] == SRUDP_PACKET_MESSAGE_2
                && srudp_address_equal (&transmit.path.remote, &path.remote);

  return answered;
}

static void
connect_many (Pipe  *pipe,
              guint  n)
{
  srudp_engine_set_accepting (pipe->engines[0], TRUE);
  srudp_engine_set_backlog (pipe->engines[0], n);
  for (guint i = 0; i < n; i++)
    {
      SrudpSession *session = pipe_open (pipe, 1, 0, PIPE_PINNED);

      pipe_run (pipe, 100 * MS);
      pipe_assert_connected (session, pipe_get_incoming (pipe, 0, i));
    }
  srudp_engine_set_accepting (pipe->engines[0], FALSE);
}

typedef struct
{
  const char *name;
  guint8 type; /* 0: no packet, but word that nobody is there */
  guint looks[2];
} Question;

static void
ask (Pipe     *pipe,
     Question *question,
     guint     run)
{
  SrudpPath path = make_path (77);
  guint8 packet[SRUDP_HELLO_BYTES];

  pipe_make_hello (pipe, 0, packet);
  if (question->type != SRUDP_PACKET_HELLO)
    test_random_fill (pipe->rand, packet + 1, sizeof packet - 1);
  packet[0] = question->type;

  n_looks = 0;
  if (question->type == 0)
    srudp_engine_hint_unreachable (pipe->engines[0], pipe->now, &path.remote);
  else
    srudp_engine_receive (pipe->engines[0], pipe->now, &path, SRUDP_ECN_NOT_ECT,
                          packet, sizeof packet);
  question->looks[run] = n_looks;
}

/* Whatever a stranger sends where nobody accepts. */
static void
test_costs_the_same (void)
{
  static const guint sizes[2] = { 2, 150 };
  Question questions[] = {
    { .name = "HELLO", .type = SRUDP_PACKET_HELLO },
    { .name = "message 2", .type = SRUDP_PACKET_MESSAGE_2 },
    { .name = "message 3", .type = SRUDP_PACKET_MESSAGE_3 },
    { .name = "cookie", .type = SRUDP_PACKET_COOKIE },
    { .name = "REJECT", .type = SRUDP_PACKET_REJECT },
    { .name = "data", .type = 0x40 },
    { .name = "ICMP", .type = 0 },
  };

  for (guint run = 0; run < G_N_ELEMENTS (sizes); run++)
    {
      g_autoptr (Pipe) pipe = pipe_new (1, 2);

      connect_many (pipe, sizes[run]);
      for (guint i = 0; i < G_N_ELEMENTS (questions); i++)
        ask (pipe, &questions[i], run);
      g_assert_false (is_answered (pipe, 77));
    }

  for (guint i = 0; i < G_N_ELEMENTS (questions); i++)
    {
      g_test_message ("%s: %u looks with %u connections, %u with %u",
                      questions[i].name, questions[i].looks[0], sizes[0],
                      questions[i].looks[1], sizes[1]);
      g_assert_cmpuint (questions[i].looks[0], ==, questions[i].looks[1]);
    }
}

/* Who comes from where a peer is may be that peer: it hears that it is refused.
 * That goes with the connection, and ends with it. */
static void
test_known_by_its_address (void)
{
  g_autoptr (Pipe) pipe = pipe_new (2, 2);
  SrudpSession *a, *b;

  g_assert_false (is_answered (pipe, 2));
  a = pipe_open (pipe, 0, 1, PIPE_PINNED);
  b = pipe_open (pipe, 1, 0, PIPE_PINNED);
  pipe_run (pipe, SECOND);
  pipe_assert_connected (a, b);
  g_assert_true (is_answered (pipe, 2));
  g_assert_false (is_answered (pipe, 3));

  pipe->addresses[1].ip[3] = 3;
  srudp_engine_on_network_change (pipe->engines[1], pipe->now);
  pipe_run (pipe, SECOND);
  pipe_assert_connected (a, b);
  g_assert_false (is_answered (pipe, 2));
  g_assert_true (is_answered (pipe, 3));

  srudp_session_close (a, pipe->now);
  g_assert_false (is_answered (pipe, 3));
  srudp_session_close (b, pipe->now);
  pipe_run (pipe, SECOND);
  g_assert_cmpint (srudp_session_get_state (a), ==, SRUDP_STATE_CLOSED);
  g_assert_false (is_answered (pipe, 3));
}

/* Who was told of a peer asks by its key whether that is there, or waited for.
 * What is open to others is not looked at. */
static void
test_known_by_its_key (void)
{
  g_autoptr (Pipe) pipe = pipe_new (4, 3);
  SrudpAddress nowhere = make_path (99).remote;
  SrudpEngine *engine = pipe->engines[0];
  guint8 key[SRUDP_KEY_BYTES], other[SRUDP_KEY_BYTES];
  SrudpOpenConfig config = {
    .candidates = &nowhere,
    .n_candidates = 1,
    .expected_peer = key,
    .idle_timeout_us = 21 * SECOND,
  };
  SrudpSession *a, *b;

  pipe_get_key (pipe, 1, key);
  pipe_get_key (pipe, 2, other);
  srudp_engine_set_accepting (pipe->engines[1], TRUE);
  g_assert_false (srudp_engine_point_to_peer (engine, pipe->now, key, NULL,
                                              &pipe->addresses[1], 1));
  a = srudp_engine_open (engine, pipe->now, &config);
  pipe_run (pipe, SECOND);
  g_assert_false (srudp_engine_is_connected_to (engine, key));
  g_assert_false (srudp_engine_point_to_peer (engine, pipe->now, other, NULL,
                                              &pipe->addresses[1], 1));
  pipe_run (pipe, SECOND);
  g_assert_cmpint (srudp_session_get_state (a), ==, SRUDP_STATE_WAITING);

  g_assert_true (srudp_engine_point_to_peer (engine, pipe->now, key, NULL,
                                             &pipe->addresses[1], 1));
  pipe_run (pipe, SECOND);
  b = pipe_get_incoming (pipe, 1, 0);
  pipe_assert_connected (a, b);
  g_assert_true (srudp_engine_is_connected_to (engine, key));
  g_assert_false (srudp_engine_is_connected_to (engine, other));
  g_assert_false (srudp_engine_point_to_peer (engine, pipe->now, key, NULL,
                                              &pipe->addresses[1], 1));

  srudp_session_close (a, pipe->now);
  srudp_session_close (b, pipe->now);
  pipe_run (pipe, SECOND);
  g_assert_false (srudp_engine_is_connected_to (engine, key));
}

/* --- Keys that are chosen so that they collide ---------------------------------- */

#define N_CHOSEN 500

/* Peers choose the ephemeral keys of their HELLOs, and can try many. */
static void
test_chosen_hellos (void)
{
  g_autoptr (Pipe) pipe = pipe_new (3, 1);
  guint8 e[SRUDP_KEY_BYTES] = "all begin alike";

  n_looks = 0;
  for (guint i = 0; i < N_CHOSEN; i++)
    {
      SrudpSession *session = srudp_session_new (pipe->engines[0]);

      memcpy (e + sizeof e - sizeof i, &i, sizeof i);
      srudp_session_use_hello (session, e);
      g_assert_true (srudp_engine_has_used_hello (pipe->engines[0], e));
      e[16] = 1;
      g_assert_false (srudp_engine_has_used_hello (pipe->engines[0], e));
      e[16] = 0;
    }
  g_test_message ("%u looks for %u keys", n_looks, N_CHOSEN);
  g_assert_cmpuint (n_looks, <, 2 * N_CHOSEN);
}

/* Whoever forges addresses chooses them; so he does by whose hash HELLOs are
 * found. */
static void
test_chosen_addresses (void)
{
  static const guint8 secret[SRUDP_SIPHASH_KEY_BYTES] = "not known to him";
  SrudpHalfOpenTable table;
  SrudpAddress address;
  guint8 ip[16] = { 0x20, 0x01, 0x0d, 0xb8 };

  srudp_half_open_table_init (&table, secret);
  for (guint i = 0; i <= SRUDP_HALF_OPEN_MAX; i++)
    {
      SrudpHalfOpen *entry = g_new0 (SrudpHalfOpen, 1);

      entry->local_id = i + 1;
      memcpy (entry->hello_hash + 28, &i, sizeof i);
      memcpy (ip + 4, &i, sizeof i);
      srudp_address_init_ipv6 (&address, ip, 9, 0);
      n_looks = 0;
      g_assert_cmpuint (srudp_half_open_insert (&table, 0, entry, &address), ==,
                        i == SRUDP_HALF_OPEN_MAX ? 1 : 0);
    }

  /* The last looks at each of the others: once for the budget of its address,
   * and twice for the fullest one. */
  g_test_message ("%u looks", n_looks);
  g_assert_cmpuint (n_looks, <, 4 * SRUDP_HALF_OPEN_MAX);
  srudp_half_open_table_clear (&table);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/strangers/cost-the-same-with-many-connections",
                   test_costs_the_same);
  g_test_add_func ("/strangers/known-by-its-address", test_known_by_its_address);
  g_test_add_func ("/strangers/known-by-its-key", test_known_by_its_key);
  g_test_add_func ("/strangers/chosen/hellos", test_chosen_hellos);
  g_test_add_func ("/strangers/chosen/addresses", test_chosen_addresses);

  return g_test_run ();
}
