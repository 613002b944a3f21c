/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-connection-list.c: the connections of an endpoint
 *
 * An endpoint must not keep its connections alive, so the list holds weak
 * references. It changes only where its owner looks at it: a change that comes
 * from another thread is queued.
 */
#include "config.h"

#include "srudp-glib/srudp-connection-list-private.h"

typedef struct
{
  gatomicrefcount ref_count;
  GWeakRef connection;
  gpointer key; /* what it pointed to, also once that is gone */
  guint64 number; /* grows along the list; 0: not in it. Under the lock */
} Item;

struct _SrudpConnectionList
{
  GObject parent_instance;

  SrudpNotifier *notifier;
  GMutex lock;

  /* Under the lock. */
  GPtrArray *items;   /* of Item: what the owner sees */
  guint64 last_number;
  GHashTable *alive;  /* key → Item: what it is going to see */
};

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (
  SrudpConnectionList, srudp_connection_list, G_TYPE_OBJECT,
  G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static Item *
item_new (SrudpConnection *connection)
{
  Item *item = g_new0 (Item, 1);

  g_atomic_ref_count_init (&item->ref_count);
  g_weak_ref_init (&item->connection, connection);
  item->key = connection;
  return item;
}

static Item *
item_ref (Item *item)
{
  g_atomic_ref_count_inc (&item->ref_count);
  return item;
}

static void
item_unref (gpointer data)
{
  Item *item = data;

  if (!g_atomic_ref_count_dec (&item->ref_count))
    return;
  g_weak_ref_clear (&item->connection);
  g_free (item);
}

static GType
srudp_connection_list_get_item_type (GListModel *model)
{
  return SRUDP_TYPE_CONNECTION;
}

static guint
srudp_connection_list_get_n_items (GListModel *model)
{
  SrudpConnectionList *self = SRUDP_CONNECTION_LIST (model);
  guint n;

  g_mutex_lock (&self->lock);
  n = self->items->len;
  g_mutex_unlock (&self->lock);
  return n;
}

static gpointer
srudp_connection_list_get_item (GListModel *model,
                                guint       position)
{
  SrudpConnectionList *self = SRUDP_CONNECTION_LIST (model);
  Item *item = NULL;
  gpointer connection;

  g_mutex_lock (&self->lock);
  if (position < self->items->len)
    item = item_ref (g_ptr_array_index (self->items, position));
  g_mutex_unlock (&self->lock);
  if (item == NULL)
    return NULL;

  connection = g_weak_ref_get (&item->connection);
  item_unref (item);
  return connection;
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = srudp_connection_list_get_item_type;
  iface->get_n_items = srudp_connection_list_get_n_items;
  iface->get_item = srudp_connection_list_get_item;
}

static void
srudp_connection_list_finalize (GObject *object)
{
  SrudpConnectionList *self = SRUDP_CONNECTION_LIST (object);

  g_ptr_array_unref (self->items);
  g_hash_table_unref (self->alive);
  srudp_notifier_close (self->notifier);
  srudp_notifier_unref (self->notifier);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (srudp_connection_list_parent_class)->finalize (object);
}

static void
srudp_connection_list_class_init (SrudpConnectionListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = srudp_connection_list_finalize;
}

static void
srudp_connection_list_init (SrudpConnectionList *self)
{
  g_mutex_init (&self->lock);
  self->items = g_ptr_array_new_with_free_func (item_unref);
  self->alive = g_hash_table_new_full (NULL, NULL, NULL, item_unref);
}

SrudpConnectionList *
srudp_connection_list_new (GMainContext *context)
{
  SrudpConnectionList *self =
    g_object_new (SRUDP_TYPE_CONNECTION_LIST, NULL);

  self->notifier = srudp_notifier_new (G_OBJECT (self), context);
  return self;
}

/* With the lock held; G_MAXUINT: it is not in the list. */
static guint
find_position (SrudpConnectionList *self,
               const Item          *item)
{
  guint first = 0, end = self->items->len;

  if (item->number == 0)
    return G_MAXUINT;
  while (first < end)
    {
      guint middle = first + (end - first) / 2;
      const Item *other = g_ptr_array_index (self->items, middle);

      if (other == item)
        return middle;
      if (other->number < item->number)
        first = middle + 1;
      else
        end = middle;
    }
  return G_MAXUINT;
}

static void
hide_item (SrudpConnectionList *self,
           Item                *item)
{
  guint position;

  g_mutex_lock (&self->lock);
  position = find_position (self, item);
  if (position != G_MAXUINT)
    g_ptr_array_remove_index (self->items, position);
  g_mutex_unlock (&self->lock);

  if (position != G_MAXUINT)
    g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

static void
show_item (SrudpConnectionList *self,
           Item                *item)
{
  guint position = G_MAXUINT;

  g_mutex_lock (&self->lock);
  if (g_hash_table_lookup (self->alive, item->key) == item)
    {
      position = self->items->len;
      item->number = ++self->last_number;
      g_ptr_array_add (self->items, item_ref (item));
    }
  g_mutex_unlock (&self->lock);

  if (position != G_MAXUINT)
    g_list_model_items_changed (G_LIST_MODEL (self), position, 0, 1);
}

static void
show_notice (GObject  *object,
             gpointer  data)
{
  show_item (SRUDP_CONNECTION_LIST (object), data);
  item_unref (data);
}

static void
hide_notice (GObject  *object,
             gpointer  data)
{
  hide_item (SRUDP_CONNECTION_LIST (object), data);
  item_unref (data);
}

void
srudp_connection_list_add (SrudpConnectionList *self,
                           SrudpConnection     *connection)
{
  Item *item = NULL;

  g_mutex_lock (&self->lock);
  if (!g_hash_table_contains (self->alive, connection))
    {
      item = item_new (connection);
      g_hash_table_insert (self->alive, connection, item_ref (item));
    }
  g_mutex_unlock (&self->lock);
  if (item == NULL)
    return;

  if (srudp_notifier_is_here (self->notifier))
    {
      show_item (self, item);
      item_unref (item);
    }
  else
    {
      srudp_notifier_push (self->notifier, show_notice, item, item_unref);
    }
}

void
srudp_connection_list_remove (SrudpConnectionList *self,
                              SrudpConnection     *connection)
{
  gpointer item = NULL;

  g_mutex_lock (&self->lock);
  g_hash_table_steal_extended (self->alive, connection, NULL, &item);
  g_mutex_unlock (&self->lock);
  if (item == NULL)
    return;

  if (srudp_notifier_is_here (self->notifier))
    {
      hide_item (self, item);
      item_unref (item);
    }
  else
    {
      srudp_notifier_push (self->notifier, hide_notice, item, item_unref);
    }
}
