/* meta.c - what the org says about itself: versions, resources, limits, objects and their fields. */
#include <stdio.h>
#include <string.h>

#include "sandbox/org/rest_parts.h"

void rest_versions(struct call *c)
{
    static const char *const seasons[] = { "Winter", "Spring", "Summer" };
    c->status = 200;
    text_char(&c->out, '[');
    for (int v = VERSION_MIN; v <= VERSION_MAX; v++) {
        int since = v - 29; /* 29.0 was Winter '14 */
        text_fmt(&c->out, "%s{\"label\":\"%s '%d\",\"url\":\"/services/data/v%d.0\",\"version\":\"%d.0\"}",
                 v > VERSION_MIN ? "," : "", seasons[since % 3], 14 + since / 3, v, v);
    }
    text_char(&c->out, ']');
}

void rest_resources(struct call *c)
{
    static const char *const names[] = { "sobjects", "query", "queryAll", "limits", "composite" };
    c->status = 200;
    text_char(&c->out, '{');
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        text_fmt(&c->out, "%s\"%s\":\"/services/data/v%s/%s\"", i ? "," : "", names[i], c->version, names[i]);
    text_char(&c->out, '}');
}

void rest_limits(struct call *c)
{
    unsigned long long used = c->o->calls;
    c->status = 200;
    text_fmt(&c->out,
             "{\"DailyApiRequests\":{\"Max\":100000,\"Remaining\":%llu},\"DailyBulkApiBatches\":{\"Max\":15000,"
             "\"Remaining\":15000},"
             "\"DailyBulkV2QueryJobs\":{\"Max\":10000,\"Remaining\":10000},\"DataStorageMB\":{\"Max\":1024,"
             "\"Remaining\":1024},"
             "\"FileStorageMB\":{\"Max\":1024,\"Remaining\":1024}}",
             used < 100000 ? 100000 - used : 0);
}

