/* lint_declaration.c - the members of action.json and of host.json. */
#include <string.h>
#include <strings.h>

#include "runtime/base/chars.h"
#include "runtime/base/limits.h"
#include "runtime/declare/apex_names.h"
#include "runtime/declare/declaration.h"
#include "runtime/declare/lint.h"

#define COUNT(rules) (sizeof(rules) / sizeof *(rules))

enum {
    TIMEOUT_MIN_MS = 100,
    TIMEOUT_MAX_MS = 29000, /* the Heroku router gives up after 30 s */
    BODY_MIN = 64,
    LINT_REMEDY_MAX = 200,
    CHOICES_MIN = 2, /* of a member, with fewer there is nothing to choose */
    CHOICES_MAX = 40
};

static const struct lint_rule action_rules[] = {
    { "$schema", LINT_TEXT, false, 0, 0,
      "../../openapi/action.schema.json, by which editors complete and check the file" },
    { "operationId", LINT_TEXT, true, 0, 0, "Name of the operation; its path is this behind /api/" },
    { "tag", LINT_TEXT, true, 1, 40, "Heading under which the docs page and agents find it" },
    { "summary", LINT_TEXT, true, 5, 120, "One line for a list" },
    { "description", LINT_TEXT, true, LINT_DESCRIPTION_MIN, LINT_DESCRIPTION_MAX,
      "What it does and when to use it: the instruction that an agent reads" },
    { "accepts", LINT_ARRAY, true, 1, 0,
      "Who may call: \"salesforce\" (Flow, Apex, agents), \"dataAction\" (Data Cloud), or both" },
    { "limits", LINT_OBJECT, false, 0, 0, "Size of a body and time of a call" },
    { "agent", LINT_OBJECT, false, 0, 0, "Whether agents may use it" },
    { "schemaNames", LINT_OBJECT, false, 0, 0,
      "Names of the two shared schemas; not for an agent action, whose schemas stand inline" },
    { "pii", LINT_BOOLEAN, false, 0, 0, "Told to Salesforce: input or output hold personal data" },
    { "permissionSet", LINT_TEXT, false, 0, 0,
      "API name of a permission set that the client app of openapi/host.json activates for the call" },
    { "job", LINT_OBJECT, false, 0, 0, "The work goes on after the call: the handler has a .job" },
    { "events", LINT_OBJECT, false, 0, 0, "Change events that start the job" },
    { "async", LINT_BOOLEAN, false, 0, 0, "An action that is no job can be asked for as one, with a callback" },
    { "repeatable", LINT_TEXT, false, 20, 300, "With \"async\": why a second run does no harm" },
    { "input", LINT_OBJECT, true, 0, 0,
      "JSON Schema of what it takes: draft 4 as in OpenAPI 3.0; every object closed, every property described" },
    { "choices", LINT_OBJECT, false, 0, 0,
      "What people choose from where the schema takes any text, by JSON Pointer into the input" },
    { "output", LINT_OBJECT, false, 0, 0, "JSON Schema of what it gives; of a job: of what its finish gives" },
    { "errors", LINT_ARRAY, false, 0, 0, "What it refuses by itself" },
    { "settings", LINT_ARRAY, false, 0, 0, "Settings of its own, read from the environment" },
    { "examples", LINT_ARRAY, true, 1, 0, "Calls that are shown on the docs page and run as tests" },
};
static const struct lint_rule limits_rules[] = {
    { "bodyBytes", LINT_INTEGER, false, BODY_MIN, LIMIT_BODY_MAX, "Largest body in bytes" },
    { "timeoutMs", LINT_INTEGER, false, TIMEOUT_MIN_MS, TIMEOUT_MAX_MS, "Longest time of a call in milliseconds" },
};
static const struct lint_rule agent_rules[] = { { "publish", LINT_BOOLEAN, true, 0, 0,
                                                  "Whether it is published as an agent action" } };
