/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-cat-options.h: the command line of srudp-cat
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* [ADDRESS:]PORT */
typedef struct
{
  GInetAddress *address; /* NULL: any, or for TCP the loopback ones */
  guint16 port;
} CatPort;

typedef struct
{
  /* As given. */
  char *listen_text;
  char *port_text;
  char *forward_text;
  char *to_text;
  char *exec;
  char *identity;
  char *passphrase_file;
  char *protocol;
  char **peer_texts;
  char **stun_servers;
  char *via_text;
  double timeout_s;
  gboolean datagram;
  gboolean invite;
  gboolean introducer;
  gboolean keep;
  gboolean port_mapping;
  gboolean print_key;
  gboolean stats;
  gboolean verbose;
  gboolean version;

  /* What it means. */
  gboolean remote_given;
  GSocketConnectable *remote; /* NULL: listen; else maybe an invitation */
  GSocketConnectable *via; /* an invitation, or NULL */
  CatPort local;
  CatPort forward;
  GSocketConnectable *to;
  GPtrArray *peers; /* of SrudpPeerId */
} CatOptions;

CatOptions *cat_options_parse (int          *argc,
                               char       ***argv,
                               GError      **error);
void        cat_options_free  (CatOptions   *self);

/* Does it carry TCP connections? */
gboolean    cat_options_is_tcp (const CatOptions *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CatOptions, cat_options_free)

G_END_DECLS
