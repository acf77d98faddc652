/* value.c - what clients send becomes what is stored, and back. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sandbox/base/decimal.h"
#include "sandbox/base/encoding.h"
#include "sandbox/base/system.h"
#include "sandbox/records/records.h"

struct value value_text(const char *s, size_t n)
{
    return n ? (struct value){ .kind = VALUE_TEXT, .text = mem_dup(s, n), .n = n } : (struct value){ 0 };
}

void value_free(struct value *v)
{
    free(v->text);
    *v = (struct value){ 0 };
}

void value_bind(sqlite3_stmt *stmt, int at, const struct value *v)
{
    switch (v->kind) {
    case VALUE_NULL:
        sqlite3_bind_null(stmt, at);
        break;
    case VALUE_TEXT:
        sqlite3_bind_text64(stmt, at, v->text, v->n, SQLITE_STATIC, SQLITE_UTF8);
        break;
    case VALUE_INT:
        sqlite3_bind_int64(stmt, at, v->i);
        break;
    case VALUE_REAL:
        sqlite3_bind_double(stmt, at, v->d);
        break;
    case VALUE_BYTES:
        sqlite3_bind_int64(stmt, at, (sqlite3_int64)v->n);
        break; /* the bytes live in _blob */
    }
}

static int digits(const char **p, int n)
{
    int v = 0;
    for (int i = 0; i < n; i++, (*p)++) {
        if (!isdigit((unsigned char)**p))
            return -1;
        v = v * 10 + (**p - '0');
    }
    return v;
}

/* Reads YYYY-MM-DD that is a day of the calendar. */
static bool read_date(const char **p, int *y, int *m, int *d)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    *y = digits(p, 4);
    if (*y < 0 || *(*p)++ != '-')
        return false;
    *m = digits(p, 2);
    if (*m < 1 || *m > 12 || *(*p)++ != '-')
        return false;
    *d = digits(p, 2);
    bool leap = (*y % 4 == 0 && *y % 100 != 0) || *y % 400 == 0;
    return *d >= 1 && *d <= days[*m - 1] + (*m == 2 && leap) && *y >= 1;
}

bool date_normal(const char *in, char out[32])
{
    int y, m, d;
    const char *p = in;
    if (!read_date(&p, &y, &m, &d) || (*p != '\0' && *p != 'T' && *p != 'Z'))
        return false;
    snprintf(out, 32, "%04d-%02d-%02d", y, m, d);
    return true;
}

/* The part behind the seconds: fraction, then Z, +hh:mm, +hhmm or nothing. */
static bool read_zone(const char *p, int *ms, int *offset_s)
{
    *ms = *offset_s = 0;
    if (*p == '.') {
        int unit = 100;
        for (p++; isdigit((unsigned char)*p); p++, unit /= 10)
            *ms += (*p - '0') * unit;
    }
    if (*p == '\0' || (*p == 'Z' && !p[1]))
        return true;
    int sign = *p == '+' ? 1 : *p == '-' ? -1 : 0;
    if (!sign)
        return false;
    p++;
    int h = digits(&p, 2);
    if (*p == ':')
        p++;
    int min = digits(&p, 2);
    if (h < 0 || h > 15 || min < 0 || min > 59 || *p)
        return false;
    *offset_s = sign * (h * 3600 + min * 60);
    return true;
}

bool datetime_normal(const char *in, char out[32])
{
    int y, m, d, ms, offset;
    const char *p = in;
    if (!read_date(&p, &y, &m, &d))
        return false;
    struct tm tm = { .tm_year = y - 1900, .tm_mon = m - 1, .tm_mday = d };
    if (*p == '\0')
        return utc_text((int64_t)timegm(&tm) * 1000, "+0000", out), true;
    if (*p++ != 'T')
        return false;
    tm.tm_hour = digits(&p, 2);
    if (tm.tm_hour < 0 || tm.tm_hour > 23 || *p++ != ':')
        return false;
    tm.tm_min = digits(&p, 2);
    if (tm.tm_min < 0 || tm.tm_min > 59)
        return false;
    if (*p == ':') {
        p++;
        tm.tm_sec = digits(&p, 2);
        if (tm.tm_sec < 0 || tm.tm_sec > 59)
            return false;
    }
    if (!read_zone(p, &ms, &offset))
        return false;
    utc_text(((int64_t)timegm(&tm) - offset) * 1000 + ms, "+0000", out);
    return true;
}

