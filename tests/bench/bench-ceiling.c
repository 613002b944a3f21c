/*
 * SPDX-License-Identifier: MIT
 *
 * bench-ceiling.c: as fast as an encrypted UDP transport can be
 *
 * Datagrams sealed by libsodium, handed to the kernel and taken from it many
 * at a time (UDP_SEGMENT, UDP_GRO), opened, and forgotten. There is no stream,
 * no loss recovery and no congestion control; only so much flow control that
 * the receiver's buffer does not overflow. The variant is the cipher: aes or
 * chacha20. Nonce and key are no secret: this protects nothing.
 */
#include "bench-options.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sodium.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
# define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
# define UDP_GRO 104
#endif

/* A UDP payload in a packet of 1,480 bytes, as a transport fills it. */
#define DATAGRAM_BYTES 1452
#define TAG_BYTES 16
#define CONTENT_BYTES (DATAGRAM_BYTES - TAG_BYTES)
/* As many as fit the 64 KiB that the kernel takes at once. */
#define BATCH 44
/* What may be under way; the receive buffer asked for holds more. */
#define WINDOW_BYTES (2 * 1024 * 1024)
#define CREDIT_BYTES (256 * 1024)

typedef struct
{
  int fd;
  gboolean aes;
  crypto_aead_aes256gcm_state key;
  guint8 nonce[12];
  guint8 plain_key[32];
} Ceiling;

static void
seal (Ceiling *self,
      guint8  *out,
      guint8  *content)
{
  if (self->aes)
    crypto_aead_aes256gcm_encrypt_afternm (out, NULL, content, CONTENT_BYTES, NULL, 0,
                                           NULL, self->nonce, &self->key);
  else
    crypto_aead_chacha20poly1305_ietf_encrypt (out, NULL, content, CONTENT_BYTES, NULL, 0,
                                               NULL, self->nonce, self->plain_key);
}

static gboolean
unseal (Ceiling *self,
        guint8  *data,
        gsize    size)
{
  static guint8 content[65536];

  return size > TAG_BYTES
         && (self->aes
               ? crypto_aead_aes256gcm_decrypt_afternm (content, NULL, NULL, data, size,
                                                        NULL, 0, self->nonce, &self->key)
               : crypto_aead_chacha20poly1305_ietf_decrypt (content, NULL, NULL, data, size,
                                                            NULL, 0, self->nonce,
                                                            self->plain_key)) == 0;
}

static struct sockaddr_in
address_of (const BenchOptions *options)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_port = htons (options->port) };

  inet_pton (AF_INET, options->address, &address.sin_addr);
  return address;
}

/* --- The receiver --------------------------------------------------------- */

static gsize
segment_size (struct msghdr *message,
              gsize          size)
{
  for (struct cmsghdr *c = CMSG_FIRSTHDR (message); c != NULL; c = CMSG_NXTHDR (message, c))
    if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO)
      {
        int segment;

        memcpy (&segment, CMSG_DATA (c), sizeof segment);
        return segment;
      }
  return size;
}

static gsize
open_all (Ceiling *self,
          guint8  *data,
          gsize    size,
          gsize    segment)
{
  gsize opened = 0;

  for (gsize at = 0; at < size; at += segment)
    {
      gsize n = MIN (segment, size - at);

      if (unseal (self, data + at, n))
        opened += n - TAG_BYTES;
    }
  return opened;
}

