/*
 * SPDX-License-Identifier: MIT
 *
 * test-sim-explorer.c: no order of events makes two sides disagree
 */
#include "explorer-search.h"

/* Each scenario is searched with several sets of keys: which side's tie is the
 * larger one depends on them. */
#define N_SEEDS 4
/* Keys change late: walks come farther than a search of all there is. */
#define KEY_STATES 300

static const ExScenario scenarios[] = {
  { .name = "both-open", .n_hosts = 2,
    .opens = { { 0, 1 }, { 1, 0 } }, .n_opens = 2 },
  { .name = "both-open-pinned", .n_hosts = 2,
    .opens = { { 0, 1, TRUE }, { 1, 0, TRUE } }, .n_opens = 2 },
  { .name = "one-accepts", .n_hosts = 2,
    .opens = { { 0, 1 } }, .n_opens = 1, .accepts = { FALSE, TRUE } },
  { .name = "both-open-and-accept", .n_hosts = 2,
    .opens = { { 0, 1 }, { 1, 0 } }, .n_opens = 2,
    .accepts = { TRUE, TRUE }, .budget = { .duplicates = 1 } },
  { .name = "both-open-and-accept-pinned", .n_hosts = 2,
    .opens = { { 0, 1, TRUE }, { 1, 0, TRUE } }, .n_opens = 2,
    .accepts = { TRUE, TRUE }, .budget = { .duplicates = 1 } },
  { .name = "one-pinned", .n_hosts = 2,
    .opens = { { 0, 1, TRUE }, { 1, 0, FALSE } }, .n_opens = 2,
    .budget = { .duplicates = 1 } },
  { .name = "duplication", .n_hosts = 2,
    .opens = { { 0, 1 }, { 1, 0 } }, .n_opens = 2,
    .budget = { .duplicates = 3 } },
  { .name = "reflection", .n_hosts = 2,
    .opens = { { 0, 1 }, { 1, 0 } }, .n_opens = 2,
    .accepts = { TRUE, FALSE }, .budget = { .reflections = 2 } },
  { .name = "own-address", .n_hosts = 2,
    .opens = { { 0, 1, FALSE, TRUE }, { 1, 0, FALSE, TRUE } }, .n_opens = 2,
    .accepts = { TRUE, TRUE } },
  { .name = "forgery", .n_hosts = 2,
    .opens = { { 0, 1 }, { 1, 0 } }, .n_opens = 2,
    .budget = { .forgeries = 2 } },
  { .name = "forgery-accepting", .n_hosts = 2,
    .opens = { { 0, 1 } }, .n_opens = 1, .accepts = { FALSE, TRUE },
    .budget = { .forgeries = 2 } },
  { .name = "eviction", .n_hosts = 2,
    .opens = { { 0, 1 }, { 1, 0 } }, .n_opens = 2,
    .budget = { .evictions = 2 } },
  { .name = "eviction-accepting", .n_hosts = 2,
    .opens = { { 0, 1 } }, .n_opens = 1, .accepts = { FALSE, TRUE },
    .budget = { .evictions = 2 } },
  { .name = "eviction-pinned", .n_hosts = 2,
    .opens = { { 0, 1, TRUE }, { 1, 0, TRUE } }, .n_opens = 2,
    .accepts = { TRUE, TRUE }, .budget = { .evictions = 1 } },
  /* Both accept too: else a restarted one may find nobody who answers. */
  { .name = "restart", .n_hosts = 2,
    .opens = { { 0, 1 }, { 1, 0 } }, .n_opens = 2,
    .accepts = { TRUE, TRUE }, .budget = { .restarts = 1 } },
  { .name = "restart-accepting", .n_hosts = 2,
    .opens = { { 0, 1 } }, .n_opens = 1, .accepts = { FALSE, TRUE },
    .budget = { .restarts = 1 } },
  { .name = "unknown-address", .n_hosts = 2,
    .opens = { { 0, 1, TRUE, FALSE, TRUE }, { 1, 0, TRUE } }, .n_opens = 2,
    .budget = { .duplicates = 1 } },
  { .name = "unknown-address-unpinned", .n_hosts = 2,
    .opens = { { 0, 1, FALSE, FALSE, TRUE }, { 1, 0, FALSE } }, .n_opens = 2,
    .budget = { .duplicates = 1 } },
  { .name = "two-opens", .n_hosts = 3,
    .opens = { { 0, 1 }, { 0, 2 }, { 1, 0 }, { 2, 0 } }, .n_opens = 4 },
  { .name = "two-opens-pinned", .n_hosts = 3,
    .opens = { { 0, 1, TRUE }, { 0, 2, TRUE }, { 1, 0, TRUE }, { 2, 0, TRUE } },
    .n_opens = 4 },
  { .name = "open-and-accept", .n_hosts = 3,
    .opens = { { 0, 1 }, { 1, 0 }, { 2, 0 } }, .n_opens = 3,
    .accepts = { TRUE, FALSE, FALSE } },
  { .name = "open-and-accept-pinned", .n_hosts = 3,
    .opens = { { 0, 1, TRUE }, { 1, 0, TRUE }, { 2, 0, TRUE } }, .n_opens = 3,
    .accepts = { TRUE, FALSE, FALSE } },
  { .name = "passphrase", .n_hosts = 2,
    .opens = { { 0, 1 }, { 1, 0 } }, .n_opens = 2,
    .passphrases = { "pea", "pea" }, .budget = { .duplicates = 1 } },
  { .name = "passphrase-forgery", .n_hosts = 2,
    .opens = { { 0, 1, TRUE }, { 1, 0 } }, .n_opens = 2,
    .accepts = { FALSE, TRUE }, .passphrases = { "pea", "pea" },
    .budget = { .forgeries = 2 } },
  { .name = "passphrase-differs", .n_hosts = 2,
    .opens = { { 0, 1 }, { 1, 0 } }, .n_opens = 2,
    .passphrases = { "pea", "bean" }, .refused = TRUE,
    .budget = { .duplicates = 1, .evictions = 1 } },
  { .name = "passphrase-of-one", .n_hosts = 2,
    .opens = { { 0, 1 } }, .n_opens = 1, .accepts = { FALSE, TRUE },
    .passphrases = { NULL, "bean" }, .refused = TRUE,
    .budget = { .forgeries = 1, .reflections = 1 } },
  { .name = "both-pasted-invitations", .n_hosts = 2,
    .opens = { { 0, 1, TRUE, .invited = TRUE }, { 1, 0, TRUE, .invited = TRUE } },
    .n_opens = 2, .budget = { .duplicates = 1 } },
  { .name = "one-pasted-an-invitation", .n_hosts = 2,
    .opens = { { 0, 1, TRUE, .invited = TRUE }, { 1, 0 } },
    .n_opens = 2, .budget = { .duplicates = 1 } },
  { .name = "one-pasted-an-invitation-pinned", .n_hosts = 2,
    .opens = { { 0, 1, TRUE, .invited = TRUE }, { 1, 0, TRUE } },
    .n_opens = 2, .budget = { .evictions = 1 } },
  { .name = "invitation-alone", .n_hosts = 2,
    .opens = { { 0, 1, TRUE, .invited = TRUE } }, .n_opens = 1,
    .budget = { .forgeries = 1, .restarts = 1 } },
  { .name = "forgotten-invitation", .n_hosts = 2,
    .opens = { { 0, 1, TRUE, .invited = TRUE } }, .n_opens = 1,
    .accepts = { FALSE, TRUE }, .forgets = TRUE, .refused = TRUE,
    .budget = { .duplicates = 1, .forgeries = 1, .reflections = 1 } },
  { .name = "cookies-and-passphrase", .n_hosts = 2,
    .opens = { { 0, 1 } }, .n_opens = 1, .accepts = { FALSE, TRUE },
    .passphrases = { "pea", "pea" }, .asks_always = TRUE,
    .budget = { .duplicates = 1, .evictions = 1 } },
  { .name = "cookies", .n_hosts = 2,
    .opens = { { 0, 1 }, { 1, 0 } }, .n_opens = 2, .asks_always = TRUE,
    .budget = { .duplicates = 1 } },
  { .name = "cookies-and-mishaps", .n_hosts = 2,
    .opens = { { 0, 1 } }, .n_opens = 1, .accepts = { FALSE, TRUE },
    .asks_always = TRUE,
    .budget = { .forgeries = 1, .evictions = 1, .reflections = 1 } },
  { .name = "keys-renewed", .n_hosts = 2,
    .opens = { { 0, 1 }, { 1, 0 } }, .n_opens = 2, .renews_keys = TRUE,
    .n_states = KEY_STATES, .budget = { .words = 3, .duplicates = 1 } },
  { .name = "keys-exchanged", .n_hosts = 2,
    .opens = { { 0, 1 }, { 1, 0 } }, .n_opens = 2, .exchanges_keys = TRUE,
    .n_states = KEY_STATES, .budget = { .words = 3, .duplicates = 1 } },
  { .name = "keys-exchanged-and-renewed", .n_hosts = 2,
    .opens = { { 0, 1 } }, .n_opens = 1, .accepts = { FALSE, TRUE },
    .exchanges_keys = TRUE, .renews_keys = TRUE,
    .n_states = KEY_STATES, .budget = { .words = 4 } },
  { .name = "keys-and-mishaps", .n_hosts = 2,
    .opens = { { 0, 1 } }, .n_opens = 1, .accepts = { FALSE, TRUE },
    .passphrases = { "pea", "pea" }, .exchanges_keys = TRUE,
    .renews_keys = TRUE, .n_states = KEY_STATES,
    .budget = { .words = 2, .duplicates = 1, .forgeries = 1,
                .reflections = 1 } },
  { .name = "all-mishaps", .n_hosts = 2,
    .opens = { { 0, 1 }, { 1, 0 } }, .n_opens = 2,
    .accepts = { TRUE, TRUE },
    .budget = { .duplicates = 1, .reflections = 1, .forgeries = 1,
                .evictions = 1, .restarts = 1 } },
};

