/* test_carbon_provider.c - the emission provider: its setting, its answers one by one, memory, breaker, and which
 * figure is the headline. */
#include "tests/unit/check.h"

#include <math.h>

#include "actions/carbon_footprint/emission.h"

enum { NOW = 1795426200, SLOTS = 64 }; /* 2026-11-23 09:30 UTC */

/* ---- A stand-in for the host: what is fetched is programmed, the cache has a clock of its own ---- */

static struct host {
    int64_t clock_s;
    struct {
        char key[200], value[2048];
        size_t n;
        int64_t put_s;
    } cache[SLOTS];
    int cached;
    const char *body;    /* of every answer; NULL = failure */
    const char *special; /* text of a URL that gets `other` instead */
    const char *other;
    const char *failure;
    int fetched, rounds, took_ms;
    char url[EMISSION_URL * 2];
    bool open; /* the breaker */
    int good, bad;
    json_t *owned[400];
    int owned_count;
} host;

static void fake_fetch(void *ctx, struct act_fetch *fetches, size_t count, int budget_ms)
{
    (void)ctx;
    assert_true(count <= EMISSION_ASKS_AT_ONCE && budget_ms > 0);
    host.rounds++;
    for (size_t i = 0; i < count; i++) {
        struct act_fetch *f = &fetches[i];
        const char *body = host.special && strstr(f->url, host.special) ? host.other : host.body;
        copy_text(host.url, sizeof host.url, f->url);
        host.fetched++;
        f->elapsed_ms = host.took_ms;
        assert_true(f->max_bytes == EMISSION_BODY && f->timeout_ms > 0 && f->timeout_ms <= budget_ms);
        if (!body) {
            f->failure = host.failure ? host.failure : "timeout";
            continue;
        }
        f->status = 200;
        f->body = json_loads(body, 0, NULL);
        if (!f->body)
            f->failure = "not_json";
        host.owned[host.owned_count++] = f->body;
    }
}

static bool fake_get(void *ctx, const char *key, struct act_bytes *value, int64_t *age_ms)
{
    (void)ctx;
    for (int i = host.cached - 1; i >= 0; i--)
        if (!strcmp(host.cache[i].key, key)) {
            *value = (struct act_bytes){ host.cache[i].value, host.cache[i].n };
            *age_ms = (host.clock_s - host.cache[i].put_s) * 1000;
            return true;
        }
    return false;
}

static void fake_put(void *ctx, const char *key, struct act_bytes value, int ttl_s)
{
    (void)ctx;
    assert_true(ttl_s == EMISSION_KEEP_S && host.cached < SLOTS && value.n < sizeof host.cache[0].value);
    copy_text(host.cache[host.cached].key, sizeof host.cache[0].key, key);
    memcpy(host.cache[host.cached].value, value.p, value.n);
    host.cache[host.cached].n = value.n;
    host.cache[host.cached++].put_s = host.clock_s;
}

static bool fake_allow(void *ctx, const char *name)
{
    (void)ctx;
    assert_string_equal(name, "sky");
    return !host.open;
}

static void fake_report(void *ctx, const char *name, bool ok)
{
    (void)ctx;
    (void)name;
    host.good += ok;
    host.bad += !ok;
}

static const struct emission_io io = { NULL, fake_fetch, fake_get, fake_put, fake_allow, fake_report };

static int clean(void **state)
{
    (void)state;
    for (int i = 0; i < host.owned_count; i++)
        json_decref(host.owned[i]);
    memset(&host, 0, sizeof host);
    host.took_ms = 12;
    return 0;
}

/* ---- The setting ---- */

#define HEAD "{\"id\":\"sky\",\"name\":\"Sky Facts\",\"licence\":\"CC BY 4.0\",\"kind\":\"announced\","
#define WHERE "\"url\":\"https://sky.example/{origin}/{destination}?km={distanceKm}\""
#define SIMPLE HEAD "\"figure\":\"passenger\",\"covers\":\"co2e\",\"unit\":\"kg\",\"pointer\":\"/co2\"," WHERE "}"
#define CABINS                                                                                                         \
    HEAD "\"figure\":\"passenger\",\"covers\":\"co2e_rf\",\"unit\":\"kg\",\"pointer\":\"/{cabin}/kg\","                \
         "\"unitPointer\":\"/unit\",\"asOfPointer\":\"/asOf\",\"maxAgeDays\":30,\"method\":\"Sky Model 3\"," WHERE "}"

