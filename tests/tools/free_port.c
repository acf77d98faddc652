/*
 * free_port.c - prints a loopback port that nothing listens on. It is chosen at random below those that the kernel
 * gives to clients and to port 0 (32768 and up), so that none of the many connections of a test takes it before its
 * server does.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    enum { LOWEST = 11000, BEYOND = 32768, TRIES = 100 };
    for (int i = 0; i < TRIES; i++) {
        uint32_t chance = 0;
        if (getrandom(&chance, sizeof chance, 0) != (ssize_t)sizeof chance)
            return 1;
        uint16_t port = (uint16_t)(LOWEST + chance % (BEYOND - LOWEST));
        struct sockaddr_in a = { .sin_family = AF_INET,
                                 .sin_port = htons(port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        bool idle = fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0;
        if (fd >= 0)
            close(fd);
        if (idle) {
            printf("%d\n", port);
            return 0;
        }
    }
    return 1;
}
