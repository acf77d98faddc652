/* booking_status.c - the words of each kind, small letters without blanks and punctuation. */
#include "booking_status.h"
#include "characters.h"

#include <string.h>

static const char gone[] =
    " cancelled canceled cancellation cancelledbypassenger cancelledbyairline cancelledbycustomer canceledbycustomer "
    "canceledbypassenger canceledbyairline flightcancelled flightcanceled noshow notboarded deniedboarding offloaded "
    "refunded refund void voided rejected declined expired deleted withdrawn xx xl hx un uc no storniert storno "
    "annulliert "
    "abgesagt nichterschienen cancelado cancelada anulado anulada annul\xc3\xa9 annul\xc3\xa9"
    "e annule annulee cancellato "
    "cancellata annullato annullata geannuleerd avbokad avbestilt kansellert inst\xc3\xa4lld inst\xc3\xa4llt aflyst "
    "annulleret peruttu peruutettu anulowany anulowana odwo\xc5\x82"
    "any odwo\xc5\x82"
    "ana iptal iptaledildi "
    "\xd0\xbe\xd1\x82\xd0\xbc\xd0\xb5\xd0\xbd\xd0\xb5\xd0\xbd\xd0\xbe "
    "\xd0\xbe\xd1\x82\xd0\xbc\xd0\xb5\xd0\xbd\xd0\xb5\xd0\xbd "
    "\xe5\x8f\x96\xe6\xb6\x88 \xe5\xb7\xb2\xe5\x8f\x96\xe6\xb6\x88 "
    "\xe3\x82\xad\xe3\x83\xa3\xe3\x83\xb3\xe3\x82\xbb\xe3\x83\xab "
    "\xec\xb7\xa8\xec\x86\x8c ";

static const char travels[] = " confirmed booked ticketed issued paid checkedin checkin boarded boarding flown "
                              "completed complete travelled traveled "
                              "active ok hk rr scheduled departed arrived landed reserved rebooked upgraded valid used "
                              "open accepted approved best"
                              "\xc3\xa4tigt gebucht confirmado confirmada confirm\xc3\xa9 confirm\xc3\xa9"
                              "e confermato confermata bevestigd ";

enum { STATUS_MAX = 48 };

enum booking_status booking_status_of(const char *status)
{
    char word[STATUS_MAX + 6] = " ";
    size_t n = 1;
    for (const char *p = status ? status : ""; *p;) {
        uint32_t c = character_next(&p);
        if (character_is_between(c))
            continue;
        if (n > STATUS_MAX)
            return BOOKING_UNCLEAR;
        n += character_put(character_small(c), word + n);
    }
    if (n == 1)
        return BOOKING_TRAVELS;
    word[n++] = ' ';
    word[n] = '\0';
    return strstr(gone, word) ? BOOKING_GONE : strstr(travels, word) ? BOOKING_TRAVELS : BOOKING_UNCLEAR;
}
