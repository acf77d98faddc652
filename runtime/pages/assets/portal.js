// The portal: ages that grow, keys, and links that change the page without loading it anew. Nothing here is needed to use it.
"use strict";
(() => {
    const FRESH_S = 60, SIGNS = { done: "m3 7 3 3 5-6", partly: "m2 7 3 3 4-6M12 3v5M12 11v.1" };
    const ages = () => document.querySelectorAll("[data-read]").forEach((node) => {
        const s = Math.max(0, Math.round(Date.now() / 1000 - node.dataset.read)), old = s > FRESH_S, state = node.closest(".state");
        node.textContent = s < 10 ? "Read just now" : s < 60 ? `Read ${s - (s % 10)} s ago` : s < 3600 ? `Read ${Math.floor(s / 60)} min ago` : `Read ${Math.floor(s / 3600)} h ago`;
        state.classList.toggle("done", !old);
        state.classList.toggle("partly", old);
        state.querySelector("path").setAttribute("d", old ? SIGNS.partly : SIGNS.done);
    });
    setInterval(ages, 10000);
    // how far sample records are: the bar and the words of the job's own page
    const watch = async () => {
        const box = document.querySelector("[data-job]");
        if (!box || document.hidden) return setTimeout(watch, 1000);
        const answer = await fetch(`/jobs/${box.dataset.job}`).catch(() => null);
        const page = answer && answer.ok && !answer.redirected && new DOMParser().parseFromString(await answer.text(), "text/html");
        const bar = page && page.querySelector(".bar.tall"), state = page && page.querySelector("main .state");
        if (bar) box.firstChild.replaceChildren(state, bar, page.querySelector(".huge"));
        if (!state || !/done|partly|failed|canceled/.test(state.className)) return setTimeout(watch, 1000);
        box.removeAttribute("data-job");
    };
    watch();
    document.addEventListener("keydown", (event) => {
        const close = document.getElementById("dx");
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.id === "sql") event.target.form.requestSubmit();
        if (event.key === "Escape" && close && event.target.closest("#dr")) close.click();
    });
    document.addEventListener("shown", (event) => {
        const open = new URLSearchParams(location.search).has("account");
        if (event.detail.from && event.detail.from.closest(".acc") && open) document.getElementById("dh").focus();
        else if (event.detail.from && event.detail.from.id === "dx") (document.querySelector(`.acc [data-key="${event.detail.row}"] a`) || document.getElementById("q")).focus();
        ages();
    });
})();
