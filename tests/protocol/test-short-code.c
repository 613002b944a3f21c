/*
 * SPDX-License-Identifier: MIT
 *
 * test-short-code.c: what is committed to, revealed, and made of both
 */
#include "srudp-frame.h"
#include "srudp-short-code.h"
#include "transport-pair.h"

#include <string.h>

/* What both sides of one handshake hold. */
typedef struct
{
  guint8 binding[SRUDP_KEY_BYTES];
  guint8 nonces[2][SRUDP_SAS_BYTES];
  SrudpShortCode codes[2];
} Sides;

static void
init_sides (Sides *sides)
{
  guint8 commitments[2][SRUDP_SAS_BYTES];

  for (guint i = 0; i < SRUDP_KEY_BYTES; i++)
    sides->binding[i] = (guint8) i;
  for (guint i = 0; i < 2; i++)
    {
      memset (sides->nonces[i], 1 + i, SRUDP_SAS_BYTES);
      srudp_short_code_commit (commitments[i], sides->nonces[i]);
    }
  for (guint i = 0; i < 2; i++)
    srudp_short_code_init (&sides->codes[i], i == A, sides->binding,
                           sides->nonces[i], commitments[1 - i]);
}

static void
assert_wiped (const SrudpShortCode *code)
{
  static const guint8 nothing[SRUDP_SAS_BYTES];

  g_assert_cmpmem (code->own, SRUDP_SAS_BYTES, nothing, SRUDP_SAS_BYTES);
}

/* Computed elsewhere, by docs/protocol.md. */
static void
test_known_answer (void)
{
  static const guint8 commitment[] = {
    0x0f, 0x11, 0x9c, 0xe4, 0xe0, 0xed, 0xea, 0x9b, 0x26, 0x2d, 0xf6,
    0x1b, 0xa4, 0x0a, 0x01, 0xc9, 0x10, 0x0d, 0x9a, 0x93, 0x32, 0xe9,
    0x04, 0xbd, 0x88, 0xd1, 0x5a, 0x37, 0xf5, 0xf1, 0x9a, 0xce,
  };
  static const guint8 symbols[] = { 47, 55, 29, 15, 9, 17, 58 };
  Sides sides;

  init_sides (&sides);
  g_assert_cmpmem (sides.codes[B].commitment, SRUDP_SAS_BYTES,
                   commitment, sizeof commitment);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (srudp_short_code_take (&sides.codes[i], sides.nonces[1 - i]));
      g_assert_true (sides.codes[i].is_known);
      g_assert_cmpmem (sides.codes[i].symbols, SRUDP_SHORT_CODE_SYMBOLS,
                       symbols, sizeof symbols);
    }
}

static void
test_another_nonce (void)
{
  Sides sides;

  init_sides (&sides);
  g_assert_false (srudp_short_code_take (&sides.codes[A], sides.nonces[A]));
  g_assert_false (sides.codes[A].is_known);
  g_assert_true (srudp_short_code_take (&sides.codes[A], sides.nonces[B]));
  g_assert_true (srudp_short_code_take (&sides.codes[A], sides.nonces[B]));
  g_assert_false (srudp_short_code_take (&sides.codes[A], sides.nonces[A]));
  g_assert_true (sides.codes[A].is_known);
}

static void
test_older_peer (void)
{
  static const guint8 none[SRUDP_SAS_BYTES];
  Sides sides;

  init_sides (&sides);
  g_assert_true (srudp_short_code_is_wanted (&sides.codes[A]));
  srudp_short_code_init (&sides.codes[A], TRUE, sides.binding, sides.nonces[A],
                         none);
  g_assert_false (srudp_short_code_is_wanted (&sides.codes[A]));
  g_assert_false (srudp_short_code_take (&sides.codes[A], none));
  g_assert_false (sides.codes[A].is_known);
}

