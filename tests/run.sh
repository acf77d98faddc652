#!/bin/sh
# run.sh - every test: unit programs (TAP) and the suites of tests/suites. Several run at once; what each has to say is shown
# whole, in the order of the names. The last line is "N passed, N failed, N skipped".
#   tests/run.sh [pattern]   only those whose name matches (grep -E)
#   TEST_JOBS=1              one after the other; without it two more than there are processors, as many tests wait
# Lines in the head of a suite say how it may run:
#   # long: 40         takes about so many seconds; the longest begin first
#   # timed: reason    measures time or has deadlines, so the processor is its own before that of others
#   # alone: reason    nothing else runs meanwhile
#   # last: reason     begins when all others have ended
cd "$(dirname "$0")/.." || exit 1
MODE=${MODE:-release}
export MODE SHARED_DATA="${SHARED_DATA:-../shared/data}"
unset MAKEFLAGS MFLAGS MAKELEVEL # a suite that calls make is no part of the make that called us
[ "$MODE" = asan ] && export LSAN_OPTIONS="suppressions=$PWD/tests/lsan.supp:print_suppressions=0" ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}" UBSAN_OPTIONS=print_stacktrace=1
[ "$MODE" = tsan ] && export TSAN_OPTIONS="${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1:suppressions=$PWD/tests/tsan.supp}"
B=build/$MODE
logs=build/test-logs
rm -rf "$logs" build/test-work/ports && mkdir -p "$logs" build/test-work/ports
pattern=${1:-.}
jobs=${TEST_JOBS:-$(($(nproc) + 2))}
case $jobs in '' | *[!0-9]* | 0*) echo "TEST_JOBS is \"$jobs\": give the number of tests that may run at once" >&2; exit 64 ;; esac
[ -x "$B/tests/run_cases" ] || { echo "nothing to run in $B: make MODE=$MODE tests bench-bins" >&2; exit 69; }
[ -n "${LONG:-}" ] && echo "full figures (LONG=1)" || echo "reduced repeat counts; LONG=1 runs the full figures"
[ -d "$SHARED_DATA" ] || echo "SKIPPING all tests on shared data: no folder $SHARED_DATA (set SHARED_DATA)"

# ---- one test: its report goes to stdout, its sums to a file ----

# bounded SECONDS COMMAND...: in the background, so that a TERM for us ends it as well; its exit code is ours
bounded() {
    seconds=$1
    shift
    # shellcheck disable=SC2086
    timeout "$seconds" $polite "$@" &
    child=$!
    wait "$child"
}

# judge NAME PASSED FAILED SKIPPED EXIT-CODE: what makes a failure of sums that look well; sets $f
judge() {
    if [ "$5" -ne 0 ] && [ "$3" -eq 0 ]; then f=1; fi
    if [ $(($2 + $3 + $4)) -eq 0 ]; then f=1; echo "$1 ran no test"; fi
    [ "$f" -eq 0 ] || echo "FAILED $1 (exit $5)"
}

unit() {
    name=$1
    CMOCKA_MESSAGE_OUTPUT=TAP bounded 300 "$B/tests/$name" >"$logs/$name.log" 2>"$logs/$name.err"
    code=$?
    # grep -c prints 0 and fails when there is none
    p=$(grep -cE '^ok ' "$logs/$name.log" || true) f=$(grep -cE '^not ok ' "$logs/$name.log" || true)
    s=$(grep -ciE '^(not )?ok .*# *skip' "$logs/$name.log" || true)
    sk_fail=$(grep -ciE '^not ok .*# *skip' "$logs/$name.log" || true)
    p=$((p - s + sk_fail)) f=$((f - sk_fail))
    judge "$name" "$p" "$f" "$s" $code
    [ "$f" -eq 0 ] || { grep -vE '^ok ' "$logs/$name.log" | head -40; tail -n 40 "$logs/$name.err"; }
    printf '%-28s %4d passed, %d failed, %d skipped\n' "$name" "$p" "$f" "$s"
}

