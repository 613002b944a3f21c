/*
 * SPDX-License-Identifier: MIT
 *
 * memory-transport.h: a network in memory: what an own transport has to do
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define MEMORY_TYPE_TRANSPORT (memory_transport_get_type ())

G_DECLARE_FINAL_TYPE (MemoryTransport, memory_transport, MEMORY, TRANSPORT,
                      GObject)

/* All of one process form one network; the name is the address. */
MemoryTransport *memory_transport_new         (const char      *name);
GSocketAddress  *memory_transport_get_address (MemoryTransport *self);

G_END_DECLS
