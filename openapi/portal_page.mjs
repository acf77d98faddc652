// portal_page.mjs - people's visits to the portal, in headless Chromium:
//     node portal_page.mjs CHROMIUM HOST_URL SANDBOX_URL FOLDER     (password in PAGES_PASSWORD)
// The host has the connections sandbox, partner and third. Prints what it saw; exits 1 when something is missing, when a page logged an error,
// asked another host for anything, scrolls sideways, or when axe-core finds fault with it. Screenshots go to FOLDER.
import { chromium } from "playwright-core";
import axe from "axe-core";

const [executablePath, host, sandbox, folder] = process.argv.slice(2);
const password = process.env.PAGES_PASSWORD;
const problems = [];
const check = (ok, text) => {
    console.log(`${ok ? "ok  " : "FAIL"} ${text}`);
    if (!ok) problems.push(text);
};
const control = (method, path, body) => fetch(sandbox + path, { method, body: body && JSON.stringify(body) });
const breakThird = () => control("POST", "/sandbox/faults", { path: "/services/data", org: 2, status: 401, errorCode: "INVALID_SESSION_ID" });
const mend = () => control("DELETE", "/sandbox/faults");

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const asked = new Set();
let state;
const open = async (options) => {
    const context = await browser.newContext({ viewport: { width: 1366, height: 900 }, storageState: state, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on("request", (request) => request.url().startsWith("data:") || asked.add(new URL(request.url()).host));
    page.on("console", (message) => message.type() === "error" && problems.push(`console: ${message.text()} (${message.location().url})`));
    page.on("pageerror", (error) => problems.push(`page: ${error.message}`));
    page.on("dialog", (dialog) => problems.push(`page: a dialog: ${dialog.message()}`));
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
const rows = (page) => page.locator(".acc tbody tr:not(.oops):not(.none)");
const names = (page) => page.locator(".acc tbody th").allInnerTexts();
const until = (page, n) => page.waitForFunction((n) => document.querySelectorAll(".acc tbody tr:not(.oops):not(.none)").length === n, n);

const list = async (page) => {
    await page.goto(`${host}/portal`);
    check((await rows(page).count()) === 18, "all accounts of all orgs are there");
    check((await page.locator(".org .state.done").count()) === 3, "and each org's state");
    check(/rights of the user/.test(await page.innerText(".head p")), "it says whose rights these are");
    const html = "<img src=x onerror=alert(1)> & co";
    check((await names(page)).includes(html), "a name of HTML is a name");
    await page.click("th >> text=City");
    await page.waitForURL(/sort=city/);
    await page.waitForSelector("[aria-sort=ascending] >> text=City");
    const cities = await page.locator(".acc .ci").allInnerTexts();
    const filled = cities.filter((city) => city);
    check(filled.every((city, i) => i === 0 || city.localeCompare(filled[i - 1], "en", { sensitivity: "base" }) >= 0 || /[^ -~]/.test(city + filled[i - 1])), "sorted by city");
    check(cities.slice(filled.length).every((city) => !city), "those without one come last");
    await see(page, "portal-sorted-desktop-light");
};

const search = async (page) => {
    await page.goto(`${host}/portal`);
    await page.evaluate(() => (window.mark = 1));
    await page.keyboard.press("/");
    check((await page.evaluate(() => document.activeElement.id)) === "q", "/ goes to the search");
    await page.keyboard.type("fj");
    await until(page, 1);
    check((await page.inputValue("#q")) === "fj" && (await page.evaluate(() => document.activeElement.id)) === "q", "what is typed is searched for, and the field keeps its text and focus");
    check(await page.evaluate(() => window.mark === 1), "without loading the page again");
    await page.keyboard.type("xx");
    await page.waitForSelector(".acc .none");
    check(/No account matches “fjxx”/.test(await page.innerText(".acc .none")), "that nothing was found is said");
    await page.fill("#q", "");
    await until(page, 18);
    await page.click(".chip >> text=partner");
    await until(page, 8);
    check((await page.locator(".acc .tag").allInnerTexts()).every((name) => name === "partner"), "one org alone");
    check(await page.evaluate(() => window.mark === 1), "all that without loading the page again");
    await page.goBack();
    await until(page, 18);
    check(true, "the way back works");
};

const broken = async (page) => {
    await breakThird();
    await page.goto(`${host}/portal?sort=owner`);
    check((await page.locator(".acc tbody tr").first().getAttribute("class")) === "oops", "what is missing stands first");
    const words = await page.innerText(".oops");
    check(/third is missing from this list/.test(words) && /authorizations:add third/.test(words) && /INVALID_SESSION_ID/.test(words), "with what to do, and the org's own code");
    check((await rows(page).count()) === 14, "the others are shown");
    check(/last read/.test(await page.innerText(".org.down")), "and when it was read last");
    await see(page, "portal-broken-desktop-light");
    await mend();
    await page.click(".oops .btn");
    await until(page, 18);
    check(true, "Try again asks again");
};

const profile = async (page) => {
    await page.goto(`${host}/portal`);
    await page.focus(".acc th a:has-text('Koa Cars')");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#dr");
    check((await page.evaluate(() => document.activeElement.id)) === "dh", "a profile opens by the keyboard and has the focus");
    const words = await page.innerText("#dr");
    check(/Kai Nakamura/.test(words) && /001xx000003DGb0AAG/.test(words), "people of Data 360, and where it is known");
    await see(page, "portal-profile-desktop-light");
    await page.keyboard.press("Escape");
    await page.waitForSelector("#dr", { state: "detached" });
    check((await page.evaluate(() => document.activeElement.textContent)) === "Koa Cars", "Escape closes it and goes back to its row");
};

const sql = async (page) => {
    await page.goto(`${host}/portal`);
    await page.focus("#sql");
    await page.keyboard.press("Control+Enter");
    await page.waitForSelector(".plot");
    check((await page.locator(".plot rect").count()) === 5, "a statement gives rows and a plot");
    check(/5 rows, all of them/.test(await page.innerText("form [role=status]")), "and how many");
    await see(page, "portal-data-desktop-light");
    await page.fill("#sql", "DELETE FROM ssot__Account__dlm");
    await page.click("text=Run");
    await page.waitForSelector(".err");
    check(/begin with SELECT/.test(await page.innerText(".err")), "one that writes is refused, with why");
    check((await page.inputValue("#sql")) === "DELETE FROM ssot__Account__dlm", "and stays to be mended");
};

const small = async () => {
    await breakThird();
    for (const colorScheme of ["light", "dark"]) {
        const page = await open({ viewport: { width: 390, height: 844 }, colorScheme, hasTouch: true });
        await page.goto(`${host}/portal?account=001xx000003DGb0AAG&in=sandbox&name=Koa+Cars&at=sandbox&sql=${encodeURIComponent("SELECT ssot__BillingCityName__c AS city, COUNT(*) AS accounts FROM ssot__Account__dlm GROUP BY 1")}`);
        await see(page, `portal-phone-${colorScheme}`);
        const low = await page.evaluate(() => [...document.querySelectorAll("main .btn, main input, main select, .chip, .iconbtn")].filter((node) => node.getBoundingClientRect().height < 40).map((node) => node.outerHTML.slice(0, 80)));
        check(low.length === 0, `what is touched is large enough ${low.join(" ")}`);
        await page.setViewportSize({ width: 320, height: 700 });
        await fits(page, `portal at 320 px, ${colorScheme}`);
        await page.context().close();
    }
    const dark = await open({ colorScheme: "dark" });
    await dark.goto(`${host}/portal?account=001xx000003DGb0AAG&in=sandbox&name=Koa+Cars&at=sandbox&sql=${encodeURIComponent("SELECT ssot__BillingCityName__c AS city, COUNT(*) AS accounts FROM ssot__Account__dlm GROUP BY 1")}`);
    await see(dark, "portal-desktop-dark");
    await dark.context().close();
    await mend();
};

const plain = async () => {
    const page = await open({ javaScriptEnabled: false });
    await page.goto(`${host}/portal`);
    await page.fill("#q", "innsbr");
    await page.press("#q", "Enter");
    check((await names(page)).join() === "Alpenblick Hotels", "without a script: search");
    await page.click(".acc tbody th a");
    check(/Alpenblick Hotels/.test(await page.innerText("#dr h2")), "a profile");
    await page.click("#dx");
    await page.click("th >> text=Owner");
    check(/sort=owner/.test(page.url()), "sorting");
    await page.click("text=Run");
    check((await page.locator(".plot").count()) === 1, "a statement");
    await page.context().close();
};

const first = await open();
await first.goto(`${host}/portal`);
check(new URL(first.url()).pathname === "/jobs/login", "who is not known is sent to the login");
await first.fill("#pw", password);
await first.keyboard.press("Enter");
await first.waitForURL(`${host}/portal`);
state = await first.context().storageState();
for (const part of [list, search, broken, profile, sql]) await part(first);
await small();
await plain();
check([...asked].every((one) => one === new URL(host).host), `asked only ${[...asked].join(" ")}`);
await browser.close();
problems.filter((text) => /^(console|page):/.test(text)).forEach((text) => console.log(`FAIL ${text}`));
process.exit(problems.length ? 1 : 0);
