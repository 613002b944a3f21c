/*
 * SPDX-License-Identifier: MIT
 *
 * census.c: counts our objects that are alive. One that is kept by a reference
 * too many is reachable, so who looks for leaks may find nothing amiss.
 *
 * Every class of ours is registered by a function of GObject that this file puts
 * itself in front of, in the program as well as in the library. At the topmost
 * class of ours it sees each object come and go: all others chain up to it.
 */
#define _GNU_SOURCE /* for RTLD_NEXT */
#include "census.h"

#include <dlfcn.h>
#include <glib-object.h>

#define PATIENCE_S 30

/* Of the library and the chat; and the networks that tests play with. */
static const char *const prefixes[] = { "Srudp", "Fake" };

/* What a class of ours does by itself */
typedef struct
{
  GClassInitFunc init;
  void (*constructed) (GObject *object);
  void (*finalize) (GObject *object);
} Ways;

/* Objects may come and go in any thread. */
static GMutex mutex;
static GHashTable *ways_by_type;
static GHashTable *alive; /* how many, by the interned names of their types */

static gboolean
is_ours (const char *type_name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (type_name, prefixes[i]))
      return TRUE;
  return FALSE;
}

static void
count (GObject *object,
       int      difference)
{
  gpointer name = (gpointer) g_intern_string (G_OBJECT_TYPE_NAME (object));
  int n;

  g_mutex_lock (&mutex);
  if (alive == NULL)
    alive = g_hash_table_new (NULL, NULL);
  n = GPOINTER_TO_INT (g_hash_table_lookup (alive, name)) + difference;
  g_hash_table_insert (alive, name, GINT_TO_POINTER (n));
  g_mutex_unlock (&mutex);
}

static Ways *
find_ways (GType type)
{
  Ways *ways;

  g_mutex_lock (&mutex);
  ways = g_hash_table_lookup (ways_by_type, GSIZE_TO_POINTER (type));
  g_mutex_unlock (&mutex);
  g_assert_nonnull (ways);
  return ways;
}

/* Those of the topmost class of ours. */
static Ways *
find_ways_of (GObject *object)
{
  GType type = G_OBJECT_TYPE (object);

  while (is_ours (g_type_name (g_type_parent (type))))
    type = g_type_parent (type);
  return find_ways (type);
}

static void
constructed (GObject *object)
{
  count (object, 1);
  find_ways_of (object)->constructed (object);
}

static void
finalize (GObject *object)
{
  count (object, -1);
  find_ways_of (object)->finalize (object);
}

static void
class_init (gpointer klass,
            gpointer data)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);
  Ways *ways = find_ways (type);

  if (ways->init != NULL)
    ways->init (klass, data);
  if (is_ours (g_type_name (g_type_parent (type))))
    return;
  ways->constructed = object_class->constructed;
  ways->finalize = object_class->finalize;
  object_class->constructed = constructed;
  object_class->finalize = finalize;
}

static GType
register_counted (typeof (g_type_register_static_simple) *real,
                  GType                                   parent_type,
                  const char                             *type_name,
                  guint                                   class_size,
                  GClassInitFunc                          init,
                  guint                                   instance_size,
                  GInstanceInitFunc                       instance_init,
                  GTypeFlags                              flags)
{
  Ways *ways = g_new0 (Ways, 1);
  GType type = real (parent_type, type_name, class_size, class_init, instance_size,
                     instance_init, flags);

  ways->init = init;
  g_mutex_lock (&mutex);
  if (ways_by_type == NULL)
    ways_by_type = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_hash_table_insert (ways_by_type, GSIZE_TO_POINTER (type), ways);
  g_mutex_unlock (&mutex);
  return type;
}

/* In front of GObject's own function of this name. */
GType
g_type_register_static_simple (GType             parent_type,
                               const gchar      *type_name,
                               guint             class_size,
                               GClassInitFunc    init,
                               guint             instance_size,
                               GInstanceInitFunc instance_init,
                               GTypeFlags        flags)
{
  typeof (g_type_register_static_simple) *real =
    dlsym (RTLD_NEXT, "g_type_register_static_simple");

  g_assert_nonnull (real);
  if (!is_ours (type_name) || !g_type_is_a (parent_type, G_TYPE_OBJECT))
    return real (parent_type, type_name, class_size, init, instance_size, instance_init, flags);
  return register_counted (real, parent_type, type_name, class_size, init, instance_size,
                           instance_init, flags);
}

/* --- What came of it -------------------------------------------------------- */

/* How many there are of this type just now; of all types for NULL. */
guint
census_count (const char *type_name)
{
  GHashTableIter iter;
  gpointer name, n;
  int sum = 0;

  g_mutex_lock (&mutex);
  if (alive != NULL)
    {
      g_hash_table_iter_init (&iter, alive);
      while (g_hash_table_iter_next (&iter, &name, &n))
        if (type_name == NULL || g_str_equal (name, type_name))
          sum += GPOINTER_TO_INT (n);
    }
  g_mutex_unlock (&mutex);
  return (guint) sum;
}

/* "SrudpChatFile: 2, SrudpChatMessage: 1" in the order of the alphabet; "" if
 * there are none. */
char *
census_tell (void)
{
  g_autoptr (GString) words = g_string_new (NULL);
  g_autoptr (GList) names = NULL;

  g_mutex_lock (&mutex);
  if (alive != NULL)
    names = g_list_sort (g_hash_table_get_keys (alive), (GCompareFunc) g_strcmp0);
  for (GList *link = names; link != NULL; link = link->next)
    {
      int n = GPOINTER_TO_INT (g_hash_table_lookup (alive, link->data));

      if (n != 0)
        g_string_append_printf (words, "%s%s: %d", words->len > 0 ? ", " : "",
                                (char *) link->data, n);
    }
  g_mutex_unlock (&mutex);
  return g_strdup (words->str);
}

static gboolean
tired_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* What goes when the loop runs may do so. */
void
census_assert_none (void)
{
  gboolean tired = FALSE;
  guint timeout_id = g_timeout_add_seconds (PATIENCE_S, tired_cb, &tired);
  g_autofree char *left = NULL;

  while (census_count (NULL) > 0 && !tired)
    g_main_context_iteration (NULL, TRUE);
  if (!tired)
    g_source_remove (timeout_id);
  left = census_tell ();
  g_assert_cmpstr (left, ==, "");
}
