// answer.js - an answer shown as what it is: pictures, paper, tables, a job that goes on; JSON and curl beside it.
import { h, s, words, number, bytes, tabs, copyable, state, first } from "./dom.js";

const ROWS = 50, DEEP = 6, LISTS = 2;

const each = (value, found, depth = 0) => {
    if (depth > DEEP || value === null || typeof value !== "object") return;
    if (!Array.isArray(value)) found(value);
    Object.values(value).forEach((v) => each(v, found, depth + 1));
};

// ---- pictures and paper ----
const links = (file) => (file.url ? [h("a", { href: file.url, target: "_blank", rel: "noopener" }, "Open"), " · ", h("a", { href: file.save }, "Save")] : []);
const picture = (card, file) => {
    const facts = [card.width && `${card.width} × ${card.height}`, card.bytes && bytes(card.bytes), card.contrastRatio && `contrast ${card.contrastRatio.toFixed(1)}:1`, card.status].filter(Boolean).join(", ");
    return h(
        "figure",
        {},
        h("img", { src: file.url || file.data, alt: card.altText || "", width: card.width, height: card.height, class: card.height > card.width ? "tall" : null }),
        h("figcaption", { class: "small" }, h("b", {}, card.preset || card.title || "Picture"), ` ${facts}`, file.url && " · ", links(file)),
        card.altText && h("p", { class: "small alt" }, h("span", { class: "muted" }, "Alternative text"), card.altText),
        card.advice?.length ? h("ul", { class: "small advice" }, card.advice.map((a) => h("li", {}, a))) : null,
    );
};
const paper = (doc, file) => {
    const name = doc.title || doc.fileName || "Document";
    const here = navigator.pdfViewerEnabled && window.matchMedia("(min-width: 761px)").matches;
    return h(
        "figure",
        {},
        here ? h("iframe", { src: `${file.url}#view=FitH&toolbar=0&navpanes=0`, title: name, class: "paper" }) : h("p", { class: "paper none" }, "PDF"),
        h("figcaption", { class: "small" }, h("b", {}, name), doc.sizeBytes ? ` ${bytes(doc.sizeBytes)} · ` : " · ", links(file)),
    );
};
const mime = (o) => (o.format === "jpeg" ? "image/jpeg" : o.format === "pdf" || o.sha256 ? "application/pdf" : "image/png");
const files = (body, signUrl) => {
    const pictures = [], papers = [], seen = new Set();
    each(body, (o) => {
        const id = o.contentVersionId, url = id && signUrl && `${signUrl}/sandbox/files/${id}`;
        const data = o.imageBase64 && `data:${o.imageBase64.startsWith("/9j/") ? "image/jpeg" : mime(o)};base64,${o.imageBase64}`;
        if (!(url || data) || (id && seen.has(id))) return;
        if (o.width || data) pictures.push(picture(o, { url, data, save: `${url}?save=1` }));
        else if (o.title || /pdf$/i.test(o.fileName || "")) papers.push(paper(o, { url, save: `${url}?save=1` }));
        else return;
        seen.add(id);
    });
    return { pictures, papers };
};

