/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-secrets.c: what both sides may know before they meet
 */
#include "srudp-secrets.h"

#include "srudp-handshake-packet.h"
#include "srudp-short-code.h"
#include "srudp-writer.h"

#include <string.h>

typedef struct
{
  guint8 secret[SRUDP_KEY_BYTES];
  gint64 expires_at; /* -1: never */
} Invitation;

struct _SrudpPassphrase
{
  guint n_refs;
  SrudpGuesses guesses;
  /* Whoever has it can try passphrases as fast as he can compute. */
  guint8 generator[SRUDP_RISTRETTO_BYTES];
};

SrudpPassphrase *
srudp_passphrase_ref (SrudpPassphrase *self)
{
  self->n_refs++;

  return self;
}

void
srudp_passphrase_unref (SrudpPassphrase *self)
{
  if (--self->n_refs == 0)
    srudp_crypto_secret_free (self);
}

SrudpGuesses *
srudp_passphrase_get_guesses (SrudpPassphrase *self)
{
  return &self->guesses;
}

static void
unref_passphrase (gpointer data)
{
  srudp_passphrase_unref (data);
}

void
srudp_keyring_init (SrudpKeyring *keyring)
{
  keyring->passphrases = g_ptr_array_new_with_free_func (unref_passphrase);
  keyring->invitations =
    g_ptr_array_new_with_free_func (srudp_crypto_secret_free);
  keyring->next_expiry = -1;
}

void
srudp_keyring_clear (SrudpKeyring *keyring)
{
  g_clear_pointer (&keyring->passphrases, g_ptr_array_unref);
  g_clear_pointer (&keyring->invitations, g_ptr_array_unref);
}

/* Makes room by forgetting the one that was unused for longest. */
static void
forget_oldest (SrudpKeyring *keyring)
{
  guint n_unused = 0, oldest = 0;

  for (guint i = keyring->passphrases->len; i > 0; i--)
    {
      SrudpPassphrase *known = g_ptr_array_index (keyring->passphrases, i - 1);

      if (known->n_refs > 1)
        continue;
      oldest = i - 1;
      n_unused++;
    }

  if (n_unused >= SRUDP_MAX_PASSPHRASES)
    g_ptr_array_remove_index (keyring->passphrases, oldest);
}

SrudpPassphrase *
srudp_keyring_intern (SrudpKeyring *keyring,
                      gconstpointer passphrase,
                      gsize         size)
{
  SrudpPassphrase *fresh = srudp_crypto_secret_alloc (sizeof *fresh);

  *fresh = (SrudpPassphrase) { .n_refs = 1 };
  srudp_cpace_generator (fresh->generator, (SrudpSpan) { passphrase, size },
                         (SrudpSpan) { SRUDP_PROLOGUE, strlen (SRUDP_PROLOGUE) },
                         (SrudpSpan) { NULL, 0 });

  for (guint i = 0; i < keyring->passphrases->len; i++)
    {
      SrudpPassphrase *known = g_ptr_array_index (keyring->passphrases, i);

      if (!srudp_crypto_equal (known->generator, fresh->generator,
                               sizeof known->generator))
        continue;

      srudp_passphrase_unref (fresh);
      /* To the end: it is the one used last. */
      g_ptr_array_steal_index (keyring->passphrases, i);
      g_ptr_array_add (keyring->passphrases, known);
      return srudp_passphrase_ref (known);
    }

  forget_oldest (keyring);
  g_ptr_array_add (keyring->passphrases, fresh);

  return srudp_passphrase_ref (fresh);
}

static Invitation *
get_invitation (const SrudpKeyring *keyring,
                guint               index)
{
  return g_ptr_array_index (keyring->invitations, index);
}

static gboolean
find_invitation (const SrudpKeyring *keyring,
                 const guint8        secret[SRUDP_KEY_BYTES],
                 guint              *index)
{
  for (guint i = 0; i < keyring->invitations->len; i++)
    if (srudp_crypto_equal (get_invitation (keyring, i)->secret, secret,
                            SRUDP_KEY_BYTES))
      {
        *index = i;
        return TRUE;
      }

  return FALSE;
}

static void
find_next_expiry (SrudpKeyring *keyring)
{
  keyring->next_expiry = -1;
  for (guint i = 0; i < keyring->invitations->len; i++)
    {
      gint64 expires_at = get_invitation (keyring, i)->expires_at;

      if (expires_at >= 0 && (keyring->next_expiry < 0 ||
                              expires_at < keyring->next_expiry))
        keyring->next_expiry = expires_at;
    }
}

static Invitation *
append_invitation (SrudpKeyring *keyring,
                   const guint8  secret[SRUDP_KEY_BYTES])
{
  Invitation *invitation = srudp_crypto_secret_alloc (sizeof *invitation);

  if (keyring->invitations->len >= SRUDP_MAX_INVITATIONS)
    g_ptr_array_remove_index (keyring->invitations, 0);
  memcpy (invitation->secret, secret, SRUDP_KEY_BYTES);
  g_ptr_array_add (keyring->invitations, invitation);

  return invitation;
}

void
srudp_keyring_add_invitation (SrudpKeyring *keyring,
                              const guint8  secret[SRUDP_KEY_BYTES],
                              gint64        expires_at)
{
  Invitation *invitation;
  guint index;

  if (find_invitation (keyring, secret, &index))
    invitation = get_invitation (keyring, index);
  else
    invitation = append_invitation (keyring, secret);

  invitation->expires_at = expires_at;
  find_next_expiry (keyring);
}

