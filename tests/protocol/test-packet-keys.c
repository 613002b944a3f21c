/*
 * SPDX-License-Identifier: MIT
 *
 * test-packet-keys.c: packets on the wire, key updates, and what forgery does
 */

/* The limits are too far away to be reached in a test: it sets the counters. */
#include "srudp-packet-keys.c"

#include "test-bytes.h"

#define ID G_GUINT64_CONSTANT (0x0123456789abcdef)
#define MAX_PACKET_BYTES 2048

static const SrudpCipher ciphers[] = { SRUDP_CIPHER_CHACHA20_POLY1305,
                                       SRUDP_CIPHER_AES_256_GCM };

typedef struct
{
  SrudpPacketKeys *sealing, *opening;
  gint64 largest;
  guint8 packet[MAX_PACKET_BYTES];
  gsize size;
  SrudpOpenedPacket opened;
} Pair;

static SrudpPacketKeys *
new_keys (SrudpCipher cipher)
{
  guint8 secret[SRUDP_SHA256_BYTES];

  for (guint8 i = 0; i < sizeof secret; i++)
    secret[i] = i;

  return srudp_packet_keys_new (cipher, secret);
}

static void
pair_init (Pair *pair, SrudpCipher cipher)
{
  memset (pair, 0, sizeof *pair);
  pair->sealing = new_keys (cipher);
  pair->opening = new_keys (cipher);
  pair->largest = -1;
}

static void
pair_clear (Pair *pair)
{
  srudp_packet_keys_free (pair->sealing);
  srudp_packet_keys_free (pair->opening);
}

static void
seal (Pair *pair, guint64 packet_number, gint64 largest_acked, const char *payload)
{
  gsize header_size = srudp_packet_keys_write_header (pair->sealing, pair->packet, ID,
                                                      packet_number, largest_acked);

  memcpy (pair->packet + header_size, payload, strlen (payload));
  pair->size = srudp_packet_keys_seal (pair->sealing, pair->packet, header_size,
                                       strlen (payload), packet_number);
  g_assert_cmpuint (pair->size, ==, header_size + strlen (payload) + SRUDP_AEAD_TAG_BYTES);
}

static SrudpOpenResult
open_packet (Pair *pair)
{
  SrudpOpenResult result = srudp_packet_keys_open (pair->opening, pair->packet, pair->size,
                                                   pair->largest, &pair->opened);

  if (result == SRUDP_OPEN_OK)
    pair->largest = MAX (pair->largest, (gint64) pair->opened.packet_number);

  return result;
}

static void
assert_passes (Pair *pair, guint64 packet_number, guint64 phase)
{
  seal (pair, packet_number, -1, "some frames");
  g_assert_cmpint (open_packet (pair), ==, SRUDP_OPEN_OK);
  g_assert_cmpuint (pair->opened.packet_number, ==, packet_number);
  g_assert_cmpuint (pair->opened.phase, ==, phase);
  g_assert_cmpmem (pair->opened.payload, pair->opened.payload_size, "some frames", 11);
  g_assert_false (pair->opened.reserved);
}

/* Made by an independent program from the description of the format. */
typedef struct
{
  SrudpCipher cipher;
  guint64 packet_number;
  gint64 largest_acked;
  guint n_updates;
  const char *payload; /* hexadecimal */
  const char *packet;
} WireVector;

#define FORTY_TWO "666f7274792d74776f206279746573" /* forty-two bytes */
#define BIG G_GUINT64_CONSTANT (0x3ace8fe123456789)

