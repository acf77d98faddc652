// Every operation declares the same errors as one shared response. The host answers POST /api/<operation> with thirteen
// statuses; of other documents the ten that any action needs are asked.
const ten = ["400", "401", "403", "404", "413", "422", "429", "500", "503", "504"];
const ours = [...ten, "409", "415", "502"];

export default function standardErrors(paths) {
    const messages = [];
    let shared;
    for (const [url, item] of Object.entries(paths ?? {})) {
        for (const [method, operation] of Object.entries(item ?? {})) {
            const responses = operation?.responses;
            if (typeof responses !== "object" || responses === null) continue;
            const path = ["paths", url, method, "responses"];
            for (const status of url.startsWith("/api/") ? ours : ten)
                if (!(status in responses)) messages.push({ message: `${status} is not declared`, path });
            for (const [status, response] of Object.entries(responses).filter(([name]) => /^[45]/.test(name))) {
                shared ??= response?.$ref;
                if (!/^#\/components\/responses\/[A-Za-z]+$/.test(response?.$ref ?? "") || response.$ref !== shared)
                    messages.push({ message: `${status} is not the one shared response`, path: [...path, status] });
            }
        }
    }
    return messages;
}
