"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const words = data.words;
  const panel = document.getElementById("panel");
  const body = document.getElementById("panel-body");
  const lightbox = document.getElementById("lightbox");
  const counts = new Set(["n_obs", "n_units", "n_clusters", "n_singletons", "n_missing", "seed"]);
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
    if (field === "seed" || typeof value !== "number") return String(value);
    if (counts.has(field)) return value.toLocaleString("en-US");
    if (field === "p" && value === 0) return "< 1e\u2212300";
    return String(Number(value.toPrecision(8))).replace(/-/g, "\u2212");
  }

  function line(list, name, value, asked) {
    if (value === "") return;
    list.append(element("dt", name, asked ? "asked" : ""), element("dd", value, asked ? "asked" : ""));
  }

  function estimateLines(list, row, asked, said) {
    for (const field of fields) {
      if (field === "ci") {
        const low = printed("ci_low", row.ci_low), high = printed("ci_high", row.ci_high);
        if (low !== "") line(list, words.field_ci, "[" + low + ", " + high + "]", asked.startsWith("ci"));
      } else {
        line(list, words["field_" + field], said(printed(field, row[field])), field === asked);
      }
    }
  }

  function show(cell) {
    const exhibit = data.exhibits[cell.dataset.exhibit];
    const row = exhibit.estimates.find((e) => e.column === cell.dataset.column && e.term === cell.dataset.term);
    document.querySelectorAll("td.chosen").forEach((other) => other.classList.remove("chosen"));
    cell.classList.add("chosen");
    const list = element("dl");
    const said = (text) => Object.hasOwn(exhibit.words, text) ? exhibit.words[text] : text;
    line(list, words.printed, cell.textContent.trim(), true);
    line(list, words.field_exhibit, row.exhibit || cell.dataset.exhibit, false);
    line(list, words.field_column, said(row.column), false);
    line(list, words.field_term, said(row.term), false);
    estimateLines(list, row, cell.dataset.field, said);
    for (const [name, value] of exhibit.traces[row.column] || []) line(list, name, value, false);
    const links = element("p", undefined, "links");
    for (const [label, path] of Object.entries(exhibit.files)) {
      const link = element("a", label);
      link.href = path;
      links.append(link);
    }
    body.replaceChildren(element("h2", words.panel_title), element("p", exhibit.heading, "where"), list, links);
    panel.hidden = false;
  }

  function hide() {
    panel.hidden = true;
    document.querySelectorAll("td.chosen").forEach((cell) => cell.classList.remove("chosen"));
  }

  function copy(button) {
    const range = document.createRange();
    const table = document.getElementById(button.dataset.table);
    table.classList.add("copying");
    range.selectNode(table);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    const copied = document.execCommand("copy");
    selection.removeAllRanges();
    table.classList.remove("copying");
    if (!copied) return;
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
    const cell = target.closest("td[data-field]");
    if (cell) return show(cell);
    if (target.matches("img.enlarge")) return enlarge(target);
    if (target.matches("button.copy")) return copy(target);
    if (target.matches("#panel-close")) return hide();
    if (target.closest("#lightbox")) return lightbox.close();
  }

  document.addEventListener("click", (event) => act(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
    if (event.key === "Enter" && event.target.matches("td[data-field], img.enlarge")) act(event.target);
  });
})();
