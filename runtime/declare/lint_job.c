/* lint_job.c - the members "job" and "events", and what a job asks of the rest of its declaration and of its handler.
 */
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/declare/declaration_job.h"
#include "runtime/declare/lint.h"

enum {
    OPERATION_MAX = LINT_NAME - (int)sizeof "Async" + 1, /* <operationId>Async is a name too */
    QUEUE_NAME = 40
};

static const struct lint_rule job_rules[] = {
    { "stepSeconds", LINT_INTEGER, false, 1, 600, "Deadline of one step in seconds" },
    { "attempts", LINT_INTEGER, false, 1, 20, "Tries of a step or an item before it has failed for good" },
    { "perOrg", LINT_INTEGER, false, 1, 64, "Steps of one org that run at once" },
    { "pageItems", LINT_INTEGER, false, 1, 2000, "Items of one step" },
    { "queue", LINT_TEXT, false, 0, QUEUE_NAME, "Queue that can be paused by itself" },
    { "priority", LINT_INTEGER, false, 1, 9, "1 goes first, 9 last" },
    { "keepDays", LINT_INTEGER, false, 1, 365, "Days after its end before it is forgotten" },
    { "uniqueBy", LINT_ARRAY, false, 1, 0,
      "JSON Pointers into the input: two starts that are alike there are one job" },
    { "mergeItems", LINT_TEXT, false, 0, 0, "JSON Pointer to a list: starts that differ in it alone become one job" },
    { "runAs", LINT_TEXT, false, 0, 0, "\"caller\", or \"connection\": the connection of its org" },
    { "events", LINT_BOOLEAN, false, 0, 0, "Whether Action_Job__e events tell how far it is" },
};

static bool queue_char(char c)
{
    return char_lower(c) || char_digit(c) || c == '_';
}

static void lint_unique(struct lint *l, const json_t *unique, const json_t *input)
{
    size_t i, before = pointer_push(&l->at, span_of("uniqueBy"));
    json_t *element;
    json_array_foreach ((json_t *)unique, i, element) {
        size_t here = pointer_push_index(&l->at, i);
        const char *pointer = json_string_value(element);
        if (!pointer || !declaration_property(input, pointer))
            lint_fault(l, "must be a JSON Pointer to a property of the input, such as /condition");
        else if (strcmp(pointer, "/waitSeconds") == 0)
            lint_fault(l, "says how long the caller waits, which makes no job another one; take it out");
        pointer_pop(&l->at, here);
    }
    pointer_pop(&l->at, before);
}

static void lint_values(struct lint *l, const json_t *job, const json_t *input)
{
    const char *queue = declaration_text(job, "queue"), *run_as = declaration_text(job, "runAs"),
               *merge = json_string_value(json_object_get(job, "mergeItems"));
    if (json_is_string(json_object_get(job, "queue")) && (!*queue || !span_all(span_of(queue), queue_char)))
        lint_member(l, "queue", "must be small letters, digits and underscores, such as nightly");
    if (json_is_string(json_object_get(job, "runAs")) && strcmp(run_as, "caller") != 0 &&
        strcmp(run_as, "connection") != 0)
        lint_member(l, "runAs", "must be \"caller\" or \"connection\"");
    if (merge && strcmp(declaration_text(declaration_property(input, merge), "type"), "array") != 0)
        lint_member(l, "mergeItems", "must be a JSON Pointer to an array of the input, such as /opportunityIds");
    if (json_is_array(json_object_get(job, "uniqueBy")))
        lint_unique(l, json_object_get(job, "uniqueBy"), input);
}

static bool takes_calls(const json_t *root)
{
    const json_t *accepts = json_object_get(root, "accepts");
    for (size_t i = 0; i < json_array_size(accepts); i++)
        if (json_is_string(json_array_get(accepts, i)) &&
            strcmp(json_string_value(json_array_get(accepts, i)), "salesforce") == 0)
            return true;
    return !json_array_size(accepts);
}

static void lint_wait(struct lint *l, const json_t *input)
{
    static const char form[] = "\"waitSeconds\": {\"type\": \"integer\", \"format\": \"int32\", \"minimum\": 0, "
                               "\"maximum\": 20, \"default\": 0, \"description\": \"...\"}";
    const json_t *wait = declaration_property(input, "/waitSeconds"), *least = json_object_get(wait, "minimum"),
                 *most = json_object_get(wait, "maximum");
    size_t before = pointer_push(&l->at, span_of("input"));
    if (!json_is_object(input))
        ; /* told already */
    else if (!wait)
        lint_member(l, "properties", "lacks what every job takes: %s", form);
    else if (strcmp(declaration_text(wait, "type"), "integer") != 0 || !json_is_integer(least) ||
             json_integer_value(least) != 0 || !json_is_integer(most) || json_integer_value(most) != JOB_WAIT_MAX_S)
        lint_member(l, "properties", "must have waitSeconds as every job has it: %s", form);
    pointer_pop(&l->at, before);
}

