# 81-jobs-crash - processes that work on a queue are killed, or stopped for longer than their lease; PostgreSQL is
# restarted under them. Each step is done, each effect is there once, and the sums are right.
# long: 40
# timed: leases of a second
. "$(dirname "$0")/../lib.sh"
[ -n "${LONG:-}" ] && steps=3000 kills=20 || steps=900 kills=8
scratch=$(mktemp -d)
chmod 755 "$scratch" # the user of PostgreSQL enters it
guard=
end() { [ -z "$guard" ] || tests/postgres.sh stop "$scratch/pg"; rm -rf "$scratch"; stop_all; }
trap end EXIT

crash() {
    "$B/tests/jobs_crash" "$1" $steps $kills >"$work/$2.txt" 2>"$work/$2.log" || { cat "$work/$2.txt" "$work/$2.log"; return 1; }
    echo "$2: $(cat "$work/$2.txt")"
}
# restarts PostgreSQL while they work; the pid of the first command is waited for
restarted() {
    crash "$1" "$2" &
    worker=$!
    sleep 2
    tests/postgres.sh restart "$scratch/pg" || return 1
    wait $worker
}
check "SQLite: killed and stopped processes lose nothing and double nothing" crash "$scratch/jobs.db" sqlite
if url=$(tests/postgres.sh start "$scratch/pg" fsync=off 2>"$work/postgres.log"); then
    guard=yes
    check "PostgreSQL: killed and stopped processes lose nothing and double nothing" crash "$url" postgres
    check "PostgreSQL: the same with a server that is restarted" restarted "$url" restart
else
    skip "PostgreSQL: $(cat "$work/postgres.log")"
fi
totals
