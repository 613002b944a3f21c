/*
 * SPDX-License-Identifier: MIT
 *
 * sim-heap.c: how many bytes of the heap are in use
 */
#include "sim-heap.h"

#if defined(__has_feature)
# if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#  define WITH_SANITIZER 1
# endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
# define WITH_SANITIZER 1
#endif

#ifdef WITH_SANITIZER

/* The header that has it is not installed with every compiler. */
size_t __sanitizer_get_current_allocated_bytes (void);

gsize
sim_heap_get_size (void)
{
  return __sanitizer_get_current_allocated_bytes ();
}

#else

#include <errno.h>
#include <malloc.h>

/* The functions behind those that are replaced, as in "Replacing malloc" of
 * the manual of the GNU C library. */
void *__libc_malloc (size_t size);
void *__libc_calloc (size_t n, size_t size);
void *__libc_realloc (void *block, size_t size);
void *__libc_memalign (size_t alignment, size_t size);
void __libc_free (void *block);

static gsize in_use; /* atomic */

static void *
count (void *block)
{
  if (block != NULL)
    __atomic_add_fetch (&in_use, malloc_usable_size (block), __ATOMIC_RELAXED);

  return block;
}

static void
discount (gsize size)
{
  __atomic_sub_fetch (&in_use, size, __ATOMIC_RELAXED);
}

void *
malloc (size_t size)
{
  return count (__libc_malloc (size));
}

void *
calloc (size_t n,
        size_t size)
{
  return count (__libc_calloc (n, size));
}

void *
realloc (void   *block,
         size_t  size)
{
  gsize before = block != NULL ? malloc_usable_size (block) : 0;
  void *moved = __libc_realloc (block, size);

  /* If it failed, the old one is as it was. */
  if (moved == NULL && size > 0)
    return NULL;
  discount (before);

  return count (moved);
}

void *
memalign (size_t alignment,
          size_t size)
{
  return count (__libc_memalign (alignment, size));
}

void *
aligned_alloc (size_t alignment,
               size_t size)
{
  return memalign (alignment, size);
}

int
posix_memalign (void   **block,
                size_t   alignment,
                size_t   size)
{
  void *made = memalign (alignment, size);

  if (made == NULL)
    return ENOMEM;
  *block = made;

  return 0;
}

void
free (void *block)
{
  if (block != NULL)
    discount (malloc_usable_size (block));
  __libc_free (block);
}

gsize
sim_heap_get_size (void)
{
  return __atomic_load_n (&in_use, __ATOMIC_RELAXED);
}

#endif
