/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-numbers.c: numbers about a line, in words
 */
#include "config.h"

#include "srudp-chat-numbers.h"

#include <glib/gi18n.h>

char *
srudp_chat_numbers_for_rtt (gint64 rtt_us)
{
  if (rtt_us < 1000)
    return g_strdup (_ ("< 1 ms"));
  /* Translators: a time in milliseconds. */
  return g_strdup_printf (_ ("%d ms"), (int) (rtt_us / 1000));
}

/* "Direct · IPv4 · 31 ms" */
char *
srudp_chat_numbers_for_path (const SrudpChatLinkFacts *facts)
{
  g_autofree char *rtt = srudp_chat_numbers_for_rtt (facts->rtt_us);

  /* Translators: the kind of path, the version of the Internet protocol, and the
   * round-trip time: "Direct · IPv4 · 31 ms". */
  return g_strdup_printf (_ ("Direct · %s · %s"), facts->is_ipv6 ? "IPv6" : "IPv4", rtt);
}

/* "Trying 4 addresses · 17 packets sent"; NULL before anything is tried */
char *
srudp_chat_numbers_for_attempt (const SrudpChatLinkFacts *facts)
{
  guint n_packets = (guint) MIN (facts->probes_sent, G_MAXUINT);
  g_autofree char *addresses = NULL, *packets = NULL;

  if (facts->addresses_tried == 0)
    return NULL;
  addresses = g_strdup_printf (ngettext ("Trying %u address", "Trying %u addresses",
                                         facts->addresses_tried),
                               facts->addresses_tried);
  packets = g_strdup_printf (ngettext ("%u packet sent", "%u packets sent", n_packets),
                             n_packets);
  /* Translators: how many addresses are tried, and how many packets were sent:
   * "Trying 4 addresses · 17 packets sent". */
  return g_strdup_printf (_ ("%s · %s"), addresses, packets);
}
