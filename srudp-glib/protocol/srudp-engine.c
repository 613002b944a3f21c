/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-engine.c: one UDP port: its settings, sessions, time and events
 */
#include "srudp-engine-private.h"

#include <string.h>

/* Until somebody sets them: the defaults of the public connection. */
#define DEFAULT_IDLE_TIMEOUT_US (21 * G_USEC_PER_SEC)
#define DEFAULT_KEEPALIVE_US (15 * G_USEC_PER_SEC)
#define DEFAULT_BACKLOG 16

static gboolean
equal_keys (gconstpointer a,
            gconstpointer b)
{
  return memcmp (a, b, SRUDP_KEY_BYTES) == 0;
}

SrudpEngine *
srudp_engine_new (const SrudpEngineConfig *config,
                  gint64                   now)
{
  SrudpEngine *engine = g_new0 (SrudpEngine, 1);

  if (!srudp_crypto_init ())
    g_error ("libsodium cannot be used");

  srudp_local_init (&engine->local, config);
  engine->now = now;
  engine->backlog = DEFAULT_BACKLOG;
  engine->idle_timeout_us = DEFAULT_IDLE_TIMEOUT_US;
  engine->keepalive_us = DEFAULT_KEEPALIVE_US;
  engine->allowed = g_hash_table_new_full (srudp_table_key_hash,
                                           srudp_table_key_equal, g_free, NULL);
  srudp_keyring_init (&engine->keyring);
  /* Tokens are made with the same key, of other messages. */
  engine->flood_guard = srudp_flood_guard_new (engine->local.path_key);
  srudp_peer_table_init (&engine->peers, engine->local.path_key);
  srudp_place_table_init (&engine->places, engine->local.table_secret);
  engine->by_id = g_hash_table_new (g_int64_hash, g_int64_equal);
  engine->ghosts = g_hash_table_new (g_int64_hash, g_int64_equal);
  engine->sockets = g_hash_table_new (NULL, NULL);
  engine->used = g_hash_table_new (srudp_table_key_hash, srudp_table_key_equal);
  g_queue_init (&engine->sessions);
  g_queue_init (&engine->opening);
  g_queue_init (&engine->ready);
  g_queue_init (&engine->answers);
  g_queue_init (&engine->traces);
  g_queue_init (&engine->idle_sockets);
  srudp_half_open_table_init (&engine->half_open, engine->local.table_secret);

  return engine;
}

void
srudp_engine_free (SrudpEngine *engine)
{
  while (engine->sessions.head != NULL)
    srudp_session_free (engine->sessions.head->data);

  srudp_event_queue_clear (&engine->events);
  srudp_deadline_heap_clear (&engine->deadlines);
  g_queue_clear_full (&engine->answers, g_free);
  g_queue_clear_full (&engine->traces, (GDestroyNotify) srudp_trace_free);
  srudp_half_open_table_clear (&engine->half_open);
  g_clear_pointer (&engine->flood_guard, srudp_flood_guard_free);
  g_clear_pointer (&engine->passphrase, srudp_passphrase_unref);
  srudp_keyring_clear (&engine->keyring);
  g_hash_table_unref (engine->ghosts);
  g_queue_clear (&engine->idle_sockets);
  g_hash_table_unref (engine->sockets);
  g_hash_table_unref (engine->used);
  g_hash_table_unref (engine->by_id);
  srudp_peer_table_clear (&engine->peers);
  srudp_place_table_clear (&engine->places);
  g_hash_table_unref (engine->allowed);
  srudp_engine_wipe_key_log (engine);
  if (engine->key_log != NULL)
    g_string_free (engine->key_log, TRUE);
  srudp_local_clear (&engine->local);
  g_free (engine);
}

gint64
srudp_engine_set_now (SrudpEngine *engine,
                      gint64       now)
{
  engine->now = MAX (engine->now, now);

  return engine->now;
}

guint64
srudp_engine_make_id (SrudpEngine *engine)
{
  guint64 id;

  do
    id = (guint64) srudp_local_random_u32 (&engine->local) << 32 |
         srudp_local_random_u32 (&engine->local);
  while (id == 0 || g_hash_table_contains (engine->by_id, &id) ||
         srudp_half_open_find_id (&engine->half_open, id) != NULL);

  return id;
}

void
srudp_engine_get_public_key (SrudpEngine *engine,
                             guint8       out[SRUDP_KEY_BYTES])
{
  memcpy (out, engine->local.keys.public_key, SRUDP_KEY_BYTES);
}

void
srudp_engine_get_counters (SrudpEngine         *engine,
                           SrudpEngineCounters *out)
{
  *out = engine->counters;
}

