/* test_quotes_rules.c - sets of rules: which are refused and why, and what they give. */
#include "tests/unit/check.h"

#include <unistd.h>

#include "actions/quotes/day.h"
#include "actions/quotes/rules.h"

struct heard {
    char text[8192];
    int count;
};

static void hear(void *ctx, const char *fault)
{
    struct heard *h = ctx;
    size_t n = strlen(h->text);
    snprintf(h->text + n, sizeof h->text - n, "%s\n", fault);
    h->count++;
}

static struct rules *read_ok(const char *text)
{
    struct heard h = { "", 0 };
    struct rules *r = rules_read(text, strlen(text), hear, &h);
    if (!r)
        fail_msg("%s", h.text);
    return r;
}

/* ---- what is refused ---- */

#define SET(layers) "{\"name\":\"t\",\"capPercent\":50,\"defaultRegion\":\"EMEA\",\"layers\":[" layers "]}"
#define LAYER(rules) SET("{\"name\":\"l\",\"default\":0,\"rules\":[" rules "]}")
#define RULE(name, rest) "{\"name\":\"" name "\"," rest "}"

static const struct {
    const char *text, *fault;
} refused[] = {
    { "", "is no JSON" },
    { "[]", "must be a JSON object" },
    { "{\"name\":\"a\",\"name\":\"b\"}", "is no JSON: duplicate" },
    { "{}", "needs a \"name\"" },
    { "{}", "\"capPercent\" must be a number" },
    { "{}", "\"defaultRegion\" is missing" },
    { "{}", "\"layers\" must be a list" },
    { SET(""), "\"layers\" must be a list" },
    { SET("{\"name\":\"l\",\"rules\":[]}"), "layer \"l\": \"default\" is missing" },
    { SET("{\"name\":\"l\",\"default\":-1,\"rules\":[]}"), "\"default\" must be a number from 0 to 100" },
    { SET("{\"name\":\"l\",\"default\":60,\"rules\":[]}"), "\"default\" gives 60 %, but \"capPercent\" allows 50 %" },
    { SET("{\"name\":\"l\",\"default\":0}"), "\"rules\" must be a list" },
    { SET("{\"name\":\"l\",\"default\":0,\"rules\":[]},{\"name\":\"l\",\"default\":0,\"rules\":[]}"),
      "Two layers have the name \"l\"" },
    { LAYER(RULE("a", "\"percent\":5")), "\"precedence\" must be a whole number" },
    { LAYER(RULE("a", "\"percent\":5,\"precedence\":1.5")), "\"precedence\" must be a whole number" },
    { LAYER(RULE("a", "\"precedence\":1")), "needs either \"percent\" or \"tiers\"" },
    { LAYER(RULE(
          "a",
          "\"precedence\":1,\"percent\":5,\"tiers\":{\"of\":\"quantity\",\"steps\":[{\"from\":1,\"percent\":1}]}")),
      "needs either \"percent\" or \"tiers\"" },
    { LAYER(RULE("a", "\"precedence\":1,\"percent\":-5,\"families\":[\"x\"]")),
      "\"percent\" must be a number from 0 to 100" },
    { LAYER(RULE("a", "\"precedence\":1,\"percent\":51,\"families\":[\"x\"]")), "it gives 51 %, but" },
    { LAYER(RULE("a", "\"precedence\":1,\"percent\":5,\"famlies\":[\"x\"]")), "has a member \"famlies\"" },
    { LAYER(RULE("a", "\"precedence\":1,\"percent\":5,\"families\":[]")), "\"families\" must be a list of 1" },
    { LAYER(RULE("a", "\"precedence\":1,\"percent\":5,\"regions\":[]")), "would never apply" },
    { LAYER(RULE("a", "\"precedence\":1,\"percent\":5,\"regions\":[\"MOON\"]")), "The region \"MOON\" is not known" },
    { LAYER(RULE("a", "\"precedence\":1,\"percent\":5,\"currencies\":[\"eur\"]")), "must be three capital letters" },
    { LAYER(RULE("a", "\"precedence\":1,\"percent\":5,\"from\":\"2026-02-30\"")), "\"from\" must be a date" },
    { LAYER(RULE("a", "\"precedence\":1,\"percent\":5,\"from\":\"2026-02-02\",\"to\":\"2026-02-01\"")),
      "\"from\" is later than \"to\"" },
    { LAYER(RULE("a", "\"precedence\":1,\"percent\":5")), "takes every line, so that \"default\" never applies" },
    { LAYER(RULE("a", "\"precedence\":1,\"tiers\":{\"of\":\"weight\",\"steps\":[{\"from\":1,\"percent\":1}]}")),
      "\"of\" must be" },
    { LAYER(RULE("a", "\"precedence\":1,\"tiers\":{\"of\":\"quantity\",\"steps\":[]}")), "\"steps\" must be a list" },
    { LAYER(RULE("a", "\"precedence\":1,\"tiers\":{\"of\":\"quantity\",\"steps\":[{\"from\":10,\"percent\":1},{"
                      "\"from\":10,\"percent\":2}]}")),
      "Step 2 begins at or below" },
    { LAYER(RULE("a", "\"precedence\":1,\"tiers\":{\"of\":\"quantity\",\"steps\":[{\"from\":-1,\"percent\":1}]}")),
      "\"from\" of step 1" },
    { LAYER(RULE("a", "\"precedence\":1,\"tiers\":{\"of\":\"quantity\",\"steps\":[{\"from\":1,\"percent\":70}]}")),
      "a step gives 70 %" },
    { LAYER(RULE("a", "\"precedence\":1,\"tiers\":{\"of\":\"amount\",\"steps\":[{\"from\":1,\"percent\":1}]}")),
      "need \"currencies\"" },
    { LAYER(RULE("a", "\"precedence\":1,\"percent\":1,\"families\":[\"x\"]") "," RULE(
          "a", "\"precedence\":2,\"percent\":1,\"families\":[\"y\"]")),
      "has the same name" },
    { LAYER(RULE("a", "\"precedence\":1,\"percent\":1,\"families\":[\"x\"]") "," RULE(
          "b", "\"precedence\":1,\"percent\":2,\"regions\":[\"EMEA\"]")),
      "of the same precedence 1" },
    { LAYER(RULE("a", "\"precedence\":1,\"percent\":1,\"regions\":[\"EMEA\"],\"families\":[\"x\"]") "," RULE(
          "b", "\"precedence\":2,\"percent\":2,\"regions\":[\"EMEA\",\"APAC\"]")),
      "rule \"a\": never applies" },
    { LAYER(RULE("a", "\"precedence\":1,\"percent\":1,\"families\":[\"x\"]") "," RULE(
          "b", "\"precedence\":2,\"percent\":"
               "2,\"regions\":[\"EMEA\","
               "\"APAC\"]") "," RULE("c", "\"precedence\":3,\"percent\":2,\"regions\":[\"NAMER\",\"LATAM\"]")),
      "rule \"a\": never applies" },
    { LAYER(RULE(
          "a",
          "\"precedence\":1,\"tiers\":{\"of\":\"quantity\",\"steps\":[{\"from\":10,\"percent\":1}]}") "," RULE("b",
                                                                                                               "\"prece"
                                                                                                               "dence\""
                                                                                                               ":2,"
                                                                                                               "\"tiers"
                                                                                                               "\":{"
                                                                                                               "\"of\":"
                                                                                                               "\"quant"
                                                                                                               "ity\","
                                                                                                               "\"steps"
                                                                                                               "\":[{"
                                                                                                               "\"from"
                                                                                                               "\":5,"
                                                                                                               "\"perce"
                                                                                                               "nt\":1}"
                                                                                                               "]}")),
      "rule \"a\": never applies" },
    { "{\"name\":\"t\",\"capPercent\":50,\"defaultRegion\":\"A\",\"regions\":{\"A\":[\"US\",\"XX\"]},\"layers\":[{"
      "\"name\":\"l\",\"default\":0,\"rules\":[]}]}",
      "has \"XX\", which is no country" },
    { "{\"name\":\"t\",\"capPercent\":50,\"defaultRegion\":\"A\",\"regions\":{\"A\":[\"US\"],\"B\":[\"USA\"]},"
      "\"layers\":[{\"name\":\"l\",\"default\":0,\"rules\":[]}]}",
      "The country US is in the region \"A\" and in \"B\"" },
    { "{\"name\":\"t\",\"capPercent\":50,\"defaultRegion\":\"A\",\"regions\":{},\"layers\":[{\"name\":\"l\","
      "\"default\":0,\"rules\":[]}]}",
      "\"regions\" must be an object" },
    { "{\"name\":\"t\",\"capPercent\":50,\"lineOverride\":1,\"defaultRegion\":\"EMEA\",\"layers\":[{\"name\":\"l\","
      "\"default\":0,\"rules\":[]}]}",
      "\"lineOverride\" must be true or false" },
};

