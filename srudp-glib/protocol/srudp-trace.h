/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-trace.h: what happened to one connection, as qlog records
 *
 * A JSON text sequence (RFC 7464) as the qlog drafts describe it
 * (draft-ietf-quic-qlog-main-schema, draft-ietf-quic-qlog-quic-events),
 * version 0.3, which is what qvis reads. The records wait in a bounded buffer
 * until somebody takes them; what finds no room is dropped and counted. No
 * key, no secret and none of the application's bytes are in it.
 *
 * One record:
 *
 *     srudp_trace_begin (trace, now, "recovery:packet_lost");
 *     srudp_trace_put_text (trace, "trigger", "time_threshold");
 *     srudp_trace_commit (trace);
 */
#pragma once

#include "srudp-address.h"
#include "srudp-engine.h"
#include "srudp-frame.h"

G_BEGIN_DECLS

/* What may wait to be taken. */
#define SRUDP_TRACE_MAX_BYTES (1024 * 1024)

typedef struct _SrudpTrace SrudpTrace;

/* `own_id` names it as long as no connection came of it. */
SrudpTrace *srudp_trace_new         (guint64          own_id,
                                     gint64           now);
void        srudp_trace_free        (SrudpTrace      *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SrudpTrace, srudp_trace_free)

/* The connection is there: both ends name their traces after the id that the
 * initiator chose for itself. */
void        srudp_trace_set_connection (SrudpTrace   *self,
                                        guint64       initiator_id,
                                        gboolean      is_initiator);
/* Nothing more comes. */
void        srudp_trace_end         (SrudpTrace      *self);
/* FALSE: there is nothing to take now. */
gboolean    srudp_trace_take        (SrudpTrace      *self,
                                     SrudpTraceChunk *chunk);

/* A record, from begin to commit. In an array the key is NULL. */
void        srudp_trace_begin       (SrudpTrace      *self,
                                     gint64           now,
                                     const char      *name);
void        srudp_trace_commit      (SrudpTrace      *self);
void        srudp_trace_open        (SrudpTrace      *self,
                                     const char      *key,
                                     char             bracket);
void        srudp_trace_close       (SrudpTrace      *self,
                                     char             bracket);
void        srudp_trace_put_number  (SrudpTrace      *self,
                                     const char      *key,
                                     guint64          value);
void        srudp_trace_put_boolean (SrudpTrace      *self,
                                     const char      *key,
                                     gboolean         value);
/* Any bytes; NULL with size 0 will do. */
void        srudp_trace_put_bytes   (SrudpTrace      *self,
                                     const char      *key,
                                     const guint8    *text,
                                     gsize            size);
void        srudp_trace_put_text    (SrudpTrace      *self,
                                     const char      *key,
                                     const char      *text);
void        srudp_trace_put_id      (SrudpTrace      *self,
                                     const char      *key,
                                     guint64          id);
/* In milliseconds with three decimals, as qlog has all times. */
void        srudp_trace_put_time    (SrudpTrace      *self,
                                     const char      *key,
                                     gint64           time_us);
/* "src_ip", "src_port" or the same with "dst"; nothing for no address. */
void        srudp_trace_put_address (SrudpTrace         *self,
                                     const char         *prefix,
                                     const SrudpAddress *address);

/* srudp-trace-frames.c: the frames of a plain packet, as "frames". */
void        srudp_trace_put_frames  (SrudpTrace      *self,
                                     const guint8    *payload,
                                     gsize            size);
/* The record is as long as a record gets. */
gboolean    srudp_trace_is_long     (const SrudpTrace *self);

G_END_DECLS
