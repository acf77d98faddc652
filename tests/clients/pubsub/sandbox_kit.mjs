// sandbox_kit.mjs - calls of the sandbox's Pub/Sub API by grpc-js and the published definition, for sandbox.mjs.
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import avro from 'avsc';
import { assert, url, control, sign } from './harness.mjs';

export const port = process.env.PUBSUB_PORT;
const published = new URL('node_modules/salesforce-pubsub-api-client/pubsub_api.proto', import.meta.url).pathname;
const { eventbus } = grpc.loadPackageDefinition(
  loader.loadSync(published, { keepCase: true, longs: String, enums: String, defaults: true }),
);
export const DEALS = '/data/OpportunityChangeEvent';
export const ACCOUNTS = '/data/AccountChangeEvent';
export const JOBS = '/event/Action_Job__e';
export const CODE = 'sfdc.platform.eventbus.grpc.';

export let session; // of the sample org's administrator
export let stub;
const open = new Set(); // calls to end behind each case

export function metadata(changes = {}) {
  const md = new grpc.Metadata();
  const all = { accesstoken: session.accessToken, instanceurl: url, tenantid: session.orgId, ...changes };
  for (const [name, value] of Object.entries(all)) if (value !== null) md.set(name, value);
  return md;
}

export const ask = (method, request, md = metadata()) =>
  new Promise((resolve, reject) => stub[method](request, md, (error, answer) => (error ? reject(error) : resolve(answer))));

export const codeOf = (error) => error.metadata?.get('error-code')[0] ?? '';

export async function refused(promise, status, code) {
  const error = await promise.then(
    (v) => assert.fail(`not refused: ${JSON.stringify(v)}`),
    (e) => e,
  );
  if (error instanceof assert.AssertionError) throw error;
  assert.deepEqual([error.code, codeOf(error)], [status, code && CODE + code]);
  assert.match(error.details, code ? /rpcId: [0-9a-f-]{36}/ : /./);
}

const types = new Map();
export async function decode(event) {
  if (!types.has(event.schema_id)) {
    const answer = await ask('GetSchema', { schema_id: event.schema_id });
    types.set(event.schema_id, avro.Type.forSchema(JSON.parse(answer.schema_json), { wrapUnions: true }));
  }
  return JSON.parse(JSON.stringify(types.get(event.schema_id).fromBuffer(event.payload)));
}

// A subscription that keeps what it gets. The first FetchRequest is sent at once.
export function subscribe(topic, first = {}, md = metadata()) {
  const call = stub.Subscribe(md);
  const s = { call, events: [], answers: [], error: null, status: null, waiting: [] };
  const look = () => {
    s.waiting = s.waiting.filter(({ until, resolve }) => {
      if (!until()) return true;
      resolve();
      return false;
    });
  };
  call.on('data', (answer) => {
    s.answers.push(answer);
    s.events.push(...answer.events);
    look();
  });
  call.on('error', (error) => {
    s.error = error;
    look();
  });
  call.on('status', (status) => {
    s.status = status;
    open.delete(call);
    look();
  });
  s.fetch = (n, more = {}) => call.write({ num_requested: n, ...more });
  s.until = (until) =>
    until() ? Promise.resolve() : new Promise((resolve) => s.waiting.push({ until, resolve }));
  s.got = (n) => s.until(() => s.events.length >= n || s.status);
  s.ended = () => s.until(() => s.status);
  s.latest = () => s.answers.at(-1).latest_replay_id;
  open.add(call);
  call.write({ topic_name: topic, num_requested: 100, replay_preset: 'EARLIEST', ...first });
  return s;
}

export const after = (s) => s.call.cancel();
export const quiet = (ms = 150) => new Promise((resolve) => setTimeout(resolve, ms));

export async function rest(method, path, body, headers = {}) {
  const answer = await fetch(`${url}/services/data/v62.0/${path}`, {
    method,
    headers: { authorization: `Bearer ${session.accessToken}`, 'content-type': 'application/json', ...headers },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

export const deal = (changes = {}) =>
  rest('POST', 'sobjects/Opportunity', { Name: 'Boat', StageName: 'Prospecting', CloseDate: '2027-01-31', ...changes });
export const job = (id) => rest('POST', 'sobjects/Action_Job__e', { JobId__c: `${id}` });
export async function jobs(n) {
  for (let from = 0; from < n; from += 200)
    await rest('POST', 'composite/sobjects', {
      records: Array.from({ length: Math.min(200, n - from) }, (_, i) => ({
        attributes: { type: 'Action_Job__e' },
        JobId__c: `${from + i}`,
      })),
    });
}
export const knob = (spec) => control('POST', '/sandbox/faults', { pubsub: spec });

// Before each case: the sample data, a connection of its own.
export async function renew() {
  for (const call of open) call.cancel();
  open.clear();
  stub?.close();
  await control('POST', '/sandbox/reset', {});
  session ??= JSON.parse(Buffer.from((await sign())['x-client-context'], 'base64'));
  stub = new eventbus.v1.PubSub(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
}
