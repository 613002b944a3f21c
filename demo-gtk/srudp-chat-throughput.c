/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-throughput.c: how much went to and fro in the last minute
 */
#include "config.h"

#include "srudp-chat-throughput.h"

#include <string.h>

/* What went in all; to be called once a second. A new link counts from the
 * beginning. */
void
srudp_chat_throughput_add (SrudpChatThroughput *self,
                           guint64              bytes_sent,
                           guint64              bytes_received)
{
  SrudpChatThroughputSample sample = { 0 };

  if (self->bytes_sent > 0 && bytes_sent >= self->bytes_sent
      && bytes_received >= self->bytes_received)
    {
      sample.sent = (double) (bytes_sent - self->bytes_sent);
      sample.received = (double) (bytes_received - self->bytes_received);
    }
  memmove (self->samples, self->samples + 1, sizeof self->samples - sizeof sample);
  self->samples[SRUDP_CHAT_THROUGHPUT_SECONDS - 1] = sample;
  self->bytes_sent = bytes_sent;
  self->bytes_received = bytes_received;
}

double
srudp_chat_throughput_get_most (const SrudpChatThroughput *self)
{
  double most = 0;

  for (guint i = 0; i < SRUDP_CHAT_THROUGHPUT_SECONDS; i++)
    most = MAX (most, MAX (self->samples[i].sent, self->samples[i].received));
  return most;
}