static const WireVector wire_vectors[] = {
  { SRUDP_CIPHER_CHACHA20_POLY1305, 0, -1, 0, "010000",
    "420123456789abcdefecda3bb2da3548c01077a57903f163220614e9be" },
  { SRUDP_CIPHER_CHACHA20_POLY1305, 0xac5c02, 0xabe8b3, 0, FORTY_TWO,
    "580123456789abcdef507ca5b8e886553701183f79a0c3243ef851b6b98eb7bf0817b4d704a638f3d2b3" },
  { SRUDP_CIPHER_CHACHA20_POLY1305, 0xace8fe, 0xabe8b3, 1, FORTY_TWO,
    "400123456789abcdef06656e6adec13e689deb53a8114386b7cac308101b32d00eb92f238f5ff46b1c2819" },
  { SRUDP_CIPHER_CHACHA20_POLY1305, BIG, (gint64) BIG - (1 << 24), 2, FORTY_TWO,
    "570123456789abcdef2b17a4d56049a046fac6c4476a4315621f1aa64a918fb16746662ea8ff9c668870ae95" },
  { SRUDP_CIPHER_AES_256_GCM, 0, -1, 0, "010000",
    "4b0123456789abcdef340f94deb546f5e5a80f66ac1d378f1f0757fa0e" },
  { SRUDP_CIPHER_AES_256_GCM, 0xac5c02, 0xabe8b3, 0, FORTY_TWO,
    "400123456789abcdefa5ba9f12a8f50bf0bb9214cc52e70b6276397ba53c31a8f96ae193ce879f16f294" },
  { SRUDP_CIPHER_AES_256_GCM, 0xace8fe, 0xabe8b3, 1, FORTY_TWO,
    "5c0123456789abcdef5fb3c5b80827d60f1973603b94830b0d5267db26dad5b500946733bb97b39fe09a23" },
  { SRUDP_CIPHER_AES_256_GCM, BIG, (gint64) BIG - (1 << 24), 2, FORTY_TWO,
    "460123456789abcdefcf2c8747b35636af4bcb55dafb8848206ab03a40d094b1c8a3c996f77ab22a71b0f33e" },
};

static void
check_wire_vector (const WireVector *vector)
{
  g_autoptr (GByteArray) payload = test_bytes_from_hex (vector->payload);
  gsize header_size;
  Pair pair;

  pair_init (&pair, vector->cipher);
  for (guint i = 0; i < vector->n_updates; i++)
    {
      srudp_packet_keys_update (pair.sealing);
      srudp_packet_keys_update (pair.opening);
    }

  header_size = srudp_packet_keys_write_header (pair.sealing, pair.packet, ID,
                                                vector->packet_number, vector->largest_acked);
  memcpy (pair.packet + header_size, payload->data, payload->len);
  pair.size = srudp_packet_keys_seal (pair.sealing, pair.packet, header_size, payload->len,
                                      vector->packet_number);
  test_assert_bytes (pair.packet, pair.size, vector->packet);

  pair.largest = (gint64) vector->packet_number - 1;
  g_assert_cmpint (open_packet (&pair), ==, SRUDP_OPEN_OK);
  g_assert_cmpuint (pair.opened.packet_number, ==, vector->packet_number);
  g_assert_cmpmem (pair.opened.payload, pair.opened.payload_size, payload->data, payload->len);
  pair_clear (&pair);
}

static void
test_wire (gconstpointer data)
{
  SrudpCipher cipher = *(const SrudpCipher *) data;

  for (gsize i = 0; i < G_N_ELEMENTS (wire_vectors); i++)
    if (wire_vectors[i].cipher == cipher)
      check_wire_vector (&wire_vectors[i]);
}

/* The connection id is for the demultiplexer; of the rest every bit varies,
 * though only the packet number changes. */
static void
test_header_is_masked (gconstpointer data)
{
  guint8 any[SRUDP_PACKET_NUMBER_OFFSET + 1] = { 0 };
  guint8 all[SRUDP_PACKET_NUMBER_OFFSET + 1];
  Pair pair;

  memset (all, 0xff, sizeof all);
  pair_init (&pair, *(const SrudpCipher *) data);
  for (guint i = 0; i < 100; i++)
    {
      seal (&pair, i, (gint64) i - 1, "abc");
      for (gsize j = 0; j < sizeof any; j++)
        {
          any[j] |= pair.packet[j];
          all[j] &= pair.packet[j];
        }
    }

  test_assert_bytes (any, sizeof any, "5f0123456789abcdefff");
  test_assert_bytes (all, sizeof all, "400123456789abcdef00");
  pair_clear (&pair);
}

