/*
 * memory_has.c - whether a text is anywhere in the writable memory of a process: `memory_has PID TEXT`, exit code 0 =
 * yes, 1 = no, 2 = it cannot be looked at.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 1024 * 1024, LONGEST = 400 };

/* Reads piece by piece; two pieces overlap by what a text may be cut at. */
static int region_has(int fd, unsigned long from, unsigned long to, const char *text, size_t n)
{
    static char piece[PIECE];
    for (unsigned long at = from; at < to; at += PIECE - LONGEST) {
        size_t want = to - at < PIECE ? to - at : PIECE;
        ssize_t got = pread(fd, piece, want, (off_t)at);
        if (got > 0 && memmem(piece, (size_t)got, text, n))
            return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    char path[64], line[512];
    if (argc != 3 || strlen(argv[2]) > LONGEST)
        return 2;
    int pid = (int)strtol(argv[1], NULL, 10);
    snprintf(path, sizeof path, "/proc/%d/maps", pid);
    FILE *maps = fopen(path, "r");
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int fd = open(path, O_RDONLY);
    if (!maps || fd < 0)
        return 2;
    int found = 0;
    while (!found && fgets(line, sizeof line, maps)) {
        unsigned long from, to;
        char mode[8];
        if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3 && mode[0] == 'r' && mode[1] == 'w')
            found = region_has(fd, from, to, argv[2], strlen(argv[2]));
    }
    fclose(maps);
    close(fd);
    return !found;
}
