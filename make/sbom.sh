#!/bin/sh
# sbom.sh PROGRAM VERSION - make sbom: the bill of materials of the finished program, CycloneDX 1.5 as JSON, on stdout: the program, the Debian packages it
# runs with (the list of deps.sh and whatever else it is linked with), in the versions installed here, and the data of others that is built into it
# (make/data-origins.tsv). The same content has the same serial number; SOURCE_DATE_EPOCH, or the commit, gives the time.
program=$1 version=$2
LC_ALL=C
export LC_ALL
tab=$(printf '\t')
work=$(mktemp -d) || exit 73
trap 'rm -rf "$work"' EXIT
die() { echo "sbom: $2" >&2; exit "$1"; }
[ -r "$program" ] && [ -n "$version" ] || die 66 "no program $program; build it with make"
for tool in dpkg-query readelf sha256sum; do command -v $tool >/dev/null 2>&1 || die 69 "$tool is missing; this works on Debian with binutils"; done
sum() { sha256sum "$1" | cut -d' ' -f1; }
# shellcheck disable=SC1091
. /etc/os-release

# packages: of the list, and the owners of the libraries that the program itself names
sed -n "/^runtime='/,/'\$/p" deps.sh | sed "s/^runtime=//; s/'//g" | tr -s ' \n' '\n\n' | grep . >"$work/packages"
[ -s "$work/packages" ] || die 70 'deps.sh has no list named runtime'
readelf -dW "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p' | sort >"$work/needed"
[ -s "$work/needed" ] || die 65 "$program is linked with nothing"
sed 's|^|*/|' "$work/needed" | xargs dpkg-query -S 2>/dev/null | sed -n 's|^\([^ :,]*\)[^ ]*: .*/\([^/]*\)$|\1 \2|p' | sort -u >"$work/owners"
while read -r library; do
    awk -v library="$library" '$2 == library { print $1; found = 1; exit } END { exit !found }' "$work/owners" ||
        die 69 "$library is of no Debian package, so its version is not known"
done <"$work/needed" >>"$work/packages" || exit $?
sort -u "$work/packages" -o "$work/packages"
xargs dpkg-query -W -f '${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\n' <"$work/packages" 2>/dev/null | grep '^installed' | cut -f 2- |
    sort -u -k1,1 >"$work/installed"
while read -r package; do
    grep -q "^$package$tab" "$work/installed" || die 69 "$package is not installed, so its version is not known; run ./deps.sh runtime"
done <"$work/packages" || exit $?
awk -F '\t' -v distro="${ID}-${VERSION_ID}" -v id="$ID" '{
    escaped = $2; gsub(/%/, "%25", escaped); gsub(/\+/, "%2B", escaped); gsub(/:/, "%3A", escaped)
    print "library", $1, $2, "pkg:deb/" id "/" $1 "@" escaped "?arch=" $3 "&distro=" distro, "", "", "", "" }' OFS='\t' "$work/installed" >"$work/components"

# data of others
while IFS="$tab" read -r file origin licence source; do
    case $file$licence in '#'* | *own) continue ;; esac
    [ -r "$file" ] || die 66 "make/data-origins.tsv names $file, which is not there"
    printf 'file\t%s\t\tdata:%s\t%s\t%s\t%s\t%s\n' "$file" "$file" "$origin" "$licence" "$source" "$(sum "$file")"
done <make/data-origins.tsv >>"$work/components" || exit $?
! grep -n '["\\]' "$work/components" >&2 || die 65 'a quote or a backslash in a name'

program_sum=$(sum "$program")
serial=$( (echo "$program_sum $version"; cat "$work/components") | sha256sum | sed 's/^\(.\{8\}\)\(.\{4\}\).\(.\{3\}\).\(.\{3\}\)\(.\{12\}\).*/\1-\2-8\3-a\4-\5/')
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
awk -F '\t' -v version="$version" -v serial="$serial" -v time="$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)" -v hash="$program_sum" -f make/sbom.awk "$work/components"
