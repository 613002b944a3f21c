/*
 * SPDX-License-Identifier: MIT
 *
 * test-table-key.c: what others choose, as a key of a hash table
 */
#include "srudp-table-key.h"

#include <string.h>

static const guint8 secrets[2][SRUDP_SIPHASH_KEY_BYTES] = {
  "one secret", "another",
};

static void
test_equality (void)
{
  guint8 bytes[SRUDP_TABLE_KEY_BYTES] = { 0 };
  SrudpTableKey a, b, other;

  srudp_table_key_init (&a, secrets[0], bytes);
  srudp_table_key_init (&b, secrets[0], bytes);
  g_assert_true (srudp_table_key_equal (&a, &b));
  g_assert_cmpuint (srudp_table_key_hash (&a), ==, srudp_table_key_hash (&b));

  for (guint i = 0; i < SRUDP_TABLE_KEY_BYTES; i++)
    {
      bytes[i] = 1;
      srudp_table_key_init (&other, secrets[0], bytes);
      g_assert_false (srudp_table_key_equal (&a, &other));
      bytes[i] = 0;
    }
}

/* Each part of an address counts. */
static void
test_addresses (void)
{
  static const guint8 ip[16] = { 0xfe, 0x80, [15] = 1 };
  SrudpAddress addresses[5];
  SrudpTableKey keys[G_N_ELEMENTS (addresses)], again;

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    srudp_address_init_ipv6 (&addresses[i], ip, 5, 1);
  addresses[1].port = 6;
  addresses[2].scope_id = 2;
  addresses[3].ip[15] = 2;
  addresses[4].family = SRUDP_FAMILY_OPAQUE;

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      srudp_table_key_init_address (&keys[i], secrets[0], &addresses[i]);
      srudp_table_key_init_address (&again, secrets[0], &addresses[i]);
      g_assert_true (srudp_table_key_equal (&keys[i], &again));
      for (guint j = 0; j < i; j++)
        g_assert_false (srudp_table_key_equal (&keys[i], &keys[j]));
    }
}

/* Of neighbours, which differ in one byte, none are together. */
static void
test_places_spread (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  guint8 bytes[SRUDP_TABLE_KEY_BYTES] = { 0 };
  SrudpTableKey key;

  for (guint i = 0; i < 4096; i++)
    {
      bytes[30] = (guint8) (i >> 8);
      bytes[31] = (guint8) i;
      srudp_table_key_init (&key, secrets[0], bytes);
      g_hash_table_add (seen, GUINT_TO_POINTER (srudp_table_key_hash (&key)));
    }
  g_assert_cmpuint (g_hash_table_size (seen), >, 4096 - 8);
}

/* Keys that share a place under one secret are apart under another: found by
 * trying, among the lowest 8 bits. */
static void
test_places_are_secret (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  guint8 bytes[SRUDP_TABLE_KEY_BYTES] = { 0 };
  guint n_chosen = 0;

  for (guint i = 0; n_chosen < 200; i++)
    {
      SrudpTableKey key;

      memcpy (bytes, &i, sizeof i);
      srudp_table_key_init (&key, secrets[0], bytes);
      if ((srudp_table_key_hash (&key) & 0xff) != 0)
        continue;
      n_chosen++;
      srudp_table_key_init (&key, secrets[1], bytes);
      g_hash_table_add (seen, GUINT_TO_POINTER (srudp_table_key_hash (&key) & 0xff));
    }
  g_assert_cmpuint (g_hash_table_size (seen), >, 100);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/table-key/equality", test_equality);
  g_test_add_func ("/table-key/addresses", test_addresses);
  g_test_add_func ("/table-key/places-spread", test_places_spread);
  g_test_add_func ("/table-key/places-are-secret", test_places_are_secret);

  return g_test_run ();
}
