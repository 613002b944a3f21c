/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-network.c: where lines to peers come from
 */
#include "srudp-chat-network.h"

typedef struct
{
  char *invitation;
  char *public_address;
  SrudpChatReach reach;
  gint64 rtt_us;
} SrudpChatNetworkPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (SrudpChatNetwork, srudp_chat_network, G_TYPE_OBJECT)

enum
{
  INCOMING,
  CLOSED,
  FOUND,
  RENEWED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
srudp_chat_network_finalize (GObject *object)
{
  SrudpChatNetworkPrivate *priv =
    srudp_chat_network_get_instance_private (SRUDP_CHAT_NETWORK (object));

  g_free (priv->invitation);
  g_free (priv->public_address);

  G_OBJECT_CLASS (srudp_chat_network_parent_class)->finalize (object);
}

static void
srudp_chat_network_class_init (SrudpChatNetworkClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = srudp_chat_network_finalize;

  /* A peer called: a link that is up already. */
  signals[INCOMING] =
    g_signal_new ("incoming", SRUDP_CHAT_TYPE_NETWORK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 1, SRUDP_CHAT_TYPE_LINK);
  /* The port is given back, and everything sent has arrived. */
  signals[CLOSED] =
    g_signal_new ("closed", SRUDP_CHAT_TYPE_NETWORK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 0);
  /* There is another invitation, or it reaches further. */
  signals[FOUND] =
    g_signal_new ("found", SRUDP_CHAT_TYPE_NETWORK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 0);
  /* What was given to peers doesn't reach us any more, or not from everywhere;
   * there is another invitation that does. */
  signals[RENEWED] =
    g_signal_new ("renewed", SRUDP_CHAT_TYPE_NETWORK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 0);
}

static void
srudp_chat_network_init (SrudpChatNetwork *self)
{
}

/* Returns: (transfer full): a link not yet opened. */
SrudpChatLink *
srudp_chat_network_dial (SrudpChatNetwork       *self,
                         const SrudpChatAddress *address)
{
  return SRUDP_CHAT_NETWORK_GET_CLASS (self)->dial (self, address);
}

/* Moves to @port, or any if 0; lines that are up stay so. On failure nothing
 * changes. */
gboolean
srudp_chat_network_listen (SrudpChatNetwork  *self,
                           guint16            port,
                           GError           **error)
{
  return SRUDP_CHAT_NETWORK_GET_CLASS (self)->listen (self, port, error);
}

/* From now on strangers may call. Before, only who is called gets through. */
void
srudp_chat_network_accept (SrudpChatNetwork *self)
{
  SRUDP_CHAT_NETWORK_GET_CLASS (self)->accept (self);
}

/* Ends all lines, lossless; the signal "closed" follows. */
void
srudp_chat_network_close (SrudpChatNetwork *self)
{
  SRUDP_CHAT_NETWORK_GET_CLASS (self)->close (self);
}

/* 0 when there is no port. */
guint16
srudp_chat_network_get_port (SrudpChatNetwork *self)
{
  return SRUDP_CHAT_NETWORK_GET_CLASS (self)->get_port (self);
}

char *
srudp_chat_network_dup_peer_id (SrudpChatNetwork *self)
{
  return SRUDP_CHAT_NETWORK_GET_CLASS (self)->dup_peer_id (self);
}

/* Who may be asked where we are; none: nobody is. */
void
srudp_chat_network_set_servers (SrudpChatNetwork  *self,
                                const char *const *servers)
{
  SRUDP_CHAT_NETWORK_GET_CLASS (self)->set_servers (self, servers);
}

/* Whether the router may be asked to let peers in. */
void
srudp_chat_network_set_maps_port (SrudpChatNetwork *self,
                                  gboolean          maps_port)
{
  SRUDP_CHAT_NETWORK_GET_CLASS (self)->set_maps_port (self, maps_port);
}

/* What lines that begin from now on ask for, either way; NULL: nothing. */
void
srudp_chat_network_set_passphrase (SrudpChatNetwork *self,
                                   const char       *passphrase)
{
  SRUDP_CHAT_NETWORK_GET_CLASS (self)->set_passphrase (self, passphrase);
}

/* What to give to peers; NULL as long as there is none. */
const char *
srudp_chat_network_get_invitation (SrudpChatNetwork *self)
{
  SrudpChatNetworkPrivate *priv = srudp_chat_network_get_instance_private (self);

  return priv->invitation;
}

SrudpChatReach
srudp_chat_network_get_reach (SrudpChatNetwork *self)
{
  SrudpChatNetworkPrivate *priv = srudp_chat_network_get_instance_private (self);

  return priv->reach;
}

/* NULL if there is none, or nobody knows. */
const char *
srudp_chat_network_get_public_address (SrudpChatNetwork *self)
{
  SrudpChatNetworkPrivate *priv = srudp_chat_network_get_instance_private (self);

  return priv->public_address;
}

/* How long the fastest of those took who know the public address; -1 if that
 * isn't known. */
gint64
srudp_chat_network_get_rtt (SrudpChatNetwork *self)
{
  SrudpChatNetworkPrivate *priv = srudp_chat_network_get_instance_private (self);

  return priv->rtt_us;
}

void
srudp_chat_network_found (SrudpChatNetwork *self,
                          const char       *invitation,
                          SrudpChatReach    reach,
                          const char       *public_address,
                          gint64            rtt_us)
{
  SrudpChatNetworkPrivate *priv = srudp_chat_network_get_instance_private (self);

  g_free (priv->invitation);
  g_free (priv->public_address);
  priv->invitation = g_strdup (invitation);
  priv->public_address = g_strdup (public_address);
  priv->reach = reach;
  priv->rtt_us = rtt_us;
  g_signal_emit (self, signals[FOUND], 0);
}

void
srudp_chat_network_renewed (SrudpChatNetwork *self)
{
  g_signal_emit (self, signals[RENEWED], 0);
}

void
srudp_chat_network_take_call (SrudpChatNetwork *self,
                              SrudpChatLink    *link)
{
  g_signal_emit (self, signals[INCOMING], 0, link);
}

void
srudp_chat_network_closed (SrudpChatNetwork *self)
{
  g_signal_emit (self, signals[CLOSED], 0);
}
