# 86-events-crash - a stream of change events, some of them twice, into a process that is killed again and again: each
# event is in one job, and no job has events of two transactions; the same with PostgreSQL.
# long: 14
. "$(dirname "$0")/../lib.sh"
[ -n "${LONG:-}" ] && events=20000 kills=14 || events=5000 kills=5
scratch=$(mktemp -d)
chmod 755 "$scratch" # the user of PostgreSQL enters it
guard=
end() { [ -z "$guard" ] || tests/postgres.sh stop "$scratch/pg"; rm -rf "$scratch"; stop_all; }
trap end EXIT

crash() {
    "$B/tests/events_crash" "$1" $events $kills >"$work/$2.txt" 2>"$work/$2.log" || { cat "$work/$2.txt"; tail -n 20 "$work/$2.log"; return 1; }
    echo "$2: $(cat "$work/$2.txt")"
}
check "SQLite: kills lose no event and double none" crash "$scratch/events.db" sqlite
if url=$(tests/postgres.sh start "$scratch/pg" fsync=off 2>"$work/postgres.log"); then
    guard=yes
    check "PostgreSQL: kills lose no event and double none" crash "$url" postgres
else
    skip "PostgreSQL: $(cat "$work/postgres.log")"
fi
totals
