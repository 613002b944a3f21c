/*
 * SPDX-License-Identifier: MIT
 *
 * secret-watch.h: secrets that memcheck follows, and where they become public
 *
 * A program that contains it is linked so that the functions named in
 * secret-watch.c come by there (--wrap of the linker), and run by valgrind.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gboolean leaks;    /* comparisons end at the first difference */
  guint n_sealed;    /* with a secret key */
  guint n_compared;  /* where one side depends on a secret */
  guint n_mixed;     /* fresh Diffie-Hellman results into packet keys */
} SecretWatch;

extern SecretWatch secret_watch;

/* From here on it is a secret. */
void     secret_watch_hide      (gpointer      data,
                                 gsize         size);
/* … it is public, whatever it was made of. */
void     secret_watch_reveal    (gconstpointer data,
                                 gsize         size);
/* Whether each of its bytes depends on a secret. */
gboolean secret_watch_is_hidden (gconstpointer data,
                                 gsize         size);

G_END_DECLS
