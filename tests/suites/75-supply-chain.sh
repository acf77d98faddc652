#!/bin/sh
# 75-supply-chain.sh - what the finished program is made of and guarded by: make sbom and make hardening, each shown to notice what is wrong.
. tests/lib.sh
program=$B/actionhost

# ---- guards of the program ----
if [ "${MODE:-release}" != release ]; then
    skip "guards of the program: those of the release build"
elif ! command -v readelf >/dev/null 2>&1; then
    skip "guards of the program: no readelf (binutils)"
else
    hardened() { make/hardening.sh "$program" >"$work/guards" 2>&1 || { cat "$work/guards"; return 1; }; }
    check "the program has all of its guards" hardened
    check "ten of them" test "$(grep -c ' yes$' "$work/guards")" -eq 10
    cat >"$work/small.c" <<'C'
#include <stdio.h>
#include <string.h>
int main(int argc, char **argv)
{
    char text[64];
    snprintf(text, (size_t)argc * 8, "%s", argv[0]);
    return (int)strlen(text) & 1;
}
C
    good='-O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE -pie -Wl,-z,relro,-z,now'
    # built OPTIONS: a small program, built so
    # shellcheck disable=SC2086
    built() { ${CC:-cc} $good $1 "$work/small.c" -o "$work/small" 2>"$work/cc.log" || { cat "$work/cc.log"; return 1; }; }
    small() { built "" && make/hardening.sh "$work/small" >"$work/out" 2>&1 || { cat "$work/out"; return 1; }; }
    check "a small program built alike has them too" small
    # without OPTIONS GUARD: built with these options as well, that guard is told as missing, and no other
    without() {
        built "$1" || return 1
        if make/hardening.sh "$work/small" >"$work/out" 2>"$work/err"; then return 1; fi
        [ "$(sed -n 's/  *no$//p' "$work/out")" = "$2" ] && grep -q '^hardening: 1 missing' "$work/err" || { cat "$work/out"; return 1; }
    }
    check "one at a fixed address is told" without '-fno-pie -no-pie' 'position-independent'
    check "relocations that stay writable" without '-Wl,-z,norelro' 'read-only relocations'
    check "functions bound when they are called" without '-Wl,-z,lazy' 'bound at the start'
    check "a stack that may be run" without '-Wl,-z,execstack' 'stack without execution'
    check "a stack without its guard" without '-fno-stack-protector' 'stack protector'
    check "calls that are not fortified" without '-U_FORTIFY_SOURCE' 'fortified calls'
    check "a path for libraries" without '-Wl,-rpath,/nowhere' 'no path for libraries'
    no_program() { make/hardening.sh "$work/small.c" >"$work/out" 2>&1; [ $? -eq 65 ]; }
    check "what is no program is told" no_program
fi

# ---- bill of materials ----
version=$("$program" version | sed -n 's/^actionhost //p')
if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v readelf >/dev/null 2>&1 || ! command -v python3 >/dev/null 2>&1; then
    skip "bill of materials: it needs Debian, binutils and python3"
    totals
    exit
fi
valid() { PYTHONDONTWRITEBYTECODE=1 python3 tests/tools/sbom_check.py "$1" "$version" "$program" >"$work/out" 2>&1; }
made() { make/sbom.sh "$program" "$version" >"$work/bom.json" && valid "$work/bom.json" || { cat "$work/out"; return 1; }; }
check "the bill of materials has the form of CycloneDX 1.5" made
# each name of the list, with the version that is installed
installed() {
    for package in libmicrohttpd12 libssl3 libpq5 libcurl4 fonts-inter; do
        grep -qF "\"name\": \"$package\", \"version\": \"$(dpkg-query -W -f '${Version}' "$package")\"" "$work/bom.json" || { echo "  $package"; return 1; }
    done
}
check "it names packages in the versions that are installed" installed
check "what the program is linked with, named by deps.sh or not" grep -q '"name": "libc6"' "$work/bom.json"
check "and data of others with its licence" grep -q 'defra_2023.csv".*OGL-UK-3.0' "$work/bom.json"
origins() {
    git ls-files 'actions/*.csv' | sort >"$work/files"
    grep -v '^#' make/data-origins.tsv | cut -f1 | sort >"$work/known"
    cmp -s "$work/files" "$work/known" || { diff "$work/files" "$work/known"; return 1; }
}
if [ -e .git ]; then check "every table of the actions says where it comes from" origins; else skip "origins of tables: no git"; fi
# spoilt SED EXPECTED: the bill changed so is refused for that reason
spoilt() {
    sed "$1" "$work/bom.json" >"$work/spoilt.json"
    cmp -s "$work/bom.json" "$work/spoilt.json" && { echo "  the change changes nothing"; return 1; }
    if valid "$work/spoilt.json"; then return 1; fi
    grep -qE "$2" "$work/out" || { cat "$work/out"; return 1; }
}
check "another form is refused" spoilt 's/"1.5"/"1.4"/' 'not CycloneDX 1.5'
check "a component without a version" spoilt 's/\("name": "libssl3", \)"version": "[^"]*", /\1/' '^libssl3: no version'
check "a file that has changed" spoilt 's/\(airports.csv".*"content": "\)./\1x/' "airports.csv: the hash is another file's"
check "a component that nothing leads to" spoilt 's/"dependsOn": \["[^"]*", /"dependsOn": [/' 'does not depend on each'
check "a serial number that is none" spoilt 's/urn:uuid:..../urn:uuid:zzzz/' 'serial number'
unknown_package() {
    mkdir -p "$work/copy/make" && cp make/*.sh make/sbom.awk "$work/copy/make/" && : >"$work/copy/make/data-origins.tsv"
    sed "s/^runtime='/&no-such-package /" deps.sh >"$work/copy/deps.sh"
    (cd "$work/copy" && make/sbom.sh "$top/$program" "$version") >"$work/out" 2>&1
    [ $? -eq 69 ] && grep -q 'no-such-package is not installed' "$work/out" || { cat "$work/out"; return 1; }
}
check "a package that is not installed has no version: refused" unknown_package
totals
