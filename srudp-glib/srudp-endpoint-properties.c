/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-endpoint-properties.c: those about the network, and what they mean
 */
#include "config.h"

#include "srudp-glib/srudp-endpoint-private.h"

void
srudp_endpoint_spec_network (GParamSpec **stun_servers,
                             GParamSpec **port_mapping,
                             GParamSpec **introducing,
                             GParamSpec **invitation_lifetime)
{
  /**
   * SrudpEndpoint:stun-servers:
   *
   * The STUN servers that tell the endpoint how others see it, each as
   * `HOST:PORT` or `HOST`; the port is 3478 if none is given.
   *
   * Nobody is asked before [method@Srudp.Endpoint.probe_network] or
   * [method@Srudp.Endpoint.create_invitation], and nobody at all while the
   * list is empty, as it is at first. What the servers learn is the public
   * address of this computer and that it uses STUN. Two that are independent
   * of each other are needed to find out what kind of NAT there is.
   */
  *stun_servers =
    g_param_spec_boxed ("stun-servers", NULL, NULL, G_TYPE_STRV,
                        G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                        | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpEndpoint:port-mapping:
   *
   * Whether the router may be asked to let peers in: %FALSE unless it is set.
   *
   * If so, [method@Srudp.Endpoint.create_invitation] asks the default gateway
   * by PCP (RFC 6887) or NAT-PMP (RFC 6886) to forward the endpoint's UDP port,
   * and names the address that it gets. The mapping is renewed for as long as
   * the endpoint exists, and given back when it is closed. Peers then get in
   * whatever kind of NAT they are behind. Who comes that way is authenticated
   * like everybody else.
   *
   * An endpoint that is bound to an address of loopback, or that has a
   * transport of its own, never asks.
   */
  *port_mapping =
    g_param_spec_boolean ("port-mapping", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                          | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpEndpoint:introducing:
   *
   * Whether the endpoint introduces its peers to each other, when one asks for
   * another that has offered itself with
   * [method@Srudp.Endpoint.add_introducer].
   *
   * Both are told the address of the other; nothing else passes through here.
   */
  *introducing =
    g_param_spec_boolean ("introducing", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                          | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpEndpoint:invitation-lifetime:
   *
   * For how many seconds invitations hold that are made from now on; 0, which
   * is the default, is for ever.
   *
   * It is written into them, for people and programs that read them.
   */
  *invitation_lifetime =
    g_param_spec_uint ("invitation-lifetime", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                       | G_PARAM_STATIC_STRINGS);
}

void
srudp_endpoint_spec_punching (GParamSpec **birthday_spray,
                              GParamSpec **opener_ttl)
{
  /**
   * SrudpEndpoint:birthday-spray:
   *
   * Whether ports are looked for by chance where one of two NATs gives another
   * port to each peer.
   *
   * The side behind such a NAT then opens up to 256 sockets for the time of
   * opening, and the other side sends up to 2048 packets, 200 a second, to
   * ports of the public address in the peer's invitation. It is done only when
   * STUN has found out what kind of NAT there is, and nobody has answered for
   * a second. Administrators may take it for a port scan.
   *
   * Counts for connections opened from now on, and only for UDP sockets.
   */
  *birthday_spray =
    g_param_spec_boolean ("birthday-spray", NULL, NULL, TRUE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                          | G_PARAM_STATIC_STRINGS);

  /**
   * SrudpEndpoint:opener-ttl:
   *
   * How many routers the first packets of an opening pass; 0, which is the
   * default, is as many as others.
   *
   * Some routers treat a packet that comes before the way is open as one for
   * themselves, and then give the own computer's packets another port. Where
   * that is so on the other side, the first packets have to end behind the own
   * NAT and before the peer's router: mostly 3 or 4 is right. They are all that
   * is sent for two seconds, unless the peer is heard, so both sides have to
   * begin at about the same time.
   *
   * Counts for connections opened from now on, and only for UDP sockets.
   */
  *opener_ttl =
    g_param_spec_uint ("opener-ttl", NULL, NULL, 0, G_MAXUINT8, 0,
                       G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                       | G_PARAM_STATIC_STRINGS);
}
