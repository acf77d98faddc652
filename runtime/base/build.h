/*
 * build.h - what kind of build this is, as 0 or 1.
 *
 * A debug build (compiled with DEBUG_BUILD) lets people look inside: its workers may dump core and be attached to.
 * Sanitizers map terabytes of shadow memory, look at their process when it ends, and report into files.
 */
#ifndef ACTIONHOST_BASE_BUILD_H
#define ACTIONHOST_BASE_BUILD_H

#ifdef DEBUG_BUILD
#define BUILD_DEBUG 1
#else
#define BUILD_DEBUG 0
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BUILD_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BUILD_SANITIZED 1
#endif
#endif
#ifndef BUILD_SANITIZED
#define BUILD_SANITIZED 0
#endif

#endif
