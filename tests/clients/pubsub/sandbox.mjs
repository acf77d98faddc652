// sandbox.mjs - topics, changes, flow and faults of the sandbox's Pub/Sub API as others see them: grpc-js with the published
// definition, and avsc. Set SANDBOX_URL and PUBSUB_PORT.
import { test, run, assert, url, control, fault, sign, calls } from './harness.mjs';
import {
  session, stub, DEALS, ACCOUNTS, JOBS, CODE, metadata, ask, codeOf, refused, decode, subscribe, after, quiet, rest, deal,
  job, jobs, knob, renew,
} from './sandbox_kit.mjs';

// ---- topics and schemas ----

test('topics are told with the schema that their events have', async () => {
  const topic = await ask('GetTopic', { topic_name: DEALS });
  assert.equal(topic.topic_name, DEALS);
  assert.equal(topic.tenant_guid, session.orgId);
  assert.equal(topic.can_subscribe, true);
  assert.ok(!topic.can_publish);
  assert.equal((await ask('GetTopic', { topic_name: JOBS })).can_publish, true);
  const schema = await ask('GetSchema', { schema_id: topic.schema_id });
  assert.equal(schema.schema_id, topic.schema_id);
  assert.equal(JSON.parse(schema.schema_json).name, 'OpportunityChangeEvent');
});

test('what is no topic or schema is refused', async () => {
  await refused(ask('GetTopic', { topic_name: '/data/NothingChangeEvent' }), 5, 'topic.not.found');
  await refused(ask('GetTopic', { topic_name: '' }), 3, 'topic.validation.empty');
  await refused(ask('GetSchema', { schema_id: 'x' }), 5, 'schema.meta.permission');
  await refused(ask('GetSchema', { schema_id: '' }), 3, 'schema.validation.failed');
  const s = subscribe('/event/Nothing__e');
  await s.ended();
  assert.deepEqual([s.error.code, codeOf(s.error)], [5, `${CODE}topic.not.found`]);
});

test('who may not call is refused', async () => {
  const topic = { topic_name: DEALS };
  await refused(ask('GetTopic', topic, metadata({ accesstoken: `${session.accessToken}x` })), 16, 'service.auth.error');
  await refused(ask('GetTopic', topic, metadata({ tenantid: '00Dxx0000002hQMEAY' })), 16, 'service.auth.error');
  await refused(ask('GetTopic', topic, metadata({ instanceurl: 'https://a.my.salesforce.com' })), 16, 'service.auth.error');
  await refused(ask('GetTopic', topic, metadata({ tenantid: null })), 16, 'service.auth.headers.invalid');
  const limited = await control('POST', '/sandbox/sign', { username: 'limited@example.com' });
  const token = JSON.parse(Buffer.from(limited['x-client-context'], 'base64')).accessToken;
  await refused(ask('GetTopic', topic, metadata({ accesstoken: token })), 7, 'topic.meta.permission');
});

test('a token that ends is noticed with the next request', async () => {
  const token = (await control('POST', '/sandbox/sign', { username: 'limited@example.com' }))['x-client-context'];
  const { accessToken } = JSON.parse(Buffer.from(token, 'base64'));
  const s = subscribe(ACCOUNTS, { replay_preset: 'LATEST' }, metadata({ accesstoken: accessToken }));
  await quiet();
  await control('POST', '/sandbox/expire', { accessToken });
  assert.equal(s.status, null);
  s.fetch(1);
  await s.ended();
  assert.equal(codeOf(s.error), `${CODE}service.auth.error`);
});

test('a method that is none is unimplemented', async () => {
  const call = stub.ManagedSubscribe(metadata());
  const error = await new Promise((resolve) => call.on('error', resolve));
  assert.equal(error.code, 12);
});

// ---- changes ----

