#!/bin/sh
# 24-run.sh - make run, ended by Ctrl-C as a person does it: both servers stop, and make has no error to report.
. "$(dirname "$0")/../lib.sh"

if ! command -v python3 >/dev/null 2>&1; then
    skip "make run and Ctrl-C: python3 is not installed"
    totals
    exit
fi
interrupt() { # starts make run in a process group of its own, like a terminal, and sends the group what Ctrl-C sends
    PORT=$(free_port) SANDBOX_PORT=$(free_port) SANDBOX_PUBSUB_PORT=0 TEST_WORK="$work/servers" python3 - >"$work/run.log" <<'PY'
import os
import signal
import subprocess
import sys

child = subprocess.Popen(['make', 'run'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
                         preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
signal.signal(signal.SIGALRM, lambda *_: os.killpg(child.pid, signal.SIGKILL))
signal.alarm(60)
for line in child.stdout:
    print(line, end='')
    if 'Ctrl-C stops both' in line:
        os.killpg(child.pid, signal.SIGINT)
sys.exit(0 if child.wait() in (0, 130, -signal.SIGINT) else 1)
PY
}
check "make run ends well" interrupt
check "it had started" grep -q 'Ctrl-C stops both' "$work/run.log"
check "it names the pages, and their password" grep -q '^  pages .*/jobs and .*/portal, password [0-9a-f]\{24\}$' "$work/run.log"
check "make reports no error" sh -c "! grep -q '\*\*\*\|Error' '$work/run.log'" || tail -n 5 "$work/run.log"
url=$(sed -n 's/^  host  *\(http[^ ]*\).*/\1/p' "$work/run.log")
check "the host has stopped" sh -c "[ -n '$url' ] && ! curl -s -o /dev/null --noproxy '*' --max-time 2 '$url/healthcheck'"
totals
