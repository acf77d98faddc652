/*
 * bench_cards.c - renders cards outside the host: pictures to look at, and times.
 *
 *   bench_cards render DIR [TEMPLATE]   every template at every preset, with and without pictures, and ten scripts
 *   bench_cards sheet FILE.png PRESET COLUMNS WIDE   a campaign of every design; columns
 *                                       below 0: those of other scripts
 *   bench_cards review FILE.png TEMPLATE 0|1   one template at all presets, or "scripts"
 *   bench_cards time LOGO.png CODER N   one line of milliseconds per card: coder is fast, quick, small, reference
 *   bench_cards serve LOGO.png CODER    the same, one card for each line read, for interleaving with peers
 *   bench_cards memory N                resident set before and after N cards
 *   bench_cards start                   what start costs: milliseconds and memory; then the first card
 *   bench_cards logo FILE.png           writes the logo that the benchmark uses
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "actions/social_cards/encode.h"
#include "tests/cards_campaigns.h"

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static struct card_engine *engine(void)
{
    char why[200];
    struct card_engine *e = card_engine_new(why, sizeof why);
    if (!e) {
        fprintf(stderr, "bench_cards: %s\n", why);
        exit(77);
    }
    return e;
}

static bool save(const char *path, const void *p, size_t n)
{
    FILE *f = fopen(path, "wb");
    bool ok = f && fwrite(p, 1, n, f) == n;
    if (f && fclose(f) != 0)
        ok = false;
    if (!ok)
        perror(path);
    return ok;
}

static void print_report(const char *name, const struct card_report *r, size_t bytes)
{
    printf("%s: %zu bytes, contrast %.1f, warnings %x", name, bytes, r->min_contrast, r->warnings);
    for (int i = 0; i < r->texts; i++)
        printf(" | %s %.0fpx %dl%s%s", card_slot_names[r->text[i].slot], r->text[i].size, r->text[i].lines,
               r->text[i].ellipsized ? " cut" : "", r->text[i].unknown ? " UNKNOWN" : "");
    printf("\n");
}

static bool render(struct card_engine *e, const struct card_input *in, const char *path)
{
    struct card_pixels px;
    struct card_report report;
    struct card_scratch scratch = { 0 };
    struct card_file file = { 0 };
    bool ok = card_draw(e, in, &px, &report) && card_encode_png(&px, CARD_FAST, "", &scratch, &file) &&
              save(path, file.p, file.n);
    if (ok)
        print_report(path, &report, file.n);
    card_scratch_free(&scratch);
    free(file.p);
    return ok;
}

static int render_all(const char *dir, const char *only)
{
    struct card_engine *e = engine();
    struct card_image *hero = sample_hero(), *logo = sample_logo(256);
    mkdir(dir, 0755);
    char path[512];
    for (size_t t = 0; card_engine_template_at(e, t); t++)
        for (size_t p = 0; p < card_preset_count; p++)
            for (int v = 0; v < 2; v++) {
                struct card_input in;
                sample_card(&in, card_engine_template_at(e, t), &card_presets[p], v);
                if (only && strcmp(only, in.template->name) != 0)
                    continue;
                in.hero = v == 0 ? hero : NULL;
                in.logo = v == 0 ? logo : NULL;
                snprintf(path, sizeof path, "%s/%s-%s-%d.png", dir, in.template->name, in.preset->name, v);
                if (!render(e, &in, path))
                    return 1;
            }
    for (size_t i = 0; i < sample_script_count; i++) {
        struct card_input in;
        sample_script(&in, card_engine_template(e, i % 2 ? "gradient" : "minimal"), card_preset_find("og"), i);
        if (only && strcmp(only, "scripts") != 0)
            continue;
        in.logo = logo;
        snprintf(path, sizeof path, "%s/script-%s.png", dir, sample_scripts[i].name);
        if (!render(e, &in, path))
            return 1;
    }
    card_image_free(hero);
    card_image_free(logo);
    card_engine_free(e);
    return 0;
}

/* A page of cards, much reduced. */
struct sheet {
    struct card_engine *e;
    struct card_image *hero, *logo;
    cairo_surface_t *page;
    cairo_t *cr;
    int width, height;
};

enum { CELL = 270, GAP = 16 };

static void sheet_open(struct sheet *s, int width, int height)
{
    *s = (struct sheet){
        .e = engine(), .hero = sample_hero(), .logo = sample_logo(256), .width = width, .height = height
    };
    s->page = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    s->cr = cairo_create(s->page);
    cairo_set_source_rgb(s->cr, 0.91, 0.92, 0.94);
    cairo_paint(s->cr);
}

