// applink.mjs - the SDK @heroku/applink, unchanged, against the sandbox: headers, records, units of work, files,
// authorizations, errors.
import { init, parseRequest, parseDataActionEvent } from '@heroku/applink';
import { assert, calls, control, fault, refusal, run, sign, test, url } from './harness.mjs';

const sdk = init();
const context = async (wishes) => parseRequest(await sign(wishes), {}, null).context;
const api = async (wishes) => (await context(wishes)).org.dataApi;
const account = (name, fields = {}) => ({ type: 'Account', fields: { Name: name, ...fields } });

// ---- headers ----

test('parseRequest accepts the signed headers', async () => {
  const headers = await sign();
  const { context: c, event } = parseRequest(headers, { flightId: 'x' }, null);
  assert.equal(c.id, headers['x-request-id']);
  assert.match(c.id, /^00D[A-Za-z0-9]{15}-[0-9a-f-]{36}$/);
  assert.equal(event.id, c.id);
  assert.deepEqual(event.data, { flightId: 'x' });
  assert.equal(c.org.domainUrl, url);
  assert.match(c.org.apiVersion, /^\d+\.0$/);
  assert.match(c.org.id, /^00D/);
  assert.match(c.org.user.id, /^005/);
  assert.match(c.org.user.username, /@/);
  assert.equal(c.org.namespace, '');
});

test('parseRequest: a version with a "v", the namespace "null"', async () => {
  const c = await context({ apiVersion: 'v62.0', namespace: 'null' });
  assert.equal(c.org.apiVersion, '62.0');
  assert.equal(c.org.namespace, '');
  assert.equal((await c.org.dataApi.query('SELECT Id FROM Account LIMIT 1')).records.length, 1);
});

test('parseRequest refuses headers without a client context or a user', async () => {
  const headers = await sign();
  delete headers['x-client-context'];
  assert.throws(() => parseRequest(headers, {}, null), /Required x-client-context header not found/);
  const nobody = await sign({ clientContext: { userContext: null } });
  assert.throws(() => parseRequest(nobody, {}, null), /Required UserContext not found/);
});

test('parseDataActionEvent takes an event as it comes', async () => {
  const event = { creationDateTime: '2026-01-01T00:00:00Z', count: 1, schemas: [], events: [{ EventUuid: 'x' }] };
  assert.deepEqual(parseDataActionEvent(event), event);
});

// ---- records ----

test('create, query, update, delete', async () => {
  const data = await api();
  const { id } = await data.create(account("O'Hara \\ \"Söhne\" \u{1F697}", { NumberOfEmployees: 7 }));
  assert.match(id, /^001[A-Za-z0-9]{15}$/);
  const soql = `SELECT Id, Name, NumberOfEmployees FROM Account WHERE Id = '${id}'`;
  const { done, totalSize, records } = await data.query(soql);
  assert.deepEqual([done, totalSize, records.length, records[0].type], [true, 1, 1, 'Account']);
  assert.equal(records[0].fields.name, "O'Hara \\ \"Söhne\" \u{1F697}");
  assert.equal(records[0].fields.NumberOfEmployees, 7);
  assert.equal(records[0].fields.numberofemployees, 7);
  for (const key of ['id', 'Id', 'ID', 'iD']) {
    const updated = await data.update({ type: 'Account', fields: { [key]: id, Phone: `by ${key}` } });
    assert.equal(updated.id, id);
    const again = await data.query(`SELECT Phone FROM Account WHERE Id = '${id}'`);
    assert.equal(again.records[0].fields.Phone, `by ${key}`);
  }
  assert.equal((await data.delete('Account', id)).id, id);
  assert.equal((await data.query(soql)).totalSize, 0);
});

test('a field set to null is empty afterwards', async () => {
  const data = await api();
  const { id } = await data.create(account('Nullable', { Phone: '1' }));
  await data.update({ type: 'Account', fields: { Id: id, Phone: null } });
  const { records } = await data.query(`SELECT Id, Phone FROM Account WHERE Id = '${id}'`);
  assert.equal(records[0].fields.Phone, undefined);
});

test('query: parent fields and child records', async () => {
  const data = await api();
  const { id } = await data.create(account('Parent'));
  await data.create({ type: 'Contact', fields: { LastName: 'One', AccountId: id } });
  await data.create({ type: 'Contact', fields: { LastName: 'Two', AccountId: id } });
  const up = await data.query(`SELECT LastName, Account.Name FROM Contact WHERE AccountId = '${id}' ORDER BY LastName`);
  assert.equal(up.records[0].fields.Account.fields.Name, 'Parent');
  const down = await data.query(`SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account WHERE Id = '${id}'`);
  const contacts = down.records[0].subQueryResults.Contacts;
  assert.deepEqual([contacts.done, contacts.totalSize], [true, 2]);
  assert.deepEqual(contacts.records.map((r) => r.fields.LastName), ['One', 'Two']);
});

