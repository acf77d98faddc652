// jsforce.mjs - the client jsforce, unchanged, against the sandbox: logins, refresh, records one by one and in
// collections, queries, metadata, retries.
import crypto from 'node:crypto';
import jsforce from 'jsforce';
import { assert, calls, control, fault, refusal, run, test, url } from './harness.mjs';

const { apiVersion, orgId } = await control('GET', '/sandbox/settings');
const redirectUri = 'http://localhost:9/callback';
const app = { loginUrl: url, clientId: 'sandbox-client', clientSecret: 'sandbox-secret', redirectUri };
const admin = 'admin@example.com';

// A connection after the authorization code flow, with a refresh token.
async function connect(hint = admin) {
  const oauth2 = new jsforce.OAuth2(app);
  const conn = new jsforce.Connection({ oauth2, version: apiVersion });
  const page = await fetch(`${oauth2.getAuthorizationUrl({})}&login_hint=${encodeURIComponent(hint)}`, { redirect: 'manual' });
  assert.equal(page.status, 302);
  await conn.authorize(new URL(page.headers.get('location')).searchParams.get('code'));
  return conn;
}

// ---- logins ----

test('authorization code', async () => {
  const conn = await connect();
  assert.equal(conn.instanceUrl, url);
  assert.equal(conn.userInfo.organizationId, orgId);
  assert.ok(conn.refreshToken);
});

test('username and password', async () => {
  const conn = new jsforce.Connection({ oauth2: app, version: apiVersion });
  const user = await conn.login(admin, 'sandbox-password');
  assert.match(user.id, /^005/);
  const other = new jsforce.Connection({ oauth2: app, version: apiVersion });
  assert.equal((await refusal(other.login(admin, 'wrong'))).name, 'invalid_grant');
});

test('client credentials', async () => {
  const conn = new jsforce.Connection({ oauth2: app, version: apiVersion });
  await conn.authorize({ grant_type: 'client_credentials' });
  assert.equal((await conn.query('SELECT Id FROM Account LIMIT 1')).records.length, 1);
});

