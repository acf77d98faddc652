/* html.c - parts of a page. */
#include "runtime/pages/html.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "runtime/base/chars.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

void html_text(struct buf *b, const char *text)
{
    for (const char *p = text; p && *p; p++) {
        if (*p == '&')
            buf_str(b, "&amp;");
        else if (*p == '<')
            buf_str(b, "&lt;");
        else if (*p == '>')
            buf_str(b, "&gt;");
        else if (*p == '"')
            buf_str(b, "&quot;");
        else if (*p == '\'')
            buf_str(b, "&#39;");
        else
            buf_char(b, char_control(*p) && *p != '\n' ? ' ' : *p);
    }
}

void html_query(struct buf *b, const char *text)
{
    for (const char *p = text; p && *p; p++)
        if (char_alnum(*p) || strchr("-._~", *p))
            buf_char(b, *p);
        else
            buf_fmt(b, "%%%02X", (unsigned char)*p);
}

void html_number(struct buf *b, int64_t n)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%lld", (long long)n);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0 && digits[i - 1] != '-')
            buf_char(b, ',');
        buf_char(b, digits[i]);
    }
}

void html_operation(struct buf *b, const char *operation)
{
    char word[3] = "";
    for (const char *p = operation; p && *p; p++) {
        bool begins = char_upper(*p) && p > operation && !char_upper(p[-1]);
        word[0] = p == operation && char_lower(*p) ? (char)(*p - 32) : begins ? char_to_lower(*p) : *p;
        if (begins)
            buf_char(b, ' ');
        html_text(b, word);
    }
}

/* ---- times ---- */

int64_t html_when(const char *iso)
{
    struct tm tm = { 0 };
    int ms = 0;
    if (!iso || sscanf(iso, "%4d-%2d-%2dT%2d:%2d:%2d.%3d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
                       &tm.tm_min, &tm.tm_sec, &ms) < 6)
        return -1;
    tm.tm_year -= 1900;
    tm.tm_mon--;
    return (int64_t)timegm(&tm) * SECOND + ms;
}

static bool broken_down(int64_t ms, struct tm *tm)
{
    time_t s = (time_t)(ms / SECOND);
    return ms >= 0 && gmtime_r(&s, tm) != NULL;
}

static const char *const months[] = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
};

void html_day(struct buf *b, int64_t ms)
{
    struct tm tm;
    if (broken_down(ms, &tm))
        buf_fmt(b, "%d %s", tm.tm_mday, months[tm.tm_mon]);
}

void html_time(struct buf *b, const char *iso, int64_t now_ms)
{
    int64_t ms = html_when(iso);
    struct tm tm;
    if (!broken_down(ms, &tm))
        return;
    buf_str(b, "<time datetime=\"");
    html_text(b, iso);
    buf_fmt(b, "\" title=\"%d %s %d %02d:%02d:%02d UTC\">", tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
            tm.tm_hour, tm.tm_min, tm.tm_sec);
    if (ms / DAY != now_ms / DAY)
        buf_fmt(b, "%d %s ", tm.tm_mday, months[tm.tm_mon]);
    buf_fmt(b, "%02d:%02d</time>", tm.tm_hour, tm.tm_min);
}

void html_span(struct buf *b, int64_t ms)
{
    if (ms < SECOND)
        buf_str(b, "under 1 s");
    else if (ms < MINUTE)
        buf_fmt(b, "%lld s", (long long)(ms / SECOND));
    else if (ms < HOUR)
        buf_fmt(b, "%lld min", (long long)(ms / MINUTE));
    else if (ms < 2 * (int64_t)DAY)
        buf_fmt(b, "%lld h", (long long)(ms / HOUR));
    else
        buf_fmt(b, "%lld days", (long long)(ms / DAY));
}

void html_age(struct buf *b, const char *iso, int64_t now_ms)
{
    int64_t ms = html_when(iso);
    if (ms < 0 || now_ms - ms >= HOUR) {
        html_time(b, iso, now_ms);
        return;
    }
    html_span(b, now_ms - ms);
    buf_str(b, " ago");
}

/* ---- signs ---- */

