/* portal_data.c - the panel of Data 360: a statement, its rows with their types, and a plot where it says something. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/pages/job_view.h"
#include "runtime/pages/portal_parts.h"

enum { PLOT_ROWS = 12, BAR = 24, STEP = 38, LABEL = 118, WIDTH = 320, ROOM = 132, CHARS = 16 };

static const char example[] = "SELECT ssot__BillingCityName__c AS city, SUM(ssot__NumberOfEmployees__c) AS employees\n"
                              "FROM ssot__Account__dlm GROUP BY 1 ORDER BY 2 DESC LIMIT 5";

static void form(struct buf *b, const struct portal *p)
{
    const struct portal_wish *w = &p->wish;
    const json_t *org;
    size_t i;
    buf_str(b,
            "<form method=\"get\" action=\"/portal\" data-soft><div class=\"cardhead\"><h2 id=\"d3\">Data 360</h2><div "
            "class=\"row\"><label class=\"vh\" for=\"at\">Org</label><select id=\"at\" name=\"at\">");
    json_array_foreach (json_object_get(p->answers[PORTAL_LIST], "orgs"), i, org) {
        const char *name = portal_text(org, "connection");
        if (strcmp(portal_text(org, "state"), "answered") != 0)
            continue;
        buf_fmt(b, "<option%s>", strcmp(name, w->sql_org) == 0 ? " selected" : "");
        html_text(b, name);
        buf_str(b, "</option>");
    }
    buf_str(b, "</select></div></div><div class=\"pad form\">");
    if (w->search[0])
        job_view_hidden(b, "q", w->search);
    if (w->org[0])
        job_view_hidden(b, "org", w->org);
    if (w->sort[0])
        job_view_hidden(b, "sort", w->sort);
    buf_fmt(b,
            "<div><label for=\"sql\">SQL <em>read only</em></label><textarea id=\"sql\" name=\"sql\" rows=\"3\" "
            "maxlength=\"%d\" spellcheck=\"false\" autocapitalize=\"off\">",
            PORTAL_SQL - 1);
    html_text(b, w->sql[0] ? w->sql : example);
    buf_str(b, "</textarea></div><div class=\"row\"><button class=\"btn primary\">Run</button><span class=\"small "
               "muted\" role=\"status\">");
    if (p->statuses[PORTAL_SQL_CALL] == 200) {
        html_text(b, portal_text(p->answers[PORTAL_SQL_CALL], "message"));
        buf_str(b, " Took ");
        html_span(b, p->took_ms[PORTAL_SQL_CALL]);
        buf_str(b, ".");
    }
    buf_str(b, "</span></div></div></form>\n");
}

static bool is_number(const json_t *column)
{
    return strcmp(portal_text(column, "kind"), "number") == 0;
}

static bool is_null(const json_t *row, size_t at)
{
    const json_t *one;
    size_t i;
    json_array_foreach (json_object_get(row, "nullColumns"), i, one)
        if (json_integer_value(one) == (json_int_t)at)
            return true;
    return false;
}

static const char *value_of(const json_t *row, size_t at)
{
    const char *text = json_string_value(json_array_get(json_object_get(row, "values"), at));
    return text ? text : "";
}

/* Digits in threes; what is no whole number stays as it is. */
static void number(struct buf *b, const char *text)
{
    size_t n = strspn(text, "-0123456789");
    if (text[n] || n == 0 || n > 15 || text[0] == '0')
        html_text(b, text);
    else
        html_number(b, strtoll(text, NULL, 10));
}

static void table(struct buf *b, const json_t *answer)
{
    const json_t *columns = json_object_get(answer, "columns"), *rows = json_object_get(answer, "rows"), *column, *row;
    size_t i, k;
    buf_str(b, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Rows\"><table><thead><tr>");
    json_array_foreach (columns, i, column) {
        buf_fmt(b, "<th scope=\"col\"%s>", is_number(column) ? " class=\"num\"" : "");
        html_text(b, portal_text(column, "name"));
        buf_str(b, "<br><span class=\"type\">");
        html_text(b, portal_text(column, "kind"));
        buf_str(b, "</span></th>");
    }
    buf_str(b, "</tr></thead><tbody>\n");
    json_array_foreach (rows, i, row) {
        buf_str(b, "<tr>");
        json_array_foreach (columns, k, column) {
            buf_str(b, is_number(column) ? "<td class=\"num\">" : "<td>");
            if (is_null(row, k))
                buf_str(b, "<span class=\"dash\">null</span>");
            else if (is_number(column))
                number(b, value_of(row, k));
            else
                html_text(b, value_of(row, k));
            buf_str(b, "</td>");
        }
        buf_str(b, "</tr>\n");
    }
    buf_str(b, "</tbody></table></div>");
}