/* What does not go together with a job; `as` is the member that makes it one. */
static void lint_company(struct lint *l, const json_t *root, const char *as)
{
    const json_t *accepts = json_object_get(root, "accepts");
    size_t i;
    json_t *caller;
    if (strlen(declaration_text(root, "operationId")) > OPERATION_MAX)
        lint_member(l, "operationId", "must have at most %d characters, as there is one with \"Async\" behind it, too",
                    OPERATION_MAX);
    if (json_object_get(root, "permissionSet"))
        lint_member(l, "permissionSet",
                    "does not go with \"%s\": elevated rights end with the call, and the job goes on; take one out",
                    as);
    if (strcmp(declaration_text(json_object_get(root, "job"), "runAs"), "connection") == 0)
        return; /* the connection of its org */
    json_array_foreach ((json_t *)accepts, i, caller)
        if (json_is_string(caller) && strcmp(json_string_value(caller), "dataAction") == 0)
            lint_member(l, "accepts",
                        "element %zu does not go with \"%s\": a data action has no user to run as; a job may say "
                        "\"runAs\": \"connection\"",
                        i, as);
}

/* An action that can be asked for as a job of one step, and what that asks of the rest. */
static void lint_async(struct lint *l, const json_t *root)
{
    const bool async = json_is_true(json_object_get(root, "async"));
    if (json_object_get(root, "repeatable") && !async)
        lint_member(l, "repeatable", "says why it may run twice, which only matters with \"async\": true");
    if (!async)
        return;
    if (!json_object_get(root, "repeatable"))
        lint_member(l, "async", "needs \"repeatable\": a sentence that says why a second run does no harm");
    if (json_object_get(root, "job"))
        lint_member(l, "async", "does not go with \"job\": every job can be asked for with a callback; take it out");
    lint_company(l, root, "async");
}

/* ---- events ---- */

static const struct lint_rule events_rules[] = {
    { "topic", LINT_TEXT, true, 7, 128, "Topic of the change events" },
    { "object", LINT_TEXT, false, 1, LINT_DEVELOPER_NAME, "Object that is meant on a topic of several" },
    { "ids", LINT_TEXT, true, 2, 0, "JSON Pointer to the list of the input that gets the ids" },
    { "condition", LINT_TEXT, false, 2, 0, "JSON Pointer to the text of the input that gets the condition" },
    { "reconcile", LINT_TEXT, false, 1, 2000,
      "Condition for records of which the org does not tell that they changed" },
    { "when", LINT_ARRAY, true, 1, EVENT_RULES, "Rules: one that fits an event starts the job" },
    { "complete", LINT_OBJECT, false, 0, 0, "How the org is told that the job is done" },
};
static const struct lint_rule when_rules[] = {
    { "name", LINT_TEXT, true, 1, 40, "Told to the action with the ids" },
    { "changes", LINT_ARRAY, true, 1, CHANGE_KINDS, "CREATE, UPDATE, DELETE, UNDELETE, or one of these with GAP_" },
    { "changed", LINT_ARRAY, false, 1, 100, "Fields of which one has changed" },
    { "unchanged", LINT_ARRAY, false, 1, 100, "Fields that have not changed" },
    { "values", LINT_OBJECT, false, 0, 0, "Values that the event carries, by field" },
};
static const struct lint_rule complete_rules[] = {
    { "event", LINT_TEXT, false, 4, LINT_DEVELOPER_NAME, "Platform event that is published" },
    { "words", LINT_TEXT, false, 1, 200, "Text before the number" },
    { "notification", LINT_TEXT, false, 1, LINT_DEVELOPER_NAME,
      "Custom notification type that is sent to who made the change" },
};

#define ROWS(rules) (sizeof(rules) / sizeof *(rules))
const struct lint_group lint_job_groups[] = {
    { "job", job_rules, ROWS(job_rules) },
    { "events", events_rules, ROWS(events_rules) },
    { "events/when/0", when_rules, ROWS(when_rules) },
    { "events/complete", complete_rules, ROWS(complete_rules) },
    { NULL, NULL, 0 },
};

static bool all_texts(const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++)
        if (!json_string_length(json_array_get(array, i)))
            return false;
    return true;
}

static void lint_when(struct lint *l, const json_t *rule)
{
    const json_t *changes = json_object_get(rule, "changes"), *list;
    const char *field;
    for (size_t i = 0; i < json_array_size(changes); i++) {
        const char *name = json_string_value(json_array_get(changes, i));
        if (!name || declared_change_of(name) < 0)
            lint_member(l, "changes", "element %zu must be CREATE, UPDATE, DELETE, UNDELETE, or one of these with GAP_",
                        i);
        else if (strncmp(name, "GAP_", 4) == 0 && (json_object_get(rule, "changed") || json_object_get(rule, "values")))
            lint_member(l, "changes", "element %zu: an event of a gap carries no fields; give it a rule of its own", i);
    }
    if (!all_texts(json_object_get(rule, "changed")) || !all_texts(json_object_get(rule, "unchanged")))
        lint_member(l, "changed", "and unchanged are names of fields");
    json_object_foreach (json_object_get(rule, "values"), field, list)
        if (!json_array_size(list) || !all_texts(list))
            lint_member(l, "values", "%s must be a list of texts", field);
}

