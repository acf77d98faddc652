// A Pub/Sub API stand-in by @grpc/grpc-js and the published definition (it comes with salesforce-pubsub-api-client); payloads are
// encoded by avsc. The topic's name chooses the behaviour. No line of the host or of the sandbox is in it.
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import avro from 'avsc';
import http2 from 'node:http2';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

const proto = fileURLToPath(new URL('node_modules/salesforce-pubsub-api-client/pubsub_api.proto', import.meta.url));
const api = grpc.loadPackageDefinition(loader.loadSync(proto, { keepCase: true, enums: String, defaults: true })).eventbus.v1;

const header = {
    name: 'ChangeEventHeader', type: { type: 'record', name: 'ChangeEventHeader', fields: [
        { name: 'entityName', type: 'string' },
        { name: 'recordIds', type: { type: 'array', items: 'string' } },
        { name: 'changeType', type: { type: 'enum', name: 'ChangeType', symbols: ['CREATE', 'UPDATE', 'DELETE', 'UNDELETE',
            'GAP_CREATE', 'GAP_UPDATE', 'GAP_DELETE', 'GAP_UNDELETE', 'GAP_OVERFLOW', 'SNAPSHOT'] } },
        { name: 'changeOrigin', type: 'string' }, { name: 'transactionKey', type: 'string' },
        { name: 'sequenceNumber', type: 'int' }, { name: 'commitTimestamp', type: 'long' },
        { name: 'commitNumber', type: 'long' }, { name: 'commitUser', type: 'string' },
        { name: 'nulledFields', type: { type: 'array', items: 'string' } },
        { name: 'diffFields', type: { type: 'array', items: 'string' } },
        { name: 'changedFields', type: { type: 'array', items: 'string' } }] },
};
const address = { type: 'record', name: 'Address', fields: ['Street', 'City', 'State', 'PostalCode', 'Country', 'StateCode',
    'CountryCode'].map(name => ({ name, type: ['null', 'string'], default: null }))
    .concat([{ name: 'Latitude', type: ['null', 'double'], default: null }]) };
const person = { type: 'record', name: 'Switchable_PersonName', fields: ['Salutation', 'FirstName', 'LastName']
    .map(name => ({ name, type: ['null', 'string'], default: null })) };
const optional = (name, type) => ({ name, type: ['null', type], default: null });
const opportunity = fields => ({ type: 'record', name: 'OpportunityChangeEvent', namespace: 'com.sforce.eventbus', fields: [header,
    optional('AccountId', 'string'), optional('IsPrivate', 'boolean'), optional('Name', 'string'), optional('Description', 'string'),
    optional('StageName', 'string'), optional('Amount', 'double'), optional('Probability', 'double'),
    optional('TotalOpportunityQuantity', 'double'), optional('CloseDate', { type: 'long', logicalType: 'timestamp-millis' }),
    optional('ForecastCategory', { type: 'enum', name: 'Forecast', symbols: ['Pipeline', 'BestCase', 'Closed'] }),
    optional('Pricebook2Id', 'string'), optional('OwnerId', 'string'), optional('HasOpen', 'int'), optional('Blob', 'bytes'),
    optional('Rate', 'float'), ...fields] });
const schemas = {
    'schema-1': opportunity([]),
    'schema-2': opportunity([optional('Added__c', 'string')]),
    contact: { type: 'record', name: 'ContactChangeEvent', namespace: 'com.sforce.eventbus', fields: [header,
        optional('Name', person), optional('MailingAddress', address), optional('OtherAddress', 'Address'),
        { name: 'Tags', type: ['null', { type: 'array', items: ['null', 'string', 'int'] }], default: null }] },
    platform: { type: 'record', name: 'Order__e', namespace: 'com.sforce.eventbus', fields: [
        { name: 'CreatedDate', type: 'long' }, { name: 'CreatedById', type: 'string' }, optional('Number__c', 'string'),
        optional('Total__c', 'double')] },
};
const types = Object.fromEntries(Object.entries(schemas).map(([id, s]) => [id, avro.Type.forSchema(s, { wrapUnions: true })]));
const raw = { broken: '{"type":"record"', map: JSON.stringify({ type: 'record', name: 'X', fields: [{ name: 'm', type: { type: 'map', values: 'string' } }] }),
    self: JSON.stringify({ type: 'record', name: 'X', fields: [{ name: 'x', type: ['null', 'X'] }] }), number: '7',
    headerless: JSON.stringify({ type: 'record', name: 'X', fields: [{ name: 'ChangeEventHeader', type: 'string' }] }) };

