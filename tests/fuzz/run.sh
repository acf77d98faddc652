#!/bin/sh
# run.sh - each fuzz entry for FUZZ_S seconds (60), on its corpus and what earlier runs found. `make fuzz` builds them first.
#   tests/fuzz/run.sh [entry...]
# What is new goes to build/fuzz-corpus; an input that finds something is kept in build/fuzz-found, from where it belongs into
# tests/fuzz/regression/<entry>/ together with its mend.
cd "$(dirname "$0")/../.." || exit 1
B=build/fuzz
seconds=${FUZZ_S:-60}
passed=0 failed=0
[ $# -gt 0 ] || set -- $(cd tests/fuzz && ls fuzz_*.c | sed 's/^fuzz_//; s/\.c$//')
for name in "$@"; do
    corpus=build/fuzz-corpus/$name
    mkdir -p "$corpus" build/fuzz-found
    inputs=$corpus
    for folder in "tests/fuzz/corpus/$name" "tests/fuzz/regression/$name"; do
        [ ! -d "$folder" ] || inputs="$inputs $folder"
    done
    # shellcheck disable=SC2086
    if "$B/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 \
        -artifact_prefix="build/fuzz-found/$name-" $inputs >"build/fuzz-found/$name.log" 2>&1; then
        passed=$((passed + 1))
        echo "fuzz_$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz-found/$name.log") inputs, no finding"
    else
        failed=$((failed + 1))
        echo "fuzz_$name FOUND something:"
        tail -n 40 "build/fuzz-found/$name.log"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
