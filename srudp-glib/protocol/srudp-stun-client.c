/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-stun-client.c: Binding transactions with several servers
 */
#include "srudp-stun-client.h"

#include <string.h>

void
srudp_stun_client_init (SrudpStunClient *client,
                        SrudpRandomFunc  random,
                        gpointer         random_data)
{
  memset (client, 0, sizeof *client);
  client->random = random;
  client->random_data = random_data;
}

static SrudpStunTransaction *
find_free (SrudpStunClient *client)
{
  for (guint i = 0; i < SRUDP_STUN_MAX_TRANSACTIONS; i++)
    if (!client->items[i].pending && !client->items[i].done)
      return &client->items[i];
  return NULL;
}

guint
srudp_stun_client_ask (SrudpStunClient    *client,
                       gint64              now,
                       const SrudpAddress *server)
{
  SrudpStunTransaction *transaction = find_free (client);

  if (transaction == NULL || server->port == 0
      || !srudp_address_is_unicast (server))
    return 0;

  memset (transaction, 0, sizeof *transaction);
  client->random (client->random_data, transaction->id,
                  sizeof transaction->id);
  transaction->pending = TRUE;
  transaction->due_us = MAX (now, client->next_slot_us);
  client->next_slot_us = transaction->due_us + SRUDP_STUN_GAP_US;
  if (++client->last_token == 0)
    client->last_token = 1;
  transaction->answer.token = client->last_token;
  transaction->answer.server = *server;
  transaction->answer.rtt_us = -1;
  return client->last_token;
}

static void
end (SrudpStunTransaction *transaction)
{
  transaction->pending = FALSE;
  transaction->done = TRUE;
}

/* RFC 8489, section 6.3.3: the server must have been asked just there. */
static SrudpStunTransaction *
find (SrudpStunClient    *client,
      const SrudpAddress *from,
      const guint8       *id)
{
  for (guint i = 0; i < SRUDP_STUN_MAX_TRANSACTIONS; i++)
    {
      SrudpStunTransaction *transaction = &client->items[i];

      if (transaction->pending && transaction->n_requests > 0
          && memcmp (transaction->id, id, sizeof transaction->id) == 0
          && srudp_address_equal (&transaction->answer.server, from))
        return transaction;
    }
  return NULL;
}

/* RFC 8489, section 6.3.4: a 5xx, and what a server without a working mapping
 * says, is not asked again within this short time. */
static void
take (SrudpStunTransaction    *transaction,
      const SrudpStunResponse *response,
      gint64                   now)
{
  SrudpStunAnswer *answer = &transaction->answer;

  answer->response = *response;
  answer->answered = response->error_code == 0
                     && response->mapped.port != 0
                     && srudp_address_is_unicast (&response->mapped)
                     && response->mapped.family == answer->server.family;
  /* RFC 6298, section 3 (Karn's algorithm). */
  if (transaction->n_requests == 1)
    answer->rtt_us = now - answer->asked_us;
  end (transaction);
}

gboolean
srudp_stun_client_receive (SrudpStunClient    *client,
                           gint64              now,
                           const SrudpAddress *from,
                           const guint8       *data,
                           gsize               size)
{
  SrudpStunResponse response;
  SrudpStunTransaction *transaction;

  if (!srudp_stun_parse_response (data, size, &response))
    return FALSE;
  transaction = find (client, from, response.transaction_id);
  if (transaction == NULL)
    return FALSE;
  take (transaction, &response, now);
  return TRUE;
}

static SrudpStunTransaction *
find_earliest (const SrudpStunClient *client)
{
  const SrudpStunTransaction *earliest = NULL;

  for (guint i = 0; i < SRUDP_STUN_MAX_TRANSACTIONS; i++)
    {
      const SrudpStunTransaction *transaction = &client->items[i];

      if (transaction->pending
          && (earliest == NULL || transaction->due_us < earliest->due_us))
        earliest = transaction;
    }
  return (SrudpStunTransaction *) earliest;
}

gboolean
srudp_stun_client_poll_transmit (SrudpStunClient *client,
                                 gint64           now,
                                 SrudpAddress    *to,
                                 guint8           out[SRUDP_STUN_REQUEST_BYTES])
{
  SrudpStunTransaction *transaction;

  while ((transaction = find_earliest (client)) != NULL
         && transaction->due_us <= now)
    {
      gint64 rto_us = SRUDP_STUN_RTO_US << transaction->n_requests;

      if (transaction->n_requests >= SRUDP_STUN_MAX_REQUESTS)
        {
          end (transaction);
          continue;
        }
      if (transaction->n_requests++ == 0)
        transaction->answer.asked_us = now;
      transaction->due_us = now + MIN (rto_us, SRUDP_STUN_MAX_RTO_US);
      srudp_stun_write_request (out, transaction->id);
      *to = transaction->answer.server;
      return TRUE;
    }
  return FALSE;
}

gboolean
srudp_stun_client_poll_answer (SrudpStunClient *client,
                               gint64           now,
                               SrudpStunAnswer *answer)
{
  for (guint i = 0; i < SRUDP_STUN_MAX_TRANSACTIONS; i++)
    {
      SrudpStunTransaction *transaction = &client->items[i];

      if (transaction->pending && transaction->due_us <= now
          && transaction->n_requests >= SRUDP_STUN_MAX_REQUESTS)
        end (transaction);
      if (!transaction->done)
        continue;
      transaction->done = FALSE;
      *answer = transaction->answer;
      return TRUE;
    }
  return FALSE;
}

gint64
srudp_stun_client_get_deadline (const SrudpStunClient *client)
{
  const SrudpStunTransaction *earliest = find_earliest (client);

  for (guint i = 0; i < SRUDP_STUN_MAX_TRANSACTIONS; i++)
    if (client->items[i].done)
      return 0;
  return earliest == NULL ? -1 : earliest->due_us;
}

void
srudp_stun_client_cancel (SrudpStunClient *client,
                          guint            token)
{
  for (guint i = 0; i < SRUDP_STUN_MAX_TRANSACTIONS; i++)
    if (client->items[i].answer.token == token)
      client->items[i].pending = client->items[i].done = FALSE;
}
