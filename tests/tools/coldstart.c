/*
 * coldstart.c - time from starting the program to its first answer: coldstart ADDON_URL PROGRAM [runs]
 * Prints the median. The first answer is that of /ready, asked as soon as the port is bound.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* One request; 1 when it was answered with 200. */
static int ask(int port)
{
    static const char request[] = "GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    char in[2048] = "";
    int fd = socket(AF_INET, SOCK_STREAM, 0), ok = 0;
    if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0 && send(fd, request, sizeof request - 1, MSG_NOSIGNAL) > 0)
        ok = recv(fd, in, sizeof in - 1, 0) > 12 && strncmp(in + 9, "200", 3) == 0;
    close(fd);
    return ok;
}

int main(int argc, char **argv)
{
    int64_t took[25];
    int runs = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 7;
    if (argc < 3 || runs < 1 || runs > 25)
        return 64;
    setenv("HEROKU_APPLINK_API_URL", argv[1], 1);
    setenv("HEROKU_APPLINK_TOKEN", "t", 1);
    setenv("HEROKU_APP_ID", "11111111-2222-4333-8444-555555555555", 1);
    setenv("BIND", "127.0.0.1", 1);
    setenv("LOG_LEVEL", "warn", 1);
    for (int i = 0; i < runs; i++) {
        char port[16];
        int number = 20000 + (int)((now_us() / 7) % 20000);
        snprintf(port, sizeof port, "%d", number);
        setenv("PORT", port, 1);
        int64_t begun = now_us();
        pid_t pid = fork();
        if (pid == 0) {
            if (!freopen("/dev/null", "w", stderr))
                _exit(1);
            execl(argv[2], argv[2], "serve", (char *)NULL);
            _exit(127);
        }
        while (!ask(number) && now_us() - begun < 10000000)
            usleep(500);
        took[i] = now_us() - begun;
        kill(pid, SIGTERM);
        waitpid(pid, NULL, 0);
    }
    qsort(took, (size_t)runs, sizeof *took, by_value);
    printf("start to first answer: %.1f ms of 50 allowed (median of %d)\n", (double)took[runs / 2] / 1000.0, runs);
    return 0;
}
