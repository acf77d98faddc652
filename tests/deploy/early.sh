# early.sh - sourced by inside.sh before section 4 of the page: the stand-ins refuse what a real org and add-on refuse, and the checks of the
# rehearsal notice what differs. Without this, a rehearsal that passes would prove little.
echo
echo "## Wrong on purpose, before publishing"
refuses "what names the published client deploys only after publishing" 'refers to Client ActionHost' \
    'cd salesforce && sf project deploy start --source-dir actions-app --target-org "$ORG"'
echo "$work/clone" >"$cwd"
refuses "the client's permission set is there only after publishing" 'not found in target org' \
    'sf org assign permset --name "$CLIENT" --target-org "$ORG"'
# publishing DOCUMENT CONNECTION CLIENT APP PERMISSION-SET: the command of section 4 with these
publishing() {
    printf 'heroku salesforce:publish %s --app "$APP" --connection-name %s --client-name %s' "$1" "$2" "$3"
    printf ' --authorization-external-client-app-name %s --authorization-permission-set-name %s' "$4" "$5"
}
document=openapi/actionhost.openapi.json
refuses "a permission set that does not exist" 'no permission set Nope' "$(publishing $document my_org ActionHost ActionHostClientApp Nope)"
refuses "a permission set that is not session-based" 'not session-based' \
    "$(publishing $document my_org ActionHost ActionHostClientApp ActionHostCarbon)"
refuses "an External Client App that does not exist" 'no External Client App Nope' "$(publishing $document my_org ActionHost Nope ActionHostElevated)"
refuses "a connection that does not exist" 'no connection other_org' \
    "$(publishing $document other_org ActionHost ActionHostClientApp ActionHostElevated)"
refuses "a flag that does not exist" 'Nonexistent flag' "$(publishing $document my_org ActionHost ActionHostClientApp Nope) --client ActionHost"
refuses "a connection name with a hyphen" '3 to 30 letters' 'heroku salesforce:connect my-org --app "$APP"'
refuses "an app that does not exist" "find that app" 'heroku logs --app not-my-app'
# a document that differs is published, and the comparison of inside.sh notices
sed 's/"title": *"[^"]*"/"title":"Another"/' $document >"$work/another.json"
now "$(publishing "$work/another.json" my_org Another ActionHostClientApp ActionHostElevated)"
check "another document arrives" cmp "$work/another.json" "$work/published/Another.json"
check "and is noticed" sh -c '! cmp -s "$1" openapi/actionhost.openapi.json' - "$work/published/Another.json"
# metadata that an org would refuse
broken() { # WHAT TEXT FILE SED: deploys a copy of force-app with one change
    rm -rf "$work/copy" && cp -r salesforce "$work/copy" && sed -i "$4" "$work/copy/$3"
    cmp -s "salesforce/$3" "$work/copy/$3" && { fail "$1: the change changes nothing"; return; }
    refuses "$1" "$2" "cd '$work/copy' && sf project deploy start --source-dir force-app --target-org \"\$ORG\""
    echo "$work/clone" >"$cwd"
}
base=force-app/main/default
broken "a permission set with a field that does not exist" 'CustomField Flight__c.Nope__c' \
    $base/permissionsets/ActionHostCarbon.permissionset-meta.xml 's/Flight__c.Airline__c/Flight__c.Nope__c/'
broken "a file that is not well-formed" 'is not well-formed' $base/tabs/Flight__c.tab-meta.xml 's/<customObject>true/<customObject>true<nope/'
echo
