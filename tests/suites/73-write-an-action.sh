#!/bin/sh
# 73-write-an-action.sh - follows docs/write-an-action.md to the letter in a scratch copy of the tree: writes its files, runs its
# commands, and looks for what it says will be printed. Blocks of the page:
#   ```sh             a command that succeeds          ```sh fails       one that does not
#   ```sh background  a server that stays              ```text           lines that the command before it printed
#   ```c FILE         the new content of FILE (json too)
# long: 35
. "$(dirname "$0")/../lib.sh"

if [ "${MODE:-release}" != release ]; then
    skip "docs/write-an-action.md is followed with the release build"
    totals
    exit
fi
page=docs/write-an-action.md
tree=$top/$work/tree steps=$top/$work/steps
rm -rf "$tree" "$steps"
mkdir -p "$tree/build" "$steps"
git ls-files -z --cached --others --exclude-standard | xargs -0 ls -d 2>/dev/null | tar cf - -T - | tar xf - -C "$tree"
cp -a "$B" "$tree/$B" # so that only what is new is compiled
rm -rf "$tree/build/test-work"
# a reader who has followed the page has its action already: the copy begins without it
for name in shipping_options greet_person; do
    [ ! -d "$tree/actions/$name" ] || again=yes
    rm -rf "$tree/actions/$name" "$tree/tests/unit/$name" "$tree/$B/obj/actions/$name" "$tree/$B/libactions.a" "$tree/$B/tests/test_$name"
done
[ -z "${again:-}" ] || (cd "$tree" && make openapi) >"$work/again.log" 2>&1 || cat "$work/again.log"

# One file per block: 01.sh, 02.text, 03.file with the name of the file in 03.to
awk -v out="$steps" '
    /^```/ && !inside { inside = 1; n++; kind = substr($1, 4); name = sprintf("%s/%02d", out, n)
        if (kind == "sh") kind = $2 == "" ? "run" : $2
        else if (kind != "text") { print $2 > (name ".to"); kind = "file" }
        file = name "." kind; printf "" > file; next }
    /^```/ { inside = 0; close(file); next }
    inside { print > file }' $page
ls "$steps" >"$work/steps.log"
check "the page has its steps" [ "$(grep -c '\.\(run\|fails\|background\)$' "$work/steps.log")" -eq 7 ]
check "and its files" [ "$(grep -c '\.file$' "$work/steps.log")" -eq 4 ]

PORT=$(free_port) SANDBOX_PORT=$(free_port)
SANDBOX_URL=http://127.0.0.1:$SANDBOX_PORT
export PORT SANDBOX_PORT SANDBOX_URL
unset TEST_WORK
said=$work/said.log
for step in "$steps"/*; do
    command=$(head -n 1 "$step")
    case $step in
    *.to) continue ;;
    *.file)
        to=$(cat "${step%.file}.to")
        if [ -f "$tree/$to" ] || [ "${to##*.}" = h ]; then pass "$to"; else fail "$to is not what the scaffold made"; fi
        cp "$step" "$tree/$to"
        ;;
    *.run | *.fails)
        (cd "$tree" && sh -e "$step") >"$said" 2>&1
        code=$?
        case $step in *.run) wanted="[ $code -eq 0 ]" ;; *) wanted="[ $code -ne 0 ]" ;; esac
        check "$command (exit code $code)" sh -c "$wanted" || tail -n 30 "$said"
        ;;
    *.background)
        (cd "$tree" && eval "exec $(cat "$step")") >"$work/background.log" 2>&1 &
        background=$!
        server_pids="$server_pids $background"
        tries=0
        until grep -q 'Ctrl-C stops both' "$work/background.log" || [ $tries -ge 600 ]; do
            sleep 0.1
            tries=$((tries + 1))
        done
        check "$command" grep -q 'Ctrl-C stops both' "$work/background.log" || tail -n 30 "$work/background.log"
        ;;
    *.text)
        while IFS= read -r line; do
            check "it printed: $line" grep -qF -- "$line" "$said" || tail -n 30 "$said"
        done <"$step"
        ;;
    esac
done

if [ -n "${background:-}" ]; then
    curl -s "http://127.0.0.1:$PORT/openapi.json" >"$work/served.json"
    check "the docs page has it" grep -q '"/api/shippingOptions"' "$work/served.json"
fi
# The promise: two files were edited, and nothing else has to be. Document, table of codes and the project for the org still agree.
cd "$tree" || exit 1
"$B/actionhost" openapi >"$top/$work/document.json"
check "the committed document is up to date" cmp "$top/$work/document.json" openapi/actionhost.openapi.json
sed -n '/^<!-- action codes:/,/^<!-- end of action codes/p' docs/operate.md | sed '1d;$d' >"$top/$work/table.md"
check "the table of codes has the new ones" grep -q '^| `shippingOptions` | `no_option` | 422 |' "$top/$work/table.md"
if command -v python3 >/dev/null 2>&1; then
    check "70-salesforce.sh: no flow is asked for the new action" env PYTHONDONTWRITEBYTECODE=1 python3 tests/salesforce/check.py
    whole() { (sh tests/suites/71-docs-deploy.sh) >"$top/$work/docs.log" 2>&1 || { grep -v '^ok' "$top/$work/docs.log"; return 1; }; }
    check "71-docs-deploy.sh: docs and program agree" whole
fi
cd "$top" || exit 1
# refused NAME WORDS: make new-action says why, in words of its own
refused() {
    (cd "$tree" && make new-action NAME="$1") >"$work/refused.log" 2>&1 && return 1
    grep -q "^new-action: .*$2" "$work/refused.log" || { cat "$work/refused.log"; return 1; }
}
for bad in Type ship__x 9x "a'b" 'a"b' 'a$b' 'a`b' 'a b' 'a;b' 'a\b' ../a; do check "new-action refuses $bad" refused "$bad" 'must be snake_case'; done
check "new-action asks for a name" refused '' 'give the new action a name'
check "new-action refuses a reserved word" refused type 'reserved word of Apex'
check "new-action refuses what would be a build tool" refused gen_report 'would be built as a tool'
check "new-action refuses a name that reads like none" refused none 'reads like no action'
check "new-action refuses what is there" refused shipping_options 'is already there'
check "new-action refuses the name of another test" refused org 'is already there'
check "a second action builds and passes" sh -c "cd '$tree' && make new-action NAME=greet_person && make '$B/tests/test_greet_person' && '$B/tests/test_greet_person'" \
    >"$work/second.log" 2>&1 || cat "$work/second.log"
sed -i 's/"type": "string", "description": "Name of the person/"typ": "string", "description": "Name of the person/' "$tree/actions/greet_person/action.json"
(cd "$tree" && make "$B/actionhost" && "$B/actionhost" actions) >"$work/broken.log" 2>&1
code=$?
check "a wrong declaration stops the program with exit code 78" [ $code -eq 78 ] || cat "$work/broken.log"
check "and says where and how to mend it" grep -q 'greet_person/action.json: /input/properties/personName/typ: is not a keyword' "$work/broken.log"
[ -z "${background:-}" ] || stop "$background"
rm -rf "$tree"
totals
