/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-trace.c: what happened to one connection, as qlog records
 */
#include "srudp-trace.h"

#include <string.h>

/* RFC 7464, section 2.1: each text begins with this and ends a line. */
#define RECORD_SEPARATOR '\x1e'
/* Whatever is in a packet, its record stops about here. */
#define MAX_RECORD_BYTES (16 * 1024)

struct _SrudpTrace
{
  gint64 started, latest;
  guint64 id;
  const char *vantage; /* "client", "server"; NULL: still opening */
  gboolean begun;      /* the first record was taken */
  gboolean ended;
  GString *records;
  gsize record_start;
  guint64 n_dropped;   /* since records were taken last */
};

SrudpTrace *
srudp_trace_new (guint64 own_id,
                 gint64  now)
{
  SrudpTrace *self = g_new0 (SrudpTrace, 1);

  self->started = self->latest = now;
  self->id = own_id;
  self->records = g_string_new (NULL);

  return self;
}

void
srudp_trace_free (SrudpTrace *self)
{
  g_string_free (self->records, TRUE);
  g_free (self);
}

void
srudp_trace_set_connection (SrudpTrace *self,
                            guint64     initiator_id,
                            gboolean    is_initiator)
{
  self->id = initiator_id;
  self->vantage = is_initiator ? "client" : "server";
}

void
srudp_trace_end (SrudpTrace *self)
{
  self->ended = TRUE;
}

/* Before anything but the first in its object or array. */
static void
put_key (SrudpTrace *self,
         const char *key)
{
  GString *out = self->records;

  if (out->str[out->len - 1] != '{' && out->str[out->len - 1] != '[')
    g_string_append_c (out, ',');
  if (key != NULL)
    g_string_append_printf (out, "\"%s\":", key);
}

void
srudp_trace_open (SrudpTrace *self,
                  const char *key,
                  char        bracket)
{
  put_key (self, key);
  g_string_append_c (self->records, bracket);
}

void
srudp_trace_close (SrudpTrace *self,
                   char        bracket)
{
  g_string_append_c (self->records, bracket);
}

void
srudp_trace_put_number (SrudpTrace *self,
                        const char *key,
                        guint64     value)
{
  put_key (self, key);
  g_string_append_printf (self->records, "%" G_GUINT64_FORMAT, value);
}

void
srudp_trace_put_boolean (SrudpTrace *self,
                         const char *key,
                         gboolean    value)
{
  put_key (self, key);
  g_string_append (self->records, value ? "true" : "false");
}

static void
append_escaped (GString    *out,
                const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    {
      guchar c = (guchar) *p;

      if (c == '"' || c == '\\')
        g_string_append_c (out, '\\');
      if (c < 0x20 || c == 0x7f)
        g_string_append_printf (out, "\\u%04x", c);
      else
        g_string_append_c (out, (char) c);
    }
}

void
srudp_trace_put_bytes (SrudpTrace   *self,
                       const char   *key,
                       const guint8 *text,
                       gsize         size)
{
  g_autofree char *valid
    = size > 0 ? g_utf8_make_valid ((const char *) text, (gssize) size) : NULL;

  srudp_trace_put_text (self, key, valid != NULL ? valid : "");
}

void
srudp_trace_put_text (SrudpTrace *self,
                      const char *key,
                      const char *text)
{
  put_key (self, key);
  g_string_append_c (self->records, '"');
  append_escaped (self->records, text);
  g_string_append_c (self->records, '"');
}

void
srudp_trace_put_id (SrudpTrace *self,
                    const char *key,
                    guint64     id)
{
  put_key (self, key);
  g_string_append_printf (self->records, "\"%016" G_GINT64_MODIFIER "x\"", id);
}

/* Not with %f, whose decimal point follows the locale. */
void
srudp_trace_put_time (SrudpTrace *self,
                      const char *key,
                      gint64      time_us)
{
  guint64 magnitude = (guint64) ABS (time_us);

  put_key (self, key);
  g_string_append_printf (self->records, "%s%" G_GUINT64_FORMAT ".%03u",
                          time_us < 0 ? "-" : "", magnitude / 1000,
                          (guint) (magnitude % 1000));
}

