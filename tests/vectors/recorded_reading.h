/* recorded_reading.h - what a plain reading of a recorded answer says, compared with what the client made of it. */
#ifndef TESTS_RECORDED_READING_H
#define TESTS_RECORDED_READING_H

#include "tests/vectors/recorded.h"

static inline bool is_error_list(const json_t *answer)
{
    return json_array_size(answer) > 0 && text_of(json_array_get(answer, 0), "errorCode");
}

static inline bool starts_alike(const char *is, const char *want, size_t room)
{
    size_t n = strlen(want);
    /* what is longer than its place is cut, at most inside one character */
    return n < room ? strcmp(is, want) == 0 : strncmp(is, want, room - 5) == 0;
}

static inline bool has_field(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = list; (at = strstr(at, name)); at += n)
        if ((at == list || at[-1] == ',') && (at[n] == '\0' || at[n] == ','))
            return true;
    return false;
}

static inline bool same_error(struct vector *v, const struct sf_error *is, const json_t *errors, int status)
{
    char code[64], message[4096] = "", fields[1024] = "";
    size_t i, f;
    const json_t *name;
    snprintf(code, sizeof code, "ERROR_HTTP_%d", status);
    if (is->status != status)
        return wrong(v, "status %d instead of %d (%s)", is->status, status, is->code);
    for (i = 0; i < (json_is_array(errors) ? json_array_size(errors) : errors ? 1 : 0); i++) {
        const json_t *e = json_is_array(errors) ? json_array_get(errors, i) : errors;
        const char *c = text_of(e, "errorCode") ? text_of(e, "errorCode") : text_of(e, "statusCode");
        if (i == 0)
            snprintf(code, sizeof code, "%s", c ? c : code);
        if (text_of(e, "message"))
            snprintf(message + strlen(message), sizeof message - strlen(message), "%s%s", i ? "\n" : "",
                     text_of(e, "message"));
        json_array_foreach (json_object_get(e, "fields"), f, name)
            if (!has_field(fields, json_string_value(name)))
                snprintf(fields + strlen(fields), sizeof fields - strlen(fields), "%s%s", fields[0] ? "," : "",
                         json_string_value(name));
    }
    if (strcmp(is->code, code) != 0)
        return wrong(v, "code %s instead of %s", is->code, code);
    if (errors && !starts_alike(is->message, message, sizeof is->message))
        return wrong(v, "message \"%.150s\" instead of \"%.150s\"", is->message, message);
    return starts_alike(is->fields, fields, sizeof is->fields) ||
           wrong(v, "fields %s instead of %s", is->fields, fields);
}

/* For an answer whose whole is judged by its status: whether the outcome fits, and on failure whether the error does.
 */
static inline bool same_outcome(struct vector *v, bool ok, const struct sf_error *err, bool json_wanted, bool *done)
{
    json_t *answer = v->answer_n ? json_loadb(v->answer, v->answer_n, 0, NULL) : NULL;
    bool good = v->status / 100 == 2 && !is_error_list(answer) && (!json_wanted || v->answer_n == 0 || answer) &&
                !text_of(v->response, "fault");
    bool same = true;
    *done = !good || !ok;
    if (json_is_false(json_object_get(answer, "success")))
        same = !ok && same_error(v, err, json_object_get(answer, "errors"), v->status);
    else if (ok != good)
        same = wrong(v, "the client says %s (%s %s)", ok ? "success" : "failure", err->code, err->message);
    else if (!ok && !text_of(v->response, "fault"))
        same = same_error(v, err, answer, v->status);
    json_decref(answer);
    return same;
}

#endif
