/* write.c - Quotes and lines into the org. */
#include "actions/quotes/write.h"

#include "actions/quotes/org.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 200 };

struct writer {
    struct act_call *call;
    const char *uuid;
    struct quote_piece *pieces;
    size_t n;
    struct sf_error *err;
    bool denied;
    struct deal_problem why;
    struct sf_result results[BLOCK];
};

/* One line on its way. */
struct item {
    struct quote_piece *piece;
    const struct deal_line *line;
};

bool quote_is_twin(const struct sf_error *err)
{
    return strcmp(err->code, "DUPLICATE_VALUE") == 0;
}

static void refuse(struct quote_piece *piece, const struct sf_error *err)
{
    /* a trigger that meets a lock says so in its message alone */
    bool later = err->retryable || strstr(err->message, "UNABLE_TO_LOCK_ROW");
    /* what is refused for good counts more than what may pass */
    if (piece->state == QUOTE_REFUSED || (piece->state == QUOTE_AGAIN && later))
        return;
    piece->state = later ? QUOTE_AGAIN : QUOTE_REFUSED;
    piece->error = *err;
}

/* The array takes the record over; memory that is not there ends the call, like the client's own. */
static void append(struct act_call *call, json_t *array, json_t *record)
{
    if (!record || json_array_append_new(array, record) != 0)
        (void)act_alloc(call, SIZE_MAX / 2);
}

/* ---- Quotes ---- */

static bool insert_quotes(struct writer *w)
{
    json_t *records = json_array();
    for (size_t i = 0; i < w->n; i++)
        append(w->call, records, quote_record(w->pieces[i].deal, w->uuid, true));
    bool ok = sf_create_many(act_org(w->call), records, false, w->results, w->err);
    json_decref(records);
    return ok;
}

static void take_quote(struct writer *w, struct quote_piece *piece, const struct sf_result *result)
{
    if (result->success) {
        memcpy(piece->id, result->id, SF_ID_SIZE);
    } else if (quote_is_twin(&result->error)) {
        piece->error = result->error;
    } else if (quote_org_explains(&result->error, &w->why)) {
        w->denied = true;
        *w->err = result->error;
    } else {
        refuse(piece, &result->error);
    }
}

/* Ids of Quotes that were there already, by their keys. */
static bool find_quotes(struct writer *w)
{
    char(*keys)[QUOTE_KEY_SIZE] = act_alloc(w->call, w->n * sizeof *keys);
    const char **list = act_alloc(w->call, w->n * sizeof *list);
    struct sf_rows *rows;
    const json_t *row;
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++)
        if (w->pieces[i].state == QUOTE_OPEN && !w->pieces[i].id[0]) {
            quote_key(w->uuid, w->pieces[i].deal->id, keys[n]);
            list[n] = keys[n];
            n++;
        }
    if (n == 0)
        return true;
    if (!sf_query(act_org(w->call), &rows, w->err,
                  "SELECT Id, OpportunityId, AppLinkKey__c FROM Quote WHERE AppLinkKey__c IN ?", sf_texts(list, n)))
        return false;
    while ((row = sf_next(rows, w->err))) {
        const char *id = sf_get_text(row, "Id"), *of = sf_get_text(row, "OpportunityId");
        for (size_t i = 0; i < w->n && id && of; i++)
            if (!w->pieces[i].id[0] && strncmp(w->pieces[i].deal->id, of, 15) == 0 && !sf_id_check(id, w->pieces[i].id))
                w->pieces[i].id[0] = '\0';
    }
    return !w->err->code[0];
}

static bool make_quotes(struct writer *w)
{
    if (!insert_quotes(w))
        return false;
    for (size_t i = 0; i < w->n; i++)
        take_quote(w, &w->pieces[i], &w->results[i]);
    if (w->denied)
        return true;
    if (!find_quotes(w))
        return false;
    for (size_t i = 0; i < w->n; i++)
        if (w->pieces[i].state == QUOTE_OPEN && !w->pieces[i].id[0])
            w->pieces[i].state = QUOTE_REFUSED; /* like a record that this user cannot see, or by another field */
    return true;
}

/* ---- lines ---- */

/* A line that the org calls a twin without naming our field is looked for: it may be one by another field, and a user
 * who may not see the other record is told "<unknown>". False: the org did not answer. */
static bool look_for(struct writer *w, const struct item *item, bool *there)
{
    char key[QUOTE_KEY_SIZE];
    struct sf_rows *rows;
    quote_key(w->uuid, item->line->id, key);
    if (!sf_query(act_org(w->call), &rows, w->err,
                  "SELECT Id FROM QuoteLineItem WHERE AppLinkKey__c = ? AND QuoteId = ?", sf_text(key),
                  sf_id(item->piece->id)))
        return false;
    *there = sf_next(rows, w->err) != NULL;
    return !w->err->code[0];
}

static bool take_result(struct writer *w, const struct item *item, const struct sf_result *result)
{
    bool there = result->success;
    if (!there && quote_is_twin(&result->error)) {
        there = strstr(result->error.message, QUOTE_KEY_FIELD) != NULL;
        if (!there && !look_for(w, item, &there))
            return false;
    }
    if (!there)
        refuse(item->piece, &result->error);
    return true;
}

