// A topic without an agent action is refused by Salesforce, an agent action without a topic is never found.
export default function agentTopic(document) {
    const topic = document?.["x-sfdc"]?.agent?.topic !== undefined;
    const published = Object.values(document?.paths ?? {}).some((item) =>
        Object.values(item ?? {}).some((operation) => operation?.["x-sfdc"]?.agent?.action?.publishAsAgentAction === true),
    );
    if (topic && !published) return [{ message: "there is a topic but no operation is published as agent action" }];
    if (published && !topic) return [{ message: "an operation is published as agent action but there is no topic" }];
}
