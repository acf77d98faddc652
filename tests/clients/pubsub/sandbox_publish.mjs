// sandbox_publish.mjs - publishing through the sandbox's Pub/Sub API, and the npm package salesforce-pubsub-api-client against it,
// its code unchanged. Set SANDBOX_URL, PUBSUB_PORT, and CERT, KEY for TLS.
import fs from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import avro from 'avsc';
import PubSubApiClient from 'salesforce-pubsub-api-client';
import { test, run, assert, url } from './harness.mjs';
import { port, stub, DEALS, ACCOUNTS, JOBS, metadata, ask, refused, decode, subscribe, quiet, rest, renew } from './sandbox_kit.mjs';

test('what is published is delivered, under the id that was answered', async () => {
  const topic = await ask('GetTopic', { topic_name: JOBS });
  const { schema_json } = await ask('GetSchema', { schema_id: topic.schema_id });
  const type = avro.Type.forSchema(JSON.parse(schema_json), { wrapUnions: true });
  const fields = Object.fromEntries(JSON.parse(schema_json).fields.map((f) => [f.name, null]));
  const event = (id, more) => ({
    id, schema_id: topic.schema_id,
    payload: type.toBuffer({ ...fields, CreatedDate: Date.now(), CreatedById: '005xx000001X8UzAAK', ...more }),
  });
  const s = subscribe(JOBS);
  const answer = await ask('Publish', {
    topic_name: JOBS,
    events: [
      event('one', { JobId__c: { string: 'p1' }, Done__c: { double: 4 } }),
      event('two', {}), /* JobId__c is required */
      { ...event('three', { JobId__c: { string: 'p3' } }), payload: Buffer.from('ff', 'hex') },
    ],
  });
  assert.deepEqual(answer.results.map((r) => [r.correlation_key, r.error?.code ?? null]), [['one', null], ['two', 'PUBLISH'], ['three', 'PUBLISH']]);
  assert.match(answer.results[1].error.msg, /JobId__c/);
  await s.got(1);
  await quiet();
  assert.equal(s.events.length, 1);
  assert.deepEqual(s.events[0].replay_id, answer.results[0].replay_id);
  assert.deepEqual((await decode(s.events[0].event)).Done__c, { double: 4 });
  await refused(ask('Publish', { topic_name: JOBS, events: [] }), 3, 'publish.event.count.invalid');
  await refused(ask('Publish', { topic_name: DEALS, events: [event('x', {})] }), 7, 'topic.meta.permission');
});

test('a stream of requests is answered request by request', async () => {
  const topic = await ask('GetTopic', { topic_name: JOBS });
  const { schema_json } = await ask('GetSchema', { schema_id: topic.schema_id });
  const type = avro.Type.forSchema(JSON.parse(schema_json), { wrapUnions: true });
  const empty = Object.fromEntries(JSON.parse(schema_json).fields.map((f) => [f.name, null]));
  const call = stub.PublishStream(metadata());
  const answers = [];
  const over = new Promise((resolve) => call.on('status', resolve));
  call.on('error', () => {});
  call.on('data', (answer) => answers.push(answer));
  for (const id of ['a', 'b']) {
    const fields = { ...empty, CreatedDate: Date.now(), CreatedById: '005xx000001X8UzAAK', JobId__c: { string: id } };
    call.write({ topic_name: JOBS, events: [{ id, schema_id: topic.schema_id, payload: type.toBuffer(fields) }] });
  }
  call.end();
  assert.equal((await over).code, 0);
  assert.deepEqual(answers.map((a) => a.results[0].correlation_key), ['a', 'b']);
  const s = subscribe(JOBS);
  await s.got(2);
  assert.deepEqual(s.events.map((e) => e.replay_id), answers.map((a) => a.results[0].replay_id));
});

// ---- the npm package, which speaks TLS only ----

function tlsFront() {
  const server = tls.createServer(
    { cert: fs.readFileSync(process.env.CERT), key: fs.readFileSync(process.env.KEY), ALPNProtocols: ['h2'] },
    (socket) => {
      const inner = net.connect(port, '127.0.0.1');
      for (const [a, b] of [[socket, inner], [inner, socket]]) {
        a.pipe(b);
        a.on('error', () => b.destroy());
        a.on('close', () => b.destroy());
      }
    },
  );
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

test("salesforce-pubsub-api-client subscribes, resumes and publishes", async () => {
  const front = await tlsFront();
  const silent = () => {};
  const connected = async () => {
    const client = new PubSubApiClient(
      {
        authType: 'oauth-client-credentials', loginUrl: url, clientId: 'sandbox-client', clientSecret: 'sandbox-secret',
        pubSubEndpoint: `localhost:${front.address().port}`, rejectUnauthorizedSsl: false,
      },
      { debug: silent, info: silent, warn: silent, error: silent },
    );
    await client.connect();
    return client;
  };
  const client = await connected();
  const another = await connected(); /* one client has one call for a topic, and a place counts in its first request only */
  const got = [];
  let more;
  const hear = (subscription, type, data) => {
    if (type === 'event') got.push(data);
    if (type === 'error') got.push(data);
    more?.();
  };
  const until = async (n) => {
    while (got.length < n) await new Promise((resolve) => (more = resolve));
  };
  const account = await rest('POST', 'sobjects/Account', { Name: 'A', BillingCity: 'Rom', Phone: '1', Fax: '2' });
  await rest('PATCH', `sobjects/Account/${account.id}`, { BillingCity: 'Bari', BillingCountry: 'IT', Phone: null });
  await rest('PATCH', `sobjects/Account/${account.id}`, { BillingCity: null, Fax: null });
  client.subscribeFromEarliestEvent(ACCOUNTS, hear, 3);
  await until(3);
  const heads = got.map((e) => e.payload.ChangeEventHeader);
  assert.deepEqual(heads.map((h) => h.changeType), ['CREATE', 'UPDATE', 'UPDATE']);
  assert.deepEqual([...heads[1].changedFields].sort(), ['BillingAddress.City', 'BillingAddress.Country', 'LastModifiedDate', 'Phone']);
  assert.deepEqual(heads[1].nulledFields, ['Phone']);
  assert.deepEqual(heads[2].nulledFields, ['Fax', 'BillingAddress.City']);
  assert.equal(got[0].payload.Name, 'A');
  const place = got[0].replayId;
  got.length = 0;
  another.subscribeFromReplayId(ACCOUNTS, hear, 2, place);
  await until(2);
  assert.deepEqual(got.map((e) => e.payload.ChangeEventHeader.changeType), ['UPDATE', 'UPDATE']);
  const result = await client.publish(JOBS, {
    CreatedDate: Date.now(), CreatedById: '005xx000001X8UzAAK',
    JobId__c: { string: 'npm' }, State__c: null, Sequence__c: null, Total__c: null, Done__c: null, Failed__c: null, Message__c: null,
  });
  assert.ok(result.replayId > place);
  const s = subscribe(JOBS);
  await s.got(1);
  assert.deepEqual((await decode(s.events[0].event)).JobId__c, { string: 'npm' });
  client.close();
  another.close();
  front.close();
});

await run(renew);
