/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-segment-message.c: UDP segmentation by the kernel
 *
 * One system call for many datagrams is most of what a fast UDP transport
 * needs. Linux offers it through two control messages, and GSocket passes
 * any control message on, given a class for it.
 */
#include "config.h"

#include "srudp-glib/srudp-segment-message-private.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>

#ifndef SOL_UDP
# define SOL_UDP 17
#endif
#ifndef UDP_SEGMENT
# define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
# define UDP_GRO 104
#endif

struct _SrudpSegmentMessage
{
  GSocketControlMessage parent_instance;

  guint16 segment_size;
};

G_DEFINE_FINAL_TYPE (SrudpSegmentMessage, srudp_segment_message,
                     G_TYPE_SOCKET_CONTROL_MESSAGE)

static int
get_level (GSocketControlMessage *message)
{
  return SOL_UDP;
}

static int
segment_message_get_msg_type (GSocketControlMessage *message)
{
  return UDP_SEGMENT;
}

static gsize
segment_message_get_size (GSocketControlMessage *message)
{
  return sizeof (guint16);
}

static void
segment_message_serialize (GSocketControlMessage *message,
                           gpointer               data)
{
  SrudpSegmentMessage *self = SRUDP_SEGMENT_MESSAGE (message);

  memcpy (data, &self->segment_size, sizeof self->segment_size);
}

/* It is only ever sent, but GIO asks every class. */
static GSocketControlMessage *
segment_message_deserialize (int      level,
                             int      type,
                             gsize    size,
                             gpointer data)
{
  return NULL;
}

static void
srudp_segment_message_class_init (SrudpSegmentMessageClass *klass)
{
  GSocketControlMessageClass *message_class =
    G_SOCKET_CONTROL_MESSAGE_CLASS (klass);

  message_class->get_level = get_level;
  message_class->get_type = segment_message_get_msg_type;
  message_class->get_size = segment_message_get_size;
  message_class->serialize = segment_message_serialize;
  message_class->deserialize = segment_message_deserialize;
}

static void
srudp_segment_message_init (SrudpSegmentMessage *self)
{
}

GSocketControlMessage *
srudp_segment_message_new (guint16 segment_size)
{
  SrudpSegmentMessage *self = g_object_new (SRUDP_TYPE_SEGMENT_MESSAGE, NULL);

  self->segment_size = segment_size;
  return G_SOCKET_CONTROL_MESSAGE (self);
}

gboolean
srudp_segment_message_is_supported (GSocket *socket)
{
  /* A size of 0 changes nothing, but an older kernel doesn't know it. */
  return g_socket_set_option (socket, SOL_UDP, UDP_SEGMENT, 0, NULL);
}

struct _SrudpGroMessage
{
  GSocketControlMessage parent_instance;

  int segment_size;
};

G_DEFINE_FINAL_TYPE (SrudpGroMessage, srudp_gro_message,
                     G_TYPE_SOCKET_CONTROL_MESSAGE)

static int
gro_message_get_msg_type (GSocketControlMessage *message)
{
  return UDP_GRO;
}

static gsize
gro_message_get_size (GSocketControlMessage *message)
{
  return sizeof (int);
}

static void
gro_message_serialize (GSocketControlMessage *message,
                       gpointer               data)
{
  SrudpGroMessage *self = SRUDP_GRO_MESSAGE (message);

  memcpy (data, &self->segment_size, sizeof self->segment_size);
}

static GSocketControlMessage *
gro_message_deserialize (int      level,
                         int      type,
                         gsize    size,
                         gpointer data)
{
  SrudpGroMessage *self;

  if (level != SOL_UDP || type != UDP_GRO || size < sizeof (int))
    return NULL;

  self = g_object_new (SRUDP_TYPE_GRO_MESSAGE, NULL);
  memcpy (&self->segment_size, data, sizeof self->segment_size);
  return G_SOCKET_CONTROL_MESSAGE (self);
}

static void
srudp_gro_message_class_init (SrudpGroMessageClass *klass)
{
  GSocketControlMessageClass *message_class =
    G_SOCKET_CONTROL_MESSAGE_CLASS (klass);

  message_class->get_level = get_level;
  message_class->get_type = gro_message_get_msg_type;
  message_class->get_size = gro_message_get_size;
  message_class->serialize = gro_message_serialize;
  message_class->deserialize = gro_message_deserialize;
}

static void
srudp_gro_message_init (SrudpGroMessage *self)
{
}

gboolean
srudp_gro_message_enable (GSocket *socket)
{
  /* GIO finds the classes of control messages among the known types. */
  g_type_ensure (SRUDP_TYPE_GRO_MESSAGE);
  return g_socket_set_option (socket, SOL_UDP, UDP_GRO, 1, NULL);
}

gsize
srudp_gro_message_get_segment_size (GSocketControlMessage *message)
{
  int size = SRUDP_GRO_MESSAGE (message)->segment_size;

  return size > 0 ? (gsize) size : 0;
}
