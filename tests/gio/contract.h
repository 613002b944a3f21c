/*
 * SPDX-License-Identifier: MIT
 *
 * contract.h: what the tests of GIO's contract for streams share
 *
 * Each test stands for a sentence of GIO's documentation that binds whoever
 * implements a stream; its path is that sentence in short.
 */
#pragma once

#include "support.h"

G_BEGIN_DECLS

typedef void (*ContractFunc) (Pair *pair);

/* The test is given a fresh connection. */
void contract_add    (const char    *path,
                      ContractFunc   func);
/* Takes the error. */
void expect_error    (GError       **error,
                      int            code);
/* Runs the default context until the result is there, and takes it. */
GAsyncResult *take_result (GAsyncResult **result);
/* Returns when there is something to read, or the end. */
void wait_readable   (GInputStream  *stream);
/* Writes to `a` until that would block, and goes on to as nobody reads. */
gsize fill           (Pair          *pair);
/* For a thread: reads an input stream to its end. */
gpointer drain_thread (gpointer       stream);

G_END_DECLS
