/* soql_parse.c - SOQL by recursive descent. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sandbox/org_text.h"
#include "sandbox/soql.h"

enum {
    NESTING_MAX = 100, /* parentheses; the org's limit is about the length of the text */
    TEXT_MAX = 100000  /* characters of a query, as in the org */
};

struct block {
    struct block *next;
    size_t used, size;
    char bytes[];
};
struct soql_arena {
    struct block *blocks;
};

void *soql_new(struct soql_arena *a, size_t n)
{
    n = (n + 15) & ~(size_t)15;
    if (!a->blocks || a->blocks->size - a->blocks->used < n) {
        size_t size = n > 4000 ? n : 4000;
        struct block *b = mem_new(sizeof *b + size);
        b->size = size;
        b->next = a->blocks;
        a->blocks = b;
    }
    void *p = a->blocks->bytes + a->blocks->used;
    a->blocks->used += n;
    return p;
}

char *soql_dup(struct soql_arena *a, const char *s, size_t n)
{
    char *p = soql_new(a, n + 1);
    if (n)
        memcpy(p, s, n);
    return p;
}

void soql_free(struct soql_arena *a)
{
    if (!a)
        return;
    for (struct block *b = a->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(a);
}

void soql_fail(struct soql_error *error, const char *code, size_t at, const char *fmt, ...)
{
    va_list ap;
    if (error->code[0])
        return;
    otext_copy(error->code, sizeof error->code, code);
    error->at = at;
    va_start(ap, fmt);
    vsnprintf(error->message, sizeof error->message, fmt, ap);
    va_end(ap);
}

/* ---- tokens ---- */

struct parser {
    const char *text;
    size_t n, at;
    struct soql_token token, ahead; /* the current one and the one behind it */
    struct soql_arena *arena;
    struct soql_error *error;
    int depth;
};

static void advance(struct parser *p)
{
    p->token = p->ahead;
    p->ahead = soql_next_token(p->text, p->n, &p->at);
}

static bool token_is(const struct soql_token *t, const char *word)
{
    return (t->kind == TOKEN_NAME || t->kind == TOKEN_SIGN) && t->n == strlen(word) &&
           strncasecmp(t->p, word, t->n) == 0;
}

static bool at_word(const struct parser *p, const char *word)
{
    return token_is(&p->token, word);
}

static bool take(struct parser *p, const char *word)
{
    if (!at_word(p, word))
        return false;
    advance(p);
    return true;
}

static bool unexpected(struct parser *p)
{
    if (p->token.kind == TOKEN_END)
        soql_fail(p->error, "MALFORMED_QUERY", p->token.at, "unexpected token: <EOF>");
    else if (p->token.kind == TOKEN_BAD && *p->token.p == '\'')
        soql_fail(p->error, "MALFORMED_QUERY", p->token.at,
                  "line breaks or an end of the text inside a string literal");
    else
        soql_fail(p->error, "MALFORMED_QUERY", p->token.at, "unexpected token: '%.*s'",
                  (int)(p->token.n < 80 ? p->token.n : 80), p->token.p);
    return false;
}

static bool expect(struct parser *p, const char *word)
{
    return take(p, word) || unexpected(p);
}

static bool in_list(const struct soql_token *t, const char *const *list)
{
    for (; *list; list++)
        if (token_is(t, *list))
            return true;
    return false;
}

/* Words that cannot be an alias, because they go on with the query. */
static bool reserved(const struct soql_token *t)
{
    static const char *const words[] = { "AND",    "ASC",   "DESC",     "EXCLUDES", "FIRST",  "FROM",  "GROUP",
                                         "HAVING", "IN",    "INCLUDES", "LAST",     "LIKE",   "LIMIT", "NOT",
                                         "NULL",   "NULLS", "OR",       "ORDER",    "SELECT", "USING", "WHERE",
                                         "WITH",   "FOR",   "UPDATE",   "TRUE",     "FALSE",  NULL };
    return in_list(t, words);
}

static bool plain_name(const struct soql_token *t)
{
    return t->kind == TOKEN_NAME && !memchr(t->p, '.', t->n);
}

static const char *copy_token(struct parser *p, const struct soql_token *t)
{
    return soql_dup(p->arena, t->p, t->n);
}

/* ---- values ---- */

static int hex4(const char *s, const char *end)
{
    int v = 0;
    for (int i = 0; i < 4; i++, s++) {
        if (s >= end || !isxdigit((unsigned char)*s))
            return -1;
        v = v * 16 + (isdigit((unsigned char)*s) ? *s - '0' : (*s | 0x20) - 'a' + 10);
    }
    return v;
}

static char *put_utf8(char *o, int c)
{
    if (c < 0x80) {
        *o++ = (char)c;
    } else if (c < 0x800) {
        *o++ = (char)(0xc0 | c >> 6);
        *o++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *o++ = (char)(0xe0 | c >> 12);
        *o++ = (char)(0x80 | (c >> 6 & 0x3f));
        *o++ = (char)(0x80 | (c & 0x3f));
    } else {
        *o++ = (char)(0xf0 | c >> 18);
        *o++ = (char)(0x80 | (c >> 12 & 0x3f));
        *o++ = (char)(0x80 | (c >> 6 & 0x3f));
        *o++ = (char)(0x80 | (c & 0x3f));
    }
    return o;
}

/* One escape; `like` keeps \% \_ and \\ as they are. Returns where it ends, NULL when it is none. */
static const char *unescape(const char *s, const char *end, bool like, char **out)
{
    static const char from[] = "nrtbfNRTBF\"'\\", to[] = "\n\r\t\b\f\n\r\t\b\f\"'\\";
    const char *at = *s ? strchr(from, *s) : NULL;
    if (*s == '%' || *s == '_' || (*s == '\\' && like)) {
        if (like)
            *(*out)++ = '\\';
        *(*out)++ = *s;
        return s + 1;
    }
    if (at) {
        *(*out)++ = to[at - from];
        return s + 1;
    }
    if (*s != 'u' && *s != 'U')
        return NULL;
    int c = hex4(s + 1, end), low = -1;
    s += 5;
    if (c >= 0xd800 && c < 0xdc00 && end - s >= 6 && s[0] == '\\' && (s[1] | 0x20) == 'u')
        low = hex4(s + 2, end);
    if (low >= 0xdc00 && low < 0xe000) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        s += 6;
    }
    if (c <= 0 || (c >= 0xd800 && c < 0xe000))
        return NULL;
    *out = put_utf8(*out, c);
    return s;
}