static const struct {
    const char *style, *path;
} signs[] = {
    [SIGN_QUEUED] = { "queued", "<circle cx=\"7\" cy=\"7\" r=\"5\"/>" },
    [SIGN_RUNNING] = { "running", "<path d=\"M12 7a5 5 0 1 1-5-5\"/>" },
    [SIGN_WAITING] = { "waiting", "<path d=\"M5 3v8M9 3v8\"/>" },
    [SIGN_DONE] = { "done", "<path d=\"m3 7 3 3 5-6\"/>" },
    [SIGN_PARTLY] = { "partly", "<path d=\"m2 7 3 3 4-6M12 3v5M12 11v.1\"/>" },
    [SIGN_FAILED] = { "failed", "<path d=\"m3 3 8 8M3 11l8-8\"/>" },
    [SIGN_CANCELED] = { "canceled", "<path d=\"M3 7h8\"/>" },
};

void html_state_begin(struct buf *b, enum html_sign sign)
{
    buf_fmt(b, "<span class=\"state %s\"><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\">%s</svg>", signs[sign].style,
            signs[sign].path);
}

void html_state_end(struct buf *b)
{
    buf_str(b, "</span>");
}

void html_note_begin(struct buf *b, enum html_note kind)
{
    static const char *const kinds[] = { [NOTE_WARN] = "warn", [NOTE_BAD] = "bad", [NOTE_INFO] = "info" };
    static const char *const marks[] = {
        [NOTE_WARN] = "M8 7v6M12 7v6", [NOTE_BAD] = "M10 6v5m0 3v.1", [NOTE_INFO] = "M10 9v5m0-8v.1"
    };
    buf_fmt(b,
            "<div class=\"note %s\" role=\"%s\"><svg viewBox=\"0 0 20 20\" aria-hidden=\"true\"><circle cx=\"10\" "
            "cy=\"10\" r=\"8\"/><path d=\"%s\"/></svg>",
            kinds[kind], kind == NOTE_BAD ? "alert" : "note", marks[kind]);
}

void html_note_end(struct buf *b)
{
    buf_str(b, "</div>\n");
}

/* ---- the frame ---- */

#define MARK                                                                                                           \
    "<svg class=\"mark\" viewBox=\"0 0 20 20\" aria-hidden=\"true\"><rect width=\"20\" height=\"20\" rx=\"5\"/>"       \
    "<path d=\"M6 14l4-8 4 8M8 11h4\"/></svg>"

static void ways(struct buf *b, const struct html_frame *f)
{
    static const char now[] = " aria-current=\"page\"";
    buf_fmt(b, "<nav class=\"nav\" aria-label=\"Pages\"><a href=\"/jobs\"%s>Jobs</a><a href=\"/portal\"%s>Portal</a>",
            f->portal ? "" : now, f->portal ? now : "");
    if (f->docs)
        buf_str(b, "<a href=\"/docs\">Docs</a>");
    buf_str(b, "</nav>");
}

void html_begin(struct buf *b, const struct html_frame *f)
{
    buf_str(b, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
               "<meta name=\"color-scheme\" content=\"light dark\">");
    if (f->again_s)
        buf_fmt(b, "<meta http-equiv=\"refresh\" content=\"%d\">", f->again_s);
    buf_str(b, "<title>");
    html_text(b, f->title);
    buf_str(b, " \xc2\xb7 Action Host</title><link rel=\"icon\" href=\"data:,\">"
               "<link rel=\"stylesheet\" href=\"/jobs/pages.css\">"
               "<script src=\"/jobs/pages.js\" defer></script>");
    if (f->portal)
        buf_str(b,
                "<link rel=\"stylesheet\" href=\"/jobs/portal.css\"><script src=\"/jobs/portal.js\" defer></script>");
    buf_str(b, "</head>\n<body");
    if (f->live)
        buf_str(b, " data-live");
    buf_str(b,
            "><a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header class=\"top\"><div>"
            "<a class=\"brand\" href=\"/jobs\" aria-label=\"Action Host, jobs\">" MARK "<span>Action Host</span></a>");
    if (f->people)
        ways(b, f);
    buf_str(b, "<div class=\"end\"><span class=\"live\" id=\"live\" hidden><i></i><span>Live</span></span>");
    buf_str(b, "<span class=\"version\">" ACTIONHOST_VERSION "</span>");
    if (f->people)
        buf_str(b, "<form method=\"post\" action=\"/jobs/logout\"><button class=\"link\">Log out</button></form>");
    buf_str(b, "</div></div></header>\n<main id=\"main\" tabindex=\"-1\">\n");
}

void html_end(struct buf *b, const struct html_frame *f)
{
    buf_str(b, "</main>\n");
    if (f->people)
        buf_str(b, "<footer class=\"small muted\" id=\"zone\">Times are in UTC.</footer>\n");
    buf_str(b, "<p class=\"vh\" role=\"status\" id=\"said\"></p></body></html>\n");
}