/* One column of text, one of numbers, and few rows: only then a plot says more than the table. */
static bool can_plot(const json_t *answer, size_t *label, size_t *figure)
{
    const json_t *columns = json_object_get(answer, "columns"), *rows = json_object_get(answer, "rows"), *row;
    size_t i, n = json_array_size(rows);
    if (json_array_size(columns) != 2 || n == 0 || n > PLOT_ROWS)
        return false;
    *figure = is_number(json_array_get(columns, 1)) ? 1 : 0;
    *label = 1 - *figure;
    if (!is_number(json_array_get(columns, *figure)) || is_number(json_array_get(columns, *label)))
        return false;
    double most = 0;
    json_array_foreach (rows, i, row) {
        double v = strtod(value_of(row, *figure), NULL);
        if (!isfinite(v) || v < 0)
            return false;
        most = v > most ? v : most;
    }
    return most > 0;
}

/* The first characters of a label, cut between characters. */
static void label_text(struct buf *b, const char *text)
{
    char cut[4 * CHARS + 1];
    size_t n = 0, chars = 0;
    while (text[n] && n < sizeof cut - 1) {
        chars += ((unsigned char)text[n] & 0xc0) != 0x80;
        if (chars > CHARS)
            break;
        cut[n] = text[n];
        n++;
    }
    cut[n] = '\0';
    html_text(b, cut);
    buf_str(b, text[n] ? "\xe2\x80\xa6" : "");
}

static void plot(struct buf *b, const json_t *answer, size_t label, size_t figure)
{
    const json_t *rows = json_object_get(answer, "rows"), *row;
    size_t i, n = json_array_size(rows);
    double most = 0;
    json_array_foreach (rows, i, row)
        most = fmax(most, strtod(value_of(row, figure), NULL));
    buf_fmt(b, "<div class=\"pad\"><svg class=\"plot\" viewBox=\"0 0 %d %zu\" role=\"img\" aria-label=\"", WIDTH,
            n * STEP + 6);
    json_array_foreach (rows, i, row) {
        buf_str(b, i ? ", " : "");
        html_text(b, is_null(row, label) ? "null" : value_of(row, label));
        buf_str(b, " ");
        number(b, value_of(row, figure));
    }
    buf_fmt(b, "\"><path class=\"ax\" d=\"M%d 4v%zu\"/>", LABEL, n * STEP - 2);
    json_array_foreach (rows, i, row) {
        double width = ROOM * strtod(value_of(row, figure), NULL) / most;
        size_t y = 8 + i * STEP;
        buf_fmt(b, "<text class=\"m\" x=\"%d\" y=\"%zu\" text-anchor=\"end\">", LABEL - 8, y + 17);
        label_text(b, is_null(row, label) ? "null" : value_of(row, label));
        buf_fmt(b, "</text><rect class=\"b1\" x=\"%d\" y=\"%zu\" width=\"%.1f\" height=\"%d\" rx=\"4\"/>", LABEL + 1, y,
                width < 2 ? 2 : width, BAR);
        buf_fmt(b, "<text x=\"%.1f\" y=\"%zu\">", LABEL + 8 + (width < 2 ? 2 : width), y + 17);
        number(b, value_of(row, figure));
        buf_str(b, "</text>");
    }
    buf_str(b, "</svg></div>");
}

static void failure(struct buf *b, const json_t *answer)
{
    buf_str(b, "<p class=\"err pad\" role=\"alert\">");
    html_text(b, *portal_text(answer, "message") ? portal_text(answer, "message")
                                                 : "Data 360 did not answer in time. Try again.");
    buf_str(b, "</p>");
}

void portal_data(struct buf *b, const struct portal *p)
{
    const json_t *answer = p->answers[PORTAL_SQL_CALL];
    size_t label, figure;
    buf_str(b, "<section class=\"card\" aria-labelledby=\"d3\" data-key=\"data\">\n");
    form(b, p);
    if (p->statuses[PORTAL_SQL_CALL] == 200) {
        bool plotted = can_plot(answer, &label, &figure);
        buf_str(b, plotted ? "<div class=\"twoin\">" : "<div class=\"onein\">");
        table(b, answer);
        if (plotted)
            plot(b, answer, label, figure);
        buf_str(b, "</div>");
    } else if (p->statuses[PORTAL_SQL_CALL]) {
        failure(b, answer);
    }
    buf_str(b, "</section>\n");
}
