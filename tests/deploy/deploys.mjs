// deploys.mjs - what an org can say about a deployment without being an org: the package names each file and each file is named,
// every file is well-formed, tests exist, and what the components refer to is there or comes along. Compiling Apex is not possible.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { unzip } from './zip.mjs';

// folder of the package, type of the Metadata API
const folders = {
    classes: 'ApexClass',
    flows: 'Flow',
    flexipages: 'FlexiPage',
    permissionsets: 'PermissionSet',
    objects: 'CustomObject',
    tabs: 'CustomTab',
    externalClientApps: 'ExternalClientApplication',
    extlClntAppOauthSettings: 'ExtlClntAppOauthSettings',
    extlClntAppOauthPolicies: 'ExtlClntAppOauthConfigurablePolicies',
};
const all = (text, pattern) => [...text.matchAll(pattern)].map(m => m[1]);
const block = (text, name) => all(text, new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g'));

// read ZIP: {components: Map 'Type:name' to text, named: Set of the same from package.xml, files, faults}
function read(bytes) {
    const faults = [],
        components = new Map(),
        named = new Set(),
        files = unzip(bytes);
    let manifest = '';
    for (const [file, content] of files) {
        const [, folder, base] = file.split('/').length === 3 ? file.split('/') : [null, ...file.split('/')];
        if (file.endsWith('package.xml')) {
            manifest = content.toString();
            continue;
        }
        const type = folders[folder];
        if (!type) {
            faults.push([file, `nothing is known of a folder ${folder}`]);
            continue;
        }
        if (base.endsWith('-meta.xml')) {
            if (!files.has(file.replace('-meta.xml', ''))) faults.push([file, 'has no file that it describes']);
            continue;
        }
        if (type === 'ApexClass' && !files.has(`${file}-meta.xml`)) faults.push([file, 'has no -meta.xml']);
        const name = base.slice(0, base.lastIndexOf('.')),
            text = content.toString();
        components.set(`${type}:${name}`, text);
        if (type === 'CustomObject')
            for (const field of block(text, 'fields')) components.set(`CustomField:${name}.${block(field, 'fullName')[0]}`, field);
    }
    if (!manifest) faults.push(['package.xml', 'is missing']);
    for (const types of block(manifest, 'types'))
        for (const member of block(types, 'members')) named.add(`${block(types, 'name')[0]}:${member}`);
    return { components, named, files, faults, version: block(manifest, 'version')[0] };
}

function wellFormed(files, folder, faults) {
    fs.rmSync(folder, { recursive: true, force: true });
    for (const [name, content] of files) {
        if (name.includes('..')) {
            faults.push([name, 'leaves the package']);
            continue;
        }
        const file = path.join(folder, name);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, content);
        if (!content.toString().startsWith('<?xml')) {
            if (!name.endsWith('.cls')) faults.push([name, 'is not XML']);
            continue;
        }
        try {
            execFileSync('xmllint', ['--noout', file], { stdio: ['ignore', 'ignore', 'pipe'], timeout: 20000 });
        } catch (error) {
            faults.push([name, `is not well-formed: ${error.stderr ?? error.message}`]);
        }
    }
}

// What a component needs, as 'Type:name' with the words for a person.
function needs(key, text) {
    const [type, name] = key.split(/:(.*)/s),
        wanted = [];
    const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    if (type === 'ApexClass' || type === 'Flow') {
        for (const client of all(code, /\bHerokuAppLink\.([A-Za-z0-9]+)\b/g)) wanted.push(`Client:${client.split('_')[0]}`);
        for (const action of all(code, /<actionName>(.*?)<\/actionName>/g)) wanted.push(`Operation:${action}`);
    }
    if (type === 'ApexClass') for (const object of all(code, /\b(\w+__c)\b(?=\s*(?:\(|\w+\s*=))/g)) wanted.push(`CustomObject:${object}`);
    if (type === 'CustomTab' || (name.endsWith('__c') && type === 'CustomObject')) wanted.push(`CustomObject:${name}`);
    if (type === 'PermissionSet') {
        for (const field of all(text, /<field>(.*?)<\/field>/g)) if (field.endsWith('__c')) wanted.push(`CustomField:${field}`);
        for (const object of all(text, /<object>(.*?)<\/object>/g)) if (object.endsWith('__c')) wanted.push(`CustomObject:${object}`);
        for (const apex of all(text, /<apexClass>(.*?)<\/apexClass>/g)) wanted.push(`ApexClass:${apex}`);
        for (const flow of all(text, /<flow>(.*?)<\/flow>/g)) wanted.push(`Flow:${flow}`);
    }
    for (const app of all(text, /<externalClientApplication>(.*?)<\/externalClientApplication>/g))
        wanted.push(`ExternalClientApplication:${app}`);
    return wanted;
}

// deploy ORG, ZIP, OPTIONS: {successes, failures, tests}. ORG.has(key) knows what is there already; nothing is kept when there is a
// failure, as with rollbackOnError.
export function deploy(org, bytes, { testLevel, tests = [], folder }) {
    const { components, named, files, faults, version } = read(bytes);
    wellFormed(files, folder, faults);
    if (!(Number(version) >= 50)) faults.push(['package.xml', `version ${version} is none of this org`]);
    for (const key of named) if (!components.has(key)) faults.push([key, 'is named in package.xml but not in the zip file']);
    // a field travels inside its object's file, which the package may name by its fields alone
    const covered = key =>
        named.has(key) || (key.startsWith('CustomObject:') && [...named].some(n => n.startsWith(`CustomField:${key.slice(13)}.`)));
    for (const key of components.keys()) if (!covered(key)) faults.push([key, 'is in the zip file but not named in package.xml']);
    for (const [key, text] of components) {
        for (const wanted of needs(key, text)) {
            const missing = !components.has(wanted) && !org.has(wanted);
            if (missing) faults.push([key, `refers to ${wanted.replace(':', ' ')}, which is neither in the org nor in this deployment`]);
        }
    }
    if (testLevel === 'RunSpecifiedTests' && !tests.length) faults.push(['tests', 'RunSpecifiedTests names none']);
    for (const test of tests) {
        const code = components.get(`ApexClass:${test}`) ?? org.text(`ApexClass:${test}`);
        if (!code) faults.push([test, 'is no class of this deployment or org']);
        else if (!/@istest/i.test(code)) faults.push([test, 'is no test class']);
    }
    if (!faults.length) for (const [key, text] of components) org.keep(key, text);
    return { successes: faults.length ? [] : [...components.keys()].filter(k => named.has(k)), failures: faults, tests };
}
