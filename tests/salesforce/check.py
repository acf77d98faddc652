#!/usr/bin/env python3
"""check.py - checks salesforce/ offline.

    check.py            every fault on a line of its own; exit code 1 when there is one
    check.py --mutants  breaks the project in the ways of mutants.json; each must be noticed with the words given there
"""
import copy
import json
import os
import re
import sys

from metadata import (Project, check_manifest, check_metadata, check_orphans, each, flow_names, local, reference_fault, text)

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
CLIENT = 'ActionHost'
# What the project has flows for. Actions that come later need none here: adding one touches nothing but its own folder.
SHIPPED = ('calculateCarbonFootprint', 'calculateCarbonFootprints', 'generateSocialCards', 'generateSocialCardsBulk',
           'calculateFinanceAgreement', 'generateQuote', 'generateQuotes')
# By which words of its topic an agent comes to an action that is published to it.
TOPIC = {'calculateCarbonFootprint': 'carbon footprint', 'calculateCarbonFootprints': 'flights', 'calculateFinanceAgreement': 'financing',
         'generateQuote': 'quote', 'listAccounts': 'accounts', 'queryDataCloud': 'Data 360', 'getJob': 'job'}
# Rights on lines are those on what they belong to.
HOLDERS = {'QuoteLineItem': 'Quote', 'OpportunityLineItem': 'Opportunity'}
# What an action takes away again: a quote of which a line was refused.
DELETED = ('Quote',)
FIELD_TYPES = {'string': 'Text', 'double': 'Number', 'currency': 'Currency', 'datetime': 'DateTime', 'date': 'Date',
               'picklist': 'Picklist', 'boolean': 'Checkbox', 'percent': 'Percent', 'textarea': 'LongTextArea'}
FLOW_TYPES = {'String': ('string',), 'Number': ('number', 'integer'), 'Currency': ('number', 'integer'), 'Boolean': ('boolean',)}


def load(path):
    with open(os.path.join(TOP, path), encoding='utf-8') as f:
        return json.load(f)


class Api:
    """The published document: operations with their input and output members."""

    def __init__(self, document):
        self.document = document
        self.operations = {item['post']['operationId']: item['post'] for item in document['paths'].values()}

    def resolve(self, schema):
        ref = schema.get('$ref')
        return (self.document['components']['schemas'][ref.split('/')[-1]], ref.split('/')[-1]) if ref else (schema, None)

    def body(self, operation, side):
        """(members, required, class name behind the client's) of the input or the output."""
        post = self.operations[operation]
        success = self.success(operation)
        content = post['requestBody'] if side == 'in' else post['responses'][success]
        schema, name = self.resolve(content['content']['application/json']['schema'])
        return schema['properties'], schema.get('required', []), name or f'{operation}_{"IN_body" if side == "in" else "OUT_" + success}'

    def success(self, operation):
        """200, or 201 of a job."""
        return min(self.operations[operation]['responses'])

    def callback(self, operation):
        """(name of its callback, class of what that brings); (None, None) when it has none."""
        for name, by_url in self.operations[operation].get('callbacks', {}).items():
            for item in by_url.values():
                return name, self.resolve(item['post']['requestBody']['content']['application/json']['schema'])[1]
        return None, None

    def error_members(self):
        return self.document['components']['schemas']['ActionError']['properties']

    def statuses(self, operation):
        return set(self.operations[operation]['responses'])


# ---- objects ----

def expected_field(field):
    """What a field of the sandbox's org is in the Metadata API."""
    kind = field['type']
    if kind == 'reference':
        want = {'type': 'MasterDetail' if field.get('cascade') else 'Lookup', 'referenceTo': field['to'],
                'relationshipName': field['children'].removesuffix('__r')}
    else:
        want = {'type': FIELD_TYPES[kind]}
    want.update(label=field['label'], externalId=str(bool(field.get('externalId'))).lower())
    for member in ('length', 'precision', 'scale'):
        if member in field:
            want[member] = str(field[member])
    if want['type'] != 'MasterDetail':
        want['required'] = str(bool(field.get('required'))).lower()
    if kind in ('string', 'double'):
        want['unique'] = str(bool(field.get('unique'))).lower()
    return want


