/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-identity.c: the key pair that proves who one is
 */
#include "config.h"

#include "srudp-glib/srudp-identity.h"

#include "srudp-glib/protocol/srudp-crypto.h"
#include "srudp-glib/srudp-base32-private.h"
#include "srudp-glib/srudp-error.h"
#include "srudp-glib/srudp-file-task-private.h"
#include "srudp-glib/srudp-i18n-private.h"
#include "srudp-glib/srudp-identity-private.h"
#include "srudp-glib/srudp-peer-id-private.h"

#include <string.h>

/**
 * SrudpIdentity:
 *
 * The key pair that proves who one is.
 *
 * An endpoint without an identity of its own gets a fresh one, and is a
 * stranger to everyone again after a restart. Who wants to be recognised keeps
 * an identity in a file:
 *
 * ```c
 * g_autoptr (SrudpIdentity) identity =
 *   srudp_identity_new_from_file (file, NULL, &error);
 *
 * if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
 *   {
 *     g_clear_error (&error);
 *     identity = srudp_identity_new ();
 *     srudp_identity_save (identity, file, NULL, &error);
 *   }
 * ```
 *
 * The secret half lives in locked, guarded memory, is wiped when the identity
 * goes, and can only leave it with [method@Srudp.Identity.save]. An identity
 * never changes, and may be used from any thread.
 */
struct _SrudpIdentity
{
  GObject parent_instance;

  guint8 *secret; /* from srudp_crypto_secret_alloc() */
  SrudpPeerId *peer_id;
};