void
srudp_keyring_remove_invitation (SrudpKeyring *keyring,
                                 const guint8  secret[SRUDP_KEY_BYTES])
{
  guint index;

  if (!find_invitation (keyring, secret, &index))
    return;

  g_ptr_array_remove_index (keyring->invitations, index);
  find_next_expiry (keyring);
}

void
srudp_keyring_expire (SrudpKeyring *keyring,
                      gint64        time_of_day)
{
  if (keyring->next_expiry < 0 || time_of_day < keyring->next_expiry)
    return;

  for (guint i = keyring->invitations->len; i > 0; i--)
    {
      gint64 expires_at = get_invitation (keyring, i - 1)->expires_at;

      if (expires_at >= 0 && expires_at <= time_of_day)
        g_ptr_array_remove_index (keyring->invitations, i - 1);
    }
  find_next_expiry (keyring);
}

const guint8 *
srudp_keyring_find_invitation (const SrudpKeyring *keyring,
                               const SrudpHello   *hello,
                               const guint8        e[SRUDP_KEY_BYTES])
{
  for (guint i = 0; i < keyring->invitations->len; i++)
    {
      const guint8 *secret = get_invitation (keyring, i)->secret;
      guint8 tag[SRUDP_TAG_BYTES];

      srudp_hello_make_tag (tag, SRUDP_TAG_INVITATION, secret, e,
                            hello->tagged, hello->tagged_size);
      if (srudp_crypto_equal (tag, hello->invitation_tag, SRUDP_TAG_BYTES))
        return secret;
    }

  return NULL;
}

void
srudp_secrets_init (SrudpSecrets    *secrets,
                    SrudpPassphrase *passphrase,
                    const guint8    *invitation,
                    SrudpRandomFunc  random,
                    gpointer         random_data)
{
  memset (secrets, 0, sizeof *secrets);
  random (random_data, secrets->nonce, sizeof secrets->nonce);
  if (invitation != NULL)
    {
      secrets->has_invitation = TRUE;
      memcpy (secrets->invitation, invitation, SRUDP_KEY_BYTES);
    }
  if (passphrase != NULL)
    {
      guint8 bytes[SRUDP_SHA512_BYTES];

      secrets->passphrase = srudp_passphrase_ref (passphrase);
      /* A scalar of zero makes no share. It happens to nobody. */
      do
        {
          random (random_data, bytes, sizeof bytes);
          srudp_ristretto_scalar (secrets->scalar, bytes);
        }
      while (!srudp_ristretto_multiply (secrets->share, secrets->scalar,
                                        passphrase->generator));
      srudp_crypto_wipe (bytes, sizeof bytes);
    }
}

void
srudp_secrets_clear (SrudpSecrets *secrets)
{
  g_clear_pointer (&secrets->passphrase, srudp_passphrase_unref);
  srudp_crypto_wipe (secrets, sizeof *secrets);
}

void
srudp_secrets_offer (const SrudpSecrets *secrets,
                     SrudpHelloFields   *fields)
{
  G_STATIC_ASSERT (SRUDP_CPACE_BYTES == SRUDP_RISTRETTO_BYTES);

  srudp_short_code_commit (fields->sas_commitment, secrets->nonce);
  fields->has_cpace = secrets->passphrase != NULL;
  if (fields->has_cpace)
    memcpy (fields->cpace_share, secrets->share, SRUDP_CPACE_BYTES);
}

/* HKDF-Extract with the label as salt, over both with their lengths. */
static void
derive_psk (const SrudpSecrets *secrets,
            const guint8       *isk,
            guint8              psk[SRUDP_PSK_BYTES])
{
  static const char label[] = "srudp psk";
  gsize sizes[] = { secrets->has_invitation ? SRUDP_KEY_BYTES : 0,
                    isk != NULL ? SRUDP_CPACE_ISK_BYTES : 0 };
  guint8 lengths[2] = { (guint8) sizes[0], (guint8) sizes[1] };
  SrudpSpan spans[] = {
    { &lengths[0], 1 },
    { secrets->invitation, sizes[0] },
    { &lengths[1], 1 },
    { isk, sizes[1] },
  };
  guint8 extracted[SRUDP_SHA256_BYTES];

  srudp_hmac_sha256 (extracted, label, strlen (label), spans,
                     G_N_ELEMENTS (spans));
  srudp_hkdf_expand (psk, SRUDP_PSK_BYTES, extracted, label);
  srudp_crypto_wipe (extracted, sizeof extracted);
}

gboolean
srudp_secrets_make_psk (const SrudpSecrets     *secrets,
                        const guint8            own_hash[SRUDP_SHA256_BYTES],
                        const SrudpHelloFields *peer,
                        const guint8            peer_hash[SRUDP_SHA256_BYTES],
                        guint8                  psk[SRUDP_PSK_BYTES])
{
  gboolean use_cpace = secrets->passphrase != NULL && peer->has_cpace;
  SrudpCpaceSide own_side = { secrets->share, { own_hash, SRUDP_SHA256_BYTES } };
  SrudpCpaceSide peer_side = { peer->cpace_share, { peer_hash, SRUDP_SHA256_BYTES } };
  guint8 isk[SRUDP_CPACE_ISK_BYTES];

  if (use_cpace && !srudp_cpace_finish (isk, secrets->scalar,
                                        (SrudpSpan) { NULL, 0 },
                                        &own_side, &peer_side))
    return FALSE;

  if (use_cpace || secrets->has_invitation)
    derive_psk (secrets, use_cpace ? isk : NULL, psk);
  else
    memset (psk, 0, SRUDP_PSK_BYTES);
  srudp_crypto_wipe (isk, sizeof isk);

  return TRUE;
}