test('queryMore: 2,000 rows a page, in order, until done', async () => {
  const { org } = await context();
  const total = 4105;
  for (let at = 0; at < total; at += 200) {
    const records = [];
    for (let i = at; i < Math.min(at + 200, total); i += 1) {
      records.push({ attributes: { type: 'Lead' }, LastName: `Row ${String(i).padStart(5, '0')}`, Company: 'Pages' });
    }
    const answer = await org.request(`services/data/v${org.apiVersion}/composite/sobjects`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ allOrNone: true, records }),
    });
    assert.ok(answer.every((row) => row.success));
  }
  let page = await org.dataApi.query("SELECT LastName FROM Lead WHERE Company = 'Pages' ORDER BY LastName");
  const sizes = [page.records.length];
  const names = page.records.map((r) => r.fields.LastName);
  assert.equal(page.totalSize, total);
  while (!page.done) {
    assert.match(page.nextRecordsUrl.replace(url, ''), /^\/services\/data\/v[\d.]+\/query\/01g[A-Za-z0-9]{15}-\d+$/);
    page = await org.dataApi.queryMore(page);
    sizes.push(page.records.length);
    names.push(...page.records.map((r) => r.fields.LastName));
  }
  assert.deepEqual(sizes, [2000, 2000, 105]);
  assert.equal(page.nextRecordsUrl, undefined);
  assert.equal(new Set(names).size, total);
  assert.deepEqual(names, [...names].sort());
  await control('DELETE', '/sandbox/log');
  const rest = await org.dataApi.queryMore(page);
  assert.deepEqual([rest.done, rest.records.length, (await calls()).length], [true, 0, 0]);
});

// ---- units of work ----

test('unit of work: records that refer to each other', async () => {
  const data = await api();
  const unit = data.newUnitOfWork();
  const parent = unit.registerCreate(account('Unit'));
  const child = unit.registerCreate({ type: 'Contact', fields: { LastName: 'Of unit', AccountId: parent.toApiString() } });
  const deal = unit.registerCreate({
    type: 'Opportunity',
    fields: { Name: 'Deal', StageName: 'Prospecting', CloseDate: '2027-01-31', AccountId: parent.toApiString() },
  });
  const results = await data.commitUnitOfWork(unit);
  assert.equal(results.size, 3);
  const { records } = await data.query(`SELECT AccountId FROM Contact WHERE Id = '${results.get(child).id}'`);
  assert.equal(records[0].fields.AccountId, results.get(parent).id);
  assert.match(results.get(deal).id, /^006/);
});

test('unit of work: a quote with its lines, whose prices come from its price book', async () => {
  const data = await api();
  const quoteOf = (book) => ({ type: 'Quote', fields: { Name: 'By the SDK', OpportunityId: '006xx000001a2c0AAA', Pricebook2Id: book } });
  const lineOf = (quote, price) => ({
    type: 'QuoteLineItem',
    fields: { QuoteId: quote.toApiString(), PricebookEntryId: '01uxx0000000001AAA', Quantity: 2, UnitPrice: price },
  });
  const unit = data.newUnitOfWork();
  const quote = unit.registerCreate(quoteOf('01sxx0000000001AAA'));
  unit.registerCreate(lineOf(quote, 1125));
  unit.registerCreate(lineOf(quote, 0.5));
  const results = await data.commitUnitOfWork(unit);
  const soql = `SELECT GrandTotal, LineItemCount FROM Quote WHERE Id = '${results.get(quote).id}'`;
  const { records } = await data.query(soql);
  assert.deepEqual([records[0].fields.GrandTotal, records[0].fields.LineItemCount], [2251, 2]);
  const wrong = data.newUnitOfWork();
  wrong.registerCreate(lineOf(wrong.registerCreate(quoteOf('01sxx0000000002AAA')), 1));
  await refusal(data.commitUnitOfWork(wrong)); // the line's price is of another price book: neither is made
  assert.equal((await data.query("SELECT Id FROM Quote WHERE Name = 'By the SDK'")).totalSize, 1);
});