static const char *decode_string(struct parser *p, const struct soql_token *t, bool like)
{
    char *text = soql_new(p->arena, 2 * t->n + 1), *o = text;
    const char *end = t->p + t->n - 1;
    for (const char *s = t->p + 1; s < end;) {
        if (*s != '\\') {
            *o++ = *s++;
            continue;
        }
        const char *next = unescape(s + 1, end, like, &o);
        if (!next) {
            soql_fail(p->error, "MALFORMED_QUERY", t->at,
                      "Invalid string literal '%.*s'. Illegal character sequence '\\%c' in string literal.",
                      (int)(t->n > 202 ? 200 : t->n - 2), t->p + 1, s[1]);
            return NULL;
        }
        s = next;
    }
    *o = '\0';
    return text;
}

static const char *capitals(struct parser *p, const struct soql_token *t)
{
    char *s = soql_dup(p->arena, t->p, t->n);
    for (char *c = s; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    return s;
}

static bool parse_named_value(struct parser *p, struct soql_value *v)
{
    bool takes_n = false;
    v->text = capitals(p, &p->token);
    if (at_word(p, "TRUE") || at_word(p, "FALSE"))
        v->kind = SOQL_BOOLEAN;
    else if (at_word(p, "NULL"))
        v->kind = SOQL_NULL;
    else if (soql_is_date_literal(v->text, &takes_n))
        v->kind = takes_n ? SOQL_DATE_N_LITERAL : SOQL_DATE_LITERAL;
    else
        return unexpected(p);
    advance(p);
    if (!takes_n)
        return true;
    if (!expect(p, ":"))
        return false;
    if (p->token.kind != TOKEN_INTEGER)
        return unexpected(p);
    v->n = strtol(copy_token(p, &p->token), NULL, 10);
    advance(p);
    return true;
}

static bool parse_value(struct parser *p, struct soql_value *v)
{
    static const enum soql_value_kind plain[] = { [TOKEN_INTEGER] = SOQL_INTEGER,
                                                  [TOKEN_DECIMAL] = SOQL_DECIMAL,
                                                  [TOKEN_CURRENCY] = SOQL_CURRENCY,
                                                  [TOKEN_DATE] = SOQL_DATE,
                                                  [TOKEN_DATETIME] = SOQL_DATETIME };
    v->at = p->token.at;
    switch (p->token.kind) {
    case TOKEN_STRING:
        v->kind = SOQL_STRING;
        v->text = decode_string(p, &p->token, false);
        v->like = v->text ? decode_string(p, &p->token, true) : NULL;
        break;
    case TOKEN_INTEGER:
    case TOKEN_DECIMAL:
    case TOKEN_CURRENCY:
    case TOKEN_DATE:
    case TOKEN_DATETIME:
        v->kind = plain[p->token.kind];
        v->text = copy_token(p, &p->token);
        break;
    case TOKEN_NAME:
        return parse_named_value(p, v);
    default:
        return unexpected(p);
    }
    if (!v->text)
        return false;
    advance(p);
    return true;
}

/* ---- fields and functions ---- */

static struct soql_query *parse_query(struct parser *p);

enum arguments {
    ARGS_FIELD, /* one field, which may stand in toLabel or the like */
    ARGS_DATE,  /* a date field or convertTimezone() of one */
    ARGS_COUNT, /* nothing, or a field */
    ARGS_ANY,
    ARGS_FIELDS, /* ALL, STANDARD, CUSTOM */
    ARGS_PLACES  /* DISTANCE(field, GEOLOCATION(1,2), 'mi') */
};

static const struct {
    const char *name;
    enum arguments args;
} functions[] = {
    { "COUNT", ARGS_COUNT },
    { "COUNT_DISTINCT", ARGS_FIELD },
    { "SUM", ARGS_FIELD },
    { "AVG", ARGS_FIELD },
    { "MIN", ARGS_FIELD },
    { "MAX", ARGS_FIELD },
    { "FIELDS", ARGS_FIELDS },
    { "toLabel", ARGS_FIELD },
    { "FORMAT", ARGS_FIELD },
    { "convertCurrency", ARGS_FIELD },
    { "convertTimezone", ARGS_FIELD },
    { "GROUPING", ARGS_FIELD },
    { "DISTANCE", ARGS_PLACES },
    { "CALENDAR_MONTH", ARGS_DATE },
    { "CALENDAR_QUARTER", ARGS_DATE },
    { "CALENDAR_YEAR", ARGS_DATE },
    { "DAY_IN_MONTH", ARGS_DATE },
    { "DAY_IN_WEEK", ARGS_DATE },
    { "DAY_IN_YEAR", ARGS_DATE },
    { "DAY_ONLY", ARGS_DATE },
    { "FISCAL_MONTH", ARGS_DATE },
    { "FISCAL_QUARTER", ARGS_DATE },
    { "FISCAL_YEAR", ARGS_DATE },
    { "HOUR_IN_DAY", ARGS_DATE },
    { "WEEK_IN_MONTH", ARGS_DATE },
    { "WEEK_IN_YEAR", ARGS_DATE },
    { "CUBE", ARGS_ANY },
    { "ROLLUP", ARGS_ANY },
    { "GEOLOCATION", ARGS_ANY },
};

static int function_of(const struct soql_token *t)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (token_is(t, functions[i].name))
            return (int)i;
    return -1;
}

