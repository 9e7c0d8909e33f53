// Small enhancements; every page works without them. No requests leave this server, nothing is kept but recent codes,
// and those only in this browser.
"use strict";

(() => {
  const box = document.querySelector("[data-suggest]");
  if (box) suggest(box);

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = button.dataset.copy === "link" ? location.href : button.dataset.copy;
      await navigator.clipboard.writeText(text);
      const label = button.textContent;
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = label; }, 1500);
    });
  }

  recent();
  addEventListener("beforeprint", () => {
    for (const each of document.querySelectorAll("details")) each.open = true;
  });

  function suggest(input) {
    const list = document.getElementById(input.getAttribute("aria-controls"));
    let chosen = -1, asked = "", waiting = null;
    const rows = () => [...list.children];
    const close = () => { list.hidden = true; chosen = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
    const mark = () => rows().forEach((row, at) => {
      row.setAttribute("aria-selected", String(at === chosen));
      if (at === chosen) input.setAttribute("aria-activedescendant", row.id);
    });
    async function ask() {
      const text = input.value.trim();
      if (text === asked) return;
      asked = text;
      if (text.length < 2) return close();
      const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || text !== input.value.trim()) return;
      const hits = (await answer.json()).hits;
      list.replaceChildren(...hits.map((hit, at) => {
        const row = document.createElement("li"), code = document.createElement("span"), title = document.createElement("span");
        row.id = `suggestion-${at}`;
        row.setAttribute("role", "option");
        row.dataset.url = hit.url;
        code.className = "code";
        code.textContent = hit.code;
        title.textContent = hit.display;
        row.append(code, title);
        row.addEventListener("mousedown", () => { location.href = hit.url; });
        return row;
      }));
      chosen = -1;
      list.hidden = hits.length === 0;
      input.setAttribute("aria-expanded", String(hits.length > 0));
    }
    input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 80); });
    input.addEventListener("blur", () => setTimeout(close, 150));
    input.addEventListener("keydown", (event) => {
      if (list.hidden) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        const step = event.key === "ArrowDown" ? 1 : -1;
        chosen = (chosen + step + rows().length) % rows().length;
        mark();
        event.preventDefault();
      } else if (event.key === "Enter" && chosen >= 0) {
        location.href = rows()[chosen].dataset.url;
        event.preventDefault();
      } else if (event.key === "Escape") close();
    });
  }

  function recent() {
    const key = "icdref-recent", here = document.querySelector("[data-code]");
    let codes = [];
    try { codes = JSON.parse(localStorage.getItem(key) || "[]"); } catch { return; }
    if (here) {
      const entry = { code: here.dataset.code, title: here.dataset.title, url: here.dataset.url };
      codes = [entry, ...codes.filter((each) => each.code !== entry.code)].slice(0, 8);
      localStorage.setItem(key, JSON.stringify(codes));
    }
    const place = document.querySelector("[data-recent]");
    if (!place || codes.length === 0) return;
    place.hidden = false;
    place.querySelector("ul").replaceChildren(...codes.map((each) => {
      const item = document.createElement("li"), link = document.createElement("a");
      link.href = each.url;
      link.textContent = `${each.code} ${each.title}`;
      item.append(link);
      return item;
    }));
    place.querySelector("button").addEventListener("click", () => { localStorage.removeItem(key); place.hidden = true; });
  }
})();