test('every kind of write is told, in its transaction', async () => {
  const s = subscribe('/data/ChangeEvents');
  const { id } = await deal({ Amount: 12.5 });
  await rest('PATCH', `sobjects/Opportunity/${id}`, { Amount: 13, NextStep: 'Call' }, { 'Sforce-Call-Options': 'client=me' });
  await rest('POST', 'composite', {
    allOrNone: true,
    compositeRequest: [
      { method: 'PATCH', url: `/services/data/v62.0/sobjects/Opportunity/${id}`, referenceId: 'a', body: { NextStep: null } },
      { method: 'POST', url: '/services/data/v62.0/sobjects/Account', referenceId: 'b', body: { Name: 'A', BillingCity: 'Rom' } },
    ],
  });
  await rest('DELETE', `sobjects/Opportunity/${id}`);
  assert.deepEqual(await control('POST', '/sandbox/undelete', { ids: [id, id] }), { undeleted: 1 });
  await s.got(6);
  const all = await Promise.all(s.events.map((e) => decode(e.event)));
  const heads = all.map((e) => e.ChangeEventHeader);
  assert.deepEqual(
    heads.map((h) => `${h.entityName} ${h.changeType} ${h.sequenceNumber}`),
    ['Opportunity CREATE 1', 'Opportunity UPDATE 1', 'Opportunity UPDATE 1', 'Account CREATE 2', 'Opportunity DELETE 1', 'Opportunity UNDELETE 1'],
  );
  assert.equal(heads[1].changeOrigin, 'com/salesforce/api/rest/62.0;client=me');
  assert.equal(heads[2].transactionKey, heads[3].transactionKey);
  assert.equal(new Set(heads.map((h) => h.transactionKey)).size, 5);
  assert.deepEqual(all[0].Amount, { double: 12.5 });
  assert.deepEqual(all[1].NextStep, { string: 'Call' });
  assert.equal(all[2].NextStep, null);
  assert.deepEqual(all[3].BillingAddress['com.sforce.eventbus.Address'].City, { string: 'Rom' });
  assert.equal(all[4].Name, null);
  assert.deepEqual(all[5].Name, { string: 'Boat' });
  assert.equal(new Set(s.events.map((e) => e.event.id)).size, 6);
});

test('an object that gets another field has another schema, in mid-stream', async () => {
  const s = subscribe(JOBS);
  await job('1');
  await control('POST', '/sandbox/objects', {
    name: 'Action_Job__e', label: 'Action Job', prefix: 'e01', owner: false,
    fields: [{ name: 'JobId__c', type: 'string' }, { name: 'Fresh__c', type: 'boolean' }],
  });
  await rest('POST', 'sobjects/Action_Job__e', { JobId__c: '2', Fresh__c: true });
  await s.got(2);
  assert.notEqual(s.events[0].event.schema_id, s.events[1].event.schema_id);
  assert.deepEqual((await decode(s.events[0].event)).JobId__c, { string: '1' });
  assert.deepEqual((await decode(s.events[1].event)).Fresh__c, { boolean: true });
});

test('a custom channel takes what its filter lets through', async () => {
  await knob({ channels: [{ name: 'Won__chn', members: [{ object: 'Opportunity', filter: { StageName: ['Closed Won'] } }, { object: 'Contact' }] }] });
  const s = subscribe('/data/Won__chn');
  const all = subscribe('/data/ChangeEvents');
  const { id } = await deal();
  await rest('PATCH', `sobjects/Opportunity/${id}`, { NextStep: 'x' });
  await rest('PATCH', `sobjects/Opportunity/${id}`, { StageName: 'Closed Won' });
  await rest('POST', 'sobjects/Contact', { LastName: 'Ada' });
  await s.got(2);
  await all.got(3);
  await quiet();
  const heads = (await Promise.all(s.events.map((e) => decode(e.event)))).map((e) => e.ChangeEventHeader);
  assert.deepEqual(heads.map((h) => `${h.entityName} ${h.changeType}`), ['Opportunity UPDATE', 'Contact CREATE']);
  assert.equal(all.events.length, 3); /* Contacts are not selected there */
});

test('gaps, overflow and large transactions', async () => {
  const s = subscribe(DEALS);
  await knob({ gaps: 1 });
  await deal();
  await deal();
  await knob({ overflowAfter: 2 });
  await control('POST', '/sandbox/make', { opportunities: 10, linesEach: 0 });
  await s.until(() => s.events.length >= 3);
  await quiet();
  let heads = (await Promise.all(s.events.map((e) => decode(e.event)))).map((e) => e.ChangeEventHeader);
  assert.deepEqual(heads.map((h) => h.changeType), ['GAP_CREATE', 'CREATE', 'GAP_OVERFLOW']); /* both that are told are Accounts */
  assert.deepEqual(heads[2].recordIds, ['000000000000000AAA']);
  assert.equal((await decode(s.events[0].event)).Name, null);
  after(s);
  const t = subscribe(DEALS, { replay_preset: 'LATEST' });
  await quiet();
  await knob({ emit: { object: 'Opportunity', count: 100000, idsEach: 2000, changedFields: ['StageName'] } });
  await knob({ emit: { object: 'Opportunity', recordIds: ['006*'], changeType: 'DELETE' } });
  await t.got(51);
  heads = (await Promise.all(t.events.map((e) => decode(e.event)))).map((e) => e.ChangeEventHeader);
  assert.equal(new Set(heads.slice(0, 50).flatMap((h) => h.recordIds)).size, 100000);
  assert.equal(new Set(heads.slice(0, 50).map((h) => h.transactionKey)).size, 1);
  assert.deepEqual(heads[49].changedFields.length, 1);
  assert.deepEqual(heads[50].recordIds, ['006*']);
});

