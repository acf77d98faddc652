// docs.js - the docs page: shows /openapi.json. Calls that a person tries out go to the sandbox, which signs them as Salesforce
// would and sends them on to this host; nobody can call an action without a signature, not even this page.
"use strict";

const note = document.getElementById("note");

function say(text, wrong) {
    note.textContent = text;
    note.classList.toggle("wrong", Boolean(wrong));
}

function throughSandbox(signUrl) {
    return (request) => {
        const url = new URL(request.url, location.href);
        if (request.loadSpec || url.origin !== location.origin || !url.pathname.startsWith("/api/")) return request;
        request.url = `${signUrl}/sandbox/invoke/${url.pathname.slice("/api/".length)}`;
        return request;
    };
}

async function show() {
    const answer = await fetch("/docs/settings.json");
    if (!answer.ok) throw new Error(`/docs/settings.json: status ${answer.status}`);
    const { signUrl } = await answer.json();
    SwaggerUIBundle({
        url: "/openapi.json",
        dom_id: "#ui",
        deepLinking: true,
        docExpansion: "list",
        defaultModelsExpandDepth: 0,
        tryItOutEnabled: Boolean(signUrl),
        supportedSubmitMethods: signUrl ? ["post"] : [],
        validatorUrl: null,
        requestInterceptor: throughSandbox(signUrl),
        onComplete: () => document.body.setAttribute("data-ready", "yes"),
    });
    say(
        signUrl
            ? `Execute asks the sandbox at ${signUrl} to sign the call and to send it to this host.`
            : "Calls need a signature. Set DOCS_SIGN_URL to a sandbox to try them out here (make run does).",
    );
}

show().catch((error) => say(`The page could not be built: ${error.message}`, true));
