# 08-docs-paths - the files, folders, functions and headings that the pages name are there. docs/write-an-action.md and
# docs/write-a-job.md name what their reader makes; 73-write-an-action.sh and 74-write-a-job.sh follow them instead.
. "$(dirname "$0")/../lib.sh"

if ! command -v python3 >/dev/null 2>&1; then
    skip "what the pages name: no python3 (./deps.sh)"
    totals
    exit
fi
look() { PYTHONDONTWRITEBYTECODE=1 python3 tests/tools/docs_paths.py "$@" >"$work/out"; }
pages=$(find . \( -name node_modules -o -name .git -o -name build \) -prune -o -name '*.md' -print | sed 's|^\./||' | grep -v '^docs/write-an-action\.md$\|^docs/write-a-job\.md$\|^CHANGELOG\.md$' | sort)
no_fault() { look $pages || { cat "$work/out"; return 1; }; }
# planted PAGE TEXT EXPECTED: with TEXT at its end the page is told of, with the line, and of nothing else
planted() {
    { cat "$1"; printf '\n%s\n' "$2"; } >"$work/page.md"
    look "$1=$work/page.md"
    [ $? -eq 1 ] && [ "$(grep -c '' "$work/out")" -eq 1 ] && grep -qE "^$1:$(grep -c '' "$work/page.md"): $3\$" "$work/out" || { cat "$work/out"; return 1; }
}

check "what the pages name is there" no_fault
check "the pages of the way in are among them" sh -c "for p in README.md CONTRIBUTING.md docs/architecture.md runtime/README.md; do echo '$pages' | grep -qx \"\$p\" || exit 1; done"
check "a file that went is told with its line" planted docs/architecture.md 'See `runtime/web/shown.c`.' 'there is no runtime/web/shown\.c'
check "a room that went is told" planted docs/architecture.md '- `runtime/attic/`, a room' 'there is no runtime/attic/'
check "a function that moved is told" planted docs/architecture.md '| a worker forked | `slot_kill()` in `runtime/master/master.c` |' 'there is no slot_kill\(\) in runtime/master/master\.c'
check "a function that is only called there is told" planted docs/architecture.md '`guard_check()` in `runtime/web/exchange.c`' 'there is no guard_check\(\) in runtime/web/exchange\.c'
check "a function that is nowhere is told" planted CONTRIBUTING.md '`pool_drain_all()`' 'there is no pool_drain_all\(\) in the tree'
check "a path in a block of code is told" planted CONTRIBUTING.md '    tests/rum.sh test_guard   # tests/what.is behind it is free' 'there is no tests/rum\.sh'
check "the name of a file that is nowhere is told" planted runtime/README.md '`maine.c`' 'there is no maine\.c'
check "a link that leads nowhere is told" planted docs/architecture.md '[actions](write-actions.md)' 'the link write-actions\.md leads nowhere'
check "a heading that is not there is told" planted docs/architecture.md '[codes](operate.md#codes-of-errors)' 'the link operate\.md#codes-of-errors: docs/operate\.md has no such heading'
placeholders() { printf '%s\n' '`actions/<name>/action.json` `tests/unit/NAME/` `runtime/*/gen_*.c` [codes](operate.md#error-codes)' '' '`err_write()`' >"$work/page.md" && look "docs/operate.md=$work/page.md"; }
check "placeholders, headings and functions that are there are no fault" placeholders
check "no page proves nothing" sh -c "! PYTHONDONTWRITEBYTECODE=1 python3 tests/tools/docs_paths.py >/dev/null"
totals
