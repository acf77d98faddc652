/* store.c - looks for an agreement by its number, and writes its two files. */
#include "actions/finance_agreement/store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/finance_agreement/answer.h"
#include "actions/finance_agreement/paper.h"
#include "actions/finance_agreement/text.h"

/* "Finance Agreement FA-...", "Finance Quotation FA-...": the number tells whose it is, the word is for people */
#define TITLE_START "Finance "
#define TITLE_NUMBER " FA-"
#define REPLY_END " - reply"

enum { KEY_PART = 15, REPLY_MAX = 512 * 1024, TITLE_NAME = 160 }; /* "FA-" and 12 hex digits */

void store_number(const char *who, const char *input_hash, char out[AGREEMENT_NUMBER])
{
    char hash[AGREEMENT_HASH];
    agreement_hash(who, strlen(who), hash);
    snprintf(out, AGREEMENT_NUMBER, "FA-%.12s-%.8s", hash, input_hash);
    for (char *p = out; *p; p++)
        if (*p >= 'a' && *p <= 'f')
            *p = (char)(*p - 'a' + 'A');
}

/* Reals without a fraction become integers: callers differ in how they write 1000. */
static json_t *normal(const json_t *value)
{
    double d = json_real_value(value);
    if (json_is_real(value) && d == floor(d) && fabs(d) < 1e15)
        return json_integer((json_int_t)d);
    return json_deep_copy(value);
}

void store_input_hash(const json_t *in, char out[AGREEMENT_HASH])
{
    const char *key;
    json_t *value, *copy = json_object();
    json_object_foreach ((json_t *)in, key, value)
        if (strcmp(key, "idempotencyKey"))
            json_object_set_new(copy, key, normal(value));
    char *text = json_dumps(copy, JSON_SORT_KEYS | JSON_COMPACT | JSON_REAL_PRECISION(15));
    agreement_hash(text ? text : "", text ? strlen(text) : 0, out);
    free(text);
    json_decref(copy);
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && !strcmp(text + n - m, end);
}

/* What the files that carry the key's part of the number come to. */
struct find {
    const char *number;
    const char *own[2];               /* versions that this call stored, or NULL */
    char own_document[2][SF_ID_SIZE]; /* and their documents */
    char reply_id[SF_ID_SIZE], pdf_id[SF_ID_SIZE], pdf_document[SF_ID_SIZE]; /* the oldest ones */
    bool other;                                                              /* one has the key with other input */
    bool reply_is_other;                                                     /* and that is the oldest reply */
};

static void look_at(struct find *f, const json_t *row)
{
    const char *title = sf_get_text(row, "Title"), *id = sf_get_text(row, "Id"),
               *document = sf_get_text(row, "ContentDocumentId");
    size_t length = strlen(f->number);
    const char *number =
        title && !strncmp(title, TITLE_START, strlen(TITLE_START)) ? strstr(title, TITLE_NUMBER) : NULL;
    if (!number || !id)
        return;
    number++;
    for (int i = 0; i < 2; i++)
        if (f->own[i] && document && !strcmp(id, f->own[i]))
            sf_id_check(document, f->own_document[i]);
    bool other = strncmp(number, f->number, length) || (number[length] && number[length] != ' ');
    f->other |= other;
    if (ends_with(title, REPLY_END)) {
        if (!*f->reply_id) { /* the oldest counts when calls met */
            sf_id_check(id, f->reply_id);
            f->reply_is_other = other;
        }
    } else if (!*f->pdf_id && !other) {
        sf_id_check(id, f->pdf_id);
        if (document)
            sf_id_check(document, f->pdf_document);
    }
}

/* Not narrowed to the customer: a key that was used for another one is used. */
static bool look(struct act_call *call, struct find *f, struct sf_error *err)
{
    struct sf_rows *rows;
    const json_t *row;
    const char *like = act_printf(call, TITLE_START "%% %.*s-%%", KEY_PART, f->number);
    if (!sf_query(act_org(call), &rows, err,
                  "SELECT Id, Title, ContentDocumentId FROM ContentVersion WHERE Title LIKE ? ORDER BY CreatedDate, Id",
                  sf_text(like)))
        return false;
    while ((row = sf_next(rows, err)))
        look_at(f, row);
    return !*err->code;
}

/* The JSON of a stored reply, NULL with *err when it cannot be read. */
static json_t *fetch_reply(struct act_call *call, const char *id, struct sf_error *err)
{
    struct act_bytes data;
    if (!sf_download(act_org(call), "ContentVersion", id, "VersionData", REPLY_MAX, &data, err))
        return NULL;
    json_t *reply = json_loadb(data.p, data.n, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(reply))
        return reply;
    json_decref(reply);
    return NULL;
}

