/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-address.c: where a peer is, as people paste it
 */
#include "srudp-chat-address.h"

#include <srudp-glib/srudp-glib.h>
#include <string.h>

#define MAX_INPUT_BYTES 4096
#define MAX_HOST_BYTES 253

void
srudp_chat_address_clear (SrudpChatAddress *self)
{
  g_clear_pointer (&self->host, g_free);
  g_clear_pointer (&self->invitation, g_free);
  self->port = 0;
}

char *
srudp_chat_address_to_string (const SrudpChatAddress *self)
{
  if (self->invitation != NULL)
    return g_strdup (self->invitation);
  if (strchr (self->host, ':') != NULL)
    return g_strdup_printf ("[%s]:%u", self->host, self->port);
  return g_strdup_printf ("%s:%u", self->host, self->port);
}

/* Whether it leads to whoever has this key, or to this very port. */
gboolean
srudp_chat_address_is_own (const SrudpChatAddress *self,
                           guint16                 own_port,
                           const char             *own_peer_id)
{
  g_autoptr (GInetAddress) address = NULL;
  gboolean here;

  if (self->invitation != NULL)
    {
      g_autoptr (SrudpInvitation) invitation = srudp_invitation_parse (self->invitation, NULL);
      g_autofree char *peer_id =
        srudp_peer_id_to_string (srudp_invitation_get_peer_id (invitation));

      return g_strcmp0 (peer_id, own_peer_id) == 0;
    }
  address = g_inet_address_new_from_string (self->host);
  here = g_ascii_strcasecmp (self->host, "localhost") == 0
                  || (address != NULL && g_inet_address_get_is_loopback (address));

  return here && self->port == own_port;
}

static gboolean
is_nearby (GInetAddress *address)
{
  return g_inet_address_get_is_loopback (address)
         || g_inet_address_get_is_link_local (address)
         || g_inet_address_get_is_site_local (address);
}

/* Whether it leads nowhere but into the local network. */
gboolean
srudp_chat_address_is_nearby (const SrudpChatAddress *self)
{
  g_autoptr (SrudpInvitation) invitation = NULL;
  g_autoptr (GInetAddress) host = NULL;
  GListModel *candidates;
  guint n_candidates;

  if (self->invitation == NULL)
    {
      host = g_inet_address_new_from_string (self->host);
      return host != NULL && is_nearby (host);
    }
  invitation = srudp_invitation_parse (self->invitation, NULL);
  candidates = srudp_invitation_get_candidates (invitation);
  n_candidates = g_list_model_get_n_items (candidates);
  for (guint i = 0; i < n_candidates; i++)
    {
      g_autoptr (GInetSocketAddress) candidate = g_list_model_get_item (candidates, i);

      if (!is_nearby (g_inet_socket_address_get_address (candidate)))
        return FALSE;
    }
  return TRUE;
}

/* --- Cleaning what was pasted ---------------------------------------------- */

static gboolean
is_invisible (gunichar c)
{
  return c == 0xad || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e)
         || (c >= 0x2060 && c <= 0x2069) || c == 0xfeff;
}

/* Quotation marks of all languages, brackets that are not an IPv6 address's,
 * and what separates the items of a list. */
static gboolean
is_separator (gunichar c)
{
  return g_unichar_isspace (c) || g_unichar_iscntrl (c)
         || (c < 0x80 && strchr ("\"'`<>(){},;|", (int) c) != NULL)
         || c == 0xab || c == 0xbb || (c >= 0x2018 && c <= 0x201f)
         || c == 0x2039 || c == 0x203a || (c >= 0x3008 && c <= 0x300f);
}

