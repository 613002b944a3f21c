/*
 * SPDX-License-Identifier: MIT
 *
 * explorer-memo.c: remembers X25519
 *
 * A search goes over the same prefixes again and again, and nearly all its
 * time would go into curve arithmetic with the same numbers. The program's own
 * definitions come before the library's; they give the library's results.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_NEXT */
#endif
#include <glib.h>

#include <dlfcn.h>
#include <string.h>

#define MAX_REMEMBERED 200000

int crypto_scalarmult_curve25519      (unsigned char       *q,
                                       const unsigned char *n,
                                       const unsigned char *p);
int crypto_scalarmult_curve25519_base (unsigned char       *q,
                                       const unsigned char *n);

typedef int (*Multiply) (unsigned char       *q,
                         const unsigned char *n,
                         const unsigned char *p);
typedef int (*MultiplyBase) (unsigned char       *q,
                             const unsigned char *n);

typedef struct
{
  guint8 n[32], p[32], is_base; /* the key */
  guint8 q[32];
  int result;
} Product;

static guint
product_hash (gconstpointer data)
{
  guint a, b;

  memcpy (&a, ((const Product *) data)->n, sizeof a);
  memcpy (&b, ((const Product *) data)->p + 4, sizeof b);

  return a ^ (b * 31);
}

static gboolean
product_equal (gconstpointer a,
               gconstpointer b)
{
  return memcmp (a, b, G_STRUCT_OFFSET (Product, q)) == 0;
}

static GHashTable *products;

static void *
find_next (const char *symbol)
{
  void *function = dlsym (RTLD_NEXT, symbol);

  if (function == NULL)
    g_error ("%s: %s", symbol, dlerror ());

  return function;
}

static Product *
look_up (const Product *key)
{
  if (products == NULL)
    products = g_hash_table_new_full (product_hash, product_equal, NULL,
                                      g_free);
  if (g_hash_table_size (products) > MAX_REMEMBERED)
    g_hash_table_remove_all (products);

  return g_hash_table_lookup (products, key);
}

static const Product *
remember (const Product *product)
{
  Product *copy = g_memdup2 (product, sizeof *product);

  g_hash_table_add (products, copy);

  return copy;
}

int
crypto_scalarmult_curve25519 (unsigned char       *q,
                              const unsigned char *n,
                              const unsigned char *p)
{
  static Multiply multiply;
  Product key = { 0 };
  const Product *found;

  memcpy (key.n, n, 32);
  memcpy (key.p, p, 32);
  found = look_up (&key);
  if (found == NULL)
    {
      if (multiply == NULL)
        multiply = (Multiply) find_next ("crypto_scalarmult_curve25519");
      key.result = multiply (key.q, n, p);
      found = remember (&key);
    }
  memcpy (q, found->q, 32);

  return found->result;
}

int
crypto_scalarmult_curve25519_base (unsigned char       *q,
                                   const unsigned char *n)
{
  static MultiplyBase multiply;
  Product key = { 0 };
  const Product *found;

  memcpy (key.n, n, 32);
  key.is_base = 1;
  found = look_up (&key);
  if (found == NULL)
    {
      if (multiply == NULL)
        multiply
          = (MultiplyBase) find_next ("crypto_scalarmult_curve25519_base");
      key.result = multiply (key.q, n);
      found = remember (&key);
    }
  memcpy (q, found->q, 32);

  return found->result;
}
