/*
 * SPDX-License-Identifier: MIT
 *
 * explorer.c: every order in which a handshake's packets and mishaps can come
 */
#include "explorer-host.h"
#include "explorer-judge.h"

#include <string.h>

/* More than these under way at once: the oldest is lost. */
#define MAX_IN_FLIGHT 6
/* Nobody repeats anything later than that; and packets don't live longer. */
#define MAX_TICK_US 1500000
#define START_US G_GINT64_CONSTANT (1000000000)
/* Once the mishaps have stopped. Whoever met a process that died needs the idle
 * timeout to know. */
#define FAIR_DELAY_US 10000
#define SETTLE_US G_GINT64_CONSTANT (5000000)
#define SETTLE_AFTER_DEATH_US G_GINT64_CONSTANT (28000000)
#define QUIET_US G_GINT64_CONSTANT (2000000)
#define MAX_FAIR_STEPS 20000
/* Enough for the four half-open slots of a waiting open, and for the sixteen
 * of an address that is accepted from. */
#define N_STRANGERS 17
/* What is said at the end, for keys to change once more, and how often. */
#define MIN_LAST_WORDS 4
#define MAX_LAST_WORDS 40
#define LAST_WORDS_US G_GINT64_CONSTANT (500000)

typedef struct
{
  SimPacket *packet;
  gint64 due_us; /* only once deliveries are fair */
} Flight;

struct _ExWorld
{
  const ExScenario *scenario;
  guint64 seed;
  gint64 now;
  ExHost hosts[EX_MAX_HOSTS];
  GArray *flights; /* oldest first */
  ExBudget left;
  gboolean is_fair;
};

static void
send_cb (gpointer   data,
         SimPacket *packet)
{
  ExWorld *world = data;
  Flight flight = { packet, world->now + FAIR_DELAY_US };

  g_array_append_val (world->flights, flight);
  if (!world->is_fair && world->flights->len > MAX_IN_FLIGHT)
    {
      sim_packet_free (g_array_index (world->flights, Flight, 0).packet);
      g_array_remove_index (world->flights, 0);
    }
}

static gboolean step_fairly (ExWorld *world,
                             gint64   until);

static void
start_all (ExWorld *world)
{
  for (guint i = 0; i < world->scenario->n_hosts; i++)
    if (!world->hosts[i].is_started)
      ex_host_start (&world->hosts[i], world->now);
}

static gboolean
changes_keys (ExWorld *world)
{
  return world->scenario->renews_keys || world->scenario->exchanges_keys;
}

static void
connect_all (ExWorld *world)
{
  world->is_fair = TRUE;
  start_all (world);
  while (!ex_judge_is_settled (world->scenario, world->hosts)
         && step_fairly (world, START_US + SETTLE_US))
    ;
  world->is_fair = FALSE;
}

ExWorld *
ex_world_new (const ExScenario *scenario,
              guint64           seed)
{
  ExWorld *world = g_new0 (ExWorld, 1);

  world->scenario = scenario;
  world->seed = seed;
  world->now = START_US;
  world->left = scenario->budget;
  world->flights = g_array_new (FALSE, FALSE, sizeof (Flight));
  for (guint i = 0; i < scenario->n_hosts; i++)
    {
      ex_host_init (&world->hosts[i], scenario, i, seed, world->now);
      world->hosts[i].send = send_cb;
      world->hosts[i].send_data = world;
    }
  if (changes_keys (world))
    connect_all (world);

  return world;
}

void
ex_world_free (ExWorld *world)
{
  for (guint i = 0; i < world->flights->len; i++)
    sim_packet_free (g_array_index (world->flights, Flight, i).packet);
  g_array_unref (world->flights);
  for (guint i = 0; i < world->scenario->n_hosts; i++)
    ex_host_clear (&world->hosts[i]);
  g_free (world);
}

static ExHost *
find_host (ExWorld            *world,
           const SrudpAddress *address)
{
  for (guint i = 0; i < world->scenario->n_hosts; i++)
    if (srudp_address_equal (&world->hosts[i].address, address))
      return &world->hosts[i];

  return NULL;
}

/* To an address where nobody is, it is lost. */
static void
deliver (ExWorld         *world,
         const SimPacket *packet)
{
  ExHost *host = find_host (world, &packet->destination);

  if (host != NULL)
    ex_host_receive (host, world->now, packet);
}

