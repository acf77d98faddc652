#!/bin/sh
# 71-docs-deploy.sh - docs/deploy.md, docs/operate.md, app.json and the image against the program: settings, codes, reasons,
# log fields and metrics are those of the program; the image's packages bring every library that the program links.
# long: 8
. "$(dirname "$0")/../lib.sh"

if ! command -v python3 >/dev/null 2>&1; then
    skip "docs against the program: python3 is not installed"
    totals
    exit
fi
export PYTHONDONTWRITEBYTECODE=1
docs() { python3 tests/tools/docs_check.py "$@" >"$work/docs.log" 2>&1 || { cat "$work/docs.log"; return 1; }; }
# broken WHAT WANTED FILE SED REST...: the same check on a changed copy of FILE must fail with the words WANTED
broken() {
    what=$1 wanted=$2 file=$3
    sed "$4" "$file" >"$work/copy"
    shift 4
    cmp -s "$file" "$work/copy" && { echo "  the change changes nothing"; return 1; }
    python3 tests/tools/docs_check.py "$what" "$work/copy" "$@" >"$work/docs.log" 2>&1 && { echo "  not noticed"; return 1; }
    grep -q -- "$wanted" "$work/docs.log" || { cat "$work/docs.log"; return 1; }
}
operate=docs/operate.md

# ---- settings ----
env -i "$B/actionhost" config --markdown >"$work/settings.md"
settings() { sed -n '/^<!-- settings:/,/^<!-- end of settings/p' "$1" | sed '1d;$d' | diff -u - "$work/settings.md"; }
check "the settings in docs/deploy.md are those of the program (make settings refreshes them)" settings docs/deploy.md
sed 's/| `QUEUE_MAX` | `256`/| `QUEUE_MAX` | `512`/' docs/deploy.md >"$work/deploy.md"
not_settings() { ! settings "$work/deploy.md" >/dev/null; }
check "another default is noticed" not_settings
check "descriptions in app.json are those of the program" docs app app.json "$work/settings.md"
check "another description is noticed" broken app 'WORKERS_MAX' app.json 's/worker processes at most/workers at most/' "$work/settings.md"
check "a setting that does not exist is noticed" broken app 'is no setting' app.json 's/"LOG_LEVEL"/"LOGLEVEL"/' "$work/settings.md"

# every value that app.json gives is one that the program starts with
python3 -c 'import json
for k, v in json.load(open("app.json"))["env"].items():
    if v.get("value"): print(k + "=" + v["value"])' >"$work/env"
set --
while IFS= read -r pair; do set -- "$@" "$pair"; done <"$work/env"
starts() {
    start_sandbox && start_host "$B/actionhost" METRICS_TOKEN=planted-token "$@" &&
        curl -s --noproxy '*' "$host_url/ready" | grep -q '"ready"'
}
check "the host starts with the values of app.json" starts "$@"

# ---- codes, reasons, log ----
check "every error code of the host is in docs/operate.md, with its status" docs codes $operate runtime/*.c runtime/*/*.c
check "a code that is missing there is noticed" broken codes "lacks ('wrong_app', '403')" $operate '/^| `wrong_app`/d' runtime/*.c runtime/*/*.c
check "a code that no longer exists is noticed" broken codes "has no ('wrong_apps', '403')" $operate 's/^| `wrong_app`/| `wrong_apps`/' runtime/*.c runtime/*/*.c
check "another status is noticed" broken codes "has no ('wrong_app', '404')" $operate 's/^| `wrong_app` | 403/| `wrong_app` | 404/' runtime/*.c runtime/*/*.c
check "codes of single faults" docs details $operate runtime/schema/schema.c
check "one that is missing is noticed" broken details 'lacks too_long' $operate 's/`too_long` //' runtime/schema/schema.c
inner="runtime/net/http_rules.c runtime/client/fetch_all.c $(echo actions/*/*.c)"
# shellcheck disable=SC2086
check "codes inside an answer" docs inner $operate $inner
for code in repeated_flight counter_offer minimum_viable_rate render_failed out_of_time not_stored picture_not_loaded hero_small year_not_verified bad_body refused_host unreachable candidate; do
    # shellcheck disable=SC2086
    check "$code: one that is missing is noticed" broken inner "lacks $code" $operate "/^<!-- inner codes/,/^<!-- end of inner codes/{/\`$code\`/d}" $inner
