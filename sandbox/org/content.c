/*
 * content.c - files: inserting a ContentVersion makes its ContentDocument, or the next version of one, and shares
 * it with FirstPublishLocationId. The document follows its newest version; deleting it deletes all versions and links.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/org/org_parts.h"

static struct value *value_of(struct object *ob, struct value *values, const char *name)
{
    struct field *f = object_field(ob, name);
    return f ? &values[f - ob->fields] : NULL;
}

static const char *text_of(struct object *ob, struct value *values, const char *name)
{
    const struct value *v = value_of(ob, values, name);
    return v && v->kind == VALUE_TEXT ? v->text : NULL;
}

static void put(struct object *ob, struct value *values, bool *set, const char *name, struct value v)
{
    struct field *f = object_field(ob, name);
    if (!f) {
        value_free(&v);
        return;
    }
    value_free(&values[f - ob->fields]);
    values[f - ob->fields] = v;
    set[f - ob->fields] = true;
}

static struct value text_value(const char *s, size_t n)
{
    return n ? (struct value){ .kind = VALUE_TEXT, .text = mem_dup(s, n), .n = n } : (struct value){ 0 };
}

static void put_text(struct object *ob, struct value *values, bool *set, const char *name, const char *s)
{
    put(ob, values, set, name, text_value(s, strlen(s)));
}

static void put_int(struct object *ob, struct value *values, bool *set, const char *name, int64_t i)
{
    put(ob, values, set, name, (struct value){ .kind = VALUE_INT, .i = i });
}

/* "Cards/og.png" -> title og, extension png */
static void name_file(struct object *ob, struct value *values, bool *set)
{
    const char *path = text_of(ob, values, "PathOnClient");
    const char *slash = path ? strrchr(path, '/') : NULL, *name = slash ? slash + 1 : path ? path : "";
    const char *dot = strrchr(name, '.');
    if (!text_of(ob, values, "Title"))
        put(ob, values, set, "Title", text_value(name, dot ? (size_t)(dot - name) : strlen(name)));
    if (dot && dot[1]) {
        char type[40];
        size_t n = 0;
        put_text(ob, values, set, "FileExtension", dot + 1);
        for (const char *p = dot + 1; *p && n + 1 < sizeof type; p++)
            type[n++] = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
        type[n] = '\0';
        put_text(ob, values, set, "FileType", type);
    } else {
        put_text(ob, values, set, "FileType", "UNKNOWN");
    }
}

static void measure(struct object *ob, struct value *values, bool *set)
{
    const struct value *data = value_of(ob, values, "VersionData");
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    char hex[2 * EVP_MAX_MD_SIZE + 1] = "";
    size_t size = data && data->kind == VALUE_BYTES ? data->n : 0;
    EVP_Digest(size ? data->text : "", size, sum, &n, EVP_md5(), NULL);
    for (unsigned i = 0; i < n; i++)
        snprintf(hex + 2 * (size_t)i, 3, "%02x", sum[i]);
    put_text(ob, values, set, "Checksum", hex);
    put_int(ob, values, set, "ContentSize", (int64_t)size);
}

static bool new_document(struct call *c, struct object *ob, struct value *values, bool *set, char id[ID_SIZE],
                         struct fault *f)
{
    struct object *documents = schema_find(&c->o->schema, "ContentDocument");
    if (!documents)
        return true;
    struct call inside = { .o = c->o, .loading = true };
    otext_copy(inside.user_id, sizeof inside.user_id, c->user_id);
    const char *title = text_of(ob, values, "Title"), *extension = text_of(ob, values, "FileExtension");
    json_t *in = json_pack("{s:s, s:s*, s:s*}", "Title", title ? title : "", "FileExtension", extension, "FileType",
                           text_of(ob, values, "FileType"));
    bool ok = record_insert(&inside, documents, in, id, f);
    json_decref(in);
    if (ok)
        put_text(ob, values, set, "ContentDocumentId", id);
    return ok;
}

/* The number of the document's newest version; 0 when it has none. */
static int newest_version(struct call *c, const char *document)
{
    sqlite3_stmt *s = store_get(
        c->o,
        "SELECT MAX(CAST(\"VersionNumber\" AS INTEGER)) FROM \"ContentVersion\" WHERE \"ContentDocumentId\" = ?1");
    sqlite3_bind_text(s, 1, document, -1, SQLITE_STATIC);
    int n = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int(s, 0) : 0;
    store_put(c->o, s);
    return n;
}

