/*
 * SPDX-License-Identifier: MIT
 *
 * random-app.h: an application that does anything, and knows what must be true
 *
 * Each byte of a stream is a function of the connection, of the stream, of
 * its sender and of the offset. Two apps know of each other what was written,
 * so each byte and each end is checked where it is read.
 */
#pragma once

#include "sim-world.h"

G_BEGIN_DECLS

/* What one session may hold of bytes nobody read. */
#define RANDOM_MAX_WINDOW (64 * 1024)

typedef struct _RandomApp RandomApp;

/* What happened, in all runs together: a test that never does a thing proves
 * nothing about it. */
typedef enum
{
  RANDOM_OPEN,
  RANDOM_WRITE,
  RANDOM_READ,
  RANDOM_DATAGRAM,
  RANDOM_OPEN_STREAM,
  RANDOM_FINISH,
  RANDOM_RESET,
  RANDOM_STOP,
  RANDOM_CLOSE,
  RANDOM_ABORT,
  RANDOM_RELEASE,
  RANDOM_REBIND,
  RANDOM_BLACK_OUT,
  RANDOM_DROP,
  RANDOM_REORDER,
  RANDOM_DUPLICATE,
  RANDOM_CORRUPT,
  RANDOM_KEY_UPDATE,
  RANDOM_KEY_EXCHANGE,
  RANDOM_CLOCK_JUMP,
  RANDOM_SLEEP,
  RANDOM_MIGRATE,
  RANDOM_NETWORK_CHANGE,
  RANDOM_TELL_ADDRESSES,
  RANDOM_SECOND_SOCKET,
  RANDOM_N_THINGS
} RandomThing;

extern const char *const random_thing_names[RANDOM_N_THINGS];
extern guint64 random_tally[RANDOM_N_THINGS];

/* One stream as seen from one side. */
typedef struct
{
  guint64 id;
  guint64 written, received, unconsumed;
  gboolean finished, reset, stopped_reading; /* done here */
  gboolean eof, was_reset, stopped_writing;  /* seen here */
} RandomStream;

typedef struct
{
  RandomApp *app;
  SrudpSession *session; /* NULL: released */
  SrudpState state;
  SrudpReason reason;
  gboolean is_established; /* was, at some time */
  guint64 binding;
  gboolean closed_here, aborted_here;
  GPtrArray *streams;
  GHashTable *datagrams; /* numbers of those that came */
  guint64 n_datagrams_sent;
  guint64 n_key_updates, n_key_exchanges;
} RandomEnd;

struct _RandomApp
{
  SimWorld *world;
  SimNode *node;
  RandomApp *peer;
  SimRng *rng;
  gboolean is_calm;   /* reads all there is, as it comes, and no more tricks */
  gboolean may_time_out; /* silence was long enough for anything */
  gboolean may_be_refused; /* nobody may be there for an open of this one */
  GPtrArray *ends;
  char *error;        /* the first thing that went against the rules */
};

RandomApp *random_app_new    (SimWorld  *world,
                              SimNode   *node,
                              SimRng    *rng);
void       random_app_free   (RandomApp *app);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RandomApp, random_app_free)

/* To the peer's node as it was made. */
void       random_app_open   (RandomApp          *app,
                              const SrudpAddress *to,
                              gboolean            pinned);
/* One call, of any kind, with any argument that a caller could give. */
void       random_app_act    (RandomApp *app);
/* Reads everything, ends all streams of its own. */
void       random_app_calm_down (RandomApp *app);
/* All streams have ended as they should, on every session that is up. */
gboolean   random_app_is_settled (RandomApp *app);
void       random_app_close_all (RandomApp *app);
/* The handles go, too. */
void       random_app_release_all (RandomApp *app);

G_END_DECLS