done
# shellcheck disable=SC2086
check "one that no longer exists is noticed" broken inner 'has no hero_tiny' $operate 's/`hero_small`/`hero_tiny`/' $inner
check "reasons of /ready" docs ready $operate runtime/web/pages.c
check "one that is missing is noticed" broken ready 'lacks no_worker' $operate '/^<!-- ready/,/^<!-- end of ready/{/no_worker/d}' runtime/web/pages.c
check "fields of the log line" docs log $operate runtime/web/exchange.c
check "one that is missing is noticed" broken log 'lacks auth_ms' $operate '/^| `auth_ms`/d' runtime/web/exchange.c
sh tests/tools/action_codes.sh >"$work/codes.md"
action_codes() { sed -n '/^<!-- action codes:/,/^<!-- end of action codes/p' "$1" | sed '1d;$d' | diff -u - "$work/codes.md"; }
check "the codes of the actions (make codes refreshes them)" action_codes $operate
sed '/^| `calculateCarbonFootprint` | `same_airport`/d' $operate >"$work/operate.md"
not_action_codes() { ! action_codes "$work/operate.md" >/dev/null; }
check "one that is missing is noticed" not_action_codes

# ---- metrics, of a host that has answered several kinds of requests ----
if [ -n "${host_url:-}" ]; then
    export SANDBOX_URL="$sandbox_url"
    curl -s --noproxy '*' -X POST -H 'Content-Type: application/json' -d "{\"hostUrl\":\"$host_url\"}" "$sandbox_url/sandbox/settings" >/dev/null
    for i in 1 2 3 4 5; do ./invoke calculateCarbonFootprint '{"flightId":"a0Fxx0000000000EAA"}' >"$work/answer" 2>&1; done
    check "an action was invoked" grep -q totalCo2Kg "$work/answer"
    ./invoke calculateCarbonFootprint '{"flightId":5}' >/dev/null 2>&1
    ./invoke calculateCarbonFootprint 'no json' >/dev/null 2>&1
    curl -s --noproxy '*' "$host_url/nothing" >/dev/null
    page=$work/page.txt
    curl -s --noproxy '*' -H 'Authorization: Bearer planted-token' "$host_url/metrics" >"$page"
    check "metrics are Prometheus text with consistent histograms" docs page "$page"
    check "five successes, two refusals and a path are counted" sh -c "grep -q 'status=\"200\",code=\"\"} 5' '$page' &&
        grep -q 'code=\"invalid_input\"} 1' '$page' && grep -q 'code=\"invalid_json\"} 1' '$page' && grep -q 'action=\"\",status=\"404\",code=\"unknown_path\"} 1' '$page'"
    check "every metric is in docs/operate.md" docs metrics $operate "$page"
    check "every metric of jobs and events is there too" docs job_metrics $operate runtime/runner/stats.c
    check "one of these that is missing is noticed" broken job_metrics "lacks ('job_steps_lost_total', 'counter')" $operate '/job_steps_lost_total/d' runtime/runner/stats.c
    check "one that is missing is noticed" broken metrics "lacks ('actionhost_draining', 'gauge')" $operate '/actionhost_draining/d' "$page"
    check "a label that the page does not tell is noticed" broken metrics "lacks ('actionhost_queue_seconds', 'histogram', 'action', 'outcome')" $operate '/actionhost_queue_seconds/s/ `outcome`//' "$page"
    sed '/_seconds/s/,outcome="[a-z]*"//' "$page" >"$work/lost.txt"
    lost() { ! docs metrics $operate "$work/lost.txt" >/dev/null && grep -q "has no ('actionhost_action_seconds', 'histogram', 'action', 'outcome')" "$work/docs.log"; }
    check "a label that a metric has lost is noticed" lost
    check "histograms tell how requests ended" sh -c "grep -q 'action_seconds_count{action=\"calculateCarbonFootprint\",outcome=\"ok\"} 5' '$page' &&
        grep -q 'duration_seconds_count{action=\"calculateCarbonFootprint\",outcome=\"refused\"} 2' '$page' && grep -q 'duration_seconds_count{action=\"\",outcome=\"refused\"} 1' '$page'"
    check "a count that falls is noticed" broken page 'counts fall' "$page" 's/\(request_duration_seconds_bucket{action="calculateCarbonFootprint",outcome="ok",le="25"}\) .*/\1 1/'
    check "+Inf beside the count is noticed" broken page 'is not the count' "$page" 's/\(request_duration_seconds_count{action="calculateCarbonFootprint",outcome="ok"}\) .*/\1 99/'
    check "a bucket too few is noticed" broken page 'do not rise to +Inf' "$page" '/action_seconds_bucket.*+Inf/d'
    check "a broken label is noticed" broken page 'is no sample' "$page" 's/outcome="ok"/outcome=ok/'
    check "a sample without TYPE is noticed" broken page 'has no TYPE' "$page" '/^# TYPE actionhost_draining/d'
    check "requests that were counted but not timed are noticed" broken page 'were timed' "$page" '/requests_total.*invalid_json/d'
    wrong() { [ "$(curl -s -o /dev/null -w '%{http_code}' --noproxy '*' -H "Authorization: Bearer $1" "$host_url/metrics")" = "$2" ]; }
    check "another token gets no metrics" wrong planted-toke 401
