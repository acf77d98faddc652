#!/bin/sh
# The published and computed figures of the shared data against the parts of the carbon action, and what the tables weigh.
. tests/lib.sh
vectors=${SHARED_DATA:-../shared/data}/carbon/vectors-public.csv
runner=$B/tests/vectors_carbon
if [ -r "$vectors" ]; then
    "$runner" "$vectors" >"$work/vectors.txt"
    code=$?
    grep FAIL "$work/vectors.txt"
    line=$(tail -n 1 "$work/vectors.txt")
    rows=$(($(wc -l <"$vectors") - 1))
    counted=$(echo "$line" | sed 's/[^0-9 ]//g' | awk '{print $1 + $2 + $3}')
    check "the figures agree: $line" test $code -eq 0
    check "every row was run ($counted of $rows)" test "$counted" -eq "$rows"
    check "nothing passes for informational that is not marked so" \
        test "$(echo "$line" | sed 's/.* \([0-9]*\) informational.*/\1/')" -eq "$(grep -c ',"*informational' "$vectors")"
    # The runner must notice what is wrong: each type of row with its expected figure spoilt.
    for type in geodesic distance haul factor defra flight tim icao icaofuel; do
        awk -F, -v OFS=, -v t="$type" 'NR == 1 {print; next} $2 == t && !/informational/ {$18 = (t == "haul") ? "other" : $18 * 1.5; print; exit}' \
            "$vectors" >"$work/spoilt.csv"
        check "a spoilt $type row is noticed" sh -c "! '$runner' '$work/spoilt.csv' >/dev/null && [ \$(wc -l <'$work/spoilt.csv') -eq 2 ]"
    done
    # Columns are found by name: in another order, with one more, with CR LF and a byte order mark.
    awk -F, -v OFS=, 'NR == 1 || !/"/ {first = $1; $1 = $2; $2 = first; sub(/\r$/, ""); print $0, "more\r"}' "$vectors" |
        sed '1s/^/\xef\xbb\xbf/' >"$work/other-order.csv"
    check "a file with other columns, line ends and a byte order mark runs" \
        sh -c "'$runner' '$work/other-order.csv' >'$work/other-order.txt' && ! tail -n 1 '$work/other-order.txt' | grep -q '^0 '"
    sed '2s/$/,one cell too many/' "$vectors" >"$work/long-row.csv"
    check "a row with a cell too many is noticed" sh -c "! '$runner' '$work/long-row.csv' >/dev/null"
else
    skip "carbon vectors: no $vectors"
fi
# The forms in which rows write mixes, stops, hauls and switches; figures computed apart from this program.
forms=tests/cases/carbon-forms.csv
"$runner" $forms >"$work/forms.txt" || cat "$work/forms.txt"
check "every form of a row is read" test "$(tail -n 1 "$work/forms.txt")" = "$(($(wc -l <$forms) - 1)) passed, 0 failed, 0 informational"
for change in 's/,with,/,perhaps,/' 's/economy=10;unknown=5/economy=ten/'; do
    sed -n "1p; 2{$change;p}" $forms >"$work/odd.csv"
    check "what cannot be read is a failure: $change" sh -c "! '$runner' '$work/odd.csv' >/dev/null"
done
echo "id,type" >"$work/other.csv"
check "a file of another form is refused" sh -c "! '$runner' '$work/other.csv' >/dev/null"
bytes=$(size "$B"/obj/gen/actions/carbon_footprint/*_table.o | awk 'NR > 1 {n += $1 + $2 + $3} END {print n}')
check "the tables take less than 1 MB ($bytes bytes)" test "$bytes" -gt 0 -a "$bytes" -lt 1000000
totals