/* The text without brackets and port. */
static void
put_ip (SrudpTrace         *self,
        const char         *key,
        const SrudpAddress *address)
{
  char text[SRUDP_ADDRESS_STRING_BYTES];
  const char *ip = text;

  srudp_address_format (address, text);
  *strrchr (text, ':') = '\0';
  if (*ip == '[')
    {
      *strrchr (text, ']') = '\0';
      ip++;
    }
  srudp_trace_put_text (self, key, ip);
}

void
srudp_trace_put_address (SrudpTrace         *self,
                         const char         *prefix,
                         const SrudpAddress *address)
{
  char key[16];

  if (!srudp_address_is_set (address))
    return;

  g_snprintf (key, sizeof key, "%s_ip", prefix);
  put_ip (self, key, address);
  g_snprintf (key, sizeof key, "%s_port", prefix);
  srudp_trace_put_number (self, key, address->port);
}

gboolean
srudp_trace_is_long (const SrudpTrace *self)
{
  return self->records->len - self->record_start > MAX_RECORD_BYTES;
}

void
srudp_trace_begin (SrudpTrace *self,
                   gint64      now,
                   const char *name)
{
  self->latest = MAX (self->latest, now);
  self->record_start = self->records->len;
  g_string_append_c (self->records, RECORD_SEPARATOR);
  g_string_append_c (self->records, '{');
  srudp_trace_put_time (self, "time", self->latest - self->started);
  srudp_trace_put_text (self, "name", name);
  srudp_trace_open (self, "data", '{');
}

/* The newest is dropped, so that what led to a flood can still be seen. */
void
srudp_trace_commit (SrudpTrace *self)
{
  g_string_append (self->records, "}}\n");
  if (self->records->len <= SRUDP_TRACE_MAX_BYTES)
    return;

  g_string_truncate (self->records, self->record_start);
  self->n_dropped++;
}

/* The first record of the sequence says what the others are. */
static void
write_header (SrudpTrace *self)
{
  g_string_append_c (self->records, RECORD_SEPARATOR);
  g_string_append_c (self->records, '{');
  srudp_trace_put_text (self, "qlog_version", "0.3");
  srudp_trace_put_text (self, "qlog_format", "JSON-SEQ");
  srudp_trace_put_text (self, "title", "srudp connection");
  srudp_trace_open (self, "trace", '{');
  srudp_trace_open (self, "vantage_point", '{');
  srudp_trace_put_text (self, "name", "srudp-glib");
  srudp_trace_put_text (self, "type",
                        self->vantage != NULL ? self->vantage : "unknown");
  srudp_trace_close (self, '}');
  srudp_trace_open (self, "common_fields", '{');
  srudp_trace_put_id (self, "ODCID", self->id);
  srudp_trace_put_text (self, "time_format", "relative");
  srudp_trace_put_time (self, "reference_time", self->started);
  g_string_append (self->records, "}}}\n");
}

static void
tell_dropped (SrudpTrace *self)
{
  char message[64];

  g_snprintf (message, sizeof message, "%" G_GUINT64_FORMAT
              " records dropped, the buffer was full", self->n_dropped);
  self->n_dropped = 0;
  srudp_trace_begin (self, self->latest, "loglevel:warning");
  srudp_trace_put_text (self, "message", message);
  g_string_append (self->records, "}}\n");
}

static GBytes *
steal_records (SrudpTrace *self)
{
  GString *waiting = self->records;

  if (!self->begun)
    {
      self->records = g_string_sized_new (waiting->len + 512);
      write_header (self);
      g_string_append_len (self->records, waiting->str, (gssize) waiting->len);
      g_string_free (waiting, TRUE);
    }
  if (self->n_dropped > 0)
    tell_dropped (self);

  waiting = self->records;
  self->records = g_string_new (NULL);

  return g_string_free_to_bytes (waiting);
}

gboolean
srudp_trace_take (SrudpTrace      *self,
                  SrudpTraceChunk *chunk)
{
  gboolean is_known = self->vantage != NULL || self->ended;

  if (!is_known || (self->records->len == 0 && !self->ended))
    return FALSE;

  g_snprintf (chunk->name, sizeof chunk->name, "%016" G_GINT64_MODIFIER "x_%s",
              self->id, self->vantage != NULL ? self->vantage : "opening");
  chunk->first = !self->begun;
  chunk->last = self->ended;
  chunk->records = steal_records (self);
  self->begun = TRUE;

  return TRUE;
}
