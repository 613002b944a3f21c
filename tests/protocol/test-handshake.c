/*
 * SPDX-License-Identifier: MIT
 *
 * test-handshake.c: three messages, an attempt and its answers, half-open ones
 */
#include "srudp-attempt.h"
#include "srudp-half-open.h"
#include "srudp-session.h"
#include "test-random.h"

#define MS 1000
#define SECOND G_USEC_PER_SEC

typedef struct
{
  GRand *rand;
  SrudpLocal initiator, responder;
  SrudpAddress initiator_address, responder_address;
  SrudpPath to_initiator, to_responder;
  SrudpAttempt *attempt;
} Fixture;

static void
init_local (SrudpLocal *local,
            GRand      *rand)
{
  SrudpEngineConfig config = { .random = test_random_fill, .random_data = rand };

  test_random_fill (rand, config.static_secret, SRUDP_KEY_BYTES);
  srudp_local_init (local, &config);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->rand = g_rand_new_with_seed (1);
  init_local (&fixture->initiator, fixture->rand);
  init_local (&fixture->responder, fixture->rand);
  srudp_address_init_ipv4 (&fixture->initiator_address,
                           (const guint8[4]) { 192, 0, 2, 1 }, 1001);
  srudp_address_init_ipv4 (&fixture->responder_address,
                           (const guint8[4]) { 192, 0, 2, 2 }, 1002);
  fixture->to_initiator.remote = fixture->initiator_address;
  fixture->to_responder.remote = fixture->responder_address;
  fixture->attempt = srudp_attempt_new (&fixture->initiator,
                                        fixture->responder.keys.public_key,
                                        NULL, NULL, 0xA1, 21 * SECOND);
  srudp_candidates_add (&fixture->attempt->candidates, 0,
                        SRUDP_CANDIDATE_GIVEN, &fixture->responder_address);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  srudp_attempt_free (fixture->attempt);
  srudp_local_clear (&fixture->initiator);
  srudp_local_clear (&fixture->responder);
  g_rand_free (fixture->rand);
}

/* Answers a HELLO as the responder would; the caller frees the entry. */
static SrudpHalfOpen *
answer_hello (Fixture      *fixture,
              const guint8 *packet,
              guint64       local_id)
{
  SrudpHalfOpen *entry = g_new0 (SrudpHalfOpen, 1);
  guint8 payload[SRUDP_HELLO_MAX_NOISE_BYTES], secret[SRUDP_KEY_BYTES];
  SrudpHello hello;
  SrudpHelloTrailer trailer;
  const guint8 *noise;
  gsize size;

  g_assert_true (srudp_hello_packet_parse (packet, SRUDP_HELLO_BYTES, &noise,
                                           &size, &trailer));
  g_assert_true (srudp_handshake_read_1 (&entry->noise, &fixture->responder.keys,
                                         noise, size, &hello, payload));
  memcpy (entry->initiator_e, noise, SRUDP_KEY_BYTES);
  srudp_hello_packet_hash (packet, entry->hello_hash);
  entry->local_id = local_id;
  entry->remote_id = hello.fields.connection_id;
  srudp_local_describe (&fixture->responder, local_id, 5 * SECOND, &entry->own);
  srudp_secrets_init (&entry->secrets, NULL, NULL, test_random_fill, fixture->rand);
  srudp_secrets_offer (&entry->secrets, &entry->own.fields);
  test_random_fill (fixture->rand, secret, sizeof secret);
  entry->message_2_size = srudp_handshake_write_2 (&entry->noise, secret,
                                                   &entry->own, entry->message_2);
  g_assert_cmpuint (entry->message_2_size, >, 0);

  return entry;
}

static const guint8 no_psk[SRUDP_PSK_BYTES];