// ---- events ----
export const replayId = n => { const b = Buffer.alloc(10); b.writeBigUInt64BE(BigInt(n * 3), 2); return b; }; // with holes
const place = id => Number(id.readBigUInt64BE(2)) / 3;
let seed = 12345;
const random = n => { seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff; return seed % n; };

// A bitmap as an org writes it: bit i, from the right, is field i.
export const bitmap = indexes => {
    let v = 0n;
    for (const i of indexes) v |= 1n << BigInt(i);
    const hex = v.toString(16).toUpperCase();
    return '0x' + (hex.length % 2 ? '0' : '') + hex;
};
const plain = v => { // what the host should make of an avsc value: unions unwrapped, nulls left out
    if (Buffer.isBuffer(v)) return v.toString('base64');
    if (Array.isArray(v)) return v.map(item => plain(item) ?? null);
    if (v === null || typeof v !== 'object') return v;
    const keys = Object.keys(v);
    if (v.constructor.name.startsWith('Branch') || ['string', 'double', 'long', 'int', 'boolean', 'float', 'bytes', 'array'].includes(keys[0]) && keys.length === 1)
        return plain(v[keys[0]]);
    return Object.fromEntries(keys.map(k => [k, plain(v[k])]).filter(([, x]) => x !== null && x !== undefined));
};
// The values of an event of `schema`, and the event that the host should hand on.
export function compose(schema, n) {
    const type = types[schema], fields = schemas[schema].fields, value = type.random();
    const want = { id: `event-${n}`, schema, replay: replayId(n).toString('hex'), fault: '', entity: '', key: '', user: '', origin: '',
        change: -1, sequence: 0, commitMs: 0, commitNumber: 0, ids: null, changed: null };
    if (value.ChangeEventHeader) {
        const changes = ['CREATE', 'UPDATE', 'DELETE', 'UNDELETE', 'GAP_CREATE', 'GAP_UPDATE', 'GAP_DELETE', 'GAP_UNDELETE', 'GAP_OVERFLOW'];
        const marked = fields.map((f, i) => i).filter(i => i && random(3) === 0);
        const nested = [];
        const names = [];
        fields.forEach((f, i) => {
            if (marked.includes(i)) names.push(f.name);
            const type0 = Array.isArray(f.type) ? f.type[1] : f.type;
            const record = type0 === 'Address' ? address : type0;
            if (!i || !record.fields || random(2)) return;
            const inner = record.fields.map((_, k) => k).filter(() => random(2));
            if (!inner.length) return;
            nested.push(`${i}-${bitmap(inner)}`);
            inner.forEach(k => names.push(`${f.name}.${record.fields[k].name}`));
        });
        // some of the marks are said by nulledFields and diffFields
        const split = [[], [], []];
        marked.forEach(i => split[random(3)].push(i));
        const list = (part, more) => (part.length ? [bitmap(part)] : []).concat(more);
        const transaction = Math.floor(n / 50);
        value.ChangeEventHeader = { entityName: 'Opportunity', recordIds: [`006xx${String(n).padStart(13, '0')}`], changeType: changes[n % 9],
            changeOrigin: 'com/salesforce/api/rest/66.0;client=other', transactionKey: `000${transaction}-aaaa`, sequenceNumber: n % 50 + 1,
            commitTimestamp: 1764331200000 + n, commitNumber: 11000000000 + n, commitUser: '005xx0000000001AAA',
            nulledFields: list(split[0], []), diffFields: list(split[1], []), changedFields: list(split[2], nested) };
        const h = value.ChangeEventHeader;
        Object.assign(want, { entity: h.entityName, key: h.transactionKey, user: h.commitUser, origin: h.changeOrigin, ids: h.recordIds,
            change: n % 9, sequence: h.sequenceNumber, commitMs: h.commitTimestamp, commitNumber: h.commitNumber, changed: names });
    }
    const { ChangeEventHeader, ...rest } = plain(value);
    want.fields = rest;
    return { payload: type.toBuffer(value), want };
}