static void broken_sets_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct heard h = { "", 0 };
        struct rules *r = rules_read(refused[i].text, strlen(refused[i].text), hear, &h);
        if (r || !strstr(h.text, refused[i].fault))
            fail_msg("%s: wanted \"%s\", heard \"%s\"", refused[i].text, refused[i].fault, h.text);
    }
}

static void all_faults_are_told_at_once(void **state)
{
    (void)state;
    struct heard h = { "", 0 };
    const char *text =
        LAYER(RULE("a", "\"percent\":-1,\"regions\":[\"MOON\"],\"from\":\"x\"") "," RULE("b", "\"precedence\":1"));
    assert_null(rules_read(text, strlen(text), hear, &h));
    assert_int_equal(h.count, 5);
}

static void good_neighbours_are_taken(void **state)
{
    (void)state;
    static const char *const good[] = {
        LAYER(""),
        LAYER(RULE("a", "\"precedence\":1,\"percent\":1,\"families\":[\"x\"]") "," RULE(
            "b", "\"precedence\":1,\"percent\":2,\"families\":[\"y\"]")),
        LAYER(RULE("a", "\"precedence\":1,\"percent\":1,\"to\":\"2026-06-30\"") "," RULE(
            "b", "\"precedence\":1,\"percent\":2,\"from\":\"2026-07-01\"")),
        LAYER(RULE("a", "\"precedence\":1,\"percent\":1,\"currencies\":[\"EUR\"]") "," RULE(
            "b", "\"precedence\":1,\"percent\":2,\"currencies\":[\"USD\"]")),
        LAYER(RULE("a", "\"precedence\":1,\"percent\":1,\"families\":[\"x\"]") "," RULE(
            "b", "\"precedence\":2,\"percent\":2,\"regions\":[\"EMEA\",\"APAC\",\"NAMER\"]")),
        LAYER(RULE(
            "a",
            "\"precedence\":1,\"tiers\":{\"of\":\"quantity\",\"steps\":[{\"from\":5,\"percent\":1}]"
            "}") "," RULE("b",
                          "\"precedence\":2,\"tiers\":{\"of\":\"quantity\",\"steps\":[{\"from\":10,\"percent\":1}]}")),
    };
    for (size_t i = 0; i < COUNT(good); i++)
        rules_free(read_ok(good[i]));
    rules_free(read_ok(rules_preset("sample")));
    rules_free(read_ok(rules_preset("standard")));
    assert_null(rules_preset("other"));
}

