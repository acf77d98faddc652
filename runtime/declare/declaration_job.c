/* declaration_job.c - what the members "job" and "events" of a declaration say, and the answer that every start of a
 * job has. */
#include "runtime/declare/declaration_job.h"

#include <string.h>

#include "runtime/declare/lint.h"

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

const json_t *declaration_property(const json_t *schema, const char *pointer)
{
    struct span rest = span_of(pointer), name;
    if (*pointer != '/' || pointer[rest.n - 1] == '/')
        return NULL;
    rest.p++;
    rest.n--;
    while (schema && span_split(&rest, '/', &name)) {
        char text[LINT_DEVELOPER_NAME + 1] = "";
        if (name.n < sizeof text)
            copy_span(text, sizeof text, name);
        schema = json_object_get(json_object_get(schema, "properties"), text);
    }
    return schema;
}

static int number(const json_t *job, const char *name, int without)
{
    const json_t *value = json_object_get(job, name);
    return json_is_integer(value) ? (int)json_integer_value(value) : without;
}

const char *const declared_changes[CHANGE_KINDS] = {
    [CHANGE_CREATE] = "CREATE",         [CHANGE_UPDATE] = "UPDATE",
    [CHANGE_DELETE] = "DELETE",         [CHANGE_UNDELETE] = "UNDELETE",
    [CHANGE_GAP_CREATE] = "GAP_CREATE", [CHANGE_GAP_UPDATE] = "GAP_UPDATE",
    [CHANGE_GAP_DELETE] = "GAP_DELETE", [CHANGE_GAP_UNDELETE] = "GAP_UNDELETE",
};

int declared_change_of(const char *name)
{
    for (int i = 0; i < CHANGE_KINDS; i++)
        if (strcmp(declared_changes[i], name) == 0)
            return i;
    return -1;
}

static const char *text_or_null(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text && *text ? text : NULL;
}

static const json_t *array_or_null(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_array_size(value) ? value : NULL;
}

static void read_rule(struct declaration_event_rule *rule, const json_t *from)
{
    const json_t *changes = json_object_get(from, "changes"), *values = json_object_get(from, "values");
    *rule = (struct declaration_event_rule){ .name = declaration_text(from, "name"),
                                             .changed = array_or_null(from, "changed"),
                                             .unchanged = array_or_null(from, "unchanged"),
                                             .values = json_object_size(values) ? values : NULL };
    for (size_t i = 0; i < json_array_size(changes); i++) {
        const char *name = json_string_value(json_array_get(changes, i));
        int change = name ? declared_change_of(name) : -1;
        rule->changes |= change >= 0 ? 1u << change : 0;
    }
}

/* How many ids one job takes: what its input allows, EVENT_IDS at most. */
static int ids_max(const struct declaration *d, const char *pointer)
{
    const json_t *schema = declaration_property(json_object_get(d->root, "input"), pointer),
                 *most = json_object_get(schema, "maxItems");
    json_int_t n = json_is_integer(most) ? json_integer_value(most) : EVENT_IDS;
    return n < 1 ? 1 : n > EVENT_IDS ? EVENT_IDS : (int)n;
}

static void read_events(struct declaration *d)
{
    const json_t *events = json_object_get(d->root, "events"), *when = json_object_get(events, "when"),
                 *complete = json_object_get(events, "complete");
    const char *ids = text_or_null(events, "ids");
    if (!text_or_null(events, "topic") || !ids)
        return; /* none, or lint_job tells */
    d->events = (struct declaration_events){ .topic = text_or_null(events, "topic"),
                                             .object = text_or_null(events, "object"),
                                             .ids = ids,
                                             .ids_max = ids_max(d, ids),
                                             .condition = text_or_null(events, "condition"),
                                             .reconcile = text_or_null(events, "reconcile"),
                                             .done_event = text_or_null(complete, "event"),
                                             .done_words = declaration_text(complete, "words"),
                                             .done_notification = text_or_null(complete, "notification") };
    for (size_t i = 0; i < json_array_size(when) && i < EVENT_RULES; i++)
        read_rule(&d->events.when[d->events.n++], json_array_get(when, i));
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
    read_events(d);
}