static struct soql_item *parse_item(struct parser *p);

static struct soql_item *parse_literal(struct parser *p)
{
    struct soql_item *item = soql_new(p->arena, sizeof *item);
    item->kind = SOQL_LITERAL;
    item->at = p->token.at;
    item->name = copy_token(p, &p->token);
    return parse_value(p, &item->value) ? item : NULL;
}

static bool is_literal(const struct soql_token *t)
{
    return t->kind >= TOKEN_STRING && t->kind <= TOKEN_DATETIME;
}

static bool parse_arguments(struct parser *p, struct soql_item *call, enum arguments how)
{
    static const char *const groups[] = { "ALL", "STANDARD", "CUSTOM", NULL };
    struct soql_item **tail = &call->args;
    size_t n = 0;
    if (!expect(p, "("))
        return false;
    if (how == ARGS_FIELDS && !in_list(&p->token, groups))
        return unexpected(p);
    if (how == ARGS_COUNT && take(p, ")"))
        return true;
    do {
        *tail = is_literal(&p->token) && how != ARGS_DATE ? parse_literal(p) : parse_item(p);
        if (!*tail)
            return false;
        tail = &(*tail)->next;
        n++;
    } while (take(p, ","));
    if (how != ARGS_ANY && how != ARGS_PLACES && n > 1)
        return soql_fail(p->error, "MALFORMED_QUERY", p->token.at, "unexpected token: ','"), false;
    if (how == ARGS_PLACES && n != 3)
        return unexpected(p);
    return expect(p, ")");
}

