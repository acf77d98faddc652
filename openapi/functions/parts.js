// Names every part of a document - path item, operation, parameter, requestBody, response, header, mediaType, schema - and its
// surroundings, however deep it lies: a JSONPath that looks for keys would miss parts, or take a property of that name for one.
// References stay as they are; sf-local-refs sees to it that what they name is a part of this document, too.
//     visit({ kind, value, path, name, operation, agent, callback, side, role, depth })
// `agent`: the request or the answer of an operation with agent metadata. Of schemas: `role` is body, parameter, component,
// property, items or other, and `depth` the number of properties on the way from the body.
const methods = ["get", "put", "post", "delete", "patch", "head", "options", "trace"];

function each(map, path, use) {
    if (typeof map !== "object" || map === null) return;
    for (const [name, value] of Object.entries(map)) {
        if (typeof value === "object" && value !== null) use(value, [...path, name], name);
    }
}

export default function parts(document, visit) {
    function schema(value, path, name, about) {
        visit({ ...about, kind: "schema", value, path, name });
        each(value.properties, [...path, "properties"], (inner, at, key) =>
            schema(inner, at, key, { ...about, role: "property", depth: about.depth + 1 }),
        );
        each({ items: value.items }, path, (inner, at) => schema(inner, at, "items", { ...about, role: "items" }));
        for (const key of ["additionalProperties", "not"])
            each({ [key]: value[key] }, path, (inner, at) => schema(inner, at, key, { ...about, role: "other" }));
        for (const key of ["allOf", "anyOf", "oneOf"])
            each(value[key], [...path, key], (inner, at) => schema(inner, at, key, { ...about, role: "other" }));
    }
    function schemaOf(holder, path, role, about) {
        each({ schema: holder.schema }, path, (value, at) => schema(value, at, "schema", { ...about, role, depth: 0 }));
    }
    function content(holder, path, role, about) {
        each(holder.content, [...path, "content"], (value, at, name) => {
            visit({ ...about, kind: "mediaType", value, path: at, name });
            schemaOf(value, at, role, about);
        });
    }
    function requestBody(value, path, about) {
        visit({ ...about, kind: "requestBody", value, path });
        content(value, path, "body", { ...about, side: "request" });
    }
    function header(value, path, name, about) {
        visit({ ...about, kind: "header", value, path, name });
        schemaOf(value, path, "parameter", about);
    }
    function response(value, path, name, about) {
        visit({ ...about, kind: "response", value, path, name });
        each(value.headers, [...path, "headers"], (inner, at, key) => header(inner, at, key, about));
        content(value, path, "body", { ...about, side: "answer" });
    }
    function parameter(value, path, about) {
        visit({ ...about, kind: "parameter", value, path, name: value.name });
        schemaOf(value, path, "parameter", { ...about, side: "request" });
        content(value, path, "parameter", { ...about, side: "request" });
    }
    function callbacks(map, path) {
        each(map, path, (value, at) => each(value, at, (item, place) => pathItem(item, place, { callback: true })));
    }
    function operation(value, path, name, outer) {
        const agent = value["x-sfdc"]?.agent !== undefined;
        const about = { ...outer, operation: value, agent };
        visit({ ...about, kind: "operation", value, path, name });
        each(value.parameters, [...path, "parameters"], (inner, at) => parameter(inner, at, about));
        each({ requestBody: value.requestBody }, path, (inner, at) => requestBody(inner, at, about));
        each(value.responses, [...path, "responses"], (inner, at, status) =>
            response(inner, at, status, { ...about, agent: agent && status.startsWith("2") }),
        );
        callbacks(value.callbacks, [...path, "callbacks"]);
    }
    function pathItem(value, path, about) {
        visit({ ...about, kind: "pathItem", value, path });
        each(value.parameters, [...path, "parameters"], (inner, at) => parameter(inner, at, about));
        for (const name of methods) each({ [name]: value[name] }, path, (inner, at) => operation(inner, at, name, about));
    }

    const shared = document?.components ?? {};
    each(document?.paths, ["paths"], (value, at) => pathItem(value, at, {}));
    each(shared.schemas, ["components", "schemas"], (value, at, name) => schema(value, at, name, { role: "component", depth: 0 }));
    each(shared.responses, ["components", "responses"], (value, at, name) => response(value, at, name, {}));
    each(shared.parameters, ["components", "parameters"], (value, at) => parameter(value, at, {}));
    each(shared.requestBodies, ["components", "requestBodies"], (value, at) => requestBody(value, at, {}));
    each(shared.headers, ["components", "headers"], (value, at, name) => header(value, at, name, {}));
    callbacks(shared.callbacks, ["components", "callbacks"]);
}
