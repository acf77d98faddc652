"""action_json.py SCHEMA FILE... - which action.json files the published JSON Schema refuses, with the first reason of each.
action_json.py --without MEMBER|--with JSON SCHEMA FILE does the same for a copy that lacks a member or has more of them.
Knows the keywords that the schema uses, and fails on any other, so that none is passed over. Exit code 1: one was refused.
"""
import json
import sys

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
SAID = {"$schema", "title", "description", "allOf"}  # allOf: input and output are schemas of draft 4, which the host compiles
SIZES = {"minLength": (len, 1), "maxLength": (len, -1), "minItems": (len, 1), "maxItems": (len, -1), "minimum": (int, 1), "maximum": (int, -1)}


def fault(schema, value, at=""):
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (kind == "integer" and isinstance(value, bool))):
        return f"{at}: is no {kind}"
    for word, rule in schema.items():
        if word in SIZES:
            measure, sign = SIZES[word]
            if (measure(value) - rule) * sign < 0:
                return f"{at}: {word} {rule}"
        elif word == "required":
            for name in rule:
                if name not in value:
                    return f"{at}/{name}: is missing"
        elif word == "properties":
            for name, part in rule.items():
                found = fault(part, value[name], f"{at}/{name}") if name in value else None
                if found:
                    return found
        elif word == "additionalProperties":
            for name in value if rule is False else []:
                if name not in schema["properties"]:
                    return f"{at}/{name}: is not known"
        elif word == "items":
            for i, item in enumerate(value):
                found = fault(rule, item, f"{at}/{i}")
                if found:
                    return found
        elif word not in SAID | {"type"}:
            sys.exit(f"the schema has the keyword {word}, which is not looked at here")
    return None


def main(words):
    drop = more = None
    if words[0] in ("--without", "--with"):
        drop, more = (words[1], None) if words[0] == "--without" else (None, json.loads(words[1]))
        words = words[2:]
    schema = json.load(open(words[0]))
    bad = 0
    for path in words[1:]:
        declaration = json.load(open(path))
        if drop:
            del declaration[drop]
        declaration.update(more or {})
        found = fault(schema, declaration)
        if found:
            bad = 1
            print(f"{path}: {found}")
    return bad


sys.exit(main(sys.argv[1:]))
