/* form.c - compiles a schema. */
#include "runtime/events/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const member_names[FORM_MEMBERS] = {
    [MEMBER_ENTITY] = "entityName",         [MEMBER_RECORD_IDS] = "recordIds",
    [MEMBER_CHANGE] = "changeType",         [MEMBER_ORIGIN] = "changeOrigin",
    [MEMBER_KEY] = "transactionKey",        [MEMBER_SEQUENCE] = "sequenceNumber",
    [MEMBER_COMMIT_MS] = "commitTimestamp", [MEMBER_COMMIT_NUMBER] = "commitNumber",
    [MEMBER_COMMIT_USER] = "commitUser",    [MEMBER_CHANGED] = "changedFields",
    [MEMBER_NULLED] = "nulledFields",       [MEMBER_DIFFED] = "diffFields",
};

/* ---- the tree ---- */

static void node_free(struct form_node *node)
{
    if (!node)
        return;
    for (size_t i = 0; node->child && i < node->n; i++)
        node_free(node->child[i]);
    free(node->child);
    free(node->name);
    free(node);
}

struct build {
    size_t nodes;
    const char *why;
};

static struct form_node *node_new(struct build *b, avro_schema_t schema, int depth);

static struct form_node *refuse(struct build *b, struct form_node *node, const char *why)
{
    if (!b->why)
        b->why = why;
    node_free(node);
    return NULL;
}

static avro_schema_t child_of(avro_schema_t schema, size_t i)
{
    switch (avro_typeof(schema)) {
    case AVRO_RECORD:
        return avro_schema_record_field_get_by_index(schema, (int)i);
    case AVRO_UNION:
        return avro_schema_union_branch(schema, (int)i);
    default:
        return avro_schema_array_items(schema);
    }
}

static bool add_children(struct build *b, struct form_node *node, avro_schema_t schema, int depth)
{
    for (size_t i = 0; i < node->n; i++) {
        if (node->name)
            node->name[i] = avro_schema_record_field_name(schema, (int)i);
        node->child[i] = node_new(b, child_of(schema, i), depth + 1);
        if (!node->child[i])
            return false;
    }
    return true;
}

static void add_symbols(struct form_node *node, avro_schema_t schema)
{
    for (size_t i = 0; i < node->n; i++)
        node->name[i] = avro_schema_enum_get(schema, (int)i);
}

/* How many parts a type has. */
static size_t size_of(avro_schema_t schema)
{
    switch (avro_typeof(schema)) {
    case AVRO_RECORD:
        return avro_schema_record_size(schema);
    case AVRO_UNION:
        return avro_schema_union_size(schema);
    case AVRO_ENUM:
        return (size_t)avro_schema_enum_number_of_symbols(schema);
    case AVRO_FIXED:
        return (size_t)avro_schema_fixed_size(schema);
    case AVRO_ARRAY:
        return 1;
    default:
        return 0;
    }
}

/* What a name refers to is written out, so that a type within itself ends at the depth that is allowed. */
static struct form_node *node_new(struct build *b, avro_schema_t schema, int depth)
{
    while (schema && avro_typeof(schema) == AVRO_LINK)
        schema = avro_schema_link_target(schema);
    if (!schema)
        return refuse(b, NULL, "it refers to a type that it does not have");
    if (depth > FORM_DEPTH || ++b->nodes > FORM_NODES)
        return refuse(b, NULL, "its types are nested too deeply, or too many");
    avro_type_t type = avro_typeof(schema);
    if (type == AVRO_MAP)
        return refuse(b, NULL, "it has a map, which no event has");
    struct form_node *node = calloc(1, sizeof *node);
    if (!node)
        return refuse(b, NULL, "there is no memory for it");
    bool branches = type == AVRO_RECORD || type == AVRO_UNION || type == AVRO_ARRAY;
    bool names = type == AVRO_RECORD || type == AVRO_ENUM;
    *node = (struct form_node){ .type = type, .n = size_of(schema) };
    if (branches)
        node->child = calloc(node->n + 1, sizeof(void *));
    if (names)
        node->name = calloc(node->n + 1, sizeof(void *));
    if ((branches && !node->child) || (names && !node->name))
        return refuse(b, node, "there is no memory for it");
    if (type == AVRO_FIXED && node->n > EVENT_PAYLOAD)
        return refuse(b, node, "a type of it is longer than any event");
    if (type == AVRO_ENUM)
        add_symbols(node, schema);
    if (branches && !add_children(b, node, schema, depth))
        return refuse(b, node, "there is no memory for it");
    return node;
}

