/*
 * gen_registry.c - build-time program: gen_registry host.json folder... writes the C text of the registry.
 * Fails when two folders have the same name. Declarations become byte arrays, so no literal is ever too long.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(base(*(const char *const *)a), base(*(const char *const *)b));
}

/* Prints the file as the elements of an array with a final NUL. */
static void embed(const char *path)
{
    FILE *f = fopen(path, "rb");
    int c, n = 0;
    if (!f) {
        perror(path);
        exit(1);
    }
    while ((c = getc(f)) != EOF)
        printf(n++ % 24 ? "%d," : "\n    %d,", c);
    printf("0");
    fclose(f);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 64;
    char **folders = argv + 2;
    size_t n = (size_t)(argc - 2);
    qsort(folders, n, sizeof *folders, by_name);
    for (size_t i = 1; i < n; i++) {
        if (strcmp(base(folders[i - 1]), base(folders[i])) == 0) {
            fprintf(stderr, "two actions are named %s: %s and %s\n", base(folders[i]), folders[i - 1], folders[i]);
            return 1;
        }
    }
    printf(
        "/* Written by the build. */\n#include \"runtime/declare/registry.h\"\n\nconst char registry_host_json[] = {");
    embed(argv[1]);
    printf("};\nconst size_t registry_host_json_length = sizeof registry_host_json - 1;\n");
    for (size_t i = 0; i < n; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/action.json", folders[i]);
        printf("\nextern const struct action %s_action;\nstatic const char %s_json[] = {", base(folders[i]),
               base(folders[i]));
        embed(path);
        printf("};\n");
    }
    printf("\nconst struct registry_row registry_rows[] = {\n");
    for (size_t i = 0; i < n; i++) {
        const char *name = base(folders[i]);
        printf("    { \"%s\", %s_json, sizeof %s_json - 1, &%s_action },\n", name, name, name, name);
    }
    printf("    { NULL, NULL, 0, NULL }\n};\n");
    return 0;
}
