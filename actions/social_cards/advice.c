/* advice.c - a card judged by what can be measured: sizes, lengths, contrast, pictures, what was left out. */
#include "actions/social_cards/advice.h"

#include <glib.h>
#include <stdarg.h>
#include <stdio.h>

static void say(struct card_advice *a, int cost, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void say(struct card_advice *a, int cost, const char *fmt, ...)
{
    a->score -= cost;
    if (a->count == CARD_ADVICE_MOST)
        return;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(a->text[a->count++], CARD_ADVICE_SIZE, fmt, ap);
    va_end(ap);
}

static const struct card_text_report *find(const struct card_report *r, enum card_slot slot)
{
    for (int i = 0; i < r->texts; i++)
        if (r->text[i].slot == slot)
            return &r->text[i];
    return NULL;
}

static long length(const struct card_input *in, enum card_slot slot)
{
    return in->text[slot] ? g_utf8_strlen(in->text[slot], -1) : 0;
}

static void judge_headline(struct card_advice *a, const struct card_input *in, const struct card_report *r)
{
    const struct card_text_report *h = find(r, CARD_HEADLINE);
    const struct card_preset *p = in->preset;
    double side = p->width < p->height ? p->width : p->height, size = h ? 100 * h->size / side : 0;
    long n = length(in, CARD_HEADLINE);
    if (h && h->ellipsized)
        say(a, 40, "The headline of %ld characters is cut off: 40 read better.", n);
    else if (n > 60)
        say(a, 15, "The headline has %ld characters: 40 read better, and 20 can be set twice as large.", n);
    else if (h && size < 10)
        say(a, 8, "The headline is set at %.0f %% of the shorter side: with fewer or shorter words it fills the card.",
            size);
    if (r->warnings & CARD_WARN_WORD_BROKEN)
        say(a, 15, "A word is too long for its line and is torn: put a soft hyphen into it, or use another word.");
}

static void judge_texts(struct card_advice *a, const struct card_input *in, const struct card_report *r)
{
    for (int slot = 0; slot < CARD_SLOTS; slot++)
        if (r->dropped >> slot & 1)
            say(a, slot == CARD_CTA || slot == CARD_FIGURE ? 6 : 4,
                "The %s is not on this card: the design has no place for it, or there was no room.",
                card_slot_names[slot]);
    long n = length(in, CARD_SUBTITLE);
    const struct card_text_report *s = find(r, CARD_SUBTITLE);
    if (s && s->ellipsized)
        say(a, 10, "The subtitle of %ld characters is cut off: 70 are enough.", n);
    else if (n > 90)
        say(a, 5, "The subtitle has %ld characters: 70 are read, more are skipped.", n);
    if ((n = length(in, CARD_CTA)) > 20)
        say(a, 4, "The button has %ld characters: two or three words are pressed more often.", n);
}

static void judge_pictures(struct card_advice *a, const struct card_input *in, const struct card_report *r)
{
    if (r->warnings & CARD_WARN_HERO_SMALL && in->hero)
        say(a, 10, "The picture has %dx%d pixels; this card needs %dx%d to be sharp.", in->hero->width,
            in->hero->height, in->preset->width, in->preset->height);
    if (r->warnings & CARD_WARN_HERO_MISSING)
        say(a, 10, "This design is made for a picture: give heroDocumentId or Hero_Document_Id__c.");
    else if (r->warnings & CARD_WARN_TEMPLATE)
        say(a, 8, "The design %s lacks what it shows, so %s was drawn.", in->template->name, r->template);
    if (!in->logo)
        say(a, 3, "Without a logo the brand is its name alone: give logoDocumentId or Logo_Document_Id__c.");
    if (r->warnings & CARD_WARN_LOGO_FAINT)
        say(a, 8, "The logo is hard to see on this ground: give its other variant as logoOtherDocumentId.");
    else if (r->warnings & CARD_WARN_LOGO_PLATE)
        say(a, 3, "The logo stands on a plate: with its other variant as logoOtherDocumentId it needs none.");
}

void card_advise(const struct card_input *in, const struct card_report *r, struct card_advice *out)
{
    *out = (struct card_advice){ .score = 100 };
    judge_headline(out, in, r);
    judge_texts(out, in, r);
    judge_pictures(out, in, r);
    if (r->warnings & CARD_WARN_COLORS_ADJUSTED)
        say(out, 4, "A colour of the brand is not painted as given: it could not be seen where the design has it.");
    if (r->min_contrast < 4.5)
        say(out, 20, "A text has a contrast of %.1f to 1; 4.5 can be read by everybody.", r->min_contrast);
    if (out->score < 0)
        out->score = 0;
}
