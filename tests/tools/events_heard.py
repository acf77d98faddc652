"""events_heard.py - the jobs that a stream of events has started, in a SQLite file of jobs: each Opportunity once, each job of one
transaction. For 84-listener.sh.

    events_heard.py FILE EVENTS      one line of figures; exit 1 while, or because, something is missing or there twice
"""
import collections
import json
import sqlite3
import sys

FILE, EVENTS = sys.argv[1], int(sys.argv[2])
IN_TRANSACTION = 50
seen, jobs, mixed = collections.Counter(), 0, 0
with sqlite3.connect(f'file:{FILE}?mode=ro', uri=True, timeout=10) as db:
    for (text,) in db.execute("SELECT input FROM ah_job_data"):
        numbers = [int(record[5:15]) for record in json.loads(text)['opportunityIds']]
        jobs += 1
        mixed += len({(n - 1) // IN_TRANSACTION for n in numbers}) != 1
        seen.update(numbers)
twice = sum(count > 1 for count in seen.values())
missing = EVENTS - len(seen)
print(f'{jobs} jobs, {missing} missing, {twice} twice, {mixed} of two transactions')
sys.exit(0 if not missing and not twice and not mixed else 1)