// ---- tables ----
const plain = (v) => v === null || typeof v !== "object";
const cell = (v) => {
    if (typeof v === "number") return number(v);
    if (v === null || v === undefined) return "";
    if (typeof v === "boolean") return v ? "yes" : "no";
    return plain(v) ? String(v) : Object.values(v).map(cell).join(Array.isArray(v) ? ", " : " ");
};
// An address leads to where it points, under the name of the place.
const shown = (v) => (typeof v === "string" && /^https?:\/\/[^\s]+$/.test(v) ? h("a", { href: v, target: "_blank", rel: "noopener noreferrer" }, URL.canParse(v) ? new URL(v).host : v) : cell(v));
const SAID = new Set(["summary", "agentMessage", "message", "warningText", "resultJson", "sha256", "cursor"]); // stand above the tabs, or are for machines
const facts = (o, describe) => {
    const rows = Object.entries(o).filter(([name, v]) => plain(v) && v !== "" && v !== null && !SAID.has(name) && !/base64/i.test(name));
    return rows.length ? h("dl", { class: "facts wide" }, rows.map(([name, v]) => h("div", { title: describe(name) || null }, h("dt", {}, words(name)), h("dd", {}, shown(v))))) : null;
};
const table = (name, list) => {
    const heads = [...new Set(list.flatMap((row) => Object.keys(row).filter((k) => plain(row[k]) || Array.isArray(row[k]))))].filter((k) => !/base64/i.test(k) && list.some((r) => cell(r[k]) !== "" && String(cell(r[k])).length < 300));
    if (!heads.length) return null;
    heads.sort((a, b) => /Id$/.test(a) - /Id$/.test(b)); // ids are for machines: last
    const right = new Set(heads.filter((k) => list.every((r) => typeof r[k] === "number" || r[k] === undefined || r[k] === null)));
    const row = (r) => h("tr", {}, heads.map((k) => h("td", { class: right.has(k) ? "num" : null }, shown(r[k]))));
    const more = list.length > ROWS ? h("p", { class: "small muted" }, `The first ${ROWS} of ${number(list.length)} rows; JSON has all.`) : null;
    return h("div", {}, h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": words(name) }, h("table", {}, h("thead", {}, h("tr", {}, heads.map((k) => h("th", { scope: "col", class: right.has(k) ? "num" : null }, words(k))))), h("tbody", {}, list.slice(0, ROWS).map(row)))), more);
};
// The first lists of an answer stand open, the rest is folded.
const part = (name, node, open) => node && h("details", { class: "fold-in", open }, h("summary", {}, words(name)), node);
const sections = (body, describe) => {
    const nodes = [facts(body, describe)];
    let lists = 0;
    for (const [name, value] of Object.entries(body)) {
        const list = Array.isArray(value) && value.length > 0;
        if (list && value.every((v) => v && typeof v === "object")) nodes.push(part(name, table(name, value), lists++ < LISTS));
        else if (list && value.every(plain)) nodes.push(part(name, h("ul", { class: "plain" }, value.map((v) => h("li", {}, cell(v)))), lists++ < LISTS));
        else if (value && !plain(value) && !Array.isArray(value)) nodes.push(part(name, facts(value, () => ""), false));
    }
    return nodes.filter(Boolean);
};

// ---- a job ----
export const ended = (job) => ["done", "failed", "canceled"].includes(job.state);
const progress = (job, pages) => {
    const total = job.total || 0, done = job.done || 0, failed = job.failed || 0, part = (n) => (total ? (100 * n) / total : 0);
    const kind = job.state === "done" && failed ? "partly" : job.state;
    const left = job.etaSeconds && !ended(job) ? `about ${number(job.etaSeconds, 0)} s left` : "";
    const said = total ? `${number(done)} of ${number(total)}${failed ? ` · ${number(failed)} failed` : ""}${job.ratePerSecond ? ` · ${number(job.ratePerSecond, 0)} a second` : ""}` : "";
    const bar = s("svg", { class: "bar tall", "aria-hidden": "true" }, s("rect", { width: "100%", height: 12, class: "t" }), s("rect", { width: `${part(done)}%`, height: 12, class: job.state === "done" ? "g" : "d" }), s("rect", { x: `${part(done - failed)}%`, width: `${failed ? Math.max(1, part(failed)) : 0}%`, height: 12, class: "b" }));
    const meter = h("div", { role: "progressbar", "aria-label": "Progress of the job", "aria-valuemin": "0", "aria-valuemax": total || null, "aria-valuenow": total ? done : null, "aria-valuetext": said || job.state }, bar);
    return h("div", { class: "job" }, h("div", { class: "row between" }, state(kind, words(job.state)), h("b", { class: "small" }, left)), meter, h("p", { class: "small" }, said), job.message && h("p", { class: "small muted" }, job.message), pages && h("p", { class: "small" }, h("a", { href: `/jobs/${job.jobId}` }, "Open in Jobs")));
};

// ---- all of it ----
const refusal = (a, remedy) => {
    const e = a.body || {};
    const details = (e.details || []).filter((d) => d.message !== e.message);
    return h(
        "div",
        { class: "refusal" },
        h("p", {}, h("b", {}, h("code", {}, e.code || a.status)), ` ${e.message || "The answer has no message."}`),
        details.length ? h("ul", { class: "small" }, details.map((d) => h("li", {}, d.field && h("code", {}, d.field), ` ${d.message}`))) : null,
        remedy && h("p", { class: "small" }, h("span", { class: "muted" }, "What to do: "), remedy),
        e.retryAfterSeconds && h("p", { class: "small" }, `Try again in ${e.retryAfterSeconds} s.`),
    );
};

// a: {status, ms, body, job}; o: {signUrl, pages, curl, describe, remedy, expected}
export const showAnswer = (a, o) => {
    const good = a.status >= 200 && a.status < 300, body = a.body;
    const expected = o.expected && o.expected === a.status && !good;
    const head = h("div", { class: "row between" }, h("h3", {}, "Answer"), state(good || expected ? "done" : "failed", `${a.status}${expected ? ", as expected" : ""} · ${number(a.ms, 0)} ms`));
    const views = [];
    const summary = good && (body?.summary || body?.agentMessage || (!a.job && body?.message));
    if (!good) views.push(["What is wrong", refusal(a, o.remedy(body?.code))]);
    if (good && body && typeof body === "object") {
        const made = files(body, o.signUrl), shown = a.job || (body.jobId && body.state ? body : null), rows = sections(a.job?.result || (a.job ? a.job : body), o.describe);
        if (made.pictures.length) views.push([made.pictures.length > 1 ? "Pictures" : "Picture", h("div", { class: "made" }, made.pictures)]);
        if (made.papers.length) views.push(["PDF", h("div", {}, made.papers)]);
        if (shown) views.push(["Progress", progress(shown, o.pages)]);
        if (rows.length) views.push(["Table", h("div", { class: "tables" }, rows)]);
    }
    const whole = a.job ? { start: body, job: a.job } : body;
    views.push(["JSON", copyable(typeof whole === "string" ? whole : JSON.stringify(whole, (k, v) => (/base64/i.test(k) && v.length > 80 ? `${v.slice(0, 60)}… ${bytes(v.length)}` : v), 2), "Answer as JSON")]);
    views.push(["curl", o.curl()]);
    return [head, summary && h("p", { class: "summary" }, first(summary).length > 20 ? summary : first(summary)), ...tabs("Answer as", views)].filter(Boolean);
};
