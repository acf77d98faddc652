/* config_kit.h - loading settings from an environment of the test's own. */
#ifndef TESTS_UNIT_DECLARE_CONFIG_KIT_H
#define TESTS_UNIT_DECLARE_CONFIG_KIT_H

#include "tests/unit/check.h"

#include "runtime/declare/config.h"

static struct config config;
static struct buf faults;

/* Empties the environment but for what the test runner says to cmocka. */
static void empty_environment(void)
{
    char output[32];
    copy_text(output, sizeof output, getenv("CMOCKA_MESSAGE_OUTPUT") ? getenv("CMOCKA_MESSAGE_OUTPUT") : "");
    clearenv();
    if (output[0])
        setenv("CMOCKA_MESSAGE_OUTPUT", output, 1);
}

/* Loads with nothing but these variables, given as NAME, value, ..., NULL. */
static bool load(const char *const *pairs)
{
    empty_environment();
    setenv("HEROKU_APP_ID", "11111111-2222-4333-8444-555555555555", 1);
    for (; *pairs; pairs += 2)
        setenv(pairs[0], pairs[1], 1);
    buf_free(&faults);
    buf_init(&faults, 64 * 1024);
    return config_load(&config, &faults);
}
#define LOAD(...) load((const char *const[]){ __VA_ARGS__, NULL })

static void says(const char *text)
{
    if (!faults.p || !strstr(faults.p, text))
        fail_msg("not said: %s, but: %s", text, faults.p ? faults.p : "nothing");
}

#define PLAIN "HEROKU_APPLINK_API_URL", "https://a.example/addons/plain", "HEROKU_APPLINK_TOKEN", "plain-token"

#endif
