/* check.h - cmocka and what the tests of the gate share. */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>

#include "runtime/base/bytes.h"
#include "runtime/base/err.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define UNUSED __attribute__((unused))

/* A refusal must say all that a caller sees. */
#define assert_refused(ok, e, want_status, want_code)                                                                  \
    do {                                                                                                               \
        assert_false(ok);                                                                                              \
        assert_int_equal((e).status, want_status);                                                                     \
        assert_string_equal((e).code, want_code);                                                                      \
        assert_true((e).message[0] != '\0');                                                                           \
    } while (0)

#define assert_span(s, want)                                                                                           \
    do {                                                                                                               \
        assert_int_equal((s).n, strlen(want));                                                                         \
        assert_memory_equal((s).p, want, (s).n);                                                                       \
    } while (0)

/* A generator of our own, so that a failing run can be repeated: xorshift64*. */
static uint64_t check_state = 0x9e3779b97f4a7c15u;
UNUSED static uint64_t any64(void)
{
    check_state ^= check_state >> 12;
    check_state ^= check_state << 25;
    check_state ^= check_state >> 27;
    return check_state * 0x2545f4914f6cdd1du;
}
UNUSED static size_t below(size_t n)
{
    return (size_t)(any64() % n);
}

/* Repeat counts: reduced by default, full with LONG=1. */
UNUSED static long rounds(long few, long full)
{
    const char *s = getenv("LONG");
    return s && *s ? full : few;
}

/* A whole file of the shared data; NULL when it is absent. The caller frees it. */
UNUSED static char *shared_file(const char *name, size_t *n)
{
    char path[2048];
    const char *base = getenv("SHARED_DATA");
    snprintf(path, sizeof path, "%s/%s", base ? base : "../shared/data", name);
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    char *text = malloc((size_t)size + 1);
    *n = text ? fread(text, 1, (size_t)size, f) : 0;
    if (text)
        text[*n] = '\0';
    fclose(f);
    return text;
}

#endif
