/* schema_compile.c - from the JSON of a declaration to the form that is checked per call. */
#include <stdlib.h>
#include <string.h>

#include "runtime/schema/schema_parts.h"
#include "runtime/schema/schema_value.h"

enum { MAX_DEPTH = 16 }; /* of a schema, and so of the recursion of every check */

struct compiler {
    struct pointer at;
    struct buf *faults;
    bool failed;
    int depth;
};

static const char *const type_names[SCHEMA_TYPES] = {
    [SCHEMA_ANY] = "",
    [SCHEMA_OBJECT] = "object",
    [SCHEMA_ARRAY] = "array",
    [SCHEMA_STRING] = "string",
    [SCHEMA_INTEGER] = "integer",
    [SCHEMA_NUMBER] = "number",
    [SCHEMA_BOOLEAN] = "boolean",
};

/* Which types a format may stand on, as bits. */
#define ON(type) (1u << (type))
static const struct {
    const char *name;
    unsigned types;
} formats[FORMATS] = {
    [FORMAT_NONE] = { "", 0 },
    [FORMAT_DATE] = { "date", ON(SCHEMA_STRING) },
    [FORMAT_DATE_TIME] = { "date-time", ON(SCHEMA_STRING) },
    [FORMAT_INT32] = { "int32", ON(SCHEMA_INTEGER) },
    [FORMAT_INT64] = { "int64", ON(SCHEMA_INTEGER) },
    [FORMAT_FLOAT] = { "float", ON(SCHEMA_NUMBER) },
    [FORMAT_DOUBLE] = { "double", ON(SCHEMA_NUMBER) },
    [FORMAT_SALESFORCE_ID] = { "salesforce-id", ON(SCHEMA_STRING) },
};

static bool fault(struct compiler *c, const char *what)
{
    c->failed = true;
    buf_fmt(c->faults, "%s: %s\n", c->at.text, what);
    return false;
}

/* As fault, one level below. */
static bool fault_at(struct compiler *c, const char *keyword, const char *what)
{
    size_t before = pointer_push(&c->at, span_of(keyword));
    fault(c, what);
    pointer_pop(&c->at, before);
    return false;
}

static struct schema *compile(struct compiler *c, const json_t *json);

/* ---- one function per kind of keyword ---- */

typedef bool keyword_fn(struct compiler *c, struct schema *s, const char *name, const json_t *v);

static bool read_type(struct compiler *c, struct schema *s, const char *name, const json_t *v)
{
    const char *text = json_string_value(v);
    for (int i = SCHEMA_OBJECT; text && i < SCHEMA_TYPES; i++) {
        if (strcmp(text, type_names[i]) == 0) {
            s->type = (enum schema_type)i;
            return true;
        }
    }
    return fault_at(
        c, name,
        "must be one of object, array, string, integer, number, boolean (a list of types is not OpenAPI 3.0; "
        "write nullable for null)");
}

static bool read_format(struct compiler *c, struct schema *s, const char *name, const json_t *v)
{
    const char *text = json_string_value(v);
    for (int i = FORMAT_DATE; text && i < FORMATS; i++) {
        if (strcmp(text, formats[i].name) == 0) {
            s->format = (enum schema_format)i;
            return true;
        }
    }
    return fault_at(c, name, "must be one of date, date-time, int32, int64, float, double, salesforce-id");
}

static bool read_count(struct compiler *c, struct schema *s, const char *name, const json_t *v)
{
    if (!json_is_integer(v) || json_integer_value(v) < 0)
        return fault_at(c, name, "must be a whole number, 0 or more");
    json_int_t n = json_integer_value(v);
    if (strcmp(name, "minLength") == 0)
        s->min_length = n;
    else if (strcmp(name, "maxLength") == 0)
        s->max_length = n;
    else if (strcmp(name, "minItems") == 0)
        s->min_items = n;
    else
        s->max_items = n;
    return true;
}

static bool read_number(struct compiler *c, struct schema *s, const char *name, const json_t *v)
{
    if (!json_is_number(v))
        return fault_at(c, name, "must be a number");
    if (strcmp(name, "minimum") == 0)
        s->minimum = v;
    else if (strcmp(name, "maximum") == 0)
        s->maximum = v;
    else if (json_number_value(v) > 0)
        s->multiple_of = v;
    else
        return fault_at(c, name, "must be above 0");
    return true;
}

static bool read_flag(struct compiler *c, struct schema *s, const char *name, const json_t *v)
{
    if (!json_is_boolean(v))
        return fault_at(c, name,
                        "must be true or false (in OpenAPI 3.0 exclusiveMinimum says whether minimum itself is out)");
    bool on = json_is_true(v);
    if (strcmp(name, "nullable") == 0)
        s->nullable = on;
    else if (strcmp(name, "uniqueItems") == 0)
        s->unique = on;
    else if (strcmp(name, "exclusiveMinimum") == 0)
        s->exclusive_minimum = on;
    else if (strcmp(name, "exclusiveMaximum") == 0)
        s->exclusive_maximum = on;
    else
        s->closed = !on;
    return true;
}