static void lint_whens(struct lint *l, const json_t *when)
{
    size_t before = pointer_push(&l->at, span_of("when"));
    for (size_t i = 0; i < json_array_size(when); i++) {
        size_t here = pointer_push_index(&l->at, i);
        if (lint_object(l, json_array_get(when, i), when_rules, sizeof when_rules / sizeof *when_rules))
            lint_when(l, json_array_get(when, i));
        pointer_pop(&l->at, here);
    }
    pointer_pop(&l->at, before);
}

static bool is_of(const json_t *property, const char *type)
{
    return strcmp(declaration_text(property, "type"), type) == 0;
}

/* How records become the input. */
static void lint_records(struct lint *l, const json_t *events, const json_t *input)
{
    const char *topic = declaration_text(events, "topic"), *condition = declaration_text(events, "condition");
    const json_t *ids = declaration_property(input, declaration_text(events, "ids"));
    size_t i;
    json_t *name;
    if (strncmp(topic, "/data/", 6) != 0)
        lint_member(l, "topic", "must be that of change events, such as /data/OpportunityChangeEvent");
    if (!is_of(ids, "array") || !is_of(json_object_get(ids, "items"), "string"))
        lint_member(l, "ids", "must be a JSON Pointer to an array of texts of the input, such as /opportunityIds");
    if (*condition && !is_of(declaration_property(input, condition), "string"))
        lint_member(l, "condition", "must be a JSON Pointer to a text of the input, such as /condition");
    if (!*condition != !*declaration_text(events, "reconcile"))
        lint_member(l, "reconcile", "and condition belong together: where to, and which records");
    json_array_foreach (json_object_get(input, "required"), i, name)
        if (json_is_string(name) &&
            (*condition || strcmp(json_string_value(name), declaration_text(events, "ids") + 1) != 0))
            lint_member(l, "ids", "alone is what an event gives, but the input requires %s", json_string_value(name));
}

static void lint_events(struct lint *l, const json_t *root)
{
    const json_t *events = json_object_get(root, "events"), *complete = json_object_get(events, "complete");
    if (!json_is_object(events))
        return;
    if (!json_object_get(root, "job"))
        lint_member(l, "events", "start jobs: add \"job\" or take this out");
    size_t before = pointer_push(&l->at, span_of("events"));
    if (lint_object(l, events, events_rules, sizeof events_rules / sizeof *events_rules)) {
        lint_records(l, events, json_object_get(root, "input"));
        lint_whens(l, json_object_get(events, "when"));
        size_t here = pointer_push(&l->at, span_of("complete"));
        if (complete)
            lint_object(l, complete, complete_rules, sizeof complete_rules / sizeof *complete_rules);
        pointer_pop(&l->at, here);
    }
    pointer_pop(&l->at, before);
}

static void lint_callback(struct lint *l, const json_t *root)
{
    size_t before = pointer_push(&l->at, span_of("input"));
    if (declaration_property(json_object_get(root, "input"), "/callbackUrl"))
        lint_member(l, "properties", "must not have callbackUrl: the operation with Async behind its name gets it");
    pointer_pop(&l->at, before);
}

void lint_job(struct lint *l, const json_t *root)
{
    const json_t *job = json_object_get(root, "job"), *input = json_object_get(root, "input");
    lint_async(l, root);
    lint_events(l, root);
    if (json_is_object(job) || json_is_true(json_object_get(root, "async")))
        lint_callback(l, root);
    if (!json_is_object(job)) /* none, or told already */
        return;
    size_t before = pointer_push(&l->at, span_of("job"));
    if (lint_object(l, job, job_rules, sizeof job_rules / sizeof *job_rules))
        lint_values(l, job, input);
    pointer_pop(&l->at, before);
    lint_company(l, root, "job");
    if (takes_calls(root)) /* Data Cloud waits for nothing, and decides what it sends */
        lint_wait(l, input);
}

void lint_handler(struct lint *l, const struct declaration *d)
{
    const struct action *action = d->row->action;
    const struct action_job *job = action ? action->job : NULL;
    const bool output = json_object_get(d->root, "output") != NULL;
    if (!action || !action->run)
        lint_fault(l, "has no handler; define .run in struct action %s_action", d->row->name);
    if (job && !d->is_job)
        lint_fault(l, "has no \"job\", but struct action %s_action has .job; add \"job\": {} or take .job out",
                   d->row->name);
    if (!d->is_job)
        return;
    if (!job || !job->plan || !job->page)
        lint_member(l, "job", "needs .job with .plan and .page in struct action %s_action", d->row->name);
    else if (job->finish && !output)
        lint_member(l, "output", "is missing; it says what .finish answers");
    else if (!job->finish && output)
        lint_member(l, "output", "says what .finish answers, and there is none; define it, or take this out");
}
