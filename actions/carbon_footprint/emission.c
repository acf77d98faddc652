/* emission.c - asks the provider: remembered answers first, then all other questions at once; then sums by flight. */
#include "emission.h"

#include <math.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY = 96 };

/* One question and what came of it. */
struct errand {
    char url[EMISSION_URL * 2], key[KEY];
    double km;
    bool asked, cached;
    const char *failure; /* NULL = `figure` counts */
    int64_t age_s;
    struct emission_figure figure, remembered;
    bool has_remembered;
};

struct errands {
    const struct emission_io *io;
    const struct emission_provider *p;
    const struct emission_limits *limits;
    struct errand v[EMISSION_ASKS];
    size_t count;
};

/* The URL holds all that makes answers differ, so its hash is the key. */
static void make_key(const struct emission_provider *p, struct errand *e)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    char hex[33] = "";
    if (EVP_Digest(e->url, strlen(e->url), digest, &n, EVP_sha256(), NULL))
        for (int i = 0; i < 16; i++)
            snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    snprintf(e->key, sizeof e->key, "emission/%s/%s", p->id, hex);
}

/* What was remembered is checked again: it may be too old by now, and the setting may be another. */
static void recall(struct errands *all, struct errand *e)
{
    struct act_bytes value;
    int64_t age_ms = 0;
    if (!all->io->cache_get(all->io->ctx, e->key, &value, &age_ms) || age_ms > (int64_t)EMISSION_KEEP_S * 1000)
        return;
    json_t *body = json_loadb(value.p, value.n, 0, NULL);
    e->age_s = age_ms < 0 ? 0 : age_ms / 1000;
    const char *why;
    e->has_remembered = body && emission_parse(all->p, body, e->km, all->limits->now, &e->remembered, &why);
    json_decref(body);
}

static void use_remembered(struct errand *e)
{
    e->figure = e->remembered;
    e->cached = true;
    e->failure = NULL;
}

/* The errand of a question, the same one when it was asked before; NULL when there are too many. */
static struct errand *find_errand(struct errands *all, const struct emission_question *q)
{
    char url[EMISSION_URL * 2];
    if (!emission_url(all->p, q, url))
        return NULL;
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->v[i].url, url) == 0 && all->v[i].km == q->km)
            return &all->v[i];
    if (all->count == EMISSION_ASKS)
        return NULL;
    struct errand *e = &all->v[all->count++];
    memcpy(e->url, url, sizeof e->url);
    e->km = q->km;
    e->failure = "not_asked";
    make_key(all->p, e);
    recall(all, e);
    if (e->has_remembered && e->age_s <= EMISSION_FRESH_S)
        use_remembered(e);
    return e;
}

static void settle(struct errands *all, struct errand *e, const struct act_fetch *f)
{
    const char *failure = f->failure ? f->failure : f->status != 200 || !f->body ? "status" : NULL;
    bool good = !failure && emission_parse(all->p, f->body, e->km, all->limits->now, &e->figure, &failure);
    e->failure = good ? NULL : failure;
    /* That it has no figure for one leg is an answer, not a failure of the provider. */
    all->io->breaker_report(all->io->ctx, all->p->id, !e->failure || strcmp(e->failure, "no_figure") == 0);
    if (e->failure)
        return;
    e->age_s = 0;
    char *text = json_dumps(f->body, JSON_COMPACT);
    if (text && strlen(text) <= EMISSION_BODY)
        all->io->cache_put(all->io->ctx, e->key, (struct act_bytes){ text, strlen(text) }, EMISSION_KEEP_S);
    free(text);
}

/* Asks up to EMISSION_ASKS_AT_ONCE of what is open; returns the longest time that one took, -1 when none is open. */
static int ask_some(struct errands *all, int budget_ms)
{
    struct act_fetch fetches[EMISSION_ASKS_AT_ONCE];
    struct errand *of[EMISSION_ASKS_AT_ONCE];
    size_t n = 0;
    int longest = 0, timeout = all->limits->timeout_ms < budget_ms ? all->limits->timeout_ms : budget_ms;
    memset(fetches, 0, sizeof fetches);
    for (size_t i = 0; i < all->count && n < EMISSION_ASKS_AT_ONCE; i++) {
        struct errand *e = &all->v[i];
        if (!e->failure || e->asked)
            continue;
        e->asked = true;
        if (!all->io->breaker_allow(all->io->ctx, all->p->id)) {
            e->failure = "breaker_open";
            continue;
        }
        of[n] = e;
        fetches[n++] = (struct act_fetch){ .url = e->url, .timeout_ms = timeout, .max_bytes = EMISSION_BODY };
    }
    if (n == 0)
        return -1;
    all->io->fetch_all(all->io->ctx, fetches, n, budget_ms);
    for (size_t i = 0; i < n; i++) {
        settle(all, of[i], &fetches[i]);
        if (fetches[i].elapsed_ms > longest)
            longest = fetches[i].elapsed_ms;
    }
    return longest;
}