test('each org has events of its own, for its own tokens', async () => {
  const address = url.replace('127.0.0.1', '127.0.0.2');
  const signed = JSON.parse(Buffer.from((await sign({ org: 1 }))['x-client-context'], 'base64'));
  const md = metadata({ accesstoken: signed.accessToken, instanceurl: address, tenantid: signed.orgId });
  const s = subscribe(ACCOUNTS, {}, md);
  const own = subscribe(ACCOUNTS);
  await rest('POST', 'sobjects/Account', { Name: 'Here' });
  const answer = await fetch(`${address}/services/data/v62.0/sobjects/Account`, {
    method: 'POST', body: JSON.stringify({ Name: 'There' }),
    headers: { authorization: `Bearer ${signed.accessToken}`, 'content-type': 'application/json' },
  });
  assert.equal(answer.status, 201);
  await s.got(1);
  await own.got(1);
  await quiet();
  assert.deepEqual((await decode(own.events[0].event)).Name, { string: 'Here' });
  assert.deepEqual((await decode(s.events[0].event)).Name, { string: 'There' });
  assert.deepEqual([s.events.length, own.events.length], [1, 1]);
  const t = subscribe(ACCOUNTS, { replay_preset: 'CUSTOM', replay_id: s.events[0].replay_id }); /* the other org's place */
  await t.ended();
  assert.equal(codeOf(t.error), `${CODE}subscription.fetch.replayid.corrupted`);
});

// ---- flow and positions ----

test('nobody gets more than asked for, and at most 100 at a time', async () => {
  await jobs(300);
  const s = subscribe(JOBS, { num_requested: 7 });
  await s.got(7);
  await quiet();
  assert.equal(s.events.length, 7);
  assert.equal(s.answers.at(-1).pending_num_requested ?? 0, 0);
  s.fetch(1000);
  await s.got(107);
  await quiet();
  assert.equal(s.events.length, 107);
  s.fetch(60);
  s.fetch(60);
  await s.got(207); /* what goes beyond 100 does not count */
  await quiet();
  assert.ok(s.events.length <= 227, s.events.length);
  after(s);
});

test('requests that are wrong end the call', async () => {
  for (const [first, next, code] of [
    [{ num_requested: 0 }, null, 'subscription.fetch.requested.events.invalid'],
    [{ num_requested: -1 }, null, 'subscription.fetch.requested.events.invalid'],
    [{ replay_preset: 'CUSTOM' }, null, 'subscription.fetch.replayid.validation.failed'],
    [{ replay_preset: 'CUSTOM', replay_id: Buffer.from('0000000000000001', 'hex') }, null, 'subscription.fetch.replayid.corrupted'],
    [{}, { topic_name: DEALS, num_requested: 1 }, 'subscription.fetch.topic.mismatch'],
    [{}, { num_requested: 0 }, 'subscription.fetch.requested.events.invalid'],
  ]) {
    const s = subscribe(JOBS, first);
    if (next) s.call.write(next);
    await s.ended();
    assert.deepEqual([s.error.code, codeOf(s.error)], [3, CODE + code]);
  }
});

