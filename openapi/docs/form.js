// form.js - a form out of a schema: choices as choices, dates as dates, what is rare folded away. read() gives the JSON that is
// sent, fill() shows an example, wrong() says at a field what to send instead.
import { h, newId, words, first, number } from "./dom.js";

const FEW = 5; // choices that stand side by side
const SHOWN = 6; // inputs that are shown at once

export const resolver = (doc) => (schema) => {
    let node = schema;
    while (node?.$ref) node = node.$ref.slice(2).split("/").reduce((at, name) => at?.[name], doc);
    return node || {};
};

const isId = (c) => c.format === "salesforce-id" || (c.minLength === 15 && c.maxLength === 18);
const hint = (c) => {
    if (isId(c)) return "id, 15 or 18 characters";
    if (c.format === "date") return "YYYY-MM-DD";
    if (c.type === "integer") return c.minimum !== undefined && c.maximum !== undefined ? `${c.minimum} to ${number(c.maximum)}` : "whole number";
    if (c.type === "number") return c.minimum !== undefined && c.maximum !== undefined ? `${c.minimum} to ${c.maximum}` : "number";
    if (c.type === "array") return c.items.type === "object" ? "a list, as JSON" : "one a line";
    return c.type === "object" ? "as JSON" : "";
};

// What is wrong with a text, as a sentence that says what to send; "" when nothing is.
const fault = (c, value) => {
    const eg = c.example !== undefined ? `, for example ${c.example}` : "";
    if (c.type === "integer" && !/^[-+]?\d+$/.test(value)) return `Send a whole number${eg}.`;
    if ((c.type === "integer" || c.type === "number") && !Number.isFinite(Number(value))) return `Send a number with a point, without signs or commas${eg}.`;
    if (c.minimum !== undefined && Number(value) < c.minimum) return `Send ${number(c.minimum)} or more.`;
    if (c.maximum !== undefined && Number(value) > c.maximum) return `Send ${number(c.maximum)} or less.`;
    if (c.type !== "string") return "";
    if (isId(c) && !/^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$/.test(value)) return `Send an id of 15 or 18 letters and digits${eg}.`;
    if (c.minLength > value.length) return `Send ${c.minLength} characters or more${eg}.`;
    if (c.maxLength < [...value].length) return `Send ${number(c.maxLength)} characters or fewer.`;
    if (c.pattern && !new RegExp(c.pattern, "u").test(value)) return `This has another form${eg}.`;
    return "";
};

// The first sentence says what it is, unless it only lists the choices that stand there anyway.
const helpOf = (c, choices = []) => {
    const text = first(c.description);
    if (choices.length < 2 || choices.filter((w) => text.includes(w)).length < choices.length / 2) return text;
    return (c.description.match(/By default [^.]*\./) || [""])[0];
};

// ---- one field: {node, focus, get, put}; get answers undefined for "not sent" and throws a sentence ----
const wrap = (f, control, tail) => {
    const help = h("p", { id: `${f.id}-h`, class: "help" }, helpOf(f.c, f.choices));
    const error = h("p", { id: `${f.id}-e`, class: "err", hidden: true });
    const node = h("div", { class: "field" }, h("label", { for: f.id }, words(f.name), f.required ? "" : h("em", {}, " optional"), hint(f.c) && h("em", {}, ` ${hint(f.c)}`)), control, help, error, tail);
    control.setAttribute("aria-describedby", help.id);
    const wrong = (text) => {
        node.classList.toggle("bad", Boolean(text));
        error.hidden = !text;
        error.textContent = text;
        if (text) control.setAttribute("aria-invalid", "true");
        else control.removeAttribute("aria-invalid");
        control.setAttribute("aria-describedby", text ? `${error.id} ${help.id}` : help.id);
    };
    return { node, wrong, focus: () => control.focus() };
};
const group = (f, control, className) => {
    const error = h("p", { id: `${f.id}-e`, class: "err", hidden: true });
    const node = h("fieldset", { class: "field", "aria-describedby": `${f.id}-h` }, h("legend", {}, words(f.name), f.required ? "" : h("em", {}, " optional")), h("div", { class: className }, control), h("p", { id: `${f.id}-h`, class: "help" }, helpOf(f.c, f.choices)), error);
    const wrong = (text) => {
        node.classList.toggle("bad", Boolean(text));
        error.hidden = !text;
        error.textContent = text;
    };
    return { node, wrong, focus: () => node.querySelector("input").focus() };
};

