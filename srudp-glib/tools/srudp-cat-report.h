/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cat-report.h: what srudp-cat tells, in words and as exit status
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Documented in srudp-cat(1). A signal ends it with 128 plus its number. */
typedef enum
{
  CAT_STATUS_OK = 0,
  CAT_STATUS_LOCAL = 1,       /* something on this machine failed */
  CAT_STATUS_USAGE = 2,       /* the command line makes no sense */
  CAT_STATUS_UNREACHABLE = 3, /* no peer in time */
  CAT_STATUS_IDENTITY = 4,    /* the peer is somebody else */
  CAT_STATUS_REFUSED = 5,     /* the peer does not want, or does not fit */
  CAT_STATUS_BROKEN = 6,      /* the connection broke before all was there */
  CAT_STATUS_OUTPUT = 7,      /* nobody reads standard output any more */
  CAT_STATUS_COMMAND = 8,     /* the command of --exec failed */
  CAT_STATUS_SIGNAL = 128,
} CatStatus;

void cat_report_set_verbose (gboolean      verbose);
void cat_tell               (const char   *format,
                             ...) G_GNUC_PRINTF (1, 2);
void cat_complain           (const char   *format,
                             ...) G_GNUC_PRINTF (1, 2);
/* A line for other programs: nothing is put before it. */
void cat_print              (const char   *line);
void cat_show_live_line     (const char   *line);
void cat_end_live_line      (void);
int  cat_status_of_open     (const GError *error);

G_END_DECLS
