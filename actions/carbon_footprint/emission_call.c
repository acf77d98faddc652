/* emission_call.c - the provider within a call: its settings, the host's ways to the outside, and how much time there
 * is. */
#include "flights.h"

#include "emission.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { RESERVE_MS = 2000 /* for the write-back and the answer */ };

static void io_fetch_all(void *ctx, struct act_fetch *fetches, size_t count, int budget_ms)
{
    act_fetch_all(ctx, fetches, count, budget_ms);
}

static bool io_cache_get(void *ctx, const char *key, struct act_bytes *value, int64_t *age_ms)
{
    return act_cache_get(ctx, ACT_SHARED_BY_ALL, key, value, age_ms);
}

static void io_cache_put(void *ctx, const char *key, struct act_bytes value, int ttl_s)
{
    act_cache_put(ctx, ACT_SHARED_BY_ALL, key, value, ttl_s);
}

static bool io_breaker_allow(void *ctx, const char *name)
{
    return act_breaker_allow(ctx, name);
}

static void io_breaker_report(void *ctx, const char *name, bool ok)
{
    act_breaker_report(ctx, name, ok);
}

/* A whole number of milliseconds; false when it is none, or out of range. */
static bool milliseconds(const char *text, int max, int *out)
{
    char *end;
    errno = 0;
    long v = text ? strtol(text, &end, 10) : 0;
    if (!text || errno || end == text || *end || v < 50 || v > max)
        return false;
    *out = (int)v;
    return true;
}

enum { TIMEOUT_MAX_MS = 10000, BUDGET_MAX_MS = 15000 };

void flights_check_provider(struct act_settings *settings)
{
    struct emission_provider p;
    char why[2048] = "";
    int ms;
    const char *text = act_settings_get(settings, "EMISSION_PROVIDER");
    if (text && *text && !emission_provider_read(text, &p, why, sizeof why)) {
        for (char *line = why, *end; line; line = end) {
            end = strchr(line, '\n');
            if (end)
                *end++ = '\0';
            act_settings_fault(settings, "EMISSION_PROVIDER", "%s", line);
        }
    }
    if (!milliseconds(act_settings_get(settings, "EMISSION_TIMEOUT_MS"), TIMEOUT_MAX_MS, &ms))
        act_settings_fault(settings, "EMISSION_TIMEOUT_MS", "must be a whole number from 50 to %d", TIMEOUT_MAX_MS);
    if (!milliseconds(act_settings_get(settings, "EMISSION_BUDGET_MS"), BUDGET_MAX_MS, &ms))
        act_settings_fault(settings, "EMISSION_BUDGET_MS", "must be a whole number from 50 to %d", BUDGET_MAX_MS);
}

void flights_ask_provider(struct act_call *call, const struct flight *flights, const struct footprint_input *inputs,
                          struct footprint **figures, size_t count)
{
    const char *text = act_setting(call, "EMISSION_PROVIDER");
    char why[256] = "";
    struct emission_limits limits = { .timeout_ms = 800, .budget_ms = 1500, .now = act_now(call) };
    if (!text || !*text)
        return;
    struct emission_provider *p = act_alloc(call, sizeof *p); /* answers borrow its texts */
    struct emission_case *cases = act_alloc(call, count * sizeof *cases);
    if (!emission_provider_read(text, p, why, sizeof why)) {
        act_log(call, ACT_LOG_ERROR, "EMISSION_PROVIDER was not checked at the start");
        return;
    }
    (void)milliseconds(act_setting(call, "EMISSION_TIMEOUT_MS"), TIMEOUT_MAX_MS, &limits.timeout_ms);
    (void)milliseconds(act_setting(call, "EMISSION_BUDGET_MS"), BUDGET_MAX_MS, &limits.budget_ms);
    int left = act_time_left_ms(call) - RESERVE_MS;
    if (limits.budget_ms > left)
        limits.budget_ms = left;
    for (size_t i = 0; i < count; i++)
        cases[i] = (struct emission_case){ &inputs[i], figures[i], flights[i].airline, flights[i].name };
    const struct emission_io io = {
        call, io_fetch_all, io_cache_get, io_cache_put, io_breaker_allow, io_breaker_report
    };
    emission_collect(&io, p, &limits, cases, count);
    for (size_t i = 0; i < count; i++) {
        if (figures[i] && figures[i]->provider.failure) {
            act_log(call, ACT_LOG_INFO, "emission provider %s: %s", p->id, figures[i]->provider.failure);
            break;
        }
    }
}