fi

# ---- the image ----
closure() { # every package that the given ones depend on, as far as they are installed
    python3 - "$@" <<'PY'
import re
import subprocess
import sys

shown = subprocess.run(['dpkg-query', '-W', '-f', '${Package}\t${Provides}\t${Depends}, ${Pre-Depends}\n'], capture_output=True, text=True).stdout
depends, provides = {}, {}
for line in shown.splitlines():
    package, given, needs = line.split('\t')
    depends[package] = [[re.split(r'[ (:]', a.strip())[0] for a in part.split('|')] for part in needs.split(',') if part.strip()]
    for virtual in given.split(','):
        provides.setdefault(re.split(r'[ (]', virtual.strip())[0], package)
found, todo = set(), list(sys.argv[1:])
while todo:
    package = todo.pop()
    package = package if package in depends else provides.get(package)
    if package and package not in found:
        found.add(package)
        todo += [alternative for alternatives in depends[package] for alternative in alternatives[:1]]
print('\n'.join(sorted(found)))
PY
}
libraries() { # packages of the libraries that the program links, itself and through others
    ldd "$B/actionhost" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' | while IFS= read -r library; do
        real=$(readlink -f "$library")
        printf '%s\n' "$real" "/usr$real" "${real#/usr}"
    done | xargs dpkg -S 2>/dev/null | cut -d: -f1 | sort -u
}
brought() { # brought PACKAGES...: do they bring every library?
    closure "$@" >"$work/closure"
    [ -s "$work/libraries" ] || { echo "  no library was found"; return 1; }
    missing=$(grep -vxFf "$work/closure" "$work/libraries")
    [ -z "$missing" ] || { echo "  not in the image:" $missing; return 1; }
}
runtime=$(sed -n "/^runtime='/,/'\$/p" deps.sh | tr '\n' ' ' | sed "s/runtime='//;s/'//")
if [ "${MODE:-release}" = release ] && command -v ldd >/dev/null 2>&1; then
    libraries >"$work/libraries"
    # shellcheck disable=SC2086
    check "./deps.sh runtime brings every library of the program" brought $runtime
    # shellcheck disable=SC2086
    not_brought() { ! brought $(echo "$runtime" | sed "s/ $1\b//") >"$work/not.log"; }
    for package in libmicrohttpd12 libprotobuf-c1 libqpdf29 librsvg2-2; do check "without $package it would not" not_brought $package; done
