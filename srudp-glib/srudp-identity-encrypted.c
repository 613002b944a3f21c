/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-identity-encrypted.c: identities in files that a passphrase protects
 *
 * The file holds one line: a prefix, a space, and in hexadecimal a header
 * (passes and KiB of Argon2id, 4 bytes each, network byte order; salt; nonce)
 * and the sealed secret. Prefix and header are its associated data.
 */
#include "config.h"

#include "srudp-glib/srudp-identity.h"

#include "srudp-glib/protocol/srudp-crypto-file.h"
#include "srudp-glib/protocol/srudp-crypto.h"
#include "srudp-glib/srudp-error.h"
#include "srudp-glib/srudp-file-task-private.h"
#include "srudp-glib/srudp-identity-private.h"
#include "srudp-glib/srudp-secret-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* RFC 9106, section 4: the second recommended option. */
#define N_PASSES 3
#define MEMORY_KIB (64 * 1024)
/* Files of others may ask for more, but not for all there is. */
#define MAX_PASSES 16
#define MAX_MEMORY_KIB (1024 * 1024)

static const char prefix[] = "srudp-identity-encrypted-1 ";
#define PREFIX_CHARS (sizeof prefix - 1)

typedef struct
{
  guint8 n_passes[4], memory_kib[4];
  guint8 salt[SRUDP_ARGON2_SALT_BYTES];
  guint8 nonce[SRUDP_XCHACHA_NONCE_BYTES];
  guint8 sealed[SRUDP_IDENTITY_BYTES + SRUDP_XCHACHA_TAG_BYTES];
} Body;

#define HEADER_BYTES G_STRUCT_OFFSET (Body, sealed)
#define AD_BYTES (PREFIX_CHARS + HEADER_BYTES)
#define LINE_CHARS (PREFIX_CHARS + 2 * sizeof (Body) + 1)

G_STATIC_ASSERT (sizeof (Body) == 48 + SRUDP_IDENTITY_BYTES
                                    + SRUDP_XCHACHA_TAG_BYTES);

static guint32
get_u32 (const guint8 bytes[4])
{
  guint32 value;

  memcpy (&value, bytes, sizeof value);
  return GUINT32_FROM_BE (value);
}

static void
put_u32 (guint8  bytes[4],
         guint32 value)
{
  value = GUINT32_TO_BE (value);
  memcpy (bytes, &value, sizeof value);
}

static void
make_ad (const Body *body,
         guint8      ad[AD_BYTES])
{
  memcpy (ad, prefix, PREFIX_CHARS);
  memcpy (ad + PREFIX_CHARS, body, HEADER_BYTES);
}

static gboolean
stretch (const Body  *body,
         const char  *passphrase,
         guint8       key[SRUDP_AEAD_KEY_BYTES],
         GError     **error)
{
  SrudpSecret *secret = srudp_secret_new_passphrase (passphrase);
  gboolean ok = srudp_argon2id (key, srudp_secret_get_data (secret),
                                srudp_secret_get_size (secret), body->salt,
                                get_u32 (body->n_passes),
                                get_u32 (body->memory_kib));

  srudp_secret_unref (secret);
  if (!ok)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                         _ ("There is not enough memory to use this "
                            "passphrase. Close other programs."));
  return ok;
}

static gboolean
seal (SrudpIdentity  *self,
      const char     *passphrase,
      Body           *body,
      GError        **error)
{
  guint8 key[SRUDP_AEAD_KEY_BYTES], ad[AD_BYTES];

  put_u32 (body->n_passes, N_PASSES);
  put_u32 (body->memory_kib, MEMORY_KIB);
  srudp_crypto_random (NULL, body->salt, sizeof body->salt);
  srudp_crypto_random (NULL, body->nonce, sizeof body->nonce);
  if (!stretch (body, passphrase, key, error))
    return FALSE;

  make_ad (body, ad);
  srudp_xchacha_seal (key, body->nonce, ad, sizeof ad,
                      srudp_identity_get_secret (self), SRUDP_IDENTITY_BYTES,
                      body->sealed);
  srudp_crypto_wipe (key, sizeof key);
  return TRUE;
}