static bool read_closed(struct compiler *c, struct schema *s, const char *name, const json_t *v)
{
    if (!json_is_boolean(v))
        return fault_at(c, name,
                        "must be false: a map of any names cannot be used from Flow; name the members in properties");
    return read_flag(c, s, name, v);
}

static bool read_enum(struct compiler *c, struct schema *s, const char *name, const json_t *v)
{
    size_t first, second;
    if (!json_is_array(v) || json_array_size(v) == 0)
        return fault_at(c, name, "must be a list of the allowed values");
    if (value_has_twins(v, &first, &second))
        return fault_at(c, name, "names a value twice; leave one out");
    s->values = v;
    return true;
}

static bool read_pattern(struct compiler *c, struct schema *s, const char *name, const json_t *v)
{
    char why[256];
    if (!json_is_string(v))
        return fault_at(c, name, "must be a regular expression in a string");
    s->pattern_text = json_string_value(v);
    s->pattern = pattern_new(s->pattern_text, why, sizeof why);
    return s->pattern ? true : fault_at(c, name, why);
}

static bool read_required(struct compiler *c, struct schema *s, const char *name, const json_t *v)
{
    size_t first, second, i;
    json_t *item;
    if (!json_is_array(v) || json_array_size(v) == 0)
        return fault_at(c, name, "must be a list of names; leave it out when no member is required");
    json_array_foreach ((json_t *)v, i, item) {
        if (!json_is_string(item))
            return fault_at(
                c, name,
                "must be a list of names (in OpenAPI 3.0, required stands on the object, not on the property)");
    }
    if (value_has_twins(v, &first, &second))
        return fault_at(c, name, "names a member twice; leave one out");
    s->required = v;
    return true;
}

static bool read_items(struct compiler *c, struct schema *s, const char *name, const json_t *v)
{
    size_t before = pointer_push(&c->at, span_of(name));
    s->items = compile(c, v);
    pointer_pop(&c->at, before);
    return s->items != NULL;
}

static bool read_properties(struct compiler *c, struct schema *s, const char *name, const json_t *v)
{
    const char *key;
    json_t *member;
    if (!json_is_object(v))
        return fault_at(c, name, "must be an object of schemas");
    s->members = v;
    s->properties = calloc(json_object_size(v) + 1, sizeof *s->properties);
    if (!s->properties)
        return fault_at(c, name, "out of memory");
    size_t before = pointer_push(&c->at, span_of(name));
    json_object_foreach ((json_t *)v, key, member) {
        size_t here = pointer_push(&c->at, span_of(key));
        struct schema_property *p = &s->properties[s->property_count++];
        p->name = key;
        p->schema = compile(c, member);
        pointer_pop(&c->at, here);
    }
    pointer_pop(&c->at, before);
    return true;
}

static bool read_text(struct compiler *c, struct schema *s, const char *name, const json_t *v)
{
    if (!json_is_string(v))
        return fault_at(c, name, "must be a string");
    s->description = json_string_value(v);
    return true;
}

static bool read_nothing(struct compiler *c, struct schema *s, const char *name, const json_t *v)
{
    (void)c, (void)s, (void)name, (void)v;
    return true;
}

static bool read_default(struct compiler *c, struct schema *s, const char *name, const json_t *v)
{
    (void)c, (void)name;
    s->standard = v;
    return true;
}

static bool read_extension(struct compiler *c, struct schema *s, const char *name, const json_t *v)
{
    (void)s;
    return json_is_object(v) ? true : fault_at(c, name, "must be an object");
}

#define NUMERIC (ON(SCHEMA_INTEGER) | ON(SCHEMA_NUMBER))
#define ANYWHERE (ON(SCHEMA_TYPES) - 1)
static const struct {
    const char *name;
    keyword_fn *read;
    unsigned types; /* that it means something on */
} keywords[] = {
    { "type", read_type, ANYWHERE },
    { "format", read_format, ON(SCHEMA_STRING) | NUMERIC },
    { "description", read_text, ANYWHERE },
    { "properties", read_properties, ON(SCHEMA_OBJECT) },
    { "required", read_required, ON(SCHEMA_OBJECT) },
    { "additionalProperties", read_closed, ON(SCHEMA_OBJECT) },
    { "items", read_items, ON(SCHEMA_ARRAY) },
    { "minItems", read_count, ON(SCHEMA_ARRAY) },
    { "maxItems", read_count, ON(SCHEMA_ARRAY) },
    { "uniqueItems", read_flag, ON(SCHEMA_ARRAY) },
    { "minLength", read_count, ON(SCHEMA_STRING) },
    { "maxLength", read_count, ON(SCHEMA_STRING) },
    { "pattern", read_pattern, ON(SCHEMA_STRING) },
    { "minimum", read_number, NUMERIC },
    { "maximum", read_number, NUMERIC },
    { "multipleOf", read_number, NUMERIC },
    { "exclusiveMinimum", read_flag, NUMERIC },
    { "exclusiveMaximum", read_flag, NUMERIC },
    { "enum", read_enum, ANYWHERE },
    { "nullable", read_flag, ANYWHERE },
    { "default", read_default, ANYWHERE },
    { "example", read_nothing, ANYWHERE },
    { "x-sfdc", read_extension, ANYWHERE },
};
enum { KEYWORDS = sizeof keywords / sizeof *keywords };

