// Small enhancements; every page works without them. No request leaves this server, nothing is kept but the codes viewed
// lately, and those only in this browser.
"use strict";

(() => {
  const RECENT = "icdref-recent", MOST_RECENT = 8;
  const said = document.querySelector("[data-said]");

  const box = document.querySelector("[data-suggest]");
  if (box) suggest(box);
  copying();
  recent();
  keys(box);
  filters();
  printing();
  following();

  function say(text, quietly) {
    said.classList.toggle("hush", Boolean(quietly));
    said.textContent = text;
    clearTimeout(say.timer);
    say.timer = setTimeout(() => { said.textContent = ""; }, 2500);
  }

  function copying() {
    for (const button of document.querySelectorAll("[data-copy]")) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        const text = button.dataset.copy === "link" ? location.href : button.dataset.copy;
        try {
          await navigator.clipboard.writeText(text);
        } catch {
          // Without a secure context there is no clipboard: a selection that a keystroke copies.
          const area = document.createElement("textarea");
          area.value = text;
          area.setAttribute("readonly", "");
          document.body.append(area);
          area.select();
          document.execCommand("copy");
          area.remove();
        }
        say(`Copied: ${text}`);
      });
    }
  }

  function suggest(input) {
    const list = document.getElementById(input.getAttribute("aria-controls"));
    let chosen = -1, asked = "", waiting = null;
    const rows = () => [...list.children];
    const close = () => {
      list.hidden = true;
      chosen = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const mark = () => rows().forEach((row, at) => {
      row.setAttribute("aria-selected", String(at === chosen));
      if (at === chosen) {
        input.setAttribute("aria-activedescendant", row.id);
        row.scrollIntoView({ block: "nearest" });
      }
    });
    const piece = (name, text) => {
      const found = document.createElement("span");
      found.className = name;
      found.textContent = text;
      return found;
    };
    const option = (at, url, ...pieces) => {
      const row = document.createElement("li");
      row.id = `suggestion-${at}`;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", "false");
      row.dataset.url = url;
      row.append(...pieces);
      row.addEventListener("mousedown", (event) => { event.preventDefault(); location.href = url; });
      return row;
    };
    async function ask() {
      const text = input.value.trim();
      if (text === asked && !list.hidden) return;
      asked = text;
      if (text.length < 2) return close();
      const mark = input.dataset.suggest.includes("?") ? "&" : "?";
      let found;
      try {
        const answer = await fetch(`${input.dataset.suggest}${mark}q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
        if (!answer.ok) return;
        found = await answer.json();
      } catch { return; }
      if (text !== input.value.trim() || document.activeElement !== input) return;
      const named = found.conditions.slice(0, 2).map((each) => [each.url, piece("kind", "Summary"), piece("name", each.title)]);
      const codes = found.hits.map((each) => [each.url, piece("code", each.code), piece("name", each.display)]);
      list.replaceChildren(...[...named, ...codes].map(([url, ...pieces], at) => option(at, url, ...pieces)));
      chosen = -1;
      input.removeAttribute("aria-activedescendant");
      list.hidden = list.children.length === 0;
      input.setAttribute("aria-expanded", String(!list.hidden));
      say(`${list.children.length} suggestions`, true);
    }
    input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 80); });
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" && list.hidden) { asked = ""; ask(); return; }
      if (list.hidden) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        const count = rows().length, step = event.key === "ArrowDown" ? 1 : -1;
        chosen = chosen < 0 ? (step > 0 ? 0 : count - 1) : (chosen + step + count) % count;
        mark();
        event.preventDefault();
      } else if (event.key === "Enter" && chosen >= 0) {
        location.href = rows()[chosen].dataset.url;
        event.preventDefault();
      } else if (event.key === "Escape") {
        close();
        event.preventDefault();
      }
    });
  }

  function recent() {
    const here = document.querySelector("[data-code]");
    let codes = [];
    try {
      codes = JSON.parse(localStorage.getItem(RECENT) || "[]").filter((each) => each && typeof each.code === "string" && /^\/(?!\/)/.test(each.url));
    } catch { codes = []; }
    try {
      if (here) {
        const entry = { code: here.dataset.code, title: here.dataset.title, url: here.dataset.url };
        codes = [entry, ...codes.filter((each) => each.code !== entry.code)].slice(0, MOST_RECENT);
        localStorage.setItem(RECENT, JSON.stringify(codes));
      }
    } catch { return; }
    const place = document.querySelector("[data-recent]");
    if (!place || codes.length === 0) return;
    place.hidden = false;
    place.querySelector("ul").replaceChildren(...codes.map((each) => {
      const item = document.createElement("li"), link = document.createElement("a");
      link.href = each.url;
      for (const [name, text] of [["code", each.code], ["name", each.title]]) {
        const part = document.createElement("span");
        part.className = name;
        part.textContent = text;
        link.append(part);
      }
      item.append(link);
      return item;
    }));
    place.querySelector("button").addEventListener("click", () => {
      localStorage.removeItem(RECENT);
      place.hidden = true;
      say("The list is empty", true);
    });
  }

  function keys(input) {
    const links = [...document.querySelectorAll("[data-hits] > li > a")];
    addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, select, textarea");
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "/" && !typing && input) {
        input.focus();
        input.select();
        event.preventDefault();
      } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && links.length && !typing) {
        const at = links.indexOf(document.activeElement), step = event.key === "ArrowDown" ? 1 : -1;
        const next = links[at < 0 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1)];
        next.focus();
        event.preventDefault();
      }
    });
  }

  function filters() {
    const form = document.querySelector("[data-filters]");
    if (!form) return;
    for (const each of form.querySelectorAll("select, input[type=checkbox]")) each.addEventListener("change", () => form.requestSubmit());
    // An empty field would only make the address longer.
    form.addEventListener("submit", () => {
      for (const each of form.elements) if (each.name && !each.value) each.disabled = true;
    });
  }

  function printing() {
    for (const link of document.querySelectorAll("[data-printer]")) {
      link.addEventListener("click", (event) => { event.preventDefault(); print(); });
    }
    let closed = [];
    addEventListener("beforeprint", () => {
      closed = [...document.querySelectorAll("details:not([open])")];
      for (const each of closed) each.open = true;
    });
    addEventListener("afterprint", () => { for (const each of closed) each.open = false; });
  }

  function following() {
    const links = new Map([...document.querySelectorAll(".sticky .toc a")].map((each) => [each.hash.slice(1), each]));
    if (!links.size || !("IntersectionObserver" in window)) return;
    const watcher = new IntersectionObserver((seen) => {
      for (const each of seen) {
        if (!each.isIntersecting) continue;
        for (const link of links.values()) link.removeAttribute("aria-current");
        links.get(each.target.id)?.setAttribute("aria-current", "true");
      }
    }, { rootMargin: "-15% 0px -75% 0px" });
    for (const id of links.keys()) {
      const part = document.getElementById(id);
      if (part) watcher.observe(part);
    }
  }
})();
