/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-congestion.c: what a congestion controller is
 */
#include "srudp-congestion.h"

#include "srudp-cubic.h"

static const SrudpCongestionClass * const classes[] = {
  &srudp_cubic_tolerant, /* the default comes first */
  &srudp_cubic,
};

SrudpCongestion *
srudp_congestion_new (const SrudpCongestionClass *klass,
                      gint64                      now,
                      guint                       max_datagram_size)
{
  SrudpCongestion *self = g_malloc0 (klass->instance_size);

  self->klass = klass;
  self->max_datagram_size = max_datagram_size;
  klass->reset (self, now);

  return self;
}

void
srudp_congestion_free (SrudpCongestion *self)
{
  g_free (self);
}

const SrudpCongestionClass *
srudp_congestion_get_default (void)
{
  return classes[0];
}

const SrudpCongestionClass *
srudp_congestion_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    if (g_str_equal (classes[i]->name, name))
      return classes[i];

  return NULL;
}

void
srudp_congestion_set_max_datagram_size (SrudpCongestion *self,
                                        guint            size)
{
  self->max_datagram_size = size;
}
