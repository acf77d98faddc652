"""metadata.py - reads a Salesforce project and checks its XML against rules.json. Used by check.py."""
import re
import xml.etree.ElementTree as ET
from fnmatch import fnmatch

NS = '{http://soap.sforce.com/2006/04/metadata}'
API_NAME = re.compile(r'[A-Za-z](_?[A-Za-z0-9])*\Z')


def local(tag):
    return tag[len(NS):] if tag.startswith(NS) else tag


def text(node, path):
    found = node.find('/'.join(NS + part for part in path.split('/')))
    return None if found is None else (found.text or '')


def each(node, path):
    return node.findall('/'.join(NS + part for part in path.split('/')))


class Component:
    """One metadata file: its type, its API name, the object it belongs to, and its XML."""

    def __init__(self, path, root):
        self.path, self.root, self.type = path, root, local(root.tag)
        self.app, self.folder, base = path.split('/')[0], '/'.join(path.split('/')[3:-1]), path.split('/')[-1]
        self.name, self.suffix = base.split('.')[0], '.'.join(base.split('.')[1:]).replace('-meta.xml', '')
        self.object = self.folder.split('/')[1] if self.type == 'CustomField' else None

    @property
    def full_name(self):
        return f'{self.object}.{self.name}' if self.object else self.name


class Project:
    """All files of the project as {path: text}. Faults are collected in .faults."""

    def __init__(self, files, rules):
        self.files, self.rules, self.faults, self.components, self.packages = files, rules, [], [], {}
        for path, content in sorted(files.items()):
            if not path.endswith('.xml'):
                continue
            try:
                root = ET.fromstring(content)
            except ET.ParseError as error:
                self.fault(path, f'is not well-formed: {error}')
                continue
            if not root.tag.startswith(NS):
                self.fault(path, 'is not in the namespace of the Metadata API')
            elif local(root.tag) == 'Package':
                self.packages[path] = root
            else:
                self.components.append(Component(path, root))
        self.index = {(c.type, c.full_name): c for c in self.components}

    def fault(self, path, what):
        self.faults.append(f'{path}: {what}')

    def of(self, kind):
        return [c for c in self.components if c.type == kind]

    def has(self, kind, name):
        return (kind, name) in self.index


def flow_names(root):
    nodes = {text(n, 'name') for kind in ('actionCalls', 'assignments', 'decisions', 'recordCreates', 'screens', 'waits') for n in each(root, kind)}
    variables = {text(n, 'name') for kind in ('variables', 'textTemplates') for n in each(root, kind)}
    return nodes, variables


def reference_fault(project, component, kind, value):
    """What is wrong with a reference, or None."""
    rules = project.rules
    objects = rules['standardObjects'] + [c.name for c in project.of('CustomObject')]
    simple = {'class': 'ApexClass', 'flow': 'Flow', 'app': 'ExternalClientApplication', 'tab': 'CustomTab', 'field': 'CustomField'}
    if kind in simple:
        return None if project.has(simple[kind], value) else f'names {value}, which is not in the project ({kind})'
    if kind == 'object':
        return None if value in objects else f'names {value}, which is not in the project (object)'
    if kind == 'event':
        known = ['AlarmEvent'] + [o for o in objects if o.endswith('__e')]
        return None if value in known else f'waits for {value}, which is no event of the project'
    if kind == 'permissionsets':
        missing = [p for p in value.split(',') if not project.has('PermissionSet', p)]
        return f'names {missing[0]}, which is not in the project (permission set)' if missing else None
    if kind == 'scopes':
        odd = [s for s in re.split(r'\s*,\s*', value) if s not in rules['scopes']]
        return f'has the unknown scope {odd[0]}' if odd else None
    if kind == 'api':
        return None if value == rules['apiVersion'] else f'has version {value}, not {rules["apiVersion"]}'
    nodes, variables = flow_names(component.root)
    if kind == 'node':
        return None if value in nodes else f'leads to {value}, which the flow has not'
    if value.startswith('$Record.') and project.has('CustomField', f'{text(component.root, "start/object")}.{value[8:]}'):
        return None
    if value.split('.')[0] in variables or value in ('$Flow.FaultMessage', '$Flow.CurrentDateTime', '$Record.Id'):
        return None
    return f'uses {value}, which the flow has not'