static struct emission_provider read_setting(const char *text)
{
    struct emission_provider p;
    char why[1000] = "";
    if (!emission_provider_read(text, &p, why, sizeof why))
        fail_msg("%s: %s", text, why);
    return p;
}

static void every_fault_of_the_setting_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        { "7", "must be a JSON object" },
        { "[]", "must be a JSON object" },
        { "{", "must be a JSON object" },
        { "{}", "needs a kind" },
        { "{}", "needs a figure" },
        { "{}", "needs covers" },
        { "{}", "needs a unit" },
        { "{}", "needs a pointer" },
        { "{}", "needs an id" },
        { "{}", "needs a name and a licence" },
        { "{}", "needs an https url" },
        { HEAD "\"figure\":\"seat\"}", "needs a figure" },
        { HEAD "\"unit\":\"stone\"}", "has a unit that is no text" },
        { HEAD "\"unit\":\"oz\"}", "needs a unit" },
        { HEAD "\"figure\":\"flight\",\"pointer\":\"/{cabin}\"}", "{cabin}, which only" },
        { HEAD "\"maxAgeDays\":30}", "no asOfPointer" },
        { HEAD "\"asOfPointer\":\"/d\",\"maxAgeDays\":0}", "maxAgeDays that is no whole number" },
        { HEAD "\"asOfPointer\":\"d\"}", "does not begin with /" },
        { HEAD "\"url\":\"ftp://x\"}", "needs an https url" },
        { HEAD "\"apiKey\":\"x\"}", "not known" },
        { "{\"name\":\"<b>\"}", "plain punctuation" },
        { "{\"name\":7}", "has a name that is no text" },
        { "{\"name\":\"123456789012345678901234567890123\"}", "has a name that is no text of at most 32 bytes" },
    };
    struct emission_provider p;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char why[2000] = "";
        assert_false(emission_provider_read(cases[i].text, &p, why, sizeof why));
        if (!strstr(why, cases[i].says))
            fail_msg("%s: '%s' does not say '%s'", cases[i].text, why, cases[i].says);
        char little[40] = "";
        assert_false(emission_provider_read(cases[i].text, &p, little, sizeof little));
        assert_true(strlen(little) < sizeof little);
    }
    p = read_setting(CABINS);
    assert_true(p.per == EMISSION_PER_PASSENGER && p.scope == EMISSION_CO2E_RF && p.kg == 1 && p.max_age_days == 30);
    assert_int_equal(read_setting(SIMPLE).max_age_days, EMISSION_AGE_DAYS);
}

static const struct airport *place(const char *code)
{
    const struct airport *a = airport_by_iata(code);
    assert_non_null(a);
    return a;
}

static void questions_are_encoded(void **state)
{
    (void)state;
    char url[EMISSION_URL * 2];
    struct emission_provider p = read_setting(
        HEAD "\"figure\":\"flight\",\"covers\":\"co2\",\"unit\":\"t\",\"pointer\":\"/x\",\"url\":\"https://"
             "x.example/{originIcao}-{destinationIcao}?a={aircraft}&l={airline}&f={flight}&o={other}\"}");
    const struct emission_question q = { place("LHR"), place("JFK"), 5554.6, "7 8/9", "A&B #", NULL };
    assert_true(emission_url(&p, &q, url));
    assert_string_equal(url, "https://x.example/EGLL-KJFK?a=7%208%2F9&l=A%26B%20%23&f=&o={other}");
}

/* ---- Single answers ---- */

static const char *judge(const struct emission_provider *p, const char *text, double km, struct emission_figure *got)
{
    json_t *body = json_loads(text, 0, NULL);
    assert_non_null(body);
    const char *failure = NULL;
    bool good = emission_parse(p, body, km, NOW, got, &failure);
    json_decref(body);
    assert_int_equal(good, failure == NULL);
    return failure;
}

