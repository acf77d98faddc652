// docs.js - the docs page: lists what /openapi.json and /docs/about.json declare, shows one operation at a time and tries it out.
// Calls go to the sandbox, which signs them as Salesforce would and sends them on to this host: nobody can call an action
// without a signature, not even this page.
import { h, one, words, title, number, bytes, tabs, copyable } from "./dom.js";
import { makeForm, resolver } from "./form.js";
import { showAnswer, ended } from "./answer.js";
import { hero } from "./hero.js";

// What people want, by the tag of an operation; a tag that is not here is a group of its own.
const GROUPS = [
    ["Pictures and paper", ["Social cards", "Finance"]],
    ["Figures", ["Carbon"]],
    ["Quotes and jobs", ["Quotes", "Jobs"]],
    ["Orgs and events", ["Accounts", "Orgs", "Data Cloud", "Data 360", "Events"]],
];
// Refusals that every action can answer with; docs/operate.md has all of them.
const HOST_ERRORS = [
    ["invalid_input", 422, "The input does not fit the form above; details name each field.", "Correct the named fields: the message says what to send."],
    ["org_permission_denied", 403, "The user may not see an object or a field that the action reads.", "Assign the action's permission set to the user."],
    ["unauthenticated", 401, "The call carried no signature of Salesforce.", "Call it from a Flow, an agent or Apex; in a shell let the sandbox sign."],
    ["busy", 503, "More calls wait than the host takes.", "Try again after the seconds in Retry-After; add workers if it lasts."],
    ["deadline_exceeded", 504, "Time ran out before there was an answer.", "Ask for less at once, or as a job; something may have been written."],
];
const ERRORS_SHOWN = 8, AGAIN_MS = 250;
const REMEDY = { 403: "Give the user the right that the message names.", 404: "Check the id, and that the user may see the record.", 409: "Look at the record: its state speaks against it.", 422: "Correct what the message names.", 429: "Wait, then try again.", 502: "Try again; if it lasts, send the request id to support." };

let doc, about, resolve;
const say = (text) => (one("said").textContent = text);
const get = async (path) => {
    const answer = await fetch(path);
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return answer.json();
};

// Every operation in one form, whether the document has it or, for data actions, the declarations alone.
const operations = () => {
    const all = [];
    for (const [path, item] of Object.entries(doc.paths || {})) {
        const o = item.post, more = about.operations[o.operationId] || {}, answer = o.responses["200"] || o.responses["201"];
        all.push({ ...more, id: o.operationId, path, tag: o.tags[0], summary: o.summary, description: o.description, input: resolve(o.requestBody.content["application/json"].schema), output: resolve(answer.content["application/json"].schema), example: o.requestBody.content["application/json"].example });
    }
    for (const [id, o] of Object.entries(about.operations)) if (!all.some((x) => x.id === id)) all.push({ ...o, id, path: `/api/${id}` });
    return all;
};
const groups = (all) => {
    const named = new Map(GROUPS.map(([name]) => [name, []]));
    const weight = (o) => (o.of ? 2 : 0) + (o.tag === "Jobs" ? 1 : 0);
    for (const o of [...all].sort((a, b) => weight(a) - weight(b))) {
        const name = GROUPS.find(([, tags]) => tags.includes(o.tag))?.[0] || o.tag;
        if (!named.has(name)) named.set(name, []);
        named.get(name).push(o);
    }
    const rank = (name) => (o) => GROUPS.find(([n]) => n === name)?.[1].indexOf(o.tag) ?? 0;
    return [...named].filter(([, list]) => list.length).map(([name, list]) => [name, list.map((o, i) => [weight(o), rank(name)(o), i, o]).sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]).map((x) => x[3])]);
};

// ---- the list ----
const mark = (o) => (o.of ? "callback" : o.job ? "job" : o.callers?.includes("salesforce") === false ? "event" : "");
const list = (all) => {
    const box = one("list");
    for (const [name, members] of groups(all)) {
        const items = members.map((o) => h("li", { "data-words": `${o.id} ${words(o.id)} ${o.summary} ${name}`.toLowerCase() }, h("a", { href: `#${o.id}`, id: `nav-${o.id}` }, h("span", {}, words(o.of || o.id)), mark(o) && h("small", {}, mark(o)))));
        box.append(h("div", { class: "set" }, h("p", {}, name), h("ul", {}, items)));
    }
    box.append(h("p", { class: "none small muted", hidden: true }, "No action matches."));
    const search = () => {
        const wanted = one("q").value.toLowerCase().split(/\s+/).filter(Boolean);
        box.querySelectorAll("li").forEach((li) => (li.hidden = !wanted.every((w) => li.dataset.words.includes(w))));
        box.querySelectorAll(".set").forEach((set) => (set.hidden = !set.querySelector("li:not([hidden])")));
        box.querySelector(".none").hidden = Boolean(box.querySelector("li:not([hidden])"));
    };
    one("q").addEventListener("input", search);
    one("q").addEventListener("keydown", (event) => {
        const found = event.key === "Enter" && box.querySelector("li:not([hidden]) a");
        if (found) found.click();
        if (event.key === "Escape") event.target.value ? ((event.target.value = ""), search()) : event.target.blur();
    });
};

