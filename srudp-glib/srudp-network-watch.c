/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-network-watch.c: the addresses of this machine have changed
 *
 * By rtnetlink(7), on the context of an endpoint's worker: GNetworkMonitor
 * needs the main loop of the program, which may be busy, or not there.
 */
#include "config.h"

#include "srudp-glib/srudp-network-watch-private.h"

#ifdef __linux__

#include "srudp-glib/srudp-host-addresses-private.h"
#include "srudp-glib/srudp-source-private.h"

#include <errno.h>
#include <glib-unix.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A new network comes with several messages: they are waited for. */
#define BURST_US (50 * 1000)
/* A message is a few hundred bytes; they come in packets of this at most
 * (netlink(7)). */
#define PACKET_BYTES 8192

struct _SrudpNetworkWatch
{
  SrudpNetworkWatchFunc func;
  gpointer user_data;
  int fd;
  GSource *socket_source;
  GSource *timer_source;
  GArray *addresses;     /* SrudpAddress, as last told */
  gboolean other_route;  /* of the burst that is being waited for */
};

/* Routers repeat what they have said, and each time the system says that an
 * address is there. */
static gboolean
has_other_addresses (SrudpNetworkWatch *self)
{
  GArray *now = srudp_host_addresses_list (0);
  gboolean other = !srudp_host_addresses_equal (now, self->addresses);

  g_array_unref (self->addresses);
  self->addresses = now;

  return other;
}

static gboolean
burst_cb (gpointer user_data)
{
  SrudpNetworkWatch *self = user_data;
  gboolean other = has_other_addresses (self);

  other = self->other_route || other;
  self->other_route = FALSE;
  g_source_set_ready_time (self->timer_source, -1);
  if (other)
    self->func (self->user_data);

  return G_SOURCE_CONTINUE;
}

static void
note_message (SrudpNetworkWatch     *self,
              const struct nlmsghdr *header,
              const guint8          *payload,
              gsize                  size)
{
  struct rtmsg route;

  switch (header->nlmsg_type)
    {
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      if (size < sizeof route)
        return;
      memcpy (&route, payload, sizeof route);
      if (route.rtm_dst_len != 0 || route.rtm_table == RT_TABLE_LOCAL)
        return;
      self->other_route = TRUE;
      break;
    case RTM_NEWADDR:
    case RTM_DELADDR:
      break;
    default:
      return;
    }

  if (g_source_get_ready_time (self->timer_source) < 0)
    g_source_set_ready_time (self->timer_source,
                             g_get_monotonic_time () + BURST_US);
}

static void
note_packet (SrudpNetworkWatch *self,
             const guint8      *packet,
             gsize              size)
{
  struct nlmsghdr header;

  while (size >= sizeof header)
    {
      gsize length;

      memcpy (&header, packet, sizeof header);
      length = header.nlmsg_len;
      if (length < sizeof header || length > size)
        return;
      note_message (self, &header, packet + sizeof header,
                    length - sizeof header);
      length = MIN (NLMSG_ALIGN (length), size);
      packet += length;
      size -= length;
    }
}

/* Some messages were lost: whatever they said, it is looked at. */
static void
note_overrun (SrudpNetworkWatch *self)
{
  self->other_route = TRUE;
  g_source_set_ready_time (self->timer_source, g_get_monotonic_time ());
}

static gboolean
readable_cb (int          fd,
             GIOCondition condition,
             gpointer     user_data)
{
  SrudpNetworkWatch *self = user_data;
  guint8 packet[PACKET_BYTES];
  struct sockaddr_nl from = { 0 };
  socklen_t from_size = sizeof from;
  gssize size = recvfrom (fd, packet, sizeof packet, MSG_DONTWAIT,
                          (struct sockaddr *) &from, &from_size);

  /* Only the kernel, which is 0, knows. */
  if (size >= 0 && from.nl_pid == 0)
    note_packet (self, packet, (gsize) size);
  else if (size < 0 && errno == ENOBUFS)
    note_overrun (self);
  else if (size < 0 && errno != EAGAIN && errno != EINTR)
    return G_SOURCE_REMOVE;

  return G_SOURCE_CONTINUE;
}

static gboolean
timer_dispatch (GSource     *source,
                GSourceFunc  callback,
                gpointer     user_data)
{
  return callback (user_data);
}

static GSourceFuncs timer_funcs = { .dispatch = timer_dispatch };

static int
open_socket (void)
{
  struct sockaddr_nl address = {
    .nl_family = AF_NETLINK,
    .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE
                 | RTMGRP_IPV6_ROUTE,
  };
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

  if (fd < 0)
    return -1;
  if (bind (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  close (fd);
  return -1;
}

SrudpNetworkWatch *
srudp_network_watch_new (GMainContext          *context,
                         SrudpNetworkWatchFunc  func,
                         gpointer               user_data)
{
  int fd = open_socket ();
  SrudpNetworkWatch *self;

  if (fd < 0)
    return NULL;

  self = g_new0 (SrudpNetworkWatch, 1);
  self->func = func;
  self->user_data = user_data;
  self->fd = fd;
  self->addresses = srudp_host_addresses_list (0);

  self->timer_source = g_source_new (&timer_funcs, sizeof (GSource));
  g_source_set_callback (self->timer_source, burst_cb, self, NULL);
  g_source_set_static_name (self->timer_source, "[srudp] network changes");
  g_source_attach (self->timer_source, context);

  self->socket_source = g_unix_fd_source_new (fd, G_IO_IN);
  g_source_set_callback (self->socket_source, G_SOURCE_FUNC (readable_cb), self,
                         NULL);
  g_source_set_static_name (self->socket_source, "[srudp] rtnetlink");
  g_source_attach (self->socket_source, context);

  return self;
}

void
srudp_network_watch_free (SrudpNetworkWatch *self)
{
  srudp_clear_source (&self->socket_source);
  srudp_clear_source (&self->timer_source);
  g_array_unref (self->addresses);
  close (self->fd);
  g_free (self);
}

#else

SrudpNetworkWatch *
srudp_network_watch_new (GMainContext          *context,
                         SrudpNetworkWatchFunc  func,
                         gpointer               user_data)
{
  return NULL;
}

void
srudp_network_watch_free (SrudpNetworkWatch *self)
{
}

#endif
