// server.mjs - the peer of bench/peers.sh: the same POST answered by Fastify, with the contexts read by @heroku/applink as its examples
// do. It authenticates nobody and isolates nothing, as that package leaves both to another program. One process, as `node server.mjs` is
// run on a dyno; input and output have schemas, as they have in the host. Prints "at=ready port=N" on stderr.
import { parseRequest } from '@heroku/applink';
import Fastify from 'fastify';

const schema = {
    body: {
        type: 'object',
        required: ['text'],
        properties: { text: { type: 'string' }, note: { type: ['string', 'null'] } },
    },
    response: {
        200: {
            type: 'object',
            required: ['text', 'members'],
            properties: { text: { type: 'string' }, members: { type: 'integer' } },
        },
    },
};

const server = Fastify({ logger: false });
server.decorateRequest('sdk', null);
server.addHook('preHandler', async (request) => {
    request.sdk = parseRequest(request.headers, request.body, request.log);
});
server.post('/api/echo', { schema }, async (request) => {
    if (!request.sdk.context.org.id) throw new Error('no org');
    return { text: request.body.text, members: Object.keys(request.body).length };
});
process.on('SIGTERM', () => process.exit(0));
await server.listen({ host: '127.0.0.1', port: 0 });
process.stderr.write(`at=ready port=${server.server.address().port}\n`);
