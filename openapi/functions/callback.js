// A callback: Salesforce fills in its address where one of three simple expressions says, and takes one POST or PUT there.
const expression = /^\{\$request\.(query\.[A-Za-z][A-Za-z0-9]*|body#\/[A-Za-z][A-Za-z0-9]*(\/(0|[1-9][0-9]*))?)\}$/;
const members = ["summary", "description", "parameters"];

export default function callback(value, options, context) {
    if (typeof value !== "object" || value === null) return;
    const messages = [];
    const say = (message, ...path) => messages.push({ message, path: [...context.path, ...path] });
    const keys = Object.keys(value);
    if (keys.length !== 1) say(`has ${keys.length} expressions; Salesforce reads one`);
    for (const key of keys) {
        if (!expression.test(key)) say(`"${key}" is no expression that Salesforce fills in`, key);
        const operations = Object.keys(value[key] ?? {}).filter((name) => !members.includes(name));
        if (operations.length !== 1) say(`has ${operations.length} operations; Salesforce reads one`, key);
        for (const method of operations) {
            if (!["post", "put"].includes(method)) say(`"${method}" is not called; post or put is`, key, method);
            if (typeof value[key][method]?.operationId !== "string") say("has no operationId", key, method);
        }
    }
    return messages;
}
