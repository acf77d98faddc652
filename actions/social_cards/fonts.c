/* fonts.c - private font configuration, one font map for each set of families that some text needed. */
#include "actions/social_cards/fonts.h"
#include "actions/social_cards/font_table.h"

#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>
#include <pango/pangofc-fontmap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unistd.h>

/* Where Debian's packages put fonts, and where Heroku's buildpack for Debian packages does. */
static const char *const roots[] = { "/usr/share/fonts", "/app/.apt/usr/share/fonts" };

/* The alias is what Pango asks for when it meets an emoji; the rule scales bitmap glyphs from their one size to the one
 * asked for. */
static const char config_xml[] =
    "<?xml version=\"1.0\"?><!DOCTYPE fontconfig SYSTEM \"fonts.dtd\"><fontconfig>"
    "<alias binding=\"same\"><family>emoji</family><prefer><family>Noto Color Emoji</family></prefer></alias>"
    "<match target=\"font\"><test name=\"outline\" compare=\"eq\"><bool>false</bool></test>"
    "<edit name=\"pixelsizefixupfactor\" mode=\"assign\"><divide><name target=\"pattern\">pixelsize</name>"
    "<name target=\"font\">pixelsize</name></divide></edit>"
    "<edit name=\"matrix\" mode=\"assign\"><times><name>matrix</name><matrix><name>pixelsizefixupfactor</name>"
    "<double>0</double><double>0</double><name>pixelsizefixupfactor</name></matrix></times></edit>"
    "<edit name=\"size\" mode=\"assign\"><divide><name>size</name><name>pixelsizefixupfactor</name></divide></edit>"
    "</match></fontconfig>";

static const char *const inter_files[] = { "opentype/inter/Inter-Medium.otf", "opentype/inter/Inter-SemiBold.otf",
                                           "opentype/inter/Inter-Bold.otf", "opentype/inter/InterDisplay-Bold.otf",
                                           "opentype/inter/InterDisplay-ExtraBold.otf" };
enum { INTER_FACES = sizeof inter_files / sizeof *inter_files };

struct card_map {
    int references;
    unsigned used; /* clock of the last use */
    uint64_t fonts;
    PangoFontMap *map;
    PangoContext *context;
    char text_family[256], display_family[280];
};

/* Few sets are in use at a time; the least used one makes room. Each map has a thread of Pango's with its stack. */
enum { MAPS = 4 };

struct card_fonts {
    FcPattern *inter[INTER_FACES];
    FcCharSet *inter_chars; /* of the first face; borrowed from it */
    FcPattern *face[GROUPS][2];
    uint64_t tried, missing;
    struct card_map *maps[MAPS]; /* the first is Inter alone */
    unsigned clock;
};

static bool within(const struct range *r, size_t n, uint32_t c)
{
    for (size_t i = 0; i < n && r[i].to; i++)
        if (c >= r[i].from && c <= r[i].to)
            return true;
    return false;
}

static FcPattern *open_face(const char *file, int index)
{
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s/%s", roots[i], file);
        int count = 0;
        if (access(path, R_OK) != 0)
            continue;
        FcPattern *p = FcFreeTypeQuery((const FcChar8 *)path, (unsigned)index, NULL, &count);
        if (p)
            return p;
    }
    return NULL;
}

static void open_group(struct card_fonts *f, size_t g)
{
    if (f->tried >> g & 1)
        return;
    f->tried |= UINT64_C(1) << g;
    f->face[g][0] = open_face(groups[g].regular, groups[g].index);
    f->face[g][1] = groups[g].bold ? open_face(groups[g].bold, groups[g].index) : NULL;
    if (!f->face[g][0] && !f->face[g][1])
        f->missing |= UINT64_C(1) << g;
}

static bool has_char(const FcPattern *p, uint32_t c)
{
    FcCharSet *set = NULL;
    return p && FcPatternGetCharSet(p, FC_CHARSET, 0, &set) == FcResultMatch && FcCharSetHasChar(set, c);
}

/* ---- Which fonts does a text need? ---- */

