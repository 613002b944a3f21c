/*
 * SPDX-License-Identifier: MIT
 *
 * explorer-search.c: the search through an explored world
 */
#include "explorer-search.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_STATES 1200
#define DEFAULT_WALKS 300
#define WALK_LENGTH 40
#define MAX_TRACE 64

/* A state is the actions that led to it: the parent's, and one more. */
typedef struct
{
  guint parent;
  ExAction action;
  guint8 depth;
} Node;

typedef struct
{
  const ExScenario *scenario;
  guint64 seed;
  GArray *nodes;    /* Node; the first is the beginning */
  GHashTable *seen; /* hashes of states */
  guint n_replays, n_settled, depth;
  char *failure;
} Search;

typedef struct
{
  ExAction actions[MAX_TRACE];
  guint n;
  gboolean lose_leftovers;
} Trace;

static const char kind_letters[EX_N_KINDS + 1] = "SDURFEXWT";

static char *
format_trace (const Trace *trace)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < trace->n; i++)
    {
      const ExAction *a = &trace->actions[i];

      g_string_append_printf (text, "%c%u", kind_letters[a->kind], a->index);
      if (a->kind == EX_FORGE)
        g_string_append_printf (text, ".%u", a->variant);
      g_string_append_c (text, ' ');
    }
  g_string_append_c (text, trace->lose_leftovers ? '-' : '+');

  return g_string_free (text, FALSE);
}

static void
parse_trace (const char *text,
             Trace      *trace)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);

  *trace = (Trace) { .n = 0 };
  for (guint i = 0; words[i] != NULL && trace->n < MAX_TRACE; i++)
    {
      const char *letter = strchr (kind_letters, words[i][0]);
      const char *dot = strchr (words[i], '.');
      ExAction action = { 0 };

      if (words[i][0] == '-')
        trace->lose_leftovers = TRUE;
      if (words[i][0] == '\0' || letter == NULL)
        continue;
      action.kind = (guint8) (letter - kind_letters);
      action.index = (guint8) g_ascii_strtoull (words[i] + 1, NULL, 10);
      if (dot != NULL)
        action.variant = (guint8) g_ascii_strtoull (dot + 1, NULL, 10);
      trace->actions[trace->n++] = action;
    }
}

static ExWorld *
replay (Search      *search,
        const Trace *trace)
{
  ExWorld *world = ex_world_new (search->scenario, search->seed);

  search->n_replays++;
  for (guint i = 0; i < trace->n; i++)
    ex_world_act (world, trace->actions[i]);

  return world;
}

/* NULL, or why it doesn't end well. */
static char *
judge (Search      *search,
       const Trace *trace)
{
  g_autoptr (ExWorld) world = replay (search, trace);

  return ex_world_settle (world, trace->lose_leftovers);
}

static void
remove_action (Trace *trace,
               guint  at)
{
  memmove (trace->actions + at, trace->actions + at + 1,
           (trace->n - at - 1) * sizeof (ExAction));
  trace->n--;
}

/* Leaves out what isn't needed for it to fail. */
static void
minimize (Search *search,
          Trace  *trace)
{
  gboolean shorter = TRUE;

  while (shorter)
    {
      shorter = FALSE;
      for (guint i = trace->n; i-- > 0;)
        {
          Trace less = *trace;
          g_autofree char *why = NULL;

          remove_action (&less, i);
          why = judge (search, &less);
          if (why == NULL)
            continue;
          *trace = less;
          shorter = TRUE;
        }
    }
}

static void
fail (Search *search,
      Trace  *trace)
{
  g_autofree char *text = NULL, *why = NULL;
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);

  minimize (search, trace);
  text = format_trace (trace);
  why = judge (search, trace);
  search->failure = g_strdup_printf (
    "%s\n# repeat: SRUDP_EXPLORER_TRACE='%s' SRUDP_SIM_SEED=%" G_GUINT64_FORMAT
    " %s -p %s", why, text, search->seed, program, g_test_get_path ());
}

/* Whether something is still under way makes two ends of one state. */
static gboolean
settle_both (Search *search,
             Trace  *trace)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *why = NULL;

      trace->lose_leftovers = i == 0;
      why = judge (search, trace);
      if (why == NULL)
        continue;
      fail (search, trace);
      return FALSE;
    }
  search->n_settled++;

  return TRUE;
}

static void
get_trace (Search *search,
           guint   at,
           Trace  *trace)
{
  const Node *node = &g_array_index (search->nodes, Node, at);

  trace->n = node->depth;
  for (guint i = node->depth; i-- > 0;)
    {
      trace->actions[i] = node->action;
      node = &g_array_index (search->nodes, Node, node->parent);
    }
}

/* Returns whether nobody has been there before. */
static gboolean
is_new (Search      *search,
        const Trace *trace)
{
  g_autoptr (ExWorld) world = replay (search, trace);
  guint64 hash = ex_world_hash (world);

  return g_hash_table_add (search->seen, g_memdup2 (&hash, sizeof hash));
}

static void
list_after (Search      *search,
            const Trace *trace,
            GArray      *actions)
{
  g_autoptr (ExWorld) world = replay (search, trace);

  ex_world_list (world, actions);
}

