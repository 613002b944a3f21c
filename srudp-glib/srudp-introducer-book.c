/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-introducer-book.c: who may be told of to whoever asks
 */
#include "config.h"

#include "srudp-glib/srudp-introducer-book-private.h"

struct _SrudpIntroducerBook
{
  guint8 secret[SRUDP_SIPHASH_KEY_BYTES]; /* peers choose their keys */
  GHashTable *pages; /* SrudpTableKey → SrudpIntroducerPage */
};

SrudpIntroducerBook *
srudp_introducer_book_new (void)
{
  SrudpIntroducerBook *self = g_new0 (SrudpIntroducerBook, 1);

  srudp_crypto_random (NULL, self->secret, sizeof self->secret);
  self->pages = g_hash_table_new (srudp_table_key_hash, srudp_table_key_equal);
  return self;
}

void
srudp_introducer_book_free (SrudpIntroducerBook *self)
{
  g_assert (g_hash_table_size (self->pages) == 0);
  g_hash_table_unref (self->pages);
  g_free (self);
}

static SrudpIntroducerPage *
ensure_page (SrudpIntroducerBook *self,
             const guint8        *peer_key)
{
  SrudpIntroducerPage *page;
  SrudpTableKey key;

  srudp_table_key_init (&key, self->secret, peer_key);
  page = g_hash_table_lookup (self->pages, &key);
  if (page != NULL)
    return page;

  page = g_new0 (SrudpIntroducerPage, 1);
  page->key = key;
  page->book = self;
  g_hash_table_insert (self->pages, &page->key, page);
  return page;
}

void
srudp_introducer_book_enter (SrudpIntroducerBook  *self,
                             SrudpIntroducerEntry *entry,
                             const guint8         *peer_key,
                             gpointer              connection)
{
  srudp_introducer_entry_strike (entry);
  entry->page = ensure_page (self, peer_key);
  entry->link.data = connection;
  g_queue_push_head_link (&entry->page->entries, &entry->link);
}

void
srudp_introducer_entry_strike (SrudpIntroducerEntry *entry)
{
  SrudpIntroducerPage *page = g_steal_pointer (&entry->page);

  if (page == NULL)
    return;

  g_queue_unlink (&page->entries, &entry->link);
  if (!g_queue_is_empty (&page->entries))
    return;

  g_hash_table_remove (page->book->pages, &page->key);
  g_free (page);
}

GList *
srudp_introducer_book_find (SrudpIntroducerBook *self,
                            const guint8        *peer_key)
{
  SrudpIntroducerPage *page;
  SrudpTableKey key;

  srudp_table_key_init (&key, self->secret, peer_key);
  page = g_hash_table_lookup (self->pages, &key);
  return page != NULL ? page->entries.head : NULL;
}