enum
{
  PROP_PEER_ID = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

/* The file holds one line: this prefix, the secret and a checksum. */
static const char prefix[] = "srudp-identity-1";
#define LINE_CHARS (sizeof prefix - 1 + SRUDP_BASE32_BODY_CHARS + 1)
/* More than a right file has, and little enough to read blindly. */
#define FILE_MAX_BYTES 4096

G_DEFINE_FINAL_TYPE (SrudpIdentity, srudp_identity, G_TYPE_OBJECT)

static void
srudp_identity_finalize (GObject *object)
{
  SrudpIdentity *self = SRUDP_IDENTITY (object);

  srudp_crypto_secret_free (self->secret);
  g_clear_pointer (&self->peer_id, srudp_peer_id_free);

  G_OBJECT_CLASS (srudp_identity_parent_class)->finalize (object);
}

static void
srudp_identity_get_property (GObject    *object,
                             guint       property_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  SrudpIdentity *self = SRUDP_IDENTITY (object);

  switch (property_id)
    {
    case PROP_PEER_ID:
      g_value_set_boxed (value, self->peer_id);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
srudp_identity_class_init (SrudpIdentityClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = srudp_identity_finalize;
  object_class->get_property = srudp_identity_get_property;

  /**
   * SrudpIdentity:peer-id:
   *
   * The public half, by which peers know this identity.
   */
  props[PROP_PEER_ID] =
    g_param_spec_boxed ("peer-id", NULL, NULL, SRUDP_TYPE_PEER_ID,
                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
set_secret (SrudpIdentity *self,
            const guint8   secret[SRUDP_IDENTITY_BYTES])
{
  guint8 public_key[SRUDP_PEER_ID_BYTES];

  memcpy (self->secret, secret, SRUDP_IDENTITY_BYTES);
  srudp_x25519_public_key (public_key, self->secret);
  g_clear_pointer (&self->peer_id, srudp_peer_id_free);
  self->peer_id = srudp_peer_id_new_from_key (public_key);
}

static void
srudp_identity_init (SrudpIdentity *self)
{
  guint8 secret[SRUDP_IDENTITY_BYTES];

  if (!srudp_crypto_init ())
    g_error ("libsodium could not be initialised");

  self->secret = srudp_crypto_secret_alloc (SRUDP_IDENTITY_BYTES);

  /* Every identity is a fresh one at first: also one that a language binding
   * makes without calling a constructor. */
  srudp_crypto_random (NULL, secret, sizeof secret);
  set_secret (self, secret);
  srudp_crypto_wipe (secret, sizeof secret);
}

const guint8 *
srudp_identity_get_secret (SrudpIdentity *self)
{
  return self->secret;
}

/**
 * srudp_identity_new:
 *
 * Makes a fresh identity.
 *
 * Returns: (transfer full): a new identity
 */
SrudpIdentity *
srudp_identity_new (void)
{
  return g_object_new (SRUDP_TYPE_IDENTITY, NULL);
}

/**
 * srudp_identity_generate:
 *
 * Makes a fresh identity, as [ctor@Srudp.Identity.new] does.
 *
 * Returns: (transfer full): a new identity
 */
SrudpIdentity *
srudp_identity_generate (void)
{
  return srudp_identity_new ();
}

/**
 * srudp_identity_new_from_bytes:
 * @data: (array length=size) (element-type guint8): the secret key
 * @size: its length, which must be %SRUDP_IDENTITY_BYTES
 * @error: return location for a [error@Srudp.Error]
 *
 * Makes an identity from a secret X25519 key that was kept elsewhere.
 *
 * Wiping @data afterwards is up to the caller. Fails with
 * %SRUDP_ERROR_IDENTITY if the length is wrong.
 *
 * Returns: (transfer full): a new identity, or %NULL with @error set
 */
SrudpIdentity *
srudp_identity_new_from_bytes (const guint8  *data,
                               gsize          size,
                               GError       **error)
{
  SrudpIdentity *self;

  g_return_val_if_fail (data != NULL || size == 0, NULL);

  if (size != SRUDP_IDENTITY_BYTES)
    {
      g_set_error (error, SRUDP_ERROR, SRUDP_ERROR_IDENTITY,
                   _ ("An identity has %d bytes, not %zu."),
                   SRUDP_IDENTITY_BYTES, size);
      return NULL;
    }

  self = srudp_identity_new ();
  set_secret (self, data);
  return self;
}

/* As g_strchomp(), which looks in a table what the last digit is. */
static void
cut_line_end (char *line)
{
  gsize n = strlen (line);

  while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'
                   || line[n - 1] == ' ' || line[n - 1] == '\t'))
    line[--n] = '\0';
}

static SrudpIdentity *
parse_line (char    *line,
            GError **error)
{
  guint8 secret[SRUDP_IDENTITY_BYTES];
  SrudpIdentity *self;

  cut_line_end (line);
  if (!srudp_base32_decode_key (prefix, g_strchug (line), secret))
    {
      g_set_error_literal (error, SRUDP_ERROR, SRUDP_ERROR_IDENTITY,
                           _ ("This file holds no valid identity. Restore it "
                              "from a copy, or make a new identity."));
      return NULL;
    }

  self = srudp_identity_new_from_bytes (secret, sizeof secret, NULL);
  srudp_crypto_wipe (secret, sizeof secret);
  return self;
}

/**
 * srudp_identity_new_from_file:
 * @file: where it was saved
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Reads an identity that [method@Srudp.Identity.save] wrote.
 *
 * Fails with %SRUDP_ERROR_IDENTITY if the file holds something else, or as
 * [method@Gio.File.read] does.
 *
 * Returns: (transfer full): a new identity, or %NULL with @error set
 */
SrudpIdentity *
srudp_identity_new_from_file (GFile         *file,
                              GCancellable  *cancellable,
                              GError       **error)
{
  g_autoptr (GFileInputStream) stream = NULL;
  SrudpIdentity *self = NULL;
  char text[FILE_MAX_BYTES + 1];
  gsize size = 0;

  g_return_val_if_fail (G_IS_FILE (file), NULL);

  stream = g_file_read (file, cancellable, error);
  if (stream == NULL)
    return NULL;

  if (g_input_stream_read_all (G_INPUT_STREAM (stream), text, FILE_MAX_BYTES,
                               &size, cancellable, error))
    {
      text[size] = '\0';
      self = parse_line (text, error);
    }
  srudp_crypto_wipe (text, sizeof text);
  return self;
}

static gpointer
load_file (GFile         *file,
           const char    *passphrase,
           GCancellable  *cancellable,
           GError       **error)
{
  return srudp_identity_new_from_file (file, cancellable, error);
}

/**
 * srudp_identity_new_from_file_async:
 * @file: where it was saved
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Reads an identity without blocking;
 * see [ctor@Srudp.Identity.new_from_file].
 */
void
srudp_identity_new_from_file_async (GFile               *file,
                                    GCancellable        *cancellable,
                                    GAsyncReadyCallback  callback,
                                    gpointer             user_data)
{
  g_return_if_fail (G_IS_FILE (file));

  srudp_file_load_async (load_file, srudp_identity_new_from_file_async, file,
                         NULL, cancellable, callback, user_data);
}

/**
 * srudp_identity_new_from_file_finish:
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [func@Srudp.Identity.new_from_file_async].
 *
 * Returns: (transfer full): a new identity, or %NULL with @error set
 */
SrudpIdentity *
srudp_identity_new_from_file_finish (GAsyncResult  *result,
                                     GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * srudp_identity_save:
 * @self: an identity
 * @file: where to; an existing file is replaced
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Writes an identity to a file that only its owner can read.
 *
 * Either the whole new file is there afterwards, or what was there before. Who
 * gets hold of the file can pass for the identity.
 *
 * Returns: %TRUE if it is saved, %FALSE with @error set
 */
gboolean
srudp_identity_save (SrudpIdentity  *self,
                     GFile          *file,
                     GCancellable   *cancellable,
                     GError        **error)
{
  char line[LINE_CHARS + 1];
  gboolean ok;

  g_return_val_if_fail (SRUDP_IS_IDENTITY (self), FALSE);
  g_return_val_if_fail (G_IS_FILE (file), FALSE);

  memcpy (line, prefix, sizeof prefix);
  srudp_base32_encode_key (prefix, self->secret, line + sizeof prefix - 1);
  line[LINE_CHARS - 1] = '\n';
  line[LINE_CHARS] = '\0';

  ok = srudp_file_replace_private (file, line, LINE_CHARS, cancellable, error);
  srudp_crypto_wipe (line, sizeof line);
  return ok;
}

static gboolean
save_file (gpointer       self,
           GFile         *file,
           const char    *passphrase,
           GCancellable  *cancellable,
           GError       **error)
{
  return srudp_identity_save (self, file, cancellable, error);
}

/**
 * srudp_identity_save_async:
 * @self: an identity
 * @file: where to; an existing file is replaced
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Writes an identity without blocking; see [method@Srudp.Identity.save].
 */
void
srudp_identity_save_async (SrudpIdentity       *self,
                           GFile               *file,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_return_if_fail (SRUDP_IS_IDENTITY (self));
  g_return_if_fail (G_IS_FILE (file));

  srudp_file_save_async (self, save_file, srudp_identity_save_async, file, NULL,
                         cancellable, callback, user_data);
}

/**
 * srudp_identity_save_finish:
 * @self: an identity
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Srudp.Identity.save_async].
 *
 * Returns: %TRUE if it is saved, %FALSE with @error set
 */
gboolean
srudp_identity_save_finish (SrudpIdentity  *self,
                            GAsyncResult   *result,
                            GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * srudp_identity_get_peer_id:
 * @self: an identity
 *
 * Gives the public half, by which peers know this identity.
 *
 * Returns: (transfer none): the peer id
 */
SrudpPeerId *
srudp_identity_get_peer_id (SrudpIdentity *self)
{
  g_return_val_if_fail (SRUDP_IS_IDENTITY (self), NULL);

  return self->peer_id;
}
