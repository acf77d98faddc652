/*
 * demo_page.c - writes the page that shows what `make demo` made: FOLDER/index.html out of FOLDER/calls.json. It opens
 * from the disk: styles lie beside it, it needs no script.
 *   demo_page FOLDER
 */
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/tools/demo_words.h"

enum { SHOWN_MAX = 60000 }; /* of an answer; a base64 picture is of no use to a reader */

static FILE *out;
static const char *folder;

static void text(const char *p)
{
    for (; p && *p; p++) {
        static const char *const signs[] = { ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;" };
        unsigned char c = (unsigned char)*p;
        if (c < sizeof signs / sizeof *signs && signs[c])
            fputs(signs[c], out);
        else
            fputc(c, out);
    }
}

static void number(double value, int decimals)
{
    char digits[LINE] = "";
    put_number(digits, value, decimals);
    fputs(digits, out);
}

static double figure(const json_t *body, const char *name)
{
    return json_number_value(json_object_get(body, name));
}

static const char *word(const json_t *body, const char *name)
{
    const char *t = json_string_value(json_object_get(body, name));
    return t ? t : "";
}

/* A text of the call, filled from its answer; the separators of columns become dots. */
static void said(const json_t *made, const char *name)
{
    char line[LINE] = "";
    const char *given = json_string_value(json_object_get(json_object_get(made, "call"), name));
    fill(line, given ? given : "", json_object_get(made, "body"));
    const char *operation = word(json_object_get(made, "call"), "operation");
    size_t n = strlen(operation);
    if (strncmp(line, operation, n) == 0) /* its name stands beside it */
        memmove(line, line + n + strspn(line + n, ": "), strlen(line + n + strspn(line + n, ": ")) + 1);
    for (char *bar; (bar = strchr(line, '|')) != NULL;) {
        char rest[LINE];
        snprintf(rest, sizeof rest, "%s", bar + 1);
        *bar = '\0';
        put(line, " · ", strlen(" · "));
        put(line, rest, strlen(rest));
    }
    text(line);
}

static void took(double ms)
{
    fprintf(out, ms < 1000 ? "%.0f ms" : "%.1f s", ms < 1000 ? ms : ms / 1000);
}

static bool ends(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n > m && strcmp(name + n - m, end) == 0;
}

/* The first file of a call that ends so; NULL when there is none. */
static const char *file_of(const json_t *made, const char *end)
{
    size_t i;
    json_t *name;
    json_array_foreach (json_object_get(made, "files"), i, name)
        if (ends(json_string_value(name), end))
            return json_string_value(name);
    return NULL;
}

static bool there(const char *name)
{
    char path[700];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    return f ? fclose(f) == 0 : false;
}

/* ---- the gallery ---- */

static void caption(const json_t *made, const char *title, const char *file)
{
    fputs("<figcaption><b>", out);
    text(title);
    fputs("</b><span class=\"small muted\">", out);
    said(made, "shows");
    fputs(" · ", out);
    took(figure(made, "ms"));
    fputs("</span>", out);
    if (file) {
        fputs("<a class=\"small\" href=\"", out);
        text(file);
        fputs("\">", out);
        text(file);
        fputs("</a>", out);
    }
    fputs("</figcaption></figure>\n", out);
}

static void show_picture(const json_t *made)
{
    const char *name = file_of(made, ".png");
    const json_t *card = json_array_get(json_object_get(json_object_get(made, "body"), "cards"), 0);
    fputs("<figure class=\"card\"><span class=\"pic\"><img class=\"full\" src=\"", out);
    text(name);
    fputs("\" alt=\"", out);
    text(word(card, "altText"));
    fputs("\"></span>", out);
    caption(made, word(json_object_get(made, "body"), "campaignName"), name);
}

static void show_paper(const json_t *made)
{
    char picture[200];
    const char *name = file_of(made, ".pdf");
    snprintf(picture, sizeof picture, "%.*s-page-1.png", (int)(strlen(name) - 4), name);
    fputs("<figure class=\"card\"><span class=\"pic paperpic\">", out);
    if (there(picture)) {
        fputs("<img src=\"", out);
        text(picture);
        fputs("\" alt=\"Page 1 of the agreement\">", out);
    } else {
        fputs("<b class=\"nopic\">PDF</b>", out);
    }
    fputs("</span>", out);
    caption(made, word(json_object_get(made, "body"), "vehicleName"), name);
}

static void show_flight(const json_t *made)
{
    const json_t *b = json_object_get(made, "body");
    int seats = (int)figure(b, "passengerCount");
    fputs("<figure class=\"card\"><span class=\"pic\"><svg viewBox=\"0 0 400 210\" role=\"img\" aria-label=\"", out);
    said(made, "what");
    fputs("\"><path d=\"M48 116Q200 2 352 116\" class=\"arc\"/><circle cx=\"48\" cy=\"116\" r=\"6\" class=\"dotp\"/>"
          "<circle cx=\"352\" cy=\"116\" r=\"6\" class=\"dotp\"/>",
          out);
    fprintf(out,
            "<g text-anchor=\"middle\"><text x=\"48\" y=\"142\" class=\"pt1\">%s</text><text x=\"352\" y=\"142\" "
            "class=\"pt1\">%s</text><text x=\"200\" y=\"112\" class=\"pt3\">",
            word(b, "departureAirport"), word(b, "arrivalAirport"));
    number(figure(b, "co2PerPassengerKg"), 0);
    fprintf(out, " kg</text><text x=\"200\" y=\"134\" class=\"pt2\">CO₂e for each of %d passengers</text></g>", seats);
    for (int i = 0; i < seats && i < 20; i++)
        fprintf(out, "<rect x=\"%.2f\" y=\"150\" width=\"11\" height=\"14\" rx=\"3\" class=\"fl\"/>",
                200 - seats * 8.25 + i * 16.5);
    fputs("<text x=\"28\" y=\"194\" class=\"pt2\">", out);
    number(figure(b, "distanceKm"), 0);
    fputs(" km</text><text x=\"372\" y=\"194\" text-anchor=\"end\" class=\"pt2\">", out);
    number(figure(b, "totalCo2Kg"), 0);
    fputs(" kg in all</text></svg></span>", out);
    caption(made, "Footprint of a flight", NULL);
}

static void show_job(const json_t *made)
{
    const json_t *b = json_object_get(made, "body"), *series = json_object_get(b, "series");
    size_t n = json_array_size(series), i;
    double whole = json_number_value(json_array_get(json_array_get(series, n - 1), 0)), total = figure(b, "total");
    json_t *point;
    fputs("<figure class=\"card\"><span class=\"pic\"><svg viewBox=\"0 0 400 210\" role=\"img\" aria-label=\"Quotes "
          "that are done over time\"><text x=\"20\" y=\"44\" class=\"pt3\">",
          out);
    number(total, 0);
    fprintf(out, "<tspan class=\"pt4\"> quotes in %.1f s</tspan></text><path class=\"lin\" d=\"M20 168", whole / 1000);
    json_array_foreach ((json_t *)series, i, point)
        fprintf(out, " L%.1f %.1f", 20 + 360 * json_number_value(json_array_get(point, 0)) / fmax(whole, 1),
                168 - 104 * json_number_value(json_array_get(point, 1)) / fmax(total, 1));
    fputs("\"/><text x=\"20\" y=\"194\" class=\"pt2\">a worker was killed on the way · none twice</text></svg></span>",
          out);
    caption(made, "Quotes as a job", NULL);
}

/* One of each kind, in this order. */
static void gallery(const json_t *made)
{
    static const struct {
        void (*show)(const json_t *made);
        const char *file, *member;
    } kinds[] = { { show_picture, ".png", NULL },
                  { show_paper, ".pdf", NULL },
                  { show_flight, NULL, "co2PerPassengerKg" },
                  { show_job, NULL, "series" } };
    fputs("<div class=\"gallery\">\n", out);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        size_t i;
        json_t *one;
        json_array_foreach ((json_t *)made, i, one) {
            bool fits = kinds[k].file ? file_of(one, kinds[k].file) != NULL
                                      : json_object_get(json_object_get(one, "body"), kinds[k].member) != NULL;
            if (!fits)
                continue;
            kinds[k].show(one);
            break;
        }
    }
    fputs("</div>\n", out);
}