/* ---- what they give ---- */

static struct price_facts facts_of(const char *country, const char *family, int quantity)
{
    return (struct price_facts){ .country = country,
                                 .family = family,
                                 .currency = "USD",
                                 .today = 20000,
                                 .quantity = { quantity, 0 },
                                 .amount = { quantity * 100, 0 },
                                 .total = { quantity * 1000, 0 },
                                 .override_ppm = -1 };
}

static void the_sample_gives_ten_percent(void **state)
{
    (void)state;
    struct rules *r = read_ok(rules_preset("sample"));
    struct price_facts f = facts_of("Japan", "Support", 5000);
    struct price p;
    char text[300];
    f.override_ppm = 500000;
    rules_price(r, &f, &p);
    assert_int_equal(p.ppm, 100000);
    assert_string_equal(rules_words(r, &p, text, sizeof text), "base: default 10 %");
    rules_free(r);
}

static void the_standard_set(void **state)
{
    (void)state;
    static const struct {
        const char *country, *family;
        int quantity, override_ppm, ppm;
        const char *words;
    } cases[] = {
        { "United States", "", 1, -1, 100000,
          "region: North America 10 % (NAMER); product: default 0 %; deal: default 0 %" },
        { "deutschland", "Hardware", 10, -1, 170000,
          "region: Europe, Middle East and Africa 15 % (EMEA); product: volume 2 % (quantity from 10); deal: default 0 "
          "%" },
        { "BR", "Hardware", 9, -1, 50000, "region: default 5 %; product: default 0 %; deal: default 0 %" },
        { "Japan", "Support", 300, -1, 110000,
          "region: Asia Pacific 8 % (APAC); product: support is sold at list price 0 %; deal: large deal 3 % (total "
          "from 100000)" },
        { "Germany", "Hardware", 1000, -1, 290000, NULL },
        { "Germany", "Hardware", 1000, 250000, 250000, "discount set on the line" },
        { "Germany", "Hardware", 1000, 400000, 300000, "discount set on the line; cut to the cap of 30 %" },
        { "Germany", "Hardware", 1000, 0, 0, "discount set on the line" },
        { "Atlantis", "", 1, -1, 100000,
          "region: North America 10 % (NAMER as the country is not known); product: default 0 %; deal: default 0 %" },
    };
    struct rules *r = read_ok(rules_preset("standard"));
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct price_facts f = facts_of(cases[i].country, cases[i].family, cases[i].quantity);
        struct price p;
        char text[400];
        f.override_ppm = cases[i].override_ppm;
        rules_price(r, &f, &p);
        rules_words(r, &p, text, sizeof text);
        if (p.ppm != cases[i].ppm || (cases[i].words && strcmp(text, cases[i].words) != 0))
            fail_msg("case %zu: %d, %s", i, p.ppm, text);
    }
    rules_free(r);
}

