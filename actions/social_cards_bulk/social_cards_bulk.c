/* social_cards_bulk.c - generateSocialCardsBulk: the cards of up to twenty campaigns, a result or an error for each. */
#include <stdio.h>
#include <string.h>

#include "actions/social_cards/cards.h"

enum {
    NEEDED_MS = 3000,         /* to store what was drawn and to answer */
    AT_ONCE = 4 * 1024 * 1024 /* of files that wait to be stored: more would only use memory */
};

static bool start(char *why, size_t size)
{
    return cards_engine(why, size) != NULL;
}

static void trim(void *engine)
{
    card_engine_trim(engine);
}

static void give_up(struct cards_job *job, const char *code, const char *message)
{
    snprintf(job->code, sizeof job->code, "%s", code);
    snprintf(job->message, sizeof job->message, "%.250s", message);
    job->found = false;
}

static size_t read_ids(struct act_call *call, const json_t *list, const struct cards_options *o, struct cards_job *jobs)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(list) && n < CARDS_CAMPAIGNS_MAX; i++) {
        char id[SF_ID_SIZE];
        const char *text = json_string_value(json_array_get(list, i));
        bool known = false;
        if (!sf_id_check(text ? text : "", id)) {
            act_log(call, ACT_LOG_DEBUG, "cards: an id without its form got past the schema");
            continue;
        }
        for (size_t k = 0; k < n; k++)
            known = known || strcmp(jobs[k].id, id) == 0;
        if (known)
            continue;
        jobs[n].options = o;
        memcpy(jobs[n++].id, id, SF_ID_SIZE);
    }
    return n;
}

static size_t waiting(const struct cards_job *jobs, size_t n)
{
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < jobs[i].cards; k++)
            bytes += jobs[i].card[k].status == CARDS_RENDERED ? jobs[i].card[k].file.n : 0;
    return bytes;
}

/* Draws and stores one campaign after the other, so that what is done is in the org when the time is over. */
static void produce(struct act_call *call, struct cards_job *jobs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct cards_job *j = &jobs[i];
        struct sf_error err = { 0 };
        if (!j->found)
            continue;
        if (act_time_left_ms(call) < NEEDED_MS) {
            give_up(j, "out_of_time",
                    "There was no time left for this campaign. Ask for it again, with fewer at once.");
            continue;
        }
        if (!cards_load_pictures(call, j, 1, &err)) {
            give_up(j, *err.code ? err.code : "picture_not_loaded", err.message);
            continue;
        }
        cards_draw(call, j);
        if (waiting(jobs, n) > AT_ONCE)
            cards_store(call, jobs, n);
    }
    cards_store(call, jobs, n);
    cards_update_campaigns(call, jobs, n);
}

static json_t *result_of(struct act_call *call, const struct cards_job *j)
{
    if (*j->code)
        return json_pack("{s:s, s:b, s:s, s:s}", "campaignId", j->id, "success", false, "errorCode", j->code,
                         "errorMessage", j->message);
    json_t *o = cards_answer(call, j);
    bool all_failed = j->cards > 0;
    for (size_t i = 0; i < j->cards; i++)
        all_failed = all_failed && j->card[i].status == CARDS_FAILED;
    json_object_set_new(o, "success", json_boolean(!all_failed));
    if (all_failed) {
        json_object_set_new(o, "errorCode", json_string(j->card[0].code));
        json_object_set_new(o, "errorMessage", json_string(j->card[0].message));
    }
    json_object_del(o, "campaignCreated");
    return o;
}

static json_t *answer(struct act_call *call, const struct cards_job *jobs, size_t n)
{
    json_t *results = json_array();
    int good = 0, cards = 0;
    for (size_t i = 0; i < n; i++) {
        json_t *r = result_of(call, &jobs[i]);
        good += json_is_true(json_object_get(r, "success"));
        cards += (int)json_array_size(json_object_get(r, "cards"));
        json_array_append_new(results, r);
    }
    char summary[120];
    snprintf(summary, sizeof summary, "%d of %zu campaign%s done, %d cards.", good, n, n == 1 ? "" : "s", cards);
    return json_pack("{s:s, s:i, s:i, s:i, s:i, s:o}", "summary", summary, "campaignCount", (int)n, "successCount",
                     good, "failedCount", (int)n - good, "cardCount", cards, "results", results);
}

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    struct cards_options *o = act_alloc(call, sizeof *o);
    struct cards_job *jobs = act_alloc(call, CARDS_CAMPAIGNS_MAX * sizeof *jobs);
    struct sf_error err = { 0 };
    enum act_outcome outcome = cards_options(call, in, o);
    if (outcome != ACT_OK)
        return outcome;
    act_defer(call, trim, o->engine);
    o->include_images = false;
    size_t n = read_ids(call, json_object_get(in, "campaignIds"), o, jobs);
    if (!cards_load(call, jobs, n, &err) || !cards_find_pictures(call, jobs, n, &err))
        return act_org_failed(call, &err);
    for (size_t i = 0; i < n; i++) {
        if (jobs[i].found)
            cards_plan(call, &jobs[i]);
        else
            give_up(&jobs[i], "campaign_not_found", "There is no such campaign, or this user cannot see it.");
    }
    if (!cards_find(call, jobs, n, &err))
        return act_org_failed(call, &err);
    produce(call, jobs, n);
    *out = answer(call, jobs, n);
    return ACT_OK;
}

const struct action social_cards_bulk_action = { .start = start, .run = run };
