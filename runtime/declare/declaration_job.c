/* declaration_job.c - what the member "job" of a declaration says, and the answer that every start of a job has. */
#include "runtime/declare/declaration_job.h"

#include <string.h>

static const char started_schema[] =
    "{\"type\": \"object\", \"additionalProperties\": false,"
    " \"description\": \"The job that does the work; it goes on after this answer.\","
    " \"required\": [\"jobId\", \"state\", \"operation\", \"message\"],"
    " \"properties\": {"
    "  \"jobId\": {\"type\": \"string\", \"minLength\": 36, \"maxLength\": 36,"
    "   \"description\": \"Id of the job. Keep it: getJob, cancelJob and retryJob ask for it.\"},"
    "  \"state\": {\"type\": \"string\","
    "   \"enum\": [\"queued\", \"running\", \"waiting\", \"done\", \"failed\", \"canceled\"],"
    "   \"description\": \"How far the job is; done, failed and canceled are its ends.\"},"
    "  \"operation\": {\"type\": \"string\", \"description\": \"Name of the action that the job runs.\"},"
    "  \"message\": {\"type\": \"string\","
    "   \"description\": \"One sentence on how far the job is and what to do next, ready to be shown.\"}}}";

static int number(const json_t *job, const char *name, int without)
{
    const json_t *value = json_object_get(job, name);
    return json_is_integer(value) ? (int)json_integer_value(value) : without;
}

void declaration_read_job(struct declaration *d)
{
    const json_t *job = json_object_get(d->root, "job"), *unique_by = json_object_get(job, "uniqueBy");
    const char *queue = declaration_text(job, "queue");
    if (!job)
        return;
    d->is_job = true;
    d->job = (struct declaration_job){
        .step_s = number(job, "stepSeconds", 60),
        .attempts = number(job, "attempts", 5),
        .per_org = number(job, "perOrg", 4),
        .page_items = number(job, "pageItems", 200),
        .priority = number(job, "priority", 5),
        .keep_days = number(job, "keepDays", 0),
        .queue = *queue ? queue : "default",
        .unique_by = json_is_array(unique_by) ? unique_by : NULL,
        .merge_items = json_string_value(json_object_get(job, "mergeItems")),
        .events = !json_is_false(json_object_get(job, "events")),
        .as_connection = strcmp(declaration_text(job, "runAs"), "connection") == 0,
    };
    d->started = json_loads(started_schema, 0, NULL);
}
