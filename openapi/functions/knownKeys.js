// Keys under x-sfdc by the place where Salesforce reads them; anything else is a slip that would be ignored in silence.
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
    for (const [key, inner] of Object.entries(value ?? {})) {
        const known = shape[key];
        const here = [...path, key];
        if (known === undefined) messages.push({ message: `"${key}" is not known there`, path: here });
        else if (typeof known === "string") {
            if (typeof inner !== known) messages.push({ message: `"${key}" must be ${known}`, path: here });
        } else if (typeof inner !== "object") messages.push({ message: `"${key}" must be an object`, path: here });
        else check(inner, known, here, messages);
    }
}

function place(path) {
    if (path.length === 0) return "root";
    return path[0] === "paths" && path.length === 3 ? "operation" : "schema";
}

function walk(value, path, messages) {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
        if (key === "x-sfdc") check(inner, shapes[place(path)], [...path, key], messages);
        else walk(inner, [...path, key], messages);
    }
}

export default function knownKeys(document) {
    const messages = [];
    walk(document, [], messages);
    return messages;
}