static uint64_t han_group(const char *text, const char *locale)
{
    static const struct {
        const char *prefix;
        int group;
    } by_locale[] = { { "ja", HAN_JA },    { "ko", HAN_KO },    { "zh-Hant", HAN_TC },
                      { "zh-TW", HAN_TC }, { "zh-HK", HAN_TC }, { "zh-MO", HAN_TC },
                      { "zh_TW", HAN_TC }, { "zh_HK", HAN_TC }, { "zh", HAN_SC } };
    for (size_t i = 0; i < sizeof by_locale / sizeof *by_locale; i++)
        if (strncmp(locale, by_locale[i].prefix, strlen(by_locale[i].prefix)) == 0)
            return UINT64_C(1) << by_locale[i].group;
    bool hangul = false;
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        uint32_t c = g_utf8_get_char(p);
        if ((c >= 0x3040 && c <= 0x30ff) || (c >= 0x31f0 && c <= 0x31ff))
            return UINT64_C(1) << HAN_JA;
        hangul = hangul || (c >= 0xac00 && c <= 0xd7ff) || (c >= 0x1100 && c <= 0x11ff);
    }
    return UINT64_C(1) << (hangul ? HAN_KO : HAN_SC);
}

/* Whether the character is drawn as an emoji: it is one by default, unless U+FE0E asks for text, or U+FE0F and the like
 * ask for it. U+2714 and U+2708, a check mark and an airplane, are text by default. */
static bool is_emoji(const char *p)
{
    uint32_t c = g_utf8_get_char(p), next = g_utf8_get_char(g_utf8_next_char(p));
    if (next == 0xfe0f || c == 0xfe0f || c == 0x20e3)
        return true;
    if (u_hasBinaryProperty((UChar32)next, UCHAR_EMOJI_MODIFIER) &&
        u_hasBinaryProperty((UChar32)c, UCHAR_EMOJI_MODIFIER_BASE))
        return true;
    return next != 0xfe0e && u_hasBinaryProperty((UChar32)c, UCHAR_EMOJI_PRESENTATION);
}

static bool group_has(struct card_fonts *f, size_t g, uint32_t c)
{
    open_group(f, g);
    return has_char(f->face[g][0], c) || has_char(f->face[g][1], c);
}

static uint64_t groups_of(struct card_fonts *f, uint32_t c, uint64_t han, bool emoji)
{
    if (emoji && group_has(f, EMOJI, c))
        return UINT64_C(1) << EMOJI;
    if (within(han_ranges, sizeof han_ranges / sizeof *han_ranges, c))
        return han;
    uint64_t need = 0;
    for (size_t g = 0; g < GROUPS; g++) {
        if (g == EMOJI || !within(groups[g].ranges, 6, c))
            continue;
        if (groups[g].flags & LOOSE) {
            /* one of several could have it: take the first that does */
            if (need)
                break;
            if (!group_has(f, g, c))
                continue;
        }
        need |= UINT64_C(1) << g;
    }
    /* better in colour than not at all */
    return !need && within(groups[EMOJI].ranges, 6, c) ? UINT64_C(1) << EMOJI : need;
}

struct card_script card_fonts_script(struct card_fonts *f, const char *text, const char *locale)
{
    struct card_script s = { .plain = true };
    uint64_t han = han_group(text, locale);
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        uint32_t c = g_utf8_get_char(p);
        bool emoji = c >= 0x2000 && is_emoji(p);
        if (c < 0x300 || c == 0xfe0e || (!emoji && FcCharSetHasChar(f->inter_chars, c)))
            continue;
        uint64_t need = groups_of(f, c, han, emoji);
        s.fonts |= need;
        for (size_t g = 0; g < HAN_JA; g++)
            if (need >> g & 1) {
                s.plain = false;
                s.tall = s.tall || (groups[g].flags & TALL);
            }
        s.plain = s.plain && !(need & han);
        s.symbols = s.symbols || need >> EMOJI;
    }
    for (size_t g = 0; g < GROUPS; g++)
        if (s.fonts >> g & 1)
            open_group(f, g);
    s.missing = s.fonts & f->missing;
    const char *language = s.fonts >> HAN_JA & 1   ? "ja"
                           : s.fonts >> HAN_KO & 1 ? "ko"
                           : s.fonts >> HAN_SC & 1 ? "zh-cn"
                           : s.fonts >> HAN_TC & 1 ? "zh-tw"
                           : *locale               ? locale
                                                   : "en";
    snprintf(s.language, sizeof s.language, "%s", language);
    return s;
}