static void validity_ends_with_its_last_day(void **state)
{
    (void)state;
    struct rules *r =
        read_ok(LAYER(RULE("a", "\"precedence\":1,\"percent\":7,\"from\":\"2026-01-01\",\"to\":\"2026-01-31\"")));
    static const struct {
        const char *day;
        int ppm;
    } cases[] = { { "2025-12-31", 0 }, { "2026-01-01", 70000 }, { "2026-01-31", 70000 }, { "2026-02-01", 0 } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct price_facts f = facts_of("DE", "", 1);
        struct price p;
        assert_true(day_read(cases[i].day, &f.today));
        rules_price(r, &f, &p);
        assert_int_equal(p.ppm, cases[i].ppm);
    }
    rules_free(r);
}

static void a_currency_that_is_not_known_meets_no_rule_of_currencies(void **state)
{
    (void)state;
    struct rules *r = read_ok(LAYER(RULE("a", "\"precedence\":1,\"percent\":7,\"currencies\":[\"USD\"]")));
    struct price_facts f = facts_of("DE", "", 1);
    struct price p;
    f.currency = "";
    rules_price(r, &f, &p);
    assert_int_equal(p.ppm, 0);
    rules_free(r);
}

static void every_country_has_a_region(void **state)
{
    (void)state;
    static const char *const named[][2] = { { "US", "NAMER" },
                                            { "Korea, Republic of", "APAC" },
                                            { "south korea", "APAC" },
                                            { "U.S.A.", "NAMER" },
                                            { "uk", "EMEA" },
                                            { "DEU", "EMEA" },
                                            { "M\xc3\xa9xico", "LATAM" },
                                            { "C\xc3\xb4te d'Ivoire", "EMEA" },
                                            { "Kazakhstan", "EMEA" },
                                            { "India", "APAC" } };
    struct rules *r = read_ok(rules_preset("standard"));
    assert_int_equal(country_count(), 249);
    for (int i = 0; i < country_count(); i++) {
        assert_int_equal(country_find(country_code(i)), i);
        assert_string_equal(r->regions[(int)r->region_of_country[i]], country_region(i));
    }
    for (size_t i = 0; i < COUNT(named); i++) {
        int found = country_find(named[i][0]);
        if (found < 0 || strcmp(country_region(found), named[i][1]) != 0)
            fail_msg("%s", named[i][0]);
    }
    assert_int_equal(country_find(""), -1);
    assert_int_equal(country_find(" .,"), -1);
    assert_int_equal(country_find("Atlantis"), -1);
    assert_int_equal(country_find("a name that is far longer than any country has, and then some more of it"), -1);
    rules_free(r);
}

/* ---- properties, of random sets ---- */

static int any_below(int n)
{
    return (int)(any64() % (unsigned)n);
}

/* Rules of different precedence, each with some of the conditions. */
static void random_set(char *out, size_t size, int cap)
{
    static const char *const regions[] = { "NAMER", "EMEA", "APAC", "LATAM" };
    size_t n = (size_t)snprintf(
        out, size, "{\"name\":\"r\",\"capPercent\":%d,\"lineOverride\":true,\"defaultRegion\":\"%s\",\"layers\":[", cap,
        regions[any_below(4)]);
    int layers = 1 + any_below(4);
    for (int l = 0; l < layers; l++) {
        n += (size_t)snprintf(out + n, size - n, "%s{\"name\":\"l%d\",\"default\":%d,\"rules\":[", l ? "," : "", l,
                              any_below(cap + 1));
        int rules = any_below(6);
        for (int k = 0; k < rules; k++) {
            n += (size_t)snprintf(out + n, size - n, "%s{\"name\":\"r%d\",\"precedence\":%d,\"families\":[\"F%d\"]",
                                  k ? "," : "", k, k, any_below(4));
            if (any_below(2))
                n += (size_t)snprintf(out + n, size - n, ",\"regions\":[\"%s\"]", regions[any_below(4)]);
            if (any_below(2))
                n += (size_t)snprintf(out + n, size - n, ",\"percent\":%d}", any_below(cap + 1));
            else
                n += (size_t)snprintf(out + n, size - n,
                                      ",\"tiers\":{\"of\":\"quantity\",\"steps\":[{\"from\":%d,\"percent\":%d},{"
                                      "\"from\":%d,\"percent\":%d}]}}",
                                      any_below(10), any_below(cap + 1), 10 + any_below(100), any_below(cap + 1));
        }
        n += (size_t)snprintf(out + n, size - n, "]}");
    }
    snprintf(out + n, size - n, "]}");
}

