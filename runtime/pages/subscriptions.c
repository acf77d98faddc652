/* subscriptions.c - one row for each topic of an org: who reads it, how it does, how far behind it is. */
#include "runtime/pages/subscriptions.h"

#include <string.h>

#include "runtime/pages/html.h"

enum { POSITION_SHOWN = 16 };

static int64_t number(const json_t *row, const char *name)
{
    return json_integer_value(json_object_get(row, name));
}

static const char *text(const json_t *row, const char *name)
{
    const char *s = json_string_value(json_object_get(row, name));
    return s ? s : "";
}

static void state(struct buf *b, const json_t *row)
{
    bool open = strcmp(text(row, "state"), "open") == 0, held = json_is_true(json_object_get(row, "held"));
    bool failed = strcmp(text(row, "state"), "failed") == 0;
    html_state_begin(b, failed ? SIGN_FAILED : held && open ? SIGN_RUNNING : SIGN_WAITING);
    buf_str(b, failed ? "Failed" : !held ? "Nobody listens" : open ? "Listening" : "Opening");
    html_state_end(b);
}

/* What a reader can do something about, in words. */
static void trouble(struct buf *b, const json_t *row)
{
    static const struct {
        const char *name, *one, *many;
    } counts[] = { { "apart", "event could not be used and is kept apart",
                     "events could not be used and are kept apart" },
                   { "gaps", "time events may be missing", "times events may be missing" },
                   { "reconnects", "reconnect", "reconnects" },
                   { "duplicates", "duplicate dropped", "duplicates dropped" } };
    const char *join = "";
    if (*text(row, "reason")) {
        html_text(b, text(row, "reason"));
        join = " \xc2\xb7 ";
    }
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        int64_t n = number(row, counts[i].name);
        if (n == 0)
            continue;
        buf_str(b, join);
        html_number(b, n);
        buf_fmt(b, " %s", n == 1 ? counts[i].one : counts[i].many);
        join = " \xc2\xb7 ";
    }
}

static void progress(struct buf *b, const json_t *row, int64_t now_ms)
{
    int64_t at = number(row, "lastEventAt");
    buf_str(b, "<div class=\"prog\"><p class=\"small\">");
    html_number(b, number(row, "kept"));
    buf_str(b, " events kept");
    if (at > 0) {
        buf_str(b, ", the last ");
        html_span(b, now_ms > at ? now_ms - at : 0);
        buf_str(b, " ago, ");
        html_span(b, number(row, "lagMs"));
        buf_str(b, " after its commit");
    }
    if (number(row, "open") > 0) {
        buf_str(b, "; ");
        html_number(b, number(row, "open"));
        buf_str(b, " wait for the end of their transaction");
    }
    buf_str(b, "</p><p class=\"small clamp\">");
    trouble(b, row);
    buf_str(b, "</p></div>");
}

static void one(struct buf *b, const json_t *row, int64_t now_ms)
{
    const char *position = text(row, "position");
    buf_str(b, "<li><div>");
    state(b, row);
    buf_str(b, "</div><div class=\"what\"><h3>");
    html_text(b, text(row, "topic"));
    buf_str(b, "</h3><p class=\"small muted\">");
    html_text(b, text(row, "connection"));
    buf_str(b, " \xc2\xb7 ");
    html_text(b, text(row, "orgId"));
    buf_str(b, "</p></div>");
    progress(b, row, now_ms);
    buf_str(b, "<div class=\"time\"><b>");
    if (*position)
        buf_fmt(b, "%s%.*s", strlen(position) > POSITION_SHOWN ? "\xe2\x80\xa6" : "", POSITION_SHOWN,
                strlen(position) > POSITION_SHOWN ? position + strlen(position) - POSITION_SHOWN : position);
    buf_fmt(b, "</b><span>%s</span></div><div class=\"act\"></div></li>\n", *position ? "position" : "");
}

void subscriptions_write(struct buf *b, const json_t *list, int64_t now_ms)
{
    if (!json_array_size(list))
        return;
    buf_str(b, "<section class=\"card\" aria-label=\"Events\">\n<h2 class=\"group\">Events</h2><ul class=\"jobs\">\n");
    for (size_t i = 0; i < json_array_size(list); i++)
        one(b, json_array_get(list, i), now_ms);
    buf_str(b, "</ul></section>\n");
}
