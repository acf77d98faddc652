/* produce.c - names, hashes, draws and encodes the cards of a campaign. */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/social_cards/cards.h"
#include "actions/social_cards/zones.h"

/* Goes up when the same input begins to give another picture, so that stored cards are made anew. */
static const char renderer[] = "cards-4";

void cards_input(const struct cards_job *job, const struct card_preset *preset, struct card_input *in)
{
    *in = (struct card_input){ .preset = preset,
                               .template = job->template,
                               .locale = job->locale,
                               .palette = &job->palette,
                               .logo = job->logo,
                               .logo_other = job->logo_other,
                               .left = job->left,
                               .seed = job->seed,
                               .hero = job->hero,
                               .focus_x = job->options->focus_x,
                               .focus_y = job->options->focus_y };
    for (size_t i = 0; i < CARD_SLOTS; i++)
        in->text[i] = job->text[i];
}

static void add(GChecksum *sum, const char *s)
{
    g_checksum_update(sum, (const guchar *)s, (gssize)strlen(s) + 1);
}

/* Characters without a font, which may have one tomorrow, and whether they are taken as boxes. */
static void add_unshown(GChecksum *sum, const struct cards_job *job)
{
    for (size_t i = 0; i < CARD_SLOTS; i++) {
        char list[200];
        if (!job->text[i])
            continue;
        card_fonts_unshown(card_engine_fonts(job->options->engine), job->text[i], job->locale, list, sizeof list);
        if (*list) {
            add(sum, list);
            add(sum, job->options->allow_missing_fonts ? "boxes" : "");
        }
    }
}

/* Over everything that decides what the picture looks like. */
static void hash_card(const struct cards_job *job, struct cards_card *c)
{
    char number[160];
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    add(sum, renderer);
    add(sum, job->template->name);
    snprintf(number, sizeof number, "%d %s %d %d %d %.4f %.4f %u %.3f %d %s %s", job->template->version,
             c->preset->name, c->preset->width, c->preset->height, (int)job->options->format, job->options->focus_x,
             job->options->focus_y, job->seed, job->left, job->options->safe_zones, pango_version_string(),
             cairo_version_string());
    add(sum, number);
    for (size_t i = 0; i < CARD_SLOTS; i++)
        add(sum, job->text[i] ? job->text[i] : "");
    for (size_t i = 0; i < CARD_ROLES; i++) {
        char hex[8];
        card_color_print(job->palette.color[i], hex);
        add(sum, hex);
    }
    add_unshown(sum, job);
    add(sum, job->locale);
    add(sum, job->logo_version);
    add(sum, job->logo_other_version);
    add(sum, job->hero_version);
    snprintf(c->hash, sizeof c->hash, "%.20s", g_checksum_get_string(sum));
    g_checksum_free(sum);
}

static enum card_format format_of(const struct cards_job *job, const struct card_preset *p)
{
    switch (job->options->format) {
    case CARDS_JPEG:
        return CARD_JPEG;
    case CARDS_AUTO:
        return p->jpeg || (job->template->photo && *job->hero_version) ? CARD_JPEG : CARD_PNG;
    default:
        return CARD_PNG;
    }
}

static void name_file(struct cards_card *c)
{
    char hash[sizeof c->hash];
    memcpy(hash, c->hash, sizeof hash);
    snprintf(c->path, sizeof c->path, "social-card-%s-%s.%s", c->preset->name, hash,
             c->format == CARD_PNG ? "png" : "jpg");
}

void cards_plan(struct act_call *call, struct cards_job *job)
{
    (void)call;
    for (size_t i = 0; i < job->options->preset_count; i++) {
        struct cards_card *c = &job->card[job->cards++];
        struct card_input in;
        c->preset = job->options->presets[i];
        c->format = format_of(job, c->preset);
        hash_card(job, c);
        name_file(c);
        snprintf(c->title, sizeof c->title, "%.160s \xe2\x80\x93 %s card", job->name, c->preset->title);
        if (!g_utf8_validate(c->title, -1, NULL))
            snprintf(c->title, sizeof c->title, "%s card", c->preset->title);
        cards_input(job, c->preset, &in);
        card_alt_text(&in, 0, c->alt, sizeof c->alt);
    }
}

