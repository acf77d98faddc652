"""events.py - ten changes a second in the sandbox; from the commit of each until its Quote is written, by the sandbox's log.

    events.py SANDBOX-URL SECONDS
"""
import json
import re
import sys
import threading
import time
import urllib.parse
import urllib.request

SANDBOX, SECONDS = sys.argv[1], int(sys.argv[2])
STAGE = 'Proposal/Price Quote'


def call(method, url, body=None, headers=None):
    request = urllib.request.Request(url, data=None if body is None else json.dumps(body).encode(), method=method,
                                     headers={'Content-Type': 'application/json', **(headers or {})})
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


session = call('GET', f'{SANDBOX}/addons/sandbox/authorizations/sandbox', headers={
    'Authorization': 'Bearer sandbox-token', 'X-App-UUID': '11111111-2222-4333-8444-555555555555'})['org']
org = session['instance_url'] + '/services/data/v62.0'
token = {'Authorization': 'Bearer ' + session['user_auth']['access_token']}
soql = f"SELECT Id FROM Opportunity WHERE Name LIKE 'Sample Opportunity%' ORDER BY Id LIMIT {SECONDS * 10}"
ids = [r['Id'] for r in call('GET', f'{org}/query?q=' + urllib.parse.quote(soql), headers=token)['records']]
call('DELETE', f'{SANDBOX}/sandbox/log')


def change(record):
    call('PATCH', f'{org}/sobjects/Opportunity/{record}', {'StageName': STAGE}, token)


threads = []
began = time.time()
for n, record in enumerate(ids):
    time.sleep(max(0, began + n / 10 - time.time()))
    threads.append(threading.Thread(target=change, args=(record,)))
    threads[-1].start()
for thread in threads:
    thread.join()
time.sleep(5)
commits, begun, written = {}, {}, {}
for c in call('GET', f'{SANDBOX}/sandbox/log?path=/services/data&limit=100000')['calls']:
    end = c['beganMs'] + c['ms']
    if c['method'] == 'PATCH' and '/Opportunity/' in c['target']:
        commits[c['target'].rsplit('/', 1)[1]] = end
    for record in re.findall(r'[0-9a-f-]{36}:(006\w{15})', c.get('body') or '') if c['method'] == 'POST' else ():
        begun.setdefault(record, c['beganMs'])
        written.setdefault(record, end)


def tell(name, of):
    times = sorted(of[i] - commits[i] for i in ids if i in of and i in commits)
    if len(times) != len(ids):
        print(f'events {name}: {len(ids) - len(times)} of {len(ids)} changes have no Quote', file=sys.stderr)
    if not times:
        sys.exit(1)
    print(f'events {name} p50 {times[len(times) // 2]:.0f} p99 {times[min(len(times) - 1, len(times) * 99 // 100)]:.0f} changes {len(times)}')
    return len(times) == len(ids)


ok = tell('host_ms', begun)
ok = tell('commit_to_quote_ms', written) and ok
sys.exit(0 if ok else 1)