static void answers_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *body, *failure;
    } cases[] = {
        { "{\"co2\":450}", NULL },
        { "{\"co2\":450.5}", NULL },
        { "{\"co2\":0}", "implausible" },
        { "{\"co2\":-450}", "implausible" },
        { "{\"co2\":450000}", "implausible" }, /* grams */
        { "{\"co2\":0.45}", "implausible" },   /* tonnes */
        { "{\"co2\":1e300}", "implausible" },
        { "{\"co2\":\"450\"}", "not_a_number" },
        { "{\"co2\":true}", "not_a_number" },
        { "{\"co2\":[450]}", "not_a_number" },
        { "{\"co2\":null}", "no_figure" },
        { "{}", "no_figure" },
        { "[]", "no_figure" },
        { "{\"a\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]],\"co2\":450}", "too_deep" },
    };
    struct emission_provider p = read_setting(SIMPLE);
    struct emission_figure got;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *failure = judge(&p, cases[i].body, 5554.6, &got);
        if (failure != cases[i].failure && (!failure || !cases[i].failure || strcmp(failure, cases[i].failure) != 0))
            fail_msg("%s: %s", cases[i].body, failure ? failure : "taken");
    }
}

static void units_and_dates_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *unit, *as_of, *failure;
    } cases[] = {
        { "kg", "2026-11-23", NULL },
        { "kg CO2e", "2026-11-01T08:30:00Z", NULL },
        { "kgCO2e", "2026-10-24T10:00:00+02:00", "too_old" },
        { "Kilograms", "2026-10-25", NULL },
        { "g", "2026-11-23", "other_unit" },
        { "g CO2e", "2026-11-23", "other_unit" },
        { "t", "2026-11-23", "other_unit" },
        { "lb", "2026-11-23", "other_unit" },
        { "", "2026-11-23", "other_unit" },
        { "kg", "2025-11-23", "too_old" },
        { "kg", "2026-11-24", "bad_date" }, /* from the future */
        { "kg", "2026-11-23T09:35:00Z", NULL },
        { "kg", "2026-11-23T09:35:01Z", "bad_date" },
        { "kg", "23.11.2026", "bad_date" },
        { "kg", "2026-02-29", "bad_date" },
        { "kg", "2026-11-23T09:00", "bad_date" },
        { "kg", "", "bad_date" },
    };
    struct emission_provider p = read_setting(CABINS);
    struct emission_figure got;
    char body[300];
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(body, sizeof body,
                 "{\"unit\":\"%s\",\"asOf\":\"%s\",\"economy\":{\"kg\":450},\"first\":{\"kg\":1800}}", cases[i].unit,
                 cases[i].as_of);
        const char *failure = judge(&p, body, 5554.6, &got);
        if (failure != cases[i].failure && (!failure || !cases[i].failure || strcmp(failure, cases[i].failure) != 0))
            fail_msg("%s, %s: %s", cases[i].unit, cases[i].as_of, failure ? failure : "taken");
    }
    assert_null(judge(&p, "{\"unit\":\"kg\",\"asOf\":\"2026-11-23T11:30:00+02:00\",\"first\":{\"kg\":9}}", 100, &got));
    assert_true(got.kg[CABIN_FIRST] == 9 && isnan(got.kg[CABIN_ECONOMY]) && got.as_of == NOW);
    assert_string_equal(judge(&p, "{\"unit\":\"kg\",\"asOf\":\"2026-11-23\"}", 100, &got), "no_figure");
    assert_string_equal(
        judge(&p, "{\"unit\":\"kg\",\"asOf\":\"2026-11-23\",\"first\":{\"kg\":9},\"economy\":{\"kg\":-1}}", 100, &got),
        "implausible"); /* one wrong figure spoils the answer */
    assert_string_equal(judge(&p, "{\"asOf\":\"2026-11-23\",\"first\":{\"kg\":9}}", 100, &got), "other_unit");
}