const radios = (f, choices) => {
    const inputs = choices.map((value) => h("input", { type: "radio", name: f.id, value, class: "vh" }));
    const labels = inputs.map((input, i) => h("label", {}, input, choices[i]));
    const chosen = () => inputs.find((i) => i.checked)?.value;
    const put = (value) => inputs.forEach((i) => (i.checked = i.value === String(value ?? f.c.default ?? "")));
    put(undefined);
    return { ...group(f, labels, "seg"), get: () => (chosen() === f.c.default ? undefined : chosen()), put };
};
const select = (f, choices) => {
    const control = h("select", { id: f.id }, h("option", { value: "" }, f.c.default ?? "default"), choices.filter((c) => c !== f.c.default).map((c) => h("option", { value: c }, c)));
    return { ...wrap(f, control), get: () => control.value || undefined, put: (v) => (control.value = v === undefined || v === f.c.default ? "" : v) };
};
const checks = (f, choices) => {
    const inputs = choices.map((value) => h("input", { type: "checkbox", value }));
    const get = () => {
        const list = inputs.filter((i) => i.checked).map((i) => i.value);
        return list.length ? list : undefined;
    };
    return { ...group(f, inputs.map((input, i) => h("label", {}, input, choices[i])), "checks"), get, put: (v) => inputs.forEach((i) => (i.checked = (v || []).includes(i.value))) };
};
const flag = (f) => {
    const input = h("input", { type: "checkbox", id: f.id, "aria-describedby": `${f.id}-h` });
    const base = f.c.default === true;
    const node = h("div", { class: "field" }, h("label", { class: "flag", for: f.id }, input, words(f.name)), h("p", { id: `${f.id}-h`, class: "help" }, first(f.c.description)));
    const put = (v) => (input.checked = v ?? base);
    put(undefined);
    return { node, wrong: () => {}, focus: () => input.focus(), put, get: () => (input.checked === base && !f.required ? undefined : input.checked) };
};
const line = (f) => {
    const long = f.c.maxLength > 300 && /sql|condition|description|text/i.test(f.name);
    const numeric = f.c.type === "integer" || f.c.type === "number";
    const control = h(long ? "textarea" : "input", { id: f.id, rows: long && "3", type: !long && (f.c.format === "date" ? "date" : "text"), inputmode: numeric && "decimal", class: isId(f.c) && "mono", placeholder: f.c.default ?? null, autocomplete: "off", spellcheck: "false", "aria-required": f.required && "true" });
    const get = () => {
        const value = control.value;
        if (value === "" && !f.cleared) return undefined;
        const text = value === "" ? "" : fault(f.c, value);
        if (text) throw text;
        return numeric ? Number(value) : value;
    };
    return { ...wrap(f, control), get, put: (v) => ((control.value = v ?? ""), (f.cleared = v === "")) };
};
const lines = (f) => {
    const control = h("textarea", { id: f.id, rows: "3", class: "mono", spellcheck: "false" });
    const get = () => {
        const list = control.value.split("\n").map((l) => l.trim()).filter(Boolean);
        list.forEach((value, i) => {
            const text = fault(f.c.items, value);
            if (text) throw `Line ${i + 1}: ${text}`;
        });
        const numeric = /integer|number/.test(f.c.items.type);
        return list.length || f.empty ? list.map((v) => (numeric ? Number(v) : v)) : undefined;
    };
    return { ...wrap(f, control), get, put: (v) => ((control.value = (v || []).join("\n")), (f.empty = v?.length === 0)) };
};
const json = (f) => {
    const control = h("textarea", { id: f.id, rows: "6", class: "mono", spellcheck: "false" });
    const get = () => {
        if (!control.value.trim()) return undefined;
        try {
            return JSON.parse(control.value);
        } catch (e) {
            throw `This is not JSON: ${e.message}`;
        }
    };
    return { ...wrap(f, control), get, put: (v) => (control.value = v === undefined ? "" : JSON.stringify(v, null, 2)) };
};

