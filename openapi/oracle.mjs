// oracle.mjs - makes random schemas of the subset and random values, asks Ajv for its verdict, and prints them in the form of the
// JSON Schema Test Suite, which vectors_schema reads: two validators that share no code must agree on each.
//     node oracle.mjs SEED GROUPS
// Left out, because the two differ on purpose: numbers written with a fraction of zero or with a positive exponent (JavaScript cannot
// tell 1.0 and 1e100 from integers), blanks in date-times, numbers beyond float, and multiples that binary fractions cannot hold (Ajv
// computes them in binary, the host in decimal).
import Ajv from "ajv-draft-04";
import addFormats from "ajv-formats";

const [seed, groups] = process.argv.slice(2).map(Number);

// xorshift32, so that a failing run can be repeated
let state = seed || 1;
function random(n) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
}
const pick = (list) => list[random(list.length)];
const maybe = (percent) => random(100) < percent;
const times = (n, make) => Array.from({ length: n }, make);

const letters = ["a", "b", "B", "0", "9", "-", "_", ".", "ä", "€", "😀", "\n", "/", "~", '"'];
const words = ["", "a", "ab", "b-9", "2024-02-29", "2023-02-29", "2024-02-29T23:59:59Z", "2024-02-29T24:00:00Z", "2016-12-31T23:59:60Z",
    "2024-06-30T12:00:60Z", "2024-02-29T12:00:00.5+05:30", "2024-02-29T12:00:00", "2024-13-01", "0000-01-01", "2100-02-29"];
const text = () => (maybe(50) ? pick(words) : times(random(6), () => pick(letters)).join(""));
const integer = () => pick([0, 1, -1, 2, 3, 7, 10, 255, -40, 2147483647, 2147483648, -2147483648, -2147483649, 9007199254740991]);
const number = () => (maybe(60) ? integer() : pick([0.5, -0.5, 1.25, 2.75, 1e-7, 123456.75, -3.125]));

// Patterns by the grammar of runtime/schema/pattern.h
function atom(depth) {
    const kind = random(depth > 2 ? 3 : 4);
    if (kind === 0) return pick(["a", "b", "0", "-", "_", "/"]);
    if (kind === 1) return pick(["[ab]", "[a-c0-9]", "[A-Z]", "[0-9_-]", "[-.]"]);
    if (kind === 2) return pick(["\\.", "\\{", "\\\\", "\\("]);
    return `(${alternatives(depth + 1)})`;
}
function quantified(depth) {
    const one = atom(depth), anchored = /[\^$]/.test(one); // such a group is not repeated
    return one + (!anchored && maybe(35) ? pick(["*", "+", "?", "{2}", "{0,2}", "{1,}"]) : "");
}
function alternatives(depth) {
    return times(1 + random(2), () => {
        const branch = times(1 + random(3), () => quantified(depth)).join("");
        return (maybe(25) ? "^" : "") + branch + (maybe(25) ? "$" : "");
    }).join("|");
}

const names = ["a", "b", "flightId", "a/b", "~", "ä"];
const range = (low, high, make) => {
    const [x, y] = [make(), make()].sort((p, q) => p - q);
    return { ...(maybe(70) && { [low]: x }), ...(maybe(70) && { [high]: y }) };
};
const limits = {
    string: () => ({
        ...(maybe(40) && range("minLength", "maxLength", () => random(6))),
        ...(maybe(40) && { pattern: alternatives(0) }),
        ...(maybe(25) && { format: pick(["date", "date-time"]) }),
    }),
    integer: () => ({
        ...(maybe(50) && range("minimum", "maximum", integer)),
        ...(maybe(30) && { multipleOf: pick([1, 2, 3, 7, 10]) }),
        ...(maybe(40) && { format: pick(["int32", "int64"]) }),
    }),
    number: () => ({
        ...(maybe(50) && range("minimum", "maximum", number)),
        ...(maybe(30) && { multipleOf: pick([0.5, 0.25, 2, 3]) }),
        ...(maybe(40) && { format: pick(["float", "double"]) }),
    }),
    boolean: () => ({}),
    array: (depth) => ({
        ...(maybe(80) && { items: schema(depth + 1) }),
        ...(maybe(40) && range("minItems", "maxItems", () => random(4))),
        ...(maybe(40) && { uniqueItems: maybe(80) }),
    }),
    object: (depth) => {
        const members = names.filter(() => maybe(50));
        const required = names.filter(() => maybe(20));
        return {
            properties: Object.fromEntries(members.map((name) => [name, schema(depth + 1)])),
            ...(required.length > 0 && { required }),
            ...(maybe(60) && { additionalProperties: false }),
        };
    },
};

function schema(depth) {
    const type = pick(depth > 2 ? ["string", "integer", "number", "boolean"] : Object.keys(limits));
    const made = { type, ...limits[type](depth) };
    if (made.minimum !== undefined && maybe(30) && made.minimum !== made.maximum) made.exclusiveMinimum = maybe(70);
    if (made.maximum !== undefined && maybe(30) && made.minimum !== made.maximum) made.exclusiveMaximum = maybe(70);
    if (maybe(15)) made.nullable = true;
    return made;
}

// A value near the schema: mostly of its type, now and then anything.
function value(of, depth) {
    if (maybe(8) || depth > 6) return pick([null, true, 0, 1.5, "a", [], {}]);
    switch (of?.type) {
        case "string": return text();
        case "integer": return maybe(85) ? integer() : number();
        case "number": return number();
        case "boolean": return maybe(50);
        case "array": {
            const list = times(random(5), () => value(of.items, depth + 1));
            return maybe(30) && list.length ? [...list, structuredClone(pick(list))] : list;
        }
        case "object": {
            const members = names.filter((name) => maybe(of.properties[name] || of.required?.includes(name) ? 75 : 6));
            return Object.fromEntries(members.map((name) => [name, value(of.properties[name], depth + 1)]));
        }
        default: return pick([null, false, -1, 0.5, text(), [1, 1], { a: null }]);
    }
}

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
const out = [];
while (out.length < groups) {
    const made = schema(0);
    const check = ajv.compile(made);
    const tests = times(12, () => {
        const data = value(made, 0);
        return { description: JSON.stringify(data), data, valid: check(data) };
    });
    out.push({ description: JSON.stringify(made), schema: made, tests });
}
console.log(JSON.stringify(out));
