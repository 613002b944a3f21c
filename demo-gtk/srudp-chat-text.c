/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-chat-text.c: text from strangers made harmless
 */
#include "srudp-chat-text.h"

#include <string.h>

#define MAX_NAME_CHARS 48
/* Leaves room in the 255 bytes of a file system for what is added. */
#define MAX_FILE_NAME_BYTES 180
#define MAX_EXTENSION_BYTES 16
/* Longer than any word of a language. */
#define MAX_WORD_CHARS 400

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

/* Separators of any system, what Windows forbids, and what can't be seen. */
static gboolean
fits_file_name (gunichar c)
{
  return g_unichar_isprint (c) && c != 0x061c && !(c >= 0x200b && c <= 0x200f)
         && !(c < 0x80 && strchr ("/\\:*?\"<>|", (int) c) != NULL);
}

/* At most @max_bytes, and never half a character. */
static void
cut_bytes (GString *text,
           gsize    max_bytes)
{
  if (text->len <= max_bytes)
    return;
  while (max_bytes > 0 && ((guchar) text->str[max_bytes] & 0xc0) == 0x80)
    max_bytes--;
  g_string_truncate (text, max_bytes);
}

/* Cuts the name where it is long, but keeps what tells its kind. */
static void
shorten_file_name (GString *name)
{
  const char *dot = strrchr (name->str, '.');
  g_autofree char *extension = NULL;

  if (name->len <= MAX_FILE_NAME_BYTES)
    return;
  if (dot != NULL && dot != name->str && strlen (dot) <= MAX_EXTENSION_BYTES)
    extension = g_strdup (dot);
  cut_bytes (name, MAX_FILE_NAME_BYTES - (extension != NULL ? strlen (extension) : 0));
  if (extension != NULL)
    g_string_append (name, extension);
}

/* A name for a file in a folder, never empty, hidden, or leading elsewhere. */
char *
srudp_chat_text_tame_file_name (const char *name)
{
  g_autofree char *tame = srudp_chat_text_tame (name);
  const char *base = tame + strlen (tame);
  g_autoptr (GString) safe = g_string_new (NULL);

  while (base > tame && base[-1] != '/' && base[-1] != '\\')
    base--;
  for (; *base != '\0'; base = g_utf8_next_char (base))
    {
      gunichar c = g_utf8_get_char (base);

      if (fits_file_name (c))
        g_string_append_unichar (safe, c);
      else if (g_unichar_isspace (c))
        g_string_append_c (safe, ' ');
    }
  while (safe->len > 0 && strchr (". ", safe->str[0]) != NULL)
    g_string_erase (safe, 0, 1);
  shorten_file_name (safe);
  while (safe->len > 0 && strchr (". ", safe->str[safe->len - 1]) != NULL)
    g_string_truncate (safe, safe->len - 1);
  return g_strdup (safe->len > 0 ? safe->str : "file");
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

/* Whether a word of @text is so long that lines are better broken anywhere. Who
 * tries words first, and characters where a word is too long for a line, looks at
 * all that is left of the word again for each of its lines: that takes ten seconds
 * where it has 64 KB. Between wide characters a line may end nearly everywhere. */
gboolean
srudp_chat_text_has_endless_word (const char *text)
{
  guint n_chars = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      n_chars = g_unichar_isspace (c) || g_unichar_iswide (c) ? 0 : n_chars + 1;
      if (n_chars > MAX_WORD_CHARS)
        return TRUE;
    }
  return FALSE;
}
