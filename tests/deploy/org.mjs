// org.mjs - the parts of a Salesforce org that `sf` and AppLink need and the project's sandbox lacks: what was deployed and published,
// permission sets, session-based activation, a call of a published operation. Records and SOQL are the sandbox's (docs/org.md).
import { ask, bodyOf, forward, Refused, site } from './http.mjs';
import { soapRoutes } from './soap.mjs';

export const domain = 'https://acme.my.salesforce.com';
const userId = '005xx000001X8UzAAK';
const form = { 'content-type': 'application/x-www-form-urlencoded' };

export async function makeOrg({ sandbox, work, log }) {
    const components = new Map(),
        clients = new Map(),
        arriving = [];
    // PlatformCLI is the client of `sf org login web`. It has no secret; the sandbox wants one, which is added on the way.
    await ask(`${sandbox}/sandbox/apps`, { method: 'POST', body: JSON.stringify({ clientId: 'PlatformCLI', clientSecret: 'none' }) });
    const logged = await ask(`${sandbox}/services/oauth2/token`, {
        method: 'POST',
        headers: form,
        body: 'grant_type=client_credentials&client_id=sandbox-client&client_secret=sandbox-secret',
    });
    const admin = JSON.parse(logged.body).access_token;

    async function rest(method, path, body) {
        const got = await ask(`${sandbox}/services/data/v62.0${path}`, {
            method,
            body: body ? JSON.stringify(body) : '',
            headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
        });
        if (got.status >= 300) throw new Refused(got.status, JSON.parse(got.body));
        return got.body.length ? JSON.parse(got.body) : null;
    }
    const query = async soql => (await rest('GET', `/query?q=${encodeURIComponent(soql)}`)).records;

    async function savePermissionSet(name, sessionBased) {
        const [old] = await query(`SELECT Id FROM PermissionSet WHERE Name = '${name}'`);
        await rest(old ? 'PATCH' : 'POST', `/sobjects/PermissionSet${old ? `/${old.Id}` : ''}`, {
            Name: name,
            Label: name,
            HasActivationRequired: sessionBased,
        });
    }
    const isSessionBased = name => /<hasActivationRequired>true</.test(components.get(`PermissionSet:${name}`) ?? '');
    const assigned = async name =>
        (await query(`SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '${userId}' AND PermissionSet.Name = '${name}'`)).length >
        0;
    const refuse = message => {
        throw new Refused(422, { message });
    };

    const org = {
        domain,
        query,
        has: key => components.has(key) || key === 'CustomObject:Campaign',
        text: key => components.get(key),
        keep(key, text) {
            components.set(key, text);
            if (key.startsWith('PermissionSet:')) arriving.push(() => savePermissionSet(key.slice(14), isSessionBased(key.slice(14))));
        },
        // resolves when the records of what was kept are there
        async settle() {
            for (const step of arriving.splice(0)) await step();
        },

        // What publishing brings: the client, its operations, and a permission set of its name.
        async publish(client, document, { app, permissionSet, externalClientApp }) {
            if (externalClientApp && !org.has(`ExternalClientApplication:${externalClientApp}`))
                refuse(`the org has no External Client App ${externalClientApp}`);
            if (permissionSet && !org.has(`PermissionSet:${permissionSet}`)) refuse(`the org has no permission set ${permissionSet}`);
            if (permissionSet && !isSessionBased(permissionSet)) refuse(`the permission set ${permissionSet} is not session-based`);
            for (const [path, item] of Object.entries(document.paths)) {
                for (const { operationId, 'x-sfdc': extension } of Object.values(item).filter(o => o.operationId)) {
                    const named = extension?.heroku?.authorization ?? {};
                    if (named.permissionSet && named.permissionSet !== permissionSet)
                        refuse(`${operationId} names the permission set ${named.permissionSet}, the request ${permissionSet}`);
                    if (named.externalClientApp && named.externalClientApp !== externalClientApp)
                        refuse(`${operationId} names the app ${named.externalClientApp}, the request ${externalClientApp}`);
                    components.set(`Operation:${client}.${operationId}`, path);
                }
            }
            components.set(`Client:${client}`, '');
            clients.set(client, app);
            await savePermissionSet(client, false);
        },

        // A call of a published operation as Salesforce makes it: signed by the org, with the user's session, to the app's own address.
        async call(client, operation, input, accessToken) {
            const path = components.get(`Operation:${client}.${operation}`);
            if (!path) throw new Error(`HerokuAppLink.${client} has no operation ${operation}`);
            if (!(await assigned(client))) throw new Error(`the user does not have the permission set ${client}`);
            const app = clients.get(client);
            const signed = await ask(`${sandbox}/sandbox/sign`, {
                method: 'POST',
                headers: { 'content-type': 'application/json' },
                body: JSON.stringify({ orgDomainUrl: domain, accessToken, appUuid: app.id, userId, username: 'admin@example.com' }),
            });
            const got = await fetch(new URL(path, app.web_url), {
                method: 'POST',
                signal: AbortSignal.timeout(30000),
                body: JSON.stringify(input),
                headers: { ...JSON.parse(signed.body), 'content-type': 'application/json' },
            });
            log(`salesforce called ${operation}: ${got.status}`);
            return { status: got.status, body: await got.json() };
        },
    };

    // A permission set joins a session only when it is session-based and the user has it.
    async function mayActivate(bytes) {
        const { PermissionSetId, AuthSessionId } = JSON.parse(bytes);
        const [set] = await query(`SELECT Name, HasActivationRequired FROM PermissionSet WHERE Id = '${PermissionSetId}'`);
        const [session] = await query(`SELECT Id FROM AuthSession WHERE Id = '${AuthSessionId}' AND IsCurrent = true`);
        if (!set?.HasActivationRequired || !session || !(await assigned(set.Name)))
            throw new Refused(400, [
                {
                    errorCode: 'FIELD_INTEGRITY_EXCEPTION',
                    message: 'The permission set cannot be activated for this session.',
                    fields: ['PermissionSetId'],
                },
            ]);
    }
    // sf asks for the types of the columns before it prints a table
    const columns = soql => ({
        columnMetadata: soql
            .match(/^\s*select\s+(.*?)\s+from\s/is)[1]
            .split(',')
            .map(name => ({
                aggregate: false,
                apexType: 'String',
                booleanType: false,
                columnName: name.trim(),
                custom: name.includes('__c'),
                displayName: name.trim(),
                foreignKeyName: null,
                insertable: true,
                joinColumns: [],
                numberType: false,
                textType: true,
                updatable: true,
            })),
        entityName: '',
        groupBy: false,
        idSelected: true,
        keyPrefix: '',
    });

    org.site = site(soapRoutes({ org, work, log }), {
        log,
        otherwise: async (request, response) => {
            let bytes = await bodyOf(request);
            const url = new URL(request.url, domain);
            if (url.pathname.endsWith('/oauth2/token') && bytes.includes('client_id=PlatformCLI'))
                bytes = Buffer.from(`${bytes}&client_secret=none`);
            if (url.searchParams.get('columns') === 'true') {
                const body = JSON.stringify(columns(url.searchParams.get('q')));
                return response.writeHead(200, { 'Content-Type': 'application/json' }).end(body);
            }
            try {
                if (request.method === 'POST' && url.pathname.endsWith('/sobjects/SessionPermSetActivation')) await mayActivate(bytes);
            } catch (error) {
                return response
                    .writeHead(error.status ?? 500, { 'Content-Type': 'application/json' })
                    .end(JSON.stringify(error.body ?? [{ message: error.message }]));
            }
            await forward(sandbox, request, response, { bytes, change: text => text.replaceAll(sandbox, domain) });
        },
    });
    return org;
}