/* Draws one card `high` px high; returns its width. */
static int sheet_card(struct sheet *s, const struct card_input *in, int x, int y, int high)
{
    struct card_pixels px;
    struct card_report report;
    if (!card_draw(s->e, in, &px, &report))
        exit(1);
    cairo_surface_t *card = cairo_image_surface_create_for_data((uint8_t *)(uintptr_t)px.p, CAIRO_FORMAT_RGB24,
                                                                px.width, px.height, px.stride);
    double scale = (double)high / px.height;
    cairo_save(s->cr);
    cairo_translate(s->cr, x, y);
    cairo_scale(s->cr, scale, scale);
    cairo_set_source_surface(s->cr, card, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(s->cr), CAIRO_FILTER_GOOD);
    cairo_paint(s->cr);
    cairo_restore(s->cr);
    cairo_surface_destroy(card);
    return px.width * high / px.height;
}

static int sheet_close(struct sheet *s, const char *path)
{
    cairo_destroy(s->cr);
    cairo_surface_flush(s->page);
    struct card_pixels px = { cairo_image_surface_get_data(s->page), s->width, s->height,
                              cairo_image_surface_get_stride(s->page) };
    struct card_scratch scratch = { 0 };
    struct card_file file = { 0 };
    const bool jpeg = strlen(path) > 4 && strcmp(path + strlen(path) - 4, ".jpg") == 0;
    bool ok = (jpeg ? card_encode(&px, CARD_JPEG, true, 600 * 1024, "Cards", &scratch, &file)
                    : card_encode_png(&px, CARD_FILTERED, "Cards", &scratch, &file)) &&
              save(path, file.p, file.n);
    card_scratch_free(&scratch);
    free(file.p);
    cairo_surface_destroy(s->page);
    card_image_free(s->hero);
    card_image_free(s->logo);
    card_engine_free(s->e);
    return ok ? 0 : 1;
}

/* Every invented campaign at one preset, `columns` beside each other, `wide` px wide each. */
static int campaign_sheet(const char *path, const char *preset, int columns, int wide)
{
    int from = columns < 0 ? campaign_templates : 0, count = columns < 0 ? campaign_count - from : campaign_templates;
    columns = abs(columns);
    const struct card_preset *p = card_preset_find(preset);
    if (!p)
        return 64;
    int high = p->height * wide / p->width, rows = (count + columns - 1) / columns;
    struct sheet s;
    sheet_open(&s, GAP + columns * (wide + GAP), GAP + rows * (high + GAP));
    for (int i = 0; i < count; i++) {
        const struct campaign *c = &campaigns[from + i];
        struct campaign_parts parts;
        struct card_input in;
        campaign_open(&parts, c);
        campaign_card(&in, c, &parts, card_engine_template(s.e, c->template), p);
        sheet_card(&s, &in, GAP + i % columns * (wide + GAP), GAP + i / columns * (high + GAP), high);
        campaign_close(&parts);
    }
    return sheet_close(&s, path);
}

/* One template at all presets, or ("scripts") ten scripts. */
static int review(const char *path, const char *template, int variant)
{
    struct sheet s;
    sheet_open(&s, 1640, 1640);
    int x = GAP, y = GAP, high = 390;
    bool scripts = strcmp(template, "scripts") == 0;
    size_t count = scripts ? (size_t)sample_script_count : card_preset_count;
    for (size_t i = 0; i < count; i++) {
        struct card_input in;
        if (scripts) {
            sample_script(&in,
                          card_engine_template(s.e, variant ? "gradient"
                                                    : i % 2 ? "quote"
                                                            : "minimal"),
                          card_preset_find("og"), i);
            high = 280;
        } else
            sample_card(&in, card_engine_template(s.e, template), &card_presets[i], variant & 1);
        in.hero = variant & 1 ? NULL : s.hero;
        in.logo = variant & 1 ? NULL : s.logo;
        if (x + in.preset->width * high / in.preset->height > 1640) {
            x = GAP;
            y += high + GAP;
        }
        x += sheet_card(&s, &in, x, y, high) + GAP;
    }
    return sheet_close(&s, path);
}

static enum card_coder coder_of(const char *name)
{
    return strcmp(name, "fast") == 0    ? CARD_FAST
           : strcmp(name, "quick") == 0 ? CARD_QUICK
           : strcmp(name, "small") == 0 ? CARD_SMALL
                                        : CARD_REFERENCE;
}

