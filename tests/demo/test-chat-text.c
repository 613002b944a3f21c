/*
 * SPDX-License-Identifier: MIT
 *
 * test-chat-text.c: text from strangers does no harm
 */
#include "srudp-chat-emoji.h"
#include "srudp-chat-mnemonics.h"
#include "srudp-chat-text.h"

#include <string.h>

typedef char *(*Function) (const char *text);

static const struct
{
  Function function;
  const char *text;
  const char *expected;
} table[] = {
  { srudp_chat_text_tame, "Grüße 🎉\nzwei\tdrei", "Grüße 🎉\nzwei\tdrei" },
  { srudp_chat_text_tame, "a\x1b[31mb\x07", "a[31mb" },
  { srudp_chat_text_tame, "\xe2\x80\xaegpj.exe\xe2\x81\xa9", "gpj.exe" },
  { srudp_chat_text_tame, "a\xff" "b", "a\xef\xbf\xbd" "b" },
  { srudp_chat_text_tame_name, "  Bob\nthe\tBuilder ", "Bob the Builder" },
  { srudp_chat_text_tame_name, " \n ", "" },
  { srudp_chat_text_to_markup, "<b>x</b> & 'y'", "&lt;b&gt;x&lt;/b&gt; &amp; &apos;y&apos;" },
  { srudp_chat_text_to_markup, "see https://e.org/a?b=1&c=2.",
    "see <a href=\"https://e.org/a?b=1&amp;c=2\">https://e.org/a?b=1&amp;c=2</a>." },
  { srudp_chat_text_to_markup, "(HTTP://e.org)", "(<a href=\"HTTP://e.org\">HTTP://e.org</a>)" },
  { srudp_chat_text_to_markup, "https:// and xhttps://e.org", "https:// and xhttps://e.org" },
  { srudp_chat_text_to_markup, "http://e.org\"><b>",
    "<a href=\"http://e.org\">http://e.org</a>&quot;&gt;&lt;b&gt;" },
  { srudp_chat_text_to_markup, "javascript:alert(1)", "javascript:alert(1)" },
  { srudp_chat_mnemonics_strip, "_Connect", "Connect" },
  { srudp_chat_mnemonics_strip, "Use _Any Port", "Use Any Port" },
  { srudp_chat_mnemonics_strip, "接続(_C)", "接続" },
  { srudp_chat_mnemonics_strip, "一度使う(_Ü)…", "一度使う…" },
  { srudp_chat_mnemonics_strip, "a__b (_ c) (_", "a_b ( c) (" },
  { srudp_chat_mnemonics_strip, "_", "" },
  { srudp_chat_mnemonics_strip, "", "" },
};

static void
test_table (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *result = table[i].function (table[i].text);

      g_assert_cmpstr (result, ==, table[i].expected);
    }
}

static void
test_long_name (void)
{
  g_autofree char *name = g_strnfill (300, 'n');
  g_autofree char *tame = srudp_chat_text_tame_name (name);

  g_assert_cmpuint (strlen (tame), ==, 48);
}

static void
test_cut (void)
{
  g_autofree char *cut = srudp_chat_text_cut ("Grüße", 3);

  g_assert_cmpstr (cut, ==, "Grü…");
  g_assert_null (srudp_chat_text_cut ("Grüße", 5));
}

static void
ignore_text (GMarkupParseContext  *context,
             const char           *text,
             gsize                 size,
             gpointer              user_data,
             GError              **error)
{
  g_string_append_len (user_data, text, (gssize) size);
}

/* Whatever it is, it shows as what it is. */
static void
test_markup_noise (void)
{
  static const char alphabet[] = "<>&;'\"ab:/. http://https://";
  const GMarkupParser parser = { .text = ignore_text };

  for (guint i = 0; i < 5000; i++)
    {
      char text[40] = { 0 };
      g_autofree char *markup = NULL;
      g_autofree char *document = NULL;
      g_autoptr (GString) shown = g_string_new (NULL);
      g_autoptr (GMarkupParseContext) context = NULL;
      g_autoptr (GError) error = NULL;

      for (gsize j = 0; j < sizeof text - 1; j++)
        text[j] = alphabet[g_test_rand_int_range (0, sizeof alphabet - 1)];
      markup = srudp_chat_text_to_markup (text);
      document = g_strdup_printf ("<m>%s</m>", markup);
      context = g_markup_parse_context_new (&parser, 0, shown, NULL);
      g_markup_parse_context_parse (context, document, -1, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (shown->str, ==, text);
    }
}

/* All that the page about the protocol lists, eight in a row, have names of
 * their own. */
static void
test_emoji_names (void)
{
  g_autofree char *path =
    g_test_build_filename (G_TEST_DIST, "..", "docs", "protocol.md", NULL);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *page = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_get_contents (path, &page, NULL, &error));
  for (guint first = 0; first < 64; first += 8)
    {
      g_autofree char *head = g_strdup_printf ("\n| %u–%u | ", first, first + 7);
      const char *row = strstr (page, head);
      g_auto (GStrv) emoji = NULL;

      g_assert_nonnull (row);
      emoji = g_strsplit (row + strlen (head), " | ", 8);
      g_assert_cmpuint (g_strv_length (emoji), ==, 8);
      emoji[7][strcspn (emoji[7], " ")] = '\0';
      for (guint i = 0; i < 8; i++)
        {
          const char *name = srudp_chat_emoji_get_name (emoji[i]);

          g_assert_nonnull (name);
          g_assert_true (g_hash_table_add (seen, (gpointer) name));
        }
    }
  g_assert_null (srudp_chat_emoji_get_name ("☕"));
  g_assert_null (srudp_chat_emoji_get_name (""));
}

static void
test_endless_word (void)
{
  static const struct
  {
    const char *letter;
    guint n_letters;
    const char *after;
    gboolean endless;
  } cases[] = {
    { "x", 400, " tail", FALSE },  { "x", 401, " tail", TRUE },  { "x", 400, "-tail", TRUE },
    { "x", 400, "\ntail", FALSE }, { "x", 400, "京xxx", FALSE }, { "ß", 400, "", FALSE },
    { "ß", 401, "", TRUE },        { "京", 5000, "", FALSE },    { "👩", 5000, "", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) text = g_string_new ("Then came ");

      for (guint j = 0; j < cases[i].n_letters; j++)
        g_string_append (text, cases[i].letter);
      g_string_append (text, cases[i].after);
      g_test_message ("%u of %s, then “%s”", cases[i].n_letters, cases[i].letter,
                      cases[i].after);
      g_assert_cmpint (srudp_chat_text_has_endless_word (text->str), ==, cases[i].endless);
    }
  g_assert_false (srudp_chat_text_has_endless_word (""));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chat/text/is-tamed-escaped-and-linked", test_table);
  g_test_add_func ("/chat/text/a-name-is-short", test_long_name);
  g_test_add_func ("/chat/text/a-long-one-can-be-cut", test_cut);
  g_test_add_func ("/chat/text/a-word-without-end-is-told-from-many", test_endless_word);
  g_test_add_func ("/chat/text/any-text-shows-as-it-is", test_markup_noise);
  g_test_add_func ("/chat/text/emoji-have-names", test_emoji_names);
  return g_test_run ();
}