bool day_in_range(const char *normal)
{
    bool time = strlen(normal) > strlen("2024-01-31");
    return strcmp(normal, "1700-01-01") >= 0 &&
           strcmp(normal, time ? "4000-12-31T00:00:00.000+0000" : "4000-12-31") <= 0;
}

static bool time_normal(const char *in, char out[32])
{
    const char *p = in;
    int ms, offset, s = 0, h = digits(&p, 2);
    if (h < 0 || h > 23 || *p++ != ':')
        return false;
    int min = digits(&p, 2);
    if (min < 0 || min > 59)
        return false;
    if (*p == ':') {
        p++;
        s = digits(&p, 2);
    }
    if (s < 0 || s > 59 || !read_zone(p, &ms, &offset))
        return false;
    snprintf(out, 32, "%02d:%02d:%02d.%03dZ", h, min, s, ms);
    return true;
}

static bool wrong_type(const struct field *f, const json_t *in, struct fault *fault)
{
    static const char *const kinds[] = {
        [JSON_OBJECT] = "START_OBJECT",      [JSON_ARRAY] = "START_ARRAY",       [JSON_STRING] = "VALUE_STRING",
        [JSON_INTEGER] = "VALUE_NUMBER_INT", [JSON_REAL] = "VALUE_NUMBER_FLOAT", [JSON_TRUE] = "VALUE_TRUE",
        [JSON_FALSE] = "VALUE_FALSE",        [JSON_NULL] = "VALUE_NULL"
    };
    char *text = json_dumps(in, JSON_ENCODE_ANY);
    fault_set(fault, 400, "JSON_PARSER_ERROR", NULL,
              "Cannot deserialize instance of %s from %s value %.200s or request may be missing a required field",
              type_facts[f->type].java, kinds[json_typeof(in)],
              json_is_string(in) ? json_string_value(in)
              : text             ? text
                                 : "");
    free(text);
    return false;
}

static size_t utf16_length(const char *s, size_t n)
{
    size_t units = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        units += ((c & 0xc0) != 0x80) + (c >= 0xf0);
    }
    return units;
}

static bool in_picklist(const struct field *f, const char *s, size_t n)
{
    const json_t *item;
    size_t i;
    json_array_foreach (f->values, i, item) {
        const char *v =
            json_is_object(item) ? json_string_value(json_object_get(item, "value")) : json_string_value(item);
        if (v && strlen(v) == n && memcmp(v, s, n) == 0)
            return true;
    }
    return false;
}

static bool picklist_ok(const struct field *f, const char *s, struct fault *fault)
{
    if (!f->restricted || !f->values)
        return true;
    const char *p = s;
    do {
        size_t n = f->type == TYPE_MULTIPICKLIST ? strcspn(p, ";") : strlen(p);
        if (!in_picklist(f, p, n)) {
            fault_set(fault, 400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f->name,
                      "%s: bad value for restricted picklist field: %.255s", f->label, s);
            return false;
        }
        p += n + (p[n] == ';');
    } while (*p);
    return true;
}

/* The org's own rule is long; one @ with something on both sides and a dot behind it is its heart. */
static bool email_ok(const char *s)
{
    const char *at = strchr(s, '@');
    return at && at > s && !strchr(at + 1, '@') && strchr(at + 1, '.') && at[1] != '.' && s[strlen(s) - 1] != '.' &&
           !strpbrk(s, " \t\n,;");
}

/* White space and controls at both ends go, as in an org; U+00A0 is none of them. */
static void trim(char *s, size_t *n)
{
    size_t from = 0;
    while (*n > 0 && (unsigned char)s[*n - 1] <= ' ')
        --*n;
    while (from < *n && (unsigned char)s[from] <= ' ')
        from++;
    *n -= from;
    memmove(s, s + from, *n);
    s[*n] = '\0';
}

static bool currency_ok(const struct call *c, const struct field *f, const char *s, struct fault *fault)
{
    if (c->loading || org_knows_currency(c->o, s))
        return true;
    fault_set(fault, 400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f->name,
              "%s: bad value for restricted picklist field: %.255s", f->label, s);
    return false;
}

