#!/usr/bin/env python3
"""sbom_check.py FILE VERSION PROGRAM - is FILE a bill of materials in the form of CycloneDX 1.5, of this program in this version?

Checks what the specification requires of the members that are used here (https://cyclonedx.org/docs/1.5/json/), that references hold, and that each hash is
that of the file. Prints the faults, one a line; exit code 1 when there is one.
"""
import hashlib
import json
import re
import sys

KINDS = {"application", "framework", "library", "container", "platform", "operating-system", "device", "device-driver", "firmware", "file",
         "machine-learning-model", "data"}
MEMBERS = {"type", "bom-ref", "name", "version", "purl", "description", "licenses", "hashes", "externalReferences"}
SOURCES = {"website", "license", "vcs", "distribution", "documentation"}
IDS = {"Apache-2.0", "MIT", "OGL-UK-3.0"}
faults = []


def must(holds, text):
    if not holds:
        faults.append(text)
    return holds


def check_hash(path, hashes, name):
    for entry in hashes:
        must(set(entry) == {"alg", "content"} and entry["alg"] == "SHA-256", f"{name}: a hash is alg and content")
        with open(path, "rb") as file:
            must(entry.get("content") == hashlib.sha256(file.read()).hexdigest(), f"{name}: the hash is another file's")


def check_component(c, path):
    name = c.get("name") or "a component without a name"
    must(isinstance(c.get("name"), str) and c["name"], name)
    must(c.get("type") in KINDS, f"{name}: its type is none")
    must(not set(c) - MEMBERS, f"{name}: members that are not known: {sorted(set(c) - MEMBERS)}")
    must(isinstance(c.get("bom-ref"), str) and c["bom-ref"], f"{name}: no bom-ref")
    if c.get("type") in ("library", "application"):
        must(c.get("version"), f"{name}: no version")
        must(re.fullmatch(r"pkg:[a-z]+/([a-z0-9.-]+/)?[a-z0-9.+-]+@[A-Za-z0-9.~%_-]+(\?[a-z]+=[^&]+(&[a-z]+=[^&]+)*)?", c.get("purl", "")), f"{name}: no package URL")
    for entry in c.get("licenses", []):
        license = entry.get("license", {})
        must(len(license) == 1 and (license.get("id") in IDS or license.get("name")), f"{name}: a licence is an SPDX id or a name")
    for entry in c.get("externalReferences", []):
        must(entry.get("type") in SOURCES and re.fullmatch(r"https://\S+", entry.get("url", "")), f"{name}: a source is a type and an address")
    if c.get("type") != "library":
        must(c.get("hashes"), f"{name}: no hash")
        check_hash(path or c["name"], c.get("hashes", []), name)


def check(bom, version, program):
    must(bom.get("bomFormat") == "CycloneDX" and bom.get("specVersion") == "1.5", "not CycloneDX 1.5")
    must(re.fullmatch(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", bom.get("serialNumber", "")), "the serial number is no UUID")
    must(bom.get("version") == 1, "the bill's own version is 1")
    must(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", bom.get("metadata", {}).get("timestamp", "")), "the time has another form")
    app = bom.get("metadata", {}).get("component", {})
    must(app.get("type") == "application" and app.get("version") == version, f"the program is not {version}")
    check_component(app, program)
    components = bom.get("components", [])
    must(components, "no components")
    for component in components:
        check_component(component, None)
    refs = [c.get("bom-ref") for c in [app] + components]
    must(len(set(refs)) == len(refs), "two components have one reference")
    tree = {d.get("ref"): d.get("dependsOn", []) for d in bom.get("dependencies", [])}
    must(sorted(tree.get(app.get("bom-ref"), [])) == sorted(refs[1:]), "the program does not depend on each component")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        check(json.load(file), sys.argv[2], sys.argv[3])
    print("\n".join(faults) or "no fault")
    return 1 if faults else 0


sys.exit(main())