static gboolean
read_message_3 (const SrudpHalfOpen        *entry,
                const SrudpHandshakePacket *packet,
                SrudpHandshakeMessage      *message,
                SrudpNoise                 *after_3)
{
  SrudpNoise identified;

  return srudp_handshake_read_3_identity (&entry->noise, packet->noise,
                                          packet->noise_size, &identified) &&
         srudp_handshake_read_3 (&identified, no_psk, packet->noise,
                                 packet->noise_size, message, after_3);
}

static gsize
get_message_2 (Fixture       *fixture,
               SrudpHalfOpen *entry,
               const guint8  *hello,
               gint64         now,
               guint8         out[SRUDP_HANDSHAKE_MAX_BYTES])
{
  SrudpHelloTrailer trailer;
  const guint8 *noise;
  gsize size;

  g_assert_true (srudp_hello_packet_parse (hello, SRUDP_HELLO_BYTES, &noise,
                                           &size, &trailer));

  return srudp_half_open_write_2 (entry, &fixture->responder, now,
                                  &fixture->initiator_address, trailer.token,
                                  trailer.counter, out);
}

static SrudpAnswerResult
give_message_2 (Fixture      *fixture,
                gint64        now,
                const guint8 *data,
                gsize         size,
                SrudpAnswer **answer)
{
  SrudpHandshakePacket packet;
  SrudpHandshakeMessage message;
  SrudpNoise after_2;
  SrudpAnswerResult result;

  g_assert_true (srudp_handshake_packet_parse (&packet, data, size));
  result = srudp_attempt_read_answer (fixture->attempt, &fixture->initiator, now,
                                      &fixture->to_responder, &packet, &message,
                                      &after_2);
  if (result == SRUDP_ANSWER_NEW)
    *answer = srudp_attempt_add_answer (fixture->attempt, &fixture->initiator, now,
                                        &fixture->to_responder, &packet, &message,
                                        &after_2);

  return result;
}

static void
poll_hello (Fixture *fixture,
            gint64   now,
            guint8   out[SRUDP_HANDSHAKE_MAX_BYTES])
{
  SrudpPath path;
  guint8 ttl;

  g_assert_cmpuint (srudp_attempt_poll (fixture->attempt, &fixture->initiator, now,
                                        &path, &ttl, out), ==, SRUDP_HELLO_BYTES);
  g_assert_true (srudp_address_equal (&path.remote, &fixture->responder_address));
}

static void
test_both_agree (Fixture       *fixture,
                 gconstpointer  data)
{
  guint8 hello[SRUDP_HANDSHAKE_MAX_BYTES], packet[SRUDP_HANDSHAKE_MAX_BYTES];
  SrudpHandshakeMessage message;
  SrudpHandshakePacket parsed;
  SrudpHandshakeResult result;
  SrudpHalfOpen *entry;
  SrudpAnswer *answer = NULL;
  SrudpNoise after_3;
  SrudpPath path;
  guint8 ttl;
  gsize size;

  poll_hello (fixture, 0, hello);
  entry = answer_hello (fixture, hello, 0xB2);
  size = get_message_2 (fixture, entry, hello, 10 * MS, packet);
  g_assert_cmpuint (size, <=, SRUDP_HELLO_BYTES);
  g_assert_cmpint (give_message_2 (fixture, 30 * MS, packet, size, &answer), ==,
                   SRUDP_ANSWER_NEW);
  g_assert_true (answer->path_proven);
  g_assert_cmpint (answer->rtt_us, ==, 30 * MS);

  size = srudp_attempt_poll (fixture->attempt, &fixture->initiator, 32 * MS, &path,
                             &ttl, packet);
  g_assert_true (srudp_handshake_packet_parse (&parsed, packet, size));
  g_assert_cmpint (parsed.type, ==, SRUDP_PACKET_MESSAGE_3);
  g_assert_cmpuint (parsed.destination_id, ==, 0xB2);
  g_assert_cmpuint (parsed.echo.echo_delay_us, ==, 2 * MS);
  g_assert_true (read_message_3 (entry, &parsed, &message, &after_3));
  srudp_handshake_finish (&after_3, &entry->secrets, &entry->own, &message,
                          &result);

  g_assert_cmpmem (result.binding, SRUDP_KEY_BYTES,
                   answer->result.binding, SRUDP_KEY_BYTES);
  g_assert_cmpmem (result.send_secret, SRUDP_SHA256_BYTES,
                   answer->result.receive_secret, SRUDP_SHA256_BYTES);
  g_assert_cmpmem (result.receive_secret, SRUDP_SHA256_BYTES,
                   answer->result.send_secret, SRUDP_SHA256_BYTES);
  g_assert_cmpmem (result.peer_key, SRUDP_KEY_BYTES,
                   fixture->initiator.keys.public_key, SRUDP_KEY_BYTES);
  g_assert_cmpmem (answer->result.peer_key, SRUDP_KEY_BYTES,
                   fixture->responder.keys.public_key, SRUDP_KEY_BYTES);
  g_assert_cmpuint (result.remote_id, ==, 0xA1);
  g_assert_cmpuint (answer->result.remote_id, ==, 0xB2);
  g_assert_cmpint (answer->result.remote_params.idle_timeout_us, ==, 5 * SECOND);
  g_assert_cmpint (result.remote_params.idle_timeout_us, ==, 21 * SECOND);
  g_assert_cmpint (result.cipher, ==, answer->result.cipher);
  g_assert_cmpint (srudp_sent_times_rtt (&entry->sent, 47 * MS,
                                         parsed.echo.echo_counter,
                                         parsed.echo.echo_delay_us), ==, 35 * MS);
  g_free (entry);
}

