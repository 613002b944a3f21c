/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-announcements.h: what the peer is told of addresses
 *
 * ADD_ADDRESS and REMOVE_ADDRESS say where we can be reached, besides the path
 * in use; OBSERVED_ADDRESS where we see the peer. Each is repeated until it is
 * acknowledged.
 */
#pragma once

#include "srudp-frame.h"

#include "srudp-engine.h"

G_BEGIN_DECLS

typedef struct
{
  SrudpAddress address;
  guint64 sequence; /* of its ADD_ADDRESS */
  gboolean is_gone; /* REMOVE_ADDRESS is, or was, to be sent */
  gboolean is_due;
  gboolean is_extra;
} SrudpAnnouncement;

/* Those that are gone stay until the peer knows. */
#define SRUDP_MAX_ANNOUNCEMENTS (2 * (SRUDP_MAX_LOCAL_CANDIDATES + 1))

/* All zero is an empty list. */
typedef struct
{
  SrudpAnnouncement *items; /* as many as there are */
  guint n_items;
  guint64 last_sequence;
  SrudpAddress observed; /* where the peer is */
  guint64 observed_sequence;
  gboolean observed_due;
} SrudpAnnouncements;

void     srudp_announcements_clear   (SrudpAnnouncements *self);
/* From now on these are ours, no others. */
void     srudp_announcements_set     (SrudpAnnouncements *self,
                                      const SrudpAddress *addresses,
                                      gsize               n_addresses);
/* One more of ours, until there is another one. */
void     srudp_announcements_set_extra (SrudpAnnouncements *self,
                                        const SrudpAddress *address);
void     srudp_announcements_observe (SrudpAnnouncements *self,
                                      const SrudpAddress *address);
/* FALSE: the peer has been told everything. */
gboolean srudp_announcements_next    (SrudpAnnouncements *self,
                                      SrudpFrame         *frame);
void     srudp_announcements_sent    (SrudpAnnouncements *self,
                                      const SrudpFrame   *frame);
void     srudp_announcements_acked   (SrudpAnnouncements *self,
                                      guint8              type,
                                      guint64             sequence);
/* TRUE: something is to be sent once more. */
gboolean srudp_announcements_lost    (SrudpAnnouncements *self,
                                      guint8              type,
                                      guint64             sequence);

G_END_DECLS
