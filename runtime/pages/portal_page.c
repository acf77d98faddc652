/* portal_page.c - the page: whose rights, the orgs, search and filters, the table, and what stands beside and below. */
#include <string.h>

#include "runtime/pages/job_view.h"
#include "runtime/pages/portal_parts.h"

static void rights(struct buf *b, const struct portal *p)
{
    const json_t *orgs = json_object_get(p->answers[PORTAL_LIST], "orgs"), *org;
    size_t i, n = 0;
    buf_str(b, "<div class=\"head\" data-key=\"head\"><div><h1>Accounts of all orgs</h1><p>Read with the rights of the "
               "user who authorized each org");
    json_array_foreach (orgs, i, org) {
        if (!*portal_text(org, "username"))
            continue;
        buf_str(b, n++ ? ", " : ": ");
        buf_str(b, "<span class=\"strong\">");
        html_text(b, portal_text(org, "username"));
        buf_str(b, "</span> in ");
        html_text(b, portal_text(org, "connection"));
    }
    buf_str(b, ".</p></div></div>\n");
}

/* ---- search and filters ---- */

static void chip(struct buf *b, const struct portal_wish *w, const char *org, const char *words)
{
    struct portal_wish to = *w;
    copy_text(to.org, sizeof to.org, org);
    to.cursor[0] = to.account[0] = '\0';
    to.show = PORTAL_SHOWN;
    buf_str(b, "<a class=\"chip\" data-soft href=\"");
    portal_link(b, &to);
    buf_fmt(b, "\"%s>", strcmp(w->org, org) == 0 ? " aria-current=\"true\"" : "");
    html_text(b, words);
    buf_str(b, "</a>");
}

static void filters(struct buf *b, const struct portal *p, const json_t *names)
{
    const struct portal_wish *w = &p->wish;
    const json_t *org;
    size_t i;
    buf_str(b, "<div class=\"filterbar\" data-key=\"filters\"><form class=\"find wide\" method=\"get\" "
               "action=\"/portal\" role=\"search\">");
    if (w->org[0])
        job_view_hidden(b, "org", w->org);
    if (w->sort[0])
        job_view_hidden(b, "sort", w->sort);
    if (w->descending)
        job_view_hidden(b, "desc", "1");
    buf_str(b, "<label class=\"vh\" for=\"q\">Search name and city in every org</label><input id=\"q\" name=\"q\" "
               "type=\"search\" maxlength=\"100\" autocomplete=\"off\" placeholder=\"Search name and city\" value=\"");
    html_text(b, w->search);
    buf_str(b, "\"></form><nav class=\"filters\" aria-label=\"Orgs\">");
    chip(b, w, "", "All orgs");
    if (w->org[0])
        chip(b, w, w->org, w->org);
    else
        json_array_foreach (names, i, org)
            chip(b, w, portal_text(org, "connection"), portal_text(org, "connection"));
    buf_str(b, "</nav></div>\n");
}

/* ---- the table ---- */

static void column(struct buf *b, const struct portal_wish *w, const char *sort, const char *words, const char *style)
{
    struct portal_wish to = *w;
    bool now = strcmp(w->sort, sort) == 0, down = w->descending != (strcmp(sort, "amount") == 0);
    copy_text(to.sort, sizeof to.sort, sort);
    to.descending = now && !w->descending;
    to.cursor[0] = to.account[0] = '\0';
    buf_fmt(b, "<th scope=\"col\"%s", style);
    if (now)
        buf_fmt(b, " aria-sort=\"%s\"", down ? "descending" : "ascending");
    buf_str(b, "><a class=\"sort\" data-soft href=\"");
    portal_link(b, &to);
    buf_fmt(b, "\">%s%s</a></th>", words,
            !now   ? ""
            : down ? "<svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><path d=\"M5 9 1 3h8z\"/></svg>"
                   : "<svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><path d=\"M5 1 1 7h8z\"/></svg>");
}

/* A sentence that ends with a command to type. */
static void words(struct buf *b, const char *message)
{
    const char *command = strstr(message, "heroku ");
    char before[480];
    copy_span(before, sizeof before, (struct span){ message, command ? (size_t)(command - message) : strlen(message) });
    html_text(b, before);
    if (!command)
        return;
    buf_str(b, "<code>");
    html_text(b, command);
    buf_str(b, "</code>");
}

