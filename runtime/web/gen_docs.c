/* gen_docs.c - build-time program: gen_docs HEADER NAME file... writes files as C arrays, and the table NAME_files of
 * them, of struct NAME_file in HEADER. */
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
    if (argc < 4)
        return 1;
    printf("/* Written by the build. */\n#include \"%s\"\n", argv[1]);
    for (int i = 3; i < argc; i++) {
        printf("\nstatic const unsigned char file_%d[] = {", i);
        embed(argv[i]);
        printf("\n};\n");
    }
    printf("\nconst struct %s_file %s_files[] = {\n", argv[2], argv[2]);
    for (int i = 3; i < argc; i++)
        printf("    { \"%s\", file_%d, sizeof file_%d },\n", base(argv[i]), i, i);
    printf("    { NULL, NULL, 0 }\n};\n");
    return 0;
}
