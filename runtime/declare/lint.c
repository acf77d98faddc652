/* lint.c - faults with their place, and the shape of objects. */
#include "runtime/declare/lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/near.h"
#include "runtime/schema/schema_value.h"

static void line(struct lint *l, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
static void line(struct lint *l, const char *fmt, va_list ap)
{
    char text[1024];
    vsnprintf(text, sizeof text, fmt, ap);
    buf_fmt(l->out, "%s: %s%s%s\n", l->file, l->at.text, *l->at.text ? ": " : "", text);
    l->count++;
}

bool lint_fault(struct lint *l, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    line(l, fmt, ap);
    va_end(ap);
    return false;
}

bool lint_member(struct lint *l, const char *name, const char *fmt, ...)
{
    va_list ap;
    size_t before = pointer_push(&l->at, span_of(name));
    va_start(ap, fmt);
    line(l, fmt, ap);
    va_end(ap);
    pointer_pop(&l->at, before);
    return false;
}

static bool text_rule(struct lint *l, const struct lint_rule *rule, const json_t *v)
{
    if (!json_is_string(v))
        return lint_member(l, rule->name, "must be a string");
    size_t n = value_code_points((struct span){ json_string_value(v), json_string_length(v) });
    if (n < rule->min)
        return lint_member(l, rule->name, "must have at least %zu characters; say what it does and when to use it",
                           rule->min);
    if (rule->max && n > rule->max)
        return lint_member(l, rule->name, "has %zu characters; shorten it to at most %zu", n, rule->max);
    return true;
}

static bool rule_holds(struct lint *l, const struct lint_rule *rule, const json_t *v)
{
    switch (rule->type) {
    case LINT_TEXT:
        return text_rule(l, rule, v);
    case LINT_BOOLEAN:
        return json_is_boolean(v) ? true : lint_member(l, rule->name, "must be true or false");
    case LINT_OBJECT:
        return json_is_object(v) ? true : lint_member(l, rule->name, "must be an object");
    case LINT_ARRAY:
        if (!json_is_array(v))
            return lint_member(l, rule->name, "must be a list");
        if (json_array_size(v) < rule->min)
            return lint_member(l, rule->name, "must have at least %zu element%s", rule->min, rule->min == 1 ? "" : "s");
        return true;
    case LINT_INTEGER:
        if (!json_is_integer(v) || json_integer_value(v) < (json_int_t)rule->min ||
            (rule->max && json_integer_value(v) > (json_int_t)rule->max))
            return lint_member(l, rule->name, "must be a whole number from %zu to %zu", rule->min, rule->max);
        return true;
    }
    return true;
}

static const struct lint_rule *rule_of(const struct lint_rule *rules, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(rules[i].name, name) == 0)
            return &rules[i];
    return NULL;
}

static void unknown_member(struct lint *l, const struct lint_rule *rules, size_t n, const char *name)
{
    struct buf names;
    for (size_t i = 0; i < n; i++) {
        if (near_name(name, rules[i].name)) {
            lint_member(l, name, "is not known; did you mean \"%s\"?", rules[i].name);
            return;
        }
    }
    buf_init(&names, 1024);
    for (size_t i = 0; i < n; i++)
        buf_fmt(&names, "%s%s", i ? ", " : "", rules[i].name);
    lint_member(l, name, "is not known; take it out. Known here: %s", names.p ? names.p : "nothing");
    buf_free(&names);
}

bool lint_object(struct lint *l, const json_t *object, const struct lint_rule *rules, size_t n)
{
    size_t before = l->count;
    const char *name;
    json_t *value;
    if (!json_is_object(object))
        return lint_fault(l, "must be an object");
    for (size_t i = 0; i < n; i++)
        if (rules[i].required && !json_object_get(object, rules[i].name))
            lint_member(l, rules[i].name, "is missing; add it");
    json_object_foreach ((json_t *)object, name, value) {
        const struct lint_rule *rule = rule_of(rules, n, name);
        if (rule)
            rule_holds(l, rule, value);
        else
            unknown_member(l, rules, n, name);
    }
    return l->count == before;
}
