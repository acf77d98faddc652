// What a part must be, by name: each answers with a fault in words, or with nothing. `part` is described in parts.js.
// The schema itself, or the one that it refers to. A wrong reference is the business of sf-local-refs.
function follow(document, value) {
    const name = /^#\/components\/schemas\/([^/]+)$/.exec(value.$ref ?? "")?.[1];
    return document.components?.schemas?.[name] ?? value;
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// An agent fills and reads the first level only. Its input may hold one level of objects beneath, for Flow and Apex; an answer
// two, because details such as the quotes of a market analysis are read by people and programs.
const deepest = { request: 1, answer: 2 };

export const checks = {
    hasType({ value }) {
        if (value.$ref === undefined && typeof value.type !== "string") return "has no type";
    },
    object({ value, role, operation, side, path, document }) {
        if (role !== "body" || !operation || follow(document, value).type === "object") return;
        if (side === "request" || /^20[012]$/.test(path[path.indexOf("responses") + 1])) return "is no object";
    },
    list({ value, document }) {
        if (value.type !== "array" && value.items === undefined) return;
        if (!isObject(value.items)) return "is a list of nothing";
        const items = follow(document, value.items);
        if (items.type === "array" || items.items !== undefined) return "is a list of lists; Flow cannot hold it";
        if (typeof items.type !== "string") return "is a list of something without a type";
    },
    texts({ value }) {
        if (value.enum === undefined) return;
        const text = (one) => typeof one === "string" && /^[\x20-\x7e]+$/.test(one);
        if (value.type !== "string" || !Array.isArray(value.enum) || !value.enum.every(text)) return "has values that are not plain ASCII text";
    },
    noMap({ value }) {
        if (isObject(value.additionalProperties)) return "is a map, which Flow cannot use";
    },
    noCookie({ value }) {
        if (value.in === "cookie") return "is a cookie";
    },
    depth({ value, agent, side, depth }) {
        if (agent && value.type === "object" && depth > deepest[side]) return `lies ${depth} levels deep; agents see the first one only`;
    },
    inline({ value, agent }) {
        if (agent && value.$ref !== undefined) return "stands behind a $ref, where agent metadata is not read";
    },
    closed({ value, agent }) {
        if (agent && value.type === "object" && value.additionalProperties !== false) return "is open; write additionalProperties false";
    },
    flags({ value, agent, role, operation, name }) {
        const metadata = value["x-sfdc"]?.agent;
        if (metadata !== undefined && !agent) return "has agent metadata, but is no request or answer of an agent operation";
        if (!agent || role !== "body" || value.$ref !== undefined || !operation || name !== "schema") return;
        const action = metadata?.action;
        if (typeof action?.isUserInput !== "boolean" || typeof action?.isDisplayable !== "boolean") return "lacks isUserInput and isDisplayable";
    },
    published({ value }) {
        const agent = value["x-sfdc"]?.agent;
        if (agent !== undefined && agent?.action?.publishAsAgentAction !== true) return "has agent metadata without publishAsAgentAction true";
    },
    success({ value }) {
        const good = Object.keys(value.responses ?? {}).filter((status) => !/^[45]/.test(status));
        if (good.length !== 1 || !/^20[012]$/.test(good[0])) return `answers with ${good.join(", ")} beside the errors; exactly one of 200, 201, 202 is read`;
    },
};