static const struct lint_rule schema_name_rules[] = {
    { "input", LINT_TEXT, true, 0, 0, "Name of the input schema" },
    { "output", LINT_TEXT, true, 0, 0, "Name of the output schema" },
};
static const struct lint_rule error_rules[] = {
    { "code", LINT_TEXT, true, 0, 0, "What a caller compares: lower_snake_case" },
    { "status", LINT_INTEGER, true, 400, 599, "HTTP status: 403, 404, 409, 422, 429, 502, 503 or 504" },
    { "description", LINT_TEXT, true, LINT_DESCRIPTION_MIN, LINT_DESCRIPTION_MAX, "When it comes" },
    { "remedy", LINT_TEXT, false, LINT_DESCRIPTION_MIN, LINT_REMEDY_MAX, "What to do" },
};
static const struct lint_rule setting_rules[] = {
    { "name", LINT_TEXT, true, 0, 0, "UPPER_SNAKE_CASE" },
    { "default", LINT_TEXT, false, 0, 0, "Value when it is not set" },
    { "description", LINT_TEXT, true, LINT_DESCRIPTION_MIN, LINT_DESCRIPTION_MAX, "What it is for" },
    { "secret", LINT_BOOLEAN, false, 0, 0, "Whether its value is never shown" },
};

const struct lint_group lint_declaration_groups[] = {
    { "", action_rules, COUNT(action_rules) },
    { "limits", limits_rules, COUNT(limits_rules) },
    { "agent", agent_rules, COUNT(agent_rules) },
    { "schemaNames", schema_name_rules, COUNT(schema_name_rules) },
    { "errors/0", error_rules, COUNT(error_rules) },
    { "settings/0", setting_rules, COUNT(setting_rules) },
    { NULL, NULL, 0 },
};

/* Checks each element of a list against rules, then by `more` (may be NULL). */
typedef void element_fn(struct lint *l, const json_t *list, size_t i);

static void lint_list(struct lint *l, const json_t *object, const char *name, const struct lint_rule *rules, size_t n,
                      element_fn *more)
{
    const json_t *list = json_object_get(object, name);
    size_t i, before = pointer_push(&l->at, span_of(name));
    json_t *element;
    json_array_foreach ((json_t *)list, i, element) {
        size_t here = pointer_push_index(&l->at, i);
        if (lint_object(l, element, rules, n) && more)
            more(l, list, i);
        pointer_pop(&l->at, here);
    }
    pointer_pop(&l->at, before);
}

/* Whether an element before i has the same text under `name`. */
static bool repeats(const json_t *list, size_t i, const char *name)
{
    const char *text = declaration_text(json_array_get(list, i), name);
    for (size_t k = 0; *text && k < i; k++) {
        const char *other = declaration_text(json_array_get(list, k), name);
        if (strcasecmp(other, text) == 0)
            return true;
    }
    return false;
}

static bool lower_snake_char(char c)
{
    return char_lower(c) || char_digit(c) || c == '_';
}

static bool upper_snake_char(char c)
{
    return char_upper(c) || char_digit(c) || c == '_';
}

static void one_error(struct lint *l, const json_t *list, size_t i)
{
    static const int statuses[] = { 403, 404, 409, 422, 429, 502, 503, 504 };
    const json_t *error = json_array_get(list, i);
    json_int_t status = json_integer_value(json_object_get(error, "status"));
    const char *code = declaration_text(error, "code");
    bool known = false;
    for (size_t k = 0; k < COUNT(statuses); k++)
        known |= statuses[k] == status;
    if (!known)
        lint_member(l, "status",
                    "must be one of 403, 404, 409, 422, 429, 502, 503, 504; the others are the host's own");
    if (!char_lower(*code) || !span_all(span_of(code), lower_snake_char) || strlen(code) > 63)
        lint_member(l, "code", "must be lower_snake_case of at most 63 characters, such as unknown_airport");
    if (repeats(list, i, "code"))
        lint_member(l, "code", "is declared twice; leave one out");
}

static void one_setting(struct lint *l, const json_t *list, size_t i)
{
    const char *name = declaration_text(json_array_get(list, i), "name");
    if (!char_upper(*name) || !span_all(span_of(name), upper_snake_char) || strlen(name) > 64)
        lint_member(l, "name", "must be UPPER_SNAKE_CASE of at most 64 characters, such as RATE_PROVIDERS");
    if (repeats(list, i, "name"))
        lint_member(l, "name", "is declared twice; leave one out");
}

static void lint_callers(struct lint *l, const json_t *root)
{
    const json_t *accepts = json_object_get(root, "accepts"), *agent = json_object_get(root, "agent");
    bool salesforce = false;
    size_t i;
    json_t *item;
    json_array_foreach ((json_t *)accepts, i, item) {
        const char *text = json_string_value(item);
        if (!text || (strcmp(text, "salesforce") != 0 && strcmp(text, "dataAction") != 0))
            lint_member(l, "accepts", "element %zu must be \"salesforce\" or \"dataAction\"", i);
        else if (strcmp(text, "salesforce") == 0)
            salesforce = true;
    }
    if (json_is_true(json_object_get(agent, "publish")) && json_is_array(accepts) && !salesforce)
        lint_member(l, "agent",
                    "publishes an action that agents cannot call; add \"salesforce\" to accepts or take agent out");
    if (json_is_true(json_object_get(agent, "publish")) && json_object_get(root, "schemaNames"))
        lint_member(l, "schemaNames", "has no effect on an agent action, whose schemas stand inline; take it out");
}

