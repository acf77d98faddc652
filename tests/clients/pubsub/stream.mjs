// A server of many events for bench/events-decode.sh: node stream.mjs EVENTS [KEY CERT]; prints its port and lives until it is ended.
import { startServer } from './server.mjs';

const [events, key, cert] = process.argv.slice(2);
const server = await startServer({ events: Number(events), batch: 100, tls: key ? { key, cert } : undefined });
console.error(`at=ready port=${server.port}`);
