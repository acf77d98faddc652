/* gen_builtin.c - build-time program: embeds data/<template>.json, in the order in which documents list them. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const names[] = { "gradient",  "split",   "photo",   "quote", "minimal",     "mesh",
                                     "event",     "speaker", "product", "offer", "testimonial", "list",
                                     "countdown", "webinar", "hiring",  "award" };

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
        fprintf(stderr, "usage: gen_builtin FOLDER\n");
        return 64;
    }
    printf("/* Written by gen_builtin.c. */\n#include \"actions/social_cards/template.h\"\n\n");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (embed(argv[1], names[i]))
            return 1;
    printf("\nconst struct card_template_source card_template_sources[] = {\n");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        printf("    { \"%s\", %s_json, sizeof %s_json - 1 },\n", names[i], names[i], names[i]);
    printf("    { 0, 0, 0 },\n};\n");
    return 0;
}