def check_picklist(project, component, field):
    values = [text(v, 'fullName') for v in each(component.root, 'valueSet/valueSetDefinition/value')]
    defaults = [text(v, 'fullName') for v in each(component.root, 'valueSet/valueSetDefinition/value') if text(v, 'default') == 'true']
    if values != field['values']:
        project.fault(component.path, f'has the values {values}, the sandbox {field["values"]}')
    if defaults != ([field['default']] if 'default' in field else []):
        project.fault(component.path, f'has the default {defaults}, the sandbox {field.get("default")}')
    if (text(component.root, 'valueSet/restricted') == 'true') != bool(field.get('restricted')):
        project.fault(component.path, 'is restricted in one of project and sandbox only')


def check_fields(project):
    for name in ['Flight__c', 'Booking__c', 'Vehicle_Model__c', 'Campaign', 'Quote', 'QuoteLineItem', 'OpportunityLineItem', 'Account',
                 'Action_Job__e', 'QuoteGenerationComplete__e']:
        described = load(f'sandbox/objects/{name}.json')
        fields = {f['name']: f for f in described['fields'] if f['name'].endswith('__c')}
        there = {c.name: c for c in project.of('CustomField') if c.object == name}
        for missing in sorted(set(fields) - set(there)):
            project.fault(f'objects/{name}', f'lacks the field {missing} of the sandbox')
        for extra in sorted(set(there) - set(fields)):
            project.fault(there[extra].path, 'is a field that the sandbox has not')
        for field in sorted(set(there) & set(fields)):
            for member, want in expected_field(fields[field]).items():
                got = text(there[field].root, member)
                if got != want:
                    project.fault(there[field].path, f'{member} is {got}, in the sandbox {want}')
            if text(there[field].root, 'type') == 'Text' and int(text(there[field].root, 'length') or 0) > 255:
                project.fault(there[field].path, 'length of a Text is a whole number from 1 to 255')
            if fields[field]['type'] == 'picklist':
                check_picklist(project, there[field], fields[field])
        holder = project.index.get(('CustomObject', name))
        if holder is not None:
            for member, want in (('label', described['label']), ('pluralLabel', described['plural'])):
                if text(holder.root, member) != want:
                    project.fault(holder.path, f'{member} is {text(holder.root, member)}, in the sandbox {want}')
            details = [c for c in project.of('CustomField') if c.object == name and text(c.root, 'type') == 'MasterDetail']
            if (text(holder.root, 'sharingModel') == 'ControlledByParent') != bool(details):
                project.fault(holder.path, 'sharing is ControlledByParent exactly where there is a MasterDetail field')


def check_used_fields(project):
    """Every custom field that the code of an action names is in the project."""
    known = {c.name for c in project.of('CustomField') + project.of('CustomObject')}
    for folder, _, names in os.walk(os.path.join(TOP, 'actions')):
        for name in names:
            if name.endswith('.c'):
                with open(os.path.join(folder, name), encoding='utf-8') as f:
                    used = set(re.findall(r'\b[A-Za-z][A-Za-z0-9_]*__c\b', f.read()))
                for field in sorted(used - known):
                    project.fault(f'actions/{os.path.basename(folder)}/{name}', f'uses {field}, which the project has not')


# ---- permission sets and the client app ----

