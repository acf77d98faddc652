#!/bin/sh
# The agreement as PDF: sound, fonts embedded, tagged, the same bytes again, and its figures those of the JSON.
. tests/lib.sh
for tool in qpdf pdffonts pdftotext pdfinfo; do
    command -v $tool >/dev/null || { skip "all of the document: $tool is not installed (qpdf, poppler-utils)"; totals; exit; }
done
sample=$B/tests/finance_pdf_sample

# value FILE NAME: first number of that name in the JSON, with two decimals and thousands separators
value() {
    sed -n "s/^.*\"$2\": *\(-\{0,1\}[0-9.]*\).*/\1/p" "$1" | head -n 1 | awk -v d="${3:-2}" '{ printf "%.*f\n", d, $1 }' |
        sed -e ':a' -e 's/^\(-\{0,1\}[0-9]\{1,\}\)\([0-9]\{3\}\)/\1,\2/' -e 'ta'
}

for kind in plain full biweekly yen euro names; do
    pdf=$work/$kind.pdf json=$work/$kind.json text=$work/$kind.txt
    "$sample" $kind "$pdf" "$json" || { fail "$kind: no document"; continue; }
    "$sample" $kind "$work/again.pdf" "$work/again.json"
    check "$kind: the same bytes again" cmp -s "$pdf" "$work/again.pdf"
    check "$kind: qpdf finds no fault" sh -c "qpdf --check '$pdf' >'$work/qpdf.txt' 2>&1 && ! grep -qi warning '$work/qpdf.txt'"
    pdffonts "$pdf" | sed 1,2d >"$work/fonts.txt"
    check "$kind: has fonts" test -s "$work/fonts.txt"
    check "$kind: every font is embedded and searchable" sh -c "! grep -v ' yes yes yes ' '$work/fonts.txt'"
    pdfinfo "$pdf" >"$work/info.txt"
    check "$kind: is tagged" grep -q '^Tagged: *yes' "$work/info.txt"
    check "$kind: is dated by the calculation" sh -c "TZ=UTC pdfinfo '$pdf' | grep -q '^CreationDate: *Mon Nov 23 09:30:00 2026'"
    check "$kind: names its author" grep -q '^Author: *Koa Cars' "$work/info.txt"
    pages=$(sed -n 's/^Pages: *//p' "$work/info.txt")
    pdftotext -layout "$pdf" "$text"
    page=1
    while [ $page -le "$pages" ]; do
        check "$kind: page $page says which it is" grep -q "Page $page of $pages" "$text"
        page=$((page + 1))
    done
    decimals=2
    [ $kind = yen ] && decimals=0
    for name in paymentAmount finalPayment financeCharge amountFinanced totalOfPayments totalSalePrice loanPrincipal; do
        figure=$(value "$json" $name $decimals)
        check "$kind: $name $figure stands in the document" grep -qF -- "$figure" "$text"
    done
    # every row of the schedule, column by column
    tr -d '\n' <"$json" | sed 's/"schedule"/\n&/' | tail -n 1 | grep -o '{[^{}]*"balance"[^{}]*}' >"$work/rows.txt"
    check "$kind: the JSON lists the payments" test "$(wc -l <"$work/rows.txt")" -eq "$(value "$json" numberOfPayments 0 | tr -d ,)"
    awk -v d=$decimals '
        function raw(name) { return match($0, "\"" name "\": *\"?[0-9.-]+") ? substr($0, RSTART, RLENGTH) : "" }
        function text(name,  s) { s = raw(name); sub(/.*: *"?/, "", s); return s }
        function grouped(name,  s, head, tail) {
            s = sprintf("%.*f", d, text(name)); tail = ""
            if (d) { tail = substr(s, length(s) - d); s = substr(s, 1, length(s) - d - 1) }
            head = ""
            while (length(s) > 3) { head = "," substr(s, length(s) - 2) head; s = substr(s, 1, length(s) - 3) }
            return s head tail
        }
        { print text("paymentNumber"), text("dueDate"), grouped("payment"), grouped("interest"), grouped("principalPart"), grouped("balance") }
    ' "$work/rows.txt" >"$work/want.txt"
    sed -n 's/[^0-9., -]//g; s/^ *\([0-9]\{1,3\} \{1,\}20[0-9-]\{8\} .*\)/\1/p' "$text" | awk 'NF == 6 { print $1, $2, $3, $4, $5, $6 }' >"$work/got.txt"
    check "$kind: the schedule in the document is that of the JSON" cmp -s "$work/want.txt" "$work/got.txt"
    # pages are separated by form feeds; the schedule runs from its heading to the end
    first=$(awk '{ page += gsub(/\f/, "") } /Payment schedule/ { print page + 1; exit }' "$text")
    check "$kind: the schedule follows the signatures" test "$first" -gt 1
    heads=$(grep -c 'No\. .*Due .*Payment .*Interest .*Principal .*Balance' "$text")
    check "$kind: the table's head stands on each of its pages" test "$heads" -eq $((pages - first + 1))
done
check "names are text: what looks like PDF syntax is shown" grep -qF '>>endobj' "$work/names.txt"
check "names are text: letters of other scripts are searchable" grep -q 'Γιάννης' "$work/names.txt"
check "names are text: no direction override is left" sh -c "! grep -q \"\$(printf '\\342\\200\\256')\" '$work/names.txt'"
totals
