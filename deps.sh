#!/bin/sh
# Installs the Debian packages that the action host needs. Quiet and quick when nothing is missing.
# Used by make deps, the Dockerfile and CI, so that there is one list.
#   ./deps.sh          what building, running and testing need
#   ./deps.sh build    what building needs (for the build stage of an image)
#   ./deps.sh runtime  what the finished program needs (for an image)
#   ./deps.sh node     also node, npm and chromium, for the tests that are skipped without them
#   ./deps.sh rehearse what make rehearse needs; with FULL=1 what builds the image too
set -eu

runtime='ca-certificates libmicrohttpd12 libjansson4 libcurl4 libssl3 libpng16-16 libcairo2 libpangocairo-1.0-0
libsqlite3-0 libpq5 libnghttp2-14 libprotobuf-c1 libavro23 libdeflate0 libjpeg62-turbo libwebp7 librsvg2-2 libicu72 libfontconfig1 libqpdf29 fonts-inter fonts-noto-core fonts-noto-color-emoji fonts-noto-cjk'
build='gcc make pkg-config libc6-dev libmicrohttpd-dev libjansson-dev libcurl4-openssl-dev libssl-dev libsqlite3-dev libpq-dev
libnghttp2-dev libprotobuf-c-dev protobuf-c-compiler libavro-dev libpng-dev libcairo2-dev libpango1.0-dev libdeflate-dev libjpeg62-turbo-dev libwebp-dev librsvg2-dev libqpdf-dev libicu-dev'
sandbox='libjwt-dev'
tests='procps postgresql libcmocka-dev libproj-dev json-schema-test-suite curl git qpdf poppler-utils libxml2-utils python3'

case "${1:-all}" in
runtime) want="$runtime" ;;
# the Makefile asks pkg-config about the libraries of the tests as well, of which cmocka is the only other one
build) want="$build $sandbox libcmocka-dev" ;;
all) want="$runtime $build $sandbox $tests" ;;
node) want="$runtime $build $sandbox $tests nodejs chromium" ;;
rehearse) want="$runtime $build $sandbox $tests nodejs iproute2 openssl jq${FULL:+ buildah debootstrap}" ;;
*) echo "usage: deps.sh [build|runtime|all|node|rehearse]" >&2; exit 64 ;;
esac

command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1 ||
    { printf '%s\n' "deps.sh: this machine has no apt. Install what these Debian packages are here, then run make:" $want >&2; exit 69; }

# The lists name Debian 12's packages. A library's number is another elsewhere, perhaps with t64 behind it (Debian 13, Ubuntu 24.04).
pattern() {
    case $1 in
    libjpeg62-turbo) echo '^(libjpeg62-turbo|libjpeg-turbo8)$' ;;
    libjpeg62-turbo-dev) echo '^(libjpeg62-turbo-dev|libjpeg-dev)$' ;;
    lib*[0-9]) echo "^$(echo "$1" | sed 's/[0-9]*$//')[0-9]+(t64)?\$" ;;
    *) echo "^$1\$" ;;
    esac
}
# what is installed, and what that provides; one name a line
installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}, ${Provides}\n' 2>/dev/null |
    sed -n 's/^ii *//p' | tr ',' '\n' | sed 's/^ *//; s/[ (:].*//' || true)
missing=
for package in $want; do
    echo "$installed" | grep -qE "$(pattern "$package" | sed 's/\./\\./g')" && continue
    # node may come from elsewhere than Debian
    if [ "$package" = nodejs ] && command -v node >/dev/null 2>&1; then continue; fi
    missing="$missing $package"
done
if case "${1:-all}" in node | rehearse) true ;; *) false ;; esac && ! command -v npm >/dev/null 2>&1; then
    # nodejs of some sources brings npm along; ask for Debian's only when it is still missing afterwards
    late_npm=yes
else
    late_npm=
fi
[ -n "$missing" ] || [ -n "$late_npm" ] || exit 0

sudo=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null 2>&1 || { echo "deps.sh: run as root, or install sudo; missing:$missing" >&2; exit 77; }
    sudo=sudo
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $1 >"$log" 2>&1 ||
        { cat "$log" >&2; echo "deps.sh: could not install:$1" >&2; exit 69; }
}
if [ -n "$missing" ]; then
    echo "deps: installing$missing"
    $sudo apt-get update -qq >"$log" 2>&1 || { cat "$log" >&2; exit 69; }
    offered=$(apt-cache pkgnames) here=
    for package in $missing; do
        name=$package
        echo "$offered" | grep -qxF "$package" ||
            name=$(echo "$offered" | grep -E "$(pattern "$package" | sed 's/\./\\./g')" | sort -V | tail -n 1)
        here="$here ${name:-$package}" # what nobody offers is named by apt
    done
    install "$here"
fi
if [ -n "$late_npm" ] && ! command -v npm >/dev/null 2>&1; then
    echo "deps: installing npm"
    install npm
fi
