/* breaks.c - lines that end inside a word. */
#include "actions/social_cards/breaks.h"

bool card_breaks_word(PangoLayout *l)
{
    int chars = 0;
    const char *text = pango_layout_get_text(l);
    const PangoLogAttr *attrs = pango_layout_get_log_attrs_readonly(l, &chars);
    for (int i = 1; i < pango_layout_get_line_count(l); i++) {
        long at = g_utf8_pointer_to_offset(text, text + pango_layout_get_line_readonly(l, i)->start_index);
        if (at < chars && !attrs[at].is_line_break)
            return true;
    }
    return false;
}