/* Ends when nothing has come for a while after the first byte. */
static void
receive (Ceiling *self)
{
  static guint8 data[65536];
  BenchMeter meter = { 0 };
  guint64 told = 0;

  for (;;)
    {
      guint8 control[CMSG_SPACE (sizeof (int))];
      struct sockaddr_in from;
      struct iovec vector = { data, sizeof data };
      struct msghdr message = { &from, sizeof from, &vector, 1, control, sizeof control, 0 };
      struct pollfd poll_fd = { self->fd, POLLIN, 0 };
      ssize_t size = recvmsg (self->fd, &message, MSG_DONTWAIT);

      if (size < 0 && poll (&poll_fd, 1, meter.bytes > 0 ? 300 : 20000) == 0)
        break;
      if (size <= 0)
        continue;
      bench_meter_add (&meter, open_all (self, data, size, segment_size (&message, size)));
      if (meter.bytes - told < CREDIT_BYTES)
        continue;
      told = meter.bytes;
      sendto (self->fd, &told, sizeof told, 0, (struct sockaddr *) &from, sizeof from);
    }
  bench_meter_report (&meter);
}

/* --- The sender --------------------------------------------------------------- */

static void
take_credit (Ceiling *self,
             guint64  sent,
             guint64 *received)
{
  struct pollfd poll_fd = { self->fd, POLLIN, 0 };
  guint64 told;

  while (recv (self->fd, &told, sizeof told, MSG_DONTWAIT) == sizeof told)
    *received = MAX (*received, told);
  /* What was lost on the way is counted as received after a while. */
  while (sent - *received > WINDOW_BYTES)
    {
      if (poll (&poll_fd, 1, 50) == 0)
        *received = sent;
      else if (recv (self->fd, &told, sizeof told, MSG_DONTWAIT) == sizeof told)
        *received = MAX (*received, told);
    }
}

static void
send_batch (Ceiling *self,
            guint8  *batch)
{
  guint8 control[CMSG_SPACE (sizeof (guint16))] = { 0 };
  struct iovec vector = { batch, BATCH * DATAGRAM_BYTES };
  struct msghdr message = { NULL, 0, &vector, 1, control, sizeof control, 0 };
  struct cmsghdr *segment = CMSG_FIRSTHDR (&message);
  guint16 size = DATAGRAM_BYTES;

  segment->cmsg_level = SOL_UDP;
  segment->cmsg_type = UDP_SEGMENT;
  segment->cmsg_len = CMSG_LEN (sizeof size);
  memcpy (CMSG_DATA (segment), &size, sizeof size);
  if (sendmsg (self->fd, &message, 0) < 0)
    bench_fail ("sendmsg", g_strerror (errno));
}

static void
send_for (Ceiling *self,
          double   seconds)
{
  static guint8 content[BATCH][CONTENT_BYTES];
  static guint8 batch[BATCH * DATAGRAM_BYTES];
  gint64 end_us = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);
  guint64 sent = 0, received = 0;

  while (g_get_monotonic_time () < end_us)
    {
      for (guint i = 0; i < BATCH; i++)
        seal (self, batch + i * DATAGRAM_BYTES, content[i]);
      send_batch (self, batch);
      sent += BATCH * CONTENT_BYTES;
      take_credit (self, sent, &received);
    }
}

int
main (int    argc,
      char **argv)
{
  Ceiling self = { 0 };
  struct sockaddr_in address;
  BenchOptions options;
  int on = 1, room = 4 * 1024 * 1024;

  bench_parse (&options, argc, argv);
  if (sodium_init () < 0)
    bench_fail ("libsodium", "does not start");
  self.aes = g_strcmp0 (options.variant, "chacha20") != 0;
  if (self.aes && !crypto_aead_aes256gcm_is_available ())
    bench_fail ("aes", "this processor has no instructions for it");
  if (self.aes)
    crypto_aead_aes256gcm_beforenm (&self.key, self.plain_key);

  address = address_of (&options);
  self.fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  setsockopt (self.fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  if ((options.is_server ? bind : connect) (self.fd, (struct sockaddr *) &address,
                                            sizeof address) != 0)
    bench_fail (options.address, g_strerror (errno));
  if (options.is_server)
    {
      setsockopt (self.fd, SOL_UDP, UDP_GRO, &on, sizeof on);
      bench_ready ();
      receive (&self);
    }
  else
    send_for (&self, options.seconds);
  close (self.fd);
  return 0;
}
