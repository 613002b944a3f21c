/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cat-report.c: what srudp-cat tells, in words and as exit status
 *
 * Standard output belongs to the peer's bytes, so that all of this goes to
 * standard error, where a live line may have to make room for it.
 */
#include "config.h"

#include "srudp-cat-report.h"

#include <srudp-glib/srudp-glib.h>

#include <unistd.h>

#define CLEAR_LINE "\r\033[K"

static GMutex lock;
static gboolean is_verbose;
static gboolean has_live_line;

void
cat_report_set_verbose (gboolean verbose)
{
  is_verbose = verbose;
}

static void G_GNUC_PRINTF (1, 0)
print_line (const char *format,
            va_list     arguments)
{
  g_autofree char *text = g_strdup_vprintf (format, arguments);

  g_mutex_lock (&lock);
  g_printerr ("%ssrudp-cat: %s\n", has_live_line ? CLEAR_LINE : "",
             text);
  has_live_line = FALSE;
  g_mutex_unlock (&lock);
}

void
cat_tell (const char *format,
          ...)
{
  va_list arguments;

  if (!is_verbose)
    return;
  va_start (arguments, format);
  print_line (format, arguments);
  va_end (arguments);
}

void
cat_complain (const char *format,
              ...)
{
  va_list arguments;

  va_start (arguments, format);
  print_line (format, arguments);
  va_end (arguments);
}

void
cat_print (const char *line)
{
  g_mutex_lock (&lock);
  g_printerr ("%s%s\n", has_live_line ? CLEAR_LINE : "", line);
  has_live_line = FALSE;
  g_mutex_unlock (&lock);
}

/* On a terminal a line replaces the one before; in a file each is kept. */
void
cat_show_live_line (const char *line)
{
  g_mutex_lock (&lock);
  if (isatty (STDERR_FILENO))
    {
      g_printerr (CLEAR_LINE "%s", line);
      has_live_line = TRUE;
    }
  else
    {
      g_printerr ("%s\n", line);
    }
  g_mutex_unlock (&lock);
}

void
cat_end_live_line (void)
{
  g_mutex_lock (&lock);
  if (has_live_line)
    g_printerr ("\n");
  has_live_line = FALSE;
  g_mutex_unlock (&lock);
}

static int
status_of_srudp_error (int code)
{
  switch (code)
    {
    case SRUDP_ERROR_PEER_UNREACHABLE:
      return CAT_STATUS_UNREACHABLE;
    case SRUDP_ERROR_PEER_IDENTITY:
    case SRUDP_ERROR_PASSPHRASE:
      return CAT_STATUS_IDENTITY;
    case SRUDP_ERROR_APPLICATION_PROTOCOL:
    case SRUDP_ERROR_VERSION:
    case SRUDP_ERROR_PROTOCOL:
      return CAT_STATUS_REFUSED;
    default:
      return CAT_STATUS_LOCAL;
    }
}

static int
status_of_io_error (int code)
{
  switch (code)
    {
    case G_IO_ERROR_TIMED_OUT:
    case G_IO_ERROR_HOST_NOT_FOUND:
    case G_IO_ERROR_HOST_UNREACHABLE:
    case G_IO_ERROR_NETWORK_UNREACHABLE:
      return CAT_STATUS_UNREACHABLE;
    case G_IO_ERROR_CONNECTION_REFUSED:
    case G_IO_ERROR_CONNECTION_CLOSED:
      return CAT_STATUS_REFUSED;
    default:
      return CAT_STATUS_LOCAL;
    }
}

/* Why there is no connection. */
int
cat_status_of_open (const GError *error)
{
  if (error->domain == SRUDP_ERROR)
    return status_of_srudp_error (error->code);
  if (error->domain == G_IO_ERROR)
    return status_of_io_error (error->code);
  return error->domain == G_RESOLVER_ERROR ? CAT_STATUS_UNREACHABLE
                                           : CAT_STATUS_LOCAL;
}
