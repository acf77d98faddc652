// heroku.mjs - the Heroku platform API as far as the commands of docs/deploy.md ask it: apps, add-ons, config vars, releases, dynos, logs.
import { randomUUID } from 'node:crypto';
import { answer, Refused, site } from './http.mjs';

export const owner = { id: randomUUID(), email: 'you@example.com', name: 'You' };
const missing = what => new Refused(404, { id: 'not_found', message: `Couldn't find that ${what}.` });
const invalid = message => new Refused(422, { id: 'invalid_params', message });

export function makePlatform({ token, addonToken, dynos, log, onChange = () => {} }) {
    const apps = new Map(),
        sessions = new Map();
    const find = name =>
        apps.get(name) ??
        [...apps.values()].find(a => a.info.id === name) ??
        (() => {
            throw missing('app');
        })();

    // Each change of code or settings is a release; the current one is what the dynos run.
    function release(app, description, change = {}) {
        const last = app.releases.at(-1);
        const made = {
            id: randomUUID(),
            version: (last?.version ?? 0) + 1,
            description,
            status: 'succeeded',
            current: true,
            created_at: new Date().toISOString(),
            updated_at: new Date().toISOString(),
            user: { email: owner.email, id: owner.id },
            app: { name: app.info.name, id: app.info.id },
            slug: null,
            config: { ...app.config },
            build: last?.build ?? null,
            ...change,
        };
        made.eligible_for_rollback = Boolean(made.build);
        made.slug = made.build ? { id: made.build.id } : null;
        if (last) last.current = false;
        app.config = { ...made.config };
        app.releases.push(made);
        dynos.run(app, made);
        onChange(app);
        return made;
    }
    const shown = ({ config, build, ...rest }) => rest;
    const addonShown = ({ app, addon }) => ({
        id: addon.id,
        name: addon.name,
        state: addon.state,
        app: { id: app.info.id, name: app.info.name },
        addon_service: { name: 'heroku-applink', id: randomUUID() },
        plan: { name: 'heroku-applink:standard', id: randomUUID(), price: { cents: 0, unit: 'month', contract: false } },
        config_vars: addon.state === 'provisioned' ? Object.keys(addon.config) : [],
        billed_price: { cents: 0, unit: 'month', contract: false },
        created_at: addon.created_at,
        updated_at: addon.created_at,
        web_url: null,
        provider_id: addon.id,
        attachments: [],
    });
    const addonOf = (app, name) =>
        app.addons.find(a => a.id === name || a.name === name) ??
        (() => {
            throw missing('add-on');
        })();

    const routes = {
        'GET /account': () => ({ ...owner, two_factor_authentication: true, verified: true }),
        'POST /apps': ({ json }) => {
            const { name = `app-${randomUUID().slice(0, 8)}`, stack = 'heroku-24' } = json();
            if (!/^[a-z][a-z0-9-]{1,28}[a-z0-9]$/.test(name))
                throw invalid(
                    'Name must start with a letter, end with a letter or digit and can only contain lowercase letters, digits, and dashes.',
                );
            if (apps.has(name)) throw invalid(`Name ${name} is already taken`);
            if (!['container', 'heroku-24', 'heroku-22'].includes(stack)) throw invalid(`Couldn't find that stack.`);
            const info = {
                id: randomUUID(),
                name,
                stack: { name: stack, id: randomUUID() },
                build_stack: { name: stack },
                web_url: `https://${name}-5a1f0c3d2b47.herokuapp.com/`,
                git_url: `https://git.heroku.com/${name}.git`,
                region: { name: 'us' },
                owner,
                create_status: 'complete',
                created_at: new Date().toISOString(),
                updated_at: new Date().toISOString(),
                released_at: null,
                repo_size: 0,
                slug_size: 0,
                acm: false,
                maintenance: false,
                generation: { name: 'cedar' },
                process_tier: 'production',
                space: null,
                team: null,
                internal_routing: null,
            };
            const app = { info, config: {}, addons: [], releases: [], builds: 0 };
            apps.set(name, app);
            release(app, 'Initial release');
            release(app, 'Enable Logplex');
            return answer(201, info);
        },
        'GET /apps/:app': ({ params }) => find(params.app).info,
        'DELETE /apps/:app': async ({ params }) => {
            const app = find(params.app);
            await dynos.stop(app);
            apps.delete(app.info.name);
            return app.info;
        },
        'GET /apps/:app/collaborators': () => [{ user: owner }],
        'GET /apps/:app/pipeline-couplings': () => {
            throw missing('pipeline coupling');
        },
        'GET /apps/:app/addons': ({ params }) => {
            const app = find(params.app);
            return app.addons.map(addon => addonShown({ app, addon }));
        },
        'POST /apps/:app/addons': ({ params, json }) => {
            const app = find(params.app),
                plan = json().plan?.name;
            if (!/^heroku-applink(:\w+)?$/.test(plan)) throw missing('add-on service');
            const id = randomUUID();
            const addon = {
                id,
                name: `heroku-applink-${id.slice(0, 5)}`,
                state: 'provisioning',
                created_at: new Date().toISOString(),
                config: { HEROKU_APPLINK_API_URL: `https://api.applink.heroku.com/addons/${id}`, HEROKU_APPLINK_TOKEN: addonToken },
            };
            app.addons.push(addon);
            return answer(201, addonShown({ app, addon }));
        },
        'GET /apps/:app/addons/:addon': ({ params }) => {
            const app = find(params.app),
                addon = addonOf(app, params.addon);
            if (addon.state === 'provisioning') {
                // done by the time that somebody asks again
                addon.state = 'provisioned';
                Object.assign(app.config, addon.config);
                release(app, `Attach HEROKU_APPLINK (@ref:${addon.name})`);
            }
            return addonShown({ app, addon });
        },
        'GET /apps/:app/addons/:addon/sso': ({ params }) => {
            const app = find(params.app);
            return {
                method: 'post',
                action: 'https://api.applink.heroku.com/sso',
                id: addonOf(app, params.addon).id,
                app: app.info.name,
                timestamp: Date.now(),
            };
        },
        'GET /apps/:app/config-vars': ({ params }) => find(params.app).config,
        'PATCH /apps/:app/config-vars': ({ params, json }) => {
            const app = find(params.app),
                changes = json();
            for (const [name, value] of Object.entries(changes))
                if (value === null) delete app.config[name];
                else app.config[name] = String(value);
            release(app, `Set ${Object.keys(changes).join(', ')} config vars`);
            return app.config;
        },
        'GET /apps/:app/releases': ({ params, request }) => {
            const list = find(params.app).releases.map(shown),
                range = request.headers.range ?? '';
            if (range.includes('order=desc')) list.reverse();
            return list.slice(0, Number(range.match(/max=(\d+)/)?.[1] ?? 200));
        },
        'GET /apps/:app/releases/:release': ({ params }) =>
            shown(
                find(params.app).releases.find(r => [r.id, String(r.version)].includes(params.release)) ??
                    (() => {
                        throw missing('release');
                    })(),
            ),
        'POST /apps/:app/releases': ({ params, json }) => {
            const app = find(params.app),
                old = app.releases.find(r => r.id === json().release);
            if (!old?.build) throw invalid('That release cannot be rolled back to.');
            return answer(201, shown(release(app, `Rollback to v${old.version}`, { build: old.build, config: old.config })));
        },
        'GET /apps/:app/dynos': ({ params }) => dynos.list(find(params.app)),
        'POST /apps/:app/log-sessions': ({ params, json }) => {
            const id = randomUUID();
            sessions.set(id, { app: find(params.app), lines: json().lines ?? 100 });
            return answer(201, { id, logplex_url: `https://logs.heroku.com/stream/${id}`, created_at: new Date().toISOString() });
        },
    };
    return {
        apps,
        find,
        release,
        addonOf,
        site: site(routes, {
            log,
            before: request => {
                if (request.headers.authorization !== `Bearer ${token}`)
                    throw new Refused(401, { id: 'unauthorized', message: 'Invalid credentials provided.' });
            },
        }),
        logs: site(
            {
                'GET /stream/:id': ({ params }) => {
                    const session = sessions.get(params.id);
                    if (!session) throw missing('log session');
                    return answer(
                        200,
                        dynos
                            .lines(session.app)
                            .slice(-session.lines)
                            .map(line => `data: ${line}\n\n`)
                            .join(''),
                        { 'Content-Type': 'text/event-stream' },
                    );
                },
            },
            { log },
        ),
        // heroku login: the page where a person logs in, which here agrees at once
        login: (() => {
            const waiting = new Map();
            return site(
                {
                    'POST /auth': () => {
                        const id = randomUUID();
                        waiting.set(id, {});
                        return { browser_url: `/auth/browser/${id}`, cli_url: `/auth/cli/${id}`, token: id };
                    },
                    'GET /auth/browser/:id': ({ params }) => {
                        waiting.get(params.id).agreed = true;
                        return answer(200, 'Logged in.');
                    },
                    'GET /auth/cli/:id': async ({ params }) => {
                        for (let i = 0; i < 100 && !waiting.get(params.id)?.agreed; i++) await new Promise(r => setTimeout(r, 100));
                        return waiting.get(params.id)?.agreed ? { access_token: token } : { error: 'nobody logged in' };
                    },
                },
                { log },
            );
        })(),
    };
}
