/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-introduction.h: a third peer tells two others where they are
 */
#pragma once

#include "srudp-nat.h"

G_BEGIN_DECLS

#define SRUDP_INTRODUCTION_KEY_BYTES 32
/* Those that the peer names itself, and the one it is seen at. */
#define SRUDP_INTRODUCTION_MAX_ADDRESSES 8

typedef enum
{
  SRUDP_INTRODUCTION_OFFER = 0, /* whoever asks for the sender may be told */
  SRUDP_INTRODUCTION_REQUEST,   /* the sender looks for this peer */
  SRUDP_INTRODUCTION_PEER,      /* this peer is there, and is told likewise */
  SRUDP_INTRODUCTION_UNKNOWN,   /* this peer has not offered itself */
} SrudpIntroductionKind;

/* OFFER and REQUEST tell of the sender, PEER of the peer. Only its mapping and
 * step are told of the NAT; the step is from the first address. */
typedef struct
{
  SrudpIntroductionKind kind;
  guint8 peer_key[SRUDP_INTRODUCTION_KEY_BYTES]; /* zeros in OFFER */
  SrudpMapping mapping;
  int port_delta;
  SrudpAddress addresses[SRUDP_INTRODUCTION_MAX_ADDRESSES];
  guint n_addresses;
} SrudpIntroduction;

G_END_DECLS
