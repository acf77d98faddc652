// Looks at every part of one kind; runs on the unresolved document ("given: $", "resolved: false"). Options:
//     of            kinds of parts (see parts.js)
//     forbid        members that such a part must not have
//     description   { min }: it has a description of at least so many characters, and of at most 1,333
//     match         pattern of its name
//     check         one of checks.js
import { checks } from "./checks.js";
import parts from "./parts.js";

function described(part, min) {
    // a reference is described where it leads, the schema of a parameter by the parameter
    if (part.value.$ref !== undefined || part.role === "parameter" || part.role === "other") return [];
    const text = part.value.description;
    if (typeof text !== "string" || text.trim() === "") return ["has no description"];
    const length = [...text.trim()].length;
    const least = part.role === "body" ? 10 : min; // a request or an answer says more than a word
    if (length < least) return [`has a description of ${length} characters; ${least} at least`];
    return length > 1333 ? [`has a description of ${length} characters; Salesforce cuts at 1,333`] : [];
}

function messages(part, { forbid = [], description, match, check }) {
    const found = forbid.filter((key) => part.value[key] !== undefined).map((key) => `has "${key}"`);
    if (description) found.push(...described(part, description.min));
    if (match && typeof part.name === "string" && !new RegExp(match).test(part.name)) found.push(`has the name "${part.name}"`);
    if (check) found.push(checks[check](part));
    return found.filter(Boolean);
}

export default function eachPart(document, options) {
    const found = [];
    parts(document, (part) => {
        // callbacks have rules of their own: only their schemas and media types are like all others
        if (part.callback && ["pathItem", "operation", "requestBody"].includes(part.kind)) return;
        if (!options.of.includes(part.kind)) return;
        for (const message of messages({ ...part, document }, options)) found.push({ message: `this ${part.kind} ${message}`, path: part.path });
    });
    return found;
}
