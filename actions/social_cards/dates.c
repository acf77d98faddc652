/* dates.c - month names and the order of day, month and year in some languages. */
#include "actions/social_cards/dates.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Unicode CLDR, "long" dates without the weekday; %d day, %m month, %y year, %n number of the month. */
static const struct language {
    const char *tag, *day; /* pattern of a full date */
    const char *months[12];
} languages[] = {
    { "en-US",
      "%m %d, %y",
      { "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December" } },
    { "en",
      "%d %m %y",
      { "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December" } },
    { "de",
      "%d. %m %y",
      { "Januar", "Februar", "M\xc3\xa4rz", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
        "November", "Dezember" } },
    { "fr",
      "%d %m %y",
      { "janvier", "f\xc3\xa9vrier", "mars", "avril", "mai", "juin", "juillet", "ao\xc3\xbbt", "septembre", "octobre",
        "novembre",
        "d\xc3\xa9"
        "cembre" } },
    { "es",
      "%d de %m de %y",
      { "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
        "diciembre" } },
    { "it",
      "%d %m %y",
      { "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
        "novembre", "dicembre" } },
    { "pt",
      "%d de %m de %y",
      { "janeiro", "fevereiro", "mar\xc3\xa7o", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
        "novembro", "dezembro" } },
    { "nl",
      "%d %m %y",
      { "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
        "december" } },
    { "ja", "%y\xe5\xb9\xb4%n\xe6\x9c\x88%d\xe6\x97\xa5", { NULL } },
    { "zh", "%y\xe5\xb9\xb4%n\xe6\x9c\x88%d\xe6\x97\xa5", { NULL } },
    { "ko", "%y\xeb\x85\x84 %n\xec\x9b\x94 %d\xec\x9d\xbc", { NULL } },
};

struct day {
    int year, month, day;
};

static bool parse_day(const char *s, struct day *d)
{
    int used = 0;
    return s && sscanf(s, "%4d-%2d-%2d%n", &d->year, &d->month, &d->day, &used) == 3 && used == 10 && d->month >= 1 &&
           d->month <= 12 && d->day >= 1 && d->day <= 31;
}

static const struct language *language_of(const char *locale)
{
    if (!*locale)
        locale = "en";
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        size_t n = strlen(languages[i].tag);
        if (strncmp(locale, languages[i].tag, n) == 0 && (locale[n] == 0 || locale[n] == '-' || locale[n] == '_'))
            return &languages[i];
    }
    return NULL;
}

static void add(char *out, size_t size, size_t *n, const char *s, size_t length)
{
    if (*n + length >= size)
        return;
    memcpy(out + *n, s, length);
    *n += length;
    out[*n] = 0;
}

/* Length of the pattern without the year at its end, or all of it when the year stands elsewhere. */
static size_t without_year(const char *pattern)
{
    size_t n = strlen(pattern);
    if (strcmp(pattern + n - 2, "%y") != 0)
        return n;
    for (n -= 2; n > 2 && pattern[n - 2] != '%'; n--)
        ;
    return n;
}

static void add_day(const struct language *l, const struct day *d, bool year, char *out, size_t size, size_t *n)
{
    char number[16];
    if (!l) {
        int length = snprintf(number, sizeof number, "%04d-%02d-%02d", d->year % 10000, d->month % 100, d->day % 100);
        add(out, size, n, number, (size_t)length);
        return;
    }
    size_t length_of = year ? strlen(l->day) : without_year(l->day);
    for (const char *p = l->day; p < l->day + length_of; p++) {
        if (*p != '%') {
            add(out, size, n, p, 1);
            continue;
        }
        p++;
        if (*p == 'm')
            add(out, size, n, l->months[d->month - 1], strlen(l->months[d->month - 1]));
        else {
            int length = snprintf(number, sizeof number, "%d", *p == 'd' ? d->day : *p == 'n' ? d->month : d->year);
            add(out, size, n, number, (size_t)length);
        }
    }
}

void card_dates(const char *from, const char *to, const char *locale, char *out, size_t size)
{
    struct day a, b;
    bool has_a = parse_day(from, &a), has_b = parse_day(to, &b);
    const struct language *l = language_of(locale);
    size_t n = 0;
    *out = 0;
    bool range = has_b && !(has_a && memcmp(&a, &b, sizeof a) == 0);
    if (has_a)
        add_day(l, &a, !range || a.year != b.year, out, size, &n);
    if (!range)
        return;
    if (has_a)
        add(out, size, &n, " \xe2\x80\x93 ", 5);
    add_day(l, &b, true, out, size, &n);
}
