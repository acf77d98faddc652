/*
 * log.h - key=value lines on stderr, one write per line, values escaped.
 *
 *     log_event(LOG_WARN, "addon-failed", "reason", "timeout", NULL)  ->  at=addon-failed level=warn reason=timeout
 *
 * Nothing here waits. Where stderr takes no more (a pipe that is not read, a terminal that was stopped) 64 KiB wait in
 * memory, and further lines are dropped and counted: at=log-lost n=... when it takes some again.
 *
 * Tokens, keys and payloads are never passed in; the test-suite greps every log for planted secrets.
 */
#ifndef ACTIONHOST_BASE_LOG_H
#define ACTIONHOST_BASE_LOG_H

#include "runtime/base/bytes.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level);
bool log_level_parse(const char *name, enum log_level *level);
bool log_enabled(enum log_level level);

/* A line under construction. */
struct log_line {
    char text[4096];
    size_t n;
};
/* Begins it with at=event, and level= where that is not info. Further pairs are appended; what does not fit is cut off.
 */
void log_begin(struct log_line *line, enum log_level level, const char *event);
void log_text(struct log_line *line, const char *key, const char *value); /* NULL value: the key is left out */
void log_span(struct log_line *line, const char *key, struct span value);
void log_int(struct log_line *line, const char *key, long long value);
void log_ms(struct log_line *line, const char *key, int64_t us); /* microseconds, printed as ms with two decimals */
/* Writes it to stderr with one call, or keeps it for log_work, or drops it. */
void log_end(struct log_line *line);

/*
 * Looks at what stderr is, so that writing never waits, and forgets what waits: for each process at its begin, and
 * again when its stderr has become another. The descriptor itself is left as it is.
 */
void log_open(void);
/* Whole lines of other processes, each with its line feed, n < 64 KiB; written, kept or dropped as our own. */
void log_lines(const char *p, size_t n);
/* Writes what waits, as far as it is taken. For loops: to be called now and then while log_behind. */
void log_work(void);
/* Something waits, or was dropped and is not told of yet. */
bool log_behind(void);

/* One line at once: pairs of key and value, ended by NULL. */
void log_event(enum log_level level, const char *event, ...) __attribute__((sentinel));

#endif
