/*
 * race.c - the same invocation on several connections at the same moment: exactly one may run.
 *   race HOST_URL SANDBOX_URL ROUNDS
 * Each copy is sent up to its last byte; the last bytes then follow at once. Last line: N passed, N failed.
 */
#include "tests/tools/http_kit.h"

enum { COPIES = 8, RESIGN_MS = 60000 };

static struct kit_answer answers[COPIES];

/* True when one copy was answered with 200 and all others with 409. */
static bool run_round(int port, struct kit_signer *s, int *won, int *lost)
{
    static char text[65536];
    static const char body[] = "{\"text\":\"planted payload\"}";
    size_t n = kit_invocation(s, "/api/echo", body, sizeof body - 1, text, sizeof text);
    int fds[COPIES];
    bool ok = true;
    *won = *lost = 0;
    for (int i = 0; i < COPIES; i++) {
        fds[i] = kit_dial(port);
        ok = ok && fds[i] >= 0 && kit_send(fds[i], text, n - 1);
    }
    for (int i = 0; ok && i < COPIES; i++)
        ok = kit_send(fds[i], text + n - 1, 1);
    for (int i = 0; i < COPIES; i++) {
        if (ok && kit_answer(fds[i], &answers[i], 5000)) {
            *won += answers[i].status == 200;
            *lost += answers[i].status == 409;
        }
        if (fds[i] >= 0)
            close(fds[i]);
    }
    return *won == 1 && *lost == COPIES - 1;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: race HOST_URL SANDBOX_URL ROUNDS\n");
        return 64;
    }
    struct kit_signer s = kit_sign(kit_port(argv[2]), KIT_SAMPLE);
    long rounds = strtol(argv[3], NULL, 10), passed = 0, failed = 0;
    int64_t signed_ms = kit_ms();
    for (long i = 0; i < rounds; i++) {
        int won, lost;
        if (kit_ms() - signed_ms > RESIGN_MS) {
            kit_signer_free(&s);
            s = kit_sign(kit_port(argv[2]), KIT_SAMPLE);
            signed_ms = kit_ms();
        }
        if (run_round(kit_port(argv[1]), &s, &won, &lost)) {
            passed++;
        } else {
            failed++;
            printf("FAIL round %ld: %d ran, %d were refused as repeats\n", i, won, lost);
        }
    }
    kit_signer_free(&s);
    printf("%ld passed, %ld failed\n", passed, failed);
    return failed != 0;
}
