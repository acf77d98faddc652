#!/usr/bin/env python3
"""docs_check.py WHAT DOC [...] - compares docs/operate.md with the program. One fault a line; exit code 1 when there is one.

    codes DOC RUNTIME...     error codes and statuses of the runtime's sources
    details DOC SCHEMA       codes of single faults
    inner DOC SOURCES...     codes inside an answer: of records, cards, lenders, warnings, details
    ready DOC EXCHANGE       reasons of /ready
    log DOC EXCHANGE         fields of a request's log line
    metrics DOC PAGE         names, kinds and labels on a page of /metrics
    page PAGE                is PAGE Prometheus text with consistent histograms
    app APP_JSON TABLE       descriptions of app.json against the table of `actionhost config --markdown`
"""
import json
import re
import sys


def read(path):
    with open(path, encoding='utf-8') as f:
        return f.read()


def section(doc, name):
    found = re.search(rf'<!-- {name}:.*?-->\n(.*?)<!-- end of {name} -->', read(doc), re.S)
    return found.group(1) if found else ''


def rows(doc, name):
    return [[c.strip() for c in line.strip().strip('|').split('|')] for line in section(doc, name).splitlines()[2:]]


def compare(what, there, told):
    faults = [f'{what}: the page lacks {x}' for x in sorted(there - told)]
    return faults + [f'{what}: the program has no {x}' for x in sorted(told - there)]


def codes(doc, *sources):
    there = set()
    for source in sources:
        there |= {(c, s) for s, c in re.findall(r'\b([1-5]\d\d),\s*(?:\w+,\s*)?"([a-z]+(?:_[a-z0-9]+)*)"', read(source))}
    table = rows(doc, 'codes')
    told = [(r[0].strip('`'), r[1]) for r in table]
    faults = [f'codes: {c} stands twice' for c in set(told) if told.count(c) > 1]
    faults += [f'codes: {r[0]} has an empty cell' for r in table if len(r) != 4 or not all(r)]
    return faults + compare('codes', there, set(told))


def details(doc, source):
    text = read(source)
    there = set(re.findall(r'\bsay\(\w+, "([a-z]+(?:_[a-z]+)*)"', text))
    return compare('details', there, set(re.findall(r'`([a-z_]+)`', section(doc, 'details'))))


# The ways in which a source gives a code that stands inside an answer.
INNER = [
    r'act_refuse_detail\((?:[^";]|"[^"]*/[^"]*")*?"([a-z_]+)",\s*"',      # a literal code before the format
    r'\b(?:fail|give_up)\(\w+, (?:\*[\w.]+ \? [\w.]+ : )?"([a-z_]+)"',   # of a card or campaign
    r'code : "([a-z_]+)"\);',                                             # where the org gave none
    r'\.code = "([a-z_]+)"',                                              # of a record
    r'\[WARN_\w+\]\s*=\s*\{\s*"([a-z_]+)"',
    r'(?:->|(?<!char )\*)failure\s*=[^;]*?"([a-z_]+)"',                             # of a lender
    r'\[HTTP_\w+\] = "([a-z_]+)"',
    r'words\[failure\] : "([a-z_]+)"',
    r'json_array_append_new\(list, json_string\("([a-z_]+)"\)\)',       # a warning that is no bit of the drawing
]


def inner(doc, *sources):
    there = set()
    for source in sources:
        text = read(source)
        for pattern in INNER:
            there |= set(re.findall(pattern, text))
        for listed in re.findall(r'warning_codes\[\w+\] = \{(.*?)\}', text, re.S):
            there |= set(re.findall(r'"([a-z_]+)"', listed))
    declared = {r[1].strip('`') for r in rows(doc, 'action codes')}
    table = rows(doc, 'inner codes')
    faults = [f'inner: {r[1]} has an empty cell' for r in table if len(r) != 4 or not all(r[1:])]
    told = {r[1].strip('`') for r in table}
    return faults + compare('inner', there - (declared - told), told - (declared - there))


def ready(doc, source):
    body = re.search(r'page_ready\(.*?\n}', read(source), re.S).group(0)
    return compare('ready', set(re.findall(r'503, "([a-z_]+)"', body)), {r[0].strip('`') for r in rows(doc, 'ready')})


def log(doc, source):
    body = re.search(r'static void write_log\(.*?\n}', read(source), re.S).group(0)
    there = set(re.findall(r'&line, (?:x->action \? )?"(\w+)"', body)) | set(re.findall(r'\? "\w+" : "(\w+)"', body)) | {'at', 'level'}
    return compare('log', there, {f for r in rows(doc, 'log') for f in re.findall(r'`(\w+)`', r[0])})


def metrics(doc, page):
    text = read(page)
    labels = {}
    for name, inner in re.findall(r'^(\w+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})? [^ ]+$', text, re.M):
        labels.setdefault(name, set()).update(re.findall(r'(\w+)="', inner))
    there = {(n, k, *sorted(labels.get(n, set()) - {'le'})) for n, k in re.findall(r'^# TYPE (\w+) (\w+)$', text, re.M)}
    told = {(r[0].strip('`'), r[1], *sorted(re.findall(r'`(\w+)`', r[2]))) for r in rows(doc, 'metrics')}
    return compare('metrics', there, told)


