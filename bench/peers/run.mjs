// run.mjs - the table of bench/cards.sh: our coders and the peers draw the same card in turns, all on one core.
//     node run.mjs BENCH_PROGRAM LOGO.png ROUNDS FOLDER
// Ratios are of medians, so that a busy machine slows all of them alike. FOLDER receives one card of each, to look at.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const [program, logo, rounds, folder] = process.argv.slice(2);
const here = path.dirname(fileURLToPath(import.meta.url));
const pin = existsSync("/usr/bin/taskset") ? ["taskset", "-c", "0"] : [];

function contender(name, command) {
    const all = [...pin, ...command];
    const child = spawn(all[0], all.slice(1), { stdio: ["pipe", "pipe", "inherit"] });
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.on("error", (e) => { throw e; });
    return { name, child, times: [], bytes: 0, async draw(i, file) {
        child.stdin.write(file ? `${i} ${file}\n` : `${i}\n`);
        const { value, done } = await answers.next();
        if (done) throw new Error(`${name} ended`);
        const [ms, bytes] = value.split(" ").map(Number);
        return { ms, bytes };
    } };
}

const ours = ["fast", "quick", "small", "reference"].map((coder) => contender(coder, [program, "serve", logo, coder]));
const peers = ["takumi", "sharp", "sharp1", "satori"].map((peer) => contender(peer, [process.execPath, path.join(here, "card.mjs"), peer, logo]));
const all = [...ours, ...peers];
for (let i = 0; i < 10; i++) for (const c of all) await c.draw(i);
for (const c of all) await c.draw(7, path.join(folder, `${c.name}.png`));
for (let i = 0; i < Number(rounds); i++)
    for (const c of all) {
        const { ms, bytes } = await c.draw(100 + i);
        c.times.push(ms);
        c.bytes = bytes;
    }
for (const c of all) c.child.stdin.end();

const sorted = (c) => [...c.times].sort((a, b) => a - b);
const median = (c) => sorted(c)[c.times.length >> 1];
const row = (...cells) => console.log(cells.map((v, i) => (i ? String(v).padStart(12) : String(v).padEnd(34))).join(""));
const what = { fast: "ours, own coder (default)", quick: "ours, libdeflate level 1", small: "ours, libdeflate level 6", reference: "ours, libpng level 3", takumi: "takumi (@takumi-rs/core)",
    sharp: "sharp, level 6 (its default)", sharp1: "sharp, level 1", satori: "satori + resvg" };
row("card 1200x630, one core", "median ms", "p95 ms", "bytes");
for (const c of all) row(what[c.name], median(c).toFixed(2), sorted(c)[Math.floor(c.times.length * 0.95)].toFixed(2), c.bytes);
console.log();
const [fast, ...library] = ours;
const best = library.filter((c) => c.bytes <= 190000).sort((a, b) => median(a) - median(b))[0];
for (const p of peers) console.log(`ratio ${p.name} ${(median(p) / median(fast)).toFixed(2)} bytes ${fast.bytes}`);
if (best) for (const p of peers) console.log(`library-ratio ${p.name} ${(median(p) / median(best)).toFixed(2)} bytes ${best.bytes} coder ${best.name}`);

// The floors that hold on any machine, as both sides of a ratio ran side by side.
const floors = [["takumi", fast, 3, 170000], ["sharp", fast, 4, 170000], ["satori", fast, 6, 170000], ["takumi", best, 1.5, 190000], ["sharp", best, 4, 190000], ["satori", best, 6, 190000]];
let failed = 0;
for (const [name, mine, least, most] of floors) {
    const ratio = median(peers.find((p) => p.name === name)) / median(mine);
    if (ratio < least || mine.bytes > most) {
        failed++;
        console.log(`FLOOR ${mine.name} against ${name}: ${ratio.toFixed(2)} of ${least} at ${mine.bytes} of ${most} bytes`);
    }
}
process.exit(failed ? 1 : 0);