def check_permission_sets(project):
    for c in project.of('PermissionSet'):
        session = text(c.root, 'hasActivationRequired') == 'true'
        if session != (c.name == 'ActionHostElevated'):
            project.fault(c.path, 'only ActionHostElevated is session-based')
        granted = {text(o, 'object'): o for o in each(c.root, 'objectPermissions')}
        for o in granted.values():
            if text(o, 'allowEdit') == 'true' and text(o, 'allowRead') != 'true':
                project.fault(c.path, f'{text(o, "object")}: editing needs reading')
            if 'true' in (text(o, 'modifyAllRecords'), text(o, 'viewAllRecords')) or (
                    text(o, 'allowDelete') == 'true' and text(o, 'object') not in DELETED):
                project.fault(c.path, f'{text(o, "object")}: more than the actions need')
        for p in each(c.root, 'fieldPermissions'):
            name = text(p, 'field')
            field = project.index.get(('CustomField', name))
            if field is None:
                continue
            if text(field.root, 'required') == 'true' or text(field.root, 'type') == 'MasterDetail':
                project.fault(c.path, f'{name} is required: the org refuses permissions on it')
            holder = HOLDERS.get(name.split('.')[0], name.split('.')[0])
            if holder not in granted:
                project.fault(c.path, f'{name}: there is no permission on its object')
            elif text(p, 'editable') == 'true' and text(granted[holder], 'allowEdit') != 'true':
                project.fault(c.path, f'{name} is editable, but not its object')


def check_client_app(project):
    want = load('openapi/host.json')['clientApp'].get('externalClientApp')
    names = [c.name for c in project.of('ExternalClientApplication')]
    if names != [want]:
        project.fault('externalClientApps', f'has {names}; openapi/host.json names {want}')
    named = set()
    for post in project.api.operations.values():
        permission_set = post.get('x-sfdc', {}).get('heroku', {}).get('authorization', {}).get('permissionSet')
        if permission_set and not project.has('PermissionSet', permission_set):
            project.fault('permissionsets', f'lacks {permission_set}, which {post["operationId"]} names')
        named.add(permission_set)
    for c in project.of('PermissionSet'):
        if text(c.root, 'hasActivationRequired') == 'true' and c.name not in named:
            project.fault(c.path, 'is session-based, but no operation names it, so it is never active')
    if not project.api.operations.get('calculateCarbonFootprint', {}).get('x-sfdc', {}).get('heroku'):
        project.fault('permissionsets', 'calculateCarbonFootprint writes back, but names no permission set that allows it')
    check_write_back(project)


def check_topic(project):
    """An agent chooses the topic by its description, and only then an action of it."""
    topic = project.api.document.get('x-sfdc', {}).get('agent', {}).get('topic', {})
    for operation, post in project.api.operations.items():
        published = post.get('x-sfdc', {}).get('agent', {}).get('action', {}).get('publishAsAgentAction')
        if published and operation in TOPIC and TOPIC[operation] not in topic.get('classificationDescription', ''):
            project.fault('openapi/host.json', f'the topic of agents does not lead to {operation}')
        if not published and operation in TOPIC:
            project.fault(f'openapi of {operation}', 'is not published to agents')


def check_write_back(project):
    """calculateCarbonFootprints may run as a job, where no session-based set is active: one of its own grants the same."""
    for operation in ('calculateCarbonFootprints', 'calculateCarbonFootprintsAsync'):
        if project.api.operations.get(operation, {}).get('x-sfdc', {}).get('heroku'):
            project.fault('permissionsets', f'{operation} names a permission set, whose rights end with the call')
    granted = []
    for name in ('ActionHostElevated', 'ActionHostCarbonWriteBack'):
        found = project.index.get(('PermissionSet', name))
        granted.append(found is not None and sorted((text(p, 'field'), text(p, 'editable')) for p in each(found.root, 'fieldPermissions')))
    if granted[0] != granted[1]:
        project.fault('permissionsets', 'ActionHostCarbonWriteBack does not grant what ActionHostElevated grants')


# ---- flows ----

def check_flow_variables(project, flow, operation):
    expected = {'body': api_class(project, operation, 'in'), 'answer': api_class(project, operation, 'out')}
    for v in each(flow.root, 'variables'):
        name, kind, cls = text(v, 'name'), text(v, 'dataType'), text(v, 'apexClass')
        want = expected.get(name) or (f'herokuapplink__{CLIENT}_ActionError' if name.startswith('refusal') else None)
        if cls != want:
            project.fault(flow.path, f'variable {name} is of class {cls}, not {want}')
        if (kind == 'Apex') != (cls is not None):
            project.fault(flow.path, f'variable {name} must have dataType Apex exactly with a class')