/* A path or a function. */
static struct soql_item *parse_item(struct parser *p)
{
    struct soql_item *item = soql_new(p->arena, sizeof *item);
    if (p->token.kind != TOKEN_NAME || reserved(&p->token)) {
        unexpected(p);
        return NULL;
    }
    item->at = p->token.at;
    item->name = copy_token(p, &p->token);
    int f = token_is(&p->ahead, "(") ? function_of(&p->token) : -1;
    if (token_is(&p->ahead, "(") && f < 0) {
        advance(p);
        unexpected(p);
        return NULL;
    }
    advance(p);
    if (f < 0)
        return item;
    item->kind = SOQL_CALL;
    if (++p->depth > NESTING_MAX || !parse_arguments(p, item, functions[f].args))
        return p->depth > NESTING_MAX ? unexpected(p), NULL : NULL;
    p->depth--;
    return item;
}

static bool parse_names(struct parser *p)
{
    do {
        if (p->token.kind != TOKEN_NAME)
            return unexpected(p);
        advance(p);
    } while (take(p, ","));
    return true;
}

/* TYPEOF What WHEN Account THEN Phone ELSE Name END: read, and refused later. */
static bool parse_typeof(struct parser *p, struct soql_item *item)
{
    item->kind = SOQL_TYPEOF;
    item->at = p->token.at;
    item->name = "TYPEOF";
    advance(p);
    if (p->token.kind != TOKEN_NAME)
        return unexpected(p);
    advance(p);
    if (!at_word(p, "WHEN"))
        return unexpected(p);
    while (take(p, "WHEN")) {
        if (p->token.kind != TOKEN_NAME)
            return unexpected(p);
        advance(p);
        if (!expect(p, "THEN") || !parse_names(p))
            return false;
    }
    if (take(p, "ELSE") && !parse_names(p))
        return false;
    return expect(p, "END");
}

static struct soql_item *parse_selected(struct parser *p)
{
    struct soql_item *item;
    if (at_word(p, "(")) {
        item = soql_new(p->arena, sizeof *item);
        item->kind = SOQL_SUBQUERY;
        item->at = p->token.at;
        advance(p);
        item->query = parse_query(p);
        return item->query && expect(p, ")") ? item : NULL;
    }
    if (at_word(p, "TYPEOF") && p->ahead.kind == TOKEN_NAME && !token_is(&p->ahead, "FROM")) {
        item = soql_new(p->arena, sizeof *item);
        return parse_typeof(p, item) ? item : NULL;
    }
    item = parse_item(p);
    if (item && p->token.kind == TOKEN_NAME && plain_name(&p->token) && !reserved(&p->token)) {
        item->alias = copy_token(p, &p->token);
        advance(p);
    }
    return item;
}

/* ---- conditions ---- */

static struct soql_condition *parse_condition(struct parser *p);

