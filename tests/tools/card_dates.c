/*
 * card_dates.c - the days that a card would write, for comparison with another implementation.
 *
 *   card_dates version               ICU's version
 *   card_dates <LINES                lines "LOCALE FROM TO" (TO may be -), written again with "|DAYS" behind each
 */
#include <stdio.h>
#include <string.h>
#include <unicode/uvernum.h>

#include "actions/social_cards/dates.h"

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "version") == 0) {
        puts(U_ICU_VERSION);
        return 0;
    }
    char line[200], locale[40], from[20], to[20], days[240];
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "%39s %19s %19s", locale, from, to) != 3)
            return 64;
        bool ok = card_dates(from, strcmp(to, "-") == 0 ? NULL : to, locale, days, sizeof days);
        printf("%s %s %s|%s\n", locale, from, to, ok ? days : "reversed");
    }
    return 0;
}
