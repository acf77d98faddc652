// gate.mjs - what each tool of the gate says of each document.
//     node gate.mjs FILE...
// prints one line per document, "accepted FILE" or "refused FILE redocly:rule,... spectral:rule,... schema", and exits 1 when
// a document was refused. `--brief` leaves the places out, which otherwise follow on indented lines.
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Validator } from "@seriousme/openapi-schema-validator";

const here = path.dirname(fileURLToPath(import.meta.url));
const brief = process.argv[2] === "--brief";
const files = process.argv.slice(brief ? 3 : 2).map((file) => path.resolve(file));

// Runs a linter, which exits with 1 when it finds something. Its output goes to a file: through a pipe its end may get lost.
function run(program, args) {
    const folder = mkdtempSync(path.join(tmpdir(), "gate-"));
    const out = path.join(folder, "out");
    const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
    const handle = openSync(out, "w");
    const done = spawnSync(path.join(here, "node_modules/.bin", program), args, { cwd: here, env, stdio: ["ignore", handle, "pipe"] });
    closeSync(handle);
    const text = readFileSync(out, "utf8");
    const log = String(done.stderr);
    rmSync(folder, { recursive: true });
    if (done.status !== 0 && done.status !== 1) throw new Error(`${program}: ${done.error ?? log}`);
    return { text, log };
}

// Redocly prints one JSON object per document, one behind the other, and ends at a document that it cannot process at all.
function redocly(documents) {
    const { text, log } = run("redocly", ["lint", "--config", "redocly.yaml", "--format=json", "--max-problems=10000", ...documents]);
    const problems = text
        .split(/(?<=^\})(?=\{)/m)
        .filter((part) => part.trim())
        .flatMap((part) => JSON.parse(part).problems)
        .filter((problem) => problem.severity === "error")
        .map((problem) => ({
            file: path.resolve(here, problem.location[0].source.ref),
            rule: `redocly:${problem.ruleId}`,
            text: `${problem.location[0].pointer ?? ""} ${problem.message}`,
        }));
    const stop = /Something went wrong when processing (.*):\s*- (.*)/.exec(log);
    if (!stop) return problems;
    const rest = documents.slice(documents.indexOf(stop[1]) + 1);
    return [...problems, { file: stop[1], rule: "redocly:unprocessable", text: stop[2] }, ...(rest.length ? redocly(rest) : [])];
}

function spectral() {
    const { text } = run("spectral", ["lint", "-q", "-r", "salesforce.spectral.yaml", "-f", "json", ...files]);
    return JSON.parse(text || "[]")
        .filter((problem) => problem.severity === 0)
        .map((problem) => ({
            file: path.resolve(here, problem.source),
            rule: `spectral:${problem.code}`,
            text: `/${problem.path.join("/")} ${problem.message}`,
        }));
}

async function schema() {
    const found = [];
    const validator = new Validator(); // one for all: it compiles the schema of OpenAPI once
    for (const file of files) {
        const verdict = await validator.validate(JSON.parse(readFileSync(file, "utf8")));
        if (!verdict.valid) found.push({ file, rule: "schema", text: JSON.stringify(verdict.errors).slice(0, 300) });
    }
    return found;
}

const problems = [...redocly(files), ...spectral(), ...(await schema())];
for (const file of files) {
    const own = problems.filter((problem) => problem.file === file);
    const rules = [...new Set(own.map((problem) => problem.rule))].sort();
    console.log(rules.length ? `refused ${file} ${rules.join(" ")}` : `accepted ${file}`);
    if (!brief) own.forEach((problem) => console.log(`    ${problem.rule} ${problem.text}`));
}
if (problems.some((problem) => !files.includes(problem.file))) throw new Error("a problem belongs to no document");
process.exit(problems.length ? 1 : 0);
