// standin.mjs - Heroku, the AppLink add-on and a Salesforce org for one rehearsal. Runs inside a network namespace of its own, where the
// names below lead here (inside.sh), so that the real clients can use their real addresses. Ends with SIGTERM.
//   node standin.mjs WORK SANDBOX_URL
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { makeAppLink } from './applink.mjs';
import { build } from './build.mjs';
import { makeDynos } from './dynos.mjs';
import { makeGitHost } from './githost.mjs';
import { makePlatform } from './heroku.mjs';
import { send } from './http.mjs';
import { makeOrg } from './org.mjs';

const [work, sandbox] = process.argv.slice(2);
const token = process.env.STANDIN_TOKEN,
    addonToken = process.env.STANDIN_ADDON_TOKEN,
    address = process.env.STANDIN_ADDRESS;
const log = line => fs.appendFileSync(`${work}/standin.log`, `${line}\n`);

const dynos = makeDynos({ log });
const platform = makePlatform({ token, addonToken, dynos, log });
const org = await makeOrg({ sandbox, work, log });
const applink = makeAppLink({ platform, org, sandbox, work, addonToken, log });
const router = dynos.router(platform.apps);

// The hook of the git server asks here for a build, and gets its log as it grows.
const builds = http
    .createServer(async (request, response) => {
        const url = new URL(request.url, 'http://127.0.0.1'),
            app = platform.find(url.pathname.split('/')[2]),
            commit = url.searchParams.get('commit');
        response.writeHead(200);
        const say = text => response.write(`${text}\n`);
        try {
            const made = await build({ app, commit, work, say });
            const release = platform.release(app, `Deploy ${commit.slice(0, 8)}`, { build: made });
            say(`-----> Launching...\n       Released v${release.version}\n-----> Deployed to Heroku: ${app.info.web_url}`);
        } catch (error) {
            log(`build: ${error.stack}`);
            say(` !     ${error.message}\n !     Push failed`);
        }
        response.end();
    })
    .listen(0, '127.0.0.1');
await new Promise(resolve => builds.on('listening', resolve));
const git = makeGitHost({ token, platform, work, hookUrl: `http://127.0.0.1:${builds.address().port}`, log });

const sites = {
    'api.heroku.com': platform.site,
    'logs.heroku.com': platform.logs,
    'cli-auth.heroku.com': platform.login,
    'git.heroku.com': git,
    'api.applink.heroku.com': applink.site,
    'login.salesforce.com': org.site,
    'acme.my.salesforce.com': org.site,
    // whether an account has unpaid bills: it has none
    'particleboard.heroku.com': (request, response) => send(response, 200, {}),
};
const front = https.createServer(
    { key: fs.readFileSync(`${work}/tls/key.pem`), cert: fs.readFileSync(`${work}/tls/cert.pem`) },
    (request, response) => {
        const host = (request.headers.host ?? '').replace(/:443$/, '');
        const found = sites[host] ?? (host.endsWith('.herokuapp.com') ? router : null);
        if (!found) {
            log(`nobody is ${host}`);
            return send(response, 404, `nobody is ${host}`);
        }
        found(request, response);
    },
);
front.keepAliveTimeout = 1000;
front.listen(443, address, () => console.error('at=ready port=443'));

process.on('SIGTERM', async () => {
    await dynos.stopAll(platform.apps);
    process.exit(0);
});
