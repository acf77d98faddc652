/* test_org_values.c - what a record holds of what was sent: decimal sums, rounding, white space, the years of dates. */
#include "tests/sandbox/org_fixture.h"

#include "sandbox/base/decimal.h"
#include "sandbox/base/text.h"

/* Opportunities with these amounts, written as JSON writes them. */
static void amounts(const char *list)
{
    struct text t = { 0 };
    char why[300] = "";
    text_str(&t, "{\"Opportunity\":[");
    for (const char *p = list; *p;) {
        size_t n = strcspn(p, " ");
        text_fmt(&t, "%s{\"Name\":\"x\",\"StageName\":\"Prospecting\",\"Amount\":%.*s}", p > list ? "," : "", (int)n,
                 p);
        p += n + (p[n] == ' ');
    }
    text_str(&t, "]}");
    if (!org_load(org, t.p, t.n, why, sizeof why))
        fail_msg("%s", why);
    text_free(&t);
}

static void has(const char *part)
{
    if (!answer.body || !strstr(answer.body, part))
        fail_msg("no %s in %s", part, answer.body ? answer.body : "(nothing)");
}

static void money_adds_up_as_decimals(void **state)
{
    static const struct {
        const char *amounts, *sum, *mean;
    } cases[] = {
        { "0.1 0.2", "0.3", "0.15" },
        { "0.07 0.07 0.07 0.07 0.07 0.07 0.07 0.07 0.07 0.07", "0.7", "0.07" },
        { "12345678.91 0.01 -12345678.91", "0.01", "0.0033333333333333335" },
        { "1000000.01 2000000.02 3000000.03", "6000000.06", "2000000.02" },
        { "0.1 0.1 0.1", "0.3", "0.1" },
        { "-0.1 -0.2", "-0.3", "-0.15" },
        { "1.1 -1.1", "0.0", "0.0" },
        { "1 2 2", "5.0", "1.6666666666666667" },
        { "1e3 2.5E-1", "1000.25", "500.125" },
        { "123456789012.34 0.01 -123456789012.34", "0.01", "" },
        { "12345678901234.56 -12345678901234.55", "0.01", "0.005" },
    };
    char query[200], part[80];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        amounts(cases[i].amounts);
        assert_status(soql("SELECT SUM(Amount) s, AVG(Amount) a FROM Opportunity"), 200);
        double want = strtod(cases[i].sum, NULL);
        if (json_real_value(at("records.0.s")) != want)
            fail_msg("%s: %s", cases[i].amounts, answer.body);
        snprintf(part, sizeof part, "\"a\":%s}", cases[i].mean);
        if (cases[i].mean[0])
            has(part);
        snprintf(query, sizeof query, "SELECT StageName FROM Opportunity GROUP BY StageName HAVING SUM(Amount) = %s",
                 cases[i].sum);
        assert_status(soql(query), 200);
        if (int_at("totalSize") != 1)
            fail_msg("%s: no group has the sum %s", cases[i].amounts, cases[i].sum);
    }
    char *hundred = mem_new(600);
    for (int i = 0; i < 100; i++)
        memcpy(hundred + i * 5, "0.07 ", i < 99 ? 5 : 4);
    amounts(hundred);
    free(hundred);
    assert_status(soql("SELECT SUM(Amount) s, AVG(Amount) a FROM Opportunity"), 200);
    has("\"s\":7.0,\"a\":0.07}");
}

