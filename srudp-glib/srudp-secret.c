/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-secret.c: bytes that nobody else shall see
 */
#include "config.h"

#include "srudp-glib/srudp-secret-private.h"

#include "srudp-glib/protocol/srudp-crypto.h"

#include <string.h>

struct _SrudpSecret
{
  gatomicrefcount ref_count;
  gsize size;
  guint8 data[];
};

SrudpSecret *
srudp_secret_new (gconstpointer data,
                  gsize         size)
{
  SrudpSecret *self;

  if (!srudp_crypto_init ())
    g_error ("libsodium cannot be used");

  self = srudp_crypto_secret_alloc (sizeof *self + size);
  g_atomic_ref_count_init (&self->ref_count);
  self->size = size;
  if (size > 0)
    memcpy (self->data, data, size);
  return self;
}

SrudpSecret *
srudp_secret_new_passphrase (const char *passphrase)
{
  g_autofree char *normal = NULL;
  SrudpSecret *self;

  if (passphrase == NULL)
    return NULL;

  normal = g_utf8_normalize (passphrase, -1, G_NORMALIZE_NFC);
  /* What is no UTF-8 counts as it is. */
  if (normal == NULL)
    return srudp_secret_new (passphrase, strlen (passphrase));

  self = srudp_secret_new (normal, strlen (normal));
  srudp_crypto_wipe (normal, strlen (normal));
  return self;
}

SrudpSecret *
srudp_secret_ref (SrudpSecret *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
srudp_secret_unref (SrudpSecret *self)
{
  if (g_atomic_ref_count_dec (&self->ref_count))
    srudp_crypto_secret_free (self);
}

gconstpointer
srudp_secret_get_data (const SrudpSecret *self)
{
  return self->data;
}

gsize
srudp_secret_get_size (const SrudpSecret *self)
{
  return self->size;
}