static GStrv
split_words (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, MIN (strlen (text), MAX_INPUT_BYTES));
  g_autoptr (GString) clean = g_string_new (NULL);
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_auto (GStrv) parts = NULL;

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (is_separator (c))
        g_string_append_c (clean, ' ');
      else if (!is_invisible (c))
        g_string_append_unichar (clean, c);
    }

  parts = g_strsplit (clean->str, " ", -1);
  for (gsize i = 0; parts[i] != NULL; i++)
    {
      gsize length = strlen (parts[i]);

      /* The end of the sentence around an address. */
      while (length > 0 && strchr (".!?", parts[i][length - 1]) != NULL)
        parts[i][--length] = '\0';
      if (length > 0)
        g_strv_builder_add (words, parts[i]);
    }
  return g_strv_builder_end (words);
}

/* --- One word -------------------------------------------------------------- */

static gboolean
is_label (const char *label,
          gsize       length)
{
  if (length == 0 || length > 63 || label[0] == '-' || label[length - 1] == '-')
    return FALSE;
  for (const char *p = label; p < label + length; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      /* Beyond ASCII: a name that the resolver encodes itself. */
      if (!g_unichar_isalnum (c) && c != '-' && c != '_')
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_all_digits_and_dots (const char *host)
{
  return strspn (host, "0123456789.") == strlen (host);
}

static gboolean
is_host_name (const char *host)
{
  const char *label = host;

  if (strlen (host) > MAX_HOST_BYTES || is_all_digits_and_dots (host))
    return FALSE;
  for (;;)
    {
      gsize length = strcspn (label, ".");

      if (!is_label (label, length))
        return FALSE;
      if (label[length] == '\0')
        return TRUE;
      label += length + 1;
    }
}

static gboolean
parse_port (const char *text,
            guint16    *port)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT16, &value, NULL))
    return FALSE;
  *port = (guint16) value;
  return TRUE;
}

typedef struct
{
  SrudpChatAddress address;
  gboolean sure;     /* can be nothing but an address */
  gboolean has_port;
  gboolean bad_port;
} Word;

/* [2001:db8::1] or [2001:db8::1]:5001 */
static gboolean
parse_bracketed (const char *word,
                 Word       *out)
{
  const char *end = strchr (word, ']');
  g_autofree char *host = NULL;
  g_autofree char *without_zone = NULL;

  if (word[0] != '[' || end == NULL)
    return FALSE;
  host = g_strndup (word + 1, end - word - 1);
  without_zone = g_strndup (host, strcspn (host, "%"));
  if (!g_hostname_is_ip_address (without_zone) || strchr (host, ':') == NULL)
    return FALSE;
  if (end[1] == ':')
    {
      out->has_port = TRUE;
      out->bad_port = !parse_port (end + 2, &out->address.port);
    }
  else if (end[1] != '\0')
    return FALSE;
  out->address.host = g_steal_pointer (&host);
  out->sure = TRUE;
  return TRUE;
}

static gboolean
parse_word (const char *word,
            Word       *out)
{
  const char *colon = strrchr (word, ':');
  g_autofree char *host = NULL;
  gboolean is_ip;

  if (word[0] == '[')
    return parse_bracketed (word, out);
  if (g_hostname_is_ip_address (word))
    colon = NULL;

  host = colon != NULL ? g_strndup (word, colon - word) : g_strdup (word);
  is_ip = g_hostname_is_ip_address (host);
  /* A port behind an IPv6 address without brackets would be ambiguous. */
  if (colon != NULL && strchr (host, ':') != NULL)
    return FALSE;
  if (!is_ip && !is_host_name (host))
    return FALSE;
  /* "https://…" is no port but another kind of address. */
  if (!is_ip && colon != NULL && colon[1 + strspn (colon + 1, "0123456789")] != '\0')
    return FALSE;
  if (colon != NULL)
    {
      out->has_port = TRUE;
      out->bad_port = !parse_port (colon + 1, &out->address.port);
    }
  out->sure = is_ip || (colon != NULL && !out->bad_port) || strchr (host, '.') != NULL;
  out->address.host = g_steal_pointer (&host);
  return TRUE;
}