/* The schema of a member of the input, by a pointer like /overrides/headline; NULL when there is none. */
static const json_t *input_member(const json_t *input, const char *pointer)
{
    struct span rest = span_of(pointer), name;
    if (!span_split(&rest, '/', &name) || name.n)
        return NULL;
    while (input && span_split(&rest, '/', &name))
        input = json_object_getn(json_object_get(input, "properties"), name.p, name.n);
    return input;
}

/* What people may choose of where the schema itself takes any text: {"/template": ["gradient", ...]}. */
static void lint_choices(struct lint *l, const json_t *root)
{
    const json_t *choices = json_object_get(root, "choices");
    size_t before = pointer_push(&l->at, span_of("choices"));
    const char *pointer;
    json_t *list, *one;
    json_object_foreach ((json_t *)choices, pointer, list) {
        size_t i, n = json_array_size(list);
        bool texts = n >= CHOICES_MIN && n <= CHOICES_MAX;
        json_array_foreach (list, i, one)
            texts = texts && json_string_length(one) > 0;
        if (!texts)
            lint_member(l, pointer, "must be a list of %d to %d texts", CHOICES_MIN, CHOICES_MAX);
        if (!input_member(json_object_get(root, "input"), pointer))
            lint_member(l, pointer, "is no member of the input; write it like /template");
    }
    pointer_pop(&l->at, before);
}

static void lint_schema_names(struct lint *l, const json_t *root)
{
    const json_t *names = json_object_get(root, "schemaNames");
    size_t before = pointer_push(&l->at, span_of("schemaNames"));
    if (names && lint_object(l, names, schema_name_rules, COUNT(schema_name_rules))) {
        for (size_t i = 0; i < COUNT(schema_name_rules); i++) {
            const char *fault = name_fault(declaration_text(names, schema_name_rules[i].name), LINT_NAME);
            if (fault)
                lint_member(l, schema_name_rules[i].name, "%s", fault);
        }
    }
    pointer_pop(&l->at, before);
}

static void lint_part(struct lint *l, const json_t *root, const char *name, const struct lint_rule *rules, size_t n)
{
    const json_t *part = json_object_get(root, name);
    size_t before = pointer_push(&l->at, span_of(name));
    if (part)
        lint_object(l, part, rules, n);
    pointer_pop(&l->at, before);
}

void lint_declaration(struct lint *l, const json_t *root, const json_t *host)
{
    const char *operation = declaration_text(root, "operationId"),
               *permission = declaration_text(root, "permissionSet");
    lint_object(l, root, action_rules, COUNT(action_rules));
    if (!json_object_get(root, "output") && !json_object_get(root, "job"))
        lint_member(l, "output", "is missing; add it");
    if (json_object_get(root, "operationId") && name_fault(operation, LINT_NAME))
        lint_member(l, "operationId", "%s (at most %d characters)", name_fault(operation, LINT_NAME), LINT_NAME);
    if (json_object_get(root, "permissionSet") && !name_is_developer_name(permission, LINT_DEVELOPER_NAME))
        lint_member(l, "permissionSet",
                    "must be the API name of a permission set: letters, digits, single underscores, a letter first");
    if (*permission && !json_object_get(host, "clientApp"))
        lint_member(l, "permissionSet",
                    "needs \"clientApp\" in openapi/host.json, which names the app that may activate it");
    lint_callers(l, root);
    lint_choices(l, root);
    lint_schema_names(l, root);
    lint_part(l, root, "limits", limits_rules, COUNT(limits_rules));
    lint_part(l, root, "agent", agent_rules, COUNT(agent_rules));
    lint_list(l, root, "errors", error_rules, COUNT(error_rules), one_error);
    lint_list(l, root, "settings", setting_rules, COUNT(setting_rules), one_setting);
    lint_job(l, root);
}

/* ---- host.json ---- */

