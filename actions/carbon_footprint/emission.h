/*
 * emission.h - an outside figure for the emission of a leg, by the setting EMISSION_PROVIDER: asked for in parallel
 * within a budget, remembered with its age, checked before it counts. The tables stand in when it does not come.
 *
 * A provider's figure is never mixed with those of the tables: a flight has the one or the other as its headline, all
 * legs alike, and the answer says which. Nothing that a provider sends can fail a call.
 */
#ifndef CARBON_EMISSION_H
#define CARBON_EMISSION_H

#include "footprint.h"

#include "runtime/action.h"

enum {
    EMISSION_URL = 512,
    EMISSION_POINTER = 96,
    EMISSION_BODY = 16 * 1024,
    EMISSION_DEPTH = 16,
    EMISSION_ASKS = 64,         /* different questions of one call; a list of flights may have more */
    EMISSION_ASKS_AT_ONCE = 16, /* as many as one act_fetch_all takes */
    EMISSION_SKEW_S = 300,      /* a figure may be this much from the future */
    EMISSION_AGE_DAYS = 366,    /* of the figure's own date, unless maxAgeDays says otherwise */
    EMISSION_FRESH_S = 15 * 60, /* remembered answers: used without asking again */
    EMISSION_KEEP_S = 24 * 3600 /* used when asking fails, then forgotten */
};

/* What a figure is of. */
enum emission_per { EMISSION_PER_FLIGHT, EMISSION_PER_KM, EMISSION_PER_PASSENGER, EMISSION_PER_PASSENGER_KM };

/* The setting. */
struct emission_provider {
    char id[32];
    char name[EMISSION_NAME]; /* as shown */
    char kind[12];            /* measured, announced, modelled */
    char method[81];          /* of the provider; "" = not said */
    char licence[49];
    enum emission_per per;
    enum emission_scope scope;
    char unit[4];           /* kg, g, t, lb */
    double kg;              /* kilograms of one unit */
    char url[EMISSION_URL]; /* with {origin} {destination} {originIcao} {destinationIcao} {distanceKm} {aircraft}
                               {airline} {flight} */
    char pointer[EMISSION_POINTER]; /* JSON Pointer to the figure; with {cabin} one for each cabin */
    char unit_pointer[EMISSION_POINTER], as_of_pointer[EMISSION_POINTER]; /* "" = the answer does not say it */
    int max_age_days;
};

/*
 * Reads the setting, a JSON object. False when the text is wrong, with every fault in `why`, one a line, as far as
 * `size` bytes reach ("needs an https url").
 */
bool emission_provider_read(const char *text, struct emission_provider *out, char *why, size_t size) ACT_MUST_CHECK;

/* What one leg is asked by. Texts may be NULL. */
struct emission_question {
    const struct airport *from, *to;
    double km;
    const char *aircraft, *airline, *flight;
};

/* The provider's URL with its placeholders filled in and percent-encoded. False when it does not fit. */
bool emission_url(const struct emission_provider *p, const struct emission_question *q,
                  char out[EMISSION_URL * 2]) ACT_MUST_CHECK;

/* One answer, checked. */
struct emission_figure {
    double kg[CABIN_COUNT]; /* of the whole leg, by flight or by passenger; NAN where the answer has none. Without
                               {cabin} they are all the same */
    int64_t as_of;          /* 0 = not said */
};

/*
 * Reads one answer about a leg of `km`. False with a word in *failure for what is wrong with it: no_figure,
 * not_a_number, other_unit, implausible, bad_date, too_old, too_deep.
 */
bool emission_parse(const struct emission_provider *p, const json_t *body, double km, time_t now,
                    struct emission_figure *out, const char **failure) ACT_MUST_CHECK;

/* The ways to the outside, so that tests can stand in for it. `ctx` is passed through. */
struct emission_io {
    void *ctx;
    void (*fetch_all)(void *ctx, struct act_fetch *fetches, size_t count, int budget_ms);
    bool (*cache_get)(void *ctx, const char *key, struct act_bytes *value, int64_t *age_ms);
    void (*cache_put)(void *ctx, const char *key, struct act_bytes value, int ttl_s);
    bool (*breaker_allow)(void *ctx, const char *name);
    void (*breaker_report)(void *ctx, const char *name, bool ok);
};

/* One flight to ask about. */
struct emission_case {
    const struct footprint_input *in;
    struct footprint *f; /* NULL = this flight has no footprint */
    const char *airline, *flight;
};

struct emission_limits {
    int timeout_ms, budget_ms;
    time_t now;
};

/*
 * Asks about every leg of every flight, each question once, and takes the provider's figures over where they are
 * complete and cover what was asked for. Of several flights all have the provider's headline or none, so that their sum
 * is one of equals. Never fails; warnings and provider of each footprint say what came of it.
 */
void emission_collect(const struct emission_io *io, const struct emission_provider *p,
                      const struct emission_limits *limits, struct emission_case *cases, size_t count);

#endif
