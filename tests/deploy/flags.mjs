// flags.mjs - every heroku and sf command that our pages show, in blocks and in the text, against the commands and flags that the pinned
// clients have: it exists, each flag exists, what is required is given, values are among the options.
//   node flags.mjs check PAGE...     against flags.json; prints what is wrong and the number of commands
//   node flags.mjs refresh PAGE...   writes flags.json anew from the installed clients, for the commands that the pages use
// flags.json lets the check run without 550 MB of clients. AppLink's commands come from applink/commands.json.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandsOf } from './plan.mjs';

const here = path.dirname(fileURLToPath(import.meta.url)),
    known = path.join(here, 'flags.json');

// The words of a shell command up to its end or a pipe, with $(...) and quotes kept as one word; null for what is no such command.
function words(text) {
    const list = text.replace(/\\\n/g, ' ').match(/(?:"(?:\\.|\$\([^)]*\)|[^"])*"|'[^']*'|\$\([^)]*\)|[^\s"'|;&])+|[|;&]+/g) ?? [];
    const end = list.findIndex(w => /^[|;&]+$/.test(w) || w === '#');
    return (end < 0 ? list : list.slice(0, end)).map(w => w.replace(/^["']|["']$/g, ''));
}
// All commands of a page: {text, line, whole}; only those of blocks are complete, those in the text may leave things out.
function commands(page) {
    const text = fs.readFileSync(page, 'utf8'),
        found = [];
    const add = (command, line, whole) => {
        for (const part of [
            command,
            ...[...command.matchAll(/\$\(((?:heroku|sf) [^|)]*)/g)].map(m => m[1]),
            ...[...command.matchAll(/[|;&]\s*((?:heroku|sf) [^|;&]*)/g)].map(m => m[1]),
        ])
            if (/^(heroku|sf) /.test(part)) found.push({ text: part, line, whole });
    };
    for (const c of commandsOf(text)) add(c.text.trim(), c.line, true);
    text.replace(/`([^`\n]+)`|`([^`]+)`/g, (all, one, more, at) => {
        add((one ?? more).replace(/\s+/g, ' '), text.slice(0, at).split('\n').length, false);
        return all;
    });
    return found;
}

// The longest run of first words that is a command; heroku joins by colons, sf by blanks.
function resolve(list, table) {
    const [tool, ...rest] = list;
    for (let n = tool === 'sf' ? rest.length : 1; n > 0; n--) {
        const id = `${tool} ${rest.slice(0, n).join(' ')}`;
        if (table[id]) return { id, spec: table[id], rest: rest.slice(n) };
    }
    return null;
}

function faults({ text, whole }, table) {
    const found = resolve(words(text), table);
    if (!found) return [`is no command: ${text}`];
    const { id, spec, rest } = found,
        wrong = [],
        given = new Set();
    let args = 0;
    for (let i = 0; i < rest.length; i++) {
        const [name, value] = rest[i].split(/=(.*)/s);
        if (!/^--?[a-z]/.test(name)) {
            args++;
            continue;
        }
        const flag = Object.keys(spec.flags).find(f => `--${f}` === name || (spec.flags[f].char && `-${spec.flags[f].char}` === name));
        if (!flag) {
            wrong.push(`${id} has no ${name}`);
            if (rest[i + 1] && !rest[i + 1].startsWith('-')) i++;
            continue;
        }
        given.add(flag);
        const { boolean, options } = spec.flags[flag];
        const told = boolean ? undefined : (value ?? rest[++i]);
        if (!boolean && told === undefined && whole) wrong.push(`${id} ${name} needs a value`);
        if (options && told && !options.includes(told)) wrong.push(`${id} ${name} knows ${options.join(', ')} only`);
    }
    if (args > spec.args && !spec.any) wrong.push(`${id} takes ${spec.args} arguments`);
    if (whole)
        for (const [flag, { required }] of Object.entries(spec.flags))
            if (required && !given.has(flag)) wrong.push(`${id} needs --${flag}`);
    return wrong;
}

// ---- the installed clients ----
const manifest = name => JSON.parse(fs.readFileSync(path.join(here, 'node_modules', name, 'oclif.manifest.json')));
const short = c => ({
    args: Object.keys(c.args ?? {}).length,
    ...(c.strict === false ? { any: true } : {}),
    flags: Object.fromEntries(
        Object.entries(c.flags ?? {}).map(([name, f]) => [
            name,
            {
                ...(f.char ? { char: f.char } : {}),
                ...(f.required ? { required: true } : {}),
                ...(f.type === 'boolean' ? { boolean: true } : {}),
                ...(f.options ? { options: f.options } : {}),
            },
        ]),
    ),
});
function installed() {
    const table = {};
    const add = (tool, commands) => {
        for (const [id, c] of Object.entries(commands))
            for (const name of [id, ...(c.aliases ?? []), ...(c.hiddenAliases ?? [])])
                table[`${tool} ${tool === 'sf' ? name.replaceAll(':', ' ') : name}`] = short(c);
    };
    add('heroku', manifest('heroku').commands);
    for (const name of ['heroku', '@salesforce/cli']) {
        for (const plugin of JSON.parse(fs.readFileSync(path.join(here, 'node_modules', name, 'package.json'))).oclif.plugins ?? []) {
            const file = path.join(here, 'node_modules', plugin, 'oclif.manifest.json');
            if (fs.existsSync(file)) add(name === 'heroku' ? 'heroku' : 'sf', manifest(plugin).commands);
        }
    }
    return table;
}
function applink() {
    const table = JSON.parse(fs.readFileSync(path.join(here, 'applink/commands.json'))),
        common = { addon: {}, app: { char: 'a' }, remote: { char: 'r' }, prompt: { boolean: true } };
    return Object.fromEntries(
        Object.entries(table).map(([id, { args = [], flags = {} }]) => [
            `heroku ${id}`,
            { args: args.length, flags: { ...common, ...flags } },
        ]),
    );
}

const [what, ...pages] = process.argv.slice(2);
if (what === 'refresh' || what === 'same') {
    const all = installed(),
        used = {};
    for (const page of pages)
        for (const c of commands(page)) {
            const r = resolve(words(c.text), all);
            if (r) used[r.id] = r.spec;
        }
    const text = `${JSON.stringify(Object.fromEntries(Object.entries(used).sort()), null, 1)
        .replace(/\n {3,}/g, ' ')
        .replace(/\n {2}\}/g, ' }')}\n`;
    if (what === 'refresh') fs.writeFileSync(known, text);
    else if (text !== fs.readFileSync(known, 'utf8')) {
        console.log('flags.json is not what the installed clients have (node tests/deploy/flags.mjs refresh PAGE...)');
        process.exit(1);
    }
} else {
    const table = { ...JSON.parse(fs.readFileSync(known)), ...applink() };
    let count = 0,
        wrong = 0;
    for (const page of pages)
        for (const c of commands(page)) {
            count++;
            for (const fault of faults(c, table)) {
                wrong++;
                console.log(`${page}:${c.line}: ${fault}`);
            }
        }
    // flags that a page names alone, in its text or a table, belong to one of the commands it shows
    for (const page of pages) {
        const shown = commands(page).map(c => resolve(words(c.text), table)?.spec.flags ?? {});
        const names = new Set(shown.flatMap(flags => Object.entries(flags).flatMap(([name, { char }]) => [`--${name}`, `-${char}`])));
        if (shown.length)
            for (const [, flag] of fs.readFileSync(page, 'utf8').matchAll(/`(--?[a-z][a-z-]*)[^`]*`/g))
                if (!names.has(flag)) {
                    wrong++;
                    console.log(`${page}: no command of this page has ${flag}`);
                }
    }
    console.log(`${count} commands`);
    process.exit(wrong ? 1 : 0);
}