test('a subscriber that is cut off goes on where it stood: nothing missing, nothing twice', async () => {
  await fault(
    { pubsub: { afterEvents: 130, times: 1, error: 'service.unavailable' } },
    { pubsub: { afterEvents: 70, times: 1, end: true, reset: false } },
    { pubsub: { afterEvents: 90, times: 1, cut: 'connection' } },
    { pubsub: { afterEvents: 10, times: 1, cut: 'stream' } },
    { pubsub: { afterEvents: 40, times: 1, cut: 'goaway' } },
  );
  await jobs(600);
  let position = null;
  const ids = [];
  const codes = [];
  while (ids.length < 600) {
    const s = subscribe(JOBS, position ? { replay_preset: 'CUSTOM', replay_id: position } : {});
    const more = () => s.answers.at(-1) && (s.answers.at(-1).pending_num_requested ?? 0) < 50 && !s.status;
    while (!s.status && ids.length + s.events.length < 600) {
      const n = s.answers.length;
      await s.until(() => s.answers.length > n || s.status);
      if (more()) s.fetch(50);
    }
    ids.push(...(await Promise.all(s.events.map((e) => decode(e.event)))).map((e) => e.JobId__c.string));
    if (s.events.length) position = s.events.at(-1).replay_id;
    if (s.status) codes.push(s.status.code);
    else after(s);
  }
  assert.deepEqual(ids, Array.from({ length: 600 }, (_, i) => `${i}`));
  assert.deepEqual(codes.slice(0, 2), [14, 0]);
  assert.equal(codes.length, 5);
  assert.equal(codes[4], 0);
});

test('events are lost after 72 hours, and so are the places behind which they stood', async () => {
  await jobs(2);
  const s = subscribe(JOBS);
  await s.got(2);
  const place = s.events[0].replay_id;
  after(s);
  await knob({ ageHours: 73 });
  await job('fresh');
  const t = subscribe(JOBS, { replay_preset: 'CUSTOM', replay_id: place });
  await t.ended();
  assert.deepEqual([t.error.code, codeOf(t.error)], [3, `${CODE}subscription.fetch.replayid.corrupted`]);
  const u = subscribe(JOBS);
  await u.got(1);
  await quiet();
  assert.deepEqual((await Promise.all(u.events.map((e) => decode(e.event)))).map((e) => e.JobId__c.string), ['fresh']);
});

test('a client that was so slow that events were lost is told', async () => {
  await jobs(3);
  const s = subscribe(JOBS, { num_requested: 1 });
  await s.got(1);
  await knob({ ageHours: 73 });
  s.fetch(5);
  await s.ended();
  assert.deepEqual([s.events.length, codeOf(s.error)], [1, `${CODE}subscription.fetch.replayid.corrupted`]);
});

test('a place can lose its meaning', async () => {
  await job('1');
  const s = subscribe(JOBS);
  await s.got(1);
  after(s);
  await knob({ lostPosition: true });
  const t = subscribe(JOBS, { replay_preset: 'CUSTOM', replay_id: s.events[0].replay_id });
  await t.ended();
  assert.equal(codeOf(t.error), `${CODE}subscription.fetch.replayid.corrupted`);
  const u = subscribe(JOBS); /* the events are there all the same */
  await u.got(1);
  assert.equal(u.events.length, 1);
});

test('without events comes an empty answer with a fresh place, which is good', async () => {
  await knob({ keepAliveMs: 50 });
  const s = subscribe(JOBS, { replay_preset: 'LATEST' });
  await s.until(() => s.answers.length >= 2);
  assert.equal(s.events.length, 0);
  assert.ok(Buffer.compare(s.answers[0].latest_replay_id, s.answers[1].latest_replay_id) < 0);
  const place = s.latest();
  after(s);
  await job('1');
  const t = subscribe(JOBS, { replay_preset: 'CUSTOM', replay_id: place });
  await t.got(1);
  assert.equal(t.events.length, 1);
});

test('who asks for nothing more is left', async () => {
  await knob({ fetchWithinMs: 50 });
  await job('1');
  const s = subscribe(JOBS, { num_requested: 1 });
  await s.ended();
  assert.equal(s.status.code, 0);
  assert.equal(s.events.length, 1);
});

// ---- faults ----

test('every error code comes with its status', async () => {
  const codes = {
    'service.unavailable': 14, 'service.auth.error': 16, 'subscription.limit.exceeded': 8, 'topic.not.found': 5,
    'subscription.fetch.replayid.corrupted': 3, 'subscription.fetch.replayid.validation.failed': 3,
    'subscription.fetch.requested.events.invalid': 3, 'subscription.internal.error': 13, 'topic.meta.permission': 7,
  };
  for (const [code, status] of Object.entries(codes)) {
    for (const reset of [true, false]) {
      await fault({ pubsub: { error: code, times: 1, reset } });
      const s = subscribe(DEALS);
      await s.ended();
      assert.deepEqual([s.error.code, codeOf(s.error)], [status, CODE + code]);
    }
  }
  await fault({ pubsub: { error: 'made.up', status: 9, message: 'Größe', times: 1, method: 'GetTopic' } });
  const error = await ask('GetTopic', { topic_name: DEALS }).catch((e) => e);
  assert.deepEqual([error.code, codeOf(error), error.details.slice(0, 5)], [9, `${CODE}made.up`, 'Größe']);
  assert.equal((await ask('GetTopic', { topic_name: DEALS })).topic_name, DEALS);
});

