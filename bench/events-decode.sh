#!/bin/sh
# events-decode.sh - how many events a second a subscription decodes, through TLS and into nothing, from a server of grpc-js in a process
# of its own. per_second is by the clock and shares the machine with that server; cpu_per_second is by the subscription's own CPU time.
cd "$(dirname "$0")/.." || exit 1
TEST_WORK=build/bench-events-decode
export TEST_WORK
. tests/lib.sh
events=100000
[ -d build/pubsub-client/node_modules ] || { echo "events decode: skipped, as tests/suites/84-listener.sh has not installed its server"; exit 0; }
cp tests/clients/pubsub/*.mjs build/pubsub-client/
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null || exit 1
start "$work/server.log" node build/pubsub-client/stream.mjs $events "$work/key.pem" "$work/cert.pem" || exit 1
best=0 cpu=0 peak=0
for round in 1 2 3 4; do # the first one makes the server's events
    total=$("$B/tests/pubsub_hear" "https://127.0.0.1:$port" /bench/events --ca "$work/cert.pem" --count $events --quiet 2>>"$work/hear.log")
    figure() { printf '%s' "$total" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }
    [ "$(figure events)" = $events ] || { echo "heard only: $total"; exit 1; }
    n=$((events * 1000 / $(figure ms))) c=$((events * 1000 / $(figure cpuMs)))
    [ $n -le $best ] || best=$n
    [ $c -le $cpu ] || cpu=$c
    peak=$(figure peakKb)
done
echo "events per_second $best cpu_per_second $cpu peak_kb $peak target 50000"
[ $cpu -ge 50000 ]
