/* gen_preset_table.c - build-time program: embeds the sets of rules that come along, data/<name>.json. */
#include <ctype.h>
#include <stdio.h>

static const char *const names[] = { "sample", "standard" };

static int embed(const char *folder, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/data/%s.json", folder, name);
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        return 1;
    }
    printf("static const char %s_json[] =\n    \"", name);
    int c;
    while ((c = fgetc(f)) != EOF) {
        if (c == '\n') {
            printf("\\n\"\n    \"");
            continue;
        }
        if (c == '"' || c == '\\')
            putchar('\\');
        if (c < 128 && !iscntrl(c))
            putchar(c);
        else
            printf("\\%03o", c);
    }
    printf("\";\n");
    fclose(f);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: gen_preset_table FOLDER\n");
        return 64;
    }
    printf("/* Written by gen_preset_table.c. */\n#include \"actions/quotes/rules.h\"\n\n#include <string.h>\n\n");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (embed(argv[1], names[i]))
            return 1;
    printf("\nconst char *rules_preset(const char *name)\n{\n");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        printf("    if (!strcmp(name, \"%s\"))\n        return %s_json;\n", names[i], names[i]);
    printf("    return NULL;\n}\n");
    return 0;
}
