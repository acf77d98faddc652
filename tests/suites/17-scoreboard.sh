#!/bin/sh
# 17-scoreboard.sh - every promise of SECURITY.md has a row in tests/scoreboard.tsv whose tests and mutants are there; what make scoreboard says
# of rows that do not hold.
. tests/lib.sh

for name in tests/unit/*/test_*.c tests/sandbox/test_*.c tests/sandbox/*/test_*.c tests/suites/*.sh; do
    [ ! -e "$name" ] || basename "${name%.*}"
done >"$work/tests"
for suite in tests/suites/*.sh; do
    grep -oE 'tests/[a-z_]+\b' "$suite" | sort -u | sed "s|^tests/|$(basename "$suite" .sh) |"
done >"$work/runs"
cat tests/mutants/*.tsv >"$work/mutants"
# look SECURITY TABLE: prints the faults; fails when there is one
look() {
    awk -f tests/tools/scoreboard.awk part=promises "$1" part=mutants "$work/mutants" part=tests "$work/tests" part=runs "$work/runs" part=table "$2"
}
no_fault() { look SECURITY.md tests/scoreboard.tsv >"$work/out" || { cat "$work/out"; return 1; }; }
check "every promise has its row, every row its tests and mutants" no_fault
# planted EXPECTED SED [FILE]: the fault is told where the table, or FILE, is changed so
planted() {
    cp SECURITY.md "$work/SECURITY.md" && cp tests/scoreboard.tsv "$work/scoreboard.tsv"
    sed -i "$2" "$work/${3:-scoreboard.tsv}"
    if look "$work/SECURITY.md" "$work/scoreboard.tsv" >"$work/out"; then return 1; fi
    grep -qE "$1" "$work/out" || { cat "$work/out"; return 1; }
}
check "a promise without a row is told" planted 'SECURITY.md: 0 rows for: A user' '/^hosts\t/d'
check "a new promise is told" planted 'SECURITY.md: 0 rows for: Nobody is late' 's/^| Broken JSON/| Nobody is late | suite 35-pages |\n&/' SECURITY.md
check "a row without a promise is told" planted '^hosts: 0 promises' 's/^\(hosts\t\)A user/\1An admin/'
check "two rows for one promise are told" planted '2 rows for' 's/^hosts\t.*/&\nmore&/'
check "a test that is not there is told" planted 'hosts: there is no test test_ghosts' 's/test_hosts/test_ghosts/'
check "a test of SECURITY.md that the row does not run is told" planted 'once: SECURITY.md names test_replay' 's/^\(once\t[^\t]*\t\)test_replay /\1/'
check "and a tool" planted 'slow-clients: SECURITY.md names slow' 's/^\(slow-clients\t[^\t]*\t\)30-gate/\135-pages/'
check "a mutant that is not there is told" planted 'hosts: there is no mutant "hosts for a key"' 's/hosts for a token/hosts for a key/'
check "a mutant of other tests is told" planted 'hosts: the mutant "reaper" turns none' 's/hosts for a token/reaper/'
check "a row without mutants is told" planted 'hosts: a row has' 's/\thosts for a token$/\t/'
check "an empty table proves nothing" planted 'nothing was looked at' '1,$d'

# ---- what it says: in a folder of its own, with a runner that leaves the sums of a run ----
scratch=$work/scratch
rm -rf "$scratch" && mkdir -p "$scratch/tests/mutants" && cp tests/scoreboard.sh "$scratch/tests/" || exit 1
printf 'a\tThe first\ttest_one 10-two\tm1\nb\tThe second\t10-two\tm2;m3\n' >"$scratch/tests/scoreboard.tsv"
printf '#!/bin/sh\necho "ok   m1: x"; echo "ok   m2: x"; echo "FAIL m3: stays green"\n' >"$scratch/tests/mutants/run.sh"
# board SUMS-OF-ONE SUMS-OF-TWO [NAME=VALUE]: the exit code; what was said is in $work/said
board() {
    printf '#!/bin/sh\nl=build/test-logs; rm -rf build/test-logs; mkdir -p $l/test_one.taken $l/10-two.taken\n' >"$scratch/tests/run.sh"
    [ -z "$1" ] || echo "echo $1 >\$l/test_one.sums" >>"$scratch/tests/run.sh"
    [ -z "$2" ] || echo "echo $2 >\$l/10-two.sums" >>"$scratch/tests/run.sh"
    chmod +x "$scratch/tests/run.sh" "$scratch/tests/mutants/run.sh"
    shift 2
    env -u LONG "$@" "$scratch/tests/scoreboard.sh" >"$work/said" 2>&1
}
said() { grep -qE "$1" "$work/said" || { cat "$work/said"; return 1; }; }
check "rows whose tests pass hold" board '3 0 0' '2 0 1'
check "what was skipped is told" said '^b .* holds, 1 skipped$'
check "and how many rows hold" said '^2 rows hold, 0 fail'
check "with commit, cores, seed and duration" said '^commit .*, [0-9]+ cores of .*, seed 1, [0-9]+ s, '
fails() { if board "$@"; then cat "$work/said"; return 1; fi; }
check "a test that fails fails its rows" fails '3 0 0' '2 1 0'
check "all of them" said '^0 rows hold, 2 fail'
check "a test that did not run fails its row" fails '' '2 0 0'
check "and that one alone" said '^1 rows hold, 1 fail'
check "a test that skipped everything proves nothing" fails '0 0 4' '2 0 0'
check "with LONG=1 a mutant that nobody noticed fails its row" fails '3 0 0' '2 0 0' LONG=1
check "which is named" said '^b .*FAILS: without "m3" they stay green'
check "what each mutant takes out stands in its file" python3 tests/tools/mutants_stand.py tests/mutants/*.tsv
printf 'gone\truntime/main.c\tno such text\tx\ttest_log\n' >"$work/gone.tsv"
gone() { ! python3 tests/tools/mutants_stand.py "$work/gone.tsv" >"$work/said" && said 'gone: runtime/main.c does not hold: no such text'; }
check "one that is gone is told" gone
totals