/* Every picture, small. */
static void strip(const json_t *made)
{
    size_t i, k;
    json_t *one, *name;
    fputs("<div class=\"strip\">", out);
    json_array_foreach ((json_t *)made, i, one)
        json_array_foreach (json_object_get(one, "files"), k, name)
            if (ends(json_string_value(name), ".png")) {
                fputs("<a href=\"", out);
                text(json_string_value(name));
                fputs("\"><img src=\"", out);
                text(json_string_value(name));
                fputs("\" alt=\"", out);
                text(json_string_value(name));
                fputs("\"></a>", out);
            }
    fputs("</div>\n", out);
}

/* ---- every call ---- */

static void pre(const char *name, const json_t *value)
{
    char *dump = value ? json_dumps(value, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) : NULL;
    if (dump && strlen(dump) > SHOWN_MAX)
        dump[SHOWN_MAX] = '\0';
    fprintf(out, "<h3>%s</h3><pre tabindex=\"0\" role=\"region\" aria-label=\"%s\">", name, name);
    text(dump ? dump : "nothing");
    fputs("</pre>", out);
    free(dump);
}

static void one_call(const json_t *made)
{
    const json_t *call = json_object_get(made, "call");
    bool ok = json_is_true(json_object_get(made, "ok"));
    int status = (int)figure(made, "status");
    fputs("<details class=\"call\"><summary><b>", out);
    text(word(call, "operation"));
    fputs("</b><span class=\"muted\">", out);
    said(made, *word(call, "what") ? "what" : "line");
    fputs("</span><span class=\"ms\">", out);
    took(figure(made, "ms"));
    fprintf(out,
            "</span><span class=\"state %s\"><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\"><path d=\"%s\"/></svg>%d%s"
            "</span></summary><div class=\"io\">",
            ok ? "done" : "failed", ok ? "m2.5 7.5 3 3 6-7" : "m3 3 8 8m0-8-8 8", status,
            ok && status >= 300 ? ", as expected" : "");
    pre("Request", json_object_get(made, "input"));
    pre("Answer", json_object_get(made, "body"));
    fputs("</div></details>\n", out);
}

