/* answer.c - what the caller is told. */
#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "actions/social_cards/cards.h"

const char *const cards_status_names[] = { "failed", "rendered", "created", "versioned", "unchanged" };

static double rounded(double v, double unit)
{
    return round(v / unit) * unit;
}

/* Two decimals, so that 4.57 is written as 4.57. */
static json_t *decimal(double v)
{
    return json_real(rounded(v * 100, 1) / 100);
}

static json_t *texts_of(const struct card_report *r)
{
    json_t *list = json_array();
    for (int i = 0; i < r->texts; i++) {
        const struct card_text_report *t = &r->text[i];
        if (t->part)
            continue;
        json_array_append_new(list, json_pack("{s:s, s:o, s:i, s:b, s:i, s:o, s:i, s:i, s:i, s:i}", "part",
                                              card_slot_names[t->slot], "sizePx", decimal(t->size), "lines", t->lines,
                                              "ellipsized", t->ellipsized, "unknownGlyphs", t->unknown, "contrastRatio",
                                              decimal(t->contrast), "left", (int)lround(t->x), "top", (int)lround(t->y),
                                              "width", (int)lround(t->w), "height", (int)lround(t->h)));
    }
    return list;
}

static json_t *warnings_of(unsigned warnings, bool from_name)
{
    json_t *list = json_array();
    if (from_name)
        json_array_append_new(list, json_string("headline_from_name"));
    for (unsigned i = 0; i < CARD_WARN_COUNT; i++)
        if (warnings >> i & 1)
            json_array_append_new(list, json_string(card_warning_codes[i]));
    return list;
}

static json_t *slots_of(unsigned slots)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < CARD_SLOTS; i++)
        if (slots >> i & 1)
            json_array_append_new(list, json_string(card_slot_names[i]));
    return list;
}

static void add_report(json_t *o, const struct cards_card *c)
{
    const struct card_report *r = &c->report;
    int lines = 0, unknown = 0;
    double headline = 0;
    bool ellipsized = false;
    for (int i = 0; i < r->texts; i++) {
        unknown += r->text[i].unknown;
        ellipsized = ellipsized || r->text[i].ellipsized;
        if (r->text[i].slot == CARD_HEADLINE)
            headline = r->text[i].size, lines = r->text[i].lines;
    }
    json_object_set_new(o, "headlineSizePx", decimal(headline));
    json_object_set_new(o, "headlineLines", json_integer(lines));
    json_object_set_new(o, "ellipsized", json_boolean(ellipsized));
    json_object_set_new(o, "unknownGlyphs", json_integer(unknown));
    json_object_set_new(o, "contrastRatio", decimal(r->min_contrast));
    json_object_set_new(o, "rightToLeft", json_boolean(r->rtl));
    json_object_set_new(o, "texts", texts_of(r));
    json_object_set_new(o, "droppedTexts", slots_of(r->dropped));
    json_object_set_new(o, "drawnTemplate", json_string(r->template));
    json_object_set_new(o, "score", json_integer(c->advice.score));
    json_t *advice = json_array();
    for (int i = 0; i < c->advice.count; i++)
        json_array_append_new(advice, json_string(c->advice.text[i]));
    json_object_set_new(o, "advice", advice);
}

static json_t *card_answer(const struct cards_job *job, const struct cards_card *c, size_t *images)
{
    enum { IMAGES_MAX = 3 * 1024 * 1024 }; /* the whole answer has at most 4 MiB */
    json_t *o = json_pack("{s:s, s:s, s:i, s:i, s:s, s:I, s:s, s:s, s:s, s:o}", "preset", c->preset->name, "status",
                          cards_status_names[c->status], "width", c->preset->width, "height", c->preset->height,
                          "format", c->format == CARD_PNG ? "png" : "jpeg", "bytes", (json_int_t)c->bytes, "fileName",
                          c->path, "title", c->title, "altText", c->alt, "warnings",
                          warnings_of(c->drawn ? c->report.warnings : 0, job->headline_from_name));
    if (*c->version_id && c->status > CARDS_RENDERED)
        json_object_set_new(o, "contentVersionId", json_string(c->version_id));
    if (*c->document_id && c->status > CARDS_RENDERED)
        json_object_set_new(o, "contentDocumentId", json_string(c->document_id));
    if (c->drawn)
        add_report(o, c);
    if (c->status == CARDS_FAILED) {
        json_object_set_new(o, "errorCode", json_string(c->code));
        json_object_set_new(o, "errorMessage", json_string(c->message));
    }
    if (images && c->file.p && *images + c->file.n * 4 / 3 < IMAGES_MAX) {
        char *data = g_base64_encode(c->file.p, c->file.n);
        *images += strlen(data);
        json_object_set_new(o, "imageBase64", json_string(data));
        g_free(data);
    }
    return o;
}

struct counts {
    int all, stored, unchanged, failed, drawn;
};

static struct counts count(const struct cards_job *job)
{
    struct counts n = { .all = (int)job->cards };
    for (size_t i = 0; i < job->cards; i++) {
        enum cards_status s = job->card[i].status;
        n.stored += s == CARDS_CREATED || s == CARDS_VERSIONED;
        n.unchanged += s == CARDS_UNCHANGED;
        n.failed += s == CARDS_FAILED;
        n.drawn += s == CARDS_RENDERED;
    }
    return n;
}

static json_t *summary(const struct cards_job *job, const struct counts *n)
{
    char text[500];
    int used = snprintf(text, sizeof text, "%d card%s for %s", n->all, n->all == 1 ? "" : "s", job->name);
    if (used >= (int)sizeof text)
        used = (int)sizeof text - 1;
    const char *sep = ": ";
    const struct {
        int n;
        const char *what;
    } parts[] = { { n->stored, "stored" },
                  { n->unchanged, "unchanged" },
                  { n->drawn, "drawn but not stored" },
                  { n->failed, "failed" } };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].n && used < (int)sizeof text - 40) {
            used += snprintf(text + used, sizeof text - (size_t)used, "%s%d %s", sep, parts[i].n, parts[i].what);
            sep = ", ";
        }
    if (used < (int)sizeof text - 2)
        snprintf(text + used, sizeof text - (size_t)used, ".");
    json_t *s = json_string(text);
    return s ? s : json_string("Cards of the campaign.");
}

json_t *cards_answer(struct act_call *call, const struct cards_job *job)
{
    struct counts n = count(job);
    size_t images = 0;
    json_t *cards = json_array(), *notes = json_array();
    for (size_t i = 0; i < job->cards; i++)
        json_array_append_new(cards, card_answer(job, &job->card[i], job->options->include_images ? &images : NULL));
    for (size_t i = 0; i < job->notes; i++)
        json_array_append_new(notes, json_string(job->note[i]));
    (void)call;
    json_t *o =
        json_pack("{s:o, s:s, s:s, s:b, s:b, s:i, s:i, s:i, s:i, s:s, s:o, s:o}", "summary", summary(job, &n),
                  "campaignId", job->id, "campaignName", job->name, "campaignCreated", job->created, "campaignUpdated",
                  job->campaign_updated, "cardCount", n.all, "storedCount", n.stored, "unchangedCount", n.unchanged,
                  "failedCount", n.failed, "template", job->template->name, "warnings", notes, "cards", cards);
    if (*job->locale)
        json_object_set_new(o, "locale", json_string(job->locale));
    return o;
}
