/* preview.c - every design of one campaign at one size on a sheet, to choose with the eyes. */
#include <glib.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

#include "actions/social_cards/advice.h"
#include "actions/social_cards/cards.h"

enum { COLUMNS = 4, GAP = 24, LABEL = 44, SHEET_BYTES = 2 * 1024 * 1024 };

struct sheet {
    cairo_surface_t *page;
    cairo_t *cr;
    int cell_w, cell_h, width, height;
};

static bool open_sheet(struct sheet *s, const struct card_preset *p, size_t n)
{
    s->cell_w = p->width > p->height ? 400 : p->width == p->height ? 330 : 250;
    s->cell_h = p->height * s->cell_w / p->width;
    s->width = GAP + COLUMNS * (s->cell_w + GAP);
    s->height = GAP + (int)((n + COLUMNS - 1) / COLUMNS) * (s->cell_h + LABEL + GAP);
    s->page = cairo_image_surface_create(CAIRO_FORMAT_RGB24, s->width, s->height);
    s->cr = cairo_create(s->page);
    cairo_set_source_rgb(s->cr, 0.90, 0.91, 0.93);
    cairo_paint(s->cr);
    return cairo_status(s->cr) == CAIRO_STATUS_SUCCESS;
}

static void label(struct sheet *s, struct card_engine *e, const char *text, int x, int y)
{
    static const struct card_style style = { .weight = PANGO_WEIGHT_SEMIBOLD, .leading = 1.2 };
    struct card_text *t = card_engine_text(e, text, "en", &style);
    struct card_setting set;
    if (!t || !card_text_set(t, 20, s->cell_w, 1, false, PANGO_ALIGN_LEFT, &set))
        return;
    cairo_set_source_rgb(s->cr, 0.15, 0.17, 0.2);
    cairo_move_to(s->cr, x, y);
    pango_cairo_show_layout(s->cr, set.layout);
    g_object_unref(set.layout);
}

static void put_card(struct sheet *s, const struct card_pixels *px, int x, int y)
{
    cairo_surface_t *card = cairo_image_surface_create_for_data((uint8_t *)(uintptr_t)px->p, CAIRO_FORMAT_RGB24,
                                                                px->width, px->height, px->stride);
    cairo_save(s->cr);
    cairo_translate(s->cr, x, y);
    cairo_scale(s->cr, (double)s->cell_w / px->width, (double)s->cell_h / px->height);
    cairo_set_source_surface(s->cr, card, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(s->cr), CAIRO_FILTER_GOOD);
    cairo_rectangle(s->cr, 0, 0, px->width, px->height);
    cairo_fill(s->cr);
    cairo_restore(s->cr);
    cairo_surface_destroy(card);
}

/* Draws one design into its place; its judgement. NULL = no memory. */
static json_t *draw_design(struct act_call *call, struct sheet *s, const struct cards_job *job,
                           const struct card_template *t, size_t i)
{
    struct card_input in;
    struct card_pixels px;
    struct card_report r;
    struct card_advice a;
    struct card_engine *e = job->options->engine;
    cards_input(job, job->options->presets[0], &in);
    in.template = t;
    if (!card_draw(e, &in, &px, &r))
        return NULL;
    card_advise(&in, &r, &a);
    int x = GAP + (int)(i % COLUMNS) * (s->cell_w + GAP), y = GAP + (int)(i / COLUMNS) * (s->cell_h + LABEL + GAP);
    put_card(s, &px, x, y);
    label(s, e, act_printf(call, "%s \xc2\xb7 %d", t->name, a.score), x, y + s->cell_h + 8);
    json_t *advice = json_array();
    for (int k = 0; k < a.count; k++)
        json_array_append_new(advice, json_string(a.text[k]));
    return json_pack("{s:s, s:i, s:o}", "template", t->name, "score", a.score, "advice", advice);
}

json_t *cards_preview(struct act_call *call, const struct cards_job *job)
{
    struct sheet s = { 0 };
    struct card_scratch scratch = { 0 };
    struct card_file file = { 0 };
    size_t n = 0;
    while (card_engine_template_at(job->options->engine, n))
        n++;
    json_t *designs = json_array(), *out = NULL;
    bool ok = open_sheet(&s, job->options->presets[0], n);
    for (size_t i = 0; ok && i < n; i++) {
        json_t *one = draw_design(call, &s, job, card_engine_template_at(job->options->engine, i), i);
        ok = one && json_array_append_new(designs, one) == 0;
    }
    cairo_surface_flush(s.page);
    const struct card_pixels px = { cairo_image_surface_get_data(s.page), s.width, s.height,
                                    cairo_image_surface_get_stride(s.page) };
    if (ok && card_encode(&px, CARD_JPEG, true, SHEET_BYTES, "All designs", &scratch, &file)) {
        char *data = g_base64_encode(file.p, file.n);
        out = json_pack("{s:s, s:s, s:O}", "preset", job->options->presets[0]->name, "imageBase64", data, "designs",
                        designs);
        g_free(data);
    }
    json_decref(designs);
    free(file.p);
    card_scratch_free(&scratch);
    cairo_destroy(s.cr);
    cairo_surface_destroy(s.page);
    return out;
}