/* The same in HAVING with other operators, in ORDER BY, for a double, a percent and an int, and beside nulls. */
static void sums_filter_and_sort_as_decimals(void **state)
{
    static const char records[] =
        "{\"Opportunity\":[{\"Name\":\"a\",\"StageName\":\"Prospecting\",\"Amount\":0.1,\"Probability\":12.5},"
        "{\"Name\":\"b\",\"StageName\":\"Prospecting\",\"Amount\":0.2,\"Probability\":12.6},"
        "{\"Name\":\"c\",\"StageName\":\"Closed Won\",\"Amount\":0.3},{\"Name\":\"d\",\"StageName\":\"Closed Won\"},"
        "{\"Name\":\"e\",\"StageName\":\"Closed Lost\"}]}";
    char why[300] = "";
    (void)state;
    assert_true(org_load(org, records, strlen(records), why, sizeof why));
    static const struct {
        const char *having;
        long groups;
    } cases[] = {
        { "SUM(Amount) = 0.3", 2 },       { "SUM(Amount) <= 0.3", 2 },   { "SUM(Amount) > 0.3", 0 },
        { "SUM(Amount) IN (0.3, 5)", 2 }, { "SUM(Amount) != 0.3", 1 },   { "SUM(Amount) = null", 1 },
        { "AVG(Amount) = 0.15", 1 },      { "AVG(Amount) = 1.5e-1", 1 }, { "MIN(Amount) = 0.1", 1 },
        { "NOT SUM(Amount) < 0.3", 3 },   { "MAX(Amount) = 2e-1", 1 },   { "AVG(Amount) = 0.3", 1 },
        { "SUM(Probability) = 26", 1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char query[200];
        snprintf(query, sizeof query, "SELECT StageName FROM Opportunity GROUP BY StageName HAVING %s",
                 cases[i].having);
        assert_status(soql(query), 200);
        if (int_at("totalSize") != cases[i].groups)
            fail_msg("%s: %s", cases[i].having, answer.body);
    }
    /* 0.1 + 0.2 and 0.3 are level, so that the second key decides */
    assert_status(soql("SELECT StageName FROM Opportunity GROUP BY StageName ORDER BY SUM(Amount) DESC NULLS LAST, "
                       "StageName"),
                  200);
    assert_string_equal(text_at("records.0.StageName"), "Closed Won");
    assert_string_equal(text_at("records.1.StageName"), "Prospecting");
    assert_string_equal(text_at("records.2.StageName"), "Closed Lost");
}

static void whole_numbers_and_dates_aggregate(void **state)
{
    static const char records[] =
        "{\"Account\":[{\"Name\":\"a\",\"NumberOfEmployees\":1},{\"Name\":\"b\",\"NumberOfEmployees\":2},"
        "{\"Name\":\"c\",\"NumberOfEmployees\":2147483647}],\"Opportunity\":[{\"Name\":\"x\",\"CloseDate\":"
        "\"1700-01-01\"},{\"Name\":\"y\",\"CloseDate\":\"4000-12-31\"},{\"Name\":\"z\",\"CloseDate\":\"1999-12-31\"}]}";
    char why[300] = "";
    (void)state;
    assert_true(org_load(org, records, strlen(records), why, sizeof why));
    assert_status(soql("SELECT SUM(NumberOfEmployees) s, AVG(NumberOfEmployees) a FROM Account"), 200);
    assert_true(json_is_integer(at("records.0.s")));
    assert_int_equal(int_at("records.0.s"), 2147483650);
    has("\"a\":715827883.3333334}");
    assert_status(soql("SELECT AVG(NumberOfEmployees) a FROM Account WHERE NumberOfEmployees < 5"), 200);
    has("\"a\":1.5}");
    assert_status(soql("SELECT MIN(CloseDate) a, MAX(CloseDate) b, MIN(CreatedDate) c FROM Opportunity"), 200);
    assert_string_equal(text_at("records.0.a"), "1700-01-01");
    assert_string_equal(text_at("records.0.b"), "4000-12-31");
    assert_int_equal(strlen(text_at("records.0.c")), 28);
    assert_status(soql("SELECT AVG(Price__c) a FROM Vehicle_Model__c"), 200);
    has("\"a\":30518.098}");
}

static void amount_becomes(const char *written, const char *read)
{
    char body[200], path[100];
    snprintf(body, sizeof body,
             "{\"Name\":\"x\",\"StageName\":\"Prospecting\",\"CloseDate\":\"2026-01-01\",\"Amount\":%s}", written);
    assert_status(call("POST", "sobjects/Opportunity", body), 201);
    snprintf(path, sizeof path, "sobjects/Opportunity/%s?fields=Amount", text_at("id"));
    assert_status(call("GET", path, NULL), 200);
    snprintf(body, sizeof body, "\"Amount\":%s,", read);
    if (!strstr(answer.body, body))
        fail_msg("%s: wanted %s, got %s", written, read, answer.body);
}

static void amounts_are_rounded_as_written(void **state)
{
    (void)state;
    amount_becomes("1.005", "1.01");
    amount_becomes("-1.005", "-1.01");
    amount_becomes("1.004999", "1.0");
    amount_becomes("0.285", "0.29");
    amount_becomes("1.115", "1.12");
    amount_becomes("-0.004", "0.0");
    amount_becomes("\"1.005\"", "1.01");
    amount_becomes("\"1.00499999999999999999999\"", "1.0");
    amount_becomes("\"12e2\"", "1200.0");
    amount_becomes("123456789012345.67", "123456789012345.67"); /* 17 digits are kept */
    amount_becomes("\"99999999999.995\"", "100000000000.0");
    amount_becomes("\"\"", "null");
    static const struct {
        const char *amount, *code;
    } refused[] = {
        { "10000000000000000", "NUMBER_OUTSIDE_VALID_RANGE" }, /* 16 digits before the point */
        { "1e30", "NUMBER_OUTSIDE_VALID_RANGE" },
        { "\"9999999999999999.995\"", "NUMBER_OUTSIDE_VALID_RANGE" }, /* rounded it is one digit longer */
        { "\"1e999\"", "NUMBER_OUTSIDE_VALID_RANGE" },
        { "\"0x1F\"", "JSON_PARSER_ERROR" },
        { "\"inf\"", "JSON_PARSER_ERROR" },
        { "\"nan\"", "JSON_PARSER_ERROR" },
        { "\"5.\"", "JSON_PARSER_ERROR" },
        { "\"1,5\"", "JSON_PARSER_ERROR" },
        { "\"5 \"", "JSON_PARSER_ERROR" },
        { "\"-\"", "JSON_PARSER_ERROR" },
        { "\"1e\"", "JSON_PARSER_ERROR" },
        { "true", "JSON_PARSER_ERROR" },
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char body[200];
        snprintf(body, sizeof body,
                 "{\"Name\":\"x\",\"StageName\":\"Prospecting\",\"CloseDate\":\"2026-01-01\",\"Amount\":%s}",
                 refused[i].amount);
        call("POST", "sobjects/Opportunity", body);
        assert_error(400, refused[i].code);
    }
    call("POST", "sobjects/Account", "{\"Name\":\"x\",\"NumberOfEmployees\":2147483648}");
    assert_error(400, "NUMBER_OUTSIDE_VALID_RANGE");
    call("POST", "sobjects/Account", "{\"Name\":\"x\",\"NumberOfEmployees\":1.5}");
    assert_error(400, "JSON_PARSER_ERROR");
    assert_status(call("POST", "sobjects/Account", "{\"Name\":\"x\",\"NumberOfEmployees\":2e3}"), 201);
}

/* A record of the object; what its field reads back as, "(null)" for null. Borrowed until the next request. */
static const char *stored(const char *object, const char *field, const char *body)
{
    char path[200];
    snprintf(path, sizeof path, "sobjects/%s", object);
    assert_status(call("POST", path, body), 201);
    snprintf(path, sizeof path, "sobjects/%s/%s?fields=%s", object, text_at("id"), field);
    assert_status(call("GET", path, NULL), 200);
    return json_is_null(at(field)) ? "(null)" : text_at(field);
}

static void white_space_is_trimmed(void **state)
{
    (void)state;
    assert_string_equal(stored("Account", "Name", "{\"Name\":\"  Koa  \"}"), "Koa");
    assert_string_equal(stored("Account", "Name", "{\"Name\":\"\\t\\r\\n Koa\\n Cars \\n\"}"), "Koa\n Cars");
    assert_string_equal(stored("Account", "Name", "{\"Name\":\"\\u00a0Koa\\u00a0\"}"), "\u00a0Koa\u00a0");
    assert_string_equal(stored("Account", "Name", "{\"Name\":\"\\u00a0\"}"), "\u00a0");
    assert_string_equal(stored("Account", "Name", "{\"Name\":\"\\u3000 x\"}"), "\u3000 x");
    assert_string_equal(stored("Account", "Description", "{\"Name\":\"x\",\"Description\":\"\\n a \\n\"}"), "a");
    assert_string_equal(stored("Account", "Description", "{\"Name\":\"x\",\"Description\":\"  \"}"), "(null)");
    assert_string_equal(stored("Account", "Phone", "{\"Name\":\"x\",\"Phone\":\" +49 30 1 \"}"), "+49 30 1");
    assert_string_equal(stored("Account", "Website", "{\"Name\":\"x\",\"Website\":\" example.com\\n\"}"),
                        "example.com");
    assert_string_equal(stored("Account", "Rating", "{\"Name\":\"x\",\"Rating\":\" Hot \"}"), "Hot");
    assert_string_equal(stored("Contact", "Email", "{\"LastName\":\"x\",\"Email\":\" a@example.com \"}"),
                        "a@example.com");
    assert_string_equal(stored("Contact", "Name", "{\"LastName\":\" Admin \",\"FirstName\":\" Ada \"}"), "Ada Admin");
    call("POST", "sobjects/Contact", "{\"LastName\":\"x\",\"Email\":\"a b@example.com\"}");
    assert_error(400, "INVALID_EMAIL_ADDRESS");
    /* 255 characters are the most for a name, and blanks around them do not count */
    char body[400];
    snprintf(body, sizeof body, "{\"Name\":\"  %0255d  \"}", 0);
    assert_int_equal(strlen(stored("Account", "Name", body)), 255);
    snprintf(body, sizeof body, "{\"Name\":\"  %0256d  \"}", 0);
    call("POST", "sobjects/Account", body);
    assert_error(400, "STRING_TOO_LONG");
}

static void a_name_of_blanks_is_missing(void **state)
{
    static const char *const blanks[] = { "", " ", "   ", "\\t", "\\n \\r", "\\u001f" };
    char body[200], path[100];
    (void)state;
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
        snprintf(body, sizeof body, "{\"Name\":\"%s\"}", blanks[i]);
        call("POST", "sobjects/Account", body);
        assert_error(400, "REQUIRED_FIELD_MISSING");
        assert_string_equal(text_at("0.fields.0"), "Name");
        snprintf(body, sizeof body, "{\"LastName\":\"%s\",\"FirstName\":\"Ada\"}", blanks[i]);
        call("POST", "sobjects/Contact", body);
        assert_error(400, "REQUIRED_FIELD_MISSING");
    }
    assert_status(call("POST", "sobjects/Account", "{\"Name\":\"x\"}"), 201);
    snprintf(path, sizeof path, "sobjects/Account/%s", text_at("id"));
    call("PATCH", path, "{\"Name\":\"   \"}");
    assert_error(400, "REQUIRED_FIELD_MISSING");
    assert_status(
        call("POST", "composite/sobjects", "{\"records\":[{\"attributes\":{\"type\":\"Account\"},\"Name\":\"  \"}]}"),
        200);
    assert_string_equal(text_at("0.errors.0.statusCode"), "REQUIRED_FIELD_MISSING");
}

