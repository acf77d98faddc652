/* records.c - fields of Quotes and their lines. */
#include "actions/quotes/records.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "actions/quotes/text.h"

void quote_key(const char *uuid, const char *id, char out[QUOTE_KEY_SIZE])
{
    snprintf(out, QUOTE_KEY_SIZE, "%.61s:%.18s", uuid, id);
}

/* Whether 36 characters are 8-4-4-4-12 hexadecimal digits. */
static bool is_uuid(const char *s)
{
    for (int i = 0; i < 36; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? s[i] != '-' : !isxdigit((unsigned char)s[i]))
            return false;
    }
    return true;
}

/* FNV-1a with a seed: request ids are the caller's own, so that nobody gains by two that meet. */
static uint64_t hash_of(const char *text, uint64_t h)
{
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return h;
}

void quote_uuid(const char *request_id, char out[37])
{
    size_t n = strlen(request_id);
    for (size_t at = 0; at + 36 <= n; at++) {
        if (!is_uuid(request_id + at))
            continue;
        for (int i = 0; i < 36; i++)
            out[i] = (char)tolower((unsigned char)request_id[at + (size_t)i]);
        out[36] = '\0';
        return;
    }
    uint64_t a = hash_of(request_id, UINT64_C(14695981039346656037));
    uint64_t b = hash_of(request_id, a ^ UINT64_C(0x9e3779b97f4a7c15));
    /* version 8 of RFC 9562: a form of one's own */
    snprintf(out, 37, "%08x-%04x-8%03x-%04x-%012llx", (unsigned)(a >> 32), (unsigned)(a >> 16 & 0xffff),
             (unsigned)(a & 0xfff), (unsigned)(b >> 48 & 0x3fff) | 0x8000,
             (unsigned long long)(b & UINT64_C(0xffffffffffff)));
}

static json_t *name_of(const struct deal *d)
{
    char name[1024];
    snprintf(name, sizeof name, "Quote for %.*s", (int)quote_text_bytes(d->name, 1000), d->name);
    return json_stringn(name, quote_text_units(name, QUOTE_NAME_UNITS));
}

/* Members of `fields` by the type of record that Collections want to know. */
static json_t *with_type(json_t *fields, const char *type, bool typed)
{
    if (fields && typed && json_object_set_new(fields, "attributes", json_pack("{s:s}", "type", type)) != 0) {
        json_decref(fields);
        return NULL;
    }
    return fields;
}

json_t *quote_record(const struct deal *d, const char *uuid, bool typed)
{
    char key[QUOTE_KEY_SIZE], expires[DAY_TEXT_SIZE];
    quote_key(uuid, d->id, key);
    day_text(d->close_day + QUOTE_VALID_DAYS, expires);
    return with_type(json_pack("{s:o, s:s, s:s, s:s, s:s, s:s}", "Name", name_of(d), "OpportunityId", d->id,
                               "Pricebook2Id", d->pricebook_id, "ExpirationDate", expires, "Status", "Draft",
                               QUOTE_KEY_FIELD, key),
                     "Quote", typed);
}

/* A quantity as the number that it was: whole ones without a point. */
static json_t *number_of(struct decimal d)
{
    return d.places == 0 ? json_integer(d.digits) : json_real(amount_number(d.digits, d.places));
}

json_t *quote_line_record(const struct deal_line *line, const struct deal *d, const char *uuid, const char *quote_id,
                          bool typed)
{
    char key[QUOTE_KEY_SIZE];
    quote_key(uuid, line->id, key);
    return with_type(json_pack("{s:s, s:s, s:o, s:o, s:s}", "QuoteId", quote_id, "PricebookEntryId", line->entry_id,
                               "Quantity", number_of(line->quantity), "UnitPrice",
                               json_real(amount_number(line->net, d->exponent)), QUOTE_KEY_FIELD, key),
                     "QuoteLineItem", typed);
}
