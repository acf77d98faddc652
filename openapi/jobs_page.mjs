// jobs_page.mjs - people's visits to the jobs page, in headless Chromium:
//     node jobs_page.mjs CHROMIUM HOST_URL SANDBOX_URL FOLDER JOBS     (password in PAGES_PASSWORD)
// JOBS is the JSON of ids that stand in the database: failed (a caller's job with failed rows), connection (a connection's), waiting, html.
// Prints what it saw; exits 1 when something is missing, when a page logged an error, asked another host for anything, scrolls sideways, or
// when axe-core finds fault with it. Screenshots go to FOLDER.
import { chromium } from "playwright-core";
import axe from "axe-core";

const [executablePath, host, sandbox, folder, jobsJson] = process.argv.slice(2);
const jobs = JSON.parse(jobsJson);
const password = process.env.PAGES_PASSWORD;
const problems = [];
const check = (ok, text) => {
    console.log(`${ok ? "ok  " : "FAIL"} ${text}`);
    if (!ok) problems.push(text);
};
const begin = async (operation, input) => {
    const answer = await fetch(`${sandbox}/sandbox/invoke/${operation}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(input) });
    return (await answer.json()).jobId;
};

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const asked = new Set();
const open = async (options) => {
    const context = await browser.newContext({ viewport: { width: 1366, height: 900 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on("request", (request) => request.url().startsWith("data:") || asked.add(new URL(request.url()).host));
    page.on("console", (message) => {
        const refused = /status of (403|429)/.test(message.text()) && message.location().url.endsWith("/jobs/login"); // the browser's own note of a wrong password
        if (message.type() === "error" && !refused) problems.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => problems.push(`page: ${error.message}`));
    return page;
};
const audit = async (page, name) => {
    await page.evaluate(axe.source);
    const found = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ["violations"] })).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).slice(0, 2).join(" ")}`));
    check(found.length === 0, `axe finds nothing on ${name}${found.length ? `: ${found.join("\n     ")}` : ""}`);
};
const fits = async (page, name) => check(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name} does not scroll sideways`);
const see = async (page, name) => {
    await fits(page, name);
    await audit(page, name);
    await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
};
const logIn = async (page, path) => {
    await page.goto(host + path);
    await page.fill("#pw", password);
    await page.click("button.primary");
    await page.waitForURL(host + path);
};
const row = (id) => `li[data-key="${id}"]`;

const login = async (page) => {
    await page.goto(`${host}/jobs?state=done`);
    check(new URL(page.url()).pathname === "/jobs/login", "who is not known is sent to the login");
    await page.fill("#pw", "not the password");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#pe");
    check(/is not the password. [0-4] (try is|tries are) left/.test(await page.innerText("#pe")), "a wrong password is told without a hint");
    check(await page.evaluate(() => document.activeElement.id === "pw"), "and the field has the focus");
    await see(page, "login-wrong-desktop-light");
    await page.fill("#pw", password);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${host}/jobs?state=done`);
    check(true, "the right one leads to the page that was asked for");
    check(await page.evaluate(() => document.cookie === ""), "no script can read the cookie");
};

const live = async (page) => {
    await page.goto(`${host}/jobs`);
    await page.waitForFunction(() => document.querySelector("#live")?.textContent === "Live");
    await page.evaluate(() => (window.mark = 1));
    const id = await begin("doChores", { count: 6000, ms: 300 });
    await page.waitForSelector(`${row(id)} .state.running`);
    const width = () => page.getAttribute(`${row(id)} rect.d`, "width");
    const text = () => page.innerText(`${row(id)} .prog`);
    const before = [await width(), await text()];
    await page.waitForFunction(([sel, was]) => document.querySelector(sel)?.getAttribute("width") !== was, [`${row(id)} rect.d`, before[0]]);
    check((await text()) !== before[1], `numbers move: ${before[1].trim()} became ${(await text()).trim()}`);
    await page.waitForFunction((sel) => /about/.test(document.querySelector(sel).textContent), `${row(id)} .time`);
    check(await page.evaluate(() => window.mark === 1), "without loading the page again");
    await see(page, "jobs-live-desktop-light");
    const other = await open({ viewport: { width: 390, height: 844 }, colorScheme: "dark", storageState: await page.context().storageState() });
    await other.goto(`${host}/jobs/${id}`);
    await see(other, "job-live-phone-dark");
    await other.goto(`${host}/jobs`);
    await other.click(`${row(id)} summary`);
    await see(other, "jobs-cancel-phone-dark");
    await other.context().close();
    return id;
};

const cancel = async (page, id) => {
    await page.focus(`${row(id)} summary`);
    await page.keyboard.press("Enter");
    const words = await page.innerText(`${row(id)} details form span`);
    await page.screenshot({ path: `${folder}/jobs-cancel-desktop-light.png` });
    check(/Cancel 6,000\? [\d,]+ stay\./.test(words), `it asks once: ${words}`);
    check(await page.evaluate(() => document.activeElement.textContent === "Yes"), "by the keyboard");
    await page.keyboard.press("Escape");
    check(!(await page.getAttribute(`${row(id)} details`, "open")), "Escape is no");
    await page.keyboard.press("Enter");
    await page.waitForTimeout(1500); // numbers go on meanwhile, the question stays
    check(await page.isVisible(`${row(id)} details form button`), "the question stays while numbers move");
    await page.click(`${row(id)} details form button`);
    await page.waitForSelector(`${row(id)} .state.canceled`);
    check(/stay/.test(await page.innerText(`${row(id)} .prog`)), "canceled: what was done stays");
};