static SimPacket *
take_packet (ExWorld *world,
             guint    i)
{
  SimPacket *packet = g_array_index (world->flights, Flight, i).packet;

  g_array_remove_index (world->flights, i);

  return packet;
}

/* What a forger can reach without keys: the first byte, the ephemeral key, the
 * sealed payload, the unsealed tail, the length. */
static void
forge (ExWorld   *world,
       guint      i,
       guint      variant)
{
  const SimPacket *genuine = g_array_index (world->flights, Flight, i).packet;
  SimPacket *copy = sim_packet_copy (genuine);
  gsize at[] = { 0, 1, 12, copy->size / 2, copy->size - 1 };

  if (variant < G_N_ELEMENTS (at))
    copy->data[MIN (at[variant], copy->size - 1)] ^= 0x15;
  else
    copy->size /= 2;
  deliver (world, copy);
  sim_packet_free (copy);
}

static void
reflect (ExWorld *world,
         guint    i)
{
  SimPacket *copy
    = sim_packet_copy (g_array_index (world->flights, Flight, i).packet);
  SrudpAddress source = copy->source;

  copy->source = copy->destination;
  copy->destination = source;
  deliver (world, copy);
  sim_packet_free (copy);
}

/* A HELLO of somebody else, to the host, under its peer's address. */
static SimPacket *
make_strange_hello (ExHost *host,
                    guint   n,
                    gint64  now)
{
  guint8 buffer[SRUDP_MAX_UDP_PAYLOAD];
  SrudpOpenConfig open = { .candidates = &host->address,
                           .n_candidates = 1,
                           .open_timeout_us = 30000000,
                           .idle_timeout_us = 21000000 };
  SrudpEngineConfig config = { .random = sim_rng_fill };
  SrudpTransmit flight = { 0 };
  SrudpAddress source;
  SrudpEngine *engine;
  SimRng rng;
  gsize size;

  sim_rng_init (&rng, n, 77);
  sim_rng_fill (&rng, config.static_secret, SRUDP_KEY_BYTES);
  config.random_data = &rng;
  engine = srudp_engine_new (&config, now);
  srudp_engine_open (engine, now, &open);
  size = srudp_engine_poll_transmit (engine, now, &flight, buffer,
                                     sizeof buffer, 1);
  srudp_engine_free (engine);

  ex_host_address (host->index == 0 ? 1 : 0, &source);

  return sim_packet_new (&source, &host->address, SRUDP_ECN_NOT_ECT, buffer,
                         size);
}

static void
evict (ExWorld *world,
       guint    index)
{
  /* They are the same in every world. */
  static SimPacket *hellos[EX_MAX_HOSTS][N_STRANGERS];

  for (guint n = 0; n < N_STRANGERS; n++)
    {
      if (hellos[index][n] == NULL)
        hellos[index][n] = make_strange_hello (&world->hosts[index], n,
                                               START_US);
      deliver (world, hellos[index][n]);
    }
}

static gint64
next_deadline (ExWorld *world)
{
  gint64 next = -1;

  for (guint i = 0; i < world->scenario->n_hosts; i++)
    {
      gint64 deadline = ex_host_deadline (&world->hosts[i]);

      if (deadline != -1 && (next == -1 || deadline < next))
        next = deadline;
    }

  return next;
}

static void
run_timers (ExWorld *world)
{
  for (guint i = 0; i < world->scenario->n_hosts; i++)
    {
      gint64 deadline = ex_host_deadline (&world->hosts[i]);

      if (deadline != -1 && deadline <= world->now)
        ex_host_advance (&world->hosts[i], world->now);
    }
}

static void
tick (ExWorld *world)
{
  gint64 next = next_deadline (world);

  if (next == -1)
    return;
  world->now = MAX (world->now, next);
  run_timers (world);
}

/* Delivers a copy: the packet itself stays under way. */
static void
duplicate (ExWorld *world,
           guint    i)
{
  SimPacket *copy
    = sim_packet_copy (g_array_index (world->flights, Flight, i).packet);

  deliver (world, copy);
  sim_packet_free (copy);
}

static void
deliver_one (ExWorld *world,
             guint    i)
{
  SimPacket *packet = take_packet (world, i);

  deliver (world, packet);
  sim_packet_free (packet);
}

