// A server of many events: node stream.mjs EVENTS [KEY CERT] for bench/events-decode.sh, node stream.mjs EVENTS quotes for 84-listener.sh;
// prints its port and lives until it is ended.
import { startServer } from './server.mjs';

const [events, key, cert] = process.argv.slice(2);
const quotes = key === 'quotes';
const server = await startServer({ events: Number(events), batch: quotes ? 10 : 100, quotes, tls: cert ? { key, cert } : undefined });
console.error(`at=ready port=${server.port}`);
