/* log.c - one escaped key=value line per event, written at once where that needs no waiting. */
#include "runtime/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/chars.h"
enum {
    BACKLOG = 64 * 1024, /* bytes that may wait for a reader; what is beyond is dropped */
    PIECE = PIPE_BUF     /* a pipe takes so much whole or not at all, so that lines of several processes do not mix */
};

/* There is one stderr, so its state is the process's. */
static struct {
    int fd;             /* stderr, or the same pipe or terminal opened anew */
    bool asks, socket;  /* whether it is to be asked first if it would block; how it is written to */
    char text[BACKLOG]; /* [at, n) waits */
    size_t at, n;
    unsigned long long lost; /* lines that were dropped and not told of yet */
} out = { .fd = STDERR_FILENO, .asks = true };

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

/* ---- writing without waiting ---- */

/*
 * O_NONBLOCK belongs to the open file, which others may share: set on stderr itself, it would be set for the shell that
 * started us too. A pipe or terminal can be opened a second time. Where that is not allowed (another user's), it is
 * asked before each write.
 */
void log_open(void)
{
    struct stat st;
    if (out.fd > STDERR_FILENO)
        close(out.fd);
    out.fd = STDERR_FILENO;
    out.at = out.n = 0;
    out.lost = 0;
    out.asks = true;
    out.socket = false;
    if (fstat(STDERR_FILENO, &st) != 0)
        return;
    out.socket = S_ISSOCK(st.st_mode);
    out.asks = !out.socket && !S_ISREG(st.st_mode);
    if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))
        return;
    int fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0) {
        out.fd = fd;
        out.asks = false;
    }
}

/* Bytes that were taken, -1 with EAGAIN where writing would have to wait, -1 where nothing can be written any more. */
static ssize_t write_now(const char *p, size_t n)
{
    struct pollfd ask = { .fd = out.fd, .events = POLLOUT };
    ssize_t done;
    if (out.asks && poll(&ask, 1, 0) == 0) {
        errno = EAGAIN;
        return -1;
    }
    do {
        done = out.socket ? send(out.fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL) : write(out.fd, p, n);
    } while (done < 0 && errno == EINTR);
    return done;
}

static unsigned long long lines_in(const char *p, size_t n)
{
    unsigned long long lines = 0;
    for (size_t i = 0; i < n; i++)
        lines += p[i] == '\n';
    return lines;
}

/* Whole lines, as many as fit into one piece; the backlog holds nothing but such lines. */
static size_t next_piece(void)
{
    size_t n = out.n - out.at;
    if (n <= PIECE)
        return n;
    for (n = PIECE; n > 1 && out.text[out.at + n - 1] != '\n';)
        n--;
    return n;
}

/* False: something still waits, or cannot be written at all and was dropped. */
static bool write_backlog(void)
{
    while (out.at < out.n) {
        ssize_t done = write_now(out.text + out.at, next_piece());
        if (done < 0 && errno != EAGAIN) {
            out.lost += lines_in(out.text + out.at, out.n - out.at);
            out.at = out.n = 0;
        }
        if (done < 0)
            return false;
        out.at += (size_t)done;
    }
    out.at = out.n = 0;
    return true;
}

/* Not by way of the backlog, so that this line is never counted among the lost. */
static void tell_lost(void)
{
    struct log_line line;
    log_begin(&line, LOG_WARN, "log-lost");
    log_int(&line, "n", (long long)out.lost);
    line.text[line.n++] = '\n';
    ssize_t done = write_now(line.text, line.n);
    if (done < 0)
        return;
    out.lost = 0;
    out.n = line.n - (size_t)done; /* a terminal or socket may take a part */
    memcpy(out.text, line.text + done, out.n);
}

void log_work(void)
{
    if (write_backlog() && out.lost)
        tell_lost();
}

bool log_behind(void)
{
    return out.at < out.n || out.lost > 0;
}

void log_lines(const char *p, size_t n)
{
    if (out.at > 0 && n > sizeof out.text - out.n) {
        memmove(out.text, out.text + out.at, out.n - out.at);
        out.n -= out.at;
        out.at = 0;
    }
    if (n > sizeof out.text - out.n) {
        out.lost += lines_in(p, n);
    } else {
        memcpy(out.text + out.n, p, n);
        out.n += n;
    }
    log_work();
}

void log_end(struct log_line *line)
{
    line->text[line->n++] = '\n';
    log_lines(line->text, line->n);
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
