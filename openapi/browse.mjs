// browse.mjs - a person's visit to the docs page, in headless Chromium:
//     node browse.mjs CHROMIUM DOCS_URL OPERATION INPUT EXPECTED SCREENSHOT
// Opens the page, lists the operations, tries OPERATION with INPUT ("-": the example that the page offers), waits for a status 200 whose body contains EXPECTED. Prints what
// it saw; exits 1 when something is missing, when the page logged an error or asked another host for anything.
import { chromium } from "playwright-core";

const [executablePath, url, operation, input, expected, screenshot] = process.argv.slice(2);
const problems = [];
const check = (ok, text) => {
    console.log(`${ok ? "ok  " : "FAIL"} ${text}`);
    if (!ok) problems.push(text);
};

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
    page.setDefaultTimeout(30_000);
    const asked = new Set();
    page.on("request", (request) => {
        if (!request.url().startsWith("data:") && !request.url().startsWith("blob:")) asked.add(new URL(request.url()).hostname);
    });
    page.on("console", (message) => message.type() === "error" && problems.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => problems.push(`page: ${error.message}`));

    await page.goto(url);
    await page.waitForSelector("body[data-ready=yes]");
    const operations = await page.locator(".opblock-summary-path").allInnerTexts();
    const document = await (await fetch(new URL("/openapi.json", url))).json();
    const paths = operations.map((text) => text.replaceAll("\u200b", "").trim());
    check(Object.keys(document.paths).every((path) => paths.includes(path)) && paths.length > 0, `lists ${paths.join(" ")}`);

    const block = page.locator(".opblock", { has: page.locator(`[data-path="/api/${operation}"]`) });
    await block.locator(".opblock-summary-control").click();
    if (input !== "-") await block.locator("textarea.body-param__text").fill(input);
    await block.locator("button.execute").click();
    const live = block.locator(".live-responses-table");
    await live.waitFor();
    const status = (await live.locator("tbody .response-col_status").first().innerText()).trim();
    const body = await live.locator("tbody .response-col_description").first().innerText();
    check(status.startsWith("200"), `${operation} answers ${status}`);
    check(body.includes(expected), `its result shows ${expected}`);
    await live.scrollIntoViewIfNeeded();
    if (screenshot) await page.screenshot({ path: screenshot });
    check([...asked].every((host) => host === "127.0.0.1"), `asked only ${[...asked].join(" ")}`);
} finally {
    await browser.close();
}
problems.filter((text) => /^(console|page):/.test(text)).forEach((text) => console.log(`FAIL ${text}`));
process.exit(problems.length ? 1 : 0);
