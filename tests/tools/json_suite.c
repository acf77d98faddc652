/*
 * json_suite.c - sends every file of a JSONTestSuite folder as the body of a signed invocation.
 *   json_suite HOST_URL SANDBOX_URL FOLDER
 * n_ files must be refused with 400; y_ files that jansson takes in the host's way (objects and arrays, no duplicate
 * keys, no NUL) must get past parsing; i_ files may do either, but must be answered.
 */
#include <dirent.h>

#include "tests/tools/http_kit.h"

static long passed, failed, informational;

static char *read_whole(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    char *text = malloc(KIT_TEXT);
    if (!f || !text)
        kit_die(path);
    *n = fread(text, 1, KIT_TEXT, f);
    fclose(f);
    return text;
}

static void judge(const char *name, bool ok, int status, const char *body)
{
    if (ok) {
        passed++;
        return;
    }
    failed++;
    printf("FAIL %s: %d %.200s\n", name, status, body);
}

/* Bodies that the suite lacks. */
static void own_bodies(struct kit_signer *s, int port)
{
    static struct kit_answer a;
    static char request[65536];
    static const struct {
        const char *name, *text;
        size_t n;
    } bodies[] = { { "NUL behind a number", "{\"count\":4\0}", 12 },
                   { "NUL behind a word", "{\"text\":null\0}", 14 },
                   { "NUL behind the document", "{}\0", 3 },
                   { "nothing", "", 0 },
                   { "a key twice", "{\"text\":\"a\",\"text\":\"b\"}", 23 } };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        size_t len = kit_invocation(s, "/api/takeBoth", bodies[i].text, bodies[i].n, request, sizeof request);
        int fd = kit_dial(port);
        bool answered = fd >= 0 && kit_send(fd, request, len) && kit_answer(fd, &a, 5000);
        if (fd >= 0)
            close(fd);
        judge(bodies[i].name, answered && a.status == 400, answered ? a.status : 0, answered ? a.body : "");
    }
}

int main(int argc, char **argv)
{
    static struct kit_answer a;
    static char request[KIT_TEXT * 2];
    if (argc != 4) {
        fprintf(stderr, "usage: json_suite HOST_URL SANDBOX_URL FOLDER\n");
        return 64;
    }
    struct kit_signer s = kit_sign(kit_port(argv[2]), KIT_SAMPLE);
    DIR *dir = opendir(argv[3]);
    if (!dir)
        kit_die(argv[3]);
    for (struct dirent *d; (d = readdir(dir));) {
        char path[2048];
        size_t n;
        if (d->d_name[0] == '.' || !strstr(d->d_name, ".json"))
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[3], d->d_name);
        char *body = read_whole(path, &n);
        json_t *parsed = json_loadb(body, n, JSON_REJECT_DUPLICATES, NULL);
        size_t len = kit_invocation(&s, "/api/takeBoth", body, n, request, sizeof request);
        int fd = kit_dial(kit_port(argv[1]));
        bool answered = fd >= 0 && kit_send(fd, request, len) && kit_answer(fd, &a, 5000);
        if (fd >= 0)
            close(fd);
        bool refused = a.status == 400 && strstr(a.body, "\"code\":");
        if (!answered) {
            judge(d->d_name, false, 0, "no answer");
        } else if (d->d_name[0] == 'n') {
            judge(d->d_name, refused, a.status, a.body);
        } else if (d->d_name[0] == 'y') {
            judge(d->d_name, refused == !parsed && (refused || a.status == 422 || a.status == 200), a.status, a.body);
        } else {
            judge(d->d_name, refused || a.status == 422 || a.status == 200, a.status, a.body);
            informational++;
        }
        json_decref(parsed);
        free(body);
    }
    closedir(dir);
    own_bodies(&s, kit_port(argv[1]));
    kit_signer_free(&s);
    printf("%ld passed, %ld failed, %ld informational\n", passed, failed, informational);
    return failed != 0;
}
