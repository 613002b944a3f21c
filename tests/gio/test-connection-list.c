/*
 * SPDX-License-Identifier: MIT
 *
 * test-connection-list.c: the connections of an endpoint, for who looks at them
 *
 * Calls that look at one of many come by here (--wrap of the linker), and are
 * counted.
 */
#include "support.h"

#include "srudp-glib/srudp-connection-list-private.h"

#define N_CONNECTIONS 200
#define N_STEPS 2000

static GPrivate looks;

gpointer __real_g_hash_table_lookup (GHashTable    *table,
                                     gconstpointer  key);
gpointer __wrap_g_hash_table_lookup (GHashTable    *table,
                                     gconstpointer  key);

gpointer
__wrap_g_hash_table_lookup (GHashTable    *table,
                            gconstpointer  key)
{
  guint n = GPOINTER_TO_UINT (g_private_get (&looks));

  g_private_set (&looks, GUINT_TO_POINTER (n + 1));
  return __real_g_hash_table_lookup (table, key);
}

typedef struct
{
  SrudpEndpoint *endpoint;
  GPtrArray *connections; /* none of them is open */
  SrudpConnectionList *list;
  GPtrArray *mirror; /* what is in the list, by its signal */
} Fixture;

static void
items_changed_cb (GListModel *list,
                  guint       position,
                  guint       n_removed,
                  guint       n_added,
                  Fixture    *self)
{
  for (guint i = 0; i < n_removed; i++)
    g_ptr_array_remove_index (self->mirror, position);
  for (guint i = 0; i < n_added; i++)
    {
      g_autoptr (SrudpConnection) item =
        g_list_model_get_item (list, position + i);

      g_ptr_array_insert (self->mirror, (int) (position + i), item);
    }
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, self->mirror->len);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr (GSocketAddress) nowhere =
    g_inet_socket_address_new_from_string ("127.0.0.9", 9);

  self->endpoint = make_endpoint ();
  self->connections = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < N_CONNECTIONS; i++)
    g_ptr_array_add (self->connections,
                     srudp_connection_new (self->endpoint,
                                           G_SOCKET_CONNECTABLE (nowhere)));
  self->list = srudp_connection_list_new (g_main_context_default ());
  self->mirror = g_ptr_array_new ();
  g_signal_connect (self->list, "items-changed",
                    G_CALLBACK (items_changed_cb), self);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_assert_finalize_object (self->list);
  g_ptr_array_unref (self->mirror);
  g_ptr_array_unref (self->connections);
  g_object_unref (self->endpoint);
}

typedef struct
{
  Fixture *fixture;
  SrudpConnection *connection;
  gboolean is_in;
} Step;

static gpointer
do_step (gpointer data)
{
  Step *step = data;

  if (step->is_in)
    srudp_connection_list_add (step->fixture->list, step->connection);
  else
    srudp_connection_list_remove (step->fixture->list, step->connection);
  return NULL;
}

static void
expect_same (Fixture        *self,
             const gboolean *is_in)
{
  guint n = 0;

  while (g_main_context_iteration (NULL, FALSE))
    ;
  for (guint i = 0; i < N_CONNECTIONS; i++)
    {
      n += is_in[i];
      g_assert_cmpint (g_ptr_array_find (self->mirror,
                                         self->connections->pdata[i], NULL),
                       ==, is_in[i]);
    }
  g_assert_cmpuint (self->mirror->len, ==, n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SrudpConnection) item =
        g_list_model_get_item (G_LIST_MODEL (self->list), i);

      g_assert_true (item == self->mirror->pdata[i]);
    }
}

/* They come and go in any order, here and in other threads. */
static void
test_any_order (Fixture       *self,
                gconstpointer  data)
{
  g_autofree gboolean *is_in = g_new0 (gboolean, N_CONNECTIONS);

  for (guint i = 0; i < N_STEPS; i++)
    {
      guint n = (guint) g_test_rand_int_range (0, N_CONNECTIONS);
      Step step = { self, self->connections->pdata[n], !is_in[n] };

      is_in[n] = !is_in[n];
      if (i % 8 == 0)
        g_thread_join (g_thread_new ("elsewhere", do_step, &step));
      else
        do_step (&step);
      if (i % 50 == 0)
        expect_same (self, is_in);
    }
  expect_same (self, is_in);
}

/* Once more is not twice. */
static void
test_twice (Fixture       *self,
            gconstpointer  data)
{
  SrudpConnection *connection = self->connections->pdata[0];

  srudp_connection_list_add (self->list, connection);
  srudp_connection_list_add (self->list, connection);
  g_assert_cmpuint (self->mirror->len, ==, 1);
  srudp_connection_list_remove (self->list, connection);
  srudp_connection_list_remove (self->list, connection);
  g_assert_cmpuint (self->mirror->len, ==, 0);
}

/* A peer that comes and goes is not looked for among all the others. */
static void
test_among_many (Fixture       *self,
                 gconstpointer  data)
{
  guint n;

  for (guint i = 0; i < N_CONNECTIONS; i++)
    srudp_connection_list_add (self->list, self->connections->pdata[i]);
  g_private_set (&looks, NULL);
  for (guint i = N_CONNECTIONS; i > 0; i--)
    srudp_connection_list_remove (self->list, self->connections->pdata[i - 1]);
  n = GPOINTER_TO_UINT (g_private_get (&looks));
  g_test_message ("%u looks for %d that left", n, N_CONNECTIONS);
  g_assert_cmpuint (n, <=, 4 * N_CONNECTIONS);
  g_assert_cmpuint (self->mirror->len, ==, 0);
}

#define ADD(path, func) \
  g_test_add ("/connection-list/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("any-order", test_any_order);
  ADD ("twice", test_twice);
  ADD ("among-many", test_among_many);
  return g_test_run ();
}
