/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-text.c: text from strangers made harmless
 */
#include "srudp-chat-text.h"

#include <string.h>

#define MAX_NAME_CHARS 48

/* Embeddings, overrides and isolates can make text read as what it is not,
 * also beyond their own message. */
static gboolean
is_bidi_control (gunichar c)
{
  return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static gboolean
is_harmful (gunichar c)
{
  if (c == '\n' || c == '\t')
    return FALSE;
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || is_bidi_control (c)
         || c == 0x2028 || c == 0x2029 || c == 0xfeff;
}

/* Keeps what can be read, in @text of any origin. */
char *
srudp_chat_text_tame (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autoptr (GString) tame = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (!is_harmful (c))
        g_string_append_unichar (tame, c);
    }
  return g_string_free (g_steal_pointer (&tame), FALSE);
}

/* One short line, possibly empty. */
char *
srudp_chat_text_tame_name (const char *name)
{
  g_autofree char *tame = srudp_chat_text_tame (name);
  char *end;

  g_strdelimit (tame, "\n\t", ' ');
  g_strstrip (tame);
  if (g_utf8_strlen (tame, -1) > MAX_NAME_CHARS)
    {
      end = g_utf8_offset_to_pointer (tame, MAX_NAME_CHARS);
      *end = '\0';
      g_strchomp (tame);
    }
  return g_steal_pointer (&tame);
}

static gboolean
starts_link (const char *p)
{
  return g_ascii_strncasecmp (p, "https://", 8) == 0
         || g_ascii_strncasecmp (p, "http://", 7) == 0;
}

/* A link ends at white space or quotes; punctuation after it belongs to the
 * sentence around it. */
static gsize
link_length (const char *p)
{
  gsize length = strcspn (p, " \t\n\r\"<>");

  while (length > 0 && strchr (".,;:!?)]}'", p[length - 1]) != NULL)
    length--;
  return length;
}

static gboolean
has_host (const char *link,
          gsize       length)
{
  const char *slashes = strstr (link, "://");

  return slashes != NULL && (gsize) (slashes + 3 - link) < length;
}

/* Pango markup that shows @text as it is, and makes its links clickable. */
char *
srudp_chat_text_to_markup (const char *text)
{
  g_autoptr (GString) markup = g_string_new (NULL);
  const char *plain = text;
  const char *p = text;

  while (*p != '\0')
    {
      gboolean at_word = p == text || !g_ascii_isalnum (p[-1]);
      gsize length = at_word && starts_link (p) ? link_length (p) : 0;
      g_autofree char *before = NULL;
      g_autofree char *link = NULL;

      if (length == 0 || !has_host (p, length))
        {
          p++;
          continue;
        }
      before = g_markup_escape_text (plain, p - plain);
      link = g_markup_escape_text (p, (gssize) length);
      g_string_append_printf (markup, "%s<a href=\"%s\">%s</a>", before, link, link);
      p += length;
      plain = p;
    }

  {
    g_autofree char *rest = g_markup_escape_text (plain, -1);

    g_string_append (markup, rest);
  }
  return g_string_free (g_steal_pointer (&markup), FALSE);
}

/* Returns: NULL if @text has no more than @max_chars, else its beginning. */
char *
srudp_chat_text_cut (const char *text,
                     glong       max_chars)
{
  g_autofree char *beginning = NULL;

  if (g_utf8_strlen (text, -1) <= max_chars)
    return NULL;
  beginning = g_utf8_substring (text, 0, max_chars);
  return g_strconcat (beginning, "…", NULL);
}
