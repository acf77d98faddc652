/* recorded_lists.c - what a recorded request for many records needs: each record of the request beside its result. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sandbox/base/encoding.h"
#include "sandbox/base/files.h"
#include "tests/sandbox/recorded_setup.h"

static const char *text_in(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

/* ---- ids alone ---- */

/* Through the descriptions made so far, then the sample org's. */
const char *setup_object_of(struct setup *s, const char *id)
{
    const char *name;
    char made[40];
    json_t *d;
    json_object_foreach (s->objects, name, d)
        if (strncmp(text_in(d, "prefix"), id, 3) == 0)
            return name;
    for (const struct embedded_file *f = embedded_files; f->path; f++) {
        d = strstr(f->path, "/objects/") ? json_loadb(f->text, f->n, 0, NULL) : NULL;
        bool fits = strncmp(text_in(d, "prefix"), id, 3) == 0;
        const char *found = fits ? text_in(setup_object(s, text_in(d, "name"), id), "name") : NULL;
        json_decref(d);
        if (found)
            return found;
    }
    snprintf(made, sizeof made, "Recorded_%.3s__c", id);
    return text_in(setup_object(s, made, id), "name");
}

static const json_t *first_error(const json_t *result)
{
    return json_array_get(json_object_get(result, "errors"), 0);
}

/* In the form that an error of a single record has. */
static json_t *single_error(const json_t *e)
{
    return json_pack("{s:O?, s:O?, s:O?}", "errorCode", json_object_get(e, "statusCode"), "message",
                     json_object_get(e, "message"), "fields", json_object_get(e, "fields"));
}

/* ?ids=a,b: the records are there, unless the results say something else. */
static void deleted_ids(struct setup *s, const char *url, const json_t *answer)
{
    char *ids = query_param(strchr(url, '?') ? strchr(url, '?') + 1 : "", "ids"), *rest = ids;
    for (size_t i = 0; rest; i++) {
        char *id = strsep(&rest, ",");
        const json_t *error = first_error(json_array_get(answer, i));
        const char *code = text_in(error, "statusCode");
        if (!setup_is_id(id) || strcmp(code, "MALFORMED_ID") == 0 || strcmp(code, "NOT_FOUND") == 0)
            continue;
        const char *object = setup_object_of(s, id);
        json_t *record = setup_record(s, object, id);
        if (strcmp(code, "ENTITY_IS_DELETED") == 0)
            json_object_set_new(record, "IsDeleted", json_true());
        else if (error) {
            json_t *single = single_error(error);
            setup_failure(s, setup_object(s, object, id), "DELETE", NULL, 400, single);
            json_decref(single);
        }
    }
    free(ids);
}

/* ---- rows that were read ---- */

static void read_rows(struct setup *s, const char *object, const json_t *body, const json_t *answer)
{
    const json_t *row, *field;
    size_t i;
    json_t *d = setup_object(s, object, NULL);
    json_array_foreach (json_object_get(body, "fields"), i, field)
        if (json_is_string(field))
            setup_field(d, json_string_value(field),
                        json_object_get(json_array_get(answer, 0), json_string_value(field)));
    json_array_foreach (answer, i, row)
        if (json_is_object(row))
            setup_row(s, row, object);
}

/* ---- rows that were written ---- */

static void written_row(struct setup *s, const char *method, const json_t *record, const json_t *result)
{
    const json_t *error = first_error(result);
    const char *id = *text_in(record, "id") ? text_in(record, "id") : text_in(record, "Id");
    char url[300];
    snprintf(url, sizeof url, "/sobjects/%.80s%s%.20s", text_in(json_object_get(record, "attributes"), "type"),
             *id ? "/" : "", id);
    json_t *answer = error ? json_pack("[o]", single_error(error)) : json_incref((json_t *)result);
    setup_operation(s, method, url, record, error ? 400 : 200, answer);
    json_decref(answer);
}

