/* control.c - packets between master and keepers, some with descriptors. */
#include "runtime/process/control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAIR = 2 };

bool control_send(int socket, const struct control *c)
{
    return send(socket, c, sizeof *c, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof *c;
}

/* With n descriptors, PAIR at most. */
static bool send_with(int socket, struct control c, const int *fds, size_t n)
{
    _Alignas(struct cmsghdr) char room[CMSG_SPACE(PAIR * sizeof *fds)] = { 0 };
    struct iovec v = { &c, sizeof c };
    struct msghdr h = {
        .msg_iov = &v, .msg_iovlen = 1, .msg_control = room, .msg_controllen = CMSG_SPACE(n * sizeof *fds)
    };
    struct cmsghdr *x = CMSG_FIRSTHDR(&h);
    x->cmsg_level = SOL_SOCKET;
    x->cmsg_type = SCM_RIGHTS;
    x->cmsg_len = CMSG_LEN(n * sizeof *fds);
    memcpy(CMSG_DATA(x), fds, n * sizeof *fds);
    return sendmsg(socket, &h, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof c;
}

bool control_send_worker(int socket, int pid, const int fds[2])
{
    return send_with(socket, (struct control){ CONTROL_WORKER, pid }, fds, PAIR);
}

bool control_send_jobs(int socket, int pid, int link)
{
    return send_with(socket, (struct control){ CONTROL_JOBS, pid }, &link, 1);
}

/* Where no further descriptor may be opened, the kernel hands over those that fit, and says MSG_CTRUNC. */
static void take(struct msghdr *h, size_t wanted, int fds[2])
{
    struct cmsghdr *x = CMSG_FIRSTHDR(h);
    fds[0] = fds[1] = -1;
    if (!x || x->cmsg_level != SOL_SOCKET || x->cmsg_type != SCM_RIGHTS)
        return;
    size_t n = (x->cmsg_len - CMSG_LEN(0)) / sizeof *fds;
    memcpy(fds, CMSG_DATA(x), (n < PAIR ? n : PAIR) * sizeof *fds);
    if (n == wanted)
        return;
    for (size_t i = 0; i < PAIR; i++) {
        if (i < n)
            close(fds[i]);
        fds[i] = -1;
    }
}

enum control_received control_receive(int socket, struct control *c, int fds[2])
{
    _Alignas(struct cmsghdr) char room[CMSG_SPACE(PAIR * sizeof *fds)];
    struct iovec v = { c, sizeof *c };
    struct msghdr h = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room };
    ssize_t n = recvmsg(socket, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    fds[0] = fds[1] = -1;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return CONTROL_NOTHING;
    if (n != sizeof *c)
        return CONTROL_END;
    take(&h, c->kind == CONTROL_JOBS ? 1 : PAIR, fds);
    return CONTROL_MESSAGE;
}
