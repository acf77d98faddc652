/*
 * store.c - the cards' files in the org. The name of a file (PathOnClient) holds the preset and the hash of everything
 * that decides its picture: a card with the same hash is there already, one with the same preset gets a new version.
 */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "actions/social_cards/cards.h"

enum {
    BATCH_BYTES = 6 * 1024 * 1024
}; /* of files in one request: the request is held in memory as base64 three times */

static void failed(struct cards_card *c, const struct sf_error *e)
{
    c->status = CARDS_FAILED;
    snprintf(c->code, sizeof c->code, "%s", *e->code ? e->code : "not_stored");
    snprintf(c->message, sizeof c->message, "%s%.250s",
             e->outcome_unknown ? "It is not known whether this was stored: " : "", e->message);
}

/* ---- What is there already ---- */

/* The preset that a file name tells, and its hash; NULL when it is no card of ours. */
static const struct card_preset *parse_path(const char *path, char hash[21])
{
    char name[40];
    int used = 0;
    if (!path || sscanf(path, "social-card-%39[a-z_]-%20[0-9a-f]%n", name, hash, &used) != 2 || used == 0 ||
        strlen(hash) != 20 || path[used] != '.')
        return NULL;
    return card_preset_find(name);
}

static void match(struct cards_job *job, const json_t *r)
{
    char hash[21];
    const char *path = sf_get_text(r, "ContentDocument.LatestPublishedVersion.PathOnClient");
    const struct card_preset *p = parse_path(path, hash);
    const char *document = sf_get_text(r, "ContentDocumentId"),
               *version = sf_get_text(r, "ContentDocument.LatestPublishedVersionId");
    for (size_t i = 0; p && document && version && i < job->cards; i++) {
        struct cards_card *c = &job->card[i];
        bool same = strcmp(hash, c->hash) == 0;
        if (c->preset != p || (*c->document_id && !same))
            continue;
        snprintf(c->document_id, SF_ID_SIZE, "%s", document);
        snprintf(c->version_id, SF_ID_SIZE, "%s", version);
        if (same) {
            c->status = CARDS_UNCHANGED;
            const json_t *size = sf_get(r, "ContentDocument.LatestPublishedVersion.ContentSize");
            c->bytes = json_is_integer(size) ? (size_t)json_integer_value(size) : 0;
            snprintf(c->path, sizeof c->path, "%s", path);
            /* the text that was written with the picture: only drawing tells which texts are on it */
            const char *alt = sf_get_text(r, "ContentDocument.LatestPublishedVersion.Description");
            if (alt && *alt && strlen(alt) < sizeof c->alt)
                snprintf(c->alt, sizeof c->alt, "%s", alt);
            if (g_str_has_suffix(path, ".jpg"))
                c->format = CARD_JPEG;
        }
    }
}

