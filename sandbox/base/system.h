/* system.h - what comes from the machine: the time, and chance. */
#ifndef SANDBOX_BASE_SYSTEM_H
#define SANDBOX_BASE_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

int64_t now_ms(void);    /* wall clock, milliseconds since 1970 */
int64_t steady_us(void); /* monotonic, microseconds since whenever */
/* A time with the zone's name behind it: 2026-11-23T10:11:12.000Z with "Z". */
void utc_text(int64_t ms, const char *zone, char out[32]);

/* Random bytes of the kernel; ends the program when there are none. */
void random_bytes(void *p, size_t n);
/* `n` random characters of A-Z a-z 0-9, then a NUL. */
void random_name(char *out, size_t n);
void uuid_text(char out[37]);

#endif