static bool insert_block(struct writer *w, const struct item *items, size_t n)
{
    json_t *records = json_array();
    for (size_t i = 0; i < n; i++)
        append(w->call, records,
               quote_line_record(items[i].line, items[i].piece->deal, w->uuid, items[i].piece->id, true));
    bool ok = sf_create_many(act_org(w->call), records, false, w->results, w->err);
    json_decref(records);
    for (size_t i = 0; i < n && ok; i++)
        ok = take_result(w, &items[i], &w->results[i]);
    return ok;
}

/* Fills `items` with the next lines of Quotes that are still whole; *piece and *line go on. */
static size_t next_block(struct writer *w, size_t *piece, size_t *line, struct item items[BLOCK])
{
    size_t n = 0;
    for (; *piece < w->n && n < BLOCK; (*piece)++, *line = 0) {
        struct quote_piece *p = &w->pieces[*piece];
        while (p->state == QUOTE_OPEN && *line < p->deal->lines_n && n < BLOCK)
            items[n++] = (struct item){ p, &p->deal->lines[(*line)++] };
        if (p->state == QUOTE_OPEN && *line < p->deal->lines_n)
            break;
    }
    return n;
}

static enum quote_write make_lines(struct writer *w)
{
    struct item items[BLOCK];
    size_t piece = 0, line = 0, n;
    while ((n = next_block(w, &piece, &line, items)) > 0) {
        if (act_step_must_stop(w->call))
            return QUOTE_STOPPED;
        if (!insert_block(w, items, n))
            return QUOTE_FAILED;
    }
    return QUOTE_WRITTEN;
}

/* ---- Quotes that cannot be whole ---- */

static void note_left(struct quote_piece *piece, const struct sf_error *err)
{
    char said[256];
    snprintf(said, sizeof said, "%.255s", piece->error.message);
    if (err->retryable) {
        piece->state = QUOTE_AGAIN;
        piece->error = *err;
        return;
    }
    snprintf(piece->error.message, sizeof piece->error.message,
             "%s The Quote %s was begun and could not be deleted (%.60s): delete it by hand.", said, piece->id,
             err->code);
}

static bool drop_quotes(struct writer *w)
{
    const char **ids = act_alloc(w->call, w->n * sizeof *ids);
    struct quote_piece **broken = act_alloc(w->call, w->n * sizeof *broken);
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++)
        if (w->pieces[i].state == QUOTE_REFUSED && w->pieces[i].id[0]) {
            ids[n] = w->pieces[i].id;
            broken[n++] = &w->pieces[i];
        }
    if (n && !sf_delete_many(act_org(w->call), ids, n, w->results, w->err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!w->results[i].success && strcmp(w->results[i].error.code, "ENTITY_IS_DELETED") != 0)
            note_left(broken[i], &w->results[i].error);
    return true;
}

static enum quote_write write_all(struct writer *w)
{
    if (act_step_must_stop(w->call))
        return QUOTE_STOPPED;
    if (!make_quotes(w))
        return QUOTE_FAILED;
    if (w->denied)
        return QUOTE_DENIED;
    enum quote_write state = make_lines(w);
    if (state == QUOTE_WRITTEN && !drop_quotes(w))
        state = QUOTE_FAILED;
    for (size_t i = 0; i < w->n && state == QUOTE_WRITTEN; i++)
        if (w->pieces[i].state == QUOTE_OPEN)
            w->pieces[i].state = QUOTE_MADE;
    return state;
}

enum quote_write quote_write(struct act_call *call, const char *uuid, struct quote_piece *pieces, size_t n,
                             struct sf_error *err)
{
    if (n == 0)
        return QUOTE_WRITTEN;
    struct writer *w = act_alloc(call, sizeof *w);
    w->call = call;
    w->uuid = uuid;
    w->pieces = pieces;
    w->n = n;
    w->err = err;
    return write_all(w);
}

/* ---- what the org makes of them ---- */

bool quote_totals(struct act_call *call, struct quote_piece *pieces, size_t n, struct sf_error *err)
{
    const char **ids = act_alloc(call, (n + 1) * sizeof *ids);
    struct sf_rows *rows;
    const json_t *row;
    size_t made = 0;
    for (size_t i = 0; i < n; i++)
        if (pieces[i].state == QUOTE_MADE)
            ids[made++] = pieces[i].id;
    if (made == 0)
        return true;
    if (!sf_query(act_org(call), &rows, err, "SELECT Id, GrandTotal FROM Quote WHERE Id IN ?", sf_ids(ids, made)))
        return false;
    while ((row = sf_next(rows, err))) {
        const char *id = sf_get_text(row, "Id");
        for (size_t i = 0; i < n && id; i++)
            if (pieces[i].state == QUOTE_MADE && strncmp(pieces[i].id, id, 15) == 0)
                pieces[i].counted = amount_read(sf_get(row, "GrandTotal"), pieces[i].deal->exponent, &pieces[i].grand);
    }
    return !err->code[0];
}
