#!/bin/sh
# The agreement as PDF: sound, small, fonts embedded, tagged, the same bytes again, its figures those of the JSON; each document
# in the order of its law's form, nothing on it that is not the customer's, its end not torn from what is signed.
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
# plain: what pdftotext gives, with common spaces and hyphens
plain() { sed -e 's/\xc2\xa0/ /g' -e 's/\xe2\x88\x92/-/g'; }
# in_order FILE WORDS...: the words stand in the text in this order
in_order() {
    awk 'BEGIN { for (i = 2; i < ARGC; i++) { want[++n] = ARGV[i]; ARGV[i] = "" } k = 1 }
        { rest = $0; while (k <= n && (at = index(rest, want[k]))) { rest = substr(rest, at + length(want[k])); k++ } }
        END { if (k <= n) { print "not found in its place: " want[k]; exit 1 } }' "$@"
}
# rows of the long table: number, day, payment, interest, principal, balance
rows() { awk 'NF == 8 && $1 ~ /^[0-9]+$/ && $6 ~ /^[0-9.,]+$/ && $7 ~ /^[0-9.,]+$/ && $8 ~ /^[0-9.,]+$/ { print $1, $2, $3, $4, $5, $6, $7, $8 }'; }

for kind in plain contract full biweekly yen euro before quote pound dinar large negative short names longest arabic han; do
    pdf=$work/$kind.pdf json=$work/$kind.json text=$work/$kind.txt
    "$sample" $kind "$pdf" "$json" || { fail "$kind: no document"; continue; }
    "$sample" $kind "$work/again.pdf" "$work/again.json"
    check "$kind: the same bytes again" cmp -s "$pdf" "$work/again.pdf"
    check "$kind: qpdf finds no fault" sh -c "qpdf --check '$pdf' >'$work/qpdf.txt' 2>&1 && ! grep -qi warning '$work/qpdf.txt'"
    check "$kind: at most 60 kB of its own" test "$(wc -c <"$pdf")" -lt $([ $kind = han ] && echo 120000 || echo 60000)
    pdffonts "$pdf" | sed 1,2d >"$work/fonts.txt"
    check "$kind: has fonts" test -s "$work/fonts.txt"
    check "$kind: every font is embedded and searchable" sh -c "! grep -v ' yes yes yes ' '$work/fonts.txt' | grep -v 'Type 3'"
    pdfinfo "$pdf" >"$work/info.txt"
    check "$kind: is tagged" grep -q '^Tagged: *yes' "$work/info.txt"
    day=23
    [ $kind = before ] && day=19
    check "$kind: is dated by the calculation" sh -c "TZ=UTC pdfinfo '$pdf' | grep -q '^CreationDate: .* Nov $day 09:30:00 2026'"
    check "$kind: names its author" grep -q '^Author: *Koa Cars' "$work/info.txt"
    qpdf --qdf --object-streams=disable "$pdf" "$work/raw.pdf"
    check "$kind: says its language" grep -qa '/Lang (en-\(US\|GB\))' "$work/raw.pdf"
    check "$kind: shows its title" grep -qa '/DisplayDocTitle true' "$work/raw.pdf"
    heads=$(grep -ca '/S /TH$' "$work/raw.pdf")
    check "$kind: every table head says what it is the head of" test "$heads" -gt 0 -a "$(grep -ca '/Scope /\(Column\|Row\)' "$work/raw.pdf")" -eq "$heads"
    pages=$(sed -n 's/^Pages: *//p' "$work/info.txt")
    pdftotext -layout "$pdf" - | plain >"$text"
    page=1
    while [ $page -le "$pages" ]; do
        check "$kind: page $page says which it is" grep -q "Page $page of $pages" "$text"
        page=$((page + 1))
    done
    decimals=2
    [ $kind = yen ] && decimals=0
    [ $kind = dinar ] && decimals=3
    names='paymentAmount finalPayment amountFinanced totalOfPayments loanPrincipal'
    case $kind in euro | before | quote | pound) ;; *) names="$names financeCharge totalSalePrice totalDownPayment" ;; esac
    for name in $names; do
        figure=$(value "$json" $name $decimals)
        check "$kind: $name $figure stands in the document" grep -qF -- "$figure" "$text"
    done
    # every row of the schedule, column by column
    tr -d '\n' <"$json" | sed 's/"schedule"/\n&/' | tail -n 1 | grep -o '{[^{}]*"balance"[^{}]*}' >"$work/rows.txt"
    check "$kind: the JSON lists the payments" test "$(wc -l <"$work/rows.txt")" -eq "$(value "$json" numberOfPayments 0 | tr -d ,)"
    american=1
    case $kind in yen | euro | before | quote | pound | dinar) american=0 ;; esac
    awk -v d=$decimals -v american=$american '
        function raw(name) { return match($0, "\"" name "\": *\"?[0-9.-]+") ? substr($0, RSTART, RLENGTH) : "" }
        function text(name,  s) { s = raw(name); sub(/.*: *"?/, "", s); return s }
        function grouped(name,  s, head, tail) {
            s = sprintf("%.*f", d, text(name)); tail = ""
            if (d) { tail = substr(s, length(s) - d); s = substr(s, 1, length(s) - d - 1) }
            head = ""
            while (length(s) > 3) { head = "," substr(s, length(s) - 2) head; s = substr(s, 1, length(s) - 3) }
            return s head tail
        }
        function day(name,  s, m) {
            s = text(name); m = substr("JanFebMarAprMayJunJulAugSepOctNovDec", 3 * substr(s, 6, 2) - 2, 3)
            return american ? m " " substr(s, 9) + 0 ", " substr(s, 1, 4) : substr(s, 9) + 0 " " m " " substr(s, 1, 4)
        }
        { print text("paymentNumber"), day("dueDate"), grouped("payment"), grouped("interest"), grouped("principalPart"), grouped("balance") }
    ' "$work/rows.txt" >"$work/want.txt"
    rows <"$text" >"$work/got.txt"
    check "$kind: the schedule in the document is that of the JSON" cmp -s "$work/want.txt" "$work/got.txt"
    # pages are separated by form feeds; the schedule runs from its heading to the end
    first=$(awk '{ page += gsub(/\f/, "") } /Every payment$/ { print page + 1; exit }' "$text")
    table_heads=$(grep -c 'No\. .*Due .*Payment .*Interest .*Principal .*Balance' "$text")
    check "$kind: the table's head stands on each of its pages" test "$table_heads" -eq $((pages - first + 1))
    awk -v last="$pages" '{ page += gsub(/\f/, "") } page + 1 == last' "$text" >"$work/last.txt"
    check "$kind: the last page has four rows or more" test "$(rows <"$work/last.txt" | wc -l)" -ge 4
    check "$kind: no id, lender, provider or time of the machine" sh -c \
        "! grep -E '0035g|a0B5g|first-auto|rate-board|Harbor Credit|calculated|customer.s own|[0-9]T[0-9][0-9]:' '$text'"
    # where words are painted: on the paper, and no two in one place
    pdftotext -bbox "$pdf" "$work/boxes.html"
    check "$kind: no word over another or off the paper" awk '
        /<page / { match($0, /width="[0-9.]+"/); width = substr($0, RSTART + 7) + 0; n = 0; next }
        /<word / {
            split($0, part, "\""); left = part[2] + 0; top = part[4] + 0; right = part[6] + 0; bottom = part[8] + 0
            words++
            if (left < 30 || right > width - 30) bad++
            for (i = 0; i < n; i++)
                if (left + 1 < R[i] && L[i] + 1 < right && top + (bottom - top) * .45 < B[i] && T[i] + (B[i] - T[i]) * .45 < bottom) bad++
            L[n] = left; R[n] = right; T[n] = top; B[n++] = bottom
        }
        END { exit !words || bad }' "$work/boxes.html"
done

check "contract: one box in the order of form H-1, the itemization below" in_order "$work/contract.txt" 'Retail Installment Sale Contract' \
    'November 23, 2026' Buyer 'Truth-in-Lending' 'ANNUAL PERCENTAGE RATE' 'FINANCE CHARGE' 'Amount Financed' 'Total of Payments' \
    'Total Sale Price' 'Payment schedule' Security 'Late charge' Prepayment Contract 'Itemization of the Amount Financed' 'Every payment' \
    'Promise to pay' Buyer 'For the seller'
check "contract: what is signed stands on the last page" sh -c "tail -n 60 '$work/contract.txt' | grep -q 'For the seller and creditor'"
check "quotation: its title and the reason" in_order "$work/plain.txt" Quotation 'not a contract' 'a name, an address, a late charge or a security interest' \
    'What this credit would cost' 'How the Amount Financed is made up'
check "quotation: nobody signs it" sh -c "! grep -qE 'Buyer|Promise|Truth-in-Lending|Contract' '$work/plain.txt'"
for kind in plain contract euro pound negative; do
    check "$kind: nothing internal stands on the customer's page" sh -c "! grep -qE '0035g00000|a0B5g00000|first-auto|rate-board|harbor|maximum|calculated 20|T[0-9]{2}:[0-9]{2}:[0-9]{2}Z|FRED|min before' '$work/$kind.txt'"
done
check "quotation: another currency says why" grep -q 'There is no contract form for amounts in KWD' "$work/dinar.txt"
check "European form of 2023: key information first" in_order "$work/euro.txt" 'Standard European Consumer Credit Information' 'Directive (EU) 2023/2225, Annex I' \
    'Key information' Creditor 'Total amount of credit' Duration 'Borrowing rate' 'Annual percentage rate of charge' 'Total amount you will have to pay' \
    'Goods and cash price' 'If you pay late' Instalments Security Withdrawal 'Early repayment' Database 'Draft agreement'
check "European form of 2008: its own order" in_order "$work/before.txt" 'Directive 2008/48/EC, Annex II' Creditor 'Type of credit' 'Total amount of credit' \
    Duration Instalments 'Total amount you will have to pay' 'Goods and cash price' Security 'Borrowing rate' 'Annual percentage rate' 'If you pay late' Withdrawal
check "European form: without what is stated a quotation" in_order "$work/quote.txt" Quotation 'not a contract' 'Total amount of credit'
check "British form" in_order "$work/pound.txt" 'Pre-contract credit information' 'Regulations 2010' 'Total amount of credit' '21,480 miles' '4.6%'
check "the amount that was once cut is whole" grep -qF '€158,073.54' "$work/euro.txt"
check "negative equity: a line of its own and no negative down payment" in_order "$work/negative.txt" 'Total Sale Price' 'down payment of $0.00' \
    'Still owed on the vehicle you trade in ($9,000.00 owed, $2,000.00 allowed)' '$7,000.00'
check "a reduction has a minus sign" sh -c "pdftotext -layout '$work/large.pdf' - | grep -q '−\$200,000.00'"
check "names are text: what looks like PDF syntax is shown" grep -qF '>>endobj' "$work/names.txt"
check "names are text: letters of other scripts are searchable" grep -q 'Γιάννης' "$work/names.txt"
check "names are text: no direction override is left" sh -c "! grep -q \"\$(printf '\\342\\200\\256')\" '$work/names.txt'"
check "names in Han and Kana are drawn in a font that has them" sh -c "pdffonts '$work/han.pdf' | grep -q CJK && grep -q '山田 太郎' '$work/han.txt'"
pdftotext -bbox "$work/arabic.pdf" "$work/boxes.html"
check "a name from right to left stands where its neighbours begin" env LC_ALL=C awk -F'"' '/<word .*[\330-\333]/ { n++; if ($2 > 150) far++ } END { exit !n || far }' "$work/boxes.html"
check "a character that no font has is no document" sh -c "! '$sample' missing '$work/missing.pdf' '$work/missing.json' 2>'$work/missing.txt'"
check "and is named" grep -q 'font_missing.*U+12000' "$work/missing.txt"
totals