static void
test_every_bit_is_authenticated (gconstpointer data)
{
  guint8 sent[MAX_PACKET_BYTES];
  Pair pair;

  pair_init (&pair, *(const SrudpCipher *) data);
  assert_passes (&pair, 0, 0);
  seal (&pair, 1, 0, "some frames");
  memcpy (sent, pair.packet, pair.size);

  for (gsize bit = 0; bit < 8 * pair.size; bit++)
    {
      guint8 flip = (guint8) (1 << bit % 8);

      pair.packet[bit / 8] ^= flip;
      g_assert_cmpint (open_packet (&pair), ==,
                       bit / 8 == 0 && (flip & 0xe0) ? SRUDP_OPEN_MALFORMED : SRUDP_OPEN_FORGED);
      pair.packet[bit / 8] ^= flip;
      g_assert_cmpmem (pair.packet, pair.size, sent, pair.size);
    }

  g_assert_cmpuint (srudp_packet_keys_get_forged (pair.opening), >, 8 * pair.size - 16);
  g_assert_cmpuint (srudp_packet_keys_get_phase (pair.opening), ==, 0);
  g_assert_cmpint (open_packet (&pair), ==, SRUDP_OPEN_OK);
  pair_clear (&pair);
}

static void
test_truncated_and_junk (gconstpointer data)
{
  Pair pair;
  gsize whole;

  pair_init (&pair, *(const SrudpCipher *) data);
  seal (&pair, 0, -1, "some frames");
  whole = pair.size;
  for (gsize size = 0; size < whole; size++)
    {
      /* On the heap, so that a checker sees any step past the end. */
      g_autofree guint8 *exact = g_memdup2 (pair.packet, size);

      g_assert_cmpint (srudp_packet_keys_open (pair.opening, exact, size, -1, &pair.opened), ==,
                       size < SRUDP_PACKET_MIN_BYTES ? SRUDP_OPEN_MALFORMED : SRUDP_OPEN_FORGED);
    }

  for (guint i = 0; i < 20000; i++)
    {
      pair.size = (gsize) g_test_rand_int_range (0, 100);
      for (gsize j = 0; j < pair.size; j++)
        pair.packet[j] = (guint8) g_test_rand_int ();
      g_assert_cmpint (open_packet (&pair), !=, SRUDP_OPEN_OK);
    }
  pair_clear (&pair);
}

/* One's own packets, sent back, do not open: each direction has its keys. */
static void
test_direction_has_own_keys (gconstpointer data)
{
  guint8 other_secret[SRUDP_SHA256_BYTES] = { 1 };
  Pair pair;

  pair_init (&pair, *(const SrudpCipher *) data);
  srudp_packet_keys_free (pair.opening);
  pair.opening = srudp_packet_keys_new (*(const SrudpCipher *) data, other_secret);

  seal (&pair, 0, -1, "some frames");
  g_assert_cmpint (open_packet (&pair), ==, SRUDP_OPEN_FORGED);
  pair_clear (&pair);
}

static void
test_smallest_and_largest (gconstpointer data)
{
  g_autofree guint8 *packet = g_malloc0 (SRUDP_PACKET_MAX_HEADER_BYTES + 65507);
  gsize header_size;
  Pair pair;

  pair_init (&pair, *(const SrudpCipher *) data);
  seal (&pair, 0, -1, "abc");
  g_assert_cmpuint (pair.size, ==, SRUDP_PACKET_MIN_BYTES);
  g_assert_cmpint (open_packet (&pair), ==, SRUDP_OPEN_OK);
  g_assert_cmpuint (pair.opened.payload_size, ==, 3);

  header_size = srudp_packet_keys_write_header (pair.sealing, packet, ID, 1, 0);
  pair.size = srudp_packet_keys_seal (pair.sealing, packet, header_size,
                                      65507 - header_size - SRUDP_AEAD_TAG_BYTES, 1);
  g_assert_cmpuint (pair.size, ==, 65507);
  g_assert_cmpint (srudp_packet_keys_open (pair.opening, packet, pair.size, 0, &pair.opened), ==,
                   SRUDP_OPEN_OK);
  pair_clear (&pair);
}

/* Authentic, hence the peer's own fault and not a forger's. */
static void
test_reserved_bits_are_reported (gconstpointer data)
{
  gsize header_size;
  Pair pair;

  pair_init (&pair, *(const SrudpCipher *) data);
  header_size = srudp_packet_keys_write_header (pair.sealing, pair.packet, ID, 0, -1);
  pair.packet[0] |= 0x08;
  pair.size = srudp_packet_keys_seal (pair.sealing, pair.packet, header_size, 3, 0);
  g_assert_cmpint (open_packet (&pair), ==, SRUDP_OPEN_OK);
  g_assert_true (pair.opened.reserved);
  pair_clear (&pair);
}

