/*
 * gen_market_table.c - build-time program: market-rates.csv -> the rows of market_table.h.
 *   gen_market_table FOLDER/ >market_table.c
 * Fails on a row that it does not understand, so that a bad figure never reaches a program.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 14, ROWS = 400, LINE = 1024 };
enum { ID, AS_OF, PUBLISHER, LENDER, CONDITION, TIER, SCORE_MIN, SCORE_MAX, TERM, RATE, BASIS, QUALITY, URL, NOTE };

struct row {
    char line[LINE];
    const char *field[FIELDS];
    int term, days;
    long ppm;
    bool left_out;
};

static struct row rows[ROWS];
static int count;

static void die(int line, const char *why)
{
    fprintf(stderr, "market-rates.csv:%d: %s\n", line, why);
    exit(1);
}

static bool one_of(const char *word, const char *list)
{
    size_t n = strlen(word);
    for (const char *p = list; n && (p = strstr(p, word)); p++)
        if ((p == list || p[-1] == ' ') && (p[n] == ' ' || !p[n]))
            return true;
    return false;
}

/* First day of "2025-09-26", "2025-09" or "2025" since 1970-01-01. */
static int days_of(const char *text, int line)
{
    int year = 0, month = 1, day = 1, used = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3 || text[used]) {
        day = 1;
        if (sscanf(text, "%4d-%2d%n", &year, &month, &used) != 2 || text[used]) {
            month = 1;
            if (sscanf(text, "%4d%n", &year, &used) != 1 || text[used])
                die(line, "as_of is no date");
        }
    }
    if (year < 1990 || year > 2199 || month < 1 || month > 12 || day < 1 || day > 31)
        die(line, "as_of is no date");
    int y = month <= 2 ? year - 1 : year, of_era = y % 400;
    int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return y / 400 * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static long ppm_of(const char *text, int line)
{
    char *end;
    double percent = strtod(text, &end);
    if (end == text || *end || !(percent >= 0 && percent <= 40))
        die(line, "rate_pct is not between 0 and 40");
    return (long)(percent * 10000 + 0.5);
}

static void split(struct row *r, int line)
{
    char *p = r->line;
    p[strcspn(p, "\r\n")] = '\0';
    if (strpbrk(p, "\"\\"))
        die(line, "quotes and backslashes are not supported");
    for (int i = 0; i < FIELDS; i++) {
        r->field[i] = p;
        char *comma = strchr(p, ',');
        if (!comma != (i == FIELDS - 1))
            die(line, "needs 14 fields");
        if (comma) {
            *comma = '\0';
            p = comma + 1;
        }
    }
    if (!one_of(r->field[LENDER], "bank credit_union finance_company all aggregator"))
        die(line, "unknown lender_type");
    if (!one_of(r->field[CONDITION], "new used"))
        die(line, "vehicle_condition is neither new nor used");
    if (!one_of(r->field[TIER], "all super_prime prime near_prime subprime deep_subprime"))
        die(line, "unknown credit_tier");
    r->days = days_of(r->field[AS_OF], line);
    r->ppm = ppm_of(r->field[RATE], line);
    r->term = (int)strtol(r->field[TERM], NULL, 10);
    if (r->term < 1 || r->term > 120)
        die(line, "term_months is not between 1 and 120");
    /* averages over all loans carry their mean term, which is no term on offer */
    if (one_of(r->field[LENDER], "finance_company all"))
        r->term = 0;
    r->left_out = !strcmp(r->field[BASIS], "doc sample") || !strcmp(r->field[LENDER], "aggregator");
}

static bool same_series(const struct row *a, const struct row *b)
{
    return !strcmp(a->field[LENDER], b->field[LENDER]) && !strcmp(a->field[CONDITION], b->field[CONDITION]) &&
           !strcmp(a->field[TIER], b->field[TIER]) && a->term == b->term;
}

/* a replaces b: newer, or as new and better attested */
static bool better(const struct row *a, const struct row *b)
{
    return a->days != b->days ? a->days > b->days : strcmp(a->field[QUALITY], b->field[QUALITY]) < 0;
}

int main(int argc, char **argv)
{
    char path[1024], header[LINE];
    snprintf(path, sizeof path, "%smarket-rates.csv", argc > 1 ? argv[1] : "");
    FILE *f = fopen(path, "r");
    if (!f || !fgets(header, sizeof header, f)) {
        fprintf(stderr, "cannot read %s\n", path);
        return 1;
    }
    for (int line = 2; count < ROWS && fgets(rows[count].line, LINE, f); line++)
        split(&rows[count++], line);
    fclose(f);
    for (int i = 0; i < count; i++)
        for (int k = 0; k < count; k++)
            if (k != i && !rows[k].left_out && same_series(&rows[i], &rows[k]) && better(&rows[k], &rows[i]))
                rows[i].left_out = true;
    printf(
        "/* Generated from market-rates.csv: do not edit. */\n#include \"actions/finance_agreement/market_table.h\"\n\n"
        "const struct market_row market_table[] = {\n");
    for (int i = 0; i < count; i++) {
        const struct row *r = &rows[i];
        if (!r->left_out)
            printf("    { \"%s\", \"%s\", \"%s\", \"%s\", \"%s\", %d, %ld, \"%s\", %d, \"%s\", \"%s\" },\n",
                   r->field[ID], r->field[PUBLISHER], r->field[LENDER], r->field[CONDITION], r->field[TIER], r->term,
                   r->ppm, r->field[AS_OF], r->days, r->field[QUALITY], r->field[URL]);
    }
    printf("};\nconst size_t market_table_rows = sizeof market_table / sizeof *market_table;\n");
    return 0;
}
