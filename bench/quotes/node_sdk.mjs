// node_sdk.mjs - the algorithm of Salesforce's published Node sample, by its real SDK: one query, then every Quote with its lines in
// unit of work. As published, that is one unit for the whole job (one composite graph); `graphs` of at most 500 nodes, one after the
// other, is what an org lets through. Prints seconds; a refusal in the org's words is no crash but the result.
import { init, parseRequest } from '@heroku/applink';

const [sandbox, variant] = process.argv.slice(2);
const NODES = variant === 'graphs' ? 500 : Infinity;
const signed = await (await fetch(`${sandbox}/sandbox/sign`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })).json();
init();
const data = parseRequest(signed, {}, null).context.org.dataApi;

async function everything(soql) {
  let page = await data.query(soql);
  const rows = [...page.records];
  while (!page.done) {
    page = await data.queryMore(page);
    rows.push(...page.records);
  }
  return rows;
}

const begun = process.hrtime.bigint();
const deals = await everything(`SELECT Id, Name, CloseDate, Pricebook2Id, (SELECT Id, Product2Id, Quantity, UnitPrice, PricebookEntryId
  FROM OpportunityLineItems) FROM Opportunity WHERE StageName = 'Prospecting'`.replace(/\s+/g, ' '));
let unit = data.newUnitOfWork();
let nodes = 0;
let refused = '';

async function commit() {
  if (nodes === 0 || refused) return;
  try {
    await data.commitUnitOfWork(unit);
  } catch (error) {
    refused = String(error?.message ?? error).replace(/\s+/g, ' ').slice(0, 160);
  }
  unit = data.newUnitOfWork();
  nodes = 0;
}

for (const { fields, subQueryResults } of deals) {
  const lines = subQueryResults?.OpportunityLineItems?.records ?? [];
  if (lines.length === 0) continue;
  if (nodes + 1 + lines.length > NODES) await commit();
  const quote = unit.registerCreate({ type: 'Quote', fields: { Name: 'New Quote', OpportunityId: fields.Id, Pricebook2Id: fields.Pricebook2Id } });
  for (const line of lines) {
    unit.registerCreate({
      type: 'QuoteLineItem',
      fields: { QuoteId: quote.toApiString(), PricebookEntryId: line.fields.PricebookEntryId, Quantity: line.fields.Quantity, UnitPrice: line.fields.UnitPrice * 0.9 },
    });
  }
  nodes += 1 + lines.length;
}
await commit();
if (refused) console.error(`refused: ${refused}`);
console.log((Number(process.hrtime.bigint() - begun) / 1e9).toFixed(2));