test('unit of work: update and delete', async () => {
  const data = await api();
  const kept = await data.create(account('Kept'));
  const gone = await data.create(account('Gone'));
  const unit = data.newUnitOfWork();
  const updated = unit.registerUpdate({ type: 'Account', fields: { id: kept.id, Name: 'Changed' } });
  const deleted = unit.registerDelete('Account', gone.id);
  const results = await data.commitUnitOfWork(unit);
  assert.equal(results.get(updated).id, kept.id);
  assert.equal(results.get(deleted).id, gone.id);
  const { records } = await data.query(`SELECT Name FROM Account WHERE Id IN ('${kept.id}', '${gone.id}')`);
  assert.deepEqual(records.map((r) => r.fields.Name), ['Changed']);
});

test('unit of work: one bad record undoes all', async () => {
  const data = await api();
  const unit = data.newUnitOfWork();
  unit.registerCreate(account('Rolled back'));
  unit.registerCreate({ type: 'Contact', fields: { FirstName: 'No last name' } });
  const error = await refusal(data.commitUnitOfWork(unit));
  assert.match(error.message, /PROCESSING_HALTED|REQUIRED_FIELD_MISSING/);
  assert.equal((await data.query("SELECT Id FROM Account WHERE Name = 'Rolled back'")).totalSize, 0);
});

test('unit of work: an empty one makes no call', async () => {
  const data = await api();
  await control('DELETE', '/sandbox/log');
  assert.equal((await data.commitUnitOfWork(data.newUnitOfWork())).size, 0);
  assert.equal((await calls()).length, 0);
});

// ---- files ----

test('binary: bytes go up and come back', async () => {
  const data = await api();
  const bytes = Buffer.from(Array.from({ length: 70000 }, (_, i) => (i * 31 + (i >> 8)) & 255));
  const { id } = await data.create({
    type: 'ContentVersion',
    fields: { Title: 'Bytes', PathOnClient: 'bytes.bin' },
    binaryFields: { VersionData: bytes },
  });
  const { records } = await data.query(`SELECT Title, ContentSize, VersionData FROM ContentVersion WHERE Id = '${id}'`);
  assert.equal(records[0].fields.ContentSize, bytes.length);
  assert.match(records[0].fields.VersionData, /\/sobjects\/ContentVersion\/068[A-Za-z0-9]{15}\/VersionData$/);
  const { org } = await context();
  const answer = await fetch(url + records[0].fields.VersionData, {
    headers: { Authorization: `Bearer ${org.dataApi.accessToken}` },
  });
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes);
});

test('binary: the SDK loads a text file itself', async () => {
  const data = await api();
  const { id } = await data.create({
    type: 'ContentVersion',
    fields: { Title: 'Text', PathOnClient: 'text.txt' },
    binaryFields: { VersionData: Buffer.from('HYPNO TOAD') },
  });
  const { records } = await data.query(`SELECT VersionData FROM ContentVersion WHERE Id = '${id}'`);
  assert.ok(Buffer.isBuffer(records[0].binaryFields.VersionData));
  assert.equal(records[0].binaryFields.VersionData.toString('latin1'), 'HYPNO TOAD');
});

test('binary: the same field in both places is refused before any call', async () => {
  const data = await api();
  const error = await refusal(
    data.create({
      type: 'ContentVersion',
      fields: { Title: 'x', PathOnClient: 'x', VersionData: 'eA==' },
      binaryFields: { VersionData: Buffer.from('x') },
    }),
  );
  assert.match(error.message, /VersionData provided in both/);
});

// ---- errors ----

const errors = [
  ['create: unknown object', (d) => d.create({ type: 'Nope__c', fields: { Name: 'x' } }), 'NOT_FOUND'],
  ['create: required field missing', (d) => d.create({ type: 'Contact', fields: { FirstName: 'x' } }), 'REQUIRED_FIELD_MISSING'],
  ['create: unknown field', (d) => d.create(account('x', { Nope__c: 1 })), 'INVALID_FIELD'],
  ['create: value outside a restricted picklist',
    (d) => d.create({ type: 'Vehicle_Model__c', fields: { Name: 'x', Price__c: 1, Status__c: 'Nope' } }),
    'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST'],
  ['query: not SOQL', (d) => d.query('SELEKT Id FROM Account'), 'MALFORMED_QUERY'],
  ['query: unknown column', (d) => d.query('SELECT Nope__c FROM Account'), 'INVALID_FIELD'],
  ['query: unknown object', (d) => d.query('SELECT Id FROM Nope__c'), 'INVALID_TYPE'],
  ['update: malformed id', (d) => d.update({ type: 'Account', fields: { Id: 'nope', Name: 'x' } }), 'MALFORMED_ID'],
  ['delete: malformed id', (d) => d.delete('Account', 'nope'), 'MALFORMED_ID'],
];
for (const [name, call, code] of errors) {
  test(`error: ${name} is ${code}`, async () => {
    assert.equal((await refusal(call(await api()))).errorCode, code);
  });
}