/* Neither before both things it is needed for are done, nor later. */
static void
test_nonce_is_wiped (void)
{
  Sides sides;

  init_sides (&sides);
  srudp_short_code_set_revealed (&sides.codes[A]);
  g_assert_cmpmem (sides.codes[A].own, SRUDP_SAS_BYTES, sides.nonces[A],
                   SRUDP_SAS_BYTES);
  g_assert_true (srudp_short_code_take (&sides.codes[A], sides.nonces[B]));
  assert_wiped (&sides.codes[A]);

  g_assert_true (srudp_short_code_take (&sides.codes[B], sides.nonces[A]));
  g_assert_cmpmem (sides.codes[B].own, SRUDP_SAS_BYTES, sides.nonces[B],
                   SRUDP_SAS_BYTES);
  srudp_short_code_set_revealed (&sides.codes[B]);
  assert_wiped (&sides.codes[B]);
}

/* Who sits between two handshakes may pass on all that both sides commit to and
 * reveal, even back to where it came from: it is of another handshake. */
static void
test_passed_on_between_handshakes (void)
{
  Sides sides, other;

  init_sides (&sides);
  init_sides (&other);
  other.codes[B].binding[0] ^= 1;
  g_assert_true (srudp_short_code_take (&sides.codes[A], sides.nonces[B]));
  g_assert_true (srudp_short_code_take (&other.codes[B], sides.nonces[A]));
  g_assert_cmpint (memcmp (sides.codes[A].symbols, other.codes[B].symbols,
                           SRUDP_SHORT_CODE_SYMBOLS), !=, 0);

  /* The roles count, too. */
  other.codes[B].initiator = TRUE;
  other.codes[B].binding[0] ^= 1;
  other.codes[B].is_known = FALSE;
  g_assert_true (srudp_short_code_take (&other.codes[B], sides.nonces[A]));
  g_assert_cmpint (memcmp (sides.codes[A].symbols, other.codes[B].symbols,
                           SRUDP_SHORT_CODE_SYMBOLS), !=, 0);
}

/* Two transports of that handshake. */
static Pair *
make_pair (Sides *sides)
{
  SrudpTransportConfig configs[2];

  init_sides (sides);
  for (guint i = 0; i < 2; i++)
    {
      pair_init_config (&configs[i], i);
      configs[i].short_code = &sides->codes[i];
    }

  return pair_new_full (g_test_rand_int (), &configs[A], &configs[B]);
}

static gboolean
is_known (Pair  *pair,
          guint  end)
{
  guint8 symbols[SRUDP_SHORT_CODE_SYMBOLS];

  return srudp_transport_get_short_code (pair->ends[end].transport, symbols);
}

static gboolean
are_both_known (Pair *pair)
{
  return is_known (pair, A) && is_known (pair, B);
}

static void
assert_equal_codes (Pair *pair)
{
  guint8 symbols[2][SRUDP_SHORT_CODE_SYMBOLS];

  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (srudp_transport_get_short_code (pair->ends[i].transport,
                                                     symbols[i]));
      g_assert_cmpuint (pair->ends[i].events[SRUDP_EVENT_SHORT_CODE], ==, 1);
    }
  g_assert_cmpmem (symbols[A], SRUDP_SHORT_CODE_SYMBOLS,
                   symbols[B], SRUDP_SHORT_CODE_SYMBOLS);
}

static void
inject_reveal (Pair         *pair,
               guint         to,
               const guint8 *nonce)
{
  SrudpFrame frame = { .type = SRUDP_FRAME_SAS_REVEAL };
  guint8 payload[64];
  SrudpWriter writer;

  memcpy (frame.sas_reveal.nonce, nonce, SRUDP_SAS_BYTES);
  srudp_writer_init (&writer, payload, sizeof payload);
  g_assert_true (srudp_frame_write (&writer, &frame));
  pair_inject (pair, to, payload, writer.size);
}

static void
test_reveals_are_repeated (void)
{
  Sides sides;
  g_autoptr (Pair) pair = make_pair (&sides);

  pair->network.loss[A] = pair->network.loss[B] = 0.4;
  pair->network.duplication = 0.2;
  for (guint i = 0; i < 2; i++)
    srudp_transport_reveal (pair->ends[i].transport);
  g_assert_true (pair_run_until (pair, are_both_known, 20 * SECOND));
  assert_equal_codes (pair);
}

