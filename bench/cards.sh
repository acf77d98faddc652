#!/bin/sh
# cards.sh - make bench-cards: cards drawn by us and by peers in one run, one core. Peers are npm packages, installed into bench/peers
# from its lockfile; without node the libpng coder of the same run is the floor.
#   ROUNDS=40   LONG=1 for 150
cd "$(dirname "$0")/.." || exit 1
B=build/${MODE:-release}
program=$B/bench/bench_cards
out=$B/bench-cards
rounds=${ROUNDS:-${LONG:+150}}
rounds=${rounds:-40}
mkdir -p "$out"
"$program" logo "$out/logo.png" || exit 1
"$program" start || exit 1
"$program" memory 2000 || { echo "FLOOR resident memory grew by more than 1 MB over 2,000 cards"; exit 1; }
echo
if command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1; then
    if [ ! -d bench/peers/node_modules/@takumi-rs ]; then
        (cd bench/peers && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) || { echo "bench-cards: npm could not install the peers" >&2; exit 69; }
    fi
    exec node bench/peers/run.mjs "$program" "$out/logo.png" "$rounds" "$out"
fi
echo "bench-cards: no node; the peers are left out"
fast=$("$program" time "$out/logo.png" fast 100) && reference=$("$program" time "$out/logo.png" reference 100) || exit 1
echo "$fast"
echo "$reference"
printf '%s\n%s\n' "$fast" "$reference" | awk '{ ms[NR] = $3; bytes[NR] = $NF } END {
    r = ms[2] / ms[1]; printf "ratio libpng %.2f bytes %d\n", r, bytes[1]; exit !(r >= 2 && bytes[1] <= 170000) }'