test('error: a deleted record is ENTITY_IS_DELETED', async () => {
  const data = await api();
  const { id } = await data.create(account('Twice'));
  await data.delete('Account', id);
  assert.equal((await refusal(data.delete('Account', id))).errorCode, 'ENTITY_IS_DELETED');
});

test('error: an expired session is INVALID_SESSION_ID', async () => {
  const data = await api();
  await control('POST', '/sandbox/expire', {});
  assert.equal((await refusal(data.create(account('x')))).errorCode, 'INVALID_SESSION_ID');
});

test('error: a page of HTML is ERROR_HTTP_404', async () => {
  const data = await api();
  await fault({ path: '/services/data', status: 404, body: '<html>gone</html>', contentType: 'text/html' });
  const error = await refusal(data.query('SELECT Id FROM Account'));
  assert.match(error.message, /Unexpected response with status: ERROR_HTTP_404/);
});

test('error: an org that cannot be resolved fails within seconds', async () => {
  const data = await api({ orgDomainUrl: 'http://nowhere.invalid' });
  const begun = Date.now();
  assert.match((await refusal(data.query('SELECT Id FROM Account'))).message, /failed, reason: getaddrinfo/);
  assert.ok(Date.now() - begun < 5000);
});

// ---- authorizations ----

const addon = async (name, env = {}) => {
  const settings = await control('GET', '/sandbox/settings');
  const wanted = {
    HEROKU_APP_ID: settings.appUuid,
    HEROKU_APPLINK_API_URL: `${url}/addons/sandbox`,
    HEROKU_APPLINK_TOKEN: 'sandbox-token',
    ...env,
  };
  Object.assign(process.env, wanted);
  return sdk.addons.applink.getAuthorization(name);
};

test('getAuthorization: two orgs by name, each with its own data', async () => {
  const first = await addon('sandbox');
  const second = await addon('partner');
  assert.notEqual(first.id, second.id);
  assert.equal(first.domainUrl, url);
  assert.match(first.user.username, /@/);
  await second.dataApi.create(account('Only at the partner'));
  const soql = "SELECT Id FROM Account WHERE Name = 'Only at the partner'";
  assert.equal((await first.dataApi.query(soql)).totalSize, 0);
  assert.equal((await second.dataApi.query(soql)).totalSize, 1);
});

test('getAuthorization: Data Cloud, queries and their batches', async () => {
  const data = await addon('sandbox_data');
  const first = await data.dataCloudApi.query('SELECT ssot__Name__c FROM ssot__Account__dlm ORDER BY ssot__Name__c LIMIT 2');
  assert.equal(first.rowCount, 2);
  assert.equal(first.done, true);
  assert.equal(first.metadata.ssot__Name__c.type, 'Varchar');
  const many = await data.dataCloudApi.query('WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM x WHERE n<1200) SELECT n FROM x');
  const rows = [...many.data];
  for (let page = many; !page.done; ) {
    page = await data.dataCloudApi.queryNextBatch(page.nextBatchId);
    rows.push(...page.data);
  }
  assert.deepEqual(rows.map(([n]) => n), Array.from({ length: 1200 }, (_, i) => i + 1));
  await refusal(data.dataCloudApi.queryNextBatch(many.nextBatchId)); // good once
  assert.equal((await addon('sandbox')).dataCloudApi, undefined);
});

test('getAuthorization: unknown name', async () => {
  assert.equal((await refusal(addon('nope'))).message, 'Not Found - Authorization not found');
});

test('getAuthorization: wrong token, wrong app', async () => {
  assert.match((await refusal(addon('sandbox', { HEROKU_APPLINK_TOKEN: 'x' }))).message, /^Unauthorized - /);
  assert.match((await refusal(addon('sandbox', { HEROKU_APP_ID: 'x' }))).message, /^Forbidden - /);
});

test('getAuthorization: an add-on out of order', async () => {
  await fault({ path: '/addons', status: 500, body: 'oops', contentType: 'text/plain' });
  const error = await refusal(addon('sandbox'));
  assert.match(error.message, /^Unable to get connection sandbox: HTTP Error Response: 500/);
});

await run(async () => {
  await control('DELETE', '/sandbox/faults');
});
