/* schema_parts.h - the compiled schema, shared by schema_compile.c and schema.c. */
#ifndef ACTIONHOST_SCHEMA_SCHEMA_PARTS_H
#define ACTIONHOST_SCHEMA_SCHEMA_PARTS_H

#include "runtime/base/json_pointer.h"
#include "runtime/schema/pattern.h"
#include "runtime/schema/schema.h"

enum schema_type {
    SCHEMA_ANY,
    SCHEMA_OBJECT,
    SCHEMA_ARRAY,
    SCHEMA_STRING,
    SCHEMA_INTEGER,
    SCHEMA_NUMBER,
    SCHEMA_BOOLEAN,
    SCHEMA_TYPES
};

enum schema_format {
    FORMAT_NONE,
    FORMAT_DATE,
    FORMAT_DATE_TIME,
    FORMAT_INT32,
    FORMAT_INT64,
    FORMAT_FLOAT,
    FORMAT_DOUBLE,
    FORMAT_SALESFORCE_ID,
    FORMATS
};

struct schema_property {
    const char *name;
    struct schema *schema;
    bool required;
};

/* Pointers into the JSON it was compiled from are borrowed. Absent counts are -1, absent numbers NULL. */
struct schema {
    const char *description;
    enum schema_type type;
    enum schema_format format;
    bool nullable, closed, unique, exclusive_minimum, exclusive_maximum;
    json_int_t min_length, max_length, min_items, max_items;
    const json_t *minimum, *maximum, *multiple_of;
    const json_t *standard;                    /* default */
    const json_t *members, *required, *values; /* properties, required, enum */
    const char *pattern_text;
    struct pattern *pattern;
    struct schema *items;
    struct schema_property *properties; /* in the order of the declaration */
    size_t property_count;
};

#endif
