#!/bin/sh
# Every fuzz entry on its corpus, and on the inputs that once found something.
. tests/lib.sh
for source in tests/fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    name=${name#fuzz_}
    inputs=
    for folder in "tests/fuzz/corpus/$name" "tests/fuzz/regression/$name"; do
        [ ! -d "$folder" ] || inputs="$inputs $folder"
    done
    # shellcheck disable=SC2086
    if timeout 120 "$B/tests/replay_$name" $inputs >"$work/$name.log" 2>"$work/$name.err"; then
        passed=$((passed + $(sed -n 's/^\([0-9]*\) passed.*/\1/p' "$work/$name.log")))
    else
        fail "fuzz_$name on $(tail -n 1 "$work/$name.err")"
    fi
done
totals