/* --- Invitations ----------------------------------------------------------- */

/* Whether @text, as an address is written here, is an invitation. */
gboolean
srudp_chat_address_is_invitation (const char *text)
{
  return text != NULL && g_str_has_prefix (text, "srudp:");
}

/* What to come back to a known peer by: the secret of an invitation doesn't
 * outlive the program that made it. */
char *
srudp_chat_address_to_lasting (const char *text)
{
  g_autoptr (SrudpInvitation) invitation = NULL;
  g_autoptr (SrudpInvitation) lasting = NULL;

  if (srudp_chat_address_is_invitation (text))
    invitation = srudp_invitation_parse (text, NULL);
  if (invitation == NULL)
    return g_strdup (text);
  lasting = srudp_invitation_without_secret (invitation);
  return srudp_invitation_to_string (lasting);
}

/* Returns: NOT_ONE if no word of @text begins like one. */
static SrudpChatAddressResult
parse_invitation (const char       *text,
                  SrudpChatAddress *address)
{
  g_autofree char *start = g_strndup (text, MAX_INPUT_BYTES);
  g_autofree char *valid = g_utf8_make_valid (start, -1);
  g_autoptr (GError) error = NULL;
  g_autoptr (SrudpInvitation) invitation = srudp_invitation_parse (valid, &error);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  GDateTime *expires;

  if (invitation == NULL)
    {
      if (g_error_matches (error, SRUDP_ERROR, SRUDP_ERROR_VERSION))
        return SRUDP_CHAT_ADDRESS_NEWER;
      if (g_error_matches (error, SRUDP_ERROR, SRUDP_ERROR_INVITATION))
        return SRUDP_CHAT_ADDRESS_INCOMPLETE;
      return SRUDP_CHAT_ADDRESS_NOT_ONE;
    }
  expires = srudp_invitation_get_expires (invitation);
  if (expires != NULL && g_date_time_compare (expires, now) < 0)
    return SRUDP_CHAT_ADDRESS_EXPIRED;
  *address = (SrudpChatAddress) { .invitation = srudp_invitation_to_string (invitation) };
  return SRUDP_CHAT_ADDRESS_GOOD;
}

/* --- All of it ------------------------------------------------------------- */

static SrudpChatAddressResult
parse_host (const char       *text,
            guint16           default_port,
            SrudpChatAddress *address)
{
  g_auto (GStrv) words = split_words (text);
  gsize n_words = g_strv_length (words);

  if (n_words == 0)
    return SRUDP_CHAT_ADDRESS_EMPTY;

  for (gsize i = 0; i < n_words; i++)
    {
      Word word = { .address.port = default_port };
      g_auto (SrudpChatAddress) found = { 0 };
      gboolean is_address;

      is_address = parse_word (words[i], &word);
      found = word.address;
      /* Among other words, only what can be nothing else. */
      if (!is_address || !(word.sure || i == 0)
          || (!word.sure && n_words > 1 && !parse_port (words[1], &found.port)))
        continue;
      if (word.bad_port)
        return SRUDP_CHAT_ADDRESS_BAD_PORT;
      if (!word.has_port && i + 2 == n_words)
        parse_port (words[i + 1], &found.port);

      *address = found;
      found.host = NULL;
      return SRUDP_CHAT_ADDRESS_GOOD;
    }
  return SRUDP_CHAT_ADDRESS_NOT_ONE;
}

/* Fills in @address from @text when that is, or contains, an invitation or an
 * address: "host", "host:port", "[IPv6]:port", "host port", with whatever people
 * paste around it. */
SrudpChatAddressResult
srudp_chat_address_parse (const char       *text,
                          guint16           default_port,
                          SrudpChatAddress *address)
{
  SrudpChatAddressResult result = parse_invitation (text, address);

  if (result != SRUDP_CHAT_ADDRESS_NOT_ONE)
    return result;
  return parse_host (text, default_port, address);
}