// ---- the server ----
// With `quotes` each event puts an Opportunity of its own into the stage that quotes want, fifty in a transaction; some come twice.
export async function startServer({ tls, events = 2000, batch = 100, quotes = false } = {}) {
    const wanted = new Map(), made = new Map(); // by topic and number
    const seen = { subscribes: 0, tokens: new Set(), maxCredit: 0, pings: 0, presets: [], cancels: 0, schemas: 0 };
    const sessions = new Set();
    const streams = new Set();
    const hook = server => {
        server.on('session', s => { sessions.add(s); s.on('close', () => sessions.delete(s)); });
        server.on('stream', s => { streams.add(s); s.on('close', () => streams.delete(s)); });
        return server;
    };
    const { createServer, createSecureServer } = http2;
    http2.createServer = (...a) => hook(createServer(...a));
    http2.createSecureServer = (...a) => hook(createSecureServer(...a));

    // `/bench/...`: a thousand payloads again and again, so that the server costs little
    const schemaOf = (topic, n) => topic === '/event/Order__e' || topic === '/fault/wide' ? 'platform' : topic === '/data/ContactChangeEvent' ? 'contact'
        : topic === '/fault/schema-change' && n > events / 2 ? 'schema-2'
        : topic.startsWith('/fault/schema-') && topic !== '/fault/schema-change' && n % 10 === 0 ? topic.slice(14) : 'schema-1';
    function quoteOf(n) {
        const value = Object.fromEntries(schemas['schema-1'].fields.slice(1).map(f => [f.name, null]));
        const payload = types['schema-1'].toBuffer({ ...value, StageName: { string: 'Proposal/Price Quote' }, ChangeEventHeader: { entityName: 'Opportunity',
            recordIds: [`006xx${String(n).padStart(10, '0')}AAA`], changeType: 'CREATE', changeOrigin: 'com/salesforce/api/rest/66.0',
            transactionKey: `txn-${Math.floor((n - 1) / 50)}`, sequenceNumber: (n - 1) % 50 + 1, commitTimestamp: Date.now(), commitNumber: n,
            commitUser: '005xx0000000001AAA', nulledFields: [], diffFields: [], changedFields: ['0x20'] } });
        return { event: { id: `event-${n}`, schema_id: 'schema-1', payload, headers: [] }, replay_id: replayId(n) };
    }
    function eventOf(topic, n) {
        if (quotes) return quoteOf(n);
        const schema = schemaOf(topic, n), key = `${topic} ${topic.startsWith('/bench/') ? n % 1000 : n}`;
        if (!made.has(key)) {
            const { payload, want } = compose(types[schema] ? schema : 'schema-1', n);
            made.set(key, payload);
            want.schema = schema;
            wanted.set(key, want);
        }
        let payload = made.get(key);
        if (topic === '/fault/wide' && n % 10 === 0) payload = wide('\u0001'.repeat(900000)); // each character is six in JSON
        else if (topic === '/fault/wide') payload = wide('x'.repeat(300000));
        if (topic === '/fault/payload' && n % 10 === 0) payload = [Buffer.alloc(0), payload.subarray(0, payload.length - 1),
            Buffer.concat([payload, Buffer.from([0])]), Buffer.alloc(64, 0xff), Buffer.alloc(1024 * 1024 + 1, 0x61)][n / 10 % 5];
        return { event: { id: `event-${n}`, schema_id: schema, payload, headers: [] }, replay_id: replayId(n) };
    }
    const wide = text => types.platform.toBuffer({ CreatedDate: 1, CreatedById: 'x', Number__c: { string: text }, Total__c: null });
    const failure = (code, details, name) => {
        const metadata = new grpc.Metadata();
        if (name) metadata.set('error-code', `sfdc.platform.eventbus.grpc.${name}`);
        return { code, details, metadata };
    };
    function refusal(topic, token, first) {
        if (topic.startsWith('/fault/auth') && token !== 'good') return failure(16, 'Authentication exception occurred: session expired', 'service.auth.error');
        if (topic === '/fault/limit') return failure(8, 'daily limit', 'subscription.limit.exceeded');
        if (topic === '/fault/corrupted' && first.replay_preset === 'CUSTOM') return failure(3, 'Replay id is corrupted', 'subscription.fetch.replayid.corrupted');
        if (topic === '/fault/expired' && first.replay_preset === 'CUSTOM') return failure(3, 'Replay id is older', 'subscription.fetch.replayid.validation.failed');
        return null;
    }
    function subscribe(call) {
        let credit = 0, at = 1, topic = null, sent = 0, over = false;
        const token = call.metadata.get('accesstoken')[0];
        seen.subscribes++;
        seen.tokens.add(token);
        const finish = error => { over = true; if (error) call.emit('error', error); else call.end(); };
        const faults = { // after 500 events of one call
            '/fault/end': () => finish(),
            '/fault/unavailable': () => finish(failure(14, 'try later', 'service.unavailable')),
            '/fault/cut': () => { over = true; setTimeout(() => sessions.forEach(s => s.destroy()), 20); },
            '/fault/goaway': () => { over = true; sessions.forEach(s => s.goaway(0)); },
            '/fault/goaway-hard': () => { over = true; sessions.forEach(s => { s.goaway(0); setTimeout(() => s.destroy(), 10); }); },
            '/fault/end-reset': () => { finish(); setTimeout(() => streams.forEach(s => s.close(http2.constants.NGHTTP2_NO_ERROR)), 5); },
            '/fault/reset': () => { over = true; setTimeout(() => streams.forEach(s => s.close(http2.constants.NGHTTP2_INTERNAL_ERROR)), 20); },
            '/fault/auth-later': () => finish(failure(16, 'session expired', 'service.auth.error')),
            '/fault/nothing': () => { over = true; },
        };
        const pump = () => {
            while (!over && credit > 0 && at <= events) {
                const n = Math.min(credit, batch, events - at + 1), list = [];
                for (let i = 0; i < n; i++) list.push(eventOf(topic, at++));
                if ((quotes || topic === '/fault/duplicates') && at > 20 && credit > n) list.push(eventOf(topic, at - 5)), credit--;
                credit -= n;
                sent += n;
                const ok = call.write({ events: list, latest_replay_id: topic === '/fault/no-latest' ? Buffer.alloc(0) : replayId(at - 1), rpc_id: 'r', pending_num_requested: credit });
                if (topic === '/fault/no-position' ) return;
                if (sent >= 500 && faults[topic] && at <= events) return faults[topic]();
                if (quotes) return setTimeout(pump, 2);
                if (!ok) return call.once('drain', pump);
            }
        };
        call.on('data', q => {
            if (topic === null) {
                topic = q.topic_name;
                seen.presets.push(q.replay_preset);
                const error = refusal(topic, token, q);
                if (error) return finish(error);
                if (q.replay_preset === 'CUSTOM') at = place(q.replay_id) + 1;
                else if (q.replay_preset === 'LATEST' && !quotes) at = events + 1;
                if (topic === '/fault/empty') call.write({ events: [], latest_replay_id: replayId(7), rpc_id: 'r', pending_num_requested: 100 });
            }
            credit += q.num_requested;
            seen.maxCredit = Math.max(seen.maxCredit, credit);
            if (credit > 100) return finish(failure(3, 'more than 100 outstanding', 'subscription.fetch.requested.events.invalid'));
            if (topic === '/fault/garbage') return;
            pump();
        });
        call.on('end', () => { if (!over) call.end(); });
        call.on('cancelled', () => { over = true; seen.cancels++; });
    }
    const server = new grpc.Server({ 'grpc.max_send_message_length': -1 });
    server.addService(api.PubSub.service, {
        Subscribe: subscribe, ManagedSubscribe: c => c.end(), PublishStream: c => c.end(), Publish: (c, done) => done({ code: 12 }),
        GetSchema: (c, done) => {
            const id = c.request.schema_id;
            seen.schemas++;
            if (id === 'unknown') return done(failure(5, 'no such schema'));
            if (id === 'other') return done(null, { schema_json: JSON.stringify(schemas['schema-1']), schema_id: 'schema-1', rpc_id: 'r' });
            if (id === 'silent') return undefined;
            done(null, { schema_json: raw[id] ?? JSON.stringify(schemas[id]), schema_id: id, rpc_id: 'r' });
        },
        GetTopic: (c, done) => {
            const topic = c.request.topic_name, token = c.metadata.get('accesstoken')[0];
            seen.tokens.add(token);
            if (topic === '/fault/auth' && token !== 'good') return done(failure(16, 'session expired', 'service.auth.error'));
            if (topic === '/data/None') return done(failure(5, 'The topic does not exist'));
            if (topic === '/data/Forbidden') return done(failure(7, 'not permitted'));
            done(null, { topic_name: topic, schema_id: 'schema-1', can_subscribe: topic !== '/data/Unreadable', can_publish: false, tenant_guid: 'x', rpc_id: 'r' });
        },
    });
    const credentials = tls ? grpc.ServerCredentials.createSsl(null, [{ private_key: fs.readFileSync(tls.key), cert_chain: fs.readFileSync(tls.cert) }])
        : grpc.ServerCredentials.createInsecure();
    const port = await new Promise((ok, no) => server.bindAsync('127.0.0.1:0', credentials, (e, p) => e ? no(e) : ok(p)));
    Object.assign(http2, { createServer, createSecureServer });
    return { port, seen, wanted, events, stop: () => { sessions.forEach(s => s.destroy()); server.forceShutdown(); } };
}
