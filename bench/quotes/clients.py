#!/usr/bin/env python3
"""clients.py - the race of `make bench-quotes`: one client makes a Quote of each Opportunity in stage Prospecting.

    clients.py ours SANDBOX           a job of the host, from the call to its end
    clients.py java-sample SANDBOX    the algorithm of Salesforce's published Java sample, run again
    clients.py check SANDBOX          counts what stands in the org afterwards

The sample reads all pages of one query, creates the Quotes in blocks of 200 by 20 threads, and when all are there the
lines in the same way (github.com/heroku-examples, heroku-integration-pattern-org-job-java, as of 2025). It sends SOAP;
here each block is one request of sObject Collections, which costs the modelled org the same.
"""
import base64
import concurrent.futures
import http.client
import json
import sys
import threading
import time
import urllib.parse

CONDITION = "StageName = 'Prospecting'"
THREADS, BLOCK = 20, 200
local = threading.local()


def ask(base, method, path, body=None, headers=None):
    """One request on the thread's own connection."""
    host = urllib.parse.urlsplit(base).netloc
    held = local.__dict__.setdefault('held', {})
    connection = held.get(host) or http.client.HTTPConnection(host, timeout=300)
    held[host] = connection
    connection.request(method, path, None if body is None else json.dumps(body),
                       {'Content-Type': 'application/json', **(headers or {})})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 300:
        raise SystemExit(f'{method} {path}: {answer.status} {text[:300]!r}')
    return json.loads(text) if text else None


class Org:
    def __init__(self, sandbox):
        signed = ask(sandbox, 'POST', '/sandbox/sign', {})
        context = json.loads(base64.b64decode(signed['x-client-context']))
        self.base = sandbox
        self.root = f"/services/data/v{context['apiVersion']}"
        self.headers = {'Authorization': f"Bearer {context['accessToken']}"}

    def rows(self, soql):
        path = f'{self.root}/query?q=' + urllib.parse.quote(soql)
        while path:
            page = ask(self.base, 'GET', path, headers=self.headers)
            yield from page['records']
            path = page.get('nextRecordsUrl')

    def create(self, records):
        return ask(self.base, 'POST', f'{self.root}/composite/sobjects', {'allOrNone': False, 'records': records},
                   self.headers)


def ours(sandbox):
    started = ask(sandbox, 'POST', '/sandbox/invoke/generateQuotes', {'condition': CONDITION})
    state = 'queued'
    while state in ('queued', 'running', 'waiting'):
        job = ask(sandbox, 'POST', '/sandbox/invoke/getJob', {'jobId': started['jobId'], 'waitSeconds': 20})
        state = job['state']
    if state != 'done' or job['failed'] > 1:  # one Opportunity of the sample data has no lines
        raise SystemExit(f'the job is {job}')


def java_sample(sandbox):
    org = Org(sandbox)
    fields = 'Id, Name, AccountId, CloseDate, StageName, Amount'
    lines = 'SELECT Id, Product2Id, Quantity, UnitPrice, PricebookEntryId FROM OpportunityLineItems'
    deals = [deal for deal in org.rows(f'SELECT {fields}, Pricebook2Id, ({lines}) FROM Opportunity WHERE {CONDITION}')
             if deal['OpportunityLineItems']]

    def create_all(records):
        blocks = [records[i:i + BLOCK] for i in range(0, len(records), BLOCK)]
        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            made = [result for results in pool.map(org.create, blocks) for result in results]
        refused = [result for result in made if not result['success']]
        if refused:
            raise SystemExit(f'refused: {len(refused)}, the first: {refused[0]}')
        return [result['id'] for result in made]

    quotes = create_all([{'attributes': {'type': 'Quote'}, 'Name': 'New Quote', 'OpportunityId': deal['Id'],
                          'Pricebook2Id': deal['Pricebook2Id']} for deal in deals])
    create_all([{'attributes': {'type': 'QuoteLineItem'}, 'QuoteId': quote, 'PricebookEntryId': line['PricebookEntryId'],
                 'Quantity': line['Quantity'], 'UnitPrice': line['UnitPrice'] * 0.9}
                for quote, deal in zip(quotes, deals) for line in deal['OpportunityLineItems']['records']])


def check(sandbox):
    """What a client left behind: each Opportunity one Quote with two lines."""
    org = Org(sandbox)
    wanted = {row['Id'] for row in org.rows(f"SELECT Id FROM Opportunity WHERE Name LIKE 'Sample Opportunity %'")}
    quotes = list(org.rows('SELECT Id, OpportunityId FROM Quote'))
    lines = {}
    for line in org.rows('SELECT QuoteId FROM QuoteLineItem'):
        lines[line['QuoteId']] = lines.get(line['QuoteId'], 0) + 1
    of = {}
    for quote in quotes:
        of.setdefault(quote['OpportunityId'], []).append(quote['Id'])
    whole = {deal for deal, made in of.items() if all(lines.get(quote, 0) == 2 for quote in made)}
    print(sum(len(made) - 1 for made in of.values()), len(wanted - whole))


RUNS = {'ours': ours, 'java-sample': java_sample}

if __name__ == '__main__':
    name, url = sys.argv[1:3]
    if name == 'check':
        check(url)
    else:
        begun = time.monotonic()
        RUNS[name](url)
        print(f'{time.monotonic() - begun:.2f}')