static void run_for(struct call *c, const char *sql, const char *a, const char *b)
{
    sqlite3_stmt *s = store_get(c->o, sql);
    if (!s)
        return;
    sqlite3_bind_text(s, 1, a, -1, SQLITE_STATIC);
    if (b)
        sqlite3_bind_text(s, 2, b, -1, SQLITE_STATIC);
    sqlite3_step(s);
    store_put(c->o, s);
}

bool content_before_insert(struct call *c, struct object *ob, struct value *values, bool *set, struct fault *f)
{
    char id[ID_SIZE], number[16];
    if (!same_name(ob->name, "ContentVersion"))
        return true;
    const struct value *data = value_of(ob, values, "VersionData");
    if (!c->loading && (!data || data->kind != VALUE_BYTES)) {
        fault_set(f, 400, "REQUIRED_FIELD_MISSING", "VersionData", "Required fields are missing: [VersionData]");
        return false;
    }
    name_file(ob, values, set);
    measure(ob, values, set);
    const char *document = text_of(ob, values, "ContentDocumentId");
    int version = document ? newest_version(c, document) + 1 : 1;
    if (document && text_of(ob, values, "FirstPublishLocationId")) {
        fault_set(f, 400, "INVALID_FIELD", "FirstPublishLocationId",
                  "FirstPublishLocationId cannot be set on a new version of a document");
        return false;
    }
    if (document)
        run_for(c, "UPDATE \"ContentVersion\" SET \"IsLatest\" = 0 WHERE \"ContentDocumentId\" = ?1", document, NULL);
    else if (!new_document(c, ob, values, set, id, f))
        return false;
    snprintf(number, sizeof number, "%d", version);
    put_text(ob, values, set, "VersionNumber", number);
    put_int(ob, values, set, "IsLatest", 1);
    return true;
}

static bool link_to(struct call *c, const char *document, const char *entity, struct fault *f)
{
    struct object *links = schema_find(&c->o->schema, "ContentDocumentLink");
    char id[ID_SIZE];
    if (!links)
        return true;
    struct call inside = { .o = c->o, .loading = true };
    otext_copy(inside.user_id, sizeof inside.user_id, c->user_id);
    json_t *in = json_pack("{s:s, s:s, s:s, s:s}", "ContentDocumentId", document, "LinkedEntityId", entity, "ShareType",
                           "V", "Visibility", "AllUsers");
    bool ok = record_insert(&inside, links, in, id, f);
    json_decref(in);
    return ok;
}

void content_before_update(struct object *ob, struct value *values, bool *set)
{
    const struct value *data = value_of(ob, values, "VersionData");
    if (same_name(ob->name, "ContentVersion") && data && data->kind == VALUE_BYTES)
        measure(ob, values, set);
}

bool content_after_insert(struct call *c, const struct object *ob, const char *id, const struct value *values,
                          struct fault *f)
{
    struct object *versions = (struct object *)ob;
    struct value *v = (struct value *)values;
    if (!same_name(ob->name, "ContentVersion"))
        return true;
    const char *document = text_of(versions, v, "ContentDocumentId"),
               *place = text_of(versions, v, "FirstPublishLocationId");
    if (!document)
        return true;
    run_for(c,
            "UPDATE \"ContentDocument\" SET \"LatestPublishedVersionId\" = ?2, (\"Title\", \"FileType\", "
            "\"FileExtension\", \"ContentSize\", "
            "\"LastModifiedDate\", \"SystemModstamp\") = (SELECT \"Title\", \"FileType\", \"FileExtension\", "
            "\"ContentSize\", \"LastModifiedDate\", "
            "\"SystemModstamp\" FROM \"ContentVersion\" WHERE \"Id\" = ?2) WHERE \"Id\" = ?1",
            document, id);
    /* the owner sees the file, and so does the record it was published to */
    if (newest_version(c, document) == 1 && !c->loading && !link_to(c, document, c->user_id, f))
        return false;
    return !place || strcmp(place, c->user_id) == 0 || link_to(c, document, place, f);
}