bool cards_find(struct act_call *call, struct cards_job *jobs, size_t n, struct sf_error *err)
{
    const char *ids[CARDS_CAMPAIGNS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (jobs[i].found && *jobs[i].id && jobs[i].options->store)
            ids[count++] = jobs[i].id;
    struct sf_rows *rows;
    if (count == 0)
        return true;
    if (!sf_query(
            act_org(call), &rows, err,
            "SELECT LinkedEntityId, ContentDocumentId, ContentDocument.LatestPublishedVersionId, "
            "ContentDocument.LatestPublishedVersion.PathOnClient, ContentDocument.LatestPublishedVersion.ContentSize, "
            "ContentDocument.LatestPublishedVersion.Description "
            "FROM ContentDocumentLink WHERE LinkedEntityId IN ?",
            sf_ids(ids, count)))
        return false;
    for (const json_t *r; (r = sf_next(rows, err)) != NULL;) {
        const char *owner = sf_get_text(r, "LinkedEntityId");
        for (size_t i = 0; owner && i < n; i++)
            if (jobs[i].found && strcmp(jobs[i].id, owner) == 0)
                match(&jobs[i], r);
    }
    return *err->code == 0;
}

/* ---- Uploads ---- */

static json_t *record_of(const struct cards_card *c, const char *campaign)
{
    char *data = g_base64_encode(c->file.p, c->file.n);
    json_t *r = json_pack("{s:s, s:s, s:s, s:s}", "Title", c->title, "PathOnClient", c->path, "Description", c->alt,
                          "VersionData", data);
    g_free(data);
    if (*c->document_id)
        json_object_set_new(r, "ContentDocumentId", json_string(c->document_id));
    else
        json_object_set_new(r, "FirstPublishLocationId", json_string(campaign));
    return r;
}

struct batch {
    json_t *records;
    struct cards_card *card[CARDS_CAMPAIGNS_MAX * CARDS_PRESETS_MAX];
    struct sf_result result[CARDS_CAMPAIGNS_MAX * CARDS_PRESETS_MAX];
    size_t n, bytes;
    bool keep; /* the files are needed for the answer */
};

static void upload(struct act_call *call, struct batch *b)
{
    struct sf_error err = { 0 };
    if (b->n == 0)
        return;
    bool sent = sf_create_many(act_org(call), b->records, false, b->result, &err);
    for (size_t i = 0; i < b->n; i++) {
        struct cards_card *c = b->card[i];
        const struct sf_result *r = &b->result[i];
        if (sent ? r->success : false) {
            c->status = *c->document_id ? CARDS_VERSIONED : CARDS_CREATED;
            snprintf(c->version_id, SF_ID_SIZE, "%s", r->id);
        } else
            failed(c, sent ? &r->error : &err);
        if (!b->keep)
            cards_release(c);
    }
    json_decref(b->records);
    *b = (struct batch){ .records = json_array(), .keep = b->keep };
}

/* New files get their document from the org; its id is asked for once, for all. */
static void learn_documents(struct act_call *call, struct cards_job *jobs, size_t n)
{
    const char *ids[CARDS_CAMPAIGNS_MAX * CARDS_PRESETS_MAX];
    struct cards_card *card[CARDS_CAMPAIGNS_MAX * CARDS_PRESETS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < jobs[i].cards; k++)
            if (jobs[i].card[k].status == CARDS_CREATED && !*jobs[i].card[k].document_id) {
                card[count] = &jobs[i].card[k];
                ids[count++] = jobs[i].card[k].version_id;
            }
    struct sf_rows *rows;
    struct sf_error err = { 0 };
    if (count == 0)
        return;
    if (!sf_query(act_org(call), &rows, &err, "SELECT Id, ContentDocumentId FROM ContentVersion WHERE Id IN ?",
                  sf_ids(ids, count))) {
        act_log(call, ACT_LOG_WARN, "cards: stored, but their documents are unknown: %s", err.code);
        return;
    }
    for (const json_t *r; (r = sf_next(rows, &err)) != NULL;) {
        const char *id = sf_get_text(r, "Id"), *document = sf_get_text(r, "ContentDocumentId");
        for (size_t i = 0; id && document && i < count; i++)
            if (strcmp(ids[i], id) == 0)
                snprintf(card[i]->document_id, SF_ID_SIZE, "%s", document);
    }
}

void cards_store(struct act_call *call, struct cards_job *jobs, size_t n)
{
    struct batch *b = act_alloc(call, sizeof *b);
    b->records = json_array();
    b->keep = n > 0 && jobs[0].options->include_images;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < jobs[i].cards; k++) {
            struct cards_card *c = &jobs[i].card[k];
            if (c->status != CARDS_RENDERED || !jobs[i].options->store)
                continue;
            if (b->bytes + c->file.n > BATCH_BYTES)
                upload(call, b);
            json_t *r = record_of(c, jobs[i].id);
            json_object_set_new(r, "attributes", json_pack("{s:s}", "type", "ContentVersion"));
            json_array_append_new(b->records, r);
            b->card[b->n++] = c;
            b->bytes += c->file.n;
        }
    upload(call, b);
    json_decref(b->records);
    learn_documents(call, jobs, n);
}

/* ---- The campaign itself ---- */

static int count(const struct cards_job *job, bool ok)
{
    int n = 0;
    for (size_t i = 0; i < job->cards; i++)
        n += ok ? job->card[i].status > CARDS_RENDERED : job->card[i].status == CARDS_FAILED;
    return n;
}

