#!/bin/sh
# 18-deps.sh - deps.sh with stand-ins for dpkg-query, apt-get and apt-cache: which packages count as installed, and under
# which names others are asked for. The names of Ubuntu 24.04 are made of Debian 12's by the rules of deps.sh itself here:
# whether a distribution has them shows only on it.
. "$(dirname "$0")/../lib.sh"
bin=$work/bin
mkdir -p "$bin"
cat >"$bin/dpkg-query" <<TXT
#!/bin/sh
case \$* in
*Provides*) cat "$work/installed" ;;
*) sed 's/,.*/,/' "$work/installed" ;;
esac
TXT
cat >"$bin/apt-get" <<TXT
#!/bin/sh
echo "\$*" >>"$work/asked"
TXT
cat >"$bin/apt-cache" <<TXT
#!/bin/sh
cat "$work/offered"
TXT
printf '#!/bin/sh\necho 0\n' >"$bin/id"
chmod +x "$bin"/*

names=$(sed -n "/^runtime='/,/^tests=/p" deps.sh | sed "s/^[a-z]*='//; s/'\$//" | tr ' ' '\n')
other() { echo "$names" | sed 's/^libjpeg62-turbo-dev$/libjpeg-dev/; s/^libjpeg62-turbo$/libjpeg-turbo8/; s/^libicu72$/libicu74/; s/^\(libcurl4\|libssl3\|libpng16-16\|libmicrohttpd12\|libqpdf29\)$/\1t64/'; }
as_installed() { sed 's/^/ii  /; s/$/, /' >"$work/installed"; }
run() { rm -f "$work/asked"; PATH="$bin:$PATH" ./deps.sh "$@" >"$work/out" 2>&1; }
silent() { run "$@" && [ ! -s "$work/out" ] && [ ! -e "$work/asked" ] || { cat "$work/out" "$work/asked"; return 1; }; }
asks() { run && grep -qE "^install .* $1( |\$)" "$work/asked" || { cat "$work/out" "$work/asked"; return 1; }; }

echo "$names" | as_installed
check "nothing is asked of apt when nothing is missing" silent
other | as_installed
check "nor where libraries have other numbers, or t64 behind them" silent
echo "$names" | grep -v '^libsqlite3-0$' | as_installed
printf 'ii  libsqlite3-0t65, libsqlite3-0 (= 3.46), libsqlite3.so\n' >>"$work/installed"
check "what another package provides is there" silent
echo "$names" | grep -v '^libcmocka-dev$' | as_installed
printf 'rc  libcmocka-dev, \n' >>"$work/installed"
echo "$names" >"$work/offered"
check "what was taken away again is not" asks libcmocka-dev
check "and nothing else is asked for" sh -c "[ \$(grep '^install' '$work/asked' | tr ' ' '\n' | grep -c '^lib') -eq 1 ]"
: >"$work/installed"
other >"$work/offered"
for name in libcurl4t64 libssl3t64 libpng16-16t64 libicu74 libjpeg-turbo8 libjpeg-dev libqpdf29t64 libpangocairo-1.0-0 libjansson4; do
    check "asked for: $name" asks "$name"
done
check "and not under the name that is not offered" sh -c "! grep -qE ' (libcurl4|libicu72|libjpeg62-turbo-dev)( |\$)' '$work/asked'"
bare() {
    mkdir -p "$work/bare"
    for tool in sh printf; do ln -sf "$(command -v $tool)" "$work/bare/$tool"; done
    PATH="$work/bare" ./deps.sh >"$work/out" 2>&1
    [ $? -eq 69 ] && grep -q 'has no apt' "$work/out" && grep -qx libjansson-dev "$work/out"
}
check "a machine without apt is told what it needs" bare
totals