static void
test_update (gconstpointer data)
{
  Pair pair;

  pair_init (&pair, *(const SrudpCipher *) data);
  for (guint64 phase = 0; phase < 5; phase++)
    {
      g_assert_cmpuint (srudp_packet_keys_get_sealed (pair.sealing), ==, 0);
      for (guint64 i = 0; i < 3; i++)
        assert_passes (&pair, 3 * phase + i, phase);
      g_assert_cmpuint (srudp_packet_keys_get_phase (pair.opening), ==, phase);
      g_assert_cmpuint (srudp_packet_keys_get_sealed (pair.sealing), ==, 3);
      srudp_packet_keys_update (pair.sealing);
    }
  pair_clear (&pair);
}

/* Packets around an update arrive in any order. */
static void
test_update_with_reordering (gconstpointer data)
{
  guint8 packets[6][MAX_PACKET_BYTES];
  gsize sizes[6];
  static const struct
  {
    gsize packet;
    guint64 phase;
  } arrivals[] = { { 1, 0 }, { 4, 1 }, { 2, 0 }, { 3, 1 }, { 0, 0 }, { 5, 1 } };
  Pair pair;

  pair_init (&pair, *(const SrudpCipher *) data);
  for (gsize i = 0; i < 6; i++)
    {
      if (i == 3)
        srudp_packet_keys_update (pair.sealing);
      seal (&pair, i, -1, "some frames");
      memcpy (packets[i], pair.packet, pair.size);
      sizes[i] = pair.size;
    }

  for (gsize i = 0; i < G_N_ELEMENTS (arrivals); i++)
    {
      pair.size = sizes[arrivals[i].packet];
      memcpy (pair.packet, packets[arrivals[i].packet], pair.size);
      g_assert_cmpint (open_packet (&pair), ==, SRUDP_OPEN_OK);
      g_assert_cmpuint (pair.opened.packet_number, ==, arrivals[i].packet);
      g_assert_cmpuint (pair.opened.phase, ==, arrivals[i].phase);
    }
  pair_clear (&pair);
}

/* All packets of the first phase were lost. */
static void
test_update_before_anything_arrived (gconstpointer data)
{
  Pair pair;

  pair_init (&pair, *(const SrudpCipher *) data);
  srudp_packet_keys_update (pair.sealing);
  assert_passes (&pair, 5, 1);
  pair_clear (&pair);
}

static void
test_previous_phase_ends (gconstpointer data)
{
  guint8 old_packet[MAX_PACKET_BYTES];
  gsize old_size;
  Pair pair;

  pair_init (&pair, *(const SrudpCipher *) data);
  assert_passes (&pair, 0, 0);
  seal (&pair, 1, -1, "some frames");
  memcpy (old_packet, pair.packet, pair.size);
  old_size = pair.size;
  srudp_packet_keys_update (pair.sealing);
  assert_passes (&pair, 2, 1);

  srudp_packet_keys_drop_previous (pair.opening);
  srudp_packet_keys_drop_previous (pair.opening);
  memcpy (pair.packet, old_packet, old_size);
  pair.size = old_size;
  g_assert_cmpint (open_packet (&pair), ==, SRUDP_OPEN_FORGED);
  assert_passes (&pair, 3, 1);
  pair_clear (&pair);
}

/* RFC 9001, section 6.4: a new number under old keys is refused. */
static void
test_old_keys_for_new_packets (gconstpointer data)
{
  Pair pair, stuck;

  pair_init (&pair, *(const SrudpCipher *) data);
  pair_init (&stuck, *(const SrudpCipher *) data);
  assert_passes (&pair, 0, 0);
  srudp_packet_keys_update (pair.sealing);
  assert_passes (&pair, 1, 1);

  seal (&stuck, 2, -1, "some frames");
  g_assert_cmpint (srudp_packet_keys_open (pair.opening, stuck.packet, stuck.size, 1,
                                           &pair.opened), ==, SRUDP_OPEN_FORGED);
  g_assert_cmpuint (srudp_packet_keys_get_phase (pair.opening), ==, 1);
  pair_clear (&stuck);
  pair_clear (&pair);
}