// ---- one operation ----
const fact = (name, ...value) => h("div", {}, h("dt", {}, name), h("dd", {}, ...value));
const names = (o) => {
    const topic = doc["x-sfdc"]?.agent?.topic?.name;
    const flow = o.callers?.includes("salesforce") ? ["Action → ", h("b", {}, title(o.id))] : ["Not from a Flow: ", h("b", {}, "Data Cloud calls it")];
    const agent = o.agent ? [`Topic ${topic} → `, h("b", {}, title(o.id))] : o.job ? ["Through a Flow that starts it"] : o.callers?.includes("salesforce") ? ["Through a Flow"] : ["No"];
    return h("dl", { class: "names" }, fact("In Flow", ...flow), fact("In Agentforce", ...agent), fact("In HTTP", h("code", {}, `POST ${o.path}`)), fact("Time and size", `${number(o.timeMs / 1000, 1)} s, ${bytes(o.bodyBytes)} at most`));
};
const heading = (o) => {
    const event = !o.callers?.includes("salesforce");
    return h(
        "section",
        { class: "card pad", "aria-labelledby": "name" },
        h("h2", { class: "big", id: "name", tabindex: "-1" }, words(o.of || o.id), o.of ? h("span", { class: "muted" }, " with a callback") : null),
        h("p", { class: "lead" }, o.description),
        names(o),
        o.permissionSet && h("p", { class: "small muted" }, "Runs with the permission set ", h("code", {}, o.permissionSet), " for the time of the call."),
        event && h("div", { class: "note info" }, h("div", {}, h("b", {}, "What a data action is"), h("p", {}, "Data Cloud watches records and sends an event when one changes. A Data Action Target names this host as the receiver: its address is ", h("code", {}, `${location.origin}${o.path}`), ", its secret key signs each delivery, and the host refuses what is not signed with it. Copy this action when something is to happen then."))),
        o.job && !o.of && h("p", { class: "small muted" }, "A job: it answers at once with an id and goes on by itself; watch it here, with getJob or on the jobs page."),
    );
};
const errorTable = (o) => {
    const all = [...(o.errors || []).map((e) => [e.code, e.status, e.description, e.remedy || REMEDY[e.status]]), ...HOST_ERRORS];
    const row = ([code, status, means, todo]) => h("tr", {}, h("th", { scope: "row", tabindex: "-1" }, h("code", {}, code), " ", h("span", { class: "small muted" }, status)), h("td", {}, means), h("td", {}, todo));
    const rows = all.map(row), late = rows.slice(ERRORS_SHOWN);
    late.forEach((r) => (r.hidden = true));
    const more = h("button", { class: "btn", type: "button" }, `Show ${late.length} more`);
    const foot = late.length ? h("div", { class: "foot" }, h("span", {}, `${ERRORS_SHOWN} of ${all.length} shown`), more) : null;
    more.addEventListener("click", () => (late.forEach((r) => (r.hidden = false)), late[0].querySelector("th").focus(), foot.remove()));
    return h("section", { class: "card", "aria-labelledby": "errors" }, h("div", { class: "cardhead" }, h("h2", { id: "errors" }, "When it does not work")), h("table", { class: "fold errs" }, h("thead", {}, h("tr", {}, ["What you see", "What it means", "What to do"].map((t) => h("th", { scope: "col" }, t)))), h("tbody", {}, rows)), foot);
};
// Every member by its path, as a developer looks it up.
const flat = (schema, path = "", depth = 0) =>
    Object.entries(schema.properties || {}).flatMap(([name, raw]) => {
        const c = resolve(raw), items = c.items && resolve(c.items), at = path + name;
        const type = items ? `${items.type}[]` : c.format && c.format !== "double" ? `${c.type} (${c.format})` : c.type;
        const rules = [c.enum && `one of ${c.enum.join(", ")}`, c.minimum !== undefined && `≥ ${number(c.minimum)}`, c.maximum !== undefined && `≤ ${number(c.maximum)}`, c.maxLength && `${number(c.maxLength)} characters at most`, c.maxItems && `${number(c.maxItems)} at most`, c.default !== undefined && `default ${c.default}`].filter(Boolean);
        const own = [at, type || "any", schema.required?.includes(name), c.description, rules.join(", ")];
        const inner = depth < 4 ? (items?.properties ? flat(items, `${at}[].`, depth + 1) : c.properties ? flat(c, `${at}.`, depth + 1) : []) : [];
        return [own, ...inner];
    });
