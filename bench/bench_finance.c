/*
 * bench_finance.c - CPU of one finance calculation with five alternatives, and of one agreement as PDF, without the
 * org. Prints both beside their targets; the exit code says whether they were met. Of documents the cheapest counts:
 * what runs on the other cores takes caches, and with them up to as much again.
 */
#include <stdlib.h>
#include <time.h>

#include "actions/finance_agreement/agreement_pdf.h"
#include "actions/finance_agreement/answer.h"
#include "tests/finance_fixture.h"

#define TARGET_US 150.0
#define TARGET_PDF_MS 25.0

enum { ROUNDS = 4000, DOCUMENTS = 60 };

static struct fixture f;

static double cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* The usual loan, with a payment limit that alternatives are solved for. */
static void prepare(int term_months, bool limited)
{
    static const char *const settings[] = { "LIST_RATE",     "6", "BUY_RATES", "36:4 60:4.5 96:5", "LTV_SPREADS",
                                            "80:0 100:0.25", NULL };
    if (!fixture_init(&f, settings))
        exit(1);
    f.deal.term_months = term_months;
    f.deal.customer_max = 90000;
    f.deal.price.tax_ppm = 72500;
    f.deal.payment_limit = limited ? 30000 : 0;
}

static double calculation_us(const char *name, int term_months, bool limited)
{
    int alternatives = 0;
    prepare(term_months, limited);
    double before = cpu_us();
    for (int i = 0; i < ROUNDS; i++) {
        f.deal.price.price = 2500000 + i;
        if (agreement_calculate(&f.a) != OFFER_OK)
            exit(1);
        alternatives += f.a.alternative_count;
    }
    double us = (cpu_us() - before) / ROUNDS;
    printf("finance calculation, %s, %d alternatives: %.1f us of CPU (target %.0f)\n", name, alternatives / ROUNDS, us,
           TARGET_US);
    return us;
}

static double answer_us(void)
{
    double before = cpu_us();
    for (int i = 0; i < ROUNDS / 10; i++) {
        json_t *j = answer_build(&f.a, true);
        char *text = json_dumps(j, JSON_COMPACT | JSON_REAL_PRECISION(15));
        json_decref(j);
        free(text);
    }
    return (cpu_us() - before) / (ROUNDS / 10);
}

struct documents {
    double start_ms, first_ms, mean_ms, least_ms;
};

static struct documents draw_documents(void)
{
    struct documents d = { .least_ms = 1e9 };
    struct pdf_fault why;
    double begin = cpu_us();
    if (!agreement_pdf_start(&why))
        exit(1);
    d.start_ms = (cpu_us() - begin) / 1e3;
    for (int i = 0; i <= DOCUMENTS; i++) {
        unsigned char *pdf;
        size_t n = 0;
        f.a.at++;
        begin = cpu_us();
        if (!agreement_pdf(&f.a, &pdf, &n, &why))
            exit(1);
        double ms = (cpu_us() - begin) / 1e3;
        free(pdf);
        if (i == 0) {
            d.first_ms = ms;
            continue;
        }
        d.mean_ms += ms / DOCUMENTS;
        d.least_ms = ms < d.least_ms ? ms : d.least_ms;
    }
    return d;
}

int main(void)
{
    double us = calculation_us("84 months", 84, false);
    double solved = calculation_us("60 months with a payment limit", 60, true);
    printf("finance answer with its schedule as text: %.1f us of CPU\n", answer_us());
    struct documents d = draw_documents();
    printf("finance agreement as PDF: %.1f ms of CPU (target %.0f), %.1f ms as a mean, the first one %.1f ms, opening "
           "the fonts at start %.1f ms\n",
           d.least_ms, TARGET_PDF_MS, d.mean_ms, d.first_ms, d.start_ms);
    return us > TARGET_US || solved > TARGET_US || d.least_ms > TARGET_PDF_MS;
}
