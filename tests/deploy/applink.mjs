// applink.mjs - the AppLink add-on: its management API, which the CLI's plugin calls, and the calls of a running app, which the
// project's sandbox answers. A connection is there once its page has been opened in a browser.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { answer, ask, forward, Refused, site } from './http.mjs';
import { unzip } from './zip.mjs';

const names = /^(?=.{3,30}$)[A-Za-z](_?[A-Za-z0-9])*$/;
const refuse = (status, id, message) => {
    throw new Refused(status, { id, message });
};

// The parts of a multipart body by name.
function multipart(request, body) {
    const boundary =
        request.headers['content-type']?.match(/boundary=(.*)$/)?.[1] ?? refuse(400, 'bad_request', 'The request has no parts.');
    const parts = {},
        mark = Buffer.from(`--${boundary}`);
    for (let at = body.indexOf(mark), next; (next = body.indexOf(mark, at + mark.length)) >= 0; at = next) {
        const head = body.indexOf('\r\n\r\n', at),
            name = body.toString('utf8', at, head).match(/name="([^"]+)"/)?.[1];
        parts[name] = body.subarray(head + 4, next - 2);
    }
    return parts;
}

export function makeAppLink({ platform, org, sandbox, work, addonToken, log }) {
    const connections = [],
        authorizations = [],
        targets = [];
    // which app's add-on this is; the CLI proves by three headers that it may ask
    function asked({ params, request }, { sso = true } = {}) {
        const app = [...platform.apps.values()].find(a =>
            a.addons.some(addon => addon.id === params.addon && addon.state === 'provisioned'),
        );
        if (!app) refuse(404, 'record_not_found', 'There is no such add-on.');
        if (request.headers.authorization !== `Bearer ${addonToken}`) refuse(401, 'unauthorized', 'The token is not that of the add-on.');
        if (request.headers['x-app-uuid'] !== app.info.id) refuse(401, 'unauthorized', 'x-app-uuid is not the app.');
        const proof = sso && JSON.parse(Buffer.from(request.headers['x-addon-sso'] ?? 'e30=', 'base64').toString());
        if (sso && proof.id !== params.addon) refuse(401, 'unauthorized', 'x-addon-sso is not of this add-on.');
        return app;
    }
    const opened = (kind, id) => `https://api.applink.heroku.com/oauth/${kind}/${id}`;
    const connectionOf = (name, type) =>
        connections.find(c => c.name === name && c.type === type) ?? refuse(404, 'record_not_found', `There is no connection ${name}.`);
    const shown = c => ({
        id: c.id,
        status: c.status,
        type: c.type,
        redirect_uri: opened('connections', c.id),
        created_at: c.at,
        created_by: 'you@example.com',
        org: {
            id: '00Dxx0000001gPLEAY',
            instance_url: org.domain,
            connection_name: c.name,
            org_name: c.name,
            run_as_user: 'admin@example.com',
            type: c.type,
        },
        [c.type === 'SalesforceOrg' ? 'salesforce_org' : 'datacloud_org']: {
            id: '00Dxx0000001gPLEAY',
            instance_url: org.domain,
            org_name: c.name,
            run_as_user: 'admin@example.com',
        },
    });
    const connect = type => call => {
        const app = asked(call),
            name = call.json().connection_name;
        if (!names.test(name ?? ''))
            refuse(422, 'invalid_params', 'connection_name: 3 to 30 letters, digits and single underscores, beginning with a letter.');
        if (connections.some(c => c.name === name)) refuse(422, 'invalid_params', `The connection ${name} exists already.`);
        const made = { id: randomUUID(), name, type, app, status: 'authenticating', at: new Date().toISOString() };
        connections.push(made);
        return answer(201, shown(made));
    };
    const authorizationShown = a => ({
        id: a.id,
        developer_name: a.name,
        status: a.status,
        redirect_uri: opened('authorizations', a.id),
        created_at: a.at,
        last_modified_at: a.at,
        created_by: 'you@example.com',
        last_modified_by: 'you@example.com',
        org: { id: '00Dxx0000001gPLEAY', instance_url: org.domain, org_name: a.name, username: 'admin@example.com', type: 'SalesforceOrg' },
    });
    const publications = new Map();

    const routes = {
        'POST /addons/:addon/connections/salesforce': connect('SalesforceOrg'),
        'POST /addons/:addon/connections/datacloud': connect('DatacloudOrg'),
        'GET /addons/:addon/connections': call => {
            asked(call);
            return connections.map(shown);
        },
        'GET /addons/:addon/connections/:id': call => {
            asked(call);
            return shown(
                connections.find(c => [c.id, c.name].includes(call.params.id)) ??
                    refuse(404, 'record_not_found', 'There is no such connection.'),
            );
        },
        'DELETE /addons/:addon/connections/:id': call => {
            asked(call);
            const i = connections.findIndex(c => [c.id, c.name].includes(call.params.id));
            if (i < 0) refuse(404, 'record_not_found', 'There is no such connection.');
            const [gone] = connections.splice(i, 1);
            publications.delete(gone.name);
            return { ...shown(gone), status: 'disconnecting' };
        },
        'GET /oauth/connections/:id': ({ params }) => {
            connections.find(c => c.id === params.id).status = 'connected';
            return answer(200, 'Connected.');
        },
        'GET /oauth/authorizations/:id': ({ params }) => {
            authorizations.find(a => a.id === params.id).status = 'authorized';
            return answer(200, 'Authorized.');
        },
        'POST /addons/:addon/authorizations/salesforce': call => {
            asked(call);
            const name = call.json().developer_name;
            if (!names.test(name ?? ''))
                refuse(422, 'invalid_params', 'developer_name: 3 to 30 letters, digits and single underscores, beginning with a letter.');
            const made = { id: randomUUID(), name, status: 'authorizing', at: new Date().toISOString() };
            authorizations.push(made);
            return answer(201, authorizationShown(made));
        },
        'GET /addons/:addon/connections/salesforce/:name/apps/:app': call => {
            asked(call);
            connectionOf(call.params.name, 'SalesforceOrg');
            return publications.get(call.params.name) ?? [];
        },
        'POST /addons/:addon/connections/salesforce/:name/apps': async call => {
            const app = asked(call),
                connection = connectionOf(call.params.name, 'SalesforceOrg');
            if (connection.status !== 'connected') refuse(422, 'invalid_params', 'The connection is not connected.');
            const parts = multipart(call.request, call.body),
                wish = JSON.parse(parts.app_request),
                files = unzip(parts.metadata),
                text = files.get('api-spec.json');
            if (!text) refuse(422, 'invalid_params', 'The document is missing or is no JSON.');
            const document = JSON.parse(text);
            if (!/^3\.0\.\d+$/.test(document.openapi)) refuse(422, 'invalid_params', `OpenAPI ${document.openapi} is not supported.`);
            if (!/^[A-Za-z](_?[A-Za-z0-9])*$/.test(wish.client_name)) refuse(422, 'invalid_params', 'The client name is no API name.');
            await org.publish(wish.client_name, document, {
                app: app.info,
                permissionSet: wish.authorization_permission_set_name,
                externalClientApp: wish.authorization_external_client_app_name,
            });
            fs.mkdirSync(`${work}/published`, { recursive: true });
            fs.writeFileSync(`${work}/published/${wish.client_name}.json`, text);
            const at = new Date().toISOString();
            publications.set(connection.name, [
                {
                    connection_name: connection.name,
                    org_id: '00Dxx0000001gPLEAY',
                    created_at: at,
                    created_by: 'you@example.com',
                    last_modified_at: at,
                    last_modified_by: 'you@example.com',
                },
            ]);
            return answer(201, { id: randomUUID(), status: 'imported', client_name: wish.client_name });
        },
        'POST /addons/:addon/connections/datacloud/:name/data_action_targets': async call => {
            const app = asked(call),
                wish = call.json();
            if (connectionOf(call.params.name, 'DatacloudOrg').status !== 'connected')
                refuse(422, 'invalid_params', 'The connection is not connected.');
            if (!names.test(wish.label) || !names.test(wish.api_name) || wish.type !== 'webhook' || !/^\//.test(wish.target_endpoint))
                refuse(422, 'invalid_params', 'label, api_name, target_endpoint or type is wrong.');
            await ask(`${sandbox}/sandbox/data-action-targets`, {
                method: 'POST',
                headers: { 'content-type': 'application/json' },
                body: JSON.stringify({ apiName: wish.api_name }),
            });
            const made = { id: randomUUID(), ...wish, status: 'creating', url: new URL(wish.target_endpoint, app.info.web_url).href };
            targets.push(made);
            fs.writeFileSync(`${work}/targets.json`, JSON.stringify(targets));
            return answer(201, made);
        },
        'GET /addons/:addon/connections/datacloud/:name/data_action_targets/:target': call => {
            asked(call);
            const target =
                targets.find(t => t.api_name === call.params.target) ?? refuse(404, 'record_not_found', 'There is no such target.');
            target.status = 'created';
            return target;
        },
    };
    // what a running app asks its add-on
    const otherwise = async (request, response) => {
        request.url = request.url.replace(/^\/addons\/[^/]+/, '/addons/sandbox');
        await forward(sandbox, request, response);
    };
    return { site: site(routes, { log, otherwise }) };
}
