/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-invitation.c: who a peer is and where, in one line of text
 */
#include "config.h"

#include "srudp-glib/srudp-invitation.h"

#include "srudp-glib/protocol/srudp-crypto.h"
#include "srudp-glib/srudp-address-convert-private.h"
#include "srudp-glib/srudp-address-list-private.h"
#include "srudp-glib/srudp-error.h"
#include "srudp-glib/srudp-i18n-private.h"
#include "srudp-glib/srudp-invitation-private.h"
#include "srudp-glib/srudp-peer-id-private.h"

#include <string.h>

/**
 * SrudpInvitation:
 *
 * Who a peer is and where, in one line of text.
 *
 * An invitation holds the [struct@Srudp.PeerId] of the peer that made it and
 * the addresses at which it may be reached. It is a
 * [iface@Gio.SocketConnectable]: whoever has one connects with
 * [method@Srudp.Endpoint.connect_to], or with its text and
 * [method@Srudp.Endpoint.connect_to_host]. Nobody but the peer that is named
 * can then answer; anyone else gives %SRUDP_ERROR_PEER_IDENTITY.
 *
 * The text is a URI that begins with `srudp:`, fewer than 200 characters for
 * four addresses, made to be pasted into a chat, read aloud or shown as a QR
 * code. It holds a checksum, and its [form](invitation.html) is stable.
 *
 * ```c
 * g_autoptr (SrudpInvitation) invitation = srudp_invitation_parse (pasted, &error);
 * g_autoptr (SrudpConnection) connection =
 *   srudp_endpoint_connect_to (endpoint, G_SOCKET_CONNECTABLE (invitation), NULL, &error);
 * ```
 *
 * Give it to the one it is meant for: it tells your addresses, and may hold a
 * secret that lets its reader in.
 *
 * A `SrudpInvitation` never changes, and may be used from any thread.
 */
struct _SrudpInvitation
{
  GObject parent_instance;

  SrudpPeerId *peer_id;
  SrudpAddressList *candidates;
  GDateTime *expires;
  SrudpNatFacts nat;
  SrudpInvitationIntroducer introducers[SRUDP_INVITATION_MAX_INTRODUCERS];
  guint n_introducers;
  guint8 *secret; /* in memory that is wiped, or NULL */
  char *text;     /* holds the secret as well */
};