test('JWT bearer, signed with the key of a registered app', async () => {
  const { privateKey, publicKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
  const certificate = publicKey.export({ type: 'spki', format: 'pem' });
  await control('POST', '/sandbox/apps', { clientId: 'jwt-client', certificate });
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const assertion = (iss, sub, key = privateKey) => {
    const text = `${part({ alg: 'RS256' })}.${part({ iss, sub, aud: url, exp: Math.floor(Date.now() / 1000) + 120 })}`;
    return `${text}.${crypto.sign('sha256', Buffer.from(text), key).toString('base64url')}`;
  };
  const conn = new jsforce.Connection({ oauth2: { loginUrl: url, clientId: 'jwt-client' }, version: apiVersion });
  const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' };
  await conn.authorize({ ...grant, assertion: assertion('jwt-client', admin) });
  assert.equal((await conn.identity()).username, admin);
  const stranger = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const refused = await refusal(conn.authorize({ ...grant, assertion: assertion('jwt-client', admin, stranger) }));
  assert.equal(refused.name, 'invalid_grant');
});

test('a session of Salesforce by access token; identity', async () => {
  const first = await connect();
  const conn = new jsforce.Connection({ instanceUrl: url, accessToken: first.accessToken, version: apiVersion });
  const who = await conn.identity();
  assert.deepEqual([who.organization_id, who.username], [orgId, admin]);
});

test('an expired session is refreshed and the call repeated', async () => {
  const conn = await connect();
  const before = conn.accessToken;
  await control('POST', '/sandbox/expire', {});
  assert.ok((await conn.query('SELECT Id FROM Account')).totalSize > 0);
  assert.notEqual(conn.accessToken, before);
});

test('without a refresh token it is INVALID_SESSION_ID', async () => {
  const { accessToken } = await connect();
  const conn = new jsforce.Connection({ instanceUrl: url, accessToken, version: apiVersion });
  await control('POST', '/sandbox/expire', { accessToken });
  assert.equal((await refusal(conn.query('SELECT Id FROM Account'))).errorCode, 'INVALID_SESSION_ID');
});

for (const revoke of [false, true]) {
  test(`logout${revoke ? ' of the refresh token' : ''} ends the session`, async () => {
    const conn = await connect();
    const { accessToken } = conn;
    const other = new jsforce.Connection({ instanceUrl: url, accessToken, version: apiVersion });
    assert.ok((await other.query('SELECT Id FROM Account')).totalSize > 0);
    await conn.logout(revoke);
    assert.equal((await refusal(other.query('SELECT Id FROM Account'))).errorCode, 'INVALID_SESSION_ID');
  });
}

// ---- records ----

const deal = '006xx000001a2c0AAA', standardBook = '01sxx0000000001AAA', gateway = '01uxx0000000001AAA';
const ok = (results) => results.every((r) => r.success);

test('quotes and their lines by Collections; their totals', async () => {
  const conn = await connect();
  const keys = Array.from({ length: 30 }, (_, i) => `jsforce-quote:${i}`);
  const quotes = keys.map((key) => ({ Name: 'By jsforce', OpportunityId: deal, Pricebook2Id: standardBook, AppLinkKey__c: key }));
  const made = await conn.sobject('Quote').create(quotes);
  assert.ok(made.length === 30 && ok(made));
  const lines = made.flatMap(({ id }, i) => [1, 2].map((n) => ({
    QuoteId: id, PricebookEntryId: gateway, Quantity: n, UnitPrice: 1000.05, AppLinkKey__c: `${keys[i]}:${n}`,
  })));
  assert.ok(ok(await conn.sobject('QuoteLineItem').create(lines)));
  const { records } = await conn.query("SELECT GrandTotal, LineItemCount, QuoteNumber FROM Quote WHERE Name = 'By jsforce'");
  assert.equal(records.length, 30);
  for (const quote of records) assert.deepEqual([quote.GrandTotal, quote.LineItemCount], [3000.15, 2]);
  assert.equal(new Set(records.map((quote) => quote.QuoteNumber)).size, 30);
  const again = await conn.sobject('Quote').create(quotes);
  assert.ok(again.every((r) => !r.success && r.errors[0].statusCode === 'DUPLICATE_VALUE'));
  assert.match(again[0].errors[0].message, new RegExp(`^duplicate value found: AppLinkKey__c duplicates value on record with id: ${made[0].id.slice(0, 15)}$`));
  assert.ok(ok(await conn.sobject('Quote').destroy(made.map(({ id }) => id))));
  assert.equal((await conn.query("SELECT Id FROM QuoteLineItem WHERE AppLinkKey__c LIKE 'jsforce-quote%'")).totalSize, 0);
});

test('an upsert of quotes that is sent twice meets fields that are set once', async () => {
  const conn = await connect();
  const quote = { Name: 'Upserted', OpportunityId: deal, AppLinkKey__c: 'jsforce-upsert' };
  assert.ok(ok(await conn.sobject('Quote').upsert([quote], 'AppLinkKey__c')));
  const [twice] = await conn.sobject('Quote').upsert([quote], 'AppLinkKey__c');
  assert.ok(!twice.success);
  assert.equal(twice.errors[0].statusCode, 'INVALID_FIELD_FOR_INSERT_UPDATE');
  assert.deepEqual(twice.errors[0].fields, ['OpportunityId']);
});

test('a line that does not fit is told, the others are made', async () => {
  const conn = await connect();
  const { id } = await conn.sobject('Quote').create({ Name: 'Mixed', OpportunityId: deal, Pricebook2Id: standardBook });
  const line = (more) => ({ QuoteId: id, PricebookEntryId: gateway, Quantity: 1, UnitPrice: 10, ...more });
  const results = await conn.sobject('QuoteLineItem').create([line({}), line({ PricebookEntryId: '01uxx0000000006AAA' }), line({ Quantity: 3 })]);
  assert.deepEqual(results.map((r) => r.success), [true, false, true]);
  assert.equal(results[1].errors[0].statusCode, 'FIELD_INTEGRITY_EXCEPTION');
  assert.equal((await conn.sobject('Quote').retrieve(id)).GrandTotal, 40);
});

test('create, retrieve, update, delete one', async () => {
  const conn = await connect();
  const made = await conn.sobject('Account').create({ Name: 'jsforce', NumberOfEmployees: 0, Website: '' });
  assert.ok(made.success && made.errors.length === 0);
  const read = await conn.sobject('Account').retrieve(made.id);
  assert.deepEqual([read.Id, read.Name, read.NumberOfEmployees, read.Website], [made.id, 'jsforce', 0, null]);
  assert.equal(read.attributes.type, 'Account');
  assert.ok((await conn.sobject('Account').update({ Id: made.id, Phone: '42' })).success);
  assert.equal((await conn.sobject('Account').retrieve(made.id)).Phone, '42');
  assert.ok((await conn.sobject('Account').destroy(made.id)).success);
  assert.equal((await refusal(conn.sobject('Account').retrieve(made.id))).errorCode, 'NOT_FOUND');
});

test('collections: 450 records in calls of 200', async () => {
  const conn = await connect();
  const rows = Array.from({ length: 450 }, (_, i) => ({ LastName: `Many ${i}`, Company: 'Collections' }));
  await control('DELETE', '/sandbox/log');
  const made = await conn.sobject('Lead').create(rows, { allowRecursive: true });
  assert.equal(made.length, 450);
  assert.ok(made.every((r) => r.success));
  assert.equal((await calls('/services/data')).length, 3);
  const changed = await conn.sobject('Lead').update(made.map((r) => ({ Id: r.id, Title: 'T' })), { allowRecursive: true });
  assert.ok(changed.every((r) => r.success));
  const read = await conn.sobject('Lead').retrieve(made.slice(0, 3).map((r) => r.id));
  assert.deepEqual(read.map((r) => r.Title), ['T', 'T', 'T']);
  const gone = await conn.sobject('Lead').destroy(made.map((r) => r.id), { allowRecursive: true });
  assert.ok(gone.every((r) => r.success));
  assert.equal((await conn.query("SELECT COUNT() FROM Lead WHERE Company = 'Collections'")).totalSize, 0);
});

test('collections: a bad record among good ones, with and without allOrNone', async () => {
  const conn = await connect();
  const rows = [{ LastName: 'Good', Company: 'Mixed' }, { Company: 'Mixed' }];
  const some = await conn.sobject('Lead').create(rows);
  assert.deepEqual(some.map((r) => r.success), [true, false]);
  assert.equal(some[1].errors[0].statusCode, 'REQUIRED_FIELD_MISSING');
  const none = await conn.sobject('Lead').create(rows, { allOrNone: true });
  assert.deepEqual(none.map((r) => r.success), [false, false]);
  assert.equal((await conn.query("SELECT COUNT() FROM Lead WHERE Company = 'Mixed'")).totalSize, 1);
});

test('upsert by external id', async () => {
  const conn = await connect();
  const first = await conn.sobject('Account').upsert({ AppLinkKey__c: 'js-1 ä', Name: 'First' }, 'AppLinkKey__c');
  assert.equal(first.created, true);
  const second = await conn.sobject('Account').upsert({ AppLinkKey__c: 'js-1 ä', Name: 'Second' }, 'AppLinkKey__c');
  assert.equal(second.created, false);
  const found = await conn.query("SELECT Id, Name FROM Account WHERE AppLinkKey__c = 'js-1 ä'");
  assert.deepEqual(found.records.map((r) => [r.Id, r.Name]), [[first.id, 'Second']]);
});

// ---- queries ----

test('find with conditions, sort and limit', async () => {
  const conn = await connect();
  for (const n of [1, 2, 3]) await conn.sobject('Account').create({ Name: `Find ${n}`, NumberOfEmployees: n });
  const rows = await conn
    .sobject('Account')
    .find({ Name: { $like: 'Find %' }, NumberOfEmployees: { $gte: 2 } }, 'Id, Name')
    .sort({ NumberOfEmployees: -1 })
    .limit(5);
  assert.deepEqual(rows.map((r) => r.Name), ['Find 3', 'Find 2']);
});

test('relationships and aggregates', async () => {
  const conn = await connect();
  const { id } = await conn.sobject('Account').create({ Name: 'Aggregate' });
  for (const amount of [10, 20, 33.5]) {
    await conn.sobject('Opportunity').create({
      Name: 'O', StageName: 'Prospecting', CloseDate: '2027-01-01', AccountId: id, Amount: amount,
    });
  }
  const up = await conn.query(`SELECT Name, Account.Name FROM Opportunity WHERE AccountId = '${id}' LIMIT 1`);
  assert.equal(up.records[0].Account.Name, 'Aggregate');
  const down = await conn.query(`SELECT Id, (SELECT Amount FROM Opportunities ORDER BY Amount) FROM Account WHERE Id = '${id}'`);
  assert.deepEqual(down.records[0].Opportunities.records.map((r) => r.Amount), [10, 20, 33.5]);
  const sum = await conn.query(
    `SELECT StageName, COUNT(Id) n, SUM(Amount) total FROM Opportunity WHERE AccountId = '${id}' GROUP BY StageName`,
  );
  assert.deepEqual([sum.records[0].n, sum.records[0].total], [3, 63.5]);
});

test('queryMore by hand and by itself', async () => {
  const conn = await connect();
  const rows = Array.from({ length: 2150 }, (_, i) => ({ LastName: `P${i}`, Company: 'Pages of jsforce' }));
  await conn.sobject('Lead').create(rows, { allowRecursive: true });
  const soql = "SELECT Id FROM Lead WHERE Company = 'Pages of jsforce'";
  const first = await conn.query(soql);
  assert.deepEqual([first.done, first.totalSize, first.records.length], [false, 2150, 2000]);
  const rest = await conn.queryMore(first.nextRecordsUrl);
  assert.deepEqual([rest.done, rest.records.length], [true, 150]);
  const all = await conn.query(soql, { autoFetch: true, maxFetch: 10000 });
  assert.equal(all.records.length, 2150);
});

// ---- files and metadata ----

test('a file goes up and comes back', async () => {
  const conn = await connect();
  const bytes = crypto.randomBytes(50000);
  const made = await conn.sobject('ContentVersion').create({
    Title: 'jsforce', PathOnClient: 'j.bin', VersionData: bytes.toString('base64'),
  });
  const chunks = [];
  for await (const chunk of conn.sobject('ContentVersion').record(made.id).blob('VersionData')) chunks.push(chunk);
  assert.deepEqual(Buffer.concat(chunks), bytes);
});

test('describe, describeGlobal, limits, versions', async () => {
  const conn = await connect();
  const account = await conn.describe('Account');
  const name = account.fields.find((f) => f.name === 'Name');
  assert.deepEqual([account.keyPrefix, account.createable, name.nillable], ['001', true, false]);
  const all = await conn.describeGlobal();
  assert.ok(all.sobjects.some((o) => o.name === 'Flight__c' && o.custom));
  const limits = await conn.limits();
  assert.ok(limits.DailyApiRequests.Max >= limits.DailyApiRequests.Remaining);
  const versions = await conn.request('/services/data');
  assert.ok(versions.some((v) => v.version === apiVersion));
  assert.ok(conn.limitInfo.apiUsage.limit > 0);
});

test('another user sees less', async () => {
  const all = await (await connect()).describe('Flight__c');
  const conn = await connect('limited@example.com');
  const some = await conn.describe('Flight__c');
  assert.ok(some.fields.length < all.fields.length);
  const hidden = all.fields.find((f) => !some.fields.some((g) => g.name === f.name)).name;
  assert.equal((await refusal(conn.query(`SELECT ${hidden} FROM Flight__c`))).errorCode, 'INVALID_FIELD');
});

// ---- errors ----

const errors = [
  ['create in an unknown object', (c) => c.sobject('Nope__c').create({ Name: 'x' }), 'NOT_FOUND'],
  ['unknown field', (c) => c.sobject('Account').create({ Name: 'x', Nope__c: 1 }), 'INVALID_FIELD'],
  ['required field', (c) => c.sobject('Contact').create({ FirstName: 'x' }), 'REQUIRED_FIELD_MISSING'],
  ['malformed id', (c) => c.sobject('Account').update({ Id: 'x', Name: 'y' }), 'MALFORMED_ID'],
  ['no SOQL', (c) => c.query('SELECT FROM'), 'MALFORMED_QUERY'],
  ['unknown locator', (c) => c.queryMore(`/services/data/v${apiVersion}/query/01gxx00000ZZZZZAAA-2000`), 'INVALID_QUERY_LOCATOR'],
];
for (const [name, call, code] of errors) {
  test(`error: ${name} is ${code}`, async () => {
    assert.equal((await refusal(call(await connect()))).errorCode, code);
  });
}

test('a busy org is asked again, a write is not', async () => {
  const conn = await connect();
  await control('DELETE', '/sandbox/log');
  await fault({ path: '/services/data', status: 503, times: 1 });
  assert.ok((await conn.query('SELECT Id FROM Account')).totalSize > 0);
  assert.equal((await calls()).length, 2);
  await control('DELETE', '/sandbox/log');
  await fault({ path: '/services/data', method: 'POST', status: 503, times: 1 });
  assert.equal((await refusal(conn.sobject('Account').create({ Name: 'Never' }))).errorCode, 'SERVER_UNAVAILABLE');
  assert.equal((await calls()).length, 1);
});

test('what changed, sums of money, and an address that is too long', async () => {
  const conn = await connect();
  const made = await conn.sobject('Account').create({ Name: '  Koa Boats  ' });
  const hour = 3600000, from = new Date(Date.now() - hour), to = new Date(Date.now() + hour);
  const updated = await conn.sobject('Account').updated(from, to);
  assert.ok(updated.ids.includes(made.id));
  await conn.sobject('Account').destroy(made.id);
  const deleted = await conn.sobject('Account').deleted(from, to);
  assert.ok(deleted.deletedRecords.some((r) => r.id === made.id));
  assert.deepEqual(await conn.recent(5), []);
  const deals = [0.1, 0.2].map((Amount) => ({ Name: 'Cents', StageName: 'Prospecting', CloseDate: '2026-01-01', Amount }));
  const results = await conn.sobject('Opportunity').create(deals);
  const sum = await conn.query("SELECT SUM(Amount) s FROM Opportunity WHERE Name = 'Cents' GROUP BY Name HAVING SUM(Amount) = 0.3");
  assert.equal(sum.records[0].s, 0.3);
  await conn.sobject('Opportunity').destroy(results.map((r) => r.id));
  assert.equal((await refusal(conn.query(`SELECT Id FROM Account WHERE Name = '${'a'.repeat(21000)}'`))).name, 'ERROR_HTTP_414');
});

await run(async () => {
  await control('DELETE', '/sandbox/faults');
});
