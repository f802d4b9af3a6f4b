"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const words = data.words;
  const panel = document.getElementById("panel");
  const body = document.getElementById("panel-body");
  const lightbox = document.getElementById("lightbox");
  const counts = new Set(["n_obs", "n_units", "n_clusters", "n_singletons", "n_missing", "seed"]);
  let chosen = null;
  const fields = ["estimate", "se", "statistic", "p", "ci", "df", "n_obs", "n_units", "n_clusters", "n_singletons",
    "n_missing", "r2", "r2_within", "vcov", "ssc", "seed", "reason"];

  function element(tag, text, className) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function printed(field, value) {
    if (value === null || value === "") return "";
    if (value === "inf") return words.infinite;
    if (field === "p" && value === 0) return "< 1e\u2212300";
    if (field === "seed") return String(value);
    if (typeof value === "number" && counts.has(field)) return value.toLocaleString("en");
    if (typeof value !== "number") return String(value);
    return String(Number(value.toPrecision(8))).replace(/-/g, "\u2212");
  }

  function line(list, name, value, asked) {
    if (value === "") return;
    list.append(element("dt", name, asked ? "asked" : ""), element("dd", value, asked ? "asked" : ""));
  }

  function estimateLines(list, row, asked, said, statistic) {
    for (const field of fields) {
      if (field === "ci") {
        const low = printed("ci_low", row.ci_low), high = printed("ci_high", row.ci_high);
        if (low !== "") line(list, words.field_ci, "[" + low + ", " + high + "]", asked.startsWith("ci"));
      } else {
        const name = field === "statistic" && statistic ? statistic : words["field_" + field];
        line(list, name, said(printed(field, row[field])), field === asked);
      }
    }
  }

  function label(names, text, said) {
    return Object.hasOwn(names, text) ? names[text] : said(text);
  }

  function traceLines(list, lines) {
    for (const [name, value] of lines || []) {
      line(list, Object.hasOwn(data.labels, name) ? data.labels[name] : name, value, false);
      if (list.lastChild) list.lastChild.replaceChildren(...value.split(/(?<=[;；])\s*/).map((step) => element("div", step)));
    }
  }

  function fileLinks(exhibit) {
    const links = element("p", undefined, "links");
    for (const [name, path] of Object.entries(exhibit.files)) {
      const link = element("a", Object.hasOwn(words, "file_" + name) ? words["file_" + name] : name);
      link.href = path;
      links.append(link);
    }
    return links;
  }

  function numberLines(list, exhibit, cell) {
    const { term, field, trail, what } = cell.dataset;
    const column = trail === undefined ? cell.dataset.column : trail;
    const said = (text) => Object.hasOwn(exhibit.words, text) ? exhibit.words[text] : text;
    line(list, words.printed, cell.textContent.trim(), true);
    if (trail !== undefined) {
      line(list, words.what_it_is, what, false);
      line(list, words.goes_with, label(exhibit.columns, column, said), false);
      return;
    }
    const at = exhibit.estimates.findIndex((e) => e.column === column && e.term === term);
    line(list, words.field_column, label(exhibit.columns, column, said), false);
    line(list, words.field_term, label(exhibit.terms, term, said), false);
    estimateLines(list, exhibit.estimates[at], field, said, exhibit.statistics[at]);
  }

  function show(cell, byKey) {
    const id = cell.dataset.exhibit || cell.closest("table").dataset.of;
    const exhibit = data.exhibits[id];
    const column = cell.dataset.trail === undefined ? cell.dataset.column : cell.dataset.trail;
    document.querySelectorAll("td.chosen").forEach((other) => other.classList.remove("chosen"));
    cell.classList.add("chosen");
    chosen = cell;
    const list = element("dl");
    numberLines(list, exhibit, cell);
    traceLines(list, exhibit.traces[column]);
    const parts = [element("h2", words.panel_title), element("p", exhibit.heading, "where"), list];
    const hasCells = (exhibit.traces[column] || []).some(([name]) => name === words.trace_cells);
    if (data.cells && hasCells) parts.push(shidianCellList(id, column));
    body.replaceChildren(...parts, fileLinks(exhibit));
    panel.hidden = false;
    panel.scrollTop = 0;
    if (byKey) panel.focus();
  }

  function hide() {
    if (panel.hidden) return;
    const inside = panel.contains(document.activeElement) || document.activeElement === document.body;
    panel.hidden = true;
    document.querySelectorAll("td.chosen").forEach((cell) => cell.classList.remove("chosen"));
    if (inside && chosen) chosen.focus();
  }

  function copied(button) {
    const table = document.getElementById(button.dataset.table).cloneNode(true);
    const box = element("div", undefined, "copied");
    const caption = table.caption;
    if (caption) {
      box.append(element("p", caption.textContent));
      caption.remove();
    }
    box.append(table);
    const note = button.dataset.note && document.getElementById(button.dataset.note);
    if (note) box.append(element("p", note.textContent));
    return box;
  }

  function copy(button) {
    const box = copied(button);
    document.body.append(box);
    const range = document.createRange();
    range.selectNodeContents(box);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    const done = document.execCommand("copy");
    selection.removeAllRanges();
    box.remove();
    if (!done) return;
    button.textContent = words.copied;
    window.setTimeout(() => { button.textContent = words.copy_table; }, 1500);
  }

  function enlarge(image) {
    const large = lightbox.querySelector("img");
    large.src = image.src;
    large.alt = image.alt;
    lightbox.showModal();
  }

  function act(target) {
    const cell = target.closest("td[data-field], td[data-trail]");
    if (cell) return show(cell, false);
    if (target.matches("button.enlarge")) return enlarge(target.nextElementSibling);
    if (target.matches("button.copy")) return copy(target);
    if (target.matches("#panel-close")) return hide();
    if (target.closest("#lightbox")) return lightbox.close();
  }

  document.addEventListener("click", (event) => act(event.target));
  document.addEventListener("shidian:show", (event) => show(event.detail, true));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
})();