static struct card_image *logo_from(const char *path)
{
    char why[200] = "cannot be read";
    FILE *f = fopen(path, "rb");
    uint8_t *p = malloc(CARD_IMAGE_BYTES);
    size_t n = f && p ? fread(p, 1, CARD_IMAGE_BYTES, f) : 0;
    struct card_image *i = n ? card_image_decode(p, n, 0, 0, why, sizeof why) : NULL;
    free(p);
    if (f)
        fclose(f);
    if (!i) {
        fprintf(stderr, "%s: %s\n", path, why);
        exit(66);
    }
    return i;
}

/* The benchmark's card: 1200x630, gradient, a logo of 256 px, four texts; the headline differs each time. */
static const char bench_template[] =
    "{\"name\":\"bench\",\"title\":\"Bench\",\"version\":1,\"ground\":\"brand\",\"layouts\":{\"landscape\":["
    "{\"op\":\"gradient\",\"color\":\"primary\",\"to\":\"secondary\",\"flow\":\"diagonal\"},"
    "{\"op\":\"photo\",\"shape\":\"cutout\",\"box\":[\"w-56.5\",29.7,40.64,40.64]},"
    "{\"op\":\"stack\",\"box\":[15.9,10,114.3,70],\"anchor\":\"middle\",\"items\":["
    "{\"text\":\"eyebrow\"},{\"text\":\"headline\",\"size\":10.4,\"weight\":7,\"lines\":3},"
    "{\"text\":\"subtitle\",\"size\":4.8},{\"pill\":\"cta\",\"size\":4.2}]}],\"square\":[{\"op\":\"fill\"}],"
    "\"portrait\":[{\"op\":\"fill\"}],"
    "\"story\":[{\"op\":\"fill\"}],\"youtube\":[{\"op\":\"fill\"}]}}";

static void bench_card(struct card_input *in, const struct card_image *logo, int i, char *headline, size_t size)
{
    static struct card_template *template;
    static struct card_palette colors;
    static const struct card_rgb from = { 0x4f, 0x3c, 0xe6 }, to = { 0x9c, 0x1a, 0x9a }, amber = { 0xff, 0xc8, 0x57 };
    char why[200];
    card_palette_make(&colors, &from, &to, &amber);
    if (!template && !(template = card_template_parse(bench_template, sizeof bench_template - 1, why, sizeof why))) {
        fprintf(stderr, "bench_cards: %s\n", why);
        exit(1);
    }
    sample_card(in, template, card_preset_find("og"), 0);
    snprintf(headline, size, "Launch week %d: everything you need to know", i);
    in->text[CARD_HEADLINE] = headline;
    in->text[CARD_BRAND] = "";
    in->hero = logo;
    in->palette = &colors;
}

static bool one(struct card_engine *e, const struct card_image *logo, enum card_coder coder, int i,
                struct card_scratch *s, double *ms, size_t *bytes, const char *path)
{
    char headline[80];
    struct card_input in;
    struct card_pixels px;
    struct card_report report;
    struct card_file file = { 0 };
    bench_card(&in, logo, i, headline, sizeof headline);
    double begun = now_ms();
    bool ok = card_draw(e, &in, &px, &report);
    double drawn = now_ms();
    ok = ok && card_encode_png(&px, coder, "", s, &file);
    ms[0] = now_ms() - begun;
    ms[1] = drawn - begun;
    *bytes = file.n;
    if (ok && path)
        save(path, file.p, file.n);
    free(file.p);
    return ok;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int time_cards(const char *logo_path, const char *coder, int n)
{
    struct card_engine *e = engine();
    struct card_image *logo = logo_from(logo_path);
    struct card_scratch s = { 0 };
    double *total = calloc((size_t)n, sizeof *total), *draw = calloc((size_t)n, sizeof *draw);
    size_t bytes = 0;
    for (int i = 0; i < n; i++) {
        double ms[2];
        if (!one(e, logo, coder_of(coder), i, &s, ms, &bytes, NULL))
            return 1;
        total[i] = ms[0], draw[i] = ms[1];
    }
    qsort(total, (size_t)n, sizeof *total, by_value);
    qsort(draw, (size_t)n, sizeof *draw, by_value);
    printf("%s: median %.2f ms (draw %.2f), best %.2f, bytes %zu\n", coder, total[n / 2], draw[n / 2], total[0], bytes);
    free(total);
    free(draw);
    card_scratch_free(&s);
    card_image_free(logo);
    card_engine_free(e);
    return 0;
}

static int serve(const char *logo_path, const char *coder)
{
    struct card_engine *e = engine();
    struct card_image *logo = logo_from(logo_path);
    struct card_scratch s = { 0 };
    char line[600];
    while (fgets(line, sizeof line, stdin)) {
        char *path = NULL;
        long i = strtol(line, &path, 10);
        path += strspn(path, " ");
        path[strcspn(path, "\n")] = 0;
        double ms[2];
        size_t bytes;
        if (!one(e, logo, coder_of(coder), (int)i, &s, ms, &bytes, *path ? path : NULL))
            return 1;
        printf("%.3f %zu\n", ms[0], bytes);
        fflush(stdout);
    }
    card_scratch_free(&s);
    card_image_free(logo);
    card_engine_free(e);
    return 0;
}

static long memory_kb(const char *what)
{
    FILE *f = fopen("/proc/self/smaps_rollup", "r");
    char line[200];
    long v = -1;
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, what, strlen(what)) == 0)
            v = strtol(line + strlen(what), NULL, 10);
    if (f)
        fclose(f);
    return v;
}

