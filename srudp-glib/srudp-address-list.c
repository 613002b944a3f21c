/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-address-list.c: addresses that never change
 */
#include "config.h"

#include "srudp-glib/srudp-address-list-private.h"

struct _SrudpAddressList
{
  GObject parent_instance;

  GPtrArray *addresses;
};

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (
  SrudpAddressList, srudp_address_list, G_TYPE_OBJECT,
  G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static GType
srudp_address_list_get_item_type (GListModel *model)
{
  return G_TYPE_SOCKET_ADDRESS;
}

static guint
srudp_address_list_get_n_items (GListModel *model)
{
  return SRUDP_ADDRESS_LIST (model)->addresses->len;
}

static gpointer
srudp_address_list_get_item (GListModel *model,
                             guint       position)
{
  GPtrArray *addresses = SRUDP_ADDRESS_LIST (model)->addresses;

  if (position >= addresses->len)
    return NULL;
  return g_object_ref (g_ptr_array_index (addresses, position));
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = srudp_address_list_get_item_type;
  iface->get_n_items = srudp_address_list_get_n_items;
  iface->get_item = srudp_address_list_get_item;
}

static void
srudp_address_list_finalize (GObject *object)
{
  g_ptr_array_unref (SRUDP_ADDRESS_LIST (object)->addresses);

  G_OBJECT_CLASS (srudp_address_list_parent_class)->finalize (object);
}

static void
srudp_address_list_class_init (SrudpAddressListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = srudp_address_list_finalize;
}

static void
srudp_address_list_init (SrudpAddressList *self)
{
}

SrudpAddressList *
srudp_address_list_new (GPtrArray *addresses)
{
  SrudpAddressList *self = g_object_new (SRUDP_TYPE_ADDRESS_LIST, NULL);

  self->addresses = addresses;
  return self;
}

/* One after the other */

#define SRUDP_TYPE_ADDRESS_LIST_ENUMERATOR \
  (srudp_address_list_enumerator_get_type ())

G_DECLARE_FINAL_TYPE (SrudpAddressListEnumerator,
                      srudp_address_list_enumerator, SRUDP,
                      ADDRESS_LIST_ENUMERATOR, GSocketAddressEnumerator)

struct _SrudpAddressListEnumerator
{
  GSocketAddressEnumerator parent_instance;

  GPtrArray *addresses;
  guint position;
};

G_DEFINE_FINAL_TYPE (SrudpAddressListEnumerator,
                     srudp_address_list_enumerator,
                     G_TYPE_SOCKET_ADDRESS_ENUMERATOR)

/* Never blocks, so that the asynchronous form may call it as well. */
static GSocketAddress *
srudp_address_list_enumerator_next (GSocketAddressEnumerator  *enumerator,
                                    GCancellable              *cancellable,
                                    GError                   **error)
{
  SrudpAddressListEnumerator *self =
    SRUDP_ADDRESS_LIST_ENUMERATOR (enumerator);

  if (g_cancellable_set_error_if_cancelled (cancellable, error)
      || self->position == self->addresses->len)
    return NULL;
  return g_object_ref (g_ptr_array_index (self->addresses, self->position++));
}

static void
srudp_address_list_enumerator_finalize (GObject *object)
{
  g_ptr_array_unref (SRUDP_ADDRESS_LIST_ENUMERATOR (object)->addresses);

  G_OBJECT_CLASS (srudp_address_list_enumerator_parent_class)
    ->finalize (object);
}

static void
srudp_address_list_enumerator_class_init (
  SrudpAddressListEnumeratorClass *klass)
{
  GSocketAddressEnumeratorClass *enumerator_class =
    G_SOCKET_ADDRESS_ENUMERATOR_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = srudp_address_list_enumerator_finalize;
  enumerator_class->next = srudp_address_list_enumerator_next;
}

static void
srudp_address_list_enumerator_init (SrudpAddressListEnumerator *self)
{
}

GSocketAddressEnumerator *
srudp_address_list_enumerate (SrudpAddressList *self)
{
  SrudpAddressListEnumerator *enumerator =
    g_object_new (SRUDP_TYPE_ADDRESS_LIST_ENUMERATOR, NULL);

  enumerator->addresses = g_ptr_array_ref (self->addresses);
  return G_SOCKET_ADDRESS_ENUMERATOR (enumerator);
}