static void
expand (Search *search,
        guint   at,
        guint   n_states)
{
  g_autoptr (GArray) actions = g_array_new (FALSE, FALSE, sizeof (ExAction));
  Trace trace = { .n = 0 };

  get_trace (search, at, &trace);
  if (trace.n >= MAX_TRACE - 1)
    return;
  list_after (search, &trace, actions);
  trace.n++;
  for (guint i = 0; i < actions->len && search->n_settled < n_states; i++)
    {
      Node node = { at, g_array_index (actions, ExAction, i),
                    (guint8) trace.n };

      trace.actions[trace.n - 1] = node.action;
      if (!is_new (search, &trace))
        continue;
      g_array_append_val (search->nodes, node);
      search->depth = trace.n;
      if (!settle_both (search, &trace))
        return;
    }
}

static void
search_breadth (Search *search,
                guint   n_states)
{
  Node root = { 0 };
  Trace empty = { .n = 0 };

  g_array_append_val (search->nodes, root);
  if (!settle_both (search, &empty))
    return;
  for (guint at = 0; at < search->nodes->len && search->failure == NULL
                     && search->n_settled < n_states; at++)
    expand (search, at, n_states);
}

/* Mostly deliveries and time: that is how far one gets. */
static ExAction
choose (SimRng *rng,
        GArray *actions)
{
  ExAction action = { 0 };

  for (guint tries = 0; tries < 4; tries++)
    {
      action = g_array_index (actions, ExAction,
                              sim_rng_below (rng, actions->len));
      if (action.kind == EX_DELIVER || action.kind == EX_TICK)
        break;
    }

  return action;
}

static void
walk (Search *search,
      guint64 number)
{
  g_autoptr (GArray) actions = g_array_new (FALSE, FALSE, sizeof (ExAction));
  g_autoptr (ExWorld) world = ex_world_new (search->scenario, search->seed);
  Trace trace = { .n = 0 };
  SimRng rng;
  guint length;

  sim_rng_init (&rng, search->seed, 5000 + number);
  length = 5 + (guint) sim_rng_below (&rng, WALK_LENGTH - 5);
  while (trace.n < length)
    {
      g_array_set_size (actions, 0);
      ex_world_list (world, actions);
      if (actions->len == 0)
        break;
      trace.actions[trace.n] = choose (&rng, actions);
      ex_world_act (world, trace.actions[trace.n++]);
    }
  settle_both (search, &trace);
}

static guint
get_number (const char *variable,
            guint       otherwise)
{
  const char *text = g_getenv (variable);

  return text == NULL ? otherwise : (guint) g_ascii_strtoull (text, NULL, 10);
}

static void
show_trace (Search     *search,
            const char *text)
{
  g_autofree char *why = NULL;
  Trace trace, part;

  parse_trace (text, &trace);
  for (part = trace, part.n = 0; part.n <= trace.n; part.n++)
    {
      g_autoptr (ExWorld) world = replay (search, &part);
      g_autofree char *line = ex_world_describe (world);

      g_test_message ("%c%u.%u:%s",
                      part.n == 0
                        ? ' ' : kind_letters[trace.actions[part.n - 1].kind],
                      part.n == 0 ? 0 : trace.actions[part.n - 1].index,
                      part.n == 0 ? 0 : trace.actions[part.n - 1].variant,
                      line);
    }
  why = judge (search, &trace);
  if (why != NULL)
    search->failure = g_steal_pointer (&why);
}

static void
search_all (Search *search)
{
  guint n_states = get_number ("SRUDP_EXPLORER_STATES",
                               search->scenario->n_states > 0
                                 ? search->scenario->n_states : DEFAULT_STATES);
  guint n_walks = get_number ("SRUDP_EXPLORER_WALKS", DEFAULT_WALKS);
  gint64 start = g_get_monotonic_time ();
  guint n_found;

  search_breadth (search, n_states);
  n_found = g_hash_table_size (search->seen);
  for (guint i = 0; i < n_walks && search->failure == NULL; i++)
    walk (search, i);

  g_test_message ("%s, seed %" G_GUINT64_FORMAT ": %u states down to depth %u,"
                  " %u ends settled both ways, %u replays, %.1f s",
                  search->scenario->name, search->seed, n_found,
                  search->depth, search->n_settled, search->n_replays,
                  (double) (g_get_monotonic_time () - start) / 1e6);
}

void
ex_search_run (const ExScenario *scenario,
               guint64           seed)
{
  const char *trace = g_getenv ("SRUDP_EXPLORER_TRACE");
  Search search = { .scenario = scenario, .seed = seed };

  search.nodes = g_array_new (FALSE, FALSE, sizeof (Node));
  search.seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                       NULL);
  if (trace != NULL)
    show_trace (&search, trace);
  else
    search_all (&search);
  if (search.failure != NULL)
    {
      g_test_message ("%s, seed %" G_GUINT64_FORMAT ": %s", scenario->name,
                      seed, search.failure);
      g_test_fail ();
    }

  g_free (search.failure);
  g_hash_table_unref (search.seen);
  g_array_unref (search.nodes);
}
