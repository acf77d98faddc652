// Numbers that move, and what is pleasant besides. Without it every page works as it is.
"use strict";
(() => {
    const one = (selector, within = document) => within.querySelector(selector);
    const all = (selector, within = document) => [...within.querySelectorAll(selector)];
    const two = (n) => String(n).padStart(2, "0");
    const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    // ---- times, in the reader's own zone ----
    const times = (within) => {
        const now = new Date();
        all("time[datetime]", within).forEach((t) => {
            const d = new Date(t.dateTime);
            if (Number.isNaN(d.getTime())) return;
            const day = d.toDateString() === now.toDateString() ? "" : `${d.getDate()} ${months[d.getMonth()]} `;
            t.textContent = `${day}${two(d.getHours())}:${two(d.getMinutes())}`;
            t.title = d.toString();
        });
        const zone = one("#zone");
        if (zone) zone.hidden = true;
    };

    // ---- what the page shows now becomes what it should show ----
    const copyAttributes = (from, to) => {
        for (const { name } of [...to.attributes]) if (!from.hasAttribute(name) && name !== "open") to.removeAttribute(name);
        for (const { name, value } of [...from.attributes]) if (to.getAttribute(name) !== value) to.setAttribute(name, value);
    };
    const busy = (node) => node.nodeType === 1 && (node.matches("details[open]") || (node.matches("input, select") && node === document.activeElement));
    const same = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.nodeType !== 1 || a.getAttribute("data-key") === b.getAttribute("data-key"));
    const become = (to, from) => {
        if (to.nodeType !== 1) {
            if (to.nodeValue !== from.nodeValue) to.nodeValue = from.nodeValue;
            return;
        }
        if (busy(to)) return; // nothing is taken away from under the reader's hands
        copyAttributes(from, to);
        const keyed = new Map([...to.children].filter((c) => c.dataset && c.dataset.key).map((c) => [c.dataset.key, c]));
        [...from.childNodes].forEach((wanted, i) => {
            const key = wanted.nodeType === 1 && wanted.dataset ? wanted.dataset.key : undefined;
            const kept = key && keyed.get(key);
            const present = to.childNodes[i];
            if (kept && same(kept, wanted)) {
                if (kept !== present) to.insertBefore(kept, present || null);
                become(kept, wanted);
            } else if (present && same(present, wanted) && !key) {
                become(present, wanted);
            } else {
                to.insertBefore(document.importNode(wanted, true), present || null);
            }
        });
        while (to.childNodes.length > from.childNodes.length) to.lastChild.remove();
    };

    // ---- live ----
    const HIDDEN_MS = 60000, LEAST_MS = 500, SAY_MS = 10000, AGAIN_MS = 10000;
    let came = {}; // what the reader pressed, for whoever moves the focus
    let stream = null, due = null, asking = false, again = false, last = 0, hiddenTimer = null, saidAt = 0, states = new Map();
    const dot = one("#live");
    const tell = (words, off) => {
        if (!dot) return;
        dot.hidden = false;
        dot.classList.toggle("off", off);
        one("span", dot).textContent = words;
    };
    const say = (words) => {
        if (Date.now() - saidAt < SAY_MS) return;
        saidAt = Date.now();
        one("#said").textContent = words;
    };
    const statesOf = (within) => new Map(all(".jobs li", within).map((li) => [li.dataset.key, [one("h3", li).textContent, one(".state", li).textContent]]));
    const announce = (within) => {
        const now = statesOf(within);
        now.forEach(([name, state], id) => states.has(id) && states.get(id)[1] !== state && say(`${name}: ${state}`));
        states = now;
    };
    const buttons = (off) => all("main button, main .ask summary").forEach((b) => (b.tagName === "BUTTON" ? (b.disabled = off) : b.toggleAttribute("inert", off)));
    const away = (on) => {
        let note = one("#away");
        if (on && !note) {
            note = document.createElement("div");
            note.id = "away";
            note.className = "note bad";
            note.setAttribute("role", "alert");
            note.innerHTML = '<svg viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="8"/><path d="M10 6v5m0 3v.1"/></svg><div><b>The job database does not answer</b><p></p></div>';
            const d = new Date();
            one("p", note).textContent = `What is shown is as it stood at ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}. No job is lost and no record is written twice. Tried again every 2 s; this page goes on by itself, and buttons are off until then.`;
            one("main").before(note);
        }
        if (!on && note) note.remove();
        buttons(on);
        tell(on ? "Database away" : "Live", on);
    };
    const refresh = async () => {
        due = null;
        if (asking) {
            again = true;
            return;
        }
        asking = true;
        last = Date.now();
        one("main").setAttribute("aria-busy", "true");
        try {
            const answer = await fetch(location.href, { headers: { accept: "text/html" } });
            if (answer.redirected) location.reload();
            else if (answer.ok) {
                const next = new DOMParser().parseFromString(await answer.text(), "text/html");
                times(next);
                announce(one("main", next));
                become(one("main"), one("main", next));
                copyButtons();
            }
        } catch {
            // the stream tells when the host is back
        }
        asking = false;
        one("main").removeAttribute("aria-busy");
        document.dispatchEvent(new CustomEvent("shown", { detail: came }));
        came = {};
        if (again) {
            again = false;
            soon();
        }
    };
    const soon = () => {
        if (!due) due = setTimeout(refresh, Math.max(0, last + LEAST_MS - Date.now()));
    };
    const open = () => {
        if (stream || !("live" in document.body.dataset)) return;
        stream = new EventSource("/jobs/events");
        stream.addEventListener("open", () => tell("Live", false));
        stream.addEventListener("change", () => {
            away(false);
            soon();
        });
        stream.addEventListener("away", () => away(true));
        stream.addEventListener("error", () => {
            const d = new Date();
            if (!dot.classList.contains("off") || dot.hidden) tell(`Not live since ${two(d.getHours())}:${two(d.getMinutes())}`, true);
            if (stream && stream.readyState === EventSource.CLOSED) {
                close();
                setTimeout(open, 5000); // the host stops or has too many readers
            }
        });
    };
    const close = () => {
        if (stream) stream.close();
        stream = null;
    };
    document.addEventListener("visibilitychange", () => {
        clearTimeout(hiddenTimer);
        if (document.hidden) hiddenTimer = setTimeout(close, HIDDEN_MS);
        else {
            if (!stream) soon();
            open();
        }
    });
    setInterval(() => stream && !document.hidden && !one("#away") && one(".state.running") && soon(), AGAIN_MS);

    // ---- keys, search, copies ----
    const copyButtons = () => navigator.clipboard && all("[data-copy]").forEach((b) => (b.hidden = false));
    document.addEventListener("click", (event) => {
        const no = event.target.closest("[data-no]"), copy = event.target.closest("[data-copy]");
        if (no) {
            event.preventDefault();
            const details = no.closest("details");
            details.open = false;
            one("summary", details).focus();
        }
        if (copy) navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).textContent).then(() => (copy.textContent = "Copied"));
    });
    document.addEventListener("keydown", (event) => {
        const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
        if (event.key === "/" && !typing && one("#q")) {
            event.preventDefault();
            one("#q").focus();
        }
        const details = event.key === "Escape" && document.activeElement.closest("details[open]");
        if (details) {
            details.open = false;
            one("summary", details).focus();
        }
    });
    document.addEventListener("toggle", (event) => event.target.open && (one("form .btn", event.target) || event.target).focus(), true);
    const softly = (url, from) => {
        const row = document.querySelector("tr.sel");
        came = { from, row: row ? row.dataset.key : "" };
        history.pushState(null, "", url);
        refresh();
    };
    document.addEventListener("click", (event) => {
        const link = event.target.closest("a[data-soft]");
        if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        softly(link.href, link);
    });
    document.addEventListener("submit", (event) => {
        if (!event.target.matches("form[data-soft], form[role=search]")) return;
        event.preventDefault();
        const url = new URL(event.target.action);
        new FormData(event.target).forEach((value, name) => value && url.searchParams.set(name, value));
        softly(url, event.target);
    });
    addEventListener("popstate", () => refresh());
    let typed = null;
    document.addEventListener("input", (event) => {
        if (event.target.id !== "q") return;
        clearTimeout(typed);
        typed = setTimeout(() => {
            const url = new URL(location.href);
            for (const name of ["show", "cursor", "account", "in", "name"]) url.searchParams.delete(name);
            if (event.target.value) url.searchParams.set("q", event.target.value);
            else url.searchParams.delete("q");
            history.replaceState(null, "", url);
            soon();
        }, 250);
    });
    document.addEventListener("submit", (event) => {
        const button = event.submitter;
        if (button && button.dataset.working !== "1" && event.target.method === "post") {
            button.dataset.working = "1";
            setTimeout(() => (button.disabled = true));
        }
    });

    times(document);
    states = statesOf(document);
    copyButtons();
    open();
})();