/* One side alone can't know it, and the connection is none the worse. */
static void
test_a_missing_reveal (void)
{
  Sides sides;
  g_autoptr (Pair) pair = make_pair (&sides);

  srudp_transport_reveal (pair->ends[A].transport);
  pair_run (pair, 5 * SECOND);
  g_assert_true (is_known (pair, B));
  g_assert_false (is_known (pair, A));
  g_assert_cmpint (pair->ends[A].state, ==, SRUDP_STATE_ESTABLISHED);

  srudp_transport_reveal (pair->ends[B].transport);
  pair_run (pair, SECOND);
  assert_equal_codes (pair);
}

static void
assert_broken (Pair *pair)
{
  pair_run (pair, SECOND);
  g_assert_cmpint (pair->ends[B].state, ==, SRUDP_STATE_CLOSED);
  g_assert_cmpint (pair->ends[B].reason, ==, SRUDP_REASON_PROTOCOL);
  g_assert_cmpint (pair->ends[A].state, ==, SRUDP_STATE_CLOSED);
}

static void
test_a_wrong_reveal (void)
{
  Sides sides;
  g_autoptr (Pair) pair = make_pair (&sides);
  guint8 nonce[SRUDP_SAS_BYTES];

  memcpy (nonce, sides.nonces[A], sizeof nonce);
  nonce[SRUDP_SAS_BYTES - 1] ^= 1;
  inject_reveal (pair, B, nonce);
  assert_broken (pair);
  g_assert_false (is_known (pair, B));
}

static void
test_a_second_reveal (void)
{
  Sides sides;
  g_autoptr (Pair) pair = make_pair (&sides);

  for (guint i = 0; i < 2; i++)
    srudp_transport_reveal (pair->ends[i].transport);
  pair_run (pair, SECOND);
  inject_reveal (pair, B, sides.nonces[A]);
  pair_run (pair, SECOND);
  g_assert_cmpint (pair->ends[B].state, ==, SRUDP_STATE_ESTABLISHED);
  assert_equal_codes (pair);

  inject_reveal (pair, B, sides.nonces[B]);
  assert_broken (pair);
}

/* Nothing is revealed to a peer that made no commitment, and nothing taken. */
static void
test_a_reveal_out_of_nothing (void)
{
  g_autoptr (Pair) pair = pair_new (g_test_rand_int ());
  static const guint8 nonce[SRUDP_SAS_BYTES];

  for (guint i = 0; i < 2; i++)
    srudp_transport_reveal (pair->ends[i].transport);
  pair_run (pair, SECOND);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_false (is_known (pair, i));
      g_assert_cmpint (pair->ends[i].state, ==, SRUDP_STATE_ESTABLISHED);
      g_assert_cmpuint (pair->ends[i].events[SRUDP_EVENT_SHORT_CODE], ==, 0);
    }
  inject_reveal (pair, B, nonce);
  assert_broken (pair);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (srudp_crypto_init ());
  g_test_add_func ("/short-code/is-computed-as-documented", test_known_answer);
  g_test_add_func ("/short-code/takes-only-what-was-committed-to",
                   test_another_nonce);
  g_test_add_func ("/short-code/needs-a-peer-that-has-one", test_older_peer);
  g_test_add_func ("/short-code/nonce-is-wiped-when-all-is-done",
                   test_nonce_is_wiped);
  g_test_add_func ("/short-code/is-of-one-handshake-and-its-roles",
                   test_passed_on_between_handshakes);
  g_test_add_func ("/short-code/reveal/is-repeated-until-acknowledged",
                   test_reveals_are_repeated);
  g_test_add_func ("/short-code/reveal/is-missing", test_a_missing_reveal);
  g_test_add_func ("/short-code/reveal/is-wrong", test_a_wrong_reveal);
  g_test_add_func ("/short-code/reveal/comes-again-or-another",
                   test_a_second_reveal);
  g_test_add_func ("/short-code/reveal/without-a-commitment",
                   test_a_reveal_out_of_nothing);

  return g_test_run ();
}
