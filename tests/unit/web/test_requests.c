/*
 * test_requests.c - requests that the library begins and does not end: it forgets some when its own memory runs out,
 * and then only the end of their connection is told. The library's one question about a connection is answered here.
 */
#include "tests/unit/check.h"

#include <sys/socket.h>
#include <unistd.h>

#include "runtime/web/requests.h"

/* What stands for a connection of the library. */
struct pair {
    int fds[2];
    union MHD_ConnectionInfo info;
    void *context;
};

static struct config config = { .connections_max = 10, .headers_timeout_ms = 1000, .idle_timeout_ms = 1000 };
static struct declarations none;
static struct exchange_shared shared;
static struct metrics *metrics;
static struct conns *conns;
static struct requests *requests;
static struct loop loop;

const union MHD_ConnectionInfo *MHD_get_connection_info(struct MHD_Connection *c, enum MHD_ConnectionInfoType type, ...)
{
    struct pair *p = (struct pair *)c;
    if (type == MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)
        return NULL;
    if (type == MHD_CONNECTION_INFO_CONNECTION_FD)
        p->info.connect_fd = p->fds[0];
    else
        p->info.socket_context = p->context;
    return &p->info;
}

static struct MHD_Connection *opened(struct pair *p)
{
    *p = (struct pair){ 0 };
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p->fds), 0);
    requests_connection(requests, (struct MHD_Connection *)p, &p->context, MHD_CONNECTION_NOTIFY_STARTED);
    assert_non_null(p->context);
    return (struct MHD_Connection *)p;
}

static void closed(struct pair *p)
{
    requests_connection(requests, (struct MHD_Connection *)p, &p->context, MHD_CONNECTION_NOTIFY_CLOSED);
    assert_null(p->context);
    close(p->fds[0]);
    close(p->fds[1]);
}

static int set_up(void **state)
{
    (void)state;
    metrics = metrics_new(&none);
    conns = conns_new(&config, metrics);
    shared = (struct exchange_shared){ .config = &config, .declarations = &none, .metrics = metrics, .conns = conns };
    requests = requests_new(&shared, &loop, conns);
    return requests ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    requests_free(requests);
    conns_free(conns);
    metrics_free(metrics);
    return 0;
}

static void test_forgotten_at_the_end_of_a_connection(void **state)
{
    char target[] = "/a";
    struct pair p;
    (void)state;
    struct MHD_Connection *c = opened(&p);
    assert_non_null(requests_target(requests, target, c));
    assert_int_equal(shared.live, 1);
    closed(&p);
    assert_int_equal(shared.live, 0);
}

/* The next one on the same connection takes the place of one that was forgotten. */
static void test_forgotten_before_the_next(void **state)
{
    char target[] = "/a";
    struct pair p;
    (void)state;
    struct MHD_Connection *c = opened(&p);
    assert_non_null(requests_target(requests, target, c));
    void *context = requests_target(requests, target, c);
    assert_non_null(context);
    assert_int_equal(shared.live, 1);
    requests_completed(requests, c, &context, MHD_REQUEST_TERMINATED_COMPLETED_OK);
    assert_null(context);
    assert_int_equal(shared.live, 0);
    closed(&p); /* which finds nothing to end a second time */
    assert_int_equal(shared.live, 0);
}

/* A connection of which there is no record has no requests: nobody could end them. */
static void test_no_record_no_request(void **state)
{
    char target[] = "/a";
    struct pair p = { 0 };
    (void)state;
    assert_null(requests_target(requests, target, (struct MHD_Connection *)&p));
    assert_int_equal(shared.live, 0);
}

/* The library would keep a record for each parameter, so it is shown none. */
static void test_parameters_are_not_for_the_library(void **state)
{
    static const struct {
        const char *sent, *left;
    } rows[] = { { "/a?b=c&d", "/a?" }, { "/a", "/a" }, { "/a?", "/a?" }, { "/?&&&?", "/?" } };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char target[20];
        struct pair p;
        snprintf(target, sizeof target, "%s", rows[i].sent);
        struct MHD_Connection *c = opened(&p);
        assert_non_null(requests_target(requests, target, c));
        assert_string_equal(target, rows[i].left);
        assert_int_equal(requests_unescape(requests, c, target), strlen(target));
        closed(&p);
    }
}

#define WITH_REQUESTS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_REQUESTS(test_forgotten_at_the_end_of_a_connection),
        WITH_REQUESTS(test_forgotten_before_the_next),
        WITH_REQUESTS(test_no_record_no_request),
        WITH_REQUESTS(test_parameters_are_not_for_the_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
