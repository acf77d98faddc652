/*
 * content.c - files: inserting a ContentVersion makes its ContentDocument, or the next version of one, and shares
 * it with FirstPublishLocationId. The document follows its newest version; deleting it deletes all versions and links.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/encoding.h"
#include "sandbox/base/system.h"
#include "sandbox/records/record.h"
#include "sandbox/records/rules.h"

/* "Cards/og.png" -> title og, extension png */
static void name_file(struct draft *d)
{
    const char *path = draft_text(d, "PathOnClient");
    const char *slash = path ? strrchr(path, '/') : NULL, *name = slash ? slash + 1 : path ? path : "";
    const char *dot = strrchr(name, '.');
    if (!draft_text(d, "Title"))
        draft_put(d, "Title", value_text(name, dot ? (size_t)(dot - name) : strlen(name)));
    if (dot && dot[1]) {
        char type[40];
        size_t n = 0;
        draft_put_text(d, "FileExtension", dot + 1);
        for (const char *p = dot + 1; *p && n + 1 < sizeof type; p++)
            type[n++] = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
        type[n] = '\0';
        draft_put_text(d, "FileType", type);
    } else {
        draft_put_text(d, "FileType", "UNKNOWN");
    }
}

static bool has_bytes(const struct draft *d)
{
    const struct value *data = draft_get(d, "VersionData");
    return data && data->kind == VALUE_BYTES;
}

static void measure(struct draft *d)
{
    const struct value *data = draft_get(d, "VersionData");
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    char hex[2 * EVP_MAX_MD_SIZE + 1] = "";
    size_t size = has_bytes(d) ? data->n : 0;
    EVP_Digest(size ? data->text : "", size, sum, &n, EVP_md5(), NULL);
    hex_text(sum, n, hex);
    draft_put_text(d, "Checksum", hex);
    draft_put_int(d, "ContentSize", (int64_t)size);
}

/* Takes `in` over and makes a record of it on behalf of the call's user, whose permissions do not count here. */
static bool insert_own(const struct call *c, struct object *ob, json_t *in, char id[ID_SIZE], struct fault *f)
{
    struct call inside = { .o = c->o, .loading = true };
    copy_text(inside.user_id, sizeof inside.user_id, c->user_id);
    bool ok = record_insert(&inside, ob, in, id, f);
    json_decref(in);
    return ok;
}