static const struct lint_rule host_rules[] = {
    { "title", LINT_TEXT, true, 1, 80, NULL },
    { "description", LINT_TEXT, true, LINT_DESCRIPTION_MIN, LINT_DESCRIPTION_MAX, NULL },
    { "contact", LINT_OBJECT, true, 0, 0, NULL },
    { "server", LINT_OBJECT, true, 0, 0, NULL },
    { "clientApp", LINT_OBJECT, false, 0, 0, NULL },
    { "agentTopic", LINT_OBJECT, true, 0, 0, NULL },
    { "tags", LINT_ARRAY, false, 0, 0, NULL },
};
static const struct lint_rule contact_rules[] = {
    { "name", LINT_TEXT, true, 1, 80, NULL },
    { "url", LINT_TEXT, false, 1, 200, NULL },
    { "email", LINT_TEXT, false, 3, 200, NULL },
};
static const struct lint_rule server_rules[] = {
    { "url", LINT_TEXT, true, 1, 200, NULL },
    { "description", LINT_TEXT, true, 1, 200, NULL },
};
static const struct lint_rule client_app_rules[] = {
    { "connectedApp", LINT_TEXT, false, 1, LINT_DEVELOPER_NAME, NULL },
    { "externalClientApp", LINT_TEXT, false, 1, LINT_DEVELOPER_NAME, NULL },
};
static const struct lint_rule topic_rules[] = {
    { "name", LINT_TEXT, true, 1, LINT_DEVELOPER_NAME, NULL },
    { "classificationDescription", LINT_TEXT, true, LINT_DESCRIPTION_MIN, LINT_DESCRIPTION_MAX, NULL },
    { "scope", LINT_TEXT, true, LINT_DESCRIPTION_MIN, LINT_DESCRIPTION_MAX, NULL },
    { "instructions", LINT_ARRAY, true, 1, 0, NULL },
};
static const struct lint_rule tag_rules[] = {
    { "name", LINT_TEXT, true, 1, 40, NULL },
    { "description", LINT_TEXT, true, LINT_DESCRIPTION_MIN, LINT_DESCRIPTION_MAX, NULL },
};

static void one_tag(struct lint *l, const json_t *list, size_t i)
{
    if (repeats(list, i, "name"))
        lint_member(l, "name", "is described twice; leave one out");
}

static void lint_client_app(struct lint *l, const json_t *app)
{
    const char *name;
    json_t *value;
    if (!app)
        return;
    if (json_object_size(app) != 1)
        lint_member(l, "clientApp", "must have exactly one of externalClientApp and connectedApp");
    json_object_foreach ((json_t *)app, name, value) {
        if (json_is_string(value) && !name_is_developer_name(json_string_value(value), LINT_DEVELOPER_NAME))
            lint_member(l, "clientApp", "must be an API name: letters, digits, single underscores, a letter first");
    }
}

static bool topic_char(char c)
{
    return char_alnum(c) || c == '_' || c == ' ';
}

/* Letters, digits, and single blanks or underscores between them; a letter first. */
static bool topic_name(const char *name)
{
    if (!char_letter(*name) || !span_all(span_of(name), topic_char))
        return false;
    for (const char *c = name; *c; c++)
        if (strchr("_ ", *c) && (!c[1] || strchr("_ ", c[1])))
            return false;
    return true;
}

static void lint_topic(struct lint *l, const json_t *topic)
{
    const char *name = declaration_text(topic, "name");
    size_t i, before = pointer_push(&l->at, span_of("agentTopic"));
    json_t *item;
    if (*name && !topic_name(name))
        lint_member(l, "name", "must begin with a letter and hold letters, digits and single underscores between them");
    json_array_foreach (json_object_get(topic, "instructions"), i, item) {
        if (!json_is_string(item) || json_string_length(item) < LINT_DESCRIPTION_MIN)
            lint_member(l, "instructions", "element %zu must be a sentence", i);
    }
    pointer_pop(&l->at, before);
}

void lint_host(struct lint *l, const json_t *host)
{
    lint_object(l, host, host_rules, COUNT(host_rules));
    lint_part(l, host, "contact", contact_rules, COUNT(contact_rules));
    lint_part(l, host, "server", server_rules, COUNT(server_rules));
    lint_part(l, host, "clientApp", client_app_rules, COUNT(client_app_rules));
    lint_part(l, host, "agentTopic", topic_rules, COUNT(topic_rules));
    lint_client_app(l, json_object_get(host, "clientApp"));
    lint_topic(l, json_object_get(host, "agentTopic"));
    lint_list(l, host, "tags", tag_rules, COUNT(tag_rules), one_tag);
}