suite_s=900
[ -z "${LONG:-}" ] || suite_s=3600 # a million requests on a machine that others use as well
suite() {
    name=$1
    begun=$(date +%s)
    rm -rf "build/test-work/$name"
    bounded "$suite_s" sh "tests/suites/$name.sh" >"$logs/$name.log" 2>&1
    code=$?
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$logs/$name.log" | tail -n 1)
    p=$(echo "$line" | sed -n 's/^\([0-9]*\) passed.*/\1/p') f=$(echo "$line" | sed -n 's/.* \([0-9]*\) failed.*/\1/p')
    s=$(echo "$line" | sed -n 's/.* \([0-9]*\) skipped.*/\1/p')
    p=${p:-0} f=${f:-0} s=${s:-0}
    # servers that a suite started report into their logs, which are in its own folder; crashes that the tests ask for are no finding
    if [ "$MODE" != release ] && findings=$(find "build/test-work/$name" -name '*.log' -exec \
        grep -lE 'LeakSanitizer: detected|AddressSanitizer: (heap|stack-buffer|global|use|double|attempting|alloc|memcpy)|runtime error:|WARNING: ThreadSanitizer' {} +) && [ -n "$findings" ]; then
        f=$((f + 1))
        echo "sanitizer findings of $name in: $findings"
        # shellcheck disable=SC2086
        grep -hE -A12 'LeakSanitizer: detected|AddressSanitizer:|runtime error:|WARNING: ThreadSanitizer' $findings | head -60
    fi
    judge "$name" "$p" "$f" "$s" $code
    [ "$f" -eq 0 ] || grep -vE '^ok ' "$logs/$name.log" | tail -n 60
    grep -E '^skip ' "$logs/$name.log" | head -20
    printf '%-28s %4d passed, %d failed, %d skipped (%d s)\n' "$name" "$p" "$f" "$s" "$(($(date +%s) - begun))"
}

# ---- several at once ----

marked() { grep -q "^# $1: " "tests/suites/$2.sh" 2>/dev/null; }

# runner TESTS...: takes one after the other of those that no runner has taken yet; says the name of each that has ended
runner() {
    trap 'kill -TERM $child 2>/dev/null; wait; exit 143' TERM
    for test in "$@"; do
        mkdir "$logs/$test.taken" 2>/dev/null || continue
        [ "$jobs" -eq 1 ] || marked timed "$test" && polite='' || polite='nice -n 5'
        case $test in test_*) kind=unit ;; *) kind=suite ;; esac
        $kind "$test" >"$logs/$test.said" 2>&1
        echo "$p $f $s" >"$logs/$test.sums"
        mv "$logs/$test.said" "$logs/$test.report"
        echo "$test"
    done
}

runners='' child=''
trap 'trap "" INT TERM; kill -TERM $runners 2>/dev/null; wait; exit 130' INT TERM

# together RUNNERS ORDER TESTS: runs them in ORDER; shows the report of each of TESTS as soon as those before it have been shown
together() {
    [ -n "$3" ] || return 0
    rm -f "$logs/ended" && mkfifo "$logs/ended" || exit 1
    exec 3<>"$logs/ended" 4<"$logs/ended" # the end of what 4 reads comes when no runner is left
    number=0
    while [ $number -lt "$1" ]; do
        # shellcheck disable=SC2086
        runner $2 >&3 3>&- 4<&- &
        runners="$runners $!" number=$((number + 1))
    done
    exec 3>&-
    # shellcheck disable=SC2086
    set -- $3
    while read -r _; do
        while [ -e "$logs/${1:-none}.report" ]; do cat "$logs/$1.report"; shift; done
    done <&4
    exec 4<&-
    wait
    runners=
    for test in "$@"; do
        cat "$logs/$test.report" 2>/dev/null || { echo "FAILED $test did not end"; echo "0 1 0" >"$logs/$test.sums"; }
    done
}

names() { sed 's/.*\///; s/\.[a-z]*$//' | grep -E -- "$pattern"; }
units=$(find tests/unit tests/sandbox -name 'test_*.c' | LC_ALL=C sort | names)
first='' alone='' last=''
for suite in $(printf '%s\n' tests/suites/*.sh | names); do
    if marked alone "$suite"; then alone="$alone $suite"; elif marked last "$suite"; then last="$last $suite"; else first="$first $suite"; fi
done
[ -n "$units$first$alone$last" ] || { echo "no test has a name that matches $pattern" >&2; exit 64; }
begun_first=$(for suite in $first; do
    seconds=$(sed -n 's/^# long: \([0-9]*\)$/\1/p' "tests/suites/$suite.sh")
    echo "${seconds:-0} $suite"
done | sort -s -k1,1nr | sed 's/.* //')

together "$jobs" "$units $begun_first" "$units $first"
together 1 "$alone" "$alone"
together 1 "$last" "$last"
cat "$logs"/*.sums | awk '{ p += $1; f += $2; s += $3 } END { printf "%d passed, %d failed, %d skipped\n", p, f, s; exit (f > 0) }'
