/*
 * lint_schema.c - what a schema must be to survive External Services, Flow and Agentforce. The compiler looks at the
 * same JSON and reports what is malformed; here that is passed over in silence, so that whoever mends a declaration
 * sees every fault at once, and each of them once.
 */
#include <string.h>
#include <strings.h>

#include "runtime/base/chars.h"
#include "runtime/declare/apex_names.h"
#include "runtime/declare/declaration.h"
#include "runtime/declare/lint.h"
#include "runtime/schema/schema_value.h"

static void lint_one(struct lint *l, const json_t *schema, bool needs_description);

static void lint_description(struct lint *l, const json_t *schema)
{
    const json_t *description = json_object_get(schema, "description");
    size_t n = value_code_points((struct span){ json_string_value(description), json_string_length(description) });
    if (!description)
        lint_member(l, "description",
                    "is missing; agents and Flow builders read it: say what it is and where to get it");
    else if (!json_is_string(description))
        return;
    else if (n < LINT_DESCRIPTION_MIN)
        lint_member(l, "description", "has %zu characters; say in at least %d what it is and where to get it", n,
                    LINT_DESCRIPTION_MIN);
    else if (n > LINT_DESCRIPTION_MAX)
        lint_member(l, "description", "has %zu characters; Salesforce cuts at %d", n, LINT_DESCRIPTION_MAX);
}

static void lint_number(struct lint *l, const char *type, const json_t *schema)
{
    bool has = json_object_get(schema, "format") != NULL;
    if (strcmp(type, "integer") == 0 && !has)
        lint_member(l, "format", "is missing; write int32 or int64, without it Salesforce guesses and drops defaults");
    if (strcmp(type, "number") == 0 && !has)
        lint_member(l, "format", "is missing; write double");
}

static void lint_enum(struct lint *l, const char *type, const json_t *values)
{
    size_t i;
    json_t *value;
    if (strcmp(type, "string") != 0) {
        lint_member(l, "enum", "stands on type %s; Flow handles lists of strings only", type);
        return;
    }
    json_array_foreach ((json_t *)values, i, value) {
        for (const char *c = json_string_value(value); c && *c; c++) {
            if (!char_printable(*c)) {
                lint_member(l, "enum", "value %zu is not plain ASCII; Salesforce would encode it", i + 1);
                break;
            }
        }
    }
}

static void lint_property_name(struct lint *l, const json_t *properties, const char *name)
{
    const char *fault = name_fault(name, LINT_DEVELOPER_NAME), *other;
    json_t *value;
    if (fault)
        lint_fault(l, "%s", fault);
    json_object_foreach ((json_t *)properties, other, value) {
        if (other == name || strcmp(other, name) == 0)
            break;
        if (strcasecmp(other, name) == 0)
            lint_fault(l, "differs from \"%s\" only by case, which Apex cannot tell apart; rename one", other);
    }
}

static void lint_extension(struct lint *l, const json_t *extension)
{
    static const struct lint_rule outer[] = { { "agent", LINT_OBJECT, true, 0, 0, NULL } },
                                  inner[] = { { "action", LINT_OBJECT, true, 0, 0, NULL } },
                                  flags[] = { { "isUserInput", LINT_BOOLEAN, false, 0, 0, NULL },
                                              { "isDisplayable", LINT_BOOLEAN, false, 0, 0, NULL } };
    size_t a = pointer_push(&l->at, span_of("x-sfdc"));
    if (lint_object(l, extension, outer, 1)) {
        const json_t *agent = json_object_get(extension, "agent");
        size_t b = pointer_push(&l->at, span_of("agent"));
        if (lint_object(l, agent, inner, 1)) {
            size_t c = pointer_push(&l->at, span_of("action"));
            lint_object(l, json_object_get(agent, "action"), flags, 2);
            pointer_pop(&l->at, c);
        }
        pointer_pop(&l->at, b);
    }
    pointer_pop(&l->at, a);
}

static void lint_required(struct lint *l, const json_t *schema)
{
    const json_t *properties = json_object_get(schema, "properties");
    size_t i;
    json_t *member;
    json_array_foreach (json_object_get(schema, "required"), i, member) {
        const char *name = json_string_value(member);
        if (name && (!properties || json_is_object(properties)) && !json_object_get(properties, name))
            lint_member(l, "required", "names \"%s\", which is no property; correct the spelling or add it", name);
    }
}

static void lint_properties(struct lint *l, const json_t *schema)
{
    const json_t *properties = json_object_get(schema, "properties"),
                 *more = json_object_get(schema, "additionalProperties");
    const char *name;
    json_t *member;
    size_t before = pointer_push(&l->at, span_of("properties"));
    json_object_foreach ((json_t *)properties, name, member) {
        size_t here = pointer_push(&l->at, span_of(name));
        lint_property_name(l, properties, name);
        lint_one(l, member, true);
        pointer_pop(&l->at, here);
    }
    pointer_pop(&l->at, before);
    lint_required(l, schema);
    if (!more || json_is_true(more))
        lint_member(l, "additionalProperties",
                    "is missing; write false: a misspelt member is then refused instead of ignored");
}

/* An agent is told of every level: there a list of texts needs a word on what each of them is. */
static void lint_items(struct lint *l, const json_t *schema)
{
    const json_t *items = json_object_get(schema, "items");
    size_t before = pointer_push(&l->at, span_of("items"));
    const char *type = declaration_text(items, "type");
    if (!items)
        lint_fault(l, "is missing; say what the array holds");
    else if (strcmp(type, "array") == 0)
        lint_fault(l, "is an array again; Flow cannot hold a list of lists, wrap the inner one in an object");
    else
        lint_one(l, items, l->agent || strcmp(type, "object") == 0);
    pointer_pop(&l->at, before);
}

/* Whether a schema is, or with its type mended would be, of the type that `member` belongs to. */
static bool is_like(const json_t *schema, const char *type, const char *member)
{
    const char *declared = declaration_text(schema, "type");
    return strcmp(declared, type) == 0 || (!*declared && json_object_get(schema, member));
}

/* All but the type itself. */
static void lint_members(struct lint *l, const json_t *schema, bool needs_description)
{
    const char *type = declaration_text(schema, "type");
    const json_t *values = json_object_get(schema, "enum"), *extension = json_object_get(schema, "x-sfdc");
    if (needs_description)
        lint_description(l, schema);
    lint_number(l, type, schema);
    if (json_is_array(values) && *type)
        lint_enum(l, type, values);
    if (json_is_object(extension))
        lint_extension(l, extension);
    if (is_like(schema, "object", "properties"))
        lint_properties(l, schema);
    if (is_like(schema, "array", "items"))
        lint_items(l, schema);
}

static void lint_one(struct lint *l, const json_t *schema, bool needs_description)
{
    if (!json_is_object(schema))
        return;
    if (!json_object_get(schema, "type"))
        lint_member(l, "type", "is missing; write object, array, string, integer, number or boolean");
    lint_members(l, schema, needs_description);
}

void lint_schema(struct lint *l, const struct declaration *d, const char *side)
{
    const json_t *schema = json_object_get(d->root, side), *type = json_object_get(schema, "type");
    bool other = json_is_string(type) && strcmp(json_string_value(type), "object") != 0;
    size_t before = pointer_push(&l->at, span_of(side));
    l->agent = declaration_is_agent_action(d);
    if (other || (json_is_object(schema) && !type))
        lint_member(l, "type", "must be object: Salesforce passes and takes objects");
    if (d->salesforce && !other && json_is_object(schema)) /* what has another type will be written anew */
        lint_members(l, schema, true);
    pointer_pop(&l->at, before);
}