/* Characters that need no glyph of their own: joiners, selectors, tags. */
static bool is_silent(uint32_t c)
{
    return u_hasBinaryProperty((UChar32)c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

void card_fonts_unshown(struct card_fonts *f, const char *text, const char *locale, char *out, size_t size)
{
    struct card_script s = card_fonts_script(f, text, locale);
    size_t n = 0;
    *out = 0;
    for (const char *p = text; *p && n + 32 < size; p = g_utf8_next_char(p)) {
        uint32_t c = g_utf8_get_char(p);
        bool shown = is_silent(c) || FcCharSetHasChar(f->inter_chars, c);
        for (size_t g = 0; g < GROUPS && !shown; g++)
            shown = s.fonts >> g & 1 && group_has(f, g, c);
        char one[24], utf8[8] = "";
        g_unichar_to_utf8(c, utf8);
        snprintf(one, sizeof one, "%s (U+%04X)", utf8, c);
        if (!shown && !strstr(out, one))
            n += (size_t)snprintf(out + n, size - n, "%s%s", n ? ", " : "", one);
    }
}

/* ---- Font maps ---- */

void card_map_drop(struct card_map *m)
{
    if (!m || --m->references > 0)
        return;
    if (m->context)
        g_object_unref(m->context);
    if (m->map) {
        /* Pango 1.50 does not give its reference to the configuration back when a map ends, but does when it gets
         * another */
        pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(m->map), NULL);
        g_object_unref(m->map);
    }
    free(m);
}

/* Emoji stand last: pango asks for their font by the name "emoji", and a character that is text must find another. */
static void family_lists(struct card_map *m)
{
    size_t n = (size_t)snprintf(m->text_family, sizeof m->text_family, "Inter");
    for (size_t i = 0; i <= GROUPS; i++) {
        size_t g = i == GROUPS ? EMOJI : i;
        if (m->fonts >> g & 1 && (i != EMOJI) && n < sizeof m->text_family - 1)
            n += (size_t)snprintf(m->text_family + n, sizeof m->text_family - n, ",%s", groups[g].family);
    }
    snprintf(m->display_family, sizeof m->display_family, "Inter Display,%s", m->text_family);
}

static FcConfig *configure(struct card_fonts *f, uint64_t fonts)
{
    FcConfig *config = FcConfigCreate();
    if (!config || !FcConfigParseAndLoadFromMemory(config, (const FcChar8 *)config_xml, FcFalse))
        return NULL;
    /* An application font has to be added by file once, for its set to exist; the others share the faces already read.
     */
    FcChar8 *first = NULL;
    if (FcPatternGetString(f->inter[0], FC_FILE, 0, &first) != FcResultMatch || !FcConfigAppFontAddFile(config, first))
        goto fail;
    FcFontSet *set = FcConfigGetFonts(config, FcSetApplication);
    if (!set)
        goto fail;
    for (size_t i = 1; i < INTER_FACES; i++) {
        FcPatternReference(f->inter[i]);
        if (!FcFontSetAdd(set, f->inter[i]))
            goto fail;
    }
    for (size_t g = 0; g < GROUPS; g++)
        for (size_t k = 0; k < 2; k++)
            if (fonts >> g & 1 && f->face[g][k]) {
                FcPatternReference(f->face[g][k]);
                if (!FcFontSetAdd(set, f->face[g][k]))
                    goto fail;
            }
    return config;
fail:
    FcConfigDestroy(config);
    return NULL;
}

static struct card_map *map_open(struct card_fonts *f, uint64_t fonts)
{
    struct card_map *m = calloc(1, sizeof *m);
    FcConfig *config = m ? configure(f, fonts) : NULL;
    if (!config) {
        free(m);
        return NULL;
    }
    m->references = 1;
    m->fonts = fonts;
    family_lists(m);
    m->map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
    if (!m->map) {
        FcConfigDestroy(config);
        card_map_drop(m);
        return NULL;
    }
    pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(m->map), config);
    FcConfigDestroy(config); /* the map holds a reference of its own */
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(m->map), 72);
    m->context = pango_font_map_create_context(m->map);
    cairo_font_options_t *o = cairo_font_options_create();
    cairo_font_options_set_antialias(o, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(o, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(o, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(m->context, o);
    cairo_font_options_destroy(o);
    pango_context_set_round_glyph_positions(m->context, FALSE);
    return m;
}

struct card_map *card_fonts_take(struct card_fonts *f, uint64_t fonts)
{
    size_t place =
        fonts ? 1 : 0; /* Inter alone has a place of its own; of the others the one longest unused makes room */
    f->clock++;
    for (size_t i = 0; i < MAPS; i++) {
        struct card_map *m = f->maps[i];
        if (m && m->fonts == fonts) {
            m->used = f->clock;
            m->references++;
            return m;
        }
        if (fonts && i > 0 && (!m || (f->maps[place] && m->used < f->maps[place]->used)))
            place = i;
    }
    for (size_t g = 0; g < GROUPS; g++)
        if (fonts >> g & 1)
            open_group(f, g);
    struct card_map *m = map_open(f, fonts);
    if (!m)
        return NULL;
    card_map_drop(f->maps[place]);
    f->maps[place] = m;
    m->used = f->clock;
    m->references++;
    return m;
}

PangoContext *card_map_context(const struct card_map *m)
{
    return m->context;
}

const char *card_map_family(const struct card_map *m, bool display)
{
    return display ? m->display_family : m->text_family;
}

void card_fonts_names(uint64_t fonts, char *out, size_t size)
{
    size_t n = 0;
    *out = 0;
    for (size_t g = 0; g < GROUPS; g++)
        if (fonts >> g & 1 && n < size)
            n += (size_t)snprintf(out + n, size - n, "%s%s", n ? ", " : "", groups[g].family);
}

#if defined(__SANITIZE_THREAD__)
/* Pango hands patterns to a thread of its own under glib's locks. Neither is built for the checker, which so sees no
 * locks. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "deadlock:libcairo.so\nrace:libpangoft2-1.0.so\nrace:libfontconfig.so\nrace:libglib-2.0.so\n"
           "called_from_lib:libpangoft2-1.0.so\ncalled_from_lib:libglib-2.0.so\n";
}
#endif

/* ---- Start ---- */

/* Shapes and paints a line in each weight, so that the first card finds everything open. */
static void warm(struct card_fonts *f)
{
    static const char line[] =
        "Hamburgefonstiv ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz 0123456789 .,:;!?-&%";
    static const struct {
        PangoWeight weight;
        bool display;
    } faces[] = { { PANGO_WEIGHT_ULTRABOLD, true },
                  { PANGO_WEIGHT_BOLD, false },
                  { PANGO_WEIGHT_SEMIBOLD, false },
                  { PANGO_WEIGHT_MEDIUM, false } };
    struct card_map *m = f->maps[0];
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 64, 64);
    cairo_t *cr = cairo_create(s);
    for (size_t i = 0; m && i < sizeof faces / sizeof *faces; i++) {
        PangoLayout *l = pango_layout_new(m->context);
        PangoFontDescription *d = pango_font_description_from_string(card_map_family(m, faces[i].display));
        pango_font_description_set_weight(d, faces[i].weight);
        pango_font_description_set_absolute_size(d, 20 * PANGO_SCALE);
        pango_layout_set_font_description(l, d);
        pango_layout_set_text(l, line, -1);
        pango_cairo_show_layout(cr, l);
        pango_font_description_free(d);
        g_object_unref(l);
    }
    cairo_destroy(cr);
    cairo_surface_destroy(s);
}

struct card_fonts *card_fonts_new(char *why, size_t size)
{
    struct card_fonts *f = calloc(1, sizeof *f);
    struct card_map *m;
    if (!f) {
        snprintf(why, size, "out of memory");
        return NULL;
    }
    /* Pango starts a thread that loads the machine's font settings unless the process has a configuration already. */
    FcConfig *none = FcConfigCreate();
    if (none) {
        FcConfigSetCurrent(none);
        FcConfigDestroy(none);
    }
    for (size_t i = 0; i < INTER_FACES; i++)
        if (!(f->inter[i] = open_face(inter_files[i], 0))) {
            snprintf(why, size, "font %s not found below %s: install the package fonts-inter", inter_files[i],
                     roots[0]);
            card_fonts_free(f);
            return NULL;
        }
    if (FcPatternGetCharSet(f->inter[0], FC_CHARSET, 0, &f->inter_chars) != FcResultMatch ||
        !(m = card_fonts_take(f, 0))) {
        snprintf(why, size, "the fonts cannot be opened");
        card_fonts_free(f);
        return NULL;
    }
    card_map_drop(m); /* the fonts keep it */
    warm(f);
    return f;
}

void card_fonts_free(struct card_fonts *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < MAPS; i++)
        card_map_drop(f->maps[i]);
    for (size_t i = 0; i < INTER_FACES; i++)
        if (f->inter[i])
            FcPatternDestroy(f->inter[i]);
    for (size_t g = 0; g < GROUPS; g++)
        for (size_t k = 0; k < 2; k++)
            if (f->face[g][k])
                FcPatternDestroy(f->face[g][k]);
    free(f);
}
