#!/bin/sh
# A name server that does not answer: the host serves what needs no name, answers callers at the add-on's deadline, and stops
# promptly, while each look-up hangs for two minutes.
. tests/lib.sh
case ${MODE:-release} in asan | tsan) skip "a silent name server: sanitizers must be loaded first (test_silent_names runs in every mode)"; totals; exit ;; esac
cat >"$work/silent.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    if (node && strstr(node, ".test")) {
        (void)!write(2, "at=look-up-hangs\n", 17);
        sleep(120);
    }
    return real(node, service, hints, out);
}
C
${CC:-cc} -shared -fPIC -o "$work/silent.so" "$work/silent.c" -ldl || { skip "a silent name server: no compiler"; totals; exit; }
start "$work/host.log" env LD_PRELOAD="$top/$work/silent.so" PORT=0 BIND=127.0.0.1 HEROKU_APPLINK_API_URL=https://addon.test/addons/x HEROKU_APPLINK_TOKEN=t \
    HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 ADDON_TIMEOUT_MS=1000 "$B/actionhost" serve || exit 1
host=$pid url=http://127.0.0.1:$port
stranger() {
    curl -s -m 60 -o /dev/null -w '%{http_code}\n' -H 'content-type: application/json' -H 'x-signature: uruO+yjX8KKjl72GkQbLXuoMyAilC5losEnY1Liiu30=' \
        -d '{}' "$url/api/logDataAction?orgId=00Dxx0000000000&apiName=X"
}
callers=
for i in 1 2 3; do
    { stranger; stranger; } >"$work/caller.$i" &
    callers="$callers $!"
done
served=0
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
    [ "$(curl -s -m 20 -o /dev/null -w '%{http_code}' "$url/healthcheck")" = 200 ] && served=$((served + 1))
    sleep 0.25
done
check "look-ups hang" test "$(grep -c look-up-hangs "$work/host.log")" -ge 3
check "meanwhile /healthcheck is served: $served of 12" test $served -eq 12
for caller in $callers; do wait "$caller"; done
check "callers are told at the deadline" test "$(cat "$work"/caller.? | grep -c 503)" -eq 6
stranger >"$work/caller.last" &
caller=$!
sleep 0.3
begun=$(date +%s)
stop "$host"
code=$?
wait "$caller"
took=$(($(date +%s) - begun))
check "it stops with exit code 0, not by force: $code" test $code -eq 0
check "a call that hangs over the stop is answered" grep -q 503 "$work/caller.last"
check "it stops while look-ups hang: $took s" test $took -lt 60
totals
