/* action_schema.c - the tables of lint as a JSON Schema and as Markdown. */
#include <string.h>

#include "runtime/declare/lint.h"

static const struct lint_group *const all_groups[] = { lint_declaration_groups, lint_job_groups, lint_example_groups };
enum { GROUPS = sizeof all_groups / sizeof *all_groups };

/* What each type is called, and the keywords that bound it; in the order of the enum in lint_rule. */
static const struct {
    const char *name, *people, *min, *max;
} types[] = {
    [LINT_TEXT] = { "string", "text", "minLength", "maxLength" },
    [LINT_BOOLEAN] = { "boolean", "true or false", NULL, NULL },
    [LINT_OBJECT] = { "object", "object", NULL, NULL },
    [LINT_ARRAY] = { "array", "list", "minItems", "maxItems" },
    [LINT_INTEGER] = { "integer", "whole number", "minimum", "maximum" },
};

static bool bound(json_t *member, const char *keyword, size_t value)
{
    return !keyword || !value || json_object_set_new(member, keyword, json_integer((json_int_t)value)) == 0;
}

static json_t *rule_schema(const struct lint_rule *rule)
{
    json_t *member = json_pack("{s:s, s:s}", "type", types[rule->type].name, "description", rule->what);
    if (member && bound(member, types[rule->type].min, rule->min) && bound(member, types[rule->type].max, rule->max))
        return member;
    json_decref(member);
    return NULL;
}

static bool add_rules(json_t *object, const struct lint_group *group)
{
    json_t *properties = json_object(), *required = json_array();
    bool ok = json_object_set_new(object, "type", json_string("object")) == 0 &&
              json_object_set_new(object, "additionalProperties", json_false()) == 0 &&
              json_object_set_new(object, "properties", properties) == 0 &&
              json_object_set_new(object, "required", required) == 0;
    for (size_t i = 0; ok && i < group->n; i++) {
        const struct lint_rule *rule = &group->rules[i];
        ok = json_object_set_new(properties, rule->name, rule_schema(rule)) == 0 &&
             (!rule->required || json_array_append_new(required, json_string(rule->name)) == 0);
    }
    return ok;
}

/* The schema of the object at `at`, which a group before this one has named; elements of a list are its "items". */
static json_t *place(json_t *root, const char *at)
{
    struct span rest = span_of(at), name;
    json_t *here = root;
    while (here && rest.n && span_split(&rest, '/', &name)) {
        if (span_eq(name, "0")) {
            if (!json_object_get(here, "items") && json_object_set_new(here, "items", json_object()) != 0)
                return NULL;
            here = json_object_get(here, "items");
        } else {
            here = json_object_getn(json_object_get(here, "properties"), name.p, name.n);
        }
    }
    return here;
}

/* Input and output are schemas themselves. */
static bool refer(json_t *root)
{
    static const char *const sides[] = { "input", "output" };
    bool ok = true;
    for (int i = 0; i < 2; i++) {
        json_t *side = json_object_get(json_object_get(root, "properties"), sides[i]);
        json_t *all = json_pack("[{s:s}]", "$ref", "http://json-schema.org/draft-04/schema#");
        ok = side && json_object_set_new(side, "allOf", all) == 0 && ok;
    }
    return ok;
}

json_t *action_schema(void)
{
    json_t *root = json_pack("{s:s, s:s}", "$schema", "http://json-schema.org/draft-07/schema#", "title",
                             "action.json: the declaration of an action");
    bool ok = root != NULL;
    for (int k = 0; k < GROUPS; k++)
        for (const struct lint_group *g = all_groups[k]; ok && g->rules; g++) {
            json_t *object = place(root, g->at);
            ok = object && add_rules(object, g);
        }
    if (ok && refer(root))
        return root;
    json_decref(root);
    return NULL;
}

/* ---- for people ---- */

static void bounds_words(struct buf *out, const struct lint_rule *rule)
{
    static const char *const units[] = { [LINT_TEXT] = " characters", [LINT_ARRAY] = " elements", [LINT_INTEGER] = "" };
    if (!types[rule->type].min || (!rule->min && !rule->max))
        return;
    if (rule->min == 1 && !rule->max)
        buf_str(out, ", not empty");
    else if (rule->min && rule->max)
        buf_fmt(out, ", %zu to %zu%s", rule->min, rule->max, units[rule->type]);
    else
        buf_fmt(out, ", at %s %zu%s", rule->max ? "most" : "least", rule->max ? rule->max : rule->min,
                units[rule->type]);
}

/* "errors/0" -> errors[] */
static void heading(struct buf *out, const char *at)
{
    struct span rest = span_of(at), name;
    buf_str(out, "\n### ");
    if (!*at)
        buf_str(out, "The whole");
    for (bool first = true; rest.n && span_split(&rest, '/', &name); first = false) {
        if (span_eq(name, "0"))
            buf_str(out, "[]");
        else
            buf_fmt(out, "%s%.*s", first ? "" : ".", (int)name.n, name.p);
    }
    buf_str(out, "\n\n| member | | what |\n|---|---|---|\n");
}

void action_schema_tables(struct buf *out)
{
    for (int k = 0; k < GROUPS; k++)
        for (const struct lint_group *g = all_groups[k]; g->rules; g++) {
            heading(out, g->at);
            for (size_t i = 0; i < g->n; i++) {
                buf_fmt(out, "| `%s`%s | %s", g->rules[i].name, g->rules[i].required ? ", required" : "",
                        types[g->rules[i].type].people);
                bounds_words(out, &g->rules[i]);
                buf_fmt(out, " | %s |\n", g->rules[i].what);
            }
        }
}
