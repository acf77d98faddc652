/*
 * schema.c - checks a value against a compiled schema. The recursion follows the schema, whose depth is bounded, and
 * never the value. Messages are written for a caller who may be a language model: what is wrong here, what to send
 * instead.
 */
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "runtime/base/json_text.h"
#include "runtime/base/limits.h"
#include "runtime/base/near.h"
#include "runtime/schema/schema_parts.h"
#include "runtime/schema/schema_value.h"

enum { MESSAGE_SIZE = 400, NAME_SIZE = 64 };

struct check {
    struct pointer at;
    schema_report_fn *report;
    void *ctx;
    size_t count;
};

static void say(struct check *c, const char *code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void say(struct check *c, const char *code, const char *fmt, ...)
{
    char whole[2 * MESSAGE_SIZE], message[MESSAGE_SIZE];
    va_list ap;
    if (c->count++ >= LIMIT_VIOLATIONS || !c->report)
        return;
    va_start(ap, fmt);
    vsnprintf(whole, sizeof whole, fmt, ap);
    va_end(ap);
    text_excerpt(message, sizeof message, span_trim(span_of(whole)));
    c->report(c->ctx, c->at.text, code, message);
}

static void check_value(struct check *c, const struct schema *s, const json_t *v);

/* ---- types ---- */

static const char *const wanted[SCHEMA_TYPES] = {
    [SCHEMA_ANY] = "any value",
    [SCHEMA_OBJECT] = "an object",
    [SCHEMA_ARRAY] = "an array",
    [SCHEMA_STRING] = "a string in quotes",
    [SCHEMA_INTEGER] = "a whole number without quotes or decimal point",
    [SCHEMA_NUMBER] = "a number without quotes",
    [SCHEMA_BOOLEAN] = "true or false without quotes",
};

static const char *kind_of(const json_t *v)
{
    static const char *const kinds[] = {
        [JSON_OBJECT] = "an object",
        [JSON_ARRAY] = "an array",
        [JSON_STRING] = "a string",
        [JSON_INTEGER] = "a whole number",
        [JSON_REAL] = "a number with a decimal point or exponent",
        [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",
        [JSON_NULL] = "null",
    };
    return kinds[json_typeof(v)];
}

static bool has_type(enum schema_type type, const json_t *v)
{
    switch (type) {
    case SCHEMA_OBJECT:
        return json_is_object(v);
    case SCHEMA_ARRAY:
        return json_is_array(v);
    case SCHEMA_STRING:
        return json_is_string(v);
    case SCHEMA_INTEGER:
        return json_is_integer(v);
    case SCHEMA_NUMBER:
        return json_is_integer(v) || (json_is_real(v) && isfinite(json_real_value(v)));
    case SCHEMA_BOOLEAN:
        return json_is_boolean(v);
    case SCHEMA_ANY:
    case SCHEMA_TYPES:
        break;
    }
    return true;
}

/* ---- strings ---- */

/* " It is: <description>" helps whoever has to make up the value; "" when there is none. */
static const char *about(const struct schema *s)
{
    return s && s->description ? s->description : "";
}

static void check_pattern(struct check *c, const struct schema *s, struct span text)
{
    if (!s->pattern)
        return;
    if (text.n > PATTERN_INPUT)
        say(c, "too_long", "Must have at most %d bytes.", PATTERN_INPUT);
    else if (!pattern_match(s->pattern, text))
        say(c, "pattern", "Must match the pattern %s. %s", s->pattern_text, about(s));
}

static void check_string_format(struct check *c, const struct schema *s, struct span text)
{
    if (s->format == FORMAT_DATE && !value_is_date(text))
        say(c, "format", "Must be a calendar date such as 2026-01-31.");
    if (s->format == FORMAT_DATE_TIME && !value_is_date_time(text))
        say(c, "format", "Must be a date and time with offset such as 2026-01-31T09:30:00Z.");
    if (s->format != FORMAT_SALESFORCE_ID)
        return;
    enum id_verdict verdict = value_is_salesforce_id(text);
    if (verdict == ID_SHAPE)
        say(c, "format",
            "Must be a Salesforce record id: 15 or 18 letters and digits, exactly as Salesforce shows it. %s",
            about(s));
    if (verdict == ID_CHECKSUM)
        say(c, "bad_id_checksum",
            "The last three characters do not fit the first fifteen, so a character was changed. "
            "Copy the record id again, with upper and lower case as Salesforce shows it.");
}

static void check_string(struct check *c, const struct schema *s, const json_t *v)
{
    struct span text = { json_string_value(v), json_string_length(v) };
    size_t n = s->min_length >= 0 || s->max_length >= 0 ? value_code_points(text) : 0;
    if (s->min_length >= 0 && n < (size_t)s->min_length)
        say(c, "too_short", "Must have at least %lld characters; this has %zu. %s", (long long)s->min_length, n,
            about(s));
    if (s->max_length >= 0 && n > (size_t)s->max_length) {
        say(c, "too_long", "Must have at most %lld characters; this has %zu.", (long long)s->max_length, n);
        return;
    }
    check_pattern(c, s, text);
    check_string_format(c, s, text);
}

/* ---- numbers ---- */

static void number_text(char *out, size_t size, const json_t *v)
{
    if (json_is_integer(v))
        snprintf(out, size, "%lld", (long long)json_integer_value(v));
    else
        snprintf(out, size, "%.15g", json_real_value(v));
}

static void check_number(struct check *c, const struct schema *s, const json_t *v)
{
    char limit[40];
    int low = s->minimum ? value_compare(v, s->minimum) : 1, high = s->maximum ? value_compare(v, s->maximum) : -1;
    if (low < 0 || (low == 0 && s->exclusive_minimum)) {
        number_text(limit, sizeof limit, s->minimum);
        say(c, "minimum", "Must be %s %s.", s->exclusive_minimum ? "more than" : "at least", limit);
    }
    if (high > 0 || (high == 0 && s->exclusive_maximum)) {
        number_text(limit, sizeof limit, s->maximum);
        say(c, "maximum", "Must be %s %s.", s->exclusive_maximum ? "less than" : "at most", limit);
    }
    if (s->multiple_of && !value_is_multiple(v, s->multiple_of)) {
        number_text(limit, sizeof limit, s->multiple_of);
        say(c, "multiple_of", "Must be a multiple of %s.", limit);
    }
    if (s->format == FORMAT_INT32 && (json_integer_value(v) < INT32_MIN || json_integer_value(v) > INT32_MAX))
        say(c, "format", "Must be between -2147483648 and 2147483647.");
    if (s->format == FORMAT_FLOAT && fabs(json_number_value(v)) > (double)FLT_MAX)
        say(c, "format", "Must fit a single-precision number.");
}

/* ---- enum ---- */

static bool listed(const json_t *values, const json_t *v)
{
    size_t i;
    json_t *one;
    json_array_foreach ((json_t *)values, i, one) {
        if (value_equal(one, v))
            return true;
    }
    return false;
}

static void check_enum(struct check *c, const struct schema *s, const json_t *v)
{
    size_t i;
    json_t *one;
    struct buf text;
    if (listed(s->values, v))
        return;
    buf_init(&text, 2 * MESSAGE_SIZE);
    json_array_foreach ((json_t *)s->values, i, one) {
        if (!buf_str(&text, i ? ", " : "") || !buf_json(&text, one))
            break;
    }
    say(c, "enum", "Must be one of: %s.", text.p ? text.p : "");
    buf_free(&text);
}

/* ---- objects and arrays ---- */

static const struct schema_property *property(const struct schema *s, const char *name)
{
    for (size_t i = 0; i < s->property_count; i++)
        if (strcmp(s->properties[i].name, name) == 0)
            return &s->properties[i];
    return NULL;
}

static void check_required(struct check *c, const struct schema *s, const json_t *v)
{
    size_t i;
    json_t *item;
    json_array_foreach ((json_t *)s->required, i, item) {
        const char *name = json_string_value(item);
        if (json_object_get(v, name))
            continue;
        const struct schema_property *p = property(s, name);
        size_t before = pointer_push(&c->at, span_of(name));
        say(c, "required", "Is missing; add \"%s\". %s", name, about(p ? p->schema : NULL));
        pointer_pop(&c->at, before);
    }
}

/* Whether `name` ends in the word `word`, as campaignType does in type. */
static bool ends_in_word(const char *name, const char *word)
{
    size_t n = strlen(name), m = strlen(word);
    const char *end = m < n ? name + n - m : "";
    return *end >= 'A' && *end <= 'Z' && strcasecmp(end, word) == 0;
}

/* The property that ends in `word`. NULL when it is there already, or when several do: which of them, is a guess. */
static const char *longer(const struct schema *s, const json_t *v, const char *word)
{
    const char *found = NULL;
    for (size_t i = 0; i < s->property_count; i++) {
        if (!ends_in_word(s->properties[i].name, word))
            continue;
        if (found)
            return NULL;
        found = s->properties[i].name;
    }
    return found && !json_object_get(v, found) ? found : NULL;
}

/* A property that `name` was probably meant to be and that is not already there: near in spelling, or longer. */
static const char *meant(const struct schema *s, const json_t *v, const char *name)
{
    for (size_t i = 0; i < s->property_count; i++)
        if (!json_object_get(v, s->properties[i].name) && near_name(name, s->properties[i].name))
            return s->properties[i].name;
    return longer(s, v, name);
}

static void say_unknown(struct check *c, const struct schema *s, const json_t *v, const char *name)
{
    char shown[NAME_SIZE];
    struct buf names;
    if (c->count >= LIMIT_VIOLATIONS) {
        c->count++;
        return;
    }
    const char *near = meant(s, v, name);
    text_excerpt(shown, sizeof shown, span_of(name));
    buf_init(&names, 2 * MESSAGE_SIZE);
    for (size_t i = 0; i < s->property_count; i++)
        buf_fmt(&names, "%s%s", i ? ", " : "", s->properties[i].name);
    size_t before = pointer_push(&c->at, span_of(name));
    if (near)
        say(c, "unknown_member", "Is not known here; rename \"%s\" to \"%s\".", shown, near);
    else
        say(c, "unknown_member", "Is not known here; leave \"%s\" out. Known members: %s.", shown,
            names.n ? names.p : "none");
    pointer_pop(&c->at, before);
    buf_free(&names);
}

static void check_object(struct check *c, const struct schema *s, const json_t *v)
{
    const char *name;
    json_t *member;
    check_required(c, s, v);
    for (size_t i = 0; i < s->property_count; i++) {
        const json_t *value = json_object_get(v, s->properties[i].name);
        if (!value)
            continue;
        size_t before = pointer_push(&c->at, span_of(s->properties[i].name));
        check_value(c, s->properties[i].schema, value);
        pointer_pop(&c->at, before);
    }
    if (!s->closed)
        return;
    json_object_foreach ((json_t *)v, name, member) {
        if (!json_object_get(s->members, name))
            say_unknown(c, s, v, name);
    }
}

static void check_array(struct check *c, const struct schema *s, const json_t *v)
{
    size_t n = json_array_size(v), first, second;
    if (s->min_items >= 0 && n < (size_t)s->min_items)
        say(c, "too_few", "Must have at least %lld elements; this has %zu.", (long long)s->min_items, n);
    if (s->max_items >= 0 && n > (size_t)s->max_items) {
        say(c, "too_many", "Must have at most %lld elements; this has %zu.", (long long)s->max_items, n);
        return;
    }
    if (s->unique && value_has_twins(v, &first, &second))
        say(c, "not_unique", "Elements %zu and %zu are equal; each may stand only once.", first, second);
    for (size_t i = 0; s->items && i < n; i++) {
        size_t before = pointer_push_index(&c->at, i);
        check_value(c, s->items, json_array_get(v, i));
        pointer_pop(&c->at, before);
    }
}

static void check_value(struct check *c, const struct schema *s, const json_t *v)
{
    if (json_is_null(v) && s->nullable)
        return;
    if (!has_type(s->type, v)) {
        say(c, "type", "Must be %s, not %s. %s", wanted[s->type], kind_of(v), about(s));
        return;
    }
    if (s->values)
        check_enum(c, s, v);
    if (json_is_string(v))
        check_string(c, s, v);
    else if (json_is_number(v))
        check_number(c, s, v);
    else if (json_is_object(v))
        check_object(c, s, v);
    else if (json_is_array(v))
        check_array(c, s, v);
}

size_t schema_check(const struct schema *s, const json_t *value, schema_report_fn *report, void *ctx)
{
    struct check c = { .report = report, .ctx = ctx };
    check_value(&c, s, value);
    return c.count;
}

void schema_drop_nulls(const struct schema *s, json_t *value)
{
    if (json_is_array(value) && s->items) {
        for (size_t i = 0; i < json_array_size(value); i++)
            schema_drop_nulls(s->items, json_array_get(value, i));
        return;
    }
    if (!json_is_object(value))
        return;
    for (size_t i = 0; i < s->property_count; i++) {
        const struct schema_property *p = &s->properties[i];
        json_t *member = json_object_get(value, p->name);
        if (json_is_null(member) && !p->required && !p->schema->nullable)
            json_object_del(value, p->name);
        else if (member)
            schema_drop_nulls(p->schema, member);
    }
}

bool schema_fill_defaults(const struct schema *s, json_t *value)
{
    bool ok = true;
    for (size_t i = 0; s->items && i < json_array_size(value); i++)
        ok = schema_fill_defaults(s->items, json_array_get(value, i)) && ok;
    for (size_t i = 0; json_is_object(value) && i < s->property_count; i++) {
        const struct schema_property *p = &s->properties[i];
        json_t *member = json_object_get(value, p->name);
        if (member)
            ok = schema_fill_defaults(p->schema, member) && ok;
        else if (p->schema->standard)
            ok = json_object_set_new(value, p->name, json_deep_copy(p->schema->standard)) == 0 && ok;
    }
    return ok;
}
