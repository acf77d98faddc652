// http.mjs - the little that the stand-ins need of HTTP: routes, bodies, answers, and passing a request on.
import http from 'node:http';

export class Refused extends Error {
    constructor(status, body) {
        super(typeof body === 'string' ? body : JSON.stringify(body));
        this.status = status;
        this.body = body;
    }
}

export async function bodyOf(request, limit = 64 << 20) {
    const parts = [];
    let size = 0;
    for await (const part of request) {
        if ((size += part.length) > limit) throw new Refused(413, 'too large');
        parts.push(part);
    }
    return Buffer.concat(parts);
}

export function send(response, status, body, headers = {}) {
    const plain = typeof body === 'string' || Buffer.isBuffer(body);
    response.writeHead(status, { 'Content-Type': plain ? 'text/plain' : 'application/json', ...headers });
    response.end(body === undefined ? '' : plain ? body : JSON.stringify(body));
}

// Parameters of a path when it fits a pattern such as /apps/:app/addons, else null.
function fit(pattern, parts) {
    if (pattern.length !== parts.length) return null;
    const params = {};
    for (const [i, part] of pattern.entries()) {
        if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(parts[i]);
        else if (part !== parts[i]) return null;
    }
    return params;
}

// site ROUTES: one web site as a function of request and response. ROUTES maps 'GET /apps/:app' to a handler; it gets
// {params, query, body, json(), request, response} and returns the JSON to send, or an answer(status, body, headers), or
// undefined when it has answered itself. What no route takes goes to `otherwise`, or is a 404 that the log shows.
export const answer = (status, body, headers) => ({ isAnswer: true, status, body, headers });
export function site(routes, { otherwise, before = () => {}, log = () => {} } = {}) {
    const table = Object.entries(routes).map(([pattern, handler]) => {
        const [method, path] = pattern.split(' ');
        return { method, pattern: path.split('/'), handler };
    });
    return async (request, response) => {
        const url = new URL(request.url, 'https://stand.in');
        response.on('finish', () => log(`${request.method} ${request.headers.host}${request.url} ${response.statusCode}`));
        try {
            let params = null;
            const parts = url.pathname.split('/');
            const route = table.find(r => r.method === request.method && (params = fit(r.pattern, parts)));
            if (!route && otherwise) return await otherwise(request, response);
            const body = await bodyOf(request);
            before(request);
            if (!route) throw new Refused(404, { id: 'not_found', message: `the stand-in has no ${request.method} ${url.pathname}` });
            const json = () => (body.length ? JSON.parse(body.toString()) : {});
            const result = await route.handler({ params, query: url.searchParams, body, json, request, response });
            if (result?.isAnswer) send(response, result.status, result.body, result.headers);
            else if (result !== undefined) send(response, 200, result);
        } catch (error) {
            if (!error.status) log(error.stack);
            if (response.headersSent) response.destroy();
            else send(response, error.status ?? 500, error.body ?? { id: 'internal', message: error.message });
        }
    };
}

// Asks a server of this machine; resolves to {status, headers, body}.
export function ask(target, { method = 'GET', headers = {}, body = '' } = {}) {
    return new Promise((resolve, reject) => {
        const bytes = Buffer.from(body);
        const url = new URL(target);
        const onward = http.request(
            url,
            { method, headers: { ...headers, host: url.host, 'content-length': bytes.length }, timeout: 60000 },
            async got => {
                resolve({ status: got.statusCode, headers: got.headers, body: await bodyOf(got) });
            },
        );
        onward.on('timeout', () => onward.destroy(new Error('no answer within 60 s')));
        onward.on('error', reject);
        onward.end(bytes);
    });
}

// Passes a request on to a server of this machine and its answer back; `change` may rewrite a JSON answer.
export async function forward(target, request, response, { bytes, change } = {}) {
    const body = bytes ?? (await bodyOf(request));
    let got;
    try {
        got = await ask(target + request.url, { method: request.method, headers: request.headers, body });
    } catch (error) {
        return send(response, 503, `no answer: ${error.message}`);
    }
    const headers = { ...got.headers };
    delete headers['content-length'];
    delete headers['transfer-encoding'];
    delete headers.connection;
    if (headers.location && change) headers.location = change(headers.location);
    const json = (headers['content-type'] ?? '').includes('json');
    response.writeHead(got.status, headers);
    response.end(json && change ? change(got.body.toString()) : got.body);
}
