// rules.mjs - proves that each Salesforce rule fires: changes a good document in one place per row and looks for the rule.
//     node rules.mjs good.json rules.json FOLDER     writes the changed documents into FOLDER and runs the gate on them
// A row's rule is Spectral's unless it names its tool: "redocly:rule/array-items".
// Prints one line per row that its rule missed, last "N passed, N failed".
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const [good, rules, folder] = process.argv.slice(2);
const here = path.dirname(fileURLToPath(import.meta.url));

function steps(pointer) {
    return pointer.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function holder(document, pointer) {
    const names = steps(pointer);
    const last = names.pop();
    const value = names.reduce((at, name) => at[name], document);
    return [value, last];
}

function apply(document, { op, at, from, value }) {
    const [target, name] = holder(document, at);
    if (op === "remove") {
        if (!(name in target)) throw new Error(`${at} is not there`);
        delete target[name];
    } else if (op === "copy") {
        const [source, key] = holder(document, from);
        target[name] = structuredClone(source[key]);
    } else target[name] = value;
}

const rows = JSON.parse(readFileSync(rules, "utf8"));
mkdirSync(folder, { recursive: true });
const files = rows.map(({ change }, i) => {
    const document = JSON.parse(readFileSync(good, "utf8"));
    change.forEach((one) => apply(document, one));
    const file = path.resolve(folder, `${i}.json`);
    writeFileSync(file, JSON.stringify(document, null, 2));
    return file;
});
const gate = spawnSync(process.execPath, [path.join(here, "gate.mjs"), "--brief", ...files], { encoding: "utf8", maxBuffer: 1 << 28 });
if (gate.status !== 1) throw new Error(`the gate ended with ${gate.status}: ${gate.stderr}`);
const verdicts = new Map(gate.stdout.trim().split("\n").map((line) => line.split(" ")).map(([, file, ...found]) => [file, found]));
const named = (rule) => (rule.includes(":") ? rule : `spectral:${rule}`);
const missed = rows.filter(({ rule }, i) => !verdicts.get(files[i]).includes(named(rule)));
missed.forEach((row) => console.log(`${row.rule} missed ${JSON.stringify(row.change)}: ${verdicts.get(files[rows.indexOf(row)])}`));
console.log(`${rows.length - missed.length} passed, ${missed.length} failed`);
process.exit(missed.length ? 1 : 0);
