#!/bin/sh
# What the processes of the host know stays in them: no core files, no look into master and front by anybody of the same user,
# a worker least of all.
. tests/lib.sh
[ "${MODE:-release}" = debug ] && { skip "secrecy of memory: a debug build lets people look inside"; totals; exit; }
start "$work/addon.log" "$B/tests/fake_addon" || exit 1
addon=$port

# A superuser may look into everything, so what is tested runs as somebody else.
as="env"
user=$(id -u)
if [ "$user" -eq 0 ]; then
    user=65534
    as="setpriv --reuid=$user --regid=$user --clear-groups"
    $as test -x "$top/$B/tests/actionhost-bare" || { skip "secrecy of memory: user $user may not run $top/$B/tests/actionhost-bare"; totals; exit; }
fi
[ "$(ulimit -H -c)" = 0 ] || ulimit -S -c "$(ulimit -H -c)"
start "$work/host.log" $as env PORT=0 BIND=127.0.0.1 HEROKU_APPLINK_API_URL="http://127.0.0.1:$addon/addons/x" HEROKU_APPLINK_TOKEN=planted-token \
    HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 WORKERS_MIN=2 WORKERS_MAX=2 "$B/tests/actionhost-bare" serve || exit 1
family="$pid $(ps -o pid= --ppid "$pid" | tr '\n' ' ')"
check "it runs as user $user: master, front and two workers" test "$(for p in $family; do grep "^Uid:.$user" "/proc/$p/status"; done | wc -l)" -eq 4
if [ "$(ulimit -H -c)" = 0 ]; then
    skip "core files: this machine allows none to anybody"
else
    check "none of the four may leave a core file" test "$(for p in $family; do grep '^Max core file size  *0  *0 ' "/proc/$p/limits"; done | wc -l)" -eq 4
fi
case ${MODE:-release} in
asan | tsan) skip "a look into other processes: sanitizers need one themselves" ;;
*)
    # the kernel gives what belongs to a closed process to the superuser
    check "the environment of all four is closed" test "$(for p in $family; do stat -c %u "/proc/$p/environ"; done | grep -cx 0)" -eq 4
    "$B/tests/load" "http://127.0.0.1:$port/api/misbehave" --addon-org "127.0.0.1:$addon" --connections 1 --requests 4 --body '{"how":"peek"}' >"$work/peek.txt"
    check "an action can read neither environment nor memory of master, front and workers" grep -q ' status_200=4' "$work/peek.txt"
    ;;
esac
totals
