/*
 * test_connections.c - connections and their deadlines, over real sockets, without the HTTP library: its one question
 * about a connection is answered here. Time is given by the test, so nothing waits.
 */
#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/system.h"
#include "runtime/web/connections.h"

enum {
    HEADERS_MS = 1000,
    BODY_MS = 2000,
    IDLE_MS = 60000,
    TURN_MS = 1100 /* longer than any interval of the reaper */
};

/* What stands for a connection of the library. */
struct pair {
    int ours, peer;
    union MHD_ConnectionInfo info;
    void *context;
};

static struct config config;
static struct declarations none;
static struct metrics *metrics;
static struct conns *conns;
static int listening = -1;

const union MHD_ConnectionInfo *MHD_get_connection_info(struct MHD_Connection *c, enum MHD_ConnectionInfoType type, ...)
{
    struct pair *p = (struct pair *)c;
    if (type == MHD_CONNECTION_INFO_CONNECTION_FD)
        p->info.connect_fd = p->ours;
    else
        p->info.socket_context = p->context;
    return &p->info;
}

static struct pair opened(void)
{
    struct sockaddr_in a;
    socklen_t n = sizeof a;
    struct pair p = { 0 };
    assert_int_equal(getsockname(listening, (struct sockaddr *)&a, &n), 0);
    p.peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct timeval patience = { .tv_sec = 10 }; /* nothing here waits, unless something is wrong */
    setsockopt(p.peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(p.peer, (struct sockaddr *)&a, n), 0);
    p.ours = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    assert_true(p.ours >= 0);
    conns_notify(conns, (struct MHD_Connection *)&p, &p.context, MHD_CONNECTION_NOTIFY_STARTED);
    assert_non_null(p.context);
    assert_ptr_equal(conn_of((struct MHD_Connection *)&p), p.context);
    return p;
}

static void closed(struct pair *p)
{
    conns_notify(conns, (struct MHD_Connection *)p, &p->context, MHD_CONNECTION_NOTIFY_CLOSED);
    assert_null(p->context);
    close(p->ours);
    close(p->peer);
}

/* As the peer sees it: nothing came, no byte and no end. */
static bool is_open(const struct pair *p)
{
    struct pollfd f = { .fd = p->peer, .events = POLLIN };
    return poll(&f, 1, 0) == 0;
}

static int set_up(void **state)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    (void)state;
    config = (struct config){
        .connections_max = 3, .headers_timeout_ms = HEADERS_MS, .body_timeout_ms = BODY_MS, .idle_timeout_ms = IDLE_MS
    };
    metrics = metrics_new(&none);
    conns = conns_new(&config, metrics);
    listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return conns && bind(listening, (struct sockaddr *)&a, sizeof a) == 0 && listen(listening, 16) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    conns_free(conns);
    metrics_free(metrics);
    close(listening);
    return 0;
}

static void test_one_too_many(void **state)
{
    struct pair p[5];
    char text[2000];
    (void)state;
    for (size_t i = 0; i < COUNT(p); i++)
        p[i] = opened();
    for (size_t i = 0; i < 3; i++) {
        assert_false(conn_refused(p[i].context));
        assert_true(is_open(&p[i]));
    }
    for (size_t i = 3; i < 5; i++) {
        assert_true(conn_refused(p[i].context));
        ssize_t n = recv(p[i].peer, text, sizeof text - 1, 0);
        assert_true(n > 0);
        text[n] = '\0';
        assert_true(strncmp(text, "HTTP/1.1 503 Service Unavailable\r\n", 34) == 0);
        assert_non_null(strstr(text, "\r\nRetry-After: 1\r\n"));
        assert_non_null(strstr(text, "\r\nConnection: close\r\n"));
        char *body = strstr(text, "\r\n\r\n") + 4;
        char *length = strstr(text, "\r\nContent-Length: ");
        assert_int_equal(strtoul(length + 18, NULL, 10), strlen(body));
        json_t *json = json_loads(body, 0, NULL);
        assert_string_equal(json_string_value(json_object_get(json, "code")), "busy");
        char id[80];
        snprintf(id, sizeof id, "\r\nX-Request-Id: %s\r\n", json_string_value(json_object_get(json, "requestId")));
        assert_non_null(strstr(text, id));
        json_decref(json);
        assert_int_equal(recv(p[i].peer, text, 1, 0), 0); /* and our side has ended */
    }
    /* a refused one never took a place, so none comes free with it; a place that came free counts again */
    closed(&p[4]);
    p[4] = opened();
    assert_true(conn_refused(p[4].context));
    closed(&p[4]);
    closed(&p[0]);
    p[0] = opened();
    assert_false(conn_refused(p[0].context));
    for (size_t i = 0; i < 4; i++)
        closed(&p[i]);
    assert_true(conn_refused(NULL));
}

