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
