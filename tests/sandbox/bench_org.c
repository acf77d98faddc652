/*
 * bench_org.c - how long the sandbox's org takes, without sockets: a point query, 2,000 rows, an aggregate, an insert.
 *
 *     bench_org        prints a line for each: median and 99th percentile in microseconds
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sandbox/org/org.h"

enum { ROUNDS = 300 };

static struct org *org;
static struct org_user user;

static double now_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

/* What this thread has computed, whoever else the processor served meanwhile. */
static double cpu_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const char *name, const char *method, const char *path, const char *query, const char *body,
                    int rounds, int want)
{
    static double times[ROUNDS];
    size_t bytes = 0;
    for (int i = 0; i < rounds; i++) {
        struct org_request r = { .method = method,
                                 .path = path,
                                 .query = query,
                                 .content_type = "application/json",
                                 .accept_call_options = "",
                                 .body = body,
                                 .body_n = strlen(body),
                                 .user = user };
        struct org_reply reply = { 0 };
        double begun = now_us();
        org_handle(org, &r, &reply);
        times[i] = now_us() - begun;
        bytes = reply.body_n;
        if (reply.status != want) {
            fprintf(stderr, "%s: %d %.300s\n", name, reply.status, reply.body ? reply.body : "");
            exit(1);
        }
        free(reply.body);
    }
    qsort(times, (size_t)rounds, sizeof *times, ascending);
    printf("%-28s median %8.0f us   p99 %8.0f us   %8zu bytes\n", name, times[rounds / 2], times[rounds * 99 / 100],
           bytes);
}

static void load(int n)
{
    char why[200];
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:o, s:o, s:s, s:i, s:f}", "Id", json_sprintf("001xx%010d", i), "Name",
                                              json_sprintf("Account number %d", i), "Rating", i % 3 ? "Hot" : "Cold",
                                              "NumberOfEmployees", i, "AnnualRevenue", i * 1.5));
    json_t *all = json_pack("{s:o}", "Account", list);
    char *text = json_dumps(all, 0);
    if (!org_load(org, text, strlen(text), why, sizeof why)) {
        fprintf(stderr, "%s\n", why);
        exit(1);
    }
    free(text);
    json_decref(all);
}

/* One request of a batch of quotes; the answer's body, to be freed. */
static char *batch(const char *name, json_t *records, double *us)
{
    json_t *whole = json_pack("{s:b, s:o}", "allOrNone", 0, "records", records);
    char *text = json_dumps(whole, JSON_COMPACT);
    struct org_request r = { .method = "POST",
                             .path = "/services/data/v62.0/composite/sobjects",
                             .query = "",
                             .content_type = "application/json",
                             .accept_call_options = "",
                             .body = text,
                             .body_n = strlen(text),
                             .user = user };
    struct org_reply reply = { 0 };
    double begun = cpu_us();
    org_handle(org, &r, &reply);
    *us += cpu_us() - begun;
    if (reply.status != 200 || !reply.body || strstr(reply.body, "false")) {
        fprintf(stderr, "%s: %d %.300s\n", name, reply.status, reply.body ? reply.body : "");
        exit(1);
    }
    free(text);
    json_decref(whole);
    return reply.body;
}

static json_t *new_quotes(int n, int round)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:{s:s}, s:s, s:s, s:s, s:s, s:s, s:o}", "attributes", "type", "Quote",
                                              "Name", "New Quote", "OpportunityId", "006xx000001a2c0", "Pricebook2Id",
                                              "01sxx0000000001", "ExpirationDate", "2027-02-01", "Status", "Draft",
                                              "AppLinkKey__c", json_sprintf("bench-%d:%d", round, i)));
    return list;
}

/* Lines from..to of quotes with two lines each, whose ids stand in the answer to their making. */
static json_t *new_lines(const json_t *quotes, size_t from, size_t to, int round)
{
    json_t *list = json_array();
    for (size_t i = from; i < to; i++)
        json_array_append_new(
            list, json_pack("{s:{s:s}, s:O, s:s, s:i, s:f, s:o}", "attributes", "type", "QuoteLineItem", "QuoteId",
                            json_object_get(json_array_get(quotes, i / 2), "id"), "PricebookEntryId",
                            i % 2 ? "01uxx0000000001" : "01uxx0000000003", "Quantity", (int)(i % 7) + 1, "UnitPrice",
                            99.95, "AppLinkKey__c", json_sprintf("bench-%d:%zu", round, i)));
    return list;
}

/* 200 quotes and their 400 lines, in three requests. */
static void measure_quotes(void)
{
    enum { TIMES = 15, QUOTES = 200 };
    double times[TIMES];
    for (int i = 0; i < TIMES; i++) {
        times[i] = 0;
        char *made = batch("quotes", new_quotes(QUOTES, i), &times[i]);
        json_t *quotes = json_loads(made, 0, NULL);
        free(made);
        for (size_t half = 0; half < 2; half++)
            free(batch("lines", new_lines(quotes, half * QUOTES, (half + 1) * QUOTES, i), &times[i]));
        json_decref(quotes);
    }
    qsort(times, TIMES, sizeof *times, ascending);
    printf("%-28s median %8.0f us   most %7.0f us   of CPU\n", "200 quotes and 400 lines", times[TIMES / 2],
           times[TIMES - 1]);
}

int main(void)
{
    static const char query[] = "/services/data/v62.0/query";
    char why[200];
    double begun = now_us();
    org = org_open(NULL, why, sizeof why);
    if (!org || !org_find_user(org, "admin@example.com", &user)) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    printf("%-28s        %8.0f us\n", "opening with the samples", now_us() - begun);
    measure("flight by id", "GET", query,
            "q=SELECT+Id,Name,Airline__c,Origin_Airport_Code__c+FROM+Flight__c+WHERE+Id='a0Fxx0000000000'", "", ROUNDS,
            200);
    measure("bookings by cabin", "GET", query,
            "q=SELECT+Class__c+cabin,COUNT(Id)+n+FROM+Booking__c+WHERE+Flight__c='a0Fxx0000000000'+GROUP+BY+Class__c",
            "", ROUNDS, 200);
    measure("insert", "POST", "/services/data/v62.0/sobjects/Account", "", "{\"Name\":\"Benched\"}", ROUNDS, 201);
    measure_quotes();
    load(100000);
    measure("point of 100,000", "GET", query, "q=SELECT+Id,Name,Rating+FROM+Account+WHERE+Id='001xx0000005000'", "",
            ROUNDS, 200);
    measure("2,000 rows of 100,000", "GET", query,
            "q=SELECT+Id,Name,Rating,NumberOfEmployees,AnnualRevenue+FROM+Account+LIMIT+2000", "", 100, 200);
    measure("2,000 rows, sorted", "GET", query,
            "q=SELECT+Id,Name,Owner.Name+FROM+Account+WHERE+Rating='hot'+ORDER+BY+Name+LIMIT+2000", "", 5, 200);
    measure("first page of 100,000", "GET", query, "q=SELECT+Id,Name,Rating+FROM+Account", "", 5, 200);
    measure("describe", "GET", "/services/data/v62.0/sobjects/Account/describe", "", "", ROUNDS, 200);
    org_close(org);
    return 0;
}
