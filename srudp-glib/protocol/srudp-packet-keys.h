/*
 * SPDX-License-Identifier: MIT
 *
 * srudp-packet-keys.h: the protection of transport packets, in one direction
 *
 *   byte 0      0 1 0 R R P L L   R reserved (0), P key phase, L number size - 1
 *   bytes 1-8   destination connection id
 *   1-4 bytes   truncated packet number
 *   rest        sealed frames, 16-byte tag
 *
 * The low five bits of byte 0 and the packet number are masked (RFC 9001,
 * section 5.4); the unmasked header is the associated data. A connection has
 * two of these objects, one to seal with and one to open with.
 *
 * Key update (RFC 9001, section 6): srudp_packet_keys_update() on the sealing
 * side begins a new phase. The opening side follows by itself when a packet of
 * the next phase authenticates; its owner sees get_phase() grow and updates
 * its sealing keys until their phase is no lower.
 */
#pragma once

#include "srudp-crypto.h"

G_BEGIN_DECLS

#define SRUDP_PACKET_ID_OFFSET 1
#define SRUDP_PACKET_NUMBER_OFFSET 9
#define SRUDP_PACKET_MAX_HEADER_BYTES (SRUDP_PACKET_NUMBER_OFFSET + 4)
#define SRUDP_PACKET_MAX_OVERHEAD (SRUDP_PACKET_MAX_HEADER_BYTES + SRUDP_AEAD_TAG_BYTES)
/* The least payload to seal, so that the sample for the mask always exists
 * whatever the size of the packet number (RFC 9001, section 5.4.2). */
#define SRUDP_PACKET_MIN_PAYLOAD 3
/* No smaller datagram is a transport packet. */
#define SRUDP_PACKET_MIN_BYTES \
  (SRUDP_PACKET_NUMBER_OFFSET + 4 + SRUDP_HEADER_SAMPLE_BYTES)
/* RFC 9000, section 12.3 */
#define SRUDP_PACKET_NUMBER_MAX ((G_GUINT64_CONSTANT (1) << 62) - 1)

/* Packets sealed under one phase: time for an update, and the end. Far below
 * the limits of RFC 9001, section 6.6. */
#define SRUDP_PACKETS_SOFT_LIMIT (G_GUINT64_CONSTANT (1) << 20)
#define SRUDP_PACKETS_HARD_LIMIT (G_GUINT64_CONSTANT (1) << 23)

typedef struct _SrudpPacketKeys SrudpPacketKeys;

typedef enum
{
  SRUDP_OPEN_OK = 0,
  SRUDP_OPEN_FORGED,    /* not authentic: the packet is as it was */
  SRUDP_OPEN_MALFORMED, /* too short, or not a transport packet; untouched too */
} SrudpOpenResult;

typedef struct
{
  guint64 packet_number;
  guint64 destination_id;
  guint8 *payload; /* the frames, inside the packet */
  gsize payload_size;
  guint64 phase;     /* which key phase it was sealed under, from 0 */
  gboolean reserved; /* a reserved bit is set: the peer broke the protocol */
} SrudpOpenedPacket;

/* From the secret of one direction (srudp_noise_split()). */
SrudpPacketKeys *srudp_packet_keys_new  (SrudpCipher      cipher,
                                         const guint8     secret[SRUDP_SHA256_BYTES]);
void             srudp_packet_keys_free (SrudpPacketKeys *keys);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SrudpPacketKeys, srudp_packet_keys_free)

/* What the phase in use is called; before the first packet, on both sides. */
void srudp_packet_keys_set_phase (SrudpPacketKeys *keys,
                                  guint64          phase);

SrudpCipher srudp_packet_keys_get_cipher (const SrudpPacketKeys *keys);

/* Sealing: write the header, put the frames right after it (padded to
 * SRUDP_PACKET_MIN_PAYLOAD), then seal. A packet number must never be sealed
 * twice: each is higher than all before, or the program stops. */

/* Returns the header's size. `largest_acked` is -1 before the first ACK. */
gsize srudp_packet_keys_write_header (const SrudpPacketKeys *keys,
                                      guint8                *packet,
                                      guint64                destination_id,
                                      guint64                packet_number,
                                      gint64                 largest_acked);
/* `packet` has room for the tag after the payload. Returns the whole size, or
 * 0 when the phase has reached its hard limit (the header is then plain). */
gsize srudp_packet_keys_seal         (SrudpPacketKeys       *keys,
                                      guint8                *packet,
                                      gsize                  header_size,
                                      gsize                  payload_size,
                                      guint64                packet_number);
/* Packets sealed in the current phase. */
guint64 srudp_packet_keys_get_sealed (const SrudpPacketKeys *keys);

/* Opens in place. `largest` is the largest packet number opened before, -1
 * for none. Replays are the caller's concern. */
SrudpOpenResult srudp_packet_keys_open (SrudpPacketKeys   *keys,
                                        guint8            *packet,
                                        gsize              size,
                                        gint64             largest,
                                        SrudpOpenedPacket *opened);
/* Too many forgeries were tried against these keys (RFC 9001, section 6.6). */
gboolean srudp_packet_keys_is_worn_out (const SrudpPacketKeys *keys);
guint64  srudp_packet_keys_get_forged  (const SrudpPacketKeys *keys);

/* The phase in use, counted from 0; its lowest bit is the bit on the wire. */
guint64 srudp_packet_keys_get_phase     (const SrudpPacketKeys *keys);
void    srudp_packet_keys_update        (SrudpPacketKeys       *keys);
/* Packets of the phase before no longer open (3 PTO after the new one began;
 * RFC 9001, section 6.5). Does nothing if they don't already. */
void    srudp_packet_keys_drop_previous (SrudpPacketKeys       *keys);

/* Mixes a fresh Diffie-Hellman result into the next phase, in both directions
 * and on both sides, before either begins it. The two sides mean the same
 * phase by "next" if each mixes only while its two objects are in one phase,
 * and begins no other update between sending its share and this one. `n`
 * counts these exchanges; the two public shares may come in any order. */
void    srudp_packet_keys_mix_dh        (SrudpPacketKeys       *keys,
                                         const guint8           dh[SRUDP_X25519_BYTES],
                                         guint64                n,
                                         const guint8           share_a[SRUDP_X25519_BYTES],
                                         const guint8           share_b[SRUDP_X25519_BYTES]);

/* RFC 9000, appendix A.2 and A.3: bytes that the truncated number needs, 1 to
 * 4, and the number that lies closest to the one expected next. `largest` and
 * `largest_acked` are -1 for none. */
gsize   srudp_packet_number_size   (guint64 packet_number,
                                    gint64  largest_acked);
guint64 srudp_packet_number_expand (guint32 truncated,
                                    gsize   n_bytes,
                                    gint64  largest);

G_END_DECLS
