/* knobs.c - /sandbox/bulk: what a test or a person may turn. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/bulk/bulk_parts.h"

static json_t *shown(struct bulk *b)
{
    json_t *jobs = json_array();
    pthread_mutex_lock(&b->lock);
    for (const struct job *j = b->jobs; j; j = j->next) {
        json_t *one = job_json(j, true);
        json_object_set_new(one, "org", json_string(sandbox_org_name(j->org)));
        json_object_set_new(one, "batches", json_integer((json_int_t)j->n_batches));
        json_object_set_new(one, "dataBytes", json_integer((json_int_t)j->data.n));
        json_array_append_new(jobs, one);
    }
    json_t *out = json_pack("{s:I, s:I, s:b, s:b, s:o, s:O}", "queueMs", (json_int_t)b->queue_ms, "pageRows",
                            (json_int_t)b->page_rows, "hold", b->hold, "hardDelete", b->hard_delete, "jobs", jobs,
                            "end", b->ends);
    json_t *copy = json_deep_copy(out);
    json_decref(out);
    pthread_mutex_unlock(&b->lock);
    return copy;
}

/* A whole number from min to max, or -1 when the member is something else; `otherwise` when it is absent. */
static json_int_t number(const json_t *in, const char *name, json_int_t min, json_int_t max, json_int_t otherwise)
{
    const json_t *v = json_object_get(in, name);
    json_int_t n = json_integer_value(v);
    if (!v)
        return otherwise;
    return json_is_integer(v) && n >= min && n <= max ? n : -1;
}

static bool refused(char *why, size_t size, const char *what)
{
    snprintf(why, size, "%s", what);
    return false;
}

static bool end_ok(const json_t *end, char *why, size_t size)
{
    const char *state = json_string_value(json_object_get(end, "state"));
    if (!json_is_object(end) || number(end, "afterRows", 0, 1000000000, -1) < 0 ||
        number(end, "times", 1, 1000000, 1) < 0)
        return refused(why, size, "end needs afterRows, and times from 1 on if any");
    if (state && strcmp(state, "Failed") != 0 && strcmp(state, "Aborted") != 0)
        return refused(why, size, "end.state is none of Failed, Aborted");
    return true;
}

static void use(struct bulk *b, int org, const json_t *used, int64_t now_ms)
{
    const struct {
        const char *name;
        struct allowance *day;
    } days[] = {
        { "batches", &b->batches[org] },
        { "queryJobs", &b->queries[org] },
        { "resultBytes", &b->bytes[org] },
    };
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        if (json_object_get(used, days[i].name))
            allowance_set(days[i].day, now_ms, (uint64_t)json_integer_value(json_object_get(used, days[i].name)));
}

static bool known_members(const json_t *in, char *why, size_t size)
{
    static const char *const names[] = { "queueMs", "pageRows", "hold", "hardDelete", "used", "end" };
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)in, name, value) {
        size_t i = 0;
        while (i < sizeof names / sizeof *names && strcmp(names[i], name) != 0)
            i++;
        if (i == sizeof names / sizeof *names) {
            snprintf(why, size, "%.60s is not known", name);
            return false;
        }
    }
    return true;
}

static bool take(struct bulk *b, int org, const json_t *in, int64_t now_ms, char *why, size_t size)
{
    const json_t *end = json_object_get(in, "end"), *used = json_object_get(in, "used");
    const json_t *hold = json_object_get(in, "hold"), *hard = json_object_get(in, "hardDelete");
    json_int_t queue_ms = number(in, "queueMs", 0, 600000, b->queue_ms);
    json_int_t page_rows = number(in, "pageRows", 1, 1000000, (json_int_t)b->page_rows);
    if (!known_members(in, why, size))
        return false;
    if (queue_ms < 0 || page_rows < 0)
        return refused(why, size, "queueMs (to 600000) or pageRows (1 to 1000000) is beyond its limits");
    if (end && !end_ok(end, why, size))
        return false;
    b->queue_ms = (long)queue_ms;
    b->page_rows = (size_t)page_rows;
    b->hold = hold ? json_is_true(hold) : b->hold;
    b->hard_delete = hard ? json_is_true(hard) : b->hard_delete;
    if (end)
        json_array_append_new(b->ends, json_deep_copy(end));
    use(b, org, used, now_ms);
    lanes_wake(b);
    return true;
}

void bulk_control(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    char why[200] = "", *name = request_query(rq, "org");
    int org = name ? sandbox_org_number(name) : 0;
    free(name);
    if (strcmp(rq->method, "GET") == 0) {
        reply_json(rp, 200, shown(s->bulk));
        return;
    }
    json_t *in = request_object(rq, why, sizeof why);
    bool ok = in != NULL;
    if (org < 0)
        ok = refused(why, sizeof why, "org is none of sandbox, partner, third");
    int64_t now_ms = ok ? org_clock_ms(sandbox_org(s, org)) : 0;
    if (ok) {
        pthread_mutex_lock(&s->bulk->lock);
        ok = take(s->bulk, org, in, now_ms, why, sizeof why);
        pthread_mutex_unlock(&s->bulk->lock);
    }
    json_decref(in);
    if (ok)
        reply_json(rp, 200, shown(s->bulk));
    else
        reply_problem(rp, 400, "Not a knob of bulk jobs", why);
}