static void every_kind_of_figure_becomes_kilograms_of_a_leg(void **state)
{
    (void)state;
    static const struct {
        const char *figure, *unit, *value;
        double kg;
    } cases[] = {
        { "passenger", "kg", "80", 80 },   { "passenger", "g", "80000", 80 },
        { "passenger", "t", "0.08", 80 },  { "passenger", "lb", "100", 45.359237 },
        { "passenger_km", "g", "88", 88 }, { "passenger_km", "kg", "0.088", 88 },
        { "flight", "t", "12.5", 12500 },  { "km", "kg", "18.2", 18200 },
    };
    char text[600], body[100];
    struct emission_figure got;
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(text, sizeof text,
                 HEAD "\"figure\":\"%s\",\"covers\":\"co2\",\"unit\":\"%s\",\"pointer\":\"/a/1/b~1c\"," WHERE "}",
                 cases[i].figure, cases[i].unit);
        snprintf(body, sizeof body, "{\"a\":[0,{\"b/c\":%s}]}", cases[i].value);
        struct emission_provider p = read_setting(text);
        assert_null(judge(&p, body, 1000, &got));
        assert_true(fabs(got.kg[CABIN_AVERAGE] - cases[i].kg) < 1e-9 && got.kg[CABIN_FIRST] == got.kg[CABIN_AVERAGE]);
    }
}

/* ---- Flights ---- */

struct trip {
    struct footprint_input in;
    struct footprint f;
};

static void make_trip(struct trip *t, const char *via, bool rf)
{
    memset(t, 0, sizeof *t);
    t->in = (struct footprint_input){ .stops = { place("LHR") }, .stop_count = 1, .year = 2023, .rf = rf };
    if (via)
        t->in.stops[t->in.stop_count++] = place(via);
    t->in.stops[t->in.stop_count++] = place("JFK");
    t->in.booked[CABIN_ECONOMY] = 10;
    t->in.booked[CABIN_FIRST] = 2;
    assert_int_equal(footprint_compute(&t->in, &t->f), FOOTPRINT_OK);
}

static void ask(const char *setting, struct trip *trips, size_t count)
{
    static struct emission_provider p; /* footprints borrow its texts */
    struct emission_case cases[SLOTS + 40];
    const struct emission_limits limits = { .timeout_ms = 500, .budget_ms = 1000, .now = NOW };
    p = read_setting(setting);
    for (size_t i = 0; i < count; i++)
        cases[i] = (struct emission_case){ &trips[i].in, &trips[i].f, "Northwind", "NW 1" };
    emission_collect(&io, &p, &limits, cases, count);
}

static void a_live_figure_is_the_headline(void **state)
{
    (void)state;
    struct trip t;
    make_trip(&t, NULL, false);
    double with = t.f.with_rf, without = t.f.without_rf, wtt = t.f.wtt;
    host.body = "{\"co2\":500}";
    ask(SIMPLE, &t, 1);
    assert_string_equal(host.url, "https://sky.example/LHR/JFK?km=5555");
    assert_true(t.f.by_provider && t.f.provider.complete && !t.f.provider.cached);
    assert_true(t.f.total == 6000 && t.f.per_passenger == 500 && fabs(t.f.per_km - 6000 / t.f.km) < 1e-9);
    assert_true(t.f.with_rf == with && t.f.without_rf == without && t.f.wtt == wtt); /* those of the factors stay */
    assert_true(footprint_factor_total(&t.f) == without);
    assert_string_equal(footprint_method(&t.f), "provider");
    char text[200];
    assert_string_equal(footprint_basis(&t.f, text, sizeof text), "non-CO2 effects left out (announced by Sky Facts)");
    assert_int_equal(host.good, 1);
    for (int w = WARN_PROVIDER_FAILED; w <= WARN_PROVIDER_INCOMPLETE; w++)
        assert_false(t.f.warnings[w]);
}

static void figures_by_cabin_and_leg_are_summed(void **state)
{
    (void)state;
    struct trip t;
    make_trip(&t, "DUB", true);
    host.body = "{\"unit\":\"kg\",\"asOf\":\"2026-11-20\",\"economy\":{\"kg\":500},\"first\":{\"kg\":2000}}";
    host.special = "/LHR/";
    host.other = "{\"unit\":\"kg\",\"asOf\":\"2026-11-02\",\"economy\":{\"kg\":50},\"first\":{\"kg\":60}}";
    ask(CABINS, &t, 1);
    assert_true(t.f.by_provider && t.f.total == 10 * 550 + 2 * 2060);
    assert_true(t.f.provider.as_of == 1793577600); /* 2026-11-02: the older one */
    assert_string_equal(t.f.provider.method, "Sky Model 3");
    make_trip(&t, NULL, true);
    host.special = NULL;
    host.body = "{\"unit\":\"kg\",\"asOf\":\"2026-11-20\",\"economy\":{\"kg\":500}}"; /* and first class? */
    ask(CABINS, &t, 1);
    assert_true(!t.f.by_provider && t.f.warnings[WARN_PROVIDER_FAILED]);
    assert_string_equal(t.f.provider.failure, "no_cabin");
}

