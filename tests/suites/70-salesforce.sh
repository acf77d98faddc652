#!/bin/sh
# 70-salesforce.sh - the Salesforce project, offline: well-formed, by the rules of the Metadata API, complete, equal to the
# sandbox's org and true to the published document. tests/salesforce/mutants.json proves that the checks can fail.
# long: 15
. "$(dirname "$0")/../lib.sh"
. openapi/tools.sh

if command -v xmllint >/dev/null 2>&1; then
    well() { find salesforce -name '*.xml' -exec xmllint --noout {} + 2>"$work/xml.log" || { cat "$work/xml.log"; return 1; }; }
    check "every XML file is well-formed" well
    mkdir -p "$work/broken" && sed 's/<label>//' salesforce/package.xml | sed 's/<types>/<typo>/' >"$work/broken/package.xml"
    check "a broken one is noticed" sh -c "! xmllint --noout '$work/broken/package.xml' 2>/dev/null"
else
    skip "xmllint: libxml2-utils is not installed"
fi

if command -v python3 >/dev/null 2>&1; then
    rules() { PYTHONDONTWRITEBYTECODE=1 python3 tests/salesforce/check.py "$@" >"$work/check.log" 2>&1 || { cat "$work/check.log"; return 1; }; }
    check "metadata, fields, permissions, flows, page and Apex are right" rules
    check "each of the mutants is noticed" rules --mutants
    check "and there are at least 70 of them" sh -c "[ \"\$(sed -n 's/^\([0-9]*\) of .*/\1/p' '$work/check.log')\" -ge 70 ]"
else
    skip "rules of the Metadata API: python3 is not installed"
fi

# peers WHAT WANTED FILE SED: a copy of the project with one change in FILE; WANTED must be among the faults
peers() {
    rm -rf "$work/copy" && cp -r salesforce "$work/copy" && sed -i "$3" "$work/copy/$2" || return 1
    cmp -s "salesforce/$2" "$work/copy/$2" && { echo "  the change changes nothing"; return 1; }
    node tests/salesforce/peers.mjs "$work/copy" >"$work/peers.log" 2>&1 && { echo "  not noticed"; return 1; }
    grep -q -- "$1" "$work/peers.log" || { cat "$work/peers.log"; return 1; }
}
if ! tools_ready; then
    skip_node "Apex grammar and Metadata API types: $tools_why"
elif ! npm_install tests/salesforce; then
    skip_node "Apex grammar and Metadata API types: npm could not install them: $(tail -n 1 "$work/npm.log")"
else
    clean() { node tests/salesforce/peers.mjs salesforce >"$work/peers.log" 2>&1 || { cat "$work/peers.log"; return 1; }; }
    check "Apex parses, and Salesforce's own type definitions fit" clean
    classes=actions-app/main/default/classes/CarbonFootprintService.cls
    field=force-app/main/default/objects/Flight__c/fields/Via__c.field-meta.xml
    flow=actions-app/main/default/flows/ActionHost_calculateCarbonFootprint.flow-meta.xml
    check "mutant: Apex without its semicolon" peers 'CarbonFootprintService.cls:' "$classes" 's/return result;/return result/'
    check "mutant: Apex with an open string" peers 'CarbonFootprintService.cls:' "$classes" "s/'http_'/'http_/"
    check "mutant: an element that does not exist" peers 'has no such member' "$field" 's/externalId>/externalID>/g'
    check "mutant: a type that does not exist" peers 'is no FieldType' "$field" 's/>Text</>Varchar</'
    check "mutant: a number that is none" peers 'is no number' "$field" 's/>80</>eighty</'
    check "mutant: a required element is missing" peers 'dataType is missing' "$flow" '/<dataType>/d'
    check "mutant: an action type that does not exist" peers 'is no InvocableActionType' "$flow" 's/externalService/external/'
fi
totals
