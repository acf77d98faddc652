/* system.c - clock, randomness, secrecy of memory. */
#include "runtime/base/system.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>

#include "runtime/base/build.h"
#include "runtime/base/encoding.h"

int64_t clock_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_ms(void)
{
    return clock_us() / 1000;
}

int ms_until(int64_t next_ms, int64_t now_ms)
{
    enum { LONGEST_MS = 60000 };
    if (next_ms <= now_ms)
        return 0;
    return next_ms - now_ms < LONGEST_MS ? (int)(next_ms - now_ms) : LONGEST_MS;
}

void random_bytes(void *p, size_t n)
{
    if (getentropy(p, n) != 0)
        abort(); /* no randomness: nothing that follows could be trusted */
}

void system_seal(void)
{
    static const struct rlimit none = { 0, 0 };
    if (!BUILD_DEBUG)
        (void)!setrlimit(RLIMIT_CORE, &none); /* lowering is always allowed */
    if (!BUILD_DEBUG && !BUILD_SANITIZED)
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void uuid_make(char out[37])
{
    unsigned char r[16];
    random_bytes(r, sizeof r);
    r[6] = (unsigned char)((r[6] & 15) | 0x40);
    r[8] = (unsigned char)((r[8] & 63) | 0x80);
    char hex[33];
    hex_encode(r, sizeof r, hex);
    snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}