/* What is missing stands first, whatever the order. */
static void trouble(struct buf *b, const struct portal *p, const json_t *org)
{
    buf_str(b, "<tr class=\"oops\" data-key=\"oops-");
    html_text(b, portal_text(org, "connection"));
    buf_str(b, "\"><td colspan=\"5\"><div class=\"row\"><div><b>");
    html_text(b, portal_text(org, "connection"));
    buf_str(b, " is missing from this list.</b> ");
    words(b, portal_text(org, "message"));
    if (*portal_text(org, "orgMessage")) {
        buf_str(b, " <q>");
        html_text(b, portal_text(org, "orgMessage"));
        buf_str(b, "</q>");
    }
    buf_str(b, " <code>");
    html_text(b, portal_text(org, "orgCode"));
    buf_str(b, "</code></div><a class=\"btn\" data-soft href=\"");
    portal_link(b, &p->wish);
    buf_str(b, "\">Try again<span class=\"vh\"> with ");
    html_text(b, portal_text(org, "connection"));
    buf_str(b, "</span></a></div></td></tr>\n");
}

static void cell(struct buf *b, const json_t *org, const json_t *row, const char *member, const char *style,
                 const char *words)
{
    buf_fmt(b, "<td class=\"%s\">", style);
    if (portal_lacks(org, member)) {
        buf_str(b, "<span class=\"dash\" title=\"");
        html_text(b, portal_text(org, "connection"));
        buf_fmt(b, " has no %s\">\xe2\x80\x94</span>", words);
    } else if (strcmp(member, "openAmounts") == 0) {
        portal_amounts(b, row);
    } else {
        html_text(b, portal_text(row, member));
    }
    buf_str(b, "</td>");
}

static void account(struct buf *b, const struct portal *p, const json_t *row)
{
    const char *connection = portal_text(row, "connection"), *id = portal_text(row, "accountId");
    const json_t *org = portal_org(p, connection);
    bool open = strcmp(p->wish.account, id) == 0 && strcmp(p->wish.account_org, connection) == 0;
    struct portal_wish to = p->wish;
    copy_text(to.account, sizeof to.account, id);
    copy_text(to.account_org, sizeof to.account_org, connection);
    copy_text(to.account_name, sizeof to.account_name, portal_text(row, "name"));
    buf_fmt(b, "<tr%s data-key=\"", open ? " class=\"sel\"" : "");
    html_text(b, connection);
    buf_fmt(b, "-%s\"><th scope=\"row\"><a data-soft%s href=\"", id, open ? " aria-current=\"true\"" : "");
    portal_link(b, &to);
    buf_str(b, "\"><bdi>");
    html_text(b, portal_text(row, "name"));
    buf_str(b, "</bdi></a></th><td class=\"o\">");
    portal_mark(b, p, connection, true);
    buf_str(b, "</td>");
    cell(b, org, row, "city", "ci", "field City");
    cell(b, org, row, "owner", "ow", "field Owner");
    cell(b, org, row, "openAmounts", "num amt", "Opportunities");
    buf_str(b, "</tr>\n");
}

static void nothing(struct buf *b, const struct portal *p)
{
    const json_t *org;
    size_t i;
    buf_str(b, "<tr class=\"none\"><td colspan=\"5\">");
    if (p->wish.search[0]) {
        buf_str(b, "No account matches \xe2\x80\x9c<bdi>");
        html_text(b, p->wish.search);
        buf_str(b, "</bdi>\xe2\x80\x9d.");
    } else {
        buf_str(b, "No accounts.");
    }
    json_array_foreach (json_object_get(p->answers[PORTAL_LIST], "orgs"), i, org) {
        if (!portal_failed(org))
            continue;
        buf_str(b, " ");
        html_text(b, portal_text(org, "connection"));
        buf_str(b, " could not be asked.");
    }
    buf_str(b, "</td></tr>\n");
}

static void warnings(struct buf *b, const json_t *list)
{
    const json_t *one;
    size_t i;
    json_array_foreach (json_object_get(list, "warnings"), i, one) {
        buf_str(b, " ");
        html_text(b, portal_text(one, "message"));
    }
}

