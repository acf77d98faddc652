// Names that differ by case only are one name to Apex.
function operationIds(paths) {
    return Object.values(paths).flatMap((item) =>
        Object.values(item ?? {})
            .map((operation) => operation?.operationId)
            .filter((id) => typeof id === "string"),
    );
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