static bool parse_operator(struct parser *p, enum soql_operator *op)
{
    static const struct {
        const char *word;
        enum soql_operator op;
    } table[] = { { "=", OP_EQ },
                  { "!=", OP_NE },
                  { "<>", OP_NE },
                  { "<", OP_LT },
                  { "<=", OP_LE },
                  { ">", OP_GT },
                  { ">=", OP_GE },
                  { "LIKE", OP_LIKE },
                  { "IN", OP_IN },
                  { "INCLUDES", OP_INCLUDES },
                  { "EXCLUDES", OP_EXCLUDES } };
    if (at_word(p, "NOT") && token_is(&p->ahead, "IN")) {
        advance(p);
        advance(p);
        *op = OP_NOT_IN;
        return true;
    }
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (take(p, table[i].word)) {
            *op = table[i].op;
            return true;
        }
    return unexpected(p);
}

static bool parse_list(struct parser *p, struct soql_condition *c)
{
    struct soql_value **tail = &c->values;
    if (!expect(p, "("))
        return false;
    if (at_word(p, "SELECT")) {
        c->query = parse_query(p);
        return c->query && expect(p, ")");
    }
    do {
        *tail = soql_new(p->arena, sizeof **tail);
        if (!parse_value(p, *tail))
            return false;
        tail = &(*tail)->next;
    } while (take(p, ","));
    return expect(p, ")");
}

static struct soql_condition *parse_compare(struct parser *p)
{
    struct soql_condition *c = soql_new(p->arena, sizeof *c);
    c->kind = COND_COMPARE;
    c->at = p->token.at;
    if (!(c->item = parse_item(p)) || !parse_operator(p, &c->op))
        return NULL;
    if (c->op >= OP_IN)
        return parse_list(p, c) ? c : NULL;
    c->values = soql_new(p->arena, sizeof *c->values);
    return parse_value(p, c->values) ? c : NULL;
}

static struct soql_condition *parse_term(struct parser *p)
{
    struct soql_condition *c;
    if (++p->depth > NESTING_MAX) {
        soql_fail(p->error, "MALFORMED_QUERY", p->token.at, "the conditions are nested too deeply");
        return NULL;
    }
    if (at_word(p, "NOT")) {
        c = soql_new(p->arena, sizeof *c);
        c->kind = COND_NOT;
        c->at = p->token.at;
        advance(p);
        c->left = parse_term(p);
        c = c->left ? c : NULL;
    } else if (take(p, "(")) {
        c = parse_condition(p);
        if (c && !expect(p, ")"))
            c = NULL;
        if (c)
            c->grouped = true;
    } else {
        c = parse_compare(p);
    }
    p->depth--;
    return c;
}

static struct soql_condition *parse_condition(struct parser *p)
{
    struct soql_condition *left = parse_term(p);
    while (left && (at_word(p, "AND") || at_word(p, "OR"))) {
        struct soql_condition *both = soql_new(p->arena, sizeof *both);
        both->kind = at_word(p, "AND") ? COND_AND : COND_OR;
        both->at = p->token.at;
        advance(p);
        both->left = left;
        both->right = parse_term(p);
        left = both->right ? both : NULL;
    }
    return left;
}

/* ---- clauses ---- */

static void refuse_later(struct soql_query *q, const char *what, size_t at)
{
    if (!q->unsupported) {
        q->unsupported = what;
        q->unsupported_at = at;
    }
}

static bool parse_using(struct parser *p, struct soql_query *q)
{
    static const char *const scopes[] = {
        "DELEGATED",    "EVERYTHING",        "MINE", "MINE_AND_MY_GROUPS", "MINEANDMYGROUPS",
        "MY_TERRITORY", "MY_TEAM_TERRITORY", "TEAM", "ALLPRIVATE",         NULL
    };
    refuse_later(q, "USING SCOPE", p->token.at);
    advance(p);
    if (!expect(p, "SCOPE"))
        return false;
    if (!in_list(&p->token, scopes))
        return unexpected(p);
    advance(p);
    return true;
}

static bool parse_categories(struct parser *p)
{
    static const char *const where[] = { "AT", "ABOVE", "BELOW", "ABOVE_OR_BELOW", NULL };
    do {
        if (p->token.kind != TOKEN_NAME)
            return unexpected(p);
        advance(p);
        if (!in_list(&p->token, where))
            return unexpected(p);
        advance(p);
        bool open = take(p, "(");
        if (!parse_names(p) || (open && !expect(p, ")")))
            return false;
    } while (take(p, "AND"));
    return true;
}

