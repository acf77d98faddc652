// commands.mjs - the commands of commands.json. Heroku's own plugin could not be had from the npm registry when this was written, so
// this one asks the same API the same things; the Heroku CLI itself, its parser of flags and its session are the real ones.
import { APIClient, Command, flags } from '@heroku-cli/command';
import * as hux from '@heroku/heroku-cli-util/hux';
import { Args, ux } from '@oclif/core';
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { zip } from '../zip.mjs';

const table = JSON.parse(fs.readFileSync(new URL('commands.json', import.meta.url)));

// The add-on of an app as a function: call(method, path, body).
async function addonOf(command, app, wanted) {
    const heroku = command.heroku;
    const [{ body: info }, { body: addons }, { body: config }] = await Promise.all(
        ['', '/addons', '/config-vars'].map(part => heroku.get(`/apps/${app}${part}`)),
    );
    const mine = addons.filter(a => a.addon_service.name === 'heroku-applink' && (!wanted || [a.id, a.name].includes(wanted)));
    if (mine.length !== 1)
        ux.error(mine.length ? 'The app has several AppLink add-ons; say which with --addon.' : `There is no AppLink add-on on ${app}.`, {
            exit: 1,
        });
    const [addon] = mine,
        value = end => config[addon.config_vars.find(name => name.endsWith(end))];
    if (!value('API_URL') || !value('TOKEN')) ux.error('The AppLink add-on is not provisioned yet.', { exit: 1 });
    const { body: sso } = await heroku.get(`/apps/${app}/addons/${addon.id}/sso`, {
        headers: { Accept: 'application/vnd.heroku+json; version=3.sdk' },
    });
    const client = new APIClient(command.config),
        headers = {
            accept: 'application/json',
            authorization: `Bearer ${value('TOKEN')}`,
            'x-app-uuid': info.id,
            'x-addon-sso': Buffer.from(JSON.stringify(sso)).toString('base64'),
        };
    client.defaults.host = new URL(value('API_URL')).hostname;
    return {
        info,
        addon,
        headers,
        host: client.defaults.host,
        call: async (method, rest, body) => (await client[method](`/addons/${addon.id}${rest}`, { headers, body, retryAuth: false })).body,
    };
}

const words = status => status.replaceAll('_', ' ');
async function until(pending, first, again) {
    let got = first;
    while (pending(got.status)) {
        await new Promise(resolve => setTimeout(resolve, 5000));
        got = await again();
        ux.action.status = words(got.status);
    }
    ux.action.stop(words(got.status));
    return got;
}
async function browser(url, name) {
    process.stderr.write(`Opening browser to ${url}\n`);
    await hux.anykey('Press any key to open up the browser, or q to exit');
    spawn(name ?? 'xdg-open', [url], { stdio: 'ignore', detached: true }).unref();
}
const connect =
    kind =>
    async ({ args, flags: given, addon }) => {
        const made = await addon.call('post', `/connections/${kind}`, {
            connection_name: args.connection_name,
            login_url: given['login-url'],
        });
        await browser(made.redirect_uri, given.browser);
        ux.action.start(`Connecting ${args.connection_name} to ${given.app}`);
        const got = await until(
            s => ['pending', 'authenticating', 'authenticated', 'connecting'].includes(s),
            made,
            () => addon.call('get', `/connections/${made.id}`),
        );
        if (got.status !== 'connected') ux.error(words(got.status), { exit: 1 });
    };
const disconnect = async ({ args, flags: given, addon }) => {
    const name = args.connection_name,
        entered = given.confirm ?? (await hux.prompt(`To proceed, type ${name} or use --confirm ${name}`, { required: true }));
    if (entered !== name) ux.error(`Confirmation did not match ${name}.`, { exit: 1 });
    ux.action.start(`Disconnecting ${name}`);
    const got = await addon.call('delete', `/connections/${name}`);
    if (got.status !== 'disconnecting') ux.error(words(got.status), { exit: 1 });
    ux.action.stop('Disconnected');
};

