/* main.c - the commands of the program. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "version") == 0) {
        printf("actionhost %s\n", ACTIONHOST_VERSION);
        return 0;
    }
    fprintf(stderr, "usage: actionhost serve|openapi|actions|config|version\n");
    return 64;
}
