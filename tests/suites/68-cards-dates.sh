#!/bin/sh
# Days of cards against the Intl of Node, which is ICU too but of another program: 55 locales, four ranges. CLDR changes from version to
# version (of a language's digits, of blanks around a dash, of a comma), so lines are compared strictly where both have the same ICU. Where
# they do not, what must agree is told apart from what the two versions are known to differ in.
. tests/lib.sh
if ! command -v node >/dev/null 2>&1; then
    skip_node "days of cards: no node to compare with (./deps.sh node)"
    totals
    exit
fi
cat >"$work/days.mjs" <<'JS'
const locales = `ar ar-EG bg bn ca cs da de de-AT de-CH el en en-AU en-CA en-GB en-IE en-IN en-NZ en-US es es-MX et fa fi fr fr-CA he hi hr hu
    id it ja kn ko lt lv ms nb nl pl pt-BR pt-PT ro ru sk sl sr sv ta th tr uk vi zh-CN`.trim().split(/\s+/)
const ranges = [['2026-03-05', '2026-03-07'], ['2026-06-01', '2026-08-31'], ['2026-12-28', '2027-01-04'], ['2026-01-20', '-']]
for (const locale of locales)
    for (const [from, to] of ranges) {
        const format = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
        const days = to === '-' ? format.format(new Date(from)) : format.formatRange(new Date(from), new Date(to))
        // blanks of one kind and no marks of direction, as on a card
        console.log(`${locale} ${from} ${to}|${days.replace(/[\u2009\u202f\u00a0]/g, ' ').replace(/[\u200e\u200f\u061c]/g, '')}`)
    }
JS
node "$work/days.mjs" >"$work/node.txt" || { echo "node could not write the days"; exit 1; }
sed 's/|.*//' "$work/node.txt" | "$B/tests/card_dates" >"$work/ours.txt"
lines=$(wc -l <"$work/node.txt")
check "220 lines are compared" test "$lines/$(wc -l <"$work/ours.txt")" = 220/220
theirs=$(node -p process.versions.icu) ours=$("$B/tests/card_dates" version)
echo "ICU $ours here, $theirs in node"
if [ "${theirs%%.*}" = "${ours%%.*}" ]; then
    check "every line is that of Intl" cmp "$work/node.txt" "$work/ours.txt"
else
    # Seen between ICU 72 (CLDR 42) and 78 (CLDR 48): digits of ar, commas of ar-EG, a month's name of bn, the article of ca, the short form of
    # ranges in ja and zh, the whole of vi, blanks of en-GB and ko.
    moved='ar|ar-EG|bn|ca|ja|vi|zh-CN'
    plain() { grep -vE "^($moved) " "$1" | sed 's/ *\([–~～-]\) */\1/g'; }
    plain "$work/node.txt" >"$work/node.plain"
    plain "$work/ours.txt" >"$work/ours.plain"
    skip "lines of $moved and blanks around a dash: CLDR of ICU $ours and $theirs differ in them"
    check "192 lines of the others are left" test "$(wc -l <"$work/ours.plain")" = 192
    check "and are those of Intl, but for blanks" diff "$work/node.plain" "$work/ours.plain"
fi
# The comparison can fail: another day is another line.
sed 's/2026-01-20/2026-01-21/' "$work/node.txt" | sed 's/|.*//' | "$B/tests/card_dates" | sed 's/2026-01-21/2026-01-20/' >"$work/off.txt"
check "a day more is noticed in every locale" test "$(diff "$work/ours.txt" "$work/off.txt" | grep -c '^>')" = 55
# What comes out must not hang on the language of the process.
check "the environment's language changes nothing" sh -c "printf 'tlh 2026-03-05 -\nen-GB 2026-03-05 -\n' | LANG=fr_FR.UTF-8 LC_ALL=fr_FR.UTF-8 '$B/tests/card_dates' | grep -c -e '|2026-03-05' -e '|5 March 2026' | grep -qx 2"
totals
