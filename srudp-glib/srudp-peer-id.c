/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-peer-id.c: the public key by which a peer is known
 */
#include "config.h"

#include "srudp-glib/srudp-peer-id.h"

#include "srudp-glib/srudp-base32-private.h"
#include "srudp-glib/srudp-error.h"
#include "srudp-glib/srudp-i18n-private.h"
#include "srudp-glib/srudp-peer-id-private.h"

#include <string.h>

/**
 * SrudpPeerId:
 *
 * The public key by which a peer is known.
 *
 * Only who has the [class@Srudp.Identity] that belongs to it can open or
 * accept a connection under this id. It is no secret: give it to whomever
 * shall recognise you.
 *
 * As text it looks like `sp1-6nfxm2k4-…`: the prefix `sp1` (a srudp peer,
 * version 1) and seven groups of eight letters and digits, the last of which
 * hold a checksum, so that a mistyped id is noticed. Upper and lower case are
 * the same, as are the letter o and the digit 0, and i, l and 1; the dashes
 * may be left out.
 *
 * A `SrudpPeerId` never changes, and may be used from any thread.
 */
struct _SrudpPeerId
{
  guint8 key[SRUDP_PEER_ID_BYTES];
};

G_DEFINE_BOXED_TYPE (SrudpPeerId, srudp_peer_id, srudp_peer_id_copy,
                     srudp_peer_id_free)

static const char prefix[] = "sp1";

SrudpPeerId *
srudp_peer_id_new_from_key (const guint8 key[SRUDP_PEER_ID_BYTES])
{
  SrudpPeerId *self = g_new (SrudpPeerId, 1);

  memcpy (self->key, key, SRUDP_PEER_ID_BYTES);
  return self;
}

const guint8 *
srudp_peer_id_get_key (const SrudpPeerId *self)
{
  return self->key;
}

/**
 * srudp_peer_id_new_from_string:
 * @string: the text form, as from [method@Srudp.PeerId.to_string]; white space
 *   around it is ignored
 * @error: return location for a [error@Srudp.Error]
 *
 * Reads a peer id from text.
 *
 * Fails with %SRUDP_ERROR_IDENTITY if the text is no peer id or is mistyped.
 *
 * Returns: (transfer full): a new peer id, or %NULL with @error set
 */
SrudpPeerId *
srudp_peer_id_new_from_string (const char  *string,
                               GError     **error)
{
  guint8 key[SRUDP_PEER_ID_BYTES];
  g_autofree char *text = NULL;

  g_return_val_if_fail (string != NULL, NULL);

  text = g_strstrip (g_strdup (string));
  if (!srudp_base32_decode_key (prefix, text, key))
    {
      g_set_error_literal (error, SRUDP_ERROR, SRUDP_ERROR_IDENTITY,
                           _ ("This is not a valid peer id. Check that it was "
                              "copied completely."));
      return NULL;
    }
  return srudp_peer_id_new_from_key (key);
}

/**
 * srudp_peer_id_new_from_bytes:
 * @data: (array length=size) (element-type guint8): the binary form
 * @size: its length, which must be %SRUDP_PEER_ID_BYTES
 * @error: return location for a [error@Srudp.Error]
 *
 * Makes a peer id from its binary form.
 *
 * Fails with %SRUDP_ERROR_IDENTITY if the length is wrong.
 *
 * Returns: (transfer full): a new peer id, or %NULL with @error set
 */
SrudpPeerId *
srudp_peer_id_new_from_bytes (const guint8  *data,
                              gsize          size,
                              GError       **error)
{
  g_return_val_if_fail (data != NULL || size == 0, NULL);

  if (size != SRUDP_PEER_ID_BYTES)
    {
      g_set_error (error, SRUDP_ERROR, SRUDP_ERROR_IDENTITY,
                   _ ("A peer id has %d bytes, not %zu."),
                   SRUDP_PEER_ID_BYTES, size);
      return NULL;
    }
  return srudp_peer_id_new_from_key (data);
}

/**
 * srudp_peer_id_to_string:
 * @self: a peer id
 *
 * Gives the text form of a peer id, for people and for files.
 *
 * Returns: (transfer full): the text
 */
char *
srudp_peer_id_to_string (const SrudpPeerId *self)
{
  char body[SRUDP_BASE32_BODY_CHARS + 1];

  g_return_val_if_fail (self != NULL, NULL);

  srudp_base32_encode_key (prefix, self->key, body);
  return g_strconcat (prefix, body, NULL);
}

/**
 * srudp_peer_id_to_bytes:
 * @self: a peer id
 *
 * Gives the binary form of a peer id, %SRUDP_PEER_ID_BYTES long.
 *
 * Returns: (transfer full): the bytes
 */
GBytes *
srudp_peer_id_to_bytes (const SrudpPeerId *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_bytes_new (self->key, SRUDP_PEER_ID_BYTES);
}

/**
 * srudp_peer_id_equal:
 * @a: (type SrudpPeerId) (not nullable): a peer id
 * @b: (type SrudpPeerId) (not nullable): another peer id
 *
 * Whether two peer ids are the same. Fits `GEqualFunc`.
 *
 * Returns: %TRUE if they are
 */
gboolean
srudp_peer_id_equal (gconstpointer a,
                     gconstpointer b)
{
  const SrudpPeerId *first = a, *second = b;

  g_return_val_if_fail (first != NULL && second != NULL, FALSE);

  return memcmp (first->key, second->key, SRUDP_PEER_ID_BYTES) == 0;
}

/**
 * srudp_peer_id_hash:
 * @self: (type SrudpPeerId) (not nullable): a peer id
 *
 * Gives a hash value of a peer id. Fits `GHashFunc`.
 *
 * Returns: the hash value
 */
guint
srudp_peer_id_hash (gconstpointer self)
{
  const SrudpPeerId *peer_id = self;
  guint hash;

  g_return_val_if_fail (peer_id != NULL, 0);

  /* A public key is as good as random already. */
  memcpy (&hash, peer_id->key, sizeof hash);
  return hash;
}

/**
 * srudp_peer_id_copy:
 * @self: a peer id
 *
 * Copies a peer id.
 *
 * Returns: (transfer full): the copy
 */
SrudpPeerId *
srudp_peer_id_copy (const SrudpPeerId *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return srudp_peer_id_new_from_key (self->key);
}

/**
 * srudp_peer_id_free: (skip)
 * @self: (transfer full): a peer id
 *
 * Frees a peer id.
 */
void
srudp_peer_id_free (SrudpPeerId *self)
{
  g_free (self);
}