static void
set_damaged (GError **error)
{
  g_set_error_literal (error, SRUDP_ERROR, SRUDP_ERROR_IDENTITY,
                       _ ("This file holds no valid identity. Restore it "
                          "from a copy, or make a new identity."));
}

static gboolean
parse (const char  *text,
       gsize        size,
       Body        *body,
       GError     **error)
{
  guint8 *bytes = (guint8 *) body;
  gboolean good = size >= LINE_CHARS - 1 && size <= LINE_CHARS
                  && memcmp (text, prefix, PREFIX_CHARS) == 0
                  && (size < LINE_CHARS || text[size - 1] == '\n');

  for (gsize i = 0; good && i < sizeof *body; i++)
    {
      int high = g_ascii_xdigit_value (text[PREFIX_CHARS + 2 * i]);
      int low = g_ascii_xdigit_value (text[PREFIX_CHARS + 2 * i + 1]);

      good = high >= 0 && low >= 0;
      bytes[i] = (guint8) (high << 4 | low);
    }
  if (good)
    {
      guint32 n_passes = get_u32 (body->n_passes);
      guint32 memory_kib = get_u32 (body->memory_kib);

      good = n_passes >= 1 && n_passes <= MAX_PASSES && memory_kib >= 8
             && memory_kib <= MAX_MEMORY_KIB;
    }
  if (!good)
    set_damaged (error);
  return good;
}

static SrudpIdentity *
unseal (const Body  *body,
        const char  *passphrase,
        GError     **error)
{
  guint8 key[SRUDP_AEAD_KEY_BYTES], secret[SRUDP_IDENTITY_BYTES], ad[AD_BYTES];
  SrudpIdentity *self = NULL;

  if (!stretch (body, passphrase, key, error))
    return NULL;

  make_ad (body, ad);
  if (srudp_xchacha_open (key, body->nonce, ad, sizeof ad, body->sealed,
                          sizeof body->sealed, secret))
    self = srudp_identity_new_from_bytes (secret, sizeof secret, error);
  else
    g_set_error_literal (error, SRUDP_ERROR, SRUDP_ERROR_PASSPHRASE,
                         _ ("This is not the passphrase of this identity. "
                            "Try again."));
  srudp_crypto_wipe (key, sizeof key);
  srudp_crypto_wipe (secret, sizeof secret);
  return self;
}

/**
 * srudp_identity_new_from_encrypted_file:
 * @file: where it was saved
 * @passphrase: what it was saved with
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Reads an identity that [method@Srudp.Identity.save_encrypted] wrote.
 *
 * This takes a good part of a second and 64 MiB of memory, so that nobody can
 * try many passphrases.
 *
 * Fails with %SRUDP_ERROR_PASSPHRASE if it is another passphrase, with
 * %SRUDP_ERROR_IDENTITY if the file holds something else, or as
 * [method@Gio.File.load_contents] does.
 *
 * Returns: (transfer full): a new identity, or %NULL with @error set
 */
SrudpIdentity *
srudp_identity_new_from_encrypted_file (GFile         *file,
                                        const char    *passphrase,
                                        GCancellable  *cancellable,
                                        GError       **error)
{
  g_autoptr (GFileInputStream) stream = NULL;
  char text[LINE_CHARS + 1];
  gsize size = 0;
  Body body;

  g_return_val_if_fail (G_IS_FILE (file), NULL);
  g_return_val_if_fail (passphrase != NULL, NULL);

  stream = g_file_read (file, cancellable, error);
  if (stream == NULL
      || !g_input_stream_read_all (G_INPUT_STREAM (stream), text, sizeof text,
                                   &size, cancellable, error)
      || !parse (text, size, &body, error))
    return NULL;
  return unseal (&body, passphrase, error);
}

