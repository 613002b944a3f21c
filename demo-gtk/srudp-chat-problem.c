/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-problem.c: what went wrong, in words that help
 */
#include "config.h"

#include "srudp-chat-problem.h"

#include <glib/gi18n.h>

/* What patience does not help against is told of after this: the peer may be
 * in the same network, or have a way nobody knows. */
#define HOPELESS_AFTER_US (20 * G_USEC_PER_SEC)
#define HOPELESS_NEARBY_AFTER_US (60 * G_USEC_PER_SEC)

void
srudp_chat_problem_clear (SrudpChatProblem *problem)
{
  problem->title = NULL;
  g_clear_pointer (&problem->body, g_free);
}

static SrudpChatProblem
new_problem (const char *title,
             const char *body)
{
  return (SrudpChatProblem) { title, g_strdup (body) };
}

static SrudpChatProblem
of_srudp_error (int code)
{
  switch (code)
    {
    case SRUDP_ERROR_PEER_IDENTITY:
      return new_problem (_ ("Wrong Key"),
                          _ ("Someone else answered at this address. Nothing was sent. "
                             "Ask for a new invitation."));
    case SRUDP_ERROR_PASSPHRASE:
      return new_problem (_ ("Wrong Passphrase"),
                          _ ("Your passphrases differ, or only one of you has entered one. "
                             "Enter the same one on both sides."));
    case SRUDP_ERROR_INVITATION:
      return new_problem (_ ("Invitation No Longer Valid"),
                          _ ("Your peer does not know this invitation any more. Ask for a "
                             "new one."));
    case SRUDP_ERROR_APPLICATION_PROTOCOL:
    case SRUDP_ERROR_PROTOCOL:
      return new_problem (_ ("Not a Chat"),
                          _ ("Something else than Srudp Chat answered at this address."));
    case SRUDP_ERROR_VERSION:
      return new_problem (_ ("Different Versions"),
                          _ ("Your peer uses another version of Srudp Chat. Both of you "
                             "should update to the newest one."));
    case SRUDP_ERROR_PEER_UNREACHABLE:
      return new_problem (_ ("Your Peer Did Not Answer"),
                          _ ("Ask your peer to open Srudp Chat and to paste your "
                             "invitation."));
    default:
      return new_problem (_ ("Could Not Connect"), NULL);
    }
}

static SrudpChatProblem
of_io_error (int code)
{
  switch (code)
    {
    case G_IO_ERROR_TIMED_OUT:
      return of_srudp_error (SRUDP_ERROR_PEER_UNREACHABLE);
    case G_IO_ERROR_NETWORK_UNREACHABLE:
    case G_IO_ERROR_HOST_UNREACHABLE:
      return new_problem (_ ("Network Unreachable"),
                          _ ("This computer has no way to that address. Check that it "
                             "is connected to a network."));
    case G_IO_ERROR_HOST_NOT_FOUND:
      return new_problem (_ ("Name Not Found"),
                          _ ("There is no computer of this name. Check the spelling."));
    case G_IO_ERROR_INVALID_ARGUMENT:
      return new_problem (_ ("This Is You"),
                          _ ("The address leads back to this very chat."));
    case G_IO_ERROR_CONNECTION_REFUSED:
      return new_problem (_ ("Your Peer Is Not Waiting for You"),
                          _ ("Your peer refused a further connection."));
    case G_IO_ERROR_ADDRESS_IN_USE:
      return new_problem (_ ("Port In Use"), _ ("Another program uses this port."));
    default:
      return of_srudp_error (SRUDP_ERROR_FAILED);
    }
}

/* Nobody was heard; what has been measured of this network tells why. */
static SrudpChatProblem
of_silence (SrudpChatNetwork *network)
{
  switch (srudp_chat_network_get_reach (network))
    {
    case SRUDP_CHAT_REACH_SILENT:
      return new_problem (_ ("No Public Address"),
                          _ ("The STUN servers did not answer. UDP may be blocked in "
                             "this network. Chats in the local network still work."));
    case SRUDP_CHAT_REACH_CHANGING:
      return (SrudpChatProblem) {
        _ ("No Path Found"),
        /* Translators: the number is a UDP port. */
        g_strdup_printf (_ ("Your router gives every peer another port. Let one of you "
                            "forward UDP port %u, or use another network."),
                         srudp_chat_network_get_port (network)),
      };
    case SRUDP_CHAT_REACH_FINDING:
    case SRUDP_CHAT_REACH_PUBLIC:
    case SRUDP_CHAT_REACH_LOCAL:
    default:
      return of_srudp_error (SRUDP_ERROR_PEER_UNREACHABLE);
    }
}

