// soap.mjs - the two SOAP services of an org that `sf` uses: the Metadata API (deploy, checkDeployStatus) and anonymous Apex.
import { answer, Refused } from './http.mjs';
import { deploy } from './deploys.mjs';

const inner = (text, name) => (text.match(new RegExp(`<(?:\\w+:)?${name}(?: [^>]*)?>([\\s\\S]*?)</(?:\\w+:)?${name}>`)) ?? [])[1];
const escape = text => String(text).replace(/[<>&"]/g, c => `&#${c.charCodeAt(0)};`);
const plain = text =>
    text.replace(
        /&(lt|gt|amp|quot|apos|#\d+);/g,
        (_, n) => ({ lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" })[n] ?? String.fromCharCode(n.slice(1)),
    );
const element = (name, value) => (value === null ? `<${name} xsi:nil="true"/>` : `<${name}>${escape(value)}</${name}>`);
const elements = fields =>
    Object.entries(fields)
        .map(([name, value]) => element(name, value))
        .join('');
const envelope = (body, header = '') =>
    answer(
        200,
        `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${header}<soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`,
        { 'Content-Type': 'text/xml; charset=utf-8' },
    );

const metadataNamespace = 'xmlns="http://soap.sforce.com/2006/04/metadata"',
    apexNamespace = 'xmlns="http://soap.sforce.com/2006/08/apex"';
const began = '2026-01-01T00:00:00.000Z';

function message(key, problem) {
    const [type, name] = key.includes(':') ? key.split(/:(.*)/s) : ['', key];
    const tag = problem ? 'componentFailures' : 'componentSuccesses';
    const fields = { changed: !problem, componentType: type, created: !problem, createdDate: began, deleted: false, fileName: name, fullName: name };
    if (problem) Object.assign(fields, { problem, problemType: 'Error' });
    return `<${tag}>${elements({ ...fields, success: !problem })}</${tag}>`;
}

function status(d) {
    const ok = !d.failures.length,
        n = d.tests.length;
    const tests = d.tests
        .map(name => `<successes>${elements({ id: '01pxx', methodName: 'all', name, namespace: null, time: '1.0' })}</successes>`)
        .join('');
    const details =
        d.successes.map(key => message(key)).join('') +
        d.failures.map(([key, problem]) => message(key, problem)).join('') +
        `<runTestResult><numFailures>0</numFailures><numTestsRun>${n}</numTestsRun>${tests}<totalTime>1.0</totalTime></runTestResult>`;
    const fields = elements({
        checkOnly: false,
        completedDate: began,
        createdBy: '005',
        createdDate: began,
        done: true,
        id: d.id,
        ignoreWarnings: false,
        numberComponentErrors: d.failures.length,
        numberComponentsDeployed: d.successes.length,
        numberComponentsTotal: d.successes.length + d.failures.length,
        numberTestErrors: 0,
        numberTestsCompleted: n,
        numberTestsTotal: n,
        rollbackOnError: true,
        runTestsEnabled: n > 0,
        startDate: began,
        status: ok ? 'Succeeded' : 'Failed',
        success: ok,
    });
    return envelope(
        `<checkDeployStatusResponse ${metadataNamespace}><result><details>${details}</details>${fields}</result></checkDeployStatusResponse>`,
    );
}

// Apex cannot run here. Understood is `System.debug(Class.method([query].Id, constants...))` of a deployed class whose method calls one
// operation of a published client: the operation is called with the method's parameters as its input.
async function anonymous(org, code, accessToken, log) {
    const call = code.match(/^\s*System\.debug\((\w+)\.(\w+)\(\[(SELECT [^\]]+)\]\.Id((?:,\s*\w+)*)\)\);\s*$/i);
    if (!call) throw new Error('the stand-in does not understand this Apex');
    const [, className, method, soql, rest] = call,
        text = org.text(`ApexClass:${className}`);
    if (!text) throw new Error(`Variable does not exist: ${className}`);
    const names = text
        .match(new RegExp(`static \\w+ ${method}\\(([^)]*)\\)`))?.[1]
        .split(',')
        .map(p => p.trim().split(' ')[1]);
    const client = text.match(/new HerokuAppLink\.(\w+)\(\)/)?.[1],
        operation = text.match(/service\.(\w+)\(request\)/)?.[1];
    if (!names || !client || !operation) throw new Error(`Method does not exist: ${className}.${method}`);
    const [record] = await org.query(soql);
    if (!record) throw new Error('List has no rows for assignment to SObject');
    const values = [
        record.Id,
        ...rest
            .split(',')
            .slice(1)
            .map(v => JSON.parse(v)),
    ];
    const got = await org.call(client, operation, Object.fromEntries(names.map((name, i) => [name, values[i]])), accessToken);
    log(`${operation} said ${JSON.stringify(got.body).slice(0, 200)}`);
    if (got.status !== 200) throw new Error(`${operation}: ${got.status} ${got.body.code}: ${got.body.message}`);
    return got.body.summary;
}

export function soapRoutes({ org, work, log }) {
    const deployments = new Map();
    return {
        'POST /services/Soap/m/:version': async ({ body }) => {
            const text = body.toString(),
                known = deployments.get(inner(text, 'asyncProcessId'));
            if (known) return status(known);
            const zip = inner(text, 'ZipFile'),
                options = inner(text, 'DeployOptions') ?? '',
                testLevel = inner(options, 'testLevel');
            if (!zip) throw new Refused(500, 'the stand-in knows deploy and checkDeployStatus only');
            const tests = [...options.matchAll(/<(?:\w+:)?runTests(?: [^>]*)?>(.*?)</g)].map(m => m[1]);
            const id = `0Afxx000000${String(deployments.size + 1).padStart(4, '0')}AAA`;
            const result = deploy(org, Buffer.from(zip, 'base64'), { testLevel, tests, folder: `${work}/deployed` });
            await org.settle();
            deployments.set(id, { ...result, id });
            const told = result.failures.map(f => f.join(' ')).join('; ') || 'none';
            log(`deployment ${id}: ${result.successes.length} components, ${tests.length} tests; faults: ${told}`);
            return envelope(
                `<deployResponse ${metadataNamespace}><result>${elements({ done: false, id, state: 'Queued' })}</result></deployResponse>`,
            );
        },
        'POST /services/Soap/s/:version/:org': async ({ body }) => {
            const text = body.toString(),
                debug = [];
            let problem = null;
            try {
                debug.push(`USER_DEBUG|[1]|DEBUG|${await anonymous(org, plain(inner(text, 'apexcode')), inner(text, 'sessionId'), log)}`);
            } catch (error) {
                problem = error.message;
            }
            return envelope(
                `<executeAnonymousResponse ${apexNamespace}><result>${elements({
                    column: problem ? 1 : -1,
                    compileProblem: problem,
                    compiled: !problem,
                    exceptionMessage: null,
                    exceptionStackTrace: null,
                    line: problem ? 1 : -1,
                    success: !problem,
                })}</result></executeAnonymousResponse>`,
                `<soapenv:Header><DebuggingInfo ${apexNamespace}><debugLog>${escape(debug.join('\n'))}</debugLog></DebuggingInfo></soapenv:Header>`,
            );
        },
    };
}