static guint *
get_budget (ExWorld *world,
            ExKind   kind)
{
  switch (kind)
    {
    case EX_DUPLICATE:
      return &world->left.duplicates;
    case EX_REFLECT:
      return &world->left.reflections;
    case EX_FORGE:
      return &world->left.forgeries;
    case EX_EVICT:
      return &world->left.evictions;
    case EX_RESTART:
      return &world->left.restarts;
    case EX_SPEAK:
      return &world->left.words;
    case EX_START:
    case EX_DELIVER:
    case EX_TICK:
    case EX_N_KINDS:
    default:
      return NULL;
    }
}

static gboolean
has_occasion (ExWorld  *world,
              ExAction  action)
{
  switch ((ExKind) action.kind)
    {
    case EX_START:
      return !world->hosts[action.index].is_started;
    case EX_EVICT:
    case EX_RESTART:
    case EX_SPEAK:
      return world->hosts[action.index].is_started;
    case EX_DELIVER:
    case EX_DUPLICATE:
    case EX_REFLECT:
    case EX_FORGE:
      return action.index < world->flights->len;
    case EX_TICK:
    case EX_N_KINDS:
    default:
      return next_deadline (world) != -1
        && next_deadline (world) <= world->now + MAX_TICK_US;
    }
}

static gboolean
is_possible (ExWorld  *world,
             ExAction  action)
{
  guint *budget = get_budget (world, (ExKind) action.kind);

  return has_occasion (world, action) && (budget == NULL || *budget > 0);
}

gboolean
ex_world_act (ExWorld  *world,
              ExAction  action)
{
  guint i = action.index;
  guint *budget = get_budget (world, (ExKind) action.kind);

  if (!is_possible (world, action))
    return FALSE;
  if (budget != NULL)
    (*budget)--;
  switch ((ExKind) action.kind)
    {
    case EX_START:
      ex_host_start (&world->hosts[i], world->now);
      break;
    case EX_DELIVER:
      deliver_one (world, i);
      break;
    case EX_DUPLICATE:
      duplicate (world, i);
      break;
    case EX_REFLECT:
      reflect (world, i);
      break;
    case EX_FORGE:
      forge (world, i, action.variant);
      break;
    case EX_EVICT:
      evict (world, i);
      break;
    case EX_RESTART:
      ex_host_restart (&world->hosts[i], world->now);
      break;
    case EX_SPEAK:
      ex_host_speak (&world->hosts[i], world->now);
      break;
    case EX_TICK:
    case EX_N_KINDS:
    default:
      tick (world);
      break;
    }

  return TRUE;
}

char *
ex_world_describe (ExWorld *world)
{
  GString *text = g_string_new (NULL);
  g_autofree char *hosts = ex_judge_explain (world->scenario, world->hosts);

  g_string_append_printf (text, "%+6d ms %s under way:",
                          (int) ((world->now - START_US) / 1000),
                          hosts + strlen ("stuck:"));
  for (guint i = 0; i < world->flights->len; i++)
    {
      const SimPacket *p = g_array_index (world->flights, Flight, i).packet;

      g_string_append_printf (text, " %c>%c:%u[%02x %u]",
                              'A' + p->source.ip[3] - 1,
                              'A' + p->destination.ip[3] - 1,
                              p->destination.port, p->data[0],
                              (guint) p->size);
    }

  return g_string_free (text, FALSE);
}

static guint64
hash_packet (const SimPacket *packet)
{
  guint64 h = packet->size ^ ((guint64) packet->destination.ip[3] << 32)
    ^ ((guint64) packet->source.ip[3] << 40)
    ^ ((guint64) packet->destination.port << 48);

  for (gsize i = 0; i + 8 <= packet->size; i += 8)
    {
      guint64 word;

      memcpy (&word, packet->data + i, sizeof word);
      h = sim_mix (h ^ word);
    }

  return sim_mix (h);
}

guint64
ex_world_hash (ExWorld *world)
{
  guint64 h = sim_mix ((guint64) world->now);
  guint64 sum = 0;

  for (guint i = 0; i < world->scenario->n_hosts; i++)
    h = sim_mix (h ^ world->hosts[i].history);
  /* Their order doesn't matter: any of them may come next. */
  for (guint i = 0; i < world->flights->len; i++)
    sum += hash_packet (g_array_index (world->flights, Flight, i).packet);
  h = sim_mix (h ^ sum);
  h = sim_mix (h ^ (world->left.duplicates | world->left.reflections << 4
                    | world->left.forgeries << 8 | world->left.evictions << 12
                    | world->left.restarts << 16
                    | world->left.words << 20));

  return h;
}

