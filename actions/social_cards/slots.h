/* slots.h - the texts that a card can show. */
#ifndef ACTIONHOST_CARDS_SLOTS_H
#define ACTIONHOST_CARDS_SLOTS_H

enum { CARD_LIST_MOST = 4 }; /* entries of a list that are shown */

enum card_slot {
    CARD_EYEBROW,
    CARD_HEADLINE,
    CARD_SUBTITLE,
    CARD_CTA,
    CARD_FIGURE,
    CARD_DATE, /* the days in words */
    CARD_BRAND,
    CARD_MARK,
    CARD_KIND, /* the eyebrow without the days, for a design that shows them elsewhere */
    CARD_PERSON,
    CARD_PERSON_ROLE,
    CARD_CODE,
    CARD_DAY, /* of the date tile: 14, NOV, Saturday */
    CARD_MONTH,
    CARD_WEEKDAY,
    CARD_LEFT, /* of the countdown: 3, days left */
    CARD_LEFT_UNIT,
    CARD_ITEM, /* titles of a list, and their lines */
    CARD_ITEM_LINE = CARD_ITEM + CARD_LIST_MOST,
    CARD_NUMBER = CARD_ITEM_LINE + CARD_LIST_MOST, /* of a list's entry; the design's own */
    CARD_SLOTS
};
extern const char *const card_slot_names[CARD_SLOTS];

#endif