static void object_header(struct text *t, const struct call *c, const struct object *ob)
{
    const char *writes = perm_writes_object(c, ob) ? "true" : "false";
    text_fmt(t, "\"name\":\"%s\",\"label\":", ob->name);
    text_json_str(t, ob->label);
    text_str(t, ",\"labelPlural\":");
    text_json_str(t, ob->plural);
    text_fmt(t,
             ",\"keyPrefix\":\"%s\",\"custom\":%s,\"createable\":%s,\"updateable\":%s,\"deletable\":%s,\"undeletable\":"
             "%s,\"queryable\":true,"
             "\"retrieveable\":true,\"searchable\":true,\"replicateable\":true,\"layoutable\":true,\"activateable\":"
             "false,\"mergeable\":false,"
             "\"triggerable\":true,\"feedEnabled\":false,\"deprecatedAndHidden\":false,\"customSetting\":false,"
             "\"mruEnabled\":true,"
             "\"urls\":{\"sobject\":\"/services/data/v%s/sobjects/%s\",\"describe\":\"/services/data/v%s/sobjects/%s/"
             "describe\","
             "\"rowTemplate\":\"/services/data/v%s/sobjects/%s/{ID}\"}",
             ob->prefix, ob->custom ? "true" : "false", writes, writes, writes, writes, c->version, ob->name,
             c->version, ob->name, c->version, ob->name);
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

static const char *yes(bool b)
{
    return b ? "true" : "false";
}

static void picklist_json(struct text *t, const struct field *f)
{
    const json_t *item;
    size_t i;
    text_str(t, ",\"picklistValues\":[");
    json_array_foreach (f->values, i, item) {
        const char *value =
            json_is_object(item) ? json_string_value(json_object_get(item, "value")) : json_string_value(item);
        const char *standard = json_string_value(f->standard_value);
        text_fmt(t, "%s{\"active\":true,\"defaultValue\":%s,\"label\":", i ? "," : "",
                 yes(standard && value && strcmp(standard, value) == 0));
        text_json_str(t, value ? value : "");
        text_str(t, ",\"validFor\":null,\"value\":");
        text_json_str(t, value ? value : "");
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
        text_str(t, yes(json_is_true(f->standard_value)));
    else if (json_is_number(f->standard_value))
        text_fmt(t, "%.15g", json_number_value(f->standard_value));
    else
        text_str(t, "null");
}

static void field_json(struct text *t, const struct call *c, const struct object *ob, const struct field *f)
{
    const struct type_facts *facts = &type_facts[f->type];
    bool writes = perm_writes(c, ob, f) && perm_writes_object(c, ob);
    bool stored = f->type != TYPE_BASE64, filters = stored && !f->long_text;
    text_fmt(t, "{\"name\":\"%s\",\"label\":", f->name);
    text_json_str(t, f->label);
    text_fmt(t,
             ",\"type\":\"%s\",\"soapType\":\"%s\",\"length\":%d,\"byteLength\":%d,\"precision\":%d,\"scale\":%d,"
             "\"digits\":%d",
             facts->name, facts->soap, f->length, f->length * 3, f->type == TYPE_INT ? 0 : f->precision, f->scale,
             f->type == TYPE_INT ? 9 : 0);
    text_fmt(t,
             ",\"nillable\":%s,\"createable\":%s,\"updateable\":%s,\"permissionable\":%s,\"custom\":%s,\"externalId\":%"
             "s,\"unique\":%s",
             yes(!f->required && !f->system && f->type != TYPE_BOOLEAN), yes(f->createable && writes),
             yes(f->updateable && writes), yes(!f->required && !f->system && !f->name_field), yes(f->custom),
             yes(f->external_id), yes(f->unique));
    text_fmt(
        t,
        ",\"caseSensitive\":%s,\"filterable\":%s,\"sortable\":%s,\"groupable\":%s,\"aggregatable\":%s,\"idLookup\":%s",
        yes(f->case_sensitive), yes(filters), yes(filters && f->type != TYPE_MULTIPICKLIST),
        yes(filters && facts->group), yes(filters && f->type != TYPE_BOOLEAN),
        yes(f->type == TYPE_ID || f->external_id));
    text_fmt(t,
             ",\"autoNumber\":%s,\"calculated\":false,\"nameField\":%s,\"restrictedPicklist\":%s,\"dependentPicklist\":"
             "false",
             yes(f->auto_number[0]), yes(f->name_field), yes(f->restricted));
    text_fmt(t,
             ",\"defaultedOnCreate\":%s,\"htmlFormatted\":false,\"encrypted\":false,\"deprecatedAndHidden\":false,"
             "\"namePointing\":false",
             yes(f->system || f->auto_number[0] || f->standard_value || f->type == TYPE_BOOLEAN ||
                 same_name(f->name, "OwnerId")));
    text_fmt(t,
             ",\"cascadeDelete\":%s,\"inlineHelpText\":null,\"calculatedFormula\":null,\"controllerName\":null,"
             "\"relationshipOrder\":null",
             yes(f->cascade));
    if (f->type == TYPE_REFERENCE)
        text_fmt(t, ",\"relationshipName\":\"%s\",\"referenceTo\":[", f->relationship);
    else
        text_str(t, ",\"relationshipName\":null,\"referenceTo\":[");
    for (int i = 0; i < f->n_targets; i++)
        text_fmt(t, "%s\"%s\"", i ? "," : "", f->targets[i]);
    text_char(t, ']');
    picklist_json(t, f);
    default_json(t, f);
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
            text_fmt(t,
                     "%s{\"childSObject\":\"%s\",\"field\":\"%s\",\"cascadeDelete\":%s,\"deprecatedAndHidden\":false,"
                     "\"restrictedDelete\":false,\"junctionIdListNames\":[],\"junctionReferenceTo\":[],"
                     "\"relationshipName\":",
                     n++ ? "," : "", ob->name, f->name, yes(f->cascade));
            if (f->children[0])
                text_json_str(t, f->children);
            else
                text_str(t, "null");
            text_char(t, '}');
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