void
srudp_engine_set_application_protocol (SrudpEngine *engine,
                                       const char  *protocol)
{
  g_free (engine->local.application_protocol);
  engine->local.application_protocol = g_strdup (protocol);
}

void
srudp_engine_set_accepting (SrudpEngine *engine,
                            gboolean     accepting)
{
  engine->accepting = accepting;
}

void
srudp_engine_set_backlog (SrudpEngine *engine,
                          guint        backlog)
{
  engine->backlog = backlog;
}

/* Of a key in a table of this engine. */
static SrudpTableKey
make_table_key (SrudpEngine  *engine,
                const guint8  key[SRUDP_KEY_BYTES])
{
  SrudpTableKey made;

  srudp_table_key_init (&made, engine->local.table_secret, key);

  return made;
}

gboolean
srudp_engine_has_used_hello (SrudpEngine  *engine,
                             const guint8  e[SRUDP_KEY_BYTES])
{
  SrudpTableKey key = make_table_key (engine, e);

  return g_hash_table_contains (engine->used, &key);
}

void
srudp_engine_allow_peer (SrudpEngine  *engine,
                         const guint8  key[SRUDP_KEY_BYTES])
{
  SrudpTableKey made = make_table_key (engine, key);

  g_hash_table_add (engine->allowed, g_memdup2 (&made, sizeof made));
}

void
srudp_engine_forget_peer (SrudpEngine  *engine,
                          const guint8  key[SRUDP_KEY_BYTES])
{
  SrudpTableKey made = make_table_key (engine, key);

  g_hash_table_remove (engine->allowed, &made);
}

gboolean
srudp_engine_allows (SrudpEngine  *engine,
                     const guint8  key[SRUDP_KEY_BYTES])
{
  SrudpTableKey made = make_table_key (engine, key);

  return g_hash_table_size (engine->allowed) == 0 ||
         g_hash_table_contains (engine->allowed, &made);
}

void
srudp_engine_set_passphrase (SrudpEngine   *engine,
                             gconstpointer  passphrase,
                             gsize          size)
{
  g_clear_pointer (&engine->passphrase, srudp_passphrase_unref);
  if (passphrase != NULL)
    engine->passphrase = srudp_keyring_intern (&engine->keyring, passphrase, size);
}

void
srudp_engine_expire_invitations (SrudpEngine *engine)
{
  srudp_keyring_expire (&engine->keyring, engine->now + engine->day_offset_us);
}

void
srudp_engine_add_invitation (SrudpEngine  *engine,
                             const guint8  secret[SRUDP_KEY_BYTES],
                             gint64        expires_at)
{
  srudp_keyring_add_invitation (&engine->keyring, secret, expires_at);
}

void
srudp_engine_set_time_of_day (SrudpEngine *engine,
                              gint64       now,
                              gint64       time_of_day)
{
  now = srudp_engine_set_now (engine, now);
  engine->day_offset_us = time_of_day - now;
  srudp_engine_expire_invitations (engine);
}

void
srudp_engine_remove_invitation (SrudpEngine  *engine,
                                const guint8  secret[SRUDP_KEY_BYTES])
{
  srudp_keyring_remove_invitation (&engine->keyring, secret);
}

void
srudp_engine_set_timeouts (SrudpEngine *engine,
                           gint64       idle_timeout_us,
                           gint64       keepalive_us)
{
  engine->idle_timeout_us = idle_timeout_us;
  engine->keepalive_us = keepalive_us;
}

gboolean
srudp_engine_set_cipher (SrudpEngine *engine,
                         const char  *name)
{
  if (g_ascii_strcasecmp (name, srudp_cipher_get_name (SRUDP_CIPHER_CHACHA20_POLY1305)) == 0)
    engine->local.ciphers = SRUDP_CIPHER_CHACHA20_POLY1305;
  else if (g_ascii_strcasecmp (name, srudp_cipher_get_name (SRUDP_CIPHER_AES_256_GCM)) == 0)
    engine->local.ciphers = SRUDP_CIPHER_CHACHA20_POLY1305 | SRUDP_CIPHER_AES_256_GCM;
  else
    return FALSE;

  return TRUE;
}

void
srudp_engine_set_max_window (SrudpEngine *engine,
                             guint64      n_bytes)
{
  engine->local.max_window = n_bytes;
}

void
srudp_engine_set_nat (SrudpEngine         *engine,
                      const SrudpNatFacts *facts)
{
  engine->nat[facts->address.family == SRUDP_FAMILY_IPV6] = *facts;
  for (GList *l = engine->opening.head; l != NULL; l = l->next)
    {
      srudp_session_plan_spray (l->data);
      srudp_session_touch (l->data);
    }
}