static bool text_ok(const struct call *c, const struct field *f, const char *s, size_t n, struct fault *fault)
{
    if (n && f->multi_currency && !currency_ok(c, f, s, fault))
        return false;
    if (f->length > 0 && utf16_length(s, n) > (size_t)f->length) {
        fault_set(fault, 400, "STRING_TOO_LONG", f->name, "%s: data value too large: %.255s (max length=%d)", f->label,
                  s, f->length);
        return false;
    }
    if (n && (f->type == TYPE_PICKLIST || f->type == TYPE_MULTIPICKLIST) && !picklist_ok(f, s, fault))
        return false;
    if (n && f->type == TYPE_EMAIL && !email_ok(s)) {
        fault_set(fault, 400, "INVALID_EMAIL_ADDRESS", f->name, "%s: invalid email address: %.255s", f->label, s);
        return false;
    }
    return true;
}

static bool text_value(const struct call *c, const struct field *f, const json_t *in, struct value *out,
                       struct fault *fault)
{
    if (!json_is_string(in))
        return wrong_type(f, in, fault);
    size_t n = json_string_length(in);
    char *s = mem_dup(json_string_value(in), n);
    trim(s, &n);
    bool ok = text_ok(c, f, s, n, fault);
    if (ok)
        *out = value_text(s, n);
    free(s);
    return ok;
}

static bool reference_value(struct call *c, const struct field *f, const json_t *in, struct value *out,
                            struct fault *fault)
{
    char id[ID_SIZE];
    if (!json_is_string(in))
        return wrong_type(f, in, fault);
    const char *s = json_string_value(in);
    if (!*s)
        return true;
    bool known = id_complete(s, id);
    struct object *target = NULL;
    for (int i = 0; known && i < f->n_targets; i++) {
        struct object *ob = schema_find(&c->o->schema, f->targets[i]);
        if (ob && strncmp(ob->prefix, id, 3) == 0)
            target = ob;
    }
    if (!target) {
        fault_set(fault, 400, "MALFORMED_ID", f->name, "%s: id value of incorrect type: %.40s", f->label, s);
        return false;
    }
    int state = c->loading ? 1 : store_state(c->o, target, id);
    if (state < 0)
        fault_set(fault, 404, "ENTITY_IS_DELETED", "", "entity is deleted");
    else if (state == 0 || !perm_sees_object(c, target))
        fault_set(fault, 400, "INVALID_CROSS_REFERENCE_KEY", "", "invalid cross reference id");
    else
        *out = value_text(id, 18);
    return !fault->code[0];
}

/* The number as it was written, as far as a double still knows; NULL when the value is none. */
static const char *number_text(const json_t *in, char out[REAL_TEXT_MAX])
{
    if (json_is_string(in))
        return json_string_value(in);
    if (json_is_integer(in))
        snprintf(out, REAL_TEXT_MAX, "%lld", (long long)json_integer_value(in));
    else if (json_is_real(in))
        real_text(json_real_value(in), out);
    else
        return NULL;
    return out;
}

/* Decimals beyond the field's scale are rounded as written, not as stored: 1.005 is 1.01, although its double is less.
 */
static bool number_value(const struct field *f, const json_t *in, struct value *out, struct fault *fault)
{
    char written[REAL_TEXT_MAX];
    const char *text = number_text(in, written);
    bool whole = f->type == TYPE_INT;
    int scale = whole ? 0 : f->scale;
    decimal n = 0, fine = 0, most = whole ? INT32_MAX : decimal_power(f->precision) - 1;
    if (json_is_string(in) && !*text)
        return true;
    enum decimal_reading reading = text ? decimal_read(text, scale, &n) : DECIMAL_NO_NUMBER;
    if (reading == DECIMAL_NO_NUMBER)
        return wrong_type(f, in, fault);
    if (reading == DECIMAL_TOO_LARGE || n > most || n < -most - whole) {
        fault_set(fault, 400, "NUMBER_OUTSIDE_VALID_RANGE", f->name,
                  "%s: value outside of valid range on numeric field: %.60s", f->label, text);
        return false;
    }
    if (whole && (decimal_read(text, DECIMAL_DIGITS, &fine), fine != n * decimal_power(DECIMAL_DIGITS)))
        return wrong_type(f, in, fault);
    *out = whole ? (struct value){ .kind = VALUE_INT, .i = (int64_t)n }
                 : (struct value){ .kind = VALUE_REAL, .d = decimal_quotient(n, decimal_power(scale)) };
    return true;
}

