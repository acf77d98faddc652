// Names that differ by case only are one name to Apex.
import parts from "./parts.js";

function operationIds(document) {
    const found = [];
    parts(document, ({ kind, value }) => {
        if (kind === "operation" && typeof value.operationId === "string") found.push(value.operationId);
    });
    return found;
}

export default function uniqueNames(value, options) {
    if (typeof value !== "object" || value === null) return;
    const seen = new Set();
    const messages = [];
    for (const name of options.of === "keys" ? Object.keys(value) : operationIds(value)) {
        const folded = name.toLowerCase();
        if (seen.has(folded)) messages.push({ message: `"${name}" is there twice, or differs by case only` });
        seen.add(folded);
    }
    return messages;
}