/* Bad copies change nothing: the good one is still good. */
static void
test_spoilt_messages (Fixture       *fixture,
                      gconstpointer  data)
{
  guint8 hello[SRUDP_HANDSHAKE_MAX_BYTES], packet[SRUDP_HANDSHAKE_MAX_BYTES];
  SrudpHandshakePacket parsed;
  SrudpHandshakeMessage message;
  SrudpHalfOpen *entry;
  SrudpAnswer *answer = NULL;
  SrudpNoise after_3;
  SrudpPath path;
  guint8 ttl;
  gsize size;

  poll_hello (fixture, 0, hello);
  entry = answer_hello (fixture, hello, 0xB2);
  size = get_message_2 (fixture, entry, hello, 10 * MS, packet);
  for (gsize i = SRUDP_HANDSHAKE_HEADER_BYTES; i < size; i++)
    {
      packet[i] ^= 0x10;
      g_assert_cmpint (give_message_2 (fixture, 20 * MS, packet, size, &answer), ==,
                       SRUDP_ANSWER_FORGED);
      packet[i] ^= 0x10;
    }
  for (gsize cut = SRUDP_HANDSHAKE_HEADER_BYTES; cut < size; cut++)
    g_assert_cmpint (give_message_2 (fixture, 20 * MS, packet, cut, &answer), ==,
                     SRUDP_ANSWER_FORGED);
  g_assert_cmpuint (fixture->attempt->n_answers, ==, 0);
  g_assert_cmpint (give_message_2 (fixture, 30 * MS, packet, size, &answer), ==,
                   SRUDP_ANSWER_NEW);

  size = srudp_attempt_poll (fixture->attempt, &fixture->initiator, 30 * MS, &path,
                             &ttl, packet);
  for (gsize i = SRUDP_HANDSHAKE_HEADER_BYTES; i < size; i++)
    {
      packet[i] ^= 0x10;
      g_assert_true (srudp_handshake_packet_parse (&parsed, packet, size));
      g_assert_false (read_message_3 (entry, &parsed, &message, &after_3));
      packet[i] ^= 0x10;
    }
  g_assert_true (srudp_handshake_packet_parse (&parsed, packet, size));
  g_assert_true (read_message_3 (entry, &parsed, &message, &after_3));
  g_free (entry);
}

