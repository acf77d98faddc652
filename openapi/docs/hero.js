// hero.js - the two drawn things on top: a flight with the figures of its declared example, and how a job went.
import { one, s, number } from "./dom.js";

const text = (x, y, kind, words, anchor = "middle") => s("text", { x, y, class: kind, "text-anchor": anchor }, words);

const flight = (e) => {
    const seats = Array.from({ length: e.passengerCount }, (_, i) => s("rect", { x: 200 - e.passengerCount * 8.25 + i * 16.5, y: 150, width: 11, height: 14, rx: 3, class: "fl" }));
    return s(
        "svg",
        { viewBox: "0 0 400 210", role: "img", "aria-label": `${e.departureAirport} to ${e.arrivalAirport}: ${number(e.co2PerPassengerKg, 0)} kg CO₂e for each of ${e.passengerCount} passengers` },
        s("path", { d: "M48 116Q200 2 352 116", class: "arc" }),
        s("circle", { cx: 48, cy: 116, r: 6, class: "dotp" }),
        s("circle", { cx: 352, cy: 116, r: 6, class: "dotp" }),
        text(48, 142, "pt1", e.departureAirport),
        text(352, 142, "pt1", e.arrivalAirport),
        text(200, 112, "pt3", `${number(e.co2PerPassengerKg, 0)} kg`),
        text(200, 134, "pt2", `CO₂e for each of ${e.passengerCount} passengers`),
        seats,
        text(28, 194, "pt2", `${number(e.distanceKm, 0)} km`, "start"),
        text(372, 194, "pt2", `${number(e.totalCo2Kg, 0)} kg in all`, "end"),
    );
};

const job = (j) => {
    const at = (n, i) => `${(20 + (360 * i) / (j.done.length - 1)).toFixed(1)} ${(168 - (104 * n) / j.total).toFixed(1)}`;
    const line = j.done.map(at).join(" L");
    const twice = j.failed ? `${number(j.failed)} failed, listed` : "0 failed";
    return s(
        "svg",
        { viewBox: "0 0 400 210", role: "img", "aria-label": `A job makes ${number(j.total)} quotes in ${j.seconds} seconds, page by page; ${twice}, none twice` },
        s("text", { x: 20, y: 44, class: "pt3" }, number(j.total), s("tspan", { class: "pt4" }, ` quotes in ${j.seconds} s`)),
        s("path", { d: `M20 168 L${line} L380 168Z`, class: "area" }),
        s("path", { d: `M${line}`, class: "lin" }),
        text(20, 194, "pt2", `done over time · 0 twice · ${twice}`, "start"),
        text(380, 194, "pt2", "simulated org", "end"),
    );
};

export const hero = async (about) => {
    const example = about.operations.calculateCarbonFootprint?.examples?.find((e) => e.expect?.co2PerPassengerKg && e.expect?.distanceKm);
    if (example) one("flight").append(flight(example.expect));
    const answer = await fetch("/docs/job.json");
    if (answer.ok) one("job").append(job(await answer.json()));
};
