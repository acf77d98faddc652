// dom.js - small parts that make nodes, and words. Text is always text: nothing here reads HTML.
const SVG = "http://www.w3.org/2000/svg";

const add = (node, children) => children.flat(3).forEach((c) => c !== null && c !== undefined && c !== false && node.append(c));
const set = (node, props) => {
    for (const [name, value] of Object.entries(props || {}))
        if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
        else if (value === true) node.setAttribute(name, "");
        else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
};
export const h = (tag, props, ...children) => {
    const node = document.createElement(tag);
    set(node, props);
    add(node, children);
    return node;
};
export const s = (tag, props, ...children) => {
    const node = document.createElementNS(SVG, tag);
    set(node, props);
    add(node, children);
    return node;
};
export const one = (id) => document.getElementById(id);

let last = 0;
export const newId = (what) => `${what}-${++last}`;

// generateSocialCards: "Generate social cards"; title case for the name that Salesforce shows
const split = (id) => id.replace(/[_-]+/g, " ").replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/\b(Co2e?|Id|Pdf|Wtt|Apr|Eu|Icao|Sql|Url|Csv|Json)\b/gi, (w) => known[w.toLowerCase()] || w);
const known = { co2: "CO₂", co2e: "CO₂e", pdf: "PDF", wtt: "WTT", apr: "APR", eu: "EU", icao: "ICAO", sql: "SQL", url: "URL", csv: "CSV", json: "JSON", id: "id" };
export const words = (id) => {
    const text = split(id).replace(/ ([A-Z])(?=[a-z])/g, (_, c) => ` ${c.toLowerCase()}`);
    return text[0].toUpperCase() + text.slice(1);
};
export const title = (id) => id.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/^./, (c) => c.toUpperCase());
export const number = (n, digits = 3) => n.toLocaleString("en-US", { maximumFractionDigits: digits });
export const first = (text) => (text || "").match(/^.*?[.!?](?= |$)/s)?.[0] || text || "";
export const bytes = (n) => (n < 1000 ? `${n} bytes` : n < 1e6 ? `${Math.round(n / 1000)} kB` : `${(n / 1e6).toFixed(1)} MB`);

export const icon = (path) => s("svg", { viewBox: "0 0 14 14", "aria-hidden": "true" }, s("path", { d: path }));
export const state = (kind, text) => {
    const paths = { done: "m2.5 7.5 3 3 6-7", failed: "m3 3 8 8m0-8-8 8", running: "M7 2a5 5 0 1 1-5 5", waiting: "M4.5 2.5v9m5-9v9", queued: "M7 2a5 5 0 1 0 0 10A5 5 0 1 0 7 2", canceled: "M2.5 7h9" };
    return h("span", { class: `state ${kind}` }, icon(paths[kind] || paths.queued), text);
};

// One tab stop; arrows, Home and End move. views: [[name, node], ...]
export const tabs = (label, views) => {
    const ids = views.map(() => newId("tab"));
    const panels = views.map(([, node], i) => h("div", { role: "tabpanel", id: `${ids[i]}-p`, "aria-labelledby": ids[i], class: "pane", hidden: i > 0 }, node));
    const buttons = views.map(([name], i) => h("button", { type: "button", role: "tab", id: ids[i], "aria-controls": `${ids[i]}-p`, "aria-selected": String(i === 0), tabindex: i ? "-1" : "0", onclick: () => choose(i) }, name));
    const choose = (n) =>
        buttons.forEach((b, i) => {
            b.setAttribute("aria-selected", String(i === n));
            b.tabIndex = i === n ? 0 : -1;
            panels[i].hidden = i !== n;
        });
    const keys = (event) => {
        const now = buttons.indexOf(event.target), to = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: buttons.length - 1 }[event.key];
        if (to === undefined || now < 0) return;
        event.preventDefault();
        const n = (to + buttons.length) % buttons.length;
        choose(n);
        buttons[n].focus();
    };
    return [h("div", { class: "seg", role: "tablist", "aria-label": label, onkeydown: keys }, buttons), ...panels];
};

export const copyable = (text, label) => {
    const button = h("button", { type: "button", class: "btn sm copy", "aria-label": `Copy ${label}` }, "Copy");
    button.addEventListener("click", () => navigator.clipboard.writeText(text).then(() => (button.textContent = "Copied")));
    return h("div", { class: "code" }, h("pre", { tabindex: "0", role: "region", "aria-label": label }, text), navigator.clipboard && button);
};
