/* gen_docs.c - build-time program: gen_docs file... writes the files of the docs page as C arrays. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

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
    if (!n) {
        fprintf(stderr, "%s is empty\n", path);
        exit(1);
    }
    fclose(f);
}

int main(int argc, char **argv)
{
    printf("/* Written by the build. */\n#include \"runtime/web/docs_page.h\"\n");
    for (int i = 1; i < argc; i++) {
        printf("\nstatic const unsigned char file_%d[] = {", i);
        embed(argv[i]);
        printf("\n};\n");
    }
    printf("\nconst struct docs_file docs_files[] = {\n");
    for (int i = 1; i < argc; i++)
        printf("    { \"%s\", file_%d, sizeof file_%d },\n", base(argv[i]), i, i);
    printf("    { NULL, NULL, 0 }\n};\n");
    return 0;
}
