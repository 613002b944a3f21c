/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-reason.c: why a connection ended, in words for people
 */
#include "config.h"

#include "srudp-glib/srudp-reason-private.h"

#include "srudp-glib/srudp-error.h"
#include "srudp-glib/srudp-i18n-private.h"

/* What the peer wrote is hostile text: a bounded, printable line of it. */
#define WORDS_MAX_CHARS 200

static char *
clean_words (const char *words)
{
  g_autofree char *valid = g_utf8_make_valid (words, -1);
  GString *clean = g_string_new (NULL);
  guint n = 0;

  for (const char *p = valid; *p != '\0' && n < WORDS_MAX_CHARS;
       p = g_utf8_next_char (p), n++)
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (clean, g_unichar_isprint (c) ? c : ' ');
    }
  return g_string_free (clean, FALSE);
}

static GError *
peer_aborted (const char *words)
{
  g_autofree char *clean = NULL;

  if (words == NULL || *words == '\0')
    return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                                _ ("The peer has broken off the connection."));

  clean = clean_words (words);
  return g_error_new (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                      _ ("The peer has broken off the connection: %s"), clean);
}

/* Only open() and handshakes that fail report errors of our own domain. */
static GError *
opening_error (SrudpReason reason,
               SrudpState  state)
{
  switch (reason)
    {
    case SRUDP_REASON_OPEN_TIMEOUT:
    case SRUDP_REASON_IDLE_TIMEOUT:
    case SRUDP_REASON_LINGER_TIMEOUT:
      if (state >= SRUDP_STATE_PUNCHING)
        return g_error_new_literal (
          G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
          _ ("The peer was heard, but no connection came about in time. Try "
             "again on both sides."));
      return g_error_new_literal (
        SRUDP_ERROR, SRUDP_ERROR_PEER_UNREACHABLE,
        _ ("Nothing was heard from the peer in time. Check its address and "
           "port, and that it is opening the connection, too."));
    case SRUDP_REASON_PEER_IDENTITY:
      return g_error_new_literal (
        SRUDP_ERROR, SRUDP_ERROR_PEER_IDENTITY,
        _ ("Somebody else than the expected peer has answered. Ask the peer "
           "for its current peer id."));
    case SRUDP_REASON_PASSPHRASE:
      return g_error_new_literal (
        SRUDP_ERROR, SRUDP_ERROR_PASSPHRASE,
        _ ("The passphrases of the two sides differ, or only one side has one. "
           "Enter the same one on both."));
    case SRUDP_REASON_INVITATION:
      return g_error_new_literal (
        SRUDP_ERROR, SRUDP_ERROR_INVITATION,
        _ ("The peer does not know this invitation any more. Ask it for a new "
           "one."));
    case SRUDP_REASON_APPLICATION_PROTOCOL:
      return g_error_new_literal (
        SRUDP_ERROR, SRUDP_ERROR_APPLICATION_PROTOCOL,
        _ ("The other side runs another application, or another version of "
           "this one."));
    case SRUDP_REASON_VERSION:
      return g_error_new_literal (
        SRUDP_ERROR, SRUDP_ERROR_VERSION,
        _ ("The other side uses another version of the protocol. Update both "
           "sides."));
    case SRUDP_REASON_PROTOCOL:
      return g_error_new_literal (
        SRUDP_ERROR, SRUDP_ERROR_PROTOCOL,
        _ ("The peer has broken the protocol. Update both sides."));
    default:
      return NULL;
    }
}

GError *
srudp_reason_new_endpoint_closed_error (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED,
                              _ ("The endpoint was closed."));
}

void
srudp_reason_fail_endpoint_closed (SrudpWaiter *waiter)
{
  g_autoptr (GError) error = srudp_reason_new_endpoint_closed_error ();

  srudp_waiter_fail (waiter, error);
}

static GError *
common_error (SrudpReason  reason,
              const char  *words)
{
  switch (reason)
    {
    case SRUDP_REASON_OPEN_TIMEOUT:
    case SRUDP_REASON_IDLE_TIMEOUT:
      return g_error_new_literal (
        G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
        _ ("Nothing was heard from the peer for too long."));
    case SRUDP_REASON_LINGER_TIMEOUT:
      return g_error_new_literal (
        G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
        _ ("The connection was closed before the peer had received "
           "everything."));
    case SRUDP_REASON_REFUSED:
      return g_error_new_literal (
        G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED,
        _ ("The peer does not accept connections now."));
    case SRUDP_REASON_OWN_IDENTITY:
      return g_error_new_literal (
        G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        _ ("This is your own address or identity; give that of the peer."));
    case SRUDP_REASON_PEER_RESTARTED:
      return g_error_new_literal (
        G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
        _ ("The peer was restarted. Open a new connection."));
    case SRUDP_REASON_KEYS_EXHAUSTED:
      return g_error_new_literal (
        G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
        _ ("The connection has reached the limit of its keys. Open a new "
           "one."));
    case SRUDP_REASON_PROTOCOL:
      return g_error_new_literal (
        G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
        _ ("The peer has broken the protocol."));
    case SRUDP_REASON_ENDPOINT_CLOSED:
      return srudp_reason_new_endpoint_closed_error ();
    case SRUDP_REASON_ABORTED:
      return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED,
                                  _ ("The connection was broken off here."));
    default:
      return peer_aborted (words);
    }
}

GError *
srudp_reason_to_error (SrudpReason  reason,
                       SrudpState   state,
                       const char  *words)
{
  GError *error = NULL;

  if (reason == SRUDP_REASON_NONE || reason == SRUDP_REASON_PEER_CLOSED)
    return NULL;

  if (state < SRUDP_STATE_ESTABLISHED)
    error = opening_error (reason, state);
  return error != NULL ? error : common_error (reason, words);
}