static void more(struct buf *b, const struct portal *p, const json_t *list)
{
    struct portal_wish to = p->wish;
    const char *cursor = portal_text(list, "cursor");
    size_t shown = json_array_size(json_object_get(list, "accounts"));
    if (!*cursor || shown < (size_t)(portal_is_by_amount(&p->wish) ? PORTAL_SHOWN_MAX : p->wish.show))
        return; /* only orgs that have failed could have others */
    if (portal_is_by_amount(&p->wish)) {
        buf_fmt(b, "<span>By amount among these %zu; search to have others among them.</span>", shown);
        return;
    }
    to.account[0] = '\0';
    bool grow = p->wish.show < PORTAL_SHOWN_MAX && !p->wish.cursor[0];
    if (!grow && strlen(cursor) >= sizeof to.cursor) {
        buf_str(b, "<span>There are more than fit here; search for a part of the name.</span>");
        return;
    }
    if (grow)
        to.show += p->wish.show < 2 * PORTAL_SHOWN ? PORTAL_SHOWN : 2 * PORTAL_SHOWN;
    else
        copy_text(to.cursor, sizeof to.cursor, cursor);
    buf_fmt(b, "<a class=\"btn\"%s href=\"", grow ? " data-soft data-keep" : "");
    portal_link(b, &to);
    buf_str(b, grow ? "\">Show more</a>" : "\">Next page</a>");
}

static void accounts(struct buf *b, const struct portal *p, const json_t *list)
{
    const json_t *rows[PORTAL_SHOWN_MAX], *row;
    size_t i, n;
    if (!portal_is_by_amount(&p->wish)) {
        json_array_foreach (list, i, row)
            account(b, p, row);
        return;
    }
    n = portal_by_amount(list, p->wish.descending, rows);
    for (i = 0; i < n; i++)
        account(b, p, rows[i]);
}

static void table(struct buf *b, const struct portal *p)
{
    const json_t *list = p->answers[PORTAL_LIST], *org;
    size_t i, n = json_array_size(json_object_get(list, "accounts"));
    buf_str(b,
            "<section class=\"card\" aria-labelledby=\"t\" data-key=\"table\"><h2 id=\"t\" class=\"vh\">Accounts</h2>"
            "<table class=\"acc\"><thead><tr>");
    column(b, &p->wish, "", "Account", "");
    buf_str(b, "<th scope=\"col\">Org</th>");
    column(b, &p->wish, "city", "City", "");
    column(b, &p->wish, "owner", "Owner", "");
    column(b, &p->wish, "amount", "Open amount", " class=\"num\"");
    buf_str(b, "</tr></thead><tbody>\n");
    json_array_foreach (json_object_get(list, "orgs"), i, org)
        if (portal_failed(org))
            trouble(b, p, org);
    accounts(b, p, json_object_get(list, "accounts"));
    if (n == 0)
        nothing(b, p);
    buf_str(b, "</tbody></table><div class=\"foot\"><span role=\"status\">");
    html_text(b, portal_text(list, "message"));
    buf_str(b, " Open amounts are in each org\xe2\x80\x99s own currency and sorted within it; nothing is converted.");
    warnings(b, list);
    buf_str(b, "</span>");
    if (p->wish.cursor[0])
        buf_str(b, "<a class=\"btn\" href=\"/portal\">Back to the top</a>");
    more(b, p, list);
    buf_str(b, "</div></section>\n");
}

/* ---- the whole ---- */

static void refused(struct buf *b, const struct portal *p)
{
    const json_t *answer = p->answers[PORTAL_LIST];
    buf_str(b, "<div class=\"head\"><h1>Accounts of all orgs</h1></div>\n");
    html_note_begin(b, NOTE_BAD);
    buf_str(b, "<div><b>The list could not be made</b><p>");
    html_text(b, *portal_text(answer, "message") ? portal_text(answer, "message")
                                                 : "The host did not answer in time. Try again.");
    buf_str(b, "</p></div><a class=\"btn\" href=\"/portal\">Start again from the top</a>");
    html_note_end(b);
}

void portal_write(struct buf *b, const struct portal *p, const struct portal_facts *f)
{
    if (p->statuses[PORTAL_LIST] != 200) {
        refused(b, p);
        return;
    }
    rights(b, p);
    portal_cards(b, p, f);
    filters(b, p, json_object_get(p->answers[PORTAL_LIST], "orgs"));
    buf_fmt(b, "<div class=\"%s\" data-key=\"list\">\n", p->wish.account[0] ? "withdrawer" : "stack");
    table(b, p);
    if (p->wish.account[0])
        portal_profile(b, p);
    buf_fmt(b, "</div>\n<div class=\"%s\" data-key=\"below\">\n", f->samples ? "two" : "stack");
    portal_data(b, p);
    if (f->samples)
        portal_samples(b, p);
    buf_str(b, "</div>\n");
}
