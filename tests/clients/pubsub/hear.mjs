// The host's subscription against server.mjs, case by case. Usage: node hear.mjs PROGRAM WORK [pattern]; prints a line for each
// check and ends with 1 when one failed.
import { spawn, execFileSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { startServer, replayId } from './server.mjs';

const [program, work, pattern = ''] = process.argv.slice(2);
let failed = 0;
const check = (name, ok, detail = '') => {
    if (!ok) failed++;
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}${ok ? '' : ` ${typeof detail === 'string' ? detail : JSON.stringify(detail)}`.slice(0, 600)}`);
};

// Runs the program until it ends; events, totals, log and exit code.
function hear(url, topic, ...args) {
    return new Promise(done => {
        const child = spawn(program, [url, topic, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
        let out = '', log = '';
        const timer = setTimeout(() => child.kill('SIGKILL'), 90000);
        child.stdout.on('data', d => { out += d; });
        child.stderr.on('data', d => { log += d; });
        child.on('close', code => {
            clearTimeout(timer);
            if (code !== 0) check(`the program ends well (${topic})`, false, `exit ${code}: ${log}`);
            const lines = out.trim().split('\n').filter(Boolean).map(l => JSON.parse(l));
            done({ code, log, total: lines.pop() ?? {}, events: lines });
        });
    });
}
const numbers = r => r.events.map(e => Number(e.id.split('-')[1]));
const inOrder = (r, n) => isDeepStrictEqual(numbers(r), Array.from({ length: n }, (_, i) => i + 1));
const same = (a, b) => { // numbers as 15 digits
    if (typeof a === 'number' && typeof b === 'number') return a === b || Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b));
    if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every(k => k in b && same(a[k], b[k]));
};

// A server for each name, and what is heard of it, all at the same time.
async function together(start, names, options, args) {
    const servers = [];
    for (const name of names) servers.push(await start(options));
    const heard = await Promise.all(names.map((name, i) => hear(servers[i].url, ...args(name))));
    return names.map((name, i) => [name, servers[i], heard[i]]);
}

const cases = {
    async 'values are those that avsc wrote'(start) {
        for (const topic of ['/data/OpportunityChangeEvent', '/data/ContactChangeEvent', '/event/Order__e']) {
            const s = await start({ events: 400 }), r = await hear(s.url, topic, '--count', '400');
            const wrong = r.events.find(e => !same(e, s.wanted.get(`${topic} ${e.id.split('-')[1]}`)));
            check(`${topic}: 400 events in order`, inOrder(r, 400), r.total);
            check(`${topic}: each as it was written`, !wrong, [wrong, wrong && s.wanted.get(`${topic} ${wrong.id.split('-')[1]}`)]);
            check(`${topic}: never more than 100 asked for`, s.seen.maxCredit === 100, s.seen.maxCredit);
            check(`${topic}: its schema asked for once`, s.seen.schemas === 1, s.seen.schemas);
        }
    },
    async 'calls that end, connections that end'(start) {
        const faults = ['end', 'end-reset', 'reset', 'unavailable', 'cut', 'goaway', 'goaway-hard'];
        for (const [fault, s, r] of await together(start, faults, { events: 1100 }, fault => [`/fault/${fault}`, '--count', '1100'])) {
            check(`${fault}: all events once`, inOrder(r, 1100), r.log || r.total);
            check(`${fault}: goes on behind what is kept`, s.seen.presets.join() === 'EARLIEST,CUSTOM,CUSTOM', s.seen.presets);
            check(`${fault}: the lease was claimed once and given back`, r.total.claims === 1 && r.total.releases === 1, r.total);
        }
    },
    async 'TLS'(start) {
        const s = await start({ events: 1000, secure: true });
        const r = await hear(s.url, '/data/OpportunityChangeEvent', '--count', '1000', '--ca', s.ca);
        check('over TLS with the right authority', inOrder(r, 1000), r.log);
        const w = await hear(s.url, '/data/OpportunityChangeEvent', '--count', '1', '--seconds', '6');
        check('a certificate of nobody is refused', w.total.events === 0 && /certificate/i.test(w.log) && s.seen.subscribes === 1, w.log);
    },
    async 'no HTTP/2 there'() {
        const tls = certificate(), answer = (q, a) => a.end('hello');
        const old = [http.createServer(answer), https.createServer({ key: fs.readFileSync(tls.key), cert: fs.readFileSync(tls.cert), ALPNProtocols: ['http/1.1'] }, answer)];
        const ports = await Promise.all(old.map(s => new Promise(ok => s.listen(0, '127.0.0.1', () => ok(s.address().port)))));
        const heard = await Promise.all(ports.map((port, i) => hear(`http${i ? 's' : ''}://127.0.0.1:${port}`, '/data/X', '--seconds', '8', '--ca', tls.cert)));
        heard.forEach((r, i) => check(`a server of HTTP/1.1${i ? ' over TLS' : ''}: the call ends, and is tried again`,
            r.total.events === 0 && (r.log.match(/at=subscription-(interrupted|failed)/g) ?? []).length >= 2, r.log));
        old.forEach(s => { s.closeAllConnections(); s.close(); });
    },
    async 'tokens'(start) {
        for (const fault of ['auth', 'auth-later']) {
            const s = await start({ events: 600 }), r = await hear(s.url, `/fault/${fault}`, '--token', fault === 'auth' ? 'stale' : 'good', '--token', 'good', '--count', '600');
            check(`${fault}: a new token at once, all events once`, inOrder(r, 600), r.log);
            check(`${fault}: no token in the log`, !/stale|good/.test(r.log), r.log);
        }
        const s = await start({}), r = await hear(s.url, '/fault/auth', '--token', 'bad', '--seconds', '8');
        check('a token that stays refused is reported, and not asked for without end', /at=subscription-failed.*refuses the connection/.test(r.log) && s.seen.tokens.size === 1, r.log);
    },
    async 'positions'(start) {
        for (const fault of ['corrupted', 'expired']) {
            const s = await start({ events: 100 }), r = await hear(s.url, `/fault/${fault}`, '--from', replayId(50).toString('hex'), '--count', '100');
            check(`${fault}: an alarm, and all from the beginning`, inOrder(r, 100) && /at=event-position-lost level=error/.test(r.log) && r.total.lost === 1, r.log);
            check(`${fault}: never from now on`, s.seen.presets.join() === 'CUSTOM,EARLIEST', s.seen.presets);
        }
        const s = await start({ events: 100 }), r = await hear(s.url, '/data/OpportunityChangeEvent', '--from', replayId(60).toString('hex'), '--count', '40');
        check('a stored position: what comes after it', numbers(r).join() === Array.from({ length: 40 }, (_, i) => i + 61).join(), r.total);
        const l = await start({ events: 100 }), n = await hear(l.url, '/fault/empty', '--from', 'latest', '--batches', '1');
        check('an empty response moves the position', n.total.batches === 1 && n.total.events === 0, n.total);
        check('from now on is the first time', l.seen.presets.join() === 'LATEST', l.seen.presets);
        const e = await start({ events: 700 }), m = await hear(e.url, '/fault/no-latest', '--count', '700');
        check('a response without a position has that of its last event', inOrder(m, 700), m.log);
    },
    async 'what somebody has to mend'(start) {
        const rows = [['/data/None', 'no such topic'], ['/data/Forbidden', 'may not subscribe'], ['/data/Unreadable', 'may not subscribe'], ['/fault/limit', 'allocation']];
        const all = await Promise.all(rows.map(async ([topic]) => { const s = await start({}); return [s, await hear(s.url, topic, '--seconds', '8')]; }));
        rows.forEach(([topic, words], i) => {
            const [s, r] = all[i];
            check(`${topic}: reported once with what to do`, (r.log.match(/at=subscription-failed/g) ?? []).length === 1 && r.log.includes(words), r.log);
            check(`${topic}: not tried again at once`, s.seen.subscribes <= 1, s.seen.subscribes);
        });
        const r = await hear('http://127.0.0.1:9', '/data/X', '--seconds', '15');
        check('nobody there: interrupted, then reported', /at=subscription-interrupted/.test(r.log) && /at=subscription-failed/.test(r.log), r.log);
    },
    async 'events that cannot be read'(start) {
        const rows = { payload: 'payload', 'schema-unknown': 'does not know its schema', 'schema-broken': 'no Avro schema', 'schema-map': 'map',
            'schema-self': 'too deeply', 'schema-number': 'no Avro schema', 'schema-headerless': 'ChangeEventHeader', 'schema-other': 'another one' };
        for (const [fault, , r] of await together(start, Object.keys(rows), { events: 100 }, fault => [`/fault/${fault}`, '--count', '100'])) {
            const words = rows[fault];
            const apart = r.events.filter(e => e.fault);
            check(`${fault}: kept apart, the others go on`, inOrder(r, 100) && apart.length === 10 && apart.every(e => Number(e.id.slice(6)) % 10 === 0), r.log || r.total);
            check(`${fault}: told why`, apart.every(e => e.fault.includes(words) && e.fields === null), apart[0]);
        }
        const w = await start({ events: 40, batch: 10 }), v = await hear(w.url, '/fault/wide', '--count', '40');
        check('an event too wide for a frame is kept apart, a response in several batches', inOrder(v, 40) && v.total.faults === 4 && v.total.batches === 8, v.total);
        check('it is told', v.events[9].fault.includes('longer than the host hands on'), v.events[9].fault);
        const s = await start({ events: 400 }), r = await hear(s.url, '/fault/schema-change', '--count', '400');
        check('a schema that changes in mid-stream', inOrder(r, 400) && r.total.faults === 0 && s.seen.schemas === 2, r.log);
        check('its new field is read', r.events.some(e => e.schema === 'schema-2' && 'Added__c' in e.fields), '');
    },
    async 'the inbox'(start) {
        let s = await start({ events: 2000, batch: 10 }), r = await hear(s.url, '/data/OpportunityChangeEvent', '--count', '2000', '--delay', '2');
        check('two batches at most without an answer', inOrder(r, 2000) && r.total.most === 2, r.total);
        s = await start({ events: 600, batch: 10 });
        r = await hear(s.url, '/data/OpportunityChangeEvent', '--count', '600', '--again', '40', '--delay', '2');
        check('what was not kept comes again, with what was behind it', inOrder(r, 600) && r.total.most === 2 && /at=events-not-kept/.test(r.log), r.log || r.total);
        s = await start({ events: 100 });
        r = await hear(s.url, '/data/OpportunityChangeEvent', '--count', '100', '--others', '1');
        check('stands by, and takes over', inOrder(r, 100) && r.total.claims === 2 && /at=subscription-standing-by/.test(r.log), r.log);
        s = await start({ events: 300, batch: 10 });
        r = await hear(s.url, '/fault/duplicates', '--seconds', '10');
        check('duplicates are handed on: the inbox knows them', r.total.events > 300 && new Set(numbers(r)).size === 300, r.total);
    },
};

const servers = [];
let authority;
function certificate() {
    if (authority) return authority;
    const file = name => path.join(work, name);
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost',
        '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost', '-keyout', file('key.pem'), '-out', file('cert.pem')], { stdio: 'ignore' });
    return authority = { key: file('key.pem'), cert: file('cert.pem') };
}
async function start({ secure, ...options }) {
    const tls = secure ? certificate() : undefined, s = await startServer({ ...options, tls });
    servers.push(s);
    return { ...s, url: `${secure ? 'https' : 'http'}://127.0.0.1:${s.port}`, ca: tls?.cert };
}
fs.mkdirSync(work, { recursive: true });
// Mostly they wait, so that they run side by side; servers are made one after the other.
let last = Promise.resolve();
const next = options => (last = last.then(() => start(options)));
await Promise.all(Object.entries(cases).filter(([name]) => name.includes(pattern)).map(async ([name, run]) => {
    const began = Date.now();
    await run(next).catch(e => check(name, false, String(e.stack)));
    if (process.env.V) console.log(`     ${name}: ${Date.now() - began} ms`);
}));
servers.forEach(s => s.stop());
console.log('ok   end of all cases');
process.exit(failed ? 1 : 0);