const reference = (name, schema) => {
    const rows = flat(schema).map(([at, type, required, description, rules]) => h("tr", {}, h("th", { scope: "row" }, h("code", {}, at), required && h("b", { class: "small", title: "required" }, " *")), h("td", { class: "small" }, type), h("td", { class: "small" }, description, rules && h("span", { class: "muted" }, ` ${rules}.`))));
    if (!rows.length) return h("p", { class: "pad small muted" }, `${name}: nothing.`);
    return h("table", { class: "ref fold" }, h("thead", {}, h("tr", {}, [name, "Type", "Meaning"].map((t) => h("th", { scope: "col" }, t)))), h("tbody", {}, rows));
};
const developers = (o) =>
    h("details", { class: "card dev" }, h("summary", { class: "cardhead" }, h("h2", {}, "For developers"), h("span", { class: "small muted" }, "every input and output, * is required")), h("div", { class: "pad two" }, tabs("Schemas", [["Inputs", reference("Input", o.input)], ["Outputs", reference("Output", o.output)]]), h("p", { class: "small" }, h("a", { href: "/openapi.json" }, "The OpenAPI document"), " is what External Services reads; it holds all of this and nothing else.")));

// ---- trying it out ----
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const shell = (o, input) => {
    const body = quoted(JSON.stringify(input)), url = quoted(`${location.origin}${o.path}`), event = !o.callers?.includes("salesforce");
    const type = "-H 'content-type: application/json'";
    if (!about.signUrl || event) return `curl -sS ${url} \\\n  ${event ? '-H "x-signature: $SIGNATURE"' : '-H "x-request-id: $ID" -H "x-request-context: $CONTEXT" -H "x-client-context: $CLIENT"'} \\\n  ${type} \\\n  -d ${body}`;
    return `curl -sS -X POST -d '{}' ${quoted(`${about.signUrl}/sandbox/sign?as=lines`)} |\ncurl -sS ${url} -H @- \\\n  ${type} \\\n  -d ${body}`;
};
const curl = (o, input) => {
    const words_ = about.signUrl ? "The first line has the sandbox sign, the second calls this host. Shorter:" : "Salesforce makes the signed headers. With a sandbox beside the host:";
    const event = o.callers?.includes("salesforce") ? "" : "--data-action Sandbox_Target ";
    return h("div", {}, copyable(shell(o, input), "Call with curl"), h("p", { class: "small muted" }, words_), copyable(`./invoke ${event}${o.id} ${quoted(JSON.stringify(input))}`, "Call with invoke"));
};
const call = async (o, input) => {
    const where = o.callers?.includes("salesforce") ? "invoke" : "data-action";
    const begun = performance.now();
    const answer = await fetch(`${about.signUrl}/sandbox/${where}/${o.id}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(input) });
    const text = await answer.text(), ms = performance.now() - begun;
    let body = text;
    try {
        body = JSON.parse(text);
    } catch {
        // shown as it is
    }
    return { status: answer.status, ms, body };
};
// A job goes on: what is shown moves with it until it ends, or until another operation is looked at.
const follow = async (answer, show, still) => {
    let job = { ...answer.body };
    const asker = { id: "getJob", callers: ["salesforce"] };
    do {
        const next = await call(asker, { jobId: job.jobId, waitSeconds: 1 });
        if (next.status !== 200) return;
        job = next.body;
        if (job.resultJson) {
            try {
                job = { ...job, result: JSON.parse(job.resultJson) };
            } catch {
                // a result that is no JSON is shown as text
            }
        }
        if (still()) show({ ...answer, job });
        if (!ended(job)) await new Promise((r) => setTimeout(r, AGAIN_MS));
    } while (still() && !ended(job));
    if (still()) say(`The job is ${job.state}.`);
};

const example = (o) => o.examples?.filter((e) => e.input) || [];
const tryIt = (o) => {
    const form = makeForm(o.input, { resolve, choices: o.choices, examples: example(o) });
    const event = !o.callers?.includes("salesforce");
    const place = h("div", { class: "pad answer", id: "answer" });
    const button = h("button", { class: "btn primary", type: "submit" }, "Run");
    let chosen = null, run = 0;
    const describe = (name) => resolve(o.output?.properties?.[name] || {}).description;
    const options = (input) => ({ signUrl: about.signUrl, pages: about.pages, describe, curl: () => curl(o, input), expected: chosen?.status, remedy: (code) => (o.errors || []).find((e) => e.code === code)?.remedy || HOST_ERRORS.find((e) => e[0] === code)?.[3] });
    const idle = () => place.replaceChildren(h("h3", {}, "Answer"), ...tabs("Answer as", [["Not run yet", h("p", { class: "idle muted" }, about.signUrl ? "Run it, and the answer stands here as what it is: pictures, paper, a table, a job that moves." : "This host has no sandbox beside it, so this page cannot sign a call. With make run you can try it out; curl shows the call.")], ["curl", curl(o, chosen?.input || o.example || {})]]));
    const chips = example(o).map((e) => {
        const chip = h("button", { class: "chip", type: "button", "aria-pressed": "false" }, e.name[0].toUpperCase() + e.name.slice(1), e.status >= 300 && h("b", {}, e.status));
        chip.addEventListener("click", () => choose(e, chip));
        return chip;
    });
    const choose = (e, chip) => {
        chosen = e;
        chips.forEach((c) => c.setAttribute("aria-pressed", String(c === chip)));
        form.fill(e.input);
        run++;
        idle();
    };
    const before = async (input) => {
        if (!chosen?.after) return input;
        const first = await call({ id: chosen.after.operationId, callers: ["salesforce"] }, chosen.after.input || {});
        const taken = Object.fromEntries(Object.keys(input).filter((k) => first.body?.[k] !== undefined).map((k) => [k, first.body[k]]));
        const filled = { ...input, ...taken };
        form.fill(filled);
        return filled;
    };
    const submit = async () => {
        let input = form.read();
        if (!input) return say("A field is not right yet.");
        const mine = ++run, still = () => mine === run && place.isConnected;
        button.disabled = true;
        button.textContent = "Running…";
        try {
            input = await before(input);
            const answer = await call(o, input);
            const show = (a) => place.replaceChildren(...showAnswer(a, options(input)));
            if (!still()) return;
            show(answer);
            say(`The answer is ${answer.status}.`);
            (answer.status === 422 ? [answer.body, ...(answer.body?.details || [])] : []).forEach((d) => d?.field && form.wrong(d.field, d.message));
            if (answer.status === 201 && answer.body?.jobId && about.jobs) follow(answer, show, still);
        } catch (error) {
            place.replaceChildren(h("h3", {}, "Answer"), h("p", { class: "err" }, `The sandbox at ${about.signUrl} does not answer (${error.message}). Is it running?`));
        } finally {
            button.disabled = false;
            button.textContent = "Run";
        }
    };
    const node = h(
        "form",
        { class: "pad form", novalidate: true, "aria-label": `Inputs of ${words(o.id)}` },
        form.nodes,
        about.signUrl && h("div", { class: "row" }, button, h("span", { class: "small muted" }, event ? "signed with the sample target's secret" : "in the sample org, as its administrator")),
    );
    node.addEventListener("submit", (e) => (e.preventDefault(), submit()));
    if (chips.length) choose(example(o)[0], chips[0]);
    else idle();
    return h("section", { class: "card", "aria-labelledby": "try" }, h("div", { class: "cardhead" }, h("h2", { id: "try" }, "Try it"), chips.length ? h("div", { class: "row filters", role: "group", "aria-label": "Examples" }, chips) : null), h("div", { class: "trygrid" }, node, place));
};

const show = (all, focus) => {
    const wanted = decodeURIComponent(location.hash.slice(1));
    const o = all.find((x) => x.id === wanted) || all.find((x) => x.id === "generateSocialCards") || groups(all)[0]?.[1][0];
    document.querySelectorAll(".ops a").forEach((a) => a.removeAttribute("aria-current"));
    if (!o) return;
    one(`nav-${o.id}`)?.setAttribute("aria-current", "true");
    one("operation").replaceChildren(heading(o), tryIt(o), errorTable(o), developers(o));
    document.title = `${words(o.id)} · Action Host`;
    if (!focus) return;
    document.activeElement?.blur();
    one("name").focus({ preventScroll: true });
    one("docs").scrollIntoView({ block: "start" });
};

const start = async () => {
    [doc, about] = await Promise.all([get("/openapi.json"), get("/docs/about.json")]);
    resolve = resolver(doc);
    one("version").textContent = about.version;
    one("jobs").hidden = !about.pages;
    if (about.signUrl) {
        one("where").hidden = false;
        one("where").querySelector("span").textContent = "sandbox";
    }
    const all = operations();
    list(all);
    one("docs").hidden = false;
    show(all, all.some((o) => `#${o.id}` === location.hash));
    window.addEventListener("hashchange", () => location.hash !== "#main" && show(all, true));
    document.addEventListener("keydown", (event) => {
        if (event.key !== "/" || /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName)) return;
        event.preventDefault();
        one("q").focus();
    });
    await hero(about);
    say(`${all.length} actions.`);
    document.body.dataset.ready = "yes";
};

start().catch((error) => {
    const note = one("wrong");
    note.hidden = false;
    note.append(h("div", {}, h("b", {}, "The page could not be built"), h("p", {}, `${error.message}. Load it again; the host's log says more.`)));
});