const SrudpNatFacts *
srudp_engine_get_nat (SrudpEngine *engine,
                      SrudpFamily  family)
{
  const SrudpNatFacts *facts = &engine->nat[family == SRUDP_FAMILY_IPV6];

  return srudp_address_is_set (&facts->address) ? facts : NULL;
}

void
srudp_engine_set_first_numbers (SrudpEngine             *engine,
                                const SrudpFirstNumbers *first)
{
  engine->first = *first;
}

void
srudp_engine_set_key_limits (SrudpEngine *engine,
                             guint64      update_packets,
                             gint64       exchange_interval_us)
{
  engine->key_update_packets = update_packets;
  engine->key_exchange_interval_us = exchange_interval_us;
}

void
srudp_engine_set_hello_limits (SrudpEngine *engine,
                               guint        per_address,
                               guint        in_all)
{
  srudp_flood_guard_set_limits (engine->flood_guard, per_address, in_all);
}

gboolean
srudp_engine_set_congestion_controller (SrudpEngine *engine,
                                        const char  *name)
{
  const SrudpCongestionClass *controller = srudp_congestion_find (name);

  if (controller == NULL)
    return FALSE;

  engine->controller = controller;

  return TRUE;
}

gboolean
srudp_engine_tries_address (SrudpEngine        *engine,
                            const SrudpAttempt *attempt,
                            const SrudpAddress *address)
{
  /* Where strangers are welcome anyhow, only the very address is meant. */
  if (engine->accepting)
    return srudp_candidates_contains (&attempt->candidates, address);

  return srudp_candidates_contains_ip (&attempt->candidates, address);
}

static gboolean
is_among (const SrudpOpenConfig *config,
          const SrudpAddress    *address,
          gboolean               any_port)
{
  for (gsize i = 0; i < config->n_candidates; i++)
    if (any_port ? srudp_address_same_ip (&config->candidates[i], address)
                 : srudp_address_equal (&config->candidates[i], address))
      return TRUE;

  return FALSE;
}

/* An inbound session nobody took yet is what a later open of that peer gets, if
 * it knew the same secrets. */
static SrudpSession *
find_in_backlog (SrudpEngine           *engine,
                 const SrudpOpenConfig *config,
                 SrudpPassphrase       *passphrase)
{
  if (engine->n_unclaimed == 0)
    return NULL;

  for (GList *l = engine->sessions.head; l != NULL; l = l->next)
    {
      SrudpSession *session = l->data;
      SrudpPath path;

      if (!srudp_session_is_unclaimed (session) || session->state == SRUDP_STATE_CLOSING)
        continue;
      if (session->passphrase != passphrase ||
          (config->invitation != NULL && !session->was_invited))
        continue;

      srudp_session_get_path (session, &path);
      if (config->expected_peer != NULL
            ? equal_keys (session->peer_key, config->expected_peer)
            : is_among (config, &path.remote, !engine->accepting))
        return session;
    }

  return NULL;
}

SrudpSession *
srudp_engine_open (SrudpEngine           *engine,
                   gint64                 now,
                   const SrudpOpenConfig *config)
{
  SrudpPassphrase *passphrase = NULL;
  SrudpSession *session;

  now = srudp_engine_set_now (engine, now);
  if (config->passphrase != NULL)
    passphrase = srudp_keyring_intern (&engine->keyring, config->passphrase,
                                       config->passphrase_size);
  session = find_in_backlog (engine, config, passphrase);
  if (session != NULL)
    {
      g_clear_pointer (&passphrase, srudp_passphrase_unref);
      srudp_session_claim (session);
      srudp_session_set_timeouts (session, now, config->idle_timeout_us,
                                  config->keepalive_us);
      if (config->max_window > 0)
        srudp_session_set_max_window (session, config->max_window);
      return session;
    }

  session = srudp_session_new (engine);
  session->passphrase = passphrase;
  if (engine->closing)
    srudp_session_give_up (session, SRUDP_REASON_ENDPOINT_CLOSED);
  else if (config->expected_peer != NULL &&
           equal_keys (config->expected_peer, engine->local.keys.public_key))
    srudp_session_give_up (session, SRUDP_REASON_OWN_IDENTITY);
  else
    srudp_session_start_attempt (session, config);

  return session;
}

void
srudp_engine_push_failure (SrudpEngine        *engine,
                           const SrudpAddress *address,
                           SrudpReason         reason)
{
  SrudpEvent event = {
    .type = SRUDP_EVENT_HANDSHAKE_FAILED,
    .address = *address,
    .reason = reason,
  };

  srudp_event_queue_push (&engine->events, &event);
}

gboolean
srudp_engine_poll_event (SrudpEngine *engine,
                         SrudpEvent  *event)
{
  return srudp_event_queue_has (&engine->events)
         && srudp_event_queue_pop (&engine->events, event);
}

