/* multipart.c - multipart/form-data as files are sent: one part with the record as JSON, then the bytes. */
#include <stdio.h>
#include <string.h>

#include "sandbox/org/rest_parts.h"

/* A parameter of a header's value: name="x" or name=x. */
static bool header_param(const char *value, size_t n, const char *name, char *out, size_t size)
{
    size_t want = strlen(name);
    for (size_t i = 0; i + want + 1 < n; i++) {
        bool start = i == 0 || strchr("; \t", value[i - 1]);
        if (!start || strncasecmp(value + i, name, want) != 0 || value[i + want] != '=')
            continue;
        size_t from = i + want + 1, len = 0;
        bool quoted = value[from] == '"';
        from += quoted;
        while (from + len < n && !strchr(quoted ? "\"" : "; \t\r\n", value[from + len]))
            len++;
        if (len >= size)
            return false;
        memcpy(out, value + from, len);
        out[len] = '\0';
        return len > 0;
    }
    return false;
}

static void part_header(struct part *part, const char *line, size_t n)
{
    static const char disposition[] = "Content-Disposition:", type[] = "Content-Type:";
    if (n > sizeof disposition && strncasecmp(line, disposition, sizeof disposition - 1) == 0) {
        header_param(line + sizeof disposition - 1, n - sizeof disposition + 1, "name", part->name, sizeof part->name);
        header_param(line + sizeof disposition - 1, n - sizeof disposition + 1, "filename", part->filename,
                     sizeof part->filename);
    } else if (n > sizeof type && strncasecmp(line, type, sizeof type - 1) == 0) {
        size_t from = sizeof type - 1;
        while (from < n && line[from] == ' ')
            from++;
        size_t len = n - from < sizeof part->type - 1 ? n - from : sizeof part->type - 1;
        memcpy(part->type, line + from, len);
    }
}

/* The text of one part, headers included. */
static bool read_part(struct part *part, const char *p, size_t n)
{
    *part = (struct part){ 0 };
    for (;;) {
        const char *end = memmem(p, n, "\r\n", 2);
        if (!end)
            return false;
        size_t len = (size_t)(end - p);
        if (len)
            part_header(part, p, len);
        n -= len + 2;
        p = end + 2;
        if (len == 0)
            break;
    }
    part->data = p;
    part->n = n;
    return true;
}

int multipart_split(const char *content_type, const void *body, size_t n, struct part *parts, size_t max)
{
    char boundary[80], mark[90];
    const char *p = body, *end = p + n;
    size_t count = 0;
    if (!header_param(content_type, strlen(content_type), "boundary", boundary, sizeof boundary))
        return -1;
    int mark_n = snprintf(mark, sizeof mark, "--%s", boundary);
    p = memmem(p, n, mark, (size_t)mark_n);
    snprintf(mark, sizeof mark, "\r\n--%s", boundary);
    for (int skip = mark_n; p; skip = mark_n + 2) {
        p += skip;
        if (end - p >= 2 && p[0] == '-' && p[1] == '-')
            return (int)count;
        const char *line = end - p >= 2 ? memmem(p, (size_t)(end - p), "\r\n", 2) : NULL;
        const char *next = line ? memmem(line, (size_t)(end - line), mark, (size_t)mark_n + 2) : NULL;
        /* a part without headers ends where its first line does */
        if (!next || count == max || (next > line && !read_part(&parts[count++], line + 2, (size_t)(next - line - 2))))
            return -1;
        p = next;
    }
    return -1;
}