static void
test_scenario (gconstpointer data)
{
  const char *only = g_getenv ("SRUDP_SIM_SEED");

  if (only != NULL)
    ex_search_run (data, g_ascii_strtoull (only, NULL, 10));
  for (guint64 seed = 1; only == NULL && seed <= N_SEEDS; seed++)
    ex_search_run (data, seed);
}

/* Parts of one length, so that processors can share them. */
static const char *
get_group (const ExScenario *scenario)
{
  const ExBudget *budget = &scenario->budget;
  gboolean has_secrets = scenario->asks_always;

  for (guint i = 0; i < scenario->n_hosts; i++)
    has_secrets |= scenario->passphrases[i] != NULL;
  for (guint i = 0; i < scenario->n_opens; i++)
    has_secrets |= scenario->opens[i].invited;
  if (scenario->renews_keys || scenario->exchanges_keys)
    return "keys";
  if (has_secrets)
    return "secrets";

  return budget->forgeries + budget->evictions + budget->restarts == 0
           ? "order" : "mishaps";
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (scenarios); i++)
    {
      g_autofree char *path
        = g_strdup_printf ("/sim/explorer-%s/%s", get_group (&scenarios[i]),
                           scenarios[i].name);

      g_test_add_data_func (path, &scenarios[i], test_scenario);
    }

  return g_test_run ();
}
