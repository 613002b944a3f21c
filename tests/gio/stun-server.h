/*
 * SPDX-License-Identifier: MIT
 *
 * stun-server.h: STUN servers on loopback that see what a test wants
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _StunServer StunServer;

/* At any port of this address of 127.0.0.0/8. */
StunServer *stun_server_new         (const char *ip);
void        stun_server_free        (StunServer *self);
/* HOST:PORT */
const char *stun_server_get_name    (StunServer *self);
/* One that is repeated, as no answer came yet, is the same question. */
guint       stun_server_get_n_asked (StunServer *self);

/* It answers, unless silent, with the address that it sees, changed like
 * that; any thread. */
typedef struct
{
  gboolean silent;
  gboolean refuses;       /* with an error */
  gboolean wrong_id;      /* answers to somebody else's question */
  guint lost;             /* so many questions get no answer at first */
  const char *seen_ip;    /* NULL: as it is */
  int port_shift;         /* of the port that is seen */
  const char *other;      /* name of another server that is said to be its own */
} StunServerWays;

void        stun_server_set_ways    (StunServer           *self,
                                     const StunServerWays *ways);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (StunServer, stun_server_free)

G_END_DECLS
