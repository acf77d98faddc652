/* test_front_link.c - questions from the front and answers to it, and a front that misbehaves. */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/runner/front_link.h"

static struct loop loop;
static struct front_link *l;
static int front; /* the front's end */
static struct {
    int asked;
    uint64_t call;
    char body[64];
    bool answers; /* at once */
} t;

static const struct message_job_answer fine = { .status = 200, .body = { "{}", 2 } };

static void on_question(void *ctx, uint64_t call, const struct message_job_question *q)
{
    (void)ctx;
    t.asked++;
    t.call = call;
    copy_span(t.body, sizeof t.body, q->body);
    if (t.answers)
        front_link_answer(l, call, &fine);
}

static int set_up(void **state)
{
    int pair[2];
    (void)state;
    memset(&t, 0, sizeof t);
    assert_true(loop_init(&loop));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    front = pair[0];
    l = front_link_new(&loop, pair[1], on_question, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    front_link_free(l);
    close(front);
    loop_fini(&loop);
    return 0;
}

static void write_question(struct buf *b, uint64_t call)
{
    const struct message_job_question q = { .what = JOB_GET,
                                            .request_id = span_of("request-id-of-twenty-and-more"),
                                            .org = { .id = span_of("00Dxx0000001gPLEAY"),
                                                     .user_id = span_of("005xx000001X8UzAAK") },
                                            .body = span_of("{\"jobId\":\"x\"}") };
    assert_true(message_job_question_write(b, call, &q));
}

static void send_all(const char *p, size_t n)
{
    assert_int_equal(send(front, p, n, MSG_NOSIGNAL), n);
}

/* Reads one answer as the front would. */
static uint64_t hear(struct message_job_answer *m, char *bytes, size_t size)
{
    struct frame f;
    bool bad;
    ssize_t n = recv(front, bytes, size, MSG_DONTWAIT);
    assert_true(n > 0);
    assert_true(frame_peek((struct span){ bytes, (size_t)n }, LIMIT_FRAME, &f, &bad));
    assert_true(message_job_answer_read(&f, m));
    return f.call;
}

static void a_question_is_answered(void **state)
{
    (void)state;
    struct message_job_answer m;
    struct buf b;
    char bytes[4096];
    buf_init(&b, 4096);
    write_question(&b, 7);
    send_all(b.p, b.n);
    loop_turn(&loop, 1000);
    assert_int_equal(t.asked, 1);
    assert_int_equal(t.call, 7);
    assert_string_equal(t.body, "{\"jobId\":\"x\"}");
    front_link_answer(l, 7, &fine);
    assert_int_equal(hear(&m, bytes, sizeof bytes), 7);
    assert_int_equal(m.status, 200);
    assert_span(m.body, "{}");
    buf_free(&b);
}

static void questions_come_in_pieces_and_in_heaps(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    t.answers = true;
    for (uint64_t i = 1; i <= 100; i++)
        write_question(&b, i);
    for (size_t at = 0; at < b.n; at += 1000) {
        send_all(b.p + at, b.n - at < 1000 ? b.n - at : 1000);
        loop_turn(&loop, 1000);
    }
    assert_int_equal(t.asked, 100);
    assert_int_equal(t.call, 100);
    assert_true(front_link_is_open(l));
    buf_free(&b);
}

static void nonsense_ends_the_link(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    assert_true(message_job_answer_write(&b, 1, &fine)); /* a frame that is not the front's to send */
    send_all(b.p, b.n);
    loop_turn(&loop, 1000);
    assert_int_equal(t.asked, 0);
    assert_false(front_link_is_open(l));
    front_link_answer(l, 1, &fine); /* nobody hears it, and nothing happens */
    buf_free(&b);
}

static void bytes_that_are_no_frame_end_the_link(void **state)
{
    (void)state;
    char zeros[64] = { 0 };
    send_all(zeros, sizeof zeros);
    loop_turn(&loop, 1000);
    assert_false(front_link_is_open(l));
}

static void the_front_has_gone(void **state)
{
    (void)state;
    shutdown(front, SHUT_RDWR);
    loop_turn(&loop, 1000);
    assert_false(front_link_is_open(l));
}

static void a_front_that_does_not_read_is_given_up(void **state)
{
    (void)state;
    char *text = malloc(1 << 20);
    memset(text, 'x', 1 << 20);
    const struct message_job_answer large = { .status = 200, .body = { text, 1 << 20 } };
    int taken = 0;
    while (front_link_is_open(l) && taken < 64) {
        front_link_answer(l, (uint64_t)taken, &large);
        taken++;
    }
    free(text);
    assert_in_range(taken, 4, 20);
}

static void a_slow_front_gets_all(void **state)
{
    (void)state;
    char *text = malloc(1 << 20), *bytes = malloc(4 << 20);
    memset(text, 'x', 1 << 20);
    const struct message_job_answer large = { .status = 200, .body = { text, 1 << 20 } };
    size_t got = 0;
    for (uint64_t i = 0; i < 3; i++)
        front_link_answer(l, i, &large);
    for (int turns = 0; turns < 10000 && got < (3 << 20); turns++) {
        ssize_t n = recv(front, bytes + got, 65536, MSG_DONTWAIT);
        got += n > 0 ? (size_t)n : 0;
        loop_turn(&loop, 0);
    }
    assert_true(got > (3 << 20));
    assert_true(front_link_is_open(l));
    free(text);
    free(bytes);
}

static void what_fits_no_frame_is_refused(void **state)
{
    (void)state;
    struct message_job_answer m;
    char bytes[4096];
    char *text = calloc(1, LIMIT_REPLY + 1);
    const struct message_job_answer huge = { .status = 200, .body = { text, LIMIT_REPLY + 1 } };
    front_link_answer(l, 3, &huge);
    assert_int_equal(hear(&m, bytes, sizeof bytes), 3);
    assert_int_equal(m.status, 500);
    assert_span(m.code, "internal_error");
    free(text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_question_is_answered), TEST(questions_come_in_pieces_and_in_heaps),
        TEST(nonsense_ends_the_link), TEST(bytes_that_are_no_frame_end_the_link),
        TEST(the_front_has_gone),     TEST(a_front_that_does_not_read_is_given_up),
        TEST(a_slow_front_gets_all),  TEST(what_fits_no_frame_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
