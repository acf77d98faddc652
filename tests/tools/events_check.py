"""events_check.py - what a change in the sandbox's orgs comes to: quotes, jobs, events, notifications. For 85-events.sh.

    events_check.py SANDBOX-URL HOST-URL CHECK     one line for each fault; exit 0 when there is none
"""
import base64
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

SANDBOX, HOST, CHECK = sys.argv[1:4]
ORGS = {'sandbox': '127.0.0.1', 'partner': '127.0.0.2'}
STAGE = 'Proposal/Price Quote'
faults = []


def call(method, url, body=None, headers=None):
    request = urllib.request.Request(url, data=None if body is None else json.dumps(body).encode(), method=method,
                                     headers={'Content-Type': 'application/json', **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        sys.exit(f'{method} {url}: {error.code} {error.read()[:300]}')
    return json.loads(text) if text else None


def control(path, body=None):
    return call('GET' if body is None else 'POST', f'{SANDBOX}/sandbox/{path}', body)


class Org:
    def __init__(self, connection):
        session = call('GET', f'{SANDBOX}/addons/sandbox/authorizations/{connection}', headers={
            'Authorization': 'Bearer sandbox-token', 'X-App-UUID': '11111111-2222-4333-8444-555555555555'})['org']
        self.url = session['instance_url'] + '/services/data/v62.0'
        self.token = session['user_auth']['access_token']

    def request(self, method, path, body=None, headers=None):
        return call(method, self.url + path, body, {'Authorization': f'Bearer {self.token}', **(headers or {})})

    def query(self, soql):
        answer = self.request('GET', '/query?q=' + urllib.parse.quote(soql))
        rows = answer['records']
        while not answer['done']:
            answer = call('GET', self.url.split('/services')[0] + answer['nextRecordsUrl'],
                          headers={'Authorization': f'Bearer {self.token}'})
            rows += answer['records']
        return rows

    def patch(self, kind, record, fields, headers=None):
        self.request('PATCH', f'/sobjects/{kind}/{record}', fields, headers)

    def quotes(self, record=None):
        where = f" WHERE OpportunityId = '{record}'" if record else ''
        return self.query(f'SELECT Id, AppLinkKey__c, OpportunityId FROM Quote{where}')


def check(ok, what):
    if not ok:
        faults.append(what)


def becomes(wanted, what, seconds=20):
    """What `wanted` answers once it is true."""
    end = time.time() + seconds
    while True:
        value = wanted()
        if value:
            return value
        if time.time() > end:
            faults.append(f'not within {seconds} s: {what}')
            return None
        time.sleep(0.05)


def settled(org, seconds=0.9):
    """Long enough for a transaction to end by silence and its job to run, were there one."""
    time.sleep(seconds)
    return len(org.quotes())


def fresh(org, n=1):
    """Opportunities with a price book that nothing has changed yet."""
    rows = org.query("SELECT Id FROM Opportunity WHERE Name LIKE 'Sample Opportunity%' AND StageName = 'Prospecting' "
                     'AND Id NOT IN (SELECT OpportunityId FROM Quote) ORDER BY Id LIMIT ' + str(n))
    if len(rows) < n:
        sys.exit('there are not enough fresh opportunities')
    return [r['Id'] for r in rows]


def of_done(job):
    return [e['payload'] for e in control('events') if e['event'] == 'QuoteGenerationComplete__e' and e['payload']['JobId__c'] == job]


# ---- checks ----

def stage():
    """An Opportunity comes into its stage: a quote, an event with the job's id, a notification to who has done it."""
    org = Org('sandbox')
    one, = fresh(org)
    control('notifications') and None
    before = len(control('events'))
    org.patch('Opportunity', one, {'StageName': STAGE})
    quotes = becomes(lambda: org.quotes(one), 'the quote')
    if not quotes:
        return
    key = quotes[0]['AppLinkKey__c']
    check(len(quotes) == 1, f'{len(quotes)} quotes')
    check(key.endswith(':' + one) and len(key.split(':')[0]) == 36, f'key {key}')
    done = becomes(lambda: [e['payload'] for e in control('events')[before:] if e['event'] == 'QuoteGenerationComplete__e'], 'the event')
    if done:
        check(len(done) == 1 and done[0]['Status__c'] == 'Quotes Generated: 1' and done[0]['Done__c'] == 1, f'told {done}')
        check(done[0]['TransactionKey__c'] == key.split(':')[0], f'transaction {done[0]["TransactionKey__c"]} of {key}')
        told = becomes(lambda: [n for n in control('notifications') if done[0]['JobId__c'] in n['body']], 'the notification')
        if told:
            check(len(told) == 1 and told[0]['title'] == 'Quotes Generated: 1' and told[0]['targetId'] == one, f'told {told}')
            check(told[0]['recipientId'] == done[0]['CommittedBy__c'], 'told somebody else')


def rule():
    """What starts a quote, and what does not."""
    org = Org('sandbox')
    one, two, three = fresh(org, 3)
    org.patch('Opportunity', one, {'StageName': STAGE})
    becomes(lambda: len(org.quotes(one)) == 1, 'the first quote')
    line = org.query(f"SELECT Id FROM OpportunityLineItem WHERE OpportunityId = '{one}'")[0]['Id']
    org.patch('OpportunityLineItem', line, {'Quantity': 77})
    becomes(lambda: len(org.quotes(one)) == 2, 'the quote of the new amount')
    n = settled(org)
    org.patch('Opportunity', one, {'NextStep': 'call them'})
    org.patch('OpportunityLineItem', org.query(f"SELECT Id FROM OpportunityLineItem WHERE OpportunityId = '{two}'")[0]['Id'], {'Quantity': 5})
    org.patch('Opportunity', two, {'StageName': 'Negotiation/Review'})
    check(settled(org) == n, 'a change that starts no quote has started one')
    org.patch('OpportunityLineItem', org.query(f"SELECT Id FROM OpportunityLineItem WHERE OpportunityId = '{three}'")[0]['Id'], {'Quantity': 6})
    time.sleep(0.1)
    org.patch('Opportunity', three, {'StageName': STAGE})
    becomes(lambda: org.quotes(three), 'the quote of what came into its stage')
    settled(org)
    check(len(org.quotes(three)) == 1, f'an amount, and the stage 100 ms later: {len(org.quotes(three))} quotes')


def created():
    """One that is created in its stage is quoted, and fails as it has no price book; its failure is told."""
    org = Org('sandbox')
    before = len(control('notifications'))
    org.request('POST', '/sobjects/Opportunity', {'Name': 'Made in its stage', 'StageName': STAGE, 'CloseDate': '2026-12-31'})
    told = becomes(lambda: control('notifications')[before:], 'the notification')
    check(told and told[0]['title'] == 'Quotes Generated: 0, failed: 1' and 'price book' in told[0]['body'], f'told {told}')


def many():
    """200 in one request are one transaction and one job; all is quoted once."""
    org = Org('sandbox')
    ids = fresh(org, 200)
    before = len(control('events'))
    org.request('PATCH', '/composite/sobjects', {'records': [{'attributes': {'type': 'Opportunity'}, 'id': i, 'StageName': STAGE} for i in ids]})
    becomes(lambda: len([q for q in org.quotes() if q['OpportunityId'] in ids]) == 200, '200 quotes', 40)
    done = becomes(lambda: [e['payload'] for e in control('events')[before:] if e['event'] == 'QuoteGenerationComplete__e'], 'the event')
    check(done and len(done) == 1 and done[0]['Done__c'] == 200, f'told {done}')
    check(len({q['AppLinkKey__c'].split(':')[0] for q in org.quotes() if q['OpportunityId'] in ids}) == 1, 'several transactions')


def change():
    """Ten changes while nobody listens, or somebody who will be killed."""
    org = Org('sandbox')
    ids = fresh(org, 10)
    for i in ids:
        org.patch('Opportunity', i, {'StageName': STAGE})
    print(' '.join(ids))


def quoted():
    """Each of the ids on standard input has one quote in the end."""
    org = Org('sandbox')
    ids = sys.stdin.read().split()
    becomes(lambda: {q['OpportunityId'] for q in org.quotes()} >= set(ids), 'every change is quoted', 40)
    settled(org)
    for i in ids:
        check(len(org.quotes(i)) == 1, f'{i}: {len(org.quotes(i))} quotes')
    check(len(ids) > 0, 'nothing was changed')


def overflow():
    """A transaction of which the org tells nothing but that there was one: what stands in the stage since is quoted."""
    org = Org('sandbox')
    ids = fresh(org, 3)
    control('faults', {'pubsub': {'org': 'sandbox', 'overflowAfter': 0}})
    org.request('PATCH', '/composite/sobjects', {'records': [{'attributes': {'type': 'Opportunity'}, 'id': i, 'StageName': STAGE} for i in ids]})
    becomes(lambda: {q['OpportunityId'] for q in org.quotes()} >= set(ids), 'what the gap has hidden is quoted')
    settled(org)
    check([len(org.quotes(i)) for i in ids] == [1, 1, 1], 'not once each')


def most():
    """All ids on standard input have one quote; one of them may have none, if it was its event that was spoiled."""
    org = Org('sandbox')
    ids = sys.stdin.read().split()
    becomes(lambda: len({q['OpportunityId'] for q in org.quotes()} & set(ids)) >= len(ids) - 1, 'all but one are quoted')
    settled(org)
    numbers = sorted(len(org.quotes(i)) for i in ids)
    check(numbers[1:] == [1] * (len(ids) - 1) and numbers[0] in (0, 1), f'quotes {numbers}')


def sync():
    """An account of one org is inserted under its id in the other, follows its changes, and nothing goes in circles."""
    here, there = Org('sandbox'), Org('partner')

    def copies():
        return there.query(f"SELECT Id, Name, BillingCity FROM Account WHERE AppLinkKey__c = '{account}'")
    account = here.request('POST', '/sobjects/Account', {'Name': 'Kept in step', 'BillingCity': 'Ulm'})['id']
    copy = becomes(copies, 'the copy')
    if not copy:
        return
    check(len(copy) == 1 and copy[0]['Name'] == 'Kept in step', f'copied {copy}')
    here.patch('Account', account, {'BillingCity': 'Bonn'})
    becomes(lambda: copies()[0]['BillingCity'] == 'Bonn', 'the change in the copy')
    there.patch('Account', copy[0]['Id'], {'BillingCity': 'Kiel'})
    becomes(lambda: here.query(f"SELECT BillingCity FROM Account WHERE Id = '{account}'")[0]['BillingCity'] == 'Kiel', 'the change that came back')
    time.sleep(1)
    check(len(copies()) == 1, 'several copies')
    writes = [c for c in control('log?path=/services/data&limit=1000')['calls'] if c['method'] == 'PATCH' and '/Account/' in c['target']]
    check(len(writes) == 5, f'{len(writes)} writes of accounts: {[c["target"] for c in writes]}')


def signals():
    """A data action starts a job as the connection of its org."""
    org = Org('sandbox')
    answer = control('data-action/noteSignals', {'events': [{'AccountId': '001xx000003DGb1AAG', 'EventUuid': 'signal-1'}]})
    check(answer['operation'] == 'noteSignals' and len(answer['jobId']) == 36, f'answered {answer}')
    becomes(lambda: org.query("SELECT Description FROM Account WHERE Id = '001xx000003DGb1AAG'")[0]['Description'] == 'signal-1', 'the note')


CHECKS = {f.__name__: f for f in (stage, rule, created, many, change, quoted, overflow, most, sync, signals)}
CHECKS[CHECK]()
for fault in faults:
    print(f'{CHECK}: {fault}', file=sys.stderr)
sys.exit(1 if faults else 0)
