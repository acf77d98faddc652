// build.mjs - what happens after a push: heroku.yml says what is built and what is run. The quick form compiles the pushed tree with make;
// with FULL=1 the Dockerfile itself is built, by a builder outside the namespace, which has the network that apt needs (image.sh).
import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import fs from 'node:fs';

// the one-line values of `build: docker: web:` and `run: web:`
export function readManifest(text) {
    const found = {};
    const path = [];
    for (const line of text.split('\n').filter(l => l.trim() && !l.trim().startsWith('#') && !l.trim().startsWith('-'))) {
        const depth = line.search(/\S/) / 2,
            [key, value] = line.trim().split(/:\s*(.*)/s);
        path.length = depth;
        path.push(key);
        if (value) found[path.join('.')] = value;
    }
    return { dockerfile: found['build.docker.web'], command: found['run.web'] };
}

function run(words, options, say) {
    return new Promise((resolve, reject) => {
        const child = spawn(words[0], words.slice(1), { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
        const timer = setTimeout(() => child.kill('SIGKILL'), 900000);
        for (const stream of [child.stdout, child.stderr])
            stream.on('data', text =>
                text
                    .toString()
                    .trim()
                    .split('\n')
                    .forEach(line => say(`       ${line}`)),
            );
        child.on('error', reject);
        child.on('exit', code => {
            clearTimeout(timer);
            code === 0 ? resolve() : reject(new Error(`${words.join(' ')} ended with ${code}`));
        });
    });
}

export async function build({ app, commit, work, say }) {
    const slug = `${work}/slug`;
    if (app.info.stack.name !== 'container')
        throw new Error('No default language could be detected for this app: its stack is not container.');
    if (!fs.existsSync(`${slug}/heroku.yml`)) throw new Error('There is no heroku.yml.');
    const { dockerfile, command } = readManifest(fs.readFileSync(`${slug}/heroku.yml`, 'utf8'));
    if (!dockerfile || !fs.existsSync(`${slug}/${dockerfile}`))
        throw new Error(`heroku.yml names no Dockerfile that is there: ${dockerfile}`);
    if (!command) throw new Error('heroku.yml has no command for web.');
    const id = randomUUID();
    if (process.env.FULL) {
        say(`=== Building web (${dockerfile})`);
        const folder = await image({ slug, dockerfile, work, id, say });
        return { id, commit, folder, command, chroot: true, path: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
    }
    say('=== Building web (quick form: make instead of the Dockerfile)');
    await run(['make', '-s', '-j1', 'build/release/actionhost'], { cwd: slug }, say);
    // each release keeps its own program, so that a rollback brings the old one back
    const folder = `${work}/releases/${id}`;
    fs.mkdirSync(folder, { recursive: true });
    fs.copyFileSync(`${slug}/build/release/actionhost`, `${folder}/actionhost`);
    return { id, commit, folder, command, path: `${folder}:/usr/bin:/bin` };
}

async function image({ slug, dockerfile, work, id, say }) {
    const folder = `${work}/releases/${id}`;
    fs.writeFileSync(`${work}/build.order.new`, `${slug}\n${dockerfile}\n${folder}\n`);
    fs.rmSync(`${work}/build.result`, { force: true });
    fs.renameSync(`${work}/build.order.new`, `${work}/build.order`);
    for (let i = 0; i < 1400 && !fs.existsSync(`${work}/build.result`); i++) await new Promise(r => setTimeout(r, 1000));
    const result = fs.existsSync(`${work}/build.result`) ? fs.readFileSync(`${work}/build.result`, 'utf8') : 'no answer of the builder';
    fs.readFileSync(`${work}/image.log`, 'utf8')
        .trim()
        .split('\n')
        .slice(-12)
        .forEach(line => say(`       ${line}`));
    if (result.trim() !== 'done') throw new Error(`the image was not built: ${result.trim()}`);
    return folder;
}
