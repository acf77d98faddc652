# 09-rooms - which room may include which: the table of docs/architecture.md against the sources. No include circle
# between modules, no room that has outgrown one floor.
. "$(dirname "$0")/../lib.sh"

# look TREE: prints the faults; fails when there is one
look() {
    (cd "$1" && grep -rn '^ *# *include "\(runtime\|sandbox\|actions\|tests\|bench\)/' runtime sandbox actions --include='*.[ch]' >"$top/$work/includes"
    find runtime sandbox actions -name '*.[ch]' | sort >"$top/$work/files")
    awk -f tests/tools/rooms.awk "$1/docs/architecture.md" "$work/includes" "$work/files"
}
crowd() {
    for number in 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do : >"$1/runtime/net/extra_$number.c"; done
}
# planted NAME FILE LINE EXPECTED [TABLE SED [MORE]]: the fault is told with file and line in a copy that has LINE in FILE
planted() {
    rm -rf "$work/copy"
    mkdir -p "$work/copy"
    cp -r runtime sandbox actions "$work/copy"
    mkdir "$work/copy/docs"
    sed "${5:-}" docs/architecture.md >"$work/copy/docs/architecture.md"
    [ -z "$3" ] || printf '%s\n' "$3" >>"$work/copy/$2"
    [ -z "${6:-}" ] || "$6" "$work/copy"
    if look "$work/copy" >"$work/out"; then return 1; fi
    grep -qE "$4" "$work/out" || { cat "$work/out"; return 1; }
}
no_fault() { look . >"$work/out" || { cat "$work/out"; return 1; }; }

check "no include goes through a closed wall, no circle, no overgrown room" no_fault
check "an include through a wall is told with file and line" planted wall runtime/base/log.c '#include "runtime/web/guard.h"' \
    '^runtime/base/log\.c:[0-9]+: runtime/base may not include runtime/web '
check "an action that looks into the host is told" planted action actions/carbon_footprint/answer.c '#include "runtime/base/log.h"' \
    '^actions/carbon_footprint/answer\.c:[0-9]+: actions may not include runtime/base '
check "the host that looks into the sandbox is told" planted sides runtime/main.c '#include "sandbox/sandbox.h"' \
    '^runtime/main\.c:[0-9]+: runtime may not include sandbox '
check "a circle within a room is told" planted circle runtime/base/bytes.h '#include "runtime/base/err.h"' \
    '^runtime/base/bytes\.h:[0-9]+: runtime/base/bytes -> runtime/base/err is part of a circle'
check "a room that has outgrown one floor is told" planted floor runtime/main.c '' '^runtime/net: a room with 3[1-9] files' '' crowd
check "a room without a row is told" planted row runtime/main.c '' 'the room runtime/web has no row' '/^| `runtime\/web`/d'
check "a row of a room that is not there is told" planted ghost runtime/main.c '' 'names runtime/attic, which has no row' 's/^| `runtime\/schema` | /&`runtime\/attic` /'
check "an empty table proves nothing" planted empty runtime/main.c '' 'nothing was looked at' '/^| `/d'
totals