static void every_call(const json_t *made)
{
    size_t i;
    json_t *one;
    fprintf(out,
            "<section class=\"card\" aria-labelledby=\"calls\"><div class=\"cardhead\"><h2 id=\"calls\">Every request "
            "and answer</h2><span class=\"small muted\">%zu calls, also in <a href=\"calls.json\">calls.json</a>"
            "</span></div>\n",
            json_array_size(made));
    json_array_foreach ((json_t *)made, i, one)
        one_call(one);
    fputs("</section>\n", out);
}

static const char begin[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
    "content=\"width=device-width, initial-scale=1\"><title>Demo · Action Host</title><link rel=\"icon\" "
    "href=\"data:,\"><link rel=\"stylesheet\" href=\"pages.css\"><link rel=\"stylesheet\" href=\"docs.css\"><link "
    "rel=\"stylesheet\" href=\"demo.css\"></head>\n<body><a class=\"skip\" href=\"#main\">Skip to the content</a>"
    "<header class=\"top\"><div><span class=\"brand\"><svg class=\"mark\" width=\"24\" height=\"24\" viewBox=\"0 0 20 "
    "20\" aria-hidden=\"true\"><rect width=\"20\" height=\"20\" rx=\"5.5\"/><path d=\"M5.6 14 10 6l4.4 8M7.6 11h4.8\"/>"
    "</svg><span>Action Host</span></span><div class=\"end\"><span>make demo</span></div></div></header>\n<main "
    "id=\"main\" tabindex=\"-1\">";

static const char next[] =
    "<section class=\"card pad\" aria-labelledby=\"next\"><h2 id=\"next\">What to type next</h2><ol class=\"next\">"
    "<li><b>See it live</b><pre tabindex=\"0\">make run</pre><span class=\"small muted\">docs page and sample org, "
    "until Ctrl-C</span></li><li><b>Ask for one thing</b><pre tabindex=\"0\">./invoke --save . generateSocialCards "
    "'{\"campaignId\": \"701xx0000000010AAA\"}'</pre></li><li><b>Write your own</b><pre tabindex=\"0\">make new-action "
    "NAME=greet</pre></li><li><b>Put it on Heroku</b><span class=\"small\"><a href=\"../../docs/deploy.md\">"
    "docs/deploy.md</a> has every command</span></li></ol></section>";

int main(int argc, char **argv)
{
    char path[700], day[64];
    time_t now = time(NULL);
    struct tm tm;
    if (argc != 2) {
        fprintf(stderr, "usage: demo_page FOLDER\n");
        return 64;
    }
    folder = argv[1];
    snprintf(path, sizeof path, "%s/calls.json", folder);
    json_t *all = json_load_file(path, 0, NULL), *made = json_object_get(all, "made");
    snprintf(path, sizeof path, "%s/index.html", folder);
    out = fopen(path, "wb");
    if (!made || !out || !localtime_r(&now, &tm) || !strftime(day, sizeof day, "%-d %B %Y, %H:%M", &tm)) {
        fprintf(stderr, "demo_page: %s cannot be made\n", path);
        return 74;
    }
    fprintf(out,
            "%s<div class=\"head\"><div><h1>%.0f calls, %.0f as expected</h1><p>Made by <code>make demo</code> on this "
            "machine in %.1f s. Sample org and host, no account, no network. %s.</p></div></div>\n",
            begin, figure(all, "calls"), figure(all, "expected"), figure(all, "seconds"), day);
    gallery(made);
    strip(made);
    fputs("<div class=\"cols\">", out);
    every_call(made);
    fprintf(out, "%s</div></main></body></html>\n", next);
    bool ok = !ferror(out);
    ok = fclose(out) == 0 && ok;
    json_decref(all);
    return ok ? 0 : 74;
}