static void
test_four_answers (Fixture       *fixture,
                   gconstpointer  data)
{
  guint8 hello[SRUDP_HANDSHAKE_MAX_BYTES], packet[SRUDP_HANDSHAKE_MAX_BYTES];
  guint8 first[SRUDP_HANDSHAKE_MAX_BYTES];
  SrudpAnswer *answer = NULL;
  gsize size, first_size = 0;

  poll_hello (fixture, 0, hello);
  for (guint i = 0; i <= SRUDP_MAX_ANSWERS; i++)
    {
      SrudpHalfOpen *entry = answer_hello (fixture, hello, 0xB0 + i);

      size = get_message_2 (fixture, entry, hello, 10 * MS, packet);
      if (i == 0)
        {
          memcpy (first, packet, size);
          first_size = size;
        }
      g_assert_cmpint (give_message_2 (fixture, 30 * MS, packet, size, &answer), ==,
                       i < SRUDP_MAX_ANSWERS ? SRUDP_ANSWER_NEW
                                             : SRUDP_ANSWER_LIMITED);
      g_free (entry);
    }

  /* A copy of a known one is no fifth. */
  g_assert_cmpint (give_message_2 (fixture, 40 * MS, first, first_size, &answer), ==,
                   SRUDP_ANSWER_REPEATED);
  g_assert_cmpuint (fixture->attempt->n_answers, ==, SRUDP_MAX_ANSWERS);
  srudp_attempt_remove_answer (fixture->attempt, fixture->attempt->answers[2]);
  g_assert_cmpuint (fixture->attempt->n_answers, ==, SRUDP_MAX_ANSWERS - 1);
}

/* HELLO is the same every time but for its trailer. */
static void
test_hello_is_constant (Fixture       *fixture,
                        gconstpointer  data)
{
  guint8 first[SRUDP_HANDSHAKE_MAX_BYTES], next[SRUDP_HANDSHAKE_MAX_BYTES];

  poll_hello (fixture, 0, first);
  for (guint i = 0; i < 100; i++)
    {
      poll_hello (fixture, srudp_attempt_get_deadline (fixture->attempt), next);
      g_assert_cmpmem (first, SRUDP_HELLO_CONSTANT_BYTES,
                       next, SRUDP_HELLO_CONSTANT_BYTES);
      g_assert_cmpint (memcmp (first, next, SRUDP_HELLO_BYTES), !=, 0);
    }
}

/* Only the peer we expect, expecting us, makes a tag that holds. */
static void
test_tag (Fixture       *fixture,
          gconstpointer  data)
{
  guint8 packet[SRUDP_HANDSHAKE_MAX_BYTES], payload[SRUDP_HELLO_MAX_NOISE_BYTES];
  SrudpAttempt *expecting, *blind;
  SrudpHello hello;
  SrudpHelloTrailer trailer;
  SrudpNoise after_1;
  const guint8 *noise;
  gsize size;

  expecting = srudp_attempt_new (&fixture->responder, fixture->initiator.keys.public_key,
                                 NULL, NULL, 1, SECOND);
  blind = srudp_attempt_new (&fixture->responder, NULL, NULL, NULL, 2, SECOND);
  poll_hello (fixture, 0, packet);
  g_assert_true (srudp_hello_packet_parse (packet, SRUDP_HELLO_BYTES, &noise, &size,
                                           &trailer));
  g_assert_true (srudp_handshake_read_1 (&after_1, &fixture->responder.keys, noise,
                                         size, &hello, payload));
  g_assert_true (srudp_attempt_verify_tag (expecting, &hello, noise));
  g_assert_false (srudp_attempt_verify_tag (blind, &hello, noise));
  hello.peer_tag[0] ^= 1;
  g_assert_false (srudp_attempt_verify_tag (expecting, &hello, noise));
  srudp_attempt_free (expecting);
  srudp_attempt_free (blind);
}

