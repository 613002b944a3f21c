/*
 * SPDX-License-Identifier: MIT
 *
 * test-crypto.c: the primitives are the published ones, and a packet that does
 * not authenticate stays as it was
 */
#include "srudp-crypto.h"

#include "test-bytes.h"

#include <stddef.h>

#if defined (__has_include) && __has_include (<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#define SECRET(data, size) ((void) VALGRIND_MAKE_MEM_UNDEFINED (data, size))
#define PUBLIC(data, size) ((void) VALGRIND_MAKE_MEM_DEFINED (data, size))
#else
#define SECRET(data, size) ((void) (data))
#define PUBLIC(data, size) ((void) (data))
#endif

/* FIPS 180-4 example, and the same in pieces */
static void
test_sha256 (void)
{
  static const char digest[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  guint8 out[SRUDP_SHA256_BYTES];
  SrudpSha256 hash;

  srudp_sha256 (out, "abc", 3);
  test_assert_bytes (out, sizeof out, digest);

  srudp_sha256_init (&hash);
  srudp_sha256_update (&hash, "a", 1);
  srudp_sha256_update (&hash, NULL, 0);
  srudp_sha256_update (&hash, "bc", 2);
  srudp_sha256_final (&hash, out);
  test_assert_bytes (out, sizeof out, digest);
}

/* RFC 4231, section 4.3 */
static void
test_hmac_sha256 (void)
{
  static const SrudpSpan spans[] = { { "what do ya want ", 16 }, { "for nothing?", 12 } };
  guint8 out[SRUDP_SHA256_BYTES];

  srudp_hmac_sha256 (out, "Jefe", 4, spans, G_N_ELEMENTS (spans));
  test_assert_bytes (out, sizeof out,
                     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/* Made with Python's hmac module. */
static void
test_hkdf (void)
{
  guint8 key[32], out[3][32];

  for (guint8 i = 0; i < sizeof key; i++)
    key[i] = i;

  srudp_hkdf (key, "input", 5, out[0], out[1], out[2]);
  test_assert_bytes (out[0], 32,
                     "6652e076ecbcbe76627293d67fcc22d29dee719f3c185066ea867eaf1e6f4c47");
  test_assert_bytes (out[1], 32,
                     "5c709f4c8626825d850cc12e878c9ea7a08159016a009bc36b8109676b9c074b");
  test_assert_bytes (out[2], 32,
                     "9d6f3254e354007293d243ca6c6ddb2d10b725c55285c73317b7d383e39fd488");

  srudp_hkdf_expand (out[0], 12, key, "a label");
  test_assert_bytes (out[0], 12, "3acc67a252f9334847b356fe");
  srudp_hkdf_expand (key, 32, key, "a label");
  test_assert_bytes (key, 32, "3acc67a252f9334847b356fe1bc674340c40f294a3d1b8e373a014fd1662469c");
}

static void
test_hkdf_in_place (void)
{
  guint8 key[32], out[2][32];

  for (guint8 i = 0; i < sizeof key; i++)
    key[i] = i;

  srudp_hkdf (key, "input", 5, key, out[0], NULL);
  test_assert_bytes (key, 32, "6652e076ecbcbe76627293d67fcc22d29dee719f3c185066ea867eaf1e6f4c47");
  test_assert_bytes (out[0], 32,
                     "5c709f4c8626825d850cc12e878c9ea7a08159016a009bc36b8109676b9c074b");
}

/* The first keyed vector of the BLAKE2 test suite, and one made with Python's
 * hashlib. */
static void
test_blake2b (void)
{
  static const SrudpSpan spans[] = { { "in two ", 7 }, { "pieces", 6 } };
  guint8 key[64], out[64];

  for (guint8 i = 0; i < sizeof key; i++)
    key[i] = i;

  srudp_blake2b (out, 64, key, 64, NULL, 0);
  test_assert_bytes (out, 64,
                     "10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786"
                     "b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568");
  srudp_blake2b (out, 16, key, 32, spans, G_N_ELEMENTS (spans));
  test_assert_bytes (out, 16, "044e3e4edc9473ef860f0638f2ed3a13");
}

/* RFC 7748, section 5.2: both functions, the second by its first iteration */
static void
test_x25519 (void)
{
  guint8 secret[32], public_key[32], shared[32];

  test_bytes_fill (secret, 32, "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4");
  test_bytes_fill (public_key, 32,
                   "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c");
  g_assert_true (srudp_x25519 (shared, secret, public_key));
  test_assert_bytes (shared, 32,
                     "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");

  test_bytes_fill (secret, 32, "0900000000000000000000000000000000000000000000000000000000000000");
  srudp_x25519_public_key (public_key, secret);
  test_assert_bytes (public_key, 32,
                     "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
}

static void
test_x25519_refuses_low_order (void)
{
  static const char *const low_order[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  };
  guint8 secret[32], public_key[32];
  guint8 shared[32] = "as it was";

  memset (secret, 0x42, sizeof secret);
  for (gsize i = 0; i < G_N_ELEMENTS (low_order); i++)
    for (guint high_bit = 0; high_bit <= 0x80; high_bit += 0x80)
      {
        test_bytes_fill (public_key, 32, low_order[i]);
        /* It is ignored (RFC 7748, section 5). */
        public_key[31] = (guint8) (public_key[31] | high_bit);
        g_assert_false (srudp_x25519 (shared, secret, public_key));
        g_assert_cmpstr ((const char *) shared, ==, "as it was");
      }
}

typedef struct
{
  SrudpCipher cipher;
  const char *name;
  const char *key, *nonce, *header, *plain, *sealed, *tag;
} AeadVector;

static const AeadVector aead_vectors[] = {
  /* RFC 8439, section 2.8.2 */
  { SRUDP_CIPHER_CHACHA20_POLY1305, "ChaCha20-Poly1305",
    "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
    "4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
    "73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
    "6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
    "637265656e20776f756c642062652069742e",
    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
    "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
    "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
    "3ff4def08e4b7a9de576d26586cec64b6116",
    "1ae10b594f09e26a7e902ecbd0600691" },
  /* The Galois/Counter Mode of Operation (McGrew, Viega), test case 16 */
  { SRUDP_CIPHER_AES_256_GCM, "AES-256-GCM",
    "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
    "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
    "76fc6ece0f4e1768cddf8853bb2d551b" },
};

static gboolean
skip_unless_available (const AeadVector *vector)
{
  if (srudp_cipher_is_available (vector->cipher))
    return FALSE;

  g_test_skip ("this processor has no instructions for the cipher");
  return TRUE;
}

static void
test_aead_vector (gconstpointer data)
{
  const AeadVector *vector = data;
  g_autoptr (GByteArray) header = test_bytes_from_hex (vector->header);
  g_autoptr (GByteArray) text = test_bytes_from_hex (vector->plain);
  guint8 key[SRUDP_AEAD_KEY_BYTES], nonce[SRUDP_AEAD_NONCE_BYTES], tag[SRUDP_AEAD_TAG_BYTES];
  SrudpAead aead;

  if (skip_unless_available (vector))
    return;
  g_assert_cmpstr (srudp_cipher_get_name (vector->cipher), ==, vector->name);
  test_bytes_fill (key, sizeof key, vector->key);
  test_bytes_fill (nonce, sizeof nonce, vector->nonce);
  srudp_aead_init (&aead, vector->cipher, key);

  srudp_aead_seal (&aead, nonce, header->data, header->len, text->data, text->len,
                   text->data, tag);
  test_assert_bytes (text->data, text->len, vector->sealed);
  test_assert_bytes (tag, sizeof tag, vector->tag);

  g_assert_true (srudp_aead_open (&aead, nonce, header->data, header->len, text->data,
                                  text->len, tag, text->data));
  test_assert_bytes (text->data, text->len, vector->plain);
}

/* At sizes around the ciphers' blocks, and of giant packets. */
static void
test_aead_failure_changes_nothing (gconstpointer data)
{
  static const gsize sizes[] = { 0, 1, 15, 16, 17, 63, 64, 65, 1200, 2048, 2049, 65507 };
  const AeadVector *vector = data;
  guint8 key[SRUDP_AEAD_KEY_BYTES], nonce[SRUDP_AEAD_NONCE_BYTES], tag[SRUDP_AEAD_TAG_BYTES];
  SrudpAead aead;

  if (skip_unless_available (vector))
    return;
  test_bytes_fill (key, sizeof key, vector->key);
  test_bytes_fill (nonce, sizeof nonce, vector->nonce);
  srudp_aead_init (&aead, vector->cipher, key);

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      gsize size = sizes[i];
      g_autofree guint8 *plain = g_malloc (size + 1);
      g_autofree guint8 *sealed = g_malloc (size + 1);
      g_autofree guint8 *packet = g_malloc (size + 1);
      g_autofree guint8 *apart = g_malloc (size + 1);

      memset (plain, (int) i + 1, size);
      memset (apart, 0xee, size + 1);
      srudp_aead_seal (&aead, nonce, "header", 6, plain, size, sealed, tag);
      memcpy (packet, sealed, size);

      g_assert_false (srudp_aead_open (&aead, nonce, "Header", 6, packet, size, tag, packet));
      g_assert_cmpmem (packet, size, sealed, size);
      g_assert_false (srudp_aead_open (&aead, nonce, "Header", 6, packet, size, tag, apart));
      for (gsize j = 0; j <= size; j++)
        g_assert_cmphex (apart[j], ==, 0xee);

      tag[15] ^= 1;
      g_assert_false (srudp_aead_open (&aead, nonce, "header", 6, packet, size, tag, packet));
      tag[15] ^= 1;
      nonce[0] ^= 1;
      g_assert_false (srudp_aead_open (&aead, nonce, "header", 6, packet, size, tag, packet));
      nonce[0] ^= 1;

      g_assert_true (srudp_aead_open (&aead, nonce, "header", 6, packet, size, tag, apart));
      g_assert_cmpmem (apart, size, plain, size);
      g_assert_cmphex (apart[size], ==, 0xee);
      g_assert_true (srudp_aead_open (&aead, nonce, "header", 6, packet, size, tag, packet));
      g_assert_cmpmem (packet, size, plain, size);
    }
}

/* RFC 9001, appendix A.5 */
static void
test_header_mask (void)
{
  guint8 key[SRUDP_AEAD_KEY_BYTES], sample[SRUDP_HEADER_SAMPLE_BYTES];
  guint8 mask[SRUDP_HEADER_MASK_BYTES];

  test_bytes_fill (key, sizeof key,
                   "25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4");
  test_bytes_fill (sample, sizeof sample, "5e5cd55c41f69080575d7999c25a5bfb");
  srudp_header_mask (mask, key, sample);
  test_assert_bytes (mask, sizeof mask, "aefefe7d03");
}

static void
test_secrets_are_aligned (void)
{
  for (gsize size = 1; size <= 33; size++)
    {
      gpointer secret = srudp_crypto_secret_alloc (size);

      g_assert_cmpuint (GPOINTER_TO_SIZE (secret) % _Alignof (max_align_t),
                        ==, 0);
      memset (secret, 0x5a, size);
      srudp_crypto_secret_free (secret);
    }
}

static void
test_comparison_and_wiping (void)
{
  guint8 a[32] = "secret", b[32] = "secret";
  guint8 *kept = srudp_crypto_secret_alloc (33);

  g_assert_true (srudp_crypto_equal (a, b, 32));
  b[31] = 1;
  g_assert_false (srudp_crypto_equal (a, b, 32));
  g_assert_true (srudp_crypto_equal (a, b, 31));

  srudp_crypto_wipe (a, 6);
  g_assert_cmpmem (a, 6, "\0\0\0\0\0\0", 6);

  memset (kept, 0x5a, 33);
  srudp_crypto_secret_free (kept);
  srudp_crypto_secret_free (NULL);
}

/* Secrets count as undefined bytes: valgrind then reports each branch and each
 * address that depends on one. Without valgrind this only tests the results. */
static void
test_secrets_decide_no_branch (gconstpointer data)
{
  const AeadVector *vector = data;
  guint8 secret[32], other[32], out[3][32], text[100] = "text", tag[SRUDP_AEAD_TAG_BYTES];
  guint8 mask[SRUDP_HEADER_MASK_BYTES];
  static const guint8 nonce[SRUDP_AEAD_NONCE_BYTES], sample[SRUDP_HEADER_SAMPLE_BYTES];
  SrudpSpan span = { text, sizeof text };
  SrudpAead aead;
  gboolean equal;

  if (skip_unless_available (vector))
    return;
  test_bytes_fill (secret, sizeof secret, vector->key);
  memcpy (other, secret, sizeof other);
  other[31] ^= 1;
  SECRET (secret, sizeof secret);
  SECRET (other, sizeof other);
  SECRET (text, sizeof text);

  equal = srudp_crypto_equal (secret, other, sizeof secret);
  PUBLIC (&equal, sizeof equal);
  g_assert_false (equal);

  srudp_aead_init (&aead, vector->cipher, secret);
  srudp_aead_seal (&aead, nonce, "header", 6, text, sizeof text, text, tag);
  srudp_header_mask (mask, secret, sample);
  srudp_x25519_public_key (out[0], secret);
  srudp_hkdf (secret, other, sizeof other, out[0], out[1], out[2]);
  srudp_hkdf_expand (out[0], 32, secret, "a label");
  srudp_blake2b (out[1], 32, secret, sizeof secret, &span, 1);
  srudp_crypto_wipe (&aead, sizeof aead);

  /* What was sealed, when it is shown to the world, opens. */
  PUBLIC (secret, sizeof secret);
  PUBLIC (text, sizeof text);
  PUBLIC (tag, sizeof tag);
  srudp_aead_init (&aead, vector->cipher, secret);
  g_assert_true (srudp_aead_open (&aead, nonce, "header", 6, text, sizeof text, tag, text));
  g_assert_cmpstr ((const char *) text, ==, "text");
}

/* The first values of the reference's own table. */
static void
test_siphash (void)
{
  static const guint64 expected[] = {
    G_GUINT64_CONSTANT (0x726fdb47dd0e0e31), G_GUINT64_CONSTANT (0x74f839c593dc67fd),
    [15] = G_GUINT64_CONSTANT (0xa129ca6149be45e5),
  };
  guint8 key[SRUDP_SIPHASH_KEY_BYTES], data[G_N_ELEMENTS (expected)];

  for (guint i = 0; i < sizeof key; i++)
    key[i] = (guint8) i;
  for (guint i = 0; i < sizeof data; i++)
    data[i] = (guint8) i;

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    if (expected[i] != 0)
      g_assert_cmphex (srudp_siphash (key, data, i), ==, expected[i]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (srudp_crypto_init ());
  g_assert_true (srudp_crypto_init ());
  g_assert_true (srudp_cipher_is_available (SRUDP_CIPHER_CHACHA20_POLY1305));
  g_assert_false (srudp_cipher_is_available ((SrudpCipher) 0));

  g_test_add_func ("/crypto/sha256", test_sha256);
  g_test_add_func ("/crypto/hmac-sha256", test_hmac_sha256);
  g_test_add_func ("/crypto/hkdf", test_hkdf);
  g_test_add_func ("/crypto/hkdf/in-place", test_hkdf_in_place);
  g_test_add_func ("/crypto/blake2b", test_blake2b);
  g_test_add_func ("/crypto/siphash", test_siphash);
  g_test_add_func ("/crypto/x25519", test_x25519);
  g_test_add_func ("/crypto/x25519/refuses-low-order", test_x25519_refuses_low_order);
  g_test_add_data_func ("/crypto/chacha20-poly1305", &aead_vectors[0], test_aead_vector);
  g_test_add_data_func ("/crypto/chacha20-poly1305/failure-changes-nothing", &aead_vectors[0],
                        test_aead_failure_changes_nothing);
  g_test_add_data_func ("/crypto/chacha20-poly1305/secrets-decide-no-branch", &aead_vectors[0],
                        test_secrets_decide_no_branch);
  g_test_add_data_func ("/crypto/aes-256-gcm", &aead_vectors[1], test_aead_vector);
  g_test_add_data_func ("/crypto/aes-256-gcm/failure-changes-nothing", &aead_vectors[1],
                        test_aead_failure_changes_nothing);
  g_test_add_data_func ("/crypto/aes-256-gcm/secrets-decide-no-branch", &aead_vectors[1],
                        test_secrets_decide_no_branch);
  g_test_add_func ("/crypto/header-mask", test_header_mask);
  g_test_add_func ("/crypto/secrets-are-aligned", test_secrets_are_aligned);
  g_test_add_func ("/crypto/comparison-and-wiping", test_comparison_and_wiping);

  return g_test_run ();
}