enum
{
  PROP_PEER_ID = 1,
  PROP_CANDIDATES,
  PROP_EXPIRES,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void connectable_iface_init (GSocketConnectableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (
  SrudpInvitation, srudp_invitation, G_TYPE_OBJECT,
  G_IMPLEMENT_INTERFACE (G_TYPE_SOCKET_CONNECTABLE, connectable_iface_init))

static void
free_text (char *text)
{
  srudp_crypto_wipe (text, strlen (text));
  g_free (text);
}

static void
free_secret (guint8 *secret)
{
  srudp_crypto_wipe (secret, SRUDP_INVITATION_SECRET_BYTES);
  g_free (secret);
}

static void
srudp_invitation_finalize (GObject *object)
{
  SrudpInvitation *self = SRUDP_INVITATION (object);

  g_clear_pointer (&self->peer_id, srudp_peer_id_free);
  g_clear_object (&self->candidates);
  g_clear_pointer (&self->expires, g_date_time_unref);
  g_clear_pointer (&self->secret, free_secret);
  g_clear_pointer (&self->text, free_text);

  G_OBJECT_CLASS (srudp_invitation_parent_class)->finalize (object);
}

static void
srudp_invitation_get_property (GObject    *object,
                               guint       property_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  SrudpInvitation *self = SRUDP_INVITATION (object);

  switch (property_id)
    {
    case PROP_PEER_ID:
      g_value_set_boxed (value, self->peer_id);
      break;
    case PROP_CANDIDATES:
      g_value_set_object (value, self->candidates);
      break;
    case PROP_EXPIRES:
      g_value_set_boxed (value, self->expires);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
srudp_invitation_class_init (SrudpInvitationClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = srudp_invitation_finalize;
  object_class->get_property = srudp_invitation_get_property;

  /**
   * SrudpInvitation:peer-id:
   *
   * Who invites.
   */
  props[PROP_PEER_ID] =
    g_param_spec_boxed ("peer-id", NULL, NULL, SRUDP_TYPE_PEER_ID,
                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpInvitation:candidates:
   *
   * The addresses at which the peer may be, of [class@Gio.SocketAddress]. The
   * list never changes.
   */
  props[PROP_CANDIDATES] =
    g_param_spec_object ("candidates", NULL, NULL, G_TYPE_LIST_MODEL,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpInvitation:expires:
   *
   * Until when the peer answers to it, in UTC, or %NULL for no limit.
   *
   * This is what the peer says, by its own clock. An invitation that has
   * expired can still be read and tried, as clocks differ; an endpoint that
   * made it doesn't answer to it any more.
   */
  props[PROP_EXPIRES] =
    g_param_spec_boxed ("expires", NULL, NULL, G_TYPE_DATE_TIME,
                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
fill_in (SrudpInvitation             *self,
         const SrudpInvitationFields *fields,
         char                        *text)
{
  GPtrArray *addresses = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < fields->n_candidates; i++)
    g_ptr_array_add (addresses,
                     srudp_address_to_inet (&fields->candidates[i], FALSE));
  g_clear_object (&self->candidates);
  self->candidates = srudp_address_list_new (addresses);

  g_clear_pointer (&self->peer_id, srudp_peer_id_free);
  self->peer_id = srudp_peer_id_new_from_key (fields->key);
  if (fields->expires_s != 0)
    self->expires = g_date_time_new_from_unix_utc (fields->expires_s);
  self->nat = fields->nat;
  self->n_introducers = fields->n_introducers;
  memcpy (self->introducers, fields->introducers, sizeof self->introducers);
  if (fields->has_secret)
    self->secret = g_memdup2 (fields->secret, sizeof fields->secret);

  g_clear_pointer (&self->text, free_text);
  self->text = text;
}

/* One made by g_object_new() invites to nobody, but is whole. */
static void
srudp_invitation_init (SrudpInvitation *self)
{
  const SrudpInvitationFields nobody = { 0 };

  fill_in (self, &nobody, srudp_invitation_encode (&nobody));
}

static GSocketAddressEnumerator *
srudp_invitation_enumerate (GSocketConnectable *connectable)
{
  SrudpInvitation *self = SRUDP_INVITATION (connectable);

  return srudp_address_list_enumerate (self->candidates);
}

static char *
srudp_invitation_connectable_to_string (GSocketConnectable *connectable)
{
  return srudp_invitation_to_string (SRUDP_INVITATION (connectable));
}

static void
connectable_iface_init (GSocketConnectableIface *iface)
{
  iface->enumerate = srudp_invitation_enumerate;
  iface->to_string = srudp_invitation_connectable_to_string;
}

/* Making */

SrudpInvitation *
srudp_invitation_new_from_fields (const SrudpInvitationFields *fields)
{
  SrudpInvitation *self = g_object_new (SRUDP_TYPE_INVITATION, NULL);

  fill_in (self, fields, srudp_invitation_encode (fields));
  return self;
}

/**
 * srudp_invitation_without_secret:
 * @self: an invitation
 *
 * Makes a copy of an invitation that says who the peer is and where, but holds
 * no secret, and so never expires.
 *
 * This is what to keep of a peer that one wants to come back to: a secret is
 * forgotten by its maker when the endpoint that gave it out is closed, unless
 * [method@Srudp.Endpoint.add_invitation] tells it to another one, and opening
 * with one that was forgotten fails with %SRUDP_ERROR_INVITATION. Who
 * opens without one is a stranger, though, whom the peer only answers if it
 * accepts or opens itself.
 *
 * What later versions have added is left out.
 *
 * Returns: (transfer full): an invitation
 */
SrudpInvitation *
srudp_invitation_without_secret (SrudpInvitation *self)
{
  g_autofree char *canonical = NULL;
  SrudpInvitationFields fields;
  SrudpInvitationResult result;

  g_return_val_if_fail (SRUDP_IS_INVITATION (self), NULL);

  if (self->secret == NULL && self->expires == NULL)
    return g_object_ref (self);
  result = srudp_invitation_decode (self->text, &fields, &canonical);
  g_assert (result == SRUDP_INVITATION_GOOD);
  srudp_crypto_wipe (canonical, strlen (canonical));
  srudp_crypto_wipe (fields.secret, sizeof fields.secret);
  fields.has_secret = FALSE;
  fields.expires_s = 0;
  return srudp_invitation_new_from_fields (&fields);
}

static gboolean
is_named (const SrudpInvitationFields *fields,
          const SrudpAddress          *address)
{
  for (guint i = 0; i < fields->n_candidates; i++)
    if (srudp_address_equal (&fields->candidates[i], address))
      return TRUE;
  return FALSE;
}

/**
 * srudp_invitation_new:
 * @peer_id: who invites; as a rule the [property@Srudp.Endpoint:peer-id] of
 *   an own endpoint
 * @candidates: (array length=n_candidates) (transfer none): where to reach it
 * @n_candidates: how many these are
 *
 * Makes an invitation from addresses that are known.
 *
 * Left out are addresses by which nobody can reach a peer: those of other
 * families than IPv4 and IPv6, those with port 0, `0.0.0.0` and `::`,
 * multicast and link-local ones, as well as repeated ones and those after the
 * first 32.
 *
 * Returns: (transfer full): a new invitation
 */
SrudpInvitation *
srudp_invitation_new (const SrudpPeerId  *peer_id,
                      GSocketAddress    **candidates,
                      gsize               n_candidates)
{
  SrudpInvitationFields fields = { 0 };

  g_return_val_if_fail (peer_id != NULL, NULL);
  g_return_val_if_fail (candidates != NULL || n_candidates == 0, NULL);

  memcpy (fields.key, srudp_peer_id_get_key (peer_id), sizeof fields.key);
  for (gsize i = 0; i < n_candidates
                    && fields.n_candidates < SRUDP_INVITATION_MAX_CANDIDATES;
       i++)
    {
      SrudpAddress address;

      if (srudp_address_from_inet (candidates[i], &address)
          && srudp_invitation_can_name (&address)
          && !is_named (&fields, &address))
        fields.candidates[fields.n_candidates++] = address;
    }
  return srudp_invitation_new_from_fields (&fields);
}

static void
set_error (SrudpInvitationResult   result,
           GError                **error)
{
  if (result == SRUDP_INVITATION_NOT_ONE)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                         _ ("This is not an invitation. An invitation begins "
                            "with “srudp:”."));
  else if (result == SRUDP_INVITATION_NEWER)
    g_set_error_literal (error, SRUDP_ERROR, SRUDP_ERROR_VERSION,
                         _ ("This invitation was made by a newer version. "
                            "Update this program to use it."));
  else
    g_set_error_literal (error, SRUDP_ERROR, SRUDP_ERROR_INVITATION,
                         _ ("This invitation is incomplete or damaged. Ask "
                            "your peer to copy it again."));
}

/**
 * srudp_invitation_parse:
 * @string: text with an invitation in it
 * @error: return location for an error
 *
 * Reads an invitation from text, as from [method@Srudp.Invitation.to_string].
 *
 * Spaces, line breaks, invisible characters, quotation marks and other signs
 * in it or around it do no harm, nor does text before and after it, and upper
 * and lower case are the same.
 *
 * Fails with %SRUDP_ERROR_INVITATION if it is damaged or incomplete, with
 * %SRUDP_ERROR_VERSION if it is from a later version, and with
 * `G_IO_ERROR_INVALID_ARGUMENT` if there is no invitation in the text at all.
 *
 * Returns: (transfer full): a new invitation, or %NULL with @error set
 */
SrudpInvitation *
srudp_invitation_parse (const char  *string,
                        GError     **error)
{
  SrudpInvitationFields fields;
  SrudpInvitationResult result;
  SrudpInvitation *self;
  char *text;

  g_return_val_if_fail (string != NULL, NULL);

  result = srudp_invitation_decode (string, &fields, &text);
  if (result != SRUDP_INVITATION_GOOD)
    {
      set_error (result, error);
      return NULL;
    }

  self = g_object_new (SRUDP_TYPE_INVITATION, NULL);
  fill_in (self, &fields, text);
  srudp_crypto_wipe (&fields, sizeof fields);
  return self;
}

/* Looking */

/**
 * srudp_invitation_to_string:
 * @self: an invitation
 *
 * Gives the text of an invitation: one line without spaces.
 *
 * It is the same as from [method@Gio.SocketConnectable.to_string]. If the
 * invitation holds a secret, so does the text.
 *
 * Returns: (transfer full): the text
 */
char *
srudp_invitation_to_string (SrudpInvitation *self)
{
  g_return_val_if_fail (SRUDP_IS_INVITATION (self), NULL);

  return g_strdup (self->text);
}

/**
 * srudp_invitation_get_peer_id:
 * @self: an invitation
 *
 * Gives who invites.
 *
 * Returns: (transfer none): the peer id
 */
SrudpPeerId *
srudp_invitation_get_peer_id (SrudpInvitation *self)
{
  g_return_val_if_fail (SRUDP_IS_INVITATION (self), NULL);

  return self->peer_id;
}

/**
 * srudp_invitation_get_candidates:
 * @self: an invitation
 *
 * Gives the addresses at which the peer may be, as
 * [class@Gio.SocketAddress]. The list never changes.
 *
 * Returns: (transfer none): the addresses
 */
GListModel *
srudp_invitation_get_candidates (SrudpInvitation *self)
{
  g_return_val_if_fail (SRUDP_IS_INVITATION (self), NULL);

  return G_LIST_MODEL (self->candidates);
}

/**
 * srudp_invitation_get_expires:
 * @self: an invitation
 *
 * Gives until when the peer answers to it.
 *
 * Returns: (transfer none) (nullable): a time in UTC, or %NULL for no limit
 */
GDateTime *
srudp_invitation_get_expires (SrudpInvitation *self)
{
  g_return_val_if_fail (SRUDP_IS_INVITATION (self), NULL);

  return self->expires;
}

const guint8 *
srudp_invitation_get_secret (SrudpInvitation *self)
{
  return self->secret;
}

const SrudpNatFacts *
srudp_invitation_get_nat (SrudpInvitation *self)
{
  return self->nat.mapping == SRUDP_MAPPING_UNKNOWN ? NULL : &self->nat;
}

const SrudpInvitationIntroducer *
srudp_invitation_get_introducers (SrudpInvitation *self,
                                  guint           *n)
{
  *n = self->n_introducers;
  return self->introducers;
}