/* ---- the header ---- */

static int place_of(const struct form_node *record, const char *name)
{
    for (size_t i = 0; i < record->n; i++)
        if (strcmp(record->name[i], name) == 0)
            return (int)i;
    return -1;
}

/* Which type each member must have. */
static bool fits(const struct form_node *node, enum form_member member)
{
    switch (member) {
    case MEMBER_RECORD_IDS:
    case MEMBER_CHANGED:
    case MEMBER_NULLED:
    case MEMBER_DIFFED:
        return node->type == AVRO_ARRAY && node->child[0]->type == AVRO_STRING;
    case MEMBER_CHANGE:
        return node->type == AVRO_ENUM;
    case MEMBER_SEQUENCE:
        return node->type == AVRO_INT32 || node->type == AVRO_INT64;
    case MEMBER_COMMIT_MS:
    case MEMBER_COMMIT_NUMBER:
        return node->type == AVRO_INT64;
    default:
        return node->type == AVRO_STRING;
    }
}

/* A change event without one of the first members cannot be used; older schemas lack some of the others. */
static bool find_header(struct form *s, const char **why)
{
    s->header = place_of(s->root, "ChangeEventHeader");
    if (s->header < 0)
        return true;
    const struct form_node *header = s->root->child[s->header];
    if (header->type != AVRO_RECORD) {
        *why = "its ChangeEventHeader is no record";
        return false;
    }
    for (int i = 0; i < FORM_MEMBERS; i++) {
        s->member[i] = place_of(header, member_names[i]);
        bool needed = i <= MEMBER_CHANGE || i == MEMBER_KEY || i == MEMBER_COMMIT_MS;
        if (s->member[i] < 0 ? needed : !fits(header->child[s->member[i]], (enum form_member)i)) {
            *why = "a member of its ChangeEventHeader is missing or of another type";
            return false;
        }
    }
    return true;
}

static bool compile(struct form *s, struct span json, const char **why)
{
    struct build b = { 0 };
    *why = "it is longer than 1 MiB, or empty";
    if (json.n == 0 || json.n > FORM_JSON)
        return false;
    *why = "it is no Avro schema";
    if (avro_schema_from_json_length(json.p, json.n, &s->avro) != 0)
        return false;
    s->root = node_new(&b, s->avro, 0);
    *why = b.why;
    if (!s->root)
        return false;
    *why = "it is no record";
    if (s->root->type != AVRO_RECORD || !find_header(s, why))
        return false;
    *why = "avro-c does not take it";
    s->class = avro_generic_class_from_schema(s->avro);
    return s->class && avro_generic_value_new(s->class, &s->value) == 0;
}

struct form *form_new(struct span id, struct span json, char *why, size_t size)
{
    const char *reason = "there is no memory for it";
    struct form *s = calloc(1, sizeof *s);
    if (s) {
        copy_span(s->id, sizeof s->id, id);
        if (compile(s, json, &reason))
            return s;
        form_free(s);
    }
    snprintf(why, size, "%s", reason);
    return NULL;
}

void form_free(struct form *s)
{
    if (!s)
        return;
    if (s->value.iface)
        avro_value_decref(&s->value);
    if (s->class)
        avro_value_iface_decref(s->class);
    node_free(s->root);
    if (s->avro)
        avro_schema_decref(s->avro);
    free(s);
}
