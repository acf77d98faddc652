// card.mjs - the benchmark's card for each peer: 1200x630, gradient, a logo of 256 px, four texts. One process per peer:
//     node card.mjs PEER LOGO.png
// reads "NUMBER [FILE]" lines, draws a card with that number in its headline, writes it to FILE if one is named, and answers
// "MILLISECONDS BYTES".
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

const [peer, logoFile] = process.argv.slice(2);
const fonts = "/usr/share/fonts/opentype/inter";
const faces = {
    "Inter Display 700": readFileSync(`${fonts}/InterDisplay-Bold.otf`),
    "Inter 600": readFileSync(`${fonts}/Inter-SemiBold.otf`),
    "Inter 500": readFileSync(`${fonts}/Inter-Medium.otf`),
};
const logo = readFileSync(logoFile);
const texts = (i) => ({
    eyebrow: "Webinar · 12 May 2026",
    headline: `Launch week ${i}: everything you need to know`,
    subtitle: "Three practical sessions on data, service and the moments in between.",
    cta: "Save your seat",
});
const gradient = "linear-gradient(135deg, #4f3ce6, #9c1a9a)";
const style = {
    card: { width: 1200, height: 630, boxSizing: "border-box", display: "flex", flexDirection: "row", alignItems: "center", justifyContent: "space-between",
        backgroundImage: gradient, padding: "63px 100px 126px 100px", color: "#ffffff" },
    stack: { display: "flex", flexDirection: "column", alignItems: "flex-start", width: 720 },
    eyebrow: { fontFamily: "Inter", fontWeight: 600, fontSize: 24, lineHeight: 1.3 },
    headline: { fontFamily: "Inter Display", fontWeight: 700, fontSize: 65, lineHeight: 1.08, marginTop: 13 },
    subtitle: { fontFamily: "Inter", fontWeight: 500, fontSize: 30, lineHeight: 1.35, marginTop: 19 },
    pill: { display: "flex", fontFamily: "Inter", fontWeight: 600, fontSize: 26, color: "#12141f", backgroundColor: "#ffc857", borderRadius: 31,
        padding: "15px 30px", marginTop: 28 },
};

async function takumi() {
    const { Renderer } = await import("@takumi-rs/core");
    const renderer = new Renderer();
    await renderer.registerFont({ name: "Inter Display", weight: 700, data: faces["Inter Display 700"] });
    await renderer.registerFont({ name: "Inter", weight: 600, data: faces["Inter 600"] });
    await renderer.registerFont({ name: "Inter", weight: 500, data: faces["Inter 500"] });
    const images = [{ src: "logo", data: logo, cache: "auto" }];
    return (i) => {
        const t = texts(i);
        const text = (part) => ({ type: "text", text: t[part], style: style[part] });
        const node = { type: "container", style: style.card, children: [
            { type: "container", style: style.stack, children: [text("eyebrow"), text("headline"), text("subtitle"),
                { type: "container", style: style.pill, children: [{ type: "text", text: t.cta, style: {} }] }] },
            { type: "image", src: "logo", width: 256, height: 256, style: { width: 256, height: 256 } }] };
        return renderer.render(node, { width: 1200, height: 630, format: "png", images });
    };
}

async function satori() {
    const draw = (await import("satori")).default;
    const { Resvg } = await import("@resvg/resvg-js");
    const options = { width: 1200, height: 630, fonts: [
        { name: "Inter Display", weight: 700, style: "normal", data: faces["Inter Display 700"] },
        { name: "Inter", weight: 600, style: "normal", data: faces["Inter 600"] },
        { name: "Inter", weight: 500, style: "normal", data: faces["Inter 500"] }] };
    const src = `data:image/png;base64,${logo.toString("base64")}`;
    const div = (s, children) => ({ type: "div", props: { style: s, children } });
    return async (i) => {
        const t = texts(i);
        const part = (name) => div({ display: "flex", ...style[name] }, t[name]);
        const tree = div(style.card, [
            div(style.stack, [part("eyebrow"), part("headline"), part("subtitle"), div(style.pill, t.cta)]),
            { type: "img", props: { src, width: 256, height: 256 } }]);
        const svg = await draw(tree, options);
        return new Resvg(svg, { font: { loadSystemFonts: false } }).render().asPng();
    };
}

// sharp cannot break lines: it is given them broken, which is an advantage. zlib level 6 is its default, 1 its fastest.
async function sharp(level) {
    const make = (await import("sharp")).default;
    make.concurrency(1);
    const esc = (s) => s.replace(/&/g, "&amp;").replace(/</g, "&lt;");
    return (i) => {
        const t = texts(i);
        const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630"><defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1">
<stop offset="0" stop-color="#4f3ce6"/><stop offset="1" stop-color="#9c1a9a"/></linearGradient></defs><rect width="1200" height="630" fill="url(#g)"/>
<g fill="#fff"><text x="100" y="86" font-family="Inter" font-weight="600" font-size="24">${esc(t.eyebrow)}</text>
<g font-family="Inter Display" font-weight="700" font-size="65"><text x="100" y="164">Launch week ${i}:</text>
<text x="100" y="235">everything you need to</text><text x="100" y="305">know</text></g>
<g font-family="Inter" font-weight="500" font-size="30"><text x="100" y="365">${esc(t.subtitle.slice(0, 50))}</text>
<text x="100" y="406">${esc(t.subtitle.slice(51))}</text></g></g>
<rect x="100" y="443" width="248" height="62" rx="31" fill="#ffc857"/>
<text x="130" y="483" font-family="Inter" font-weight="600" font-size="26" fill="#12141f">${esc(t.cta)}</text></svg>`;
        return make(Buffer.from(svg)).composite([{ input: logo, left: 844, top: 156 }]).removeAlpha().png({ compressionLevel: level }).toBuffer();
    };
}

const peers = { takumi, satori, sharp: () => sharp(6), sharp1: () => sharp(1) };
if (!peers[peer]) {
    console.error(`no peer ${peer}; there are ${Object.keys(peers).join(", ")}`);
    process.exit(64);
}
const render = await peers[peer]();
for await (const line of createInterface({ input: process.stdin })) {
    const [number, file] = line.trim().split(" ");
    const begun = performance.now();
    const png = await render(Number(number));
    const ms = performance.now() - begun;
    if (file) writeFileSync(file, png);
    console.log(`${ms.toFixed(3)} ${png.length}`);
}
