/* system.c - see system.h. */
#include "sandbox/base/system.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t steady_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void utc_text(int64_t ms, const char *zone, char out[32])
{
    int part = (int)((ms % 1000 + 1000) % 1000); /* before 1970 too it counts upwards */
    time_t s = (time_t)((ms - part) / 1000);
    struct tm tm;
    gmtime_r(&s, &tm);
    size_t n = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + n, 32 - n, ".%03d%s", part, zone);
}

void random_bytes(void *p, size_t n)
{
    unsigned char *out = p;
    while (n) {
        ssize_t got = getrandom(out, n, 0);
        if (got < 0) {
            perror("getrandom");
            abort();
        }
        out += got;
        n -= (size_t)got;
    }
}

void random_name(char *out, size_t n)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    for (size_t i = 0; i < n;) {
        unsigned char r;
        random_bytes(&r, 1);
        if (r < 4 * 62)
            out[i++] = letters[r % 62];
    }
    out[n] = '\0';
}

void uuid_text(char out[37])
{
    unsigned char r[16];
    random_bytes(r, sizeof r);
    r[6] = (unsigned char)((r[6] & 0x0f) | 0x40);
    r[8] = (unsigned char)((r[8] & 0x3f) | 0x80);
    snprintf(out, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", r[0], r[1], r[2], r[3],
             r[4], r[5], r[6], r[7], r[8], r[9], r[10], r[11], r[12], r[13], r[14], r[15]);
}
