// A typed client's view of the document: compiled, never run. `client` is what openapi-typescript wrote.
import type { components, operations } from "./client";

type Request<K extends keyof operations> = operations[K]["requestBody"]["content"]["application/json"];
type Json<R> = R extends { content: { "application/json": infer Body } } ? Body : never;
// 200, of a job 201
type Answer<K extends keyof operations> = operations[K]["responses"] extends { 200: infer R } | { 201: infer R } ? Json<R> : never;
type Failure = components["schemas"]["ActionError"];

declare function invoke<K extends keyof operations>(operation: K, input: Request<K>): Promise<Answer<K> | Failure>;

export async function use(): Promise<string> {
    const done = await invoke("echo", { text: "hello", count: 2 });
    if ("code" in done) return `${done.code}: ${done.message} ${(done.details ?? []).map((detail) => detail.field).join()}`;
    const members: number | undefined = done.members;
    return `${done.text} ${members}`;
}

export async function start(): Promise<string> {
    const started = await invoke("generateQuotes", { condition: "Amount > 5", dryRun: false, notify: false, waitSeconds: 20 });
    if ("code" in started) return started.message;
    const job = await invoke("getJob", { jobId: started.jobId, waitSeconds: 0 });
    if ("code" in job) return job.message;
    const failed: number = job.failed;
    return `${job.state} ${failed} ${(job.failures ?? []).map((failure) => failure.item).join()} ${job.resultJson ?? ""}`;
}

export async function misuse(): Promise<void> {
    // @ts-expect-error a required member is missing
    await invoke("echo", {});
    // @ts-expect-error the type is wrong
    await invoke("echo", { text: 7 });
    // @ts-expect-error a start answers no result
    (await invoke("generateQuotes", { dryRun: true, notify: false, waitSeconds: 0 })).resultJson;
    // @ts-expect-error no such operation
    await invoke("ecco", { text: "hello" });
}
