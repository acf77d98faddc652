#!/usr/bin/env python3
"""mutants_stand.py FILE.tsv... - tells every row whose text is no more in its file, so that it would take nothing out."""
import sys

faults = 0
for table in sys.argv[1:]:
    with open(table, encoding='utf-8') as rows:
        for number, row in enumerate(rows, 1):
            if not row.strip() or row.startswith('#'):
                continue
            cells = row.rstrip('\n').split('\t')
            why = ''
            if len(cells) != 5 or not all(cells[i] for i in (0, 1, 2, 3, 4)):
                why = 'has not five cells'
            else:
                try:
                    with open(cells[1], encoding='utf-8') as f:
                        if not any(cells[2] in line for line in f):
                            why = f'{cells[1]} does not hold: {cells[2]}'
                except OSError:
                    why = f'there is no {cells[1]}'
            if why:
                print(f'{table}:{number}: {cells[0]}: {why}')
                faults += 1
sys.exit(1 if faults else 0)