/* By external id: a record that was not created is there already. */
static void upserted_row(struct setup *s, const char *object, const char *key, const json_t *record,
                         const json_t *result)
{
    const char *id = text_in(result, "id");
    json_t *d = setup_object(s, object, setup_is_id(id) ? id : NULL), *f, *there;
    const json_t *error = first_error(result), *value = json_object_get(record, key);
    f = setup_field(d, key, value);
    if (f)
        json_object_set_new(f, "externalId", json_true());
    setup_body(d, record, "");
    setup_references(s, d, record);
    if (error) {
        json_t *single = single_error(error);
        setup_failure(s, d, "POST", record, 400, single);
        json_decref(single);
    } else if (json_is_false(json_object_get(result, "created"))) {
        there = setup_record(s, text_in(d, "name"), setup_is_id(id) ? id : NULL);
        if (f && value)
            json_object_set(there, key, (json_t *)value);
    }
}

void setup_collection(struct setup *s, const char *method, const char *url, const json_t *body, const json_t *answer)
{
    char object[100] = "", key[100] = "";
    const char *p = strstr(url, "/composite/sobjects") + strlen("/composite/sobjects");
    const json_t *record;
    size_t i;
    sscanf(p, "/%90[^/?]/%90[^/?]", object, key);
    if (!*object && strcmp(method, "DELETE") == 0)
        deleted_ids(s, url, answer);
    else if (*object && !*key)
        read_rows(s, object, body, answer);
    json_array_foreach (json_object_get(body, "records"), i, record) {
        if (*key && strcasecmp(key, "Id") != 0)
            upserted_row(s, object, key, record, json_array_get(answer, i));
        else
            written_row(s, method, record, json_array_get(answer, i));
    }
}

/* ---- trees ---- */

void setup_tree(struct setup *s, const json_t *body)
{
    const json_t *record, *value;
    const char *key;
    size_t i;
    json_array_foreach (json_object_get(body, "records"), i, record) {
        const char *type = text_in(json_object_get(record, "attributes"), "type");
        if (!*type)
            continue;
        json_t *d = setup_object(s, type, NULL);
        setup_body(d, record, "");
        setup_references(s, d, record);
        json_object_foreach ((json_t *)record, key, value)
            if (json_is_array(json_object_get(value, "records")))
                setup_tree(s, value);
    }
}

/* ---- requests in requests ---- */

static char *query_in(const char *url)
{
    const char *mark = strchr(url, '?');
    bool query = strstr(url, "/query?") || strstr(url, "/queryAll?");
    return query && mark ? query_param(mark + 1, "q") : NULL;
}

void setup_request(struct setup *s, const char *method, const char *url, const json_t *body, int status,
                   const json_t *answer)
{
    char *soql = query_in(url);
    if (soql)
        setup_query(s, soql, answer, 0);
    else if (strstr(url, "/composite/sobjects"))
        setup_collection(s, method, url, body, answer);
    else if (strstr(url, "/composite/tree"))
        setup_tree(s, body);
    else
        setup_operation(s, method, url, body, status, answer);
    free(soql);
}

void setup_steps(struct setup *s, const json_t *steps, const json_t *answers)
{
    const json_t *step, *answer;
    size_t i, k;
    json_array_foreach (steps, i, step) {
        const json_t *found = NULL;
        json_array_foreach (answers, k, answer)
            if (strcmp(text_in(answer, "referenceId"), text_in(step, "referenceId")) == 0)
                found = answer;
        setup_request(s, text_in(step, "method"), text_in(step, "url"), json_object_get(step, "body"),
                      (int)json_integer_value(json_object_get(found, "httpStatusCode")),
                      json_object_get(found, "body"));
    }
}

void setup_batch(struct setup *s, const json_t *requests, const json_t *results)
{
    const json_t *step;
    size_t i;
    json_array_foreach (requests, i, step) {
        const json_t *result = json_array_get(results, i);
        setup_request(s, text_in(step, "method"), text_in(step, "url"), json_object_get(step, "richInput"),
                      (int)json_integer_value(json_object_get(result, "statusCode")),
                      json_object_get(result, "result"));
    }
}