static bool parse_with(struct parser *p, struct soql_query *q)
{
    static const char *const modes[] = { "SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE", NULL };
    refuse_later(q, "WITH", p->token.at);
    advance(p);
    if (in_list(&p->token, modes)) {
        advance(p);
        return true;
    }
    return expect(p, "DATA") && expect(p, "CATEGORY") && parse_categories(p);
}

static bool parse_group(struct parser *p, struct soql_query *q)
{
    struct soql_item **tail = &q->group;
    advance(p);
    if (!expect(p, "BY"))
        return false;
    q->grouped = true;
    do {
        size_t at = p->token.at;
        *tail = parse_item(p);
        if (!*tail)
            return false;
        if ((*tail)->kind == SOQL_CALL && (same_name((*tail)->name, "CUBE") || same_name((*tail)->name, "ROLLUP")))
            refuse_later(q, (*tail)->name, at);
        tail = &(*tail)->next;
    } while (take(p, ","));
    if (!at_word(p, "HAVING"))
        return true;
    advance(p);
    return (q->having = parse_condition(p)) != NULL;
}

static bool parse_order(struct parser *p, struct soql_query *q)
{
    struct soql_order **tail = &q->order;
    advance(p);
    if (!expect(p, "BY"))
        return false;
    do {
        struct soql_order *o = *tail = soql_new(p->arena, sizeof *o);
        if (!(o->item = parse_item(p)))
            return false;
        if (at_word(p, "ASC") || at_word(p, "DESC")) {
            o->descending = at_word(p, "DESC");
            advance(p);
        }
        if (take(p, "NULLS")) {
            o->nulls_last = at_word(p, "LAST");
            if (!take(p, "FIRST") && !expect(p, "LAST"))
                return false;
        }
        tail = &o->next;
    } while (take(p, ","));
    return true;
}

static bool parse_number(struct parser *p, long *n, size_t *at)
{
    advance(p);
    *at = p->token.at;
    if (p->token.kind != TOKEN_INTEGER || *p->token.p == '-' || *p->token.p == '+' ||
        (p->token.n > 1 && *p->token.p == '0'))
        return unexpected(p);
    *n = p->token.n > 10 ? 4000000000L : strtol(copy_token(p, &p->token), NULL, 10);
    advance(p);
    return true;
}

/* FOR VIEW and its kin change nothing that a query returns, but the org would write something. */
static bool parse_tail(struct parser *p, struct soql_query *q)
{
    static const char *const purposes[] = { "VIEW", "REFERENCE", "UPDATE", NULL }, *const counters[] = { "TRACKING",
                                                                                                         "VIEWSTAT",
                                                                                                         NULL };
    if (at_word(p, "FOR")) {
        refuse_later(q, "FOR", p->token.at);
        advance(p);
        if (!in_list(&p->token, purposes))
            return unexpected(p);
        advance(p);
    }
    if (at_word(p, "UPDATE")) {
        refuse_later(q, "UPDATE", p->token.at);
        advance(p);
        if (!in_list(&p->token, counters))
            return unexpected(p);
        advance(p);
    }
    return true;
}

static bool parse_from(struct parser *p, struct soql_query *q)
{
    if (!expect(p, "FROM"))
        return false;
    /* Group and Order are objects too, unless they begin a clause */
    bool clause = (at_word(p, "GROUP") || at_word(p, "ORDER")) ? token_is(&p->ahead, "BY") : reserved(&p->token);
    if (p->token.kind != TOKEN_NAME || clause)
        return unexpected(p);
    q->from = copy_token(p, &p->token);
    q->from_at = p->token.at;
    advance(p);
    bool offset = at_word(p, "OFFSET") && p->ahead.kind == TOKEN_INTEGER;
    bool order = at_word(p, "ORDER") && !token_is(&p->ahead, "BY"); /* which the org does not reserve */
    if (plain_name(&p->token) && (!reserved(&p->token) || order) && !offset) {
        q->alias = copy_token(p, &p->token);
        advance(p);
    }
    return true;
}