async function publish({ args, flags: given, addon }) {
    const file = args.api_spec_file_dir,
        kind = path.extname(file).toLowerCase();
    if (!fs.existsSync(file)) ux.error(`There is no ${file}.`, { exit: 1 });
    if (!['.json', '.yaml', '.yml'].includes(kind)) ux.error('The document must be .json, .yaml or .yml.', { exit: 1 });
    const files = { [kind === '.json' ? 'api-spec.json' : 'api-spec.yaml']: fs.readFileSync(file) };
    for (const [name, flag] of [
        ['connectedapp-meta.xml', 'authorization-connected-app-name'],
        ['permissionset-meta.xml', 'authorization-permission-set-name'],
    ]) {
        const inside = given['metadata-dir'] && path.join(given['metadata-dir'], name);
        if (!inside || !fs.existsSync(inside)) continue;
        if (given[flag]) ux.error(`Either ${name} or --${flag}, not both.`, { exit: 1 });
        files[name] = fs.readFileSync(inside);
    }
    const parts = new FormData();
    parts.append('metadata', new Blob([zip(files)], { type: 'application/zip' }));
    parts.append(
        'app_request',
        new Blob(
            [
                JSON.stringify({
                    client_name: given['client-name'],
                    authorization_connected_app_name: given['authorization-connected-app-name'],
                    authorization_permission_set_name: given['authorization-permission-set-name'],
                    authorization_external_client_app_name: given['authorization-external-client-app-name'],
                }),
            ],
            { type: 'application/json' },
        ),
    );
    ux.action.start(`Publishing ${given.app} to ${given['connection-name']} as ${given['client-name']}`);
    const got = await fetch(`https://${addon.host}/addons/${addon.addon.id}/connections/salesforce/${given['connection-name']}/apps`, {
        method: 'POST',
        headers: addon.headers,
        body: parts,
    });
    if (got.status !== 201) ux.error((await got.json()).message, { exit: 1 });
    ux.action.stop();
}

const work = {
    'salesforce:connect': connect('salesforce'),
    'datacloud:connect': connect('datacloud'),
    'salesforce:disconnect': disconnect,
    'datacloud:disconnect': disconnect,
    'salesforce:publish': publish,
    'salesforce:publications': async ({ flags: given, addon }) => {
        const list = [];
        for (const c of await addon.call('get', '/connections'))
            if (c.type === 'SalesforceOrg' && c.status === 'connected')
                list.push(...(await addon.call('get', `/connections/salesforce/${c.salesforce_org.org_name}/apps/${addon.info.id}`)));
        if (!list.length) ux.stdout(`${given.app} is not published yet.`);
        for (const row of list) ux.stdout(`${row.connection_name}  ${row.org_id}  ${row.created_at}  ${row.created_by}`);
    },
    'applink:connections': async ({ addon }) => {
        for (const c of await addon.call('get', '/connections')) ux.stdout(`${c.org.connection_name}  ${c.type}  ${c.status}`);
    },
    'salesforce:authorizations:add': async ({ args, flags: given, addon }) => {
        const made = await addon.call('post', '/authorizations/salesforce', {
            developer_name: args.developer_name,
            login_url: given['login-url'],
        });
        await browser(made.redirect_uri, given.browser);
        ux.stdout(`${args.developer_name}: ${made.status}`);
    },
    'datacloud:data-action-target:create': async ({ args, flags: given, addon }) => {
        const name = given['api-name'] ?? args.label.replaceAll(' ', '_'),
            base = `/connections/datacloud/${given['connection-name']}/data_action_targets`;
        ux.action.start(`Creating ${args.label} as data action target ${given.type} of ${given['connection-name']}`);
        const made = await addon.call('post', base, {
            api_name: name,
            label: args.label,
            target_endpoint: given['target-api-path'],
            type: given.type,
        });
        const got = await until(
            s => !['created', 'creation_failed'].includes(s),
            made,
            () => addon.call('get', `${base}/${name}`),
        );
        if (got.status !== 'created') ux.error(words(got.status), { exit: 1 });
    },
};

export const COMMANDS = Object.fromEntries(
    Object.entries(table).map(([id, { args = [], flags: own = {} }]) => [
        id,
        class extends Command {
            static id = id;
            static description = 'see commands.json';
            static args = Object.fromEntries(args.map(name => [name, Args.string({ required: true })]));
            static flags = {
                addon: flags.string(),
                app: flags.app({ required: true }),
                remote: flags.remote(),
                ...Object.fromEntries(Object.entries(own).map(([name, options]) => [name, flags.string(options)])),
            };
            async run() {
                const given = await this.parse(this.constructor);
                if (!work[id]) ux.error(`the stand-in does not run ${id}`, { exit: 1 });
                await work[id]({ ...given, addon: await addonOf(this, given.flags.app, given.flags.addon) });
            }
        },
    ]),
);
