/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-problem.c: what went wrong, in words that help
 */
#include "config.h"

#include "srudp-chat-problem.h"

#include <glib/gi18n.h>

static SrudpChatProblem
of_srudp_error (int code)
{
  switch (code)
    {
    case SRUDP_ERROR_PEER_IDENTITY:
      return (SrudpChatProblem) { _ ("Wrong Key"),
                                  _ ("Someone else answered at this address. Nothing was sent. "
                                     "Ask for a new invitation.") };
    case SRUDP_ERROR_APPLICATION_PROTOCOL:
    case SRUDP_ERROR_PROTOCOL:
      return (SrudpChatProblem) { _ ("Not a Chat"),
                                  _ ("Something else than Srudp Chat answered at this address.") };
    case SRUDP_ERROR_VERSION:
      return (SrudpChatProblem) { _ ("Different Versions"),
                                  _ ("Your peer uses another version of Srudp Chat. Both of you "
                                     "should update to the newest one.") };
    case SRUDP_ERROR_PEER_UNREACHABLE:
      return (SrudpChatProblem) { _ ("Your Peer Did Not Answer"),
                                  _ ("Ask your peer to open Srudp Chat and to paste your "
                                     "invitation.") };
    default:
      return (SrudpChatProblem) { _ ("Could Not Connect"), NULL };
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
      return (SrudpChatProblem) { _ ("Network Unreachable"),
                                  _ ("This computer has no way to that address. Check that it "
                                     "is connected to a network.") };
    case G_IO_ERROR_HOST_NOT_FOUND:
      return (SrudpChatProblem) { _ ("Name Not Found"),
                                  _ ("There is no computer of this name. Check the spelling.") };
    case G_IO_ERROR_INVALID_ARGUMENT:
      return (SrudpChatProblem) { _ ("This Is You"),
                                  _ ("The address leads back to this very chat.") };
    case G_IO_ERROR_CONNECTION_REFUSED:
      return (SrudpChatProblem) { _ ("Your Peer Is Not Waiting for You"),
                                  _ ("Your peer refused a further connection.") };
    case G_IO_ERROR_ADDRESS_IN_USE:
      return (SrudpChatProblem) { _ ("Port In Use"),
                                  _ ("Another program uses this port.") };
    default:
      return of_srudp_error (SRUDP_ERROR_FAILED);
    }
}

static gboolean
is_silence (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
         || g_error_matches (error, SRUDP_ERROR, SRUDP_ERROR_PEER_UNREACHABLE);
}

/* The body is NULL when there are no better words than the error's own. */
SrudpChatProblem
srudp_chat_problem_of_conversation (SrudpChatConversation *conversation,
                                    SrudpChatNetwork      *network)
{
  const GError *error = srudp_chat_conversation_get_error (conversation);
  SrudpChatProblem problem;

  if (srudp_chat_conversation_was_declined (conversation))
    return (SrudpChatProblem) { _ ("Your Peer Declined"),
                                _ ("Your peer does not want to chat now.") };
  if (error == NULL)
    return (SrudpChatProblem) { _ ("Your Peer Has Left"),
                                _ ("The connection was closed before the chat began.") };

  if (is_silence (error)
      && srudp_chat_network_get_reach (network) == SRUDP_CHAT_REACH_SILENT)
    problem = (SrudpChatProblem) { _ ("No Public Address"),
                                   _ ("The STUN servers did not answer. UDP may be blocked in "
                                      "this network. Chats in the local network still work.") };
  else if (error->domain == G_IO_ERROR)
    problem = of_io_error (error->code);
  else if (error->domain == G_RESOLVER_ERROR)
    problem = of_io_error (G_IO_ERROR_HOST_NOT_FOUND);
  else
    problem = of_srudp_error (error->domain == SRUDP_ERROR ? error->code : SRUDP_ERROR_FAILED);
  if (problem.body == NULL)
    problem.body = error->message;
  return problem;
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
