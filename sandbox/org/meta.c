/*
 * meta.c - what the org says about itself: versions, resources, limits, objects and their fields. Written straight into
 * the answer, member by member in the org's own order: a describe has thousands of them, and none is ever read back.
 */
#include <stdio.h>
#include <string.h>

#include "sandbox/org/rest_parts.h"

void rest_versions(struct call *c)
{
    static const char *const seasons[] = { "Winter", "Spring", "Summer" };
    c->status = 200;
    text_char(&c->out, '[');
    for (int v = VERSION_MIN; v <= c->o->newest; v++) {
        int since = v - 29; /* 29.0 was Winter '14 */
        text_fmt(&c->out, "%s{\"label\":\"%s '%d\",\"url\":\"/services/data/v%d.0\",\"version\":\"%d.0\"}",
                 v > VERSION_MIN ? "," : "", seasons[since % 3], 14 + since / 3, v, v);
    }
    text_char(&c->out, ']');
}

void rest_resources(struct call *c)
{
    static const char *const names[] = { "sobjects", "query", "queryAll", "limits", "composite", "recent", "jobs" };
    c->status = 200;
    text_char(&c->out, '{');
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        text_fmt(&c->out, "%s\"%s\":\"/services/data/v%s/%s\"", i ? "," : "", names[i], c->version, names[i]);
    text_char(&c->out, '}');
}

void rest_limits(struct call *c)
{
    unsigned long long used = c->o->calls, most = setup_calls(c->o);
    const struct {
        const char *name;
        unsigned long long max, left;
    } rows[] = {
        { "DailyApiRequests", most, used < most ? most - used : 0 },
        { "DailyBulkApiBatches", 15000, 15000 },
        { "DailyBulkV2QueryJobs", 10000, 10000 },
        { "DataStorageMB", 1024, 1024 },
        { "FileStorageMB", 1024, 1024 },
    };
    c->status = 200;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        text_fmt(&c->out, "%c\"%s\":{\"Max\":%llu,\"Remaining\":%llu}", i ? ',' : '{', rows[i].name, rows[i].max,
                 rows[i].left);
    text_char(&c->out, '}');
}

/* ---- members: each begins with a comma ---- */

static void member_text(struct text *t, const char *name, const char *value)
{
    text_fmt(t, ",\"%s\":", name);
    text_json_str(t, value);
}

struct flag {
    const char *name;
    bool on;
};

static void member_flags(struct text *t, const struct flag *flags, size_t n)
{
    for (size_t i = 0; i < n; i++)
        text_fmt(t, ",\"%s\":%s", flags[i].name, flags[i].on ? "true" : "false");
}

/* ---- objects ---- */

static void object_header(struct text *t, const struct call *c, const struct object *ob)
{
    bool writes = perm_writes_object(c, ob);
    const struct flag flags[] = {
        { "custom", ob->custom },         { "createable", writes && perm_creates(c, ob) },
        { "updateable", writes },         { "deletable", writes },
        { "undeletable", writes },        { "queryable", true },
        { "retrieveable", true },         { "searchable", true },
        { "replicateable", true },        { "layoutable", true },
        { "activateable", false },        { "mergeable", false },
        { "triggerable", true },          { "feedEnabled", false },
        { "deprecatedAndHidden", false }, { "customSetting", false },
        { "mruEnabled", true },
    };
    static const char *const urls[][2] = { { "sobject", "" }, { "describe", "/describe" }, { "rowTemplate", "/{ID}" } };
    text_fmt(t, "\"name\":\"%s\"", ob->name);
    member_text(t, "label", ob->label);
    member_text(t, "labelPlural", ob->plural);
    member_text(t, "keyPrefix", ob->prefix);
    member_flags(t, flags, sizeof flags / sizeof *flags);
    text_str(t, ",\"urls\":");
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        text_fmt(t, "%c\"%s\":\"/services/data/v%s/sobjects/%s%s\"", i ? ',' : '{', urls[i][0], c->version, ob->name,
                 urls[i][1]);
    text_char(t, '}');
}