static void a_figure_of_the_flight_is_shared_by_its_passengers(void **state)
{
    (void)state;
    struct trip t;
    const char *setting = HEAD "\"figure\":\"km\",\"covers\":\"co2\",\"unit\":\"kg\",\"pointer\":\"/co2\"," WHERE "}";
    make_trip(&t, NULL, false);
    host.body = "{\"co2\":18}";
    ask(setting, &t, 1);
    assert_true(t.f.by_provider && fabs(t.f.total - 18 * t.f.km) < 1e-6 &&
                fabs(t.f.per_passenger - t.f.total / 12) < 1e-6);
    assert_string_equal(footprint_unit(&t.f), "kg CO2");
    t.in.one_cabin = true; /* it says nothing about one cabin */
    t.in.cabin = CABIN_FIRST;
    assert_int_equal(footprint_compute(&t.in, &t.f), FOOTPRINT_OK);
    ask(setting, &t, 1);
    assert_false(t.f.by_provider);
    assert_string_equal(t.f.provider.failure, "no_cabin");
}

static void another_scope_is_shown_and_not_mixed(void **state)
{
    (void)state;
    struct trip t;
    make_trip(&t, NULL, true); /* asked with non-CO2 effects, which this provider leaves out */
    double total = t.f.total;
    host.body = "{\"co2\":500}";
    ask(SIMPLE, &t, 1);
    assert_true(!t.f.by_provider && t.f.provider.complete && t.f.provider.total == 6000 && t.f.total == total);
    assert_true(t.f.warnings[WARN_PROVIDER_SCOPE] && !t.f.warnings[WARN_PROVIDER_FAILED]);
    assert_string_equal(footprint_method(&t.f), "uk_government_factors");
}

static void the_factors_stand_in_and_say_so(void **state)
{
    (void)state;
    static const struct {
        const char *body, *failure, *word;
        bool open;
    } cases[] = {
        { NULL, "timeout", "timeout", false },           { NULL, "unreachable", "unreachable", false },
        { NULL, "refused_host", "refused_host", false }, { "<html>", NULL, "not_json", false },
        { "{\"co2\":-3}", NULL, "implausible", false },  { "{}", NULL, "no_figure", false },
        { "{\"co2\":500}", NULL, "breaker_open", true },
    };
    struct trip t;
    for (size_t i = 0; i < COUNT(cases); i++) {
        clean(NULL);
        make_trip(&t, NULL, false);
        double total = t.f.total;
        host.body = cases[i].body;
        host.failure = cases[i].failure;
        host.open = cases[i].open;
        ask(SIMPLE, &t, 1);
        assert_true(!t.f.by_provider && t.f.total == total && t.f.warnings[WARN_PROVIDER_FAILED]);
        assert_string_equal(t.f.provider.failure, cases[i].word);
        assert_int_equal(host.fetched, cases[i].open ? 0 : 1);
        assert_int_equal(host.bad, cases[i].open || !strcmp(cases[i].word, "no_figure") ? 0 : 1);
        assert_int_equal(host.cached, 0);
    }
}

static void answers_are_remembered_for_a_while(void **state)
{
    (void)state;
    struct trip t;
    const struct {
        int64_t later;
        bool answers, by_provider, cached, warned;
        int fetched;
    } steps[] = {
        { 0, true, true, false, false, 1 },
        { EMISSION_FRESH_S, false, true, true, false, 1 },     /* fresh: nobody is asked */
        { EMISSION_FRESH_S + 1, true, true, false, false, 2 }, /* asked again, and remembered anew */
        { EMISSION_KEEP_S, false, true, true, true, 3 },       /* asking fails: the old figure, told */
        { EMISSION_KEEP_S + EMISSION_FRESH_S + 2, false, false, false, false, 4 }, /* too old to be used */
    };
    for (size_t i = 0; i < COUNT(steps); i++) {
        make_trip(&t, NULL, false);
        host.clock_s = steps[i].later;
        host.body = steps[i].answers ? "{\"co2\":500}" : NULL;
        ask(SIMPLE, &t, 1);
        assert_int_equal(t.f.by_provider, steps[i].by_provider);
        assert_int_equal(t.f.provider.cached, steps[i].cached);
        assert_int_equal(t.f.warnings[WARN_PROVIDER_CACHED], steps[i].warned);
        assert_int_equal(host.fetched, steps[i].fetched);
    }
}