static void
mix (SrudpPacketKeys *keys, guint8 dh, guint64 n, guint8 share_a, guint8 share_b)
{
  guint8 bytes[3][32];

  memset (bytes[0], dh, 32);
  memset (bytes[1], share_a, 32);
  memset (bytes[2], share_b, 32);
  srudp_packet_keys_mix_dh (keys, bytes[0], n, bytes[1], bytes[2]);
}

static void
test_fresh_dh (gconstpointer data)
{
  SrudpCipher cipher = *(const SrudpCipher *) data;
  Pair pair;

  pair_init (&pair, cipher);
  mix (pair.sealing, 0xd4, 1, 0x01, 0xfe);
  mix (pair.opening, 0xd4, 1, 0xfe, 0x01);

  /* It has no effect on this phase. */
  assert_passes (&pair, 299, 0);
  srudp_packet_keys_update (pair.sealing);
  seal (&pair, 300, 299, "fresh");
  test_assert_bytes (pair.packet, pair.size,
                     cipher == SRUDP_CIPHER_AES_256_GCM
                       ? "500123456789abcdef402ef1a02f1f3ad5ea8bb43ab77090cc668df026dd8e"
                       : "460123456789abcdef56dfdaf0ebabfbf3781f980272262c84880d6ab052aa");
  g_assert_cmpint (open_packet (&pair), ==, SRUDP_OPEN_OK);

  /* It lasts beyond the next one. */
  srudp_packet_keys_update (pair.sealing);
  assert_passes (&pair, 301, 2);
  pair_clear (&pair);
}

static void
test_fresh_dh_must_agree (gconstpointer data)
{
  static const struct
  {
    guint8 dh;
    guint64 n;
    guint8 share_a, share_b;
  } others[] = { { 0xd5, 1, 0x01, 0xfe },
                 { 0xd4, 2, 0x01, 0xfe },
                 { 0xd4, 1, 0x02, 0xfe },
                 { 0xd4, 1, 0x01, 0xfd } };

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      Pair pair;

      pair_init (&pair, *(const SrudpCipher *) data);
      mix (pair.sealing, 0xd4, 1, 0x01, 0xfe);
      mix (pair.opening, others[i].dh, others[i].n, others[i].share_a, others[i].share_b);
      srudp_packet_keys_update (pair.sealing);
      seal (&pair, 0, -1, "some frames");
      g_assert_cmpint (open_packet (&pair), ==, SRUDP_OPEN_FORGED);
      pair_clear (&pair);
    }
}

static void
test_limits (gconstpointer data)
{
  SrudpCipher cipher = *(const SrudpCipher *) data;
  guint64 forged_limit = G_GUINT64_CONSTANT (1) << (cipher == SRUDP_CIPHER_AES_256_GCM ? 52 : 36);
  Pair pair;

  pair_init (&pair, cipher);
  pair.sealing->sealed = SRUDP_PACKETS_HARD_LIMIT - 1;
  assert_passes (&pair, 0, 0);
  g_assert_cmpuint (srudp_packet_keys_write_header (pair.sealing, pair.packet, ID, 1, 0), ==, 10);
  g_assert_cmpuint (srudp_packet_keys_seal (pair.sealing, pair.packet, 10, 3, 1), ==, 0);
  test_assert_bytes (pair.packet, 10, "400123456789abcdef01");
  srudp_packet_keys_update (pair.sealing);
  assert_passes (&pair, 1, 1);
  g_assert_cmpuint (srudp_packet_keys_seal (pair.sealing, pair.packet, 10, 3,
                                            SRUDP_PACKET_NUMBER_MAX + 1), ==, 0);

  pair.opening->forged = forged_limit - 1;
  g_assert_false (srudp_packet_keys_is_worn_out (pair.opening));
  seal (&pair, 2, -1, "some frames");
  pair.packet[pair.size - 1] ^= 1;
  g_assert_cmpint (open_packet (&pair), ==, SRUDP_OPEN_FORGED);
  g_assert_true (srudp_packet_keys_is_worn_out (pair.opening));
  pair_clear (&pair);
}

