#!/bin/sh
# rehearse.sh - follows docs/deploy.md to the letter: every command of its indented blocks, in order, with the real heroku, sf, git and curl.
# They run in a network namespace of their own, where the names of Heroku and Salesforce lead to stand-ins (standin.mjs) and nothing
# else leads anywhere. What is not word for word is said at `replaced` in inside.sh.
#   tests/deploy/rehearse.sh        a push is compiled with make
#   FULL=1 tests/deploy/rehearse.sh a push is built from the Dockerfile, as root with buildah and debootstrap; takes some minutes
#   PAGE=file                       another page than docs/deploy.md
TEST_WORK=${TEST_WORK:-build/test-work/rehearse}
. "$(dirname "$0")/../lib.sh"
. openapi/tools.sh
. tests/deploy/tools.sh
clients_ready install || { fail "rehearsal: $tools_why"; totals; exit 1; }
namespace_ready || { fail "rehearsal: $tools_why"; totals; exit 1; }
[ -z "$(git status --porcelain -uno)" ] || echo "note: HEAD is what is pushed; changes that are not committed are not in it"

work=$(cd "$work" && pwd)
for old in home clone commands published deployed releases git tls targets.json build.order build.result standin.log browser.log; do
    [ ! -e "$work/$old" ] || rm -rf "${work:?}/$old"
done
mkdir -p "$work/home" "$work/tls"
# one certificate for all the names, and trust in it beside what this machine trusts
names=$(sed 's/^/DNS:/' tests/deploy/names | paste -sd, -)
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=rehearsal -addext "subjectAltName=$names" \
    -keyout "$work/tls/key.pem" -out "$work/tls/cert.pem" 2>/dev/null || { fail "a certificate could be made"; totals; exit 1; }
cat /etc/ssl/certs/ca-certificates.crt "$work/tls/cert.pem" >"$work/tls/bundle.pem"
git clone -q . "$work/clone" || exit 1

if [ -n "${FULL:-}" ]; then
    setsid sh tests/deploy/image.sh "$work" >"$work/image.log" 2>&1 &
    builder=$!
    # its group, so that what it is just building ends with it
    trap 'kill -TERM -"$builder" 2>/dev/null; stop_all' EXIT
fi
unshare $unshare_how sh tests/deploy/inside.sh "$work"
