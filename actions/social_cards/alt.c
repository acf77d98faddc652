/* alt.c - sentences from the texts of a card. */
#include "actions/social_cards/alt.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

struct writer {
    char *out;
    size_t n, size;
};

static void add(struct writer *w, const char *s)
{
    size_t length = strlen(s);
    if (w->n + length >= w->size)
        return;
    memcpy(w->out + w->n, s, length + 1);
    w->n += length;
}

static void sentence(struct writer *w, const char *before, const char *text, const char *after)
{
    if (!text || !*text)
        return;
    if (w->n)
        add(w, " ");
    add(w, before);
    add(w, text);
    add(w, after);
    const char *last = g_utf8_find_prev_char(w->out, w->out + w->n);
    gunichar c = last ? g_utf8_get_char(last) : 0;
    if (!(c == '.' || c == '!' || c == '?' || c == 0x2026 || c == ',' || c == 0x3002 || c == 0xff01 || c == 0xff1f ||
          c == 0x964 || c == 0x61f))
        add(w, ".");
}

static void cut(char *out)
{
    if (g_utf8_strlen(out, -1) <= CARD_ALT_CHARS)
        return;
    char *end = g_utf8_offset_to_pointer(out, CARD_ALT_CHARS - 1), *blank = end;
    while (blank > out && *blank != ' ')
        blank--;
    if (blank > out + (end - out) / 2)
        end = blank;
    memcpy(end, "\xe2\x80\xa6", 4);
}

/* NULL when the text is not on the card. */
static const char *shown(const struct card_input *in, unsigned dropped, enum card_slot slot)
{
    return dropped >> slot & 1 ? NULL : in->text[slot];
}

void card_alt_text(const struct card_input *in, unsigned dropped, char *out, size_t size)
{
    struct writer w = { out, 0, size };
    *out = 0;
    if (size < 8)
        return;
    w.size -= 4; /* room for an ellipsis */
    sentence(&w, "", shown(in, dropped, CARD_FIGURE), "");
    sentence(&w, "", shown(in, dropped, CARD_HEADLINE), "");
    sentence(&w, "", shown(in, dropped, CARD_SUBTITLE), "");
    sentence(&w, "", shown(in, dropped, CARD_EYEBROW), "");
    const char *person = shown(in, dropped, CARD_PERSON), *role = shown(in, dropped, CARD_PERSON_ROLE);
    bool both = person && *person && role && *role;
    sentence(&w, "", person, both ? "," : "");
    sentence(&w, "", role, "");
    for (int i = 0; i < CARD_LIST_MOST; i++) {
        sentence(&w, "", shown(in, dropped, (enum card_slot)(CARD_ITEM + i)), "");
        sentence(&w, "", shown(in, dropped, (enum card_slot)(CARD_ITEM_LINE + i)), "");
    }
    sentence(&w, "Code: ", shown(in, dropped, CARD_CODE), "");
    sentence(&w, "Call to action: ", shown(in, dropped, CARD_CTA), "");
    /* a logo says the brand's name without letters */
    sentence(&w, "", in->logo ? in->text[CARD_BRAND] : shown(in, dropped, CARD_BRAND), in->logo ? " logo" : "");
    cut(out);
}
