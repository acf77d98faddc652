/* replay.c - runs files and folders of inputs through a fuzz entry, without a fuzzer. Last line: N passed, 0 failed. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static long passed;

static void run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = malloc(1 << 20);
    if (!f || !data) {
        perror(path);
        exit(70);
    }
    size_t n = fread(data, 1, 1 << 20, f);
    fclose(f);
    fprintf(stderr, "%s\n", path); /* the last one named is the one that crashed */
    LLVMFuzzerTestOneInput(data, n);
    free(data);
    passed++;
}

static void run_path(const char *path)
{
    struct stat s;
    DIR *dir;
    if (stat(path, &s) != 0 || !S_ISDIR(s.st_mode) || !(dir = opendir(path))) {
        run_file(path);
        return;
    }
    for (struct dirent *d; (d = readdir(dir));) {
        char name[4096];
        snprintf(name, sizeof name, "%s/%s", path, d->d_name);
        if (d->d_name[0] != '.')
            run_file(name);
    }
    closedir(dir);
}

int main(int argc, char **argv)
{
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    passed++;
    for (int i = 1; i < argc; i++)
        run_path(argv[i]);
    printf("%ld passed, 0 failed\n", passed);
    return 0;
}
