/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-uplinks.c: how others see us through the networks not in use
 *
 * IPv4 alone: addresses of IPv6 are told as they are.
 */
#include "config.h"

#include "srudp-glib/srudp-uplinks-private.h"

#include "srudp-glib/protocol/srudp-crypto.h"
#include "srudp-glib/srudp-gateway-private.h"
#include "srudp-glib/srudp-host-addresses-private.h"

/* A computer with more ways out than three is rare, and each asks a server. */
#define MAX_UPLINKS 2

typedef struct
{
  SrudpAddress local;  /* its scope is the number of the interface */
  SrudpAddress mapped; /* unset: not known yet */
  SrudpStunClient client;
  guint token;         /* of the question that is on its way */
} Uplink;

struct _SrudpUplinks
{
  GPtrArray *items; /* of Uplink */
};

SrudpUplinks *
srudp_uplinks_new (void)
{
  SrudpUplinks *self = g_new0 (SrudpUplinks, 1);

  self->items = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
srudp_uplinks_free (SrudpUplinks *self)
{
  g_ptr_array_unref (self->items);
  g_free (self);
}

void
srudp_uplinks_forget (SrudpUplinks *self)
{
  g_ptr_array_set_size (self->items, 0);
}

/* Moves it out of the others, if there is such a one. */
static Uplink *
take (GPtrArray          *items,
      const SrudpAddress *local)
{
  Uplink *uplink;

  for (guint i = 0; i < items->len; i++)
    {
      uplink = g_ptr_array_index (items, i);
      if (srudp_address_equal (&uplink->local, local))
        return g_ptr_array_steal_index (items, i);
    }

  uplink = g_new0 (Uplink, 1);
  uplink->local = *local;
  srudp_stun_client_init (&uplink->client, srudp_crypto_random, NULL);
  return uplink;
}

static void
look_around (SrudpUplinks *self,
             guint16       port)
{
  g_autoptr (GPtrArray) old = self->items;
  g_auto (GStrv) interfaces = srudp_gateway_list_spare_interfaces ();
  SrudpAddress local;

  self->items = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; interfaces[i] != NULL; i++)
    if (self->items->len < MAX_UPLINKS
        && srudp_host_addresses_find_ipv4 (interfaces[i], port, &local))
      g_ptr_array_add (self->items, take (old, &local));
}

void
srudp_uplinks_ask (SrudpUplinks       *self,
                   gint64              now,
                   const SrudpAddress *server,
                   guint16             port)
{
  look_around (self, port);
  for (guint i = 0; i < self->items->len; i++)
    {
      Uplink *uplink = g_ptr_array_index (self->items, i);

      if (uplink->token == 0)
        uplink->token = srudp_stun_client_ask (&uplink->client, now, server);
    }
}

guint
srudp_uplinks_get (SrudpUplinks *self,
                   SrudpAddress *out,
                   guint         n_out)
{
  guint n = 0;

  for (guint i = 0; i < self->items->len && n < n_out; i++)
    {
      const Uplink *uplink = g_ptr_array_index (self->items, i);

      if (srudp_address_is_set (&uplink->mapped))
        out[n++] = uplink->mapped;
    }
  return n;
}

static gboolean
take_answer (Uplink                *uplink,
             const SrudpStunAnswer *answer)
{
  const SrudpAddress *mapped = &answer->response.mapped;

  uplink->token = 0;
  if (!answer->answered || srudp_address_equal (&uplink->mapped, mapped))
    return FALSE;

  uplink->mapped = *mapped;
  return TRUE;
}

gboolean
srudp_uplinks_advance (SrudpUplinks *self,
                       gint64        now)
{
  gboolean changed = FALSE;

  for (guint i = 0; i < self->items->len; i++)
    {
      Uplink *uplink = g_ptr_array_index (self->items, i);
      SrudpStunAnswer answer;

      while (srudp_stun_client_poll_answer (&uplink->client, now, &answer))
        changed |= take_answer (uplink, &answer);
    }
  return changed;
}

gboolean
srudp_uplinks_receive (SrudpUplinks       *self,
                       gint64              now,
                       const SrudpAddress *from,
                       const guint8       *data,
                       gsize               size)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      Uplink *uplink = g_ptr_array_index (self->items, i);

      if (srudp_stun_client_receive (&uplink->client, now, from, data, size))
        return TRUE;
    }
  return FALSE;
}

gboolean
srudp_uplinks_poll_transmit (SrudpUplinks *self,
                             gint64        now,
                             SrudpPath    *path,
                             guint8        out[SRUDP_STUN_REQUEST_BYTES])
{
  for (guint i = 0; i < self->items->len; i++)
    {
      Uplink *uplink = g_ptr_array_index (self->items, i);

      if (srudp_stun_client_poll_transmit (&uplink->client, now, &path->remote,
                                           out))
        {
          path->local = uplink->local;
          return TRUE;
        }
    }
  return FALSE;
}

gint64
srudp_uplinks_get_deadline (SrudpUplinks *self)
{
  gint64 deadline = -1;

  for (guint i = 0; i < self->items->len; i++)
    {
      Uplink *uplink = g_ptr_array_index (self->items, i);
      gint64 at = srudp_stun_client_get_deadline (&uplink->client);

      if (at >= 0 && (deadline < 0 || at < deadline))
        deadline = at;
    }
  return deadline;
}