static int memory(int n)
{
    struct card_engine *e = engine();
    struct card_image *logo = sample_logo(256);
    struct card_scratch s = { 0 };
    double ms[2];
    size_t bytes;
    long before = 0;
    for (int i = 0; i < n + 50; i++) {
        if (i == 50)
            before = memory_kb("Rss:");
        if (!one(e, logo, CARD_FAST, i, &s, ms, &bytes, NULL))
            return 1;
    }
    long after = memory_kb("Rss:");
    printf("rss after 50 cards %ld kB, after %d more %ld kB, grown %ld kB\n", before, n, after, after - before);
    card_scratch_free(&s);
    card_image_free(logo);
    card_engine_free(e);
    return after - before <= 1024 ? 0 : 1;
}

static int start(void)
{
    long pss = memory_kb("Pss:"), rss = memory_kb("Rss:"), dirty = memory_kb("Private_Dirty:");
    double a = now_ms();
    struct card_engine *e = engine();
    double b = now_ms();
    printf("start %.1f ms, pss %+ld kB, rss %+ld kB, private dirty %+ld kB\n", b - a, memory_kb("Pss:") - pss,
           memory_kb("Rss:") - rss, memory_kb("Private_Dirty:") - dirty);
    struct card_image *logo = sample_logo(256);
    struct card_scratch s = { 0 };
    double ms[2];
    size_t bytes;
    for (int i = 0; i < 3; i++) {
        if (!one(e, logo, CARD_FAST, i, &s, ms, &bytes, NULL))
            return 1;
        printf("card %d: %.2f ms (draw %.2f), %zu bytes\n", i + 1, ms[0], ms[1], bytes);
    }
    card_scratch_free(&s);
    card_engine_trim(e);
    printf("afterwards pss %+ld kB\n", memory_kb("Pss:") - pss);
    card_image_free(logo);
    card_engine_free(e);
    return 0;
}

static int write_logo(const char *path)
{
    struct card_image *logo = sample_logo(256);
    bool ok = cairo_surface_write_to_png(logo->surface, path) == CAIRO_STATUS_SUCCESS;
    card_image_free(logo);
    return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "render") == 0 && argc >= 3)
        return render_all(argv[2], argc > 3 ? argv[3] : NULL);
    if (strcmp(what, "sheet") == 0 && argc == 6)
        return campaign_sheet(argv[2], argv[3], (int)strtol(argv[4], NULL, 10), (int)strtol(argv[5], NULL, 10));
    if (strcmp(what, "review") == 0 && argc == 5)
        return review(argv[2], argv[3], (int)strtol(argv[4], NULL, 10));
    if (strcmp(what, "time") == 0 && argc == 5)
        return time_cards(argv[2], argv[3], (int)strtol(argv[4], NULL, 10));
    if (strcmp(what, "serve") == 0 && argc == 4)
        return serve(argv[2], argv[3]);
    if (strcmp(what, "memory") == 0 && argc == 3)
        return memory((int)strtol(argv[2], NULL, 10));
    if (strcmp(what, "start") == 0)
        return start();
    if (strcmp(what, "logo") == 0 && argc == 3)
        return write_logo(argv[2]);
    fprintf(stderr, "usage: bench_cards render DIR | sheet FILE PRESET COLUMNS WIDE | time LOGO CODER N | serve LOGO "
                    "CODER | memory N | "
                    "start | logo FILE\n");
    return 64;
}
