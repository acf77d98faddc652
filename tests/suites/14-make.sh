#!/bin/sh
# 14-make.sh - what the makefiles promise: a line of help for each target that a person calls, all cores unless the caller says
# otherwise, goals in their order, and files for editors that hold.
. "$(dirname "$0")/../lib.sh"

# the makefiles alone: nothing is made in the tree that other suites use
scratch=$work/scratch
rm -rf "$scratch" && mkdir -p "$scratch" && cp -r Makefile make "$scratch/" || exit 1

# ---- make help ----
targets() { cat "$1/Makefile" "$1"/make/*.mk | sed -n 's/^\.PHONY: //p' | tr ' ' '\n' | grep -x '[a-z-]*' | sort; }
helped() { make -s -C "$1" help | sed -n 's/^    \([^ ]*\)  *[^ ].*/\1/p' | sort; }
every_target() {
    targets "$1" >"$work/targets"
    helped "$1" >"$work/helped"
    [ "$(grep -c . "$work/targets")" -ge 25 ] || { echo "  only $(grep -c . "$work/targets") targets"; return 1; }
    [ -z "$(uniq -d "$work/helped")" ] || { echo "  twice: $(uniq -d "$work/helped")"; return 1; }
    unknown=$(comm -23 "$work/targets" "$work/helped") && [ -z "$unknown" ] || { echo "  without a line:" $unknown; return 1; }
}
check "make help has one line for each target" every_target "$scratch"
# spoilt SED FILE: the same check on makefiles that were changed must fail
spoilt() {
    rm -rf "$work/spoilt" && cp -r "$scratch" "$work/spoilt" && sed -i "$1" "$work/spoilt/$2" || return 1
    cmp -s "$scratch/$2" "$work/spoilt/$2" && { echo "  the change changes nothing"; return 1; }
    ! every_target "$work/spoilt" >"$work/spoilt.log"
}
check "a target without its line is noticed" spoilt '/^tidy:/s/ ## .*//' Makefile
check "also in make/" spoilt '/^codes:/s/ ## .*//' make/codes.mk
check "a second line is noticed" spoilt 's/^mutants: .* ## .*/&\n&/' make/mutants.mk

# ---- cores and goals ----
cat >"$scratch/make/probe.mk" <<'MK'
.PHONY: flags slow quick
flags: ; @echo "flags $$MAKEFLAGS "; [ "$(MAKELEVEL)" -gt 0 ] || $(MAKE) flags
slow: ; @sleep 0.3; echo slow
quick: ; @echo quick
MK
# jobs OPTION WANTED: make and a make within it have WANTED, without a word of complaint
jobs() {
    # shellcheck disable=SC2086
    make -C "$scratch" $1 flags >"$work/flags" 2>&1
    [ "$(grep -c "^flags.* $2 " "$work/flags")" -eq 2 ] && ! grep -v '^flags\|^make.*directory' "$work/flags" || { cat "$work/flags"; return 1; }
}
check "make uses all cores by itself, and so does a make within it" jobs '' "-j$(nproc)"
check "unless the caller says how many" jobs -j3 -j3
check "or that there shall be one" jobs -j1 -j1
check "settings on the command line change nothing about it" jobs CC=nothing "-j$(nproc)"
in_order() { [ "$(make -s -C "$scratch" slow quick | tr '\n' ' ')" = "slow quick " ]; }
check "goals are made one after the other" in_order
unknown_mode() { make -C "$scratch" MODE=fast all >"$work/mode" 2>&1; [ $? -eq 2 ] && grep -q 'MODE is "fast"' "$work/mode"; }
check "an unknown MODE is refused" unknown_mode

# ---- for editors ----
if command -v python3 >/dev/null 2>&1; then
    printf 'static const char version[] = ACTIONHOST_VERSION; /* from the command line */\nint main(void)\n{\n    return version[0] == 0;\n}\n' >"$scratch/a.c"
    (cd "$scratch" && git init -q && git add a.c && make compile_commands.json) >"$work/commands.log" 2>&1
    python3 -c 'import json, sys
for entry in json.load(open(sys.argv[1])): print("cd", repr(entry["directory"]), "&& test -f", entry["file"], "&&", entry["command"])' \
        "$scratch/compile_commands.json" >"$work/commands" 2>>"$work/commands.log"
    check "compile_commands.json says how a file is compiled" sh -c "[ \$(grep -c . '$work/commands') -eq 1 ] && sh '$work/commands'" || cat "$work/commands.log"
    for file in .vscode/*.json .devcontainer/*.json; do check "$file is JSON" python3 -m json.tool "$file" "$work/tool.json"; done
    called=$(grep -o '"make [^"]*' .vscode/*.json .devcontainer/*.json | sed 's/.*"make //' | tr ' ' '\n' | grep -x '[a-z-][a-z-]*' | sort -u)
    known() { for target in $called; do grep -qx "$target" "$work/helped" || { echo "  make $target"; return 1; }; done; }
    check "what they call of make is there" known
else
    skip "files for editors: python3 is not installed"
fi
follows() { name=$(sed -n "s/^Worker('\(.*\)'.*/\1/p" .vscode/worker.gdb) && [ -n "$name" ] && grep -rqE "^[a-z].*[ *]$name\([^;]*$" --include="*.c" runtime; }
check "the function that .vscode/worker.gdb waits for is there" follows
totals
