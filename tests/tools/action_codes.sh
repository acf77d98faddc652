#!/bin/sh
# action_codes.sh - a Markdown table of the error codes that the actions declare, in the order of the actions.
python3 - actions/*/action.json <<'PY'
import json
import sys

print('| operation | code | status | means |\n|---|---|---|---|')
for path in sys.argv[1:]:
    with open(path, encoding='utf-8') as f:
        declaration = json.load(f)
    for error in declaration.get('errors', []):
        print(f"| `{declaration['operationId']}` | `{error['code']}` | {error['status']} | {error['description']} |")
PY