/* RFC 9000, appendix A.2 and A.3 */
static void
test_packet_number_examples (void)
{
  g_assert_cmpuint (srudp_packet_number_size (0xac5c02, 0xabe8b3), ==, 2);
  g_assert_cmpuint (srudp_packet_number_size (0xace8fe, 0xabe8b3), ==, 3);
  g_assert_cmphex (srudp_packet_number_expand (0x9b32, 2, 0xa82f30ea), ==, 0xa82f9b32);
}

static void
test_packet_number_edges (void)
{
  static const struct
  {
    guint64 number;
    gint64 largest_acked;
    gsize size;
  } cases[] = {
    { 0, -1, 1 },        { 126, -1, 1 },
    { 127, -1, 2 },      { 32766, -1, 2 },
    { 32767, -1, 3 },    { (1 << 23) - 2, -1, 3 },
    { (1 << 23) - 1, -1, 4 }, { 1000, 999, 1 },
    { SRUDP_PACKET_NUMBER_MAX, SRUDP_PACKET_NUMBER_MAX - 1, 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize size = srudp_packet_number_size (cases[i].number, cases[i].largest_acked);
      guint32 truncated = (guint32) (cases[i].number & ((G_GUINT64_CONSTANT (1) << 8 * size) - 1));

      g_assert_cmpuint (size, ==, cases[i].size);
      g_assert_cmpuint (srudp_packet_number_expand (truncated, size, cases[i].largest_acked), ==,
                        cases[i].number);
    }
}

static guint32
random_u32 (void)
{
  return (guint32) g_test_rand_int ();
}

/* The receiver knows anything from what it last acknowledged up to all that
 * was sent: from each of these the number comes out right. */
static void
test_packet_number_round_trip (void)
{
  for (guint i = 0; i < 100000; i++)
    {
      guint64 base = ((guint64) random_u32 () << 32 | random_u32 ())
                     >> g_test_rand_int_range (3, 64);
      guint64 distance = random_u32 () >> g_test_rand_int_range (2, 32);
      guint64 number = base + distance;
      gint64 acked = (gint64) base - 1;
      gint64 largest = acked + (gint64) (random_u32 () % (2 * distance + 1));
      gsize size = srudp_packet_number_size (number, acked);
      guint32 truncated = (guint32) (number & ((G_GUINT64_CONSTANT (1) << 8 * size) - 1));

      g_assert_cmpuint (srudp_packet_number_expand (truncated, size, largest), ==, number);
    }
}

static const struct
{
  const char *name;
  GTestDataFunc func;
} tests[] = {
  { "wire", test_wire },
  { "header-is-masked", test_header_is_masked },
  { "every-bit-is-authenticated", test_every_bit_is_authenticated },
  { "truncated-and-junk", test_truncated_and_junk },
  { "direction-has-own-keys", test_direction_has_own_keys },
  { "smallest-and-largest", test_smallest_and_largest },
  { "reserved-bits-are-reported", test_reserved_bits_are_reported },
  { "update", test_update },
  { "update/with-reordering", test_update_with_reordering },
  { "update/before-anything-arrived", test_update_before_anything_arrived },
  { "update/previous-phase-ends", test_previous_phase_ends },
  { "update/old-keys-for-new-packets", test_old_keys_for_new_packets },
  { "fresh-dh", test_fresh_dh },
  { "fresh-dh/must-agree", test_fresh_dh_must_agree },
  { "limits", test_limits },
};

static void
add_tests (const SrudpCipher *cipher)
{
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/packet-keys/", srudp_cipher_get_name (*cipher), "/",
                                           tests[i].name, NULL);

      g_test_add_data_func (path, cipher, tests[i].func);
    }
}

static void
test_no_aes (void)
{
  g_test_skip ("this processor has no instructions for AES-256-GCM");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (srudp_crypto_init ());

  add_tests (&ciphers[0]);
  if (srudp_cipher_is_available (ciphers[1]))
    add_tests (&ciphers[1]);
  else
    g_test_add_func ("/packet-keys/AES-256-GCM", test_no_aes);
  g_test_add_func ("/packet-number/examples", test_packet_number_examples);
  g_test_add_func ("/packet-number/edges", test_packet_number_edges);
  g_test_add_func ("/packet-number/round-trip", test_packet_number_round_trip);

  return g_test_run ();
}