test('silence is silence', async () => {
  await fault({ pubsub: { silence: true, afterEvents: 1, times: 1 } });
  await knob({ keepAliveMs: 20 });
  await jobs(5);
  const s = subscribe(JOBS);
  await s.got(1);
  s.fetch(10);
  await quiet(200);
  assert.equal(s.events.length, 1);
  assert.equal(s.status, null);
});

test('duplicates are the same events, and no more than the client asked for', async () => {
  await fault({ pubsub: { duplicates: 50, times: 1 } });
  await jobs(60);
  const s = subscribe(JOBS);
  await s.got(90);
  await quiet();
  assert.equal(s.events.length, 90);
  assert.equal(new Set(s.events.map((e) => e.event.id)).size, 60);
});

test('an event can be spoiled, those around it are whole', async () => {
  for (const payload of ['noise', 'half', 'huge', 'schema']) {
    await control('POST', '/sandbox/reset', {});
    await fault({ pubsub: { payload, afterEvents: 1, times: 1 } });
    await jobs(3);
    const s = subscribe(JOBS);
    await s.got(3);
    await decode(s.events[0].event);
    await assert.rejects(decode(s.events[1].event), payload);
    await decode(s.events[2].event);
    if (payload === 'huge') assert.equal(s.events[1].event.payload.length, 1048577);
    after(s);
  }
});

test("the day's deliveries come to an end", async () => {
  await knob({ dailyDeliveries: 5 });
  await jobs(5);
  const s = subscribe(JOBS);
  await s.got(5);
  await job('6');
  await s.ended();
  assert.deepEqual([s.events.length, s.error.code, codeOf(s.error)], [5, 8, `${CODE}subscription.limit.exceeded`]);
  await knob({ dailyDeliveries: -1 });
  const t = subscribe(JOBS, { replay_preset: 'CUSTOM', replay_id: s.events[4].replay_id });
  await t.got(1);
  assert.equal(t.events.length, 1);
});

test('calls can be late, and refused as a proxy does', async () => {
  await fault({ path: '/eventbus.v1.PubSub/GetTopic', status: 503, times: 1 });
  const error = await ask('GetTopic', { topic_name: DEALS }).catch((e) => e);
  assert.equal(error.code, 14);
  await fault({ pubsub: { method: 'GetTopic', delayMs: 120, times: 1 } });
  const began = Date.now();
  await ask('GetTopic', { topic_name: DEALS });
  assert.ok(Date.now() - began >= 110);
});

test('faults that are none are refused, whole lists at once', async () => {
  for (const spec of [
    { pubsub: { errors: 'x' } }, { pubsub: { cut: 'half' } }, { pubsub: { end: true, silence: true } }, { pubsub: 7 },
    { pubsub: { method: 'Nothing' } }, { pubsub: { ageHours: -1 } }, { pubsub: { org: 'fourth', ageHours: 1 } },
    { pubsub: { objects: ['Nothing'] } }, { pubsub: { channels: [{ name: 'x' }] } }, { pubsub: { gaps: 1, error: 'x' } },
    { pubsub: { emit: { object: 'Opportunity' } } }, [{ pubsub: { end: true } }, { path: 'x' }],
  ]) {
    const answer = await fetch(`${url}/sandbox/faults`, { method: 'POST', body: JSON.stringify(spec) });
    assert.equal(answer.status, 400, JSON.stringify(spec));
  }
  assert.deepEqual((await control('GET', '/sandbox/faults')).faults, []);
});

test('calls stand in the log, without a token', async () => {
  await control('DELETE', '/sandbox/log');
  await jobs(3);
  const s = subscribe(JOBS, { num_requested: 40 });
  await s.got(3);
  s.call.end();
  await s.ended();
  await quiet(50);
  const log = await calls('/eventbus.v1.PubSub/Subscribe');
  assert.equal(log.length, 1);
  const facts = JSON.parse(log[0].body);
  assert.deepEqual(facts, { topic: JOBS, events: 3, fetches: 1, most: 40, status: 0, error: '' });
  assert.ok(!JSON.stringify(log).includes(session.accessToken.slice(20)));
});

await run(renew);
