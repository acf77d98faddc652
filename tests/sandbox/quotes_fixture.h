/* quotes_fixture.h - records of sales in an org in memory, made, changed and read back. */
#ifndef TESTS_QUOTES_FIXTURE_H
#define TESTS_QUOTES_FIXTURE_H

#include "tests/sandbox/org_fixture.h"

#define DEAL "006xx000001a2c0" /* of the sample data: two lines, standard price book */
#define STANDARD "01sxx0000000001"
#define EUROPE "01sxx0000000002"
#define GATEWAY "01uxx0000000001" /* entries: 1,250.00 */
#define TABLET "01uxx0000000003"  /* 389.95 */
#define MANUAL "01uxx0000000006"  /* inactive */
#define EUROPE_GATEWAY "01uxx0000000011"

/* Makes a record and returns its id, in a buffer of one of four. */
static inline const char *made(const char *object, const char *fields)
{
    static char ids[4][20];
    static unsigned at_id;
    char path[80], *id = ids[at_id++ % 4];
    snprintf(path, sizeof path, "sobjects/%s", object);
    assert_status(call("POST", path, fields), 201);
    snprintf(id, 20, "%s", text_at("id"));
    return id;
}

__attribute__((format(printf, 2, 3))) static inline int post(const char *object, const char *fmt, ...)
{
    char path[80], body[600];
    va_list ap;
    snprintf(path, sizeof path, "sobjects/%s", object);
    va_start(ap, fmt);
    vsnprintf(body, sizeof body, fmt, ap);
    va_end(ap);
    return call("POST", path, body);
}

static inline int change(const char *object, const char *id, const char *body)
{
    char path[80];
    snprintf(path, sizeof path, "sobjects/%s/%s", object, id);
    return call("PATCH", path, body);
}

static inline void read_back(const char *object, const char *id)
{
    char path[80];
    snprintf(path, sizeof path, "sobjects/%s/%s", object, id);
    assert_status(call("GET", path, NULL), 200);
}

static inline double number_at(const char *path)
{
    const json_t *v = at(path);
    assert_true(json_is_number(v));
    return json_number_value(v);
}

static inline void says(const char *part)
{
    if (!strstr(text_at("0.message"), part))
        fail_msg("wanted \"%s\", got %s", part, answer.body ? answer.body : "");
}

#endif
