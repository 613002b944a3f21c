/*
 * SPDX-License-Identifier: MIT
 *
 * fake-network.h: two ends of a line in one process, for tests of the chat
 */
#pragma once

#include "srudp-chat-network.h"

G_BEGIN_DECLS

#define FAKE_TYPE_LINK (fake_link_get_type ())
G_DECLARE_FINAL_TYPE (FakeLink, fake_link, FAKE, LINK, SrudpChatLink)

#define FAKE_TYPE_NETWORK (fake_network_get_type ())
G_DECLARE_FINAL_TYPE (FakeNetwork, fake_network, FAKE, NETWORK, SrudpChatNetwork)

FakeLink    *fake_link_new         (const char           *peer_id);
void         fake_link_join        (FakeLink             *a,
                                    FakeLink             *b);
void         fake_link_break       (FakeLink             *self,
                                    GQuark                domain,
                                    int                   code,
                                    const char           *message);
void         fake_link_set_hint    (FakeLink             *self,
                                    GQuark                domain,
                                    int                   code);
void         fake_link_set_short_code (FakeLink          *self,
                                       const char        *short_code);
guint        fake_link_get_n_sent  (FakeLink             *self);

FakeNetwork *fake_network_new      (void);
FakeLink    *fake_network_get_last (FakeNetwork          *self);
void         fake_network_set_taken (FakeNetwork         *self,
                                     guint16              port);
const char  *fake_network_get_passphrase (FakeNetwork     *self);

G_END_DECLS
