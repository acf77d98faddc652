/* write.c - Quotes and lines into the org. */
#include "actions/quotes/write.h"

#include "actions/quotes/org.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 200, BLOCKS = 8 }; /* of one request; of one look whether to stop */

struct writer {
    struct act_call *call;
    const char *uuid;
    struct quote_piece *pieces;
    size_t n;
    struct sf_error *err;
    bool denied;
    struct deal_problem why;
    struct sf_result *results; /* of each piece; of deletions */
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
    struct sf_list *lists = act_alloc(w->call, (w->n / BLOCK + 1) * sizeof *lists);
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++) {
        if (i % BLOCK == 0)
            lists[n++] = (struct sf_list){ act_own(w->call, json_array()), &w->results[i] };
        append(w->call, (json_t *)(uintptr_t)lists[n - 1].records, quote_record(w->pieces[i].deal, w->uuid, true));
    }
    return sf_create_lists(act_org(w->call), lists, n, w->err);
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

/* Lines that leave together. All lines of a Quote stand in one block: two blocks would lock each other out of it. */
struct wave {
    struct item items[BLOCKS][BLOCK];
    struct sf_result results[BLOCKS][BLOCK];
    size_t n[BLOCKS], blocks;
};

/* Where the plan of waves is: the next Quote, and the next line of one that has more than a block. */
struct place {
    size_t piece, line;
};

/* Fills the wave with the next lines of Quotes that are still whole. A Quote with more lines than a block goes on in
 * the next wave, alone. False: there are none. */
static bool next_wave(struct writer *w, struct place *at, struct wave *v)
{
    v->blocks = 0;
    for (; at->piece < w->n; at->piece++, at->line = 0) {
        struct quote_piece *p = &w->pieces[at->piece];
        size_t left = p->state == QUOTE_OPEN ? p->deal->lines_n - at->line : 0, take = left < BLOCK ? left : BLOCK;
        if (take == 0)
            continue;
        if (v->blocks == 0 || v->n[v->blocks - 1] + take > BLOCK) {
            if (v->blocks == BLOCKS)
                return true;
            v->n[v->blocks++] = 0;
        }
        for (size_t i = 0; i < take; i++)
            v->items[v->blocks - 1][v->n[v->blocks - 1]++] = (struct item){ p, &p->deal->lines[at->line++] };
        if (take < left)
            return true;
    }
    return v->blocks > 0;
}

static bool insert_wave(struct writer *w, struct wave *v)
{
    struct sf_list lists[BLOCKS];
    for (size_t k = 0; k < v->blocks; k++) {
        json_t *records = json_array();
        for (size_t i = 0; i < v->n[k]; i++) {
            const struct item *item = &v->items[k][i];
            append(w->call, records, quote_line_record(item->line, item->piece->deal, w->uuid, item->piece->id, true));
        }
        lists[k] = (struct sf_list){ records, v->results[k] };
    }
    bool ok = sf_create_lists(act_org(w->call), lists, v->blocks, w->err);
    for (size_t k = 0; k < v->blocks; k++)
        json_decref((json_t *)(uintptr_t)lists[k].records);
    for (size_t k = 0; k < v->blocks && ok; k++)
        for (size_t i = 0; i < v->n[k] && ok; i++)
            ok = take_result(w, &v->items[k][i], &v->results[k][i]);
    return ok;
}

static enum quote_write make_lines(struct writer *w)
{
    struct wave *v = act_alloc(w->call, sizeof *v);
    struct place at = { 0, 0 };
    while (next_wave(w, &at, v)) {
        if (act_step_must_stop(w->call))
            return QUOTE_STOPPED;
        if (!insert_wave(w, v))
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
    w->results = act_alloc(call, n * sizeof *w->results);
    w->uuid = uuid;
    w->pieces = pieces;
    w->n = n;
    w->err = err;
    return write_all(w);
}
