#!/bin/sh
# soak.sh [SECONDS [CONNECTIONS]]: steady load for a long time; a stall of the event loop shows as a low rate or a lost request.
. tests/lib.sh
start "$work/addon.log" "$B/tests/fake_addon" || exit 1
addon=127.0.0.1:$port
start "$work/host.log" env PORT=0 BIND=127.0.0.1 HEROKU_APPLINK_API_URL="http://$addon/addons/x" HEROKU_APPLINK_TOKEN=t \
    HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 REPLAY_MAX=8000000 REPLAY_WINDOW_S=300 LOG_LEVEL=warn "$B/tests/actionhost-bare" serve || exit 1
"$B/tests/load" "http://127.0.0.1:$port/api/echo" --addon-org "$addon" --connections "${2:-1}" --seconds "${1:-600}" --cpu "$pid"