/* Each phase ends in its own time; only the host's own work has none. */
static void test_deadlines(void **state)
{
    static const struct {
        enum conn_phase phase;
        int64_t ms; /* 0 = none */
    } rows[] = { { CONN_HEADERS, HEADERS_MS },
                 { CONN_BODY, BODY_MS },
                 { CONN_ANSWER, BODY_MS },
                 { CONN_IDLE, IDLE_MS },
                 { CONN_OURS, 0 } };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pair p = opened();
        struct linger linger;
        socklen_t n = sizeof linger;
        int64_t before = clock_ms();
        conn_phase(p.context, rows[i].phase);
        int64_t after = clock_ms();
        conns_work(conns, before + (rows[i].ms ? rows[i].ms - 1 : IDLE_MS * 10));
        assert_true(is_open(&p));
        if (rows[i].ms) {
            conns_work(conns, after + rows[i].ms + TURN_MS);
            assert_false(is_open(&p));
            /* of an answer that is not taken, what the kernel still holds is dropped */
            assert_int_equal(getsockopt(p.ours, SOL_SOCKET, SO_LINGER, &linger, &n), 0);
            assert_int_equal(linger.l_onoff, rows[i].phase == CONN_ANSWER);
        }
        closed(&p);
        conns_free(conns); /* its clock has run ahead */
        conns = conns_new(&config, metrics);
    }
}

/* A peer that drips bytes does not gain time: the headers are awaited from the first of them on. */
static void test_headers_begin_once(void **state)
{
    struct pair p = opened();
    int64_t begun = clock_ms();
    (void)state;
    while (clock_ms() == begun)
        ;
    conn_phase(p.context, CONN_HEADERS);
    conns_work(conns, begun + HEADERS_MS);
    assert_false(is_open(&p));
    closed(&p);
}

/* The library tells of a request only when its first line is whole; the bytes themselves end the idleness. */
static void test_a_byte_ends_idleness(void **state)
{
    struct pair quiet = opened(), begun = opened();
    (void)state;
    conn_phase(quiet.context, CONN_IDLE);
    conn_phase(begun.context, CONN_IDLE);
    assert_int_equal(send(begun.peer, "P", 1, 0), 1);
    int64_t now = clock_ms();
    conns_work(conns, now);
    conns_work(conns, clock_ms() + HEADERS_MS + TURN_MS);
    assert_false(is_open(&begun));
    assert_true(is_open(&quiet));
    closed(&quiet);
    closed(&begun);
}

/* Half a request whose sender has ended its side is over; a whole one is answered. */
static void test_gone_peers(void **state)
{
    struct pair reading = opened(), working = opened();
    (void)state;
    conn_phase(reading.context, CONN_BODY);
    conn_phase(working.context, CONN_OURS);
    shutdown(reading.peer, SHUT_WR);
    shutdown(working.peer, SHUT_WR);
    int64_t now = clock_ms();
    conns_work(conns, now);
    assert_true(is_open(&reading)); /* seen once: its last bytes may still be on their way to the library */
    conns_work(conns, now + 200);
    assert_false(is_open(&reading));
    assert_true(is_open(&working));
    closed(&reading);
    closed(&working);
}

static void test_last_words(void **state)
{
    struct pair p = opened();
    char text[1000], *large = calloc(1, 100000);
    const struct conn_answer a = { 413, "id-7", 0, span_of("{\"code\":\"body_too_large\"}") };
    (void)state;
    assert_true(conn_last_words(p.context, &a));
    ssize_t n = recv(p.peer, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    assert_string_equal(text,
                        "HTTP/1.1 413 Content Too Large\r\nContent-Type: application/json\r\nX-Request-Id: id-7\r\n"
                        "Connection: close\r\nContent-Length: 25\r\n\r\n{\"code\":\"body_too_large\"}");
    assert_false(is_open(&p));
    assert_false(conn_last_words(NULL, &a));
    assert_false(
        conn_last_words(p.context, &(struct conn_answer){ 413, "id", 0, { large, 100000 } })); /* not half of it */
    free(large);
    closed(&p);
}

/* What it carries, how many there are, and how much of it was read. */
static void test_what_is_known_of_one(void **state)
{
    char text[10];
    int request = 0;
    (void)state;
    assert_int_equal(conns_open(conns), 0);
    struct pair p = opened(), q = opened();
    assert_int_equal(conns_open(conns), 2);
    assert_null(conn_carried(NULL));
    assert_null(conn_carried(p.context));
    conn_carry(p.context, &request);
    assert_ptr_equal(conn_carried(p.context), &request);
    assert_null(conn_carried(q.context));
    assert_int_equal(send(p.peer, "abcdef", 6, 0), 6);
    assert_int_equal(conn_taken(p.context), 0); /* the kernel holds it */
    assert_int_equal(recv(p.ours, text, 4, MSG_WAITALL), 4);
    assert_int_equal(conn_taken(p.context), 4);
    closed(&p);
    assert_int_equal(conns_open(conns), 1);
    closed(&q);
    assert_int_equal(conns_open(conns), 0);
}

static void test_timeouts(void **state)
{
    (void)state;
    int64_t now = clock_ms();
    assert_int_equal(conns_timeout_ms(conns, now), -1);
    struct pair p = opened();
    assert_int_equal(conns_timeout_ms(conns, now), 0);
    conns_work(conns, now);
    assert_in_range(conns_timeout_ms(conns, now), 1, 1000);
    closed(&p);
    assert_int_equal(conns_timeout_ms(conns, now), -1);
    assert_true(conns_room(conns) > 3);
}

#define WITH_CONNS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CONNS(test_one_too_many),       WITH_CONNS(test_deadlines),
        WITH_CONNS(test_headers_begin_once), WITH_CONNS(test_a_byte_ends_idleness),
        WITH_CONNS(test_gone_peers),         WITH_CONNS(test_last_words),
        WITH_CONNS(test_timeouts),           WITH_CONNS(test_what_is_known_of_one),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
