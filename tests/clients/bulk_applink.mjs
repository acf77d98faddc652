// bulk_applink.mjs - bulkApi of the SDK @heroku/applink, unchanged, against the sandbox.
import { init, parseRequest } from '@heroku/applink';
import { assert, control, fault, refusal, run, sign, test } from './harness.mjs';

init();
const org = async (wishes) => parseRequest(await sign(wishes), {}, null).context.org;
const total = async ({ dataApi }, where) => (await dataApi.query(`SELECT COUNT() FROM Account WHERE ${where}`)).totalSize;

async function ended(bulkApi, job) {
  for (let i = 0; i < 1000; i += 1) {
    const info = await bulkApi.getInfo(job);
    if (['JobComplete', 'Failed', 'Aborted'].includes(info.state)) return info;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return assert.fail('the job does not end');
}

const table = (bulkApi, columns, rows) => bulkApi.createDataTableBuilder(columns).addRows(rows).build();
const rowsOf = (result) => result.map((row) => Object.fromEntries(row));

test('ingest: a table of rows, and its three results', async () => {
  const { bulkApi, dataApi } = await org();
  const dataTable = table(bulkApi, ['Name', 'NumberOfEmployees', 'Description'], [
    ['SDK "one", a comma', '1', 'x'], ['', '2', 'no name'], ['SDK two', bulkApi.formatNullValue(), 'two\nlines'],
  ]);
  const [job, ...more] = await bulkApi.ingest({ object: 'Account', operation: 'insert', dataTable });
  assert.deepEqual([job.type, more.length, 'error' in job], ['ingestJob', 0, false]);
  const info = await ended(bulkApi, job);
  assert.deepEqual([info.state, info.numberRecordsProcessed, info.numberRecordsFailed, info.object], ['JobComplete', 3, 1, 'Account']);
  const done = await bulkApi.getSuccessfulResults(job);
  assert.deepEqual(done.columns, ['sf__Id', 'sf__Created', 'Name', 'NumberOfEmployees', 'Description']);
  assert.deepEqual(rowsOf(done).map((r) => [r.sf__Created, r.Name, r.Description]), [
    ['true', 'SDK "one", a comma', 'x'], ['true', 'SDK two', 'two\nlines'],
  ]);
  const [failed] = rowsOf(await bulkApi.getFailedResults(job));
  assert.match(failed.sf__Error, /^REQUIRED_FIELD_MISSING:/);
  const left = await bulkApi.getUnprocessedRecords(job);
  assert.deepEqual([left.length, left.columns], [0, ['Name', 'NumberOfEmployees', 'Description']]);
  assert.equal(await total({ dataApi }, "Name LIKE 'SDK %'"), 2);
  await bulkApi.delete(job);
  assert.equal((await refusal(bulkApi.getInfo(job))).errorCode, 'NOT_FOUND');
});

test('ingest: upsert by external id, a parent by its own', async () => {
  const { bulkApi, dataApi } = await org();
  const upsert = (rows) => bulkApi.ingest({
    object: 'Account', operation: 'upsert', externalIdFieldName: 'AppLinkKey__c', dataTable: table(bulkApi, ['AppLinkKey__c', 'Name'], rows),
  });
  const [first] = await upsert([['sdk-1', 'Parent']]);
  await ended(bulkApi, first);
  const [second] = await upsert([['sdk-1', 'Parent again'], ['sdk-2', 'Other']]);
  await ended(bulkApi, second);
  assert.deepEqual(rowsOf(await bulkApi.getSuccessfulResults(second)).map((r) => r.sf__Created), ['false', 'true']);
  const [child] = await bulkApi.ingest({
    object: 'Contact', operation: 'insert', dataTable: table(bulkApi, ['LastName', 'Account.AppLinkKey__c'], [['Child', 'sdk-1']]),
  });
  assert.equal((await ended(bulkApi, child)).numberRecordsFailed, 0);
  const found = await dataApi.query("SELECT Account.Name FROM Contact WHERE LastName = 'Child'");
  assert.equal(found.records.length, 1);
});

test('ingest: what is refused comes back with its rows', async () => {
  const { bulkApi } = await org();
  const dataTable = table(bulkApi, ['Name'], [['x']]);
  const [none] = await bulkApi.ingest({ object: 'Nope__c', operation: 'insert', dataTable });
  assert.equal(none.error.errorCode, 'INVALIDJOB');
  assert.equal(none.unprocessedRecords.length, 1);
  assert.equal(none.jobReference, undefined);
  await fault({ path: '/services/data', method: 'PATCH', contains: '/jobs/', status: 500, times: 6 });
  const [open] = await bulkApi.ingest({ object: 'Account', operation: 'insert', dataTable });
  assert.equal(open.error.errorCode, 'UNKNOWN_EXCEPTION');
  assert.equal(open.jobReference.type, 'ingestJob');
  await control('DELETE', '/sandbox/faults');
  assert.equal((await bulkApi.getInfo(open.jobReference)).state, 'Open');
  await bulkApi.abort(open.jobReference);
  assert.equal((await bulkApi.getInfo(open.jobReference)).state, 'Aborted');
});

test('query: pages by locator', async () => {
  const { bulkApi } = await org();
  const names = Array.from({ length: 5 }, (_, i) => [`Page ${i}`]);
  const [job] = await bulkApi.ingest({ object: 'Account', operation: 'insert', dataTable: table(bulkApi, ['Name'], names) });
  await ended(bulkApi, job);
  const query = await bulkApi.query({ soql: "SELECT Name FROM Account WHERE Name LIKE 'Page %' ORDER BY Name" });
  assert.equal(query.type, 'queryJob');
  const info = await ended(bulkApi, query);
  assert.deepEqual([info.state, info.numberRecordsProcessed, info.jobType], ['JobComplete', 5, 'V2Query']);
  const seen = [];
  let page = await bulkApi.getQueryResults(query, { maxRecords: 2 });
  for (;;) {
    seen.push(...rowsOf(page.dataTable).map((r) => r.Name));
    assert.equal(page.numberOfRecords, page.dataTable.length);
    if (page.done) break;
    page = await bulkApi.getMoreQueryResults(page, { maxRecords: 2 });
  }
  assert.deepEqual(seen, names.map(([name]) => name));
  const none = await bulkApi.query({ soql: "SELECT Id, Name FROM Account WHERE Name = 'nobody'" });
  await ended(bulkApi, none);
  const empty = await bulkApi.getQueryResults(none);
  assert.deepEqual([empty.done, empty.numberOfRecords, empty.dataTable.columns], [true, 0, ['Id', 'Name']]);
  assert.equal((await refusal(bulkApi.abort(query))).errorCode, 'INVALIDJOBSTATE');
  await bulkApi.delete(query);
  assert.equal((await refusal(bulkApi.getQueryResults(query))).errorCode, 'NOT_FOUND');
});

test('query: what is refused', async () => {
  const { bulkApi } = await org();
  assert.equal((await refusal(bulkApi.query({ soql: 'SELECT FROM Account' }))).errorCode, 'MALFORMED_QUERY');
  assert.equal((await refusal(bulkApi.query({ soql: 'SELECT Nope__c FROM Account' }))).errorCode, 'INVALID_FIELD');
});

test('values as the SDK formats them', async () => {
  const { bulkApi, dataApi } = await org();
  const day = new Date(Date.UTC(2026, 11, 31, 23, 59, 30));
  const [job] = await bulkApi.ingest({
    object: 'Opportunity',
    operation: 'insert',
    dataTable: table(bulkApi, ['Name', 'StageName', 'CloseDate', 'Amount'], [['SDK day', 'Prospecting', bulkApi.formatDate(day), '12.5']]),
  });
  assert.equal((await ended(bulkApi, job)).numberRecordsFailed, 0);
  const { records } = await dataApi.query("SELECT CloseDate, Amount FROM Opportunity WHERE Name = 'SDK day'");
  assert.deepEqual([records[0].fields.CloseDate, records[0].fields.Amount], ['2026-12-31', 12.5]);
});

await run(async () => {
  await control('DELETE', '/sandbox/faults');
});
