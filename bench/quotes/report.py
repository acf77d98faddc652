#!/usr/bin/env python3
"""report.py - the table and the plot of docs/quotes.md from the lines of a run of `make bench-quotes`.

    report.py build/release/bench-quotes/quotes.tsv docs/quotes.md docs/quotes-race.svg
"""
import html
import re
import sys

LINE = re.compile(r'(?:record_ms (?P<record>[\d.]+) )?(?:model K=(?P<k>\d+) )?quotes (?P<who>\S+) (?P<s>[\d.]+) '
                  r'(?:floor_percent (?P<floor>[\d.]+) calls (?P<calls>\d+) duplicates (?P<twice>\d+) missing (?P<missing>\d+)|computed)')
NAMES = {
    'ours-collections': 'generateQuotes, by rows', 'ours-bulk': 'generateQuotes, by Bulk API 2.0',
    'java-sample': 'published Java sample, run again', 'node-sdk': 'published Node sample, run again',
    'node-sdk-in-graphs': 'the same in graphs of 500 nodes', 'batch-apex': 'Batch Apex, computed',
}


def table(runs):
    rows = ['| who | K | seconds, *simulated* | of its floor | calls | twice | missing |', '|---|---|---|---|---|---|---|']
    for r in runs:
        if r['who'] not in NAMES:
            continue
        floor = f"{r['floor']} %" if r['floor'] else '-'
        rows.append(f"| {NAMES[r['who']]} | {r['k'] or 6} | {r['s']} | {floor} | {r['calls'] or '-'} | {r['twice'] or '-'} | {r['missing'] or '-'} |")
    return rows


def gains(runs):
    family = {}
    for r in runs:
        if r['who'].startswith('family-'):
            family.setdefault(r['k'], {})[r['who'][7:]] = float(r['s'])
    each = sorted((1 - two['ours'] / two['java-sample']) * 100 for two in family.values() if len(two) == 2)
    if not each:
        return []
    return ['', f'Two published figures do not fix a model: every capacity from 2 to 8, each with a cost of a record of its own, reproduces both. Over that family generateQuotes',
            f'takes {each[0]:.0f} to {each[-1]:.0f} % less time than the published Java sample run again beside it.']


def plot(runs):
    shown = [r for r in runs if r['who'] in NAMES and not r['k']]
    most = max(float(r['s']) for r in shown)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="{60 + 34 * len(shown)}" font-family="sans-serif" font-size="14">',
           '<rect width="100%" height="100%" fill="#fff"/>', '<text x="16" y="26" font-weight="bold">5,000 Opportunities, K = 6: simulated seconds</text>']
    for i, r in enumerate(shown):
        y, width = 46 + 34 * i, 360 * float(r['s']) / most
        colour = '#0b5cab' if r['who'].startswith('ours') else '#8a94a3'
        note = f" ({int(r['missing']):,} missing)" if r['missing'] and int(r['missing']) else ''
        out.append(f'<text x="16" y="{y + 17}">{html.escape(NAMES[r["who"]])}</text><rect x="280" y="{y + 3}" width="{width:.0f}" height="20" rx="3" fill="{colour}"/>'
                   f'<text x="{288 + width:.0f}" y="{y + 18}">{r["s"]}{note}</text>')
    return '\n'.join(out + ['</svg>']) + '\n'


def main(lines, page, picture):
    with open(lines, encoding='utf-8') as f:
        runs = [m.groupdict() for m in map(LINE.match, f) if m]
    if not runs:
        sys.exit(f'{lines}: no line of a run')
    with open(page, encoding='utf-8') as f:
        text = f.read()
    body = '\n'.join(table(runs) + gains(runs))
    new = re.sub(r'(<!-- race: made by bench/quotes/report\.py -->\n).*?(<!-- end of race -->)', lambda m: m[1] + body + '\n' + m[2], text, flags=re.S)
    if new == text and body not in text:
        sys.exit(f'{page}: no place for the table')
    with open(page, 'w', encoding='utf-8') as f:
        f.write(new)
    with open(picture, 'w', encoding='utf-8') as f:
        f.write(plot(runs))


if __name__ == '__main__':
    main(*sys.argv[1:])