const field = (context, f) => {
    const c = f.c, choices = c.enum || context.choices[f.path] || (c.type === "array" && c.items.enum);
    f.choices = choices || [];
    if (c.type === "object" && Object.keys(c.properties || {}).length) return section(context, f);
    if (c.type === "object" || (c.type === "array" && c.items.type === "object")) return json(f);
    if (c.type === "array") return choices ? checks(f, choices) : lines(f);
    if (c.type === "boolean") return flag(f);
    if (choices) return choices.length <= FEW && c.default !== undefined ? radios(f, choices) : select(f, choices);
    return line(f);
};

// Required ones first, then those that examples use, then in the schema's order.
const order = (context, schema, path) => {
    const required = schema.required || [], rank = (n) => (required.includes(n) ? 0 : context.used.has(`${path}/${n}`) ? 1 : 2);
    const names = Object.keys(schema.properties || {});
    return names.map((n, i) => [rank(n), i, n]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
};
const members = (context, schema, path, shown) => {
    const fields = new Map(), front = [], rest = [];
    for (const [rank, , name] of order(context, schema, path)) {
        const c = context.resolve(schema.properties[name]);
        const items = c.items ? { ...c, items: context.resolve(c.items) } : c;
        const f = { name, c: items, path: `${path}/${name}`, id: newId("f"), required: (schema.required || []).includes(name) };
        fields.set(name, field(context, f));
        (rank === 0 || (front.length < shown && (rank === 1 || shown === SHOWN)) ? front : rest).push(fields.get(name).node);
    }
    const more = rest.length > 1 ? h("details", { class: "more" }, h("summary", {}, `${rest.length} more inputs`), h("div", { class: "form" }, rest)) : rest;
    const get = (wrong) => {
        const value = {};
        for (const [name, at] of fields) {
            try {
                const v = at.get(wrong);
                at.wrong("");
                if (v !== undefined) value[name] = v;
                else if ((schema.required || []).includes(name)) throw "This is needed.";
            } catch (text) {
                if (typeof text !== "string") throw text;
                at.wrong(text);
                wrong.push(at);
            }
        }
        return value;
    };
    const put = (value) => {
        for (const [name, at] of fields) {
            at.put(value?.[name]);
            at.wrong("");
            const fold = at.node.closest("details.more");
            if (fold && value?.[name] !== undefined) fold.open = true;
        }
    };
    return { nodes: [front, more], fields, get, put };
};

// An object inside: folded until an example fills it.
const section = (context, f) => {
    const inner = members(context, f.c, f.path, 4);
    const node = h("details", { class: "part" }, h("summary", {}, words(f.name), h("em", {}, ` ${f.required ? "" : "optional, "}${Object.keys(f.c.properties).length} inputs`)), h("p", { class: "help" }, first(f.c.description)), h("div", { class: "form" }, inner.nodes));
    const get = (wrong) => {
        const touched = node.open || f.required;
        const value = touched ? inner.get(wrong) : {};
        return Object.keys(value).length || f.required ? value : undefined;
    };
    const put = (v) => {
        node.open = v !== undefined;
        inner.put(v);
    };
    return { node, fields: inner.fields, get, put, wrong: () => {}, focus: () => node.querySelector("summary").focus() };
};

const usedBy = (examples) => {
    const used = new Set();
    const walk = (value, path) => {
        if (value && typeof value === "object" && !Array.isArray(value))
            for (const [name, v] of Object.entries(value)) {
                used.add(`${path}/${name}`);
                walk(v, `${path}/${name}`);
            }
    };
    examples.forEach((e) => walk(e.input, ""));
    return used;
};

export const makeForm = (schema, { resolve, choices = {}, examples = [] }) => {
    const all = members({ resolve, choices, used: usedBy(examples) }, schema, "", SHOWN);
    const at = (pointer) => {
        let fields = all.fields, found;
        for (const name of pointer.split("/").slice(1)) {
            if (!fields?.has(name)) break;
            found = fields.get(name);
            if (found.node.tagName === "DETAILS") found.node.open = true;
            fields = found.fields;
        }
        return found;
    };
    return {
        nodes: all.nodes,
        fill: (input) => all.put(input),
        // null when a field is wrong: it is told there, and has the focus
        read: () => {
            const wrong = [], value = all.get(wrong);
            if (!wrong.length) return value;
            wrong[0].node.closest("details")?.setAttribute("open", "");
            wrong[0].focus();
            return null;
        },
        wrong: (pointer, text) => {
            const found = at(pointer);
            if (!found) return;
            found.wrong(text);
            found.node.closest("details.more")?.setAttribute("open", "");
        },
    };
};
