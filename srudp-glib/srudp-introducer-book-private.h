/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-introducer-book-private.h: who may be told of to whoever asks
 *
 * By the peer's key, so that a question costs as little with ten thousand
 * peers as with one. Worker only.
 */
#pragma once

#include "srudp-glib/protocol/srudp-table-key.h"

G_BEGIN_DECLS

typedef struct _SrudpIntroducerBook SrudpIntroducerBook;

/* One peer. There is a page as long as there is an entry for it. */
typedef struct
{
  SrudpTableKey key;
  SrudpIntroducerBook *book;
  GQueue entries; /* their links, the newest first */
} SrudpIntroducerPage;

/* Part of a connection; all zero: in no book. */
typedef struct
{
  SrudpIntroducerPage *page;
  GList link;
} SrudpIntroducerEntry;

SrudpIntroducerBook *srudp_introducer_book_new  (void);
/* All entries have been struck out. */
void                 srudp_introducer_book_free (SrudpIntroducerBook *self);
/* It becomes the newest one of its peer. `peer_key` has SRUDP_TABLE_KEY_BYTES. */
void                 srudp_introducer_book_enter (SrudpIntroducerBook  *self,
                                                  SrudpIntroducerEntry *entry,
                                                  const guint8         *peer_key,
                                                  gpointer              connection);
/* Harmless if it is in no book. */
void                 srudp_introducer_entry_strike (SrudpIntroducerEntry *entry);
/* That peer's connections, the newest first. */
GList               *srudp_introducer_book_find (SrudpIntroducerBook *self,
                                                 const guint8        *peer_key);

G_END_DECLS
