#!/bin/sh
# peers.sh - make bench-peers: the host, bare libmicrohttpd and Fastify with @heroku/applink in one run, slice by slice in turns. Each line says
# CPU seconds per 1,000 calls of all its processes, the 99th percentile, and the median of the rounds' ratios of the host to it.
#   ROUNDS=5 SECONDS_PER_RUN=4   slices of each, and how long one is; two minutes in all
. tests/lib.sh
rounds=${ROUNDS:-5}
seconds=${SECONDS_PER_RUN:-4}
peer=fastify-sdk-without-authentication
peers=bench/peers-http
median() { sort -n | awk '{ v[NR] = $1 } END { if (!NR) exit 1; print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

# the peer's packages, as its lockfile has them; whoever asked for the peer (NODE_REQUIRED) does not get a run without it
why=
if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
    why='node or npm is not installed (./deps.sh node)'
elif ! [ "$peers/node_modules/.package-lock.json" -nt "$peers/package-lock.json" ] &&
    ! (cd "$peers" && timeout 120 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >"$work/npm.log" 2>&1; then
    cat "$work/npm.log" >&2
    why='npm could not install it; mend what npm says above'
fi
if [ -n "$why" ]; then
    echo "SKIPPED $peer: $why" >&2
    [ -z "${NODE_REQUIRED:-}" ] || exit 69
fi

start "$work/addon.log" "$B/tests/fake_addon" || exit 1
addon=127.0.0.1:$port
start "$work/floor.log" "$B/bench/floor" || exit 1
floor_pid=$pid floor_port=$port
start "$work/host.log" env HEROKU_APPLINK_TOKEN=t HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 REPLAY_MAX=8000000 LOG_LEVEL=warn \
    BIND=127.0.0.1 PORT=0 HEROKU_APPLINK_API_URL="http://$addon/addons/x" "$B/tests/actionhost-bare" serve || exit 1
host_pid=$pid host_port=$port
peer_pid=0 peer_port=0
if [ -z "$why" ]; then
    start "$work/peer.log" env -u NODE_OPTIONS NODE_ENV=production node "$peers/server.mjs" || exit 1
    peer_pid=$pid peer_port=$port
fi

# slice NAME SECONDS: load on one of them while the others are idle; anything but 200 voids the run
slice() {
    case $1 in
    floor) at=$floor_port of=$floor_pid ;;
    host) at=$host_port of=$host_pid ;;
    *) at=$peer_port of=$peer_pid ;;
    esac
    timeout 60 "$B/tests/load" "http://127.0.0.1:$at/api/echo" --addon-org "$addon" --connections 64 --seconds "$2" --warmup 0.5 --cpu "$of" \
        >"$work/slice.txt" || { echo "void: $1: $(cat "$work/slice.txt")" >&2; exit 1; }
}
keep() { sed -n "s/.* $2=\([0-9.]*\).*/\1/p" "$work/slice.txt" >>"$work/$1.$2"; }

names='floor host'
[ -n "$why" ] || names="$names $peer"
rm -f "$work"/*.cpu_per_1k "$work"/*.p99_ms
for name in $names; do slice "$name" 2; done # compiled, connected and warm; not counted
round=0
while [ $round -lt "$rounds" ]; do
    for name in $names; do
        slice "$name" "$seconds"
        keep "$name" cpu_per_1k
        keep "$name" p99_ms
    done
    names="${names#* } ${names%% *}" # nobody comes always behind the same one
    round=$((round + 1))
done

ratio() { paste "$work/host.cpu_per_1k" "$work/$1.cpu_per_1k" | awk '$2 > 0 { print $1 / $2 }' | median; }
line() { printf '%s cpu_per_1k %.4f p99_ms %.2f' "$1" "$(median <"$work/$1.cpu_per_1k")" "$(median <"$work/$1.p99_ms")"; }
echo "$(git describe --always --dirty 2>/dev/null || echo 'no commit'), $(nproc) cores of $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $(uname -sr), $(date -u +%F), 64 connections, $rounds rounds of $seconds s"
echo "$(line host), with authentication and isolation"
over=
for name in floor $peer; do
    [ -s "$work/$name.cpu_per_1k" ] || continue
    goal=2.0
    [ "$name" = floor ] || goal=0.8
    figure=$(ratio "$name") || { echo "no figures of $name" >&2; exit 1; }
    printf 'peer %s ratio %.2f\n' "$(line "$name")" "$figure"
    [ "$(echo "$figure $goal" | awk '{ print ($1 <= $2) }')" = 1 ] || over="$over $name"
done
[ -z "$over" ] || echo "above the goal (2.0 of the floor, 0.8 of Fastify):$over"
