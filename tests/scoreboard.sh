#!/bin/sh
# scoreboard.sh - make scoreboard: every promise of SECURITY.md with the tests that prove it (tests/scoreboard.tsv), run and told row by row. A test that
# proves several promises runs once. Exit code 0 only if every row holds.
#   LONG=1   the full figures, then each row's mutants: a row holds only if its tests fail without its guards (hours)
#   SEED=1   of the mutated requests
cd "$(dirname "$0")/.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL
table=tests/scoreboard.tsv
logs=build/test-logs
out=build/scoreboard
export SEED="${SEED:-1}"
tab=$(printf '\t')
begun=$(date +%s)
commit=$(git describe --always --dirty 2>/dev/null || echo unknown) # as it is now: a run is long enough for another one
rm -rf "$out" && mkdir -p "$out" || exit 1
grep -v '^#' "$table" | awk -F '\t' 'NF != 4 { print "tests/scoreboard.tsv: a line with " NF " fields: " $0; bad = 1 } END { exit bad || !NR }' || exit 65

# joined FIELD SEPARATOR: each of them once, as a pattern of grep that takes these names alone
joined() { grep -v '^#' "$table" | cut -f "$1" | tr "$2" '\n' | sort -u | sed 's/[.[*^$\\]/\\&/g' | sed -e ':all' -e 'N;$!b all' -e 's/\n/\\|/g'; }

limit=570
[ -z "${LONG:-}" ] || limit=14400
timeout "$limit" nice -n 5 tests/run.sh "^($(joined 3 ' ' | sed 's/\\|/|/g'))\$" >"$out/tests.log" 2>&1
[ $? -ne 124 ] || echo "the tests did not end within $limit s; rows without them do not hold"

if [ -n "${LONG:-}" ]; then # the reduced form must notice already
    env -u LONG nice -n 5 tests/mutants/run.sh "^\\($(joined 4 ';')\\)\$" >"$out/mutants.log" 2>&1
fi

# tests_of NAMES: sets $seconds, $skips and $why, which is empty where all of them passed and proved something
tests_of() {
    seconds=0 skips=0 why=
    for test in $1; do
        if ! read -r p f s 2>/dev/null <"$out/sums/$test"; then why="$why $test did not run;"; continue; fi
        [ "$f" -eq 0 ] || why="$why $test: $f failed;"
        [ "$p" -gt 0 ] || why="$why $test proved nothing ($s skipped);"
        skips=$((skips + s)) seconds=$((seconds + $(cat "$out/sums/$test.s")))
    done
}
# mutants_of NAMES: adds to $why those that no test noticed
mutants_of() {
    [ -n "${LONG:-}" ] || return 0
    echo "$1" | tr ';' '\n' >"$out/wanted"
    while IFS= read -r mutant; do
        grep -qF "ok   $mutant: " "$out/mutants.log" || why="$why without \"$mutant\" they stay green;"
    done <"$out/wanted"
}

# run.sh leaves the sums of a test, and when it was taken and ended
mkdir "$out/sums"
for file in "$logs"/*.sums; do
    [ -e "$file" ] || continue
    test=$(basename "$file" .sums)
    cp "$file" "$out/sums/$test"
    echo $(($(stat -c %Y "$file") - $(stat -c %Y "$logs/$test.taken"))) >"$out/sums/$test.s"
done

held=0 broken=0
while IFS="$tab" read -r name promise tests mutants; do
    case $name in '#'*) continue ;; esac
    tests_of "$tests"
    mutants_of "$mutants"
    if [ -z "$why" ]; then
        held=$((held + 1)) outcome=holds
        [ "$skips" -eq 0 ] || outcome="holds, $skips skipped"
    else
        broken=$((broken + 1)) outcome="FAILS:$why"
    fi
    printf '%-14s %-58s %4d s  %s\n' "$name" "$(printf '%.58s' "$promise")" "$seconds" "$outcome"
done <"$table"
[ "$broken" -eq 0 ] || { echo; grep -E '^FAIL|^FAILED|^not ok' "$out/tests.log" | head -40; }
[ -n "${LONG:-}" ] && form='full figures, with mutants' || form='reduced; LONG=1 runs the full figures and the mutants'
echo "$held rows hold, $broken fail ($form)"
echo "commit $commit, $(nproc) cores of $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $(uname -sr), seed $SEED, $(($(date +%s) - begun)) s, $(date -u +%F)"
[ "$broken" -eq 0 ] && [ "$held" -gt 0 ]