static bool parse_clauses(struct parser *p, struct soql_query *q)
{
    if (at_word(p, "USING") && !parse_using(p, q))
        return false;
    if (at_word(p, "WHERE")) {
        advance(p);
        q->where_at = p->token.at;
        if (!(q->where = parse_condition(p)))
            return false;
        q->where_end = p->token.at;
    }
    while (at_word(p, "WITH"))
        if (!parse_with(p, q))
            return false;
    if (at_word(p, "GROUP") && !parse_group(p, q))
        return false;
    if (at_word(p, "ORDER") && !parse_order(p, q))
        return false;
    if (at_word(p, "LIMIT") && !parse_number(p, &q->limit, &q->limit_at))
        return false;
    if (at_word(p, "OFFSET") && !parse_number(p, &q->offset, &q->offset_at))
        return false;
    return parse_tail(p, q);
}

static struct soql_query *parse_query(struct parser *p)
{
    struct soql_query *q = soql_new(p->arena, sizeof *q);
    struct soql_item **tail = &q->items;
    q->limit = q->offset = -1;
    if (++p->depth > NESTING_MAX || !expect(p, "SELECT"))
        return NULL;
    do {
        *tail = parse_selected(p);
        if (!*tail)
            return NULL;
        tail = &(*tail)->next;
    } while (take(p, ","));
    if (!parse_from(p, q) || !parse_clauses(p, q))
        return NULL;
    p->depth--;
    return q;
}

struct soql_query *soql_parse(const char *text, size_t n, struct soql_arena **arena, struct soql_error *error)
{
    struct parser p = { .text = text, .n = n, .error = error, .arena = mem_new(sizeof *p.arena) };
    *arena = p.arena;
    *error = (struct soql_error){ .at = (size_t)-1 };
    if (n > TEXT_MAX) {
        soql_fail(error, "QUERY_TOO_COMPLICATED", (size_t)-1, "SOQL statements cannot be longer than %d characters.",
                  TEXT_MAX);
        return NULL;
    }
    advance(&p);
    advance(&p);
    if (p.token.kind == TOKEN_END) {
        soql_fail(error, "MALFORMED_QUERY", (size_t)-1, "A query string has to be specified");
        return NULL;
    }
    struct soql_query *q = parse_query(&p);
    if (q && p.token.kind != TOKEN_END) {
        unexpected(&p);
        q = NULL;
    }
    if (!q)
        soql_fail(error, "MALFORMED_QUERY", p.token.at, "the query could not be read");
    return q;
}

/* ---- rules beyond the grammar ---- */

/*
 * At one level there is either AND or OR, and a NOT beside them stands in parentheses: `a AND NOT b` is an unexpected
 * token to the org, `a AND (NOT b)` is not.
 */
static bool check_condition(const struct soql_condition *c, struct soql_error *error)
{
    if (!c || c->kind == COND_COMPARE)
        return !c || !c->query || soql_check(c->query, error);
    if (c->kind == COND_NOT)
        return check_condition(c->left, error);
    const struct soql_condition *sides[] = { c->left, c->right };
    for (int i = 0; i < 2; i++) {
        bool other = sides[i]->kind != c->kind && sides[i]->kind != COND_COMPARE && !sides[i]->grouped;
        if (other) {
            size_t at = sides[i]->kind == COND_NOT && i == 1 ? sides[i]->at : c->at;
            soql_fail(error, "MALFORMED_QUERY", at, "unexpected token: '%s'",
                      sides[i]->kind == COND_NOT && i == 1 ? "NOT"
                      : c->kind == COND_AND                ? "AND"
                                                           : "OR");
            return false;
        }
    }
    return check_condition(c->left, error) && check_condition(c->right, error);
}

bool soql_check(const struct soql_query *q, struct soql_error *error)
{
    for (const struct soql_item *i = q->items; i; i = i->next)
        if (i->kind == SOQL_SUBQUERY && !soql_check(i->query, error))
            return false;
    return check_condition(q->where, error) && check_condition(q->having, error);
}
