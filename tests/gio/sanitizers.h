/*
 * SPDX-License-Identifier: MIT
 *
 * sanitizers.h: which of the sanitizers this is built with
 */
#pragma once

#if defined(__has_feature)
# if __has_feature(thread_sanitizer)
#  define WITH_TSAN 1
# endif
# if __has_feature(address_sanitizer)
#  define WITH_ASAN 1
# endif
#endif
#ifdef __SANITIZE_THREAD__
# define WITH_TSAN 1
#endif
#ifdef __SANITIZE_ADDRESS__
# define WITH_ASAN 1
#endif
