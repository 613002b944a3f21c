/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-secrets.h: what both sides may know before they meet
 *
 * A passphrase, which people can remember and others could guess, goes through
 * CPace; an invitation's secret, which nobody can guess, is used as it is.
 * Both end up in the psk of the handshake.
 */
#pragma once

#include "srudp-cpace.h"
#include "srudp-engine.h"
#include "srudp-guesses.h"
#include "srudp-hello.h"

G_BEGIN_DECLS

#define SRUDP_PSK_BYTES 32

/* Of one endpoint: the same passphrase is the same object, whoever uses it, so
 * that all guesses at it are counted together. Only what CPace needs of it is
 * kept, in memory for secrets. Compare by address. */
typedef struct _SrudpPassphrase SrudpPassphrase;

SrudpPassphrase *srudp_passphrase_ref         (SrudpPassphrase *self);
void             srudp_passphrase_unref       (SrudpPassphrase *self);
/* Of all uses of it. */
SrudpGuesses    *srudp_passphrase_get_guesses (SrudpPassphrase *self);

/* The passphrases that were used here, and the secrets given away. */
typedef struct
{
  GPtrArray *passphrases; /* oldest first */
  GPtrArray *invitations; /* in memory for secrets */
  gint64 next_expiry; /* the first of all; -1: none */
} SrudpKeyring;

#define SRUDP_MAX_PASSPHRASES 16 /* remembered when nobody uses them */
#define SRUDP_MAX_INVITATIONS 64

void             srudp_keyring_init           (SrudpKeyring *keyring);
void             srudp_keyring_clear          (SrudpKeyring *keyring);
/* Returns a new reference. */
SrudpPassphrase *srudp_keyring_intern         (SrudpKeyring *keyring,
                                               gconstpointer passphrase,
                                               gsize         size);
/* The oldest goes when there are too many. One that is there already holds
 * until then, from now on. -1: for ever. */
void             srudp_keyring_add_invitation (SrudpKeyring *keyring,
                                               const guint8  secret[SRUDP_KEY_BYTES],
                                               gint64        expires_at);
void             srudp_keyring_remove_invitation (SrudpKeyring *keyring,
                                                  const guint8  secret[SRUDP_KEY_BYTES]);
/* Wipes those whose time is over. */
void             srudp_keyring_expire         (SrudpKeyring *keyring,
                                               gint64        time_of_day);
/* The secret that a HELLO proves to know, or NULL. */
const guint8    *srudp_keyring_find_invitation (const SrudpKeyring *keyring,
                                                const SrudpHello   *hello,
                                                const guint8        e[SRUDP_KEY_BYTES]);

/* What one side brings into one handshake. Plain bytes, to be cleared. */
typedef struct
{
  SrudpPassphrase *passphrase; /* a reference, or NULL */
  guint8 scalar[SRUDP_RISTRETTO_BYTES]; /* with a passphrase: of the share */
  guint8 share[SRUDP_RISTRETTO_BYTES];
  gboolean has_invitation;
  guint8 invitation[SRUDP_KEY_BYTES];
  guint8 nonce[SRUDP_SAS_BYTES]; /* of the short code */
} SrudpSecrets;

/* Both may be NULL. Draws a fresh nonce, and a scalar if there is a
 * passphrase. */
void     srudp_secrets_init     (SrudpSecrets    *secrets,
                                 SrudpPassphrase *passphrase,
                                 const guint8    *invitation,
                                 SrudpRandomFunc  random,
                                 gpointer         random_data);
void     srudp_secrets_clear    (SrudpSecrets    *secrets);
/* Tells the peer the share, if there is one, and the commitment to the nonce. */
void     srudp_secrets_offer    (const SrudpSecrets *secrets,
                                 SrudpHelloFields   *fields);
/* `own_hash` and `peer_hash` are of the messages that carried the shares. The
 * passphrase counts only if both sides have one; whether that is enough is
 * decided elsewhere. FALSE: the peer's share is worth nothing. */
gboolean srudp_secrets_make_psk (const SrudpSecrets     *secrets,
                                 const guint8            own_hash[SRUDP_SHA256_BYTES],
                                 const SrudpHelloFields *peer,
                                 const guint8            peer_hash[SRUDP_SHA256_BYTES],
                                 guint8                  psk[SRUDP_PSK_BYTES])
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