static void
test_low_order_peer (Fixture       *fixture,
                     gconstpointer  data)
{
  const guint8 nobody[SRUDP_KEY_BYTES] = { 0 };
  SrudpAttempt *attempt = srudp_attempt_new (&fixture->initiator, nobody, NULL, NULL, 1,
                                             SECOND);

  g_assert_true (attempt->pinned);
  g_assert_false (attempt->has_tag_key);
  srudp_attempt_free (attempt);
}

static void
test_sent_times (void)
{
  SrudpSentTimes sent = { 0 };

  g_assert_cmpint (srudp_sent_times_rtt (&sent, 100, 0, 0), ==, -1);
  g_assert_cmpint (srudp_sent_times_rtt (&sent, 100, 1, 0), ==, -1);
  for (guint32 i = 1; i <= 2 * SRUDP_SENT_TIMES; i++)
    g_assert_cmpuint (srudp_sent_times_add (&sent, i * 10), ==, i);
  g_assert_cmpint (srudp_sent_times_rtt (&sent, 99999, SRUDP_SENT_TIMES, 0), ==, -1);
  g_assert_cmpint (srudp_sent_times_rtt (&sent, 99999, 2 * SRUDP_SENT_TIMES + 1, 0),
                   ==, -1);
  g_assert_cmpint (srudp_sent_times_rtt (&sent, 5200, 2 * SRUDP_SENT_TIMES, 0), ==,
                   5200 - 20 * SRUDP_SENT_TIMES);
  g_assert_cmpint (srudp_sent_times_rtt (&sent, 5200, 2 * SRUDP_SENT_TIMES, 30), ==,
                   5170 - 20 * SRUDP_SENT_TIMES);
  g_assert_cmpint (srudp_sent_times_rtt (&sent, 5200, 2 * SRUDP_SENT_TIMES, 99999),
                   ==, -1);
}

static const guint8 table_secret[SRUDP_SIPHASH_KEY_BYTES] = "whatever";

static SrudpHalfOpen *
make_entry (guint   n,
            gpointer waiting)
{
  SrudpHalfOpen *entry = g_new0 (SrudpHalfOpen, 1);

  entry->local_id = n + 1;
  memcpy (entry->hello_hash, &n, sizeof n);
  memcpy (entry->initiator_e, &n, sizeof n);
  entry->waiting = waiting;
  entry->matched = waiting != NULL;

  return entry;
}

static guint
insert (SrudpHalfOpenTable *table,
        guint               n,
        guint8              host,
        gpointer            waiting)
{
  SrudpAddress address;
  guint8 ip[4] = { 10, (guint8) (n >> 8), (guint8) n, host };

  if (host != 0)
    ip[1] = ip[2] = 0;
  srudp_address_init_ipv4 (&address, ip, (guint16) (n + 1));

  return srudp_half_open_insert (table, n, make_entry (n, waiting), &address);
}

static void
test_table_limits (void)
{
  SrudpHalfOpenTable table;
  int waiting;
  guint n = 0;

  srudp_half_open_table_init (&table, table_secret);

  /* One address, any port: 16, the oldest goes. */
  for (; n < SRUDP_HALF_OPEN_PER_ADDRESS; n++)
    g_assert_cmpuint (insert (&table, n, 7, NULL), ==, 0);
  g_assert_cmpuint (insert (&table, n++, 7, NULL), ==, 1);
  g_assert_null (srudp_half_open_find_id (&table, 1));
  g_assert_nonnull (srudp_half_open_find_id (&table, 2));

  /* A waiting open has its own four. */
  for (guint i = 0; i < SRUDP_HALF_OPEN_PER_OPEN; i++)
    g_assert_cmpuint (insert (&table, n++, 7, &waiting), ==, 0);
  g_assert_cmpuint (insert (&table, n++, 7, &waiting), ==, 1);

  /* A full table evicts from the address that has most. */
  while (table.entries->len < SRUDP_HALF_OPEN_MAX)
    g_assert_cmpuint (insert (&table, n++, 0, NULL), ==, 0);
  g_assert_nonnull (srudp_half_open_find_id (&table, 2));
  g_assert_cmpuint (insert (&table, n++, 0, NULL), ==, 1);
  g_assert_null (srudp_half_open_find_id (&table, 2));
  g_assert_cmpuint (table.entries->len, ==, SRUDP_HALF_OPEN_MAX);

  srudp_half_open_table_clear (&table);
}

