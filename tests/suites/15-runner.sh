#!/bin/sh
# 15-runner.sh - tests/run.sh itself, on suites made for it: several at once, reports whole and in order, marks, and what is a failure.
. "$(dirname "$0")/../lib.sh"

scratch=$top/$work/scratch
rm -rf "$scratch" && mkdir -p "$scratch/tests/suites" "$scratch/tests/unit" "$scratch/tests/sandbox" "$scratch/build/asan/tests" || exit 1
cp tests/run.sh tests/lsan.supp "$scratch/tests/"
printf '#!/bin/sh\n' >"$scratch/build/asan/tests/run_cases" && chmod +x "$scratch/build/asan/tests/run_cases"
# made NAME MARK LINES: a suite that writes down when it begins and ends; LINES are run in between
made() {
    {
        printf '# %s\necho "begin %s" >>build/steps\necho "said by %s"\n' "$2" "$1" "$1"
        printf '%s\necho "end %s" >>build/steps\n' "$3" "$1"
    } >"$scratch/tests/suites/$1.sh"
}
well='echo "1 passed, 0 failed, 0 skipped"'
# run RUNNERS [PATTERN]: in the mode asan, where logs are searched for findings
run() {
    jobs=$1
    shift
    : >"$scratch/build/steps"
    rm -rf "$scratch/build/test-work"
    (cd "$scratch" && MODE=asan TEST_JOBS="$jobs" SHARED_DATA=. sh tests/run.sh "$@") >"$work/out" 2>&1
    code=$?
}
steps() { [ "$(tr '\n' ',' <"$scratch/build/steps")" = "$1" ] || { cat "$scratch/build/steps"; return 1; }; }
shown() { [ "$(sed -n 's/^\([0-9][0-9]-[a-z]*\) .*/\1/p' "$work/out" | tr '\n' ' ')" = "$1" ] || { cat "$work/out"; return 1; }; }
last_line() { [ "$(tail -n 1 "$work/out")" = "$1" ] && [ "$code" -eq "$2" ] || { echo "  exit code $code"; cat "$work/out"; return 1; }; }
says() { grep -q -- "$1" "$work/out" || { cat "$work/out"; return 1; }; }

# each of the first two waits until the other has begun: only at the same time can they end well
waits='i=0; until grep -q "begin OTHER" build/steps || [ $i -ge 100 ]; do sleep 0.1; i=$((i + 1)); done; [ $i -lt 100 ] &&'
made 10-one 'long: 1' "$(echo "$waits $well" | sed s/OTHER/20-two/)"
made 20-two 'long: 9' "$(echo "$waits $well" | sed s/OTHER/10-one/)"
made 15-own 'alone: it says so' "$well"
made 12-end 'last: it says so' "$well"
run 2
check "two suites run at the same time" last_line '4 passed, 0 failed, 0 skipped' 0
check "reports come in the order of the names, then those that run alone, then the last" shown '10-one 20-two 15-own 12-end '
alone() { tail -n 4 "$scratch/build/steps" | tr '\n' ',' | grep -qx 'begin 15-own,end 15-own,begin 12-end,end 12-end,' || { cat "$scratch/build/steps"; return 1; }; }
check "one that runs alone has no other beside it, and the last is the last" alone

made 10-one 'long: 1' "$well"
made 20-two 'long: 9' "$well"
run 1
check "one runner: one after the other, the longest first" \
    steps 'begin 20-two,end 20-two,begin 10-one,end 10-one,begin 15-own,end 15-own,begin 12-end,end 12-end,'
run 2 two
check "a pattern takes those that match" last_line '1 passed, 0 failed, 0 skipped' 0
run 2 three
check "one that matches nothing is wrong use" test $code -eq 64

made 20-two 'long: 9' 'echo "FAIL this and that"; echo "3 passed, 1 failed, 2 skipped"'
run 2
check "a failure is the run's" last_line '6 passed, 1 failed, 2 skipped' 1
check "with what was said" says '^FAIL this and that'
silent() { ! grep -q 'said by 10-one' "$work/out" || { cat "$work/out"; return 1; }; }
check "and nothing of those that passed" silent
made 20-two 'long: 9' "$well; exit 3"
run 2
check "an exit code is a failure" says '^FAILED 20-two (exit 3)'
made 20-two 'long: 9' true
run 2
check "so is silence" says '^20-two ran no test'

made 20-two 'long: 9' "mkdir -p build/test-work/20-two; echo 'x.c:1: runtime error: y' >build/test-work/20-two/host.log; $well"
run 2
check "a finding of a sanitizer is a failure" last_line '4 passed, 1 failed, 0 skipped' 1
check "of the suite whose server reported it" says '^sanitizer findings of 20-two in: build/test-work/20-two/host.log'
check "and of no other" sh -c "[ \$(grep -c '^sanitizer findings' '$work/out') -eq 1 ]"

# ended in the middle: the suite ends, too, and what comes after it does not begin
made 10-one 'long: 9' 'trap "echo ended >>build/steps; exit" TERM; i=0; while [ $i -lt 200 ]; do sleep 0.1; i=$((i + 1)); done'
made 20-two 'long: 1' "$well"
: >"$scratch/build/steps"
(cd "$scratch" && MODE=asan TEST_JOBS=1 SHARED_DATA=. exec sh tests/run.sh) >"$work/out" 2>&1 &
runner=$! tries=0
until grep -q begin "$scratch/build/steps" || [ $tries -ge 100 ]; do sleep 0.1; tries=$((tries + 1)); done
kill -TERM $runner
wait $runner
check "a run that is ended says so" test $? -eq 130
check "and ends its suites" steps 'begin 10-one,ended,'

# twice FOLDER: numbers that more than one suite has
twice() { for suite in "$1"/*.sh; do basename "$suite" | cut -c1-2; done | sort | uniq -d; }
check "each number of a suite stands once" test -z "$(twice tests/suites)"
: >"$scratch/tests/suites/10-other.sh"
check "one that stands twice is noticed" test "$(twice "$scratch/tests/suites")" = 10
rm -rf "$scratch" # its planted finding is none of this run
totals