static void a_list_has_one_method(void **state)
{
    (void)state;
    struct trip trips[3];
    host.body = "{\"co2\":500}";
    for (size_t i = 0; i < COUNT(trips); i++)
        make_trip(&trips[i], i == 2 ? "DUB" : NULL, false);
    ask(SIMPLE, trips, 3);
    assert_int_equal(host.fetched, 3); /* LHR-JFK once, LHR-DUB, DUB-JFK */
    assert_true(trips[0].f.by_provider && trips[1].f.by_provider && trips[2].f.by_provider);
    clean(NULL);
    host.body = "{\"co2\":500}";
    host.special = "/DUB/JFK";
    for (size_t i = 0; i < COUNT(trips); i++)
        make_trip(&trips[i], i == 2 ? "DUB" : NULL, false);
    ask(SIMPLE, trips, 3);
    for (size_t i = 0; i < COUNT(trips); i++)
        assert_false(trips[i].f.by_provider);
    assert_true(trips[0].f.warnings[WARN_PROVIDER_INCOMPLETE] && !trips[0].f.warnings[WARN_PROVIDER_FAILED]);
    assert_true(trips[2].f.warnings[WARN_PROVIDER_FAILED] && !trips[2].f.warnings[WARN_PROVIDER_INCOMPLETE]);
}

static void questions_are_bounded(void **state)
{
    (void)state;
    static struct trip trips[EMISSION_ASKS + 1];
    host.body = "{\"co2\":500}";
    host.took_ms = 1;
    for (size_t i = 0, at = 0; i < COUNT(trips); at++) {
        const struct airport *a = airport_at(at * 7);
        double lat = airport_lat(a) - airport_lat(place("LHR")), lon = airport_lon(a) - airport_lon(place("LHR"));
        if (a->unplaced || fabs(lat) + fabs(lon) < 8 || fabs(lat) + fabs(lon) > 120)
            continue;
        make_trip(&trips[i], NULL, false);
        trips[i].in.stops[1] = a;
        assert_int_equal(footprint_compute(&trips[i].in, &trips[i].f), FOOTPRINT_OK);
        i++;
    }
    host.body = "{\"co2\":500}";
    ask(SIMPLE, trips, COUNT(trips));
    assert_int_equal(host.fetched, EMISSION_ASKS);
    assert_int_equal(host.rounds, EMISSION_ASKS / EMISSION_ASKS_AT_ONCE);
    assert_string_equal(trips[EMISSION_ASKS].f.provider.failure, "not_asked");
    host.fetched = host.rounds = host.cached = 0;
    host.took_ms = 600; /* two rounds use the budget up */
    ask(SIMPLE, trips, EMISSION_ASKS);
    assert_int_equal(host.rounds, 2);
    assert_string_equal(trips[EMISSION_ASKS - 1].f.provider.failure, "no_time");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_fault_of_the_setting_is_told, clean),
        cmocka_unit_test_teardown(questions_are_encoded, clean),
        cmocka_unit_test_teardown(answers_are_checked, clean),
        cmocka_unit_test_teardown(units_and_dates_are_checked, clean),
        cmocka_unit_test_teardown(every_kind_of_figure_becomes_kilograms_of_a_leg, clean),
        cmocka_unit_test_teardown(a_live_figure_is_the_headline, clean),
        cmocka_unit_test_teardown(figures_by_cabin_and_leg_are_summed, clean),
        cmocka_unit_test_teardown(a_figure_of_the_flight_is_shared_by_its_passengers, clean),
        cmocka_unit_test_teardown(another_scope_is_shown_and_not_mixed, clean),
        cmocka_unit_test_teardown(the_factors_stand_in_and_say_so, clean),
        cmocka_unit_test_teardown(answers_are_remembered_for_a_while, clean),
        cmocka_unit_test_teardown(a_list_has_one_method, clean),
        cmocka_unit_test_teardown(questions_are_bounded, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
