// docs_page.mjs - people's visits to the docs page, in headless Chromium:
//     node docs_page.mjs CHROMIUM HOST_URL FOLDER [CASE...]     (cases: see the table at the end)
// Prints what it saw; exits 1 when something is missing, when a page logged an error, asked another machine for anything, scrolls
// sideways, or when axe-core finds fault with it. Screenshots go to FOLDER ("-": none).
import { chromium } from "playwright-core";
import axe from "axe-core";
import { execFileSync } from "node:child_process";

const [executablePath, host, folder, ...chosen] = process.argv.slice(2);
const problems = [];
const check = (ok, text) => {
    console.log(`${ok ? "ok  " : "FAIL"} ${text}`);
    if (!ok) problems.push(text);
};

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const asked = new Set();
const DESKTOP = { width: 1366, height: 900 }, PHONE = { width: 390, height: 844 };
const open = async (options = {}) => {
    const context = await browser.newContext({ viewport: DESKTOP, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on("request", (request) => !/^https?:/.test(request.url()) || asked.add(new URL(request.url()).hostname));
    page.on("console", (message) => {
        const refusal = /status of (404|409|422)/.test(message.text()) && message.location().url.includes("/sandbox/"); // the browser's own note of an answer
        if (message.type() === "error" && !refusal) problems.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => problems.push(`page: ${error.message}`));
    return page;
};
const visit = async (page, operation) => {
    await page.goto(`${host}/docs${operation ? `#${operation}` : ""}`);
    await page.waitForSelector("body[data-ready=yes]");
};
const audit = async (page, name) => {
    await page.evaluate(axe.source);
    const found = await page.evaluate(async () => (await window.axe.run({ exclude: [["iframe"]] }, { resultTypes: ["violations"], preload: location.protocol !== "file:" })).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).slice(0, 2).join(" ")}`));
    check(found.length === 0, `axe finds nothing on ${name}${found.length ? `: ${found.join("\n     ")}` : ""}`);
};
const fits = async (page, name) => check(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name} does not scroll sideways`);
const picture = async (page, name, fullPage) => {
    if (folder === "-") return;
    if (fullPage) await page.evaluate(() => window.scrollTo(0, 0));
    await page.screenshot({ path: `${folder}/${name}.png`, fullPage });
};
const see = async (page, name) => {
    await fits(page, name);
    await audit(page, name);
    await picture(page, name, true);
};
const run = async (page) => {
    await page.click("#operation button[type=submit]");
    await page.waitForSelector("#answer .state");
    return (await page.innerText("#answer .state")).trim();
};
const tab = (page, name) => page.click(`#answer [role=tab]:text-is("${name}")`);
const chip = (page, name) => page.click(`#operation .chip:has-text("${name}")`);
const whole = (page, selector) => page.waitForFunction((sel) => [...document.querySelectorAll(sel)].length > 0 && [...document.querySelectorAll(sel)].every((i) => i.complete && i.naturalWidth > 0), selector);

// Everything that the document and the declarations have is listed, so that a new action appears by itself.
const everything = async (page) => {
    await page.goto(`${host}/`);
    await page.waitForURL(`${host}/docs`);
    check(true, "/ leads to the page");
    await page.waitForSelector("body[data-ready=yes]");
    const doc = await (await fetch(`${host}/openapi.json`)).json(), about = await (await fetch(`${host}/docs/about.json`)).json();
    const wanted = [...Object.values(doc.paths).map((p) => p.post.operationId), ...Object.keys(about.operations)];
    const listed = await page.$$eval(".ops a", (all) => all.map((a) => a.getAttribute("href").slice(1)));
    check(wanted.length > 0 && wanted.every((id) => listed.includes(id)), `lists ${listed.join(" ")}`);
    for (const id of new Set(wanted)) {
        await page.evaluate((to) => (location.hash = to), id);
        await page.waitForFunction((to) => document.querySelector(".names code")?.textContent === `POST /api/${to}`, id);
        const names = await page.$$eval("#operation form [id]", (all) => all.map((n) => n.id));
        check(new Set(names).size === names.length, `${id} has a form`);
    }
    await whole(page, ".three img");
    check((await page.locator(".three svg[role=img]").count()) === 2, "three things on top, drawn from the sample data");
    check((await page.innerText("#version")) === doc.info.version, "the version of the build");
};

const cards = async (page) => {
    await visit(page, "generateSocialCards");
    check((await run(page)).startsWith("200"), "cards are answered");
    await whole(page, "#answer img");
    check((await page.locator("#answer img").count()) === 2, "as pictures");
    check(/1200 × 630/.test(await page.innerText("#answer figcaption >> nth=0")), "with what one wants to know");
    const file = page.waitForEvent("download");
    await page.click("#answer figcaption >> nth=0 >> text=Save");
    check(/\.png$/.test((await file).suggestedFilename()), "and they can be saved");
    check((await page.locator("#operation select option:text-is('mesh')").count()) === 1, "designs are choices");
    check((await page.locator("#operation input[type=checkbox][value=story]").isChecked()) && !(await page.locator("#operation input[type=checkbox][value=pinterest]").isChecked()), "sizes are boxes, and the example has chosen");
    await see(page, "docs-cards-desktop-light");
    await chip(page, "a price on a badge");
    await run(page);
    await whole(page, "#answer img");
    await picture(page, "docs-badge-desktop-light", false);
};

const agreement = async (page) => {
    await visit(page, "calculateFinanceAgreement");
    check((await run(page)).startsWith("200"), "an agreement is answered");
    check(/\$644\.90/.test(await page.innerText("#answer .summary")), "in a sentence first");
    const address = (await page.getAttribute("#answer iframe", "src")) || (await page.getAttribute("#answer figcaption a", "href"));
    const pdf = await (await fetch(address.split("#")[0])).arrayBuffer();
    check(Buffer.from(pdf).subarray(0, 5).toString() === "%PDF-", "the paper stands in place");
    await tab(page, "Table");
    check(/Monthly payment/.test(await page.innerText("#answer [role=tabpanel]:not([hidden])")), "figures as a table");
    await see(page, "docs-agreement-desktop-light");
    await tab(page, "curl");
    const command = await page.innerText("#answer [role=tabpanel]:not([hidden]) pre >> nth=0");
    check(command.includes(`${host}/api/`), "curl calls this host");
    const answer = JSON.parse(execFileSync("sh", ["-c", command], { encoding: "utf8", env: { ...process.env, no_proxy: "*" } }));
    check(answer.monthlyPayment === 644.9, "and works as it stands there");
};

const wrongInput = async (page) => {
    await visit(page, "calculateFinanceAgreement");
    await page.getByLabel("Years").fill("three");
    await page.click("#operation button[type=submit]");
    check(/whole number/.test(await page.innerText(".field.bad .err")), "a wrong field says what to send");
    check(await page.evaluate(() => document.activeElement.getAttribute("aria-invalid") === "true"), "and has the focus");
    await see(page, "docs-wrong-desktop-light");
    await page.getByLabel("Years").fill("50");
    check((await run(page)).startsWith("422"), "the host refuses");
    check((await page.locator(".field.bad:has(label:has-text('Years'))").count()) === 1, "at the field");
    check(/What to do/.test(await page.innerText("#answer .refusal")), "and the page says what to do");
    await chip(page, "A vehicle that is sold");
    check(/409, as expected/.test(await run(page)), "an example that is refused is as expected");
    await fits(page, "a refusal");
    await picture(page, "docs-refused-desktop-light", true);
};

const job = async (page) => {
    await visit(page, "generateQuotes");
    await chip(page, "a dry run");
    check((await run(page)).startsWith("201"), "a job is started");
    await page.waitForSelector("#answer .job .state.done, #answer .job .state.partly");
    check(/of/.test(await page.innerText("#answer .job")), `and followed: ${(await page.innerText("#answer .job")).replaceAll("\n", " ")}`);
    check(Number(await page.getAttribute("#answer [role=progressbar]", "aria-valuenow")) > 0, "by a bar that readers hear");
    await see(page, "docs-job-desktop-light");
};

const dataAction = async (page) => {
    await visit(page, "logDataAction");
    check(/Data Action Target/.test(await page.innerText("#operation .note")), "a data action is explained");
    check((await run(page)).startsWith("200"), "and tried out");
    await tab(page, "Table");
    check(/CDCEvent/.test(await page.innerText("#answer [role=tabpanel]:not([hidden])")), "its events are counted");
    await fits(page, "a data action");
    await picture(page, "docs-event-desktop-light", true);
};

const keyboard = async (page) => {
    await visit(page);
    await page.keyboard.press("Tab");
    check((await page.evaluate(() => document.activeElement.textContent)) === "Skip to the content", "Tab begins with the skip link");
    await page.keyboard.press("Escape");
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("/");
    check((await page.evaluate(() => document.activeElement.id)) === "q", "/ goes to the search");
    await page.keyboard.type("footprint lon");
    check((await page.locator(".ops li:not([hidden])").count()) === 0, "what is not there is not found");
    await page.fill("#q", "footprints");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement.id === "name");
    check(/footprints/.test(await page.innerText("#name")), "Enter opens what was found, and its name has the focus");
    await visit(page, "calculateCarbonFootprint");
    await page.focus("#operation button[type=submit]");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#answer .state");
    await page.focus("#answer [role=tab][aria-selected=true]");
    await page.keyboard.press("End");
    check((await page.innerText("#answer [role=tab][aria-selected=true]")) === "curl", "arrows, Home and End move between the views");
    await page.keyboard.press("Home");
    await see(page, "docs-carbon-desktop-light");
};

const looks = async () => {
    for (const [size, viewport] of [["desktop", DESKTOP], ["phone", PHONE]])
        for (const colorScheme of ["light", "dark"]) {
            const page = await open({ viewport, colorScheme, reducedMotion: "reduce", hasTouch: size === "phone" });
            await visit(page, "generateSocialCards");
            await run(page);
            await whole(page, "#answer img");
            await page.click(".dev summary");
            await see(page, `docs-${size}-${colorScheme}`);
            if (size === "phone") {
                await page.focus("#q");
                await page.waitForSelector(".list:visible");
                await picture(page, `docs-list-${size}-${colorScheme}`, false);
                await page.click(".list a:has-text('Generate quote') >> nth=0");
                await page.waitForFunction(() => location.hash !== "#generateSocialCards");
                check(await page.locator(".list").isHidden(), "the list closes when one is chosen");
                await page.setViewportSize({ width: 320, height: 700 });
                await fits(page, `docs at 320, ${colorScheme}`);
            }
            await page.context().close();
        }
};

// Dark and narrow, which is where faults hide; the rest is for looks.
const glance = async () => {
    const page = await open({ viewport: PHONE, colorScheme: "dark", reducedMotion: "reduce", hasTouch: true });
    await visit(page, "generateSocialCards");
    await run(page);
    await whole(page, "#answer img");
    await page.click(".dev summary");
    await see(page, "docs-phone-dark");
    await page.focus("#q");
    await page.click(".list a:has-text('Generate quote') >> nth=0");
    await page.waitForFunction(() => location.hash !== "#generateSocialCards");
    check(await page.locator(".list").isHidden(), "the list closes when one is chosen");
    await page.setViewportSize({ width: 320, height: 700 });
    await fits(page, "docs at 320");
    await page.context().close();
};

// A host without a sandbox beside it: nothing to press that cannot work.
const alone = async (page) => {
    await visit(page, "generateSocialCards");
    check((await page.locator("#operation button[type=submit]").count()) === 0, "no button that could not work");
    check(/cannot sign/.test(await page.innerText("#answer")), "but the reason");
    await tab(page, "curl");
    check(/x-request-context/.test(await page.innerText("#answer [role=tabpanel]:not([hidden])")), "and curl with the headers of Salesforce");
    await see(page, "docs-alone-desktop-light");
};

// The page that `make demo` leaves on the disk.
const demo = async () => {
    for (const [size, viewport, colorScheme] of [["desktop", DESKTOP, "light"], ["phone", PHONE, "dark"]]) {
        const page = await open({ viewport, colorScheme });
        await page.goto(host);
        await whole(page, ".gallery img, .strip img");
        check((await page.locator(".gallery figure").count()) === 4, "a card, a paper, a flight, a job");
        await page.click(".call summary >> nth=0");
        check(await page.isVisible(".call pre >> nth=1"), "a call unfolds");
        await see(page, `demo-${size}-${colorScheme}`);
        await page.context().close();
    }
};

const cases = { everything, cards, agreement, wrongInput, job, dataAction, keyboard, glance, looks, alone, demo };
try {
    for (const name of chosen) {
        const page = await open();
        await cases[name](page);
        await page.context().close();
    }
    check([...asked].every((name) => name === "127.0.0.1"), `asked only ${[...asked].join(" ")}`);
} catch (error) {
    problems.push(`stopped: ${error.message}`);
} finally {
    await browser.close();
}
problems.filter((text) => /^(console|page|stopped):/.test(text)).forEach((text) => console.log(`FAIL ${text}`));
process.exit(problems.length ? 1 : 0);
