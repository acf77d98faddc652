#!/bin/sh
# make mutants: takes one guard out at a time, in a copy of the tree, and expects the named tests to notice.
# A test that stays green without the guard it is for proves nothing.
#   tests/mutants/run.sh [pattern]   only mutants whose name matches
cd "$(dirname "$0")/../.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL # the makes here are no part of the make that called us
copy=build/mutants/tree
tab=$(printf '\t')
rm -rf build/mutants && mkdir -p "$copy"
git ls-files -z | xargs -0 cp -p --parents -t "$copy"
mkdir -p "$copy/build" && cp -rp build/release "$copy/build/release"
export SHARED_DATA="$(cd "${SHARED_DATA:-../shared/data}" 2>/dev/null && pwd)"
passed=0 failed=0
cat tests/mutants/*.tsv >build/mutants/list
while IFS="$tab" read -r name file old new pattern; do
    case $name in '#'* | '') continue ;; esac
    echo "$name" | grep -q -- "${1:-.}" || continue
    OLD=$old NEW=$new awk 'BEGIN {old = ENVIRON["OLD"]; new = ENVIRON["NEW"]}
        {at = index($0, old); while (at) {done++; printf "%s%s", substr($0, 1, at - 1), new; $0 = substr($0, at + length(old)); at = index($0, old)} print}
        END {exit !done}' "$file" >build/mutants/mutant.c || { echo "FAIL $name: $file does not hold: $old"; failed=$((failed + 1)); continue; }
    cp build/mutants/mutant.c "$copy/$file"
    if ! make -s -C "$copy" tests CPPFLAGS=-Wno-error >build/mutants/build.log 2>&1; then
        echo "FAIL $name: the mutant does not build: $(grep error build/mutants/build.log | head -1)"
        failed=$((failed + 1))
    else
        (cd "$copy" && timeout 300 tests/run.sh "$pattern" >build/run.log 2>&1)
        case $? in
        0)
            echo "FAIL $name: $pattern stays green without it"
            failed=$((failed + 1))
            ;;
        64)
            echo "FAIL $name: no test has a name that matches $pattern"
            failed=$((failed + 1))
            ;;
        *)
            echo "ok   $name: $(grep -m1 '^FAIL ' "$copy/build/run.log" | cut -c1-110)"
            passed=$((passed + 1))
            ;;
        esac
    fi
    cp -p "$file" "$copy/$file" && touch "$copy/$file"
done <build/mutants/list
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