else
    skip "libraries of the image: only in release mode"
fi
# The Makefile asks pkg-config for these at once: one that is missing leaves the compiler without any.
build=$(sed -n "/^build='/,/'\$/p; /^sandbox='/p" deps.sh | tr '\n' ' ' | sed "s/[a-z]*='//g;s/'//g")
descriptions() { # descriptions PACKAGES...: do they bring every .pc file that the Makefile names?
    closure "$@" >"$work/closure"
    for name in $(sed -n 's/^[A-Z]*_PKGS := //p' Makefile | tr ' ' '\n' | grep -v '[$()]' | sort -u); do
        file=$(pkg-config --variable=pcfiledir "$name")/$name.pc
        package=$(dpkg -S "$file" "/usr${file#/usr}" 2>/dev/null | head -n 1 | cut -d: -f1)
        grep -qx "${package:-none}" "$work/closure" || { echo "  $name: ${package:-of no package}"; return 1; }
    done
}
# shellcheck disable=SC2086
check "./deps.sh build brings every library's headers" descriptions $build libcmocka-dev
# shellcheck disable=SC2086
not_descriptions() { ! descriptions $(echo "$build" | sed "s/ $1\b//") libcmocka-dev >"$work/not.log"; }
check "without libqpdf-dev it would not" not_descriptions libqpdf-dev
check "without libjwt-dev it would not" not_descriptions libjwt-dev
check "the image installs its packages by deps.sh only" sh -c "grep -q 'deps.sh build' Dockerfile && grep -q 'deps.sh runtime' Dockerfile && ! grep -q 'apt-get install' Dockerfile"
check "the image does not run as root" sh -c "[ \"\$(sed -n 's/^USER //p' Dockerfile)\" = actionhost ]"
for command in serve work migrate; do
    check "Procfile and heroku.yml run actionhost $command" sh -c "grep -q 'actionhost $command' Procfile && grep -q 'actionhost $command' heroku.yml"
done

# ---- the guides ----
links() { # every relative link of the pages leads somewhere
    for doc in docs/deploy.md docs/operate.md salesforce/README.md README.md; do
        grep -o '](\([^)h#][^)#]*\)' "$doc" | sed 's/](//' | while IFS= read -r link; do
            [ -e "$(dirname "$doc")/$link" ] || echo "  $doc: $link"
        done
    done >"$work/links"
    [ ! -s "$work/links" ] || { cat "$work/links"; return 1; }
}
check "links of the guides lead somewhere" links
flags='app remote addon connection-name client-name authorization-external-client-app-name authorization-permission-set-name authorization-connected-app-name metadata-dir'
all_flags() { for flag in $flags; do grep -q "^| \`--$flag\`" docs/deploy.md || { echo "  --$flag"; return 1; }; done; }
check "deploy.md has every flag of heroku salesforce:publish" all_flags
names() { # names in the commands exist in the project
    for name in $(sed -n 's/.*--authorization-permission-set-name \([A-Za-z]*\).*/\1/p' docs/deploy.md) $(grep -o 'permset --name Action[A-Za-z]*\( --name [A-Za-z]*\)*' docs/deploy.md | grep -o 'ActionHost[A-Za-z]*'); do
        [ -n "$(find salesforce -name "$name.permissionset-meta.xml")" ] || { echo "  $name"; return 1; }
    done
    app=$(sed -n 's/.*--authorization-external-client-app-name \([A-Za-z]*\).*/\1/p' docs/deploy.md)
    grep -q "\"externalClientApp\": \"$app\"" openapi/host.json
}
check "permission sets and client app of its commands are in the project" names
data_action() { path=$(sed -n 's/.*--target-api-path \/api\/\([A-Za-z]*\).*/\1/p' docs/deploy.md) && "$B/actionhost" actions | grep "^$path " | grep -q 'Data Cloud'; }
check "the target of its data action takes data actions" data_action
totals