enum store_found store_find(struct act_call *call, const char *number, json_t **reply, char document_id[SF_ID_SIZE],
                            struct sf_error *err)
{
    struct find f = { .number = number };
    if (!look(call, &f, err))
        return STORE_FAILED;
    if (f.other)
        return STORE_OTHER;
    if (*f.reply_id) {
        json_t *found = fetch_reply(call, f.reply_id, err);
        if (!found && *err->code)
            return STORE_FAILED;
        if (found) {
            *reply = found;
            return STORE_REPLY;
        }
    }
    if (!*f.pdf_id)
        return STORE_NONE;
    memcpy(document_id, f.pdf_document, SF_ID_SIZE);
    return STORE_DOCUMENT;
}

enum store_settled store_settle(struct act_call *call, const char *number, const char *reply_id, const char *pdf_id,
                                json_t **reply)
{
    struct find f = { .number = number, .own = { reply_id, pdf_id } };
    struct sf_error err;
    json_t *winner = NULL;
    if (!look(call, &f, &err) || !*f.reply_id || !strcmp(f.reply_id, reply_id))
        return STORE_OURS;
    if (!f.reply_is_other && !(winner = fetch_reply(call, f.reply_id, &err)))
        return STORE_OURS;
    act_log(call, ACT_LOG_INFO, "another call with the same key was first; its result counts");
    for (int i = 0; i < 2; i++)
        if (*f.own_document[i] && !sf_delete(act_org(call), "ContentDocument", f.own_document[i], &err))
            act_log(call, ACT_LOG_WARN, "a file that lost to another call stays: %s", err.code);
    if (f.reply_is_other)
        return STORE_CONFLICT;
    *reply = winner;
    return STORE_THEIRS;
}

static bool upload(struct act_call *call, const char *customer, const char *document_id, const char *title,
                   const char *file, struct act_bytes data, char id[SF_ID_SIZE], struct sf_error *err)
{
    json_t *fields = act_own(call, json_object());
    json_object_set_new(fields, "Title", json_string(title));
    json_object_set_new(fields, "PathOnClient", json_string(file));
    /* where a file is first published is said once; later versions name the document instead */
    if (*document_id)
        json_object_set_new(fields, "ContentDocumentId", json_string(document_id));
    else
        json_object_set_new(fields, "FirstPublishLocationId", json_string(customer));
    return sf_upload(act_org(call), "ContentVersion", "VersionData", fields, data, file, id, err);
}

void store_document(struct act_call *call, const char *customer, const char *document_id, struct act_bytes pdf,
                    struct document *document)
{
    struct sf_error err = { 0 };
    const char *file = act_printf(call, "%s.pdf", document->title);
    if (upload(call, customer, document_id, document->title, file, pdf, document->content_version, &err)) {
        document->status = "stored";
        return;
    }
    document->status = "failed";
    snprintf(document->failure_code, sizeof document->failure_code, "upload_failed");
    text_fmt(document->failure, sizeof document->failure, "%s%s",
             err.outcome_unknown ? "The upload was cut and may or may not have arrived: "
                                 : "Salesforce did not take the document: ",
             *err.message ? err.message : err.code);
    act_log(call, ACT_LOG_WARN, "document not stored: %s", err.code);
}

bool store_reply(struct act_call *call, const char *customer, const char *number, const json_t *reply,
                 char id[SF_ID_SIZE], struct sf_error *err)
{
    char *text = json_dumps(reply, JSON_COMPACT | JSON_REAL_PRECISION(15));
    if (!text)
        return false;
    const char *title = act_printf(call, TITLE_START "Agreement %s" REPLY_END, number);
    bool ok = upload(call, customer, "", title, act_printf(call, "%s.json", number),
                     (struct act_bytes){ text, strlen(text) }, id, err);
    free(text);
    return ok;
}

void store_title(const struct agreement *a, char *out, size_t size)
{
    static const char *const words[] = { "Agreement", "Quotation", "Information" };
    char day[DATE_TEXT_SIZE], name[TITLE_NAME];
    struct paper paper;
    paper_of(a, &paper);
    text_fmt(name, sizeof name, "%s", a->vehicle.name);
    /* slashes and the like would make a strange file name */
    for (char *p = name; *p; p++)
        if ((unsigned char)*p < 0x20 || strchr("/\\:*?\"<>|", *p))
            *p = ' ';
    text_fmt(out, size, TITLE_START "%s %s - %s - %s", words[paper.kind], a->number, name,
             date_text(date_of_time(a->at), day));
}