/**
 * srudp_identity_save_encrypted:
 * @self: an identity
 * @file: where to; an existing file is replaced
 * @passphrase: what will be needed to read it
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Writes an identity to a file that is of no use without a passphrase.
 *
 * As with [method@Srudp.Identity.save] only its owner can read the file, and
 * either the whole new file is there afterwards or what was there before. The
 * secret is sealed with XChaCha20-Poly1305 under a key that Argon2id makes of
 * the passphrase, which takes a good part of a second and 64 MiB of memory.
 *
 * Returns: %TRUE if it is saved, %FALSE with @error set
 */
gboolean
srudp_identity_save_encrypted (SrudpIdentity  *self,
                               GFile          *file,
                               const char     *passphrase,
                               GCancellable   *cancellable,
                               GError        **error)
{
  g_autoptr (GString) line = NULL;
  Body body;

  g_return_val_if_fail (SRUDP_IS_IDENTITY (self), FALSE);
  g_return_val_if_fail (G_IS_FILE (file), FALSE);
  g_return_val_if_fail (passphrase != NULL, FALSE);

  if (!seal (self, passphrase, &body, error))
    return FALSE;
  line = g_string_new (prefix);
  for (gsize i = 0; i < sizeof body; i++)
    g_string_append_printf (line, "%02x", ((const guint8 *) &body)[i]);
  g_string_append_c (line, '\n');
  return srudp_file_replace_private (file, line->str, line->len, cancellable,
                                     error);
}

/* Without blocking */

static gpointer
load_file (GFile         *file,
           const char    *passphrase,
           GCancellable  *cancellable,
           GError       **error)
{
  return srudp_identity_new_from_encrypted_file (file, passphrase, cancellable,
                                                 error);
}

static gboolean
save_file (gpointer       self,
           GFile         *file,
           const char    *passphrase,
           GCancellable  *cancellable,
           GError       **error)
{
  return srudp_identity_save_encrypted (self, file, passphrase, cancellable,
                                        error);
}

/**
 * srudp_identity_new_from_encrypted_file_async:
 * @file: where it was saved
 * @passphrase: what it was saved with
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Reads an identity without blocking;
 * see [ctor@Srudp.Identity.new_from_encrypted_file].
 */
void
srudp_identity_new_from_encrypted_file_async (GFile               *file,
                                              const char          *passphrase,
                                              GCancellable        *cancellable,
                                              GAsyncReadyCallback  callback,
                                              gpointer             user_data)
{
  g_return_if_fail (G_IS_FILE (file));
  g_return_if_fail (passphrase != NULL);

  srudp_file_load_async (load_file,
                         srudp_identity_new_from_encrypted_file_async, file,
                         passphrase, cancellable, callback, user_data);
}

/**
 * srudp_identity_new_from_encrypted_file_finish:
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [func@Srudp.Identity.new_from_encrypted_file_async].
 *
 * Returns: (transfer full): a new identity, or %NULL with @error set
 */
SrudpIdentity *
srudp_identity_new_from_encrypted_file_finish (GAsyncResult  *result,
                                               GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * srudp_identity_save_encrypted_async:
 * @self: an identity
 * @file: where to; an existing file is replaced
 * @passphrase: what will be needed to read it
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Writes an identity without blocking;
 * see [method@Srudp.Identity.save_encrypted].
 */
void
srudp_identity_save_encrypted_async (SrudpIdentity       *self,
                                     GFile               *file,
                                     const char          *passphrase,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data)
{
  g_return_if_fail (SRUDP_IS_IDENTITY (self));
  g_return_if_fail (G_IS_FILE (file));
  g_return_if_fail (passphrase != NULL);

  srudp_file_save_async (self, save_file, srudp_identity_save_encrypted_async,
                         file, passphrase, cancellable, callback, user_data);
}

/**
 * srudp_identity_save_encrypted_finish:
 * @self: an identity
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Srudp.Identity.save_encrypted_async].
 *
 * Returns: %TRUE if it is saved, %FALSE with @error set
 */
gboolean
srudp_identity_save_encrypted_finish (SrudpIdentity  *self,
                                      GAsyncResult   *result,
                                      GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
