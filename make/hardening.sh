#!/bin/sh
# hardening.sh PROGRAM - make hardening: what the compiler and the linker were told to guard, looked for in the finished program.
# One line for each guard; exit code 0 only if all of them are there.
program=${1:-build/release/actionhost}
[ -r "$program" ] || { echo "hardening: no program $program; build it with make" >&2; exit 66; }
command -v readelf >/dev/null 2>&1 || { echo "hardening: readelf is missing; install binutils" >&2; exit 69; }
head=$(LC_ALL=C readelf -hW "$program") && segments=$(LC_ALL=C readelf -lW "$program") && dynamic=$(LC_ALL=C readelf -dW "$program") &&
    symbols=$(LC_ALL=C readelf -W --dyn-syms "$program") || { echo "hardening: $program is no program that readelf can read" >&2; exit 65; }
missing=0
# guard NAME TEXT PATTERN: the pattern must stand in the text; with ! before it, it must not
guard() {
    case $3 in
    !*) if printf '%s\n' "$2" | grep -qE -- "${3#!}"; then found=no; else found=yes; fi ;;
    *) if printf '%s\n' "$2" | grep -qE -- "$3"; then found=yes; else found=no; fi ;;
    esac
    printf '%-28s %s\n' "$1" "$found"
    [ "$found" = yes ] || missing=$((missing + 1))
}
guard 'position-independent' "$head$dynamic" 'Type: +DYN' # a library is DYN too, so the next line
guard 'a program' "$segments" '^ +INTERP '
guard 'read-only relocations' "$segments" '^ +GNU_RELRO '
guard 'bound at the start' "$dynamic" 'BIND_NOW|Flags:.* NOW'
guard 'stack without execution' "$segments" '^ +GNU_STACK .* RW +0x'
guard 'no page to write and run' "$segments" '!^ +LOAD .* RWE '
guard 'no relocation of code' "$dynamic" '!TEXTREL'
guard 'stack protector' "$symbols" ' __stack_chk_fail(@|$)'
guard 'fortified calls' "$symbols" ' __(memcpy|snprintf|vsnprintf|fprintf|strncpy|read|explicit_bzero)_chk(@|$)'
guard 'no path for libraries' "$dynamic" '!\((RPATH|RUNPATH)\)'
[ "$missing" -eq 0 ] || { echo "hardening: $missing missing in $program; see OPT_release and LD_release in the Makefile" >&2; exit 1; }
