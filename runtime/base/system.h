/*
 * system.h - what the kernel gives: time that only moves forward, randomness, a closed door to our memory.
 */
#ifndef ACTIONHOST_BASE_SYSTEM_H
#define ACTIONHOST_BASE_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

/* Monotonic clock. */
int64_t clock_ms(void);
int64_t clock_us(void);

/* Milliseconds from now until `next`, for a wait: 0 when it is past, a minute at most. */
int ms_until(int64_t next_ms, int64_t now_ms);

/* Fills with random bytes of the kernel; ends the program if it has none. */
void random_bytes(void *p, size_t n);
/*
 * From here on no other process of the same user may look into this one (memory, environment, maps) and no core file
 * holds what it knows; so it is for its children. Debug builds stay open, and sanitizers may look at their process.
 */
void system_seal(void);
/* A version-4 UUID: 36 characters and a NUL. */
void uuid_make(char out[37]);

#endif
