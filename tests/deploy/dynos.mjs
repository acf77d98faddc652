// dynos.mjs - runs what was pushed: one process per app with the config vars of its current release and nothing else in its
// environment, its log, and the router in front of it. A process has 60 s to listen and 30 s to end, as on Heroku.
import { spawn } from 'node:child_process';
import net from 'node:net';
import { forward, send } from './http.mjs';

const pause = ms => new Promise(resolve => setTimeout(resolve, ms));
const freePort = () =>
    new Promise(resolve => {
        const server = net.createServer().listen(0, '127.0.0.1', () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
const listens = port =>
    new Promise(resolve => {
        const socket = net.connect(port, '127.0.0.1', () => {
            socket.destroy();
            resolve(true);
        });
        socket.on('error', () => resolve(false));
    });

export function makeDynos({ log, extra = {} }) {
    const logs = new Map(),
        running = new Map(),
        queues = new Map();
    const lines = app => logs.get(app.info.id) ?? logs.set(app.info.id, []).get(app.info.id);
    function note(app, source, text) {
        for (const line of String(text).split('\n'))
            if (line.trim()) {
                lines(app).push(`${new Date().toISOString()} ${source}: ${line}`);
                log(`[${app.info.name}] ${source}: ${line}`);
            }
    }

    async function end(app) {
        const dyno = running.get(app.info.id);
        if (!dyno) return;
        running.delete(app.info.id);
        note(app, 'heroku[web.1]', 'Stopping all processes with SIGTERM');
        dyno.child.kill('SIGTERM');
        const ended = await Promise.race([dyno.gone, pause(30000).then(() => 'late')]);
        if (ended === 'late') {
            note(app, 'heroku[web.1]', 'Error R12 (Exit timeout) -> Process failed to exit within 30 seconds of SIGTERM');
            dyno.child.kill('SIGKILL');
        }
    }
    async function begin(app, release) {
        const port = await freePort(),
            { folder, path, command, chroot } = release.build;
        const environment = { PATH: path, HOME: '/app', DYNO: 'web.1', PORT: String(port), ...extra, ...release.config };
        note(app, 'heroku[web.1]', `Starting process with command \`${command}\``);
        log(`dyno: v${release.version} runs commit ${release.build.commit}`);
        // in an image Heroku runs the command as some user without rights or an entry in /etc/passwd
        const words = chroot
            ? ['chroot', '--userspec=54321:54321', folder, 'sh', '-c', `exec ${command}`]
            : ['sh', '-c', `exec ${command}`];
        const child = spawn(words[0], words.slice(1), { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
        const dyno = { child, port, command, state: 'starting', release, since: new Date().toISOString() };
        child.stdout.on('data', text => note(app, 'app[web.1]', text));
        child.stderr.on('data', text => note(app, 'app[web.1]', text));
        dyno.gone = new Promise(resolve => {
            child.on('error', error => {
                note(app, 'heroku[web.1]', error.message);
                dyno.state = 'crashed';
                resolve();
            });
            child.on('exit', (code, signal) => {
                dyno.state = 'crashed';
                note(app, 'heroku[web.1]', `Process exited with status ${code ?? signal}`);
                resolve();
            });
        });
        running.set(app.info.id, dyno);
        for (let i = 0; i < 600 && dyno.state === 'starting'; i++) {
            if (await listens(port)) dyno.state = 'up';
            else await pause(100);
        }
        if (dyno.state === 'starting') {
            note(app, 'heroku[web.1]', 'Error R10 (Boot timeout) -> Web process failed to bind to $PORT within 60 seconds of launch');
            child.kill('SIGKILL');
        }
        note(app, 'heroku[web.1]', `State changed from starting to ${dyno.state}`);
    }

    // One release after the other; what comes in meanwhile waits, as the router of Heroku lets it wait.
    const settled = app => queues.get(app.info.id) ?? Promise.resolve();
    return {
        lines,
        note,
        settled,
        run(app, release) {
            note(app, 'app[api]', `Release v${release.version} created by user you@example.com: ${release.description}`);
            if (!release.build) return;
            queues.set(
                app.info.id,
                settled(app)
                    .then(() => end(app))
                    .then(() => begin(app, release))
                    .catch(error => note(app, 'heroku', error.stack)),
            );
        },
        async stop(app) {
            await settled(app);
            await end(app);
        },
        list(app) {
            const dyno = running.get(app.info.id);
            return dyno
                ? [
                      {
                          id: app.info.id,
                          name: 'web.1',
                          type: 'web',
                          size: 'Standard-1X',
                          state: dyno.state,
                          command: dyno.command,
                          created_at: dyno.since,
                          updated_at: dyno.since,
                          release: { id: dyno.release.id, version: dyno.release.version },
                          app: { name: app.info.name, id: app.info.id },
                      },
                  ]
                : [];
        },
        router: apps => async (request, response) => {
            const app = [...apps.values()].find(a => new URL(a.info.web_url).hostname === request.headers.host);
            if (!app) return send(response, 404, 'No such app');
            await settled(app);
            const dyno = running.get(app.info.id);
            if (dyno?.state !== 'up') {
                note(
                    app,
                    'heroku[router]',
                    `at=error code=H10 desc="App crashed" method=${request.method} path="${request.url}" status=503`,
                );
                return send(response, 503, 'Application error');
            }
            response.on('finish', () =>
                note(
                    app,
                    'heroku[router]',
                    `at=info method=${request.method} path="${request.url}" dyno=web.1 status=${response.statusCode}`,
                ),
            );
            await forward(`http://127.0.0.1:${dyno.port}`, request, response);
        },
        async stopAll(apps) {
            for (const app of apps.values()) await this.stop(app);
        },
    };
}