/* The same decision by another way: every rule is asked, and the best of those that apply is kept. */
static int expected(const struct rules *r, const struct price_facts *f)
{
    int sum = 0, country = country_find(f->country);
    int region = country < 0 ? r->default_region : r->region_of_country[country];
    for (size_t l = 0; l < r->layers_n; l++) {
        int best = INT32_MIN, given = r->layers[l].default_ppm;
        for (size_t k = 0; k < r->layers[l].n; k++) {
            const struct rule *rule = &r->layers[l].rules[k];
            int ppm = rule->measure ? -1 : rule->ppm;
            for (size_t s = 0; s < rule->steps_n; s++)
                if (f->quantity.digits >= rule->steps[s].from.digits)
                    ppm = rule->steps[s].ppm;
            if (ppm >= 0 && strcmp(rule->families.word[0], f->family) == 0 &&
                (!rule->regions || rule->regions >> region & 1) && rule->precedence > best) {
                best = rule->precedence;
                given = ppm;
            }
        }
        sum += given;
    }
    return f->override_ppm >= 0 ? f->override_ppm : sum;
}

static void the_cap_holds_and_precedence_decides(void **state)
{
    (void)state;
    static const char *const countries[] = { "US", "DE", "JP", "BR", "", "Atlantis", "France", "KZ" };
    int sets = 0, capped = 0, overridden = 0;
    for (int round = 0; round < 3000; round++) {
        char text[8192], family[8];
        struct heard h = { "", 0 };
        random_set(text, sizeof text, 1 + any_below(60));
        struct rules *r = rules_read(text, strlen(text), hear, &h);
        if (!r && !strstr(h.text, "never applies"))
            fail_msg("%s %s", text, h.text);
        for (int line = 0; r && line < 20; line++) {
            struct price_facts f = facts_of(countries[any_below(8)], family, any_below(150));
            struct price p;
            snprintf(family, sizeof family, "F%d", any_below(5));
            f.override_ppm = any_below(5) ? -1 : any_below(1000001);
            rules_price(r, &f, &p);
            int want = expected(r, &f);
            assert_true(p.ppm <= r->cap_ppm);
            assert_int_equal(p.ppm, want < r->cap_ppm ? want : r->cap_ppm);
            assert_int_equal(p.capped, want > r->cap_ppm);
            capped += p.capped;
            overridden += p.overridden;
        }
        sets += r != NULL;
        rules_free(r);
    }
    assert_true(sets > 500 && capped > 1000 && overridden > 1000);
}

static void the_file_of_the_setting(void **state)
{
    (void)state;
    struct heard h = { "", 0 };
    char path[400];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/quotes-rules-XXXXXX", folder ? folder : "/tmp");
    int fd = mkstemp(path);
    const char *text = LAYER("");
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    assert_true(rules_choose(NULL, hear, &h));
    assert_string_equal(rules_now()->name, "sample");
    assert_true(rules_choose("standard", hear, &h));
    assert_string_equal(rules_now()->name, "standard");
    assert_true(rules_choose(path, hear, &h));
    assert_string_equal(rules_now()->name, "t");
    assert_int_equal(h.count, 0);
    assert_false(rules_choose("/nowhere/at/all.json", hear, &h));
    assert_false(rules_choose("tests", hear, &h));
    assert_int_equal(h.count, 2);
    assert_string_equal(rules_now()->name, "t"); /* what was good stays */
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_sets_are_refused),
        cmocka_unit_test(all_faults_are_told_at_once),
        cmocka_unit_test(good_neighbours_are_taken),
        cmocka_unit_test(the_sample_gives_ten_percent),
        cmocka_unit_test(the_standard_set),
        cmocka_unit_test(validity_ends_with_its_last_day),
        cmocka_unit_test(a_currency_that_is_not_known_meets_no_rule_of_currencies),
        cmocka_unit_test(every_country_has_a_region),
        cmocka_unit_test(the_cap_holds_and_precedence_decides),
        cmocka_unit_test(the_file_of_the_setting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
