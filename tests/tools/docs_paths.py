#!/usr/bin/env python3
"""docs_paths.py PAGE.md... - what pages name must be there. Run at the top of the tree; one fault a line, exit code 1 when there is one.
PAGE.md=FILE looks at FILE as if it were PAGE.md.

    `runtime/net/loop.c`   in a code span or block: a path that begins with a folder of the tree, or the name of a source file;
                           NAME, x, <name> and * stand for any part
    `slot_kill()`          a function: defined in one of the files that the same row, list item or paragraph names, else anywhere
    [text](page.md#part)   a link inside the tree, and the heading that it points to
"""
import fnmatch
import glob
import os
import re
import sys

FOLDERS = ('runtime', 'actions', 'openapi', 'sandbox', 'tests', 'bench', 'docs', 'salesforce', 'make')
SOURCES = ('.c', '.h', '.py', '.sh')
MADE = ('node_modules', '.git', 'build')  # by building, so they may be absent
SUFFIX = r'\.(?:c|h|py|sh|awk|mk|md|tsv|mjs)'
TOKEN = re.compile(rf'(?<![\w/.$-])((?:{"|".join(FOLDERS)})/[\w./*<>-]*|[\w*<>-]+{SUFFIX})(?![\w/])')
FUNCTION = re.compile(r'`([a-z]\w*)\(\)`')
LINK = re.compile(r'\]\(([^)\s]+)\)')


def read(path):
    with open(path, encoding='utf-8') as f:
        return f.read()


def all_files():
    found = []
    for folder, below, names in os.walk('.'):
        below[:] = [b for b in below if b not in MADE]
        found += [os.path.relpath(os.path.join(folder, n), '.') for n in names]
    return found


FILES = all_files()
BY_NAME = {}
for file in FILES:
    BY_NAME.setdefault(os.path.basename(file), []).append(file)


def pattern(token):
    token = re.sub(r'<[^>]*>', '*', token.rstrip('.'))
    return '/'.join('*' if re.fullmatch(r'[A-Z]{2,}|x', part) else part for part in token.split('/'))


def found(page, token):
    """The files or folders that a token names."""
    path = pattern(token)
    if any(part in MADE for part in path.split('/')):
        return ['made']
    if '/' in path:
        return glob.glob(path) or glob.glob(path.rstrip('/') + '.*')
    path = '*' + path if path.startswith('_') else path  # the end of names
    names = fnmatch.filter(BY_NAME, path)
    return glob.glob(os.path.join(os.path.dirname(page), path)) or [f for name in names for f in BY_NAME[name]]


def blocks(text):
    """(number of the first line, text, the code in it): a table row, a list item, a paragraph, a block of code."""
    number, part, begun, fenced = 0, [], 0, False
    for line in text.splitlines() + ['']:
        number += 1
        fence = line.startswith('```')
        new = fence or (not fenced and (not line.strip() or re.match(r'\s*(?:[|*-]|\d+\.)\s', line)))
        if new and part:
            yield begun, '\n'.join(part)
            part = []
        fenced = fenced != fence
        if not fence and line.strip():
            begun = begun if part else number
            part.append(('\t' if fenced or line.startswith('    ') else '') + line)


def code(block):
    """Code spans, and whole lines of code blocks without what is said behind a #."""
    if block.startswith('\t'):
        return [re.sub(r'\s# .*', '', line) for line in block.splitlines()]
    return re.findall(r'`([^`]+)`', block)


def slugs(text):
    heads = re.findall(r'^#+ (.*)$', text, re.M)
    return {re.sub(r'[^\w -]', '', h.replace('`', '')).strip().lower().replace(' ', '-') for h in heads}


def link_fault(page, target):
    if re.match(r'[a-z]+:', target):
        return None
    path, _, part = target.partition('#')
    path = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
    if not os.path.exists(path):
        return f'the link {target} leads nowhere'
    if part and path.endswith('.md') and part not in slugs(read(path)):
        return f'the link {target}: {path} has no such heading'
    return None


def has(files, name):
    begins = re.compile(rf'^(?:[A-Za-z_#][^;\n]*[\s*]|\s*def )?{name}\(', re.M)  # what calls it is indented
    return any(begins.search(read(f)) for f in files if f.endswith(SOURCES) and os.path.isfile(f))


def faults(argument):
    page, _, instead = argument.partition('=')
    text = read(instead or page)
    for number, block in blocks(text):
        named = []
        for piece in code(block):
            for token in TOKEN.findall(piece):
                there = found(page, token)
                named += there
                if not there:
                    yield f'{page}:{number}: there is no {token}'
        for name in FUNCTION.findall(block):
            where = [f for f in named if f.endswith(('.c', '.h'))]
            if not has(where or FILES, name):
                yield f'{page}:{number}: there is no {name}() in ' + (', '.join(where) or 'the tree')
        if not block.startswith('\t'):
            for target in LINK.findall(re.sub(r'`[^`]*`', '', block)):
                fault = link_fault(page, target)
                if fault:
                    yield f'{page}:{number}: {fault}'


def main(pages):
    looked = [f for page in pages for f in faults(page)]
    print('\n'.join(looked) or 'no fault')
    return 1 if looked or not pages else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
