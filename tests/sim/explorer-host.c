/*
 * SPDX-License-Identifier: MIT
 *
 * explorer-host.c: one machine of an explored world
 */
#include "explorer-host.h"

#include <string.h>

#define PORT 4000
#define STALE_PORT 9
/* The defaults of the public API. */
#define OPEN_TIMEOUT_US G_GINT64_CONSTANT (30000000)
#define IDLE_TIMEOUT_US G_GINT64_CONSTANT (21000000)
#define KEEPALIVE_US G_GINT64_CONSTANT (15000000)
/* Fresh shares would leave no room for plain updates, if both were asked for
 * at once. */
#define RENEWAL_PACKETS 2
#define EXCHANGE_US 400000

gboolean
ex_session_is_up (const ExSession *session)
{
  return session->session != NULL
    && (session->state == SRUDP_STATE_ESTABLISHED
        || session->state == SRUDP_STATE_UNREACHABLE);
}

void
ex_host_address (guint         index,
                 SrudpAddress *address)
{
  sim_address (address, index + 1, PORT);
}

static void
make_secret (guint   index,
             guint64 seed,
             guint8  out[SRUDP_KEY_BYTES])
{
  SimRng rng;

  sim_rng_init (&rng, seed, 1000 + index);
  sim_rng_fill (&rng, out, SRUDP_KEY_BYTES);
}

static SrudpEngine *
make_engine (guint   index,
             guint64 seed,
             SimRng *rng,
             gint64  now)
{
  SrudpEngineConfig config = { .random = sim_rng_fill, .random_data = rng };

  make_secret (index, seed, config.static_secret);

  return srudp_engine_new (&config, now);
}

void
ex_host_public_key (guint   index,
                    guint64 seed,
                    guint8  out[SRUDP_KEY_BYTES])
{
  SimRng rng;
  SrudpEngine *engine;

  sim_rng_init (&rng, seed, 0);
  engine = make_engine (index, seed, &rng, 0);
  srudp_engine_get_public_key (engine, out);
  srudp_engine_free (engine);
}

/* That of the host's invitations: it outlives its processes, as a kept one. */
static void
make_invitation (guint  index,
                 guint8 out[SRUDP_KEY_BYTES])
{
  memset (out, (int) index + 1, SRUDP_KEY_BYTES);
}

static gboolean
is_inviting (const ExScenario *scenario,
             guint             index)
{
  for (guint i = 0; i < scenario->n_opens; i++)
    if (scenario->opens[i].to == index && scenario->opens[i].invited)
      return TRUE;

  return FALSE;
}

static void
set_secrets (ExHost *host)
{
  const ExScenario *scenario = host->scenario;
  const char *passphrase = scenario->passphrases[host->index];
  guint8 invitation[SRUDP_KEY_BYTES];

  if (passphrase != NULL)
    srudp_engine_set_passphrase (host->engine, passphrase, strlen (passphrase));
  make_invitation (host->index, invitation);
  if (!scenario->forgets && is_inviting (scenario, host->index))
    srudp_engine_add_invitation (host->engine, invitation, -1);
  if (scenario->asks_always)
    srudp_engine_set_hello_limits (host->engine, 0, 0);
  srudp_engine_set_key_limits (host->engine,
                               scenario->renews_keys ? RENEWAL_PACKETS : 0,
                               !scenario->exchanges_keys ? 0
                               : scenario->renews_keys ? EXCHANGE_US : 1);
}

static void
start_process (ExHost *host,
               gint64  now)
{
  sim_rng_init (&host->rng, host->seed,
                100 * (host->index + 1) + host->generation);
  host->engine = make_engine (host->index, host->seed, &host->rng, now);
  srudp_engine_get_public_key (host->engine, host->key);
  srudp_engine_set_accepting (host->engine,
                              host->scenario->accepts[host->index]);
  set_secrets (host);
  host->history = sim_mix (host->index * 100 + host->generation);
  host->is_started = FALSE;
}

static void
note (ExHost       *host,
      gint64        now,
      guint64       what,
      const guint8 *data,
      gsize         size)
{
  guint64 h = sim_mix (host->history ^ sim_mix ((guint64) now) ^ (what << 40));
  gsize i = 0;

  for (; i + 8 <= size; i += 8)
    {
      guint64 word;

      memcpy (&word, data + i, sizeof word);
      h = sim_mix (h ^ word);
    }
  for (; i < size; i++)
    h = sim_mix (h ^ data[i]);
  host->history = h;
}

static ExSession *
add_session (ExHost       *host,
             SrudpSession *session)
{
  ExSession *s = g_new0 (ExSession, 1);

  s->session = session;
  s->peer = G_MAXUINT;
  s->state = srudp_session_get_state (session);
  srudp_session_set_user_data (session, s);
  g_ptr_array_add (host->sessions, s);

  return s;
}

