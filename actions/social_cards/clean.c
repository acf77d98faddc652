/* clean.c - what may stand on a card: no controls, no hidden turns of direction, no piles of marks. */
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "actions/social_cards/text.h"

enum { MAX_MARKS = 4, MAX_JOINS = 8 };

static bool is_mark(gunichar c)
{
    GUnicodeType t = g_unichar_type(c);
    return t == G_UNICODE_NON_SPACING_MARK || t == G_UNICODE_ENCLOSING_MARK;
}

static bool is_selector(gunichar c)
{
    return (c >= 0xfe00 && c <= 0xfe0f);
}

static bool is_joiner(gunichar c)
{
    return c == 0x200c || c == 0x200d;
}

/* Tag characters spell the flags of England, Scotland and Wales behind a black flag, and hide text anywhere else. */
static bool is_tag(gunichar c)
{
    return c >= 0xe0020 && c <= 0xe007f;
}

static bool is_banned(gunichar c)
{
    switch (g_unichar_type(c)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
        return !is_joiner(c) && !is_tag(c) && c != 0xad;
    default:
        return c == 0xfffc || c == 0xfffd;
    }
}

struct state {
    gunichar last; /* kept before, 0 at the start */
    int marks, joins;
    bool blank, flag; /* a blank is due; inside a flag's tags */
};

/* Whether c may follow; updates the counts. */
static bool admit(struct state *s, gunichar c)
{
    if (is_banned(c))
        return false;
    if (c == 0xad) /* a soft hyphen, where a long word may be parted */
        return !s->blank && g_unichar_isalpha(s->last);
    if (is_tag(c))
        return s->flag && ++s->marks <= 7;
    s->flag = c == 0x1f3f4;
    if (is_joiner(c) || is_selector(c)) {
        if (s->last == 0 || s->blank || is_joiner(s->last) || (is_selector(s->last) && is_selector(c)))
            return false;
        return is_selector(c) || ++s->joins <= MAX_JOINS;
    }
    if (is_mark(c)) {
        if (s->last == 0 || s->blank)
            return false;
        return ++s->marks <= MAX_MARKS;
    }
    s->marks = 0;
    if (!is_joiner(s->last))
        s->joins = 0;
    return true;
}

/* Latin ligatures of copied text, U+FB00 to U+FB06, as letters (their NFKC form): fonts that set ligatures themselves
 * need no characters for them, and Inter has none. NULL = another character. */
static const char *letters_of(gunichar c)
{
    static const char *const ligatures[] = { "ff", "fi", "fl", "ffi", "ffl", "st", "st" };
    return c >= 0xfb00 && c <= 0xfb06 ? ligatures[c - 0xfb00] : NULL;
}

char *card_text_clean(const char *in, struct card_cleaning *did)
{
    char *out = malloc(strlen(in) + 1), *o = out;
    if (!out)
        return NULL;
    struct state s = { 0 };
    size_t count = 0;
    for (const char *p = in; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (g_unichar_isspace(c) || c == 0x85 || c == 0x2028 || c == 0x2029) {
            s.blank = s.last != 0;
            continue;
        }
        if (!admit(&s, c)) {
            did->removed = true;
            continue;
        }
        if (count + s.blank >= CARD_TEXT_CHARS) {
            did->cut = true;
            break;
        }
        if (s.blank) {
            *o++ = ' ';
            count++;
        }
        s.blank = false;
        s.last = c;
        const char *letters = letters_of(c);
        if (letters)
            o = stpcpy(o, letters);
        else
            o += g_unichar_to_utf8(c, o);
        count += letters ? strlen(letters) : 1;
    }
    *o = 0;
    return out;
}

bool card_text_starts_rtl(const char *text)
{
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (!g_unichar_isalpha(c))
            continue;
        return (c >= 0x590 && c <= 0x8ff) || (c >= 0xfb1d && c <= 0xfdff) || (c >= 0xfe70 && c <= 0xfefe) ||
               (c >= 0x10800 && c <= 0x10fff) || (c >= 0x1e800 && c <= 0x1efff);
    }
    return false;
}
