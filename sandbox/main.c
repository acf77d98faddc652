/* main.c - starts the sandbox. */
#include <stdio.h>

int main(void)
{
    fprintf(stderr, "usage: sandbox serve\n");
    return 64;
}
