// A typed client's view of the document: compiled, never run. `client` is what openapi-typescript wrote.
import type { components, operations } from "./client";

type Request<K extends keyof operations> = operations[K]["requestBody"]["content"]["application/json"];
type Answer<K extends keyof operations> = operations[K]["responses"] extends { 200: { content: { "application/json": infer A } } } ? A : never;
type Failure = components["schemas"]["ActionError"];

declare function invoke<K extends keyof operations>(operation: K, input: Request<K>): Promise<Answer<K> | Failure>;

export async function use(): Promise<string> {
    const done = await invoke("echo", { text: "hello", count: 2 });
    if ("code" in done) return `${done.code}: ${done.message} ${(done.details ?? []).map((detail) => detail.field).join()}`;
    const members: number | undefined = done.members;
    return `${done.text} ${members}`;
}

export async function misuse(): Promise<void> {
    // @ts-expect-error a required member is missing
    await invoke("echo", {});
    // @ts-expect-error the type is wrong
    await invoke("echo", { text: 7 });
    // @ts-expect-error no such operation
    await invoke("ecco", { text: "hello" });
}
