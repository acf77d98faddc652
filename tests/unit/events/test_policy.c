/* test_policy.c - what follows on each end of a call, and how long it is waited for. */
#include "tests/unit/check.h"

#include "runtime/events/policy.h"

static void each_code_has_its_policy(void **state)
{
    static const struct {
        int status;
        const char *code;
        enum policy_action action;
    } rows[] = {
        { 3, "sfdc.platform.eventbus.grpc.subscription.fetch.replayid.corrupted", POLICY_LOST },
        { 3, "sfdc.platform.eventbus.grpc.subscription.fetch.replayid.validation.failed", POLICY_LOST },
        { 3, "sfdc.platform.eventbus.grpc.subscription.fetch.requested.events.invalid", POLICY_REPORT },
        { 16, "sfdc.platform.eventbus.grpc.service.auth.error", POLICY_TOKEN },
        { 8, "sfdc.platform.eventbus.grpc.subscription.limit.exceeded", POLICY_LIMIT },
        { 14, "sfdc.platform.eventbus.grpc.service.unavailable", POLICY_AGAIN },
        { 3, "subscription.fetch.replayid.corrupted", POLICY_REPORT }, /* somebody else's code */
        { 3, "", POLICY_REPORT },
        { 16, "", POLICY_TOKEN },
        { 16, "sfdc.platform.eventbus.grpc.something.new", POLICY_TOKEN },
        { 5, "", POLICY_REPORT },
        { 7, "", POLICY_REPORT },
        { 12, "", POLICY_REPORT },
        { 8, "", POLICY_LIMIT },
        { 0, "", POLICY_AGAIN },
        { 1, "", POLICY_AGAIN },
        { 2, "", POLICY_AGAIN },
        { 13, "", POLICY_AGAIN },
        { 14, "", POLICY_AGAIN },
        { GRPC_BROKEN, "", POLICY_AGAIN },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct grpc_end e = { rows[i].status, "", rows[i].code };
        if (policy_of(&e)->action != rows[i].action)
            fail_msg("status %d, code \"%s\"", rows[i].status, rows[i].code);
    }
}

/* What somebody has to mend says how. */
static void a_report_has_words(void **state)
{
    (void)state;
    for (int status = 0; status <= 16; status++) {
        const struct policy *p = policy_of(&(struct grpc_end){ status, "", "" });
        if ((p->action == POLICY_REPORT || p->action == POLICY_LIMIT) && status != GRPC_INVALID_ARGUMENT)
            assert_non_null(p->words);
    }
}

static void pauses_grow_and_differ(void **state)
{
    (void)state;
    int64_t first = 0;
    bool differ = false;
    for (unsigned failures = 0; failures < 40; failures++)
        for (int i = 0; i < 50; i++) {
            int64_t again = policy_pause_ms(POLICY_AGAIN, failures), limit = policy_pause_ms(POLICY_LIMIT, failures);
            int64_t most = failures < 5 ? 2000 << failures : 60000;
            assert_true(again >= most / 2 && again <= most && again >= 1000);
            assert_true(limit >= 450000 && limit <= 3600000);
            first = i ? first : again;
            differ = differ || again != first;
        }
    assert_true(differ);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_code_has_its_policy),
        cmocka_unit_test(a_report_has_words),
        cmocka_unit_test(pauses_grow_and_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