void rest_sobjects(struct call *c)
{
    int n = 0;
    c->status = 200;
    text_fmt(&c->out, "{\"encoding\":\"UTF-8\",\"maxBatchSize\":%d,\"sobjects\":[", COLLECTION_MAX);
    for (size_t i = 0; i < c->o->schema.n; i++) {
        if (!perm_sees_object(c, c->o->schema.objects[i]))
            continue;
        text_str(&c->out, n++ ? ",{" : "{");
        object_header(&c->out, c, c->o->schema.objects[i]);
        text_char(&c->out, '}');
    }
    text_str(&c->out, "]}");
}

void rest_object_info(struct call *c, const struct object *ob)
{
    c->status = 200;
    text_str(&c->out, "{\"objectDescribe\":{");
    object_header(&c->out, c, ob);
    text_str(&c->out, "},\"recentItems\":[]}");
}

/* ---- fields ---- */

static void currencies_json(struct text *t, const struct call *c)
{
    const struct org_setup *setup = &c->o->setup;
    for (size_t i = 0; i < sizeof setup->currencies / sizeof *setup->currencies && setup->currencies[i][0]; i++) {
        text_fmt(t, "%s{\"active\":true,\"defaultValue\":%s", i ? "," : "", i ? "false" : "true");
        member_text(t, "label", setup->currencies[i]);
        text_str(t, ",\"validFor\":null");
        member_text(t, "value", setup->currencies[i]);
        text_char(t, '}');
    }
}

static void picklist_json(struct text *t, const struct call *c, const struct field *f)
{
    const json_t *item;
    size_t i;
    text_str(t, ",\"picklistValues\":[");
    if (f->multi_currency)
        currencies_json(t, c);
    json_array_foreach (f->values, i, item) {
        const char *value = json_string_value(json_is_object(item) ? json_object_get(item, "value") : item);
        const char *standard = json_string_value(f->standard_value);
        const struct flag chosen = { "defaultValue", standard && value && strcmp(standard, value) == 0 };
        text_str(t, i ? ",{\"active\":true" : "{\"active\":true");
        member_flags(t, &chosen, 1);
        member_text(t, "label", value ? value : "");
        text_str(t, ",\"validFor\":null");
        member_text(t, "value", value ? value : "");
        text_char(t, '}');
    }
    text_char(t, ']');
}

static void default_json(struct text *t, const struct field *f)
{
    text_str(t, ",\"defaultValue\":");
    if (json_is_string(f->standard_value))
        text_json_str(t, json_string_value(f->standard_value));
    else if (json_is_boolean(f->standard_value) || f->type == TYPE_BOOLEAN)
        text_str(t, json_is_true(f->standard_value) ? "true" : "false");
    else if (json_is_number(f->standard_value))
        text_fmt(t, "%.15g", json_number_value(f->standard_value));
    else
        text_str(t, "null");
}

static void field_flags(struct text *t, const struct call *c, const struct object *ob, const struct field *f)
{
    bool writes = perm_writes(c, ob, f) && perm_writes_object(c, ob);
    bool filters = f->type != TYPE_BASE64 && !f->long_text, optional = !f->required && !f->system;
    bool filled =
        f->system || f->auto_number[0] || f->standard_value || f->type == TYPE_BOOLEAN || same_name(f->name, "OwnerId");
    const struct flag flags[] = {
        { "nillable", optional && f->type != TYPE_BOOLEAN },
        { "createable", f->createable && writes && perm_creates(c, ob) },
        { "updateable", f->updateable && writes },
        { "permissionable", optional && !f->name_field },
        { "custom", f->custom },
        { "externalId", f->external_id },
        { "unique", f->unique },
        { "caseSensitive", f->case_sensitive },
        { "filterable", filters },
        { "sortable", filters && f->type != TYPE_MULTIPICKLIST },
        { "groupable", filters && type_facts[f->type].group },
        { "aggregatable", filters && f->type != TYPE_BOOLEAN },
        { "idLookup", f->type == TYPE_ID || f->external_id },
        { "autoNumber", f->auto_number[0] != '\0' },
        { "calculated", false },
        { "nameField", f->name_field },
        { "restrictedPicklist", f->restricted || f->multi_currency },
        { "dependentPicklist", false },
        { "defaultedOnCreate", filled },
        { "htmlFormatted", false },
        { "encrypted", false },
        { "deprecatedAndHidden", false },
        { "namePointing", false },
        { "cascadeDelete", f->cascade },
    };
    member_flags(t, flags, sizeof flags / sizeof *flags);
}

