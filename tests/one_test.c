/*
 * one_test.c - linked into every cmocka program, so that one test can be run alone; * and ? stand for any characters.
 *
 *   CMOCKA_TEST=exactly_one_host build/release/tests/test_guard
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka needs the above first */
#include <cmocka.h>

__attribute__((constructor)) static void choose_test(void)
{
    const char *name = getenv("CMOCKA_TEST");
    if (!name || !*name)
        return;
    fprintf(stderr, "only tests named %s, as CMOCKA_TEST says\n", name);
    cmocka_set_test_filter(name);
}
