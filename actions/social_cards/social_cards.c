/* social_cards.c - generateSocialCards: the cards of one campaign. */
#include <string.h>

#include "actions/social_cards/cards.h"

static bool start(char *why, size_t size)
{
    return cards_engine(why, size) != NULL;
}

static void trim(void *engine)
{
    card_engine_trim(engine);
}

static enum act_outcome not_found(struct act_call *call, const struct cards_job *job)
{
    return act_refuse(call, "campaign_not_found", "/campaignId",
                      "There is no campaign %s, or this user cannot see it. Check the id and the user's access.",
                      job->id);
}

static enum act_outcome existing(struct act_call *call, struct cards_job *job)
{
    struct sf_error err = { 0 };
    if (!cards_load(call, job, 1, &err))
        return act_org_failed(call, &err);
    if (!job->found)
        return not_found(call, job);
    if (!cards_find_pictures(call, job, 1, &err))
        return act_org_failed(call, &err);
    cards_plan(call, job);
    if (!cards_find(call, job, 1, &err) || !cards_load_pictures(call, job, 1, &err))
        return act_org_failed(call, &err);
    cards_draw(call, job);
    cards_store(call, job, 1);
    cards_update_campaigns(call, job, 1);
    return ACT_OK;
}

/* A new campaign comes with all of its cards or not at all. */
static const struct cards_card *untrue_card(const struct cards_job *job)
{
    for (size_t i = 0; i < job->cards; i++)
        if (job->card[i].status == CARDS_FAILED && job->card[i].drawn)
            return &job->card[i];
    return NULL;
}

static enum act_outcome created(struct act_call *call, struct cards_job *job, const json_t *campaign)
{
    struct sf_error err = { 0 };
    cards_from_input(call, job, campaign);
    if (!cards_find_pictures(call, job, 1, &err))
        return act_org_failed(call, &err);
    cards_plan(call, job);
    if (!cards_load_pictures(call, job, 1, &err))
        return act_org_failed(call, &err);
    cards_draw(call, job);
    const struct cards_card *bad = untrue_card(job);
    if (bad && (strcmp(bad->code, "font_missing") == 0 || strcmp(bad->code, "figure_does_not_fit") == 0 ||
                strcmp(bad->code, "cta_too_long") == 0))
        return act_refuse(call, bad->code, NULL, "%s", bad->message);
    return cards_create_all(call, job, &err) ? ACT_OK : act_org_failed(call, &err);
}

/* A sheet to look at: nothing is created, stored or noted. */
static enum act_outcome previewed(struct act_call *call, struct cards_job *job, const json_t *campaign, json_t **out)
{
    struct sf_error err = { 0 };
    if (campaign)
        cards_from_input(call, job, campaign);
    else if (!cards_load(call, job, 1, &err))
        return act_org_failed(call, &err);
    if (!job->found)
        return not_found(call, job);
    if (!cards_find_pictures(call, job, 1, &err))
        return act_org_failed(call, &err);
    cards_plan(call, job);
    if (!cards_load_pictures(call, job, 1, &err))
        return act_org_failed(call, &err);
    json_t *sheet = act_own(call, cards_preview(call, job));
    if (!sheet)
        return ACT_FAULT;
    job->cards = 0, job->created = false;
    *out = cards_answer(call, job);
    json_object_set(*out, "preview", sheet);
    return ACT_OK;
}

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    struct cards_options *o = act_alloc(call, sizeof *o);
    struct cards_job *job = act_alloc(call, sizeof *job);
    const char *id = json_string_value(json_object_get(in, "campaignId"));
    const json_t *campaign = json_object_get(in, "campaign");
    if (!id == !campaign)
        return act_refuse(call, id ? "campaign_ambiguous" : "campaign_required", NULL,
                          "Give either campaignId, or campaign with the fields of one to create.");
    enum act_outcome outcome = cards_options(call, in, o);
    if (outcome != ACT_OK)
        return outcome;
    act_defer(call, trim, o->engine);
    job->options = o;
    if (id && !sf_id_check(id, job->id))
        return act_refuse(call, "campaign_not_found", "/campaignId", "\"%.18s\" is no record id.", id);
    if (o->preview)
        return previewed(call, job, campaign, out);
    outcome = id ? existing(call, job) : created(call, job, campaign);
    if (outcome == ACT_OK)
        *out = cards_answer(call, job);
    return outcome;
}

const struct action social_cards_action = { .start = start, .run = run };