void cards_release(struct cards_card *c)
{
    free(c->file.p);
    c->file.p = NULL;
}

static void release(void *card)
{
    cards_release(card);
}

static void fail(struct cards_card *c, const char *code, const char *message)
{
    c->status = CARDS_FAILED;
    snprintf(c->code, sizeof c->code, "%s", code);
    snprintf(c->message, sizeof c->message, "%s", message);
}

static void fail_for_fonts(struct act_call *call, struct cards_job *job, struct cards_card *c)
{
    for (size_t i = 0; i < CARD_SLOTS; i++) {
        const char *text = job->text[i];
        char list[100];
        if (!text || c->report.dropped >> i & 1)
            continue;
        card_fonts_unshown(card_engine_fonts(job->options->engine), text, job->locale, list, sizeof list);
        if (!*list)
            continue;
        fail(c, "font_missing",
             act_printf(call,
                        "No installed font has %s of the %s. Install one (fonts-noto-cjk for Chinese, Japanese and "
                        "Korean), change the text, or set allowMissingFonts to get boxes.",
                        list, card_slot_names[i]));
        return;
    }
    fail(c, "font_missing",
         "A text has characters that no installed font can draw. Change it, or set allowMissingFonts to get boxes.");
}

/* A card that says something else than its texts is none. */
static bool is_true(struct act_call *call, struct cards_job *job, struct cards_card *c)
{
    unsigned w = c->report.warnings;
    if (w & CARD_WARN_FIGURE)
        fail(c, "figure_does_not_fit",
             "A number would be cut or torn at the smallest size that can be read. Shorten the figure or the word with "
             "digits, or use a wider preset.");
    else if (w & CARD_WARN_CTA_LONG)
        fail(c, "cta_too_long",
             "The words of the button do not fit on it at the smallest size that can be read. Two or three words are "
             "enough.");
    else if ((w & (CARD_WARN_FONT_MISSING | CARD_WARN_UNKNOWN_GLYPHS)) && !job->options->allow_missing_fonts)
        fail_for_fonts(call, job, c);
    else
        return true;
    return false;
}

static void draw_one(struct act_call *call, struct cards_job *job, struct cards_card *c, struct card_scratch *scratch)
{
    struct card_input in;
    struct card_pixels px;
    bool keep = c->status == CARDS_UNCHANGED;
    cards_input(job, c->preset, &in);
    c->drawn = card_draw(job->options->engine, &in, &px, &c->report);
    if (c->drawn && !is_true(call, job, c))
        return;
    if (c->drawn)
        card_advise(&in, &c->report, &c->advice);
    if (c->drawn && job->options->safe_zones)
        card_zones_paint(&px, c->preset);
    card_alt_text(&in, c->report.dropped, c->alt, sizeof c->alt);
    if (!c->drawn || !card_encode(&px, c->format, c->report.photo, c->preset->max_bytes, c->alt, scratch, &c->file)) {
        fail(c, "render_failed", "The card could not be drawn or made small enough.");
        return;
    }
    act_defer(call, release, c);
    c->bytes = c->file.n;
    c->format = c->file.format;
    name_file(c);
    if (!keep)
        c->status = CARDS_RENDERED;
}

void cards_draw(struct act_call *call, struct cards_job *job)
{
    struct card_scratch scratch = { 0 };
    enum { NEEDED_MS = 1500 }; /* to store what is drawn */
    for (size_t i = 0; i < job->cards; i++) {
        struct cards_card *c = &job->card[i];
        if (c->status == CARDS_UNCHANGED && !job->options->include_images)
            continue;
        if (act_time_left_ms(call) < NEEDED_MS)
            fail(c, "out_of_time", "There was no time left for this card. Ask for fewer at once.");
        else
            draw_one(call, job, c, &scratch);
    }
    card_scratch_free(&scratch);
}
