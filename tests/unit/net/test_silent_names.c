/* test_silent_names.c - a name server that does not answer: both clients are done at their deadline, and the front's
 * can be put away, while the look-up of the name still hangs. This program's own getaddrinfo() is the name server. */
#include "tests/unit/check.h"

#include <netdb.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/system.h"
#include "runtime/net/fetcher.h"
#include "runtime/net/http.h"

enum { TIMEOUT_MS = 300, PATIENCE_S = 30 };

static sem_t answer;
static atomic_int hanging, gave_up;

/* Hangs until the test says so, and for half a minute at most: who waits for it then finds `gave_up`. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
    (void)node, (void)service, (void)hints, (void)out;
    struct timespec end;
    atomic_fetch_add(&hanging, 1);
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += PATIENCE_S;
    if (sem_timedwait(&answer, &end) != 0)
        atomic_fetch_add(&gave_up, 1);
    atomic_fetch_sub(&hanging, 1);
    return EAI_AGAIN;
}

/* Lets all look-ups end, so that nothing of libcurl is left behind. */
static void let_go(void)
{
    int64_t give_up = clock_ms() + 1000 * (int64_t)PATIENCE_S;
    for (int n = atomic_load(&hanging); n > 0; n--)
        sem_post(&answer);
    while (atomic_load(&hanging) > 0 && clock_ms() < give_up)
        usleep(1000);
    usleep(50000); /* libcurl's thread frees what it holds behind our function */
    assert_int_equal(atomic_load(&hanging), 0);
}

static void on_end(void *ctx, const struct fetch_result *r)
{
    *(struct fetch_result *)ctx = *r;
}

static void wait_for(atomic_int *count, int n, struct loop *loop, struct fetcher *f)
{
    int64_t give_up = clock_ms() + 1000 * (int64_t)PATIENCE_S;
    for (; atomic_load(count) < n; fetcher_work(f)) {
        assert_true(clock_ms() < give_up);
        loop_turn(loop, 10);
    }
}

static void the_front_s_client_does_not_wait(void **state)
{
    struct fetch_result r = { 0 }, never = { 0 };
    const struct fetch_request ask = { .url = "http://addon.test/", .timeout_ms = TIMEOUT_MS, .max = 1000 };
    const struct fetch_request patient = { .url = "http://other.test/", .timeout_ms = 1000 * PATIENCE_S, .max = 1000 };
    struct loop loop;
    (void)state;
    assert_true(loop_init(&loop));
    struct fetcher *f = fetcher_new(&loop, 4, true);
    assert_true(fetcher_start(f, &ask, on_end, &r));
    for (int64_t give_up = clock_ms() + 1000 * (int64_t)PATIENCE_S; !r.failure; fetcher_work(f)) {
        assert_true(clock_ms() < give_up);
        loop_turn(&loop, 10);
    }
    assert_true(r.failure == HTTP_TIMEOUT || r.failure == HTTP_RESOLVE);
    assert_int_equal(atomic_load(&hanging), 1); /* and the look-up goes on */
    assert_true(fetcher_start(f, &patient, on_end, &never));
    wait_for(&hanging, 2, &loop, f);
    fetcher_free(f); /* as at the end of a drain */
    loop_fini(&loop);
    assert_int_equal(atomic_load(&hanging), 2);
    assert_int_equal(atomic_load(&gave_up), 0);
    let_go();
}

static void a_worker_s_client_does_not_wait(void **state)
{
    static const char *const headers[] = { "Accept: */*", NULL };
    const struct http_request q = {
        .method = "GET", .url = "https://org.test/", .headers = headers, .max = 1000, .timeout_ms = TIMEOUT_MS
    };
    struct http_reply r;
    (void)state;
    struct http *h = http_new(NULL);
    assert_non_null(h);
    assert_false(http_send(h, &q, &r));
    http_reply_free(&r);
    http_free(h);
    assert_int_equal(atomic_load(&hanging), 1);
    assert_int_equal(atomic_load(&gave_up), 0);
    let_go();
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_front_s_client_does_not_wait),
                                        cmocka_unit_test(a_worker_s_client_does_not_wait) };
    if (sem_init(&answer, 0, 0) != 0 || !http_start())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
