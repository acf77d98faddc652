// githost.mjs - the git server of Heroku: git's own http-backend behind a password, and a hook that takes a push to main as a build.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import { bodyOf, send } from './http.mjs';

export function makeGitHost({ token, platform, work, hookUrl, log }) {
    const root = `${work}/git`;
    fs.mkdirSync(root, { recursive: true });
    function repository(name) {
        const folder = `${root}/${name}.git`;
        if (!fs.existsSync(folder)) {
            execFileSync('git', ['init', '-q', '--bare', '-b', 'main', folder]);
            execFileSync('git', ['-C', folder, 'config', 'http.receivepack', 'true']);
            // pre-receive, not post-receive: a build that fails refuses the push. The checkout stays there, so that the next build is short.
            fs.writeFileSync(
                `${folder}/hooks/pre-receive`,
                `#!/bin/sh
while read -r old new ref; do
    [ "$ref" = refs/heads/main ] || { echo "Pushed to a branch other than main, skipping build."; continue; }
    mkdir -p '${work}/slug'
    GIT_INDEX_FILE='${work}/slug.index' git --work-tree='${work}/slug' read-tree --reset -u "$new" || exit 1
    curl -sSN --noproxy '*' --max-time 1500 '${hookUrl}/build/${name}?commit='"$new" | tee '${work}/build.out' || exit 1
    grep -q '^-----> Deployed' '${work}/build.out' || exit 1
done
`,
                { mode: 0o755 },
            );
        }
        return folder;
    }
    return async (request, response) => {
        log(`git ${request.method} ${request.url}`);
        const password = Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64')
            .toString()
            .split(':')[1];
        if (password !== token) return send(response, 401, 'Unauthorized', { 'WWW-Authenticate': 'Basic realm="heroku"' });
        const url = new URL(request.url, 'https://git.heroku.com'),
            name = url.pathname.split('/')[1].replace('.git', '');
        if (!platform.apps.has(name)) return send(response, 404, 'No such app');
        repository(name);
        const body = await bodyOf(request);
        const backend = spawn('git', ['http-backend'], {
            stdio: ['pipe', 'pipe', 'inherit'],
            env: {
                PATH: process.env.PATH,
                HOME: work,
                GIT_PROJECT_ROOT: root,
                GIT_HTTP_EXPORT_ALL: '1',
                REQUEST_METHOD: request.method,
                PATH_INFO: url.pathname,
                QUERY_STRING: url.search.slice(1),
                CONTENT_TYPE: request.headers['content-type'] ?? '',
                CONTENT_LENGTH: String(body.length),
                HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
                GIT_PROTOCOL: request.headers['git-protocol'] ?? '',
                REMOTE_USER: 'heroku',
                REMOTE_ADDR: '127.0.0.1',
            },
        });
        backend.stdin.end(body);
        let head = Buffer.alloc(0),
            begun = false;
        backend.stdout.on('data', part => {
            if (begun) return response.write(part);
            head = Buffer.concat([head, part]);
            const end = head.indexOf('\r\n\r\n');
            if (end < 0) return;
            const fields = head
                .subarray(0, end)
                .toString()
                .split('\r\n')
                .map(line => line.split(/: (.*)/s));
            const status = Number(fields.find(([n]) => n === 'Status')?.[1].slice(0, 3) ?? 200);
            response.writeHead(status, Object.fromEntries(fields.filter(([n]) => n !== 'Status').map(([n, v]) => [n, v])));
            response.write(head.subarray(end + 4));
            begun = true;
        });
        backend.on('close', () => response.end());
    };
}