static guint
count_variants (ExKind kind)
{
  return kind == EX_FORGE ? EX_N_FORGERIES : 1;
}

static gboolean
is_about_packet (ExKind kind)
{
  return kind == EX_DELIVER || kind == EX_DUPLICATE || kind == EX_REFLECT
    || kind == EX_FORGE;
}

void
ex_world_list (ExWorld *world,
               GArray  *actions)
{
  for (guint kind = 0; kind < EX_N_KINDS; kind++)
    {
      guint n = is_about_packet (kind) ? world->flights->len
        : kind == EX_TICK ? 1 : world->scenario->n_hosts;

      for (guint i = 0; i < n; i++)
        for (guint v = 0; v < count_variants (kind); v++)
          {
            ExAction action = { (guint8) kind, (guint8) i, (guint8) v };

            if (is_possible (world, action))
              g_array_append_val (actions, action);
          }
    }
}

static void
begin_fairness (ExWorld *world,
                gboolean lose_leftovers)
{
  world->is_fair = TRUE;
  while (lose_leftovers && world->flights->len > 0)
    sim_packet_free (take_packet (world, world->flights->len - 1));
  for (guint i = 0; i < world->flights->len; i++)
    g_array_index (world->flights, Flight, i).due_us
      = world->now + FAIR_DELAY_US;
  start_all (world);
}

/* The next thing on time: a packet or a timer. FALSE: nothing until then. */
static gboolean
step_fairly (ExWorld *world,
             gint64   until)
{
  gint64 deadline = next_deadline (world);
  gint64 due = world->flights->len == 0
    ? G_MAXINT64 : g_array_index (world->flights, Flight, 0).due_us;

  if (deadline == -1)
    deadline = G_MAXINT64;
  if (MIN (due, deadline) > until)
    {
      world->now = until;
      return FALSE;
    }
  world->now = MAX (world->now, MIN (due, deadline));
  if (due <= deadline)
    deliver_one (world, 0);
  else
    run_timers (world);

  return TRUE;
}

static guint64
count_forged (ExWorld *world)
{
  guint64 n = 0;

  for (guint i = 0; i < world->scenario->n_hosts; i++)
    n += ex_host_count_forged (&world->hosts[i]);

  return n;
}

static char *
wait_until_settled (ExWorld *world)
{
  gint64 limit = world->now + (world->scenario->budget.restarts > 0
                                 ? SETTLE_AFTER_DEATH_US : SETTLE_US);
  guint n_steps = 0;

  while (!ex_judge_is_settled (world->scenario, world->hosts))
    if (!step_fairly (world, limit) || n_steps++ > MAX_FAIR_STEPS)
      return ex_judge_explain (world->scenario, world->hosts);

  return NULL;
}

/* All go on hearing each other while their keys go on changing. */
static char *
say_last_words (ExWorld *world)
{
  char *why = NULL;

  for (guint n = 0; n < MAX_LAST_WORDS && why == NULL; n++)
    {
      gint64 limit = world->now + LAST_WORDS_US;

      if (n >= MIN_LAST_WORDS
          && ex_judge_have_keys_changed (world->scenario, world->hosts))
        break;
      for (guint i = 0; i < world->scenario->n_hosts; i++)
        ex_host_speak (&world->hosts[i], world->now);
      while (step_fairly (world, limit))
        ;
      why = wait_until_settled (world);
    }

  return why;
}

char *
ex_world_settle (ExWorld *world,
                 gboolean lose_leftovers)
{
  guint64 n_forged = count_forged (world);
  guint n_steps = 0;
  gint64 limit;
  char *why;

  begin_fairness (world, lose_leftovers);
  why = wait_until_settled (world);
  if (why == NULL && changes_keys (world))
    why = say_last_words (world);
  if (why != NULL)
    return why;

  limit = world->now + QUIET_US;
  while (step_fairly (world, limit))
    if (n_steps++ > MAX_FAIR_STEPS)
      return g_strdup ("they never come to rest");

  /* What was sent since then has always been opened. */
  if (changes_keys (world) && lose_leftovers && count_forged (world) > n_forged)
    return g_strdup ("a genuine packet was taken for a forged one");

  return ex_judge_check (world->scenario, world->hosts);
}