/* Each side says the first bytes of the channel binding, as a greeting and
 * with each word. */
static void
say (ExSession *s,
     gint64     now)
{
  SrudpSlice slice;

  s->written += EX_DATA_BYTES;
  slice = (SrudpSlice) { srudp_chunk_new (EX_DATA_BYTES), 0, EX_DATA_BYTES };
  memcpy (slice.chunk->data, s->binding, EX_DATA_BYTES);
  if (!srudp_session_write (s->session, now, SRUDP_MAIN_STREAM, &slice))
    srudp_slice_clear (&slice);
}

static void
listen (ExSession *s,
        gint64     now)
{
  SrudpSlice slice = { 0 };

  while (srudp_session_read (s->session, SRUDP_MAIN_STREAM, &slice))
    {
      const guint8 *data = srudp_slice_data (&slice);
      gsize n = slice.length;

      for (gsize i = 0; i < n; i++)
        if (data[i] != s->binding[(s->received + i) % EX_DATA_BYTES])
          s->wrong_data = TRUE;
      s->received += n;
      srudp_slice_clear (&slice);
      srudp_session_consume (s->session, now, SRUDP_MAIN_STREAM, n);
    }
}

static void
rise (ExSession *s,
      gint64     now)
{
  s->was_up = TRUE;
  if (!srudp_session_get_channel_binding (s->session, s->binding)
      || !srudp_session_get_peer_key (s->session, s->peer_key))
    s->wrong_data = TRUE;
  say (s, now);
}

static gboolean
has_opens (ExHost *host)
{
  for (guint i = 0; i < host->scenario->n_opens; i++)
    if (host->scenario->opens[i].from == host->index)
      return TRUE;

  return FALSE;
}

/* An application that is about to open leaves an inbound session in the
 * backlog until it has: that is the case where an open takes it over. */
static void
take_incoming (ExHost       *host,
               SrudpSession *session,
               gint64        now)
{
  ExSession *s = srudp_session_get_user_data (session);

  if (s != NULL)
    {
      s->wrong_data = TRUE; /* announced twice */
      return;
    }
  s = add_session (host, session);
  if (host->is_started || !has_opens (host))
    srudp_session_claim (session);
  if (s->state == SRUDP_STATE_ESTABLISHED)
    rise (s, now);
}

static void
handle_event (ExHost           *host,
              const SrudpEvent *event,
              gint64            now)
{
  ExSession *s = NULL;

  if (event->type == SRUDP_EVENT_INCOMING)
    {
      take_incoming (host, event->session, now);
      return;
    }
  if (event->session != NULL)
    s = srudp_session_get_user_data (event->session);
  if (s == NULL || s->session == NULL)
    return;

  if (event->type == SRUDP_EVENT_STATE)
    {
      s->state = event->state;
      s->reason = event->reason;
      if (s->state == SRUDP_STATE_ESTABLISHED && !s->was_up)
        rise (s, now);
    }
  else if (event->type == SRUDP_EVENT_READABLE)
    listen (s, now);
}

static gboolean
pump_events (ExHost *host,
             gint64  now)
{
  SrudpEvent event = { 0 };
  gboolean any = FALSE;

  while (srudp_engine_poll_event (host->engine, &event))
    {
      handle_event (host, &event, now);
      g_clear_pointer (&event.datagram, g_bytes_unref);
      any = TRUE;
    }

  return any;
}

static gboolean
pump_packets (ExHost *host,
              gint64  now)
{
  guint8 buffer[SRUDP_MAX_UDP_PAYLOAD];
  SrudpTransmit flight = { 0 };
  gboolean any = FALSE;
  gsize size;

  while ((size = srudp_engine_poll_transmit (host->engine, now, &flight, buffer,
                                             sizeof buffer, 1)) > 0)
    {
      host->send (host->send_data,
                  sim_packet_new (&host->address, &flight.path.remote,
                                  flight.ecn, buffer, size));
      any = TRUE;
    }

  return any;
}

static gboolean
pump (ExHost *host,
      gint64  now)
{
  gboolean any = FALSE;

  while (pump_events (host, now) | pump_packets (host, now))
    any = TRUE;

  return any;
}

static guint64
count_drops (ExHost *host)
{
  SrudpEngineCounters c;

  srudp_engine_get_counters (host->engine, &c);

  return c.dropped_junk + c.dropped_unknown_id + c.dropped_forged
    + c.dropped_replayed + c.dropped_reflected + c.dropped_not_accepting
    + c.dropped_limited;
}

