// One file is published, and each reference leads to a component that the other rules look at.
const local = /^#\/components\/(schemas|responses|parameters|requestBodies|headers|callbacks)\/[^/]+$/;

function walk(value, path, messages) {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
        if (key === "$ref" && typeof inner === "string") {
            if (!local.test(inner) || (path[0] === "paths" && path.length === 2))
                messages.push({ message: `"${inner}" is no component of this document`, path: [...path, key] });
        } else walk(inner, [...path, key], messages);
    }
}

export default function localRefs(document) {
    const messages = [];
    walk(document, [], messages);
    return messages;
}
