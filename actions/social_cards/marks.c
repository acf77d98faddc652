/* marks.c - quotation marks by way of ICU. */
#include "actions/social_cards/marks.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <unicode/uloc.h>
#include <unicode/ulocdata.h>
#include <unicode/ustring.h>

#include "actions/social_cards/dates.h"

void card_mark_opening(const char *locale, char *out, size_t size)
{
    char name[CARD_LOCALE_SIZE];
    UChar mark[8];
    int32_t length = 0;
    UErrorCode e = U_ZERO_ERROR;
    ULocaleData *data = card_locale_known(locale, name) ? ulocdata_open(name, &e) : NULL;
    if (data) {
        int32_t n = ulocdata_getDelimiter(data, ULOCDATA_QUOTATION_START, mark, 8, &e);
        u_strToUTF8(out, (int32_t)size, &length, mark, n, &e);
        ulocdata_close(data);
    }
    if (!data || U_FAILURE(e) || length < 1 || (size_t)length >= size)
        snprintf(out, size, "\xe2\x80\x9c");
}

static bool is_apostrophe(gunichar c)
{
    return c == '\'' || c == 0x2018 || c == 0x2019;
}

bool card_mark_begins(const char *text)
{
    gunichar first = g_utf8_get_char(text);
    if (!is_apostrophe(first)) {
        GUnicodeType t = g_unichar_type(first);
        return first == '"' || t == G_UNICODE_INITIAL_PUNCTUATION || t == G_UNICODE_FINAL_PUNCTUATION ||
               first == 0x201a || first == 0x201e || (first >= 0x300c && first <= 0x300f) || first == 0x301d ||
               first == 0xff02 || first == 0xff62;
    }
    const char *end = text + strlen(text);
    while (end > text) {
        end = g_utf8_prev_char(end);
        gunichar c = g_utf8_get_char(end);
        if (end > text && is_apostrophe(c))
            return true;
        if (!g_unichar_isspace(c) && !g_unichar_ispunct(c))
            return false;
    }
    return false;
}