def job_metrics(doc, source):
    text = read(source)
    there = set(re.findall(r'"((?:jobs?|events)_\w+)", "(counter|gauge|histogram)"', text))
    there |= {(name, 'histogram') for name in re.findall(r'\w+\[\] = "(job_\w+_seconds)"', text)}
    told = {(r[0].strip('`').removeprefix('actionhost_'), r[1]) for r in rows(doc, 'job metrics')}
    return compare('job metrics', there, told)


SAMPLE = re.compile(r'([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\n"])*",?)*\})? ([-+]?(?:\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|Inf)|NaN)\Z')


def parse_page(text):
    """(samples, kinds, faults) of Prometheus text exposition format 0.0.4."""
    samples, kinds, helped, faults, seen = [], {}, set(), [], set()
    if not text.endswith('\n'):
        faults.append('the last line has no end')
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith('# HELP '):
            helped.add(line.split(' ')[2])
        elif line.startswith('# TYPE '):
            name, kind = line.split(' ')[2:]
            if name in kinds or kind not in ('counter', 'gauge', 'histogram'):
                faults.append(f'line {number}: TYPE of {name}')
            kinds[name] = kind
        elif line and not line.startswith('#'):
            m = SAMPLE.match(line)
            if not m:
                faults.append(f'line {number}: is no sample: {line}')
                continue
            labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', m.group(2) or ''))
            key = (m.group(1), tuple(sorted(labels.items())))
            if key in seen:
                faults.append(f'line {number}: stands twice: {line}')
            seen.add(key)
            samples.append((m.group(1), labels, float(m.group(3))))
    for name in kinds:
        if name not in helped:
            faults.append(f'{name} has no HELP')
    return samples, kinds, faults


def histogram_faults(name, samples):
    groups = {}
    for sample, labels, value in samples:
        if sample in (f'{name}_bucket', f'{name}_sum', f'{name}_count'):
            key = tuple(sorted((k, v) for k, v in labels.items() if k != 'le'))
            groups.setdefault(key, {'buckets': []})
            if sample.endswith('_bucket'):
                groups[key]['buckets'].append((float(labels['le'].replace('+Inf', 'inf')), value))
            else:
                groups[key][sample[len(name) + 1:]] = value
    faults = []
    for key, g in groups.items():
        edges, counts = [e for e, _ in g['buckets']], [c for _, c in g['buckets']]
        if edges != sorted(set(edges)) or not edges or edges[-1] != float('inf'):
            faults.append(f'{name}{key}: buckets do not rise to +Inf')
        if counts != sorted(counts):
            faults.append(f'{name}{key}: counts fall')
        if 'count' not in g or 'sum' not in g or not counts or counts[-1] != g['count']:
            faults.append(f'{name}{key}: +Inf is not the count')
        elif g['sum'] < 0 or (len(edges) > 1 and g['sum'] < sum((c - b) * e for e, b, c in zip(edges, counts, counts[1:])) - 1e-6 * g['count']):
            faults.append(f'{name}{key}: the sum is less than its buckets allow')
    return faults


def page(path):
    samples, kinds, faults = parse_page(read(path))
    for sample, labels, value in samples:
        base = re.sub(r'_(bucket|sum|count)\Z', '', sample)
        kind = kinds.get(sample) or (kinds.get(base) if kinds.get(base) == 'histogram' else None)
        if not kind:
            faults.append(f'{sample} has no TYPE')
        elif kind == 'counter' and (value < 0 or not sample.endswith('_total')):
            faults.append(f'{sample} is no counter')
    for name, kind in kinds.items():
        if kind == 'histogram':
            faults += histogram_faults(name, samples)
    total = sum(v for n, _, v in samples if n == 'actionhost_requests_total')
    whole = sum(v for n, _, v in samples if n == 'actionhost_request_duration_seconds_count')
    if total != whole or not total:
        faults.append(f'{total} requests were counted, {whole} were timed')
    return faults


def app(path, table):
    wanted = {}
    for line in read(table).splitlines()[2:]:
        name, default, meaning = [c.strip() for c in line.strip().strip('|').split(' | ')]
        wanted[name.strip('` ')] = meaning.strip()
    faults = []
    for name, entry in json.loads(read(path))['env'].items():
        if name not in wanted:
            faults.append(f'app.json: {name} is no setting')
        elif entry['description'] != wanted[name]:
            faults.append(f'app.json: {name}: "{entry["description"]}" is not "{wanted[name]}"')
    return faults


CHECKS = {f.__name__: f for f in (codes, details, inner, ready, log, metrics, job_metrics, page, app)}

if __name__ == '__main__':
    found = CHECKS[sys.argv[1]](*sys.argv[2:])
    print('\n'.join(found) or 'no fault')
    sys.exit(1 if found else 0)