def api_class(project, operation, side):
    return f'herokuapplink__{CLIENT}_{project.api.body(operation, side)[2]}'


def check_waits(project, flow):
    """What a pause waits for is a field of its event, and a job's three ends are all waited for."""
    for wait in each(flow.root, 'waits'):
        states = set()
        for event in each(wait, 'waitEvents'):
            kind = text(event, 'eventType')
            for item in each(event, 'inputParameters'):
                name = text(item, 'name')
                if kind != 'AlarmEvent' and not project.has('CustomField', f'{kind}.{name}'):
                    project.fault(flow.path, f'waits for {name}, which {kind} has not')
                if name == 'State__c':
                    states.add(text(item, 'value/stringValue'))
        if states and states != {'done', 'failed', 'canceled'}:
            project.fault(flow.path, f'waits for {sorted(states)} only; a job ends as done, failed or canceled')


def check_member_use(project, flow, operation, used):
    """body.x, answer.x and refusalNNN.x must be members of the document."""
    parts = used.split('.')
    if len(parts) < 2 or parts[0].startswith('$'):
        return
    if parts[0] == 'body':
        members = project.api.body(operation, 'in')[0]
    elif parts[0] == 'answer':
        members = project.api.body(operation, 'out')[0]
    elif re.fullmatch(r'refusal\d{3}', parts[0]):
        members = project.api.error_members()
    elif any(text(v, 'name') == parts[0] and project.has('CustomField', f'{text(v, "objectType")}.{parts[1]}')
             for v in each(flow.root, 'variables')):
        return None
    else:
        return project.fault(flow.path, f'{used}: {parts[0]} has no members')
    if parts[1] not in members:
        project.fault(flow.path, f'{used}: {operation} has no such member')


def check_assignments(project, flow, operation):
    members, required, _ = project.api.body(operation, 'in')
    variables = {text(v, 'name'): v for v in each(flow.root, 'variables')}
    filled = set()
    for item in each(flow.root, 'assignments/assignmentItems'):
        target, value = text(item, 'assignToReference'), text(item, 'value/elementReference')
        if not target.startswith('body.') or target[5:] not in members:
            continue
        schema, filled = members[target[5:]], filled | {target[5:]}
        if value in variables:
            is_list = text(variables[value], 'isCollection') == 'true'
            kind = schema['items']['type'] if is_list and schema['type'] == 'array' else schema['type']
            if is_list != (schema['type'] == 'array') or kind not in FLOW_TYPES.get(text(variables[value], 'dataType'), ()):
                project.fault(flow.path, f'{target} is {schema["type"]}, the variable {value} is not')
        elif text(item, 'value/booleanValue') is not None and schema['type'] != 'boolean':
            project.fault(flow.path, f'{target} is {schema["type"]}, not a boolean')
    for missing in sorted(set(required) - filled):
        project.fault(flow.path, f'does not fill the required input {missing}')


def check_flow(project, flow):
    call = each(flow.root, 'actionCalls')
    operation = text(call[0], 'actionName').partition('.')[2] if call else ''
    if not call or text(call[0], 'actionName') != f'{CLIENT}.{operation}' or operation not in project.api.operations:
        return project.fault(flow.path, 'calls no operation of the document')
    if flow.name != f'{CLIENT}_{operation}' and not flow.name.startswith(f'{CLIENT}_{operation}_'):
        project.fault(flow.path, f'must be named {CLIENT}_{operation} after what it calls')
    check_flow_variables(project, flow, operation)
    check_assignments(project, flow, operation)
    check_waits(project, flow)
    for output in each(call[0], 'outputParameters'):
        if text(output, 'name') not in project.api.statuses(operation) | {'responseCode'}:
            project.fault(flow.path, f'output {text(output, "name")} is not declared by {operation}')
    declared = {text(o, 'name') for o in each(call[0], 'outputParameters')}
    for missing in sorted(project.api.statuses(operation) - declared):
        project.fault(flow.path, f'ignores the answer {missing} of {operation}')
    nodes, _ = flow_names(flow.root)
    targets = {e.text for e in flow.root.iter() if local(e.tag) == 'targetReference'}
    for unreached in sorted(nodes - targets):
        project.fault(flow.path, f'never reaches {unreached}')
    for element in flow.root.iter():
        tag, value = local(element.tag), element.text or ''
        used = [value] if tag in ('assignToReference', 'elementReference', 'leftValueReference') else []
        used += re.findall(r'\{!([^}]+)\}', value)
        for name in used:
            problem = reference_fault(project, flow, 'variable', name)
            if problem:
                project.fault(flow.path, f'{tag} {problem}')
            check_member_use(project, flow, operation, name)


