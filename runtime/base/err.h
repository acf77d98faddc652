/*
 * err.h - the one error object of the host: what a caller is told, flat.
 *   {"code","message","field","requestId","retryAfterSeconds","details":[{"field","code","message"}]}
 */
#ifndef ACTIONHOST_BASE_ERR_H
#define ACTIONHOST_BASE_ERR_H

#include <jansson.h>
#include <stdarg.h>

#include "runtime/base/bytes.h"

struct err {
    int status;        /* HTTP */
    char code[64];     /* lower_snake_case */
    char message[480]; /* says what to do next; no secrets, no internals */
    char field[200];   /* JSON Pointer, "" when none */
    int retry_after_s; /* 0 = absent */
};

/* Fills *e and returns false, so that a guard clause is one line. */
bool err_set(struct err *e, int status, const char *code, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

bool err_setv(struct err *e, int status, const char *code, const char *fmt, va_list ap)
    __attribute__((format(printf, 4, 0)));

/* Appends one row to `details`; texts that were cut inside a character lose it. False when it holds LIMIT_VIOLATIONS
 * rows already, or without memory. */
bool err_row(json_t *details, const char *field, const char *code, const char *message);

/* Appends the JSON object. `details` is an array or NULL (borrowed); left out when it does not fit. */
bool err_write(struct buf *out, const struct err *e, const char *request_id, const json_t *details);

#endif