def value_fault(project, component, rule, value):
    kind, _, rest = rule.partition(' ')
    if kind == 'bool':
        return None if value in ('true', 'false') else f'must be true or false, not {value}'
    if kind == 'int':
        low, high = map(int, rest.split())
        ok = re.fullmatch(r'-?\d+', value) and low <= int(value) <= high
        return None if ok else f'must be a whole number from {low} to {high}, not {value}'
    if kind == 'text':
        return None if 0 < len(value.strip()) and len(value) <= int(rest) else f'has {len(value)} characters; 1 to {rest} are allowed'
    if kind == 'name':
        plain = re.sub(r'__c\Z', '', value).replace('herokuapplink__', '')
        return None if len(value) <= int(rest) and API_NAME.match(plain) else f'is no API name of {rest} characters at most: {value}'
    if kind == 'one':
        return None if value in rest.split('|') else f'must be one of {rest}, not {value}'
    if kind == 'ref':
        return reference_fault(project, component, rest, value)
    raise ValueError(f'unknown rule {rule}')


def check_members(project, component, node, members, where):
    known = {m.strip('!*'): (m, rule) for m, rule in members.items()}
    seen = {}
    for child in node:
        name = local(child.tag)
        seen[name] = seen.get(name, 0) + 1
        if name not in known:
            project.fault(component.path, f'{where}{name} is not allowed here')
            continue
        member, rule = known[name]
        if seen[name] == 2 and not member.endswith('*'):
            project.fault(component.path, f'{where}{name} stands twice')
        if rule.startswith('group '):
            check_members(project, component, child, project.rules['groups'][rule[6:]], f'{where}{name}/')
        elif len(child):
            project.fault(component.path, f'{where}{name} has elements in it')
        else:
            fault = value_fault(project, component, rule, child.text or '')
            if fault:
                project.fault(component.path, f'{where}{name} {fault}')
    for name, (member, _) in known.items():
        if member.startswith('!') and name not in seen:
            project.fault(component.path, f'{where}{name} is missing')


def check_metadata(project):
    types = project.rules['types']
    for c in project.components:
        rule = types.get('PlatformEvent' if c.type == 'CustomObject' and c.name.endswith('__e') else c.type)
        if not rule:
            project.fault(c.path, f'is of type {c.type}, for which there are no rules')
            continue
        folder = rule['folder'].format(name=c.name, object=c.object)
        if c.folder != folder or c.suffix != rule['suffix']:
            project.fault(c.path, f'belongs into {folder}/ as {c.name}.{rule["suffix"]}-meta.xml')
        if not API_NAME.match(re.sub(r'__[ce]\Z', '', c.name)) or len(c.name) > 80:
            project.fault(c.path, 'the file name is no API name')
        check_members(project, c, c.root, rule['members'], '')
        if c.type == 'CustomField' and text(c.root, 'fullName') != c.name:
            project.fault(c.path, f'fullName {text(c.root, "fullName")} is not the name of the file')
        if c.type == 'ApexClass' and c.path.replace('-meta.xml', '') not in project.files:
            project.fault(c.path, 'there is no class beside it')
    for path, root in project.packages.items():
        holder = type('Holder', (), {'path': path, 'root': root})
        check_members(project, holder, root, types['Package']['members'], '')


def check_manifest(project, path, app):
    """A manifest lists what its folder has, neither more nor less."""
    root = project.packages.get(path)
    if root is None:
        return project.fault(path, 'is missing')
    listed = {(text(t, 'name'), m.text) for t in each(root, 'types') for m in each(t, 'members')}
    there = {(c.type, c.full_name) for c in project.components if c.app == app}
    for kind, name in sorted(there - listed):
        project.fault(path, f'does not list {kind} {name}')
    for kind, name in sorted(listed - there):
        project.fault(path, f'lists {kind} {name}, which {app} has not')


def check_orphans(project):
    for path in project.files:
        if path.endswith('.cls') and path + '-meta.xml' not in project.files:
            project.fault(path, 'has no -meta.xml beside it')
        if fnmatch(path, '*-app/*/lwc/*'):
            bundle = '/'.join(path.split('/')[:-1])
            for part in ('html', 'js', 'js-meta.xml'):
                if f'{bundle}/{bundle.split("/")[-1]}.{part}' not in project.files:
                    project.fault(path, f'its bundle has no {part}')
            continue
        if fnmatch(path, '*-app/*') and not path.endswith(('.xml', '.cls')) and path.split('/')[-1] not in ('README.md',):
            project.fault(path, 'is no metadata')