def check_event_flow(project, flow):
    """One that an event of the project starts: what it reads are that event's fields, and nothing of it stands alone."""
    event = text(flow.root, 'start/object')
    if not event.endswith('__e') or not project.has('CustomObject', event):
        project.fault(flow.path, f'is started by {event}, which is no event of the project')
    nodes, _ = flow_names(flow.root)
    for unreached in sorted(nodes - {e.text for e in flow.root.iter() if local(e.tag) == 'targetReference'}):
        project.fault(flow.path, f'never reaches {unreached}')
    for element in flow.root.iter():
        for name in re.findall(r'\{!([^}]+)\}', element.text or ''):
            problem = reference_fault(project, flow, 'variable', name)
            if problem:
                project.fault(flow.path, f'{local(element.tag)} {problem}')


def check_flows(project):
    for flow in project.of('Flow'):
        if text(flow.root, 'start/triggerType') == 'PlatformEvent':
            check_event_flow(project, flow)
        else:
            check_flow(project, flow)
    for operation in SHIPPED:
        if operation not in project.api.operations:
            project.fault('flows', f'the document has no {operation}')
        elif not project.has('Flow', f'{CLIENT}_{operation}'):
            project.fault('flows', f'there is none for {operation}')


def check_page_writes(project, page, flow, arguments):
    """A page is opened all the time, so its flow stores nothing unless the page asks for it."""
    variables = {text(v, 'name'): v for v in each(flow.root, 'variables')}
    for item in each(flow.root, 'assignments/assignmentItems'):
        if text(item, 'assignToReference') != 'body.writeBack':
            continue
        variable = text(item, 'value/elementReference')
        default = text(variables[variable], 'value/booleanValue') if variable in variables else None
        if default != 'false':
            project.fault(page.path, f'shows {flow.name}, which writes at each view')
        if any(a['name'] == variable and a.get('value') is not False for a in arguments):
            project.fault(page.path, f'gives {flow.name} {variable}, so that it writes at each view')


def check_pages(project):
    for page in project.of('FlexiPage'):
        for component in each(page.root, 'flexiPageRegions/itemInstances/componentInstance'):
            properties = {text(p, 'name'): text(p, 'value') for p in each(component, 'componentInstanceProperties')}
            if text(component, 'componentName') != 'flowruntime:interview':
                continue
            flow = project.index.get(('Flow', properties.get('flowName')))
            if flow is None:
                project.fault(page.path, f'shows the flow {properties.get("flowName")}, which is not in the project')
                continue
            if text(flow.root, 'status') != 'Active' or text(flow.root, 'processType') != 'Flow':
                project.fault(page.path, 'can show active screen flows only')
            inputs = {text(v, 'name') for v in each(flow.root, 'variables') if text(v, 'isInput') == 'true'}
            arguments = json.loads(properties.get('flowArguments', '[]'))
            check_page_writes(project, page, flow, arguments)
            for argument in arguments:
                if argument['name'] not in inputs:
                    project.fault(page.path, f'gives the flow {argument["name"]}, which it does not take')


# ---- Apex ----