static bool new_document(struct draft *d, struct fault *f)
{
    struct object *documents = schema_find(&d->c->o->schema, "ContentDocument");
    char id[ID_SIZE];
    if (!documents)
        return true;
    const char *title = draft_text(d, "Title"), *extension = draft_text(d, "FileExtension");
    json_t *in = json_pack("{s:s, s:s*, s:s*}", "Title", title ? title : "", "FileExtension", extension, "FileType",
                           draft_text(d, "FileType"));
    if (!insert_own(d->c, documents, in, id, f))
        return false;
    draft_put_text(d, "ContentDocumentId", id);
    return true;
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

/* A file has a path and bytes, a link has an address instead. */
static bool has_content(const struct draft *d, struct fault *f)
{
    bool link = draft_text(d, "ContentUrl") != NULL;
    const char *missing = link                             ? NULL
                          : !draft_text(d, "PathOnClient") ? "PathOnClient"
                          : !has_bytes(d)                  ? "VersionData"
                                                           : NULL;
    if (missing)
        fault_set(f, 400, "REQUIRED_FIELD_MISSING", missing, "Required fields are missing: [%s]", missing);
    else if (link && has_bytes(d))
        fault_set(f, 400, "INVALID_FIELD", "ContentUrl", "A version has either VersionData or a ContentUrl, not both");
    return !f->code[0];
}

static void name_link(struct draft *d)
{
    if (!draft_text(d, "Title"))
        draft_put(d, "Title", value_text(draft_text(d, "ContentUrl"), strnlen(draft_text(d, "ContentUrl"), 255)));
    draft_put_text(d, "FileType", "LINK");
    draft_put_int(d, "ContentSize", 0);
}

/* When the content became what it is, by whom, and where its bytes lie. An upload may say when: they may be older. */
static void note_change(struct draft *d)
{
    char now[32], body[ID_SIZE];
    utc_text(org_now_ms(d->c->o), "+0000", now);
    if (d->id || !draft_text(d, "ContentModifiedDate"))
        draft_put_text(d, "ContentModifiedDate", now);
    draft_put_text(d, "ContentModifiedById", d->c->user_id);
    if (!has_bytes(d))
        return;
    id_make("05T", ID_NUMBERS + store_next(d->c->o, "05T"), body);
    draft_put_text(d, "ContentBodyId", body);
}

bool content_before_insert(struct draft *d, struct fault *f)
{
    char number[16];
    if (!d->c->loading && !has_content(d, f))
        return false;
    if (draft_text(d, "ContentUrl")) {
        name_link(d);
    } else {
        name_file(d);
        measure(d);
    }
    note_change(d);
    const char *document = draft_text(d, "ContentDocumentId");
    int version = document ? newest_version(d->c, document) + 1 : 1;
    if (document && draft_text(d, "FirstPublishLocationId")) {
        fault_set(f, 400, "INVALID_FIELD", "FirstPublishLocationId",
                  "FirstPublishLocationId cannot be set on a new version of a document");
        return false;
    }
    if (document)
        run_for(d->c, "UPDATE \"ContentVersion\" SET \"IsLatest\" = 0 WHERE \"ContentDocumentId\" = ?1", document,
                NULL);
    else if (!new_document(d, f))
        return false;
    snprintf(number, sizeof number, "%d", version);
    draft_put_text(d, "VersionNumber", number);
    draft_put_int(d, "IsLatest", 1);
    return true;
}

bool content_before_update(struct draft *d, struct fault *f)
{
    (void)f;
    if (!has_bytes(d))
        return true;
    measure(d);
    note_change(d);
    return true;
}

static bool link_to(struct call *c, const char *document, const char *entity, struct fault *f)
{
    struct object *links = schema_find(&c->o->schema, "ContentDocumentLink");
    char id[ID_SIZE];
    if (!links)
        return true;
    return insert_own(c, links,
                      json_pack("{s:s, s:s, s:s, s:s}", "ContentDocumentId", document, "LinkedEntityId", entity,
                                "ShareType", "V", "Visibility", "AllUsers"),
                      id, f);
}

bool content_after_save(const struct draft *d, const char *id, struct fault *f)
{
    struct call *c = d->c;
    const char *document = draft_text(d, "ContentDocumentId"), *place = draft_text(d, "FirstPublishLocationId");
    if (!document || d->id)
        return true;
    run_for(c,
            "UPDATE \"ContentDocument\" SET \"LatestPublishedVersionId\" = ?2, (\"Title\", \"FileType\", "
            "\"FileExtension\", \"ContentSize\", \"LastModifiedDate\", \"SystemModstamp\") = (SELECT \"Title\", "
            "\"FileType\", \"FileExtension\", \"ContentSize\", \"LastModifiedDate\", \"SystemModstamp\" FROM "
            "\"ContentVersion\" WHERE \"Id\" = ?2) WHERE \"Id\" = ?1",
            document, id);
    run_for(c,
            "UPDATE \"ContentDocument\" SET \"ContentModifiedDate\" = (SELECT \"ContentModifiedDate\" FROM "
            "\"ContentVersion\" WHERE \"Id\" = ?2) WHERE \"Id\" = ?1",
            document, id);
    /* the owner sees the file, and so does the record it was published to */
    if (newest_version(c, document) == 1 && !c->loading && !link_to(c, document, c->user_id, f))
        return false;
    return !place || strcmp(place, c->user_id) == 0 || link_to(c, document, place, f);
}