static bool boolean_value(const struct field *f, const json_t *in, struct value *out, struct fault *fault)
{
    const char *s = json_string_value(in);
    if (!json_is_boolean(in) && !(s && (same_name(s, "true") || same_name(s, "false"))))
        return wrong_type(f, in, fault);
    *out = (struct value){ .kind = VALUE_INT, .i = json_is_true(in) || (s && same_name(s, "true")) };
    return true;
}

static bool day_value(const struct field *f, const json_t *in, struct value *out, struct fault *fault)
{
    char normal[32];
    const char *s = json_string_value(in);
    if (s && !*s)
        return true;
    bool ok = s && (f->type == TYPE_DATE   ? date_normal(s, normal)
                    : f->type == TYPE_TIME ? time_normal(s, normal)
                                           : datetime_normal(s, normal));
    if (!ok)
        return wrong_type(f, in, fault);
    if (f->type != TYPE_TIME && !day_in_range(normal)) {
        fault_set(fault, 400, "FIELD_INTEGRITY_EXCEPTION", f->name, "%s: invalid date: %.40s", f->label, s);
        return false;
    }
    *out = value_text(normal, strlen(normal));
    return true;
}

static bool bytes_value(const struct field *f, const json_t *in, struct value *out, struct fault *fault)
{
    if (!json_is_string(in))
        return wrong_type(f, in, fault);
    size_t n;
    unsigned char *bytes = base64_bytes(json_string_value(in), json_string_length(in), BASE64_LINES, &n);
    if (!bytes) {
        fault_set(fault, 400, "JSON_PARSER_ERROR", NULL, "%s: the value is not base64", f->name);
        return false;
    }
    *out = (struct value){ .kind = VALUE_BYTES, .text = (char *)bytes, .n = n };
    return true;
}

bool value_from_json(struct call *c, const struct field *f, const json_t *in, struct value *out, struct fault *fault)
{
    *out = (struct value){ 0 };
    if (json_is_null(in)) {
        if (f->type == TYPE_BOOLEAN)
            return wrong_type(f, in, fault);
        return true;
    }
    switch (f->type) {
    case TYPE_ID:
    case TYPE_REFERENCE:
        return reference_value(c, f, in, out, fault);
    case TYPE_BOOLEAN:
        return boolean_value(f, in, out, fault);
    case TYPE_INT:
    case TYPE_DOUBLE:
    case TYPE_CURRENCY:
    case TYPE_PERCENT:
        return number_value(f, in, out, fault);
    case TYPE_DATE:
    case TYPE_DATETIME:
    case TYPE_TIME:
        return day_value(f, in, out, fault);
    case TYPE_BASE64:
        return bytes_value(f, in, out, fault);
    default:
        return text_value(c, f, in, out, fault);
    }
}

void value_json(struct text *out, const struct call *c, const char *object, const struct field *f, const char *id,
                sqlite3_stmt *stmt, int column)
{
    if (sqlite3_column_type(stmt, column) == SQLITE_NULL) {
        text_str(out, "null");
        return;
    }
    switch (f->type) {
    case TYPE_BOOLEAN:
        text_str(out, sqlite3_column_int(stmt, column) ? "true" : "false");
        break;
    case TYPE_INT:
        text_fmt(out, "%lld", (long long)sqlite3_column_int64(stmt, column));
        break;
    case TYPE_DOUBLE:
    case TYPE_CURRENCY:
    case TYPE_PERCENT:
        text_double(out, sqlite3_column_double(stmt, column));
        break;
    case TYPE_BASE64:
        text_fmt(out, "\"/services/data/v%s/sobjects/%s/%s/%s\"", c->version, object, id, f->name);
        break;
    default:
        text_json(out, (const char *)sqlite3_column_text(stmt, column), (size_t)sqlite3_column_bytes(stmt, column));
    }
}
