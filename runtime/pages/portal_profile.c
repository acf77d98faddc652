/* portal_profile.c - one account: where it is known, and the people whom Data 360 has made of its contacts; and the
 * form for sample records. */
#include <string.h>

#include "runtime/pages/job_view.h"
#include "runtime/pages/portal_parts.h"

static void known_row(struct buf *b, const struct portal *p, const json_t *row)
{
    buf_str(b, "<li>");
    portal_mark(b, p, portal_text(row, "connection"), false);
    buf_str(b, "<span><bdi>");
    html_text(b, portal_text(row, "name"));
    buf_str(b, "</bdi><br><span class=\"small muted\">");
    html_text(b, portal_text(row, "connection"));
    buf_str(b, " \xc2\xb7 <a href=\"");
    html_text(b, portal_text(row, "recordUrl"));
    buf_str(b, "\" rel=\"noreferrer\"><span class=\"mono\">");
    html_text(b, portal_text(row, "accountId"));
    buf_str(b, "</span></a></span></span><span class=\"num\">");
    portal_amounts(b, row);
    buf_str(b, "</span></li>");
}

static void known(struct buf *b, const struct portal *p)
{
    const json_t *answer = p->answers[PORTAL_KNOWN], *row, *org;
    size_t i;
    buf_str(b, "<section><h3>Accounts of this name</h3><ul class=\"src\">");
    if (p->statuses[PORTAL_KNOWN] != 200)
        buf_str(b, "<li class=\"muted\">The orgs did not answer in time.</li>");
    json_array_foreach (json_object_get(answer, "accounts"), i, row)
        known_row(b, p, row);
    json_array_foreach (json_object_get(answer, "orgs"), i, org) {
        if (!portal_failed(org))
            continue;
        buf_str(b, "<li>");
        portal_mark(b, p, portal_text(org, "connection"), false);
        buf_str(b, "<span class=\"muted\">");
        html_text(b, portal_text(org, "connection"));
        buf_str(b,
                "<br><span class=\"small\">could not be asked</span></span><span class=\"muted\">unknown</span></li>");
    }
    buf_str(b, "</ul></section>\n");
}

static void person(struct buf *b, const json_t *row)
{
    const json_t *values = json_object_get(row, "values");
    const char *first = json_string_value(json_array_get(values, 0)),
               *last = json_string_value(json_array_get(values, 1)),
               *born = json_string_value(json_array_get(values, 2));
    buf_str(b, "<li><span><bdi>");
    html_text(b, first);
    buf_str(b, first && *first ? " " : "");
    html_text(b, last);
    buf_str(b, "</bdi>");
    if (born && *born) {
        buf_str(b, "<br><span class=\"small muted\">born ");
        html_text(b, born);
        buf_str(b, "</span>");
    }
    buf_str(b, "</span></li>");
}

static void people(struct buf *b, const struct portal *p)
{
    const json_t *answer = p->answers[PORTAL_PROFILE], *row;
    size_t i;
    buf_str(b, "<section><h3>People in Data 360</h3>");
    if (p->statuses[PORTAL_PROFILE] != 200) {
        buf_str(b, "<p class=\"small muted\">");
        html_text(b, *portal_text(answer, "message") ? portal_text(answer, "message") : "Data 360 did not answer.");
        buf_str(b, "</p></section>\n");
        return;
    }
    if (json_array_size(json_object_get(answer, "rows")) == 0)
        buf_str(b, "<p class=\"small muted\">Nobody is linked to this account.</p>");
    buf_str(b, "<ul class=\"src people\">");
    json_array_foreach (json_object_get(answer, "rows"), i, row)
        person(b, row);
    buf_str(b, "</ul></section>\n");
}

void portal_profile(struct buf *b, const struct portal *p)
{
    struct portal_wish closed = p->wish;
    closed.account[0] = '\0';
    buf_str(b,
            "<aside class=\"card drawer\" id=\"dr\" aria-labelledby=\"dh\" data-key=\"drawer\"><div class=\"cardhead\">"
            "<div><p class=\"small muted\">Unified profile</p><h2 id=\"dh\" tabindex=\"-1\"><bdi>");
    html_text(b, p->wish.account_name[0] ? p->wish.account_name : p->wish.account);
    buf_str(b, "</bdi></h2></div><a class=\"iconbtn\" id=\"dx\" data-soft href=\"");
    portal_link(b, &closed);
    buf_str(b, "\" aria-label=\"Close the profile\"><svg viewBox=\"0 0 18 18\" aria-hidden=\"true\"><path d=\"m4 4 10 "
               "10M14 4 4 14\"/></svg></a></div>\n");
    known(b, p);
    people(b, p);
    buf_str(b, "</aside>\n");
}

/* ---- sample records: the second question is a page part of its own, which needs no script ---- */

void portal_samples(struct buf *b, const struct portal *p)
{
    const json_t *org;
    size_t i;
    buf_str(b,
            "<section class=\"card\" aria-labelledby=\"cs\"><div class=\"cardhead\"><h2 id=\"cs\">Sample records</h2>"
            "</div><form class=\"pad form\" method=\"post\" action=\"/portal/samples\"><p class=\"small muted\">Makes "
            "invented accounts in one org by Bulk API. Only with <code>SAMPLE_DATA=on</code>; asks once more before "
            "it writes.</p><div><label for=\"so\">Into</label><select id=\"so\" name=\"connection\">");
    json_array_foreach (json_object_get(p->answers[PORTAL_LIST], "orgs"), i, org) {
        if (strcmp(portal_text(org, "state"), "answered") != 0)
            continue;
        buf_str(b, "<option>");
        html_text(b, portal_text(org, "connection"));
        buf_str(b, "</option>");
    }
    buf_str(b, "</select></div><div><label for=\"sn\">How many <em>1 to 10,000</em></label><input id=\"sn\" "
               "name=\"count\" inputmode=\"numeric\" pattern=\"[0-9]{1,5}\" value=\"1000\" required></div><button "
               "class=\"btn primary\">Make accounts\xe2\x80\xa6</button></form>");
    if (p->wish.job[0]) /* the script puts the bar of the job's own page above the link */
        buf_fmt(b,
                "<div class=\"pad form\" id=\"making\" data-job=\"%s\"><div></div><p class=\"small\"><a "
                "href=\"/jobs/%s\">Open as job</a></p></div>",
                p->wish.job, p->wish.job);
    buf_str(b, "</section>\n");
}
