#!/bin/sh
# postgres.sh - a PostgreSQL of the tests' own: an ordinary user's, reached by a socket in a folder alone, no port.
#   tests/postgres.sh start FOLDER [SETTING...]   prints its URL; FOLDER is made, and belongs to it
#   tests/postgres.sh restart FOLDER              ends it at once (as a crash would) and starts it again
#   tests/postgres.sh kill FOLDER                 ends it at once; again FOLDER starts it again
#   tests/postgres.sh dump FOLDER                 prints all that it holds, as SQL
#   tests/postgres.sh files FOLDER TO             copies its write-ahead log and tables as they stand in its files, while it runs
#   tests/postgres.sh stop FOLDER                 ends it, and removes FOLDER
#   tests/postgres.sh guard FOLDER                the same, as soon as stdin ends: however the program ends that holds it
# Exit 69: there is no PostgreSQL on this machine.
set -eu
command=$1 folder=$2
shift 2
bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] && [ -x "$bin/initdb" ] || { echo "postgres.sh: no PostgreSQL below /usr/lib/postgresql; ./deps.sh installs it" >&2; exit 69; }

# PostgreSQL refuses to run as root.
as_user() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME="$folder" "$@"
    else
        "$@"
    fi
}
# the folder in which the server runs must be one that its user may enter
control() { (cd / && as_user "$bin/pg_ctl" -s -w -t 60 -D "$folder/data" "$@") >>"$folder/control.log" 2>&1; }
run() { control -l "$folder/server.log" -o "-k $folder -c listen_addresses= $(cat "$folder/settings")" start; }

case $command in
start)
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    settings=
    for setting in "$@"; do settings="$settings -c $setting"; done
    echo "$settings" >"$folder/settings"
    : >"$folder/control.log"
    [ "$(id -u)" != 0 ] || chown -R nobody:nogroup "$folder"
    (cd / && as_user "$bin/initdb" -D "$folder/data" -U tests -A trust -E UTF8 --locale=C.UTF-8 --no-sync) >>"$folder/control.log" 2>&1
    run || { cat "$folder/control.log" "$folder/server.log" >&2; exit 1; }
    echo "postgresql://tests@/postgres?host=$folder"
    ;;
restart) folder=$(cd "$folder" && pwd); control -m immediate stop; run ;;
kill) folder=$(cd "$folder" && pwd); control -m immediate stop ;;
again) folder=$(cd "$folder" && pwd); run ;;
dump) folder=$(cd "$folder" && pwd); as_user "$bin/pg_dump" -h "$folder" -U tests postgres ;;
files)
    folder=$(cd "$folder" && pwd)
    printf 'CHECKPOINT' | as_user "$bin/psql" -q -h "$folder" -U tests postgres
    cat "$folder"/data/pg_wal/0* >"$1/wal"
    find "$folder/data/base" -type f -newer "$folder/settings" -exec cat {} + >"$1/tables"
    ;;
stop)
    [ -d "$folder" ] || exit 0
    folder=$(cd "$folder" && pwd)
    control -m immediate stop || true
    rm -rf "$folder"
    ;;
guard)
    trap '' INT TERM HUP
    cat >/dev/null
    "$0" stop "$folder"
    ;;
*) echo "usage: postgres.sh start|restart|kill|again|stop|guard FOLDER [SETTING...]" >&2; exit 64 ;;
esac
