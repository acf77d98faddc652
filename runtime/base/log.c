/* log.c - one escaped key=value line per event, written at once. */
#include "runtime/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/chars.h"

static enum log_level threshold = LOG_INFO;
static const char *const names[] = {
    [LOG_ERROR] = "error", [LOG_WARN] = "warn", [LOG_INFO] = "info", [LOG_DEBUG] = "debug"
};

void log_set_level(enum log_level level)
{
    threshold = level;
}

bool log_level_parse(const char *name, enum log_level *level)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            *level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

bool log_enabled(enum log_level level)
{
    return level <= threshold;
}

static void put(struct log_line *line, const char *p, size_t n)
{
    size_t room = sizeof line->text - 1 - line->n; /* one byte stays for the line feed */
    if (n > room)
        n = room;
    memcpy(line->text + line->n, p, n);
    line->n += n;
}

static bool plain(char c)
{
    return char_visible(c) && c != '"' && c != '\\' && c != '=';
}

static void put_value(struct log_line *line, struct span v)
{
    if (v.n && span_all(v, plain)) {
        put(line, v.p, v.n);
        return;
    }
    put(line, "\"", 1);
    for (size_t i = 0; i < v.n; i++) {
        char c = v.p[i], hex[8];
        if (c == '"' || c == '\\') {
            put(line, (const char[]){ '\\', c }, 2);
        } else if (!char_printable(c)) { /* beyond ASCII there are line ends and terminal controls too */
            put(line, hex, (size_t)snprintf(hex, sizeof hex, "\\x%02x", (unsigned char)c));
        } else {
            put(line, &c, 1);
        }
    }
    put(line, "\"", 1);
}

void log_begin(struct log_line *line, enum log_level level, const char *event)
{
    line->n = 0;
    log_text(line, "at", event);
    if (level != LOG_INFO)
        log_text(line, "level", names[level]);
}

void log_text(struct log_line *line, const char *key, const char *value)
{
    if (value)
        log_span(line, key, span_of(value));
}

void log_span(struct log_line *line, const char *key, struct span value)
{
    if (line->n)
        put(line, " ", 1);
    put(line, key, strlen(key));
    put(line, "=", 1);
    put_value(line, value);
}

void log_int(struct log_line *line, const char *key, long long value)
{
    char text[32];
    log_span(line, key, (struct span){ text, (size_t)snprintf(text, sizeof text, "%lld", value) });
}

void log_ms(struct log_line *line, const char *key, int64_t us)
{
    char text[40];
    log_span(line, key, (struct span){ text, (size_t)snprintf(text, sizeof text, "%.2f", (double)us / 1000.0) });
}

void log_end(struct log_line *line)
{
    line->text[line->n++] = '\n';
    /* A log that cannot be written must not stop the service. */
    ssize_t done = write(STDERR_FILENO, line->text, line->n);
    (void)done;
    line->n = 0;
}

void log_event(enum log_level level, const char *event, ...)
{
    struct log_line line;
    va_list ap;
    if (!log_enabled(level))
        return;
    log_begin(&line, level, event);
    va_start(ap, event);
    for (const char *key = va_arg(ap, const char *); key; key = va_arg(ap, const char *))
        log_text(&line, key, va_arg(ap, const char *));
    va_end(ap);
    log_end(&line);
}
