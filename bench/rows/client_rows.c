/*
 * client_rows.c - reads 100,000 rows from the org of bench_client and prints its own peak memory.
 *   client_rows PORT
 */
#include <sys/resource.h>

#include "tests/client_kit.h"

enum { ROWS = 100000 };

/* Nothing here runs an action, so the registry stays empty. */
const struct registry_row registry_rows[1];
const char registry_host_json[] = "{}";
const size_t registry_host_json_length = 2;

static long peak_kb(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return use.ru_maxrss;
}

static int read_rows(int port)
{
    struct kit *k = kit_new(NULL, NULL);
    struct sf_rows *rows;
    struct sf_error err;
    const json_t *record;
    long n = 0, before = peak_kb();
    int64_t begun = clock_us();
    snprintf(k->call.org.session.url, sizeof k->call.org.session.url, "http://127.0.0.1:%d", port);
    k->call.deadline_ms += 50000;
    if (!sf_query(act_org(&k->call), &rows, &err, "SELECT Id FROM Booking__c"))
        return 1;
    while ((record = sf_next(rows, &err)))
        n += sf_get_text(record, "Id") != NULL;
    double seconds = (double)(clock_us() - begun) / 1e6;
    long peak = peak_kb();
    bool ok = n == ROWS && !err.code[0];
    printf("client rows   %ld rows in %.2f s, peak %.1f MB, %.1f MB before the query (target 16) %s\n", n, seconds,
           (double)peak / 1024, (double)before / 1024, ok && peak < 16384 ? "ok" : "MISSED");
    kit_free(k);
    return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
    return argc == 2 ? read_rows((int)strtol(argv[1], NULL, 10)) : 64;
}