void
srudp_engine_hint_unreachable (SrudpEngine        *engine,
                               gint64              now,
                               const SrudpAddress *remote)
{
  const SrudpPlace *place = srudp_place_table_find (&engine->places, remote);
  GList *next;

  now = srudp_engine_set_now (engine, now);
  for (GList *l = place != NULL ? place->connections.head : NULL; l != NULL; l = next)
    {
      SrudpSession *session = l->data;
      SrudpPath path;

      next = l->next; /* it may find out that it has moved */
      srudp_transport_get_path (session->transport, &path);
      if (!srudp_address_equal (&path.remote, remote))
        continue;

      srudp_transport_hint_unreachable (session->transport, now);
      srudp_session_touch (session);
    }
}

void
srudp_engine_on_network_change (SrudpEngine *engine,
                                gint64       now)
{
  now = srudp_engine_set_now (engine, now);
  for (GList *l = engine->sessions.head; l != NULL; l = l->next)
    {
      SrudpSession *session = l->data;

      if (session->transport == NULL || session->is_asleep)
        continue;

      srudp_transport_on_network_change (session->transport, now);
      srudp_session_touch (session);
    }
}

/* Renews the deadlines of those something happened to. */
static void
refresh_deadlines (SrudpEngine *engine)
{
  for (GList *l = engine->ready.head; l != NULL; l = l->next)
    {
      SrudpSession *session = l->data;

      srudp_deadline_heap_set (&engine->deadlines, &session->node,
                               srudp_session_compute_deadline (session));
    }
}

void
srudp_engine_advance (SrudpEngine *engine,
                      gint64       now)
{
  g_autoptr (GPtrArray) due = g_ptr_array_new ();
  SrudpDeadlineNode *node;

  now = srudp_engine_set_now (engine, now);
  srudp_half_open_sweep (&engine->half_open, now);
  srudp_engine_expire_invitations (engine);

  /* First all that are due, so that each is served once. */
  refresh_deadlines (engine);
  while ((node = srudp_deadline_heap_peek (&engine->deadlines)) != NULL &&
         node->deadline <= now)
    {
      srudp_deadline_heap_set (&engine->deadlines, node, -1);
      g_ptr_array_add (due, node);
    }

  for (guint i = 0; i < due->len; i++)
    srudp_session_advance (g_ptr_array_index (due, i));
  for (guint i = 0; i < due->len; i++)
    srudp_session_reap (g_ptr_array_index (due, i));
}

/* Of what belongs to no session. */
static gint64
get_own_deadline (SrudpEngine *engine)
{
  gint64 deadline = engine->half_open.next_sweep, expiry;

  if (engine->keyring.next_expiry < 0)
    return deadline;

  /* A time of day that was long before this clock began is over now. */
  expiry = MAX (engine->keyring.next_expiry - engine->day_offset_us, engine->now);

  return deadline < 0 ? expiry : MIN (deadline, expiry);
}

gint64
srudp_engine_get_deadline (SrudpEngine *engine)
{
  SrudpDeadlineNode *node;
  gint64 deadline = get_own_deadline (engine);

  refresh_deadlines (engine);
  /* Sending can have made events, such as WRITABLE. */
  if (srudp_event_queue_has (&engine->events))
    return engine->now;

  node = srudp_deadline_heap_peek (&engine->deadlines);
  if (node != NULL && (deadline < 0 || node->deadline < deadline))
    deadline = node->deadline;

  return deadline;
}

void
srudp_engine_close (SrudpEngine *engine,
                    gint64       now)
{
  GList *next;

  now = srudp_engine_set_now (engine, now);
  engine->closing = TRUE;
  engine->accepting = FALSE;

  for (GList *l = engine->sessions.head; l != NULL; l = next)
    {
      SrudpSession *session = l->data;

      next = l->next;
      if (session->is_asleep)
        continue; /* a ghost has nothing to deliver */
      if (session->attempt != NULL)
        srudp_session_give_up (session, SRUDP_REASON_ENDPOINT_CLOSED);
      else if (session->state < SRUDP_STATE_CLOSING)
        srudp_session_close (session, now);
    }
}

gboolean
srudp_engine_is_idle (SrudpEngine *engine)
{
  for (GList *l = engine->sessions.head; l != NULL; l = l->next)
    {
      SrudpSession *session = l->data;

      if (session->is_asleep)
        continue;
      if (session->state != SRUDP_STATE_CLOSED)
        return FALSE;
      if (session->transport != NULL &&
          !srudp_transport_is_drained (session->transport) &&
          !(engine->closing &&
            srudp_transport_has_answered_close (session->transport)))
        return FALSE;
    }

  return g_queue_is_empty (&engine->answers);
}