static bool may_set(struct act_call *call, const char *field, bool creating)
{
    struct sf_error err = { 0 };
    struct sf_field f;
    return sf_describe_field(act_org(call), "Campaign", field, &f, &err) && (creating ? f.createable : f.updateable);
}

/* Adds what is noted on the campaign to `fields`, where the org has such fields and the user may set them. */
static void add_result_fields(struct act_call *call, json_t *fields, int cards, bool creating)
{
    char now[32];
    struct tm tm;
    time_t t = act_now(call);
    gmtime_r(&t, &tm);
    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%S.000+0000", &tm);
    if (may_set(call, "Social_Cards_Status__c", creating))
        json_object_set_new(fields, "Social_Cards_Status__c", json_string(cards ? "Generated" : "Failed"));
    if (may_set(call, "Social_Cards_Count__c", creating))
        json_object_set_new(fields, "Social_Cards_Count__c", json_integer(cards));
    if (may_set(call, "Social_Cards_Generated_At__c", creating))
        json_object_set_new(fields, "Social_Cards_Generated_At__c", json_string(now));
}

static bool something_new(const struct cards_job *job)
{
    for (size_t i = 0; i < job->cards; i++)
        if (job->card[i].status != CARDS_UNCHANGED)
            return true;
    return false;
}

void cards_update_campaigns(struct act_call *call, struct cards_job *jobs, size_t n)
{
    json_t *records = json_array();
    struct cards_job *of[CARDS_CAMPAIGNS_MAX];
    struct sf_result *result = act_alloc(call, CARDS_CAMPAIGNS_MAX * sizeof *result);
    struct sf_error err = { 0 };
    for (size_t i = 0; i < n; i++) {
        struct cards_job *j = &jobs[i];
        if (!j->found || j->created || *j->code || !j->options->update_campaign || !something_new(j))
            continue;
        json_t *fields = json_object();
        add_result_fields(call, fields, count(j, true), false);
        if (json_object_size(fields) == 0) {
            json_decref(fields);
            continue;
        }
        json_object_set_new(fields, "id", json_string(j->id));
        json_object_set_new(fields, "attributes", json_pack("{s:s}", "type", "Campaign"));
        of[json_array_size(records)] = j;
        json_array_append_new(records, fields);
    }
    size_t count_records = json_array_size(records);
    bool sent = count_records == 0 || sf_update_many(act_org(call), records, false, result, &err);
    for (size_t i = 0; i < count_records; i++) {
        of[i]->campaign_updated = sent && result[i].success;
        if (!of[i]->campaign_updated)
            cards_note(call, of[i], "The campaign's fields could not be updated: %.200s",
                       sent ? result[i].error.message : err.message);
    }
    json_decref(records);
}

bool cards_create_all(struct act_call *call, struct cards_job *job, struct sf_error *err)
{
    struct sf_unit *unit = sf_unit_new(act_org(call));
    size_t step[CARDS_PRESETS_MAX], steps = 1;
    int drawn = 0;
    for (size_t i = 0; i < job->cards; i++)
        drawn += job->card[i].status == CARDS_RENDERED;
    if (job->options->update_campaign)
        add_result_fields(call, job->create, drawn, true);
    const char *campaign = sf_unit_create(unit, "Campaign", job->create);
    for (size_t i = 0; campaign && i < job->cards; i++) {
        step[i] = 0;
        if (job->card[i].status != CARDS_RENDERED || !job->options->store)
            continue;
        json_t *r = record_of(&job->card[i], campaign);
        if (sf_unit_create(unit, "ContentVersion", r))
            step[i] = steps++;
        json_decref(r);
    }
    if (!sf_unit_commit(unit, err))
        return false;
    snprintf(job->id, SF_ID_SIZE, "%s", sf_unit_result(unit, 0)->id);
    for (size_t i = 0; i < job->cards; i++)
        if (step[i]) {
            snprintf(job->card[i].version_id, SF_ID_SIZE, "%s", sf_unit_result(unit, step[i])->id);
            job->card[i].status = CARDS_CREATED;
        }
    learn_documents(call, job, 1);
    return true;
}