const filter = async (page) => {
    await page.goto(`${host}/jobs`);
    await page.keyboard.press("Tab");
    check((await page.evaluate(() => document.activeElement.textContent)) === "Skip to the content", "Tab begins with the skip link");
    await page.keyboard.press("/");
    check((await page.evaluate(() => document.activeElement.id)) === "q", "/ goes to the search");
    await page.keyboard.type("naps");
    await page.waitForFunction((sel) => !document.querySelector(sel), row(jobs.failed));
    check((await page.locator(row(jobs.connection)).count()) === 1, "what is typed is searched for");
    await page.goto(`${host}/jobs`);
    await page.click("a.chip:has-text('Waiting')");
    await page.waitForURL(`${host}/jobs?state=waiting`);
    check((await page.locator(".jobs li").count()) === 1 && (await page.locator(row(jobs.waiting)).count()) === 1, "a filter shows its state alone");
    check((await page.getAttribute("a.chip:has-text('Waiting')", "aria-current")) === "true", "and says which");
    await page.click(`${row(jobs.waiting)} .act a`);
    await page.waitForSelector("h1");
    check(/Waiting for/.test(await page.innerText(".note")) && /retryJob/.test(await page.innerText("pre")), "a waiting job says what to do");
    await see(page, "job-waiting-desktop-light");
};

const retry = async (page) => {
    await page.goto(`${host}/jobs/${jobs.failed}`);
    check((await page.locator("form[action$='/retry']").count()) === 0, "a caller's job has no retry");
    check(/can retry them/.test(await page.innerText("[data-key=failures] .foot")), "but a sentence");
    const file = page.waitForEvent("download");
    await page.click("text=Download CSV");
    check(/^failed-.*\.csv$/.test((await file).suggestedFilename()), "its failed rows are a file");
    await see(page, "job-desktop-light");
    await page.goto(`${host}/jobs/${jobs.connection}`);
    await page.click("text=/Retry 3/");
    await page.waitForFunction(() => !document.querySelector("form[action$='/retry']") && /Done/.test(document.querySelector(".state").textContent));
    check((await page.innerText(".state")).trim() === "Done", "a connection's failed rows are tried again");
};

const pause = async (page) => {
    await page.goto(`${host}/jobs`);
    await page.click("text=Pause a queue");
    await page.selectOption("#queue", "chores");
    await page.click("form[action='/jobs/pause'] button");
    await page.waitForSelector(".note.warn");
    check(/Queue chores is paused/.test(await page.innerText(".note.warn")), "a queue is paused");
    await see(page, "jobs-paused-desktop-light");
    await page.click("text=Resume");
    await page.waitForFunction(() => !document.querySelector(".note.warn"));
    check(true, "and goes on");
};

const looks = async () => {
    for (const [size, viewport] of [["desktop", { width: 1366, height: 900 }], ["phone", { width: 390, height: 844 }]])
        for (const colorScheme of ["light", "dark"]) {
            const page = await open({ viewport, colorScheme, reducedMotion: "reduce" });
            const name = (what) => `${what}-${size}-${colorScheme}`;
            await page.goto(`${host}/jobs`);
            await see(page, name("login"));
            await logIn(page, "/jobs");
            await see(page, name("jobs"));
            for (const [what, id] of [["job", jobs.failed], ["job-waiting", jobs.waiting]]) {
                await page.goto(`${host}/jobs/${id}`);
                await see(page, name(what));
            }
            if (size === "phone") {
                await page.setViewportSize({ width: 320, height: 700 });
                await fits(page, `${name("job")} at 320`);
                await page.goto(`${host}/jobs`);
                await fits(page, `${name("jobs")} at 320`);
            }
            await page.context().close();
        }
};

const withoutScript = async () => {
    const page = await open({ javaScriptEnabled: false });
    await logIn(page, "/jobs");
    const id = await begin("doChores", { count: 3000, ms: 500 });
    await page.goto(`${host}/jobs/${id}`);
    await page.click("summary");
    await page.click("details form button");
    check(page.url() === `${host}/jobs/${id}`, "without a script a job is cancelled, too");
    await page.goto(`${host}/jobs/${jobs.html}`);
    check((await page.locator("b:text-is('x')").count()) === 0, "and HTML of a caller stays text");
    await page.context().close();
};

try {
    const page = await open({});
    await login(page);
    await cancel(page, await live(page));
    await filter(page);
    await retry(page);
    await pause(page);
    await page.context().close();
    await looks();
    await withoutScript();
    check([...asked].every((name) => name === new URL(host).host), `asked only ${[...asked].join(" ")}`);
} catch (error) {
    problems.push(`stopped: ${error.message}`);
} finally {
    await browser.close();
}
problems.filter((text) => /^(console|page|stopped):/.test(text)).forEach((text) => console.log(`FAIL ${text}`));
process.exit(problems.length ? 1 : 0);
