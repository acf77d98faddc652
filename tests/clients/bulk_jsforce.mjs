// bulk_jsforce.mjs - bulk2 of jsforce, unchanged, against the sandbox: jobs that write and read, their results, faults.
import { Readable } from 'node:stream';
import jsforce from 'jsforce';
import { assert, control, fault, refusal, run, test, url } from './harness.mjs';

const apiVersion = '62.0';
const count = async (conn, where) => (await conn.query(`SELECT COUNT() FROM Account WHERE ${where}`)).totalSize;

async function connect() {
  const oauth2 = { loginUrl: url, clientId: 'sandbox-client', clientSecret: 'sandbox-secret', redirectUri: `${url}/callback` };
  const conn = new jsforce.Connection({ instanceUrl: url, oauth2, version: apiVersion });
  await conn.authorize({ grant_type: 'client_credentials' });
  conn.bulk2.pollInterval = 20;
  conn.bulk2.pollTimeout = 20000;
  return conn;
}

test('records in, all three results out', async () => {
  const conn = await connect();
  const input = [
    { Name: 'Bulk "one", with a comma', NumberOfEmployees: 1 },
    { Name: null, NumberOfEmployees: 2 },
    { Name: 'Bulk two\nlines', NumberOfEmployees: 3 },
  ];
  const results = await conn.bulk2.loadAndWaitForResults({ object: 'Account', operation: 'insert', input });
  assert.deepEqual(results.successfulResults.map((r) => [r.Name, r.sf__Created]), [
    ['Bulk "one", with a comma', 'true'],
    ['Bulk two\nlines', 'true'],
  ]);
  assert.match(results.successfulResults[0].sf__Id, /^001[A-Za-z0-9]{15}$/);
  assert.equal(results.failedResults.length, 1);
  assert.equal(results.failedResults[0].sf__Error, 'REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --');
  assert.equal(results.unprocessedRecords.length, 0);
  assert.equal(await count(conn, "Name LIKE 'Bulk %'"), 2);
});

test('a job step by step: open, upload, close, poll, results', async () => {
  const conn = await connect();
  const job = conn.bulk2.createJob({ object: 'Account', operation: 'upsert', externalIdFieldName: 'AppLinkKey__c', lineEnding: 'LF' });
  const events = [];
  for (const name of ['open', 'close', 'jobComplete']) job.on(name, () => events.push(name));
  await job.open();
  assert.equal(job.getInfo().state, 'Open');
  await job.uploadData('AppLinkKey__c,Name\nstep-1,One\nstep-2,Two\n');
  await job.close();
  await job.poll();
  assert.deepEqual(events, ['open', 'close', 'jobComplete']);
  const info = await job.check();
  assert.deepEqual([info.state, info.numberRecordsProcessed, info.numberRecordsFailed, info.apiVersion], ['JobComplete', 2, 0, 62]);
  assert.match(await job.getSuccessfulResults(true), /^"sf__Id","sf__Created","AppLinkKey__c","Name"\n/);
  await job.delete();
  assert.equal((await refusal(job.check())).errorCode, 'NOT_FOUND');
});

test('streams and arrays of records; update and delete by id', async () => {
  const conn = await connect();
  const made = await conn.bulk2.loadAndWaitForResults({
    object: 'Account',
    operation: 'insert',
    input: Readable.from(['Name,Phone\n', 'Stream one,1\nStream', ' two,2\n']),
  });
  const ids = made.successfulResults.map((r) => r.sf__Id);
  assert.equal(ids.length, 2);
  const changed = await conn.bulk2.loadAndWaitForResults({
    object: 'Account', operation: 'update', input: ids.map((Id) => ({ Id, Phone: '42', Description: null })),
  });
  assert.deepEqual(changed.successfulResults.map((r) => r.sf__Created), ['false', 'false']);
  assert.equal(await count(conn, "Phone = '42' AND Name LIKE 'Stream %'"), 2);
  const gone = await conn.bulk2.loadAndWaitForResults({ object: 'Account', operation: 'delete', input: ids.map((Id) => ({ Id })) });
  assert.equal(gone.successfulResults.length, 2);
  assert.equal(await count(conn, "Name LIKE 'Stream %'"), 0);
});

