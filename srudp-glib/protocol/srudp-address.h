/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-address.h: socket addresses and paths, without any socket
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  SRUDP_FAMILY_NONE = 0, /* no address: unset, or not known */
  SRUDP_FAMILY_IPV4 = 4,
  SRUDP_FAMILY_IPV6 = 6,
  SRUDP_FAMILY_OPAQUE = 255, /* a transport's own kind; ip[] is only compared */
} SrudpFamily;

/* All bytes are significant: zero it before filling it in. An IPv4 address
 * occupies ip[0..3]; one that arrives v4-mapped is stored as IPv4. */
typedef struct
{
  guint8 family; /* SrudpFamily */
  guint8 ip[16];
  guint16 port;     /* host byte order */
  guint32 scope_id; /* IPv6 link-local only, else 0 */
} SrudpAddress;

/* A path is a 4-tuple (RFC 9000, section 9). The local part is NONE where the
 * transport cannot tell, and its port is 0: which one it is says `socket`. */
typedef struct
{
  SrudpAddress local;
  SrudpAddress remote;
  guint16 socket; /* 0: the endpoint's own; else an extra one, by its number */
} SrudpPath;

/* Longest text srudp_address_format() writes, with its NUL. */
#define SRUDP_ADDRESS_STRING_BYTES 80

gboolean srudp_address_equal    (const SrudpAddress *a,
                                 const SrudpAddress *b);
gboolean srudp_address_same_ip  (const SrudpAddress *a,
                                 const SrudpAddress *b);
gboolean srudp_address_is_set   (const SrudpAddress *address);
gboolean srudp_address_is_unicast (const SrudpAddress *address);
void     srudp_address_init_ipv4 (SrudpAddress *address,
                                  const guint8  ip[4],
                                  guint16       port);
void     srudp_address_init_ipv6 (SrudpAddress *address,
                                  const guint8  ip[16],
                                  guint16       port,
                                  guint32       scope_id);
const char *srudp_address_format (const SrudpAddress *address,
                                  char                out[SRUDP_ADDRESS_STRING_BYTES]);

gboolean srudp_path_equal       (const SrudpPath    *a,
                                 const SrudpPath    *b);

G_END_DECLS