guint64
ex_host_count_forged (ExHost *host)
{
  SrudpEngineCounters counters;

  srudp_engine_get_counters (host->engine, &counters);

  return counters.dropped_forged;
}

void
ex_host_receive (ExHost          *host,
                 gint64           now,
                 const SimPacket *packet)
{
  SrudpPath path = { .local = host->address, .remote = packet->source };
  g_autofree guint8 *copy = g_memdup2 (packet->data, packet->size);
  guint64 drops = count_drops (host);
  gint64 deadline = ex_host_deadline (host);
  gboolean changed;

  path.local.port = 0;
  srudp_engine_receive (host->engine, now, &path, packet->ecn, copy,
                        packet->size);
  changed = pump (host, now);

  /* A counted drop with no other effect leaves the engine as it was: such
   * worlds need not be told apart. */
  if (changed || count_drops (host) == drops
      || ex_host_deadline (host) != deadline)
    note (host, now, 0x100 + packet->source.ip[3] * 65536u + packet->source.port,
          packet->data, packet->size);
}

void
ex_host_advance (ExHost *host,
                 gint64  now)
{
  srudp_engine_advance (host->engine, now);
  pump (host, now);
  note (host, now, 0x10, NULL, 0);
}

gint64
ex_host_deadline (ExHost *host)
{
  return srudp_engine_get_deadline (host->engine);
}

static void
start_open (ExHost       *host,
            const ExOpen *open,
            gint64        now)
{
  SrudpAddress candidates[2];
  guint8 peer_key[SRUDP_KEY_BYTES], invitation[SRUDP_KEY_BYTES];
  const char *passphrase = host->scenario->passphrases[host->index];
  SrudpOpenConfig config = { .candidates = candidates,
                             .n_candidates = 1,
                             .open_timeout_us = OPEN_TIMEOUT_US,
                             .idle_timeout_us = IDLE_TIMEOUT_US,
                             .keepalive_us = KEEPALIVE_US };
  SrudpSession *session;
  ExSession *s;

  ex_host_address (open->to, &candidates[0]);
  if (open->stale_address)
    candidates[0].port = STALE_PORT;
  if (open->own_address_too)
    candidates[config.n_candidates++] = host->address;
  if (open->pinned)
    {
      ex_host_public_key (open->to, host->seed, peer_key);
      config.expected_peer = peer_key;
    }

  if (passphrase != NULL)
    {
      config.passphrase = passphrase;
      config.passphrase_size = strlen (passphrase);
    }
  make_invitation (open->to, invitation);
  if (open->invited)
    config.invitation = invitation;

  session = srudp_engine_open (host->engine, now, &config);
  s = srudp_session_get_user_data (session);
  if (s == NULL)
    s = add_session (host, session);
  s->is_open = TRUE;
  s->peer = open->to;
}

/* What no open has taken over is the application's now. */
static void
claim_rest (ExHost *host)
{
  for (guint i = 0; i < host->sessions->len; i++)
    {
      ExSession *s = g_ptr_array_index (host->sessions, i);

      if (s->session != NULL && !s->is_open)
        srudp_session_claim (s->session);
    }
}

void
ex_host_start (ExHost *host,
               gint64  now)
{
  host->is_started = TRUE;
  for (guint i = 0; i < host->scenario->n_opens; i++)
    if (host->scenario->opens[i].from == host->index)
      start_open (host, &host->scenario->opens[i], now);
  claim_rest (host);
  pump (host, now);
  note (host, now, 0x20, NULL, 0);
}

void
ex_host_speak (ExHost *host,
               gint64  now)
{
  for (guint i = 0; i < host->sessions->len; i++)
    {
      ExSession *s = g_ptr_array_index (host->sessions, i);

      if (ex_session_is_up (s))
        say (s, now);
    }
  pump (host, now);
  note (host, now, 0x30, NULL, 0);
}

void
ex_host_restart (ExHost *host,
                 gint64  now)
{
  for (guint i = 0; i < host->sessions->len; i++)
    ((ExSession *) g_ptr_array_index (host->sessions, i))->session = NULL;
  srudp_engine_free (host->engine);
  host->generation++;
  start_process (host, now);
}

void
ex_host_init (ExHost           *host,
              const ExScenario *scenario,
              guint             index,
              guint64           seed,
              gint64            now)
{
  *host = (ExHost) { .scenario = scenario, .index = index, .seed = seed };
  ex_host_address (index, &host->address);
  host->sessions = g_ptr_array_new_with_free_func (g_free);
  start_process (host, now);
}

void
ex_host_clear (ExHost *host)
{
  g_clear_pointer (&host->engine, srudp_engine_free);
  g_clear_pointer (&host->sessions, g_ptr_array_unref);
}