def apex_code(source):
    """Code without comments; strings stay."""
    return re.sub(r"('(?:[^'\\\n]|\\.)*')|/\*.*?\*/|//[^\n]*", lambda m: m.group(1) or ' ', source, flags=re.S)


def check_apex_names(project, path, code, operations):
    api, classes = project.api, {'ActionError'}
    for operation in api.operations:
        classes |= {api.body(operation, side)[2] for side in ('in', 'out')}
        classes |= {api.callback(operation)[1]} - {None}
    for inner in re.findall(rf'HerokuAppLink\.{CLIENT}\.(\w+)', code):
        operation, _, kind = inner.rpartition('_')
        if operation not in api.operations or kind not in ('Request', 'Response', 'ResponseException') + (
                ('Callback',) if api.callback(operation)[0] else ()):
            project.fault(path, f'{inner} is no class of the client')
        elif operation not in operations:
            project.fault(path, f'{inner} does not belong to what the class calls')
    for name in re.findall(rf'HerokuAppLink\.{CLIENT}_(\w+)', code):
        if name not in classes:
            project.fault(path, f'{CLIENT}_{name} is no schema of the document')
    for client in re.findall(r'HerokuAppLink\.(\w+)', code):
        if client.split('_')[0] != CLIENT:
            project.fault(path, f'HerokuAppLink.{client} is not the client')


def check_apex_members(project, path, code, operation):
    api = project.api
    members, required, _ = api.body(operation, 'in')
    filled = set(re.findall(r'\bbody\.(\w+)\s*=', code))
    for name in sorted(filled - set(members)):
        project.fault(path, f'{operation} has no input {name}')
    for name in sorted(set(required) - filled - {'callbackUrl'}): # which Salesforce fills in
        project.fault(path, f'does not fill the required input {name} of {operation}')
    callback = api.callback(operation)[0]
    if callback and re.findall(r'\boverride void (\w+)\(', code) != [callback]:
        project.fault(path, f'does not take {callback}, by which {operation} calls back')
    for status, name in re.findall(r'\.Code(\d{3})\.(\w+)', code):
        known = api.body(operation, 'out')[0] if status == api.success(operation) else api.error_members()
        if name not in known:
            project.fault(path, f'Code{status} has no member {name}')
    for status in re.findall(r'\.Code(\d{3})\b', code):
        if status not in api.statuses(operation):
            project.fault(path, f'{operation} does not declare {status}')
    for constant, limit in re.findall(r'Integer (\w+_PER_CALL) = (\d+);', code):
        lists = [m['maxItems'] for n, m in members.items() if n in filled and n in required and m['type'] == 'array']
        if lists != [int(limit)]:
            project.fault(path, f'{constant} is {limit}; {operation} takes {lists}')


def check_apex_answers(project, path, code, operation):
    """What the mocks of a test answer are members that the host answers with."""
    for status, literal in re.findall(r"ActionHostMock\((\d+), '(\{.*?\})'\)", code) + [
            (None, s) for s in re.findall(r"String \w+ = '(\{.*?\})';", code)]:
        try:
            answer = json.loads(literal)
        except ValueError:
            project.fault(path, f'answers with {literal}, which is not JSON')
            continue
        known = dict(project.api.body(operation, 'out')[0], **project.api.error_members())
        if status and status not in project.api.statuses(operation):
            project.fault(path, f'{operation} does not answer with {status}')
        for name in sorted(set(answer) - set(known)):
            project.fault(path, f'answers with {name}, which {operation} does not have')