static gboolean
is_silence (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
         || g_error_matches (error, SRUDP_ERROR, SRUDP_ERROR_PEER_UNREACHABLE);
}

/* The words of the error itself where there are no better ones. */
static SrudpChatProblem
of_error (const GError     *error,
          SrudpChatNetwork *network)
{
  SrudpChatProblem problem;

  if (is_silence (error))
    return of_silence (network);
  if (error->domain == G_IO_ERROR)
    problem = of_io_error (error->code);
  else if (error->domain == G_RESOLVER_ERROR)
    problem = of_io_error (G_IO_ERROR_HOST_NOT_FOUND);
  else
    problem = of_srudp_error (error->domain == SRUDP_ERROR ? error->code : SRUDP_ERROR_FAILED);
  if (problem.body == NULL)
    problem.body = g_strdup (error->message);
  return problem;
}

SrudpChatProblem
srudp_chat_problem_of_conversation (SrudpChatConversation *conversation,
                                    SrudpChatNetwork      *network)
{
  const GError *error = srudp_chat_conversation_get_error (conversation);

  if (srudp_chat_conversation_was_declined (conversation))
    return new_problem (_ ("Your Peer Declined"), _ ("Your peer does not want to chat now."));
  if (error == NULL)
    return new_problem (_ ("Your Peer Has Left"),
                        _ ("The connection was closed before the chat began."));
  return of_error (error, network);
}

static gboolean
is_late (SrudpChatConversation *conversation)
{
  const char *text = srudp_chat_conversation_get_address (conversation);
  g_auto (SrudpChatAddress) address = { 0 };
  gint64 waited_us =
    g_get_monotonic_time () - srudp_chat_conversation_get_since (conversation);
  gboolean nearby = text != NULL
                    && srudp_chat_address_parse (text, 0, &address) == SRUDP_CHAT_ADDRESS_GOOD
                    && srudp_chat_address_is_nearby (&address);

  return waited_us > (nearby ? HOPELESS_NEARBY_AFTER_US : HOPELESS_AFTER_US);
}

/* What stands in the way as far as can be seen, while connecting goes on.
 * Returns: FALSE if nothing does. */
gboolean
srudp_chat_problem_of_hint (SrudpChatConversation *conversation,
                            SrudpChatNetwork      *network,
                            SrudpChatProblem      *problem)
{
  SrudpChatLink *link = srudp_chat_conversation_get_link (conversation);
  g_autoptr (GError) hint = NULL;

  if (link == NULL || srudp_chat_link_is_up (link)
      || srudp_chat_link_get_state (link) < SRUDP_CONNECTION_STATE_WAITING)
    return FALSE;
  hint = srudp_chat_link_dup_hint (link);
  if (hint == NULL || (is_silence (hint) && !is_late (conversation)))
    return FALSE;
  *problem = of_error (hint, network);
  return TRUE;
}

/* NULL if there is nothing to complain of. */
const char *
srudp_chat_problem_of_entry (SrudpChatAddressResult result)
{
  switch (result)
    {
    case SRUDP_CHAT_ADDRESS_BAD_PORT:
      return _ ("The port must be a number from 1 to 65535.");
    case SRUDP_CHAT_ADDRESS_INCOMPLETE:
      return _ ("This invitation is incomplete. Ask your peer to copy it again.");
    case SRUDP_CHAT_ADDRESS_EXPIRED:
      return _ ("This invitation has expired. Ask your peer for a new one.");
    case SRUDP_CHAT_ADDRESS_NEWER:
      return _ ("Made by a newer version.");
    case SRUDP_CHAT_ADDRESS_NOT_ONE:
      return _ ("Not an invitation or an address.");
    case SRUDP_CHAT_ADDRESS_GOOD:
    case SRUDP_CHAT_ADDRESS_EMPTY:
    default:
      return NULL;
    }
}
