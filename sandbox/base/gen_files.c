/*
 * gen_files.c - build-time program: gen_files file... writes the C text that embeds the files under their paths.
 */
#include <stdio.h>
#include <stdlib.h>

static void embed(const char *path, int index)
{
    FILE *f = fopen(path, "rb");
    int c, n = 0;
    if (!f) {
        perror(path);
        exit(1);
    }
    printf("static const char file_%d[] = {", index);
    while ((c = getc(f)) != EOF)
        printf(n++ % 24 ? "%d," : "\n    %d,", c);
    printf("0};\n");
    fclose(f);
}

int main(int argc, char **argv)
{
    printf("/* Written by the build. */\n#include \"sandbox/base/files.h\"\n\n");
    for (int i = 1; i < argc; i++)
        embed(argv[i], i);
    printf("\nconst struct embedded_file embedded_files[] = {\n");
    for (int i = 1; i < argc; i++)
        printf("    { \"%s\", file_%d, sizeof file_%d - 1 },\n", argv[i], i, i);
    printf("    { 0, 0, 0 }\n};\n");
    return 0;
}
