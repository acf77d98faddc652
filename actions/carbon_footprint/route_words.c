/* route_words.c - the words, in lists by what is done with them. */
#include "route_words.h"
#include "characters.h"

#include <string.h>

/* Skipped however they are written. Small letters. What is an airport's code as well names one without much traffic. */
static const char skipped[] =
    /* via, by way of, over */
    " via durch \xc3\xbc"
    "ber ueber over through thru a\xc5\x9f\xc4\xb1r\xc4\xb1 przez \xd1\x87\xd0\xb5\xd1\x80\xd0\xb5\xd0\xb7 "
    "\xce\xbc\xce\xad\xcf\x83\xcf\x89 \xe7\xbb\x8f \xe7\xb6\x93 \xe7\xbb\x8f\xe7\x94\xb1 \xe7\xb6\x93\xe7\x94\xb1 "
    "\xe7\xb5\x8c\xe7\x94\xb1 \xea\xb2\xbd\xec\x9c\xa0 "
    "\xd8\xb9\xd8\xa8\xd8\xb1 \xd7\x93\xd7\xa8\xd7\x9a "
    /* and, then */
    "and und et y e i og och en ve a u oraz ja \xc3\xa9s \xd0\xb8 \xce\xba\xce\xb1\xce\xb9 \xd9\x88 \xd7\x95 "
    "\xe5\x92\x8c \xe5\x8f\x8a \xe4\xb8\x8e \xe8\x88\x87 \xe3\x81\xa8 "
    "\xeb\xb0\x8f \xec\x99\x80 \xea\xb3\xbc plus then dann puis luego dopo sedan depois entonces "
    "\xd0\xb7\xd0\xb0\xd1\x82\xd0\xb5\xd0\xbc "
    /* to, from, in, at, with */
    "to nach \xc3\xa0 na til till naar do from von vom ab de of in en im at bei \xc3\xb6ver with mit con com avec med "
    "met "
    /* stop */
    "stop stops stopover stopovers layover layovers halt halte stopp zwischenstopp zwischenstop zwischenlandung "
    "umstieg scalo scali escale escales tussenstop mellanlandning mellomlanding connection connecting transfer "
    "transit transfers ";

/* Refused by name however they are written: no stops, not yet known, days, months, alternatives. */
static const char refused[] =
    /* none, not, direct */
    " no not non none nil null nul nix nee nej nei nie kein keine keiner ne ni any all either never without ohne "
    "sans senza sem zonder uten utan direct direkt directo diretto direto directe nonstop escala escalas parada "
    "paradas "
    "sauf except ausser au\xc3\x9f"
    "er "
    /* or */
    "or oder ou o od lub eller veya tai \xd0\xb8\xd0\xbb\xd0\xb8 \xe6\x88\x96 "
    /* to be told */
    "tba tbc tbd tbn tbr unk unknown offen tech tec fuel eta etd sta std utc gmt cet est bst hrs min std days week "
    "month year new old one two six due tre uno due una une end rtn ret int dom ops out off "
    "yes oui see ask car air "
    /* days */
    "mon monday tue tuesday wed wednesday thu thursday fri friday saturday sunday montag dienstag mittwoch donnerstag "
    "freitag samstag sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes jueves viernes sabado "
    "domingo dim mie ons tor fre tir sob pon "
    /* months */
    "feb apr may jun jul aug sep oct nov dec january february march april june july august september october november "
    "december januar februar maerz juni juli oktober dezember juillet septembre octobre novembre decembre ene dez okt "
    "mag giu maj ";

/* Days and months that are codes of airports with traffic: words only where they stand behind a bracket. */
static const char dates[] = " lun mar mer jue vie jeu ven sam sab lis led sal jui ";

/* English and other common words that are codes of airports with traffic: taken in capitals, with doubt. */
static const char doubtful[] = " sat sun jan mar for the por bis bus day ";

/* What people write where a code will stand one day. */
static const char placeholders[] = " tba tbc tbd tbn tbr unk unknown none null nil nul any all non not ";

enum { WORD_MAX = 40 };

/* " word " in small letters; false when it is too long to be one of ours. */
static bool small_word(const char *text, size_t n, char out[WORD_MAX + 3])
{
    size_t kept = 1;
    out[0] = ' ';
    for (const char *end = text + n; text < end;) {
        if (kept + 4 > WORD_MAX)
            return false;
        kept += character_put(character_small(character_next(&text)), out + kept);
    }
    out[kept++] = ' ';
    out[kept] = '\0';
    return true;
}

static bool holds(const char *list, const char *word)
{
    return strstr(list, word) != NULL;
}

enum route_word route_word_of(const char *text, size_t n, bool capitals, bool bracketed)
{
    char word[WORD_MAX + 3];
    if (!small_word(text, n, word))
        return ROUTE_CODE;
    if (holds(skipped, word))
        return ROUTE_SKIP;
    if (holds(refused, word) || (bracketed && holds(dates, word)))
        return ROUTE_REFUSE;
    if (!holds(doubtful, word))
        return ROUTE_CODE;
    return capitals && !bracketed ? ROUTE_DOUBTFUL : ROUTE_REFUSE;
}

bool route_word_is_placeholder(const char *text, size_t n)
{
    char word[WORD_MAX + 3];
    return small_word(text, n, word) && holds(placeholders, word);
}
