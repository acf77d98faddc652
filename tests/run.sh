#!/bin/sh
# run.sh - every test: unit programs (TAP), then the suites in tests/suites in the order of their names.
# Each suite prints "N passed, N failed, N skipped" as its last line; the sums are our last line.
#   tests/run.sh [pattern]   only what matches
cd "$(dirname "$0")/.." || exit 1
MODE=${MODE:-release}
export MODE SHARED_DATA="${SHARED_DATA:-../shared/data}"
[ "$MODE" = asan ] && export LSAN_OPTIONS="suppressions=$PWD/tests/lsan.supp:print_suppressions=0" ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}" UBSAN_OPTIONS=print_stacktrace=1
[ "$MODE" = tsan ] && export TSAN_OPTIONS="${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1:suppressions=$PWD/tests/tsan.supp}"
B=build/$MODE
logs=$B/test-logs
rm -rf "$logs" && mkdir -p "$logs"
pattern=${1:-.}
passed=0 failed=0 skipped=0
[ -n "${LONG:-}" ] && echo "full figures (LONG=1)" || echo "reduced repeat counts; LONG=1 runs the full figures"
[ -d "$SHARED_DATA" ] || echo "SKIPPING all tests on shared data: no folder $SHARED_DATA (set SHARED_DATA)"

for source in tests/unit/*/test_*.c tests/sandbox/test_*.c; do
    name=$(basename "$source" .c)
    [ -f "$source" ] && echo "$name" | grep -qE "$pattern" || continue
    CMOCKA_MESSAGE_OUTPUT=TAP timeout 300 "$B/tests/$name" >"$logs/$name.log" 2>"$logs/$name.err"
    code=$?
    # grep -c prints 0 and fails when there is none
    p=$(grep -cE '^ok ' "$logs/$name.log" || true) f=$(grep -cE '^not ok ' "$logs/$name.log" || true)
    s=$(grep -ciE '^(not )?ok .*# *skip' "$logs/$name.log" || true)
    sk_fail=$(grep -ciE '^not ok .*# *skip' "$logs/$name.log" || true)
    p=$((p - s + sk_fail)) f=$((f - sk_fail))
    if [ $code -ne 0 ] && [ "$f" -eq 0 ]; then f=1; fi
    if [ $((p + f + s)) -eq 0 ]; then f=1; echo "$name ran no test"; fi
    [ "$f" -eq 0 ] || { echo "FAILED $name (exit $code)"; grep -vE '^ok ' "$logs/$name.log" | head -40; tail -n 40 "$logs/$name.err"; }
    printf '%-28s %4d passed, %d failed, %d skipped\n' "$name" "$p" "$f" "$s"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done

for suite in tests/suites/*.sh; do
    name=$(basename "$suite" .sh)
    [ -f "$suite" ] && echo "$name" | grep -qE "$pattern" || continue
    begun=$(date +%s)
    : >"$logs/$name.log.begun"
    rm -rf "build/test-work/$name"
    timeout 900 sh "$suite" >"$logs/$name.log" 2>&1
    code=$?
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$logs/$name.log" | tail -n 1)
    p=$(echo "$line" | sed -n 's/^\([0-9]*\) passed.*/\1/p') f=$(echo "$line" | sed -n 's/.* \([0-9]*\) failed.*/\1/p')
    s=$(echo "$line" | sed -n 's/.* \([0-9]*\) skipped.*/\1/p')
    p=${p:-0} f=${f:-0} s=${s:-0}
    # servers that a suite started report into their logs; crashes that the tests ask for are no finding
    if [ "$MODE" != release ] && findings=$(find build/test-work -name '*.log' -newer "$logs/$name.log.begun" -exec \
        grep -lE 'LeakSanitizer: detected|AddressSanitizer: (heap|stack-buffer|global|use|double|attempting|alloc|memcpy)|runtime error:|WARNING: ThreadSanitizer' {} +) && [ -n "$findings" ]; then
        f=$((f + 1))
        echo "sanitizer findings of $name in: $findings"
        grep -hE -A12 'LeakSanitizer: detected|AddressSanitizer:|runtime error:|WARNING: ThreadSanitizer' $findings | head -60
    fi
    if [ $code -ne 0 ] && [ "$f" -eq 0 ]; then f=1; fi
    if [ $((p + f + s)) -eq 0 ]; then f=1; echo "$name ran no test"; fi
    [ "$f" -eq 0 ] || { echo "FAILED $name (exit $code)"; grep -vE '^ok ' "$logs/$name.log" | tail -n 60; }
    grep -E '^skip ' "$logs/$name.log" | head -20
    printf '%-28s %4d passed, %d failed, %d skipped (%d s)\n' "$name" "$p" "$f" "$s" "$(($(date +%s) - begun))"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
