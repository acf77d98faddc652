// Extensions: "x-sfdc" is the only one, stands where Salesforce reads it - the root, operations, schemas of their bodies - and has
// no other keys there. Anything else is a slip that would be ignored in silence.
import parts from "./parts.js";

const action = { isUserInput: "boolean", isDisplayable: "boolean" };
const shapes = {
    root: { agent: { topic: { name: "string", classificationDescription: "string", scope: "string", instructions: "object" } } },
    operation: {
        agent: { action: { publishAsAgentAction: "boolean", ...action } },
        heroku: { authorization: { connectedApp: "string", externalClientApp: "string", permissionSet: "string" } },
        privacy: { isPii: "boolean" },
    },
    schema: { agent: { action } },
};

function check(value, shape, path, messages) {
    if (typeof value !== "object" || value === null) {
        messages.push({ message: "must be an object", path });
        return;
    }
    for (const [key, inner] of Object.entries(value)) {
        const known = shape[key];
        const here = [...path, key];
        if (known === undefined) messages.push({ message: `"${key}" is not known there`, path: here });
        else if (typeof known !== "string") check(inner, known, here, messages);
        else if (typeof inner !== known || inner === null) messages.push({ message: `"${key}" must be ${known}`, path: here });
    }
}

function walk(value, path, placeOf, messages) {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
        const here = [...path, key];
        // what callers send is no part of the description
        if (key === "example" || key === "examples" || key === "default") continue;
        const shape = shapes[placeOf.get(value)];
        if (key === "x-sfdc" && shape) check(inner, shape, here, messages);
        else if (/^x-/i.test(key) && path.at(-1) !== "properties") messages.push({ message: `Salesforce does not read "${key}" there`, path: here });
        else walk(inner, here, placeOf, messages);
    }
}

export default function knownKeys(document) {
    const messages = [];
    const placeOf = new Map([[document, "root"]]);
    parts(document, ({ kind, value, callback }) => {
        if (kind === "schema" || (kind === "operation" && !callback)) placeOf.set(value, kind);
    });
    walk(document, [], placeOf, messages);
    return messages;
}
