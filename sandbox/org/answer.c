/* answer.c - what the resources of the REST API answer with: errors, and one record as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/org/rest_parts.h"

void answer_fault(struct call *c, const struct fault *f)
{
    text_free(&c->out);
    c->status = f->status;
    text_char(&c->out, '[');
    fault_json(&c->out, f);
    text_char(&c->out, ']');
}

void answer_error(struct call *c, int status, const char *code, const char *message)
{
    struct fault f = { 0 };
    fault_set(&f, status, code, NULL, "%s", message);
    answer_fault(c, &f);
}

void answer_not_found(struct call *c)
{
    answer_error(c, 404, "NOT_FOUND", "The requested resource does not exist");
}

struct object *answer_object(struct call *c, const char *name)
{
    struct object *ob = schema_find(&c->o->schema, name);
    if (ob && perm_sees_object(c, ob))
        return ob;
    answer_not_found(c);
    return NULL;
}

/* ---- one record ---- */

static bool wanted_fields(const struct call *c, const struct object *ob, char *list, const struct field **out,
                          size_t *n, struct fault *f)
{
    *n = 0;
    if (!list) {
        for (size_t i = 0; i < ob->n; i++)
            if (perm_sees(c, ob, &ob->fields[i]))
                out[(*n)++] = &ob->fields[i];
        return true;
    }
    for (char *name = list + strspn(list, ", "), *next; *name; name = next) {
        size_t len = strcspn(name, ", ");
        next = name + len;
        next += strspn(next, ", ");
        name[len] = '\0';
        const struct field *field = object_field(ob, name);
        if (!field || !perm_sees(c, ob, field)) {
            fault_set(f, 400, "INVALID_FIELD", NULL,
                      "No such column '%.80s' on entity '%s'. If you are attempting to use a custom field, be sure "
                      "to append the '__c' after the custom field name. Please reference your WSDL or the describe "
                      "call for the appropriate names.",
                      name, ob->name);
            return false;
        }
        bool twice = false;
        for (size_t i = 0; i < *n; i++)
            twice = twice || out[i] == field;
        if (!twice)
            out[(*n)++] = field;
    }
    return true;
}

bool answer_record(struct call *c, const struct object *ob, const char *id, char *fields, struct text *out,
                   struct fault *f)
{
    const struct field **want = mem_new((ob->n + 1) * sizeof(const struct field *));
    struct text sql = { 0 };
    size_t n;
    bool ok = wanted_fields(c, ob, fields, want, &n, f);
    if (!ok)
        goto out;
    text_str(&sql, "SELECT \"Id\", \"IsDeleted\"");
    for (size_t i = 0; i < n; i++)
        text_fmt(&sql, ", \"%s\"", want[i]->name);
    text_fmt(&sql, " FROM \"%s\" WHERE \"Id\" = ?1", ob->name);
    sqlite3_stmt *s = store_get(c->o, sql.p);
    sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
    ok = sqlite3_step(s) == SQLITE_ROW && !sqlite3_column_int(s, 1);
    if (ok) {
        text_fmt(out, "{\"attributes\":{\"type\":\"%s\",\"url\":\"/services/data/v%s/sobjects/%s/%s\"}", ob->name,
                 c->version, ob->name, id);
        for (size_t i = 0; i < n; i++) {
            text_fmt(out, ",\"%s\":", want[i]->name);
            value_json(out, c, ob->name, want[i], id, s, (int)i + 2);
        }
        /* asked for or not, the id comes along */
        bool has_id = false;
        for (size_t i = 0; i < n; i++)
            has_id = has_id || want[i]->type == TYPE_ID;
        if (!has_id)
            text_fmt(out, ",\"Id\":\"%s\"", id);
        text_char(out, '}');
    } else {
        fault_set(f, 404, "NOT_FOUND", NULL, "The requested resource does not exist");
    }
    store_put(c->o, s);
out:
    text_free(&sql);
    free(want);
    return ok;
}