static void field_json(struct text *t, const struct call *c, const struct object *ob, const struct field *f)
{
    const struct type_facts *facts = &type_facts[f->type];
    const struct {
        const char *name;
        int n;
    } sizes[] = {
        { "length", f->length },
        { "byteLength", f->length * 3 },
        { "precision", f->type == TYPE_INT ? 0 : f->precision },
        { "scale", f->scale },
        { "digits", f->type == TYPE_INT ? 9 : 0 },
    };
    text_fmt(t, "{\"name\":\"%s\"", f->name);
    member_text(t, "label", f->label);
    member_text(t, "type", facts->name);
    member_text(t, "soapType", facts->soap);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        text_fmt(t, ",\"%s\":%d", sizes[i].name, sizes[i].n);
    field_flags(t, c, ob, f);
    text_str(t,
             ",\"inlineHelpText\":null,\"calculatedFormula\":null,\"controllerName\":null,\"relationshipOrder\":null");
    if (f->type == TYPE_REFERENCE)
        member_text(t, "relationshipName", f->relationship);
    else
        text_str(t, ",\"relationshipName\":null");
    text_str(t, ",\"referenceTo\":[");
    for (int i = 0; i < f->n_targets; i++)
        text_fmt(t, "%s\"%s\"", i ? "," : "", f->targets[i]);
    text_char(t, ']');
    picklist_json(t, c, f);
    default_json(t, f);
    text_char(t, '}');
}

static void child_json(struct text *t, const struct object *ob, const struct field *f)
{
    const struct flag flags[] = { { "cascadeDelete", f->cascade },
                                  { "deprecatedAndHidden", false },
                                  { "restrictedDelete", false } };
    text_fmt(t, "{\"childSObject\":\"%s\"", ob->name);
    member_text(t, "field", f->name);
    member_flags(t, flags, sizeof flags / sizeof *flags);
    text_str(t, ",\"junctionIdListNames\":[],\"junctionReferenceTo\":[]");
    if (f->children[0])
        member_text(t, "relationshipName", f->children);
    else
        text_str(t, ",\"relationshipName\":null");
    text_char(t, '}');
}

static void children_json(struct text *t, const struct call *c, const struct object *parent)
{
    int n = 0;
    text_str(t, ",\"childRelationships\":[");
    for (size_t i = 0; i < c->o->schema.n; i++) {
        const struct object *ob = c->o->schema.objects[i];
        for (size_t j = 0; j < ob->n; j++) {
            const struct field *f = &ob->fields[j];
            if (f->type != TYPE_REFERENCE || f->system || !field_points_to(f, parent) || !perm_sees_object(c, ob) ||
                !perm_sees(c, ob, f))
                continue;
            text_str(t, n++ ? "," : "");
            child_json(t, ob, f);
        }
    }
    text_char(t, ']');
}

void rest_describe(struct call *c, const struct object *ob)
{
    int n = 0;
    c->status = 200;
    text_char(&c->out, '{');
    object_header(&c->out, c, ob);
    text_str(
        &c->out,
        ",\"actionOverrides\":[],\"namedLayoutInfos\":[],\"recordTypeInfos\":[],\"supportedScopes\":[],\"fields\":[");
    for (size_t i = 0; i < ob->n; i++) {
        if (!perm_sees(c, ob, &ob->fields[i]))
            continue;
        text_str(&c->out, n++ ? "," : "");
        field_json(&c->out, c, ob, &ob->fields[i]);
    }
    text_char(&c->out, ']');
    children_json(&c->out, c, ob);
    text_char(&c->out, '}');
}
