#!/bin/sh
# pictures.sh - the three pictures at the top of the docs page, made from the sample data: a card, page 1 of an agreement, and how a
# job of 5,000 quotes went. Written into openapi/docs; `make docs-files` calls it when cards, agreements or jobs look different.
. tests/lib.sh
to=openapi/docs
make -s "$B/tests/free_port" || exit 1
HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
# shellcheck disable=SC2046
start_host "$B/actionhost" $(jobs_settings) RATE_PROVIDERS="$(rate_providers)" || exit 1
invoke() { curl -sS --noproxy '*' -X POST -H 'content-type: application/json' -d "$2" "$sandbox_url/sandbox/invoke/$1"; }
member() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }
file() { curl -sS --noproxy '*' -f -o "$2" "$sandbox_url/sandbox/files/$1"; }

card='{"campaignId": "701xx0000000010AAA", "presets": ["og"], "template": "mesh", "format": "jpeg",
    "overrides": {"headline": "Fly into summer", "subtitle": "40 islands, one airline", "figure": "from £39"}}'
file "$(invoke generateSocialCards "$card" | member contentVersionId)" "$to/card.jpg" || exit 1
paper='{"customerId": "003xx000004TmQ0", "vehicleId": "a0Vxx0000000010", "maxInterestRate": 4.5, "downPayment": 1000, "years": 5}'
file "$(invoke calculateFinanceAgreement "$paper" | member contentVersionId)" "$work/agreement.pdf" &&
    pdftoppm -gray -r 58 -f 1 -l 1 -png -singlefile "$work/agreement.pdf" "$to/agreement" || exit 1

# how many quotes were done when, in an org that answers as slowly as this model of one says
control() { curl -sS --noproxy '*' -f -o /dev/null -X POST -d "$2" "$sandbox_url/sandbox/$1"; }
control make '{"opportunities": 5000, "linesEach": 2, "seed": 1}' &&
    control model '{"networkMs": 150, "pageMs": 600, "recordMs": 7.5, "capacity": 6, "seed": 1}' || exit 1
job=$(invoke generateQuotes "{\"condition\": \"Name LIKE 'Sample Opportunity%'\"}" | member jobId)
: >"$work/series"
while :; do
    state=$(invoke getJob "{\"jobId\": \"$job\"}") || exit 1
    echo "$(date +%s%3N) $(echo "$state" | member 'done') $(echo "$state" | member failed)" >>"$work/series"
    case $state in *'"state":"running"'* | *'"state":"queued"'*) sleep 0.2 ;; *) break ;; esac
done
awk '{ t[NR] = $1; done[NR] = $2; failed = $3 }
    END {
        seconds = (t[NR] - t[1]) / 1000
        printf "{\"total\": %d, \"failed\": %d, \"seconds\": %.0f, \"done\": [0", done[NR], failed, seconds
        k = 1
        for (i = 1; i <= 24; i++) {
            until = t[1] + (t[NR] - t[1]) * i / 24
            while (k < NR && t[k + 1] <= until) k++
            printf ", %d", done[k]
        }
        print "]}"
    }' "$work/series" >"$to/job.json"
cat "$to/job.json"
stop "$host_pid"