static void
test_table_forgets (void)
{
  SrudpHalfOpenTable table;
  SrudpHalfOpen *blocked, *other;
  guint8 e[SRUDP_KEY_BYTES] = { 0 };
  guint n = 3;
  int waiting;

  srudp_half_open_table_init (&table, table_secret);
  g_assert_cmpint (table.next_sweep, ==, -1);
  for (guint i = 0; i < 4; i++)
    insert (&table, i, 1, i < 2 ? &waiting : NULL);

  blocked = srudp_half_open_find_id (&table, 1);
  blocked->blocked_by = &waiting;
  other = srudp_half_open_find_id (&table, 2);
  srudp_half_open_forget_waiting (&table, &waiting);
  g_assert_null (srudp_half_open_find_id (&table, 1));
  g_assert_null (other->waiting);
  g_assert_false (other->matched);

  /* Its HELLO may begin anew, message 3 still finds it. */
  srudp_half_open_detach (&table, other);
  g_assert_null (srudp_half_open_find_hash (&table, other->hello_hash));
  g_assert_true (srudp_half_open_find_id (&table, 2) == other);

  memcpy (e, &n, sizeof n);
  srudp_half_open_remove_ephemeral (&table, e);
  g_assert_null (srudp_half_open_find_id (&table, 4));

  srudp_half_open_sweep (&table, table.next_sweep);
  srudp_half_open_sweep (&table, table.next_sweep);
  g_assert_cmpuint (table.entries->len, ==, 0);
  g_assert_cmpint (table.next_sweep, ==, -1);
  srudp_half_open_table_clear (&table);
}

/* All pairs of states, against the diagram in docs/protocol.md. */
static void
test_state_edges (void)
{
  static const char *const edges[SRUDP_N_STATES] = {
    /*                          N R W P S E U > C */
    [SRUDP_STATE_NEW]         = "..x..x..x",
    [SRUDP_STATE_RESOLVING]   = ".........",
    [SRUDP_STATE_WAITING]     = "...x....x",
    [SRUDP_STATE_PUNCHING]    = "....x...x",
    [SRUDP_STATE_SECURING]    = ".....x..x",
    [SRUDP_STATE_ESTABLISHED] = "......xxx",
    [SRUDP_STATE_UNREACHABLE] = ".....x.xx",
    [SRUDP_STATE_CLOSING]     = "........x",
    [SRUDP_STATE_CLOSED]      = ".........",
  };

  for (guint from = 0; from < SRUDP_N_STATES; from++)
    for (guint to = 0; to < SRUDP_N_STATES; to++)
      {
        g_test_message ("%u to %u", from, to);
        g_assert_cmpint (srudp_session_edge_is_legal (from, to), ==,
                         edges[from][to] == 'x');
      }
}

#define ADD(path, function) \
  g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!srudp_crypto_init ())
    return 1;

  ADD ("/handshake/both-agree", test_both_agree);
  ADD ("/handshake/spoilt-messages-change-nothing", test_spoilt_messages);
  ADD ("/attempt/hello-is-constant", test_hello_is_constant);
  ADD ("/attempt/up-to-four-answers", test_four_answers);
  ADD ("/attempt/tag-proves-both", test_tag);
  ADD ("/attempt/peer-nobody-can-be", test_low_order_peer);
  g_test_add_func ("/attempt/sent-times", test_sent_times);
  g_test_add_func ("/half-open/limits", test_table_limits);
  g_test_add_func ("/half-open/forgets", test_table_forgets);
  g_test_add_func ("/session/state-edges", test_state_edges);

  return g_test_run ();
}