def check_apex(project):
    calls = {}
    sources = {p: apex_code(t) for p, t in project.files.items() if p.endswith('.cls')}
    for path, code in sources.items():
        name = path.split('/')[-1][:-4]
        if not re.search(rf'\bclass {name}\b', code):
            project.fault(path, f'has no class {name}')
        calls[name] = set(re.findall(r'\bservice\.(\w+)\(', code))
        bare = re.sub(r"'(?:[^'\\\n]|\\.)*'", "''", code)
        if any(bare.count(a) != bare.count(b) for a, b in ('{}', '()', '[]')):
            project.fault(path, 'has unbalanced brackets')
        for operation in sorted(calls[name] - set(project.api.operations)):
            project.fault(path, f'calls {operation}, which is not in the document')
        check_apex_names(project, path, code, calls[name])
    for path, code in sources.items():
        name = path.split('/')[-1][:-4]
        known = [o for o in calls.get(name.removesuffix('Test'), ()) if o in project.api.operations]
        for operation in known:
            if name.endswith('Test'):
                check_apex_answers(project, path, code, operation)
            else:
                check_apex_members(project, path, code, operation)
        if known and not name.endswith('Test') and f'{name}Test' not in calls:
            project.fault(path, f'has no test {name}Test')
        for field in re.findall(r'\b[A-Z]\w*__c\b', code):
            if field not in {c.name for c in project.of('CustomField') + project.of('CustomObject')}:
                project.fault(path, f'uses {field}, which the project has not')


# ---- all ----

def faults_of(files, rules, document):
    project = Project(files, rules)
    project.api = Api(document)
    check_metadata(project)
    check_orphans(project)
    check_manifest(project, 'package.xml', 'force-app')
    check_manifest(project, 'package-actions.xml', 'actions-app')
    for check in (check_fields, check_used_fields, check_permission_sets, check_client_app, check_topic, check_flows, check_pages, check_apex):
        check(project)
    packages = [d['path'] for d in json.loads(files['sfdx-project.json'])['packageDirectories']]
    if sorted(packages) != sorted({p.split('/')[0] for p in files if p.split('/')[0].endswith('-app')}):
        project.fault('sfdx-project.json', f'lists the folders {packages}')
    if json.loads(files['sfdx-project.json'])['sourceApiVersion'] != rules['apiVersion']:
        project.fault('sfdx-project.json', f'has another API version than {rules["apiVersion"]}')
    return project.faults


def read_tree():
    root, files = os.path.join(TOP, 'salesforce'), {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, encoding='utf-8') as f:
                files[os.path.relpath(path, root)] = f.read()
    return files


def mutate(files, mutant):
    """The tree with one fault; None when the mutant does not fit the tree any more."""
    files = dict(files)
    if 'remove' in mutant:
        return files if files.pop(mutant['remove'], None) is not None else None
    if 'rename' in mutant:
        if mutant['rename'] not in files:
            return None
        files[mutant['to']] = files.pop(mutant['rename'])
        return files
    if mutant['old'] not in files.get(mutant['file'], ''):
        return None
    files[mutant['file']] = files[mutant['file']].replace(mutant['old'], mutant['new'], 1)
    return files


def mutate_document(document, mutant):
    """The published document without the member that the mutant takes out; None when it has no such member."""
    if 'document' not in mutant:
        return document
    changed = holder = copy.deepcopy(document)
    for step in mutant['document'][:-1]:
        holder = holder.get(step, {})
    return changed if holder.pop(mutant['document'][-1], None) is not None else None


def main():
    with open(os.path.join(HERE, 'rules.json'), encoding='utf-8') as f:
        rules = json.load(f)
    files, document, bad = read_tree(), load('openapi/actionhost.openapi.json'), 0
    if '--mutants' not in sys.argv:
        faults = faults_of(files, rules, document)
        print('\n'.join(faults) or f'{len(files)} files, no fault')
        return 1 if faults else 0
    with open(os.path.join(HERE, 'mutants.json'), encoding='utf-8') as f:
        mutants = json.load(f)
    for mutant in mutants:
        changed = mutate_document(document, mutant)
        tree = files if 'document' in mutant else mutate(files, mutant)
        found = faults_of(tree, rules, changed) if tree and changed else []
        if not any(mutant['says'] in fault for fault in found):
            bad += 1
            print(f'not noticed: {mutant}: {found[:3] if tree and changed else "does not fit the tree"}')
    print(f'{len(mutants) - bad} of {len(mutants)} mutants noticed')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