/* ---- what keywords mean together ---- */

static void check_types(struct compiler *c, const struct schema *s, const json_t *json)
{
    if (s->type == SCHEMA_ANY)
        return;
    for (int i = 0; i < KEYWORDS; i++)
        if (json_object_get(json, keywords[i].name) && !(keywords[i].types & ON(s->type)))
            fault_at(c, keywords[i].name, "means nothing on this type; take it out or correct the type");
    if (s->format != FORMAT_NONE && !(formats[s->format].types & ON(s->type)))
        fault_at(
            c, "format",
            "does not belong to this type (int32 and int64 are integers, float and double numbers, others strings)");
}

static void check_ranges(struct compiler *c, const struct schema *s)
{
    if (s->max_length >= 0 && s->min_length > s->max_length)
        fault_at(c, "minLength", "is above maxLength");
    if (s->max_items >= 0 && s->min_items > s->max_items)
        fault_at(c, "minItems", "is above maxItems");
    if (s->minimum && s->maximum) {
        int order = value_compare(s->minimum, s->maximum);
        if (order > 0 || (order == 0 && (s->exclusive_minimum || s->exclusive_maximum)))
            fault_at(c, "minimum", "leaves no value up to maximum");
    }
    if (s->exclusive_minimum && !s->minimum)
        fault_at(c, "exclusiveMinimum", "needs minimum");
    if (s->exclusive_maximum && !s->maximum)
        fault_at(c, "exclusiveMaximum", "needs maximum");
}

static void mark_required(struct schema *s)
{
    size_t i;
    json_t *name;
    json_array_foreach ((json_t *)s->required, i, name) {
        for (size_t p = 0; p < s->property_count; p++)
            s->properties[p].required |= strcmp(s->properties[p].name, json_string_value(name)) == 0;
    }
}

/* A default or example that breaks its own schema misleads everyone who copies it. */
struct sample {
    struct compiler *c;
    const char *keyword;
};

static void sample_fault(void *ctx, const char *pointer, const char *code, const char *message)
{
    struct sample *sample = ctx;
    struct buf text;
    (void)code;
    buf_init(&text, 1024);
    buf_fmt(&text, "breaks its own schema%s%s: %s", *pointer ? " at " : "", pointer, message);
    fault_at(sample->c, sample->keyword, text.p ? text.p : "breaks its own schema");
    buf_free(&text);
}

static void check_samples(struct compiler *c, const struct schema *s, const json_t *json)
{
    static const char *const names[] = { "default", "example" };
    for (size_t i = 0; i < 2; i++) {
        const json_t *value = json_object_get(json, names[i]);
        struct sample sample = { c, names[i] };
        if (value)
            schema_check(s, value, sample_fault, &sample);
    }
    struct sample sample = { c, "enum" };
    struct schema without = *s;
    size_t i;
    json_t *value;
    without.values = NULL;
    json_array_foreach ((json_t *)s->values, i, value)
        schema_check(&without, value, sample_fault, &sample);
}

static void read_keywords(struct compiler *c, struct schema *s, const json_t *json)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)json, key, value) {
        int i = 0;
        while (i < KEYWORDS && strcmp(key, keywords[i].name) != 0)
            i++;
        if (i == KEYWORDS)
            fault_at(c, key,
                     "is not a keyword of the subset; write the schema with type, properties, required, items, enum, "
                     "limits and format");
        else
            keywords[i].read(c, s, key, value);
    }
}

static struct schema *compile(struct compiler *c, const json_t *json)
{
    if (!json_is_object(json)) {
        fault(c, "must be a schema, which is an object");
        return NULL;
    }
    if (c->depth == MAX_DEPTH) {
        fault(c, "is nested too deep; Flow and agents see only the first level");
        return NULL;
    }
    struct schema *s = calloc(1, sizeof *s);
    if (!s) {
        fault(c, "out of memory");
        return NULL;
    }
    s->min_length = s->max_length = s->min_items = s->max_items = -1;
    c->depth++;
    bool before = c->failed;
    c->failed = false;
    read_keywords(c, s, json);
    check_types(c, s, json);
    check_ranges(c, s);
    mark_required(s);
    if (!c->failed)
        check_samples(c, s, json);
    c->failed |= before;
    c->depth--;
    return s;
}

struct schema *schema_new(const json_t *json, struct buf *faults)
{
    struct compiler c = { .faults = faults };
    struct schema *s = compile(&c, json);
    if (c.failed) {
        schema_free(s);
        return NULL;
    }
    return s;
}

void schema_free(struct schema *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->property_count; i++)
        schema_free(s->properties[i].schema);
    free(s->properties);
    schema_free(s->items);
    pattern_free(s->pattern);
    free(s);
}