static void dates_are_of_the_years_1700_to_4000(void **state)
{
    static const struct {
        const char *object, *field, *value;
        bool ok;
    } cases[] = {
        { "Opportunity", "CloseDate", "1700-01-01", true },
        { "Opportunity", "CloseDate", "4000-12-31", true },
        { "Opportunity", "CloseDate", "1699-12-31", false },
        { "Opportunity", "CloseDate", "4001-01-01", false },
        { "Opportunity", "CloseDate", "0001-01-01", false },
        { "Opportunity", "CloseDate", "9999-12-31", false },
        { "Flight__c", "Departure__c", "1700-01-01T00:00:00Z", true },
        { "Flight__c", "Departure__c", "4000-12-31T00:00:00Z", true },
        { "Flight__c", "Departure__c", "4000-12-31T00:00:00.001Z", false },
        { "Flight__c", "Departure__c", "1699-12-31T23:59:59Z", false },
        { "Flight__c", "Departure__c", "4001-01-01T00:00:00Z", false },
        { "Flight__c", "Departure__c", "4000-12-31T23:30:00-01:00", false }, /* 4001 in UTC */
        { "Flight__c", "Departure__c", "1699-12-31T23:30:00-01:00", true },
        { "Flight__c", "Departure__c", "9999-12-31T23:30:00-01:00", false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char body[300], path[60];
        snprintf(body, sizeof body, "{\"Name\":\"x\",\"%s\":\"%s\"%s}", cases[i].field, cases[i].value,
                 cases[i].object[0] == 'O' ? ",\"StageName\":\"Prospecting\"" : "");
        snprintf(path, sizeof path, "sobjects/%s", cases[i].object);
        call("POST", path, body);
        if (cases[i].ok) {
            if (answer.status != 201)
                fail_msg("%s: %s", cases[i].value, answer.body);
            continue;
        }
        assert_error(400, "FIELD_INTEGRITY_EXCEPTION");
        assert_string_equal(text_at("0.fields.0"), cases[i].field);
        has("invalid date");
    }
}

static void queries_know_the_same_days(void **state)
{
    static const struct {
        const char *condition;
        bool ok;
    } cases[] = {
        { "CloseDate >= 1700-01-01", true },
        { "CloseDate <= 4000-12-31", true },
        { "CloseDate > 1699-12-31", false },
        { "CloseDate < 4001-01-01", false },
        { "CloseDate < 9999-12-31", false },
        { "CloseDate IN (2026-01-01, 1600-01-01)", false },
        { "CreatedDate > 1700-01-01T00:00:00Z", true },
        { "CreatedDate < 4000-12-31T00:00:00Z", true },
        { "CreatedDate > 1699-12-31T23:59:59Z", false },
        { "CreatedDate < 4000-12-31T01:00:00+00:30", false },
        { "CreatedDate = LAST_N_DAYS:5", true },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char query[200];
        snprintf(query, sizeof query, "SELECT Id FROM Opportunity WHERE %s", cases[i].condition);
        soql(query);
        if (!cases[i].ok)
            assert_error(400, "MALFORMED_QUERY");
        else if (answer.status != 200)
            fail_msg("%s: %s", query, answer.body);
    }
}

/* The arithmetic itself, at its edges. */
static void decimals_are_read_and_divided_exactly(void **state)
{
    static const struct {
        const char *text;
        int scale;
        enum decimal_reading reading;
        long long n;
    } cases[] = {
        { "0", 2, DECIMAL_READ, 0 },
        { "-0.00", 2, DECIMAL_READ, 0 },
        { "1.5", 0, DECIMAL_READ, 2 },
        { "-1.5", 0, DECIMAL_READ, -2 },
        { "1.49999999999999999999999999", 0, DECIMAL_READ, 1 },
        { "0.005", 2, DECIMAL_READ, 1 },
        { "0.0049", 2, DECIMAL_READ, 0 },
        { "5e-3", 2, DECIMAL_READ, 1 },
        { "5e-4", 2, DECIMAL_READ, 0 },
        { "5e-400", 2, DECIMAL_READ, 0 },
        { "0e400", 2, DECIMAL_READ, 0 },
        { "00012.50", 2, DECIMAL_READ, 1250 },
        { "+12.5e1", 2, DECIMAL_READ, 12500 },
        { ".5", 1, DECIMAL_READ, 5 },
        { "999999999999999999", 0, DECIMAL_READ, 999999999999999999LL },
        { "1000000000000000000", 0, DECIMAL_TOO_LARGE, 0 },
        { "1e400", 0, DECIMAL_TOO_LARGE, 0 },
        { "", 0, DECIMAL_NO_NUMBER, 0 },
        { ".", 0, DECIMAL_NO_NUMBER, 0 },
        { "1.", 0, DECIMAL_NO_NUMBER, 0 },
        { "1.2.3", 0, DECIMAL_NO_NUMBER, 0 },
        { "1e+", 0, DECIMAL_NO_NUMBER, 0 },
        { "--1", 0, DECIMAL_NO_NUMBER, 0 },
        { "1 ", 0, DECIMAL_NO_NUMBER, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        decimal n = 0;
        if (decimal_read(cases[i].text, cases[i].scale, &n) != cases[i].reading || n != cases[i].n)
            fail_msg("%s: %lld", cases[i].text, (long long)n);
    }
    assert_true(decimal_of(0.07, 2) == 7);
    assert_true(decimal_of(-1.005, 3) == -1005);
    assert_true(decimal_of(9007199254740992.0, 2) == (decimal)900719925474099200LL);
    assert_true(decimal_quotient(10, 3) == 10.0 / 3);
    assert_true(decimal_quotient(-1, 100) == -0.01);
    /* 123456789012345678.90 / 100, which two divisions of doubles would miss */
    assert_true(decimal_quotient((decimal)1234567890123456789LL * 10, 1000) == 12345678901234567.89);
    assert_true(decimal_quotient(-decimal_power(36), decimal_power(18)) == -1e18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(money_adds_up_as_decimals, fixture_reset),
        cmocka_unit_test_setup(sums_filter_and_sort_as_decimals, fixture_reset),
        cmocka_unit_test_setup(whole_numbers_and_dates_aggregate, fixture_reset),
        cmocka_unit_test_setup(amounts_are_rounded_as_written, fixture_reset),
        cmocka_unit_test_setup(white_space_is_trimmed, fixture_reset),
        cmocka_unit_test_setup(a_name_of_blanks_is_missing, fixture_reset),
        cmocka_unit_test_setup(dates_are_of_the_years_1700_to_4000, fixture_reset),
        cmocka_unit_test_setup(queries_know_the_same_days, fixture_reset),
        cmocka_unit_test(decimals_are_read_and_divided_exactly),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