test('20,500 records: three batches, none lost, none twice', async () => {
  const conn = await connect();
  const rows = ['Name,AppLinkKey__c'];
  for (let i = 0; i < 20500; i += 1) rows.push(`Large ${i},large-${i}`);
  const results = await conn.bulk2.loadAndWaitForResults({ object: 'Account', operation: 'insert', input: `${rows.join('\n')}\n` });
  assert.equal(new Set(results.successfulResults.map((r) => r.AppLinkKey__c)).size, 20500);
  assert.deepEqual([results.failedResults.length, results.unprocessedRecords.length], [0, 0]);
  const seen = new Set(); // one page: this client pours further ones into the first while it still reads it
  const records = await conn.bulk2.query("SELECT Id, AppLinkKey__c FROM Account WHERE Name LIKE 'Large %'");
  for await (const record of records) seen.add(record.AppLinkKey__c);
  assert.equal(seen.size, 20500);
});

test('a query as a stream of records', async () => {
  const conn = await connect();
  await conn.sobject('Account').create({ Name: 'Queried', NumberOfEmployees: 0 });
  const rows = await (await conn.bulk2.query("SELECT Name, NumberOfEmployees, Owner.Name FROM Account WHERE Name = 'Queried'")).toArray();
  assert.deepEqual(rows, [{ Name: 'Queried', NumberOfEmployees: '0', 'Owner.Name': 'Ada Admin' }]);
  const { id } = await conn.sobject('Account').create({ Name: 'Deleted' });
  await conn.sobject('Account').destroy(id);
  const all = await (await conn.bulk2.query("SELECT Id FROM Account WHERE Name = 'Deleted'", { scanAll: true, columnDelimiter: 'PIPE' })).toArray();
  assert.deepEqual(all, [{ Id: id }]);
});

test('what cannot be is refused', async () => {
  const conn = await connect();
  const load = (more) => conn.bulk2.loadAndWaitForResults({ object: 'Account', operation: 'insert', input: 'Name\nx\n', ...more });
  assert.equal((await refusal(load({ object: 'Nope__c' }))).errorCode, 'INVALIDJOB');
  assert.equal((await refusal(load({ operation: 'hardDelete' }))).errorCode, 'FEATURENOTENABLED');
  assert.match((await refusal(load({ input: 'Nope__c\nx\n' }))).message, /InvalidBatch : Field name not found : Nope__c/);
  assert.match((await refusal(load({ input: 'Name\r\nx\r\n' }))).message, /LineEnding is invalid on user data/);
  assert.equal((await refusal(conn.bulk2.query('SELECT FROM Account'))).errorCode, 'MALFORMED_QUERY');
  assert.equal((await refusal(conn.bulk2.query('SELECT COUNT(Id) FROM Account'))).errorCode, 'API_ERROR');
});

test('aborted in the middle: what was done, what was not', async () => {
  const conn = await connect();
  await control('POST', '/sandbox/bulk', { end: { object: 'Account', afterRows: 200, state: 'Aborted' } });
  const job = conn.bulk2.createJob({ object: 'Account', operation: 'insert' });
  await job.open();
  await job.uploadData(`Name\n${Array.from({ length: 500 }, (_, i) => `Half ${i}`).join('\n')}\n`);
  await job.close();
  assert.match((await refusal(job.poll())).message, /Job has been aborted/);
  const results = await job.getAllResults();
  assert.deepEqual([results.successfulResults.length, results.failedResults.length, results.unprocessedRecords.length], [200, 0, 300]);
  assert.equal(await count(conn, "Name LIKE 'Half %'"), 200);
  assert.equal((await refusal(job.abort())).errorCode, 'INVALIDJOBSTATE');
});

test('a busy org is asked again; a job that was not made is told', async () => {
  const conn = await connect();
  await fault({ path: '/services/data/v62.0/jobs/ingest/', method: 'GET', status: 503, times: 2 });
  const results = await conn.bulk2.loadAndWaitForResults({ object: 'Account', operation: 'insert', input: 'Name\nBusy\n' });
  assert.equal(results.successfulResults.length, 1);
  await fault({ path: '/services/data/v62.0/jobs/ingest', method: 'POST', status: 503, times: 1 });
  assert.equal((await refusal(conn.bulk2.createJob({ object: 'Account', operation: 'insert' }).open())).errorCode, 'SERVER_UNAVAILABLE');
});

await run(async () => {
  await control('DELETE', '/sandbox/faults');
});
