#!/bin/sh
# The figures of this host beside floors of the same run: CPU seconds first, as the clock of a shared machine lies.
. tests/lib.sh
app="HEROKU_APPLINK_TOKEN=t HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 REPLAY_MAX=8000000 LOG_LEVEL=warn BIND=127.0.0.1 PORT=0"
seconds=${SECONDS_PER_RUN:-4}
rounds=${ROUNDS:-3}
value() { sed -n "s/.* $2=\([0-9.]*\).*/\1/p" "$1"; }
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

start "$work/addon0.log" "$B/tests/fake_addon" || exit 1
addon0=127.0.0.1:$port
start "$work/addon20.log" "$B/tests/fake_addon" --delay 20 || exit 1
addon20=127.0.0.1:$port
start "$work/floor.log" "$B/bench/floor" || exit 1
floor_pid=$pid floor_port=$port
start "$work/host0.log" env $app HEROKU_APPLINK_API_URL="http://$addon0/addons/x" "$B/tests/actionhost-bare" serve || exit 1
host0_pid=$pid host0_port=$port
start "$work/host20.log" env $app HEROKU_APPLINK_API_URL="http://$addon20/addons/x" CONNECTIONS_MAX=1000 QUEUE_MAX=1000 "$B/tests/actionhost-bare" serve || exit 1
host20_pid=$pid host20_port=$port

# load NAME PORT PID ADDON CONNECTIONS: one slice; anything but 200 voids the run
slice() {
    "$B/tests/load" "http://127.0.0.1:$2/api/echo" --addon-org "$4" --connections "$5" --seconds "$seconds" --warmup 1 --cpu "$3" >"$work/slice.txt" ||
        { echo "void: $1: $(cat "$work/slice.txt")"; exit 1; }
    value "$work/slice.txt" cpu_per_1k >>"$work/$1.cpu"
    value "$work/slice.txt" per_second >>"$work/$1.rate"
    value "$work/slice.txt" p99_ms >>"$work/$1.p99"
}
rm -f "$work"/*.cpu "$work"/*.rate "$work"/*.p99
round=0
while [ $round -lt "$rounds" ]; do
    slice floor "$floor_port" "$floor_pid" "$addon0" 64
    slice host64 "$host0_port" "$host0_pid" "$addon0" 64
    slice host256 "$host20_port" "$host20_pid" "$addon20" 256
    round=$((round + 1))
done
report() {
    echo "$2: $(median <"$work/$1.cpu") CPU-s per 1,000, $(median <"$work/$1.rate") per second, p99 $(median <"$work/$1.p99") ms (median of $rounds)"
}
report floor "floor, bare libmicrohttpd, 64 connections"
report host64 "host, add-on 0 ms, 64 connections"
report host256 "host, add-on 20 ms, 256 connections"
echo "ratio host/floor: $(paste "$work/host64.cpu" "$work/floor.cpu" | awk '{print $1 / $2}' | median) of 4 allowed"
stop "$host0_pid"
stop "$host20_pid"
stop "$floor_pid"

# Honest calls beside the hostile mix: what both cost the front, and how long the honest ones take.
start_sandbox || exit 1
start_host "$B/tests/actionhost-test" LOG_LEVEL=warn || exit 1
front=$(cut -d' ' -f1 "/proc/$host_pid/task/$host_pid/children")
for hostile in 0 300; do
    echo "front beside $hostile hostile requests a second: $("$B/tests/beside" "$host_url" "$sandbox_url" "$front" "$((seconds * 3))" 200 $hostile) (20 % and no call above 50 ms allowed)"
done | tee "$work/beside.txt"
awk '/ 300 hostile/ {for (i = 1; i <= NF; i++) {split($i, kv, "="); v[kv[1]] = kv[2]}} END {exit !(v["front_cpu_percent"] < 20 && v["over_50_ms"] == 0 && v["failed"] == 0)}' \
    "$work/beside.txt" && slow= || slow=" honest-beside-hostile"
stop "$host_pid"
stop "$sandbox_pid"

# Start to first answer, and memory with 8 workers, of the program with all its actions.
"$B/tests/coldstart" "http://$addon0/addons/x" "$B/actionhost"
start "$work/host8.log" env $app REPLAY_MAX=65536 HEROKU_APPLINK_API_URL="http://$addon0/addons/x" WORKERS_MIN=8 WORKERS_MAX=8 "$B/actionhost" serve || exit 1
sleep 1
pss=0
for p in "$pid" $(ps -o pid= --ppid "$pid"); do pss=$((pss + $(awk '/^Pss:/ {print $2}' "/proc/$p/smaps_rollup"))); done
echo "memory with 8 workers: $((pss / 1024)) MB Pss of 40 allowed"
stop "$pid"

missed=$slow
for bench in "$B"/bench/bench_*; do
    case $bench in *bench_cards) continue ;; esac # make bench-cards
    [ -x "$bench" ] || continue
    echo "--- $(basename "$bench")"
    "$bench" || missed="$missed $(basename "$bench")"
done
[ -z "$missed" ] || echo "a target was missed by:$missed"
[ -z "$missed" ]