static void ask_all(struct errands *all)
{
    int left = all->limits->budget_ms;
    for (int took = 0; left > 0 && took >= 0; left -= took > 0 ? took : 1)
        took = ask_some(all, left);
    for (size_t i = 0; i < all->count; i++) {
        struct errand *e = &all->v[i];
        if (e->failure && !e->asked)
            e->failure = "no_time";
        if (e->failure && e->has_remembered)
            use_remembered(e);
    }
}

static struct emission_question question(const struct emission_case *c, const struct footprint_leg *leg)
{
    return (struct emission_question){ leg->from, leg->to, leg->km, c->in->aircraft, c->airline, c->flight };
}

static bool fail(struct footprint_provider *out, const char *word)
{
    out->failure = word;
    return false;
}

/* Adds one leg to the flight. */
static bool add_leg(const struct emission_provider *p, const struct footprint_input *in,
                    const struct footprint_leg *leg, const struct errand *e, struct footprint_provider *out)
{
    bool passenger = p->per == EMISSION_PER_PASSENGER || p->per == EMISSION_PER_PASSENGER_KM;
    if (!e)
        return fail(out, "not_asked");
    if (e->failure)
        return fail(out, e->failure);
    if (in->one_cabin && !strstr(p->pointer, "{cabin}"))
        return fail(out, "no_cabin"); /* an average or a whole flight says nothing about one cabin */
    out->cached |= e->cached;
    out->age_s = e->age_s > out->age_s ? e->age_s : out->age_s;
    if (e->figure.as_of && (!out->as_of || e->figure.as_of < out->as_of))
        out->as_of = e->figure.as_of;
    if (!passenger)
        out->total += e->figure.kg[CABIN_AVERAGE];
    for (size_t i = 0; passenger && i < leg->row_count; i++) {
        double kg = e->figure.kg[leg->rows[i].cabin];
        if (!isfinite(kg))
            return fail(out, "no_cabin");
        out->total += kg * (double)leg->rows[i].passengers;
    }
    return true;
}

static struct footprint_provider nothing_yet(const struct emission_provider *p)
{
    static const char *const pers[] = { "flight", "km", "passenger", "passenger_km" };
    return (struct footprint_provider){ .id = p->id,
                                        .name = p->name,
                                        .kind = p->kind,
                                        .per = pers[p->per],
                                        .method = p->method,
                                        .licence = p->licence,
                                        .scope = p->scope };
}

static void sum_flight(struct errands *all, struct emission_case *c)
{
    struct footprint *f = c->f;
    struct footprint_provider *out = &f->provider;
    *out = nothing_yet(all->p);
    bool good = true;
    for (size_t i = 0; i < f->leg_count && good; i++) {
        const struct emission_question q = question(c, &f->legs[i]);
        good = add_leg(all->p, c->in, &f->legs[i], find_errand(all, &q), out);
    }
    out->complete = good && isfinite(out->total);
    out->per_passenger = f->passengers ? out->total / (double)f->passengers : NAN;
}

/* Non-CO2 effects are in the provider's figure exactly when they were asked for. */
static bool covers_the_question(const struct footprint *f)
{
    return f->rf == (f->provider.scope == EMISSION_CO2E_RF);
}

/* Warnings, and the headline: all flights of a call have the provider's or none has. */
static void conclude(struct emission_case *cases, size_t count)
{
    bool every = true;
    for (size_t i = 0; i < count; i++)
        every &= !cases[i].f || cases[i].f->provider.complete;
    for (size_t i = 0; i < count; i++) {
        struct footprint *f = cases[i].f;
        if (!f)
            continue;
        f->warnings[WARN_PROVIDER_FAILED] = !f->provider.complete;
        f->warnings[WARN_PROVIDER_CACHED] = f->provider.complete && f->provider.age_s > EMISSION_FRESH_S;
        f->warnings[WARN_PROVIDER_SCOPE] = f->provider.complete && !covers_the_question(f);
        f->warnings[WARN_PROVIDER_INCOMPLETE] = f->provider.complete && !every;
        if (every && covers_the_question(f))
            footprint_take_provider(cases[i].in, f);
    }
}

/* Every question of every flight, so that they can be asked at once. */
static void collect_questions(struct errands *all, const struct emission_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct footprint *f = cases[i].f;
        for (size_t k = 0; f && k < f->leg_count; k++) {
            const struct emission_question q = question(&cases[i], &f->legs[k]);
            (void)find_errand(all, &q);
        }
    }
}

void emission_collect(const struct emission_io *io, const struct emission_provider *p,
                      const struct emission_limits *limits, struct emission_case *cases, size_t count)
{
    struct errands *all = calloc(1, sizeof *all);
    if (all) {
        *all = (struct errands){ .io = io, .p = p, .limits = limits };
        collect_questions(all, cases, count);
        ask_all(all);
    }
    for (size_t i = 0; i < count; i++) {
        if (cases[i].f && all) {
            sum_flight(all, &cases[i]);
        } else if (cases[i].f) {
            struct footprint_provider *out = &cases[i].f->provider;
            *out = nothing_yet(p);
            (void)fail(out, "no_memory");
        }
    }
    conclude(cases, count);
    free(all);
}
