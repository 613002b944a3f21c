/*
 * SPDX-License-Identifier: MIT
 *
 * counted.c: linked into the chat, it complains at the end of what is still alive
 */
#include "census.h"

__attribute__ ((destructor)) static void
complain (void)
{
  g_autofree char *left = census_tell ();

  /* A good-bye that takes more than seconds is not waited for: then the network
   * is still there, and much with it, but nothing of the chats. */
  if (census_count ("SrudpChatEndpoint") > 0 && census_count ("SrudpChatMessage") == 0
      && census_count ("SrudpChatConversation") == 0 && census_count ("SrudpChatFile") == 0)
    return;
  if (*left != '\0')
    g_printerr ("ERROR: still alive at the end: %s\n", left);
}
